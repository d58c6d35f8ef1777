using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>
/// The kernel's sample, samples/landlock/sandboxer.c, up to the quiet rules of ABI 10: variables before the program, lists separated by
/// colons. A variable that is not set leaves its rights alone, and an empty one is an empty list.
/// </summary>
internal static class SandboxerConverter
{
    private const int Abi = 10;
    private const AccessFs Reading = AccessFs.Execute | AccessFs.ReadFile | AccessFs.ReadDir;

    private static readonly string[] Variables =
    [
        "LL_FS_RO", "LL_FS_RW", "LL_TCP_BIND", "LL_TCP_CONNECT", "LL_SCOPED", "LL_FORCE_LOG", "LL_FS_QUIET", "LL_FS_QUIET_ACCESS",
        "LL_NET_QUIET", "LL_NET_QUIET_ACCESS", "LL_SCOPED_QUIET_ACCESS",
    ];

    /// <summary>Whether a word before the program sets one of the sandboxer's variables, or one that looks like them.</summary>
    public static bool IsVariable(string word) => word.StartsWith("LL_", StringComparison.Ordinal) && word.Contains('=');

    public static ConvertedPolicy Convert(CommandLine line)
    {
        Dictionary<string, string> set = Set(line);
        foreach (string needed in Variables[..2])
            if (!set.ContainsKey(needed)) throw line.Error($"{needed} is not set; sandboxer needs it, and takes an empty one ({needed}=)");
        AccessFs all = AbiTable.AllFs(Abi);
        AccessNet net = (set.ContainsKey("LL_TCP_BIND") ? AccessNet.BindTcp : 0)
            | (set.ContainsKey("LL_TCP_CONNECT") ? AccessNet.ConnectTcp : 0);
        Scope scopes = Scopes(line, set);
        var quietFs = (AccessFs)Quiet(line, set, "LL_FS_QUIET_ACCESS", (ulong)all, ("r", (ulong)Reading), ("w", (ulong)(all & ~Reading)));
        var quietNet = (AccessNet)Quiet(line, set, "LL_NET_QUIET_ACCESS", (ulong)Ruleset.TcpRights, ("b", (ulong)AccessNet.BindTcp),
            ("c", (ulong)AccessNet.ConnectTcp));
        var quietScopes = (Scope)Quiet(line, set, "LL_SCOPED_QUIET_ACCESS", 0, ("a", (ulong)Scope.AbstractUnixSocket),
            ("s", (ulong)Scope.Signal));
        IEnumerable<PathRule> paths =
        [
            .. Paths(set, "LL_FS_RO").Select(path => new PathRule(path, Reading)),
            .. Paths(set, "LL_FS_RW").Select(path => new PathRule(path, all)),
            .. Paths(set, "LL_FS_QUIET").Select(path => new PathRule(path, 0) { Quiet = true }),
        ];
        IEnumerable<NetRule> ports =
        [
            .. Ports(line, set, "LL_TCP_BIND").Select(port => new NetRule(port, AccessNet.BindTcp)),
            .. Ports(line, set, "LL_TCP_CONNECT").Select(port => new NetRule(port, AccessNet.ConnectTcp)),
            .. Ports(line, set, "LL_NET_QUIET").Select(port => new NetRule(port, 0) { Quiet = true }),
        ];
        if (net == 0 && set.ContainsKey("LL_NET_QUIET"))
            throw line.Error("LL_NET_QUIET needs LL_TCP_BIND or LL_TCP_CONNECT");
        // The sandboxer skips what it cannot open.
        Ruleset ruleset = Ruleset.Handling(Abi, all, net, scopes).WithQuiet(quietFs, quietNet, quietScopes)
            .WithExactly(paths.Select(rule => rule with { Optional = true }), ports)
            .WithLogging(Forced(line, set) ? RestrictFlags.LogNewExecOn : RestrictFlags.None)
            .WithPromises(new ProtectionPromises { Disabled = Protection.NetUdp });
        return new ConvertedPolicy(ruleset, [.. line.Rest], []);
    }

    private static Dictionary<string, string> Set(CommandLine line)
    {
        Dictionary<string, string> set = new(StringComparer.Ordinal);
        foreach (string word in line.Skipped.Where(IsVariable))
        {
            string name = word[..word.IndexOf('=', StringComparison.Ordinal)], value = word[(name.Length + 1)..];
            if (!Variables.Contains(name))
                throw line.Error($"sandboxer has no variable '{PosixText.Printable(name)}'{Suggestion.Question(name, Variables)}");
            if (!set.TryAdd(name, value)) throw line.Error($"{name} is set twice");
            if (value.Contains('\0')) throw line.Error($"{name} holds a NUL character");
        }

        return set;
    }

    // An empty path cannot be opened.
    private static string[] Paths(Dictionary<string, string> set, string name) =>
        set.TryGetValue(name, out string? value) ? value.Split(':', StringSplitOptions.RemoveEmptyEntries) : [];

    private static IEnumerable<PortRange> Ports(CommandLine line, Dictionary<string, string> set, string name)
    {
        foreach (string text in Paths(set, name))
        {
            if (!text.All(char.IsAsciiDigit) || !ushort.TryParse(text, out ushort port))
                throw line.Error($"{name}: '{PosixText.Printable(text)}' is no port");
            yield return new PortRange(port, port);
        }
    }

    private static Scope Scopes(CommandLine line, Dictionary<string, string> set)
    {
        Scope scopes = Scope.None;
        if (set.GetValueOrDefault("LL_SCOPED", "").Length == 0) return scopes;
        foreach (string word in set["LL_SCOPED"].Split(':'))
        {
            Scope scope = word switch
            {
                "a" => Scope.AbstractUnixSocket,
                "s" => Scope.Signal,
                _ => throw line.Error($"LL_SCOPED: '{PosixText.Printable(word)}' is no scope; there are a (abstract UNIX sockets) and "
                    + "s (signals)"),
            };
            if ((scopes & scope) != 0) throw line.Error($"LL_SCOPED names '{word}' twice");
            scopes |= scope;
        }

        return scopes;
    }

    private static ulong Quiet(CommandLine line, Dictionary<string, string> set, string name, ulong unset,
        params (string Word, ulong Access)[] words)
    {
        if (!set.TryGetValue(name, out string? value)) return unset;
        ulong mask = 0;
        foreach (string word in value.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            int found = Array.FindIndex(words, known => known.Word == word);
            if (found < 0)
                throw line.Error($"{name}: '{PosixText.Printable(word)}' is no access; there are "
                    + string.Join(" and ", words.Select(known => known.Word)));
            mask |= words[found].Access;
        }

        return mask;
    }

    private static bool Forced(CommandLine line, Dictionary<string, string> set)
    {
        if (!set.TryGetValue("LL_FORCE_LOG", out string? value)) return false;
        return value == "1" ? true : throw line.Error($"LL_FORCE_LOG is 1 or not set, not '{PosixText.Printable(value)}'");
    }
}
