using System.Buffers.Binary;
using System.Text;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

public sealed class LdSoCacheTests
{
    private const ulong HwCaps = 1UL << 62;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Entries_are_found_by_name_in_their_order(bool big, bool old)
    {
        LdSoCache cache = LdSoCache.Parse(Build(big, old,
            ("libz.so.10", "/z10", 0x303, 0), ("libz.so.9", "/v3/z9", 0x303, HwCaps), ("libz.so.9", "/z9", 0x303, 0),
            ("libz.so.9", "/32/z9", 3, 0),
            ("libc.so.6", "/c6", 0x303, 0), ("a", "/a\u00e9", 0x303, 0)));

        Assert.Equal(6, cache.Count);
        Assert.Equal([new LdSoCacheEntry("/v3/z9", 0x303, HwCaps), new LdSoCacheEntry("/z9", 0x303, 0), new LdSoCacheEntry("/32/z9", 3, 0)],
            cache.Find("libz.so.9"));
        Assert.Equal("/z10", Assert.Single(cache.Find("libz.so.10")).Path);
        Assert.Equal("/c6", Assert.Single(cache.Find("libc.so.6")).Path);
        Assert.Equal("/a\u00e9", Assert.Single(cache.Find("a")).Path);
        Assert.Empty(cache.Find("libz.so"));
        Assert.Empty(cache.Find("libz.so.90"));
        Assert.Empty(cache.Find("zzz"));
        Assert.Empty(cache.Find(""));
        Assert.Equal(["libz.so.10", "libz.so.9", "libz.so.9", "libz.so.9", "libc.so.6", "a"], cache.Names());
    }

    [Fact]
    public void Damaged_caches_are_survived()
    {
        byte[] good = Build(false, true, ("libb.so", "/b", 0x303, 0), ("liba.so", "/a", 0x303, 0));
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = good[..random.Next(good.Length + 1)];
            for (int j = random.Next(4); j > 0 && bad.Length > 0; j--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            LdSoCache cache = LdSoCache.Parse(bad);
            _ = cache.Find("liba.so");
            _ = cache.Find("libb.so");
        }

        Assert.Equal(0, LdSoCache.Read("/nowhere/ld.so.cache").Count);
        Assert.Equal(0, LdSoCache.Parse([]).Count);
    }

    [Fact]
    public void Every_library_of_this_system_is_found()
    {
        if (!File.Exists("/etc/ld.so.cache")) return;
        LdSoCache cache = LdSoCache.Read("/etc/ld.so.cache");
        Assert.True(cache.Count > 0);
        foreach (string name in cache.Names()) Assert.NotEmpty(cache.Find(name));
    }

    /// <summary>A cache of entries that are in descending order already.</summary>
    internal static byte[] Build(bool big, bool old, params (string Name, string Path, int Flags, ulong HwCaps)[] entries)
    {
        int start = old ? (16 + (2 * 12) + 7) & ~7 : 0;
        int strings = 48 + (entries.Length * 24);
        byte[] file = new byte[start + strings + entries.Sum(e => Encoding.UTF8.GetByteCount(e.Name + e.Path) + 2)];
        if (old)
        {
            "ld.so-1.7.0"u8.CopyTo(file);
            Int(file.AsSpan(12), 2);
        }

        Span<byte> cache = file.AsSpan(start);
        "glibc-ld.so.cache1.1"u8.CopyTo(cache);
        Int(cache[20..], (uint)entries.Length);
        Int(cache[24..], (uint)(cache.Length - strings));
        cache[28] = (byte)(big ? 3 : 2);
        int at = strings;
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = cache[(48 + (i * 24))..];
            Int(entry, (uint)entries[i].Flags);
            Int(entry[4..], (uint)at);
            at += Encoding.UTF8.GetBytes(entries[i].Name, cache[at..]) + 1;
            Int(entry[8..], (uint)at);
            at += Encoding.UTF8.GetBytes(entries[i].Path, cache[at..]) + 1;
            if (big) BinaryPrimitives.WriteUInt64BigEndian(entry[16..], entries[i].HwCaps);
            else BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], entries[i].HwCaps);
        }

        return file;

        void Int(Span<byte> to, uint value)
        {
            if (big) BinaryPrimitives.WriteUInt32BigEndian(to, value);
            else BinaryPrimitives.WriteUInt32LittleEndian(to, value);
        }
    }
}
