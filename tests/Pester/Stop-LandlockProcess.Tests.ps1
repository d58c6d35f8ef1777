BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/sandboxes.ps1
}

Describe 'Stop-LandlockProcess' {
    BeforeAll {
        $one = New-Sandbox
        $two = New-Sandbox
    }

    AfterAll {
        $one.Session, $two.Session | Remove-PSSession -ErrorAction Ignore
    }

    It 'says what it would end, and ends nothing' {
        Stop-LandlockProcess $one.Sandbox.Id -WhatIf
        $one.Sandbox | Stop-LandlockProcess -WhatIf
        Invoke-Command $one.Session { $PID } | Should -Be $one.ProcessId
    }

    It 'ends none from within another sandbox' {
        $failure = Invoke-Command $two.Session {
            Import-Module $using:ModulePath
            try { Stop-LandlockProcess ($using:one).Sandbox.Id -ErrorAction Stop } catch { $_ }
        }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
        Invoke-Command $one.Session { $PID } | Should -Be $one.ProcessId
    }

    It 'ends one with all that it has started, and no other' {
        $child = Invoke-Command $one.Session {
            $start = [System.Diagnostics.ProcessStartInfo]::new('/usr/bin/sleep', '317')
            [System.Diagnostics.Process]::Start($start).Id
        }
        $one.Sandbox | Stop-LandlockProcess
        foreach ($process in $one.ProcessId, $child) {
            "$(Get-Content /proc/$process/status -ErrorAction Ignore | Select-String '^State:')" | Should -Not -Match 'State:\s+[^ZX]'
        }
        Get-LandlockProcess $one.Sandbox.Id -ErrorAction Ignore | Should -BeNullOrEmpty
        Invoke-Command $two.Session { $PID } | Should -Be $two.ProcessId
    }

    It 'says that one does not run' {
        (Get-TerminatingError { Stop-LandlockProcess bbbbbbbb -ErrorAction Stop }).FullyQualifiedErrorId |
            Should -Be 'ProcessNotFound,LandlockPS.StopLandlockProcessCommand'
    }
}
