namespace Landlock.Sandboxes.Hosts;

/// <summary>A host that a command has asked for or connected to.</summary>
/// <param name="Host">The name, or the address where no name is known.</param>
/// <param name="Port">The port; 0 where only the name was asked for.</param>
/// <param name="IsDenied">Whether it was refused.</param>
internal sealed record HostEvent(string Host, int Port, bool IsDenied)
{
    /// <summary>The text of a rule for it: port 443 where none is known.</summary>
    public string Rule => $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}{(Port == 0 ? "" : $":{Port}")}";
}

/// <summary>What a command has asked for, each host and port once, and no more of them than can be read.</summary>
internal sealed class HostJournal
{
    private const int Most = 1000;

    private readonly object _lock = new();
    private readonly Dictionary<HostEvent, int> _events = [];
    private int _left;

    /// <summary>Called with each that is new, on the thread that notes it.</summary>
    public Action<HostEvent>? Told { get; init; }

    /// <summary>Notes one.</summary>
    public void Note(string host, int port, bool isDenied)
    {
        HostEvent noted = new(host, port, isDenied);
        lock (_lock)
        {
            if (_events.TryGetValue(noted, out int count))
            {
                _events[noted] = count + 1;
                return;
            }

            if (_events.Count == Most)
            {
                _left++;
                return;
            }

            _events.Add(noted, 1);
        }

        Told?.Invoke(noted);
    }

    /// <summary>What was noted so far, in its order, each with how often.</summary>
    public IReadOnlyList<(HostEvent Event, int Count)> Read(out int left)
    {
        lock (_lock)
        {
            left = _left;
            return [.. _events.Select(entry => (entry.Key, entry.Value))];
        }
    }
}
