using System.Globalization;
using System.Text;
using Landlock.Kernel;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Launching;

/// <summary>
/// A file in sealed memory that can be executed in place of a program: it has `landlocked` run that program in the profiles of the
/// directory it is started in, with the same arguments. It lives as long as this object, lies in no directory, and nobody can change it.
/// </summary>
/// <remarks>
/// It is a script: its first line names the interpreter, landlocked, and the argument "shim", to which the kernel adds the file's own path
/// and then the arguments. Both are named through descriptors of this process, since a path may be too long or hold blanks.
/// </remarks>
public sealed class ShimFile : IDisposable
{
    /// <summary>The subcommand of landlocked that reads such files.</summary>
    public const string Subcommand = "shim";

    /// <summary>A target that stands for the first argument, to be run outside of any profile.</summary>
    public const string Outside = "";

    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle _interpreter;

    private ShimFile(SafeFileHandle file, SafeFileHandle interpreter)
    {
        _file = file;
        _interpreter = interpreter;
    }

    /// <summary>The path to execute.</summary>
    public string Path => Descriptor(_file);

    /// <summary>Makes a file that runs a program.</summary>
    /// <param name="landlocked">Path of landlocked.</param>
    /// <param name="target">Absolute path of the program, or <see cref="Outside"/>.</param>
    /// <exception cref="KernelException">landlocked cannot be opened, or the system allows no such files.</exception>
    public static ShimFile Create(string landlocked, string target)
    {
        ArgumentNullException.ThrowIfNull(landlocked);
        ArgumentNullException.ThrowIfNull(target);
        SafeFileHandle interpreter = PosixFile.OpenRead(landlocked) ?? throw new KernelException("open", Errno.ENOENT, landlocked);
        try
        {
            return new ShimFile(SealedMemory.CreateExecutable(Encoding.ASCII.GetBytes($"#!{Descriptor(interpreter)} {Subcommand}\n"), PosixText.Encode(target)), interpreter);
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    /// <summary>The target that such a file names; null if the text is none.</summary>
    public static string? ReadTarget(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        return end < 2 || !text.StartsWith("#!"u8) || !text[..end].EndsWith(Encoding.ASCII.GetBytes(" " + Subcommand)) ? null : PosixText.Decode(text[(end + 1)..]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _interpreter.Dispose();
    }

    private static string Descriptor(SafeFileHandle handle) => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}");
}
