using Landlock.Documents;

namespace Landlocked.Completion;

/// <summary>`landlocked completion bash`: what a shell runs when it starts; and what that asks at each Tab.</summary>
internal static class CompletionCommand
{
    /// <summary>The subcommand that the scripts call.</summary>
    public const string Mark = "__complete";

    private const string Bash = """
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
            COMPREPLY=("${answer[@]:1}")
            COMPREPLY=("${COMPREPLY[@]#"$before"}")
            case $kind in
                files) compopt -o filenames -o bashdefault -o default ;;
                directories) compopt -o dirnames ;;
                open) compopt -o nospace ;;
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
        """;

    /// <summary>Writes the script of a shell.</summary>
    public static int Script(string[] arguments) => arguments switch
    {
        ["--help" or "-h"] => Output.Print(Help.Lines("completion")),
        ["bash"] => Output.Print([Bash]),
        _ => throw new UsageException("completion takes the name of a shell: bash"),
    };

    /// <summary>Answers a script: a line that says what the shell completes by itself, and a line for each word.</summary>
    public static int Answer(string[] words)
    {
        CompletionAnswer answer = CompletionEngine.Answer(words, Profiles);
        // A name that could be anything but a word would be code in some shell.
        return Output.Print([answer.Kind, .. answer.Words.Where(word => word.All(letter =>
            char.IsAsciiLetterOrDigit(letter) || "-_.,=:".Contains(letter, StringComparison.Ordinal)))]);
    }

    private static IEnumerable<string> Profiles()
    {
        try
        {
            return [.. ProfileOptions.Store().Profiles.Select(profile => profile.Name)];
        }
        catch (Exception exception) when (exception is PolicyException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
