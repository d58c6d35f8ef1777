BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'The name of an entry that exists' {
    BeforeAll {
        $tree = New-Item -ItemType Directory "$TestDrive/tree"
        foreach ($name in 'keys[1]', 'keys1', 'w[1]', 'w1', 'back`[1`]', 'back[1]', 'link/real', '.dot', 'a\b') { $null = [System.IO.Directory]::CreateDirectory("$tree/$name") }
        foreach ($name in 'keys[1]/s', 'keys1/s', 'w[1]/x.txt', 'w1/y.txt') { [System.IO.File]::WriteAllText("$tree/$name", $name) }
        $null = [System.IO.Directory]::CreateDirectory("$TestDrive/far/deep")
        $null = New-Item -ItemType SymbolicLink "$tree/far" -Target "$TestDrive/far/deep"
        function Get-Granted($Path) { (New-LandlockRuleset | Add-LandlockPathRule $Path -Access ReadData).PathRules.Path -replace [regex]::Escape("$tree/") }
        function Get-Excepted($Path) { @((New-LandlockRuleset | Add-LandlockPathRule . -Access ReadData -Except $Path).PathRules[0].Except -replace [regex]::Escape("$tree/") | Sort-Object) }
        Push-Location -LiteralPath $tree
    }

    AfterAll { Pop-Location }

    It 'means that entry in a grant, and no other: <Path>' -TestCases @(
        @{ Path = { 'keys[1]' }; Is = 'keys[1]' }
        @{ Path = { './keys[1]' }; Is = 'keys[1]' }
        @{ Path = { "$tree/keys[1]" }; Is = 'keys[1]' }
        @{ Path = { [WildcardPattern]::Escape('./keys[1]') }; Is = 'keys[1]' }
        @{ Path = { Get-Item -LiteralPath 'keys[1]' }; Is = 'keys[1]' }
        @{ Path = { (Get-Item -LiteralPath 'keys[1]').PSPath }; Is = 'keys[1]' }
        @{ Path = { 'back`[1`]' }; Is = 'back`[1`]' }
        @{ Path = { Get-Item -LiteralPath 'back[1]' }; Is = 'back[1]' }
        @{ Path = { 'w[1]/*.txt' }; Is = 'w[1]/x.txt' }
        @{ Path = { 'a\b' }; Is = 'a\b' }
        @{ Path = { 'new\name' }; Is = 'new\name' }
        @{ Path = { [WildcardPattern]::Escape('new[1]') }; Is = 'new[1]' }
        @{ Path = { 'keys?' }; Is = 'keys1' }
        @{ Path = { 'key[r-t]1' }; Is = 'keys1' }
        @{ Path = { 'far/../x' }; Is = 'far/../x' }
        @{ Path = { './link/../keys1' }; Is = 'keys1' }
    ) {
        Get-Granted (& $Path) | Should -BeExactly $Is
    }

    It 'is denied by -Except, with what the pattern matches: <Path>' -TestCases @(
        @{ Path = { './keys[1]' }; Is = 'keys[1]', 'keys1' }
        @{ Path = { [WildcardPattern]::Escape('keys[1]') }; Is = @('keys[1]') }
        @{ Path = { Get-Item -LiteralPath 'keys[1]' }; Is = @('keys[1]') }
        @{ Path = { 'back`[1`]' }; Is = 'back[1]', 'back`[1`]' }
        @{ Path = { './*t' }; Is = @('.dot') }
        @{ Path = { '*t' }; Is = '.dot', 'w[1]/x.txt', 'w1/y.txt' }
        @{ Path = { '**/*.TXT' }; Is = 'w[1]/x.txt', 'w1/y.txt' }
        @{ Path = { 'w[[]1]/*' }; Is = @('w[1]/x.txt') }
        @{ Path = { 'keys[[]1]' }; Is = @('keys[1]') }
    ) {
        Get-Excepted (& $Path) | Should -Be @($Is | Sort-Object)
    }

    It 'is what the kernel denies and allows' {
        Invoke-Landlocked -ReadOnly /usr -ReadData . -Except './keys[1]' -- cat './keys[1]/s' 2>&1 | Should -Match 'Permission denied'
        Invoke-Landlocked -ReadOnly /usr -ReadData 'keys[1]' -- cat './keys[1]/s' | Should -Be 'keys[1]/s'
        Invoke-Landlocked -ReadOnly /usr -ReadData 'keys[1]' -- cat './keys1/s' 2>&1 | Should -Match 'Permission denied'
    }

    It 'is the current directory, as $PWD and as the working directory' {
        Push-Location -LiteralPath "$tree/w[1]"
        try {
            Invoke-Landlocked -ReadOnly /usr -ReadData $PWD -WorkingDirectory $PWD -- cat x.txt | Should -Be 'w[1]/x.txt'
            Invoke-Landlocked -ReadOnly /usr -ReadData $PWD -- cat ../w1/y.txt 2>&1 | Should -Match 'Permission denied'
            Invoke-Landlocked -ReadOnly /usr -ReadData * -- cat x.txt | Should -Be 'w[1]/x.txt'
        }
        finally { Pop-Location }
    }

    It 'is what is asked about and shown' {
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule 'keys[1]' -Access ReadData
        (Test-LandlockAccess 'keys[1]' ReadData -Ruleset $ruleset).Path | Should -BeExactly "$tree/keys[1]"
        (Test-LandlockAccess 'keys[1]' ReadData -Ruleset $ruleset).Allowed | Should -BeTrue
        (Show-LandlockAccess 'keys[1]' -Depth 0 -Ruleset $ruleset).Path | Should -BeExactly "$tree/keys[1]"
        (Show-LandlockAccess -LiteralPath 'keys[1]' -Depth 0 -Ruleset $ruleset).Path | Should -BeExactly "$tree/keys[1]"
        (Get-Item -LiteralPath 'keys[1]' | Show-LandlockAccess -Depth 0 -Ruleset $ruleset).Path | Should -BeExactly "$tree/keys[1]"
    }

    It 'is the policy that is read' {
        foreach ($name in 'p[1].toml', 'p1.toml') { New-LandlockRuleset $name | Export-LandlockPolicy "./$name" }
        (Import-LandlockPolicy './p[1].toml').Name | Should -Be 'p[1].toml'
        (Get-Item -LiteralPath 'p[1].toml' | Import-LandlockPolicy).Name | Should -Be 'p[1].toml'
        Invoke-Landlocked -Policy (Get-Item -LiteralPath 'p[1].toml') -Verbose -- true 4>&1 | Out-String | Should -Match ([regex]::Escape('p[1].toml'))
    }

    It 'is a path parameter of every cmdlet' {
        # What takes a path takes an entry for that entry.
        $paths = 'ReadData', 'ReadOnly', 'Edit', 'ReadWrite', 'ReadWriteExecute', 'UnixSocket', 'Except', 'Policy', 'WorkingDirectory', 'Path', 'LiteralPath', 'Beneath', 'Location', 'CollapseInto', 'AllowGuarded'
        $without = foreach ($cmdlet in Get-Command -Module LandlockPS -CommandType Cmdlet) {
            foreach ($parameter in $cmdlet.Parameters.Values | Where-Object { $_.Name -in $paths -and $_.ParameterType -in [string], [string[]] }) {
                if (-not ($parameter.Attributes.Where{ $_ -is [LandlockPS.PathTransformationAttribute] })) { "$($cmdlet.Name) -$($parameter.Name)" }
            }
        }
        $without | Should -BeNullOrEmpty
    }
}
