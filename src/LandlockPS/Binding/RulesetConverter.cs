using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Rulesets;

namespace LandlockPS.Binding;

/// <summary>
/// Brings a ruleset back that was serialized by a job or a remote session. Refuses one that lost anything: less in a ruleset means more
/// or less restriction than was asked for.
/// </summary>
internal static class RulesetConverter
{
    /// <summary>How deep a ruleset is serialized; the same as in LandlockPS.Types.ps1xml.</summary>
    public const uint Depth = 4;

    private const string TypeName = "Deserialized.Landlock.Rulesets.Ruleset";
    private const string HolderName = "Deserialized.LandlockPS.MergedPolicy";

    /// <summary>Whether an object was a ruleset, or held one.</summary>
    public static bool IsDeserialized(PSObject value) => value.TypeNames.Contains(TypeName) || value.TypeNames.Contains(HolderName);

    /// <summary>The ruleset.</summary>
    /// <exception cref="PSInvalidCastException">It lost something on its way.</exception>
    public static Ruleset Restore(PSObject source)
    {
        if (source.TypeNames.Contains(HolderName)) return Restore(Wrapped(source, nameof(MergedPolicy.Ruleset)));
        Ruleset ruleset = Ruleset.Handling(
            Number<int>(source, nameof(Ruleset.Abi)),
            Flags<AccessFs>(source, nameof(Ruleset.HandledFs)),
            Flags<AccessNet>(source, nameof(Ruleset.HandledNet)),
            Flags<Scope>(source, nameof(Ruleset.Scopes))) with
        {
            Name = source.Properties[nameof(Ruleset.Name)]?.Value as string,
            Compatibility = Flags<Compatibility>(source, nameof(Ruleset.Compatibility)),
            ListInterfaces = Flag(source, nameof(Ruleset.ListInterfaces)),
        };
        List<PathRule> paths = [];
        foreach (PSObject rule in Items(source, nameof(Ruleset.PathRules)))
        {
            paths.Add(new PathRule(Text(rule, nameof(PathRule.Path)), Flags<AccessFs>(rule, nameof(PathRule.Access)))
            {
                Except = [.. Texts(rule, nameof(PathRule.Except))],
                Optional = Flag(rule, nameof(PathRule.Optional)),
                Quiet = Flag(rule, nameof(PathRule.Quiet)),
                Compatibility = Maybe<Compatibility>(rule, nameof(PathRule.Compatibility)),
            });
        }

        List<NetRule> ports = [];
        foreach (PSObject rule in Items(source, nameof(Ruleset.NetRules)))
        {
            ports.Add(new NetRule(Ports(rule, nameof(NetRule.Port)), Flags<AccessNet>(rule, nameof(NetRule.Access)))
            {
                Quiet = Flag(rule, nameof(NetRule.Quiet)),
                Compatibility = Maybe<Compatibility>(rule, nameof(NetRule.Compatibility)),
            });
        }

        PSObject promises = Wrapped(source, nameof(Ruleset.Promises));
        return ruleset.WithExactly(paths, ports).WithHosts(Items(source, nameof(Ruleset.HostRules)).Select(RestoreHost))
            .WithLogging(Flags<RestrictFlags>(source, nameof(Ruleset.LogFlags)))
            .WithQuiet(Flags<AccessFs>(source, nameof(Ruleset.QuietFs)), Flags<AccessNet>(source, nameof(Ruleset.QuietNet)),
                Flags<Scope>(source, nameof(Ruleset.QuietScopes)))
            .WithPromises(new ProtectionPromises
            {
                Required = Flags<Protection>(promises, nameof(ProtectionPromises.Required)),
                AllowDegraded = Flags<Protection>(promises, nameof(ProtectionPromises.AllowDegraded)),
                Disabled = Flags<Protection>(promises, nameof(ProtectionPromises.Disabled)),
            });
    }

    /// <summary>The host that an object was.</summary>
    /// <exception cref="PSInvalidCastException">It was none, or lost something on its way.</exception>
    public static HostRule RestoreHost(PSObject source) =>
        HostRule.Parse($"{Text(source, nameof(HostRule.Host))}:{Ports(source, nameof(HostRule.Port))}");

    // A range is a value with a text form; at the depth limit it arrives as that text, otherwise as a property bag.
    private static PortRange Ports(PSObject source, string name)
    {
        PSObject port = Wrapped(source, name);
        return port.BaseObject is string text ? PortRange.Parse(text)
            : new PortRange(Number<ushort>(port, nameof(PortRange.First)), Number<ushort>(port, nameof(PortRange.Last)));
    }

    private static IEnumerable<PSObject> Items(PSObject source, string name)
    {
        object? value = Wrapped(source, name).BaseObject;
        if (value is not IEnumerable items || value is string) throw Lost(name);
        foreach (object? item in items)
        {
            PSObject wrapped = PSObject.AsPSObject(item);
            if (wrapped.BaseObject is string) throw Lost(name);
            yield return wrapped;
        }
    }

    // At the depth limit a list arrives as one string.
    private static IEnumerable<string> Texts(PSObject source, string name)
    {
        object? value = Wrapped(source, name).BaseObject;
        if (value is not IEnumerable items || value is string) throw Lost(name);
        return items.Cast<object?>().Select(item => PSObject.AsPSObject(item).BaseObject as string ?? throw Lost(name));
    }

    private static PSObject Wrapped(PSObject source, string name) =>
        source.Properties[name]?.Value is { } value ? PSObject.AsPSObject(value) : throw Lost(name);

    private static string Text(PSObject source, string name) => Wrapped(source, name).BaseObject as string ?? throw Lost(name);

    private static bool Flag(PSObject source, string name) => Wrapped(source, name).BaseObject is bool flag ? flag : throw Lost(name);

    private static T Number<T>(PSObject source, string name)
        where T : IConvertible =>
        (T)Convert.ChangeType(Wrapped(source, name).BaseObject, typeof(T), CultureInfo.InvariantCulture);

    private static T Flags<T>(PSObject source, string name)
        where T : struct, Enum
    {
        object value = Wrapped(source, name).BaseObject;
        return Enum.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), out T parsed) ? parsed : throw Lost(name);
    }

    private static T? Maybe<T>(PSObject source, string name)
        where T : struct, Enum =>
        source.Properties[name]?.Value is null ? null : Flags<T>(source, name);

    private static PSInvalidCastException Lost(string name) =>
        new($"This ruleset lost its {name} when it was serialized; it cannot be used. Pass it with a greater -Depth, or build "
            + "it where it is used.");
}
