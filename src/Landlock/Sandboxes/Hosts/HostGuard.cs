using System.Runtime.InteropServices;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// The supervisor's part in keeping hosts: it is put into the outer of two domains, so that what it does for the command is held to the
/// same ports, and then waits for the listener of the command's filter, which it serves on a thread.
/// </summary>
internal sealed unsafe class HostGuard : IDisposable
{
    /// <summary>The signal that ends calls of the serving thread (SIGALRM).</summary>
    public const int Interrupting = 14;

    private const ushort NameServerPort = 53;

    private readonly HostBroker _broker;
    private readonly int _mine;
    private int _its;

    /// <summary>Restricts the calling thread, which starts the command afterwards.</summary>
    /// <exception cref="KernelException">A call failed.</exception>
    public HostGuard(HostAccess access, HostJournal journal)
    {
        _broker = new HostBroker(access, journal);
        Errno error = KernelSocket.CreatePair(KernelSocket.Stream, out _mine, out _its);
        if (error != Errno.None) throw new KernelException("socketpair", error);
        SealedMemory.SetInherited(new SafeFileHandle(_its, ownsHandle: false), inherited: true);
        Restrict(access);
    }

    /// <summary>Refuses to hand over a socket by which a command would reach any host: no call on it would be asked about.</summary>
    /// <param name="descriptors">What the command inherits.</param>
    /// <exception cref="LaunchException">There is one.</exception>
    public static void Demand(IEnumerable<int> descriptors)
    {
        const int netlink = 16;
        foreach (int descriptor in descriptors)
        {
            bool isHarmless = KernelSocket.Option(descriptor, KernelSocket.DomainOption) switch
            {
                < 0 or SocketAddress.Unix or netlink => true,
                SocketAddress.Internet or SocketAddress.Internet6 =>
                    KernelSocket.Option(descriptor, KernelSocket.ProtocolOption) == KernelSocket.Tcp,
                _ => false,
            };
            if (!isHarmless)
                throw new LaunchException(LaunchProblem.SetupFailed, "hosts", $"Descriptor {descriptor}, which the command would inherit, "
                    + "is a socket that reaches hosts nobody has named, such as one of UDP. Close it, or leave out the hosts. Nothing was "
                    + "run.");
        }
    }

    /// <summary>What is added to the arguments of landlock-exec: the socket to this process.</summary>
    public string Argument => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"^{_its}");

    /// <summary>Begins to serve, when the command has been started.</summary>
    public void Start()
    {
        _ = Syscalls.Close(_its);
        _its = -1;
        new Thread(Serve) { IsBackground = true, Name = "hosts" }.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => _broker.Dispose();

    private void Serve()
    {
        PlanListener told = default;
        int count = KernelSocket.Receive(_mine, new Span<byte>(&told, sizeof(PlanListener)), flags: 0x100); // MSG_WAITALL
        // It ended before, and has said why.
        if (count != sizeof(PlanListener)) return;
        int taken = OtherProcess.Take((int)told.ProcessId, (int)told.Descriptor);
        int answer = taken < 0 ? -taken : 0;
        if (answer == 0 && OtherProcess.Read((int)told.ProcessId, 0, [0]) == Errno.EACCES) answer = (int)Errno.EACCES;
        _ = KernelSocket.Send(_mine, new ReadOnlySpan<byte>(&answer, sizeof(int)));
        _ = Syscalls.Close(_mine);
        if (answer != 0) return;
        using CallListener listener = new(new SafeFileHandle(taken, ownsHandle: true));
        _broker.Serve(listener, FilteredCalls.Of(RuntimeInformation.ProcessArchitecture)[0], Interrupting);
    }

    private void Restrict(HostAccess access)
    {
        if ((RunningKernel.Support.AccessNet & AccessNet.ConnectTcp) == 0 || access == HostAccess.Everything) return;
        using RulesetDescriptor ruleset = RulesetDescriptor.Create([0, (ulong)AccessNet.ConnectTcp]);
        foreach (PortRange range in access.Ports())
            for (int port = range.First; port <= range.Last; port++) ruleset.AddPort(port, AccessNet.ConnectTcp, 0);
        ruleset.AddPort(NameServerPort, AccessNet.ConnectTcp, 0);
        if (_broker.StubPort is { } stub) ruleset.AddPort(stub, AccessNet.ConnectTcp, 0);
        RulesetDescriptor.GiveUpPrivileges();
        ruleset.Enforce(RestrictFlags.None);
    }
}
