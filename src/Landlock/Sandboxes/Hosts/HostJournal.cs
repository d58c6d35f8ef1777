namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// What a command has asked its supervisor for: each thing once, however often it asks, and no more of them than somebody reads.
/// </summary>
/// <param name="write">Takes a line for each; null = nobody reads it.</param>
internal sealed class HostJournal(Action<byte[]>? write)
{
    private const int Most = 1000;

    private readonly HashSet<HostEvent> _noted = [];

    /// <summary>Whether somebody reads it.</summary>
    public bool IsRead => write is not null;

    /// <summary>Notes one.</summary>
    public void Note(HostEvent noted)
    {
        if (write is null || _noted.Count == Most || !_noted.Add(noted with { Thread = 0 })) return;
        write(noted.Line());
    }
}
