using System.Runtime.InteropServices;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Supervision;

/// <summary>A directory for temporary files that one command has for itself.</summary>
internal static class PrivateTemp
{
    // What programs look at: TMPDIR nearly all of them, Python and others the rest, too.
    private static readonly string[] Variables = ["TMPDIR", "TMP", "TEMP"];

    // All but device nodes: root would reach a whole disk by one.
    private const AccessFs Nodes = AccessFs.MakeChar | AccessFs.MakeBlock;

    /// <summary>
    /// Adds the directory, its rule and its variables to a request. The command may do everything in it but make device nodes, execute
    /// included: compilers, test runners and installers run what they have put there, and nothing is in it that the command has not
    /// written itself.
    /// </summary>
    /// <exception cref="LaunchException">landlock-exec would not find what the directory is named after.</exception>
    public static LaunchRequest AddTo(LaunchRequest request)
    {
        if (ProcessStatus.Of(System.Environment.ProcessId) is null)
        {
            throw new LaunchException(LaunchProblem.SetupFailed, "/proc/self/stat",
                "A private directory for temporary files is named after its process, and /proc/self/stat, which tells of that, cannot be "
                    + "read. Mount /proc, or allow reading it in the sandbox around this one. Nothing was run.");
        }

        string path = ScratchDirectory.PathFor(name => LaunchPlanner.Variable(request, name));
        return request with
        {
            Start = request.Start.With(Variables.Select(name => (name, path))) with { Scratch = path },
            Grants = [.. request.Grants, new Grant(new PathRule(path, AccessClass.ReadWriteExecute.Rights & ~Nodes) { Optional = true },
                "private directory for temporary files")],
        };
    }

    /// <summary>Removes what earlier commands have left, whose supervisors were killed.</summary>
    public static void Sweep() => _ = ScratchDirectory.Sweep(Environment.GetEnvironmentVariable);

    /// <summary>
    /// The directory that a process has made around the one for temporary files, to be removed with it; null if it has made none.
    /// </summary>
    /// <param name="path">The path in the plan.</param>
    /// <param name="page">The status page that landlock-exec has written.</param>
    public static unsafe string? PathOf(string path, SafeFileHandle page)
    {
        PlanStatus status = default;
        RandomAccess.Read(page, MemoryMarshal.AsBytes(new Span<PlanStatus>(ref status)), 0);
        // Others of the same user could write into the status page: only what can be such a name is one.
        return ScratchDirectory.Named(path, PosixText.Decode(new ReadOnlySpan<byte>(&status.ScratchName0, PlanLayout.ScratchNameLength)));
    }
}
