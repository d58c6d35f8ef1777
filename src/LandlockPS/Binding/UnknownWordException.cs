namespace LandlockPS.Binding;

/// <summary>A word of a call means nothing to the cmdlet, or more than one thing; nothing was run.</summary>
internal sealed class UnknownWordException(string word, string message, string action) : ArgumentException(message)
{
    /// <summary>The word as it was written.</summary>
    public string Word { get; } = word;

    /// <summary>What to write instead.</summary>
    public string Action { get; } = action;

    /// <summary>The error's id.</summary>
    public string Id { get; init; } = "UnknownParameter";
}
