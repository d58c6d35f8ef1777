using System.Net.Sockets;

namespace Landlock.Tests.Hosts;

/// <summary>Knows when sockets have been read up to now: each sends itself a message, which comes after all that came before.</summary>
internal sealed class Drain : IDisposable
{
    private readonly byte[] _mark = Guid.NewGuid().ToByteArray();
    private readonly List<Socket> _sockets = [];
    private readonly SemaphoreSlim _seen = new(0);

    public void Add(Socket socket) => _sockets.Add(socket);

    /// <summary>Whether a message is the mark, and nobody's.</summary>
    public bool IsMark(ReadOnlySpan<byte> message)
    {
        if (!message.SequenceEqual(_mark)) return false;
        _seen.Release();
        return true;
    }

    /// <summary>Waits until all were read.</summary>
    public bool Await()
    {
        foreach (Socket socket in _sockets) socket.SendTo(_mark, socket.LocalEndPoint!);
        return _sockets.TrueForAll(_ => _seen.Wait(TimeSpan.FromSeconds(20)));
    }

    public void Dispose() => _seen.Dispose();
}
