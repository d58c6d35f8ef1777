using System.Buffers.Binary;
using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>One question on its way to the name servers, one after the other, until one of them answers.</summary>
internal sealed class NameQuery(NameDesk desk, IAsker asker, DnsQuestion question, SocketAddress asked, ushort id, Watch watch) : IWatched
{
    private const int Patience = 2000, Pause = 50; // milliseconds
    private const int Rounds = 2;

    // Two bytes with the length go before a message over TCP.
    private readonly byte[] _message = Framed(DnsMessage.Ask(question, id));
    private byte[] _answer = [];
    private int _descriptor = -1, _got, _tries;
    private ulong _key;
    private bool _isTcp;

    /// <summary>When it is time to ask somebody else.</summary>
    public long Deadline { get; private set; }

    /// <summary>Asks the next server.</summary>
    public void AskNext()
    {
        Close();
        IReadOnlyList<SocketAddress> servers = desk.Servers.Servers;
        if (_tries >= Rounds * servers.Count)
        {
            End(DnsMessage.Say(question, DnsMessage.ServerFailed));
            return;
        }

        SocketAddress server = servers[_tries++ % servers.Count];
        Deadline = Environment.TickCount64 + Patience;
        // A socket for each question, and connected: its port cannot be guessed, and the kernel takes answers from the server alone.
        _descriptor = KernelSocket.Create(server.Family, (_isTcp ? KernelSocket.Stream : KernelSocket.Datagram) | KernelSocket.NonBlocking);
        if (_descriptor < 0 || KernelSocket.Connect(_descriptor, server) is not (Errno.None or Errno.EINPROGRESS))
        {
            Close();
            Deadline = Environment.TickCount64 + Pause;
            return;
        }

        if (!_isTcp) _ = KernelSocket.Send(_descriptor, _message.AsSpan(2));
        _key = watch.Add(_descriptor, this, _isTcp ? EventPoll.Writable : EventPoll.Readable);
    }

    /// <inheritdoc/>
    public void Happened(uint events)
    {
        if (_isTcp && (events & EventPoll.Writable) != 0)
        {
            if (KernelSocket.Send(_descriptor, _message) == _message.Length) watch.Change(_key, _descriptor, EventPoll.Readable);
            else AskNext();
            return;
        }

        if (_answer.Length == 0) _answer = new byte[ushort.MaxValue + 2];
        int count = KernelSocket.Receive(_descriptor, _answer.AsSpan(_got), 0);
        if (count < 0 || (_isTcp && count == 0))
        {
            AskNext();
            return;
        }

        if (!_isTcp)
        {
            Take(_answer.AsSpan(0, count));
            return;
        }

        _got += count;
        if (_got >= 2 && _got >= 2 + BinaryPrimitives.ReadUInt16BigEndian(_answer))
            Take(_answer.AsSpan(2, BinaryPrimitives.ReadUInt16BigEndian(_answer)));
    }

    // What is no answer to this question is not looked at.
    private void Take(Span<byte> answer)
    {
        if (DnsMessage.ReadAnswer(answer, question, id) is not var (code, isTruncated)) return;
        if (isTruncated && !_isTcp)
        {
            // Too long for a datagram: who can come back by TCP is told to.
            if (!asker.TakesAll)
            {
                End(DnsMessage.Say(question, DnsMessage.Good, isTruncated: true));
                return;
            }

            (_isTcp, _tries) = (true, 0);
            AskNext();
            return;
        }

        if (code == DnsMessage.ServerFailed && _tries < desk.Servers.Servers.Count)
        {
            AskNext();
            return;
        }

        if (code == DnsMessage.Good) desk.Learn(asker, question, answer);
        DnsMessage.Readdress(answer, question);
        if (answer.Length <= question.Limit || asker.TakesAll) End(answer);
        else End(DnsMessage.Say(question, DnsMessage.Good, isTruncated: true));
    }

    private void End(ReadOnlySpan<byte> answer)
    {
        Close();
        desk.Close(this);
        asker.Answer(answer, asked);
    }

    private void Close()
    {
        if (_descriptor < 0) return;
        watch.Remove(_key, _descriptor);
        _ = Syscalls.Close(_descriptor);
        (_descriptor, _got) = (-1, 0);
    }

    private static byte[] Framed(byte[] message)
    {
        byte[] framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        return framed;
    }
}
