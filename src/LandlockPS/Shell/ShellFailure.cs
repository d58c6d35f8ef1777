using System.Management.Automation;

namespace LandlockPS.Shell;

/// <summary>What runs in place of a command whose sandbox cannot be prepared.</summary>
internal static class ShellFailure
{
    /// <summary>A block that only says why.</summary>
    public static ScriptBlock Block(string command, Exception exception)
    {
        string message = $"'{PosixText.Printable(command)}' was not run, because its sandbox cannot be prepared: {exception.Message} To "
            + $"run it outside: nosandbox {PowerShellText.Argument(command)}";
        ErrorRecord record = new(new InvalidOperationException(message), "ShellSandboxFailed", ErrorCategory.SecurityError, command);
        // The record is a variable of the block's, never a part of its text.
        ScriptBlock block = ScriptBlock.Create("$global:LASTEXITCODE = 125; throw $record").GetNewClosure();
        block.Module.SessionState.PSVariable.Set("record", record);
        return block;
    }
}
