using System.Collections.Immutable;
using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>Puts values into templates and makes the ruleset.</summary>
internal static class PolicyResolver
{
    /// <summary>Most paths that one template may stand for.</summary>
    internal const int MostPathsOfTemplate = 100_000;

    /// <summary>Most paths that variables may make in all, exceptions among them.</summary>
    internal const long MostPaths = 250_000;

    /// <summary>Most pairs of a path and an exception of one rule; each is looked at.</summary>
    internal const long MostPairs = 10_000_000;

    /// <summary>Most characters of all paths together that variables may make.</summary>
    internal const long MostCharacters = 64 << 20;

    public static ResolvedPolicy Resolve(Policy policy, PolicyVariables variables)
    {
        List<PolicyFinding> findings = [];
        Dictionary<string, ImmutableArray<string>> values = Values(policy, variables, findings);
        List<PathRule> paths = Paths(policy, variables, values, findings);
        List<NetRule> ports = Ports(policy, findings);
        ImmutableArray<HostRule> hosts =
            PolicyHosts.Resolve(policy.HostRules, values, host => Undeclared(host, variables, values), findings);
        findings.AddRange(PolicyHosts.Udp(policy));
        if (Unsent(policy) is { } unsent) findings.Add(unsent);
        Protection kept = ProtectionPart.Handled(policy.Traits.Promises.Disabled, policy.HandledFs, policy.HandledNet, policy.Scopes,
            policy.Traits.LogFlags);
        if (kept != 0)
            findings.Add(new PolicyFinding(default, FindingSeverity.Error,
                $"the table 'landlockps' disables {ProtectionPart.Names(kept)}, which the policy handles"));
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) throw new PolicyException(findings);

        Ruleset ruleset = Ruleset.Handling(RulesetAbi(policy), policy.HandledFs, policy.HandledNet, policy.Scopes)
            .WithExactly(paths, ports)
            .WithHosts(hosts)
            .WithLogging(policy.Traits.LogFlags)
            .WithQuiet(policy.Traits.QuietFs, policy.Traits.QuietNet, policy.Traits.QuietScopes)
            .WithPromises(policy.Traits.Promises)
            with
        {
            Name = policy.Traits.Names.Length == 0 ? null : string.Join(" + ", policy.Traits.Names),
            Compatibility = policy.Traits.Compatibility,
            ListInterfaces = policy.Traits.ListInterfaces,
        };
        return new ResolvedPolicy
        {
            Abi = policy.Abi,
            Ruleset = ruleset,
            Description = policy.Traits.Descriptions.Length == 0 ? null : string.Join(" ", policy.Traits.Descriptions),
            Findings = [.. findings],
        };
    }

    /// <summary>
    /// The ABI that a ruleset is for: the documents' own, but never less than their rights need, since a document may name a right that is
    /// newer than its <c>abi</c>.
    /// </summary>
    private static int RulesetAbi(Policy policy)
    {
        int needed = policy.Abi ?? 1;
        foreach ((RightKind kind, ulong mask) in new[]
        {
            (RightKind.Fs, (ulong)policy.HandledFs), (RightKind.Net, (ulong)policy.HandledNet), (RightKind.Scope, (ulong)policy.Scopes),
        })
            foreach (Right right in AbiTable.InMask(kind, mask)) needed = Math.Max(needed, right.Abi);
        if (policy.Abi is not null) return needed;

        // Nobody said for which ABI, so it is one that has what the table landlockps asks for.
        PolicyTraits traits = policy.Traits;
        if (traits.LogFlags != 0) needed = Math.Max(needed, 7);
        bool quiet = traits.QuietFs != 0 || traits.QuietNet != 0 || traits.QuietScopes != 0 || policy.PathRules.Any(rule => rule.Quiet)
            || policy.PortRules.Any(rule => rule.Quiet);
        return quiet ? Math.Max(needed, 10) : needed;
    }

    private static Dictionary<string, ImmutableArray<string>> Values(Policy policy, PolicyVariables variables, List<PolicyFinding> findings)
    {
        Dictionary<string, ImmutableArray<string>> values = new(StringComparer.Ordinal);
        foreach (PolicyVariable variable in policy.Variables)
        {
            bool open = variable.Literals.Length == 0;
            values.Add(variable.Name, (open ? variables.Builtins?.Find(variable.Name) : null) ?? variable.Literals);
            if (open && !variables.Given.ContainsKey(variable.Name) && variables.Builtins?.Remark(variable.Name) is { } remark)
                findings.Add(remark);
        }

        (PolicyVariables used, ImmutableArray<PolicyFinding> unused) = variables.For([policy]);
        findings.AddRange(unused);
        foreach ((string name, ImmutableArray<string>? given) in used.Given)
        {
            values[name] = given ?? variables.Builtins?.Find(name) ?? [];
            if (given is null && variables.Builtins?.Remark(name) is { } remark) findings.Add(remark);
        }
        return values;
    }

    private static List<PathRule> Paths(Policy policy, PolicyVariables variables, Dictionary<string, ImmutableArray<string>> values,
        List<PolicyFinding> findings)
    {
        List<PathRule> paths = new(policy.PathRules.Length);
        Made total = default;
        // An exception is for the paths of its entry, some of which it may not be beneath; it must be beneath one.
        Dictionary<string, (PolicyTemplate Template, bool Used)> exceptions = new(StringComparer.Ordinal);
        // Relative paths start from where the policy is used one day.
        ExceptionPlace places = new(baseDirectory: null);
        foreach (PolicyPathRule rule in policy.PathRules)
        {
            List<PathRule> made = [.. PathsOf(rule.Template, excepted: false).Select(path => new PathRule(path, rule.Access)
            {
                Optional = rule.Optional,
                Quiet = rule.Quiet,
                Compatibility = rule.Compatibility,
            })];
            long pairs = 0;
            foreach (PolicyTemplate template in rule.Except.Where(template => !template.IsPattern))
            {
                string[] excepted = [.. PathsOf(template, excepted: true).Select(PathRule.Normalize)];
                pairs += (long)excepted.Length * made.Count;
                if (pairs > MostPairs)
                {
                    findings.Add(new PolicyFinding(template.Location, FindingSeverity.Error,
                        $"{made.Count} paths with so many exceptions are too many: each exception is looked for beneath each path"));
                    break;
                }

                foreach (string path in excepted)
                {
                    bool used = false;
                    for (int i = 0; i < made.Count; i++)
                    {
                        if (!places.IsInside(path, made[i].Path, made[i].Access)) continue;
                        made[i] = made[i] with { Except = [.. made[i].Except, path] };
                        used = true;
                    }

                    exceptions[path] = (template,
                        used || (exceptions.TryGetValue(path, out (PolicyTemplate, bool Used) known) && known.Used));
                }
            }

            if (rule.Except.FirstOrDefault(template => template.IsPattern) is { } pattern)
                made = WithoutMatching(rule, made, pattern.Location);
            paths.AddRange(made);
            if (total.IsTooMuch) break;
        }

        foreach ((string path, (PolicyTemplate template, bool used)) in exceptions)
            if (!used)
                findings.Add(new PolicyFinding(template.Location, FindingSeverity.Error,
                    $"the exception {places.Show(path)} is beneath none of the paths of its rule"));
        return paths;

        // What patterns mean is looked up now. A path that is not there yet has no rule later, either: nobody has looked through it.
        List<PathRule> WithoutMatching(PolicyPathRule rule, List<PathRule> made, PolicyLocation location)
        {
            try
            {
                string[] patterns = [.. rule.Except.Where(template => template.IsPattern)
                    .SelectMany(template => PathsOf(template, excepted: true))];
                if (made.Find(path => !path.Path.StartsWith('/')) is { } relative)
                    throw new RulesetException(RulesetProblem.InvalidException, relative.Path,
                        $"'{PosixText.Printable(relative.Path)}' is no absolute path, so patterns cannot be looked for beneath it.");
                ILookup<bool, PathRule> there = made.Select(path => path with { Found = PosixFile.Find(path.Path) })
                    .ToLookup(path => path.Found is { Exists: true });
                if (!there[true].Any() || patterns.Length == 0) return [.. there[true], .. there[false]];
                RuleExceptions left = RuleExceptions.Of(there[true], patterns, baseDirectory: null);
                findings.AddRange(left.Notes.Select(note => new PolicyFinding(location, FindingSeverity.Note, note.TrimEnd('.'))));
                return [.. left.Rules, .. there[false]];
            }
            catch (RulesetException e)
            {
                findings.Add(new PolicyFinding(location, FindingSeverity.Error, e.Message.TrimEnd('.')));
                return made;
            }
        }

        IEnumerable<string> PathsOf(PolicyTemplate template, bool excepted)
        {
            if (template.IsPlain) return template.Text.Length > 0 ? [template.Text] : [];
            if (Problem(template, variables, values, ref total) is { } problem)
            {
                // More of the same would not help, and the limit is there to save the time.
                findings.Add(new PolicyFinding(template.Location, FindingSeverity.Error, problem));
                return [];
            }

            string? empty = template.Variables.FirstOrDefault(name => values[name].Length == 0);
            if (empty is null)
                return Expand(template, template.IsPattern ? Plain(template, values) : values).Where(path => path.Length > 0);
            // A path that is not allowed denies more; one that is not excepted would allow more.
            findings.Add(new PolicyFinding(template.Location, excepted ? FindingSeverity.Error : FindingSeverity.Note,
                $"the variable '{empty}' has no value, so {QuotedText.Of(template.Text)} stands for no path"));
            return [];
        }
    }

    // What is wrong where a variable is none.
    private static string? Undeclared(PolicyTemplate template, PolicyVariables variables,
        Dictionary<string, ImmutableArray<string>> values)
    {
        if (template.Variables.FirstOrDefault(variable => !values.ContainsKey(variable)) is not { } name) return null;
        string? near = Suggestion.For(name, values.Keys);
        string help = near is not null ? $"; did you mean '{near}'?"
            : variables.Builtins?.Find(name) is not null ? "; declare it, without a literal, to have the built-in value"
            : "; declare it, or give it a value";
        return $"variable '{name}' not found{help}";
    }

    private static string? Problem(PolicyTemplate template, PolicyVariables variables, Dictionary<string, ImmutableArray<string>> values,
        ref Made total)
    {
        if (Undeclared(template, variables, values) is { } undeclared) return undeclared;
        double count = 1;
        double length = 0;
        foreach (TemplatePart part in template.Parts)
        {
            if (!part.IsVariable)
            {
                length += part.Text.Length;
                continue;
            }

            ImmutableArray<string> known = values[part.Text];
            count *= known.Length;
            length += known.Length == 0 ? 0 : known.Max(value => value.Length);
        }

        if (count > MostPathsOfTemplate)
            return $"{QuotedText.Of(template.Text)} stands for {count:0} paths; at most {MostPathsOfTemplate} are possible";
        if (template.Parts.Any(part => part.IsVariable))
            total = new Made(total.Paths + (long)count, total.Characters + (long)Math.Min(count * length, MostCharacters + 1));
        return total.Paths > MostPaths ? $"the variables make more than {MostPaths} paths up to here"
            : total.Characters > MostCharacters ? "the variables make more than 64 million characters of paths up to here"
            : null;
    }

    // What variables have made so far.
    private readonly record struct Made(long Paths, long Characters)
    {
        public bool IsTooMuch => Paths > MostPaths || Characters > MostCharacters;
    }

    // In a pattern, values of variables are names as they stand.
    private static Dictionary<string, ImmutableArray<string>> Plain(PolicyTemplate template,
        Dictionary<string, ImmutableArray<string>> values) => template.Variables.Distinct().ToDictionary(name => name,
        name => values[name].Select(ExceptionText.Escaped).ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>The texts that a template stands for; each of its variables has values.</summary>
    public static IEnumerable<string> Expand(PolicyTemplate template, Dictionary<string, ImmutableArray<string>> values)
    {
        ImmutableArray<TemplatePart> parts = template.Parts;
        if (parts.Length == 0) yield break;
        if (parts is [{ IsVariable: false } only])
        {
            yield return only.Text;
            yield break;
        }

        // Counts through all combinations, the last variable fastest. A variable that occurs twice varies twice, as upstream has it.
        int[] chosen = new int[parts.Length];
        StringBuilder path = new();
        while (true)
        {
            path.Clear();
            for (int i = 0; i < parts.Length; i++) path.Append(parts[i].IsVariable ? values[parts[i].Text][chosen[i]] : parts[i].Text);
            yield return path.ToString();
            int last = parts.Length - 1;
            while (last >= 0 && (!parts[last].IsVariable || ++chosen[last] == values[parts[last].Text].Length)) chosen[last--] = 0;
            if (last < 0) yield break;
        }
    }

    // The document is somebody's, and stays what it is.
    private static PolicyFinding? Unsent(Policy policy)
    {
        if (!UdpSending.LacksBind(policy.HandledNet, policy.PortRules.Any(rule => UdpSending.Sends(rule.Access)),
            policy.PortRules.Select(rule => (rule.Ports.First, rule.Access))))
        {
            return null;
        }
        PolicyPorts first = policy.PortRules.First(rule => UdpSending.Sends(rule.Access)).Ports;
        return new PolicyFinding(first.Location, FindingSeverity.Warning,
            $"connect_send_udp on port {first.First} lets hardly a program send: a socket that is not bound binds itself to a free port "
                + "before it sends, which is denied; allow bind_udp on port 0, too");
    }

    private static List<NetRule> Ports(Policy policy, List<PolicyFinding> findings)
    {
        List<NetRule> ports = new(policy.PortRules.Length);
        foreach (PolicyPortRule rule in policy.PortRules)
        {
            if (rule.Ports.Last > ushort.MaxValue)
                findings.Add(new PolicyFinding(rule.Ports.Location, FindingSeverity.Error,
                    $"there is no port {rule.Ports.Last}: ports go up to {ushort.MaxValue}"));
            else
                ports.Add(new NetRule(new PortRange((ushort)rule.Ports.First, (ushort)rule.Ports.Last),
                    rule.Access)
                { Quiet = rule.Quiet, Compatibility = rule.Compatibility });
        }

        return ports;
    }
}
