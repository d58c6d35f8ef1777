using System.Globalization;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Compiled;
using Microsoft.Win32.SafeHandles;

namespace Landlocked;

/// <summary>Runs a compiled command in whose place landlock-exec has started this program, with an open descriptor of its file.</summary>
internal static class PlannedAnewCommand
{
    /// <summary>Plans it as it was asked for, and runs it; returns only if it is not run, or when it has ended.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0
            || !int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) || descriptor < 3)
        {
            throw new UsageException($"{CompiledFile.Mark} is for compiled commands; write one with {Output.Program} compile");
        }

        CompiledRecord record = Read(descriptor)?.Record
            ?? throw new LaunchException(LaunchProblem.SetupFailed, null,
                "The compiled command is damaged; nothing was run. Compile it again.");
        if (record.Options is not { } words)
            throw new LaunchException(LaunchProblem.SetupFailed, null,
                "Something has changed since the command was compiled, and no options say what its sandbox is made of; nothing was run. "
                    + "Compile it again.");
        RunOptions options = new();
        _ = OptionParser.Parse(RunOptions.ToCompile, [.. words], 0, options);
        StartRecord.Decide(CompiledRecord.DecidingVariables.ToDictionary(name => name,
            name => record.Variables.Where(one => one.Name == name).Select(one => (string?)one.Value).FirstOrDefault()));
        return RunCommand.Run(options, record.Directory, StartRecord.EnvironmentVariable("PATH"),
            [.. record.Command, .. arguments[1..]]);
    }

    // Closed before anything else is opened or looked for: its number may be one to keep.
    private static CompiledFile? Read(int descriptor)
    {
        using SafeFileHandle file = new(descriptor, ownsHandle: true);
        return SmallFile.Read(file, CompiledFile.Largest) is { } bytes ? CompiledFile.Read(bytes) : null;
    }
}
