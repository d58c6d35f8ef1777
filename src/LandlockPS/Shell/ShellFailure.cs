using System.Management.Automation;

namespace LandlockPS;

/// <summary>What runs in place of a command whose sandbox cannot be prepared.</summary>
internal static class ShellFailure
{
    /// <summary>A block that only says why.</summary>
    public static ScriptBlock Block(string command, Exception exception)
    {
        string message = $"'{command}' was not run, because its sandbox cannot be prepared: {exception.Message} To run it outside: nosandbox {command}";
        return ScriptBlock.Create($$"""
            $global:LASTEXITCODE = 125
            $exception = [System.InvalidOperationException]::new('{{message.Replace("'", "''", StringComparison.Ordinal)}}')
            throw [System.Management.Automation.ErrorRecord]::new($exception, 'ShellSandboxFailed', 'SecurityError', '{{command.Replace("'", "''", StringComparison.Ordinal)}}')
            """);
    }
}
