using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Landlock.Sandboxes;

/// <summary>
/// Prepares a sandboxed PowerShell server from within, in one call: each call of a script costs a new process milliseconds. Made by
/// reflection, which is also how it reaches the engine: this library refers to none.
/// </summary>
internal sealed class ServerStart
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const int None = 0, LocalScript = 2;

    /// <summary>Prepares it.</summary>
    /// <param name="parent">The process that it is not to outlive; 0 = whatever its parent is now.</param>
    /// <param name="directory">Where it starts, as a pattern; it stays where it is if that is denied.</param>
    /// <param name="engine">$ExecutionContext.</param>
    [RequiresUnreferencedCode("It is for a PowerShell process, whose engine is whole.")]
    public ServerStart(int parent, string directory, object engine)
    {
        ParentWatch.Start(parent);
        Try(() =>
        {
            object? paths = Value(Value(engine, "SessionState"), "Path");
            paths?.GetType().GetMethod("SetLocation", [typeof(string)])?.Invoke(paths, [directory]);
        });
        Try(() => Debug(engine));
    }

    // Breakpoints work as in a job, but whoever stops at one goes on.
    [RequiresUnreferencedCode("It is for a PowerShell process, whose engine is whole.")]
    private static void Debug(object engine)
    {
        object? runspace = engine.GetType().Assembly.GetType("System.Management.Automation.Runspaces.Runspace")?
            .GetProperty("DefaultRunspace")?.GetValue(null);
        object? debugger = Value(runspace, "Debugger");
        object? holder = debugger?.GetType().GetField("_wrappedDebugger", Members)?.GetValue(debugger);
        Set(debugger, None);
        Set(Value(holder, "Value"), LocalScript);
    }

    [RequiresUnreferencedCode("It is for a PowerShell process, whose engine is whole.")]
    private static void Set(object? debugger, int mode)
    {
        MethodInfo? set = debugger?.GetType().GetMethod("SetDebugMode");
        set?.Invoke(debugger, [Enum.ToObject(set.GetParameters()[0].ParameterType, mode)]);
    }

    [RequiresUnreferencedCode("It is for a PowerShell process, whose engine is whole.")]
    private static object? Value(object? owner, string name) => owner?.GetType().GetProperty(name, Members)?.GetValue(owner);

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (TargetInvocationException)
        {
        }
    }
}
