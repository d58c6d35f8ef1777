using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>
/// What sending to a UDP port needs. A socket that is not bound when it sends or connects binds itself to a free port first, for which the
/// kernel asks for bind_udp on port 0: connect_send_udp alone lets hardly a program send. Whatever gives a port to send to asks here.
/// </summary>
internal static class UdpSending
{
    /// <summary>Why a plan has the rule.</summary>
    public const string Reason = "for sending: a socket that is not bound binds itself to a free port first";

    /// <summary>The same for whoever lacks the rule.</summary>
    public const string Note = "A socket that is not bound binds itself to a free port before it sends, which needs bind_udp on port 0.";

    /// <summary>The rule that comes along with a port to send to.</summary>
    public static NetRule Bind { get; } = new(new PortRange(0, 0), AccessNet.BindUdp);

    /// <summary>Whether rights let something be sent.</summary>
    public static bool Sends(AccessNet access) => (access & AccessNet.ConnectSendUdp) != 0;

    /// <summary>Whether a rule for ports from this one on lets a socket bind itself to a free port.</summary>
    public static bool Binds(ulong first, AccessNet access) => first == 0 && (access & AccessNet.BindUdp) != 0;

    /// <summary>Whether rules that let something be sent lack the one for binding.</summary>
    /// <param name="handled">What is denied unless a rule allows it.</param>
    /// <param name="sends">Whether something may be sent.</param>
    /// <param name="rules">The first port and the rights of each rule that would do.</param>
    public static bool LacksBind(AccessNet handled, bool sends, IEnumerable<(ulong First, AccessNet Access)> rules) =>
        sends && (handled & Ruleset.UdpRights) == Ruleset.UdpRights && !rules.Any(rule => Binds(rule.First, rule.Access));
}
