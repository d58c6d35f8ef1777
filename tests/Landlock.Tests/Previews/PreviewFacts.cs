using Landlock.Tests.Cli;

namespace Landlock.Tests.Previews;

/// <summary>Whether a preview can be had here, by trying.</summary>
internal static class PreviewHere
{
    private static readonly Lazy<string?> s_reason = new(() =>
    {
        if (CliNeeds.Missing(abi: 3, perl: false, root: false) is { } reason) return reason;
        using PreviewWorld world = new(Who.Ordinary);
        CliRun run = world.Run("true");
        return run.ExitCode == 0 ? null : run.Error;
    });

    public static string? Reason => s_reason.Value;
}

/// <summary>A test that needs a preview.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PreviewFactAttribute : FactAttribute
{
    public PreviewFactAttribute() => Skip = PreviewHere.Reason;
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PreviewTheoryAttribute : TheoryAttribute
{
    public PreviewTheoryAttribute() => Skip = PreviewHere.Reason;
}
