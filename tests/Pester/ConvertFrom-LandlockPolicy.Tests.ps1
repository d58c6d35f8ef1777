BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
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

    It 'reads a command line of <Format>' -TestCases @(
        @{ Format = 'Landrun'; Text = "landrun --rox /usr --rw 'a b' --connect-tcp 443 ls"; Paths = '/usr', 'a b' }
        @{ Format = 'Setpriv'; Text = "setpriv --landlock-access fs `\`n --landlock-rule path-beneath:read-file:/etc true"; Paths = @('/etc') }
    ) {
        (ConvertFrom-LandlockPolicy $Text -Format $Format -WarningAction SilentlyContinue).PathRules.Path | Should -Be $Paths
    }

    It 'says how a command line of another tool is read' {
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrun --rox /usr ls' }).ErrorDetails.RecommendedAction | Should -BeExactly 'This looks like a command line of landrun: add -Format Landrun.'
        (Get-TerminatingError { '/usr/bin/setpriv --landlock-access fs ls' | ConvertFrom-LandlockPolicy }).ErrorDetails.RecommendedAction | Should -BeExactly 'This looks like a command line of setpriv: add -Format Setpriv.'
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrunner = 1' }).ErrorDetails.RecommendedAction | Should -Not -Match 'Format'
    }

    It 'does not guess what a shell would do' {
        $failure = Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrun --roy /usr ls' -Format Landrun }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidCommandLine,*'
        $failure.Exception.Message | Should -Match "did you mean '--ro'"
        $failure.ErrorDetails.RecommendedAction | Should -Match 'as landrun takes them'
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrun --rw $HOME ls' -Format Landrun }).Exception.Message | Should -Match 'means something to a shell'
        (Get-TerminatingError { ConvertFrom-LandlockPolicy "landrun --rw 'x ls" -Format Landrun }).Exception.Message | Should -Match 'not closed'
    }

    It 'says where a text is wrong' {
        $failure = Get-TerminatingError { Get-Content "$TestDrive/bad.toml" | ConvertFrom-LandlockPolicy }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        $failure.Exception.Message | Should -Match '^text:4:\d+: '
        (Get-TerminatingError { '' | ConvertFrom-LandlockPolicy }).Exception.Message | Should -Match 'empty'
    }
}
