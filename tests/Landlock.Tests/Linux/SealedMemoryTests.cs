using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Tests.Linux;

public sealed class SealedMemoryTests
{
    [Fact]
    public void A_sealed_file_holds_its_bytes_and_refuses_changes()
    {
        byte[] content = [1, 2, 3, 0, 255];
        using SafeFileHandle handle = SealedMemory.Create(content);
        byte[] read = new byte[8];
        Assert.Equal(5, RandomAccess.Read(handle, read, 0));
        Assert.Equal(content, read[..5]);
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(handle, [9], 0));
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(handle, [9], 5));
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(handle, 1));
        Assert.Equal(5, RandomAccess.GetLength(handle));
        Assert.Equal(5, RandomAccess.Read(handle, read, 0));
        Assert.Equal(content, read[..5]);
    }

    [Fact]
    public void A_writable_file_starts_as_zeros_and_keeps_its_size()
    {
        using SafeFileHandle handle = SealedMemory.CreateWritable(4);
        byte[] read = [9, 9, 9, 9, 9];
        Assert.Equal(4, RandomAccess.Read(handle, read, 0));
        Assert.Equal([0, 0, 0, 0, 9], read);
        RandomAccess.Write(handle, [7], 3);
        Assert.Equal(4, RandomAccess.Read(handle, read, 0));
        Assert.Equal([0, 0, 0, 7, 9], read);
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(handle, 8));
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(handle, 2));
    }

    [Fact]
    public void Descriptors_close_on_exec_until_asked_otherwise()
    {
        using SafeFileHandle handle = SealedMemory.CreateWritable(1);
        Assert.True(ClosesOnExec(handle));
        SealedMemory.SetInherited(handle, true);
        Assert.False(ClosesOnExec(handle));
        SealedMemory.SetInherited(handle, false);
        Assert.True(ClosesOnExec(handle));
    }

    private static bool ClosesOnExec(SafeFileHandle handle)
    {
        string flags = File.ReadLines($"/proc/self/fdinfo/{handle.DangerousGetHandle()}")
            .Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & 0x80000) != 0;
    }
}
