using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Management.Automation;
using Landlock.Kernel;
using Landlock.Policies.Profiles;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>The parameters that describe a profile, shared by the cmdlets that write one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProfileWritingCommand : ProfileCommand
{
    private static readonly string[] PolicyParameters =
    [
        nameof(Preset), nameof(ReadData), nameof(ReadOnly), nameof(Edit), nameof(ReadWrite), nameof(ReadWriteExecute), nameof(UnixSocket),
        nameof(ConnectTcp), nameof(BindTcp), nameof(ConnectSendUdp), nameof(BindUdp),
    ];

    /// <summary>Directories that the profile is for.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[] Beneath { get; set; } = ["."];

    /// <summary>Presets whose rules are copied into the profile.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PresetCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Preset { get; set; } = ["Base"];

    /// <summary>Read files and list directories.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] ReadData { get; set; } = [];

    /// <summary>Read, list and execute.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] ReadOnly { get; set; } = [];

    /// <summary>Read, and change files that exist.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Edit { get; set; } = [];

    /// <summary>Everything but execute.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] ReadWrite { get; set; } = [];

    /// <summary>Everything.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] ReadWriteExecute { get; set; } = [];

    /// <summary>Connect to UNIX sockets (ABI 9; not restricted before).</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] UnixSocket { get; set; } = [];

    /// <summary>Remote TCP ports to connect to.</summary>
    [Parameter]
    [PortTransformation]
    public PortRange[] ConnectTcp { get; set; } = [];

    /// <summary>Local TCP ports to bind.</summary>
    [Parameter]
    [PortTransformation]
    public PortRange[] BindTcp { get; set; } = [];

    /// <summary>Remote UDP ports to connect or send to (ABI 10; not restricted before).</summary>
    [Parameter]
    [PortTransformation]
    public PortRange[] ConnectSendUdp { get; set; } = [];

    /// <summary>Local UDP ports to bind (ABI 10; not restricted before).</summary>
    [Parameter]
    [PortTransformation]
    public PortRange[] BindUdp { get; set; } = [];

    /// <summary>Variables to set.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary Environment { get; set; } = new Hashtable();

    private protected bool DescribesPolicy => MyInvocation.BoundParameters.Keys.Any(PolicyParameters.Contains);

    private protected string PolicyText => ProfileWriter.WritePolicy(new ProfilePolicy
    {
        // What the kernel can deny today, but never less than every reader of the format knows.
        Abi = Math.Max(6, LandlockSupport.Detect().Abi),
        Presets = [.. Preset.Select(Landlock.Policies.Preset.Find)],
        Paths =
        [
            .. Rules(ReadData, AccessClass.ReadData), .. Rules(ReadOnly, AccessClass.ReadOnly), .. Rules(Edit, AccessClass.Edit),
            .. Rules(ReadWrite, AccessClass.ReadWrite), .. Rules(ReadWriteExecute, AccessClass.ReadWriteExecute), .. Rules(UnixSocket, AccessClass.UnixSocket),
        ],
        Ports = [.. NetRules.From(BindTcp, ConnectTcp, BindUdp, ConnectSendUdp)],
    });

    private protected IEnumerable<string> Contexts => Beneath.Select(path => RulePath.Literal(this, path)).Select(path => path.Length > 1 ? path.TrimEnd('/') : path);

    private protected ImmutableArray<(string Name, string Literal)> Variables =>
    [
        .. Environment.Cast<DictionaryEntry>().Select(entry => (entry.Key.ToString() ?? "", Unwrapped.From(entry.Value)?.ToString() ?? "")).OrderBy(variable => variable.Item1, StringComparer.Ordinal),
    ];

    private IEnumerable<PathRule> Rules(string[] paths, AccessClass access) =>
        paths.SelectMany(path => RulePath.Matching(this, path)).Select(path => new PathRule(path, access.Rights));
}
