using Landlock.Abi;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>A ruleset in the kernel (landlock_create_ruleset(2)), open until disposed.</summary>
internal sealed unsafe class RulesetDescriptor : IDisposable
{
    private const long PathBeneath = 1, NetPort = 2;
    private const int NoNewPrivs = 38;

    private readonly SafeFileHandle _handle;

    private RulesetDescriptor(SafeFileHandle handle) => _handle = handle;

    /// <summary>Creates a ruleset.</summary>
    /// <param name="attribute">The members of struct landlock_ruleset_attr that the kernel's ABI has.</param>
    /// <exception cref="KernelException">The call failed.</exception>
    public static RulesetDescriptor Create(ReadOnlySpan<ulong> attribute)
    {
        long descriptor;
        fixed (ulong* members = attribute) descriptor = Syscalls.CreateRuleset(members, (nuint)(attribute.Length * 8), 0);
        if (descriptor < 0) throw new KernelException("landlock_create_ruleset", Syscalls.LastError);
        return new RulesetDescriptor(new SafeFileHandle((nint)descriptor, ownsHandle: true));
    }

    /// <summary>Sets no_new_privs on the calling thread, which restricting needs.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void GiveUpPrivileges()
    {
        if (Syscalls.Prctl(NoNewPrivs, 1, 0, 0, 0) != 0) throw new KernelException("prctl(PR_SET_NO_NEW_PRIVS)", Syscalls.LastError);
    }

    /// <summary>Adds a path-beneath rule for what was found, unless it is optional and gone.</summary>
    /// <exception cref="KernelException">Something else is there now, or it cannot be opened, or the call failed.</exception>
    public void AddPath(FoundPath found, AccessFs access, AccessFs fileAccess, bool optional, uint flags)
    {
        using SafeFileHandle? opened = PosixFile.Open(found, out Errno error);
        if (opened is null)
        {
            if (optional && error is Errno.ENOENT or Errno.ENOTDIR) return;
            throw new KernelException("open", error, found.Path);
        }

        // struct landlock_path_beneath_attr is packed: 12 bytes.
        byte* attribute = stackalloc byte[12];
        *(ulong*)attribute = (ulong)(found.Kind == PathKind.Directory ? access : fileAccess);
        *(int*)(attribute + 8) = (int)opened.DangerousGetHandle();
        if (Syscalls.AddRule((int)_handle.DangerousGetHandle(), PathBeneath, attribute, flags) != 0)
            throw new KernelException("landlock_add_rule", Syscalls.LastError, found.Path);
    }

    /// <summary>Adds a net-port rule.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public void AddPort(int port, AccessNet access, uint flags)
    {
        ulong* attribute = stackalloc ulong[2] { (ulong)access, (ulong)port };
        if (Syscalls.AddRule((int)_handle.DangerousGetHandle(), NetPort, attribute, flags) != 0)
            throw new KernelException("landlock_add_rule", Syscalls.LastError, $"port {port}");
    }

    /// <summary>Enforces the ruleset on the calling thread, or as the flags say; for good.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public void Enforce(RestrictFlags flags)
    {
        if (!TryEnforce(flags, out Errno error)) throw new KernelException("landlock_restrict_self", error);
    }

    /// <summary>The same; false with the error where it failed.</summary>
    public bool TryEnforce(RestrictFlags flags, out Errno error)
    {
        bool isEnforced = Syscalls.RestrictSelf((int)_handle.DangerousGetHandle(), (uint)flags) == 0;
        error = isEnforced ? Errno.None : Syscalls.LastError;
        return isEnforced;
    }

    /// <summary>Closes the descriptor; what is enforced stays.</summary>
    public void Dispose() => _handle.Dispose();
}
