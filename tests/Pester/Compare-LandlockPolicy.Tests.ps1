BeforeAll {
    . $PSScriptRoot/common.ps1
    Push-Location $TestDrive
    New-LandlockRuleset | Add-LandlockPathRule /usr -Access ReadOnly | Export-LandlockPolicy old.toml
    New-LandlockRuleset | Add-LandlockPathRule /usr/bin, /etc -Access ReadData | Export-LandlockPolicy new.toml
    Set-Content open.toml '[[ruleset]]', 'handled_access_fs = ["read_file"]', '[[path_beneath]]', 'allowed_access = ["read_file"]', 'parent = ["${place}"]'
}

AfterAll {
    Pop-Location
}

Describe 'Compare-LandlockPolicy' {
    It 'says what only one of them allows' {
        Compare-LandlockPolicy old.toml new.toml | ForEach-Object ToString | Should -Be @(
            '<= execute /usr', '<= read_file,read_dir /usr but not /usr/bin', '=> read_file,read_dir /etc')
    }

    It 'gives nothing where both allow the same' {
        Compare-LandlockPolicy old.toml (Import-LandlockPolicy old.toml) | Should -BeNullOrEmpty
        New-LandlockRuleset | Add-LandlockPathRule /usr, /usr/lib -Access ReadOnly | Compare-LandlockPolicy old.toml | Should -BeNullOrEmpty
    }

    It 'takes <Name>' -TestCases @(
        @{ Name = 'files'; Second = { Get-Item new.toml } }
        @{ Name = 'rulesets'; Second = { Import-LandlockPolicy new.toml } }
        @{ Name = 'merged policies'; Second = { Merge-LandlockPolicy new.toml } }
        @{ Name = 'what came through a job'; Second = {
                Start-ThreadJob { param($text) [System.Management.Automation.PSSerializer]::Deserialize($text) } -ArgumentList (
                    [System.Management.Automation.PSSerializer]::Serialize((Import-LandlockPolicy new.toml), 5)) | Receive-Job -Wait -AutoRemoveJob
            }
        }
    ) {
        Compare-LandlockPolicy old.toml (& $Second) | Should -HaveCount 3
        & $Second | Compare-LandlockPolicy -ReferenceObject old.toml | Should -HaveCount 3
    }

    It 'takes values for variables' {
        $found = Compare-LandlockPolicy open.toml open.toml -Variable @{ place = '/srv' } -WarningVariable said
        $found | Should -BeNullOrEmpty
        $said | Should -BeNullOrEmpty
        $null = Compare-LandlockPolicy open.toml old.toml -Variable @{ place = '/srv'; plac = '/' } -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike '*no document uses the variable*plac*'
    }

    It 'is an error where <Name>' -TestCases @(
        @{ Name = 'there is no such file'; Action = { Compare-LandlockPolicy none.toml old.toml }; Message = "The policy '*/none.toml' does not exist." }
        @{ Name = 'a value is no policy'; Action = { Compare-LandlockPolicy old.toml 5 }; Message = "'5' is no policy; give a ruleset, or the path of a policy." }
        @{ Name = 'several are piped'; Action = { 'old.toml', 'new.toml' | Compare-LandlockPolicy old.toml }; Message = 'Two policies can be compared, but 2 were piped; pipe one.' }
        @{ Name = 'a variable has no value'; Action = { Compare-LandlockPolicy open.toml old.toml }; Message = '*place*' }
    ) {
        $Action | Should -Throw $Message
    }

    It 'shows both sides' {
        $shown = Compare-LandlockPolicy old.toml new.toml | Out-String -Width 80
        ($shown -split '\n' -match '\S').TrimEnd() | Should -Be @(
            'Side Allowed'
            '---- -------'
            '<=   execute /usr'
            '<=   read_file,read_dir /usr but not /usr/bin'
            '=>   read_file,read_dir /etc')
    }

    It 'breaks what is long between words' {
        $many = New-LandlockRuleset | Add-LandlockPathRule (0..40 | ForEach-Object { "/usr/directory$_" }) -Access ReadOnly -Optional
        $shown = Compare-LandlockPolicy old.toml $many | Out-String -Width 300
        $lines = @($shown -split '\n' -match '\S').TrimEnd()
        $lines.Count | Should -BeGreaterThan 4
        $lines | Select-Object -Skip 2 | Should -Match '^(<=   execute|     /usr/directory\d+)'
    }

    It 'completes policies' {
        (Complete 'Compare-LandlockPolicy ./o').CompletionText | Should -Be './old.toml', './open.toml'
    }
}
