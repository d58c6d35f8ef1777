using System.Collections.Immutable;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Compiled;

namespace Landlocked;

/// <summary>`landlocked compile`: writes a command that is its own sandbox.</summary>
internal static class CompileCommand
{
    /// <summary>Writes it.</summary>
    public static int Run(string[] arguments)
    {
        RunOptions options = new() { IsLater = true };
        int first = OptionParser.Parse(RunOptions.ToCompile, arguments, 0, options);
        if (options.Help) return Output.Print(Help.Lines("compile"));
        if (options.OutputFile.Length == 0)
            throw new UsageException($"compile needs the name of a file to write: {Output.Program} compile --output FILE [OPTION...] -- "
                + $"COMMAND (a command of that name: {Output.Program} -- compile)");
        if (first >= arguments.Length) throw new UsageException("compile was given no command; write it behind the options: -- COMMAND");
        if (options.Policies.Files.Contains("-"))
            throw new UsageException("a policy from standard input cannot be read again when something has changed; write it to a file");

        string directory = Native.CurrentDirectory();
        LaunchRequest request = RunCommand.Request(options, arguments[first], arguments[(first + 1)..]);
        RunCommand.Tell(request.Findings);
        CompileRequest compile = new()
        {
            Launch = RunCommand.Complete(options, request),
            Path = RulesetResolver.Absolute(options.OutputFile, directory),
            Options = [.. arguments[..first]],
            Variable = StartRecord.EnvironmentVariable,
            Version = BuildInfo.Version,
            Executor = OwnProgram.ExecutorPath(),
            Planner = Native.ProgramPath(),
            Deciding = Deciding(options, directory),
            IsFrozen = options.Frozen,
            TellsChanges = options.TellsChanges,
        };
        LaunchPlan plan = CompiledCommand.Plan(compile);
        RunCommand.Tell(plan.Findings.Except(request.Findings));
        _ = CompiledCommand.Write(compile, plan);
        return 0;
    }

    private static ImmutableArray<string> Deciding(RunOptions options, string directory)
    {
        IEnumerable<string> policies = options.Policies.Files.SelectMany(file =>
            CompiledCommand.FilesOf(RulesetResolver.Absolute(file, directory)));
        if (options.Profiles.Count == 0) return [.. policies];
        ProfileStore store = ProfileOptions.Store();
        return [.. policies, .. options.Profiles.Select(store.Find).SelectMany(profile => profile.Files)];
    }
}
