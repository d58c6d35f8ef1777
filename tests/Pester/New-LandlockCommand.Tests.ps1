BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = (Get-Module LandlockPS).ModuleBase
    $landlocked = (Get-Item "$module/bin/linux-*/landlocked").FullName
    # Elsewhere than in a directory that others may write to, as TestDrive may be for whoever has another umask.
    $place = (New-Item -ItemType Directory "$TestDrive/place").FullName
    chmod 700 $place
    $saved = Get-Location

    function Get-Asked([string] $File) { (& $landlocked show $File)[1] -replace '^asked for: ' }
}

AfterAll { Set-Location $saved }

Describe 'New-LandlockCommand' -Skip:($abi -lt 1) {
    It 'writes the command in its sandbox' {
        'secret' | Set-Content "$TestDrive/secret"
        $file = New-LandlockCommand -ReadOnly /usr -OutFile "$place/it" -- cat -n
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -Be "$place/it"
        $file | Out-String | Should -Match '(?m)^-rwx.* it\s*$'
        'a' | & $file.FullName | Should -Match '^\s+1\ta$'
        & $file.FullName "$TestDrive/secret" 2>$null | Should -BeNullOrEmpty
        $LASTEXITCODE | Should -Be 1
    }

    It 'keeps what was asked for, by landlocked''s names' {
        Set-Location $place
        'x' | Set-Content "$place/a b", "$place/b"
        $null = New-LandlockCommand -ReadOnly /usr, './[ab]*' -Except '**/none-of-it' -Preset Base -ConnectTcp 443, 80-81 -Network Tcp -Compatibility SoftRequirement -CleanEnvironment `
            -PassEnvironment 'A*' -RemoveEnvironment B -Environment @{ NAME = 'a b' } -WorkingDirectory / -MaxOpenFiles 50 -NoSystemVIpc -Unrestricted Scope `
            -Frozen -OutFile "$place/it" -- echo 'c d'
        $asked = Get-Asked "$place/it"
        $asked | Should -BeLike "landlocked compile --output $place/it --frozen --preset Base --read-only /usr --read-only '$place/a b' --read-only $place/b *"
        foreach ($part in '--except ''**/none-of-it''', '--connect-tcp 443 --connect-tcp 80-81', '--network tcp', '--compatibility soft-requirement', '--clean-environment',
            '--pass-environment ''A*''', '--remove-environment B', '--environment ''NAME=a b''', '--working-directory /', '--max-open-files 50', '--no-system-v-ipc',
            '--unrestricted scope') { $asked | Should -BeLike "*$([WildcardPattern]::Escape($part))*" }
        # What is said there is what landlocked takes.
        $again = $asked -replace '^landlocked', $landlocked
        & sh -c $again
        $LASTEXITCODE | Should -Be 0
        & "$place/it" e | Should -Be 'c d e'
    }

    It 'is planned anew by landlocked' {
        Copy-Item /bin/echo "$place/program"
        $null = New-LandlockCommand -ReadOnly /usr, $place/program -TellChanges -OutFile "$place/it" -- "$place/program" a
        & "$place/it" b | Should -Be 'a b'
        Copy-Item /bin/echo "$place/new"
        Move-Item "$place/new" "$place/program" -Force
        $said = & "$place/it" b 2>&1
        $said[0] | Should -Be "it: planned anew, since something has changed: $place/program"
        $said[1] | Should -Be 'a b'
    }

    It 'ends where a ruleset was given and something has changed' {
        Copy-Item /bin/echo "$place/program"
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule /usr, "$place/program" -Access ReadOnly
        $null = $ruleset | New-LandlockCommand -OutFile "$place/it" -- "$place/program" a
        & "$place/it" b | Should -Be 'a b'
        Get-Asked "$place/it" | Should -BeLike 'by objects*'
        Copy-Item /bin/echo "$place/new"
        Move-Item "$place/new" "$place/program" -Force
        & "$place/it" b 2>&1 | Should -Be "it: since this command was compiled, something has changed: $place/program; nothing was run; compile it again"
        $LASTEXITCODE | Should -Be 125
    }

    It 'starts a supervisor where one is needed' {
        $null = New-LandlockCommand -ReadOnly /usr -TimeoutSec 60 -OutFile "$place/it" -- echo a
        & "$place/it" b | Should -Be 'a b'
        { New-LandlockRuleset | Add-LandlockPathRule /usr -Access ReadOnly | New-LandlockCommand -TimeoutSec 60 -OutFile "$place/it" -- echo a } |
            Should -Throw '*no option of landlocked says what this sandbox is made of*'
    }

    It 'writes nothing with -WhatIf' {
        New-LandlockCommand -ReadOnly /usr -OutFile "$place/none" -WhatIf -- echo a
        "$place/none" | Should -Not -Exist
    }

    It 'refuses what is none: <Words>' -ForEach @(
        @{ Words = 'a script block'; Call = { New-LandlockCommand -OutFile "$place/it" { 1 } }; Id = 'CommandNotNative,*' }
        @{ Words = 'no command'; Call = { New-LandlockCommand -OutFile "$place/it" }; Id = 'CommandMissing,*' }
        @{ Words = 'a cmdlet'; Call = { New-LandlockCommand -OutFile "$place/it" (Get-Command Get-Item) }; Id = 'CommandNotNative,*' }
        @{ Words = 'an unknown word'; Call = { New-LandlockCommand -OutFile "$place/it" -ReadOnyl /usr -- echo }; Id = '*,LandlockPS.NewLandlockCommandCommand' }
        @{ Words = 'a place within the sandbox'; Call = { New-LandlockCommand -OutFile "$place/it" -ReadWrite $place -- echo }; Id = 'SandboxSetupFailed,*' }
        @{ Words = 'a file that is something else'; Call = { 'x' | Set-Content "$place/other"; New-LandlockCommand -OutFile "$place/other" -ReadOnly /usr -- echo }; Id = 'SandboxSetupFailed,*' }
    ) {
        $Call | Should -Throw -ErrorId $Id
    }
}
