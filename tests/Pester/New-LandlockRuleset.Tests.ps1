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

    It 'names hosts' {
        "$((New-LandlockRuleset -ConnectHost a.example, 10.0.0.0/8:5432).HostRules)" | Should -Be '10.0.0.0/8:5432 a.example:443'
        "$(New-LandlockRuleset -ConnectHost a.example)" | Should -BeLike '*, 1 host'
        $failure = Get-TerminatingError { New-LandlockRuleset -Unrestricted Net -ConnectHost a.example }
        $failure.FullyQualifiedErrorId | Should -BeExactly 'Contradictory,LandlockPS.NewLandlockRulesetCommand'
        $failure.Exception.Message | Should -BeLike '*hosts such as a.example:443 are to be the only ones. Leave out one of them.'
    }

    It 'shows its hosts as a table and as a list' {
        $ruleset = New-LandlockRuleset -ConnectHost a.example | Add-LandlockNetRule -ConnectTcp 80
        $ruleset | Format-Table | Out-String -Width 200 | Should -Match '(?s)connect_tcp  80\s.*connect_tcp  a\.example:443'
        $ruleset | Format-List | Out-String | Should -Match '(?m)^HostRules +: a\.example:443$'
        New-LandlockRuleset | Format-List | Out-String | Should -Not -Match HostRules
        $ruleset.HostRules | Out-String | Should -Match 'Host +Port\s[\s-]+a\.example 443'
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

    It 'leaves out protections on purpose' {
        $ruleset = New-LandlockRuleset -Abi 7 -Disable net_tcp, scopes
        "$($ruleset.HandledNet) $($ruleset.Scopes)" | Should -Be 'None None'
        "$($ruleset.Promises.Disabled)" | Should -Be 'NetTcp, Scopes'
        $states = (($ruleset | Get-LandlockSupport -Abi 7).Protections | Where-Object State -EQ Disabled)
        $states.Name | Should -Be net_tcp, scope_signal, scope_abstract_unix_socket, logging
        $states.Reason | Should -Be 'left out as asked', 'left out as asked', 'left out as asked', 'not asked for'
    }

    It 'carries what it requires to the command, through jobs and policies' -Skip:((& { . $PSScriptRoot/common.ps1; (Get-LandlockSupport).Abi }) -ge 9) {
        $ruleset = New-LandlockRuleset strict -Require resolve_unix, net_tcp -AllowDegraded truncate
        $job = Start-Job { $using:ruleset }
        $returned = $job | Receive-Job -Wait -AutoRemoveJob
        $policy = $ruleset | ConvertTo-LandlockPolicy | ConvertFrom-LandlockPolicy
        $toml = $ruleset | ConvertTo-LandlockPolicy
        "$toml" | Should -Match 'require = \["net_tcp", "resolve_unix"\]|require = \[''net_tcp'', ''resolve_unix''\]'
        foreach ($one in $ruleset, $returned, $policy) {
            $failure = Get-TerminatingError { Invoke-Landlocked -Ruleset $one -- true }
            $failure.Exception.Message | Should -BeLike 'The protection resolve_unix is required, but unavailable: it needs Landlock ABI 9 (Linux 7.1)*'
        }
    }

    It 'does not carry what belongs to the command' {
        foreach ($parameter in 'Disable', 'AllowDegraded') {
            $with = @{ $parameter = 'seccomp' }
            $failure = Get-TerminatingError { New-LandlockRuleset @with }
            $failure.Exception.Message | Should -BeExactly 'The seccomp filter belongs to the command and not to a ruleset, which can only require it. Say it where the command is started.'
            $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidProtection,LandlockPS.NewLandlockRulesetCommand'
        }

        "$((New-LandlockRuleset -Require seccomp).Promises.Required)" | Should -Be Seccomp
        (Get-TerminatingError { New-LandlockRuleset -Require refer -AllowDegraded refer }).Exception.Message | Should -BeExactly 'refer cannot be required and allowed to be degraded at once. Name it once.'
    }

    It 'shows what is asked of protections' {
        $shown = New-LandlockRuleset -Require net_tcp -Disable scopes | Format-List | Out-String
        $shown | Should -Match 'Requires\s+: net_tcp'
        $shown | Should -Match 'Leaves out\s+: scope_signal, scope_abstract_unix_socket'
        New-LandlockRuleset | Format-List | Out-String | Should -Not -Match 'Requires|Leaves out|May lack'
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
