BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
    $noLandlock = -not (Get-LandlockSupport).IsAvailable
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'Enable-LandlockShell where nothing is typed' {
    BeforeAll {
        $warning = 'Nothing is typed in this PowerShell, and the commands of scripts stay without a sandbox. For those, write: Enable-LandlockShell -Scope Script'
        Set-Content "$TestDrive/enable.ps1" "param(`$Scope = 'Prompt') Import-Module '$($ModulePath.Replace("'", "''"))'; Enable-LandlockShell `$Scope -WarningVariable told 3>`$null; `"<`$told>`""
    }

    It 'says so: <Name>' -TestCases @(
        @{ Name = 'a script'; Run = { pwsh -NoProfile -File "$TestDrive/enable.ps1" } }
        @{ Name = 'a script by its name'; Run = { pwsh -NoProfile "$TestDrive/enable.ps1" } }
        @{ Name = 'a command'; Run = { pwsh -NoProfile -c "& '$TestDrive/enable.ps1'" } }
        @{ Name = 'a job'; Run = { Start-Job -FilePath "$TestDrive/enable.ps1" | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        & $Run | Should -Be "<$warning>"
    }

    It 'says nothing where a prompt comes, or scripts are meant: <Name>' -TestCases @(
        @{ Name = 'with a prompt afterwards'; Run = { $null | pwsh -NoProfile -NoExit -Command "& '$TestDrive/enable.ps1'" } }
        @{ Name = 'of scripts'; Run = { pwsh -NoProfile -File "$TestDrive/enable.ps1" Script } }
    ) {
        @(& $Run)[0] | Should -Be '<>'
    }
}

Describe 'Enable-LandlockShell' -Skip:$noLandlock {
    BeforeAll {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        $null = New-LandlockProfile work -Beneath $root/work -Environment @{ PROFILE_VARIABLE = 'set' }
        Set-Content $root/secret secret
        Enable-LandlockShell -Scope Script
    }

    AfterAll {
        Disable-LandlockShell
        Exit-ProfileHome $saved
    }

    BeforeEach { Set-Location $root/work }

    Context 'in the directory of a profile' {
        It 'runs native commands in the sandbox' {
            cat $root/secret 2>$null | Should -BeNullOrEmpty
            $LASTEXITCODE | Should -Be 1
            printenv LANDLOCKPS_SANDBOX PROFILE_VARIABLE | Should -Be work, set
        }

        It 'runs them by alias, path and call operator' {
            Set-Alias hookalias printenv
            Set-Alias hookalias2 hookalias
            $name = 'printenv'
            hookalias LANDLOCKPS_SANDBOX | Should -Be work
            hookalias2 LANDLOCKPS_SANDBOX | Should -Be work
            & $name LANDLOCKPS_SANDBOX | Should -Be work
            /usr/bin/printenv LANDLOCKPS_SANDBOX | Should -Be work
            Copy-Item (Get-Command printenv).Source ./local
            ./local LANDLOCKPS_SANDBOX | Should -Be work
        }

        It 'runs programs whose name holds <_>' -ForEach 'a blank', "$([char]0xe4)", '$dollar', "quo'te", 'semi;colon' {
            Copy-Item (Get-Command printenv).Source -Destination "$root/work/sub/" -Force
            [System.IO.File]::Move("$root/work/sub/printenv", "$root/work/sub/$_", $true)
            & "$root/work/sub/$_" LANDLOCKPS_SANDBOX | Should -Be work
        }

        It 'runs them beneath the directory, and not beside it' {
            Set-Location sub
            printenv LANDLOCKPS_SANDBOX | Should -Be work
            Set-Location $root/other
            printenv LANDLOCKPS_SANDBOX | Should -BeNullOrEmpty
            cat $root/secret | Should -Be secret
        }

        It 'keeps the bytes between two commands and into a file' {
            printf '\377\376\000\r\n\200' | cat > $root/work/bytes
            [System.IO.File]::ReadAllBytes("$root/work/bytes") | Should -Be 0xff, 0xfe, 0, 13, 10, 0x80
            cat $root/work/bytes | od -An -tx1 | ForEach-Object Trim | Should -Be 'ff fe 00 0d 0a 80'
        }

        It 'keeps redirection of errors' {
            $lines = sh -c 'echo out; echo err >&2' 2>&1
            ($lines | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }).TargetObject | Should -Be err
            sh -c 'echo err >&2' 2> $root/work/err
            Get-Content $root/work/err | Should -Be err
        }

        It 'keeps input, streaming and its end' {
            'b', 'a' | sort | Should -Be a, b
            [byte[]](1, 0, 255) | od -An -tx1 | ForEach-Object Trim | Should -Be '01 00 ff'
            yes | Select-Object -First 2 | Should -Be y, y
        }

        It 'keeps exit codes and $?' {
            sh -c 'exit 7'
            $? | Should -BeFalse
            $LASTEXITCODE | Should -Be 7
            true && ($first = 1) || ($first = 2)
            false && ($second = 1) || ($second = 2)
            $first, $second | Should -Be 1, 2
            & {
                $PSNativeCommandUseErrorActionPreference = $true
                $ErrorActionPreference = 'Stop'
                (Get-TerminatingError { sh -c 'exit 3' }).FullyQualifiedErrorId | Should -Be ProgramExitedWithNonZeroCode
            }
        }

        It 'passes arguments as they are' {
            Set-Content a.txt, b.txt x
            $arguments = '', 'a b', '"', '\', "`n", '-x', '--', '$HOME'
            printf '%s|' @arguments | Should -Be ("$($arguments -join '|')|" -split "`n")
            printf '%s|' *.txt | Should -Be 'a.txt|b.txt|'
            printf '%s|' --% "x y" %s | Should -Be '"x|y"|%s|'
            sh -c 'echo $0' | Should -Be (Get-Command sh).Source
        }

        It 'passes arguments of any bytes, length and number' {
            sh -c 'printf "\377\376" | xargs printf %s' | od -An -tx1 | ForEach-Object Trim | Should -Be 'ff fe'
            printf '%s' "a`nb`tc$([char]0xe4)$([char]0x20ac)" | od -An -tx1 | ForEach-Object Trim | Should -Be '61 0a 62 09 63 c3 a4 e2 82 ac'
            sh -c 'echo ${#1}' sh ('x' * 131071) | Should -Be 131071
            $many = 1..20000
            sh -c 'echo $# $1 ${20000}' sh @many | Should -Be '20000 1 20000'
            # More than the kernel takes: nothing is run, in the sandbox as without it.
            $tooMany = @('x' * 100000) * 100
            { true @tooMany } | Should -Throw '*Argument list too long*'
        }

        It 'starts commands in the state of those outside' {
            # What differs is what the sandbox is: no_new_privs, filters, directories of PATH, and numbers that are different in each run.
            function Get-StartState {
                (cat /proc/self/status) -notmatch '^(Pid|Tgid|NSpid|NStgid|NSpgid|NoNewPrivs|Seccomp|Seccomp_filters|SigQ|Speculation.*|Vm.*|Rss.*|.*ctxt_switches):'
                cat /proc/self/limits
                cat /proc/self/comm
                (cat /proc/self/cmdline) -join ''
                sh -c 'umask; ulimit -a; nice; trap; echo $0 $#'
                (env) -notmatch '^(LANDLOCKPS_|ISLAND_|XDG_|TMPDIR=|PROFILE_VARIABLE=|PWD=|PATH=)' | Sort-Object
            }

            $inside = Get-StartState
            Set-Location $root/other
            $outside = Get-StartState
            $outside.Count | Should -BeGreaterThan 20
            $inside | Should -Be $outside
        }

        It 'gives each command of a pipeline a TMPDIR of its own' {
            $both = sh -c 'echo $TMPDIR' | sh -c 'cat; echo $TMPDIR'
            $both.Count | Should -Be 2
            $both[0] | Should -Not -Be $both[1]
        }

        It 'notices a policy that is edited between two commands' {
            $file = "$(Get-ProfileFolder work)/landlock/base.toml"
            $before = [System.IO.File]::ReadAllText($file)
            $rule = "`n[[path_beneath]]`nallowed_access = ['read_file']`nparent = ['$root/secret']`n"
            try {
                # Faster than clocks of file systems tick.
                foreach ($round in 1..5) {
                    [System.IO.File]::WriteAllText($file, $before + $rule)
                    cat $root/secret | Should -Be secret
                    [System.IO.File]::WriteAllText($file, $before)
                    cat $root/secret 2>$null | Should -BeNullOrEmpty
                }
            }
            finally { [System.IO.File]::WriteAllText($file, $before) }
        }

        It 'notices variables that change between two commands' {
            # This shell is in no sandbox, whatever the variable says.
            $env:LANDLOCKPS_SANDBOX = 'outer'
            printenv LANDLOCKPS_SANDBOX | Should -Be work
            $env:LANDLOCKPS_SANDBOX = $null
            printenv LANDLOCKPS_SANDBOX | Should -Be work
            $env:HOOK_VARIABLE = 'a b'
            printenv HOOK_VARIABLE | Should -Be 'a b'
            $env:HOOK_VARIABLE = $null
        }

        It 'notices a link that leads elsewhere from now on' {
            $file = "$(Get-ProfileFolder work)/landlock/base.toml"
            $before = [System.IO.File]::ReadAllText($file)
            try {
                $null = New-Item -ItemType SymbolicLink -Path link -Target $root/work/sub
                Add-Content $file "`n[[path_beneath]]`nallowed_access = ['write_file']`nparent = ['$root/work/link']"
                printenv LANDLOCKPS_SANDBOX | Should -Be work
                # A command in the sandbox may do this, since the link lies where it can write.
                ln -sfn $env:HOME link
                "$(printenv LANDLOCKPS_SANDBOX 2>&1)" | Should -BeLike '*could change*'
                $LASTEXITCODE | Should -Be 125
            }
            finally {
                [System.IO.File]::WriteAllText($file, $before)
                Remove-Item link
            }
        }

        It 'follows the directory from command to command' {
            foreach ($round in 1..3) {
                Set-Location $root/work
                /bin/pwd -P | Should -Be $root/work
                printenv LANDLOCKPS_SANDBOX | Should -Be work
                Set-Location sub
                printenv LANDLOCKPS_SANDBOX | Should -Be work
                Set-Location $root/other
                printenv LANDLOCKPS_SANDBOX | Should -BeNullOrEmpty
            }
        }

        It 'runs nothing in another directory than the one a command was looked up in' {
            printenv LANDLOCKPS_SANDBOX | Should -Be work
            $scripts = Get-ChildItem /proc/$PID/fd | Where-Object LinkTarget -Like '*memfd:landlock-script*'
            Set-Location $root/other
            $lines = foreach ($script in $scripts) { & $script.FullName LANDLOCKPS_SANDBOX 2>&1 }
            $lines | Should -Not -Contain work
            "$lines" | Should -BeLike "*landlocked: the command was looked up in '$root/work' and started in another directory*"
        }

        It 'judges by the directory where a command starts' {
            # The engine starts it elsewhere when the location is gone.
            $null = New-Item -ItemType Directory $root/other/gone
            $process = [Environment]::CurrentDirectory
            try {
                Set-Location $root/other/gone
                [System.IO.Directory]::Delete("$root/other/gone")
                [Environment]::CurrentDirectory = "$root/work"
                /bin/pwd | Should -Be $root/work
                printenv LANDLOCKPS_SANDBOX | Should -Be work
            }
            finally { [Environment]::CurrentDirectory = $process }
        }

        It 'says why a file cannot be executed' {
            Set-Content $root/work/nothing '#!/none/interpreter'
            chmod +x nothing
            ./nothing 2>$null
            $LASTEXITCODE | Should -Be 127
            Copy-Item (Get-Command true).Source $root/other/true
            "$(& $root/other/true 2>&1)" | Should -BeLike '*does not allow executing*'
            $LASTEXITCODE | Should -Be 126
        }

        It 'runs background jobs in the sandbox' {
            $job = printenv LANDLOCKPS_SANDBOX &
            $job | Receive-Job -Wait -AutoRemoveJob | Should -Be work
            Start-Job { printenv LANDLOCKPS_SANDBOX } -WorkingDirectory $root/work | Receive-Job -Wait -AutoRemoveJob | Should -Be work
        }

        It 'leaves Get-Command and completion alone' {
            (Get-Command ls).Source | Should -Be (which ls)
            Set-Content complete.txt x
            (Complete 'cat compl').CompletionText | Should -Be ./complete.txt
            (Complete 'printen').CompletionText | Should -Contain printenv
        }

        It 'names the command in errors of the engine' {
            sh -c 'kill -9 $$'
            (Get-TerminatingError { $PSNativeCommandUseErrorActionPreference = $true; $ErrorActionPreference = 'Stop'; ls /nonexistent 2>$null }).Exception.Message | Should -BeLike '*"ls"*'
        }

        It 'leaves cmdlets and functions alone' {
            function hookfunction { 'function' }
            hookfunction | Should -Be function
            Get-Content $root/secret | Should -Be secret
        }

        It 'gives a fresh TMPDIR that is removed' {
            $first = printenv TMPDIR
            $second = printenv TMPDIR
            $first | Should -Not -Be $second
            sh -c 'stat -c %a $TMPDIR && echo x > $TMPDIR/file && cat $TMPDIR/file' | Should -Be 700, x
            Wait-Until { -not (Get-ChildItem $env:TMPDIR -Filter landlockps-*) } | Should -BeTrue
        }

        It 'cannot change its own profile' {
            sh -c "echo x > $(Get-ProfileFolder work)/profile.toml" 2>$null
            $LASTEXITCODE | Should -Not -Be 0
            sh -c "mkdir $(Split-Path (Get-ProfileFolder work))/x" 2>$null
            $LASTEXITCODE | Should -Not -Be 0
        }

        It 'leaves nothing of the shell to the command' {
            ls /proc/self/fd | Should -Be 0, 1, 2, 3
        }

        It 'runs Invoke-Landlocked as always' {
            Invoke-Landlocked -ReadOnly $root -- cat $root/secret | Should -Be secret
        }

        It 'runs one command outside with nosandbox' {
            nosandbox cat $root/secret | Should -Be secret
            nosandbox printf '%s|' 'a b' '' | Should -Be 'a b||'
            nosandbox sh -c 'exit 5'
            $LASTEXITCODE | Should -Be 5
            nosandbox printf '\377\n' | od -An -tx1 | ForEach-Object Trim | Should -Be 'ff 0a'
            nosandbox sh -c 'grep SigIgn /proc/self/status; ulimit -Sn' | Should -Be (& { Set-Location $root/other; sh -c 'grep SigIgn /proc/self/status; ulimit -Sn' })
            nosandbox nonexistent-command 2>$null
            $LASTEXITCODE | Should -Be 127
        }

        It 'shows the profiles in the prompt' {
            Get-LandlockPromptSegment | Should -Be '[work] '
            Set-Location $root/other
            Get-LandlockPromptSegment | Should -Be ''
        }
    }

    Context 'with several profiles' {
        BeforeAll { $null = New-LandlockProfile narrow -Beneath $root/work/sub }
        AfterAll { Remove-LandlockProfile narrow }

        It 'nests them' {
            Set-Location sub
            printenv LANDLOCKPS_SANDBOX | Should -Be 'work>narrow'
            Get-LandlockPromptSegment | Should -Be '[work>narrow] '
            # The workspace is that of the narrowest.
            sh -c 'touch ../x' 2>$null
            $LASTEXITCODE | Should -Be 1
        }
    }

    Context 'with a broken profile' {
        BeforeEach { $null = New-LandlockProfile other -Beneath $root/other }
        AfterEach { Remove-LandlockProfile other }

        It 'runs nothing in its directory when <Name> is broken' -ForEach @(
            @{ Name = 'landlock/base.toml'; Text = 'x = 1' }
            @{ Name = 'profile.toml'; Text = '[[context]' }
        ) {
            Set-Content "$(Get-ProfileFolder other)/$Name" $Text
            Set-Location $root/other
            $lines = touch ran 2>&1
            $LASTEXITCODE | Should -Be 125
            "$lines" | Should -BeLike "*$([System.IO.Path]::GetFileName($Name)):1:*"
            Test-Path ran | Should -BeFalse
            nosandbox printf works | Should -Be works
        }

        It 'runs nothing when a profile would let itself be rewritten' {
            Add-Content "$(Get-ProfileFolder other)/landlock/base.toml" "`n[[path_beneath]]`nallowed_access = ['write_file']`nparent = ['$env:HOME']"
            Set-Location $root/other
            "$(touch ran 2>&1)" | Should -BeLike '*could change*'
            Test-Path ran | Should -BeFalse
        }
    }

    It 'notices profiles that come and go' {
        Set-Location $root/other
        printenv LANDLOCKPS_SANDBOX | Should -BeNullOrEmpty
        $null = New-LandlockProfile later -Beneath $root/other
        printenv LANDLOCKPS_SANDBOX | Should -Be later
        Remove-LandlockProfile later
        printenv LANDLOCKPS_SANDBOX | Should -BeNullOrEmpty
    }

    It 'costs next to nothing outside of profiles' {
        Set-Location $root/other
        $find = { $null = $ExecutionContext.InvokeCommand.GetCommand('/usr/bin/true', 'Application') }
        $median = { (1..300 | ForEach-Object { (Measure-Command $find).TotalMilliseconds } | Sort-Object)[150] }
        # Something else may begin to use the processor in between.
        $costs = foreach ($time in 1..3) {
            $with = . $median
            Disable-LandlockShell
            $with - (. $median)
            Enable-LandlockShell -Scope Script
        }

        # Starting a program takes two milliseconds and more.
        ($costs | Measure-Object -Minimum).Minimum | Should -BeLessThan 0.3
    }
}

Describe 'Disable-LandlockShell' {
    BeforeEach {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        $null = New-LandlockProfile work -Beneath $root/work
        Set-Location $root/work
    }

    AfterEach {
        Disable-LandlockShell
        $ExecutionContext.InvokeCommand.PostCommandLookupAction = $null
        Exit-ProfileHome $saved
    }

    It 'leaves nothing behind' {
        $defaults = $PSDefaultParameterValues.Count
        Enable-LandlockShell -Scope Script
        Enable-LandlockShell -Scope Script
        Disable-LandlockShell
        Disable-LandlockShell
        $ExecutionContext.InvokeCommand.PostCommandLookupAction | Should -BeNullOrEmpty
        Get-Alias nosandbox -ErrorAction Ignore | Should -BeNullOrEmpty
        $global:PSDefaultParameterValues.Count | Should -Be $defaults
        printenv LANDLOCKPS_SANDBOX | Should -BeNullOrEmpty
    }

    It 'chains with an action that is there, and restores it' {
        $seen = [System.Collections.Generic.List[string]]::new()
        $ExecutionContext.InvokeCommand.PostCommandLookupAction = { param($name) $seen.Add($name) }
        $action = $ExecutionContext.InvokeCommand.PostCommandLookupAction
        Enable-LandlockShell -Scope Script
        printenv LANDLOCKPS_SANDBOX | Should -Be work
        $seen | Should -Contain printenv
        Disable-LandlockShell
        $ExecutionContext.InvokeCommand.PostCommandLookupAction | Should -Be $action
    }

    It 'is not bypassed by an action that fails' {
        $ExecutionContext.InvokeCommand.PostCommandLookupAction = { throw 'no' }
        Enable-LandlockShell -Scope Script
        printenv LANDLOCKPS_SANDBOX | Should -Be work
    }

    It 'is done, and says so, when the module is removed' {
        $script = "Import-Module '$ModulePath'; Enable-LandlockShell -Scope Script; printenv LANDLOCKPS_SANDBOX; Remove-Module LandlockPS; `"`$(printenv LANDLOCKPS_SANDBOX)|`$(`$null -eq `$ExecutionContext.InvokeCommand.PostCommandLookupAction)|`$(Test-Path Alias:/nosandbox)`""
        $warning = 'The module LandlockPS was removed: native commands run outside of profiles from now on. To run them in profiles again, import it and use Enable-LandlockShell.'
        $said = & "$PSHOME/pwsh" -NoProfile -Command $script
        $said[0, -1] | Should -Be work, '|True|False'
        ($said[1..($said.Count - 2)] -join ' ') -replace '\e\[[\d;]*m' | Should -Be "WARNING: $warning"
        & "$PSHOME/pwsh" -NoProfile -Command "Import-Module '$ModulePath'; Remove-Module LandlockPS" | Should -BeNullOrEmpty
    }
}

Describe 'The shell hook in a terminal' -Skip:($noTerminal -or $noLandlock) {
    BeforeAll {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        $null = New-LandlockProfile work -Beneath $root/work
        Set-Content $root/script.ps1 '"in script: $(printenv LANDLOCKPS_SANDBOX)|"'
        $terminal = Open-Terminal
        Send-Terminal $terminal "Enable-LandlockShell; cd $root/work"
    }

    AfterAll {
        Close-Terminal $terminal
        Exit-ProfileHome $saved
    }

    It 'runs what is typed in the sandbox, and gives it the terminal' {
        Send-Terminal $terminal "sh -c 'test -t 0 && test -t 1 && test -t 2 && echo typed: `$LANDLOCKPS_SANDBOX'"
        Wait-Terminal $terminal '(?m)^typed: work$'
    }

    It 'runs typed script blocks in the sandbox' {
        Send-Terminal $terminal "1 | % { sh -c 'echo block: `$LANDLOCKPS_SANDBOX' }"
        Wait-Terminal $terminal '(?m)^block: work$'
    }

    It 'leaves functions and scripts alone' {
        Send-Terminal $terminal "function f { `"in function: `$(printenv LANDLOCKPS_SANDBOX)|`" }; f; $root/script.ps1"
        Wait-Terminal $terminal '(?m)^in function: \|$'
        Wait-Terminal $terminal '(?m)^in script: \|$'
    }

    It 'ends a command at Ctrl+C' {
        Send-Terminal $terminal "sh -c 'echo sle\eping; exec sleep 1000'"
        Wait-Terminal $terminal '(?m)^sleeping$'
        Send-TerminalKey $terminal C-c
        Send-Terminal $terminal '"ended: $LASTEXITCODE"'
        Wait-Terminal $terminal '(?m)^ended: 130$'
    }

    It 'runs background commands in the sandbox' {
        Send-Terminal $terminal '$job = printenv LANDLOCKPS_SANDBOX &'
        Send-Terminal $terminal '"background: $($job | Receive-Job -Wait)"'
        Wait-Terminal $terminal '(?m)^background: work$' 60
    }

    It 'ends with the directory' {
        Send-Terminal $terminal 'cd ..; "outside: $(printenv LANDLOCKPS_SANDBOX)|"; cd work'
        Wait-Terminal $terminal '(?m)^outside: \|$'
    }
}
