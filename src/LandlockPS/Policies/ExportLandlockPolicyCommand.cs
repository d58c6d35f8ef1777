using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>
/// Export-LandlockPolicy: writes a ruleset as a policy file. One that is there keeps its text, comments too, if only rules are added.
/// </summary>
[Cmdlet(VerbsData.Export, "LandlockPolicy", SupportsShouldProcess = true)]
public sealed class ExportLandlockPolicyCommand : PSCmdlet
{
    private readonly List<PolicySubject> _subjects = [];

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [PathTransformation]
    [Alias("LiteralPath", "PSPath")]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>A ruleset or a merged policy; a document holds one.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>TOML or JSON; Auto = as the name of the file says, TOML for other names.</summary>
    [Parameter]
    public PolicyFormat Format { get; set; }

    /// <summary>The values that the variables of a file that is there had when it was read.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <summary>Refuse what landlockconfig cannot say, instead of saying it in the table landlockps.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>Refuse if the file is there.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replace a file that is write-protected, or no policy.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() => _subjects.Add(PolicySubject.From(InputObject, MyInvocation.ExpectingInput)));

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        if (_subjects.Count != 1)
            ThrowTerminatingError(
                Errors.New(new InvalidOperationException($"{_subjects.Count} rulesets were given, and a policy holds one."),
                    "SeveralRulesets", ErrorCategory.InvalidArgument, Path,
                    "Write each ruleset to a separate file; Import-LandlockPolicy -Layer reads them as layers again."));
        string path = RulePath.Literal(this, Path);
        bool exists = PolicyFile.Exists(path);
        if (exists && NoClobber)
            ThrowTerminatingError(Errors.New(new IOException($"The file '{PosixText.Printable(path)}' exists already."), "PolicyExists",
                ErrorCategory.ResourceExists, path, "Leave out -NoClobber to write to it."));

        PolicyUpdate update = Compose(path, exists);
        foreach (string note in update.Notes) WriteVerbose(note);
        if (!ShouldProcess(path,
            !exists ? "Write the policy" : update.Appended ? "Add rules at the end of the policy" : "Replace the policy"))
        {
            return;
        }
        try
        {
            if (exists && Force && (File.GetAttributes(path) & FileAttributes.ReadOnly) != 0)
                File.SetAttributes(path, File.GetAttributes(path) & ~FileAttributes.ReadOnly);
            PolicyFile.Write(path, update.Text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(Errors.New(exception, "PolicyNotWritten",
                exception is UnauthorizedAccessException ? ErrorCategory.PermissionDenied : ErrorCategory.WriteError, path,
                "-Force writes to a write-protected file; the directory has to be there."));
        }
    });

    private PolicyUpdate Compose(string path, bool exists)
    {
        PolicySubject subject = _subjects[0];
        PolicyWriteOptions options = new() { Strict = Strict };
        PolicySyntax syntax = Format.Syntax() ?? PolicySyntaxes.OfFile(path) ?? PolicySyntax.Toml;
        if (exists && syntax == PolicySyntax.Toml && subject.Policy is null && Previous(path) is { } old)
        {
            PolicyUpdate update = PolicyWriter.Update(old, path, subject.Ruleset, SessionVariables.From(this, Variable), options);
            if (update.Appended || update.Notes is not [.. var notes, var reason]) return update;
            WriteWarning($"{PosixText.Printable(path)}: {reason}");
            return update with { Notes = [.. notes] };
        }

        PolicyExport export = subject.Export(options);
        return new PolicyUpdate(PolicyWriter.Write(export.Document, syntax), Appended: false, export.Notes);
    }

    // The text of the file; null if nothing in it has to be kept.
    private byte[]? Previous(string path)
    {
        ImmutableArray<PolicyFinding> findings = PolicyFile.Check(path, PolicySyntax.Toml).Findings;
        PolicyFinding[] errors = [.. findings.Where(finding => finding.Severity == FindingSeverity.Error)];
        if (errors.Length == 0) return File.ReadAllBytes(path);
        if (Force || new FileInfo(path).Length == 0) return null;
        throw new PolicyException(errors);
    }

    private void Guarded(Action action) => Errors.Guard(this, action);
}
