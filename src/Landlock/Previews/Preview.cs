using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Landlock.Linux;
using Landlock.Sandboxes.Previewing;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Previews;

/// <summary>
/// What a command has changed, kept apart until it is applied or dropped. It stays until then, also when the machine restarts.
/// </summary>
public sealed class Preview
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly PreviewRecord _record;

    private Preview(string place, PreviewRecord record, PreviewState state)
    {
        (Place, _record, State) = (place, record, state);
        Name = Path.GetFileName(place);
    }

    /// <summary>Its name: when it began, and four letters.</summary>
    public string Name { get; }

    /// <summary>How far it is.</summary>
    public PreviewState State { get; }

    /// <summary>When the command started.</summary>
    public DateTime Started => DateTime.UnixEpoch.AddTicks(_record.Started / 100).ToLocalTime();

    /// <summary>Where it started.</summary>
    public string WorkingDirectory => _record.Directory;

    /// <summary>The command with its arguments.</summary>
    public ImmutableArray<string> Command => _record.Command;

    /// <summary>The places that were covered: whatever the command could change.</summary>
    public ImmutableArray<string> Covered => [.. _record.Overlays.Select(overlay => overlay.Path)];

    /// <summary>The directory that it is kept in.</summary>
    public string Place { get; }

    /// <summary>The previews of this user, the latest first.</summary>
    public static ImmutableArray<Preview> All() => Folder() is not { } folder || PosixFile.Owner(folder) != CurrentUser.Id ? []
        : [.. Names(folder).Select(name => Open($"{folder}/{name}")).OfType<Preview>()
            .OrderByDescending(preview => preview._record.Started).ThenByDescending(preview => preview.Name, StringComparer.Ordinal)];

    /// <summary>One of them.</summary>
    /// <param name="name">Its name, or a part of it that only it has; null = the latest.</param>
    /// <exception cref="PreviewException">There is none, or several.</exception>
    public static Preview Find(string? name)
    {
        ImmutableArray<Preview> all = All();
        if (name is null)
            return all.IsEmpty ? throw new PreviewException("There is no preview. Start a command with --preview (-Preview).") : all[0];
        Preview[] found = all.FirstOrDefault(preview => preview.Name == name) is { } exact ? [exact]
            : [.. all.Where(preview => name.Length > 0 && preview.Name.Contains(name, StringComparison.Ordinal))];
        return found switch
        {
            [var one] => one,
            [] => throw new PreviewException($"There is no preview '{PosixText.Printable(name)}'. See: landlocked preview list, or "
                + "Get-LandlockPreview."),
            _ => throw new PreviewException($"'{PosixText.Printable(name)}' is in the names of {found.Length} previews: "
                + $"{string.Join(", ", found.Select(preview => preview.Name))}. Write more of it."),
        };
    }

    /// <summary>The preview in a directory; null if none is there.</summary>
    internal static Preview? Open(string place)
    {
        if (SmallFile.Read($"{place}/{PreviewPlace.About}", 16 << 20) is not { } content || PreviewRecord.Read(content) is not { } record)
            return null;
        using SafeFileHandle? alone = FileLock.Own($"{place}/{PreviewPlace.Lock}");
        return new Preview(place, record, alone is null ? PreviewState.Running
            : PosixFile.Inspect($"{place}/{PreviewPlace.Ended}") == PathKind.Missing ? PreviewState.Interrupted : PreviewState.Kept);
    }

    /// <summary>What was changed, by path. Nothing is applied.</summary>
    /// <exception cref="PreviewException">It was dropped meanwhile.</exception>
    public ImmutableArray<PreviewChange> Changes()
    {
        if (PosixFile.Inspect(Place) != PathKind.Directory)
            throw new PreviewException($"The preview '{Name}' is not there any more.");
        if (State != PreviewState.Running && FileLock.Own($"{Place}/{PreviewPlace.Lock}") is { } alone)
        {
            using (alone) Settle();
        }

        return [.. PreviewScan.Of(Name, Place, _record)];
    }

    /// <summary>Applies changes; what was applied is no part of the preview any more, and a preview without any is removed.</summary>
    /// <param name="changes">The changes, of this preview.</param>
    /// <param name="force">Whether those are applied as well that need it (<see cref="PreviewChange.NeedsForce"/>).</param>
    /// <returns>What became of each, as it happens.</returns>
    /// <exception cref="PreviewException">The command still runs, or somebody else is applying changes.</exception>
    public IEnumerable<PreviewResult> Apply(IReadOnlyList<PreviewChange> changes, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(changes);
        using SafeFileHandle alone = Alone("applied");
        Settle();
        using PreviewApplication application = new(Place, _record, force);
        foreach (PreviewResult result in application.Apply(changes)) yield return result;
        bool isAll = PreviewScan.Of(Name, Place, _record).Count == 0;
        application.Finish(isAll);
        if (isAll) PreviewPlace.Remove(Place);
    }

    /// <summary>Removes it with all of its changes.</summary>
    /// <exception cref="PreviewException">The command still runs, or somebody is applying changes.</exception>
    public void Drop()
    {
        using SafeFileHandle alone = Alone("dropped");
        PreviewPlace.Remove(Place);
        if (PosixFile.Inspect(Place) != PathKind.Missing)
            throw new PreviewException($"The preview '{Name}' could not be removed as a whole. See: {PosixText.Printable(Place)}");
    }

    /// <summary>The difference of a change as patch(1) reads it; null where there is none in text.</summary>
    /// <param name="change">A change of this preview.</param>
    public string? Patch(PreviewChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return PreviewPatch.Of(Place, _record, change);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void Settle()
    {
        PreviewJournal.Recover(Place, _record);
        OpaqueDirectories.Spell(Place, _record);
    }

    // A command that has just been ended takes a moment to be gone.
    private SafeFileHandle Alone(string what)
    {
        for (Stopwatch clock = Stopwatch.StartNew(); ; Thread.Sleep(10))
        {
            if (FileLock.Own($"{Place}/{PreviewPlace.Lock}") is { } alone) return alone;
            if (PosixFile.Inspect(Place) == PathKind.Missing) throw new PreviewException($"The preview '{Name}' is not there any more.");
            if (clock.Elapsed > Patience)
                throw new PreviewException($"The preview '{Name}' cannot be {what} yet: its command still runs, or somebody else is "
                    + "applying it. Look for it with landlocked ps, or Get-LandlockProcess.");
        }
    }

    private static string? Folder() => PreviewSupport.Parent(System.Environment.GetEnvironmentVariable);

    private static IEnumerable<string> Names(string folder)
    {
        try
        {
            return PosixDirectory.List(folder).Where(IsName);
        }
        catch (KernelException)
        {
            return [];
        }
    }

    private static bool IsName(string name) => name.Length == 20 && name[8] == '-' && name[15] == '-'
        && DateTime.TryParseExact(name[..15], "yyyyMMdd-HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        && name.AsSpan(16).IndexOfAnyExceptInRange('a', 'z') < 0;
}
