using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Judges scopes: any layer that has one ends at its own domain, and no rule reaches beyond.</summary>
internal static class ScopeCheck
{
    public static AccessVerdict Judge(ImmutableArray<ResolvedLayer> layers, Scope scope) =>
        new(layers.All(layer => (layer.Scopes & scope) == 0), string.Join(",", AbiTable.Names(scope)), () => Explain(layers, scope));

    private static VerdictDetails Explain(ImmutableArray<ResolvedLayer> layers, Scope scope)
    {
        (int Layer, string? Name, Scope Denied)[] denied =
            [.. layers.Select((layer, i) => (i + 1, layer.Status.Name, layer.Scopes & scope)).Where(item => item.Item3 != 0)];
        return new VerdictDetails(
            denied.Length == 0 ? Errno.None : Errno.EPERM,
            [.. denied.Select(item => new LayerDenial(item.Layer, item.Name, "outside the sandbox", [.. AbiTable.Names(item.Denied)]))],
            [],
            [.. denied.GroupBy(item => item.Denied).Select(group => AccessFix.For([.. group.Select(item => item.Layer)], group.Key))],
            null);
    }
}
