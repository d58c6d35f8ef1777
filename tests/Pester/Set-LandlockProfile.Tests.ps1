BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'Set-LandlockProfile' {
    BeforeEach {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        $null = New-LandlockProfile work -Beneath $root/work -Environment @{ A = '1' }
    }

    AfterEach { Exit-ProfileHome $saved }

    It 'changes what is given and keeps the rest' {
        $policy = Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml"
        $changed = Set-LandlockProfile work -Beneath $root/other -PassThru
        $changed.Contexts.WhenBeneath | Should -Be "$root/other"
        $changed.Environment.Literal | Should -Be 1
        Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml" | Should -Be $policy
        (Set-LandlockProfile work -Workspace $false -PassThru).Workspace | Should -BeFalse
        (Set-LandlockProfile work -Environment @{ B = '2' } -PassThru).Environment.Name | Should -Be B
    }

    It 'replaces the rules as a whole' {
        Set-LandlockProfile work -ReadOnly /srv -Preset Base
        Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml" | Should -BeLike '*"/srv"*'
    }

    It 'refuses what would let it rewrite itself, and changes nothing' {
        (Get-TerminatingError { Set-LandlockProfile work -Beneath $root }).FullyQualifiedErrorId | Should -Be 'ProfileInvalid,LandlockPS.SetLandlockProfileCommand'
        (Get-LandlockProfile work).Contexts.WhenBeneath | Should -Be "$root/work"
        Get-ChildItem $env:TMPDIR | Should -BeNullOrEmpty
    }

    It 'says that there is none' {
        (Get-TerminatingError { Set-LandlockProfile nobody -Beneath / }).FullyQualifiedErrorId | Should -Be 'ProfileNotFound,LandlockPS.SetLandlockProfileCommand'
    }

    It 'changes nothing with -WhatIf' {
        Set-LandlockProfile work -Beneath $root/other -WhatIf
        (Get-LandlockProfile work).Contexts.WhenBeneath | Should -Be "$root/work"
    }
}
