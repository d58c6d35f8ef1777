namespace Landlock.Launching;
/// <summary>temp</summary>
public static class PlanDescription { /// <summary>temp</summary>
public static IEnumerable<string> Describe(LaunchPlan plan) => plan.Grants.Select(g => $"{g.Rule} {g.Origin}"); }
