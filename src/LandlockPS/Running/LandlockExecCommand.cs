using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>
/// landlock-exec as a command of the engine, looked up once for each runspace and name that it is to show: looking a program up lets the
/// engine read the table of mounts.
/// </summary>
internal static class LandlockExecCommand
{
    private const int MaxNames = 100;

    private static readonly ConditionalWeakTable<Runspace, Dictionary<string, CommandInfo>> Known = [];

    /// <summary>The command, which messages of the engine call by another name.</summary>
    public static CommandInfo Named(string name, CommandInvocationIntrinsics commands)
    {
        // A runspace runs one thing at a time, and its commands are nobody else's.
        Dictionary<string, CommandInfo>? known = Runspace.DefaultRunspace is { } runspace ? Known.GetOrCreateValue(runspace) : null;
        if (known is not null && known.TryGetValue(name, out CommandInfo? command)) return command;
        command = NativePrograms.Find(NativePrograms.LandlockExec, commands);
        EngineInternals.Rename(command, name);
        if (known?.Count >= MaxNames) known.Clear();
        known?.Add(name, command);
        return command;
    }
}
