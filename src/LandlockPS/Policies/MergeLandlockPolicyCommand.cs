using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>Merge-LandlockPolicy: composes policies as Landlock Config does and says what that changed.</summary>
[Cmdlet(VerbsData.Merge, "LandlockPolicy", DefaultParameterSetName = PathSet)]
[OutputType(typeof(MergedPolicy))]
public sealed class MergeLandlockPolicyCommand : PolicyPathCommand
{
    private readonly List<string> _paths = [];

    /// <summary>Files and directories, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromRemainingArguments = true)]
    [PathTransformation]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Accept a result that would restrict nothing.</summary>
    [Parameter]
    public SwitchParameter AllowEmpty { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() => _paths.AddRange(Named(Path)));

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        ImmutableArray<PolicyDocument> documents = PolicyLoading.Read(this, _paths, Format, Strict);
        PolicyComposition composition = PolicyComposition.Compose(documents, AllowEmpty);
        ResolvedPolicy resolved = composition.Policy.Resolve(SessionVariables.From(this, Variable, Strict));
        PolicyLoading.Tell(this, resolved.Findings);
        WriteObject(new MergedPolicy(composition, resolved, isOpen: Variable is null));
    });
}
