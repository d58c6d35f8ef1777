using Landlock.Sandboxes;
using Landlock.Sandboxes.Compiled;
using Landlock.Sandboxes.Supervision;
using Landlocked.Completion;

namespace Landlocked;

/// <summary>Something else than running a command.</summary>
/// <param name="Name">First argument that selects it, or first two.</param>
/// <param name="Usage">How it is called, without the program's name.</param>
/// <param name="Help">What it does, in a few words.</param>
/// <param name="Run">Takes the arguments after the name; returns the exit code.</param>
internal sealed record Subcommand(string Name, string Usage, string Help, Func<string[], int> Run)
{
    private static readonly (string Option, string Help) Json = ("--json", "as JSON (docs/json.md)"),
        Variable = ("--var NAME=VALUE", "a value of a policy's variable (repeatable; a variable may have several values)");

    /// <summary>Its options, and what they do.</summary>
    public (string Option, string Help)[] Options { get; init; } = [];

    /// <summary>Every subcommand.</summary>
    public static Subcommand[] All { get; } =
    [
        new("help", "help [SUBCOMMAND | --man]", "show this help, or that of a subcommand", HelpCommand.Run)
        { Options = [("--man", "write the manual page, for DIR/man1/landlocked.1")] },
        new("support", "support [--json]", "say what this kernel can enforce, and what it cannot", SupportCommand.Run) { Options = [Json] },
        new(ScriptFile.Outside, "", "", OutsideCommand.Run),
        new(SupervisorArguments.Mark, "", "", SuperviseCommand.Run),
        new(CompiledFile.Mark, "", "", PlannedAnewCommand.Run),
        new(CompletionCommand.Mark, "", "", CompletionCommand.Answer),
        new("compile", "compile --output FILE [--frozen] [--tell-changes] [OPTION...] [--] COMMAND [ARGUMENT...]",
            "write a program that is the command in its sandbox: it starts at once, its arguments follow those given here, and where "
                + "something has changed since (a library, a policy, the kernel), it is planned anew", CompileCommand.Run)
        {
            Options =
            [
                ("--output FILE, -o FILE", "the file to write; an older compiled command is replaced"),
                ("--frozen", "where something has changed, end with exit code 125 instead of planning anew"),
                ("--tell-changes", "say in one line on standard error what has changed, before it is planned anew"),
                ("OPTION", "options of a sandbox and its command, as without compile: --read-only /usr, --profile NAME ..."),
            ],
        },
        new("show", "show [--json] [--verbose] FILE",
            "show what a compiled command was asked to be, its plan, and what has changed since", ShowCommand.Run)
        {
            Options = [("--json", "the plan, as JSON (docs/json.md)"), ("--verbose", "the plan with everything")],
        },
        new("trace", "trace [--json] [--json-file FILE] [--learn POLICY] [--collapse N] [--collapse-into DIR] "
            + "[--allow-guarded DIR] [--hosts] [--] COMMAND [ARGUMENT...]",
            "run a command without a sandbox, and say what it accessed or write a policy that allows it", TraceCommand.Run)
        {
            Options =
            [
                ("--json", "as JSON, on standard error (docs/json.md)"),
                ("--json-fd N, --json-file FILE", "the same, on an open descriptor, or in a file"),
                ("--learn POLICY", "write a policy that allows what was accessed, or extend the one that exists"),
                ("--collapse N", "learn one rule for a directory if N entries or more need the same"),
                ("--collapse-into DIR", "learn one rule for everything accessed beneath DIR (repeatable)"),
                ("--hosts", "say and learn hosts by name instead of ports; closes UDP, except to look up names"),
                ("--allow-guarded DIR", "let one rule open all of DIR: the home directory, /etc ... (repeatable)"),
            ],
        },
        new("why", "why [--json] [OPTION...] [--access RIGHT[,RIGHT...]] [--] PATH|PORT|HOST...",
            "say whether this sandbox, or the one that options describe, allows an access (ReadData), by which rule, and "
                + "what would allow it; exit code 1 if not", WhyCommand.Run)
        {
            Options = [Json, ("--access RIGHT[,RIGHT...]", "the rights in question: read_file, execute, connect_tcp, connect_host ..."),
                ("OPTION", "options of a sandbox, as for a command: --read-only /usr, --policy FILE, --profile NAME ...")],
        },
        new("ps", "ps [--json]", "list the running sandboxes of this user", PsCommand.Run) { Options = [Json] },
        new("kill", "kill ID|PID|NAME... | --all", "end sandboxes and all that they started; exit code 1 if something is left",
            KillCommand.Run)
        { Options = [("--all", "every sandbox of this user")] },
        new("preview list", "preview list [--json]", "list the previews of this user (--preview), the latest first", PreviewCommand.List)
        { Options = [Json] },
        new("preview show", "preview show [--json] [NAME [PATH...]]",
            "say what a command would change that ran with --preview: of the preview NAME, or of the last", PreviewCommand.Show)
        { Options = [Json, ("NAME", "its name, a part of it, or 'last'"), ("PATH", "only what is there and beneath (repeatable)")] },
        new("preview diff", "preview diff [NAME [PATH...]]", "the same as a patch of the text in it", PreviewCommand.Diff)
        { Options = [("NAME", "its name, a part of it, or 'last'"), ("PATH", "only what is there and beneath (repeatable)")] },
        new("preview apply", "preview apply [--force] [--dry-run] [--json] NAME [PATH...]",
            "make the changes of a preview, all or those of PATH; exit code 1 if some are left", PreviewCommand.Apply)
        {
            Options =
            [
                ("--force", "set-user-ID files, device nodes and links that lead elsewhere as well"),
                ("--dry-run", "say what would be done, and do nothing"), Json,
                ("NAME", "its name, a part of it, or 'last'"), ("PATH", "only what is there and beneath (repeatable)"),
            ],
        },
        new("preview drop", "preview drop NAME... | --all", "drop previews and the changes in them", PreviewCommand.Drop)
        { Options = [("--all", "every preview of this user whose command has ended")] },
        new("policy check", "policy check [--json] [--var NAME=VALUE] FILE...",
            "say whether policies are valid, and what is wrong with them (exit code 1)", PolicyCommand.Check)
        { Options = [Json, Variable] },
        new("policy resolve", "policy resolve [--json] [--var NAME=VALUE] FILE...",
            "show what policies mean, merged and with the values of variables", PolicyCommand.Resolve)
        { Options = [("--json", "as JSON"), Variable] },
        new("policy merge", "policy merge FILE...", "merge policies into one document, and say what that loosens", PolicyCommand.Merge),
        new("policy diff", "policy diff [--json] [--var NAME=VALUE] FILE FILE",
            "say what one policy allows and the other does not, by path and port (exit code 1)", PolicyCommand.Diff)
        { Options = [Json, Variable] },
        new("policy schema", "policy schema [--json]", "write the JSON schema of policies in TOML, or in JSON, for editors",
            PolicyCommand.Schema)
        { Options = [("--json", "that of policies in JSON")] },
        new("profile list", "profile list [--json]", "list the profiles: yours, Island's, and those that ship",
            ProfileCommand.List)
        { Options = [Json] },
        new("profile show", "profile show [--json] NAME", "show what a profile holds", ProfileCommand.Show) { Options = [Json] },
        new("profile check", "profile check [NAME...]", "say whether profiles are valid, and what is wrong with them (exit code 1)",
            ProfileCommand.Check),
        new("profile schema", "profile schema", "write the JSON schema of profile.toml", ProfileCommand.Schema),
        new("completion", "completion bash|fish|powershell|zsh", "write what completes the command line in a shell",
            CompletionCommand.Script)
        { Options = CompletionCommand.Shells },
    ];

    /// <summary>Every subcommand that people call.</summary>
    public static IEnumerable<Subcommand> Shown => All.Where(subcommand => subcommand.Usage.Length > 0);

    // Nearly every command line begins with an option, and needs none of the table then.
    private static bool MayBe(string first) => !first.StartsWith('-') || first == SupervisorArguments.Mark || first == CompiledFile.Mark;

    /// <summary>What follows the message about a command that does not exist, where a subcommand was probably meant.</summary>
    /// <param name="problem">Why nothing was run.</param>
    /// <param name="arguments">The whole command line.</param>
    public static string Hint(LaunchException problem, string[] arguments) =>
        // Short words are near to everything.
        problem.Problem == LaunchProblem.NotFound && arguments.Length > 0 && arguments[0] == problem.Target && arguments[0].Length > 3
            && Suggestion.For(arguments[0], FirstWords) is { } near ? $" Did you mean '{near}'?" : "";

    /// <summary>The first word of each subcommand.</summary>
    public static IEnumerable<string> FirstWords => Shown.Select(subcommand => subcommand.Name.Split(' ')[0]).Distinct();

    /// <summary>How many words the name has.</summary>
    public int Words => Name.Count(c => c == ' ') + 1;

    /// <summary>The subcommand that arguments begin with; null if none.</summary>
    /// <exception cref="UsageException">The first word is one of a subcommand of two words, the second is not.</exception>
    public static Subcommand? Find(string[] arguments)
    {
        if (arguments.Length == 0 || !MayBe(arguments[0])) return null;
        foreach (Subcommand subcommand in All)
            if (arguments.Take(subcommand.Words).SequenceEqual(subcommand.Name.Split(' '))) return subcommand;
        string[] seconds = [.. All.Select(subcommand => subcommand.Name.Split(' '))
            .Where(words => words.Length == 2 && words[0] == arguments[0]).Select(words => words[1])];
        if (seconds.Length == 0) return null;
        if (arguments.Length > 1 && arguments[1] is "--help" or "-h")
            return new Subcommand(arguments[0], "", "", _ => Output.Print(Landlocked.Help.Lines(arguments[0])));
        string followed = arguments.Length == 1 ? "" : $", not '{PosixText.Printable(arguments[1])}'";
        throw new UsageException($"{arguments[0]} takes {string.Join(", ", seconds[..^1])} or {seconds[^1]}{followed} (a command of that "
            + $"name: {Output.Program} -- {arguments[0]})");
    }
}
