BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"
    Push-Location $TestDrive
    $null = New-Item -ItemType Directory open, closed
    Set-Content open/file text
    Set-Content closed/file text
    $open = New-LandlockRuleset web -Abi 6 | Add-LandlockPathRule /usr -Access ReadOnly | Add-LandlockPathRule ./open -Access ReadData | Add-LandlockNetRule -ConnectTcp 443
    $open | Export-LandlockPolicy web.toml
    $wide = New-LandlockRuleset wide -Abi 6 | Add-LandlockPathRule / -Access ReadOnly
    # Of two processes that bind a port of the kernel's choice, one gets another.
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $port = $listener.LocalEndpoint.Port

    $operators = 'Import-Module $pester; Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"'

    # What the test would say.
    function Get-Failure([scriptblock] $Assertion) {
        try { . $Assertion } catch { return "$_" }
        'It passed.'
    }
}

AfterAll {
    $listener.Stop()
    Pop-Location
}

Describe 'Should -DenyPath' -Skip:($abi -lt 6) {
    It 'passes where no right is allowed, and says which rule allows one' {
        $open | Should -DenyPath ./closed, /etc/shadow
        Get-Failure { $open | Should -DenyPath ./open/file } |
            Should -BeExactly "Expected ruleset 'web' to deny all access on './open/file', but the rule 'ReadData $TestDrive/open' of layer 1 'web' allows read_file. Remove or narrow it, or take the path out with -Except."
    }

    It 'asks about the rights of -Access, each by itself' {
        $open | Should -DenyPath ./open -Access write_file, make_reg
        Get-Failure { $open | Should -DenyPath ./open -Access ReadWrite -Because 'nobody reads it' } |
            Should -BeExactly "Expected ruleset 'web' to deny ReadWrite on './open', because nobody reads it, but the rule 'ReadData $TestDrive/open' of layer 1 'web' allows read_file,read_dir. Remove or narrow it, or take the path out with -Except."
    }

    It 'says that a right is not handled' {
        Get-Failure { New-LandlockRuleset old -Abi 1 | Should -DenyPath ./closed/file } |
            Should -BeExactly "Expected ruleset 'old' to deny all access on './closed/file', but no layer handles truncate. Add it to handled_access_fs of the policy."
    }

    It 'names each path that is not denied' {
        (Get-Failure { $open | Should -DenyPath /usr, ./closed, ./open }) -split "`n" -replace ', but .*' | Should -Be "Expected ruleset 'web' to deny all access on '/usr'", "Expected ruleset 'web' to deny all access on './open'"
    }

    It 'takes -Not' {
        $open | Should -Not -DenyPath ./open
        Get-Failure { $open | Should -Not -DenyPath ./closed/file -Access read_file } |
            Should -BeExactly "Expected ruleset 'web' not to deny read_file on './closed/file', but layer 1 'web' denies read_file on $TestDrive/closed/file. What would allow it: -ReadData $TestDrive/closed/file."
    }

    It 'asks the kernel: <_>' -ForEach './closed', './closed/file' {
        $open | Should -DenyPath $_ -Kernel
        'web.toml' | Should -DenyPath $_ -Kernel
    }

    It 'believes the kernel, if that says something else' {
        Mock -ModuleName LandlockPS.Pester Invoke-Landlocked { 'allowed'; 'denied' }
        Get-Failure { $open | Should -DenyPath ./closed/file -Kernel } | Should -BeExactly "Expected ruleset 'web' to deny all access on './closed/file', but the kernel says that read_file is allowed."
    }

    It 'does not ask the kernel what it could not answer: <Path>' -ForEach @(
        @{ Path = './none'; Access = $null; Says = "'./none' is no file or directory, so that the kernel cannot be asked about it. Create it, or leave out -Kernel." }
        @{ Path = './closed'; Access = 'make_reg'; Says = "Of make_reg nothing can be tried on './closed' without changing anything. -Kernel opens files for reading (read_file) or writing (write_file), and lists directories (read_dir)." }
        @{ Path = '/bin/sh'; Access = $null; Says = "'/bin/sh' is granted to every command or to /bin/sh, which tries it, so that the kernel cannot be asked about it. Leave out -Kernel." }
    ) {
        $nothing = New-LandlockRuleset nothing -Abi 6
        Get-Failure { $nothing | Should -DenyPath $Path -Access $Access -Kernel } | Should -BeExactly $Says
    }

    It 'tries what the user may do outside: only reading of <_>' -Skip:((id -u) -ne 0) -ForEach '/etc/passwd' {
        Invoke-OrdinaryUser "$operators; New-LandlockRuleset | Should -DenyPath $_ -Kernel; New-LandlockRuleset | Should -DenyPort 1 -Kernel; 'passed'" | Should -Be passed
    }

    It 'does not take a file that the user cannot open for one that the sandbox denies' -Skip:((id -u) -ne 0) {
        chmod 600 closed/file
        Invoke-OrdinaryUser "$operators; try { New-LandlockRuleset | Should -DenyPath '$TestDrive/closed/file' -Kernel } catch { `"`$_`" }" | Should -BeLike "'$TestDrive/closed/file' cannot be used outside of a sandbox either (read_file,write_file)*leave out -Kernel."
    }
}

Describe 'Should -AllowPath' -Skip:($abi -lt 6) {
    It 'passes where all is allowed, and says what is missing' {
        $open | Should -AllowPath ./open, /usr
        $open | Should -AllowPath /usr/bin/env -Access ReadOnly -Kernel
        Get-Failure { 'web.toml' | Should -AllowPath ./closed -Because 'it is served' } |
            Should -BeExactly "Expected policy 'web.toml' to allow ReadData on './closed', because it is served, but layer 1 'web' denies read_file,read_dir on $TestDrive/closed. What would allow it: -ReadData $TestDrive/closed."
    }

    It 'takes -Not' {
        $open | Should -Not -AllowPath ./closed
        $open | Should -Not -AllowPath ./open -Access ReadWrite
        Get-Failure { $open | Should -Not -AllowPath ./open/file } |
            Should -BeExactly "Expected ruleset 'web' not to allow ReadData on './open/file', but the rule 'ReadData $TestDrive/open' of layer 1 'web' allows read_file. Remove or narrow it, or take the path out with -Except."
    }

    It 'judges several rulesets as layers, and several policies as one' {
        $wide, $open | Should -AllowPath ./open
        $wide, $open | Should -DenyPath ./closed
        Get-Failure { $wide, $open | Should -AllowPath /etc } | Should -BeLike "Expected ruleset 'wide', ruleset 'web' to allow ReadData on '/etc', but layer 2 'web' denies*"
        $wide | Export-LandlockPolicy wide.toml
        'web.toml', 'wide.toml' | Should -AllowPath ./closed
        (Get-Item web.toml) | Should -DenyPath ./closed
    }

    It 'takes presets' {
        Get-LandlockPreset Base | Should -AllowPath /usr/bin/env -Access ReadOnly
        Get-LandlockPreset Base | Should -DenyPath /root
    }

    It 'takes values for variables' {
        Set-Content variable.toml "abi = 6`n[[variable]]`nname = ""place""`nliteral = [""/none""]`n[[ruleset]]`nhandled_access_fs = [""abi.all""]`n[[path_beneath]]`nallowed_access = [""abi.read_execute""]`nparent = [""`${place}""]"
        'variable.toml' | Should -DenyPath ./open
        'variable.toml' | Should -AllowPath ./open -Variable @{ place = "$TestDrive/open" } -Kernel
    }

    It 'refuses what is no policy' {
        Get-Failure { 5 | Should -AllowPath /etc } | Should -BeExactly "Should -AllowPath takes the path of a policy, rulesets, profiles or presets, and was given int: '5'. Write './ci.toml' | Should -AllowPath, or `$ruleset | Should -AllowPath."
        Get-Failure { $null | Should -DenyPath /etc } | Should -BeLike 'Should -DenyPath takes the path of a policy, rulesets, profiles or presets, and was given nothing.*'
        Get-Failure { $open | Should -DenyPath } | Should -BeExactly 'Should -DenyPath needs a path: Should -DenyPath /etc/shadow.'
        Get-Failure { './none.toml' | Should -DenyPath /etc } | Should -BeLike '*none.toml*'
        Get-Failure { $open | Should -DenyPath /etc -Access read_fiel } | Should -BeLike "*'read_fiel'*"
    }
}

Describe 'Should -DenyPort and -AllowPort' -Skip:($abi -lt 6) {
    It 'pass by the rules' {
        $open | Should -AllowPort 443
        $open | Should -DenyPort 22, '8000-8010'
        $open | Should -DenyPort 443 -Access bind_tcp
        $open | Should -Not -AllowPort 22
        $open | Should -Not -DenyPort 443
    }

    It 'say what decides' {
        Get-Failure { $open | Should -AllowPort 80 } | Should -BeExactly "Expected ruleset 'web' to allow connect_tcp to port 80, but layer 1 'web' denies connect_tcp on port 80. What would allow it: -ConnectTcp 80."
        Get-Failure { $open | Should -DenyPort 443, 80 } | Should -BeExactly "Expected ruleset 'web' to deny connect_tcp to port 443, but the rule 'connect_tcp 443' of layer 1 'web' allows connect_tcp. Remove it or name fewer ports."
        Get-Failure { $open | Should -Not -AllowPort 443 } | Should -BeExactly "Expected ruleset 'web' not to allow connect_tcp to port 443, but the rule 'connect_tcp 443' of layer 1 'web' allows connect_tcp. Remove it or name fewer ports."
        Get-Failure { $open | Should -Not -DenyPort 22 -Access bind_tcp } | Should -BeExactly "Expected ruleset 'web' not to deny bind_tcp to port 22, but layer 1 'web' denies bind_tcp on port 22. What would allow it: -BindTcp 22."
        Get-Failure { New-LandlockRuleset files -Unrestricted Net | Should -DenyPort 22 -Access connect_tcp } | Should -BeExactly "Expected ruleset 'files' to deny connect_tcp to port 22, but no layer handles connect_tcp. Add it to handled_access_net of the policy."
        Get-Failure { $open | Should -DenyPort 22 -Access connect } | Should -BeExactly "'connect' is no right for ports. -Access takes connect_tcp, bind_tcp, connect_send_udp and bind_udp."
    }

    It 'ask the kernel' {
        # Somebody listens there.
        $open | Should -DenyPort $port -Kernel
        $reaching = $open | Add-LandlockNetRule -ConnectTcp $port -BindTcp $port
        $reaching | Should -AllowPort $port -Access connect_tcp, bind_tcp -Kernel
        $reaching | Should -DenyPort 443 -Access bind_tcp -Kernel:((id -u) -eq 0)
    }
}

Describe 'Should -BeFullyEnforced' -Skip:($abi -lt 6) {
    It 'passes where the kernel enforces everything' {
        $wide, $open | Should -BeFullyEnforced
        'web.toml' | Should -BeFullyEnforced
        Get-Failure { $open | Should -Not -BeFullyEnforced } | Should -BeExactly "Expected ruleset 'web' not to be fully enforced, but this kernel enforces all of it."
    }

    It 'says what the kernel lacks' -Skip:($abi -ge 10) {
        # No rule for UDP, and the filter refuses it; with one, all of UDP is open.
        $new = New-LandlockRuleset new -Abi 10 | Add-LandlockNetRule -BindUdp 53
        $new | Should -Not -BeFullyEnforced
        Get-Failure { $new | Should -BeFullyEnforced } | Should -BeLike "Expected ruleset 'new' to be fully enforced, but it is not: The ruleset 'new' is required as a whole, but this kernel (ABI $((Get-LandlockSupport).Abi)) lacks *bind_udp (needs ABI 10, Linux 7.2)*. Run it on a newer kernel, or ask for an older ABI."
    }
}

Describe 'Should -RunLandlocked' -Skip:($abi -lt 6) {
    It 'runs a program, and says what it was denied' {
        # It is named as by PowerShell: by its path.
        $cat = (Get-Command cat -CommandType Application -TotalCount 1).Source
        $open | Should -RunLandlocked cat, ./open/file
        Get-Failure { $open | Should -RunLandlocked cat, ./closed/file } | Should -BeExactly @"
Expected ruleset 'web' to let 'cat ./closed/file' run, but its exit code was 1, and it said: ${cat}: ./closed/file: Permission denied
Denied by the sandbox, and what would allow it:
  open $TestDrive/closed/file: read_file denied by layer 1 'web', by cat
      -ReadData $TestDrive/closed/file
"@
    }

    It 'runs a script block' {
        $open | Should -RunLandlocked { Get-Content ./open/file }
        Get-Failure { $open | Should -RunLandlocked { Get-Content ./closed/file } } | Should -BeLike "Expected ruleset 'web' to let { Get-Content ./closed/file } run, but it raised an error, and it said: *-ReadData $TestDrive/closed/file*"
    }

    It 'takes a failure for a denial only if something was denied' {
        $cat = (Get-Command cat -CommandType Application -TotalCount 1).Source
        $open | Should -Not -RunLandlocked cat, ./closed/file
        $open | Should -Not -RunLandlocked { Get-Content ./closed/file }
        Get-Failure { $open | Should -Not -RunLandlocked cat, ./open/none } |
            Should -BeExactly "Expected ruleset 'web' not to let 'cat ./open/none' run, but the sandbox denied it nothing; its exit code was 1, and it said: ${cat}: ./open/none: No such file or directory"
        Get-Failure { $open | Should -Not -RunLandlocked true } | Should -BeExactly "Expected ruleset 'web' not to let 'true' run, but its exit code was 0"
    }

    It 'leaves the exit code alone' {
        $global:LASTEXITCODE = 42
        $open | Should -RunLandlocked true
        $open | Should -DenyPath ./closed -Kernel
        $open | Should -BeFullyEnforced
        $LASTEXITCODE | Should -Be 42
    }
}

Describe 'The operators' {
    It 'can be loaded twice, and have help' {
        Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1" -Force
        foreach ($name in 'DenyPath', 'AllowPath', 'DenyPort', 'AllowPort', 'BeFullyEnforced', 'RunLandlocked') {
            Get-ShouldOperator -Name $name | Out-String | Should -Match "Should -$name(?s:.*)EXAMPLE 1"
        }
    }

    It 'take the Pester that runs, where others are installed, too' {
        # Beside one another, so that the import could take either.
        $folders = @(($env:LANDLOCKPS_PESTER ?? (Get-Module Pester).ModuleBase) -split ':')
        $installed = (New-Item -ItemType Directory "$TestDrive/installed/Pester").FullName
        foreach ($folder in $folders) { cp -RL -- $folder "$installed/$((Import-PowerShellDataFile "$folder/Pester.psd1").ModuleVersion)" }
        foreach ($folder in $folders) {
            Set-Content "$TestDrive/one.Tests.ps1" @"
            Describe 'The operators' {
                It 'denies' {
                    Import-Module '$ModulePath', '$ModulePath/LandlockPS.Pester.psm1'
                    1 | Should -Be 1
                    New-LandlockRuleset | Should -DenyPath /etc
                    @(Get-Module -All Pester | Sort-Object Path -Unique).Path | Should -Be '$folder/Pester.psm1'
                }
            }
"@
            $code = "`$env:PSModulePath = '$TestDrive/installed:' + `$env:PSModulePath; Import-Module '$folder/Pester.psd1'; (Invoke-Pester -Path '$TestDrive/one.Tests.ps1' -Output None -PassThru) | ForEach-Object { `$_.Result; `$_.Failed | ForEach-Object { `"`$(`$_.ErrorRecord)`" } }"
            & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command $code | Should -Be Passed
        }
    }

    It 'come only when asked for' {
        & "$PSHOME/pwsh" -NoProfile -Command "Import-Module '$((Get-Module LandlockPS).ModuleBase)'; (Get-Module).Name -contains 'Pester'; (Get-Command -Module LandlockPS*).Name -like 'Assert-*'" | Should -Be False
    }
}

Describe 'The sample suite' -Skip:($abi -lt 6) {
    It '<Name> passes' -ForEach @(Get-ChildItem "$PSScriptRoot/../../examples/*/*.Tests.ps1" | ForEach-Object { @{ Name = $_.Name; File = $_.FullName } }) {
        $code = "`$env:PSModulePath = '$(Split-Path (Get-Module LandlockPS).ModuleBase)' + ':' + `$env:PSModulePath; Import-Module '$((Get-Module Pester).ModuleBase)/Pester.psd1'; (Invoke-Pester -Path '$($File.Replace("'", "''"))' -Output None -PassThru) | ForEach-Object { `"`$(`$_.PassedCount -gt 5) `$(`$_.FailedCount)`"; `$_.Failed | ForEach-Object { `"`$(`$_.ErrorRecord)`" } }"
        & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command $code | Should -Be 'True 0'
    }
}
