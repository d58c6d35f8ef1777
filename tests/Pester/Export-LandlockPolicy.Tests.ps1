BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
}

Describe 'Export-LandlockPolicy' {
    BeforeEach {
        Initialize-Policy
        Push-Location $TestDrive
        Remove-Item new.* -ErrorAction Ignore
        $a = Import-LandlockPolicy a.toml
    }

    AfterEach {
        Pop-Location
    }

    It 'writes <Name>' -TestCases @(
        @{ Name = 'new.toml'; Begin = 'abi = 6' }
        @{ Name = 'new.json'; Begin = '{' }
        @{ Name = 'new.policy'; Begin = 'abi = 6' }
    ) {
        $a | Export-LandlockPolicy $Name
        Get-Content $Name | Select-Object -First 1 | Should -Be $Begin
        Import-LandlockPolicy $Name | Should -Be $a
    }

    It 'writes the format that is named' {
        $a | Export-LandlockPolicy new.policy -Format Json
        Get-Content new.policy | Select-Object -First 1 | Should -Be '{'
    }

    It 'adds rules to a file and keeps its text' {
        $before = Get-Content -Raw a.toml
        $more = $a | Add-LandlockPathRule /opt ReadOnly -Optional | Add-LandlockNetRule -ConnectTcp 443
        $more | Export-LandlockPolicy a.toml -WarningVariable warnings
        $after = Get-Content -Raw a.toml
        $after.StartsWith($before) | Should -BeTrue
        $after | Should -Match '# by hand'
        $after | Should -Match '\$\{rw\}'
        $warnings | Should -HaveCount 0
        Import-LandlockPolicy a.toml | Should -Be $more
    }

    It 'warns when the text cannot be kept' {
        New-LandlockRuleset -Abi 1 | Export-LandlockPolicy a.toml -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'written anew, without its comments'
        Import-LandlockPolicy a.toml | Should -Be (New-LandlockRuleset -Abi 1)
    }

    It 'says when the own table is needed, and refuses it if strict' {
        $own = $a | Add-LandlockPathRule /opt ReadOnly -Quiet
        $verbose = $own | Export-LandlockPolicy new.toml -Verbose 4>&1
        "$verbose" | Should -Match "landlockps"
        Get-Content -Raw new.toml | Should -Match 'landlockps'
        (Get-TerminatingError { $own | Export-LandlockPolicy new.strict.toml -Strict }).FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        'new.strict.toml' | Should -Not -Exist
    }

    It 'writes the file that a link leads to' {
        $null = New-Item -ItemType SymbolicLink new.link.toml -Target new.real.toml
        $a | Export-LandlockPolicy new.link.toml -NoClobber
        (Get-Item new.link.toml).LinkTarget | Should -Be new.real.toml
        Import-LandlockPolicy new.real.toml | Should -Be $a
    }

    It 'writes nothing for -WhatIf' {
        $before = Get-Content -Raw a.toml
        New-LandlockRuleset | Export-LandlockPolicy new.toml -WhatIf
        $a | Add-LandlockPathRule /opt ReadOnly | Export-LandlockPolicy a.toml -WhatIf
        'new.toml' | Should -Not -Exist
        Get-Content -Raw a.toml | Should -Be $before
    }

    It 'refuses a file that is there with -NoClobber' {
        $failure = Get-TerminatingError { $a | Export-LandlockPolicy b.toml -NoClobber }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PolicyExists,*'
        $failure.CategoryInfo.Category | Should -Be ResourceExists
        $a | Export-LandlockPolicy new.toml -NoClobber
        'new.toml' | Should -Exist
    }

    It 'replaces what is no policy only by force' {
        (Get-TerminatingError { $a | Export-LandlockPolicy bad.toml }).FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        $a | Export-LandlockPolicy bad.toml -Force
        Import-LandlockPolicy bad.toml | Should -Be $a
    }

    It 'refuses several rulesets for one file' {
        (Get-TerminatingError { $a, $a | Export-LandlockPolicy new.toml }).FullyQualifiedErrorId | Should -BeLike 'SeveralRulesets,*'
        'new.toml' | Should -Not -Exist
    }

    It 'refuses a directory that is not there' {
        (Get-TerminatingError { $a | Export-LandlockPolicy nix/new.toml }).FullyQualifiedErrorId | Should -BeLike 'PolicyNotWritten,*'
    }
}
