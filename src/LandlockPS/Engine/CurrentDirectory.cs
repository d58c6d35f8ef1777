using System.Management.Automation;

namespace LandlockPS.Engine;

/// <summary>The current directory of the filesystem, wherever the session's current location is.</summary>
internal static class CurrentDirectory
{
    /// <summary>An absolute path.</summary>
    public static string Of(PathIntrinsics paths)
    {
        PathInfo location = paths.CurrentFileSystemLocation;
        // The location's own ProviderPath lets the engine read the table of mounts on each call, which costs more than planning a launch.
        if (location.Drive is not { Root: ['/', ..] root, CurrentLocation: { } below } || below.Contains("::", StringComparison.Ordinal))
            return location.ProviderPath;
        below = below.Trim('/');
        return below.Length == 0 ? root : root.EndsWith('/') ? root + below : $"{root}/{below}";
    }
}
