BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
    Push-Location $TestDrive
}

AfterAll {
    Pop-Location
}

Describe 'Import-LandlockPolicy' {
    It 'makes a ruleset' {
        $ruleset = Import-LandlockPolicy a.toml
        $ruleset | Should -BeOfType Landlock.Rulesets.Ruleset
        $ruleset.Abi | Should -Be 6
        "$($ruleset.HandledNet)" | Should -Be 'BindTcp, ConnectTcp'
        $ruleset.PathRules.Path | Should -Be './out', '/usr'
    }

    It 'really denies what the policy denies, and relative paths count from the location' {
        Import-LandlockPolicy a.toml | Invoke-Landlocked -- cat out/file | Should -Be inside
        Import-LandlockPolicy a.toml | Invoke-Landlocked -- cat secret 2>&1 | Should -Match 'Permission denied'
        Push-Location /
        try {
            Import-LandlockPolicy "$TestDrive/a.toml" | Invoke-Landlocked -- cat "$TestDrive/out/file" 2>&1 | Should -Match 'Permission denied'
        }
        finally {
            Pop-Location
        }
    }

    It 'reads <Name>' -TestCases @(
        @{ Name = 'JSON by its name'; Run = { Import-LandlockPolicy c.json } }
        @{ Name = 'a literal path'; Run = { Import-LandlockPolicy -LiteralPath c.json } }
        @{ Name = 'a path from the pipeline'; Run = { 'c.json' | Import-LandlockPolicy } }
        @{ Name = 'a file from the pipeline'; Run = { Get-Item c.json | Import-LandlockPolicy } }
        @{ Name = 'a wildcard'; Run = { Import-LandlockPolicy c.* } }
        @{ Name = 'a named format'; Run = { Import-LandlockPolicy c.json -Format Json } }
    ) {
        (& $Run).Abi | Should -Be 1
    }

    It 'reads a directory' {
        $null = New-Item -ItemType Directory -Force folder
        Copy-Item a.toml folder/a.toml
        Copy-Item a.toml folder/.hidden.toml
        Import-LandlockPolicy folder | Should -Be (Import-LandlockPolicy a.toml)
    }

    It 'composes several and warns once about what that loosens' {
        $ruleset = Import-LandlockPolicy a.toml, b.toml -WarningVariable warnings -WarningAction SilentlyContinue
        $ruleset.Abi | Should -Be 4
        "$($ruleset.HandledNet)" | Should -Be 'None'
        $warnings | Should -HaveCount 1
        "$warnings" | Should -Match 'ioctl_dev bind_tcp connect_tcp \(handled by .*a\.toml, not by .*b\.toml\)'
    }

    It 'does not warn where nothing is loosened' {
        $null = Import-LandlockPolicy a.toml, a.toml -WarningVariable warnings
        $warnings | Should -HaveCount 0
    }

    It 'says what the composition withdraws and which rules lose rights' {
        $messages = Import-LandlockPolicy a.toml, norefer.toml -Verbose -WarningVariable warnings 3>$null 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$warnings" | Should -Match 'no rule can allow refer any more \(handled by .*/a\.toml, not by .*/norefer\.toml\)'
        "$messages" | Should -Match "a\.toml:\d+:\d+: the rule for '/usr' loses refer"
    }

    It 'gives a layer for each document' {
        $layers = @(Import-LandlockPolicy a.toml, b.toml -Layer -WarningVariable warnings)
        $layers | Should -HaveCount 2
        $warnings | Should -HaveCount 0
        $layers[0] | Should -Be (Import-LandlockPolicy a.toml)
        $layers[1] | Should -Be (Import-LandlockPolicy b.toml)
    }

    Context 'variables' {
        It 'takes <Name>' -TestCases @(
            @{ Name = 'a text'; Value = 'x'; Expected = @('/usr', 'x') }
            @{ Name = 'several texts'; Value = @('y', '/x'); Expected = @('/usr', '/x', 'y') }
            @{ Name = 'a number'; Value = 7; Expected = @('/usr', '7') }
            @{ Name = 'none'; Value = @(); Expected = @('/usr') }
        ) {
            (Import-LandlockPolicy a.toml -Variable @{ rw = $Value }).PathRules.Path | Sort-Object | Should -Be ($Expected | Sort-Object)
        }

        It 'has built-in ones for those that are declared without a value' {
            (Import-LandlockPolicy builtin.toml).PathRules.Path | Should -Be "$TestDrive"
            (Import-LandlockPolicy builtin.toml -Strict).PathRules.Length | Should -Be 0
        }

        It 'asks for a built-in value with $null, and refuses where there is none' {
            (Import-LandlockPolicy builtin.toml -Variable @{ cwd = $null }).PathRules.Path | Should -Be "$TestDrive"
            (Get-TerminatingError { Import-LandlockPolicy a.toml -Variable @{ rw = $null } }).Exception.Message | Should -Match "no built-in variable 'rw'"
        }

        It 'warns about one that nothing uses' {
            $null = Import-LandlockPolicy a.toml -Variable @{ wr = 'x' } -WarningVariable warnings -WarningAction SilentlyContinue
            "$warnings" | Should -Match "no document uses the variable 'wr'; did you mean 'rw'"
            $null = Import-LandlockPolicy a.toml, b.toml -Layer -Variable @{ rw = 'x' } -WarningVariable warnings
            $warnings | Should -HaveCount 0
        }
    }

    Context 'what cannot be used' {
        It 'says file, line and column' {
            $failure = Get-TerminatingError { Import-LandlockPolicy bad.toml }
            $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
            $failure.CategoryInfo.Category | Should -Be InvalidData
            $failure.Exception.Message | Should -Match "^.*/bad\.toml:4:\d+: .*read_fiel"
            $failure.ErrorDetails.RecommendedAction | Should -Match Test-LandlockPolicy
            $failure.TargetObject | Should -BeLike '*/bad.toml'
        }

        It 'refuses a file that does not exist' {
            (Get-TerminatingError { Import-LandlockPolicy nix.toml }).FullyQualifiedErrorId | Should -BeLike 'PolicyNotFound,*'
            $failure = Get-TerminatingError { Import-LandlockPolicy nix*.toml }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PolicyNotFound,*'
            $failure.Exception.Message | Should -Be "No policy matches 'nix*.toml'."
        }

        It 'refuses what would restrict nothing, unless told otherwise' {
            (Get-TerminatingError { Import-LandlockPolicy nothing.toml }).FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
            (Import-LandlockPolicy nothing.toml -AllowEmpty).IsEmpty | Should -BeTrue
            (Get-TerminatingError { Import-LandlockPolicy a.toml, nothing.toml }).Exception.Message | Should -Match 'restrict nothing'
        }

        It 'refuses a path of another provider' {
            (Get-TerminatingError { Import-LandlockPolicy Env:PATH }).FullyQualifiedErrorId | Should -BeLike 'InvalidPath,*'
        }
    }

    It 'completes policies and directories only' {
        Set-Content note.txt x
        $found = (Complete 'Import-LandlockPolicy ./').ListItemText
        $found | Should -Contain a.toml
        $found | Should -Contain c.json
        $found | Should -Contain out
        $found | Should -Not -Contain note.txt
    }
}
