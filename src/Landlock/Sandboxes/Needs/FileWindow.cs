using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Needs;

/// <summary>Reads small parts of a file through one buffer, so that neighbouring parts cost a single pread(2).</summary>
internal sealed class FileWindow(SafeFileHandle file) : IDisposable
{
    /// <summary>The most that <see cref="TryRead"/> gives at once.</summary>
    internal const int Size = 4096;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(Size);
    private long _start;
    private int _length;

    /// <summary>
    /// Gives exactly <paramref name="count"/> bytes, valid until the next read, or false when the file does not have them.
    /// </summary>
    internal bool TryRead(ulong offset, int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (offset > (ulong)long.MaxValue - Size) return false;
        long position = (long)offset;
        if (position < _start || position + count > _start + _length) Fill(position);
        if (position + count > _start + _length) return false;
        bytes = _buffer.AsSpan((int)(position - _start), count);
        return true;
    }

    /// <summary>Gives the text up to a NUL byte, or null when it has none within <paramref name="limit"/> bytes or the file.</summary>
    internal string? ReadString(ulong offset, int limit)
    {
        ArrayBufferWriter<byte>? parts = null;
        while (offset <= (ulong)long.MaxValue - Size)
        {
            long position = (long)offset;
            if (position < _start || position >= _start + _length) Fill(position);
            if (position >= _start + _length) return null;
            ReadOnlySpan<byte> here = _buffer.AsSpan((int)(position - _start), (int)(_start + _length - position));
            int end = here.IndexOf((byte)0);
            if ((parts?.WrittenCount ?? 0) + (end < 0 ? here.Length : end) > limit) return null;
            if (end >= 0 && parts is null) return PosixText.Decode(here[..end]);

            parts ??= new ArrayBufferWriter<byte>(here.Length + 256);
            parts.Write(end < 0 ? here : here[..end]);
            if (end >= 0) return PosixText.Decode(parts.WrittenSpan);
            offset += (ulong)here.Length;
        }

        return null;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Fill(long position)
    {
        _start = position;
        _length = 0;
        try
        {
            while (_length < Size)
            {
                int read = RandomAccess.Read(file, _buffer.AsSpan(_length, Size - _length), position + _length);
                if (read <= 0) return;
                _length += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that cannot be read has no bytes to give.
        }
    }
}
