using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>
/// What names a directory for temporary files: something nobody can guess, so that nobody takes the name before. Whose it is stands in a
/// link in it (symlink(7)), which is there as a whole or not at all: the process it belongs to, so that others see when it is gone, and the
/// namespace in which that is its number, so that those elsewhere do not take it for gone.
/// </summary>
internal static unsafe class ScratchName
{
    private const int StatSize = 4096;
    private const int OwnerSize = 64;
    private const ulong RandomBytes = 25;

    public static byte* None => null;

    /// <summary>Process, start and PID namespace, in decimal, with dots between.</summary>
    public static byte* Owner;

    /// <summary>Finds both; 0, or the errno of the call that failed.</summary>
    /// <param name="environment">That of this process, behind which the kernel's vector lies.</param>
    /// <param name="owned">Whether the owner is asked for.</param>
    /// <param name="name">The name.</param>
    public static int Find(byte** environment, bool owned, byte** name)
    {
        long memory = Native.MapAnonymous(OwnerSize + OwnerSize + StatSize);
        if (Native.Failed(memory))
            return (int)-memory;
        byte* random = Random(environment);
        if (!owned && random != null)
            return Write((byte*)memory, random, name);
        byte* text = (byte*)memory + OwnerSize + OwnerSize;
        ulong space = 0;
        int error = ReadStatus(text);
        if (error == 0)
            error = FindSpace(&space);
        if (error != 0 || random == null)
            return error != 0 ? error : Native.NoEntry;

        Owner = (byte*)memory + OwnerSize;
        byte* end = Number(Owner, Native.ProcessId());
        *end++ = (byte)'.';
        end = CopyStart(text, end);
        if (end == null)
            return Native.NoEntry;
        *end++ = (byte)'.';
        Number(end, space);

        return Write((byte*)memory, random, name);
    }

    private static int Write(byte* memory, byte* random, byte** name)
    {
        *name = memory;
        for (int i = 0; i < PlanLayout.ScratchNameLength; i++)
        {
            int digit = random[i] & 31;
            (*name)[i] = (byte)(digit < 10 ? '0' + digit : 'a' - 10 + digit);
        }

        return 0;
    }

    private static byte* Number(byte* text, ulong number)
    {
        ulong rest = number;
        do
        {
            text++;
            rest /= 10;
        }
        while (rest != 0);
        byte* digit = text;
        do
        {
            *--digit = (byte)('0' + (number % 10));
            number /= 10;
        }
        while (number != 0);
        return text;
    }

    // A kernel without PID namespaces has no such file.
    private static int FindSpace(ulong* number)
    {
        long file = Native.OpenPath((byte*)"/proc/self/ns/pid\0"u8.Address);
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
    private static byte* CopyStart(byte* text, byte* destination)
    {
        const int most = 20;
        byte* end = text + StatSize - 1;
        while (end > text && *end != ')')
            end--;
        for (int blanks = 0; blanks < 20; end++)
        {
            if (*end == 0)
                return null;
            if (*end == ' ')
                blanks++;
        }

        int digits = 0;
        while (end[digits] >= '0' && end[digits] <= '9')
        {
            if (digits == most)
                return null;
            *destination++ = end[digits++];
        }

        return digits == 0 ? null : destination;
    }
}
