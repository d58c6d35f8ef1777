using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// Answers the calls of a command by which it would reach hosts (docs/hosts.md). It decides on a copy of the address and connects a
/// duplicate of the socket to that copy, so that nothing which changes meanwhile matters. One thread does all of it.
/// </summary>
internal sealed class HostBroker : IDisposable
{
    private const int MostConversations = 1024, MostPending = 4096;
    private const int OpenFiles = 7; // RLIMIT_NOFILE
    private const int Tick = 50; // milliseconds

    private static readonly string[] s_resolvers = ["/run/nscd/", "/var/run/nscd/", "/run/systemd/resolve/", "/var/run/systemd/resolve/"];

    private readonly HostAccess _access;
    private readonly HostJournal _journal;
    private readonly AddressBook _book;
    private readonly Watch _watch = new();
    private readonly NameDesk _desk;
    private readonly StubServer? _stub;

    // Whether a call that goes on connects to nobody but a UNIX socket, whatever the descriptor is by then: Landlock refuses every port.
    private readonly bool _mayConnectItself;

    /// <summary>Prepares it: reads the name servers, and begins to listen for questions over TCP.</summary>
    /// <exception cref="KernelException">No descriptor is left.</exception>
    public HostBroker(HostAccess access, HostJournal journal)
    {
        (_access, _journal, _book) = (access, journal, new AddressBook(access));
        _mayConnectItself = access == HostAccess.Everything || (RunningKernel.Support.AccessNet & AccessNet.ConnectTcp) != 0;
        foreach ((string name, HostAddress address) in NameServers.OfHostsFile()) _book.AddForGood(name, address);
        _desk = new NameDesk(access, _book, journal, new NameServers(), _watch);
        _stub = StubServer.TryStart(_desk, _watch);
    }

    /// <summary>The port of its own server, which it lets the command connect to in place of a name server; null if it has none.</summary>
    public ushort? StubPort => _stub?.Port;

    /// <summary>Answers calls until nobody is left who could make one.</summary>
    /// <param name="listener">The listener of the command's filter.</param>
    /// <param name="calls">The numbers of the calls.</param>
    /// <param name="signal">A signal that is caught and ends calls of this thread.</param>
    public void Serve(CallListener listener, FilteredCalls calls, int signal)
    {
        using Interruptions interruptions = new(signal);
        ulong files = ProcessState.HardLimit(OpenFiles);
        // The command's share of this process's descriptors, so that there are always some for questions and decisions.
        Desk desk = new(this, listener, calls,
            new Conversations(_desk, _watch, (int)Math.Min(MostConversations, files / 16),
                (address, thread) => Deny(address, thread)),
            new Connections(_watch, interruptions, (int)Math.Min(MostPending, files / 4)));
        listener.RunInTurn();
        ulong key = _watch.Add(listener.Descriptor, desk, EventPoll.Readable);
        long tick = Environment.TickCount64;
        while (!desk.IsOver)
        {
            _watch.Wait(desk.IsWaiting || _desk.IsWaiting ? Tick : -1);
            long now = Environment.TickCount64;
            if (now - tick < Tick) continue;
            desk.OnTime(now);
            _desk.OnTime(now);
            tick = now;
        }

        _watch.Remove(key, listener.Descriptor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stub?.Dispose();
        _watch.Dispose();
    }

    private Errno Deny(in SocketAddress to, int thread)
    {
        if (to.Host.IsEmpty)
            return to.Family switch
            {
                SocketAddress.Internet or SocketAddress.Internet6 => Errno.EINVAL,
                // sendto(2) takes it for one of IPv4.
                SocketAddress.Unspecified => Errno.EACCES,
                _ => Errno.EAFNOSUPPORT,
            };
        HostAddress address = HostAddress.Of(to.Host).Destination;
        _journal.Note(HostEvent.Connection(_book.NameOf(address) ?? address.ToString(), to.Port, isDenied: true, thread));
        return Errno.EACCES;
    }

    private void NotePort(string operation, int port, Errno error, int thread) =>
        _journal.Note(new HostEvent(operation, $"port {port}", error) { Net = AccessNet.BindTcp, Port = port, Thread = thread });

    // A tracer does not see it.
    private void NoteUnix(string target, int thread)
    {
        if (_journal.IsRead) _journal.Note(new HostEvent("connect", target, Errno.None) { IsUnix = true, Thread = thread });
    }

    // Where a UNIX address leads, links followed, from where the thread is; "@name" without a place.
    private static string Target(in SocketAddress address, int thread)
    {
        if (address.Path is not { } path) return "@" + PosixText.Decode(address.Name).Replace('\0', '@');
        string absolute = path.StartsWith('/') ? path : $"{ProcessFiles.ReadLink($"/proc/{thread}/cwd")}/{path}";
        return PosixFile.RealPath(absolute) ?? absolute;
    }

    // Where a connection goes; an error if nowhere.
    private Errno Decide(in SocketAddress asked, int family, int thread, out SocketAddress to)
    {
        to = asked;
        // To end a connection is no way to anybody.
        if (asked.Family == SocketAddress.Unspecified) return Errno.None;
        if (asked.Host.IsEmpty) return Deny(asked, thread);
        if (_desk.Servers.Contains(asked))
        {
            if (_stub is null) return Errno.ECONNREFUSED;
            to = _stub.AddressFor(family);
            return Errno.None;
        }

        HostAddress address = HostAddress.Of(asked.Host).Destination;
        if (!_access.Allows(address, asked.Port, rule => _book.IsKnownFor(address, rule))) return Deny(asked, thread);
        if (_journal.IsRead)
            _journal.Note(HostEvent.Connection(_book.NameOf(address) ?? address.ToString(), asked.Port, isDenied: false, thread));
        return Errno.None;
    }

    /// <summary>Takes the calls.</summary>
    private sealed class Desk(HostBroker broker, CallListener listener, FilteredCalls calls, Conversations conversations,
        Connections connections) : IWatched
    {
        public bool IsOver { get; private set; }

        public bool IsWaiting => connections.IsWaiting || conversations.IsWaiting;

        public void OnTime(long now)
        {
            connections.OnTime(now);
            conversations.OnTime(now);
        }

        public void Happened(uint events)
        {
            if ((events & EventPoll.Readable) == 0)
            {
                IsOver = true;
                return;
            }

            if (!listener.TryTake(out WaitingCall call)) return;
            Caller caller = new(listener, call);
            if ((uint)call.Number == calls.Socket)
            {
                conversations.Open(caller);
                return;
            }

            if (OuterHosts.IsAsked(calls, call))
            {
                caller.Refuse(OuterHosts.Answer(caller, broker._access));
                return;
            }

            int descriptor = caller.Take(call.Arguments.A);
            if (descriptor < 0) caller.Refuse((Errno)(-descriptor));
            else if (!Handle(caller, (uint)call.Number, descriptor)) _ = Syscalls.Close(descriptor);
        }

        // Whether somebody has taken the duplicate of the caller's descriptor, and will close it.
        private bool Handle(Caller caller, uint number, int descriptor)
        {
            Conversation? conversation = conversations.Find(descriptor);
            if (number == calls.Connect) return Connect(caller, descriptor, conversation);
            if (number == calls.Listen)
            {
                caller.Refuse(Listen(caller, descriptor));
            }
            else if (conversation is null)
            {
                if (number == calls.Bind) NoteBinding(caller, descriptor);
                // Nobody is reached by these calls: an address to send to has no effect on any socket that there can be.
                caller.Continue();
            }
            else if (number == calls.ReceiveFrom || number == calls.ReceiveMessage)
            {
                conversation.Receive(caller, descriptor, number == calls.ReceiveMessage);
                return true;
            }
            else if (number == calls.SendTo)
            {
                conversation.SendTo(caller);
            }
            else if (number == calls.Bind)
            {
                Conversation.Bind(caller);
            }
            else if (number == calls.GetName || number == calls.GetPeer)
            {
                conversation.Name(caller, ofPeer: number == calls.GetPeer);
            }
            else
            {
                // Options of the Internet, which a pair of UNIX sockets does not have.
                caller.Refuse(Errno.None);
            }

            return false;
        }

        private bool Connect(Caller caller, int descriptor, Conversation? conversation)
        {
            CallArguments a = caller.Call.Arguments;
            int family = (int)KernelSocket.Option(descriptor, KernelSocket.DomainOption);
            SocketAddress address = default;
            Errno error = family < 0 ? Errno.ENOTSOCK : caller.Read(a.B, a.C, out address);
            if (error != Errno.None)
            {
                caller.Refuse(error);
            }
            else if (conversation is not null)
            {
                caller.Refuse(conversation.Connect(address));
            }
            else if (family == SocketAddress.Unix)
            {
                // Not in the command's place: its own domain decides, and its own number is what the other end sees. Daemons that look
                // names up are missing, so that the C library asks a name server, and the answer is seen here.
                string target = Target(address, caller.Call.Thread);
                if (!broker._mayConnectItself)
                {
                    caller.Refuse(Errno.EACCES);
                }
                else if (s_resolvers.Any(resolver => target.StartsWith(resolver, StringComparison.Ordinal)))
                {
                    // Not noted: a policy that is learned from it would open UNIX sockets.
                    caller.Refuse(Errno.ENOENT);
                }
                else
                {
                    broker.NoteUnix(target, caller.Call.Thread);
                    caller.Continue();
                }
            }
            else if (KernelSocket.Option(descriptor, KernelSocket.TypeOption) != KernelSocket.Stream
                || KernelSocket.Option(descriptor, KernelSocket.ProtocolOption) != KernelSocket.Tcp)
            {
                caller.Refuse(Errno.EACCES);
            }
            else if (broker.Decide(address, family, caller.Call.Thread, out SocketAddress to) is not Errno.None and var refused)
            {
                caller.Refuse(refused);
            }
            else
            {
                connections.Connect(caller, descriptor, to);
                return true;
            }

            return false;
        }

        // In the command's place, so that it is this socket and no other. Whoever may listen may be connected to by anybody.
        private Errno Listen(Caller caller, int descriptor)
        {
            if (KernelSocket.Option(descriptor, KernelSocket.DomainOption) is SocketAddress.Internet or SocketAddress.Internet6)
            {
                Errno error = KernelSocket.Name(descriptor, out SocketAddress name);
                if (error != Errno.None) return error;
                if (!broker._access.AllowsListening(name.Port))
                {
                    broker.NotePort("listen", name.Port, Errno.EACCES, caller.Call.Thread);
                    return Errno.EACCES;
                }
            }

            return KernelSocket.Listen(descriptor, (int)caller.Call.Arguments.B);
        }

        // The kernel decides; that it will refuse is known here.
        private void NoteBinding(Caller caller, int descriptor)
        {
            if (!broker._journal.IsRead || KernelSocket.Option(descriptor, KernelSocket.ProtocolOption) != KernelSocket.Tcp) return;
            CallArguments a = caller.Call.Arguments;
            if (caller.Read(a.B, a.C, out SocketAddress address) != Errno.None || address.Host.IsEmpty) return;
            Errno error = broker._access.AllowsBinding(address.Port) ? Errno.None : Errno.EACCES;
            broker.NotePort("bind", address.Port, error, caller.Call.Thread);
        }
    }
}
