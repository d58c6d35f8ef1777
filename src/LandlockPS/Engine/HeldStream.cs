using System.Reflection;

namespace LandlockPS.Engine;

/// <summary>
/// The output of a process, read only when it may be. The engine reads it on a thread of its own and queues without end; it has
/// no other place to wait in.
/// </summary>
internal sealed class HeldStream(Stream output, Action beforeRead) : Stream
{
    private static readonly FieldInfo? Inner = typeof(StreamReader).GetField("_stream", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Lets a reader that is in use ask before each read. Where the runtime has no such reader, it reads as before.</summary>
    public static void Hold(StreamReader reader, Action beforeRead)
    {
        if (Inner?.FieldType == typeof(Stream)) Inner.SetValue(reader, new HeldStream(reader.BaseStream, beforeRead));
    }

    /// <inheritdoc/>
    public override bool CanRead => output.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        beforeRead();
        return output.Read(buffer);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) output.Dispose();
        base.Dispose(disposing);
    }
}
