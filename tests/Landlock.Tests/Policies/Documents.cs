using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Tests.Policies;

/// <summary>Short ways to documents and what they mean.</summary>
internal static class Documents
{
    public static PolicyDocument FromToml(string text, string source = "a.toml", PolicyReadOptions? options = null) =>
        PolicyDocument.ReadToml(Encoding.UTF8.GetBytes(text), source, options);

    public static PolicyDocument FromJson(string text, string source = "a.json", PolicyReadOptions? options = null) =>
        PolicyDocument.ReadJson(Encoding.UTF8.GetBytes(text), source, options);

    public static ResolvedPolicy Resolve(params PolicyDocument[] documents) =>
        PolicyComposition.Compose(documents, allowEmpty: true).Policy.Resolve();

    public static Ruleset RulesetOf(params PolicyDocument[] documents) => Resolve(documents).Ruleset;

    /// <summary>The findings of a text, one a line.</summary>
    public static string Findings(string text, PolicySyntax syntax = PolicySyntax.Toml, PolicyReadOptions? options = null) =>
        string.Join('\n', PolicyDocument.Check(Encoding.UTF8.GetBytes(text), syntax, syntax == PolicySyntax.Toml ? "a.toml" : "a.json",
            options).Findings);

    /// <summary>Path rules as "path: mask" in hexadecimal digits, one a line.</summary>
    public static string Paths(Ruleset ruleset) =>
        string.Join('\n', ruleset.PathRules.Select(rule => $"{rule.Path}: {(ulong)rule.Access:x}"));

    public static string Names(AccessFs access) => string.Join(' ', AbiTable.Names(access));
}
