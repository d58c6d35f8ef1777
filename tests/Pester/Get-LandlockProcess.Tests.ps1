BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/sandboxes.ps1
}

Describe 'Get-LandlockProcess' {
    BeforeAll {
        $one = New-Sandbox
    }

    AfterAll {
        $one.Session | Remove-PSSession
    }

    It 'lists a sandbox with its command, name, process and time' {
        $sandbox = $one.Sandbox
        $sandbox | Should -HaveCount 1
        $sandbox.Id | Should -MatchExactly '^[bcdfghjkmnpqrstvwxyz]{8}$'
        $sandbox.Name | Should -Be sandbox
        $sandbox.Command | Should -BeLike '*pwsh*-s*'
        $sandbox.Arguments | Should -Contain '-NoProfile'
        $sandbox.Processes | Should -Contain $one.ProcessId
        [Math]::Abs(($sandbox.Started.LocalDateTime - (Get-Process -Id $one.ProcessId).StartTime).TotalSeconds) | Should -BeLessThan 3
    }

    It 'finds one by its id and by its name' {
        (Get-LandlockProcess $one.Sandbox.Id).ProcessId | Should -Be $one.ProcessId
        (Get-LandlockProcess "$($one.Sandbox.Id.Substring(0, 7))?").ProcessId | Should -Contain $one.ProcessId
        (Get-LandlockProcess -Name sandbox).ProcessId | Should -Contain $one.ProcessId
        Get-LandlockProcess -Name no-such-name* | Should -BeNullOrEmpty
    }

    It 'says that one does not run' {
        Get-LandlockProcess bbbbbbbb -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'ProcessNotFound,LandlockPS.GetLandlockProcessCommand'
        "$($failure[0])" | Should -BeLike "No sandbox 'bbbbbbbb' runs*"
    }

    It 'shows them as a table' {
        $text = Get-LandlockProcess $one.Sandbox.Id | Out-String -Width 200
        $text | Should -Match 'Id\s+ProcessId\s+Started\s+Name\s+Command'
        $text | Should -Match "$($one.Sandbox.Id)\s+$($one.ProcessId)\s.*\ssandbox\s"
        Get-LandlockProcess $one.Sandbox.Id | Format-List | Out-String | Should -Match 'Processes\s+: \d'
    }

    It 'completes ids and names' {
        (Complete "Get-LandlockProcess $($one.Sandbox.Id.Substring(0, 6))").CompletionText | Should -Contain $one.Sandbox.Id
        (Complete 'Get-LandlockProcess -Name sandb').CompletionText | Should -Contain sandbox
        (Complete "Stop-LandlockProcess $($one.Sandbox.Id.Substring(0, 6))").CompletionText | Should -Contain $one.Sandbox.Id
    }

    It 'lists in a sandbox what was started from there, and nothing else' {
        $inside = Invoke-Command $one.Session {
            Import-Module $using:ModulePath
            @(Get-LandlockProcess).Count
        }
        $inside | Should -Be 0
    }
}
