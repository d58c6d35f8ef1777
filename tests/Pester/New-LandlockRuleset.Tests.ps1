BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'New-LandlockRuleset' {
    It 'denies everything that the kernel can deny' {
        $support = Get-LandlockSupport
        $ruleset = New-LandlockRuleset
        $ruleset.Abi | Should -Be $support.Abi
        $ruleset.HandledFs | Should -Be $support.AccessFs
        $ruleset.HandledNet | Should -Be $support.AccessNet
        $ruleset.Scopes | Should -Be $support.Scopes
        $ruleset.PathRules.Length | Should -Be 0
        $ruleset.NetRules.Length | Should -Be 0
    }

    It 'really denies it' {
        $file = "$TestDrive/secret"
        Set-Content $file secret
        New-LandlockRuleset | Invoke-Landlocked -- cat $file 2>&1 | Should -Match 'Permission denied'
        $LASTEXITCODE | Should -Be 1
    }

    It 'has a name for messages' {
        (New-LandlockRuleset build).Name | Should -Be build
        "$(New-LandlockRuleset build)" | Should -BeLike 'build: ABI *'
        (New-LandlockRuleset).Name | Should -BeNullOrEmpty
    }

    It 'is written for an older ABI' {
        $ruleset = New-LandlockRuleset -Abi 1
        $ruleset.Abi | Should -Be 1
        "$($ruleset.HandledFs)" | Should -Not -Match 'Truncate'
        "$($ruleset.HandledNet)" | Should -Be 'None'
    }

    It 'leaves <Kind> alone' -TestCases @(
        @{ Kind = 'Fs'; Property = 'HandledFs' }
        @{ Kind = 'Net'; Property = 'HandledNet' }
        @{ Kind = 'Scope'; Property = 'Scopes' }
    ) {
        $ruleset = New-LandlockRuleset -Unrestricted $Kind
        "$($ruleset.$Property)" | Should -Be 'None'
        foreach ($other in 'HandledFs', 'HandledNet', 'Scopes' | Where-Object { $_ -ne $Property }) {
            $ruleset.$other | Should -Be (New-LandlockRuleset).$other
        }
    }

    It 'leaves the filesystem open to the command if told so' {
        $file = "$TestDrive/open"
        Set-Content $file open
        New-LandlockRuleset -Unrestricted Fs | Invoke-Landlocked -- cat $file | Should -Be open
    }

    It 'can leave two of three parts alone' {
        $ruleset = New-LandlockRuleset -Unrestricted Net, Scope
        "$($ruleset.HandledNet) $($ruleset.Scopes)" | Should -Be 'None None'
    }

    It 'is refused where nothing would be restricted' {
        $failure = Get-TerminatingError { New-LandlockRuleset -Unrestricted Fs, Net, Scope | Invoke-Landlocked -- true }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NothingHandled,*'
    }

    It 'carries how strictly it is meant' {
        (New-LandlockRuleset).Compatibility | Should -Be BestEffort
        (New-LandlockRuleset -Compatibility HardRequirement).Compatibility | Should -Be HardRequirement
    }

    It 'is a value: equal if it means the same' {
        New-LandlockRuleset x | Should -Be (New-LandlockRuleset x)
        (New-LandlockRuleset x).Equals((New-LandlockRuleset y)) | Should -BeFalse
    }

    It 'holds no descriptor' {
        $before = [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Length
        $rulesets = 1..50 | ForEach-Object { New-LandlockRuleset }
        [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Length | Should -BeLessThan ($before + 25)
        $rulesets.Count | Should -Be 50
    }

    It 'refuses an ABI that is not known' {
        (Get-TerminatingError { New-LandlockRuleset -Abi 99 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }
}
