namespace Landlock.Linux;

/// <summary>A system call failed. The message names the call, the object and the error.</summary>
public sealed class KernelException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="call">Name of the system call.</param>
    /// <param name="error">Its errno.</param>
    /// <param name="target">The path, port or other object it was about.</param>
    public KernelException(string call, Errno error, string? target = null)
        : base(
            $"{call}{(target is null ? "" : $" '{PosixText.Printable(target)}'")}: {ErrnoText.Describe(error)} ({ErrnoText.Name(error)})")
    {
        Call = call;
        Error = error;
        Target = target;
    }

    /// <summary>Name of the system call.</summary>
    public string Call { get; }

    /// <summary>Its errno.</summary>
    public Errno Error { get; }

    /// <summary>The path, port or other object it was about, if any.</summary>
    public string? Target { get; }
}
