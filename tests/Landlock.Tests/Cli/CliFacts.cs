using Landlock.Tests.Exec;

namespace Landlock.Tests.Cli;

/// <summary>What a test of the command line needs of the machine.</summary>
internal static class CliNeeds
{
    /// <summary>Why a test is skipped; null if it is not.</summary>
    public static string? Missing(int abi, bool perl, bool root)
    {
        int found = Posix.LandlockAbi();
        if (found < abi) return $"needs Landlock ABI {abi}, this kernel has {found}";
        if (perl && !File.Exists(Probe.Perl)) return $"needs {Probe.Perl}";
        return root && Posix.geteuid() != 0 ? "needs root" : null;
    }
}

/// <summary>A test that runs commands in a sandbox.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CliFactAttribute : FactAttribute
{
    public CliFactAttribute(int abi = 1, bool perl = false, bool root = false) => Skip = CliNeeds.Missing(abi, perl, root);
}

/// <summary>A theory that runs commands in a sandbox.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CliTheoryAttribute : TheoryAttribute
{
    public CliTheoryAttribute(int abi = 1, bool perl = false, bool root = false) => Skip = CliNeeds.Missing(abi, perl, root);
}
