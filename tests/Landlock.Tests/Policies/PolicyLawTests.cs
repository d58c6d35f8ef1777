using FsCheck;
using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Rulesets;

namespace Landlock.Tests.Policies;

/// <summary>The laws of composition, on random documents with few paths, ports and variables, so that they meet.</summary>
public class PolicyLawTests
{
    private static readonly Gen<PolicyRights> Fs = Generate.Fs.Select(access => new PolicyRights([], (ulong)access));
    private static readonly Gen<PolicyRights> Net = Generate.Net.Select(access => new PolicyRights([], (ulong)access));
    private static readonly Gen<PolicyRights> Scopes = Generate.Scopes.Select(scopes => new PolicyRights([], (ulong)scopes));

    private static readonly Gen<PolicyHandled> Handled =
        from fs in Fs
        from net in Net
        from scopes in Scopes
        select new PolicyHandled(fs, net, scopes, default);

    private static readonly Gen<PolicyPathEntry> PathEntries =
        from access in Fs
        from parents in Gen.NonEmptyListOf(Gen.Elements("/a", "/a/", "b", "${x}", "/${x}/${y}", "", "$$"))
        from optional in Gen.Elements<bool?>(null, null, null, true, false)
        from quiet in Generate.Rarely
        from level in Generate.Level
        select new PolicyPathEntry(access, [.. parents.Select(parent => PolicyTemplate.Parse(parent))],
            default)
        { Optional = optional, Quiet = quiet, Compatibility = level };

    private static readonly Gen<PolicyPortEntry> PortEntries =
        from access in Net
        from ranges in Gen.NonEmptyListOf(Generate.Ports)
        from quiet in Generate.Rarely
        from level in Generate.Level
        select new PolicyPortEntry(access, [.. ranges.Select(range => new PolicyPorts(range.First, range.Last, default))],
            default)
        { Quiet = quiet, Compatibility = level };

    private static readonly Gen<PolicyVariable> Variables =
        from name in Gen.Elements("x", "y")
        from values in Gen.ListOf(Gen.Elements("1", "2", "", "/v"))
        select new PolicyVariable(name, [.. values], default);

    private static readonly Gen<PolicyExtension?> Extensions =
        from has in Gen.Elements(true, false)
        from name in Gen.Elements<string?>(null, "a", "b")
        from level in Generate.Level
        from refuse in Gen.Elements<bool?>(null, true, false)
        from lists in Gen.Elements<bool?>(null, true, false)
        from hosts in Gen.Frequency((2, Gen.Constant<string[]>([])),
            (1, Gen.ArrayOf(Gen.Elements("a.example", "A.example:443", "*.b.example:1-9", "10.0.0.0/8:80"))))
        from log in Generate.LogFlags
        from fs in Fs
        from net in Net
        from scopes in Scopes
        from required in Gen.Choose(0, 0x3FF)
        from allowed in Gen.Choose(0, 0x1FF)
        from promises in Gen.Elements(new ProtectionPromises
        { Required = (Protection)required, AllowDegraded = (Protection)(allowed & ~required) }, ProtectionPromises.None)
        select has ? new PolicyExtension
        {
            Promises = promises,
            Name = name,
            Description = name,
            Compatibility = level,
            RefuseMissing = refuse,
            ListInterfaces = lists,
            ConnectHost = [.. hosts.Select(host => PolicyTemplate.Parse(host))],
            LogFlags = log,
            QuietFs = fs,
            QuietNet = net,
            QuietScoped = scopes,
        } : null;

    private static readonly Gen<PolicyDocument> Documents =
        from abi in Gen.Elements<int?>(null, 1, 4, 6, 11)
        from handled in Gen.ListOf(Handled)
        from paths in Gen.ListOf(PathEntries)
        from ports in Gen.ListOf(PortEntries)
        from variables in Gen.ListOf(Variables)
        from extension in Extensions
        select new PolicyDocument
        {
            Source = "a",
            Abi = abi,
            Rulesets = [.. handled],
            PathBeneath = [.. paths],
            NetPort = [.. ports],
            Variables = [new PolicyVariable("x", [], default), new PolicyVariable("y", [], default), .. variables],
            Extension = extension,
        };

    private static readonly Gen<Policy> Policies = Documents.Select(Policy.From);

    [Fact]
    public void Composition_is_commutative() =>
    Law.Holds(Gen.Two(Policies), pair => Assert.Equal(pair.Item1.Compose(pair.Item2), pair.Item2.Compose(pair.Item1)));

    [Fact]
    public void Composition_is_associative() => Law.Holds(Gen.Three(Policies), three =>
    {
        (Policy a, Policy b, Policy c) = three;
        Policy left = a.Compose(b).Compose(c);

        Assert.Equal(left, a.Compose(b.Compose(c)));
        Assert.Equal(left, Policy.Compose([a, b, c]));
        Assert.Equal(left, Policy.Compose([c, a, b, a]));
    });

    [Fact]
    public void Composition_is_idempotent() => Law.Holds(Gen.Two(Policies), pair =>
    {
        Policy both = pair.Item1.Compose(pair.Item2);

        Assert.Equal(pair.Item1, pair.Item1.Compose(pair.Item1));
        Assert.Equal(both, both.Compose(both));
        Assert.Equal(both, both.Compose(pair.Item1));
    });

    [Fact]
    public void Composition_is_upstreams_formula() => Law.Holds(Gen.Two(Policies), pair =>
    {
        (Policy a, Policy b) = pair;
        Policy both = a.Compose(b);

        Assert.Equal(a.HandledFs & b.HandledFs, both.HandledFs);
        Assert.Equal(a.HandledNet & b.HandledNet, both.HandledNet);
        Assert.Equal(a.Scopes & b.Scopes, both.Scopes);
        Assert.Equal((a.Abi, b.Abi) switch
        {
            (null, var other) => other,
            (var other, null) => other,
            var (first, second) => Math.Min(first.Value, second.Value),
        }, both.Abi);
        foreach (string text in a.PathRules.Concat(b.PathRules).Select(rule => rule.Template.Text).Distinct())
        {
            AccessFs Of(Policy policy) =>
                policy.PathRules.Where(rule => rule.Template.Text == text).Aggregate(AccessFs.None, (access, rule) => access | rule.Access);
            Assert.Equal((Of(a) & both.HandledFs) | (Of(b) & both.HandledFs), Of(both));
        }

        Assert.DoesNotContain(both.PathRules, rule => rule.Access == 0 && !rule.Quiet);
        Assert.Equal(
            a.Variables.Concat(b.Variables).SelectMany(variable => variable.Literals.Select(value => (variable.Name, value)))
                .Distinct().Order(),
            both.Variables.SelectMany(variable => variable.Literals.Select(value => (variable.Name, value))).Order());
    });

    [Fact]
    public void Order_and_repetition_within_a_document_do_not_matter() => Law.Holds(
        from document in Documents
        from paths in Gen.Shuffle(document.PathBeneath.Concat(document.PathBeneath).ToArray())
        from ports in Gen.Shuffle(document.NetPort.ToArray())
        from variables in Gen.Shuffle(document.Variables.ToArray())
        select (document, document with { PathBeneath = [.. paths], NetPort = [.. ports], Variables = [.. variables] }),
        pair => Assert.Equal(Policy.From(pair.document), Policy.From(pair.Item2)));

    [Fact]
    public void The_report_tells_of_every_right_that_is_lost() => Law.Holds(Gen.Two(Documents), pair =>
    {
        Policy a = Policy.From(pair.Item1);
        Policy b = Policy.From(pair.Item2);
        PolicyComposition composition = PolicyComposition.Compose([pair.Item1, pair.Item2], allowEmpty: true);

        Assert.Equal(a.Compose(b), composition.Policy);
        ulong Lost(RightKind kind) =>
            composition.Loosened.Where(right => right.Right.Kind == kind).Aggregate(0UL, (mask, right) => mask | right.Right.Bit);
        Assert.Equal((ulong)(a.HandledFs ^ b.HandledFs), Lost(RightKind.Fs) | (composition.Withdrawn?.Right.Bit ?? 0));
        Assert.Equal(composition.Withdrawn is not null,
            ((a.HandledFs ^ b.HandledFs) & AccessFs.Refer) != 0 && composition.Policy.HandledFs != 0);
        Assert.Equal((ulong)(a.HandledNet ^ b.HandledNet), Lost(RightKind.Net));
        Assert.Equal((ulong)(a.Scopes ^ b.Scopes), Lost(RightKind.Scope));
        Assert.Equal(
            pair.Item1.PathBeneath.Concat(pair.Item2.PathBeneath)
                .Where(entry => ((AccessFs)entry.Allowed.Mask & ~composition.Policy.HandledFs) != 0).Sum(entry => entry.Parents.Length)
                + pair.Item1.NetPort.Concat(pair.Item2.NetPort)
                    .Where(entry => ((AccessNet)entry.Allowed.Mask & ~composition.Policy.HandledNet) != 0).Sum(entry => entry.Ports.Length)
                + (composition.Policy.HandledNet.HasFlag(AccessNet.ConnectTcp) ? 0
                    : new[] { pair.Item1, pair.Item2 }.Sum(document => document.Extension?.ConnectHost.Length ?? 0)),
            composition.Reduced.Length);
    });

    [Fact]
    public void Every_policy_resolves_to_a_ruleset_that_handles_the_same() => Law.Holds(Policies, policy =>
    {
        if (policy.HostRules.Length > 0 && policy.PortRules.Any(rule => (rule.Access & Ruleset.UdpRights) != 0))
        {
            Assert.Throws<PolicyException>(() => policy.Resolve());
            return;
        }

        Ruleset ruleset = policy.Resolve().Ruleset;

        Assert.Equal((policy.HandledFs, policy.HandledNet, policy.Scopes), (ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes));
        Assert.True(ruleset.Abi >= (policy.Abi ?? 1));
    });
}
