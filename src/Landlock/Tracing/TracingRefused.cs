using Landlock.Linux;
using Landlock.Sandboxes;

namespace Landlock.Tracing;

/// <summary>Why a command cannot be traced: what forbids it, and what to do instead.</summary>
internal static class TracingRefused
{
    private const string YamaScope = "/proc/sys/kernel/yama/ptrace_scope";

    /// <summary>The error of a command that was not traced, and so not run.</summary>
    /// <param name="process">The process that would have become the command.</param>
    /// <param name="error">The error of ptrace(2).</param>
    public static LaunchException Of(int process, Errno error) => new(LaunchProblem.SetupFailed, null,
        $"The command cannot be traced, and nothing was run: {Why(process, error)}. Run it without -Explain (--explain) or a trace; what "
            + "it is denied the kernel logs with -LogDenials (--log-denials), from ABI 7 on, for Get-LandlockDenial.");

    private static string Why(int process, Errno error)
    {
        if (ProcessFiles.Number($"/proc/{process}/status", "TracerPid:") is { } tracer and not 0)
            return $"process {tracer} ({PosixText.Printable(ProcessFiles.Name(tracer) ?? "?")}) traces it already, and a process has one "
                + "tracer";
        if (ProcessFiles.Number(YamaScope, "") is { } scope and > 1)
            return $"kernel.yama.ptrace_scope={scope} forbids ptrace(2){(scope == 2 ? " to all but root" : " until the next boot")}";
        if (ProcessFiles.Number("/proc/self/status", "Seccomp:") == 2)
            return "a seccomp filter of the container or sandbox around this process forbids ptrace(2) (docker run --cap-add SYS_PTRACE, "
                + "for one, allows it)";
        return $"ptrace(2): {ErrnoText.Describe(error)}; a security module forbids it";
    }
}
