using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.ExceptionServices;
using LandlockPS.Binding;

namespace LandlockPS.Engine;

/// <summary>
/// Everything of the engine that is reached without being in PowerShellStandard, in one place. What only polishes falls back silently;
/// what a sandbox depends on throws.
/// </summary>
internal static class EngineInternals
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly MethodInfo? RenameCommand = typeof(CommandInfo).GetMethod("Rename", Instance, [typeof(string)]);

    private static readonly PropertyInfo? BlockLanguage = typeof(ScriptBlock).GetProperty("LanguageMode", Instance);

    private static readonly PropertyInfo? ExpectingInput = typeof(InvocationInfo).GetProperty("ExpectingInput", Instance);

    /// <summary>
    /// Tells the engine that a command at the end of a pipeline gets no input after all. Without it, stdin is an empty pipe.
    /// </summary>
    public static void ExpectNoInput(InvocationInfo invocation) => ExpectingInput?.SetMethod?.Invoke(invocation, [false]);

    /// <summary>Tells the engine that a command gets input although its pipeline has none.</summary>
    public static void ExpectInput(InvocationInfo invocation) => ExpectingInput?.SetMethod?.Invoke(invocation, [true]);

    /// <summary>Whether a pipeline gives input to a command.</summary>
    public static bool ExpectsInput(InvocationInfo invocation) => ExpectingInput?.GetValue(invocation) is true;

    /// <summary>Whether the user wrote 2>&amp;1 behind the command.</summary>
    public static bool MergesErrors(Cmdlet cmdlet) =>
        cmdlet.CommandRuntime.GetType().GetProperty("ErrorMergeTo", Instance)?.GetValue(cmdlet.CommandRuntime)?.ToString() == "Output";

    /// <summary>Writes a verbose message whatever the preference is, unless the caller decided with -Verbose.</summary>
    public static void WriteVerbose(PSCmdlet cmdlet, string message) => WriteShown(cmdlet, "Verbose", () => cmdlet.WriteVerbose(message));

    /// <summary>Writes a debug message whatever the preference is, unless the caller decided with -Debug.</summary>
    public static void WriteDebug(PSCmdlet cmdlet, string message) => WriteShown(cmdlet, "Debug", () => cmdlet.WriteDebug(message));

    /// <summary>Gives a job the text that its user wrote as its command.</summary>
    public static void SetCommand(Job job, string text)
    {
        for (Type? type = job.GetType(); type is not null; type = type.BaseType)
            if (type.GetField("<Command>k__BackingField", Instance | BindingFlags.DeclaredOnly) is { } field) field.SetValue(job, text);
    }

    /// <summary>Tells which command an error comes from, and where in the script, as the engine does for one that it runs itself.</summary>
    public static void Locate(ErrorRecord record, CommandInfo command, InvocationInfo caller)
    {
        if (typeof(InvocationInfo).GetProperty("ScriptPosition", Instance)?.GetValue(caller) is not IScriptExtent place) return;
        typeof(ErrorRecord).GetMethod("SetInvocationInfo", Instance, [typeof(InvocationInfo)])
            ?.Invoke(record, [InvocationInfo.Create(command, place)]);
        if (record.InvocationInfo is { } made) typeof(InvocationInfo).GetProperty("HistoryId")?.SetValue(made, caller.HistoryId);
    }

    /// <summary>
    /// The text of a call, on as many lines as it was written; of its first line only where the engine does not tell more.
    /// </summary>
    public static string CallText(InvocationInfo invocation)
    {
        if (typeof(InvocationInfo).GetProperty("ScriptPosition", Instance)?.GetValue(invocation) is IScriptExtent extent)
            return extent.Text;
        string line = invocation.Line ?? "";
        return line[Math.Clamp(invocation.OffsetInLine - 1, 0, line.Length)..];
    }

    /// <summary>Stops what a runspace is running, and waits until no statement of it can begin any more.</summary>
    /// <returns>Whether that is certain.</returns>
    public static bool StopPipeline(Runspace runspace, TimeSpan limit)
    {
        if (runspace.GetType().GetMethod("GetCurrentlyRunningPipeline", Instance, [])?.Invoke(runspace, null) is not { } pipeline)
            return false;
        pipeline.GetType().GetMethod("StopAsync", Instance, [])?.Invoke(pipeline, null);
        return SpinWait.SpinUntil(() => Member(Member(pipeline, "Stopper"), "IsStopping") is true, limit);
    }

    /// <summary>What a cmdlet's pipeline fails with; null where the engine does not tell.</summary>
    public static Exception? Failure(PSCmdlet cmdlet) =>
        Member(cmdlet.CommandRuntime, "PipelineProcessor") is { } pipeline
            && pipeline.GetType().GetField("_firstTerminatingError", Instance)?.GetValue(pipeline) is ExceptionDispatchInfo failure
            ? failure.SourceException
            : null;

    /// <summary>
    /// The words of the running call, as the engine took it apart before it bound any: in order, with splatted variables spread out.
    /// </summary>
    /// <exception cref="NotSupportedException">This version of PowerShell does not tell.</exception>
    public static ImmutableArray<CallWord> CallWords(PSCmdlet cmdlet)
    {
        if (Member(Member(cmdlet.CommandRuntime, "PipelineProcessor"), "Commands") is not IEnumerable commands)
            throw Missing("PipelineProcessor");
        object? own = commands.Cast<object?>().FirstOrDefault(command => ReferenceEquals(Member(command, "Command"), cmdlet));
        if (own?.GetType().GetField("arguments", Instance)?.GetValue(own) is not IEnumerable arguments)
            throw Missing("CommandProcessorBase.arguments");
        return [.. arguments.Cast<object>().Select(Word)];
    }

    private static CallWord Word(object argument)
    {
        bool Says(string name) => Member(argument, name) is bool said ? said : throw Missing(name);
        bool isOfTable = Says("FromHashtableSplatting");
        object? value = Says("ArgumentSpecified") ? Member(argument, "ArgumentValue") : null;
        if (!Says("ParameterNameSpecified"))
            return new CallWord(null, "", value, HasOwnValue: true, isOfTable, Member(argument, "ArgumentAst") as Ast);
        string text = Member(argument, "ParameterText") as string ?? throw Missing("ParameterText");
        Ast? place = Member(argument, "ParameterAst") as Ast;
        // By now the engine has given each parameter its value, so that only how it was written tells a value of
        // its own from the next word.
        bool hasOwnValue = isOfTable || Says("SpaceAfterParameter") || (text.EndsWith(':') && place is not VariableExpressionAst);
        return new CallWord(Member(argument, "ParameterName") as string, text.TrimEnd(':'), value, hasOwnValue, isOfTable, place);
    }

    /// <summary>The line that was run last at the prompt; null where the engine does not tell.</summary>
    public static string? LastLine(Runspace runspace)
    {
        object? history = Member(runspace, "History");
        object? entries = history?.GetType().GetMethod("GetEntries", Instance, [typeof(long), typeof(long), typeof(SwitchParameter)])
            ?.Invoke(history, [0L, 1L, new SwitchParameter(true)]);
        return entries is Array { Length: 1 } last ? Member(last.GetValue(0), "CommandLine") as string : null;
    }

    /// <summary>The language mode that a block was made in; null where the engine does not tell.</summary>
    public static PSLanguageMode? LanguageMode(ScriptBlock? block) =>
        block is null ? null : BlockLanguage?.GetValue(block) as PSLanguageMode?;

    /// <summary>
    /// A block of this module's own text, which the language mode of the session is not for. What it is given are arguments, never text.
    /// </summary>
    public static ScriptBlock OwnBlock(string script)
    {
        ScriptBlock block = ScriptBlock.Create(script);
        BlockLanguage?.SetValue(block, PSLanguageMode.FullLanguage);
        return block;
    }

    /// <summary>Makes messages of the engine name the user's command rather than landlock-exec.</summary>
    public static void Rename(CommandInfo command, string name) =>
        RenameCommand?.Invoke(command, [name]);

    /// <summary>Makes an alias that is seen everywhere in this runspace.</summary>
    public static void SetGlobalAlias(string name, string definition)
    {
        if (Context() is not { } context || GlobalScope(context) is not { } scope) return;
        scope.GetType().GetMethod("SetAliasValue", Instance,
            [typeof(string), typeof(string), context.GetType(), typeof(bool), typeof(CommandOrigin)])
            ?.Invoke(scope, [name, definition, context, true, CommandOrigin.Internal]);
    }

    /// <summary>
    /// Whether a module is one of this thread's runspace. One that is removed may be of another, which is closed from here.
    /// </summary>
    public static bool IsHere(PSModuleInfo module) =>
        Member(Member(Context(), "Modules"), "ModuleTable") is not IDictionary modules
        || modules.Values.Cast<object>().Any(other => ReferenceEquals(other, module));

    /// <summary>Removes such an alias.</summary>
    public static void RemoveGlobalAlias(string name)
    {
        object? scope = GlobalScope(Context());
        scope?.GetType().GetMethod("RemoveAlias", Instance, [typeof(string), typeof(bool)])?.Invoke(scope, [name, true]);
    }

    /// <summary>Registers a completer for native commands, as Register-ArgumentCompleter -Native does, which takes longer.</summary>
    public static void AddNativeCompleter(string script, params string[] names)
    {
        if (Context() is not { } context || context.GetType().GetProperty("NativeArgumentCompleters", Instance) is not { } property) return;
        if (property.GetValue(context) is not Dictionary<string, ScriptBlock> completers)
            property.SetValue(context, completers = new Dictionary<string, ScriptBlock>(StringComparer.OrdinalIgnoreCase));
        ScriptBlock block = OwnBlock(script);
        foreach (string name in names) completers[name] = block;
    }

    /// <summary>A pwsh process that is not started yet; its start info can be changed.</summary>
    /// <exception cref="NotSupportedException">This version of PowerShell has no such type.</exception>
    public static (object Instance, Process Process) NewServerProcess()
    {
        Type type = EngineType("System.Management.Automation.Runspaces.PowerShellProcessInstance");
        object instance = Activator.CreateInstance(type) ?? throw Missing(type.Name);
        return (instance, (Process?)type.GetProperty("Process")?.GetValue(instance) ?? throw Missing("Process"));
    }

    /// <summary>A runspace in such a process, with a host that shows its streams and answers its prompts.</summary>
    /// <exception cref="NotSupportedException">This version of PowerShell has no such type.</exception>
    public static Runspace NewRunspace(object serverProcess, PSHost host, TypeTable types)
    {
        Type type = EngineType("System.Management.Automation.Runspaces.NewProcessConnectionInfo");
        ConstructorInfo constructor = type.GetConstructor(Instance, [typeof(PSCredential)]) ?? throw Missing(type.Name);
        object connection = constructor.Invoke([null]);
        (type.GetProperty("Process", Instance) ?? throw Missing("Process")).SetValue(connection, serverProcess);
        return RunspaceFactory.CreateRunspace((RunspaceConnectionInfo)connection, host, types);
    }

    /// <summary>
    /// Lets no event of a remote runspace arrive here. With one of them a script in there opens a debugger's prompt in this shell; others
    /// would be collected for ever.
    /// </summary>
    /// <exception cref="NotSupportedException">This version of PowerShell has no such event.</exception>
    public static void DropEvents(Runspace runspace)
    {
        object pool = Member(runspace, "RunspacePool") ?? throw Missing("RunspacePool");
        EventInfo forwarded = pool.GetType().GetEvent("ForwardEvent", Instance) ?? throw Missing("ForwardEvent");
        MethodInfo handler =
            runspace.GetType().GetMethod("HandleRunspacePoolForwardEvent", Instance) ?? throw Missing("HandleRunspacePoolForwardEvent");
        MethodInfo remove = forwarded.GetRemoveMethod(nonPublic: true) ?? throw Missing("ForwardEvent");
        remove.Invoke(pool, [handler.CreateDelegate(forwarded.EventHandlerType!, runspace)]);
    }

    /// <summary>
    /// Whether a pipeline that was started from here runs in a remote runspace. Where the engine does not tell, there is none.
    /// </summary>
    public static bool RunsPipeline(Runspace runspace) =>
        runspace.GetType().GetMethod("GetCurrentlyRunningPipeline", Instance)?.Invoke(runspace, null) is not null;

    /// <summary>A PSSession over a runspace, listed by Get-PSSession.</summary>
    /// <exception cref="NotSupportedException">This version of PowerShell cannot make one.</exception>
    public static PSSession NewSession(Runspace runspace, PSCmdlet? cmdlet)
    {
        MethodInfo create = typeof(PSSession).GetMethod("Create", BindingFlags.Static | BindingFlags.Public,
            [typeof(Runspace), typeof(string), typeof(PSCmdlet)]) ?? throw Missing("PSSession.Create");
        return (PSSession?)create.Invoke(null, [runspace, "Landlock", cmdlet]) ?? throw Missing("PSSession.Create");
    }

    /// <summary>
    /// Breaks a remote runspace whose process has ended. The engine itself leaves it open, and the next call waits for ever.
    /// </summary>
    public static void Break(Runspace runspace, string reason)
    {
        Assembly engine = typeof(PSObject).Assembly;
        // On the thread that saw the process end, an exception would end PowerShell itself.
        if (Transport(runspace) is not { } transport
            || engine.GetType("System.Management.Automation.Remoting.PSRemotingTransportException") is not { } cause
            || engine.GetType("System.Management.Automation.Remoting.TransportErrorOccuredEventArgs") is not { } report
            || engine.GetType("System.Management.Automation.Remoting.TransportMethodEnum") is not { } method
            || transport.GetType().GetMethod("RaiseErrorHandler", Instance) is not { } raise) return;
        object received = Enum.Parse(method, "ReceiveShellOutputEx");
        raise.Invoke(transport,
            [Activator.CreateInstance(report, Instance, null, [Activator.CreateInstance(cause, reason), received], null)]);
        // Closing waits a minute for an answer; there is nobody left to give it.
        transport.GetType().GetMethod("RaiseCloseCompleted", Instance)?.Invoke(transport, null);
    }

    /// <summary>Counts what was read for a remote pipeline and waits to be delivered; null where the engine does not tell.</summary>
    public static Func<int>? Undelivered(PowerShell shell)
    {
        object? transport = Member(Member(Member(shell, "RemotePowerShell"), "DataStructureHandler"), "TransportManager");
        for (Type? type = transport?.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField("_callbackNotificationQueue", Instance)?.GetValue(transport) is System.Collections.ICollection waiting)
                return () => waiting.Count;
        }

        return null;
    }

    // The switch is turned on for this one message: while it is on, warnings are shown or asked about too.
    private static void WriteShown(PSCmdlet cmdlet, string name, Action write)
    {
        ICommandRuntime runtime = cmdlet.CommandRuntime;
        PropertyInfo? flag = runtime.GetType().GetProperty(name, Instance);
        PropertyInfo? isSet = runtime.GetType().GetProperty($"Is{name}FlagSet", Instance);
        if (isSet?.GetValue(runtime) is not false)
        {
            write();
            return;
        }

        object? old = flag?.GetValue(runtime);
        flag?.SetValue(runtime, true);
        try
        {
            write();
        }
        finally
        {
            flag?.SetValue(runtime, old);
            isSet.SetValue(runtime, false);
        }
    }

    private static object? Transport(Runspace runspace) =>
        Member(Member(Member(Member(runspace, "RunspacePool"), "RemoteRunspacePoolInternal"), "DataStructureHandler"), "TransportManager");

    private static object? GlobalScope(object? context) => Member(Member(context, "TopLevelSessionState"), "GlobalScope");

    // Of the runspace that this thread runs.
    private static object? Context() => EngineType("System.Management.Automation.Runspaces.LocalPipeline")
        .GetMethod("GetExecutionContextFromTLS", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.Invoke(null, null);

    private static object? Member(object? owner, string name) => owner?.GetType().GetProperty(name, Instance)?.GetValue(owner);

    private static Type EngineType(string name) => typeof(PSObject).Assembly.GetType(name) ?? throw Missing(name);

    private static NotSupportedException Missing(string name) =>
        new($"This version of PowerShell lacks {name}, which LandlockPS needs; nothing was run. PowerShell 7.4 to 7.6 have it.");
}
