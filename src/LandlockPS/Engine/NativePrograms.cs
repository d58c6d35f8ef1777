using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Text.Json;
using Landlock.Linux;
using Landlock.Sandboxes;

namespace LandlockPS.Engine;

/// <summary>The programs that ship beside the module.</summary>
internal static class NativePrograms
{
    private static readonly Lazy<bool?> FastOpen = new(AskFastOpen);

    /// <summary>Folder of the programs for this machine's architecture.</summary>
    public static string Folder { get; } = Path.Combine(
        Path.GetDirectoryName(typeof(NativePrograms).Assembly.Location)!, "bin",
        $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}");

    /// <summary>Path of landlock-exec.</summary>
    /// <exception cref="LaunchException">It is not there.</exception>
    public static string LandlockExec { get; } = Path.Combine(Folder, "landlock-exec");

    /// <summary>Path of landlocked.</summary>
    public static string Landlocked { get; } = Path.Combine(Folder, "landlocked");

    /// <summary>Fails with a clear message where landlock-exec is missing, or may not be executed.</summary>
    /// <exception cref="LaunchException">It is not there.</exception>
    public static void Demand()
    {
        if (!File.Exists(LandlockExec))
            throw new LaunchException(LaunchProblem.SetupFailed, LandlockExec, $"'{LandlockExec}' is missing: this copy of the module was "
                + "built for another architecture, or is incomplete. Install it again.");
        if (!MakeExecutable())
        {
            throw new LaunchException(LaunchProblem.SetupFailed, LandlockExec,
                $"'{LandlockExec}' may not be executed: copies and packages lose that bit. Nothing was run. Give it back: chmod "
                    + $"+x {ShellText.Word(LandlockExec)} {ShellText.Word(Landlocked)}");
        }
    }

    /// <summary>
    /// Gives the programs the permission to be executed that packages do not carry (Install-PSResource, Save-Module), where they are the
    /// user's own.
    /// </summary>
    /// <returns>Whether both may be executed.</returns>
    public static bool MakeExecutable() => MakeExecutable(LandlockExec) && MakeExecutable(Landlocked);

    private static bool MakeExecutable(string program)
    {
        if (PosixFile.CanExecute(program)) return true;
        if (!OperatingSystem.IsLinux() || PosixFile.Owner(program) != CurrentUser.Id) return false;
        try
        {
            // Whoever may read it may execute it.
            UnixFileMode mode = File.GetUnixFileMode(program);
            int readable = (int)(mode & (UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead));
            File.SetUnixFileMode(program, mode | (UnixFileMode)(readable >> 2));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return PosixFile.CanExecute(program);
    }

    /// <summary>One of the programs as a command of the engine.</summary>
    /// <exception cref="LaunchException">The session does not let its user run it.</exception>
    public static CommandInfo Find(string path, CommandInvocationIntrinsics commands) => commands.GetCommand(path, CommandTypes.Application)
        ?? throw new LaunchException(LaunchProblem.SetupFailed, path, $"This session may not run '{path}', without which there is no "
            + "sandbox; nothing was run. Where the session is configured, add that path to VisibleExternalCommands.");

    /// <summary>Whether TCP Fast Open gets around connect_tcp; asked of a process of its own, since the probe restricts a thread.</summary>
    public static bool? ProbeFastOpen() => FastOpen.Value;

    private static bool? AskFastOpen()
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(Landlocked, ["support", "--json"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (process is null) return null;
            using JsonDocument answer = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
            return answer.RootElement.TryGetProperty("tcpFastOpenBypass", out JsonElement value)
                && value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.GetBoolean() : null;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or JsonException or IOException)
        {
            return null;
        }
    }
}
