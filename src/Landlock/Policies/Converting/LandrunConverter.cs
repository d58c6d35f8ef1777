using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>
/// landrun (github.com/Zouuup/landrun), as of July 2026: every right of ABI 9, classes of access, lists separated by commas.
/// </summary>
internal static class LandrunConverter
{
    private const int Abi = 9;

    private static readonly string[] Options =
    [
        "ro", "rox", "rw", "rwx", "unix", "bind-tcp", "connect-tcp", "best-effort", "env", "unrestricted-filesystem",
        "unrestricted-network", "unrestricted-scoped",
        "ignore-missing", "log-disable-originating", "log-enable-subprocesses", "log-disable-subdomains", "ldd", "add-exec", "log-level",
    ];

    public static ConvertedPolicy Convert(CommandLine line)
    {
        AccessFs all = AbiTable.AllFs(Abi) & ~AccessFs.ResolveUnix;
        List<PathRule> paths = [];
        List<NetRule> ports = [];
        List<string> notes = [];
        RestrictFlags log = RestrictFlags.None;
        bool bestEffort = false;
        bool ignoreMissing = false;
        bool anyFs = false;
        bool anyNet = false;
        bool anyScope = false;
        while (line.Read())
        {
            switch (line.Option)
            {
                case "ro": Paths(line, paths, AccessClass.ReadData.Rights); break;
                case "rox": Paths(line, paths, AccessClass.ReadOnly.Rights); break;
                case "rw": Paths(line, paths, all & ~AccessFs.Execute); break;
                case "rwx": Paths(line, paths, all); break;
                case "unix": Paths(line, paths, AccessClass.ReadData.Rights | AccessFs.ResolveUnix); break;
                case "bind-tcp": Ports(line, ports, AccessNet.BindTcp); break;
                case "connect-tcp": Ports(line, ports, AccessNet.ConnectTcp); break;
                case "best-effort": bestEffort = line.Switch(); break;
                case "ignore-missing": ignoreMissing = line.Switch(); break;
                case "unrestricted-filesystem": anyFs = line.Switch(); break;
                case "unrestricted-network": anyNet = line.Switch(); break;
                case "unrestricted-scoped": anyScope = line.Switch(); break;
                case "log-disable-originating": log |= line.Switch() ? RestrictFlags.LogSameExecOff : 0; break;
                case "log-enable-subprocesses": log |= line.Switch() ? RestrictFlags.LogNewExecOn : 0; break;
                case "log-disable-subdomains": log |= line.Switch() ? RestrictFlags.LogSubdomainsOff : 0; break;
                case "env":
                    notes.Add($"--env {PosixText.Printable(line.Value())}: landrun clears the environment except such variables; a "
                        + "ruleset says nothing about it");
                    break;
                case "ldd":
                    if (line.Switch()) notes.Add("--ldd is not needed: what a command needs to start is granted when it is launched");
                    break;
                case "add-exec":
                    if (line.Switch()) notes.Add("--add-exec is not needed: a command's own program is granted when it is launched");
                    break;
                case "log-level":
                    notes.Add($"--log-level {PosixText.Printable(line.Value())} is about landrun's own messages");
                    break;
                default:
                    throw line.UnknownOption(Options);
            }
        }

        if (!bestEffort)
            notes.Add($"without --best-effort, landrun demands all of ABI {Abi} (Linux {AbiTable.Release(Abi)}), and so does the ruleset");
        if (anyFs && paths.Count > 0) notes.Add("with --unrestricted-filesystem, the rules for paths change nothing and are left out");
        if (anyNet && ports.Count > 0) notes.Add("with --unrestricted-network, the rules for ports change nothing and are left out");
        Ruleset ruleset = Ruleset.Handling(
            Abi,
            anyFs ? 0 : AbiTable.AllFs(Abi),
            anyNet ? 0 : AbiTable.AllNet(Abi),
            anyScope ? 0 : AbiTable.AllScopes(Abi));
        if (ruleset.IsEmpty) throw line.Error("nothing would be restricted");
        ruleset = ruleset.With(anyFs ? [] : paths.Select(rule => rule with { Optional = ignoreMissing }), anyNet ? [] : ports)
            .WithLogging(log)
            with
        { Compatibility = bestEffort ? Compatibility.BestEffort : Compatibility.HardRequirement };
        return new ConvertedPolicy(ruleset, [.. line.Rest], [.. notes]);
    }

    private static void Paths(CommandLine line, List<PathRule> paths, AccessFs access)
    {
        foreach (string path in line.Value().Split(','))
        {
            string trimmed = path.Trim();
            if (trimmed.Length == 0) throw line.Error($"--{line.Option} has an empty path");
            if (trimmed.Contains('\0')) throw line.Error($"--{line.Option}: a path cannot hold a NUL character");
            paths.Add(new PathRule(trimmed, access));
        }
    }

    private static void Ports(CommandLine line, List<NetRule> ports, AccessNet access)
    {
        foreach (string text in line.Value().Split(','))
        {
            string digits = text.Trim();
            if (!digits.All(char.IsAsciiDigit) || !ushort.TryParse(digits, out ushort port))
                throw line.Error($"--{line.Option}: '{PosixText.Printable(digits)}' is no port");
            ports.Add(new NetRule(new PortRange(port, port), access));
        }
    }
}
