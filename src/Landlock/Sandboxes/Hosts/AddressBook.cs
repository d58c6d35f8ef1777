using Landlock.Rulesets;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// Which addresses belong to the names that rules allow: what name servers have answered to the supervisor's own questions, and what
/// /etc/hosts says. Bounded, whatever the command asks.
/// </summary>
internal sealed class AddressBook(HostAccess access)
{
    // Programs keep an address for longer than it holds; too short is an outage, too long only a stale permission.
    private const int LeastSeconds = 600, MostSeconds = 86_400;
    private const int MostEntries = 4096;

    private readonly Dictionary<(HostAddress Address, HostRule Rule), long> _until = [];
    private readonly Dictionary<HostAddress, string> _names = [];

    /// <summary>Notes the address of a name for good, on this machine's own word: it may be this machine itself.</summary>
    public void AddForGood(string name, HostAddress address) => Add(name, address, long.MaxValue);

    /// <summary>Notes what a name server has said; false if the address is none that a name may open.</summary>
    public bool Add(string name, HostAddress address, uint seconds)
    {
        if (!address.IsFarAway) return false;
        Add(name, address, Environment.TickCount64 + (1000L * Math.Clamp(seconds, LeastSeconds, MostSeconds)));
        return true;
    }

    /// <summary>Whether an address is known for a rule's name.</summary>
    public bool IsKnownFor(HostAddress address, HostRule rule) =>
        _until.TryGetValue((address, rule), out long until) && until > Environment.TickCount64;

    /// <summary>The name that an address is known by; null if by none. This machine's own is told as it was written.</summary>
    public string? NameOf(HostAddress address) => address.IsLoopback ? null : _names.GetValueOrDefault(address);

    private void Add(string name, HostAddress address, long until)
    {
        if (_names.Count < MostEntries) _ = _names.TryAdd(address, name);
        foreach (HostRule rule in access.Layers.SelectMany(layer => layer.Hosts))
        {
            if (!rule.AllowsName(name)) continue;
            if (_until.Count >= MostEntries && !_until.ContainsKey((address, rule)) && !MakeRoom()) return;
            _until[(address, rule)] = Math.Max(until, _until.GetValueOrDefault((address, rule)));
        }
    }

    private bool MakeRoom()
    {
        long now = Environment.TickCount64;
        foreach ((HostAddress, HostRule) key in _until.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToArray())
            _ = _until.Remove(key);
        return _until.Count < MostEntries;
    }
}
