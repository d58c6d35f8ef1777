using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>The parameters that describe a profile, shared by the cmdlets that write one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProfileWritingCommand : AccessCommand
{
    private static readonly string[] PolicyParameters =
    [
        nameof(Preset), nameof(Except), nameof(ReadData), nameof(ReadOnly), nameof(Edit), nameof(ReadWrite), nameof(ReadWriteExecute),
        nameof(UnixSocket),
        nameof(ConnectTcp), nameof(BindTcp), nameof(ConnectSendUdp), nameof(BindUdp), nameof(ConnectHost),
    ];

    /// <summary>Directories that the profile is for.</summary>
    [Parameter(Position = 1)]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string[] Beneath { get; set; } = ["."];

    /// <summary>Presets whose rules are copied into the profile.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PresetCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Preset { get; set; } = ["Base"];

    /// <summary>Paths beneath those that are allowed here, and that are not; wildcards allowed.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Except { get; set; } = [];

    /// <summary>Variables to set.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary Environment { get; set; } = new Hashtable();

    private protected bool DescribesPolicy => MyInvocation.BoundParameters.Keys.Any(PolicyParameters.Contains);

    private protected string PolicyText => ProfileWriter.WritePolicy(new ProfilePolicy
    {
        // What the kernel can deny today, but never less than every reader of the format knows.
        Abi = Math.Max(6, RunningKernel.Support.Abi),
        Presets = [.. Preset.Select(Landlock.Policies.Preset.Find)],
        Paths = [.. Except.Length == 0 ? PathRules
            : PathRule.Excepting(PathRules, [.. Except.SelectMany(text => RulePath.Exceptions(this, text))])],
        Ports = [.. PortRules],
        Hosts = [.. ConnectHost],
    });

    private protected IEnumerable<string> Contexts =>
        Beneath.Select(path => RulePath.Literal(this, path)).Select(path => path.Length > 1 ? path.TrimEnd('/') : path);

    private protected ImmutableArray<(string Name, string Literal)> Variables =>
    [
        .. Environment.Cast<DictionaryEntry>().Select(entry => (entry.Key.ToString() ?? "", Unwrapped.From(entry.Value) is null ? ""
            : (string)LanguagePrimitives.ConvertTo(entry.Value, typeof(string), CultureInfo.InvariantCulture)))
            .OrderBy(variable => variable.Item1, StringComparer.Ordinal),
    ];

    /// <summary>Refuses a profile that could not be used, before its files are in place.</summary>
    /// <param name="draft">Where they are now.</param>
    /// <param name="folder">Where they shall be, and are said to be.</param>
    /// <param name="origin">Whose they are.</param>
    private protected void DemandUsable(string draft, string folder, ProfileOrigin origin)
    {
        Profile profile = ProfileReader.Read(draft, origin) with { Name = Path.GetFileName(folder) };
        ImmutableArray<PolicyFinding> findings =
            ProfileSandbox.Check([profile], ProfilePlaces.ReadStore(), ProfilePlaces.Sources(this, profile));
        findings = [.. findings.Select(finding => finding with
        {
            Location = finding.Location with { Source = Named(finding.Location.Source) },
            Message = Named(finding.Message),
        })];
        foreach (PolicyFinding finding in findings)
            if (finding.Severity == FindingSeverity.Warning)
                WriteWarning($"{Path.GetFileName(finding.Location.Source)}: {finding.Message}");
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) throw new PolicyException(findings);

        string Named(string text) => text.Replace(draft, folder, StringComparison.Ordinal);
    }

    private protected void Guarded(Action action) => ProfileErrors.Guard(this, action);
}
