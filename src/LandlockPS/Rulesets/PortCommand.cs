using System.ComponentModel;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Rulesets;
using LandlockPS.Binding;

namespace LandlockPS;

/// <summary>The parameters for ports and hosts, shared by every cmdlet that allows some.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PortCommand : PSCmdlet
{
    /// <summary>Remote TCP ports to connect to.</summary>
    [Parameter]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] ConnectTcp { get; set; } = [];

    /// <summary>Local TCP ports to bind; 0 allows "any free port".</summary>
    [Parameter]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] BindTcp { get; set; } = [];

    /// <summary>Remote UDP ports to connect or send to (ABI 10; not restricted before).</summary>
    [Parameter]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] ConnectSendUdp { get; set; } = [];

    /// <summary>Local UDP ports to bind (ABI 10; not restricted before).</summary>
    [Parameter]
    [PortTransformation]
    [ArgumentCompleter(typeof(PortCompleter))]
    public PortRange[] BindUdp { get; set; } = [];

    /// <summary>Hosts to connect to by TCP, and no others; port 443 where none is given.</summary>
    [Parameter]
    [HostTransformation]
    [ArgumentCompleter(typeof(HostCompleter))]
    public HostRule[] ConnectHost { get; set; } = [];

    /// <summary>The rules for ports that these parameters describe.</summary>
    private protected IEnumerable<NetRule> PortRules =>
    [
        .. BindTcp.Select(ports => new NetRule(ports, AccessNet.BindTcp)),
        .. ConnectTcp.Select(ports => new NetRule(ports, AccessNet.ConnectTcp)),
        .. BindUdp.Select(ports => new NetRule(ports, AccessNet.BindUdp)),
        .. ConnectSendUdp.Select(ports => new NetRule(ports, AccessNet.ConnectSendUdp)),
    ];
}
