using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents.Reading;
using Landlock.Rulesets;

namespace Landlock.Documents.Writing;

/// <summary>Writes what documents say, whatever the syntax.</summary>
internal static class DocumentContent
{
    /// <summary>Tells whoever passes a document on that others refuse it.</summary>
    public const string Mark = "LandlockPS's own table: landlockconfig refuses documents that have it.";

    /// <summary>Writes a document, as text that ends in a newline.</summary>
    public static string Write(PolicyDocument document, PolicySyntax syntax)
    {
        if (syntax == PolicySyntax.Toml)
        {
            TomlOutput toml = new();
            Write(document, toml);
            return toml.ToString();
        }

        return JsonGlyphs.Write(indented: true, json =>
        {
            json.WriteStartObject();
            Write(document, new JsonOutput(json));
            json.WriteEndObject();
        }) + "\n";
    }

    public static void WritePath(PolicyPathEntry entry, DocumentOutput output)
    {
        output.Texts("allowed_access", entry.Allowed.Words);
        WritePaths("parent", entry.Parents, output);
        WritePaths("except", [.. entry.Except.Where(path => !path.IsPattern)], output);
        output.Texts("except_matching", [.. entry.Except.Where(path => path.IsPattern).Select(path => path.Text)]);
        if (entry.Optional is { } optional) output.Flag("optional", optional);
        WriteModifiers(entry.Quiet, entry.Compatibility, output);
    }

    public static void WritePorts(PolicyPortEntry entry, DocumentOutput output)
    {
        output.Texts("allowed_access", entry.Allowed.Words);
        output.Ports("port", entry.Ports);
        WriteModifiers(entry.Quiet, entry.Compatibility, output);
    }

    private static void Write(PolicyDocument document, DocumentOutput output)
    {
        if (document.Abi is { } abi) output.Number("abi", abi);
        output.Tables("variable", document.Variables, variable =>
        {
            output.Text("name", variable.Name);
            output.Texts("literal", variable.Literals);
        });
        WriteRules(document.Rulesets, document.PathBeneath, document.NetPort, output);
        if (document.Extension is not { } extension) return;
        output.Comment(Mark);
        output.Table(ExtensionReader.Key, () => Write(extension, output));
    }

    private static void Write(PolicyExtension extension, DocumentOutput output)
    {
        if (extension.Name is not null) output.Text("name", extension.Name);
        if (extension.Description is not null) output.Text("description", extension.Description);
        if (extension.Compatibility is { } level) output.Text("compatibility", ExtensionReader.Levels[(int)level]);
        if (extension.RefuseMissing is { } refuse) output.Text("missing_paths", refuse ? "refuse" : "skip");
        WriteProtections("require", extension.Promises.Required, output);
        WriteProtections("allow_degraded", extension.Promises.AllowDegraded, output);
        WriteProtections("disabled", extension.Promises.Disabled, output);
        if (extension.ListInterfaces is { } lists) output.Flag("list_interfaces", lists);
        output.Texts(HostsReader.Key, [.. extension.ConnectHost.Select(host => host.Text)]);
        output.Texts("log", [.. AbiTable.InMask(RightKind.Flag, (ulong)extension.LogFlags).Select(right => right.Name)]);
        output.Texts("quiet_access_fs", extension.QuietFs.Words);
        output.Texts("quiet_access_net", extension.QuietNet.Words);
        output.Texts("quiet_scoped", extension.QuietScoped.Words);
        WriteRules(extension.Rulesets, extension.PathBeneath, extension.NetPort, output);
    }

    private static void WriteRules(
        ImmutableArray<PolicyHandled> rulesets, ImmutableArray<PolicyPathEntry> paths, ImmutableArray<PolicyPortEntry> ports,
        DocumentOutput output)
    {
        output.Tables("ruleset", rulesets, handled =>
        {
            output.Texts("handled_access_fs", handled.Fs.Words);
            output.Texts("handled_access_net", handled.Net.Words);
            output.Texts("scoped", handled.Scoped.Words);
        });
        output.Tables("path_beneath", paths, entry => WritePath(entry, output));
        output.Tables("net_port", ports, entry => WritePorts(entry, output));
    }

    private static void WritePaths(string key, ImmutableArray<PolicyTemplate> paths, DocumentOutput output)
    {
        output.Texts(key, [.. paths.Where(path => !path.IsEscaped).Select(path => path.Text)]);
        output.Texts($"{key}_escaped", [.. paths.Where(path => path.IsEscaped).Select(path => path.Text)]);
    }

    private static void WriteProtections(string key, Protection mask, DocumentOutput output) =>
        output.Texts(key, [.. ProtectionPart.In(mask).Select(part => part.Name)]);

    private static void WriteModifiers(bool quiet, Compatibility? level, DocumentOutput output)
    {
        if (quiet) output.Flag("quiet", true);
        if (level is { } own) output.Text("compatibility", ExtensionReader.Levels[(int)own]);
    }
}
