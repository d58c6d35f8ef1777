using System.Collections.Immutable; using Landlock.Kernel; using Landlock.Rulesets;
namespace Landlock.Launching;
/// <summary>temp</summary>
public static class Baseline { /// <summary>temp</summary>
public static ImmutableArray<Grant> Grants { get; } = [new Grant(new PathRule("/dev/null", (AccessFs)0x1ffff), "baseline")]; }
