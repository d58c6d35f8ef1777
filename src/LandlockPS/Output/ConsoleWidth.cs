namespace LandlockPS.Output;

/// <summary>How wide the console is.</summary>
internal static class ConsoleWidth
{
    /// <summary>The columns that text may fill: the engine leaves a terminal's last one free. Null where there is no console.</summary>
    public static int? Usable
    {
        get
        {
            try
            {
                return Console.BufferWidth is > 0 and var width ? width - 1 : null;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    /// <summary>Lines of a list, as wide as the terminal; as they are where the output goes elsewhere.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="before">Columns that the first one has before it.</param>
    public static IEnumerable<string> Fit(IEnumerable<string> lines, int before) =>
        Console.IsOutputRedirected || Usable is not { } width ? lines
            : lines.SelectMany((line, index) => WrappedText.Hanging(line, index == 0 ? width - before : width));
}
