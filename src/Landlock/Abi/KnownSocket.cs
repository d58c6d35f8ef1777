
namespace Landlock.Abi;

/// <summary>
/// A UNIX socket in the filesystem by which other programs can be asked to act, outside of any sandbox.
/// </summary>
/// <param name="Path">Absolute path, without symbolic links.</param>
/// <param name="Service">Who listens.</param>
public sealed record KnownSocket(string Path, string Service)
{
    /// <inheritdoc/>
    public override string ToString() => $"{PosixText.Printable(Path)} ({Service})";
}
