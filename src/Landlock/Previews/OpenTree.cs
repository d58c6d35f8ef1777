using Landlock.Linux;

namespace Landlock.Previews;

/// <summary>
/// Directories of a tree by their paths beneath it, no link on the way followed. Those on the way to the last one stay open.
/// </summary>
internal sealed class OpenTree(DirectoryHandle root) : IDisposable
{
    /// <summary>How many directories in each other are looked at: each level keeps two of them open.</summary>
    public const int Deepest = 300;

    private readonly List<(string Name, DirectoryHandle Handle)> _way = [];

    /// <summary>The directory around a path, and the last part of it; null if it is not there.</summary>
    public DirectoryHandle? Around(string inner, out string name)
    {
        int slash = inner.LastIndexOf('/');
        name = inner[(slash + 1)..];
        if (inner.Length == 0) name = ".";
        return Find(slash < 0 ? "" : inner[..slash]);
    }

    /// <summary>Forgets what is open: names may lead elsewhere now.</summary>
    public void Forget()
    {
        foreach ((_, DirectoryHandle handle) in _way) handle.Dispose();
        _way.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        root.Dispose();
    }

    private DirectoryHandle? Find(string inner)
    {
        string[] names = inner.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int same = 0;
        while (same < names.Length && same < _way.Count && _way[same].Name == names[same]) same++;
        for (int i = _way.Count - 1; i >= same; i--)
        {
            _way[i].Handle.Dispose();
            _way.RemoveAt(i);
        }

        DirectoryHandle directory = same == 0 ? root : _way[same - 1].Handle;
        foreach (string name in names.AsSpan(same))
        {
            if (directory.EnterInside(name) is not { } inside) return null;
            _way.Add((name, inside));
            directory = inside;
        }

        return directory;
    }
}
