using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>
/// Pseudo-terminals (pty(7)): the multiplexer makes a pair, of which one end is opened in /dev/pts, by a number that is another one each
/// time. A program that makes one needs both places, and is denied them one after the other.
/// </summary>
internal static class Terminals
{
    /// <summary>What making and using one needs, in both places.</summary>
    public const AccessFs Needed = AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.IoctlDev;

    private const string Directory = "/dev/pts", Multiplexer = "/dev/ptmx", Inner = "/dev/pts/ptmx";

    /// <summary>The path of the other end of the pair with a number.</summary>
    public static string PathOf(int number) => $"{Directory}/{number}";

    /// <summary>Whether a path is where pairs are made.</summary>
    public static bool IsMultiplexer(string path) => path is Multiplexer or Inner;

    /// <summary>Whether a path belongs to a pair.</summary>
    public static bool IsPart(string path) =>
        IsMultiplexer(path) || (IsIn(path) && path.AsSpan(Directory.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0);

    /// <summary>What is to be allowed instead of a path, since it is another one next time.</summary>
    public static string Standing(string path) => IsPart(path) && !IsMultiplexer(path) ? Directory : path;

    /// <summary>The places that making a pair needs; one where the multiplexer itself is in the other.</summary>
    public static IEnumerable<string> Places()
    {
        string multiplexer = PosixFile.RealPath(Multiplexer) ?? Multiplexer;
        return IsIn(multiplexer) ? [Directory] : [multiplexer, Directory];
    }

    private static bool IsIn(string path) =>
        path.Length > Directory.Length + 1 && path.StartsWith(Directory + "/", StringComparison.Ordinal);
}
