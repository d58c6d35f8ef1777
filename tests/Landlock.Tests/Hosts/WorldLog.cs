namespace Landlock.Tests.Hosts;

/// <summary>What the world's hosts saw, a line each.</summary>
/// <param name="path">The file.</param>
internal sealed class WorldLog(string path) : IDisposable
{
    private readonly StreamWriter _file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };

    public void Write(string line)
    {
        lock (_file) _file.WriteLine(line);
    }

    public void Dispose() => _file.Dispose();
}
