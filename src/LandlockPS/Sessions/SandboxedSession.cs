using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using Landlock.Sandboxes;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS.Sessions;

/// <summary>Opens sandboxed servers for sessions and wraps them as PSSession objects.</summary>
internal static class SandboxedSession
{
    // Entered interactively, a session says in its prompt what it is; the engine itself puts [localhost] in front.
    private const string Prompt = "param($name) ${function:global:prompt} = { \"$name PS "
        + "$($executionContext.SessionState.Path.CurrentLocation)> \" }.GetNewClosure()";

    /// <summary>Opens a server and prepares it.</summary>
    /// <exception cref="LaunchException">The sandbox could not be set up.</exception>
    /// <exception cref="RuntimeException">The initialization script failed.</exception>
    public static SandboxedServer Open(LaunchPlan plan, PSHost host, string name, PSLanguageMode mode, ScriptBlock? initialize,
        CancellationToken stop)
    {
        SandboxHost inner = new(host, name, streamed: false);
        SandboxedServer server = SandboxedServer.Open(plan, inner, mode, stop, opened => Run(opened,
            shell => shell.AddScript(Prompt).AddArgument(name.Length > 0 ? $"landlock:{PosixText.Printable(name)}" : "landlock")));
        if (initialize is null) return server;
        try
        {
            using (inner.BeginRequest()) Run(server, shell => shell.AddScript(initialize.ToString()));
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Makes the server a PSSession of the caller's; closing or losing the session ends the process.</summary>
    public static PSSession Wrap(PSCmdlet cmdlet, SandboxedServer server, string name)
    {
        PSSession session = EngineInternals.NewSession(server.Runspace, cmdlet);
        if (name.Length > 0) session.Name = name;
        server.EndWithRunspace();
        return session;
    }

    private static void Run(SandboxedServer server, Action<PowerShell> prepare)
    {
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = server.Runspace;
        prepare(shell);
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException) when (server.Failure() is { } failure)
        {
            throw failure;
        }

        if (shell.HadErrors && shell.Streams.Error.Count > 0)
            throw new RuntimeException($"The initialization script failed: {shell.Streams.Error[0]}", shell.Streams.Error[0].Exception,
                shell.Streams.Error[0]);
    }
}
