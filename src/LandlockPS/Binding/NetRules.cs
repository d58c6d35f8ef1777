using Landlock.Kernel;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>Port rules from the four port parameters.</summary>
internal static class NetRules
{
    public static IEnumerable<NetRule> From(PortRange[] bindTcp, PortRange[] connectTcp, PortRange[] bindUdp, PortRange[] connectSendUdp) =>
    [
        .. bindTcp.Select(ports => new NetRule(ports, AccessNet.BindTcp)),
        .. connectTcp.Select(ports => new NetRule(ports, AccessNet.ConnectTcp)),
        .. bindUdp.Select(ports => new NetRule(ports, AccessNet.BindUdp)),
        .. connectSendUdp.Select(ports => new NetRule(ports, AccessNet.ConnectSendUdp)),
    ];
}
