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

    It 'replaces the hosts with the other rules' {
        Set-LandlockProfile work -ConnectHost a.example
        Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml" | Should -BeLike '*connect_host = `["a.example:443"`]*'
        Set-LandlockProfile work -ReadOnly /srv
        Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml" | Should -Not -BeLike '*connect_host*'
    }

    It 'refuses what would let it rewrite itself, and changes nothing' {
        $found = Get-TerminatingError { Set-LandlockProfile work -Beneath $root }
        $found.FullyQualifiedErrorId | Should -Be 'ProfileInvalid,LandlockPS.SetLandlockProfileCommand'
        "$found" | Should -BeLike "$(Get-ProfileFolder work)/profile.toml*: a command in the sandbox could change *"
        "$found" | Should -Not -Match 'draft'
        (Get-LandlockProfile work).Contexts.WhenBeneath | Should -Be "$root/work"
        Get-ChildItem $env:TMPDIR | Should -BeNullOrEmpty
    }

    It 'may allow the directory for temporary files' {
        Set-LandlockProfile work -ReadWrite $env:TMPDIR
        (Get-LandlockProfile work).IsValid | Should -BeTrue
        Get-ChildItem -Force (Split-Path (Get-ProfileFolder work)) | Should -HaveCount 1
    }

    It 'says that there is none' {
        (Get-TerminatingError { Set-LandlockProfile nobody -Beneath / }).FullyQualifiedErrorId | Should -Be 'ProfileNotFound,LandlockPS.SetLandlockProfileCommand'
    }

    It 'changes nothing with -WhatIf' {
        Set-LandlockProfile work -Beneath $root/other -WhatIf
        (Get-LandlockProfile work).Contexts.WhenBeneath | Should -Be "$root/work"
    }
}
