using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>All conversations: the sockets of UDP that a command has.</summary>
/// <param name="desk">Who answers.</param>
/// <param name="watch">Who waits.</param>
/// <param name="most">How many there may be.</param>
/// <param name="deny">Notes that an address was refused, and gives the error.</param>
internal sealed class Conversations(NameDesk desk, Watch watch, int most, Func<SocketAddress, int, Errno> deny)
{
    private readonly Dictionary<long, Conversation> _byCookie = [];
    private readonly Dictionary<Conversation, long> _cookies = [];
    private byte[] _room = [];

    /// <summary>Who answers questions.</summary>
    public NameDesk Desk => desk;

    /// <summary>Whether somebody waits for an answer.</summary>
    public bool IsWaiting
    {
        get
        {
            foreach (Conversation conversation in _cookies.Keys)
                if (conversation.HasWaiting) return true;
            return false;
        }
    }

    /// <summary>Refuses an address.</summary>
    public Errno Deny(in SocketAddress address, int thread) => deny(address, thread);

    /// <summary>The conversation that a descriptor belongs to; null for every other socket or file.</summary>
    public Conversation? Find(int descriptor) => KernelSocket.Option(descriptor, KernelSocket.DomainOption) == SocketAddress.Unix
        && KernelSocket.Option(descriptor, KernelSocket.TypeOption) == KernelSocket.Packets
        ? _byCookie.GetValueOrDefault(KernelSocket.Option(descriptor, KernelSocket.CookieOption)) : null;

    /// <summary>socket(2) for UDP.</summary>
    public void Open(Caller caller)
    {
        int family = (int)caller.Call.Arguments.A, type = (int)caller.Call.Arguments.B;
        if (_cookies.Count >= most || KernelSocket.CreatePair(KernelSocket.Packets, out int mine, out int its) != Errno.None)
        {
            caller.Refuse(Errno.EMFILE);
            return;
        }

        if ((type & KernelSocket.NonBlocking) != 0) KernelSocket.SetFlags(its, KernelSocket.Flags(its) | KernelSocket.NonBlocking);
        long cookie = KernelSocket.Option(its, KernelSocket.CookieOption);
        Conversation conversation = new(this, watch, mine, family) { Thread = caller.Call.Thread };
        _byCookie.Add(cookie, conversation);
        _cookies.Add(conversation, cookie);
        Errno error = caller.Give(its, (type & KernelSocket.CloseOnExec) != 0);
        _ = Syscalls.Close(its);
        if (error == Errno.None) return;
        caller.Refuse(error);
        conversation.Close();
    }

    /// <summary>Lets go of those who have waited long enough.</summary>
    public void OnTime(long now)
    {
        foreach (Conversation conversation in _cookies.Keys)
            if (conversation.HasWaiting) conversation.OnTime(now);
    }

    /// <summary>Room for an answer, until the next one asks for it.</summary>
    internal byte[] Room(int size) => _room.Length >= size ? _room : _room = new byte[size];

    internal void Remove(Conversation conversation, ulong key, int descriptor)
    {
        watch.Remove(key, descriptor);
        _ = Syscalls.Close(descriptor);
        if (_cookies.Remove(conversation, out long cookie)) _ = _byCookie.Remove(cookie);
    }
}
