using Landlock.Documents;
using Landlock.Policies;

namespace Landlock.Learning;

/// <summary>A learned policy as the text of a policy file.</summary>
internal static class LearnedDocument
{
    /// <summary>The text for a file, new or extended: a TOML file that is there keeps its text, comments too.</summary>
    /// <returns>What was learned, with what the file allows already marked, and the text.</returns>
    /// <exception cref="PolicyException">The file is there and no valid policy.</exception>
    public static (LearnedPolicy Learned, byte[] Text) Compose(string path, LearnedPolicy learned, bool replace, PolicyVariables variables)
    {
        ArgumentNullException.ThrowIfNull(learned);
        PolicySyntax syntax = PolicySyntaxes.OfFile(path) ?? PolicySyntax.Toml;
        PolicyWriteOptions options = new() { KeepRequired = false };
        if (replace || !PolicyFile.Exists(path) || new FileInfo(path).Length == 0)
            return (learned, PolicyWriter.Write(PolicyWriter.Export(learned.Ruleset, options).Document, syntax));

        byte[] old = File.ReadAllBytes(path);
        PolicyDocument document = syntax == PolicySyntax.Toml ? PolicyDocument.ReadToml(old, path) : PolicyDocument.ReadJson(old, path);
        LearnedPolicy all = PolicyLearner.AddTo(Policy.From(document).Resolve(variables).Ruleset, learned);
        byte[] text = syntax == PolicySyntax.Toml
            ? PolicyWriter.Update(old, path, all.Ruleset, variables, options).Text
            : PolicyWriter.Write(PolicyWriter.Export(all.Ruleset, options).Document, syntax);
        return (all, text);
    }
}
