BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    New-Policy
}

Describe 'ConvertFrom-LandlockPolicy' {
    It 'reads <Name>' -TestCases @(
        @{ Name = 'a text'; Run = { Get-Content -Raw "$TestDrive/a.toml" | ConvertFrom-LandlockPolicy } }
        @{ Name = 'lines'; Run = { Get-Content "$TestDrive/a.toml" | ConvertFrom-LandlockPolicy } }
        @{ Name = 'an argument'; Run = { ConvertFrom-LandlockPolicy (Get-Content -Raw "$TestDrive/a.toml") -Format Toml } }
    ) {
        & $Run | Should -Be (Import-LandlockPolicy "$TestDrive/a.toml")
    }

    It 'knows JSON by its text' {
        (Get-Content "$TestDrive/c.json" | ConvertFrom-LandlockPolicy).Abi | Should -Be 1
    }

    It 'takes variables' {
        (Get-Content "$TestDrive/a.toml" | ConvertFrom-LandlockPolicy -Variable @{ rw = '/x' }).PathRules.Path | Should -Be '/usr', '/x'
    }

    It 'says where a text is wrong' {
        $failure = Get-TerminatingError { Get-Content "$TestDrive/bad.toml" | ConvertFrom-LandlockPolicy }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        $failure.Exception.Message | Should -Match '^text:4:\d+: '
        (Get-TerminatingError { '' | ConvertFrom-LandlockPolicy }).Exception.Message | Should -Match 'empty'
    }
}
