using System.Diagnostics;

namespace Landlock.Bench;

/// <summary>Commands that `landlocked compile` writes, in a directory of their own.</summary>
internal sealed class Compiled(string landlocked) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("landlocked-bench-").FullName;

    public string[] Write(string name, string[] options)
    {
        string file = Path.Combine(_directory, name);
        using Process process = Process.Start(landlocked, ["compile", "--output", file, .. options])!;
        process.WaitForExit();
        return process.ExitCode == 0 ? [file] : throw new InvalidOperationException($"landlocked compile ended with {process.ExitCode}");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
