using System.Collections.Immutable;
using System.Globalization;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Previewing;

/// <summary>The directory of one preview: what was covered, what was changed, and whether the command still runs.</summary>
internal static class PreviewPlace
{
    /// <summary>The file that says what was covered (<see cref="PreviewRecord"/>).</summary>
    public const string About = "about";

    /// <summary>The file that everybody who needs the preview to stay holds a lock on.</summary>
    public const string Lock = "lock";

    /// <summary>The file that is there once the command has ended.</summary>
    public const string Ended = "ended";

    /// <summary>The directory, or the file, that holds the changes of a covered place, in the directory of its number.</summary>
    public const string Upper = "upper";

    // What the name of one begins with that is being removed.
    private const string Dropped = ".dropped-";

    private const string Work = "work";
    private const string Letters = "bcdfghjkmnpqrstvwxyz";

    /// <summary>Makes the directory of a preview that is about to begin, and says in the plan where it is.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="held">A lock that keeps the preview; to be closed when the command has ended.</param>
    /// <exception cref="LaunchException">It cannot be made.</exception>
    public static LaunchPlan Make(LaunchPlan plan, out SafeFileHandle? held)
    {
        held = null;
        if (plan.Preview is not { } preview) return plan;
        string state = PosixText.Parent(PosixText.Parent(preview.Parent));
        string name = Name();
        string path = $"{preview.Parent}/{name}";
        try
        {
            FoundPath made = PrivateDirectory.Make(state, PreviewSupport.Folder, Path.GetFileName(preview.Parent), name);
            path = made.RealPath ?? path;
            using DirectoryHandle directory = DirectoryHandle.OpenUnchanged(path) ?? throw Failed(path, Syscalls.LastError);
            Require(directory.WriteInside(Lock, [], 0x180), path);
            held = FileLock.Share($"{path}/{Lock}") ?? throw Failed(path, Syscalls.LastError);
            ImmutableArray<PlannedOverlay>.Builder overlays = ImmutableArray.CreateBuilder<PlannedOverlay>();
            List<RecordedOverlay> recorded = [];
            foreach (PlannedOverlay overlay in preview.Overlays)
            {
                overlays.Add(Prepare(directory, path, overlays.Count, overlay, out ushort mode));
                recorded.Add(new RecordedOverlay(overlay.Path, overlay.IsFile, overlay.Lower.Identity, mode));
            }

            // Whatever is changed elsewhere from now on has a later time, by the same clock.
            PreviewRecord record = new(directory.Details()?.Changed ?? 0, PreviewRecord.ThisBoot(),
                plan.Start.WorkingDirectory ?? "/", plan.Arguments, [.. recorded]);
            Require(directory.WriteInside(About, record.Write(), 0x180), path);
            return plan with { Preview = preview with { Overlays = overlays.ToImmutable(), Directory = path } };
        }
        catch (Exception exception) when (exception is KernelException or IOException or LaunchException)
        {
            held?.Dispose();
            held = null;
            Remove(path);
            if (exception is LaunchException) throw;
            throw new LaunchException(LaunchProblem.SetupFailed, path,
                $"A preview (-Preview, --preview) cannot be kept in '{PosixText.Printable(path)}': {exception.Message.TrimEnd('.')}. "
                    + "Nothing was run.", exception);
        }
    }

    /// <summary>
    /// Removes a preview, and what is left of others: first its name, so that what is cut off in between is none any more.
    /// </summary>
    public static void Remove(string path)
    {
        string folder = PosixText.Parent(path);
        using DirectoryHandle? around = DirectoryHandle.OpenUnchanged(folder);
        if (around is null) return;
        string name = path[(path.LastIndexOf('/') + 1)..];
        _ = around.MoveTo(name, around, Dropped + name, replace: false);
        foreach (string left in around.List().Where(entry => entry.StartsWith(Dropped, StringComparison.Ordinal)))
            ScratchDirectory.Remove($"{folder}/{left}");
    }

    /// <summary>Notes that the command of a preview has ended.</summary>
    public static void End(string path)
    {
        using DirectoryHandle? directory = DirectoryHandle.OpenUnchanged(path);
        if (directory is null) return;
        // overlayfs leaves a directory in it that its owner could not enter.
        foreach (string number in directory.List().Where(name => name.All(char.IsAsciiDigit)))
            ScratchDirectory.Remove($"{path}/{number}/{Work}");
        _ = directory.WriteInside(Ended, [], 0x180);
    }

    private static PlannedOverlay Prepare(DirectoryHandle directory, string path, int number, PlannedOverlay overlay, out ushort mode)
    {
        string name = number.ToString(CultureInfo.InvariantCulture);
        if (directory.MakeDirectory(name) is not Errno.None and var error) throw Failed(path, error);
        using DirectoryHandle place = directory.EnterInside(name) ?? throw Failed(path, Syscalls.LastError);
        string inner = $"{path}/{name}";
        using DirectoryHandle around = DirectoryHandle.OpenUnchanged(overlay.Path == "/" ? "/" : PosixText.Parent(overlay.Path))
            ?? throw Failed(overlay.Path, Syscalls.LastError);
        string lower = overlay.Path == "/" ? "." : overlay.Path[(overlay.Path.LastIndexOf('/') + 1)..];
        EntryDetails details = around.Details(lower) ?? throw Failed(overlay.Path, Syscalls.LastError);
        mode = details.Mode;
        if (details.Identity != overlay.Lower.Identity) throw Failed(overlay.Path, Errno.ESTALE);
        if (overlay.IsFile)
        {
            error = EntryCopy.File(around, lower, details, place, Upper);
            if (error != Errno.None) throw Failed(overlay.Path, error);
            return overlay with { Upper = PosixFile.Find($"{inner}/{Upper}") };
        }

        if (place.MakeDirectory(Upper) is not Errno.None and var upper) throw Failed(inner, upper);
        if (place.MakeDirectory(Work) is not Errno.None and var work) throw Failed(inner, work);
        // What overlayfs shows of the directory itself is this one's.
        EntryCopy.Attributes(around, lower, details, place, Upper);
        return overlay with { Upper = PosixFile.Find($"{inner}/{Upper}"), Work = PosixFile.Find($"{inner}/{Work}") };
    }

    // The time first, so that names sort by it, and something that two at the same time do not share.
    private static string Name()
    {
        Span<byte> random = stackalloc byte[16];
        _ = Guid.NewGuid().TryWriteBytes(random);
        Span<char> letters = stackalloc char[4];
        for (int i = 0; i < letters.Length; i++) letters[i] = Letters[random[i] % Letters.Length];
        return string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:yyyyMMdd-HHmmss}-{new string(letters)}");
    }

    private static void Require(bool done, string path)
    {
        if (!done) throw Failed(path, Syscalls.LastError);
    }

    private static LaunchException Failed(string path, Errno error) => new(LaunchProblem.SetupFailed, path,
        $"A preview (-Preview, --preview) is not possible, since '{PosixText.Printable(path)}' cannot be prepared: "
            + $"{LaunchMessages.Describe(error)}. Nothing was run.");
}
