using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Add-LandlockPathRule: allows an access on files, or on directories and everything beneath them.</summary>
[Cmdlet(VerbsCommon.Add, "LandlockPathRule", DefaultParameterSetName = PathSet)]
[OutputType(typeof(Ruleset))]
public sealed class AddLandlockPathRuleCommand : PSCmdlet
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath";
    private readonly List<PathRule> _rules = [];
    private bool _rulesetIsPiped;

    /// <summary>
    /// The ruleset to add to. Of type object, since the engine passes over what is piped and not taken, and goes on without.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? Ruleset { get; set; }

    /// <summary>Paths, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [PathTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Paths taken as they stand.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [PathTransformation]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Access classes or kernel rights. Of type object because the engine completes an enum by itself and asks no completer.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [AccessTransformation]
    [ArgumentCompleter(typeof(AccessCompleter))]
    public object Access { get; set; } = null!;

    /// <summary>Paths beneath that the rules are not for; wildcards allowed.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Except { get; set; } = [];

    /// <summary>Skip the rule, and report it, where the path does not exist.</summary>
    [Parameter]
    public SwitchParameter Optional { get; set; }

    /// <summary>Do not log denials beneath the path (ABI 10).</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Overrides the ruleset's level for these rules.</summary>
    [Parameter]
    public Compatibility Compatibility { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _rulesetIsPiped = !MyInvocation.BoundParameters.ContainsKey(nameof(Ruleset));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            Ruleset ruleset = PipedRuleset.Take(Ruleset, _rulesetIsPiped);
            IEnumerable<string> paths = ParameterSetName == PathSet
                ? Path.SelectMany(path => RulePath.Matching(this, path))
                : LiteralPath.Select(path => RulePath.Literal(this, path));
            IEnumerable<PathRule> rules = paths.Select(path => new PathRule(path, AccessTransformationAttribute.Convert(Access))
            {
                Optional = Optional,
                Quiet = Quiet,
                Compatibility = MyInvocation.BoundParameters.ContainsKey(nameof(Compatibility)) ? Compatibility : null,
            });
            rules = PathRule.Excepting(rules, Except.SelectMany(text => RulePath.Exceptions(this, text)));
            if (_rulesetIsPiped) WriteObject(ruleset.With(rules, []));
            else _rules.AddRange(rules);
        }
        catch (Exception exception) when (exception is RulesetException or PSInvalidCastException)
        {
            // Half a ruleset must not go on down the pipeline and be enforced.
            ThrowTerminatingError(Errors.From(exception));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_rulesetIsPiped) return;
        try
        {
            WriteObject(PipedRuleset.Take(Ruleset, isPiped: false).With(_rules, []));
        }
        catch (RulesetException exception)
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }
}
