namespace Landlock.Launching;

/// <summary>
/// What names a directory for temporary files: the process it belongs to, so that others see when it is gone, the namespace in which that is
/// its number, so that those elsewhere do not take it for gone, and something nobody can guess, so that nobody takes the name before. The form is that of <see cref="PlanLayout.ScratchNameLength"/>.
/// </summary>
internal static unsafe class ScratchName
{
    private const int ProcessDigits = 10;
    private const int StartDigits = 16;
    private const int SpaceDigits = 10;
    private const int RandomDigits = 17;
    private const int StatSize = 4096;
    private const ulong RandomBytes = 25;

    public static byte* None => null;

    /// <summary>Finds it; 0, or the errno of the call that failed.</summary>
    public static int Find(byte** environment, byte** name)
    {
        long memory = Native.MapAnonymous(PlanLayout.ScratchNameLength + StatSize);
        if (Native.Failed(memory))
            return (int)-memory;
        byte* random = Random(environment);
        byte* text = (byte*)memory + PlanLayout.ScratchNameLength;
        ulong space = 0;
        int error = ReadStatus(text);
        if (error == 0)
            error = FindSpace(&space);
        if (error != 0 || random == null)
            return error != 0 ? error : Native.NoEntry;

        *name = (byte*)memory;
        byte* end = Digits(*name, Native.ProcessId(), ProcessDigits);
        *end++ = (byte)'.';
        if (!CopyStart(text, end))
            return Native.NoEntry;
        end += StartDigits;
        *end++ = (byte)'.';
        end = Digits(end, space, SpaceDigits);
        *end++ = (byte)'-';
        for (int i = 0; i < RandomDigits; i++)
        {
            int half = (random[i >> 1] >> ((i & 1) * 4)) & 15;
            *end++ = (byte)(half < 10 ? '0' + half : 'A' - 10 + half);
        }

        return 0;
    }

    private static byte* Digits(byte* text, ulong number, int count)
    {
        for (int i = count - 1; i >= 0; i--, number /= 10)
            text[i] = (byte)('0' + (number % 10));
        return text + count;
    }

    // A kernel without PID namespaces has no such file.
    private static int FindSpace(ulong* number)
    {
        long file = Native.OpenPath((byte*)"/proc/self/ns/pid\0"u8.Address, noLinks: false);
        if (Native.Failed(file))
            return file == -Native.NoEntry ? 0 : (int)-file;
        FileStatus status;
        long result = Native.Stat(file, &status);
        Native.Close(file);
        *number = status.Inode;
        return Native.Failed(result) ? (int)-result : 0;
    }

    // The kernel gives 16 random bytes to each program that it starts, in the vector behind the environment.
    private static byte* Random(byte** environment)
    {
        while (*environment != null)
            environment++;
        for (ulong* entry = (ulong*)(environment + 1); entry[0] != 0; entry += 2)
        {
            if (entry[0] == RandomBytes)
                return (byte*)entry[1];
        }

        return null;
    }

    private static int ReadStatus(byte* text)
    {
        long file = Native.OpenRead((byte*)"/proc/self/stat\0"u8.Address);
        if (Native.Failed(file))
            return (int)-file;
        long length = Native.Read(file, text, StatSize - 1);
        Native.Close(file);
        return Native.Failed(length) ? (int)-length : 0;
    }

    // The program's name, in brackets, may hold anything; the start is the twentieth field behind it.
    private static bool CopyStart(byte* text, byte* destination)
    {
        byte* end = text + StatSize - 1;
        while (end > text && *end != ')')
            end--;
        for (int blanks = 0; blanks < 20; end++)
        {
            if (*end == 0)
                return false;
            if (*end == ' ')
                blanks++;
        }

        int digits = 0;
        while (end[digits] >= '0' && end[digits] <= '9')
            digits++;
        if (digits is 0 or > StartDigits)
            return false;
        for (int i = 0; i < StartDigits; i++)
            destination[i] = i < StartDigits - digits ? (byte)'0' : end[i - StartDigits + digits];
        return true;
    }
}
