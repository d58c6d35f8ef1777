# Completion of landlocked for bash 4.4 and later: source <(landlocked completion bash)
_landlocked() {
    local current=${COMP_WORDS[COMP_CWORD]} before= kind i
    local words=() places=() answer=()
    # bash splits words at "=" and ":"; landlocked does not.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        if ((${#words[@]})) && [[ ${COMP_WORDS[i]} == [=:] || ${COMP_WORDS[i - 1]} == [=:] && $i -gt 1 ]]; then
            words[-1]+=${COMP_WORDS[i]}
        else
            words+=("${COMP_WORDS[i]}")
            places+=("$i")
        fi
    done
    [[ $current == [=:] ]] && current=
    before=${words[-1]%"$current"}
    mapfile -t answer < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)
    kind=${answer[0]}
    # A word, a tab, and what it does, which bash does not show.
    COMPREPLY=("${answer[@]:1}")
    COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
    case $kind in
        files*) compopt -o filenames -o bashdefault -o default ;;
        directories*) compopt -o dirnames ;;
        open) compopt -o nospace ;;
        examples) COMPREPLY=() ;;
        command*)
            i=${places[${kind#command }]:-$COMP_CWORD}
            if declare -F _command_offset >/dev/null; then
                local own=("${COMPREPLY[@]}")
                _command_offset "$i"
                COMPREPLY=("${own[@]}" "${COMPREPLY[@]}")
            elif ((i == COMP_CWORD)); then
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$current")
                ((${#COMPREPLY[@]})) || compopt -o filenames -o default
            else
                compopt -o filenames -o bashdefault -o default
            fi ;;
    esac
}
complete -F _landlocked landlocked
