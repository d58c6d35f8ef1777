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

    It 'refuses an ABI that is not known' {
        (Get-TerminatingError { Get-LandlockSupport -Abi 99 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
        (Get-TerminatingError { Get-LandlockSupport -Abi -1 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }
}
