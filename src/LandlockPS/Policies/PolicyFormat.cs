using Landlock.Documents;

namespace LandlockPS;

/// <summary>How a policy is written.</summary>
public enum PolicyFormat
{
    /// <summary>As the name of the file says, or else the text itself.</summary>
    Auto,

    /// <summary>Landlock Config in TOML.</summary>
    Toml,

    /// <summary>Landlock Config in JSON.</summary>
    Json,
}

/// <summary>How a text is written that a ruleset is made of.</summary>
public enum PolicyTextFormat
{
    /// <summary>TOML or JSON, as the text says.</summary>
    Auto,

    /// <summary>Landlock Config in TOML.</summary>
    Toml,

    /// <summary>Landlock Config in JSON.</summary>
    Json,

    /// <summary>A command line of landrun.</summary>
    Landrun,

    /// <summary>A command line of setpriv (util-linux).</summary>
    Setpriv,

    /// <summary>A command line of the kernel's sample sandboxer, with its variables.</summary>
    Sandboxer,

    /// <summary>The settings of Anthropic's sandbox-runtime, in JSON.</summary>
    Srt,

    /// <summary>The settings.json of Claude Code.</summary>
    ClaudeCode,

    /// <summary>A profile of firejail.</summary>
    Firejail,
}

/// <summary>What a format is in the library's words.</summary>
internal static class PolicyFormats
{
    /// <summary>The syntax; null = find out.</summary>
    public static PolicySyntax? Syntax(this PolicyFormat format) => format switch
    {
        PolicyFormat.Toml => PolicySyntax.Toml,
        PolicyFormat.Json => PolicySyntax.Json,
        _ => null,
    };
}
