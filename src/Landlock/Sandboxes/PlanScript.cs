using Landlock.Linux;
using Landlock.Sandboxes.Running;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>
/// A script in sealed memory that can be executed in place of a program: landlock-exec, its interpreter, runs a plan and adds the
/// arguments. The plan can be exchanged for another one, as directory and profiles change, while the script stays the same file.
/// </summary>
internal sealed class PlanScript : IDisposable
{
    private readonly SafeFileHandle _plan;
    private readonly ScriptFile _script;
    private ToldFile.Written? _told;

    private PlanScript(SafeFileHandle plan, ScriptFile script)
    {
        _plan = plan;
        _script = script;
    }

    /// <summary>The path to execute.</summary>
    public string Path => _script.Path;

    /// <summary>Makes a script that runs nothing yet.</summary>
    /// <param name="executor">Path of landlock-exec.</param>
    /// <exception cref="KernelException">landlock-exec cannot be opened, or the system allows no such files.</exception>
    public static PlanScript Create(string executor)
    {
        SafeFileHandle plan = SealedMemory.Create(PlanImage.WriteRefusal("no plan was made; nothing was run\n"));
        try
        {
            return new PlanScript(plan, ScriptFile.Create(executor, ScriptFile.Descriptor(plan)));
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>Has the script run a plan from now on.</summary>
    /// <param name="plan">The plan; <see cref="LaunchPlan.TakesArguments"/> is set.</param>
    /// <param name="program">What lines about a failure begin with.</param>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public void Run(LaunchPlan plan, string program) =>
        SealedMemory.Replace(_plan, PlanImage.Write(ToldFile.Tell(plan, ref _told), program));

    /// <summary>Has the script only say something, and end with exit code 125.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public void Refuse(IEnumerable<string> lines) =>
        SealedMemory.Replace(_plan, PlanImage.WriteRefusal(string.Concat(lines.Select(line => line + "\n"))));

    /// <inheritdoc/>
    public void Dispose()
    {
        _script.Dispose();
        _plan.Dispose();
    }
}
