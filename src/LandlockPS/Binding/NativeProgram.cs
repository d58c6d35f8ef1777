using System.Collections;
using System.Management.Automation;
using Landlock.Linux;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>The native command that a user named: by its name, a path, or as an object that stands for one.</summary>
internal static class NativeProgram
{
    /// <summary>A name to be looked up in PATH, or a path.</summary>
    public static string Of(PSCmdlet cmdlet, object? command)
    {
        string name = command switch
        {
            // Of a command that was found already, exactly that one is meant.
            ApplicationInfo program => program.Path,
            ExternalScriptInfo script => script.Path,
            FileSystemInfo file => file.FullName,
            CommandInfo other => throw Refused(cmdlet, other, $"'{PosixText.Printable(other.Name)}' is a command of PowerShell "
                + $"({other.CommandType}), and no native one; nothing was run.", "CommandNotNative",
                $"Put it in a script block: {cmdlet.MyInvocation.MyCommand.Name} ... {{ {PowerShellText.Argument(other.Name)} }}"),
            IEnumerable list and not string =>
                throw Refused(cmdlet, list, "The command is a list, and only its first element can be the command; nothing was run.",
                    "CommandIsList", $"Take it apart: $command, $rest = $list; {cmdlet.MyInvocation.MyCommand.Name} ... -- $command $rest"),
            _ => command?.ToString() ?? "",
        };
        bool isOfDrive = name.Contains(":/", StringComparison.Ordinal) && cmdlet.SessionState.Path.IsPSAbsolute(name, out _);
        name = isOfDrive || name.StartsWith("~/", StringComparison.Ordinal) ? RulePath.Literal(cmdlet, name) : name;
        if (name.Contains('/') && name.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
            && IsOfPowerShell(RulePath.Literal(cmdlet, name)))
        {
            throw Refused(cmdlet, name, $"'{PosixText.Printable(name)}' is a script of PowerShell that no #! line or mode makes a program; "
                + "nothing was run.", "CommandNotNative",
                $"Put it in a script block: {cmdlet.MyInvocation.MyCommand.Name} ... {{ {PowerShellText.Argument(name)} }}");
        }

        return name;
    }

    private static bool IsOfPowerShell(string path)
    {
        if (PosixFile.Inspect(path) != PathKind.File) return false;
        using Microsoft.Win32.SafeHandles.SafeFileHandle? file = PosixFile.OpenRead(path);
        return file is not null && (!PosixEntry.IsPermitted(path, read: true, write: false, execute: true)
            || SmallFile.ReadStart(file, 2) is not [(byte)'#', (byte)'!']);
    }

    private static ArgumentException Refused(PSCmdlet cmdlet, object command, string message, string id, string action)
    {
        ArgumentException exception = new(message);
        cmdlet.ThrowTerminatingError(Errors.New(exception, id, ErrorCategory.InvalidArgument, command, action));
        return exception;
    }
}
