# Many commands in one session, and a session that has run out of something. LANDLOCKPS_SOAK asks for the large numbers.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = (Get-Module LandlockPS).Path

    function Get-Descriptor {
        [System.GC]::Collect()
        [System.GC]::WaitForPendingFinalizers()
        foreach ($entry in [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd")) { [System.IO.FileInfo]::new($entry).LinkTarget }
    }
}

Describe 'Invoke-Landlocked under load' {
    It 'leaves no process, descriptor or memory file behind: <Name>' -ForEach @(
        @{ Name = 'commands'; Many = 1000; Few = 50; Command = { Invoke-Landlocked true } }
        @{ Name = 'commands that are not found'; Many = 300; Few = 20; Command = { try { Invoke-Landlocked no-such-command } catch { $Error.Clear() } } }
        @{ Name = 'commands that are cut off'; Many = 300; Few = 10; Command = { Invoke-Landlocked yes | Select-Object -First 1 } }
        @{ Name = 'script blocks'; Many = 100; Few = 3; Command = { Invoke-Landlocked { 1 } } }
    ) {
        foreach ($i in 1..3) { $null = . $Command }
        $children = @(Get-ChildId)
        $before = @(Get-Descriptor)
        foreach ($i in 1..($env:LANDLOCKPS_SOAK ? $Many : $Few)) { $null = . $Command }
        Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } 10 | Should -BeTrue
        Wait-Until { @(Get-Descriptor).Count -le $before.Count + 4 } 10 | Should -BeTrue
        Wait-Until { @(Get-Descriptor) -match 'memfd:landlock' | ForEach-Object -Begin { $n = 0 } -Process { $n++ } -End { $n -le @($before -match 'memfd:landlock').Count } } 10 | Should -BeTrue
    }

    It 'with <_> descriptors left says so, and runs nothing' -ForEach 1, 2 {
        $said = pwsh -NoProfile -NonInteractive -Command @"
            Import-Module '$module'
            `$null = Invoke-Landlocked true
            try { Invoke-Landlocked no-such-command } catch { "`$_" }
            # With none left, the runtime itself ends: it opens files, too.
            `$used = [int[]]([System.IO.Directory]::GetFileSystemEntries('/proc/self/fd') | Split-Path -Leaf)
            prlimit --pid `$PID --nofile="`$(@(0..1000 | Where-Object { `$_ -notin `$used })[$_]):4096"
            `$output = try { Invoke-Landlocked -ReadWrite '$TestDrive' touch '$TestDrive/ran' } catch { `$_ }
            prlimit --pid `$PID --nofile=4096:4096
            `$output | ForEach-Object { "`$_" }
"@
        "$said" | Should -Match 'Too many open files'
        "$TestDrive/ran" | Should -Not -Exist
    }
}
