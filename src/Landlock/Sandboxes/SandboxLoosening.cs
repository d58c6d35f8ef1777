using Landlock.Abi;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes;

/// <summary>What is looser in a sandbox than in the one that it was made from.</summary>
internal static class SandboxLoosening
{
    /// <summary>
    /// Says what options have loosened: what they allow on top as a note, since that is what they are for, and what they take away
    /// from the protection of a profile as a warning.
    /// </summary>
    /// <param name="profile">The sandbox of the profile.</param>
    /// <param name="changed">The same, changed by options.</param>
    public static IEnumerable<SandboxFinding> Of(Sandbox profile, Sandbox changed)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(changed);
        string name = $"the profile '{PosixText.Printable(profile.Name ?? "")}'";
        string[] added =
        [
            .. changed.Paths.Skip(profile.Paths.Length).Select(rule => rule.ToString()),
            .. changed.Ports.Skip(profile.Ports.Length).Select(rule => rule.ToString()),
            .. changed.Hosts.Skip(profile.Hosts.Length).Select(rule => $"host {rule}"),
            .. changed.Presets.Skip(profile.Presets.Length).Select(preset => $"preset {preset}"),
        ];
        if (added.Length > 0) yield return SandboxFinding.Note($"Allowed on top of {name}: {string.Join(", ", added)}.");
        string[] loosened = [.. Loosened(profile, changed)];
        if (loosened.Length > 0) yield return SandboxFinding.Warning($"The options loosen {name}: {string.Join(", ", loosened)}.");
    }

    private static IEnumerable<string> Loosened(Sandbox profile, Sandbox changed)
    {
        if (Sandbox.Openness(changed.Network) > Sandbox.Openness(profile.Network))
            yield return $"network {Word(changed.Network)} instead of {Word(profile.Network)}";
        if (changed.ListInterfaces && !profile.ListInterfaces) yield return "network interfaces";
        if (profile.NoUnixSocket && !changed.NoUnixSocket) yield return "UNIX sockets";
        if (profile.NoSystemVIpc && !changed.NoSystemVIpc) yield return "System V IPC";
        if (profile.RestrictNamespaces && !changed.RestrictNamespaces) yield return "namespaces";
        if ((changed.Unrestricted & ~profile.Unrestricted) is var free and not 0)
            yield return $"unrestricted {string.Join(", ", Enum.GetValues<Unrestricted>().Where(part => part != 0 && free.HasFlag(part)))
                .ToLowerInvariant()}";
        if (!profile.Closure && changed.Closure) yield return "the command's own files";
        if (!profile.Baseline && changed.Baseline) yield return "the baseline";
        if ((changed.Compatibility ?? 0) < (profile.Compatibility ?? 0)) yield return "what is required of the kernel";
        if ((profile.Promises.Required & ~changed.Promises.Required) is var dropped and not 0)
            yield return $"no longer required {ProtectionPart.Names(dropped)}";
        if (((changed.Promises.Disabled & ~profile.Promises.Disabled)
            | (changed.Promises.AllowDegraded & ~profile.Promises.AllowDegraded)) is var missing and not 0)
        {
            yield return $"without {ProtectionPart.Names(missing)}";
        }
        if (profile.Except.Except(changed.Except, StringComparer.Ordinal).Any()) yield return "what it leaves out";
        if (profile.Environment.Clean && !changed.Environment.Clean) yield return "the whole environment";
        if (profile.Environment.RemoveSecrets && !changed.Environment.RemoveSecrets) yield return "secrets in the environment";
        if (profile.Environment.Remove.Except(changed.Environment.Remove, StringComparer.Ordinal).Any()) yield return "removed variables";
        if (changed.Environment.Pass.Except(profile.Environment.Pass, StringComparer.Ordinal).ToArray() is { Length: > 0 } passed)
            yield return $"variables {string.Join(", ", passed.Select(PosixText.Printable))}";
        foreach ((string what, long? before, long? now) in Numbers(profile).Zip(Numbers(changed),
            (one, other) => (one.What, one.Most, other.Most)))
        {
            if (before is { } most && (now is not { } more || more > most)) yield return what;
        }
        if (profile.Supervision.PrivateTemp && !changed.Supervision.PrivateTemp) yield return "everybody's temporary files";
        if (profile.Supervision.Preview && !changed.Supervision.Preview) yield return "what it changes is changed at once";
        if (profile.Supervision.Preserve.Except(changed.Supervision.Preserve, StringComparer.Ordinal).Any())
            yield return "what is put back";
        if (profile.Supervision.EndWithParent && !changed.Supervision.EndWithParent) yield return "it outlives its parent";
    }

    private static IEnumerable<(string What, long? Most)> Numbers(Sandbox sandbox) =>
    [
        ("a longer time", sandbox.Supervision.Timeout?.Ticks),
        ("more memory", sandbox.Limits.Memory),
        ("more processes", sandbox.Limits.Processes),
        ("more processor time", sandbox.Limits.CpuSeconds),
        ("larger files", sandbox.Limits.FileSize),
        ("more open files", sandbox.Limits.OpenFiles),
        ("more memory in all", sandbox.Supervision.TotalMemory),
        ("more processes in all", sandbox.Supervision.TotalProcesses),
    ];

    private static string Word(NetworkMode mode) => mode.ToString().ToLowerInvariant();
}
