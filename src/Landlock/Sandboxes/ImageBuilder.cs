using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Landlock.Sandboxes;

/// <summary>Lays out records and texts one after the other in a growing block of memory.</summary>
/// <param name="scratch">The directory for temporary files, which has no name yet; null if there is none.</param>
internal sealed class ImageBuilder(string? scratch)
{
    // The whole path: twelve zeros alone could be anything in anybody's argument.
    private readonly byte[] _unnamed = scratch is null ? [] : PosixText.Encode(ScratchDirectory.Around(scratch));
    private readonly Dictionary<string, uint> _texts = new(StringComparer.Ordinal);
    private byte[] _bytes = new byte[16 << 10];
    private int _length;

    /// <summary>Where texts hold <see cref="ScratchDirectory.Unnamed"/> as part of the directory's path.</summary>
    public List<uint> Unnamed { get; } = [];

    /// <summary>Whether the image is read at another time, after the machine was started anew: of a compiled command.</summary>
    public bool IsLasting { get; init; }

    /// <summary>Bytes used so far.</summary>
    public uint Length => (uint)_length;

    /// <summary>Makes room for records, aligned to 8 bytes and zeroed; returns their offset.</summary>
    public uint Reserve<T>(int count)
        where T : unmanaged
    {
        _length = (_length + 7) & ~7;
        int offset = _length;
        Grow(checked(count * Unsafe.SizeOf<T>()));
        return (uint)offset;
    }

    /// <summary>Writes one record of a reserved table.</summary>
    public void Set<T>(uint table, int index, T value)
        where T : unmanaged =>
        MemoryMarshal.Write(_bytes.AsSpan((int)table + (index * Unsafe.SizeOf<T>())), in value);

    /// <summary>Adds a text once; returns its offset, or 0 for null.</summary>
    public uint Text(string? text)
    {
        if (text is null) return 0;
        if (_texts.TryGetValue(text, out uint known)) return known;
        byte[] bytes = PosixText.Encode(text);
        uint offset = (uint)_length;
        Grow(bytes.Length + 1);
        bytes.CopyTo(_bytes, offset);
        int place = _unnamed.Length - ScratchDirectory.Unnamed.Length;
        for (int from = 0, at; _unnamed.Length > 0 && (at = bytes.AsSpan(from).IndexOf(_unnamed)) >= 0; from += at + _unnamed.Length)
            Unnamed.Add((uint)(offset + from + at + place));
        _texts.Add(text, offset);
        return offset;
    }

    /// <summary>A table of text offsets.</summary>
    public uint Texts(IReadOnlyList<string> texts)
    {
        uint table = Reserve<uint>(texts.Count);
        for (int i = 0; i < texts.Count; i++) Set(table, i, Text(texts[i]));
        return table;
    }

    /// <summary>The finished block, with its header and checksum.</summary>
    public unsafe byte[] Finish(uint head, PlanHeader header)
    {
        _ = Reserve<ulong>(0);
        header.Size = Length;
        Set(head, 0, header);
        fixed (byte* image = _bytes) header.Checksum = PlanChecksum.Of(image, header.Size);
        Set(head, 0, header);
        return _bytes[.._length];
    }

    private void Grow(int count)
    {
        long needed = (long)_length + count;
        if (needed > PlanLayout.MaxSize)
            throw new LaunchException(LaunchProblem.SetupFailed, null,
                $"The plan is larger than {PlanLayout.MaxSize >> 20} MiB: too many rules, arguments or environment entries.");
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Max(needed, Math.Min(_bytes.Length * 2L, PlanLayout.MaxSize)));
        _length = (int)needed;
    }
}
