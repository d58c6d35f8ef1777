using System.Management.Automation;
using System.Management.Automation.Host;

namespace LandlockPS.Running;

/// <summary>
/// What a sandbox may know of the terminal: its size and colours. What it sets is its own; single keys and the screen are nobody's to
/// read or write from inside.
/// </summary>
internal sealed class SandboxRawUserInterface(PSHostUserInterface? ui) : PSHostRawUserInterface
{
    private static readonly Size s_usual = new(120, 50);

    private ConsoleColor? _foreground;
    private ConsoleColor? _background;
    private Size? _buffer;
    private Size? _window;

    public override ConsoleColor ForegroundColor
    {
        get => _foreground ?? Ask(raw => raw.ForegroundColor, ConsoleColor.Gray);
        set => _foreground = value;
    }

    public override ConsoleColor BackgroundColor
    {
        get => _background ?? Ask(raw => raw.BackgroundColor, ConsoleColor.Black);
        set => _background = value;
    }

    public override Size BufferSize
    {
        get => _buffer ?? Ask(raw => raw.BufferSize, s_usual);
        set => _buffer = value;
    }

    public override Size WindowSize
    {
        get => _window ?? Ask(raw => raw.WindowSize, s_usual);
        set => _window = value;
    }

    // A terminal is asked for it in the middle of what is typed.
    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle { get; set; } = "";

    public override Size MaxWindowSize => Ask(raw => raw.MaxWindowSize, s_usual);

    public override Size MaxPhysicalWindowSize => Ask(raw => raw.MaxPhysicalWindowSize, s_usual);

    public override bool KeyAvailable => false;

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw Refused("read single keys; Read-Host asks for a line");

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Refused("read the screen");

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) =>
        throw Refused("draw on the screen; Write-Host writes");

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw Refused("draw on the screen; Write-Host writes");

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw Refused("scroll the screen");

    private static HostException Refused(string what) =>
        new($"A sandbox cannot {what}.", null, "SandboxHasNoScreen", ErrorCategory.PermissionDenied);

    // Of a host without a terminal every one of these may fail.
    private T Ask<T>(Func<PSHostRawUserInterface, T> ask, T usual)
    {
        try
        {
            return ui?.RawUI is { } raw ? ask(raw) : usual;
        }
        catch (Exception exception) when (exception
            is HostException or NotImplementedException or NotSupportedException or IOException or InvalidOperationException)
        {
            return usual;
        }
    }
}
