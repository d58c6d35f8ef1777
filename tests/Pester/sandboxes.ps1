# What the tests of running sandboxes share. Dot-source it in BeforeAll, behind common.ps1.

# A session. Other sandboxes of this user may run meanwhile, and are left alone: the session's is known by its process.
function New-Sandbox {
    $session = New-LandlockSession -ReadOnly /usr, /bin
    $process = Invoke-Command $session { $PID }
    @{ Session = $session; ProcessId = $process; Sandbox = Get-LandlockProcess | Where-Object ProcessId -EQ $process }
}
