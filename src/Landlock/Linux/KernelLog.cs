using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>The kernel's own messages, as dmesg(1) shows them (/dev/kmsg).</summary>
internal static unsafe partial class KernelLog
{
    private const string Device = "/dev/kmsg";
    private const int Flags = 0x800 | 0x80000; // O_RDONLY | O_NONBLOCK | O_CLOEXEC

    /// <summary>The messages that are still in the ring, oldest first; not those that programs wrote into it.</summary>
    /// <exception cref="KernelException">It may not be read (EPERM), or is not there.</exception>
    internal static List<string> Read()
    {
        byte[] name = PosixText.Terminated(Device);
        int descriptor;
        fixed (byte* bytes = name) descriptor = open(bytes, Flags, 0);
        if (descriptor < 0) throw new KernelException("open", Syscalls.LastError, Device);
        try
        {
            List<string> messages = [];
            Span<byte> buffer = stackalloc byte[8192];
            while (true)
            {
                nint length;
                fixed (byte* bytes = buffer) length = Syscalls.Read(descriptor, bytes, (nuint)buffer.Length);
                if (length > 0)
                {
                    if (Message(buffer[..(int)length]) is { } message) messages.Add(message);
                    continue;
                }

                Errno error = length == 0 ? Errno.EAGAIN : Syscalls.LastError;
                // EPIPE: the next message was overwritten meanwhile; reading goes on behind it.
                if (error is Errno.EPIPE or Errno.EINTR) continue;
                return error == Errno.EAGAIN ? messages : throw new KernelException("read", error, Device);
            }
        }
        finally
        {
            _ = Syscalls.Close(descriptor);
        }
    }

    // "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT\n KEY=VALUE..."; a priority from 8 on has a facility, which only programs give.
    private static string? Message(ReadOnlySpan<byte> record)
    {
        int comma = record.IndexOf((byte)','), text = record.IndexOf((byte)';');
        if (comma < 1 || text < comma || !int.TryParse(PosixText.Decode(record[..comma]), out int priority) || priority > 7) return null;
        ReadOnlySpan<byte> rest = record[(text + 1)..];
        int end = rest.IndexOf((byte)'\n');
        return PosixText.Decode(end < 0 ? rest : rest[..end]);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);
}
