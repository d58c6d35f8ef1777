using Landlock.Documents.Reading;

namespace Landlock.Policies.Converting;

/// <summary>The settings of Anthropic's sandbox-runtime (srt), as of 0.0.78, in what they mean on Linux.</summary>
internal static class SrtConverter
{
    private const string Tool = "srt";

    private static readonly string[] FilesystemKeys =
        ["denyRead", "allowRead", "allowWrite", "denyWrite", "allowGitConfig", "disabled"];

    private static readonly string[] NetworkKeys =
    [
        "allowedDomains", "deniedDomains", "allowUnixSockets", "allowAllUnixSockets", "allowLocalBinding", "httpProxyPort",
        "socksProxyPort", .. NetworkOthers,
    ];

    // They are about srt's own proxy.
    private static string[] NetworkOthers =>
    [
        "allowMachLookup", "deniedDomainReasons", "deniedResolvedAddresses", "filterRequest", "mitmProxy", "parentProxy", "strictAllowlist",
        "tlsTerminate",
    ];

    // They are about how srt works, or about other systems.
    private static readonly string[] Others =
    [
        "allowAppleEvents", "allowPty", "bwrapPath", "enableWeakerNestedSandbox", "enableWeakerNetworkIsolation", "git",
        "ignoreViolations", "javaAgentJarPath", "mandatoryDenySearchDepth", "ripgrep", "seccomp", "socatPath", "windows",
    ];

    public static ConvertedPolicy Convert(string text, string home, string baseDirectory, Func<string, string> realPlace)
    {
        SettingsText settings = SettingsText.Read(text, Tool);
        SourceNode root = settings.Root;
        settings.DemandKnown(root, Tool, ["filesystem", "network", "credentials", .. Others]);
        SourceNode network = Needed(settings, root, "network"), filesystem = Needed(settings, root, "filesystem");
        settings.DemandKnown(network, "network", NetworkKeys);
        settings.DemandKnown(filesystem, "filesystem", FilesystemKeys);
        foreach (string key in (string[])["allowedDomains", "deniedDomains"]) Demand(settings, network, "network", key);
        foreach (string key in (string[])["denyRead", "allowWrite", "denyWrite"]) Demand(settings, filesystem, "filesystem", key);

        AgentSandbox sandbox = new(settings, Tool, home, baseDirectory, realPlace) { IsOpen = settings.Flag(filesystem, "disabled") };
        Each("denyRead", sandbox.DenyRead);
        Each("allowRead", sandbox.AllowRead);
        Each("allowWrite", sandbox.AllowWrite);
        Each("denyWrite", sandbox.DenyWrite);
        sandbox.ReadNetwork(network);
        ReadCredentials(settings, settings.Table(root, "credentials"), sandbox);
        string[] left =
            [.. SettingsText.Present(network, NetworkOthers).Select(key => $"network.{key}"), .. SettingsText.Present(root, Others)];
        if (left.Length > 0) sandbox.Notes.Add($"{string.Join(", ", left)}: no part of a ruleset, and left out");
        sandbox.TellBuiltIn(settings.Flag(filesystem, "allowGitConfig"));
        return sandbox.Convert();

        void Each(string key, Action<string, string> add)
        {
            foreach (SourceNode path in settings.Texts(filesystem, key)) add(sandbox.AtHome(path.Text), path.Text);
        }
    }

    // Masked credentials are replaced on their way out, which needs a proxy: here they cannot be read.
    internal static void ReadCredentials(SettingsText settings, SourceNode? credentials, AgentSandbox sandbox)
    {
        if (credentials is not { } table) return;
        settings.DemandKnown(table, "credentials", ["files", "envVars", "allowPlaintextInject", "awsPairs", "sigv4"]);
        foreach (SourceNode file in settings.Tables(table, "files"))
        {
            string path = settings.Text(file, "path", "a file of credentials").Text;
            sandbox.DenyRead(sandbox.AtHome(path), path);
            if (settings.Text(file, "mode", "a file of credentials").Text != "deny")
                sandbox.Notes.Add($"credentials.files: {PosixText.Printable(path)} cannot be masked, so it cannot be read");
        }

        if (settings.Tables(table, "envVars").Any())
            sandbox.Notes.Add("credentials.envVars: a ruleset says nothing about the environment, so the command has these variables, "
                + "which is looser; run it with -RemoveSecret");
    }

    private static SourceNode Needed(SettingsText settings, SourceNode root, string key) =>
        settings.Table(root, key) ?? throw settings.Error(root.Position, $"the settings of srt need '{key}'");

    private static void Demand(SettingsText settings, SourceNode table, string where, string key)
    {
        if (!SettingsText.Present(table, [key]).Any()) throw settings.Error(table.Position, $"{where} needs '{key}'");
        settings.Texts(table, key);
    }
}
