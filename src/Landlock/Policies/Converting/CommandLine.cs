using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Landlock.Documents;

namespace Landlock.Policies.Converting;

/// <summary>Reads a command line from left to right, option by option, up to the command.</summary>
internal sealed partial class CommandLine
{
    private readonly string[] _arguments;
    private readonly string _program;
    private static readonly string[] Starters =
    [
        "sudo", "doas", "env", "nohup", "nice", "ionice", "time", "command", "exec", "setsid", "timeout", "systemd-run",
    ];

    private int _next;
    private string? _attached;

    private CommandLine(string[] arguments, string program)
    {
        (_arguments, _program) = (arguments, program);
        // `landrun --ro /` is as good as `--ro /`.
        if (arguments.Length == 0 || arguments[0].StartsWith('-')) return;
        int name = Array.FindIndex(arguments, word => word.Split('/')[^1] == program);
        if (name < 0 || !IsBefore(arguments[0]))
        {
            throw Error(
                $"the command line begins with '{PosixText.Printable(arguments[0])}'; it has to begin with {program}, or with its "
                    + (program == "sandboxer" ? "variables and then sandboxer" : "options"));
        }

        _next = name + 1;
        Skipped = [.. arguments[..name]];

        // What may stand before a program: variables, and programs that start it.
        bool IsBefore(string word) => name == 0 || Starters.Contains(word.Split('/')[^1]) || Assignment().IsMatch(word);
    }

    /// <summary>The name of the current option, without dashes.</summary>
    public string Option { get; private set; } = "";

    /// <summary>The words before the name of the program, such as sudo.</summary>
    public ImmutableArray<string> Skipped { get; } = [];

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

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*=")]
    private static partial Regex Assignment();

    public PolicyException UnknownOption(IEnumerable<string> known)
    {
        string? near = Suggestion.For(Option, known);
        return Error($"{_program} has no option "
            + $"'{(IsShort ? "-" : "--")}{PosixText.Printable(Option)}'{(near is null ? "" : $"; did you mean '--{near}'?")}");
    }
}
