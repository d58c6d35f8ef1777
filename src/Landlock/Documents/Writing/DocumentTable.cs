using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents.Reading;
using Landlock.Documents.Toml;
using Landlock.Rulesets;

namespace Landlock.Documents.Writing;

/// <summary>Turns documents into tables with the keys of TOML, from which both syntaxes are written.</summary>
internal static class DocumentTable
{
    public static TomlTable Of(PolicyDocument document)
    {
        List<TomlEntry> entries = [];
        if (document.Abi is { } abi) entries.Add(new TomlEntry("abi", new TomlInteger(abi)));
        Add(entries, "variable", document.Variables.Select(Of));
        Add(entries, "ruleset", document.Rulesets.Select(Of));
        Add(entries, "path_beneath", document.PathBeneath.Select(Of));
        Add(entries, "net_port", document.NetPort.Select(Of));
        if (document.Extension is { } extension) entries.Add(new TomlEntry(ExtensionReader.Key, Of(extension)));
        return new TomlTable(entries);
    }

    public static TomlTable Of(PolicyPathEntry entry)
    {
        List<TomlEntry> entries = [];
        Add(entries, "allowed_access", entry.Allowed.Words);
        Add(entries, "parent", [.. entry.Parents.Where(parent => !parent.IsEscaped).Select(parent => parent.Text)]);
        Add(entries, "parent_escaped", [.. entry.Parents.Where(parent => parent.IsEscaped).Select(parent => parent.Text)]);
        Add(entries, "except", [.. entry.Except.Where(path => !path.IsEscaped).Select(path => path.Text)]);
        Add(entries, "except_escaped", [.. entry.Except.Where(path => path.IsEscaped).Select(path => path.Text)]);
        if (entry.Optional is { } optional) entries.Add(new TomlEntry("optional", new TomlBoolean(optional)));
        Modifiers(entries, entry.Quiet, entry.Compatibility);
        return new TomlTable(entries);
    }

    public static TomlTable Of(PolicyPortEntry entry)
    {
        List<TomlEntry> entries = [];
        Add(entries, "allowed_access", entry.Allowed.Words);
        entries.Add(new TomlEntry("port", new TomlArray(entry.Ports.Select(Of))));
        Modifiers(entries, entry.Quiet, entry.Compatibility);
        return new TomlTable(entries);
    }

    private static TomlTable Of(PolicyVariable variable)
    {
        List<TomlEntry> entries = [new TomlEntry("name", new TomlString(variable.Name))];
        Add(entries, "literal", variable.Literals);
        return new TomlTable(entries);
    }

    private static TomlTable Of(PolicyHandled handled)
    {
        List<TomlEntry> entries = [];
        Add(entries, "handled_access_fs", handled.Fs.Words);
        Add(entries, "handled_access_net", handled.Net.Words);
        Add(entries, "scoped", handled.Scoped.Words);
        return new TomlTable(entries);
    }

    private static TomlTable Of(PolicyExtension extension)
    {
        List<TomlEntry> entries = [];
        if (extension.Name is not null) entries.Add(new TomlEntry("name", new TomlString(extension.Name)));
        if (extension.Description is not null) entries.Add(new TomlEntry("description", new TomlString(extension.Description)));
        if (extension.Compatibility is { } level) entries.Add(new TomlEntry("compatibility", new TomlString(ExtensionReader.Levels[(int)level])));
        if (extension.RefuseMissing is { } refuse) entries.Add(new TomlEntry("missing_paths", new TomlString(refuse ? "refuse" : "skip")));
        Add(entries, "require", [.. ProtectionPart.In(extension.Promises.Required).Select(part => part.Name)]);
        Add(entries, "allow_degraded", [.. ProtectionPart.In(extension.Promises.AllowDegraded).Select(part => part.Name)]);
        Add(entries, "disabled", [.. ProtectionPart.In(extension.Promises.Disabled).Select(part => part.Name)]);
        Add(entries, "log", [.. AbiTable.InMask(RightKind.Flag, (ulong)extension.LogFlags).Select(right => right.Name)]);
        Add(entries, "quiet_access_fs", extension.QuietFs.Words);
        Add(entries, "quiet_access_net", extension.QuietNet.Words);
        Add(entries, "quiet_scoped", extension.QuietScoped.Words);
        Add(entries, "ruleset", extension.Rulesets.Select(Of));
        Add(entries, "path_beneath", extension.PathBeneath.Select(Of));
        Add(entries, "net_port", extension.NetPort.Select(Of));
        return new TomlTable(entries);
    }

    private static TomlNode Of(PolicyPorts ports)
    {
        if (ports.First != ports.Last) return new TomlString(ports.ToString());
        if (ports.First > long.MaxValue) throw PolicyException.At(ports.Location, $"the number {ports.First} is too large to be written; ports go up to {ushort.MaxValue}");
        return new TomlInteger((long)ports.First);
    }

    private static void Modifiers(List<TomlEntry> entries, bool quiet, Compatibility? level)
    {
        if (quiet) entries.Add(new TomlEntry("quiet", new TomlBoolean(true)));
        if (level is { } own) entries.Add(new TomlEntry("compatibility", new TomlString(ExtensionReader.Levels[(int)own])));
    }

    private static void Add(List<TomlEntry> entries, string key, ImmutableArray<string> texts)
    {
        if (texts.Length > 0) entries.Add(new TomlEntry(key, TomlArray.OfStrings(texts)));
    }

    private static void Add(List<TomlEntry> entries, string key, IEnumerable<TomlTable> tables)
    {
        TomlArray array = new(tables);
        if (array.Count > 0) entries.Add(new TomlEntry(key, array));
    }
}
