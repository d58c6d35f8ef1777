using System.Buffers.Binary;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Reads the parts of an ELF file that loading needs (gABI chapters 4 and 5; elf(5)). Every offset comes from a file that may be hostile:
/// reads are bounded by the file, and counts by the limits below, so time and memory are bounded too.
/// </summary>
internal sealed class ElfReader(FileWindow window)
{
    private const int MaxHeaderBytes = 65536; // Linux refuses larger program header tables (fs/binfmt_elf.c, load_elf_phdrs).
    private const int MaxDynamicEntries = 4096;
    private const int MaxName = 4095; // PATH_MAX without its NUL
    private const int MaxSearchPath = 65536;
    private const int MaxText = 1 << 20;

    private bool _wide;
    private bool _big;
    private int _text;
    private readonly List<Segment> _loaded = [];

    private int HeaderSize => _wide ? 56 : 32;

    internal ElfReading Read()
    {
        if (!window.TryRead(0, 16, out ReadOnlySpan<byte> ident) || !ident.StartsWith("\u007fELF"u8)) return Bad("It is not an ELF file.");
        if (ident[4] is not (1 or 2) || ident[5] is not (1 or 2)) return Bad("The ELF file has an unknown word size or byte order.");
        _wide = ident[4] == 2;
        _big = ident[5] == 2;

        if (!window.TryRead(0, _wide ? 64 : 52, out ReadOnlySpan<byte> header)) return Bad("The ELF header is cut off.");
        int type = Half(header[16..]);
        int machine = Half(header[18..]);
        ulong headers = Word(header[(_wide ? 32 : 28)..]);
        int headerSize = Half(header[(_wide ? 54 : 42)..]);
        int headerCount = Half(header[(_wide ? 56 : 44)..]);
        ElfFile file = new() { Class = _wide ? ElfClass.Elf64 : ElfClass.Elf32, IsBigEndian = _big, Type = type, Machine = machine };
        if (headerCount == 0) return new ElfReading(file, null);
        if (headerSize != HeaderSize || headerCount * HeaderSize > MaxHeaderBytes) return Bad("The ELF program headers have an odd size.");

        Segment? interpreter = null;
        Segment? dynamic = null;
        for (int i = 0; i < headerCount; i++)
        {
            if (ReadSegment(headers, i) is not { } segment) return Bad("The ELF program headers are cut off.");
            if (segment.Type == 1) _loaded.Add(segment); // PT_LOAD
            else if (segment.Type == 2) dynamic = segment; // PT_DYNAMIC
            else if (segment.Type == 3) interpreter ??= segment; // PT_INTERP
        }

        if (interpreter is { } named)
        {
            // Linux wants 2 to PATH_MAX bytes that end in NUL (fs/binfmt_elf.c, load_elf_binary).
            string? path = named.FileSize is >= 2 and <= MaxName + 1 ? window.ReadString(named.Offset, (int)named.FileSize - 1) : null;
            if (string.IsNullOrEmpty(path)) return Bad("The ELF interpreter has no readable path.");
            file = file with { Interpreter = path };
        }

        return dynamic is { } table ? ReadDynamic(file, table) : new ElfReading(file, null);
    }

    private ElfReading ReadDynamic(ElfFile file, Segment table)
    {
        // ld.so finds the table by its address; p_offset says the same in any sane file.
        ulong start = OffsetOf(table.Address) ?? table.Offset;
        int size = _wide ? 16 : 8;
        ulong count = Math.Min(table.FileSize / (ulong)size, MaxDynamicEntries + 1);
        List<ulong> needed = [];
        ulong? strings = null, name = null, rpath = null, runpath = null;
        bool noDefault = false;
        for (ulong i = 0; i < count; i++)
        {
            if (i == MaxDynamicEntries) return Bad("The ELF dynamic section is too large.");
            if (!window.TryRead(start + (i * (ulong)size), size, out ReadOnlySpan<byte> entry))
                return Bad("The ELF dynamic section is cut off.");
            ulong tag = Word(entry);
            ulong value = Word(entry[(size / 2)..]);
            if (tag == 0) break; // DT_NULL
            if (tag == 1) needed.Add(value); // DT_NEEDED
            else if (tag == 5) strings = value; // DT_STRTAB
            else if (tag == 14) name = value; // DT_SONAME
            else if (tag == 15) rpath = value; // DT_RPATH
            else if (tag == 29) runpath = value; // DT_RUNPATH
            else if (tag == 0x6ffffffb) noDefault = (value & 0x800) != 0; // DT_FLAGS_1, DF_1_NODEFLIB
        }

        file = file with { IsDynamic = true, NoDefaultLibraries = noDefault };
        if (needed.Count == 0 && name is null && rpath is null && runpath is null) return new ElfReading(file, null);
        if (strings is not { } address || OffsetOf(address) is not { } offset) return Bad("The ELF string table is outside the file.");

        List<string> libraries = new(needed.Count);
        foreach (ulong library in needed)
        {
            if (Text(offset, library, MaxName) is not { } text) return Bad("The name of a needed library is not readable.");
            libraries.Add(text);
        }

        file = file with
        {
            Needed = libraries,
            SharedName = name is null ? null : Text(offset, name.Value, MaxName),
            RPath = rpath is null ? null : Text(offset, rpath.Value, MaxSearchPath),
            RunPath = runpath is null ? null : Text(offset, runpath.Value, MaxSearchPath),
        };
        bool lost = (name is not null && file.SharedName is null) || (rpath is not null && file.RPath is null)
            || (runpath is not null && file.RunPath is null);
        return lost ? Bad("A text of the ELF dynamic section is not readable.") : new ElfReading(file, null);
    }

    private string? Text(ulong table, ulong offset, int limit)
    {
        ulong at = unchecked(table + offset);
        string? text = at < table ? null : window.ReadString(at, limit);
        if (text is not null) _text += text.Length;
        return _text > MaxText ? null : text;
    }

    private Segment? ReadSegment(ulong headers, int index)
    {
        ulong at = unchecked(headers + (ulong)(index * HeaderSize));
        if (at < headers || !window.TryRead(at, HeaderSize, out ReadOnlySpan<byte> header)) return null;
        return _wide
            ? new Segment(Int(header), Word(header[8..]), Word(header[16..]), Word(header[32..]))
            : new Segment(Int(header), Word(header[4..]), Word(header[8..]), Word(header[16..]));
    }

    /// <summary>The file offset of an address, by the PT_LOAD segment that holds it (gABI, "Program Header").</summary>
    private ulong? OffsetOf(ulong address)
    {
        foreach (Segment segment in _loaded)
        {
            if (address < segment.Address) continue;
            ulong delta = address - segment.Address;
            if (delta < segment.FileSize && unchecked(segment.Offset + delta) >= segment.Offset) return segment.Offset + delta;
        }

        return null;
    }

    private int Half(ReadOnlySpan<byte> bytes) =>
        _big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint Int(ReadOnlySpan<byte> bytes) =>
        _big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private ulong Word(ReadOnlySpan<byte> bytes)
    {
        if (!_wide) return Int(bytes);
        return _big ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private static ElfReading Bad(string problem) => new(null, problem);

    private readonly record struct Segment(uint Type, ulong Offset, ulong Address, ulong FileSize);
}
