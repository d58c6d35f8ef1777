using System.Globalization;

namespace Landlock.Linux;

/// <summary>A mount, as /proc/self/mountinfo has it (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">Its identifier, that of statx(2).</param>
/// <param name="Device">Major and minor number of the filesystem's device.</param>
/// <param name="Root">Which path of the filesystem is mounted.</param>
/// <param name="Point">Where.</param>
/// <param name="Type">Type of the filesystem, such as "ext4".</param>
internal sealed record MountEntry(ulong Id, string Device, string Root, string Point, string Type);

/// <summary>The mounts that this process sees.</summary>
internal static class MountTable
{
    // Of this thread, which may have left the namespace of the others.
    private const string Source = "/proc/thread-self/mountinfo";

    /// <summary>Reads the table.</summary>
    /// <exception cref="KernelException">It cannot be read; /proc may not be mounted.</exception>
    internal static List<MountEntry> Read()
    {
        try
        {
            return Parse(File.ReadAllBytes(Source));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelException("open", e is UnauthorizedAccessException ? Errno.EACCES : Errno.ENOENT, Source);
        }
    }

    /// <summary>Reads the text of the table; lines that are none of it are passed over.</summary>
    internal static List<MountEntry> Parse(ReadOnlySpan<byte> text)
    {
        List<MountEntry> mounts = [];
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext4 /dev/root rw
            string[] fields = PosixText.Decode(line).Split(' ', 6);
            if (fields.Length == 6 && ulong.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong id))
                mounts.Add(new MountEntry(id, fields[2], Unescape(fields[3]), Unescape(fields[4]), Type(fields[5])));
        }

        return mounts;
    }

    // Behind any number of optional fields.
    private static string Type(string fields)
    {
        int mark = fields.IndexOf(" - ", StringComparison.Ordinal);
        return mark < 0 ? "" : fields[(mark + 3)..].Split(' ')[0];
    }

    // Blank, tab, newline and backslash are written as three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        System.Text.StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}
