using System.ComponentModel;
using System.Management.Automation;
using System.Reflection;

namespace LandlockPS.Sessions;

/// <summary>
/// Lets PSReadLine edit lines where no named mutex can be made. The runtime keeps these in /tmp/.dotnet, which all .NET processes
/// map: who may write there can crash them, so a sandbox does not. PSReadLine makes one before the first prompt, whatever its
/// options, and gives up without.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LineEditor
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>Prepares PSReadLine, if it is loaded and needs it.</summary>
    /// <returns>Whether lines can be edited. If not, PSReadLine should be removed: PowerShell reads lines itself then.</returns>
    [Hidden]
    public static bool Prepare()
    {
        if (AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType("Microsoft.PowerShell.PSConsoleReadLine"))
            .FirstOrDefault(type => type is not null) is not { } type)
        {
            return true;
        }
        if (CanName()) return true;
        try
        {
            return Initialize(type);
        }
        catch (Exception exception) when (exception is MissingMemberException or TargetException or TargetInvocationException
            or ArgumentException or InvalidCastException or NullReferenceException)
        {
            return false;
        }
    }

    private static bool CanName()
    {
        try
        {
            using Mutex _ = new(initiallyOwned: false, $"LandlockPS-{Environment.ProcessId}");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or WaitHandleCannotBeOpenedException)
        {
            return false;
        }
    }

    // What PSReadLine 2.3 and 2.4 do themselves once the mutex is there (ReadLine.cs, DelayedOneTimeInitialize).
    private static bool Initialize(Type type)
    {
        object editor = Field(type, "_singleton").GetValue(null)!;
        FieldInfo completed = Field(type, "_delayedOneTimeInitCompleted");
        if ((bool)completed.GetValue(editor)!) return true;
        try
        {
            Method(type, "DelayedOneTimeInitialize").Invoke(editor, null);
        }
        catch (TargetInvocationException)
        {
            // At the mutex; what comes before it is done.
        }

        Set("_historyFileMutex", new Mutex());
        object options = type.GetMethod("GetOptions", Members)!.Invoke(null, null)!;
        Set("_history", Queue("_history", Option("MaximumHistoryCount")));
        Set("_recentHistory", Queue("_recentHistory", 5));
        Set("_currentHistoryIndex", 0);
        if (options.GetType().GetProperty("HistorySaveStyle")!.GetValue(options)!.ToString() != "SaveNothing")
            Method(type, "ReadHistoryFile").Invoke(editor, null);
        Set("_killIndex", -1);
        Set("_killRing", new List<string>(Option("MaximumKillRingCount")));
        AutoResetEvent wanted = new(false), read = new(false);
        ManualResetEvent closing = new(false);
        Set("_readKeyWaitHandle", wanted);
        Set("_keyReadWaitHandle", read);
        Set("_closingWaitHandle", closing);
        Set("_requestKeyWaitHandles", new WaitHandle[] { read, closing });
        Set("_threadProcWaitHandles", new WaitHandle[] { wanted, closing });
        Thread reader = new(Method(type, "ReadKeyThreadProc").CreateDelegate<ThreadStart>(editor))
        { IsBackground = true, Name = "PSReadLine ReadKey Thread" };
        Set("_readKeyThread", reader);
        reader.Start();
        completed.SetValue(editor, true);
        return true;

        void Set(string name, object value) => Field(type, name).SetValue(editor, value);

        int Option(string name) => (int)options.GetType().GetProperty(name)!.GetValue(options)!;

        object Queue(string name, int capacity) => Activator.CreateInstance(Field(type, name).FieldType, capacity)!;
    }

    private static FieldInfo Field(Type type, string name) =>
        type.GetField(name, Members) ?? throw new MissingFieldException(type.FullName, name);

    private static MethodInfo Method(Type type, string name) =>
        type.GetMethod(name, Members, Type.EmptyTypes) ?? throw new MissingMethodException(type.FullName, name);
}
