BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
}

Describe 'ConvertTo-LandlockPolicy' {
    It 'writes <Format> that reads as the ruleset' -TestCases @(
        @{ Format = 'Toml' }
        @{ Format = 'Json' }
    ) {
        foreach ($ruleset in (Import-LandlockPolicy "$TestDrive/a.toml"), (New-LandlockRuleset full | Add-LandlockPathRule /usr ReadOnly -Optional | Add-LandlockNetRule -ConnectTcp 443, 8000-8010)) {
            $ruleset | ConvertTo-LandlockPolicy -Format $Format | ConvertFrom-LandlockPolicy | Should -Be $ruleset
        }
    }

    It 'writes one text for each ruleset' {
        $texts = @((New-LandlockRuleset), (New-LandlockRuleset -Unrestricted Net) | ConvertTo-LandlockPolicy)
        $texts | Should -HaveCount 2
        $texts[0] | Should -Match 'handled_access_net'
        $texts[1] | Should -Not -Match 'handled_access_net'
    }

    It 'refuses, if strict, what landlockconfig cannot say' {
        $failure = Get-TerminatingError { New-LandlockRuleset -Abi 10 | ConvertTo-LandlockPolicy -Strict }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        $failure.Exception.Message | Should -Match resolve_unix
        New-LandlockRuleset -Abi 6 | ConvertTo-LandlockPolicy -Strict | ConvertFrom-LandlockPolicy -Strict | Should -Be (New-LandlockRuleset -Abi 6)
    }

    It 'refuses what is no ruleset' {
        (Get-TerminatingError { 'text' | ConvertTo-LandlockPolicy }).Exception.Message | Should -Match 'no ruleset'
    }

    It 'completes the format' {
        (Complete 'ConvertTo-LandlockPolicy -Format ').CompletionText | Sort-Object | Should -Be Json, Toml
    }
}
