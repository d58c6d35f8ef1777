using System.Management.Automation;
using Landlock.Sandboxes;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>landlocked as a command of the engine: what stays beside a command that is traced or supervised.</summary>
internal static class LandlockedCommand
{
    /// <summary>The command, which messages of the engine call by the name of the program that it runs.</summary>
    public static CommandInfo For(LaunchPlan plan, CommandInvocationIntrinsics commands)
    {
        // The shell's hook would take it for a command that was typed.
        CommandInfo program = ShellHook.Without(() => NativePrograms.Find(NativePrograms.Landlocked, commands));
        EngineInternals.Rename(program, Path.GetFileName(plan.Program));
        return program;
    }
}
