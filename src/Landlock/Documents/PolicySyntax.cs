namespace Landlock.Documents;

/// <summary>The two syntaxes of Landlock Config. They say the same; JSON keys are in camelCase, TOML keys in snake_case.</summary>
public enum PolicySyntax
{
    /// <summary>TOML 1.0.</summary>
    Toml,

    /// <summary>JSON (RFC 8259).</summary>
    Json,
}

/// <summary>Finds the syntax of documents.</summary>
internal static class PolicySyntaxes
{
    /// <summary>The syntax that the ending of a file name stands for; null for other endings.</summary>
    public static PolicySyntax? OfFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".toml", StringComparison.Ordinal)) return PolicySyntax.Toml;
        return path.EndsWith(".json", StringComparison.Ordinal) ? PolicySyntax.Json : null;
    }

    /// <summary>The syntax of a text: JSON if it begins with a brace, as no TOML document does.</summary>
    public static PolicySyntax OfText(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> body = Reading.SourceBytes.WithoutMark(utf8).TrimStart(" \t\r\n"u8);
        return body.StartsWith("{"u8) ? PolicySyntax.Json : PolicySyntax.Toml;
    }
}
