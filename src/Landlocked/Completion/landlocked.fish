# Completion of landlocked for fish 3.4 and later: landlocked completion fish | source
function __landlocked_complete
    # The word at the cursor as it is typed, and as it is meant.
    set -l typed (commandline -ct)
    set -l current (string unescape -- "$typed" | string collect)
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' $HOME/ -- $words[1])
    set -e words[1]
    set -l answer (command $program __complete $words "$current" 2>/dev/null)
    or return
    set -l kind (string split ' ' -- $answer[1])
    set -e answer[1]
    switch $kind[1]
        case words
            string join \n -- $answer
        case open
            string join \n -- $answer
            # With a second one, fish adds no blank to the first.
            test (count $answer) -eq 1
            and string replace -r '\t.*' ,\t -- $answer
        case files directories
            set -l before (string sub -l $kind[2] -- "$typed")
            set -l files (complete --do-complete="'' "(string sub -s (math $kind[2] + 1) -- "$typed"))
            test $kind[1] = directories
            and set files (string match -r '^[^\t]*/(?:\t.*)?$' -- $files)
            string join \n -- $before$files
        case command
            set -l before $words[(math $kind[2] + 1)..]
            if set -q before[1]
                # What is behind the options is completed as if it stood alone.
                complete --do-complete=(string join ' ' -- (string escape -- $before) "$typed")
                return
            end
            string join \n -- $answer
            for candidate in (complete --do-complete="$typed")
                set -l name (string split -f1 \t -- $candidate)
                string match -q '*/*' -- $name
                or command -q -- $name
                and string join \n -- $candidate
            end
    end
end
complete -c landlocked -f -k -a '(__landlocked_complete)'
