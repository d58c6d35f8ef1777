namespace Landlock.Documents.Toml;

/// <summary>Items in their order with distinct names. A short list is searched, a long one has an index.</summary>
internal sealed class KeyedList<T>(Func<T, string> nameOf, int capacity)
    where T : class
{
    // Documents hold many tables of a few keys, for which an index would cost more memory than the keys.
    private const int Searchable = 8;

    private readonly List<T> _items = new(capacity);
    private Dictionary<string, T>? _index;

    public IReadOnlyList<T> Items => _items;

    public T? Find(string name)
    {
        if (_index is not null) return _index.GetValueOrDefault(name);
        foreach (T item in _items)
        {
            if (nameOf(item) == name) return item;
        }

        return null;
    }

    public bool TryAdd(T item)
    {
        if (Find(nameOf(item)) is not null) return false;
        _items.Add(item);
        if (_index is not null) _index.Add(nameOf(item), item);
        else if (_items.Count > Searchable) _index = _items.ToDictionary(nameOf);
        return true;
    }
}
