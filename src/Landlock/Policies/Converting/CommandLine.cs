using Landlock.Documents;

namespace Landlock.Policies.Converting;

/// <summary>Reads a command line from left to right, option by option, up to the command.</summary>
internal sealed class CommandLine
{
    private readonly string[] _arguments;
    private readonly string _program;
    private int _next;
    private string? _attached;

    private CommandLine(string[] arguments, string program)
    {
        (_arguments, _program) = (arguments, program);
        // `landrun --ro /` is as good as `--ro /`.
        if (arguments.Length > 0 && !arguments[0].StartsWith('-') && arguments[0].Split('/')[^1] == program) _next = 1;
    }

    /// <summary>The name of the current option, without dashes.</summary>
    public string Option { get; private set; } = "";

    /// <summary>Whether the current option has one dash.</summary>
    public bool IsShort { get; private set; }

    /// <summary>What follows the options.</summary>
    public IEnumerable<string> Rest => _arguments.Skip(_next);

    public static CommandLine Of(IEnumerable<string> arguments, string program) => new([.. arguments], program);

    /// <summary>Goes to the next option; false where the command begins.</summary>
    public bool Read()
    {
        if (_next == _arguments.Length) return false;
        string argument = _arguments[_next];
        if (argument == "--")
        {
            _next++;
            return false;
        }

        if (argument.Length < 2 || argument[0] != '-') return false;
        _next++;
        IsShort = argument[1] != '-';
        string text = argument[(IsShort ? 1 : 2)..];
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        _attached = equals < 0 ? null : text[(equals + 1)..];
        Option = equals < 0 ? text : text[..equals];
        return true;
    }

    /// <summary>The value of the current option: after an equals sign, or the next argument.</summary>
    public string Value()
    {
        if (_attached is not null) return _attached;
        if (_next == _arguments.Length) throw Error($"--{Option} needs a value");
        return _arguments[_next++];
    }

    /// <summary>The value of a switch that may have "=true" or "=false".</summary>
    public bool Switch() => _attached switch
    {
        null or "true" or "1" or "t" or "T" or "TRUE" or "True" => true,
        "false" or "0" or "f" or "F" or "FALSE" or "False" => false,
        _ => throw Error($"--{Option} is true or false, not '{PosixText.Printable(_attached)}'"),
    };

    public PolicyException Error(string message) => PolicyException.At(new PolicyLocation(_program, 0, 0), message);

    public PolicyException UnknownOption(IEnumerable<string> known)
    {
        string? near = Suggestion.For(Option, known);
        return Error($"{_program} has no option '{(IsShort ? "-" : "--")}{PosixText.Printable(Option)}'{(near is null ? "" : $"; did you mean '--{near}'?")}");
    }
}
