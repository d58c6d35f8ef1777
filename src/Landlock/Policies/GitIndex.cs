using System.Buffers.Binary;

namespace Landlock.Policies;

/// <summary>Looks into the index of a Git repository: which files it keeps (gitformat-index(5)).</summary>
internal static class GitIndex
{
    private const uint Signature = 0x44495243; // "DIRC"
    private const int StatBytes = 40;
    private const int Extended = 0x4000;

    /// <summary>Whether the index has files beneath a directory. False where it cannot be read.</summary>
    /// <param name="index">The file's content.</param>
    /// <param name="directory">The directory, relative to the repository's.</param>
    public static bool Holds(ReadOnlySpan<byte> index, ReadOnlySpan<byte> directory)
    {
        if (index.Length < 12 || BinaryPrimitives.ReadUInt32BigEndian(index) != Signature) return false;
        uint version = BinaryPrimitives.ReadUInt32BigEndian(index[4..]);
        uint count = BinaryPrimitives.ReadUInt32BigEndian(index[8..]);
        if (version is < 2 or > 4) return false;
        // The repository's configuration tells which hash it uses; with the wrong one entries and extensions do not end at the checksum.
        return Search(index[12..], version, count, 20, directory) ?? Search(index[12..], version, count, 32, directory) ?? false;
    }

    private static bool? Search(ReadOnlySpan<byte> entries, uint version, uint count, int hash, ReadOnlySpan<byte> directory)
    {
        List<byte> name = [];
        List<byte> last = [];
        for (uint i = 0; i < count; i++)
        {
            int start = StatBytes + hash + 2;
            if (entries.Length < start) return null;
            int flags = BinaryPrimitives.ReadUInt16BigEndian(entries[(start - 2)..]);
            if ((flags & Extended) != 0) start += 2;
            if (entries.Length < start) return null;
            if (version == 4)
            {
                if (!Number(entries, ref start, out int dropped) || dropped > name.Count) return null;
                name.RemoveRange(name.Count - dropped, dropped);
            }
            else
            {
                name.Clear();
            }

            int length = entries[start..].IndexOf((byte)0);
            if (length < 0) return null;
            name.AddRange(entries.Slice(start, length));
            int end = version == 4 ? start + length + 1 : (start + length + 8) & ~7;
            if (name.Count == 0 || end > entries.Length || Compare(name, last) < 0) return null;
            if (IsBeneath(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(name), directory)) return true;
            last.Clear();
            last.AddRange(name);
            entries = entries[end..];
        }

        while (entries.Length > hash)
        {
            if (entries.Length < 8 || BinaryPrimitives.ReadUInt32BigEndian(entries[4..]) is var size && size > entries.Length - 8)
                return null;
            entries = entries[(8 + (int)size)..];
        }

        return entries.Length == hash ? false : null;
    }

    // A sparse index has whole directories as entries, which end with a slash.
    private static bool IsBeneath(ReadOnlySpan<byte> name, ReadOnlySpan<byte> directory) =>
        (name.Length > directory.Length && name.StartsWith(directory) && name[directory.Length] == (byte)'/')
        || (name[^1] == (byte)'/' && directory.StartsWith(name));

    private static int Compare(List<byte> a, List<byte> b) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(a)
            .SequenceCompareTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(b));

    // The variable width encoding of an offset delta in a pack.
    private static bool Number(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        value = 0;
        for (int i = 0; i < 5 && position < bytes.Length; i++)
        {
            byte next = bytes[position++];
            value = i == 0 ? next & 127 : ((value + 1) << 7) | (next & 127);
            if ((next & 128) == 0) return value >= 0;
        }

        return false;
    }
}
