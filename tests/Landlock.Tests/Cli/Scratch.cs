using Landlock.Linux;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Cli;

/// <summary>A directory that everybody may change and that is gone after the test. Names may be any byte strings.</summary>
public sealed class Scratch : IDisposable
{
    public Scratch()
    {
        Path = Directory.CreateTempSubdirectory("landlocked-").FullName;
        TempDirectory.SetMode(Path, 0x1FF);
    }

    public string Path { get; }

    public string this[string name] => $"{Path}/{name}";

    /// <summary>Runs a shell script in the directory, with arguments $1, $2 ...</summary>
    public void Do(string script, params string[] arguments)
    {
        CliRun run =
            CliRun.Program(new Setup { Who = Who.Root, Directory = Path }, ["/bin/sh", "-euc", $"umask 0; {script}", "sh", .. arguments]);
        Assert.True(run.ExitCode == 0, $"{script}: {run}");
    }

    /// <summary>Writes a file that everybody may read and write.</summary>
    public string File(string name, string content = "content\n")
    {
        Do("printf %s \"$2\" > \"$1\"", this[name], content);
        return this[name];
    }

    /// <summary>Makes a directory with a file in it.</summary>
    public string Folder(string name)
    {
        Do("mkdir -- \"$1\"; printf 'content\\n' > \"$1/file\"", this[name]);
        return this[name];
    }

    /// <summary>
    /// Copies a program. By another process: a file that this one has written stays busy while any child holds the descriptor.
    /// </summary>
    public string Program(string name, string source = "/bin/true")
    {
        Do("cp -- \"$2\" \"$1\"; chmod 755 -- \"$1\"", this[name], source);
        return this[name];
    }

    /// <summary>Writes a script.</summary>
    public string Script(string name, string content)
    {
        Do("printf %s \"$2\" > \"$1\"; chmod 755 -- \"$1\"", this[name], content);
        return this[name];
    }

    public void Dispose()
    {
        using System.Diagnostics.Process remove = System.Diagnostics.Process.Start("rm", ["-rf", "--", Path]);
        remove.WaitForExit();
    }

    /// <summary>Whether there is such a file, whatever bytes its name has.</summary>
    public static bool Exists(string path) => PosixFile.Stat(path) is not null;
}
