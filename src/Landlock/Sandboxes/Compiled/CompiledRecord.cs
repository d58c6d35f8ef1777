using System.Collections.Immutable;
using Landlock.Sandboxes.Running;

namespace Landlock.Sandboxes.Compiled;

/// <summary>What was asked for when a command was compiled, so that it can be planned anew, and what came of it, to be shown.</summary>
internal sealed record CompiledRecord
{
    private const string Kind = "landlockps-compiled", Format = "1";

    /// <summary>
    /// Variables that decide what a plan is: where the user's files and profiles are, and where programs and libraries are looked for.
    /// </summary>
    public static ImmutableArray<string> DecidingVariables { get; } =
    [
        "HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME",
        "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
    ];

    /// <summary>The version that compiled it.</summary>
    public required string Version { get; init; }

    /// <summary>When that was, in seconds since 1970.</summary>
    public required long Time { get; init; }

    /// <summary>The directory that relative paths start from.</summary>
    public required string Directory { get; init; }

    /// <summary>The options of `landlocked compile`; null where the sandbox was made of what options cannot say.</summary>
    public ImmutableArray<string>? Options { get; init; }

    /// <summary>The command and its arguments.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>What the variables were that decide.</summary>
    public ImmutableArray<(string Name, string Value)> Variables { get; init; } = [];

    /// <summary>The plan as --dry-run shows it, and with --verbose.</summary>
    public ImmutableArray<string> Summary { get; init; } = [];

    /// <summary>The same with everything.</summary>
    public ImmutableArray<string> Description { get; init; } = [];

    /// <summary>As bytes: a line for each thing.</summary>
    public byte[] Write()
    {
        ToldText text = new();
        text.Line(Kind, Format);
        text.Line("version", Version);
        text.Line("time", $"{Time}");
        text.Line("directory", Directory);
        if (Options is { } options)
        {
            text.Line("options");
            foreach (string word in options) text.Line("option", word);
        }

        foreach (string word in Command) text.Line("command", word);
        foreach ((string name, string value) in Variables) text.Line("variable", name, value);
        foreach (string line in Summary) text.Line("summary", line);
        foreach (string line in Description) text.Line("description", line);
        return text.Bytes();
    }

    /// <summary>Reads it; null if it was not written by this class.</summary>
    public static CompiledRecord? Read(byte[] bytes)
    {
        string? version = null, directory = null;
        long time = 0;
        bool isHead = true, hasOptions = false;
        List<string> options = [], command = [], summary = [], description = [];
        List<(string, string)> variables = [];
        foreach (string[] words in ToldText.Lines(bytes))
        {
            if (isHead && words is not [Kind, Format]) return null;
            if (isHead)
            {
                isHead = false;
                continue;
            }

            switch (words)
            {
                case ["version", var text]:
                    version = text;
                    break;
                case ["time", var text] when long.TryParse(text, out long seconds):
                    time = seconds;
                    break;
                case ["directory", var text]:
                    directory = text;
                    break;
                case ["options"]:
                    hasOptions = true;
                    break;
                case ["option", var word] when hasOptions:
                    options.Add(word);
                    break;
                case ["command", var word]:
                    command.Add(word);
                    break;
                case ["variable", var name, var value]:
                    variables.Add((name, value));
                    break;
                case ["summary", var line]:
                    summary.Add(line);
                    break;
                case ["description", var line]:
                    description.Add(line);
                    break;
                default:
                    return null;
            }
        }

        return version is null || directory is null || command.Count == 0 ? null : new CompiledRecord
        {
            Version = version,
            Time = time,
            Directory = directory,
            Options = hasOptions ? [.. options] : null,
            Command = [.. command],
            Variables = [.. variables],
            Summary = [.. summary],
            Description = [.. description],
        };
    }
}
