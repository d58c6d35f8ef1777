BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
    Push-Location $TestDrive
}

AfterAll {
    Pop-Location
}

Describe 'Invoke-Landlocked -Policy' {
    It 'enforces a policy' {
        Invoke-Landlocked -Policy a.toml -- cat out/file | Should -Be inside
        Invoke-Landlocked -Policy a.toml -- cat secret 2>&1 | Should -Match 'Permission denied'
    }

    It 'enforces it on a script block' {
        Set-Content "$TestDrive/out/read" value
        Invoke-Landlocked -Policy a.toml -Variable @{ rw = "$TestDrive" } { Get-Content "$using:TestDrive/out/read" } | Should -Be value
        Invoke-Landlocked -Policy a.toml { Get-Content "$using:TestDrive/secret" } -ErrorAction SilentlyContinue -ErrorVariable failure
        "$failure" | Should -Match 'denied'
    }

    It 'composes several, and warns' {
        $null = Invoke-Landlocked -Policy a.toml, b.toml -WarningVariable warnings -WarningAction SilentlyContinue -- cat out/file
        "$warnings" | Should -Match 'connect_tcp \(handled by'
        $LASTEXITCODE | Should -Be 0
    }

    It 'takes values for variables' {
        Invoke-Landlocked -Policy a.toml -Variable @{ rw = './secret' } -- cat secret | Should -Be outside
        Invoke-Landlocked -Policy a.toml -Variable @{ rw = './secret' } -- cat out/file 2>&1 | Should -Match 'Permission denied'
    }

    It 'takes other grants as well' {
        Invoke-Landlocked -Policy a.toml -ReadData secret -- cat secret | Should -Be outside
    }

    It 'is a layer of its own beside rulesets' {
        $wide = New-LandlockRuleset | Add-LandlockPathRule / ReadWriteExecute
        Invoke-Landlocked -Ruleset $wide -Policy a.toml -- cat secret 2>&1 | Should -Match 'Permission denied'
        $wide | Invoke-Landlocked -Policy a.toml -- cat out/file | Should -Be inside
    }

    It 'runs nothing with <Path>' -TestCases @(
        @{ Path = 'bad.toml'; Id = 'InvalidPolicy' }
        @{ Path = 'nothing.toml'; Id = 'InvalidPolicy' }
        @{ Path = 'nix.toml'; Id = 'PolicyNotFound' }
        @{ Path = @('a.toml', 'bad.toml'); Id = 'InvalidPolicy' }
    ) {
        $failure = Get-TerminatingError { Invoke-Landlocked -Policy $Path -- touch "$TestDrive/out/ran" }
        $failure.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $LASTEXITCODE | Should -Be 125
        "$TestDrive/out/ran" | Should -Not -Exist
    }

    It 'cannot be loosened by -Unrestricted' {
        (Get-TerminatingError { Invoke-Landlocked -Policy a.toml -Unrestricted Net -- true }).FullyQualifiedErrorId | Should -BeLike 'NothingHandled,*'
    }

    It 'goes into sessions' {
        $session = New-LandlockSession -Policy a.toml -Variable @{ rw = "$TestDrive/out" }
        try {
            Invoke-Command -Session $session { Get-Content "$using:TestDrive/out/file" } | Should -Be inside
            Invoke-Command -Session $session { Get-Content "$using:TestDrive/secret" } -ErrorAction SilentlyContinue -ErrorVariable failure
            "$failure" | Should -Match 'denied'
        }
        finally {
            Remove-PSSession $session
        }
    }
}

Describe 'Invoke-Landlocked -Preset' {
    It 'grants what the preset says' {
        Invoke-Landlocked -Preset Base -- sh -c 'cat /etc/hostname > /dev/null; ls / 2>&1' | Should -Match 'Permission denied'
        Invoke-Landlocked -- cat /etc/passwd 2>&1 | Should -Match 'Permission denied'
        Invoke-Landlocked -Preset Base -- cat /etc/passwd | Select-Object -First 1 | Should -Match root
    }

    It 'adds to every layer' {
        $narrow = New-LandlockRuleset
        $narrow, $narrow | Invoke-Landlocked -Preset Base -- cat /etc/passwd | Select-Object -First 1 | Should -Match root
        Invoke-Landlocked -Policy a.toml -Preset Base -- cat /etc/passwd | Select-Object -First 1 | Should -Match root
    }

    It 'is named in the plan, ports too' {
        $plan = "$(Invoke-Landlocked -Preset base, WebClient -ConnectTcp 80, 8080 -Verbose -- true 4>&1)" -split "`n"
        $plan -match ' /etc  .*preset Base$' | Should -HaveCount 1
        $plan -match 'port 443 .*  preset WebClient' | Should -HaveCount 1
        $plan -match 'port 80 .*  preset WebClient' | Should -HaveCount 1
        $plan -match 'port 8080 .*  as asked' | Should -HaveCount 1
    }

    It 'takes presets as objects' {
        Invoke-Landlocked -Preset (Get-LandlockPreset Base) -- cat /etc/passwd | Select-Object -First 1 | Should -Match root
    }

    It 'refuses a name that is none, before anything happens' {
        $failure = Get-TerminatingError { Invoke-Landlocked -Preset bse -- true }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $failure.Exception.Message | Should -Match "did you mean 'Base'"
    }

    It 'warns about a variable that nothing uses' -TestCases @(
        @{ Sandbox = @{ Preset = 'Node' }; Value = @{ hoem = '/' }; Expected = "no document uses the variable 'hoem'; did you mean 'home'?" }
        @{ Sandbox = @{ Preset = 'Node' }; Value = @{ home = '/' }; Expected = '' }
        @{ Sandbox = @{ Policy = 'a.toml'; Preset = 'Node' }; Value = @{ home = '/'; rw = '.' }; Expected = '' }
        @{ Sandbox = @{ Policy = 'a.toml'; Preset = 'Node' }; Value = @{ home = '/'; rv = '.' }; Expected = "no document uses the variable 'rv'; did you mean 'rw'?" }
        @{ Sandbox = @{ ReadOnly = '/usr' }; Value = @{ home = '/' }; Expected = "no document uses the variable 'home'" }
    ) {
        Invoke-Landlocked @Sandbox -Variable $Value -WarningVariable warnings -WarningAction SilentlyContinue -- true
        $warnings -replace '^\w+: ' -join ' ' | Should -Be $Expected
    }

    It 'uses the values of variables' {
        $null = New-Item -ItemType Directory -Force "$TestDrive/own/.nvm"
        Set-Content "$TestDrive/own/.nvm/x" node
        Invoke-Landlocked -Preset Node -Variable @{ home = "$TestDrive/own" } -- cat "$TestDrive/own/.nvm/x" | Should -Be node
    }
}
