using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents.Reading;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>
/// A sandbox as sandbox-runtime has it, which Claude Code uses: everything can be read but for what is denied, nothing can be written but
/// what is allowed, and the network is a list of domains.
/// </summary>
/// <param name="settings">What it is read from.</param>
/// <param name="tool">The tool's name.</param>
/// <param name="home">Absolute path of the home directory.</param>
/// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
/// <param name="realPlace">Where an absolute path leads.</param>
internal sealed class AgentSandbox(SettingsText settings, string tool, string home, string baseDirectory, Func<string, string> realPlace)
{
    private const int Abi = 10;

    // The devices that every sandbox of the kind has, and may be written.
    private static readonly string[] Devices = ["/dev/full", "/dev/null", "/dev/tty", "/dev/zero"];

    private readonly List<string> _denyRead = [], _allowRead = [], _allowWrite = [], _denyWrite = [];
    private readonly AgentDomains _domains = new(settings, tool);
    private readonly List<string> _denyPatterns = [], _allowPatterns = [];

    /// <summary>What a ruleset does not say.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Whether files are not restricted at all.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether all UNIX sockets may be used.</summary>
    public bool AllSockets { get; set; }

    /// <summary>Ports of proxies that stand for the domains.</summary>
    public List<ushort> Proxies { get; } = [];

    public void DenyRead(string path, string shown) => Add(_denyRead, _denyPatterns, path, shown);

    public void AllowRead(string path, string shown) => Add(_allowRead, _allowPatterns, path, shown);

    public void AllowWrite(string path, string shown) => Add(_allowWrite, _allowPatterns, path, shown);

    public void DenyWrite(string path, string shown) => Add(_denyWrite, _denyPatterns, path, shown);

    /// <summary>Notes a pattern that a rule cannot hold.</summary>
    public void Pattern(string shown, bool isDeny) => (isDeny ? _denyPatterns : _allowPatterns).Add(PosixText.Printable(shown));

    public void AllowDomain(string domain, SourcePosition at) => _domains.Allow(domain, at);

    public void DenyDomain(string domain, SourcePosition at) => _domains.Deny(domain, at);

    /// <summary>A path with its ~ replaced.</summary>
    public string AtHome(string path) => PosixText.AtHome(path, home);

    /// <summary>The keys of <c>network</c> that are about domains, ports and sockets, and are alike in both tools.</summary>
    public void ReadNetwork(SourceNode? network)
    {
        foreach (SourceNode domain in settings.Texts(network, "allowedDomains")) AllowDomain(domain.Text, domain.Position);
        foreach (SourceNode domain in settings.Texts(network, "deniedDomains")) DenyDomain(domain.Text, domain.Position);
        AllSockets = settings.Flag(network, "allowAllUnixSockets");
        foreach (string key in (string[])["httpProxyPort", "socksProxyPort"])
            if (settings.Port(network, key) is { } port) Proxies.Add(port);
        if (settings.Texts(network, "allowUnixSockets").Any() && !AllSockets)
            Notes.Add($"network.allowUnixSockets: {tool} ignores it on Linux, and so does the ruleset; allow a socket with "
                + "Add-LandlockPathRule -Access UnixSocket");
        if (settings.Flag(network, "allowLocalBinding"))
            Notes.Add("network.allowLocalBinding: Landlock cannot tell local addresses from others, so no port can be bound; allow single "
                + "ones with Add-LandlockNetRule -BindTcp");
    }

    /// <summary>Notes what the tool protects without being told.</summary>
    public void TellBuiltIn(bool allowsGitConfig)
    {
        if (IsOpen) Notes.Add("filesystem.disabled: files are not restricted");
        else if (_allowWrite.Count > 0)
            Notes.Add($"{tool} also keeps shell startup files, .gitconfig, .gitmodules, .mcp.json, .vscode, .idea, .claude/commands, "
                + $".claude/agents, .git/hooks{(allowsGitConfig ? "" : " and .git/config")} from being written; the ruleset does not, "
                + "which is looser: name them in denyWrite");
    }

    /// <summary>The ruleset.</summary>
    public ConvertedPolicy Convert()
    {
        AccessFs fs = IsOpen ? 0 : AbiTable.AllFs(Abi) & ~(AllSockets ? AccessFs.ResolveUnix : 0);
        Scope scopes = AbiTable.AllScopes(Abi) & ~(AllSockets ? Scope.AbstractUnixSocket : 0);
        (ImmutableArray<HostRule> hosts, ImmutableArray<PortRange> ports) = _domains.Rules(Proxies, Notes);
        if (AllSockets && hosts.Length > 0)
            Notes.Add("network.allowAllUnixSockets: where hosts are named no UNIX socket can be made, unless single ones are allowed with "
                + "Add-LandlockPathRule -Access UnixSocket");
        Ruleset ruleset = Ruleset.Handling(Abi, fs, AbiTable.AllNet(Abi), scopes)
            .With(IsOpen ? [] : Paths(), ports.Select(port => new NetRule(port, AccessNet.ConnectTcp))).WithHosts(hosts);
        if (!IsOpen) TellPatterns();
        return new ConvertedPolicy(ruleset, [], [.. Notes]);
    }

    private static void Add(List<string> paths, List<string> patterns, string path, string shown)
    {
        // What is beneath a directory, and no more than that: the directory.
        string plain = path;
        while (plain.EndsWith("/**", StringComparison.Ordinal)) plain = plain.Length == 3 ? "/" : plain[..^3];
        if (plain.AsSpan().ContainsAny('*', '?', '[')) patterns.Add(PosixText.Printable(shown));
        else paths.Add(plain);
    }

    private List<PathRule> Paths()
    {
        AccessArea reading = new(AccessClass.ReadOnly.Rights, baseDirectory, realPlace);
        AccessArea writing = new(AccessArea.Writing, baseDirectory, realPlace);
        reading.Allow("/");
        foreach (string path in Devices) writing.Allow(path);
        foreach (string path in _allowWrite) writing.Allow(path);
        // What can be written is there to be read, also within what is denied; what cannot be read cannot be written, either.
        foreach (string path in _allowWrite) reading.Allow(path);
        foreach (string path in _denyRead) reading.Deny(path);
        foreach (string path in _denyRead) writing.Deny(path);
        foreach (string path in _allowRead) reading.Allow(path);
        foreach (string path in _denyWrite) writing.Cover(path);
        List<PathRule> rules = [.. reading.Rules(), .. writing.Rules(Devices)];
        string[] none = [.. _allowWrite.Where(path => !writing.Holds(path)).Distinct()];
        if (none.Length > 0) Notes.Add($"nothing can be written in {PosixText.Some(none, 3)}: it is denied as well");
        if (reading.IsReopened || writing.IsReopened)
            Notes.Add(AccessArea.Reopened);
        return rules;
    }

    private void TellPatterns()
    {
        if (_denyPatterns.Count > 0)
            Notes.Add($"{PosixText.Some(_denyPatterns, 5)}: a rule cannot hold patterns, so what they deny is not denied, which is looser "
                + $"than {tool}; give the paths themselves");
        if (_allowPatterns.Count > 0)
            Notes.Add($"{PosixText.Some(_allowPatterns, 5)}: a rule cannot hold patterns, so what they allow is not allowed");
    }
}
