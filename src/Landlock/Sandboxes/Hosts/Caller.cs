using System.Runtime.InteropServices;
using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// The thread of the command whose call waits. What is read of it is read once, and decided on the copy; it counts only if the call still
/// waits afterwards, since the thread's number may be another's by then.
/// </summary>
internal readonly struct Caller(CallListener listener, WaitingCall call)
{
    /// <summary>The call.</summary>
    public WaitingCall Call => call;

    /// <summary>Whether it still waits.</summary>
    public bool IsWaiting => listener.IsWaiting(call);

    /// <summary>Answers with an error, or 0; false if nobody waits for it any more.</summary>
    public bool Refuse(Errno error) => listener.Answer(call, 0, (int)error);

    /// <summary>Answers with a value.</summary>
    public void Answer(long value) => _ = listener.Answer(call, value, 0);

    /// <summary>Lets the kernel make the call, where whatever is in memory by then can reach nobody.</summary>
    public void Continue() => listener.Continue(call);

    /// <summary>Answers with a descriptor for a file that is open here.</summary>
    public Errno Give(int descriptor, bool closeOnExec) => listener.Give(call, descriptor, closeOnExec);

    /// <summary>Reads its memory.</summary>
    public Errno Read(ulong address, Span<byte> bytes)
    {
        Errno error = OtherProcess.Read(call.Thread, address, bytes);
        return error != Errno.None ? error : IsWaiting ? Errno.None : Errno.ENOENT;
    }

    /// <summary>Reads a number.</summary>
    public Errno Read<T>(ulong address, out T value)
        where T : unmanaged
    {
        value = default;
        return Read(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
    }

    /// <summary>Reads an address that the call has an argument for.</summary>
    public Errno Read(ulong address, ulong length, out SocketAddress copy)
    {
        copy = default;
        int size = (int)(uint)length;
        if (size is < sizeof(ushort) or > SocketAddress.Largest) return Errno.EINVAL;
        copy.Length = size;
        return Read(address, copy.Bytes[..size]);
    }

    /// <summary>Writes its memory.</summary>
    public Errno Write(ulong address, ReadOnlySpan<byte> bytes) =>
        IsWaiting ? OtherProcess.Write(call.Thread, address, bytes) : Errno.ENOENT;

    /// <summary>Writes a number.</summary>
    public Errno Write<T>(ulong address, T value)
        where T : unmanaged => Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Writes an address, as far as there is room, and how long it is.</summary>
    public Errno Write(ulong to, ulong toLength, in SocketAddress address)
    {
        SocketAddress copy = address;
        Errno error = Read(toLength, out uint room);
        if (error == Errno.None) error = Write(to, copy.Bytes[..(int)Math.Min(room, (uint)copy.Length)]);
        return error == Errno.None ? Write(toLength, (uint)copy.Length) : error;
    }

    /// <summary>
    /// A duplicate of a descriptor that it has. What it is is asked of the duplicate, and done to the duplicate, so that nothing can change
    /// in between.
    /// </summary>
    /// <returns>The descriptor, or a negative errno.</returns>
    public int Take(ulong descriptor)
    {
        int taken = OtherProcess.Take(call.Thread, (int)descriptor);
        if (taken < 0) return taken == -(int)Errno.EPERM ? -(int)Errno.EACCES : taken;
        if (IsWaiting) return taken;
        _ = Syscalls.Close(taken);
        return -(int)Errno.ENOENT;
    }
}
