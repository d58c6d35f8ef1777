namespace Landlock.Sandboxes.Needs;

/// <summary>
/// What env(1) would start, and in which environment, when a "#!" line names it as the interpreter (GNU coreutils, src/env.c).
/// </summary>
/// <param name="Command">The name of the program, or null when there is none or it is not known.</param>
/// <param name="Options">The environment that env gives it.</param>
/// <param name="Problem">Why the program is not known, as the end of a sentence, or null.</param>
internal sealed record EnvCommand(string? Command, ClosureOptions Options, string? Problem)
{
    private static readonly string[] s_longWithArgument = ["--unset", "--chdir", "--split-string", "--argv0"];
    private static readonly string[] s_longFlags =
    [
        "--ignore-environment", "--null", "--debug", "--block-signal", "--default-signal", "--ignore-signal", "--list-signal-handling",
    ];

    /// <summary>Reads the arguments after the name of env.</summary>
    internal static EnvCommand Parse(IEnumerable<string> arguments, ClosureOptions options)
    {
        Parser parser = new(new LinkedList<string>(arguments), options);
        return parser.Parse();
    }

    private sealed class Parser(LinkedList<string> rest, ClosureOptions options)
    {
        private readonly List<string> _unset = [];
        private string? _directory;
        private bool _empty;
        private string? _problem;

        internal EnvCommand Parse()
        {
            while (_problem is null && rest.First is { Value: ['-', _, ..] option })
            {
                rest.RemoveFirst();
                if (option == "--") break;
                if (option[1] == '-') Long(option);
                else Short(option);
            }

            if (_problem is not null) return new EnvCommand(null, options, _problem);
            if (rest.First?.Value == "-")
            {
                _empty = true;
                rest.RemoveFirst();
            }

            ClosureOptions environment = options;
            if (_empty) environment = environment with { Path = null, LibraryPath = null, Preload = null };
            foreach (string name in _unset) environment = With(environment, name, null);
            while (rest.First?.Value is { } assignment && assignment.IndexOf('=', StringComparison.Ordinal) is >= 0 and int sign)
            {
                environment = With(environment, assignment[..sign], assignment[(sign + 1)..]);
                rest.RemoveFirst();
            }

            if (_directory is not null) environment = environment with { WorkingDirectory = options.Absolute(_directory) };
            return new EnvCommand(rest.First?.Value, environment, null);
        }

        private void Long(string option)
        {
            int sign = option.IndexOf('=', StringComparison.Ordinal);
            string given = sign < 0 ? option : option[..sign];
            string? name = null;
            foreach (string candidate in (ReadOnlySpan<string>)[.. s_longWithArgument, .. s_longFlags])
            {
                // Like getopt_long(3), env takes any unambiguous beginning of a long option.
                if (!candidate.StartsWith(given, StringComparison.Ordinal)) continue;
                if (name is not null && candidate != given) _problem = $"the option {given} is ambiguous";
                name = candidate;
                if (candidate == given) break;
            }

            if (name is null) _problem = $"the option {given} is unknown";
            if (_problem is not null) return;
            if (Array.IndexOf(s_longFlags, name) >= 0) _empty |= name == "--ignore-environment";
            else
                Apply(name == "--unset" ? 'u' : name == "--chdir" ? 'C' : name == "--argv0" ? 'a' : 'S',
                    sign < 0 ? null : option[(sign + 1)..]);
        }

        private void Short(string option)
        {
            for (int i = 1; i < option.Length && _problem is null; i++)
            {
                if (option[i] == 'i') _empty = true;
                else if (option[i] is 'u' or 'C' or 'S' or 'a')
                {
                    Apply(option[i], i + 1 < option.Length ? option[(i + 1)..] : null);
                    return;
                }
                else if (option[i] is not ('v' or '0'))
                    _problem = $"the option -{option[i]} is unknown (several options in a \"#!\" line need -S)";
            }
        }

        private void Apply(char option, string? value)
        {
            if (value is null)
            {
                value = rest.First?.Value;
                if (value is null)
                {
                    _problem = $"the option -{option} lacks its argument";
                    return;
                }

                rest.RemoveFirst();
            }

            if (option == 'u') _unset.Add(value);
            else if (option == 'C') _directory = value;
            else if (option == 'S') Split(value);
        }

        private void Split(string text)
        {
            if (EnvSplit.Split(text, Variable, out _problem) is not { } arguments) return;
            for (int i = arguments.Count - 1; i >= 0; i--) rest.AddFirst(arguments[i]);
        }

        private string? Variable(string name) => name switch
        {
            "PATH" => options.Path ?? "",
            "LD_LIBRARY_PATH" => options.LibraryPath ?? "",
            "LD_PRELOAD" => options.Preload ?? "",
            _ => null,
        };

        private static ClosureOptions With(ClosureOptions environment, string name, string? value) => name switch
        {
            "PATH" => environment with { Path = value },
            "LD_LIBRARY_PATH" => environment with { LibraryPath = value },
            "LD_PRELOAD" => environment with { Preload = value },
            _ => environment,
        };
    }
}
