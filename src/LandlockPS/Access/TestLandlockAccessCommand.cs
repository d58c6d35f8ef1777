using System.Globalization;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Rulesets;
using LandlockPS.Binding;

namespace LandlockPS;

/// <summary>Test-LandlockAccess: whether a sandbox would allow an access, by which rule or layer, and what would allow it.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LandlockAccess", DefaultParameterSetName = PathSet)]
[OutputType(typeof(AccessTest))]
public sealed class TestLandlockAccessCommand : AccessQueryCommand
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath", PortSet = "Port", HostSet = "Host", ScopeSet = "Scope";

    /// <summary>Paths, existing or not; wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
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

    /// <summary>Access classes or kernel rights, all of which must be allowed.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = LiteralPathSet)]
    [AccessTransformation]
    [ArgumentCompleter(typeof(AccessCompleter))]
    public object Access { get; set; } = null!;

    /// <summary>Remote TCP ports.</summary>
    [Parameter(ParameterSetName = PortSet)]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] ConnectTcp { get; set; } = [];

    /// <summary>Local TCP ports.</summary>
    [Parameter(ParameterSetName = PortSet)]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] BindTcp { get; set; } = [];

    /// <summary>Remote UDP ports (ABI 10).</summary>
    [Parameter(ParameterSetName = PortSet)]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] ConnectSendUdp { get; set; } = [];

    /// <summary>Local UDP ports (ABI 10).</summary>
    [Parameter(ParameterSetName = PortSet)]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] BindUdp { get; set; } = [];

    /// <summary>Hosts, by their names or addresses, each with a port; without one it is 443.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostCompleter))]
    [Alias("ConnectHost")]
    public string[] HostName { get; set; } = [];

    /// <summary>What is outside the sandbox: a process to signal, an abstract UNIX socket to connect to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScopeSet)]
    public Scope Scope { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        switch (ParameterSetName)
        {
            case PortSet:
                Ask(ConnectTcp, AccessNet.ConnectTcp);
                Ask(BindTcp, AccessNet.BindTcp);
                Ask(ConnectSendUdp, AccessNet.ConnectSendUdp);
                Ask(BindUdp, AccessNet.BindUdp);
                break;
            case HostSet:
                foreach (HostRule host in HostName.Select(HostRule.Parse))
                    Write(Evaluator.CheckHost(host), host.ToString(), "connect_host");
                break;
            case ScopeSet:
                Write(Evaluator.CheckScope(Scope), "outside the sandbox", string.Join(",", AbiTable.Names(Scope)));
                break;
            case PathSet:
                foreach (string path in Path.SelectMany(path => RulePath.Matching(this, path))) Ask(path);
                break;
            default:
                foreach (string path in LiteralPath) Ask(RulePath.Literal(this, path));
                break;
        }
    });

    private void Ask(string path)
    {
        AccessFs access = AccessTransformationAttribute.Convert(Access);
        Write(Evaluator.CheckFor(path, access), path, AccessText.Brief(access));
    }

    private void Ask(PortRange[] ranges, AccessNet access)
    {
        foreach (PortRange range in ranges)
            for (int port = range.First; port <= range.Last; port++)
                Write(Evaluator.CheckPort(access, port), string.Create(CultureInfo.InvariantCulture, $"port {port}"),
                    string.Join(",", AbiTable.Names(access)));
    }

    private void Write(AccessVerdict verdict, string path, string access) => WriteObject(new AccessTest(verdict, path, access, Started));
}
