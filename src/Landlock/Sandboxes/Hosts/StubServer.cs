using System.Buffers.Binary;
using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// A name server over TCP for the command, which is led here when it connects to a real one. It is on the loopback, where others of this
/// machine can reach it: all that they can do is to ask for names that are allowed.
/// </summary>
internal sealed class StubServer : IWatched, IDisposable
{
    private const int MostClients = 64, Backlog = 64;

    private readonly NameDesk _desk;
    private readonly Watch _watch;
    private readonly int _descriptor;
    private readonly HashSet<Client> _clients = [];

    private StubServer(NameDesk desk, Watch watch, int descriptor, ushort port)
    {
        (_desk, _watch, _descriptor, Port) = (desk, watch, descriptor, port);
        _ = watch.Add(_descriptor, this, EventPoll.Readable);
    }

    /// <summary>Begins to listen; null where a sandbox around this process does not allow it.</summary>
    public static StubServer? TryStart(NameDesk desk, Watch watch)
    {
        int descriptor = KernelSocket.Create(SocketAddress.Internet, KernelSocket.Stream | KernelSocket.NonBlocking);
        if (descriptor < 0) return null;
        if (KernelSocket.Bind(descriptor, SocketAddress.Of([127, 0, 0, 1], 0)) == Errno.None
            && KernelSocket.Listen(descriptor, Backlog) == Errno.None
            && KernelSocket.Name(descriptor, out SocketAddress name) == Errno.None)
            return new StubServer(desk, watch, descriptor, name.Port);
        _ = Syscalls.Close(descriptor);
        return null;
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public ushort Port { get; }

    /// <summary>Its address, for a socket of a family.</summary>
    public SocketAddress AddressFor(int family) => family == SocketAddress.Internet6
        ? SocketAddress.Of([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], Port) : SocketAddress.Of([127, 0, 0, 1], Port);

    /// <inheritdoc/>
    public void Happened(uint events)
    {
        int descriptor = KernelSocket.Accept(_descriptor);
        if (descriptor < 0) return;
        if (_clients.Count < MostClients) _ = _clients.Add(new Client(this, descriptor));
        else _ = Syscalls.Close(descriptor);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Syscalls.Close(_descriptor);

    private sealed class Client : IWatched, IAsker
    {
        private readonly StubServer _server;
        private readonly int _descriptor;
        private readonly ulong _key;
        private readonly byte[] _bytes = new byte[2 + DnsMessage.LongestQuestion];
        private int _got;
        private bool _isClosed;

        public Client(StubServer server, int descriptor)
        {
            (_server, _descriptor) = (server, descriptor);
            _key = server._watch.Add(descriptor, this, EventPoll.Readable);
        }

        /// <inheritdoc/>
        public bool TakesAll => true;

        /// <inheritdoc/>
        public int Thread => 0;

        /// <inheritdoc/>
        public void Answer(ReadOnlySpan<byte> answer, in SocketAddress server)
        {
            if (_isClosed) return;
            byte[] framed = new byte[answer.Length + 2];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)answer.Length);
            answer.CopyTo(framed.AsSpan(2));
            // Who does not read loses the connection, and not this process its time.
            if (KernelSocket.Send(_descriptor, framed, KernelSocket.DontWait | KernelSocket.NoSignal) != framed.Length) Close();
        }

        /// <inheritdoc/>
        public void Happened(uint events)
        {
            int count = KernelSocket.Receive(_descriptor, _bytes.AsSpan(_got), KernelSocket.DontWait);
            if (count == -(int)Errno.EAGAIN) return;
            if (count <= 0)
            {
                Close();
                return;
            }

            _got += count;
            while (_got >= 2 && !_isClosed)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes);
                if (length > DnsMessage.LongestQuestion) Close();
                if (_got < 2 + length || _isClosed) return;
                _server._desk.Ask(this, _bytes.AsSpan(2, length), _server._desk.Servers.Servers[0]);
                _got -= 2 + length;
                _bytes.AsSpan(2 + length, _got).CopyTo(_bytes);
            }
        }

        private void Close()
        {
            if (_isClosed) return;
            _isClosed = true;
            _server._watch.Remove(_key, _descriptor);
            _ = Syscalls.Close(_descriptor);
            _ = _server._clients.Remove(this);
        }
    }
}
