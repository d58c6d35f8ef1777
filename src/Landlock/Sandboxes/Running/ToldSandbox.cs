using System.Collections.Immutable;
using System.Globalization;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Running;

/// <summary>
/// What a sandbox was started with, as a process in it is told. It is for questions only: whoever could write the file may have made it up.
/// </summary>
internal sealed record ToldSandbox
{
    private const string Kind = "landlockps", Version = "2";
    private const int MostRules = 200_000, MostArguments = 32;

    /// <summary>The sandboxes, outermost first, with ">" between them.</summary>
    public required string Names { get; init; }

    /// <summary>The command, its own name first; of a long one the beginning.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>When it was started.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>Every layer that is told of, those of the sandboxes around it first.</summary>
    public ImmutableArray<ResolvedLayer> Layers { get; init; } = [];

    /// <summary>Whether there is a sandbox around it whose layers are not known.</summary>
    public bool LacksOuter { get; init; }

    /// <summary>What a plan starts.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isInside">Whether it is started from within a sandbox.</param>
    /// <param name="outer">What is told of that; null if nothing is.</param>
    public static ToldSandbox Of(LaunchPlan plan, bool isInside, ToldSandbox? outer) => new()
    {
        Names = plan.Names ?? SandboxNames.Default,
        Command = [.. plan.Arguments.Take(MostArguments)],
        Started = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
        Layers = [.. outer?.Layers ?? [], .. plan.Layers],
        LacksOuter = isInside && outer is not { LacksOuter: false },
    };

    /// <summary>
    /// The layers, of whose rules those are left out whose place is another object now, or whose path is gone: a rule holds for the object.
    /// </summary>
    public ImmutableArray<ResolvedLayer> Bound(Func<string, string?> environment)
    {
        string temporary = environment("TMPDIR") ?? "";
        return [.. Layers.Select(layer => layer with { PathRules = [.. layer.PathRules.Select(Place).Where(IsThere)] })];

        // The directory for temporary files got its name when it was made.
        ResolvedPathRule Place(ResolvedPathRule rule) => rule.Found is null && ScratchDirectory.IsMadeFor(rule.Path, temporary)
            ? rule with { Path = temporary } : rule;

        static bool IsThere(ResolvedPathRule rule)
        {
            EntryStatus now = PosixEntry.Look(rule.Path, follow: !rule.IsReal);
            return now.Exists && (rule.Found is not { } found || found.Identity == now.Identity
                || (found.IsRenumbered && found.Identity.Device == now.Device));
        }
    }

    /// <summary>Answers questions about it, from within.</summary>
    /// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
    public AccessEvaluator Evaluator(string baseDirectory) => new(Bound(Environment.GetEnvironmentVariable), baseDirectory);

    /// <summary>As bytes: a line for each thing, its words with a blank between them.</summary>
    public byte[] Write()
    {
        ToldText text = new();
        text.Line(Kind, Version);
        text.Line("name", Names);
        text.Line(["command", .. Command]);
        text.Line("started", Number(Started.ToUnixTimeSeconds()));
        if (LacksOuter) text.Line("outer");
        foreach (ResolvedLayer layer in Layers)
        {
            string[] masks = [Number((ulong)layer.HandledFs), Number((ulong)layer.HandledNet), Number((ulong)layer.FilteredNet),
                Number((ulong)layer.Scopes)];
            text.Line(["layer", Number(layer.KernelAbi), .. masks, .. layer.Status.Name is { } name ? [name] : Array.Empty<string>()]);
            foreach (ResolvedPathRule rule in layer.PathRules)
            {
                FileIdentity identity = rule.Found?.Identity ?? default;
                text.Line("path", Number((ulong)rule.Access), Number((ulong)rule.FileAccess), Number(identity.Device),
                    Number(identity.Inode), rule.Found is not { Exists: true } found ? "-" : found.IsRenumbered ? "*" : "=",
                    rule.RealPath ?? rule.Path);
            }

            foreach (HostRule rule in layer.HostRules) text.Line("host", rule.ToString());
            foreach (PortRange range in layer.OpenPorts) text.Line("open", Number(range.First), Number(range.Last));
            foreach (ResolvedNetRule rule in layer.NetRules)
                text.Line("port", Number((ulong)rule.Access), Number(rule.Port.First), Number(rule.Port.Last));
        }

        return text.Bytes();
    }

    /// <summary>Reads it; null if it was not written by this class, in whatever way it differs.</summary>
    public static ToldSandbox? Read(byte[] bytes)
    {
        ImmutableArray<ResolvedLayer>.Builder layers = ImmutableArray.CreateBuilder<ResolvedLayer>();
        List<ResolvedPathRule> paths = [];
        List<ResolvedNetRule> ports = [];
        List<HostRule> hosts = [];
        List<PortRange> open = [];
        ResolvedLayer? layer = null;
        string? names = null;
        string[]? command = null;
        DateTimeOffset? started = null;
        bool lacksOuter = false, isHead = true;
        int rules = 0;
        foreach (string[] words in ToldText.Lines(bytes))
        {
            if (isHead)
            {
                if (words is not [Kind, Version]) return null;
                isHead = false;
                continue;
            }

            switch (words)
            {
                case ["name", { Length: > 0 } name] when names is null:
                    names = name;
                    break;
                case ["command", ..] when command is null:
                    command = words[1..];
                    break;
                case ["started", var time] when started is null && Time(time) is { } at:
                    started = at;
                    break;
                case ["outer"]:
                    lacksOuter = true;
                    break;
                case ["layer", ..] when words.Length is 6 or 7 && Layer(words) is { } next && layers.Count < 4 * AbiTable.MaxLayers:
                    Add();
                    layer = next;
                    break;
                case ["path", ..] when words.Length == 7 && layer is not null && Path(words) is { } rule && rules++ < MostRules:
                    paths.Add(rule);
                    break;
                case ["port", ..] when words.Length == 4 && layer is not null && Port(words) is { } rule && rules++ < MostRules:
                    ports.Add(rule);
                    break;
                case ["host", var text] when layer is not null && Host(text) is { } rule && rules++ < MostRules:
                    hosts.Add(rule);
                    break;
                case ["open", var first, var last] when layer is not null && Range(first, last) is { } range && rules++ < MostRules:
                    open.Add(range);
                    break;
                default:
                    return null;
            }
        }

        Add();
        return names is null || command is null || started is not { } moment || layers.Count == 0 ? null : new ToldSandbox
        {
            Names = names,
            Command = [.. command],
            Started = moment,
            Layers = layers.ToImmutable(),
            LacksOuter = lacksOuter,
        };

        void Add()
        {
            if (layer is not null)
                layers.Add(layer with { PathRules = [.. paths], NetRules = [.. ports], HostRules = [.. hosts], OpenPorts = [.. open] });
            paths.Clear();
            ports.Clear();
            hosts.Clear();
            open.Clear();
        }
    }

    private static ResolvedLayer? Layer(string[] words)
    {
        if (Mask(words[1]) is not (> 0 and < 1000 and var abi) || Mask(words[2]) is not { } fs || Mask(words[3]) is not { } net
            || Mask(words[4]) is not { } filtered || Mask(words[5]) is not { } scopes)
        {
            return null;
        }

        return new ResolvedLayer
        {
            Status = new RestrictionStatus
            {
                Name = words.Length > 6 ? words[6] : null,
                Enforcement = Enforcement.FullyEnforced,
                KernelAbi = (int)abi,
                EffectiveAbi = (int)abi,
            },
            HandledFs = (AccessFs)fs,
            HandledNet = (AccessNet)net,
            FilteredNet = (AccessNet)filtered,
            Scopes = (Scope)scopes,
        };
    }

    private static ResolvedPathRule? Path(string[] words)
    {
        if (Mask(words[1]) is not { } access || Mask(words[2]) is not { } onFile || Mask(words[3]) is not { } device
            || Mask(words[4]) is not { } inode || words[5] is not ("-" or "=" or "*") || !words[6].StartsWith('/'))
        {
            return null;
        }

        return new ResolvedPathRule(words[6], (AccessFs)access, (AccessFs)onFile, Optional: true, Quiet: false)
        {
            Found = words[5] == "-" ? null : new FoundPath(words[6], PathKind.File)
            { RealPath = words[6], Identity = new FileIdentity(device, inode), IsRenumbered = words[5] == "*" },
        };
    }

    private static ResolvedNetRule? Port(string[] words) =>
        Mask(words[1]) is { } access && Range(words[2], words[3]) is { } range
            ? new ResolvedNetRule(range, (AccessNet)access, Quiet: false) : null;

    private static PortRange? Range(string from, string to) =>
        Mask(from) is <= ushort.MaxValue and { } first && Mask(to) is <= ushort.MaxValue and { } last && first <= last
            ? new PortRange((ushort)first, (ushort)last) : null;

    private static HostRule? Host(string text)
    {
        try
        {
            return HostRule.Parse(text);
        }
        catch (RulesetException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Time(string word) =>
        Mask(word) is { } seconds && seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

    private static ulong? Mask(string word) =>
        ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
