using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Sandboxes;

/// <summary>The line for a failed step: Before, the object, Between, the error's text, After.</summary>
internal readonly record struct StepMessage(string Before, string Between, string After);

/// <summary>
/// Every sentence about a launch that failed, in one place: landlock-exec prints them, the module puts them into error records.
/// </summary>
internal static class LaunchMessages
{
    private const string Nothing = "; nothing was run";

    /// <summary>execve(2) errors that have a sentence of their own.</summary>
    public static Errno[] ExecuteErrors { get; } =
    [
        Errno.EACCES, Errno.EPERM, Errno.ENOENT, Errno.ENOTDIR, Errno.ENOEXEC, Errno.ETXTBSY, Errno.E2BIG, Errno.ELOOP,
    ];

    /// <summary>The sentence for a step.</summary>
    public static StepMessage For(LaunchPlan plan, PlanStep step) => step switch
    {
        PlanStep.CheckDirectory => new($"the command was looked up in '{PosixText.Printable(plan.OnlyIn?.Path ?? "")}' and started in "
            + $"another directory, whose profiles may be others{Nothing}; run it again", ": ", ""),
        PlanStep.MakeScratch => new("cannot make the directory for temporary files", ": ", Nothing),
        PlanStep.EnterNamespaces => new(
            "a preview (-Preview, --preview) is not possible, since nothing can be mounted for the command alone", ": ",
            $"{Nothing} (a container, AppArmor, a limit or a setting of the kernel refuses it: see Get-LandlockSupport, or landlocked "
                + "support)"),
        PlanStep.MountOverlay => new("a preview (-Preview, --preview) is not possible, since '", "' cannot be covered: ",
            $"{Nothing} (not every filesystem can lie below an overlay: allow other directories, or set XDG_STATE_HOME to one elsewhere)"),
        PlanStep.CreateRuleset => new("cannot create the ruleset of layer ", ": ", Nothing),
        PlanStep.OpenPath => new("cannot open '", "': ", Nothing),
        PlanStep.AddPathRule => new("cannot add the rule for '", "': ", Nothing),
        PlanStep.AddPortRule => new("cannot add the rule for port ", ": ", Nothing),
        PlanStep.ChangeDirectory =>
            new($"cannot change to the directory '{PosixText.Printable(plan.Start.WorkingDirectory ?? "")}", "': ", Nothing),
        PlanStep.CheckProgram => new($"cannot execute '{PosixText.Printable(plan.Program)}", "': ", Nothing),
        PlanStep.CheckCompiled => new("since this command was compiled, something has changed: ", ": ", $"{Nothing}; compile it again"),
        PlanStep.SetSignals => new("cannot restore signal ", ": ", Nothing),
        PlanStep.SetLimit => new("cannot set resource limit ", ": ", Nothing),
        PlanStep.Detach => new("cannot detach the command from its parent", ": ", Nothing),
        PlanStep.SweepDescriptors => new("cannot close inherited descriptors", ": ", Nothing),
        PlanStep.NoNewPrivileges => new("cannot set no_new_privs", ": ", Nothing),
        PlanStep.Restrict => new("cannot enforce layer ", ": ",
            $"{Nothing} (at most {AbiTable.MaxLayers} layers can be nested, those already in force included)"),
        PlanStep.InstallFilter when plan.Hosts is not null => new("cannot install the seccomp filter that keeps hosts", ": ", Nothing
            + " (a sandbox with hosts cannot be in another one, nor where a container's own listener answers calls)"),
        PlanStep.InstallFilter => new("cannot install seccomp filter ", ": ", Nothing),
        PlanStep.AwaitSupervisor => new("the supervisor that keeps hosts cannot answer for the command", ": ", Nothing
            + " (it has to look into the command: kernel.yama.ptrace_scope is 1 at most, and no container's filter refuses pidfd_getfd)"),
        PlanStep.AwaitTracer => new("cannot wait for the tracer", ": ", Nothing),
        PlanStep.Execute => new($"cannot execute '{PosixText.Printable(plan.Program)}'", ": ", ""),
        _ => new("the plan is not valid", ": ", Nothing),
    };

    /// <summary>The text for an error of landlock-exec, which compares what it opens with what was planned.</summary>
    /// <param name="error">The error.</param>
    /// <param name="isCompiled">Whether it is one of a compiled command.</param>
    public static string Describe(Errno error, bool isCompiled = false) =>
        error == Errno.ESTALE && isCompiled ? "something else is there now than when this command was compiled; compile it again"
        : error == Errno.ESTALE ? "something else is there now than when the sandbox was planned, such as a symbolic link; see who can "
            + "change it, then run it again" : ErrnoText.Describe(error);

    /// <summary>The sentence for a failed execve(2).</summary>
    public static string Execute(LaunchPlan plan, Errno error)
    {
        string program = PosixText.Printable(plan.Program);
        return error switch
        {
            Errno.EACCES => $"the sandbox does not allow executing '{program}' (or its loader or interpreter): Permission denied. It needs "
                + "execute and read_file, as ReadOnly gives",
            Errno.ENOENT => $"'{program}' or its interpreter does not exist",
            Errno.ENOEXEC =>
                $"'{program}' is neither a program nor a script with a #! line; run it with its interpreter, such as: sh '{program}'",
            _ => $"cannot execute '{program}': {ErrnoText.Describe(error)}",
        };
    }

    /// <summary>The whole sentence that landlock-exec would print, from its status.</summary>
    public static string Sentence(LaunchPlan plan, PlanStep step, Errno error, int layer, int index)
    {
        if (step == PlanStep.Execute && ExecuteErrors.Contains(error)) return Execute(plan, error);
        StepMessage message = For(plan, step);
        string target = step switch
        {
            PlanStep.OpenPath or PlanStep.AddPathRule when layer < plan.Layers.Length && index < plan.Layers[layer].PathRules.Length =>
                PosixText.Printable(plan.Layers[layer].PathRules[index].Path),
            PlanStep.MountOverlay when plan.Preview is { } preview => PosixText.Printable(preview.Overlays[index].Path),
            PlanStep.AddPortRule when layer < plan.Layers.Length => $"{Port(plan, layer, index)}",
            PlanStep.CreateRuleset or PlanStep.Restrict => $"{layer + 1}",
            PlanStep.SetLimit or PlanStep.SetSignals or PlanStep.InstallFilter => $"{index}",
            _ => "",
        };
        return message.Before + target + message.Between + Describe(error) + message.After;
    }

    private static int Port(LaunchPlan plan, int layer, int index)
    {
        foreach (Rulesets.ResolvedNetRule rule in plan.Layers[layer].NetRules)
        {
            if (index < rule.Port.Count) return rule.Port.First + index;
            index -= rule.Port.Count;
        }

        return -1;
    }
}
