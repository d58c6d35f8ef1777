using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Linux;

namespace Landlock.Profiles;

/// <summary>A profile that applies to a directory.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Beneath">
/// Which of its directories, without symbolic links; null if it cannot be told, because the profile is broken.
/// </param>
internal sealed record ActiveProfile(Profile Profile, string? Beneath);

/// <summary>All profiles of the user, as they are on disk now.</summary>
internal sealed class ProfileStore
{
    private const long SettleNanoseconds = 2_000_000_000;

    // Also those that hold no profile: they may yet.
    private readonly ImmutableArray<string> _folders;

    private readonly ImmutableArray<Profile> _own;

    private ProfileStore(ImmutableArray<ProfileRoot> roots, ImmutableArray<Profile> own, ImmutableArray<string> folders)
    {
        Roots = roots;
        _own = own;
        _folders = folders;
    }

    /// <summary>The folders that were read; they need not exist.</summary>
    public ImmutableArray<ProfileRoot> Roots { get; }

    /// <summary>The profiles by name, broken ones too, and those that ship.</summary>
    public ImmutableArray<Profile> Profiles => InOrder(_own.Concat(ShippedProfiles.All));

    /// <summary>The folders of the user's profiles, our own first.</summary>
    /// <param name="environment">Environment variables by name; null = not set.</param>
    /// <exception cref="PolicyException">Neither $XDG_CONFIG_HOME nor $HOME is an absolute path.</exception>
    public static ImmutableArray<ProfileRoot> FindRoots(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        string configuration = XdgDirectory.Configuration.Base(environment)
            ?? throw PolicyException.At(new PolicyLocation("profiles", 0, 0),
                "neither $XDG_CONFIG_HOME nor $HOME is an absolute path, so there is no place to look for profiles");
        return
        [
            new ProfileRoot(Path.Combine(configuration, "landlockps", "profiles"), ProfileOrigin.LandlockPS),
            new ProfileRoot(Path.Combine(configuration, "island", "profiles"), ProfileOrigin.Island),
        ];
    }

    /// <summary>All profiles for somebody who names one: those of the user, if there is a place for them, and those that ship.</summary>
    /// <param name="environment">Environment variables by name; null = not set.</param>
    public static ProfileStore All(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return Read(XdgDirectory.Configuration.Base(environment) is null ? [] : FindRoots(environment));
    }

    /// <summary>
    /// Reads all profiles, and those that ship with LandlockPS. A broken one is among them; a folder that cannot be listed counts as one.
    /// </summary>
    public static ProfileStore Read(ImmutableArray<ProfileRoot> roots)
    {
        List<Profile> profiles = [];
        List<string> folders = [];
        foreach (ProfileRoot root in roots)
        {
            try
            {
                foreach (string directory in Directory.EnumerateDirectories(root.Directory))
                {
                    if (!Profile.IsName(Path.GetFileName(directory))) continue;
                    folders.Add(directory);
                    if (PosixFile.Inspect(Path.Combine(directory, ProfileReader.FileName)) != PathKind.Missing)
                        profiles.Add(ProfileReader.Read(directory, root.Origin));
                }
            }
            catch (DirectoryNotFoundException)
            {
                // No profiles yet.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                profiles.Add(ProfileReader.Broken(root.Directory, root.Origin, new PolicyLocation(root.Directory, 0, 0),
                    "the folder of profiles cannot be read"));
            }
        }

        return new ProfileStore(roots, InOrder(profiles), [.. folders]);
    }

    /// <summary>
    /// The profiles that apply to a directory, from the broadest to the narrowest, those of one directory by name. Broken ones that may
    /// apply are among them.
    /// </summary>
    /// <param name="directory">An absolute path.</param>
    public ImmutableArray<ActiveProfile> FindActive(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        // What ships applies where it is named, and never by itself.
        if (_own.Length == 0) return [];
        string? real = PosixFile.RealPath(directory);
        List<ActiveProfile> active = [];
        foreach (Profile profile in _own)
        {
            string? beneath = real is null ? null : profile.Matching(real);
            if (beneath is not null || !profile.AreContextsKnown) active.Add(new ActiveProfile(profile, beneath));
        }

        // Every path is an ancestor of the directory, so that the longer one is the deeper one.
        return [.. active.OrderBy(match => match.Beneath?.Length ?? 0).ThenBy(match => match.Profile.Name, StringComparer.Ordinal)
            .ThenBy(match => match.Profile.Origin)];
    }

    /// <summary>
    /// A value that changes when profiles come, go or change: cheap to ask for, in order to know whether what was read still holds.
    /// </summary>
    public long Stamp()
    {
        long stamp = 17;
        long settled = ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) - SettleNanoseconds;
        foreach (ProfileRoot root in Roots) Add(root.Directory);
        foreach (string folder in _folders)
        {
            Add(folder);
            Add(Path.Combine(folder, ProfileReader.FileName));
        }

        return stamp;

        void Add(string path)
        {
            FileStatus? status = PosixFile.Stat(path);
            // A file can change twice within one tick of the kernel's clock: what changed just now is different at each look.
            long changed = status is not { } file ? 0 : file.Changed > settled ? System.Diagnostics.Stopwatch.GetTimestamp() : file.Changed;
            stamp = unchecked((((stamp * 1_000_003) + changed) * 1_000_003) + (long)(status?.Inode ?? 0));
        }
    }

    /// <summary>The same; null if there is none.</summary>
    public Profile? TryFind(string name) => _own.FirstOrDefault(profile => profile.Name == name) ?? ShippedProfiles.Find(name);

    /// <summary>The profile of a name: the user's own before Island's, and both before one that ships with LandlockPS.</summary>
    /// <exception cref="PolicyException">There is none; the message says which was meant.</exception>
    public Profile Find(string name)
    {
        if (TryFind(name) is { } found) return found;
        string[] names = [.. Profiles.Select(profile => profile.Name).Distinct()];
        throw PolicyException.At(new PolicyLocation(name, 0, 0), "there is no such profile"
            + Suggestion.Question(name, names, otherwise: $"; there are {string.Join(", ", names.Select(PosixText.Printable))}"));
    }

    private static ImmutableArray<Profile> InOrder(IEnumerable<Profile> profiles) =>
        [.. profiles.OrderBy(profile => profile.Name, StringComparer.Ordinal).ThenBy(profile => profile.Origin)];
}
