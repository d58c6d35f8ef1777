using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>setpriv of util-linux, as of 2026: --landlock-access TYPE[:RIGHTS] and --landlock-rule TYPE:RIGHTS:OBJECT.</summary>
internal static class SetprivConverter
{
    private static readonly string[] Options = ["landlock-access", "landlock-rule", "no-new-privs"];

    private static readonly string[] OthersWithValue =
    [
        "ambient-caps", "apparmor-profile", "bounding-set", "egid", "euid", "groups", "inh-caps", "pdeathsig", "ptracer", "regid", "reuid",
        "rgid", "ruid",
        "seccomp-filter", "securebits", "selinux-label",
    ];

    private static readonly string[] OtherSwitches = ["clear-groups", "init-groups", "keep-groups", "list-caps", "reset-env"];

    public static ConvertedPolicy Convert(CommandLine line, int abi)
    {
        AccessFs fs = 0;
        AccessNet net = 0;
        Scope scopes = 0;
        List<PathRule> paths = [];
        List<NetRule> ports = [];
        List<string> notes = [];
        while (line.Read())
        {
            if (line.Option == "landlock-access")
            {
                string value = line.Value();
                (string type, string rights) = Split(value);
                switch (type)
                {
                    case "fs": fs |= rights.Length == 0 ? AbiTable.AllFs(abi) : (AccessFs)Rights(line, RightKind.Fs, rights); break;
                    case "net": net |= rights.Length == 0 ? AbiTable.AllNet(abi) : (AccessNet)Rights(line, RightKind.Net, rights); break;
                    case "scope":
                        scopes |= rights.Length == 0 ? AbiTable.AllScopes(abi) : (Scope)Rights(line, RightKind.Scope, rights); break;
                    default: throw line.Error($"'{PosixText.Printable(value)}' is no access; it begins with fs, net or scope");
                }
            }
            else if (line.Option == "landlock-rule")
            {
                Rule(line, line.Value(), paths, ports);
            }
            else if (line.Option is not ("no-new-privs" or "nnp"))
            {
                bool hasValue = OthersWithValue.Contains(line.Option);
                if (line.IsShort || !(hasValue || OtherSwitches.Contains(line.Option)))
                    throw line.UnknownOption([.. Options, .. OthersWithValue, .. OtherSwitches]);
                string shown = hasValue ? $"--{line.Option} {PosixText.Printable(line.Value())}" : $"--{line.Option}";
                notes.Add($"{shown} is not about Landlock and is left out");
            }
        }

        if (paths.Count > 0 && fs == 0) throw line.Error("a path-beneath rule needs --landlock-access fs");
        if (ports.Count > 0 && net == 0) throw line.Error("a net-port rule needs --landlock-access net");
        if (fs == 0 && net == 0 && scopes == 0) throw line.Error("nothing would be restricted: there is no --landlock-access");
        Ruleset ruleset = Ruleset.Handling(Needed(fs, net, scopes), fs, net, scopes) with { Compatibility = Compatibility.HardRequirement };
        foreach (PathRule rule in paths)
            if ((rule.Access & ~fs) is var more and not 0)
                throw line.Error($"the rule for '{PosixText.Printable(rule.Path)}' allows {string.Join(",", AbiTable.Names(more))}, which "
                    + "--landlock-access does not restrict");
        foreach (NetRule rule in ports)
            if ((rule.Access & ~net) is var more and not 0)
                throw line.Error($"the rule for port {rule.Port} allows {string.Join(",", AbiTable.Names(more))}, which "
                    + "--landlock-access does not restrict");
        // No rights = all that are restricted.
        NetRule[] given = [.. ports.Select(rule => rule.Access == 0 ? rule with { Access = net } : rule)];
        ruleset = ruleset.With(paths.Select(rule => rule.Access == 0 ? rule with { Access = fs } : rule), given);
        if (!ruleset.NetRules.SequenceEqual(ruleset.WithoutRules().WithExactly([], given).NetRules))
            notes.Add($"bind_udp on port 0 is added, {UdpSending.Reason}");
        return new ConvertedPolicy(ruleset, [.. line.Rest], [.. notes]);
    }

    private static void Rule(CommandLine line, string text, List<PathRule> paths, List<NetRule> ports)
    {
        string[] parts = text.Split(':', 3);
        if (parts.Length < 3)
            throw line.Error($"'{PosixText.Printable(text)}' is no rule; a rule is path-beneath:RIGHTS:PATH or net-port:RIGHTS:PORT");
        switch (parts[0])
        {
            case "path-beneath":
                if (parts[2].Length == 0 || parts[2].Contains('\0'))
                    throw line.Error($"the rule '{PosixText.Printable(text)}' has no path");
                paths.Add(new PathRule(parts[2], (AccessFs)Rights(line, RightKind.Fs, parts[1])));
                break;
            case "net-port":
                if (!parts[2].All(char.IsAsciiDigit) || !ushort.TryParse(parts[2], out ushort port))
                    throw line.Error($"'{PosixText.Printable(parts[2])}' is no port");
                ports.Add(new NetRule(new PortRange(port, port), (AccessNet)Rights(line, RightKind.Net, parts[1])));
                break;
            default:
                throw line.Error($"'{PosixText.Printable(text)}' is no rule; a rule is path-beneath:RIGHTS:PATH or net-port:RIGHTS:PORT");
        }
    }

    private static ulong Rights(CommandLine line, RightKind kind, string list)
    {
        ulong mask = 0;
        if (list.Length == 0) return mask;
        foreach (string word in list.Split(','))
        {
            string name = word.Replace('-', '_');
            mask |= AbiTable.Find(kind, name)?.Bit ?? throw line.Error($"'{PosixText.Printable(word)}' is no {kind switch
            {
                RightKind.Fs => "fs right",
                RightKind.Net => "net right",
                _ => "scope",
            }}{Meant(kind, name)}");
        }

        return mask;
    }

    private static string Meant(RightKind kind, string name) =>
        Suggestion.For(name, AbiTable.Rights.Where(right => right.Kind == kind).Select(right => right.Name)) is { } near
            ? $"; did you mean '{near.Replace('_', '-')}'?"
            : "";

    private static (string Type, string Rights) Split(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (value, "") : (value[..colon], value[(colon + 1)..]);
    }

    private static int Needed(AccessFs fs, AccessNet net, Scope scopes) =>
        AbiTable.InMask(RightKind.Fs, (ulong)fs).Concat(AbiTable.InMask(RightKind.Net, (ulong)net))
            .Concat(AbiTable.InMask(RightKind.Scope, (ulong)scopes)).Max(right => right.Abi);
}
