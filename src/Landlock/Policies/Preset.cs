using System.Collections.Immutable;
using System.Reflection;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>
/// A policy that ships with LandlockPS and gives a kind of program what it needs. It only grants; it handles nothing. One that names hosts
/// restricts connecting to those that are named.
/// </summary>
public sealed class Preset
{
    private const string Prefix = "Landlock.Presets.";
    private static readonly Lazy<ImmutableArray<Preset>> Shipped = new(ReadAll);

    private readonly Lazy<PolicyDocument> _document;

    private Preset(string name, byte[] text)
    {
        Name = name;
        Text = System.Text.Encoding.UTF8.GetString(text);
        Description = Text.Split('\n')[0].TrimStart('#').Trim();
        _document = new Lazy<PolicyDocument>(() => PolicyDocument.ReadToml(text, $"preset {name}"));
    }

    /// <summary>The names of all presets; no document is read for it.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "Baseline", "Base", "PowerShell", "Dotnet", "Python", "Node", "Git", "Build", "Convert", "WebClient", "Gpu",
        "HostsNpm", "HostsPyPI", "HostsNuGet", "HostsCrates", "HostsGitHub",
    ];

    /// <summary>All presets, from the smallest to the special.</summary>
    public static ImmutableArray<Preset> All => Shipped.Value;

    /// <summary>The name ("Base").</summary>
    public string Name { get; }

    /// <summary>What it gives, in one line: the first comment of the file.</summary>
    public string Description { get; }

    /// <summary>The document, as its file has it.</summary>
    public string Text { get; }

    /// <summary>The document.</summary>
    public PolicyDocument Document => _document.Value;

    /// <summary>Hosts that it names (<see cref="Ruleset.HostRules"/>).</summary>
    public ImmutableArray<HostRule> Hosts => Document.Extension is { ConnectHost.Length: > 0 }
        ? Policy.From(Document).Resolve().Ruleset.HostRules : [];

    /// <summary>Finds a preset by its name, whatever the case.</summary>
    /// <exception cref="PolicyException">There is none; the message says which there are, or which was meant.</exception>
    public static Preset Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Preset? found = All.FirstOrDefault(preset => string.Equals(preset.Name, name, StringComparison.OrdinalIgnoreCase));
        if (found is not null) return found;
        throw PolicyException.At(new PolicyLocation(name, 0, 0),
            $"there is no such preset{Suggestion.Question(name, Names, otherwise: $"; there are {string.Join(", ", Names)}")}");
    }

    /// <summary>The rules of the preset; those for paths are optional, whatever the system has.</summary>
    /// <param name="variables">Values for its variables, above all the built-in ones.</param>
    /// <exception cref="PolicyException">
    /// The environment names a place for a variable that is never opened as a whole, such as TMPDIR=/.
    /// </exception>
    internal PresetGrants Grants(PolicyVariables variables)
    {
        ResolvedPolicy resolved = Policy.From(Document).Resolve(variables);
        return new PresetGrants([.. resolved.Ruleset.PathRules.Select(Granted)], resolved.Ruleset.NetRules)
        {
            Notes = [.. resolved.Findings.Where(finding => finding.Location.Source == "git_root")
                .Select(finding => $"preset {Name}: {finding.Message}.")],
        };
    }

    // Who may not read an exception anyway is spared the rules for everything beside it.
    private static PathRule Granted(PathRule rule)
    {
        string[] readable = [.. rule.Except.Where(path => PosixEntry.IsPermitted(path, read: true, write: false, execute: false))];
        return rule with { Optional = true, KeepsNarrow = readable.Length > 0, Except = [.. readable] };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ImmutableArray<Preset> ReadAll()
    {
        Assembly assembly = typeof(Preset).Assembly;
        return [.. Names.Select(name => new Preset(name, Read(assembly, name)))];
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream($"{Prefix}{name}.toml")!;
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}

/// <summary>What a preset gives.</summary>
/// <param name="Paths">Path rules.</param>
/// <param name="Ports">Port rules.</param>
internal sealed record PresetGrants(ImmutableArray<PathRule> Paths, ImmutableArray<NetRule> Ports)
{
    /// <summary>What is to be known of the places that the preset means here.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Adds the rules to a ruleset, as far as it handles their rights; it denies nothing more than before.</summary>
    public Ruleset AddTo(Ruleset ruleset)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        return ruleset.WithGrants(Paths).With([], Ports.Where(rule => (rule.Access & ruleset.HandledNet) != 0));
    }
}
