using Landlock.Abi;
using Landlock.Linux;
using Landlock.Tracing;

namespace Landlock.Denials;

/// <summary>What runtimes try whatever they run, and do without: with PowerShell, an empty script block is denied the same.</summary>
internal static class RuntimeLookups
{
    // Caches, beneath a directory "powershell" of ~/.cache; what is written there the next run reads.
    private static readonly string[] Caches = ["ModuleAnalysisCache", "StartupProfileData"];

    /// <summary>Whether a denial is one of these.</summary>
    public static bool IsOne(AccessRecord record)
    {
        // C libraries ask the kernel for addresses and interfaces over netlink, and for keys, whatever a program wants, and fall back.
        if (record.IsRefusal && record.Error is Errno.EAFNOSUPPORT or Errno.ENOSYS) return !record.BeforeFailure;
        if (record.Operation is not "open") return false;
        string name = record.Path[(record.Path.LastIndexOf('/') + 1)..];
        // The name of a thread, which may have ended by then, and whose number another tool than this one would have to know.
        if (name == "comm" && record.Path.StartsWith("/proc/", StringComparison.Ordinal)) return record.Access.HasFlag(AccessFs.WriteFile);
        return Caches.Any(cache => name.StartsWith(cache, StringComparison.Ordinal))
            && PosixText.Parent(record.Path).EndsWith("/powershell", StringComparison.Ordinal);
    }
}
