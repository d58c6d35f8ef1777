BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
    Push-Location $TestDrive
}

AfterAll {
    Pop-Location
}

Describe 'Test-LandlockPolicy' {
    It 'says whether <Path> can be used: <Expected>' -TestCases @(
        @{ Path = 'a.toml'; Expected = $true }
        @{ Path = 'c.json'; Expected = $true }
        @{ Path = 'bad.toml'; Expected = $false }
        @{ Path = 'nothing.toml'; Expected = $false }
        @{ Path = '[ab].toml'; Expected = @($true, $true) }
    ) {
        Test-LandlockPolicy $Path | Should -Be $Expected
    }

    It 'tells the place of every finding' {
        $finding = Test-LandlockPolicy bad.toml -Detailed | Select-Object -First 1
        $finding.File | Should -Be "$TestDrive/bad.toml"
        $finding.Line | Should -Be 4
        $finding.Column | Should -BeGreaterThan 1
        $finding.Severity | Should -Be Error
        $finding.Message | Should -Match read_fiel
        $finding | Out-String -Width 200 | Should -Match 'File +Line Column Severity Message'
        Test-LandlockPolicy a.toml -Detailed | Should -BeNullOrEmpty
    }

    It 'checks a directory as one policy' {
        $null = New-Item -ItemType Directory -Force both, none
        Copy-Item a.toml, b.toml both
        Test-LandlockPolicy both | Should -BeTrue
        (Test-LandlockPolicy both -Detailed).Message | Should -Contain 'ioctl_dev is no longer restricted: {0}/both/b.toml does not handle it'.Replace('{0}', "$TestDrive")
        Test-LandlockPolicy none | Should -BeFalse
    }

    It 'tests a text' {
        Test-LandlockPolicy -Text (Get-Content a.toml) | Should -BeTrue
        Test-LandlockPolicy -Text (Get-Content -Raw c.json) | Should -BeTrue
        Test-LandlockPolicy -Text '' | Should -BeFalse
        "$(Test-LandlockPolicy -Text (Get-Content bad.toml) -Detailed)" | Should -Match '^text:4:22: .*read_fiel'
        Test-LandlockPolicy -Text (Get-Content a.toml) -Format Json | Should -BeFalse
    }

    It 'finds variables without a value' {
        Set-Content open.toml "[[path_beneath]]`nallowed_access = [""read_file""]`nparent = [""`${data}""]"
        Test-LandlockPolicy open.toml | Should -BeFalse
        Test-LandlockPolicy open.toml -Variable @{ data = '/x' } | Should -BeTrue
    }

    It 'knows what upstream refuses' {
        Set-Content own.toml "[[ruleset]]`nhandled_access_fs = [""read_file""]`n[landlockps]`nname = ""x"""
        Test-LandlockPolicy own.toml | Should -BeTrue
        Test-LandlockPolicy own.toml -Strict | Should -BeFalse
    }

    It 'refuses a file that does not exist' {
        (Get-TerminatingError { Test-LandlockPolicy nix.toml }).FullyQualifiedErrorId | Should -BeLike 'PolicyNotFound,*'
    }
}
