using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Linux;

/// <summary>
/// The UNIX sockets of other programs that this user may connect to. The list is this file: places that are known beforehand, so that
/// finding them takes a stat(2) each.
/// </summary>
internal static class KnownSockets
{
    private const ushort SocketKind = 0xC000; // S_IFSOCK

    // {run} is XDG_RUNTIME_DIR, as the variable says and as systemd makes it.
    private static readonly (string Place, string Service)[] Places =
    [
        ("/run/docker.sock", "Docker"), ("{run}/docker.sock", "Docker"),
        ("/run/podman/podman.sock", "Podman"), ("{run}/podman/podman.sock", "Podman"),
        ("/run/containerd/containerd.sock", "containerd"), ("/run/crio/crio.sock", "CRI-O"), ("/run/buildkit/buildkitd.sock", "BuildKit"),
        ("/var/lib/incus/unix.socket", "Incus"), ("/var/lib/lxd/unix.socket", "LXD"), ("/var/snap/lxd/common/lxd/unix.socket", "LXD"),
        ("/run/libvirt/libvirt-sock", "libvirt"), ("{run}/libvirt/libvirt-sock", "libvirt"),
        ("/run/snapd.socket", "snapd"), ("/run/cups/cups.sock", "CUPS"),
        ("/run/dbus/system_bus_socket", "D-Bus, system"), ("{run}/bus", "D-Bus, session"),
        ("/run/systemd/private", "systemd"), ("{run}/systemd/private", "systemd of the user"),
        ("{run}/wayland-0", "Wayland"), ("/tmp/.X11-unix/X0", "X11"), ("/tmp/.X11-unix/X1", "X11"),
        ("{run}/pipewire-0", "PipeWire"), ("{run}/pulse/native", "PulseAudio"),
        ("{run}/gnupg/S.gpg-agent", "gpg-agent"), ("{home}/.gnupg/S.gpg-agent", "gpg-agent"),
        ("{run}/keyring/control", "GNOME Keyring"), ("{run}/keyring/ssh", "ssh-agent"), ("{run}/ssh-agent.socket", "ssh-agent"),
        ("/tmp/tmux-{uid}/default", "tmux"),
    ];

    // Variables that hold a path, an address with one, or a name in {run}.
    private static readonly (string Name, string Service)[] Variables =
    [
        ("SSH_AUTH_SOCK", "ssh-agent"), ("DOCKER_HOST", "Docker"), ("CONTAINER_HOST", "Podman"),
        ("DBUS_SESSION_BUS_ADDRESS", "D-Bus, session"),
        ("WAYLAND_DISPLAY", "Wayland"), ("TMUX", "tmux"), ("VSCODE_IPC_HOOK_CLI", "Visual Studio Code"),
    ];

    /// <summary>The environment variables that say where to look.</summary>
    internal static ImmutableArray<string> VariableNames { get; } =
    [
        "XDG_RUNTIME_DIR", "HOME", .. Variables.Select(variable => variable.Name),
    ];

    /// <summary>The sockets that exist here and that this user may connect to, in the order of their paths.</summary>
    /// <param name="variable">The value of an environment variable; null if it is not set.</param>
    /// <param name="others">More places to look at.</param>
    public static ImmutableArray<KnownSocket> Find(Func<string, string?> variable, IEnumerable<KnownSocket>? others = null)
    {
        ArgumentNullException.ThrowIfNull(variable);
        SortedDictionary<string, KnownSocket> found = new(StringComparer.Ordinal);
        foreach (KnownSocket candidate in Candidates(variable).Concat(others ?? []))
        {
            if (!candidate.Path.StartsWith('/') || candidate.Path.Contains('\0') || PosixFile.Stat(candidate.Path) is not { } status
                || (status.Mode & 0xF000) != SocketKind || !PosixFile.CanWrite(candidate.Path))
            {
                continue;
            }
            string path = PosixFile.RealPath(candidate.Path) ?? candidate.Path;
            found.TryAdd(path, candidate with { Path = path });
        }

        return [.. found.Values];
    }

    private static IEnumerable<KnownSocket> Candidates(Func<string, string?> variable)
    {
        string uid = $"{CurrentUser.Id}";
        string usual = $"/run/user/{uid}", run = variable("XDG_RUNTIME_DIR") is { Length: > 0 } given ? given : usual;
        string[] runs = [.. new[] { usual, run }.Distinct().Where(directory => PosixFile.Inspect(directory) == PathKind.Directory)];
        string home = variable("HOME") ?? "";
        foreach ((string place, string service) in Places)
        {
            string path = place.Replace("{uid}", uid, StringComparison.Ordinal).Replace("{home}", home, StringComparison.Ordinal);
            if (!path.StartsWith('{')) yield return new KnownSocket(path, service);
            else foreach (string directory in runs) yield return new KnownSocket(directory + path["{run}".Length..], service);
        }

        foreach ((string name, string service) in Variables)
        {
            if (variable(name) is not { Length: > 0 } value) continue;
            int unix = value.IndexOf("unix:", StringComparison.Ordinal);
            if (unix >= 0) value = value[(unix + "unix:".Length)..].Replace("path=", "", StringComparison.Ordinal);
            value = value.Split(',')[0].Replace("//", "/", StringComparison.Ordinal);
            yield return new KnownSocket(value.StartsWith('/') ? value : $"{run}/{value}", service);
        }
    }
}
