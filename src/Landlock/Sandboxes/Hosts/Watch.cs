using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>Waits for descriptors, and tells those who watch them. A number is never used twice, so nobody hears of another's.</summary>
internal sealed class Watch : IDisposable
{
    private readonly EventPoll _poll = new();
    private readonly Dictionary<ulong, IWatched> _watched = [];
    private ulong _last;

    /// <summary>Watches a descriptor; the key to go on or to end with.</summary>
    public ulong Add(int descriptor, IWatched watched, uint events)
    {
        _watched.Add(++_last, watched);
        _poll.Watch(descriptor, _last, events);
        return _last;
    }

    /// <summary>Watches for something else.</summary>
    public void Change(ulong key, int descriptor, uint events) => _poll.Watch(descriptor, key, events);

    /// <summary>Watches no longer; the descriptor is closed afterwards.</summary>
    public void Remove(ulong key, int descriptor)
    {
        if (_watched.Remove(key)) _poll.Forget(descriptor);
    }

    /// <summary>Waits once, and tells.</summary>
    /// <param name="milliseconds">How long at most; negative = for ever.</param>
    public void Wait(int milliseconds)
    {
        int count = _poll.Wait(milliseconds);
        for (int i = 0; i < count; i++)
        {
            (ulong key, uint events) = _poll.At(i);
            if (_watched.TryGetValue(key, out IWatched? watched)) watched.Happened(events);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _poll.Dispose();
}
