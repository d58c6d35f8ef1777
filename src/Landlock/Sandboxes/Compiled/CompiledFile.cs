using System.Buffers.Binary;

namespace Landlock.Sandboxes.Compiled;

/// <summary>
/// A compiled command as bytes: landlock-exec, the image of a plan, and what was asked for, in one program.
/// </summary>
/// <remarks>
/// Behind landlock-exec, each aligned to 8 bytes: the image, the record (<see cref="CompiledRecord"/>), what a sandbox is told
/// (<see cref="Running.ToldSandbox"/>), the plan as JSON, and a tail of ten numbers: two marks, the place of the image, the four
/// sizes, and a sum over all of them. landlock-exec knows the place and size of the image alone (start-*.S), and has its own sum.
/// </remarks>
/// <param name="Image">The image of the plan.</param>
/// <param name="Record">What was asked for.</param>
/// <param name="Told">What the sandbox is told; empty where it is told something else.</param>
/// <param name="Json">The plan as JSON; empty where there is none.</param>
internal sealed record CompiledFile(byte[] Image, CompiledRecord Record, byte[] Told, byte[] Json)
{
    /// <summary>
    /// The first argument of landlocked that is to plan anew; a descriptor of the file follows, and what it was called with.
    /// </summary>
    public const string Mark = "--planned-anew";

    /// <summary>More than any has: landlock-exec, a plan, and what is told of it.</summary>
    public const int Largest = 256 << 20;

    private const int TailSize = 8 * 8;

    // Those of start-*.S.
    private static ReadOnlySpan<ulong> Marks => [0x4843415454414C4C, 0x9C5A0B1F63D2E784];

    /// <summary>The whole file.</summary>
    /// <param name="executor">The content of landlock-exec.</param>
    /// <exception cref="LaunchException">That is none.</exception>
    public byte[] Write(ReadOnlySpan<byte> executor)
    {
        byte[] record = Record.Write();
        int place = Aligned(executor.Length);
        int[] sizes = [Image.Length, record.Length, Told.Length, Json.Length];
        byte[] file = new byte[place + sizes.Sum(Aligned) + TailSize];
        executor.CopyTo(file);
        int marks = FindMarks(executor);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(marks + 16), (ulong)place);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(marks + 24), (ulong)Image.Length);
        int next = place;
        foreach (byte[] part in (byte[][])[Image, record, Told, Json])
        {
            part.CopyTo(file, next);
            next += Aligned(part.Length);
        }

        Span<byte> tail = file.AsSpan(next);
        ulong[] numbers = [Marks[0], Marks[1], (ulong)place, .. sizes.Select(size => (ulong)size)];
        for (int i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(tail[(8 * i)..], numbers[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(tail[(8 * numbers.Length)..], Sum(file.AsSpan(place, file.Length - place - 8)));
        return file;
    }

    /// <summary>Reads it; null if the file is no compiled command, or a damaged one.</summary>
    public static CompiledFile? Read(ReadOnlySpan<byte> file)
    {
        if (!Is(file)) return null;
        ReadOnlySpan<byte> tail = file[^TailSize..];
        ulong place = Number(tail, 2);
        int[] sizes = new int[4];
        ulong end = place;
        for (int i = 0; i < sizes.Length; i++)
        {
            ulong size = Number(tail, 3 + i);
            if (size > (ulong)file.Length) return null;
            sizes[i] = (int)size;
            end += (ulong)Aligned(sizes[i]);
        }

        if (place > (ulong)file.Length || end != (ulong)(file.Length - TailSize) || (place & 7) != 0
            || Sum(file[(int)place..^8]) != Number(tail, 7))
        {
            return null;
        }

        byte[][] parts = new byte[sizes.Length][];
        int next = (int)place;
        for (int i = 0; i < sizes.Length; i++)
        {
            parts[i] = file.Slice(next, sizes[i]).ToArray();
            next += Aligned(sizes[i]);
        }

        return CompiledRecord.Read(parts[1]) is { } record ? new CompiledFile(parts[0], record, parts[2], parts[3]) : null;
    }

    /// <summary>Whether a file ends as a compiled command does.</summary>
    public static bool Is(ReadOnlySpan<byte> file) =>
        file.Length >= TailSize && Number(file[^TailSize..], 0) == Marks[0] && Number(file[^TailSize..], 1) == Marks[1];

    private static int FindMarks(ReadOnlySpan<byte> executor)
    {
        Span<byte> marks = stackalloc byte[16];
        for (int i = 0; i < 2; i++) BinaryPrimitives.WriteUInt64LittleEndian(marks[(8 * i)..], Marks[i]);
        int found = executor.IndexOf(marks);
        return found >= 0 && found + 32 <= executor.Length && executor[(found + 1)..].IndexOf(marks) < 0 ? found
            : throw new LaunchException(LaunchProblem.SetupFailed, null,
                "landlock-exec is of another version than what compiles; nothing was written. Install both again.");
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * index)..]);

    private static int Aligned(int size) => (size + 7) & ~7;

    private static unsafe ulong Sum(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        fixed (byte* first = copy) return PlanChecksum.Of(first, (uint)copy.Length);
    }
}
