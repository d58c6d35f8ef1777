using System.Collections.Immutable;
using System.Text;
using Landlock.Documents;
using Landlock.Documents.Writing;
using Landlock.Policies.Writing;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>How to write rulesets as documents.</summary>
public sealed record PolicyWriteOptions
{
    /// <summary>The default: everything is kept, in the table <c>landlockps</c> where the format has no words for it.</summary>
    public static PolicyWriteOptions Default { get; } = new();

    /// <summary>
    /// Refuse what landlockconfig cannot say and enforce. Names, descriptions, and that paths are required, which change nothing about what
    /// is denied, are left out and noted.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Keep that paths are required, by <c>missing_paths = "refuse"</c>. Without it a document says nothing about it, which means that
    /// missing paths are skipped.
    /// </summary>
    public bool KeepRequired { get; init; } = true;
}

/// <summary>A ruleset as a document.</summary>
/// <param name="Document">The document.</param>
/// <param name="Notes">Why the table <c>landlockps</c> was needed, or what was left out; empty if upstream reads the same from it.</param>
public sealed record PolicyExport(PolicyDocument Document, ImmutableArray<string> Notes)
{
    /// <summary>Whether the document has the table <c>landlockps</c>, so that landlockconfig refuses it.</summary>
    public bool NeedsExtension => Document.Extension is not null;
}

/// <summary>A document that was changed.</summary>
/// <param name="Text">The new text.</param>
/// <param name="Appended">Whether all of the old text is still there, comments and layout included, with rules added at its end.</param>
/// <param name="Notes">What <see cref="PolicyExport.Notes"/> has, and why the text could not be kept.</param>
internal sealed record PolicyUpdate(byte[] Text, bool Appended, ImmutableArray<string> Notes);

/// <summary>Writes documents.</summary>
public static class PolicyWriter
{
    /// <summary>Makes a document that reads as the ruleset.</summary>
    /// <exception cref="PolicyException">
    /// The ruleset restricts nothing or cannot be written, or is more than a strict document can say.
    /// </exception>
    public static PolicyExport Export(Ruleset ruleset, PolicyWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        return new PolicyExporter(options ?? PolicyWriteOptions.Default).Export(RulesetPolicy.Of(ruleset));
    }

    /// <summary>Makes a document that reads as the policy, its variables included.</summary>
    /// <exception cref="PolicyException">
    /// The policy restricts nothing or cannot be written, or is more than a strict document can say.
    /// </exception>
    public static PolicyExport Export(Policy policy, PolicyWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new PolicyExporter(options ?? PolicyWriteOptions.Default).Export(policy);
    }

    /// <summary>Writes a document, in UTF-8.</summary>
    /// <exception cref="PolicyException">It holds something that cannot be written.</exception>
    public static byte[] Write(PolicyDocument document, PolicySyntax syntax) => Encoding.UTF8.GetBytes(WriteText(document, syntax));

    /// <summary>Writes a document, as text that ends in a newline.</summary>
    /// <exception cref="PolicyException">It holds something that cannot be written.</exception>
    public static string WriteText(PolicyDocument document, PolicySyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(document);
        try
        {
            return DocumentContent.Write(document, syntax);
        }
        catch (ArgumentException)
        {
            throw PolicyException.At(new PolicyLocation(document.Source, 0, 0),
                "it holds text with half of a surrogate pair, which no document can hold");
        }
    }

    /// <summary>One rule as lines of TOML that can be added to the end of a policy.</summary>
    /// <exception cref="PolicyException">The path cannot be written.</exception>
    public static string Snippet(PathRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        PolicyPathEntry[] entries = [.. PolicyExporter.Group([RulesetPolicy.Of(rule)], null, rule.Optional)];
        bool own = entries.Any(PolicyExporter.IsOwn);
        return WriteText(new PolicyDocument
        {
            Source = "",
            PathBeneath = own ? [] : [.. entries],
            Extension = own ? new PolicyExtension { PathBeneath = [.. entries] } : null,
        }, PolicySyntax.Toml);
    }

    /// <inheritdoc cref="Snippet(PathRule)"/>
    public static string Snippet(NetRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        PolicyPortEntry[] entries = [.. PolicyExporter.Group([RulesetPolicy.Of(rule)], null, expand: false)];
        bool own = entries.Any(PolicyExporter.IsOwn);
        return WriteText(new PolicyDocument
        {
            Source = "",
            NetPort = own ? [] : [.. entries],
            Extension = own ? new PolicyExtension { NetPort = [.. entries] } : null,
        }, PolicySyntax.Toml);
    }

    /// <inheritdoc cref="Snippet(PathRule)"/>
    public static string Snippet(HostRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return WriteText(new PolicyDocument
        {
            Source = "",
            Extension = new PolicyExtension { ConnectHost = [PolicyTemplate.Parse(rule.ToString())] },
        }, PolicySyntax.Toml);
    }

    /// <summary>
    /// Changes the text of a TOML document so that it reads as the ruleset. If the ruleset is what the document says and more rules, they
    /// are added at the end and every byte before stays; they are optional if that is what the document's other rules are. Otherwise the
    /// document is written anew.
    /// </summary>
    /// <param name="toml">The text of the document.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="ruleset">What it should say.</param>
    /// <param name="variables">The values that the document was resolved with.</param>
    /// <param name="options">How to write.</param>
    /// <exception cref="PolicyException">The text is no valid document, or the ruleset cannot be written.</exception>
    internal static PolicyUpdate Update(ReadOnlySpan<byte> toml, string source, Ruleset ruleset, PolicyVariables? variables = null,
        PolicyWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        return PolicyUpdater.Update(toml, PolicyDocument.ReadToml(toml, source), ruleset, variables ?? PolicyVariables.None,
            options ?? PolicyWriteOptions.Default);
    }
}
