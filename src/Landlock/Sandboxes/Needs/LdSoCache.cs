using System.Buffers.Binary;
using System.Text;
using Landlock.Linux;

namespace Landlock.Sandboxes.Needs;

/// <summary>A library in the cache of ld.so(8): glibc, sysdeps/generic/dl-cache.h, struct file_entry_new.</summary>
/// <param name="Path">Where the library is.</param>
/// <param name="Flags">Its kind, such as 0x0303 (x86-64), 0x0003 (i386 and others) or 0x0a03 (aarch64).</param>
/// <param name="HwCaps">The processor abilities that it wants, or 0 when every processor will do.</param>
internal readonly record struct LdSoCacheEntry(string Path, int Flags, ulong HwCaps);

/// <summary>
/// The cache of library locations that ldconfig(8) writes and ld.so(8) reads (/etc/ld.so.cache), in the format of glibc 2.2 and newer,
/// alone or after a cache in the older format. Names are decoded only when they are found.
/// </summary>
internal sealed class LdSoCache
{
    private const int MaxSize = 64 << 20;
    private const int HeaderSize = 48;
    private const int EntrySize = 24;
    private const int OldHeaderSize = 16;
    private const int OldEntrySize = 12;

    private readonly byte[] _bytes;
    private readonly int _start; // offsets of texts count from here
    private readonly int _count;
    private readonly bool _big;

    private LdSoCache(byte[] bytes, int start, int count, bool big)
    {
        _bytes = bytes;
        _start = start;
        _count = count;
        _big = big;
    }

    /// <summary>A cache without entries.</summary>
    public static LdSoCache Empty { get; } = new([], 0, 0, false);

    /// <summary>The number of libraries.</summary>
    public int Count => _count;

    /// <summary>
    /// Reads the cache at an absolute path; one that is missing, damaged or of another format is empty, as it is for ld.so.
    /// </summary>
    public static LdSoCache Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return SmallFile.Read(path, MaxSize) is { } bytes ? Parse(bytes) : Empty;
    }

    /// <summary>Reads a cache from memory.</summary>
    public static LdSoCache Parse(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        int start = 0;
        if (bytes.AsSpan().StartsWith("ld.so-1.7.0\0"u8) && bytes.Length >= OldHeaderSize)
        {
            // The newer cache follows the entries of the older one, aligned as its widest field is (8 bytes, on i386 4).
            uint little = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
            long after = OldHeaderSize + ((long)Math.Min(little, BinaryPrimitives.ReverseEndianness(little)) * OldEntrySize);
            if (after > bytes.Length) return Empty;
            start = (int)((after + 7) & ~7L);
            if (!IsNew(bytes, start)) start = (int)after;
        }

        if (!IsNew(bytes, start)) return Empty;
        ReadOnlySpan<byte> header = bytes.AsSpan(start);

        // The header says its byte order since glibc 2.33 (1: invalid, 2: little, 3: big); before that, a sane count tells.
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        int order = header[28] & 3;
        if (order == 1) return Empty;
        bool big = order == 3 || (order == 0 && count > BinaryPrimitives.ReverseEndianness(count));
        if (big) count = BinaryPrimitives.ReverseEndianness(count);
        return count <= (header.Length - HeaderSize) / EntrySize ? new LdSoCache(bytes, start, (int)count, big) : Empty;
    }

    /// <summary>Every library of a name, best first: those for some processors only, then those for any.</summary>
    public IReadOnlyList<LdSoCacheEntry> Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_count == 0) return [];
        byte[] wanted = PosixText.Encode(name);
        int low = 0;
        int high = _count;
        while (low < high)
        {
            // The entries are in descending order; look for the first that is not greater than the name.
            int middle = (low + high) >>> 1;
            if (!TryText(Entry(middle, 4), out ReadOnlySpan<byte> key)) return [];
            if (Compare(wanted, key) < 0) low = middle + 1;
            else high = middle;
        }

        List<LdSoCacheEntry> found = [];
        for (int i = low; i < _count && TryText(Entry(i, 4), out ReadOnlySpan<byte> key) && Compare(wanted, key) == 0; i++)
        {
            if (!TryText(Entry(i, 8), out ReadOnlySpan<byte> path)) continue;
            ulong hwcaps = _big ? BinaryPrimitives.ReadUInt64BigEndian(At(i, 16)) : BinaryPrimitives.ReadUInt64LittleEndian(At(i, 16));
            found.Add(new LdSoCacheEntry(PosixText.Decode(path), (int)Entry(i, 0), hwcaps));
        }

        return found;
    }

    /// <summary>The names of all libraries, for display.</summary>
    public IEnumerable<string> Names()
    {
        for (int i = 0; i < _count; i++)
        {
            if (NameAt(i) is { } name) yield return name;
        }
    }

    private string? NameAt(int index) => TryText(Entry(index, 4), out ReadOnlySpan<byte> key) ? Encoding.Latin1.GetString(key) : null;

    private static bool IsNew(byte[] bytes, int start) =>
        bytes.Length - start >= HeaderSize && bytes.AsSpan(start).StartsWith("glibc-ld.so.cache1.1"u8);

    private ReadOnlySpan<byte> At(int index, int field) => _bytes.AsSpan(_start + HeaderSize + (index * EntrySize) + field);

    private uint Entry(int index, int field) =>
        _big ? BinaryPrimitives.ReadUInt32BigEndian(At(index, field)) : BinaryPrimitives.ReadUInt32LittleEndian(At(index, field));

    private bool TryText(uint offset, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (offset >= (uint)(_bytes.Length - _start)) return false;
        ReadOnlySpan<byte> rest = _bytes.AsSpan(_start + (int)offset);
        int end = rest.IndexOf((byte)0);
        if (end < 0) return false;
        text = rest[..end];
        return true;
    }

    /// <summary>
    /// The order of the cache: runs of digits by value, other bytes as they are (glibc, elf/dl-cache.c, _dl_cache_libcmp).
    /// </summary>
    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int l = 0;
        int r = 0;
        while (l < left.Length)
        {
            bool number = IsDigit(left[l]);
            if (r >= right.Length) return 1;
            if (number != IsDigit(right[r])) return number ? 1 : -1;
            if (!number)
            {
                if (left[l] != right[r]) return left[l] - right[r];
                l++;
                r++;
                continue;
            }

            int leftValue = Number(left, ref l);
            int rightValue = Number(right, ref r);
            if (leftValue != rightValue) return leftValue < rightValue ? -1 : 1;
        }

        return r < right.Length ? -1 : 0;
    }

    private static int Number(ReadOnlySpan<byte> text, ref int at)
    {
        int value = 0;
        while (at < text.Length && IsDigit(text[at])) value = unchecked((value * 10) + (text[at++] - '0'));
        return value;
    }

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
}
