BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Invoke-Landlocked with a native command: its sandbox' {
    BeforeAll {
        $folder = Initialize-SampleFolder
    }

    Context 'what is granted' {
        It 'is nothing but what the command itself needs' {
            Invoke-Landlocked -- cat "$TestDrive/secret" 2>&1 | Should -Match 'Permission denied'
            Invoke-Landlocked -- ls $folder 2>&1 | Should -Match 'Permission denied'
        }

        It '-ReadData reads and lists' {
            Invoke-Landlocked -ReadData $folder -- ls $folder | Should -Be a.txt, b.txt
            Invoke-Landlocked -ReadData $folder -- cat "$folder/a.txt" | Should -Be a
            $program = Copy-Item (Get-Command true -CommandType Application)[0].Source "$folder/run" -PassThru
            Invoke-Landlocked -ReadData $folder -- sh -c "$program" 2>&1 | Should -Match 'Permission denied'
            Remove-Item $program
        }

        It '-ReadOnly executes too' {
            Invoke-Landlocked -ReadOnly /usr -- sh -c 'cat /dev/null && echo ran' | Should -Be ran
            Invoke-Landlocked -ReadOnly $folder -- sh -c "echo x > $folder/new" 2>&1 | Should -Match 'Permission denied'
        }

        It '-Edit changes what exists' {
            Invoke-Landlocked -Edit $folder -- sh -c "echo changed > $folder/b.txt"
            Get-Content "$folder/b.txt" | Should -Be changed
            Invoke-Landlocked -Edit $folder -- sh -c "echo x > $folder/new" 2>&1 | Should -Match 'Permission denied'
            "$folder/new" | Should -Not -Exist
        }

        It '-ReadWrite creates and removes' {
            Invoke-Landlocked -ReadWrite $folder -ReadOnly /usr -- sh -c "echo x > $folder/new && mkdir $folder/dir && rmdir $folder/dir && cat $folder/new && rm $folder/new" | Should -Be x
            $LASTEXITCODE | Should -Be 0
        }

        It '-ReadWrite does not execute' {
            $program = Write-Program data/script 'echo ran'
            (Invoke-Landlocked -ReadWrite $folder -- sh -c $program 2>&1) -join ' ' | Should -Match 'Permission denied'
            Invoke-Landlocked -ReadWriteExecute $folder -- sh -c $program | Should -Be ran
            Remove-Item $program
        }

        It 'may be several paths' {
            Invoke-Landlocked -ReadData $folder, "$TestDrive/secret" -- cat "$folder/a.txt" "$TestDrive/secret" | Should -Be a, secret
        }

        It 'may be a wildcard' {
            $output = Invoke-Landlocked -ReadData "$folder/a*" -- cat "$folder/a.txt" "$folder/b.txt" 2>"$TestDrive/err"
            $output | Should -Be a
            Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
        }

        It 'may be a drive' {
            $null = New-PSDrive -Name LandlockTest -PSProvider FileSystem -Root $folder
            try { Invoke-Landlocked -ReadData LandlockTest:/ -- cat "$folder/a.txt" | Should -Be a }
            finally { Remove-PSDrive LandlockTest }
        }

        It 'starts at ~ if told so' {
            # What is written in the user's own place is not this test's business: the plan is enough.
            (Invoke-Landlocked -ReadData ~ -Verbose -- true 4>&1) -join "`n" | Should -Match ([regex]::Escape($HOME))
        }

        It 'is relative to the location of the session, not of the process' {
            Push-Location $folder
            try {
                [Environment]::CurrentDirectory | Should -Not -Be $folder
                Invoke-Landlocked -ReadData ./a.txt -- cat a.txt | Should -Be a
                Invoke-Landlocked -ReadData . -- cat ./a.txt | Should -Be a
            }
            finally { Pop-Location }
        }

        It 'of a command is relative to the location, which may be <Name>' -TestCases @(
            @{ Name = 'a drive'; Location = 'LandlockTest:' }
            @{ Name = 'a directory of a drive'; Location = 'LandlockTest:/deep/er' }
            @{ Name = 'a path of the provider'; Location = 'FileSystem::{0}/deep' }
            @{ Name = 'left for another provider'; Location = 'Env:' }
        ) {
            $null = New-Item -ItemType Directory "$folder/deep/er" -Force
            foreach ($place in '', 'deep', 'deep/er') {
                Set-Content "$folder/$place/where" "#!/bin/sh`necho '$place'"
                chmod +x "$folder/$place/where"
            }
            $null = New-PSDrive -Name LandlockTest -PSProvider FileSystem -Root $folder
            Push-Location $folder
            try {
                Set-Location ($Location -f $folder)
                $expected = (Get-Location -PSProvider FileSystem).ProviderPath.Substring($folder.Length).Trim('/')
                Invoke-Landlocked ./where | Should -Be $expected
            }
            finally {
                Pop-Location
                Remove-PSDrive LandlockTest
            }
        }

        It 'must exist, or nothing runs' {
            $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$folder/missing" -ReadWrite $folder -- touch "$folder/touched" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            $failure.CategoryInfo.Category | Should -Be ObjectNotFound
            $failure.TargetObject | Should -Be "$folder/missing"
            $failure.ErrorDetails.RecommendedAction | Should -Match 'IgnoreMissing'
            $LASTEXITCODE | Should -Be 125
            "$folder/touched" | Should -Not -Exist
        }

        It 'need not exist with -IgnoreMissing' {
            $output = Invoke-Landlocked -ReadOnly "$folder/missing" -IgnoreMissing -Verbose -- echo ran 4>&1
            $output[-1] | Should -Be ran
            $output -join "`n" | Should -Match 'missing'
        }

        It 'must match something' {
            $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$folder/*.missing" -- true }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        }

        It 'is not a path of another provider' {
            (Get-TerminatingError { Invoke-Landlocked -ReadOnly Env:/HOME -- true }).FullyQualifiedErrorId | Should -BeLike 'InvalidPath,*'
        }

        It 'includes /dev/null, unless -NoBaseline is given' {
            Invoke-Landlocked -- sh -c 'echo x > /dev/null && echo written' | Should -Be written
            Invoke-Landlocked -NoBaseline -- sh -c 'echo x > /dev/null && echo written' 2>&1 | Should -Match 'Permission denied'
        }

        It 'includes what a script of #! needs' {
            Invoke-Landlocked -- (Write-Program script 'echo "script $1"') argument | Should -Be 'script argument'
        }

        It 'lets a command be named by ~ or by a relative path' {
            $null = Write-Program local 'echo local'
            Push-Location $TestDrive
            try { Invoke-Landlocked ./local | Should -Be local }
            finally { Pop-Location }
        }

        It 'is everything for a part that is -Unrestricted' {
            Invoke-Landlocked -Unrestricted Fs -- cat "$TestDrive/secret" | Should -Be secret
        }
    }

    Context 'the network' -Skip:($abi -lt 4) {
        BeforeAll {
            $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
            $listener.Start()
            $port = $listener.LocalEndpoint.Port
            $connect = "exec 3<>/dev/tcp/127.0.0.1/$port && echo connected"
        }

        AfterAll {
            $listener.Stop()
        }

        It 'is closed' {
            Invoke-Landlocked -- bash -c $connect 2>&1 | Out-String | Should -Match 'Permission denied'
        }

        It 'opens by port' {
            Invoke-Landlocked -ConnectTcp $port -- bash -c $connect | Should -Be connected
        }

        It 'opens as a whole' {
            Invoke-Landlocked -Unrestricted Net -- bash -c $connect | Should -Be connected
        }

        It 'binds by port' -Skip:(-not (Get-Command python3 -CommandType Application -ErrorAction Ignore)) {
            $python = (python3 -c 'import os, sys; print(os.path.realpath(sys.executable)); print(sys.prefix); print(sys.base_prefix)')
            $bind = 'import socket, sys; s = socket.socket(); s.bind(("127.0.0.1", 0)); print("bound")'
            $grants = @('/usr') + @($python[1..2] | Select-Object -Unique)
            Invoke-Landlocked -ReadOnly $grants -BindTcp 0 -- $python[0] -c $bind | Should -Be bound
            Invoke-Landlocked -ReadOnly $grants -BindTcp 1 -- $python[0] -c $bind 2>&1 | Out-String | Should -Match 'Permission'
        }
    }

    Context 'signals' -Skip:($abi -lt 6) {
        BeforeAll {
            $outside = Start-Process sleep 300 -PassThru
        }

        AfterAll {
            $outside | Stop-Process -ErrorAction Ignore
        }

        It 'do not leave the sandbox' {
            Invoke-Landlocked -- sh -c "kill -0 $($outside.Id)" 2>&1 | Out-String | Should -Match 'not permitted'
            Invoke-Landlocked -- sh -c "kill $($outside.Id)" 2>&1 | Out-String | Should -Match 'not permitted'
            $outside.HasExited | Should -BeFalse
        }

        It 'leave it if scopes are unrestricted' {
            Invoke-Landlocked -Unrestricted Scope -- sh -c "kill -0 $($outside.Id) && echo reached" | Should -Be reached
        }

        It 'reach processes inside' {
            Invoke-Landlocked -ReadOnly /usr -- sh -c 'sleep 100 & kill $! && wait $!; echo $?' 2>$null | Should -Be 143
        }
    }

    Context 'layers' {
        BeforeAll {
            $a = New-LandlockRuleset a | Add-LandlockPathRule "$folder/a.txt" ReadData
            $ab = New-LandlockRuleset ab | Add-LandlockPathRule "$folder/a.txt", "$folder/b.txt" ReadData
        }

        It 'are made of a ruleset' {
            $a | Invoke-Landlocked -- cat "$folder/a.txt" | Should -Be a
            Invoke-Landlocked -Ruleset $a -- cat "$folder/a.txt" | Should -Be a
        }

        It 'all have to allow an access' {
            $inputs = @(@{ Piped = $a, $ab }, @{ Piped = $ab, $a })
            foreach ($case in $inputs) {
                $output = $case.Piped | Invoke-Landlocked -- cat "$folder/a.txt" "$folder/b.txt" 2>"$TestDrive/err"
                $output | Should -Be a
                Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
            }

            $output = Invoke-Landlocked -Ruleset $a, $ab -- cat "$folder/a.txt" "$folder/b.txt" 2>"$TestDrive/err"
            $output | Should -Be a
            Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
        }

        It 'get the paths and ports of the command, each of them' {
            $a, $ab | Invoke-Landlocked -ReadData "$TestDrive/secret" -- cat "$folder/a.txt" "$TestDrive/secret" | Should -Be a, secret
        }

        It 'may be 16' {
            1..16 | ForEach-Object { New-LandlockRuleset } | Invoke-Landlocked -- echo ran | Should -Be ran
        }

        It 'may not be 17' {
            $failure = Get-TerminatingError { 1..17 | ForEach-Object { New-LandlockRuleset } | Invoke-Landlocked -- echo ran }
            $failure.FullyQualifiedErrorId | Should -BeLike 'TooManyLayers,*'
            $failure.CategoryInfo.Category | Should -Be LimitsExceeded
            $failure.Exception.Message | Should -Match '17.*16'
            $LASTEXITCODE | Should -Be 125
        }

        It 'nest' {
            $module = $ModulePath
            $output = Invoke-Landlocked -ReadData "$folder/a.txt" -ReadOnly /usr, /proc, /etc, /sys, /dev/urandom, $PSHOME, $module -Environment @{ DOTNET_EnableDiagnostics = '0' } -- "$PSHOME/pwsh" -NoProfile -Command "
                Import-Module '$module'
                Invoke-Landlocked -ReadData '$folder' -- cat '$folder/a.txt' '$folder/b.txt'" 2>"$TestDrive/err"
            $output | Should -Be a
            Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
        }

        It 'refuse -Unrestricted beside a ruleset' {
            $failure = Get-TerminatingError { $a | Invoke-Landlocked -Unrestricted Fs -- true }
            $failure.Exception.Message | Should -Match 'New-LandlockRuleset'
        }

        It 'are refused if they are none' {
            (Get-TerminatingError { Invoke-Landlocked -Ruleset text -- true }).Exception.Message | Should -Match 'New-LandlockRuleset'
        }
    }

    Context 'what the kernel lacks' -Skip:($abi -ge 10) {
        BeforeAll {
            # Written for a kernel that can do more than this one.
            $newer = New-LandlockRuleset newer -Abi 10
        }

        It 'is told in exactly one warning' {
            $warnings = $null
            $newer | Invoke-Landlocked -WarningVariable warnings -WarningAction SilentlyContinue -- echo ran | Should -Be ran
            $warnings | Should -HaveCount 1
            "$warnings" | Should -Match "ABI $abi"
        }

        It 'is told once for two layers' {
            $newer, $newer | Invoke-Landlocked -WarningVariable warnings -WarningAction SilentlyContinue -- true
            $warnings | Should -HaveCount 1
        }

        It 'is refused where it is required' {
            $failure = Get-TerminatingError { $newer | Invoke-Landlocked -Compatibility HardRequirement -- touch "$TestDrive/other/ran" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'Incompatible,*'
            $failure.CategoryInfo.Category | Should -Be NotImplemented
            $LASTEXITCODE | Should -Be 125
            "$TestDrive/other/ran" | Should -Not -Exist
        }

        It 'is not told where all is enforced' {
            Invoke-Landlocked -WarningVariable warnings -- true
            $warnings | Should -HaveCount 0
        }
    }

    Context '-WhatIf, -Verbose and -Confirm' {
        It 'shows the plan and runs nothing' {
            Invoke-Landlocked -WhatIf -ReadWrite "$TestDrive/other" -- touch "$TestDrive/other/ran"
            "$TestDrive/other/ran" | Should -Not -Exist
        }

        It 'shows what is granted' {
            # What -WhatIf says goes to the host alone, so another process has to listen.
            $text = (pwsh -NoProfile -Command "Import-Module '$ModulePath'; Invoke-Landlocked -WhatIf -ReadData '$folder' -- cat x") -join "`n"
            $text | Should -Match 'What if'
            $text | Should -Match ([regex]::Escape($folder))
            $text | Should -Match 'cat'
        }

        It 'follows $WhatIfPreference' {
            $WhatIfPreference = $true
            Invoke-Landlocked -ReadWrite "$TestDrive/other" -- touch "$TestDrive/other/ran"
            $WhatIfPreference = $false
            "$TestDrive/other/ran" | Should -Not -Exist
        }

        It 'tells the plan and runs' {
            $output = Invoke-Landlocked -Verbose -ReadData $folder -- echo ran 4>&1
            $output[-1] | Should -Be ran
            @($output | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }) -join "`n" | Should -Match ([regex]::Escape($folder))
        }

        It 'says nothing of its own otherwise' {
            Invoke-Landlocked -- echo ran *>&1 | Should -Be ran
        }
    }

    It 'leaves out what patterns of -Except mean, and says how many' {
        $null = New-Item -ItemType Directory -Force "$TestDrive/app/deep"
        foreach ($name in '.env', 'deep/.env', 'deep/key.pem', 'deep/open') { Set-Content "$TestDrive/app/$name" $name }
        foreach ($name in '.env', 'deep/.env', 'deep/key.pem') {
            Invoke-Landlocked -ReadOnly "$TestDrive/app" -Except '**/.env', *.pem -- cat "$TestDrive/app/$name" 2>&1 | Should -BeLike '*Permission denied'
        }
        $said = Invoke-Landlocked -ReadWrite "$TestDrive/app" -Except '**/.env' -Verbose -- cat "$TestDrive/app/deep/open" 4>&1
        $said | Should -Contain deep/open
        "$said" | Should -BeLike "*except ``*``*/.env: 2 entries now ('$TestDrive/app/.env', '$TestDrive/app/deep/.env'); one that is made later is allowed, but in the directories around these.*"
        $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$TestDrive/app" -Except '!*.pem' -- true }
        $failure.Exception.Message | Should -BeLike "The exception '!``*.pem' is no pattern: a pattern cannot take back*"
    }

    It 'leaves out secrets' {
        $before = $env:GNUPGHOME
        try {
            $env:GNUPGHOME = (New-Item -ItemType Directory "$TestDrive/vault/gpg").FullName
            Set-Content "$TestDrive/vault/gpg/key" key
            Set-Content "$TestDrive/vault/open" open
            Invoke-Landlocked -ReadOnly "$TestDrive/vault" -Except Secrets -- cat "$TestDrive/vault/open" "$TestDrive/vault/gpg/key" 2>&1 |
                ForEach-Object { "$_" -replace '^/.*/cat:', 'cat:' } | Sort-Object -Descending | Should -Be open, "cat: $TestDrive/vault/gpg/key: Permission denied"
            New-LandlockRuleset | Add-LandlockPathRule "$TestDrive/vault" ReadData |
                Invoke-Landlocked -Except secrets -- cat "$TestDrive/vault/gpg/key" 2>&1 | Should -BeLike '*Permission denied'
            (New-LandlockRuleset | Add-LandlockPathRule "$TestDrive/vault" ReadData -Except Secrets).PathRules[0].Except | Should -Be "$TestDrive/vault/gpg"
        }
        finally { $env:GNUPGHOME = $before }
    }

    It 'leaves out what -Except names' {
        $null = New-Item -ItemType Directory "$TestDrive/all/secret", "$TestDrive/all/open"
        Set-Content "$TestDrive/all/secret/key" key
        Set-Content "$TestDrive/all/open/file" content
        Invoke-Landlocked -ReadOnly "$TestDrive/all" -Except "$TestDrive/all/sec*" -- cat "$TestDrive/all/open/file" | Should -Be content
        Invoke-Landlocked -ReadOnly "$TestDrive/all" -Except "$TestDrive/all/secret" { Get-Content "$using:TestDrive/all/open/file"; try { Get-Content "$using:TestDrive/all/secret/key" -ErrorAction Stop } catch { 'denied' } } | Should -Be content, denied
        $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$TestDrive/all" -Except "$TestDrive/all/none" -- true }
        $failure.FullyQualifiedErrorId | Should -Be 'PathNotFound,LandlockPS.InvokeLandlockedCommand'
        $LASTEXITCODE | Should -Be 125
    }
}
