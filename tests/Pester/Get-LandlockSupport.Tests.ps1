BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Get-LandlockSupport' {
    It 'tells what the running kernel can enforce' {
        $support = Get-LandlockSupport
        $support | Should -HaveCount 1
        $support.IsAvailable | Should -BeTrue
        $support.Abi | Should -BeGreaterThan 0
        $support.Kernel | Should -Be ([System.IO.File]::ReadAllText('/proc/sys/kernel/osrelease').Trim())
        "$($support.AccessFs)" | Should -Match 'ReadFile'
        $support.Advice | Should -Match "Landlock ABI $($support.Abi) is available"
    }

    It 'imagines the kernel of ABI <_>' -TestCases (1..10) {
        $support = Get-LandlockSupport -Abi $_
        $support.Abi | Should -Be $_
        $support.IsAvailable | Should -BeTrue
    }

    It 'imagines a kernel without Landlock' {
        $support = Get-LandlockSupport -Abi 0
        $support.IsAvailable | Should -BeFalse
        "$($support.AccessFs)" | Should -Be 'None'
        $support.Advice | Should -Match 'no Landlock'
    }

    It 'grows from ABI to ABI' {
        $bits = 0..10 | ForEach-Object { [ulong](Get-LandlockSupport -Abi $_).AccessFs }
        $bits | Should -Be ($bits | Sort-Object)
    }

    It 'names what stays open, and which ABI closes it' {
        $udp = (Get-LandlockSupport -Abi 7).ResidualHoles | Where-Object Name -EQ 'udp'
        $udp.ClosedByAbi | Should -Be 10
        (Get-LandlockSupport -Abi 10).ResidualHoles.Name | Should -Not -Contain 'udp'
    }

    It 'says which half is Landlock, and which seccomp' {
        $old = (Get-LandlockSupport -Abi 3).Protections
        $old.Name | Should -Be refer, truncate, ioctl_dev, net_tcp, net_udp, resolve_unix, scope_signal, scope_abstract_unix_socket, logging, seccomp
        $tcp = $old | Where-Object Name -EQ net_tcp
        $tcp.Landlock | Should -Be 'no: needs ABI 4, Linux 6.7'
        $tcp.Seccomp | Should -Be 'TCP where no rule is for it; MPTCP, TCP Fast Open, io_uring'
        ((Get-LandlockSupport -Abi 4).Protections | Where-Object Name -EQ net_tcp).Landlock | Should -Be 'TCP ports'
        $old | Out-String -Width 200 | Should -Match 'net_tcp\s+Landlock: no: needs ABI 4, Linux 6.7\s+Seccomp: TCP'
        Get-LandlockSupport | Out-String -Width 200 | Should -Match 'Kept by\s+: refer\s+Landlock: links'
    }

    It 'says what would be enforced of a ruleset' {
        $status = New-LandlockRuleset all -Abi 11 | Get-LandlockSupport -Abi 5
        $status | Should -BeOfType Landlock.Rulesets.RestrictionStatus
        "$($status.Name) $($status.Enforcement) $($status.KernelAbi)" | Should -Be 'all PartiallyEnforced 5'
        $status.DroppedRights.Right | Should -Be resolve_unix, abstract_unix_socket, signal
        "$($status.Protections.State)" | Should -Be 'Active Active Active Active Active Degraded Degraded Degraded Unavailable'
        $status.Protections[6].Reason | Should -Be 'it needs Landlock ABI 6 (Linux 6.12), and this kernel has ABI 5'
        "$($status.Protections[6])" | Should -Be 'scope_signal is degraded: it needs Landlock ABI 6 (Linux 6.12), and this kernel has ABI 5'
        $status.Protections | Out-String -Width 200 | Should -Match 'Name\s+State\s+By\s+Reason'
        $status | Format-List | Out-String -Width 200 | Should -Match 'Protections\s+: refer is active'
        (Get-LandlockSupport -Ruleset (New-LandlockRuleset)).Enforcement | Should -Be FullyEnforced
        @(New-LandlockRuleset a; New-LandlockRuleset b) | Get-LandlockSupport | ForEach-Object Name | Should -Be a, b
        @() | Get-LandlockSupport | Should -BeNullOrEmpty
    }

    It 'says that the filter keeps TCP where the kernel cannot, unless a rule is for it' {
        $status = New-LandlockRuleset -Abi 4 | Get-LandlockSupport -Abi 3
        $status.Enforcement | Should -Be FullyEnforced
        "$($status.Protections[3]), by $($status.Protections[3].By)" | Should -Be 'net_tcp is active: there are no TCP sockets, by Seccomp'
        $status = New-LandlockRuleset -Abi 4 | Add-LandlockNetRule -ConnectTcp 80 | Get-LandlockSupport -Abi 3
        $status.Degradation | Should -Be 'The ruleset is enforced in part: this kernel has Landlock ABI 3 and lacks bind_tcp (needs ABI 4, Linux 6.7), connect_tcp (needs ABI 4, Linux 6.7).'
        "$($status.Protections[3])" | Should -Be 'net_tcp is degraded: it needs Landlock ABI 4 (Linux 6.7), and this kernel has ABI 3'
    }

    It 'says that the filter keeps UDP where the kernel cannot, unless a rule is for it' {
        $status = New-LandlockRuleset -Abi 10 | Get-LandlockSupport -Abi 9
        $status.Enforcement | Should -Be FullyEnforced
        "$($status.Protections[4]), by $($status.Protections[4].By)" | Should -Be 'net_udp is active: there are no UDP sockets, by Seccomp'
        $status = New-LandlockRuleset -Abi 10 | Add-LandlockNetRule -BindUdp 53 | Get-LandlockSupport -Abi 9
        $status.Degradation | Should -Be 'The ruleset is enforced in part: this kernel has Landlock ABI 9 and lacks bind_udp (needs ABI 10, Linux 7.2), connect_send_udp (needs ABI 10, Linux 7.2).'
        "$($status.Protections[4])" | Should -Be 'net_udp is degraded: it needs Landlock ABI 10 (Linux 7.2), and this kernel has ABI 9'
    }

    It 'does not look at the paths of a ruleset, and refuses as a launch would' {
        $ruleset = New-LandlockRuleset -Abi 9 -Compatibility HardRequirement | Add-LandlockPathRule /no/such/path -Access ReadOnly -Except /no/such/path/below
        (New-LandlockRuleset | Add-LandlockPathRule /no/such/path -Access ReadOnly | Get-LandlockSupport).Enforcement | Should -Be FullyEnforced
        ($ruleset | Get-LandlockSupport -Abi 9).Enforcement | Should -Be FullyEnforced
        $null = $ruleset | Get-LandlockSupport -Abi 7 -ErrorVariable failed -ErrorAction SilentlyContinue
        "$failed" | Should -Be 'The ruleset is required as a whole, but this kernel (ABI 7) lacks resolve_unix (needs ABI 9, Linux 7.1).'
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'Incompatible,LandlockPS.GetLandlockSupportCommand'
    }

    It 'refuses an ABI that is not known' {
        (Get-TerminatingError { Get-LandlockSupport -Abi 99 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
        (Get-TerminatingError { Get-LandlockSupport -Abi -1 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }
}
