using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>
/// Import-LandlockPolicy: a ruleset from policy files; several are composed as Landlock Config does, or nested with -Layer.
/// </summary>
[Cmdlet(VerbsData.Import, "LandlockPolicy", DefaultParameterSetName = PathSet)]
[OutputType(typeof(Ruleset))]
public sealed class ImportLandlockPolicyCommand : PolicyPathCommand
{
    private readonly List<string> _paths = [];

    /// <summary>Files and directories, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [PathTransformation]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>One ruleset for each document instead of a composition.</summary>
    [Parameter]
    public SwitchParameter Layer { get; set; }

    /// <summary>Accept a policy that would restrict nothing.</summary>
    [Parameter]
    public SwitchParameter AllowEmpty { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() => _paths.AddRange(Named(Path)));

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        PolicyVariables variables = SessionVariables.From(this, Variable, Strict);
        ImmutableArray<PolicyDocument> documents = PolicyLoading.Read(this, _paths, Format, Strict);
        if (Layer) WriteObject(PolicyLoading.Layers(this, documents, variables, AllowEmpty), enumerateCollection: true);
        else WriteObject(PolicyLoading.Compose(this, documents, variables, AllowEmpty));
    });
}
