using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>
/// The kernel's audit log, as it comes (netlink(7), NETLINK_AUDIT). Reading along is possible beside auditd and any other reader.
/// </summary>
internal sealed unsafe partial class AuditSocket : IDisposable
{
    private const int Netlink = 16; // AF_NETLINK
    private const int Raw = 3 | 0x80000; // SOCK_RAW | SOCK_CLOEXEC
    private const int AuditProtocol = 9; // NETLINK_AUDIT
    private const uint ReadLog = 1; // 1 << (AUDIT_NLGRP_READLOG - 1)
    private const int Header = 16; // sizeof(struct nlmsghdr)
    private const int GetStatus = 1000; // AUDIT_GET
    private const int ErrorMessage = 2; // NLMSG_ERROR
    private const int SocketLevel = 1, ReceiveBufferForce = 33; // SOL_SOCKET, SO_RCVBUFFORCE
    private const int SenderSize = 12; // sizeof(struct sockaddr_nl)
    private const int DontWait = 0x40; // MSG_DONTWAIT

    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = new byte[65536];

    private AuditSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>Whether the last <see cref="Receive"/> found that the kernel had dropped records for this reader.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Begins to read along. Needs CAP_AUDIT_READ in the first user namespace.</summary>
    /// <exception cref="KernelException">It is not permitted (EPERM), or the kernel has no audit (EPROTONOSUPPORT).</exception>
    public static AuditSocket Listen()
    {
        AuditSocket socket = Open();
        try
        {
            int size = 8 << 20;
            _ = setsockopt(socket._socket, SocketLevel, ReceiveBufferForce, &size, sizeof(int));
            byte* address = stackalloc byte[12];
            new Span<byte>(address, 12).Clear();
            *(ushort*)address = Netlink;
            *(uint*)(address + 8) = ReadLog;
            if (bind(socket._socket, address, 12) != 0) throw new KernelException("bind", Syscalls.LastError, "the audit log");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the kernel writes an audit log at all (AUDIT_GET); null where this may not be asked, which takes CAP_AUDIT_CONTROL.
    /// </summary>
    public static bool? IsEnabled()
    {
        try
        {
            using AuditSocket socket = Open();
            byte* request = stackalloc byte[Header];
            new Span<byte>(request, Header).Clear();
            *(uint*)request = Header;
            *(ushort*)(request + 4) = GetStatus;
            *(ushort*)(request + 6) = 1; // NLM_F_REQUEST
            *(uint*)(request + 8) = 1;
            byte* kernel = stackalloc byte[12];
            new Span<byte>(kernel, 12).Clear();
            *(ushort*)kernel = Netlink;
            if (sendto(socket._socket, request, Header, 0, kernel, 12) < 0) return null;
            for (int attempt = 0; attempt < 8; attempt++)
            {
                if (socket.Next(1000) is not { } message) return null;
                if (message.Type == ErrorMessage) return null;
                // struct audit_status: mask, enabled, ...
                if (message.Type == GetStatus && message.Payload.Length >= 8)
                    return BinaryPrimitives.ReadUInt32LittleEndian(message.Payload.AsSpan(4)) != 0;
            }

            return null;
        }
        catch (KernelException)
        {
            return null;
        }
    }

    /// <summary>Waits for a record.</summary>
    /// <param name="milliseconds">How long at most.</param>
    /// <param name="type">Its type.</param>
    /// <returns>Its text; null if there was none in time.</returns>
    /// <exception cref="KernelException">The socket failed.</exception>
    public string? Receive(int milliseconds, out int type)
    {
        (int Type, byte[] Payload)? message = Next(milliseconds);
        type = message?.Type ?? 0;
        return message is { } found ? PosixText.Decode(found.Payload.AsSpan().TrimEnd((byte)0)) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static AuditSocket Open()
    {
        int descriptor = Syscalls.Socket(Netlink, Raw, AuditProtocol);
        if (descriptor < 0) throw new KernelException("socket", Syscalls.LastError, "the audit log");
        return new AuditSocket(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    private (int Type, byte[] Payload)? Next(int milliseconds)
    {
        Overflowed = false;
        Syscalls.PollEntry entry = new() { Descriptor = (int)_socket.DangerousGetHandle(), Events = Syscalls.PollEntry.Readable };
        if (Syscalls.Poll(&entry, 1, milliseconds) <= 0) return null;
        nint length;
        byte* sender = stackalloc byte[SenderSize];
        uint senderSize = SenderSize;
        fixed (byte* bytes = _buffer) length = recvfrom(_socket, bytes, (nuint)_buffer.Length, DontWait, sender, &senderSize);
        if (length < 0)
        {
            Errno error = Syscalls.LastError;
            Overflowed = error == Errno.ENOBUFS;
            return Overflowed || error is Errno.EAGAIN or Errno.EINTR ? null : throw new KernelException("recv", error, "the audit log");
        }

        // Whoever may administer the network can send here, too; number 0 is the kernel.
        if (senderSize < SenderSize || *(uint*)(sender + 4) != 0) return null;
        // Old kernels leave the header out of nlmsg_len; a datagram is one message anyway.
        return length < Header ? null : (BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(4)), _buffer[Header..(int)length]);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(SafeFileHandle socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeFileHandle socket, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendto(SafeFileHandle socket, byte* bytes, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvfrom(SafeFileHandle socket, byte* bytes, nuint length, int flags, byte* address, uint* addressLength);
}
