#compdef landlocked
# Completion of landlocked for zsh 5 and later. Behind compinit: source <(landlocked completion zsh). Or as a file _landlocked in $fpath.
_landlocked() {
    local program=${(Q)words[1]} current=$PREFIX line word ret=1
    local -a answer kind known
    [[ $program == '~/'* ]] && program=$HOME${program#\~}
    # Within quotes it stands as it is meant.
    [[ -z $compstate[quote] ]] && current=${(Q)PREFIX}
    answer=("${(@f)$("$program" __complete "${(@Q)words[2,CURRENT-1]}" "$current" 2>/dev/null)}")
    kind=(${=answer[1]})
    # A word, a tab, and what it does; _describe takes a colon between them.
    for line in "${(@)answer[2,-1]}"; do
        word=${line%%$'\t'*}
        known+=("${word//:/\\:}:${line#*$'\t'}")
    done
    case $kind[1] in
        files) compset -p $kind[2]; _files && ret=0 ;;
        directories) compset -p $kind[2]; _files -/ && ret=0 ;;
        words) _describe -V word known -M 'm:{a-zA-Z}={A-Za-z}' && ret=0 ;;
        open) _describe -V word known -S '' -M 'm:{a-zA-Z}={A-Za-z}' && ret=0 ;;
        command)
            (( $#known )) && _describe -V subcommand known && ret=0
            # What is behind the options is completed as if it stood alone.
            words=("${(@)words[kind[2] + 2,-1]}")
            (( CURRENT -= kind[2] + 1 ))
            if (( CURRENT == 1 )); then _command_names -e && ret=0; else _normal && ret=0; fi ;;
    esac
    return ret
}
if [[ $funcstack[1] == _landlocked ]]; then _landlocked "$@"; else compdef _landlocked landlocked; fi
