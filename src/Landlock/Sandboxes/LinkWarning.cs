using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>
/// Warns of rules whose paths lead through a link that the sandbox itself can exchange: what is allowed the next time is for it to say.
/// </summary>
internal static class LinkWarning
{
    /// <summary>A sentence for each such rule.</summary>
    public static IEnumerable<string> Of(LaunchPlan plan)
    {
        HashSet<string> writable = new(StringComparer.Ordinal);
        List<ResolvedPathRule> linked = [];
        foreach (ResolvedLayer layer in plan.Layers)
        {
            foreach (ResolvedPathRule rule in layer.PathRules)
            {
                if (rule.RealPath is not { } real) continue;
                if ((rule.Access & AccessFs.MakeSym) != 0) writable.Add(real);
                if (real != rule.Path) linked.Add(rule);
            }
        }

        if (writable.Count == 0) yield break;
        foreach (ResolvedPathRule rule in linked.DistinctBy(rule => rule.Path))
        {
            string real = rule.RealPath!;
            foreach (string link in LinkTrail.Of(rule.Path))
            {
                if (writable.FirstOrDefault(directory => directory != link && PathRule.IsBeneath(link, directory)
                    && !PathRule.IsBeneath(real, directory)) is not { } directory)
                {
                    continue;
                }
                yield return $"'{PosixText.Printable(rule.Path)}' leads to '{PosixText.Printable(real)}' by the link "
                    + $"'{PosixText.Printable(link)}', and the sandbox may write to '{PosixText.Printable(directory)}', so that it can "
                    + $"have the link lead elsewhere by the next run. Allow '{PosixText.Printable(real)}' itself.";
                break;
            }
        }
    }
}
