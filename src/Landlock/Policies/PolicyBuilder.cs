using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>Makes policies out of documents and of other policies, in time linear in what they hold (but for sorting).</summary>
internal static class PolicyBuilder
{
    private const RestrictFlags Silencing = RestrictFlags.LogSameExecOff | RestrictFlags.LogSubdomainsOff;

    public static Policy Build(PolicyDocument document)
    {
        PolicyExtension extension = document.Extension ?? new PolicyExtension();
        bool optional = extension.RefuseMissing != true;
        ulong fs = 0;
        ulong net = 0;
        ulong scopes = 0;
        foreach (PolicyHandled handled in document.Rulesets.Concat(extension.Rulesets))
        {
            fs |= handled.Fs.Mask;
            net |= handled.Net.Mask;
            scopes |= handled.Scoped.Mask;
        }

        List<PolicyPathRule> paths = [];
        foreach (PolicyPathEntry entry in document.PathBeneath.Concat(extension.PathBeneath))
        {
            fs |= entry.Allowed.Mask;
            ImmutableArray<PolicyTemplate> except = [.. entry.Except
                .DistinctBy(template => (template.IsEscaped, template.IsPattern, template.Text))
                .OrderBy(template => !template.IsEscaped).ThenBy(template => template.IsPattern)
                .ThenBy(template => template.Text, StringComparer.Ordinal)];
            foreach (PolicyTemplate template in entry.Parents)
                paths.Add(new PolicyPathRule(template, (AccessFs)entry.Allowed.Mask)
                { Except = except, Optional = entry.Optional ?? optional, Quiet = entry.Quiet, Compatibility = entry.Compatibility });
        }

        List<PolicyPortRule> ports = [];
        if (extension.ConnectHost.Length > 0) net |= (ulong)AccessNet.ConnectTcp;
        foreach (PolicyPortEntry entry in document.NetPort.Concat(extension.NetPort))
        {
            net |= entry.Allowed.Mask;
            foreach (PolicyPorts port in entry.Ports)
                ports.Add(new PolicyPortRule(port,
                    (AccessNet)entry.Allowed.Mask)
                { Quiet = entry.Quiet, Compatibility = entry.Compatibility });
        }

        // What our own table lets be sent to can be sent to; of others' rules that lack it there is a warning when they are resolved.
        PolicyPortEntry? sending = extension.NetPort.FirstOrDefault(entry => UdpSending.Sends((AccessNet)entry.Allowed.Mask));
        IEnumerable<PolicyPortRule> plain = ports.Where(rule => rule is { Quiet: false, Compatibility: null });
        if (sending is not null && UdpSending.LacksBind((AccessNet)net, true, plain.Select(rule => (rule.Ports.First, rule.Access))))
            ports.Add(new PolicyPortRule(new PolicyPorts(0, 0, sending.Location), AccessNet.BindUdp));

        return new Policy
        {
            Abi = document.Abi,
            HandledFs = (AccessFs)fs,
            HandledNet = (AccessNet)net,
            Scopes = (Scope)scopes,
            PathRules = Unite(paths, (AccessFs)fs),
            PortRules = Unite(ports, (AccessNet)net),
            HostRules = PolicyHosts.Unite(extension.ConnectHost),
            Variables = Unite(document.Variables),
            Traits = new PolicyTraits
            {
                Names = extension.Name is null ? [] : [extension.Name],
                Descriptions = extension.Description is null ? [] : [extension.Description],
                Compatibility = extension.Compatibility ?? Compatibility.BestEffort,
                Promises = extension.Promises,
                ListInterfaces = extension.ListInterfaces == true,
                LogFlags = extension.LogFlags,
                QuietFs = (AccessFs)extension.QuietFs.Mask & (AccessFs)fs,
                QuietNet = (AccessNet)extension.QuietNet.Mask & (AccessNet)net,
                QuietScopes = (Scope)extension.QuietScoped.Mask & (Scope)scopes,
            },
        };
    }

    public static Policy Compose(IReadOnlyList<Policy> policies)
    {
        if (policies.Count == 0) throw new ArgumentException("There is no policy to compose.", nameof(policies));
        if (policies.Count == 1) return policies[0];
        AccessFs fs = policies.Aggregate((AccessFs)ulong.MaxValue, (mask, policy) => mask & policy.HandledFs);
        AccessNet net = policies.Aggregate((AccessNet)ulong.MaxValue, (mask, policy) => mask & policy.HandledNet);
        Scope scopes = policies.Aggregate((Scope)ulong.MaxValue, (mask, policy) => mask & policy.Scopes);
        return new Policy
        {
            Abi = policies.Min(policy => policy.Abi),
            HandledFs = fs,
            HandledNet = net,
            Scopes = scopes,
            PathRules = Unite(policies.SelectMany(policy => policy.PathRules), fs),
            PortRules = Unite(policies.SelectMany(policy => policy.PortRules), net),
            // As rules for ports: what one of them leaves to everybody, all do.
            HostRules = (net & AccessNet.ConnectTcp) == 0 ? [] : PolicyHosts.Unite(policies.SelectMany(policy => policy.HostRules)),
            Variables = Unite(policies.SelectMany(policy => policy.Variables)),
            Traits = Compose([.. policies.Select(policy => policy.Traits)], fs, net, scopes),
        };
    }

    private static PolicyTraits Compose(IReadOnlyList<PolicyTraits> all, AccessFs fs, AccessNet net, Scope scopes)
    {
        RestrictFlags silenced = all.Aggregate(Silencing, (flags, traits) => flags & traits.LogFlags);
        RestrictFlags logged = all.Aggregate(RestrictFlags.None, (flags, traits) => flags | (traits.LogFlags & ~Silencing));
        return new PolicyTraits
        {
            Names = Sorted(all.SelectMany(traits => traits.Names)),
            Descriptions = Sorted(all.SelectMany(traits => traits.Descriptions)),
            Compatibility = all.Max(traits => traits.Compatibility),
            Promises = Compose([.. all.Select(traits => traits.Promises)]),
            // As with rules: what one of them allows is allowed.
            ListInterfaces = all.Any(traits => traits.ListInterfaces),
            LogFlags = silenced | logged,
            QuietFs = all.Aggregate(fs, (mask, traits) => mask & traits.QuietFs),
            QuietNet = all.Aggregate(net, (mask, traits) => mask & traits.QuietNet),
            QuietScopes = all.Aggregate(scopes, (mask, traits) => mask & traits.QuietScopes),
        };
    }

    // What one document requires is required; what may be missing, or is left out, is up to all of them.
    private static ProtectionPromises Compose(ProtectionPromises[] all)
    {
        Protection required = all.Aggregate(Protection.None, (mask, promises) => mask | promises.Required);
        return new ProtectionPromises
        {
            Required = required,
            AllowDegraded = all.Aggregate(~required, (mask, promises) => mask & promises.AllowDegraded),
            Disabled = all.Aggregate(~required, (mask, promises) => mask & promises.Disabled),
        };
    }

    private static ImmutableArray<PolicyPathRule> Unite(IEnumerable<PolicyPathRule> rules, AccessFs handled)
    {
        List<PolicyPathRule> left = [];
        foreach (PolicyPathRule rule in rules)
        {
            AccessFs access = rule.Access & handled;
            if (access != 0 || rule.Quiet) left.Add(access == rule.Access ? rule : rule with { Access = access });
        }

        return Unite(left, PolicyPathRule.Order, static (a, b) => a with { Access = a.Access | b.Access });
    }

    private static ImmutableArray<PolicyPortRule> Unite(IEnumerable<PolicyPortRule> rules, AccessNet handled)
    {
        List<PolicyPortRule> left = [];
        foreach (PolicyPortRule rule in rules)
        {
            AccessNet access = rule.Access & handled;
            if (access != 0 || rule.Quiet) left.Add(access == rule.Access ? rule : rule with { Access = access });
        }

        return Unite(left, PolicyPortRule.Order, static (a, b) => a with { Access = a.Access | b.Access });
    }

    /// <summary>Brings rules into order and unites those for the same object with the same modifiers, in the place of the first.</summary>
    private static ImmutableArray<T> Unite<T>(List<T> rules, Comparison<T> order, Func<T, T, T> unite)
    {
        (T Rule, int Index)[] all = [.. rules.Select((rule, index) => (rule, index))];
        Array.Sort(all, (a, b) => order(a.Rule, b.Rule) is var result and not 0 ? result : a.Index.CompareTo(b.Index));
        ImmutableArray<T>.Builder united = ImmutableArray.CreateBuilder<T>(all.Length);
        foreach ((T rule, _) in all)
        {
            if (united.Count > 0 && order(united[^1], rule) == 0) united[^1] = unite(united[^1], rule);
            else united.Add(rule);
        }

        return united.DrainToImmutable();
    }

    private static ImmutableArray<PolicyVariable> Unite(IEnumerable<PolicyVariable> variables)
    {
        SortedDictionary<string, (SortedSet<string> Values, PolicyLocation Location)> united = new(StringComparer.Ordinal);
        foreach (PolicyVariable variable in variables)
        {
            if (!united.TryGetValue(variable.Name, out (SortedSet<string> Values, PolicyLocation Location) known))
                united.Add(variable.Name, known = (new SortedSet<string>(StringComparer.Ordinal), variable.Location));
            known.Values.UnionWith(variable.Literals);
        }

        return [.. united.Select(pair => new PolicyVariable(pair.Key, [.. pair.Value.Values], pair.Value.Location))];
    }

    private static ImmutableArray<string> Sorted(IEnumerable<string> texts) =>
        [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
