using System.Globalization;

namespace Landlock.Linux;

/// <summary>The PID namespace of this process (pid_namespaces(7)), in which the numbers of processes mean something.</summary>
internal static class ProcessNamespace
{
    private const string Entry = "/proc/self/ns/pid";

    /// <summary>
    /// Its number; 0 on a kernel without such namespaces, null where /proc cannot be read, or is that of another namespace: what it says of
    /// a process is about another one then.
    /// </summary>
    public static ulong? Number()
    {
        if (ProcessFiles.ReadLink("/proc/self") != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        return PosixFile.Stat(Entry)?.Inode ?? (PosixFile.Inspect(Entry) == PathKind.Missing ? 0 : null);
    }
}
