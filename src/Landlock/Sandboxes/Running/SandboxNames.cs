using Landlock.Linux;

namespace Landlock.Sandboxes.Running;

/// <summary>Which sandboxes a process is in, by name: for prompts and tools, in a variable of the environment.</summary>
internal static class SandboxNames
{
    /// <summary>The variable: names of sandboxes, outermost first, with ">" between them.</summary>
    public const string Variable = "LANDLOCKPS_SANDBOX";

    /// <summary>What a sandbox is called that has no name.</summary>
    public const string Default = "sandbox";

    private static bool s_isInside;

    /// <summary>
    /// The sandboxes that this process is in; null outside. Where the process is in no layer, the variable is not believed, whoever has
    /// set it.
    /// </summary>
    public static string? Own => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } names && IsInside ? names : null;

    /// <summary>Whether this process is in a layer of Landlock, whoever has put it there.</summary>
    public static bool IsInside => s_isInside = s_isInside || ProcessState.CountLayers() is > 0;

    /// <summary>The names for a command in a sandbox that is started from here.</summary>
    public static string For(string? name) => Own is { } outer ? $"{outer}>{name ?? Default}" : name ?? Default;
}
