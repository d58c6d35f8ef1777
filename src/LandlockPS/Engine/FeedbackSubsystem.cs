using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace LandlockPS.Engine;

/// <summary>
/// The feedback provider of PowerShell 7.4 and later (an experimental feature before 7.6), which PowerShellStandard does not know: the
/// interface is implemented by a proxy that is made when it is needed. Where there is no such thing, nothing happens.
/// </summary>
internal static class FeedbackSubsystem
{
    private const string Namespace = "System.Management.Automation.Subsystem";
    private const int ErrorTrigger = 2 | 4; // FeedbackTrigger.Error

    private static readonly Guid Id = new("5b0b7c1e-6a1d-4c55-9a3e-4d3a2f3f8f61");
    private static readonly Assembly Engine = typeof(PSObject).Assembly;
    private static readonly object Gate = new();
    private static bool _registered;

    /// <summary>Answers with feedback for a command line that failed with an error, or null.</summary>
    public delegate FeedbackText? Answer(string commandLine, Ast commandLineAst, ErrorRecord? error);

    /// <summary>Registers the provider, once.</summary>
    public static void Register(Answer answer)
    {
        lock (Gate)
        {
            if (_registered) return;
            _registered = true;
            Try(() => Provide(answer));
        }
    }

    // By itself, since the assembly of the proxy is loaded on the way in, which fails where no descriptor is left; that
    // error is not the user's.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Provide(Answer answer)
    {
        if (Engine.GetType($"{Namespace}.Feedback.IFeedbackProvider") is not { } provider
            || Manager("RegisterSubsystem", Engine.GetType($"{Namespace}.ISubsystem")) is not { } register)
        {
            return;
        }
        object proxy = DispatchProxy.Create(provider, typeof(Provider));
        ((Provider)proxy).Answer = answer;
        register.Invoke(null, [Kind, proxy]);
    }

    /// <summary>Takes the provider away.</summary>
    public static void Unregister()
    {
        lock (Gate)
        {
            if (!_registered) return;
            _registered = false;
            Try(() => Manager("UnregisterSubsystem", typeof(Guid))?.Invoke(null, [Kind, Id]));
        }
    }

    private static object Kind => Enum.Parse(Engine.GetType($"{Namespace}.SubsystemKind")!, "FeedbackProvider");

    private static MethodInfo? Manager(string method, Type? argument) =>
        argument is null || Engine.GetType($"{Namespace}.SubsystemKind") is not { } kind ? null
        : Engine.GetType($"{Namespace}.SubsystemManager")?.GetMethod(method, BindingFlags.Public | BindingFlags.Static, [kind, argument]);

    // Feedback is a courtesy: what an engine makes of it is no reason to fail.
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception
            is TargetInvocationException or InvalidOperationException or ArgumentException or IOException or TypeLoadException)
        {
        }
    }

#pragma warning disable CA1852 // The proxy is derived from it, when the program runs.
    /// <summary>Answers calls of IFeedbackProvider.</summary>
    public class Provider : DispatchProxy
    {
        internal Answer? Answer { get; set; }

        /// <inheritdoc/>
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
        {
            "get_Id" => Id,
            "get_Name" => "LandlockPS",
            "get_Description" => "Says when it was the sandbox that denied something, and what would allow it.",
            "get_Trigger" => Enum.ToObject(targetMethod.ReturnType, ErrorTrigger),
            "GetFeedback" => GetFeedback(targetMethod.ReturnType, args![0]!),
            _ => null,
        };

        private object? GetFeedback(Type item, object context)
        {
            Type type = context.GetType();
            if (type.GetProperty("CommandLine")?.GetValue(context) is not string line
                || type.GetProperty("CommandLineAst")?.GetValue(context) is not Ast ast)
            {
                return null;
            }
            return Answer?.Invoke(line, ast, type.GetProperty("LastError")?.GetValue(context) as ErrorRecord) is { } feedback
                ? Activator.CreateInstance(item, feedback.Header, feedback.Actions)
                : null;
        }
    }
}

/// <summary>A sentence, and command lines that can be run.</summary>
internal sealed record FeedbackText(string Header, List<string> Actions);
