using System.Globalization;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>
/// A profile of firejail, as of 0.9.74. What it hides and what it keeps from being changed or executed becomes rules; of everything else
/// a note says the line.
/// </summary>
internal sealed class FirejailConverter
{
    private const string Tool = "firejail";
    private const int Abi = 10;

    // They become rules.
    private static readonly string[] Rules =
    [
        "blacklist", "blacklist-nolog", "disable-mnt", "ignore", "net", "noblacklist", "noexec", "nowhitelist", "private", "private-cache",
        "private-home", "private-tmp", "protocol", "read-only", "read-write", "tmpfs", "whitelist", "whitelist-ro", "writable-etc",
        "writable-var", "writable-var-log",
    ];

    // They hide files, or keep them from being changed, in ways that are not carried over.
    private static readonly string[] Hiding =
    [
        "bind", "dbus-system", "dbus-user", "include", "landlock.enforce", "landlock.fs.execute", "landlock.fs.makedev",
        "landlock.fs.makeipc", "landlock.fs.read", "landlock.fs.write", "machine-id", "no3d", "nodbus", "nodvd", "noinput", "noprinters",
        "nosound", "notpm", "notv", "nou2f", "novideo", "overlay", "overlay-named", "overlay-tmpfs", "private-bin", "private-dev",
        "private-etc", "private-lib", "private-opt", "private-srv", "x11",
    ];

    // Other protection than Landlock's.
    private static readonly string[] Others =
    [
        "apparmor", "apparmor-replace", "apparmor-stack", "caps", "caps.drop", "caps.keep", "cpu", "defaultgw", "dns", "hostname",
        "hosts-file", "ip", "ip6", "ipc-namespace", "iprange", "mac", "memory-deny-write-execute", "mtu", "netfilter", "netfilter6",
        "netlock", "netmask", "netns", "nice", "nogroups", "nonewprivs", "noroot", "restrict-namespaces", "rlimit-as", "rlimit-cpu",
        "rlimit-fsize", "rlimit-nofile", "rlimit-nproc", "rlimit-sigpending", "rmenv", "seccomp", "seccomp-error-action", "seccomp.32",
        "seccomp.32.drop", "seccomp.32.keep", "seccomp.block-secondary", "seccomp.drop", "seccomp.keep", "timeout", "veth-name",
    ];

    // They allow more, or restrict nothing.
    private static readonly string[] Harmless =
    [
        "allow-debuggers", "allusers", "dbus-system.broadcast", "dbus-system.call", "dbus-system.own", "dbus-system.see",
        "dbus-system.talk", "dbus-user.broadcast", "dbus-user.call", "dbus-user.own", "dbus-user.see", "dbus-user.talk",
        "deterministic-exit-code", "deterministic-shutdown", "env", "join-or-start", "keep-config-pulse", "keep-dev-shm", "keep-fd",
        "keep-shell-rc", "keep-var-tmp", "mkdir", "mkfile", "name", "noautopulse", "private-cwd", "quiet", "shell", "tab", "tracelog",
        "warn", "writable-run-user", "xephyr-screen",
    ];

    private static readonly string[] All = [.. Rules, .. Hiding, .. Others, .. Harmless];

    private static readonly string[] Devices = ["/dev/full", "/dev/null", "/dev/ptmx", "/dev/pts", "/dev/tty", "/dev/zero"];

    // firejail makes them read-only, and nothing brings that back but their own directives.
    private static readonly string[] ReadOnlyPlaces =
        ["bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "sys", "usr", "var"];

    // They only allow more: what is not understood of them is not allowed, which is no harm.
    private static readonly string[] Loosening = ["noblacklist", "read-write"];

    private readonly string _home;
    private readonly AccessArea _reading;
    private readonly AccessArea _executing;
    private readonly AccessArea _writing;
    private readonly SortedDictionary<int, string> _hiding = [], _others = [], _harmless = [], _loose = [], _tight = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _protocols = [];
    private bool _isOffline;

    private FirejailConverter(string home, Func<string, string> realPlace)
    {
        _home = PathRule.Normalize(home);
        _reading = new AccessArea(AccessFs.ReadFile | AccessFs.ReadDir, "/", realPlace);
        _executing = new AccessArea(AccessFs.Execute, "/", realPlace);
        _writing = new AccessArea(AccessArea.Writing, "/", realPlace);
    }

    public static ConvertedPolicy Convert(string text, string home, Func<string, string> realPlace) =>
        new FirejailConverter(home, realPlace).Convert(Read(text));

    private static List<Line> Read(string text)
    {
        List<Line> lines = [];
        List<string> ignored = [];
        int number = 0;
        foreach (string written in text.Split('\n'))
        {
            number++;
            string line = written.Trim();
            if (line.StartsWith('\uFEFF')) line = line[1..];
            if (line.Length == 0 || line[0] == '#') continue;
            bool isConditional = line[0] == '?';
            if (isConditional)
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon < 0) throw Error(number, $"'{PosixText.Printable(line)}' has no colon behind its condition");
                line = line[(colon + 1)..].Trim();
            }

            int space = line.AsSpan().IndexOfAny(' ', '\t');
            string directive = space < 0 ? line : line[..space];
            // A comment may follow, as long as no path holds the character.
            string argument = space < 0 ? "" : line[(space + 1)..].Split(" #")[0].Trim();
            if (!All.Contains(directive))
                throw Error(number, $"firejail has no directive '{PosixText.Printable(directive)}'{Suggestion.Question(directive, All)}");
            if (line.Contains('\0')) throw Error(number, "a line cannot hold a NUL character");
            if (directive == "ignore") ignored.Add(argument);
            else if (!ignored.Any(other => other.Length > 0 && (line == other || line.StartsWith(other + " ", StringComparison.Ordinal))))
                lines.Add(new Line(number, directive, argument, isConditional));
        }

        return lines.Count > 0 ? lines : throw Error(1, "there is no directive");
    }

    private static PolicyException Error(int line, string message) => PolicyException.At(new PolicyLocation(Tool, line, 1), message);

    private ConvertedPolicy Convert(List<Line> lines)
    {
        _reading.Allow("/");
        _executing.Allow("/");
        foreach (string path in (string[])[.. Devices, "/tmp", _home]) _writing.Allow(path);
        foreach (Line line in lines) Sort(line);
        Line[] rules = [.. lines.Where(line => Rules.Contains(line.Directive) && !line.IsConditional)];
        foreach (Line line in rules)
        {
            // writable-var-log is about /var/log.
            if (line.Directive.StartsWith("writable-", StringComparison.Ordinal))
                _writing.Allow("/" + line.Directive[9..].Replace('-', '/'));
        }

        // As firejail has it: what is shown comes first, then what is hidden.
        Whitelist(rules);
        List<string> spared = [];
        foreach (Line line in rules) Apply(line, spared);
        foreach (Line line in rules) Hide(line);
        PathRule[] paths = [.. _reading.Rules(), .. _executing.Rules(), .. _writing.Rules(Devices)];
        bool deniesNetwork = _isOffline || (_protocols.Count > 0 && !_protocols.Contains("inet") && !_protocols.Contains("inet6"));
        if (!deniesNetwork)
            foreach (Line line in rules)
                if (line.Directive == "protocol") _others[line.Number] = line.Directive;
        Tell(deniesNetwork);
        AccessNet net = deniesNetwork ? AbiTable.AllNet(Abi) : 0;
        Scope scopes = _isOffline ? AbiTable.AllScopes(Abi) : Scope.Signal;
        // Sockets in files are not firejail's to deny.
        Ruleset ruleset = Ruleset.Handling(Abi, AbiTable.AllFs(Abi) & ~AccessFs.ResolveUnix, net, scopes).With(paths, []);
        return new ConvertedPolicy(ruleset, [], [.. _notes]);
    }

    private void Sort(Line line)
    {
        if (line.IsConditional) (Loosening.Contains(line.Directive) ? _tight : _loose)[line.Number] = "?" + line.Directive;
        else if (Hiding.Contains(line.Directive)) _hiding[line.Number] = line.Directive;
        else if (Others.Contains(line.Directive)) _others[line.Number] = line.Directive;
        else if (Harmless.Contains(line.Directive)) _harmless[line.Number] = line.Directive;
    }

    private void Whitelist(Line[] rules)
    {
        List<string> not = [];
        List<(string? Path, string Top)> shown = [];
        foreach (Line line in rules)
        {
            if (line.Directive is not ("nowhitelist" or "whitelist" or "whitelist-ro")) continue;
            string? path = Place(line);
            if (line.Directive == "nowhitelist")
            {
                if (path is null) _loose[line.Number] = line.Directive;
                else not.Add(path);
            }
            else if (path is null || !not.Contains(path))
            {
                // The directory around it is emptied in any case.
                string? top = Top(line);
                if (top is null) _loose[line.Number] = line.Directive;
                else if (path is null) _tight[line.Number] = line.Directive;
                if (top is not null) shown.Add((path, top));
            }
        }

        HashSet<string> writable = [.. shown.Select(one => one.Top).Distinct().Where(top => !ReadOnlyPlaces.Contains(top.Split('/')[1]))];
        foreach (string top in shown.Select(one => one.Top).Distinct()) Cover(top);
        foreach ((string? path, string top) in shown)
        {
            if (path is null) continue;
            _reading.Allow(path);
            _executing.Allow(path);
            if (writable.Contains(top)) _writing.Allow(path);
        }
    }

    private void Apply(Line line, List<string> spared)
    {
        if (line.Directive is "net" or "protocol")
        {
            Network(line);
            return;
        }

        if (line.Directive is not ("blacklist" or "blacklist-nolog" or "noblacklist" or "noexec" or "read-only" or "read-write" or "tmpfs"
            or "whitelist-ro"))
        {
            return;
        }

        if (Place(line) is not { } path)
        {
            if (line.Directive == "whitelist-ro") return;
            (Loosening.Contains(line.Directive) ? _tight : _loose)[line.Number] = line.Directive;
            return;
        }

        switch (line.Directive)
        {
            case "noblacklist": spared.Add(path); break;
            case "blacklist" or "blacklist-nolog":
                if (!spared.Contains(path)) Cover(path);
                break;
            case "noexec": _executing.Cover(path); break;
            case "read-only" or "whitelist-ro": _writing.Cover(path); break;
            case "read-write": _writing.Allow(path); break;
            default:
                Cover(path);
                _notes.Add($"line {line.Number}: tmpfs: {PosixText.Printable(path)} would be empty; here it is denied");
                break;
        }
    }

    private void Network(Line line)
    {
        if (line.Directive == "protocol") _protocols.AddRange(line.Argument.Split(',', StringSplitOptions.TrimEntries));
        else if (line.Argument == "none") _isOffline = true;
        else _others[line.Number] = line.Directive;
    }

    private void Hide(Line line)
    {
        (string Path, string Told)[] hidden = line.Directive switch
        {
            "private" or "private-home" => [(_home, "the home directory would be another one; here it is denied")],
            "private-cache" => [($"{_home}/.cache", "~/.cache would be empty; here it is denied")],
            "private-tmp" => [("/tmp", "/tmp would be empty; here it is denied, unless the command is run with -PrivateTemp")],
            "disable-mnt" => [("/media", ""), ("/mnt", ""), ("/run/media", ""), ("/run/mount", "")],
            _ => [],
        };
        foreach ((string path, string told) in hidden)
        {
            Cover(path);
            if (told.Length > 0) _notes.Add($"line {line.Number}: {line.Directive}: {told}");
        }
    }

    private void Cover(string path)
    {
        foreach (AccessArea area in (AccessArea[])[_reading, _executing, _writing]) area.Cover(path);
    }

    /// <summary>The path of a line; null where it holds a pattern, or a macro that only firejail knows.</summary>
    private string? Place(Line line)
    {
        if (line.Argument.Length == 0) throw Error(line.Number, $"{line.Directive} needs a path");
        string path = Expanded(line.Argument);
        if (path.StartsWith("${", StringComparison.Ordinal)) return null;
        if (!path.StartsWith('/'))
            throw Error(line.Number, $"{line.Directive}: '{PosixText.Printable(path)}' is no absolute path");
        return path.AsSpan().ContainsAny('*', '?', '[') ? null : PathRule.Normalize(path);
    }

    private string Expanded(string path) => PosixText.AtHome(PosixText.AtHome(path, _home, "${HOME}"), _home);

    /// <summary>The directory that a whitelist empties; null where that cannot be known.</summary>
    private string? Top(Line line)
    {
        string path = Expanded(line.Argument);
        // ${DOWNLOADS} and the like are in the home directory.
        if (path.StartsWith("${", StringComparison.Ordinal))
            return path.StartsWith("${RUNUSER}", StringComparison.Ordinal) || path.StartsWith("${PATH}", StringComparison.Ordinal)
                ? null : _home;
        if (PathRule.IsBeneath(path, _home)) return _home;
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int depth = parts is ["usr" or "sys", ..] ? 2 : parts is ["run", "user", ..] ? 3 : 1;
        return parts.Length < depth || parts.Take(depth).Any(part => part.AsSpan().ContainsAny('*', '?', '[')) ? null
            : "/" + string.Join('/', parts.Take(depth));
    }

    private void Tell(bool deniesNetwork)
    {
        const string Unknown = "a pattern, a condition or a macro that only firejail knows";
        Tell(_loose, $"{Unknown}; what is denied there is not denied here, which is looser than firejail");
        Tell(_tight, $"{Unknown}; what is allowed there is not allowed here");
        Tell(_hiding, "not carried over, which is looser than firejail; convert included profiles as well");
        Tell(_others, "other protection than Landlock's, and left out");
        Tell(_harmless, "no restriction, and left out");
        _notes.Add("firejail also hides other homes, other processes, /boot and logs, and executes nothing in /etc and /var; here "
            + "permission bits alone decide. Only the home directory, /tmp and what the profile names can be written");
        if (!deniesNetwork) _notes.Add("the profile has no 'net none', so the network is not restricted");
        if (_reading.IsReopened || _executing.IsReopened || _writing.IsReopened)
            _notes.Add(AccessArea.Reopened);
    }

    private void Tell(SortedDictionary<int, string> lines, string what)
    {
        if (lines.Count == 0) return;
        IEnumerable<string> shown = lines.Select(line => $"{line.Key.ToString(CultureInfo.InvariantCulture)} ({line.Value})");
        _notes.Add($"line{(lines.Count == 1 ? "" : "s")} {string.Join(", ", shown)}: {what}");
    }

    private sealed record Line(int Number, string Directive, string Argument, bool IsConditional);
}
