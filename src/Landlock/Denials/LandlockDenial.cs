using System.Collections.Immutable;
using System.Globalization;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Rulesets;

namespace Landlock.Denials;

/// <summary>A denial as the kernel logged it.</summary>
public sealed record LandlockDenial
{
    private const AccessFs OnDirectory =
        ~(AccessFs.Execute | AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.Truncate | AccessFs.IoctlDev | AccessFs.ResolveUnix);

    /// <summary>When; of the first, if several are counted as one.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The domain that denied, as the kernel writes it (hexadecimal). It is the innermost one that does.</summary>
    public required string Domain { get; init; }

    /// <summary>
    /// The name of the thread that made the domain: unique for a sandbox that was started with -LogDenials. Null if it was
    /// made before what was read.
    /// </summary>
    public string? Sandbox { get; init; }

    /// <summary>The command of that sandbox, where this session started it.</summary>
    public string? Command { get; init; }

    /// <summary>What blocked, in the kernel's words: fs.read_file, net.connect_tcp, scope.signal, ptrace, fs.change_topology ...</summary>
    public required ImmutableArray<string> Blockers { get; init; }

    /// <summary>The process that was denied; null where the kernel kept no record of the system call.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Its program.</summary>
    public string? Program { get; init; }

    /// <summary>
    /// The file, or the directory that something would have been made in or removed from; "@name" for an abstract socket. As the process
    /// sees it, so relative to its chroot.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Device of the file.</summary>
    public string? Device { get; init; }

    /// <summary>Inode number of the file.</summary>
    public ulong? Inode { get; init; }

    /// <summary>Address of a socket; null for any address.</summary>
    public string? Address { get; init; }

    /// <summary>Port of a socket; null for port 0.</summary>
    public int? Port { get; init; }

    /// <summary>The process that would have been signalled or traced.</summary>
    public int? OtherProcessId { get; init; }

    /// <summary>Its name.</summary>
    public string? OtherProgram { get; init; }

    /// <summary>How often.</summary>
    public long Count { get; init; } = 1;

    /// <summary>The filesystem rights among the blockers.</summary>
    public AccessFs Access => (AccessFs)Mask("fs.", RightKind.Fs);

    /// <summary>The network rights among the blockers.</summary>
    public AccessNet Net => (AccessNet)Mask("net.", RightKind.Net);

    /// <summary>The scopes among the blockers.</summary>
    public Scope Scope => (Scope)Mask("scope.", RightKind.Scope);

    /// <summary>What it was about, in a few words.</summary>
    public string Target => Path
        ?? (Port is not null || Address is not null || Net != 0
            ? $"port {(Port ?? 0).ToString(CultureInfo.InvariantCulture)}{(Address is null ? "" : $" of {Address}")}"
            : null)
        ?? (OtherProcessId is { } other ? $"process {other.ToString(CultureInfo.InvariantCulture)}"
            + $"{(OtherProgram is null ? "" : $" ({PosixText.Printable(OtherProgram)})")}" : "");

    /// <summary>The rule that would allow it, as a parameter for PowerShell; null where no rule can.</summary>
    public string? Fix => FixFor()?.Parameter;

    /// <summary>The same as text for a policy.</summary>
    public string? Toml => FixFor()?.Toml;

    /// <summary>What makes two denials the same but for when.</summary>
    internal object Key => (Domain, string.Join(',', Blockers), Program, Target);

    /// <inheritdoc/>
    public bool Equals(LandlockDenial? other) =>
        other is not null && Time == other.Time && ProcessId == other.ProcessId && Count == other.Count && Sandbox == other.Sandbox
            && Command == other.Command && Key.Equals(other.Key);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Time, ProcessId, Key);

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(',', Blockers)} {PosixText.Printable(Target)}";

    private AccessFix? FixFor()
    {
        // Blockers without a right of their own (mounting, ptrace) have no rule.
        AccessFs fs = Access;
        if (Path is { } path && path.StartsWith('/') && fs != 0 && Blockers.Length == (int)ulong.PopCount((ulong)fs))
            return AccessFix.For([], new PathRule(path, fs), (fs & OnDirectory) != 0, AbiTable.AllFs(AbiTable.Newest), AccessFs.None);
        if (Net != 0 && Blockers.Length == (int)ulong.PopCount((ulong)Net))
            return AccessFix.For([], new NetRule(new PortRange((ushort)(Port ?? 0), (ushort)(Port ?? 0)), Net));
        return Scope != 0 ? AccessFix.For([], Scope) : null;
    }

    private ulong Mask(string prefix, RightKind kind)
    {
        ulong mask = 0;
        foreach (string blocker in Blockers)
            if (blocker.StartsWith(prefix, StringComparison.Ordinal) && AbiTable.Find(kind, blocker[prefix.Length..]) is { } right)
                mask |= right.Bit;
        return mask;
    }
}

/// <summary>A domain that ended, and how many of its denials did not arrive.</summary>
/// <param name="Time">When.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Sandbox">Name of the thread that made it.</param>
/// <param name="Denials">How many there were, as the kernel counted.</param>
/// <param name="Lost">How many of them were not in the log.</param>
internal sealed record DomainEnd(DateTimeOffset Time, string Domain, string? Sandbox, ulong Denials, ulong Lost);
