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
        Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
        Wait-Until { @(Get-Descriptor).Count -le $before.Count + 4 } | Should -BeTrue
        Wait-Until { @(Get-Descriptor) -match 'memfd:landlock' | ForEach-Object -Begin { $n = 0 } -Process { $n++ } -End { $n -le @($before -match 'memfd:landlock').Count } } | Should -BeTrue
    }

    It 'with <_> descriptors left says so and runs nothing, or runs' -ForEach 1, 2, 3, 5 {
        # Two files, made and removed without a descriptor, take the place of talking; what is left is taken and given back from outside.
        $place = (New-Item -ItemType Directory "$TestDrive/$_").FullName
        Set-Content "$place/script.ps1" @"
            Import-Module '$module'
            `$null = Invoke-Landlocked true
            try { Invoke-Landlocked no-such-command } catch { "`$_" }
            Set-Content '$place/ready' ''
            while ([System.IO.File]::Exists('$place/ready')) { Start-Sleep -Milliseconds 20 }
            `$output = try { Invoke-Landlocked -ReadWrite '$place' touch '$place/ran' } catch { `$_ }
            [System.IO.File]::Delete('$place/trying')
            while (-not [System.IO.File]::Exists('$place/ready')) { Start-Sleep -Milliseconds 20 }
            `$output | ForEach-Object { "`$_" }
"@
        Set-Content "$place/trying" ''
        $shell = Start-Process "$PSHOME/pwsh" '-NoProfile', '-NonInteractive', '-File', "$place/script.ps1" -PassThru -RedirectStandardOutput "$place/output" -RedirectStandardError "$place/errors"
        try {
            Wait-Until { Test-Path "$place/ready" } 60 | Should -BeTrue
            $used = [int[]]([System.IO.Directory]::GetFileSystemEntries("/proc/$($shell.Id)/fd") | Split-Path -Leaf)
            # With none left, the runtime itself ends: it opens files, too.
            prlimit --pid $shell.Id "--nofile=$(@(0..1000 | Where-Object { $_ -notin $used })[$_]):4096"
            Remove-Item "$place/ready"
            Wait-Until { -not (Test-Path "$place/trying") } 60 | Should -BeTrue
            prlimit --pid $shell.Id --nofile=4096:4096
            Set-Content "$place/ready" ''
            $shell.WaitForExit(60000) | Should -BeTrue
        }
        finally { if (-not $shell.HasExited) { $shell.Kill() } }

        # Where so many are enough, it ran; never is their lack taken for what a file is.
        $said = "$(Get-Content "$place/output", "$place/errors")"
        if ((Test-Path "$place/ran") -and $_ -gt 2) { $said | Should -Be "The command 'no-such-command' was not found in PATH; nothing was run." }
        else {
            $said | Should -Match 'Too many open files'
            "$place/ran" | Should -Not -Exist
        }
    }
}
