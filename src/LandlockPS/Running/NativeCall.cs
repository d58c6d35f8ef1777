using System.Globalization;

namespace LandlockPS.Running;

/// <summary>
/// The script that runs a native command in another PowerShell. Its words are passed as an argument and are no part of it.
/// </summary>
internal static class NativeCall
{
    /// <summary>The script for a command of so many words, which takes a list of them.</summary>
    public static string Text(int words)
    {
        // Each within a string of its own: the engine takes a splatted "*" or "~" of a native command for a path.
        string call =
            string.Join(' ', Enumerable.Range(0, words).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"$($words[{i}])\"")));
        // With its input, even if there is none: stdin of the child pwsh belongs to the session. And in a block of its own: the engine
        // takes a plain call apart before it sends it.
        return $"param($words) $input | & {{ $input | & {call} }}";
    }
}
