using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>Reads files of a bounded size.</summary>
internal static class SmallFile
{
    /// <summary>The content of a regular file, or null when it cannot be read or has more than <paramref name="limit"/> bytes.</summary>
    internal static byte[]? Read(string path, int limit)
    {
        using SafeFileHandle? file = PosixFile.OpenRead(path);
        return file is null ? null : Read(file, limit);
    }

    /// <summary>The same of a file that is open.</summary>
    internal static byte[]? Read(SafeFileHandle file, int limit)
    {
        try
        {
            long length = RandomAccess.GetLength(file);
            if (length > limit) return null;
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
            return Fill(file, bytes) == bytes.Length ? bytes : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The first bytes of a regular file, fewer when it is shorter, or null when it cannot be read.</summary>
    internal static byte[]? ReadStart(string path, int count)
    {
        using SafeFileHandle? file = PosixFile.OpenRead(path);
        return file is null ? null : ReadStart(file, count);
    }

    /// <summary>The first bytes of a file, fewer when it is shorter, or null when it cannot be read.</summary>
    internal static byte[]? ReadStart(SafeFileHandle file, int count)
    {
        byte[] bytes = new byte[count];
        try
        {
            int read = Fill(file, bytes);
            return read == count ? bytes : bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Fill(SafeFileHandle file, byte[] bytes)
    {
        int filled = 0;
        while (filled < bytes.Length)
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(filled), filled);
            if (read <= 0) break;
            filled += read;
        }

        return filled;
    }
}
