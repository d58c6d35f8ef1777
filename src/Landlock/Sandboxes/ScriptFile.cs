using System.Globalization;
using System.Text;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>
/// A script in sealed memory: its first line names an interpreter and an argument, to which the kernel adds the script's own path and then
/// what it is called with. It lives as long as this object, lies in no directory, and nobody can change it.
/// </summary>
/// <remarks>Script and interpreter are named through descriptors of this process, since a path may be too long or hold blanks.</remarks>
internal sealed class ScriptFile : IDisposable
{
    /// <summary>The argument of a script of landlocked that runs what it is called with, in no sandbox.</summary>
    public const string Outside = "nosandbox";

    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle _interpreter;

    private ScriptFile(SafeFileHandle file, SafeFileHandle interpreter)
    {
        _file = file;
        _interpreter = interpreter;
    }

    /// <summary>The path to execute.</summary>
    public string Path => Descriptor(_file);

    /// <summary>Makes a script.</summary>
    /// <param name="interpreter">Path of the interpreter.</param>
    /// <param name="argument">Its argument: ASCII, without blanks, at most 200 characters.</param>
    /// <exception cref="KernelException">The interpreter cannot be opened, or the system allows no such files.</exception>
    public static ScriptFile Create(string interpreter, string argument)
    {
        ArgumentNullException.ThrowIfNull(interpreter);
        ArgumentNullException.ThrowIfNull(argument);
        SafeFileHandle opened = PosixFile.OpenRead(interpreter) ?? throw new KernelException("open", Errno.ENOENT, interpreter);
        try
        {
            return new ScriptFile(SealedMemory.CreateExecutable(Encoding.ASCII.GetBytes($"#!{Descriptor(opened)} {argument}\n")), opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _interpreter.Dispose();
    }

    /// <summary>The path by which every process of this user can open what a descriptor of this process leads to.</summary>
    internal static string Descriptor(SafeFileHandle handle) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}");
}
