namespace Landlock.Sandboxes.Options;

/// <summary>What options of other sandboxers are called here: what somebody types who knows those.</summary>
internal static class ForeignOptions
{
    // Name there, name here with its value if it is always the same, and whose it is. Only what means the same.
    private static readonly (string There, string Here, string Value, string Tool)[] All =
    [
        ("ro", "read-data", "", "landrun"), ("rox", "read-only", "", "landrun"), ("rw", "read-write", "", "landrun"),
        ("rwx", "read-write-execute", "", "landrun"), ("unix", "unix-socket", "", "landrun"),
        ("best-effort", "compatibility", "best-effort", "landrun"), ("unrestricted-filesystem", "unrestricted", "fs", "landrun"),
        ("unrestricted-network", "unrestricted", "net", "landrun"), ("unrestricted-scoped", "unrestricted", "scope", "landrun"),
        ("ro-bind", "read-only", "", "bubblewrap"), ("ro-bind-try", "read-only", "", "bubblewrap"),
        ("bind", "read-write-execute", "", "bubblewrap"), ("setenv", "environment", "", "bubblewrap"),
        ("clearenv", "clean-environment", "", "bubblewrap"), ("unshare-net", "network", "none", "bubblewrap"),
        ("die-with-parent", "kill-on-parent-exit", "", "bubblewrap"),
        ("whitelist", "read-write-execute", "", "firejail"), ("net", "network", "none", "firejail"),
        ("private-tmp", "private-temp", "", "firejail"),
        ("rlimit-as", "max-memory", "", "firejail"), ("rlimit-cpu", "max-cpu-seconds", "", "firejail"),
        ("rlimit-fsize", "max-file-size", "", "firejail"), ("rlimit-nofile", "max-open-files", "", "firejail"),
    ];

    /// <summary>The option here, as it is typed on the command line, and the tool; null if no other tool has the name.</summary>
    /// <param name="name">The name there, with or without dashes.</param>
    public static (string Option, string Tool)? OnCommandLine(string name) => Find(name) is { There: not null } found
        ? ($"--{found.Here}{(found.Value.Length > 0 ? $" {found.Value}" : "")}", found.Tool) : null;

    /// <summary>The same as a parameter of the cmdlets.</summary>
    public static (string Parameter, string Tool)? OfCmdlets(string name) => Find(name) is { There: not null } found
        ? ($"-{Pascal(found.Here)}{(found.Value.Length > 0 ? $" {Pascal(found.Value)}" : "")}", found.Tool) : null;

    private static (string There, string Here, string Value, string Tool) Find(string name) =>
        All.FirstOrDefault(known => known.There == name.TrimStart('-'));

    private static string Pascal(string words) =>
        string.Concat(words.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
