using System.Diagnostics;

namespace Landlock.Tests.Exec;

/// <summary>A test that needs Landlock in the running kernel, and more where it says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KernelFactAttribute : FactAttribute
{
    private int abi = 1;
    private bool root;

    public KernelFactAttribute() => Update();

    /// <summary>Least Landlock ABI.</summary>
    public int Abi
    {
        get => abi;
        set
        {
            abi = value;
            Update();
        }
    }

    /// <summary>Whether the test changes its user.</summary>
    public bool Root
    {
        get => root;
        set
        {
            root = value;
            Update();
        }
    }

    private void Update()
    {
        int found = Posix.LandlockAbi();
        Skip = found < abi ? $"needs Landlock ABI {abi}, this kernel has {found}"
            : root && Posix.geteuid() != 0 ? "needs root"
            : null;
    }
}

/// <summary>A directory that goes away with the test. Everyone may enter it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Root = Directory.CreateTempSubdirectory("landlock-exec-").FullName;
        File.SetUnixFileMode(Root, (UnixFileMode)0x1ED);
    }

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    public string Write(string name, string content, int mode = 0x1A4)
    {
        File.WriteAllText(this[name], content);
        File.SetUnixFileMode(this[name], (UnixFileMode)mode);
        return this[name];
    }

    /// <summary>
    /// Copies a file that is to be executed. Another process writes it: a descriptor of this one could live on for a moment in a child that
    /// another test is just starting, and the kernel does not execute what is open for writing.
    /// </summary>
    public string Install(string source, string name)
    {
        using Process install = Process.Start("install", ["-m", "755", source, this[name]]);
        install.WaitForExit();
        return this[name];
    }

    public string CreateDirectory(string name) => Directory.CreateDirectory(this[name]).FullName;

    // A damaged plan may leave a name that is not UTF-8, which .NET cannot remove.
    public void Dispose()
    {
        using Process remove = Process.Start("rm", ["-rf", "--", Root]);
        remove.WaitForExit();
    }
}
