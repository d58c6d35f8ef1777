using System.Collections;
using System.Management.Automation;
using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Policies.Converting;
using Landlock.Rulesets;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>ConvertFrom-LandlockPolicy: a ruleset from the text of one policy, or from what another tool is given.</summary>
[Cmdlet(VerbsData.ConvertFrom, "LandlockPolicy")]
[OutputType(typeof(Ruleset))]
public sealed class ConvertFromLandlockPolicyCommand : PSCmdlet
{
    private readonly List<string> _lines = [];

    /// <summary>The text; lines that come one by one are joined.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    /// <summary>Values for variables: text, or several texts; $null asks for the built-in value.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <summary>How the policy is written.</summary>
    [Parameter]
    public PolicyTextFormat Format { get; set; }

    /// <summary>Exactly as landlockconfig reads it: rights up to ABI 6, no table landlockps, no built-in variables.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>Accept a policy that would restrict nothing.</summary>
    [Parameter]
    public SwitchParameter AllowEmpty { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _lines.AddRange(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing() => Errors.Guard(this, () =>
    {
        string text = string.Join('\n', _lines);
        WriteObject(Format switch
        {
            PolicyTextFormat.Landrun => Converted(PolicyConvert.FromLandrun(ShellWords.Split(text))),
            PolicyTextFormat.Setpriv => Converted(PolicyConvert.FromSetpriv(ShellWords.Split(text),
                RunningKernel.Support is { IsAvailable: true } support ? support.Abi : AbiTable.Newest)),
            PolicyTextFormat.Sandboxer => Converted(PolicyConvert.FromSandboxer(ShellWords.Split(text))),
            PolicyTextFormat.Srt => Converted(PolicyConvert.FromSrt(text, Home(), Here)),
            PolicyTextFormat.ClaudeCode => Converted(PolicyConvert.FromClaudeCode(text, Home(), Here)),
            PolicyTextFormat.Firejail => Converted(PolicyConvert.FromFirejail(text, Home())),
            _ => Document(text),
        });
    }, Advise);

    // What to do next, where the format says more about it than the error.
    private void Advise(Exception exception)
    {
        if (exception is not PolicyException) return;
        if (IsCommandLine)
            ThrowTerminatingError(Errors.New(exception, "InvalidCommandLine", ErrorCategory.InvalidArgument, string.Join(' ', _lines),
                $"Give the options as {Format.ToString().ToLowerInvariant()} takes them, quoted as in a shell."));
        if (Format != PolicyTextFormat.Auto || Tool(_lines) is not { } tool) return;
        ErrorRecord record = Errors.From(exception);
        record.ErrorDetails = new ErrorDetails(exception.Message)
        { RecommendedAction = $"This looks like a command line of {tool.ToString().ToLowerInvariant()}: add -Format {tool}." };
        ThrowTerminatingError(record);
    }

    private bool IsCommandLine => Format is PolicyTextFormat.Landrun or PolicyTextFormat.Setpriv or PolicyTextFormat.Sandboxer;

    private string Here => CurrentDirectory.Of(SessionState.Path);

    private static PolicyTextFormat? Tool(List<string> lines)
    {
        string word = lines.FirstOrDefault()?.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        return word.Split('/')[^1] switch
        {
            _ when SandboxerConverter.IsVariable(word) => PolicyTextFormat.Sandboxer,
            "landrun" => PolicyTextFormat.Landrun,
            "setpriv" => PolicyTextFormat.Setpriv,
            _ => null,
        };
    }

    // What ~ stands for; other tools have no other variable.
    private string Home()
    {
        PolicyVariables variables = SessionVariables.From(this, Variable);
        if (variables.Given.Keys.FirstOrDefault(name => name != "home") is { } other)
            throw PolicyException.At(new PolicyLocation(other, 0, 0), $"{Format} has no variable '{other}', only 'home'");
        return (variables.Given.GetValueOrDefault("home") ?? variables.Builtins?.Find("home"))?.FirstOrDefault() is ['/', ..] home ? home
            : throw PolicyException.At(new PolicyLocation("home", 0, 0),
                "the home directory is not known; give its absolute path with -Variable @{ home = 'DIRECTORY' }");
    }

    private Ruleset Document(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        PolicySyntax syntax = Format switch
        {
            PolicyTextFormat.Toml => PolicySyntax.Toml,
            PolicyTextFormat.Json => PolicySyntax.Json,
            _ => PolicySyntaxes.OfText(utf8),
        };
        PolicyDocument document = PolicyDocument.Read(utf8, syntax, PolicyLoading.TextSource, PolicyLoading.Options(Strict));
        PolicyLoading.Tell(this, document.Findings);
        return PolicyLoading.Compose(this, [document], SessionVariables.From(this, Variable, Strict), AllowEmpty);
    }

    // What the other tool does besides restricting is for the user to do.
    private Ruleset Converted(ConvertedPolicy converted)
    {
        foreach (string note in converted.Notes) WriteWarning(note);
        return converted.Ruleset;
    }
}
