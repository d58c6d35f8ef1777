BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
    Push-Location $TestDrive
}

AfterAll {
    Pop-Location
}

Describe 'Merge-LandlockPolicy' {
    It 'composes, and says what that changed' {
        $merged = Merge-LandlockPolicy a.toml b.toml
        $merged.Ruleset | Should -Be (Import-LandlockPolicy a.toml, b.toml -WarningAction SilentlyContinue)
        $merged.Loosened.Right.Name | Should -Be ioctl_dev, bind_tcp, connect_tcp
        $merged.Reduced | Should -HaveCount 1
        $merged.Shared | Should -HaveCount 0
    }

    It 'shows it' {
        $text = (Merge-LandlockPolicy a.toml b.toml | Out-String -Width 300) -replace '\s+', ' '
        $text | Should -Match 'Loosened *: ioctl_dev is no longer restricted'
        $text | Should -Match "a\.toml:\d+:\d+: the rule for '\`${rw}' loses ioctl_dev"
    }

    It 'says where no rule can allow refer any more' {
        $merged = Merge-LandlockPolicy a.toml norefer.toml
        $merged.Withdrawn.Right.Name | Should -Be refer
        $merged.Withdrawn.NotHandledBy | Should -Be "$TestDrive/norefer.toml"
        ($merged | Out-String -Width 300) -replace '\s+', ' ' | Should -Match 'Withdrawn *: refer is denied everywhere, whatever rules say: .*norefer\.toml does not handle it'
        (Merge-LandlockPolicy a.toml b.toml).Withdrawn | Should -BeNullOrEmpty
        Merge-LandlockPolicy a.toml b.toml | Out-String | Should -Not -Match Withdrawn
    }

    It 'names variables that get values from both' {
        (Get-Content -Raw a.toml).Replace('./out', './other') | Set-Content other.toml
        $shared = (Merge-LandlockPolicy a.toml other.toml).Shared
        $shared.Name | Should -Be rw
        $shared.Values | Should -Be './other', './out'
    }

    It 'does not depend on the order' {
        (Merge-LandlockPolicy a.toml b.toml).Ruleset | Should -Be (Merge-LandlockPolicy b.toml a.toml).Ruleset
    }

    It 'takes paths from the pipeline' {
        ('a.toml', 'b.toml' | Merge-LandlockPolicy).Ruleset.Abi | Should -Be 4
        (Get-Item a.toml, b.toml | Merge-LandlockPolicy).Ruleset.Abi | Should -Be 4
    }

    It 'goes where a ruleset goes' {
        Merge-LandlockPolicy a.toml b.toml | Invoke-Landlocked -ReadOnly /usr -- cat out/file | Should -Be inside
        Merge-LandlockPolicy a.toml b.toml | Invoke-Landlocked -ReadOnly /usr -- cat secret 2>&1 | Should -Match 'Permission denied'
        Invoke-Landlocked -Ruleset (Merge-LandlockPolicy a.toml b.toml) -- cat out/file | Should -Be inside
        (Merge-LandlockPolicy a.toml b.toml | Add-LandlockPathRule /opt ReadOnly).PathRules.Path | Should -Contain /opt
    }

    It 'is exported with its variables, unless they were given values' {
        Merge-LandlockPolicy a.toml b.toml | Export-LandlockPolicy merged.toml
        Get-Content -Raw merged.toml | Should -Match 'parent = \["\$\{rw\}"\]'
        Import-LandlockPolicy merged.toml | Should -Be (Merge-LandlockPolicy a.toml b.toml).Ruleset
        Merge-LandlockPolicy a.toml b.toml -Variable @{ rw = 'x' } | ConvertTo-LandlockPolicy | Should -Match 'parent = \["x"\]'
    }

    It 'refuses what would restrict nothing' {
        (Get-TerminatingError { Merge-LandlockPolicy a.toml nothing.toml }).FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        (Merge-LandlockPolicy a.toml nothing.toml -AllowEmpty).Ruleset.IsEmpty | Should -BeTrue
    }
}
