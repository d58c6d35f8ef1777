
namespace Landlock.Sandboxes.Needs;

/// <summary>The first line of a script, as Linux reads it (execve(2), "Interpreter scripts"; fs/binfmt_script.c).</summary>
/// <param name="Interpreter">The path of the interpreter, relative to the working directory unless it starts with a slash.</param>
/// <param name="Argument">All the rest of the line, which is one argument, or null when there is none.</param>
internal sealed record Shebang(string Interpreter, string? Argument)
{
    /// <summary>How much of a script the kernel looks at (BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h, since Linux 5.1).</summary>
    public const int BufferSize = 256;

    /// <summary>How many scripts in a row may be interpreters of one another (fs/exec.c, exec_binprm).</summary>
    public const int MaxDepth = 5;

    /// <summary>
    /// Reads the line from the first <see cref="BufferSize"/> bytes of a file, or gives null where the kernel gives ENOEXEC.
    /// </summary>
    public static Shebang? Parse(ReadOnlySpan<byte> start)
    {
        if (!start.StartsWith("#!"u8)) return null;
        Span<byte> buffer = stackalloc byte[BufferSize]; // NUL after a shorter file, as in the kernel
        buffer.Clear();
        start[..Math.Min(start.Length, BufferSize)].CopyTo(buffer);

        const int last = BufferSize - 1;
        int end = buffer.IndexOfAny((byte)'\n', (byte)0);
        if (end < 0 || buffer[end] != '\n')
        {
            // Without a newline, the path counts only when something ends it; otherwise it may be cut off.
            int name = SkipBlanks(buffer, 2, last);
            if (name < 0 || FindTerminator(buffer, name, last) < 0) return null;
            end = last;
        }

        while (IsBlank(buffer[end - 1])) end--;
        int first = SkipBlanks(buffer, 2, end);
        if (first < 0 || first == end) return null;

        int separator = FindTerminator(buffer, first, end);
        int argument = separator >= 0 && buffer[separator] != 0 ? SkipBlanks(buffer, separator, end) : -1;
        buffer[end] = 0;
        string? text = argument < 0 ? null : Text(buffer[argument..]);
        if (separator >= 0) buffer[separator] = 0;
        string interpreter = Text(buffer[first..]);

        // An empty path is what "#!" followed by NUL gives; opening it fails.
        return interpreter.Length == 0 ? null : new Shebang(interpreter, text);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => PosixText.Decode(bytes[..bytes.IndexOf((byte)0)]);

    private static int SkipBlanks(ReadOnlySpan<byte> buffer, int from, int to)
    {
        for (int i = from; i <= to; i++)
        {
            if (!IsBlank(buffer[i])) return i;
        }

        return -1;
    }

    private static int FindTerminator(ReadOnlySpan<byte> buffer, int from, int to)
    {
        for (int i = from; i <= to; i++)
        {
            if (IsBlank(buffer[i]) || buffer[i] == 0) return i;
        }

        return -1;
    }

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t';
}
