using System.Globalization;
using Landlock.Linux;

namespace Landlocked;

/// <summary>Whether a report is JSON, and where it goes.</summary>
internal sealed class JsonTarget
{
    private string? _file;
    private int? _descriptor;

    /// <summary>Whether JSON is wanted.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>The descriptor of a report that was opened; negative where there is none.</summary>
    public int Descriptor { get; private set; } = -1;

    /// <summary>--json, --json-fd and --json-file.</summary>
    /// <typeparam name="T">What the options fill in.</typeparam>
    /// <param name="of">What of it is filled in.</param>
    /// <param name="help">What --json does.</param>
    public static Option<T>[] Options<T>(Func<T, JsonTarget> of, string help) =>
    [
        new("--json", null, help, (target, _) => of(target).IsWanted = true),
        new("--json-fd", "N", "the same, on an open descriptor", (target, value) => of(target).SetDescriptor(value)),
        new("--json-file", "FILE", "the same, in a file", (target, value) => of(target).SetFile(value)),
    ];

    /// <summary>Opens the file, before a command runs whose report could not be written.</summary>
    /// <param name="otherwise">The descriptor where neither a descriptor nor a file was named.</param>
    public void Open(int otherwise)
    {
        if (!IsWanted) return;
        Descriptor = _file is { } file ? Native.OpenForWriting(file) : _descriptor ?? otherwise;
        if (Descriptor < 0)
            throw new UsageException(
                $"--json-file: cannot write to '{PosixText.Printable(_file!)}': {ErrnoText.Describe((Errno)(-Descriptor))}");
    }

    /// <summary>Writes a report.</summary>
    /// <returns>0, or the exit code for a report that cannot be written, which is told.</returns>
    public int Write(ReadOnlySpan<byte> text) => Tell(Native.Write(Descriptor, text));

    /// <summary>Writes a report a part at a time.</summary>
    /// <param name="report">Hands over the parts.</param>
    /// <returns>0, or the exit code for a report that cannot be written, which is told.</returns>
    public int Write(Action<TakePart> report)
    {
        Errno error = Errno.None;
        report(part => (error = Native.Write(Descriptor, part)) == Errno.None);
        return Tell(error);
    }

    private int Tell(Errno error)
    {
        if (error == Errno.None) return 0;
        if (error != Errno.EPIPE)
            Output.Warning($"cannot write the report to '{Name()}': {ErrnoText.Describe(error)}");
        return ExitCodes.SetupFailed;
    }

    private string Name() => _file is { } file ? PosixText.Printable(file)
        : Descriptor switch { 1 => "standard output", 2 => "standard error", var number => $"descriptor {number}" };

    private void SetFile(string value)
    {
        if (_descriptor is not null) throw new UsageException("--json-file and --json-fd name two places; leave out one of them");
        IsWanted = true;
        _file = value switch
        {
            "" => throw new UsageException("--json-file: expected a file, not ''"),
            "-" => throw new UsageException("--json-file: '-' is no file here; for a file of that name write --json-file ./-"),
            _ => value,
        };
    }

    private void SetDescriptor(string value)
    {
        if (_file is not null) throw new UsageException("--json-file and --json-fd name two places; leave out one of them");
        IsWanted = true;
        _descriptor = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new UsageException($"--json-fd: expected a descriptor number, such as 3, not '{PosixText.Printable(value)}'");
        if (!Native.IsOpen(number)) throw new UsageException($"--json-fd: descriptor {number} is not open");
    }
}
