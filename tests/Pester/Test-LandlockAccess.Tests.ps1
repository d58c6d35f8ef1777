BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Push-Location $TestDrive
    $null = New-Item -ItemType Directory data, other
    Set-Content data/file text
    Set-Content -LiteralPath 'data/odd [name]' text
    Set-Content other/file text
    $r = New-LandlockRuleset ci -Abi 6 | Add-LandlockPathRule ./data -Access ReadData | Add-LandlockNetRule -ConnectTcp 443
    $r | Export-LandlockPolicy ci.toml
}

AfterAll {
    Pop-Location
}

Describe 'Test-LandlockAccess' -Skip:($abi -lt 6) {
    It 'says that UDP without a rule is denied, on every kernel' {
        (Test-LandlockAccess -ConnectSendUdp 53 -BindUdp 53 -Ruleset (New-LandlockRuleset)).Allowed | Should -Be $false, $false
        Invoke-Landlocked -- perl -e 'print socket(my $s, 2, 2, 0) ? "made" : "$!"' | Should -Be 'Permission denied'
    }

    It 'names the rule that allows' {
        $answer = Test-LandlockAccess ./data/file -Access read_file -Ruleset $r
        $answer.Allowed | Should -BeTrue
        $answer.Path | Should -Be "$TestDrive/data/file"
        $answer.Access | Should -Be 'read_file'
        "$($answer.Rule)" | Should -Be "ReadData $TestDrive/data"
        $answer.Layer | Should -BeNullOrEmpty
        $answer.Fix | Should -BeNullOrEmpty
    }

    It 'names the layer that denies, what is missing and what would allow it' {
        $answer = Test-LandlockAccess ./other/file -Access read_file, write_file -Ruleset $r, $r
        $answer.Allowed | Should -BeFalse
        $answer.Layer | Should -Be 2
        $answer.LayerName | Should -Be 'ci'
        $answer.Missing | Should -Be 'write_file', 'read_file'
        "$($answer.Fix)" | Should -Be "Add-LandlockPathRule $TestDrive/other/file -Access write_file,read_file"
        $answer.Toml | Should -Be "[[path_beneath]]`nallowed_access = [""write_file"", ""read_file""]`nparent = [""$TestDrive/other/file""]`n"
    }

    It 'proposes a parameter that works' {
        $fix = (Test-LandlockAccess ./other/file -Access read_file -Policy ci.toml).Fix.Parameter
        $fix | Should -Be "-ReadData $TestDrive/other/file"
        Invoke-Landlocked -Policy ci.toml -Preset Base -- /bin/cat ./other/file 2>$null | Should -BeNullOrEmpty
        & ([scriptblock]::Create("Invoke-Landlocked -Policy ci.toml -Preset Base $fix -- /bin/cat ./other/file")) | Should -Be 'text'
    }

    It 'proposes lines that a policy takes' {
        $toml = (Test-LandlockAccess ./other/file -Access read_file -Policy ci.toml).Toml
        Set-Content fixed.toml "$(Get-Content -Raw ci.toml)`n$toml"
        Test-LandlockPolicy fixed.toml | Should -BeTrue
        (Test-LandlockAccess ./other/file -Access read_file -Policy fixed.toml).Allowed | Should -BeTrue
    }

    It 'takes files, texts and wildcards' {
        (Get-ChildItem data, other -Recurse -File | Test-LandlockAccess -Access ReadData -Policy ci.toml | Where-Object Allowed).Path | Should -Be "$TestDrive/data/file", "$TestDrive/data/odd [name]"
        ('data', 'other' | Test-LandlockAccess -Access ReadData -Ruleset $r).Allowed | Should -Be $true, $false
        (Test-LandlockAccess ./data/f* -Access read_file -Ruleset $r).Path | Should -Be "$TestDrive/data/file"
        (Test-LandlockAccess -LiteralPath './data/odd [name]' -Access read_file -Ruleset $r).Allowed | Should -BeTrue
    }

    It 'judges a file that does not exist yet by its directory' {
        (Test-LandlockAccess ./data/none -Access read_file -Ruleset $r).Allowed | Should -BeTrue
        (Test-LandlockAccess ./other/none -Access make_reg -Ruleset $r).Fix.Parameter | Should -Be "Add-LandlockPathRule $TestDrive/other -Access make_reg"
    }

    It 'asks of a class what applies to a file' {
        $edit = New-LandlockRuleset | Add-LandlockPathRule ./data/file -Access read_file, write_file, truncate
        (Test-LandlockAccess ./data/file -Access ReadWrite -Ruleset $edit).Allowed | Should -BeTrue
        (Test-LandlockAccess ./data/file -Access remove_file -Ruleset $edit).Fix.Parameter | Should -Be "Add-LandlockPathRule $TestDrive/data -Access remove_file"
    }

    It 'judges ports and scopes' {
        $answers = Test-LandlockAccess -ConnectTcp 443, 80 -Ruleset $r | Sort-Object Path
        $answers.Path | Should -Be 'port 443', 'port 80'
        $answers.Allowed | Should -Be $true, $false
        $answers[1].Fix.Parameter | Should -Be '-ConnectTcp 80'
        (Test-LandlockAccess -Scope Signal -Ruleset $r).Missing | Should -Be 'signal'
    }

    It 'counts in the baseline and the closure only when asked' {
        $bare = New-LandlockRuleset
        (Test-LandlockAccess /dev/null -Access write_file -Ruleset $bare).Allowed | Should -BeFalse
        (Test-LandlockAccess /dev/null -Access write_file -Ruleset $bare -Baseline).Allowed | Should -BeTrue
        (Test-LandlockAccess /bin/ls -Access ReadOnly -Ruleset $bare -Baseline).Allowed | Should -BeFalse
        (Test-LandlockAccess /bin/ls -Access ReadOnly -Ruleset $bare -Command ls).Allowed | Should -BeTrue
        (Test-LandlockAccess /bin/ls -Access ReadOnly -Preset Base).Allowed | Should -BeTrue
    }

    It 'agrees with the kernel' {
        foreach ($path in "$TestDrive/data/file", "$TestDrive/other/file") {
            $said = (Test-LandlockAccess $path -Access read_file -Ruleset $r -Command cat).Allowed
            $null = Invoke-Landlocked -Ruleset $r -- cat $path 2>$null
            ($LASTEXITCODE -eq 0) | Should -Be $said
        }
    }

    It 'shows a table and a list' {
        $table = Test-LandlockAccess ./other/file -Access read_file -Ruleset $r | Out-String -Width 300
        $table | Should -Match 'Allowed +Access +Path +Layer +Rule or fix'
        $table | Should -Match "False +read_file +\S+/other/file +1 +-ReadData"
        $list = Test-LandlockAccess ./other/file -Access read_file -Ruleset $r | Format-List | Out-String -Width 300
        $list | Should -Match "Denied by +: layer 1 'ci' denies read_file on"
    }

    It 'wants to know the sandbox' {
        $failure = Get-TerminatingError { Test-LandlockAccess /etc -Access ReadOnly }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PolicyMissing,*'
        $failure.Exception.Message | Should -Be 'Test-LandlockAccess was not told which sandbox the question is about.'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Add -Profile*'
    }

    Context 'in a sandbox' {
        BeforeAll {
            $session = New-LandlockSession -ReadOnly /usr -Ruleset (New-LandlockRuleset inner | Add-LandlockPathRule ./data -Access ReadData)
            Invoke-Command $session { Import-Module $using:ModulePath }
        }

        AfterAll {
            $session | Remove-PSSession
        }

        It 'answers about that one, as the kernel does' {
            $allowed, $denied = Invoke-Command $session { Test-LandlockAccess $args -Access read_file } -ArgumentList "$TestDrive/data/file", "$TestDrive/other/file"
            $allowed.Allowed, $denied.Allowed | Should -Be $true, $false
            $allowed.AsStarted, $denied.AsStarted | Should -Be sandbox, sandbox
            $allowed.Rule | Should -Be "ReadData $TestDrive/data"
            $denied.LayerName | Should -Be inner
            $denied.Fix | Should -Be "-ReadData $TestDrive/other/file"
            Invoke-Command $session { Get-Content $args[0] } -ArgumentList "$TestDrive/data/file" | Should -Be text
            { Invoke-Command $session { Get-Content $args[0] } -ArgumentList "$TestDrive/other/file" -ErrorAction Stop } | Should -Throw '*denied*'
        }

        It 'says that it is as it was started' {
            $lines = Invoke-Command $session { (Test-LandlockAccess /etc -Access ReadOnly -Verbose 4>&1) | Out-String -Width 200 }
            $lines | Should -Match 'About sandbox, as it was started\.'
            Invoke-Command $session { Test-LandlockAccess /etc -Access ReadOnly | Format-List | Out-String } | Should -Match 'As started *: sandbox'
            Invoke-Command $session { Test-LandlockAccess /etc -Access ReadOnly -Preset Base } | ForEach-Object AsStarted | Should -BeNullOrEmpty
        }

        It 'shows a tree of it' {
            Invoke-Command $session { Show-LandlockAccess $args[0] } -ArgumentList "$TestDrive/data" | ForEach-Object Access | Select-Object -First 1 | Should -Be ReadData
        }

        It 'believes no file that was not written so' {
            $failure = Invoke-Command $session {
                $env:LANDLOCKPS_SANDBOX_FILE = '/usr/bin/env'
                try { Test-LandlockAccess /etc -Access ReadOnly } catch { $_ }
            }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxUnknown,*'
            "$failure" | Should -Be "What this sandbox was started with cannot be read: '/usr/bin/env' is not as it was written."
        }
    }

    It 'completes accesses' {
        (Complete 'Test-LandlockAccess /etc -Access ReadO').CompletionText | Should -Be 'ReadOnly'
    }
}
