BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Push-Location $TestDrive
    $null = New-Item -ItemType Directory top/read/deep, top/write, top/none
    Set-Content top/read/file text
    Set-Content top/.hidden text
    $null = New-Item -ItemType SymbolicLink top/link -Target "$TestDrive/top/read"
    $r = New-LandlockRuleset | Add-LandlockPathRule ./top/read -Access ReadData | Add-LandlockPathRule ./top/write -Access ReadWrite
}

AfterAll {
    Pop-Location
}

Describe 'Show-LandlockAccess' -Skip:($abi -lt 6) {
    It 'tells what is allowed at each place' {
        $entries = Show-LandlockAccess ./top -Depth 2 -Ruleset $r
        $entries.Path | Should -Be ('top', 'top/.hidden', 'top/link', 'top/none', 'top/read', 'top/read/deep', 'top/read/file', 'top/write' | ForEach-Object { "$TestDrive/$_" })
        $entries.Access | Should -Be 'none', 'none', 'ReadData', 'none', 'ReadData', 'ReadData', 'ReadData', 'ReadWrite'
        $entries[2].LinkTarget | Should -Be "$TestDrive/top/read"
    }

    It 'goes as deep as it is told' {
        @(Show-LandlockAccess ./top -Depth 0 -Ruleset $r).Count | Should -Be 1
        (Show-LandlockAccess ./top -Directory -Ruleset $r).Name | Should -Not -Contain 'file'
        (Show-LandlockAccess ./top -Ruleset $r).Name | Should -Contain '.hidden'
    }

    It 'shows what no layer restricts' {
        (Show-LandlockAccess ./top -Depth 0 -Ruleset (New-LandlockRuleset -Unrestricted Fs)).Access | Should -Be 'unrestricted'
    }

    It 'draws a tree, in colours only where they are wanted' {
        $rendering = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'PlainText'
            $plain = Show-LandlockAccess ./top -Ruleset $r | Out-String -Width 200
            $plain | Should -Not -Match "`e"
            $plain | Should -Match '(?m)^none +├─ none/'
            $plain | Should -Match '(?m)^ReadWrite +└─ write/'
            $plain | Should -Match "link -> $TestDrive/top/read"
            $PSStyle.OutputRendering = 'Ansi'
            $coloured = Show-LandlockAccess ./top -Ruleset $r | Out-String -Width 200
            $coloured | Should -Match "`e\[31mnone`e\[0m"
            $coloured | Should -Match "`e\[32mReadData`e\[0m"
            $coloured | Should -Match "`e\[33mReadWrite`e\[0m"
        }
        finally {
            $PSStyle.OutputRendering = $rendering
        }
    }

    It 'wants to know the sandbox' {
        (Get-TerminatingError { Show-LandlockAccess / }).FullyQualifiedErrorId | Should -BeLike 'PolicyMissing,*'
    }
}
