namespace Landlock.Documents;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>The document can be used, but may not mean what its author thinks.</summary>
    Warning,

    /// <summary>The document cannot be used.</summary>
    Error,
}

/// <summary>Something found in a policy document.</summary>
/// <param name="Location">Where.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">What, as one printable line without the place.</param>
public sealed record PolicyFinding(PolicyLocation Location, FindingSeverity Severity, string Message)
{
    /// <summary>
    /// The finding as compilers print theirs: <c>file:line:column: message</c>, with "warning: " or "note: " before lesser ones.
    /// </summary>
    public override string ToString()
    {
        string place = string.IsNullOrEmpty(Location.Source) ? "" : $"{Location}: ";
        return Severity switch
        {
            FindingSeverity.Error => place + Message,
            FindingSeverity.Warning => $"{place}warning: {Message}",
            _ => $"{place}note: {Message}",
        };
    }
}
