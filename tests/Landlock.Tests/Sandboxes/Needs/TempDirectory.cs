using System.Runtime.InteropServices;
using System.Text;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>A directory that is gone after the test. Names may be any byte strings.</summary>
public sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Path = Directory.CreateTempSubdirectory("closure-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Join(Path, name);

    public string Write(string name, byte[] content, bool executable = true)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        SetMode(path, executable ? 0x1EDu : 0x1A4u);
        return path;
    }

    public string Write(string name, string content, bool executable = true) => Write(name, Encoding.Latin1.GetBytes(content), executable);

    /// <summary>Writes a file whose name holds bytes that are not UTF-8, by renaming one with the C library.</summary>
    public string WriteRaw(byte[] name, string content)
    {
        string plain = Write("to-be-renamed", content);
        byte[] target = [.. PosixText.Encode(Path), (byte)'/', .. name, 0];
        byte[] source = [.. PosixText.Encode(plain), 0];
        Assert.Equal(0, Rename(source, target));
        return PosixText.Decode(target.AsSpan(0, target.Length - 1));
    }

    public void Dispose()
    {
        using System.Diagnostics.Process remove = System.Diagnostics.Process.Start("rm", ["-rf", "--", Path]);
        remove.WaitForExit();
    }

    public static void SetMode(string path, uint mode) => Assert.Equal(0, Chmod([.. PosixText.Encode(path), 0], mode));

    [DllImport("libc", EntryPoint = "chmod")]
    private static extern int Chmod(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "rename")]
    private static extern int Rename(byte[] source, byte[] target);
}
