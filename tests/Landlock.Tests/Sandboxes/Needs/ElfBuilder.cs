using System.Buffers.Binary;
using System.Text;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>Writes minimal ELF files by hand, for every word size and byte order.</summary>
public sealed record ElfBuilder
{
    private const ulong Base = 0x40_0000;

    public bool Wide { get; init; } = true;

    public bool Big { get; init; }

    public int Machine { get; init; } = 62;

    public int Type { get; init; } = ElfFile.TypeShared;

    public string? Interpreter { get; init; }

    public bool Dynamic { get; init; } = true;

    public string[] Needed { get; init; } = [];

    public string? SharedName { get; init; }

    public string? RPath { get; init; }

    public string? RunPath { get; init; }

    public bool NoDefaultLibraries { get; init; }

    public byte[] Build()
    {
        int ehdr = Wide ? 64 : 52;
        int phdr = Wide ? 56 : 32;
        int word = Wide ? 8 : 4;
        int segments = 1 + (Interpreter is null ? 0 : 1) + (Dynamic ? 1 : 0);
        int interpreterAt = ehdr + (segments * phdr);
        byte[] interpreter = Interpreter is null ? [] : Encoding.UTF8.GetBytes(Interpreter + "\0");
        int stringsAt = interpreterAt + interpreter.Length;

        MemoryStream strings = new();
        strings.WriteByte(0);
        List<(ulong Tag, ulong Value)> table = [];
        foreach (string name in Needed) table.Add((1, Text(name)));
        if (SharedName is not null) table.Add((14, Text(SharedName)));
        if (RPath is not null) table.Add((15, Text(RPath)));
        if (RunPath is not null) table.Add((29, Text(RunPath)));
        table.Add((5, Base + (ulong)stringsAt));
        if (NoDefaultLibraries) table.Add((0x6ffffffb, 0x800));
        table.Add((0, 0));

        int dynamicAt = (stringsAt + (int)strings.Length + 15) & ~15;
        int dynamicSize = Dynamic ? table.Count * 2 * word : 0;
        byte[] file = new byte[dynamicAt + dynamicSize];
        "\u007fELF"u8.CopyTo(file);
        file[4] = (byte)(Wide ? 2 : 1);
        file[5] = (byte)(Big ? 2 : 1);
        file[6] = 1;
        Half(file, 16, Type);
        Half(file, 18, Machine);
        Int(file, 20, 1);
        Word(file, Wide ? 32 : 28, (ulong)ehdr);
        Half(file, Wide ? 52 : 40, ehdr);
        Half(file, Wide ? 54 : 42, phdr);
        Half(file, Wide ? 56 : 44, segments);

        int at = ehdr;
        Segment(1, 0, file.Length);
        if (Interpreter is not null) Segment(3, interpreterAt, interpreter.Length);
        if (Dynamic) Segment(2, dynamicAt, dynamicSize);
        interpreter.CopyTo(file, interpreterAt);
        strings.ToArray().CopyTo(file, stringsAt);
        for (int i = 0; Dynamic && i < table.Count; i++)
        {
            Word(file, dynamicAt + (i * 2 * word), table[i].Tag);
            Word(file, dynamicAt + (i * 2 * word) + word, table[i].Value);
        }

        return file;

        ulong Text(string text)
        {
            ulong offset = (ulong)strings.Length;
            strings.Write(Encoding.UTF8.GetBytes(text + "\0"));
            return offset;
        }

        void Segment(int type, int offset, int size)
        {
            Int(file, at, type);
            Word(file, at + (Wide ? 8 : 4), (ulong)offset);
            Word(file, at + (Wide ? 16 : 8), Base + (ulong)offset);
            Word(file, at + (Wide ? 32 : 16), (ulong)size);
            at += phdr;
        }
    }

    private void Half(byte[] file, int at, int value)
    {
        if (Big) BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(at), (ushort)value);
        else BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
    }

    private void Int(byte[] file, int at, int value)
    {
        if (Big) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at), value);
        else BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
    }

    private void Word(byte[] file, int at, ulong value)
    {
        if (!Wide) Int(file, at, unchecked((int)value));
        else if (Big) BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(at), value);
        else BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
    }
}
