using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Documents.Reading;

namespace Landlock.Profiles;

/// <summary>Reads profile.toml. All problems are collected, and what can be read in spite of them is kept.</summary>
internal static class ProfileReader
{
    /// <summary>The name of the file in a profile's folder.</summary>
    public const string FileName = "profile.toml";

    /// <summary>The name of the folder, in a profile's folder, that holds the policy documents.</summary>
    public const string PolicyFolder = "landlock";

    private const int LargestFile = 1 << 20;
    private static readonly TableShape Document = new("a profile", "context", "env", "workspace", ProfileSettingsReader.Key, "$schema");
    private static readonly TableShape Context = new("a context", "when_beneath");
    private static readonly TableShape Variable = new("an environment variable", "name", "literal");

    /// <summary>What messages call the text of a profile.</summary>
    public static string SourceOf(Profile profile) =>
        profile.Origin == ProfileOrigin.Shipped ? $"profile {profile.Name}" : Path.Combine(profile.Directory, FileName);

    /// <summary>Reads a profile from its folder.</summary>
    public static Profile Read(string directory, ProfileOrigin origin = ProfileOrigin.LandlockPS)
    {
        ArgumentNullException.ThrowIfNull(directory);
        string file = Path.Combine(directory, FileName);
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] text = new byte[Math.Min(stream.Length, LargestFile + 1)];
            int length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            if (length <= LargestFile) return Read(text.AsSpan(0, length), directory, origin);
            return Broken(directory, origin, new PolicyLocation(file, 0, 0),
                $"it is larger than {LargestFile >> 20} MiB, too large for a profile");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : "it cannot be read";
            return Broken(directory, origin, new PolicyLocation(file, 0, 0), reason);
        }
    }

    /// <summary>Reads the text of a profile.toml.</summary>
    public static Profile Read(ReadOnlySpan<byte> utf8, string directory, ProfileOrigin origin = ProfileOrigin.LandlockPS)
    {
        ArgumentNullException.ThrowIfNull(directory);
        Profile profile = New(directory, origin);
        ReadContext context = new(profile.File, PolicySyntax.Toml, PolicyReadOptions.Default);
        try
        {
            // "$schema" is for editors, which read it themselves.
            Fields fields = Fields.Of(context, new SourceNode(TomlSource.Read(utf8), SourceTree.Document), Document)!.Value;
            bool known = true;
            ImmutableArray<ProfileContext> contexts =
                [.. Tables(context, fields, "context", node => ReadContext(context, node), () => known = false)];
            NoteContexts(context, contexts);
            profile = profile with
            {
                Contexts = contexts,
                AreContextsKnown = known,
                Environment = [.. Tables(context, fields, "env", node => ReadVariable(context, node), null)],
                Workspace = fields.Optional("workspace", SourceKind.Boolean, "a boolean")?.Boolean ?? true,
                Settings = ProfileSettingsReader.Read(context, fields),
            };
        }
        catch (SourceException e)
        {
            context.Fail(e);
            profile = profile with { AreContextsKnown = false };
        }

        return profile with
        { Findings = [.. context.Findings.OrderBy(finding => finding.Location.Line).ThenBy(finding => finding.Location.Column)] };
    }

    /// <summary>A profile of which nothing is known but that it is there.</summary>
    internal static Profile Broken(string directory, ProfileOrigin origin, PolicyLocation location, string problem) =>
        New(directory, origin) with { AreContextsKnown = false, Findings = [new PolicyFinding(location, FindingSeverity.Error, problem)] };

    private static Profile New(string directory, ProfileOrigin origin) =>
        new()
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(directory)),
            Directory = origin == ProfileOrigin.Shipped ? "" : directory,
            Origin = origin,
        };

    private static IEnumerable<T> Tables<T>(ReadContext context, Fields fields, string key, Func<SourceNode, T?> read, Action? failed)
        where T : class
    {
        if (fields.Find(key) is not { } array) yield break;
        if (array.Kind != SourceKind.Array)
        {
            context.Error(array.Position,
                $"{context.Name(key)} must be tables with the header [[{key}]], not {array.Describe(context.Syntax)}");
            failed?.Invoke();
            yield break;
        }

        foreach (SourceNode node in array.Items)
        {
            if (read(node) is { } value) yield return value;
            else failed?.Invoke();
        }
    }

    private static ProfileContext? ReadContext(ReadContext context, SourceNode node)
    {
        if (Fields.Of(context, node, Context) is not { } fields) return null;
        if (fields.Require("when_beneath", SourceKind.String, "a string") is not { } path) return null;
        if (!path.Text.StartsWith('/') || path.Text.Contains('\0'))
        {
            context.Error(path.Position, $"'when_beneath' must be an absolute path, not {QuotedText.Of(path.Text)}");
            return null;
        }

        return new ProfileContext(path.Text, context.At(path.Position));
    }

    private static ProfileVariable? ReadVariable(ReadContext context, SourceNode node)
    {
        if (Fields.Of(context, node, Variable) is not { } fields) return null;
        SourceNode? name = fields.Require("name", SourceKind.String, "a string");
        SourceNode? literal = fields.Require("literal", SourceKind.String, "a string");
        if (name is { Text: var text } named && (text.Length == 0 || text.AsSpan().IndexOfAny("=\0") >= 0))
            context.Error(named.Position, $"{QuotedText.Of(text)} cannot be the name of an environment variable");
        if (literal is { } value && value.Text.Contains('\0'))
            context.Error(value.Position, "the value of an environment variable cannot hold a NUL character");
        return name is null || literal is null ? null
            : new ProfileVariable(name.Value.Text, literal.Value.Text, context.At(fields.Position));
    }

    private static void NoteContexts(ReadContext context, ImmutableArray<ProfileContext> contexts)
    {
        List<string> seen = [];
        foreach (ProfileContext item in contexts)
        {
            SourcePosition position = new(item.Location.Line, item.Location.Column);
            if (item.RealPath is not { } real)
            {
                context.Warn(position,
                    $"the directory {QuotedText.Of(item.WhenBeneath)} does not exist, so the profile does not apply to it");
                continue;
            }

            string? other = seen.Find(path => Profile.IsBeneath(path, real) || Profile.IsBeneath(real, path));
            if (other is not null)
                context.Warn(position, $"the directory {QuotedText.Of(item.WhenBeneath)} overlaps with {QuotedText.Of(other)}; Island "
                    + "would keep the narrower only, here both count");
            seen.Add(real);
        }
    }
}
