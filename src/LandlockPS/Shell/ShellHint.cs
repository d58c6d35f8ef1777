using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Landlock.Sandboxes;
using LandlockPS.Engine;
using LandlockPS.Feedback;

namespace LandlockPS.Shell;

/// <summary>Says at the next prompt that a command of the shell hook failed, and what its profiles denied it.</summary>
internal sealed class ShellHint(EngineIntrinsics engine)
{
    private Failed? _last;

    /// <summary>Notes that a program is looked up, in order to be run in profiles.</summary>
    public void Begin(string program, LaunchPlan plan, string directory, IEnumerable<string> profiles) =>
        _last = new Failed(program, plan, directory, [.. profiles]);

    /// <summary>At the prompt the line is over.</summary>
    public void End()
    {
        if (_last is not { } last) return;
        _last = null;
        PSVariableIntrinsics variables = engine.SessionState.PSVariable;
        if (!FailureHint.IsWelcome(engine.Host, variables.GetValue($"global:{FailureHint.Preference}"))
            || variables.GetValue("global:LASTEXITCODE") is not int code)
        {
            return;
        }
        if (Runspace.DefaultRunspace is not { } runspace || EngineInternals.LastLine(runspace) is not { } line) return;
        string name = Path.GetFileName(last.Program);
        string who = last.Profiles.Length == 1 ? $"the profile '{PosixText.Printable(last.Profiles[0])}'"
            : $"one of the profiles {string.Join(", ", last.Profiles.Select(profile => $"'{PosixText.Printable(profile)}'"))}";
        FailureHint.Write(engine.Host, code, last.Plan, Arguments(line, name), last.Directory, who,
            $"nosandbox {PowerShellText.Argument(name)} ... would tell whether it was {who}");
    }

    // What is written plainly; variables and expressions may have another value by now.
    private static IEnumerable<string> Arguments(string line, string name)
    {
        CommandAst? call =
            Parser.ParseInput(line, out _, out _).FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            .LastOrDefault(command => command.GetCommandName() is { } said && Path.GetFileName(said) == name);
        return call?.CommandElements.Skip(1).OfType<StringConstantExpressionAst>().Select(element => element.Value) ?? [];
    }

    private sealed record Failed(string Program, LaunchPlan Plan, string Directory, string[] Profiles);
}
