BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Protect-LandlockScript' {
    BeforeAll {
        $module = $ModulePath
        $null = New-Item -ItemType Directory "$TestDrive/shared"
        Set-Content "$TestDrive/secret" secret

        # A script that protects itself, and then does something.
        function Write-Script([string] $Name, [string] $Body, [string] $Parameters = '', [string] $Protect = 'Protect-LandlockScript -ReadWrite $shared -ReadOnly /usr') {
            $path = "$TestDrive/$Name.ps1"
            Set-Content $path "$Parameters`nImport-Module '$module'`n`$shared = '$TestDrive/shared'`n$Protect`n$Body"
            $path
        }

        # Runs a script in a pwsh of its own: its output, its errors and its exit code.
        function Invoke-Script([string] $Path, [string[]] $Arguments = @()) {
            $errors = "$TestDrive/errors"
            $output = & "$PSHOME/pwsh" -NoProfile -File $Path @Arguments 2>$errors
            [pscustomobject]@{ Output = $output; ExitCode = $LASTEXITCODE; Errors = (Get-Content -Raw $errors) }
        }

        # The same from a command line in PowerShell, for arguments that are objects.
        function Invoke-Line([string] $Line) {
            & "$PSHOME/pwsh" -NoProfile -Command $Line 2>&1
        }
    }

    It 'works from where modules are installed, a folder named by the version' {
        $place = "$TestDrive/home/.local/share/powershell/Modules/LandlockPS"
        $null = New-Item -ItemType Directory $place
        Copy-Item -Recurse $module "$place/0.1.0"
        Set-Content "$TestDrive/installed.ps1" "Import-Module LandlockPS`
Protect-LandlockScript -ReadOnly /usr`
(Get-Module LandlockPS).ModuleBase"
        $output = env -u XDG_DATA_HOME "HOME=$TestDrive/home" "$PSHOME/pwsh" -NoProfile -File "$TestDrive/installed.ps1" 2>&1
        $output | Should -Be "$place/0.1.0"
    }

    Context 'a call that nobody understands' {
        It 'ends the script, and nothing of it runs outside: <Protect>' -ForEach @(
            @{ Protect = 'Protect-LandlockScript -ReadOnyl /usr'; Says = "did you mean\s+(\|\s+)?'-ReadOnly'" }
            @{ Protect = 'Protect-LandlockScript -Preset Bsae'; Says = "did you mean 'Base'" }
            @{ Protect = 'Protect-LandlockScript -ReadOnly'; Says = 'ReadOnly' }
            @{ Protect = 'try { Protect-LandlockScript -Network Nothing } catch { }'; Says = 'Network' }
            @{ Protect = 'New-LandlockRuleset | Add-LandlockPathRule "/nothing/here*" -Access ReadOnly | Protect-LandlockScript'; Says = '/nothing/here' }
        ) {
            $run = Invoke-Script (Write-Script mistaken "'ran outside'" -Protect $Protect)
            $run.Output | Should -BeNullOrEmpty
            $run.ExitCode | Should -Be 125
            $run.Errors | Should -Match $Says
        }

        It 'leaves the shell that called the script' {
            $script = Write-Script mistaken "'ran outside'" -Protect 'Protect-LandlockScript -Preset Bsae'
            $said = "& '$script'`n'code ' + `$LASTEXITCODE" | & "$PSHOME/pwsh" -NoProfile -Command - 2>$null
            "$said" | Should -Match 'code 125'
            "$said" | Should -Not -Match 'ran outside'
        }
    }

    Context 'the script' {
        It 'runs inside of the sandbox, once, and not outside' {
            $script = Write-Script once @"
[System.IO.File]::AppendAllText("`$shared/runs", "run ")
'inside ' + (Get-LandlockSupport).IsAvailable
try { [System.IO.File]::ReadAllText('$TestDrive/secret') } catch { 'denied' }
(Get-Content /proc/self/status) -match '^NoNewPrivs'
"@
            $run = Invoke-Script $script
            $run.Output | Should -Be 'inside True', denied, "NoNewPrivs:`t1"
            $run.ExitCode | Should -Be 0
            $run.Errors | Should -BeNullOrEmpty
            Get-Content "$TestDrive/shared/runs" | Should -Be 'run '
        }

        It 'has its exit code' {
            (Invoke-Script (Write-Script exit 'exit 7')).ExitCode | Should -Be 7
            (Invoke-Script (Write-Script native 'sh -c "exit 3"; exit $LASTEXITCODE')).ExitCode | Should -Be 3
        }

        It 'has the exit code that it has outside: <_>' -ForEach @(
            'sh -c "exit 3"'
            'sh -c "exit 3"; exit'
            'sh -c "exit 3"; exit 0'
            'sh -c "exit 3"; Get-Item /no/such/file'
            'sh -c "exit 3"; [int]::Parse("x")'
            'sh -c "exit 3"; throw "x"'
            'Get-Item /no/such/file'
            'exit 300'
            'exit -1'
        ) {
            $plain = Invoke-Script (Write-Script plaincode $_ -Protect '')
            (Invoke-Script (Write-Script code $_)).ExitCode | Should -Be $plain.ExitCode
        }

        It 'that throws has exit code 1, and tells' {
            $run = Invoke-Script (Write-Script throws "'before'; throw 'thrown words'; 'after'")
            $run.Output | Should -Be before
            $run.ExitCode | Should -Be 1
            $run.Errors | Should -Match 'thrown words'
        }

        It 'goes on after an error that ends a statement only, as it does outside' {
            $body = "'before'; [int]::Parse('x'); Get-Item /no/such/file; Get-Process -Id x; 'after'"
            $plain = Invoke-Script (Write-Script plain $body -Protect '')
            $run = Invoke-Script (Write-Script goeson $body)
            $run.Output | Should -Be before, after
            ($run.Output, $run.ExitCode) | Should -Be ($plain.Output, $plain.ExitCode)
            $run.Errors -replace 'goeson', 'plain' | Should -Be $plain.Errors
        }

        It 'ends at the first error where it asked for that, as it does outside' {
            $body = "`$ErrorActionPreference = 'Stop'; 'before'; Get-Item /no/such/file; 'after'"
            $plain = Invoke-Script (Write-Script plain $body -Protect '')
            $run = Invoke-Script (Write-Script stops $body)
            ($run.Output, $run.ExitCode) | Should -Be ($plain.Output, $plain.ExitCode)
            $run.Errors -replace 'stops', 'plain' | Should -Be $plain.Errors
        }

        It 'shows its output as it comes, and its errors' {
            $script = Write-Script live "'first'; [Console]::Error.WriteLine('to stderr'); while (-not (Test-Path `"`$shared/go`")) { Start-Sleep -Milliseconds 50 }; 'last'"
            $seen = @(& "$PSHOME/pwsh" -NoProfile -File $script 2>"$TestDrive/errors" | ForEach-Object {
                    if ($_ -eq 'first') { Set-Content "$TestDrive/shared/go" x }
                    $_
                })
            $seen | Should -Be first, last
            Get-Content "$TestDrive/errors" | Should -Be 'to stderr'
        }

        It 'gets the standard input' {
            $script = Write-Script stdin '$input | ForEach-Object { "got $_" }'
            'one', 'two' | & "$PSHOME/pwsh" -NoProfile -File $script | Should -Be 'got one', 'got two'
            "$(Invoke-Line "1, 2 | & '$script'")" | Should -Be 'got 1 got 2'
        }

        It 'begins where it was called, and knows its own path' {
            $script = Write-Script place '$PSCommandPath; $PWD.Path'
            Push-Location "$TestDrive/shared"
            try { (Invoke-Script $script).Output | Should -Be $script, "$TestDrive/shared" }
            finally { Pop-Location }
        }

        It 'may be called by a script with a hostile name' {
            $run = Invoke-Script (Write-Script "a 'b' `$c" "'inside'; exit 4")
            $run.Output | Should -Be inside
            $run.ExitCode | Should -Be 4
        }

        It 'run by another script ends, and the other goes on' {
            $inner = Write-Script inner "'inner'; exit 5"
            Set-Content "$TestDrive/outer.ps1" "& '$inner'; `"outer `$LASTEXITCODE`""
            (Invoke-Script "$TestDrive/outer.ps1").Output | Should -Be inner, 'outer 5'
        }
    }

    Context 'arguments' {
        BeforeAll {
            $show = Write-Script show 'ConvertTo-Json -Compress -Depth 5 ([ordered]@{ Name = $Name; Switch = [bool]$Switch; Off = $PSBoundParameters.ContainsKey("Off") -and -not $Off; List = $List; Table = $Table; Number = $Number })' `
                -Parameters 'param([string] $Name, [switch] $Switch, [switch] $Off, [object[]] $List, [hashtable] $Table, [int] $Number)'
            $rest = Write-Script rest 'ConvertTo-Json -Compress @($args | ForEach-Object { "$_" })'
        }

        It 'come by name, of every type' {
            $text = Invoke-Line "& '$show' -Name 'a b' -Switch -Off:`$false -List 1, 'two', `$true -Table @{ key = @{ deep = 'value' } } -Number 42"
            $text | Should -Be '{"Name":"a b","Switch":true,"Off":true,"List":[1,"two",true],"Table":{"key":{"deep":"value"}},"Number":42}'
        }

        It 'come by position' {
            (Invoke-Line "& '$show' text x, y" | ConvertFrom-Json).Name | Should -Be text
            (Invoke-Line "& '$show' text x, y" | ConvertFrom-Json).List | Should -Be x, y
        }

        It 'come to a script without parameters' {
            Invoke-Line "& '$rest' a '-b' 'c d' '*' '`$x'" | Should -BeExactly '["a","-b","c d","*","$x"]'
            (Invoke-Script $rest).Output | Should -Be '[]'
        }

        It 'keep quotes, line ends, empty text and everything else' {
            foreach ($text in 'it''s "quoted" `back` \', "two`nlines`ttab", '', ' ', "`u{e5}`u{6f22}`u{1f600}", '; exit 9 #', '-Number') {
                $one = Invoke-Line "& '$show' -Name ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('$([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text)))')))" | ConvertFrom-Json
                $one.Name | Should -BeExactly $text
            }
        }

        It 'that are too large are an error, and nothing runs' {
            $run = Invoke-Line "& '$show' -Name ('x' * 200kb); `"code `$LASTEXITCODE`""
            "$run" | Should -Match 'KiB.* code 125'
            "$run" | Should -Not -Match '"Name"'
        }
    }

    Context 'that cannot protect' {
        AfterEach {
            Remove-Item "$TestDrive/ran" -ErrorAction Ignore
        }

        It 'is an error with exit code 125, and the rest is not run outside: <_>' -ForEach @(
            'Protect-LandlockScript -ReadOnly /no/such/folder'
            'Protect-LandlockScript -Policy /nonexistent.toml'
            '1..17 | ForEach-Object { New-LandlockRuleset } | Protect-LandlockScript'
            'try { Protect-LandlockScript -ReadOnly /no/such/folder } catch { }'
            'Protect-LandlockScript -ReadOnly /no/such/folder -ErrorAction SilentlyContinue'
        ) {
            $run = Invoke-Script (Write-Script fails "Set-Content '$TestDrive/ran' x" -Protect $_)
            $run.ExitCode | Should -Be 125
            "$TestDrive/ran" | Should -Not -Exist
            if ($_ -notmatch 'try|Silently') { $run.Errors | Should -Not -BeNullOrEmpty }
        }

        It 'does not run the rest, either, where errors end the script: <_>' -ForEach 'Stop', 'Inquire' {
            $run = Invoke-Line "& '$(Write-Script stop "Set-Content '$TestDrive/ran' x" -Protect "`$ErrorActionPreference = '$_'; try { Protect-LandlockScript -ReadOnly /no/such/folder } catch { 'caught' }")'"
            "$TestDrive/ran" | Should -Not -Exist -Because "$run"
            "$run" | Should -Match 'no/such/folder'
            "$run" | Should -Not -Match caught
        }

        It 'because the script itself failed does not run it again outside' {
            $protect = '$PSNativeCommandUseErrorActionPreference = $true; $ErrorActionPreference = "Stop"; try { Protect-LandlockScript } catch { }'
            $run = Invoke-Script (Write-Script native "try { Set-Content '$TestDrive/ran' x } catch { exit 6 }" -Protect $protect)
            $run.ExitCode | Should -Be 6
            "$TestDrive/ran" | Should -Not -Exist
        }

        It 'that cannot be parsed inside, or ends by an error, has an exit code: <Name>' -ForEach @(
            @{ Name = 'a module out of reach'; Begin = "using module ./M.psm1`n"; Rest = 'exit 0' }
            @{ Name = 'an error'; Begin = ''; Rest = 'throw "no"' }
            @{ Name = 'an error after a command that succeeded'; Begin = ''; Rest = '/bin/true; throw "no"' }
        ) {
            Set-Content "$TestDrive/M.psm1" 'function f {}'
            Set-Content "$TestDrive/parse.ps1" "${Begin}Import-Module '$module'; Protect-LandlockScript -ReadOnly /usr; $Rest"
            (Invoke-Script "$TestDrive/parse.ps1").ExitCode | Should -Be 1
        }

        It 'is an error outside of a script' {
            "$(Invoke-Line "Import-Module '$module'; Protect-LandlockScript; 'after'")" | Should -Match 'not called from one'
        }

        It 'is not run where a required protection is missing' -Skip:((& { . $PSScriptRoot/common.ps1; (Get-LandlockSupport).Abi }) -ge 9) {
            $run = Invoke-Script (Write-Script missing "Set-Content '$TestDrive/ran' x" -Protect 'Protect-LandlockScript -Require resolve_unix')
            $run.ExitCode | Should -Be 125
            $run.Errors -replace '\s+\|?\s*', ' ' | Should -Match 'resolve_unix is required, but unavailable: it needs Landlock ABI 9'
            "$TestDrive/ran" | Should -Not -Exist
        }

        It 'in place gets the filter on every thread' {
            # The half of -InPlace that needs no newer kernel, in a process of its own, since it is for good.
            $said = & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command @"
Import-Module '$module'
`$library = [Landlock.Abi.LandlockSupport].Assembly
`$hidden = [System.Reflection.BindingFlags]'NonPublic, Public, Static'
`$before = (Get-Content /proc/self/task/*/status) -match '^Seccomp:' | Select-Object -Unique
`$null = `$library.GetType('Landlock.Linux.RulesetDescriptor').GetMethod('GiveUpPrivileges', `$hidden).Invoke(`$null, @())
`$options = [System.Activator]::CreateInstance(`$library.GetType('Landlock.Sandboxes.Filters.FilterOptions'))
`$options.GetType().GetProperty('Network').SetValue(`$options, [Landlock.Sandboxes.Filters.NetworkAccess]::new(`$true, `$false))
`$null = `$library.GetType('Landlock.Sandboxes.InPlaceRestriction').GetMethod('Filter', `$hidden).Invoke(`$null, @(`$options))
`$after = Get-Content /proc/self/task/*/status
`$threads = @(`$after -match '^Seccomp:').Count
try { `$socket = [System.Net.Sockets.Socket]::new('InterNetwork', 'Dgram', 'Udp'); `$udp = 'made' } catch { `$udp = `$_.Exception.InnerException.SocketErrorCode }
`$other = [powershell]::Create().AddScript('try { [System.Net.Sockets.Socket]::new("InterNetwork", "Dgram", "Udp") } catch { "denied" }').Invoke()
`$tcp = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp').AddressFamily
"`$before|`$(`$threads -gt 5)|`$(`$after -match '^Seccomp:' | Select-Object -Unique)|`$(`$after -match '^NoNewPrivs:' | Select-Object -Unique)|`$udp|`$other|`$tcp"
"@
            $said | Should -Be "Seccomp:`t0|True|Seccomp:`t2|NoNewPrivs:`t1|AccessDenied|denied|InterNetwork"
        }

        It 'in place takes nothing that a process needs before it starts: -<_>' -TestCases 'MaxMemory 1GB', 'CleanEnvironment', 'Environment @{ A = 1 }', 'PrivateTemp', 'WorkingDirectory /tmp', 'KillOnParentExit' {
            $name = ($_ -split ' ')[0]
            $run = Invoke-Script (Write-Script place "Set-Content '$TestDrive/ran' x" -Protect "Protect-LandlockScript -InPlace -$_")
            $run.ExitCode | Should -Be 125
            $run.Errors -replace '\s+\|?\s*', ' ' | Should -Match "-$name is for a process that is started, and -InPlace restricts the one that runs already. Leave out -$name or -InPlace"
            "$TestDrive/ran" | Should -Not -Exist
        }

        It 'in place is refused before ABI 8, and the rest is not run' -Skip:((& { . $PSScriptRoot/common.ps1; (Get-LandlockSupport).Abi }) -ge 8) {
            $run = Invoke-Script (Write-Script place8 "Set-Content '$TestDrive/ran' x" -Protect 'Protect-LandlockScript -InPlace')
            $run.ExitCode | Should -Be 125
            $run.Errors -replace '\s+\|?\s*', ' ' | Should -Match 'ABI 8'
            "$TestDrive/ran" | Should -Not -Exist
        }
    }

    Context '-WhatIf' {
        It 'runs nothing' {
            $run = Invoke-Script (Write-Script whatif "Set-Content '$TestDrive/ran' x; Set-Content `"`$shared/ran`" x" -Protect 'Protect-LandlockScript -WhatIf -ReadWrite $shared')
            $run.ExitCode | Should -Be 0
            "$TestDrive/ran" | Should -Not -Exist
            "$TestDrive/shared/ran" | Should -Not -Exist
            "$($run.Output)" | Should -Match 'What if'
        }
    }

    Context 'inside' {
        It 'does nothing again' {
            $run = Invoke-Script (Write-Script twice "Protect-LandlockScript; Protect-LandlockScript; 'inside'")
            $run.Output | Should -Be inside
        }

        It 'is not believed of a variable: <_>' -ForEach '$script', '4:0123', '3:', '$PID' {
            $script = Write-Script spoofed "try { [System.IO.File]::ReadAllText('$TestDrive/secret') } catch { 'denied' }"
            $env:LANDLOCKPS_PROTECTED = $ExecutionContext.InvokeCommand.ExpandString($_)
            try { (Invoke-Script $script).Output | Should -Be denied }
            finally { $env:LANDLOCKPS_PROTECTED = $null }
        }

        It 'is not believed of a process that has no new privileges and sees no parent' -Skip:(-not (& { (id -u) -eq 0 -and (Get-Command unshare -CommandType Application -ErrorAction Ignore) -and (Get-Command setpriv -CommandType Application -ErrorAction Ignore) })) {
            $script = Write-Script spoofed "try { [System.IO.File]::ReadAllText('$TestDrive/secret') } catch { 'denied' }"
            $env:LANDLOCKPS_PROTECTED = $script
            try { unshare -p -f --mount-proc setpriv --no-new-privs "$PSHOME/pwsh" -NoProfile -File $script | Should -Be denied }
            finally { $env:LANDLOCKPS_PROTECTED = $null }
        }

        It 'is known beside a supervisor, too, and by what is started there not' {
            $script = Write-Script supervised "'inside'; Test-Path Env:/LANDLOCKPS_PROTECTED; sh -c 'ls -l /proc/self/fd' | Select-String memfd" -Protect 'Protect-LandlockScript -ReadOnly /usr -KillOnParentExit -PrivateTemp'
            $run = Invoke-Script $script
            $run.Output | Should -Be inside, False
            $run.ExitCode | Should -Be 0
        }

        It 'of another sandbox is another layer' {
            $script = Write-Script layered "try { [System.IO.File]::ReadAllText('$TestDrive/secret') } catch { 'denied' }"
            Invoke-Landlocked -Preset PowerShell -ReadOnly $TestDrive, $module, /usr -ReadWrite "$TestDrive/shared" -- "$PSHOME/pwsh" -NoProfile -File $script | Should -Be denied
        }
    }
}
