BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Set-Content "$TestDrive/data" content
    Set-Content "$TestDrive/other" other
    $data = (Get-Item "$TestDrive/data").FullName
}

Describe 'New-LandlockPolicy' {
    It 'lets the traced command run again, and denies another path' -Skip:($abi -lt 1) {
        $policy = "$TestDrive/cat.toml"
        $rules = Trace-LandlockAccess -- cat $data | New-LandlockPolicy $policy
        ($rules | Where-Object Path -EQ $data).Access | Should -Be ReadFile
        Invoke-Landlocked -Policy $policy -NoClosure -NoBaseline -- cat $data | Should -Be content
        Invoke-Landlocked -Policy $policy -NoClosure -NoBaseline -- cat "$TestDrive/other" 2>&1 | Should -BeLike '*Permission denied'
    }

    It 'extends a policy, and keeps its text' {
        $policy = "$TestDrive/both.toml"
        $first = Trace-LandlockAccess -- cat $data
        $null = $first | New-LandlockPolicy $policy
        $text = "# mine`n" + (Get-Content -Raw $policy)
        [System.IO.File]::WriteAllText($policy, $text)
        $rules = Trace-LandlockAccess -- cat $data "$TestDrive/other" | New-LandlockPolicy $policy
        ($rules | Where-Object State -EQ Granted).Path | Should -Be (Get-Item "$TestDrive/other").FullName
        (Get-Content -Raw $policy).StartsWith($text) | Should -BeTrue
    }

    It 'leaves guarded places out, and says so' {
        $records = Trace-LandlockAccess -- sh -c ': > "$0"; rm "$0"' "$HOME/.landlockps-test"
        $rules = $records | New-LandlockPolicy "$TestDrive/home.toml" -WarningVariable warnings -WarningAction SilentlyContinue
        ($rules | Where-Object State -EQ LeftOut).Path | Should -Be (Get-Item $HOME).FullName
        $warnings | Should -BeLike "Left out, since it would open guarded places: *-AllowGuarded '*'"
    }

    It 'shows and writes nothing with -WhatIf' {
        $null = Trace-LandlockAccess -- true | New-LandlockPolicy "$TestDrive/none.toml" -WhatIf
        "$TestDrive/none.toml" | Should -Not -Exist
    }

    It 'does not touch a file that is no policy' {
        Set-Content "$TestDrive/broken.toml" 'not = [a policy'
        $failure = Get-TerminatingError { Trace-LandlockAccess -- true | New-LandlockPolicy "$TestDrive/broken.toml" }
        $failure.FullyQualifiedErrorId | Should -BeLike '*,LandlockPS.NewLandlockPolicyCommand'
        Get-Content "$TestDrive/broken.toml" | Should -Be 'not = [a policy'
    }
}
