using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Landlock.Tests.Linux;

/// <summary>
/// The Landlock system calls once more, written from the manual pages and on nothing of the library, as a second opinion. Nothing here
/// restricts anything.
/// </summary>
internal static unsafe partial class RawKernel
{
    public const int EBADF = 9, E2BIG = 7, EINVAL = 22, EPERM = 1, ENOMSG = 42;

    private const int CreateRulesetCall = 444, AddRuleCall = 445, RestrictSelfCall = 446;
    private const int PathOnly = 0x200000, CloseOnExec = 0x80000;
    private const int PathBeneath = 1, NetPort = 2;

    /// <summary>The ABI version, or 0 without Landlock.</summary>
    public static int Version { get; } = (int)Math.Max(0, Syscall(CreateRulesetCall, 0, 0, 1, 0));

    /// <summary>The errata mask, or 0 where the kernel cannot say.</summary>
    public static ulong Errata { get; } = (ulong)Math.Max(0, Syscall(CreateRulesetCall, 0, 0, 2, 0));

    /// <summary>Creates a ruleset from the fields of its attribute, and closes it again.</summary>
    /// <returns>0 or errno.</returns>
    public static int CreateRuleset(params ulong[] fields) => WithRuleset(fields, static _ => 0);

    /// <summary>Creates a ruleset, uses it, and closes it.</summary>
    /// <returns>errno of the creation, or what <paramref name="use"/> returns.</returns>
    public static int WithRuleset(ulong[] fields, Func<int, int> use)
    {
        int ruleset;
        fixed (ulong* attribute = fields)
        {
            ruleset = (int)Syscall(CreateRulesetCall, (nint)attribute, fields.Length * sizeof(ulong), 0, 0);
            if (ruleset < 0) return Marshal.GetLastPInvokeError();
        }

        try
        {
            return use(ruleset);
        }
        finally
        {
            _ = Close(ruleset);
        }
    }

    /// <summary>Adds a path-beneath rule.</summary>
    /// <returns>0 or errno.</returns>
    public static int AddPathRule(int ruleset, string path, ulong access, uint flags = 0)
    {
        int parent = Open(path, PathOnly | CloseOnExec);
        if (parent < 0) return Marshal.GetLastPInvokeError();
        try
        {
            byte* attribute = stackalloc byte[12];
            BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(attribute, 8), access);
            BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(attribute + 8, 4), parent);
            return Syscall(AddRuleCall, ruleset, PathBeneath, (nint)attribute, (nint)flags) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        finally
        {
            _ = Close(parent);
        }
    }

    /// <summary>Adds a net-port rule.</summary>
    /// <returns>0 or errno.</returns>
    public static int AddPortRule(int ruleset, int port, ulong access, uint flags = 0)
    {
        ulong* attribute = stackalloc ulong[2] { access, (ulong)port };
        return Syscall(AddRuleCall, ruleset, NetPort, (nint)attribute, (nint)flags) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Calls landlock_restrict_self(2) with a descriptor that is not open, so that only the flags are judged.</summary>
    /// <returns>errno: EINVAL for an unknown flag, EBADF for a known one, EPERM where neither can be told.</returns>
    public static int JudgeFlags(uint flags) =>
        Syscall(RestrictSelfCall, int.MaxValue, (nint)flags, 0, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);
}

/// <summary>A test that asks the running kernel, whose ABI must be one that the table knows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute()
    {
        if (RawKernel.Version is < 1 or > 11) Skip = $"the running kernel answers Landlock ABI {RawKernel.Version}";
    }
}
