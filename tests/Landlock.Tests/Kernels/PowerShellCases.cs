namespace Landlock.Tests.Kernels;

/// <summary>
/// A real PowerShell on a kernel, with the module: script blocks, sessions, scripts that restrict themselves, the shell's hook.
/// </summary>
internal static class PowerShellCases
{
    private const string Serving = "mkdir /tmp/s; sockets serve /tmp/s > /tmp/ready & while ! test -s /tmp/ready; do sleep 0.1; done; ";

    /// <summary>The scripts, by name.</summary>
    public static IEnumerable<(string Name, byte[] Content)> Scripts =>
    [
        ("block", """
            Import-Module LandlockPS
            $inside = {
                try { Get-Content /outside/secret -ErrorAction Stop } catch { "read: $_" }
                try { Set-Content /tmp/other x -ErrorAction Stop } catch { "write: $_" }
                Set-Content /tmp/own/file own; Get-Content /tmp/own/file
                sockets stream /tmp/s/stream bind4 5001 bind4 5002 sendto4 5001
            }
            "block"; Invoke-Landlocked $inside -ReadOnly /usr -ReadWrite /tmp/own -BindUdp 0, 5001
            $session = New-LandlockSession -ReadOnly /usr -ReadWrite /tmp/own -UnixSocket /tmp/s/stream -BindUdp 0 -ConnectSendUdp 5001
            "session"; Invoke-Command $session $inside
            Remove-PSSession $session
            "abi $((Get-LandlockSupport).Abi), $((Get-LandlockSupport).ResidualHoles.Name -join ', ')"
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule /tmp/s/stream -Access UnixSocket | Add-LandlockNetRule -BindUdp 5001
            "access $((Test-LandlockAccess /tmp/s/stream UnixSocket -Ruleset $ruleset).Allowed) " +
                (Test-LandlockAccess /tmp/s/datagram UnixSocket -Ruleset $ruleset).Allowed
            """u8.ToArray()),
        ("in-place", """
            param($word)
            Import-Module LandlockPS
            $gate = [Threading.ManualResetEventSlim]::new($false)
            $shell = [powershell]::Create().AddScript({
                    param($gate)
                    $gate.Wait()
                    try { [IO.File]::ReadAllText('/outside/secret') } catch { "thread: $($_.Exception.InnerException.Message)" }
                }).AddArgument($gate)
            $running = $shell.BeginInvoke()
            "before: $(Get-Content /outside/secret)"
            Protect-LandlockScript -InPlace -ReadOnly /usr, /opt -ReadWrite /tmp/own -ReadData /proc -BindUdp 5001
            $gate.Set()
            $shell.EndInvoke($running)
            try { Get-Content /outside/secret -ErrorAction Stop } catch { "main: $_" }
            Start-ThreadJob { try { Get-Content /outside/secret -ErrorAction Stop } catch { "job: $_" } } | Receive-Job -Wait
            cat /outside/secret 2>&1 | ForEach-Object { "cat: $_" }
            Set-Content /tmp/own/file $word; Get-Content /tmp/own/file
            $states = Get-ChildItem /proc/self/task | ForEach-Object { (Get-Content "$_/status") -match '^(NoNewPrivs|Seccomp):' }
            "$(($states | Sort-Object -Unique) -replace "`t", ' ')"
            sockets stream /tmp/s/stream bind4 5001 bind4 5002
            """u8.ToArray()),
        ("shell", """
            Import-Module LandlockPS
            $null = New-Item -ItemType Directory /tmp/work
            $null = New-LandlockProfile work -Beneath /tmp/work
            Enable-LandlockShell -Scope Script
            Set-Location /tmp/work
            cat /outside/secret; $LASTEXITCODE
            sockets stream /tmp/s/stream bind4 5001
            nosandbox cat /outside/secret
            Set-Location /tmp
            cat /outside/secret
            Disable-LandlockShell
            """u8.ToArray()),
    ];

    public static KernelCase[] All { get; } =
    [
        .. Run("block", (kernel, answer) => KernelCase.Is(answer, 0, $"""
            block
            read: Access to the path '/outside/secret' is denied.
            write: Access to the path '/tmp/other' is denied.
            own
            stream /tmp/s/stream: Permission denied
            bind4 5001: done
            bind4 5002: Permission denied
            sendto4 5001: Permission denied
            session
            read: Access to the path '/outside/secret' is denied.
            write: Access to the path '/tmp/other' is denied.
            own
            stream /tmp/s/stream: done
            bind4 5001: Permission denied
            bind4 5002: Permission denied
            sendto4 5001: done
            abi {kernel.Abi}, other sockets, metadata, execute, inherited descriptors
            access True False

            """, "")),
        .. Run("in-place", (_, answer) => KernelCase.Is(answer, 0, """
            before: secret
            thread: Access to the path '/outside/secret' is denied.
            main: Access to the path '/outside/secret' is denied.
            job: Access to the path '/outside/secret' is denied.
            cat: /usr/bin/cat: /outside/secret: Permission denied
            word
            NoNewPrivs: 1 Seccomp: 2
            stream /tmp/s/stream: Permission denied
            bind4 5001: done
            bind4 5002: Permission denied

            """, "")),
        .. Run("shell", (_, answer) => KernelCase.Is(answer, 0, "1\nstream /tmp/s/stream: Permission denied\n"
            + "bind4 5001: Permission denied\nsecret\nsecret\n", "/usr/bin/cat: /outside/secret: Permission denied\n")),
    ];

    // As root and as an ordinary user.
    private static IEnumerable<KernelCase> Run(string script, Action<BootedKernel, Answer> check)
    {
        foreach ((int user, string who) in ((int, string)[])[(0, "root"), (KernelCase.Ordinary, "user")])
            yield return new KernelCase($"pwsh-{script}-{who}",
                user, ["/bin/sh", "-c", $"{Serving}mkdir -p /tmp/own; exec pwsh -File /scripts/{script}.ps1 word"],
                check)
            { Since = 10, Seconds = 900 };
    }
}
