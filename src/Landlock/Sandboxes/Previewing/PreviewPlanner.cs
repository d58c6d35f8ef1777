using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes.Previewing;

/// <summary>Finds what a preview has to cover: every place that the layers let the command write to.</summary>
internal static class PreviewPlanner
{
    private const AccessFs Writing = AccessFs.WriteFile | AccessFs.Truncate | AccessFs.RemoveDir | AccessFs.RemoveFile
        | AccessFs.MakeChar | AccessFs.MakeDir | AccessFs.MakeReg | AccessFs.MakeSock | AccessFs.MakeFifo | AccessFs.MakeBlock
        | AccessFs.MakeSym | AccessFs.Refer;

    // Of the kernel, not of a disk: an overlay shows nothing of them, and nothing in them is there tomorrow.
    private static readonly string[] KernelTypes =
    [
        "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue", "debugfs", "tracefs", "securityfs", "configfs", "bpf",
        "binfmt_misc", "efivarfs", "pstore", "autofs", "rpc_pipefs", "nsfs",
    ];

    // Writing to them changes nothing.
    private static readonly string[] HarmlessDevices =
        ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts/ptmx"];

    /// <summary>The preview of a command.</summary>
    /// <param name="layers">What the command may do.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="network">What the filter lets through; null without one.</param>
    /// <exception cref="LaunchException">It cannot be had here.</exception>
    public static PlannedPreview Plan(ImmutableArray<ResolvedLayer> layers, LaunchRequest request, NetworkAccess? network)
    {
        if (PreviewSupport.WhyNot() is { } reason) throw Refusal(null, reason);
        string parent = PreviewSupport.Parent(System.Environment.GetEnvironmentVariable)
            ?? throw Refusal(null, "$XDG_STATE_HOME and $HOME, where previews are kept, are not set. Set one of them");
        if (layers.All(layer => (layer.HandledFs & Writing) == 0))
            throw Refusal(null, "the sandbox leaves files alone, so that all of them would have to be covered. Leave out --unrestricted fs "
                + "(-Unrestricted Fs), and allow the directories that the command may change");
        if (layers.All(layer => !layer.HandledFs.HasFlag(AccessFs.Truncate)))
            throw Refusal(null, "the rules leave truncating files alone. Let them handle truncate as well");
        List<string> notHeld = [];
        List<FoundPath> places = [.. Reduced(Writable(layers, request, notHeld))];
        foreach (FoundPath place in places) Demand(place, parent);
        places.AddRange(Beneath(places));
        ImmutableArray<PlannedOverlay> overlays =
            [.. places.OrderBy(place => place.RealPath!.Length).Select(place => new PlannedOverlay(place))];
        if (overlays.Length > PlanLayout.MaxOverlays)
            throw Refusal(null, $"{overlays.Length} places would have to be covered, and {PlanLayout.MaxOverlays} can be. Allow the "
                + "directories around them instead");
        notHeld.AddRange(Elsewhere(layers, request, network));
        return new PlannedPreview(overlays, parent, !CurrentUser.CanMount, [.. notHeld.Distinct()]);
    }

    // What every layer lets the command change.
    private static IEnumerable<FoundPath> Writable(ImmutableArray<ResolvedLayer> layers, LaunchRequest request, List<string> notHeld)
    {
        List<(ResolvedLayer Layer, List<FoundPath> Found)> writable =
            [.. layers.Where(layer => (layer.HandledFs & Writing) != 0).Select(layer => (layer, Written(layer, request).ToList()))];
        foreach ((ResolvedLayer layer, List<FoundPath> found) in writable)
        {
            foreach (FoundPath place in found.Where(place => writable.All(other => other.Layer == layer
                || other.Found.Any(around => PathRule.IsBeneath(place.RealPath!, around.RealPath!)))))
            {
                if (place.Kind == PathKind.Directory)
                {
                    if (!IsOfKernel(place)) yield return place;
                    continue;
                }

                switch ((PosixEntry.Look(place.RealPath!, follow: false).Mode & 0xF000) switch
                {
                    0x8000 => EntryKind.File,
                    0x2000 => EntryKind.CharacterDevice,
                    0x6000 => EntryKind.BlockDevice,
                    0x1000 => EntryKind.Fifo,
                    _ => EntryKind.Socket,
                })
                {
                    case EntryKind.File when !IsOfKernel(place):
                        yield return place;
                        break;
                    case EntryKind.CharacterDevice or EntryKind.BlockDevice when !HarmlessDevices.Contains(place.RealPath)
                        && !place.RealPath!.StartsWith("/dev/pts/", StringComparison.Ordinal):
                        notHeld.Add($"the device '{PosixText.Printable(place.RealPath!)}'");
                        break;
                    case EntryKind.Fifo:
                        notHeld.Add($"the pipe '{PosixText.Printable(place.RealPath!)}'");
                        break;
                }
            }
        }
    }

    private static IEnumerable<FoundPath> Written(ResolvedLayer layer, LaunchRequest request)
    {
        foreach (ResolvedPathRule rule in layer.PathRules)
        {
            if (rule.Path == request.Start.Scratch) continue;
            FoundPath found = rule.Target;
            if (!found.Exists || found.RealPath is null || found.IsPipe || found.IsOwn) continue;
            if (((found.Kind == PathKind.Directory ? rule.Access : rule.FileAccess) & layer.HandledFs & Writing) != 0) yield return found;
        }
    }

    private static bool IsOfKernel(FoundPath place)
    {
        ulong mount = PosixEntry.Look(place.RealPath!, follow: false).Mount;
        return MountTable.Read().LastOrDefault(entry => entry.Id == mount) is { } entry && KernelTypes.Contains(entry.Type);
    }

    // What lies beneath another one is covered with it. Two files of one directory are covered with that.
    private static List<FoundPath> Reduced(IEnumerable<FoundPath> found)
    {
        List<FoundPath> places = [.. found.DistinctBy(place => place.RealPath)];
        foreach (IGrouping<string, FoundPath> siblings in places.Where(place => place.Kind == PathKind.File)
            .GroupBy(place => PosixText.Parent(place.RealPath!)).Where(siblings => siblings.Count() > 1).ToList())
        {
            places.Add(PosixFile.Find(siblings.Key));
        }

        List<FoundPath> outer = [];
        foreach (FoundPath place in places.OrderBy(place => place.RealPath!.Length))
            if (!outer.Any(around => around.Kind == PathKind.Directory && PathRule.IsBeneath(place.RealPath!, around.RealPath!)))
                outer.Add(place);
        return outer;
    }

    private static void Demand(FoundPath place, string parent)
    {
        string shown = PosixText.Printable(place.RealPath!);
        if (place.RealPath == "/")
            throw Refusal(place.RealPath, "all of the filesystem would have to be covered. Allow the directories that the command may "
                + "change, instead of '/'");
        string store = PosixFile.RealPlace(parent);
        if (place.Kind == PathKind.Directory && PathRule.IsBeneath(store, place.RealPath!))
            throw Refusal(place.RealPath, $"the changes themselves would be kept beneath '{shown}', in '{PosixText.Printable(store)}'. Set "
                + "XDG_STATE_HOME to a directory elsewhere, such as /var/tmp/NAME");
        if (PathRule.IsBeneath(place.RealPath!, store))
            throw Refusal(place.RealPath, $"'{shown}' is where previews are kept");
    }

    // An overlay shows what is below one mount; what is mounted beneath it has to be covered by another one.
    private static IEnumerable<FoundPath> Beneath(List<FoundPath> places)
    {
        List<MountEntry> mounts = MountTable.Read();
        foreach (FoundPath place in places.Where(place => place.Kind == PathKind.Directory).ToList())
        {
            foreach (MountEntry mount in mounts.Where(mount => mount.Point != place.RealPath
                && PathRule.IsBeneath(mount.Point, place.RealPath!)).DistinctBy(mount => mount.Point))
            {
                FoundPath found = PosixFile.Find(mount.Point);
                if (found.Kind == PathKind.Directory && found.RealPath == mount.Point && !IsOfKernel(found)) yield return found;
                else if (found.Exists)
                    throw Refusal(mount.Point, $"'{PosixText.Printable(mount.Point)}' ({mount.Type}) is mounted beneath "
                        + $"'{PosixText.Printable(place.RealPath!)}' and cannot be covered. Allow the directories beside it instead");
            }
        }
    }

    // What leaves the filesystem.
    private static IEnumerable<string> Elsewhere(ImmutableArray<ResolvedLayer> layers, LaunchRequest request, NetworkAccess? network)
    {
        bool unrestricted = request.Sandbox.Network == NetworkMode.Unrestricted || network is null;
        if (unrestricted || request.Sandbox.Network == NetworkMode.Tcp || layers.Any(layer => layer.NetRules.Length > 0)
            || request.Layers.Any(layer => layer.HostRules.Length > 0))
        {
            yield return "the network";
        }

        if (!request.Sandbox.NoUnixSocket) yield return "programs that are reached by UNIX sockets";
    }

    private static LaunchException Refusal(string? path, string reason) =>
        new(LaunchProblem.SetupFailed, path, $"A preview (-Preview, --preview) is not possible: {reason}. Nothing was run.");
}
