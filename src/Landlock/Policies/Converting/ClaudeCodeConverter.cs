using Landlock.Documents.Reading;

namespace Landlock.Policies.Converting;

/// <summary>
/// The settings.json of Claude Code, as of 2026: what its sandbox lets commands do. They are sandbox, and of permissions the rules for
/// Read, Edit and WebFetch, which its sandbox follows, too.
/// </summary>
internal static class ClaudeCodeConverter
{
    private const string Tool = "Claude Code";

    private const string Domain = "domain:";

    private static readonly string[] Tables = ["sandbox", "permissions"];

    private static readonly string[] PathTools = ["Read", "Edit", "Write", "MultiEdit", "NotebookEdit", "WebFetch"];

    private static readonly string[] OtherTools = ["Grep", "NotebookRead", "TodoRead", "TodoWrite", "WebSearch"];

    private static readonly string[] PermissionOthers = ["defaultMode", "disableAutoMode", "disableBypassPermissionsMode"];

    private static readonly string[] SandboxOthers =
    [
        "allowAppleEvents", "allowUnsandboxedCommands", "autoAllowBashIfSandboxed", "bwrapPath", "enabledPlatforms",
        "enableWeakerNestedSandbox", "enableWeakerNetworkIsolation", "excludedCommands", "failIfUnavailable", "ignoreViolations", "ripgrep",
        "socatPath",
    ];

    private static readonly string[] NetworkOthers = ["allowMachLookup", "allowManagedDomainsOnly", "tlsTerminate"];

    public static ConvertedPolicy Convert(string text, string home, string baseDirectory, Func<string, string> realPlace)
    {
        SettingsText settings = SettingsText.Read(text, "claude");
        SourceNode root = settings.Root;
        List<string> others = [];
        // There are more keys every week, and only these two are about what can be reached.
        foreach (SourceNode entry in root.Items)
        {
            if (Tables.Contains(entry.Key)) continue;
            if (Suggestion.For(entry.Key, Tables) is { } near)
                throw settings.Error(entry.KeyPosition, $"Claude Code has no '{PosixText.Printable(entry.Key)}'; did you mean '{near}'?");
            others.Add(PosixText.Printable(entry.Key));
        }

        SourceNode? own = settings.Table(root, "sandbox"), permissions = settings.Table(root, "permissions");
        if (own is null && permissions is null)
            throw settings.Error(root.Position, "neither 'sandbox' nor 'permissions' is there, so nothing says what is allowed");
        if (own is { } table)
            settings.DemandKnown(table, "sandbox", ["enabled", "filesystem", "network", "credentials", .. SandboxOthers]);
        if (permissions is { } rules)
            settings.DemandKnown(rules, "permissions", ["allow", "deny", "ask", "additionalDirectories", .. PermissionOthers]);
        SourceNode? filesystem = settings.Table(own, "filesystem"), network = settings.Table(own, "network");
        if (filesystem is { } files)
        {
            settings.DemandKnown(files, "filesystem",
                ["allowRead", "allowWrite", "denyRead", "denyWrite", "allowManagedReadPathsOnly", "disabled"]);
        }

        if (network is { } net)
        {
            settings.DemandKnown(net, "network",
            [
                "allowedDomains", "deniedDomains", "allowUnixSockets", "allowAllUnixSockets", "allowLocalBinding", "httpProxyPort",
                "socksProxyPort", .. NetworkOthers,
            ]);
        }

        AgentSandbox sandbox = new(settings, Tool, home, baseDirectory, realPlace) { IsOpen = settings.Flag(filesystem, "disabled") };
        sandbox.AllowWrite(".", ".");
        Each("allowWrite", sandbox.AllowWrite);
        Each("allowRead", sandbox.AllowRead);
        Each("denyRead", sandbox.DenyRead);
        Each("denyWrite", sandbox.DenyWrite);
        foreach (SourceNode path in settings.Texts(permissions, "additionalDirectories"))
            sandbox.AllowWrite(Place(sandbox, path.Text), path.Text);
        sandbox.ReadNetwork(network);
        SrtConverter.ReadCredentials(settings, settings.Table(own, "credentials"), sandbox);
        ReadRules(settings, permissions, sandbox);
        Tell();
        return sandbox.Convert();

        void Each(string key, Action<string, string> add)
        {
            foreach (SourceNode path in settings.Texts(filesystem, key)) add(Place(sandbox, path.Text), path.Text);
        }

        void Tell()
        {
            if (!settings.Flag(own, "enabled"))
                sandbox.Notes.Add("sandbox.enabled is not true: Claude Code would run commands without a sandbox; the ruleset is what its "
                    + "sandbox would be");
            sandbox.Notes.Add("relative paths start from the current directory, which commands may change as a whole; Claude Code takes "
                + "the directory of the project, or of the settings");
            string[] left =
            [
                .. SettingsText.Present(own, SandboxOthers).Select(key => $"sandbox.{key}"),
                .. SettingsText.Present(network, NetworkOthers).Select(key => $"network.{key}"),
                .. SettingsText.Present(filesystem, ["allowManagedReadPathsOnly"]).Select(key => $"filesystem.{key}"),
                .. SettingsText.Present(permissions, PermissionOthers).Select(key => $"permissions.{key}"),
                .. others,
            ];
            if (left.Length > 0) sandbox.Notes.Add($"{string.Join(", ", left)}: no part of a ruleset, and left out");
            sandbox.TellBuiltIn(allowsGitConfig: false);
        }
    }

    // In sandbox: // and / begin an absolute path, everything else is relative.
    private static string Place(AgentSandbox sandbox, string path) =>
        path.StartsWith("//", StringComparison.Ordinal) ? path[1..] : sandbox.AtHome(path);

    private static void ReadRules(SettingsText settings, SourceNode? permissions, AgentSandbox sandbox)
    {
        List<string> left = [];
        foreach (SourceNode node in settings.Texts(permissions, "allow"))
        {
            (string tool, string? inside) = Rule(settings, node);
            // Write and the like are accepted, and not looked at.
            if (tool == "Edit" && inside is not null) AddRule(sandbox, node.Text, inside, sandbox.AllowWrite, isDeny: false);
            else if (tool == "WebFetch" && IsDomain(inside)) sandbox.AllowDomain(inside![Domain.Length..], node.Position);
            else if (tool != "Read") left.Add(node.Text);
        }

        foreach (SourceNode node in settings.Texts(permissions, "deny"))
        {
            (string tool, string? inside) = Rule(settings, node);
            if (tool == "Read" && inside is not null) AddRule(sandbox, node.Text, inside, sandbox.DenyRead, isDeny: true);
            else if (tool is "Edit" or "Write" or "MultiEdit" or "NotebookEdit" && inside is not null)
                AddRule(sandbox, node.Text, inside, sandbox.DenyWrite, isDeny: true);
            else if (tool == "WebFetch" && IsDomain(inside)) sandbox.DenyDomain(inside![Domain.Length..], node.Position);
            else left.Add(node.Text);
        }

        if (left.Count > 0)
            sandbox.Notes.Add($"permissions: {PosixText.Some(left, 5)}: about tools of Claude Code and not about paths, and left out");
        string[] asked = [.. settings.Texts(permissions, "ask").Select(node => node.Text)];
        if (asked.Length > 0)
            sandbox.Notes.Add($"permissions.ask: {PosixText.Some(asked, 5)}: nobody is asked here; what the other rules allow is allowed, "
                + "which is looser");
    }

    private static bool IsDomain(string? inside) => inside?.StartsWith(Domain, StringComparison.Ordinal) == true;

    private static (string Tool, string? Inside) Rule(SettingsText settings, SourceNode node)
    {
        string text = node.Text;
        int open = text.IndexOf('(', StringComparison.Ordinal);
        string tool = open < 0 ? text : text[..open];
        if (open == 0 || (open > 0 && (text[^1] != ')' || text.Length - open < 3)))
            throw settings.Error(node.Position, $"'{PosixText.Printable(text)}' is no rule; a rule is Tool or Tool(what)");
        if (!PathTools.Contains(tool) && !OtherTools.Contains(tool) && Suggestion.For(tool, PathTools) is { } near)
            throw settings.Error(node.Position, $"Claude Code has no tool '{PosixText.Printable(tool)}'; did you mean '{near}'?");
        return (tool, open < 0 ? null : text[(open + 1)..^1]);
    }

    // In rules, paths are as in .gitignore: // begins an absolute path and / one of the project; a name alone means any depth.
    private static void AddRule(AgentSandbox sandbox, string shown, string path, Action<string, string> add, bool isDeny)
    {
        bool anywhere = false;
        if (path.StartsWith("//", StringComparison.Ordinal) || path.StartsWith("~/", StringComparison.Ordinal) || path == "~")
        {
            path = Place(sandbox, path);
        }
        else if (path is "*" or "**" or "/**" or "./**")
        {
            path = ".";
        }
        else
        {
            anywhere = path.StartsWith("**/", StringComparison.Ordinal) || !path.TrimEnd('/').Contains('/');
            path = path.StartsWith("**/", StringComparison.Ordinal) ? path[3..]
                : path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path.TrimStart('/');
        }

        if (anywhere) sandbox.Pattern(shown, isDeny);
        // What is meant at any depth is meant here, too.
        if (!anywhere || (isDeny && !path.AsSpan().ContainsAny('*', '?', '['))) add(path, shown);
    }
}
