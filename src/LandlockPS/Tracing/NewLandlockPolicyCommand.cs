using System.Management.Automation;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Learning;
using Landlock.Linux;
using Landlock.Tracing;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>New-LandlockPolicy: makes a policy from what was traced, and says where it allows more than that.</summary>
[Cmdlet(VerbsCommon.New, "LandlockPolicy", SupportsShouldProcess = true)]
[OutputType(typeof(LearnedRule))]
public sealed class NewLandlockPolicyCommand : PSCmdlet
{
    private readonly List<AccessRecord> _records = [];

    /// <summary>The file; one that is there is extended.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [PathTransformation]
    [Alias("LiteralPath", "PSPath")]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>
    /// Records of Trace-LandlockAccess, of one run or several. Of type object, since the engine would make a record, and so a rule, of any
    /// bag of properties that a sandboxed block puts out.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>A directory with at least this many entries that need the same rights becomes one rule.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Collapse { get; set; }

    /// <summary>Directories that stand for everything that was accessed beneath them.</summary>
    [Parameter]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string[] CollapseInto { get; set; } = [];

    /// <summary>Guarded places that the policy may open.</summary>
    [Parameter]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string[] AllowGuarded { get; set; } = [];

    /// <summary>A name for a new policy.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Write a new policy over one that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject item in InputObject)
        {
            if (item?.BaseObject is AccessRecord record) _records.Add(record);
            else
                ThrowTerminatingError(Errors.New(new PSInvalidCastException($"'{PosixText.Printable($"{item}")}' is no record that "
                    + "Trace-LandlockAccess made in this process; what comes from elsewhere is data, and becomes no rule."),
                    "InvalidRecord", ErrorCategory.InvalidArgument, item,
                    "Trace where the policy is made, or use: landlocked trace --learn POLICY -- COMMAND"));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Errors.Guard(this, Write);

    private void Write()
    {
        string path = RulePath.Literal(this, Path);
        int abi = RunningKernel.Support.Abi;
        LearnedPolicy learned = PolicyLearner.Learn(_records, new LearnOptions
        {
            Collapse = Collapse,
            Into = [.. CollapseInto.Select(directory => RulePath.Literal(this, directory))],
            AllowGuarded = [.. AllowGuarded.Select(directory => RulePath.Literal(this, directory))],
            Home = Environment.GetEnvironmentVariable("HOME"),
            Abi = abi > 0 ? abi : AbiTable.Newest,
            Name = Name,
        }, new PathView());
        (LearnedPolicy result, byte[] text) = LearnedDocument.Compose(path, learned, replace: Force, SessionVariables.From(this, null));

        foreach (string note in result.Notes) WriteWarning(note);
        LearnedRule[] leftOut = [.. result.Rules.Where(rule => rule.State == LearnedState.LeftOut)];
        if (leftOut.Length > 0)
            WriteWarning("Left out, since it would open guarded "
                + $"places: {string.Join(", ", leftOut.Select(rule => PosixText.Printable(rule.Path)))}. If that is meant: "
                + $"-AllowGuarded {string.Join(',', leftOut.Select(rule => PowerShellText.Literal(rule.Path)))}");
        if (ShouldProcess(path, PolicyFile.Exists(path) && !Force ? "Extend the policy" : "Write the policy"))
        {
            try
            {
                PolicyFile.Write(path, text);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                ThrowTerminatingError(Errors.New(exception, "PolicyNotWritten", exception is UnauthorizedAccessException
                    ? ErrorCategory.PermissionDenied
                    : ErrorCategory.WriteError, path, "The directory has to be there, and writable."));
            }
        }

        WriteObject(result.Rules, enumerateCollection: true);
    }
}
