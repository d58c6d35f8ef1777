using System.Net;
using System.Net.Sockets;
using Landlock.Abi;
using Landlock.Access;

namespace Landlock.Tests.Access;

/// <summary>One operation: how the oracle is told to do it, and what the evaluator says of it.</summary>
internal sealed record RandomOperation(string Kind, string Text, Func<AccessEvaluator, AccessVerdict> Judge)
{
    private static readonly (string Name, AccessFs Right)[] Makes =
    [
        ("make_reg", AccessFs.MakeReg), ("make_fifo", AccessFs.MakeFifo), ("make_sock", AccessFs.MakeSock), ("make_dir", AccessFs.MakeDir),
        ("make_sym", AccessFs.MakeSym), ("make_char", AccessFs.MakeChar), ("make_block", AccessFs.MakeBlock),
    ];

    private static readonly string[] UnixKinds = ["unix_stream", "unix_connect", "unix_send"];
    private static readonly string[] UdpKinds = ["bind_udp", "connect_udp", "sendto_udp", "sendmsg_udp"];

    // Where this machine has the protocol.
    private static readonly int[] Families = HasIPv6() ? [4, 6] : [4];

    /// <summary>Kinds that need nothing of the user.</summary>
    public static readonly string[] Kinds =
    [
        "open_r", "open_w", "open_rw", "open_rt", "open_wt", "open_path", "stat", "chmod", "creat_r", "creat_w", "list", "exec", "truncate",
        "ftruncate",
        "make_reg", "make_fifo", "make_sock", "make_dir", "make_sym", "unlink", "rmdir", "rename", "exchange", "link", "bind_tcp",
        "connect_tcp", "signal", "abstract",
        .. UnixKinds, .. UdpKinds,
    ];

    /// <summary>Kinds that need device nodes.</summary>
    public static readonly string[] PrivilegedKinds = ["make_char", "make_block", "ioctl"];

    /// <summary>Whether a kernel can deny operations of a kind.</summary>
    public static bool CanBeDenied(string kind, int abi) => kind is not ("open_path" or "stat" or "chmod")
        && (abi >= 9 || !UnixKinds.Contains(kind)) && (abi >= 10 || !UdpKinds.Contains(kind));

    /// <summary>An operation of a kind; null where the tree has nothing for it.</summary>
    public static RandomOperation? Of(string kind, RandomTree tree, Random random)
    {
        TreeEntry[] directories = [.. tree.Of("dir"), new TreeEntry(tree.Root, "dir", true)];
        string fresh = $"{tree.Pick(directories).Path}/new{random.Next(10)}";
        switch (kind)
        {
            case "open_r": return One(tree.Of("reg", "exec", "fifo", "char", "sym"), path => e => e.CheckOpen(path, OpenModes.Read));
            case "open_w": return One(tree.Of("reg", "char"), path => e => e.CheckOpen(path, OpenModes.Write));
            case "open_rw": return One(tree.Of("reg", "fifo", "char"), path => e => e.CheckOpen(path, OpenModes.Read | OpenModes.Write));
            case "open_rt": return One(tree.Of("reg", "char"), path => e => e.CheckOpen(path, OpenModes.Read | OpenModes.Truncate));
            case "open_wt": return One(tree.Of("reg", "char"), path => e => e.CheckOpen(path, OpenModes.Write | OpenModes.Truncate));
            case "open_path": return One(tree.Entries, path => e => e.CheckOpen(path, OpenModes.None));
            case "stat" or "chmod": return One(tree.Of("reg", "dir", "fifo"), path => e => e.CheckOpen(path, OpenModes.None));
            case "creat_r":
                return new(kind, $"{kind} {fresh}", e => e.CheckOpen(fresh, OpenModes.Read | OpenModes.Create | OpenModes.Truncate));
            case "creat_w":
                return new(kind, $"{kind} {fresh}", e => e.CheckOpen(fresh, OpenModes.Write | OpenModes.Create | OpenModes.Truncate));
            case "list": return One(directories, path => e => e.CheckOpen(path, OpenModes.Read));
            case "exec": return One(tree.Of("exec"), path => e => e.CheckOpen(path, OpenModes.Execute));
            case "truncate": return One(tree.Of("reg"), path => e => e.CheckTruncate(path));
            case "ftruncate": return One(tree.Of("reg"), path => e => e.Check(path, AccessFs.WriteFile | AccessFs.Truncate));
            case "ioctl": return One(tree.Of("char"), path => e => e.Check(path, AccessFs.ReadFile | AccessFs.IoctlDev));
            case "unlink":
                return new(kind, $"{kind} {fresh} {tree.Pick(["reg", "fifo", "sym"])}", e => e.Check(Parent(fresh), AccessFs.RemoveFile));
            case "rmdir": return new(kind, $"{kind} {fresh}", e => e.Check(Parent(fresh), AccessFs.RemoveDir));
            case "signal": return new(kind, $"{kind} 1", e => e.CheckScope(Scope.Signal));
            case "abstract": return new(kind, kind, e => e.CheckScope(Scope.AbstractUnixSocket));
            case "bind_tcp" or "connect_tcp":
                int port = kind == "bind_tcp" && random.Next(10) == 0 ? 0 : 21000 + random.Next(12);
                return new(kind, $"{kind} {port}", e => e.CheckPort(kind == "bind_tcp" ? AccessNet.BindTcp : AccessNet.ConnectTcp, port));
            case "unix_stream": return One(tree.Of("stream"), path => e => e.Check(path, AccessFs.ResolveUnix));
            case "unix_connect" or "unix_send": return One(tree.Of("datagram"), path => e => e.Check(path, AccessFs.ResolveUnix));
            case "bind_udp":
                int local = random.Next(10) == 0 ? 0 : 21000 + random.Next(12);
                return new(kind, $"{kind} {local} {tree.Pick(Families)}", e => e.CheckPort(AccessNet.BindUdp, local));
            case "connect_udp" or "sendto_udp" or "sendmsg_udp":
                int remote = 21000 + random.Next(12);
                return new(kind, $"{kind} {remote} {tree.Pick(Families)}", e => e.CheckPort(AccessNet.ConnectSendUdp, remote));
            case "rename" or "exchange" or "link": return Move(kind, tree, random, fresh);
            default:
                AccessFs right = Makes.Single(make => make.Name == kind).Right;
                return new(kind, $"{kind} {fresh}", e => e.CheckCreate(fresh, right));
        }

        RandomOperation? One(IEnumerable<TreeEntry> among, Func<string, Func<AccessEvaluator, AccessVerdict>> judge)
        {
            TreeEntry[] candidates = [.. among];
            if (candidates.Length == 0) return null;
            string path = tree.Pick(candidates).Path;
            return new(kind, $"{kind} {path}", judge(path));
        }
    }

    private static bool HasIPv6()
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static RandomOperation Move(string kind, RandomTree tree, Random random, string fresh)
    {
        TreeEntry from = tree.Pick(kind == "link" ? [.. tree.Entries.Where(entry => entry.Kind != "dir")] : tree.Entries);
        TreeEntry onto = tree.Pick(tree.Entries);
        // A directory that is replaced is gone, and with it the inode that rules are bound to.
        bool replaces = kind == "exchange" || (kind == "rename" && random.Next(3) == 0 && from.Kind != "dir" && onto.Kind != "dir");
        // Half of all moves stay near, as many real ones do.
        string near = $"{Parent(from.Path)}/new{random.Next(10)}";
        string to = replaces ? onto.Path : random.Next(4) == 0 ? near : fresh;
        return kind == "link"
            ? new(kind, $"{kind} {from.Path} {to}", e => e.CheckLink(from.Path, to))
            : new(kind, $"{kind} {from.Path} {to}", e => e.CheckRename(from.Path, to, kind == "exchange"));
    }

    private static string Parent(string path) => Path.GetDirectoryName(path)!;
}
