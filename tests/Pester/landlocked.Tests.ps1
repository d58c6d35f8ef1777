BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noLandlock = -not (Get-LandlockSupport).IsAvailable
}

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'landlocked' {
    It 'is an alias to the program, exported by the module' {
        $found = Get-Command landlocked
        $found.CommandType | Should -Be Alias
        $found.ResolvedCommand.CommandType | Should -Be Application
        (Get-Module LandlockPS).ExportedAliases.Keys | Should -Be landlocked
    }

    It 'is there wherever the module is imported, and gone with it' {
        $module = (Get-Module LandlockPS).ModuleBase
        $text = pwsh -NoProfile -Command "
            & { Import-Module '$module' -Scope Local; landlocked echo local }
            Remove-Module LandlockPS
            `$null = `$inner = New-Module { Import-Module '$module'; function Test-Inner { landlocked echo inner }; Export-ModuleMember -Function Test-Inner }
            Test-Inner
            Import-Module '$module'; Import-Module '$module' -Force; landlocked echo again
            [powershell]::Create().AddScript('Import-Module ''$module''; landlocked echo runspace').Invoke()
            Get-Module LandlockPS | Remove-Module
            @(Get-Alias landlocked, Start-LandlockedProgram -ErrorAction Ignore).Count"
        $text | Should -Be local, inner, again, runspace, 0
    }

    It 'keeps the bytes in pipes and into a file' -Skip:$noLandlock {
        landlocked printf '\377\376\000\r\n\200' | landlocked cat > $TestDrive/bytes
        [System.IO.File]::ReadAllBytes("$TestDrive/bytes") | Should -Be 0xff, 0xfe, 0, 13, 10, 0x80
    }

    It 'gives the exit code of the command' -Skip:$noLandlock {
        landlocked sh -c 'exit 9'
        $LASTEXITCODE | Should -Be 9
    }

    It 'does not show what is only for the hook' {
        landlocked --help | Should -Not -Match '\bnosandbox\b'
        landlocked nosandbox x 2>$null
        $LASTEXITCODE | Should -Be 125
    }
}

Describe 'The manifest' {
    It 'exports <_>' -ForEach 'Enable-LandlockShell', 'Disable-LandlockShell', 'New-LandlockProfile', 'Get-LandlockProfile', 'Set-LandlockProfile', 'Remove-LandlockProfile', 'Test-LandlockProfile' {
        (Get-Module LandlockPS).ExportedCmdlets.Keys | Should -Contain $_
    }
}
