BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'A command of a directory that PowerShell finds' {
    It 'is found beneath ~ in PATH' {
        $null = New-Item -ItemType Directory "$TestDrive/home/bin" -Force
        Set-Content "$TestDrive/home/bin/own-command" "#!/bin/sh`necho found"
        chmod 755 "$TestDrive/home/bin/own-command"
        $before = $env:PATH, $env:HOME
        try {
            $env:PATH, $env:HOME = "~/bin:$env:PATH", "$TestDrive/home"
            Invoke-Landlocked -Preset Base -- own-command | Should -Be found
        }
        finally { $env:PATH, $env:HOME = $before }
    }
}

Describe 'Invoke-Landlocked with a native command' {
    BeforeAll {
        $folder = Initialize-SampleFolder
    }

    Context 'output' {
        It 'gives lines' {
            $lines = Invoke-Landlocked -- printf 'one\ntwo\n'
            $lines | Should -Be one, two
            $lines[0] | Should -BeOfType string
        }

        It 'comes line by line, not at the end' {
            $arrived = [System.Collections.Generic.List[datetime]]::new()
            Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo one; sleep 1; echo two' | ForEach-Object { $arrived.Add([datetime]::UtcNow) }
            ($arrived[1] - $arrived[0]).TotalMilliseconds | Should -BeGreaterThan 500
        }

        It 'is stopped by Select-Object -First, and the process with it' {
            $mark = "300.$(Get-Random)"
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Invoke-Landlocked -ReadOnly /usr -- sh -c "echo first; exec sleep $mark" | Select-Object -First 1 | Should -Be first
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Wait-Until { -not (Get-ProcessWith $mark) } | Should -BeTrue
        }

        It 'keeps stderr apart from the output' {
            $output = Invoke-Landlocked -- sh -c 'echo out; echo err >&2' 2>$null
            $output | Should -Be out
        }

        It 'gives stderr as error records behind 2>&1, like any native command' {
            $output = Invoke-Landlocked -- sh -c 'echo out; echo err >&2' 2>&1
            $errors = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            $errors | Should -HaveCount 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'NativeCommandError*'
            "$($errors[0])" | Should -Be err
            @($output | Where-Object { $_ -is [string] }) | Should -Be out
        }

        It 'does not stop at stderr under ErrorActionPreference Stop' {
            $ErrorActionPreference = 'Stop'
            $output = Invoke-Landlocked -- sh -c 'echo err >&2; echo out' 2>&1
            "$output" | Should -Match 'out'
        }

        It 'redirects stderr to a file' {
            $null = Invoke-Landlocked -- sh -c 'echo out; echo err >&2' 2>"$TestDrive/err"
            (Get-Content "$TestDrive/err") -join '' | Should -Match 'err'
        }

        It 'redirects everything to a file' {
            Invoke-Landlocked -- sh -c 'echo out; echo err >&2' *>"$TestDrive/all"
            Get-Content "$TestDrive/all" | Should -Contain out
            (Get-Content "$TestDrive/all") -join '' | Should -Match 'err'
        }

        It 'is assigned to a variable while stderr stays where it is' {
            $text = pwsh -NoProfile -Command "Import-Module '$ModulePath'; `$x = Invoke-Landlocked -- sh -c 'echo out; echo err >&2'; `"got `$x`"" 2>"$TestDrive/err2"
            $text | Should -Be 'got out'
            Get-Content "$TestDrive/err2" | Should -Be err
        }

        It 'decodes text' {
            Invoke-Landlocked -- printf 'gr\303\274n \342\202\254\n' | Should -Be "gr$([char]0xfc)n $([char]0x20ac)"
        }

        It 'can be long' {
            (Invoke-Landlocked -- seq 1 100000 | Measure-Object -Sum).Sum | Should -Be 5000050000
        }
    }

    Context 'input' {
        It 'passes text on' {
            'one', 'two' | Invoke-Landlocked -- cat | Should -Be one, two
        }

        It 'passes numbers on' {
            1..3 | Invoke-Landlocked -- cat | Should -Be 1, 2, 3
        }

        It 'formats objects as any native command gets them' {
            $object = [pscustomobject]@{ Name = 'x'; Size = 1 }
            $object | Invoke-Landlocked -- cat | Should -Be ($object | cat)
        }

        It 'ends with the pipeline' {
            @() | Invoke-Landlocked -- cat | Should -BeNullOrEmpty
            'one' | Invoke-Landlocked -- wc -l | Should -Be 1
        }

        It 'writes bytes as they are' {
            , [byte[]](0xff, 0x00, 0x0a) | Invoke-Landlocked -- od -An -tx1 | Should -Be ' ff 00 0a'
        }

        It 'may be long, in both directions at once' {
            (1..20000 | Invoke-Landlocked -- cat | Measure-Object -Sum).Sum | Should -Be 200010000
        }

        It 'may be left unread' {
            1..50000 | Invoke-Landlocked -- true
            $LASTEXITCODE | Should -Be 0
        }

        It 'is written while the command runs' {
            # The producer waits for what the command answered to the line before.
            $answers = [System.Collections.Generic.List[string]]::new()
            & { 'one'; $null = Wait-Until { $answers.Count -eq 1 } 5; 'two' } | Invoke-Landlocked -- sed -u 's/^/got /' | ForEach-Object { $answers.Add($_) }
            $answers | Should -Be 'got one', 'got two'
        }

        It 'comes after the rulesets in one pipeline' {
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule $folder ReadData
            $ruleset, 'text' | Invoke-Landlocked -- cat - "$folder/a.txt" | Should -Be text, a
        }

        It 'refuses a ruleset behind text' {
            $failure = Get-TerminatingError { 'text', (New-LandlockRuleset) | Invoke-Landlocked -- cat }
            $failure.FullyQualifiedErrorId | Should -BeLike 'RulesetAfterInput,*'
        }
    }

    Context 'exit code' {
        It 'is <_>' -TestCases 0, 1, 3, 125, 126, 127, 255 {
            $Error.Clear()
            Invoke-Landlocked -- sh -c "exit $_"
            $succeeded = $?
            $LASTEXITCODE | Should -Be $_
            $succeeded | Should -Be ($_ -eq 0)
            # 125, 126 and 127 are taken by sandbox errors; a command may use them all the same.
            $Error | Should -HaveCount 0
        }

        It 'tells of a signal' {
            Invoke-Landlocked -- sh -c 'kill -TERM $$'
            $? | Should -BeFalse
            $LASTEXITCODE | Should -Be 143
        }

        It 'is an error where that is wished for, in the name of the command' {
            $PSNativeCommandUseErrorActionPreference = $true
            $ErrorActionPreference = 'Stop'
            $failure = Get-TerminatingError { Invoke-Landlocked -- sh -c 'exit 3' }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ProgramExitedWithNonZeroCode*'
            $failure.Exception.Message | Should -Match '"sh".* 3'
            ($failure | Out-String) | Should -Not -Match 'landlock-exec'
            $LASTEXITCODE | Should -Be 3
        }

        It 'is a plain error where the script shall go on' {
            $PSNativeCommandUseErrorActionPreference = $true
            $ErrorActionPreference = 'Continue'
            $Error.Clear()
            Invoke-Landlocked -- sh -c 'exit 3' 2>$null
            $Error | Should -HaveCount 1
            "$($Error[0])" | Should -Match '"sh"'
        }

        It 'leaves the error of the sandbox alone where exit codes are errors' {
            $PSNativeCommandUseErrorActionPreference = $true
            foreach ($ErrorActionPreference in 'Stop', 'Continue') {
                $failure = Get-TerminatingError { Invoke-Landlocked -NoClosure -- true 2>$null }
                $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
                $LASTEXITCODE | Should -Be 126
            }
        }
    }

    Context 'a command that cannot be run' {
        It 'was not found' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- landlockps-no-such-command x }
            $LASTEXITCODE | Should -Be 127
            $failure.FullyQualifiedErrorId | Should -Be 'CommandNotFound,LandlockPS.InvokeLandlockedCommand'
            $failure.CategoryInfo.Category | Should -Be ObjectNotFound
            $failure.TargetObject | Should -Be landlockps-no-such-command
            $failure.Exception.Message | Should -Match "'landlockps-no-such-command'"
            $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'was not found at a path' {
            (Get-TerminatingError { Invoke-Landlocked -- ./landlockps-no-such-command }).FullyQualifiedErrorId | Should -BeLike 'CommandNotFound,*'
            $LASTEXITCODE | Should -Be 127
        }

        It 'is a directory' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.Exception.Message | Should -Match 'is a directory'
            $LASTEXITCODE | Should -Be 126
        }

        It 'is no program' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- "$folder/a.txt" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.CategoryInfo.Category | Should -Be PermissionDenied
            $failure.Exception.Message | Should -Match 'chmod'
            $LASTEXITCODE | Should -Be 126
        }

        It 'has no #! line' {
            [System.IO.File]::WriteAllText("$TestDrive/plain", "echo plain`n")
            chmod +x "$TestDrive/plain"
            $failure = Get-TerminatingError { Invoke-Landlocked -- "$TestDrive/plain" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.Exception.Message | Should -Match '#!'
        }

        It 'may not be executed in the sandbox' {
            $failure = Get-TerminatingError { Invoke-Landlocked -NoClosure -- true }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.CategoryInfo.Category | Should -Be PermissionDenied
            $failure.Exception.Message | Should -Match 'sandbox does not allow executing'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'ReadOnly'
            $LASTEXITCODE | Should -Be 126
        }

        It 'may be executed if its files are granted' {
            Invoke-Landlocked -NoClosure -ReadOnly /usr -ReadData /etc/ld.so.cache -- printf yes | Should -Be yes
        }

        It 'may be what Get-Command and Get-Item found' {
            $program = Write-Program landlockps-found 'echo found'
            Invoke-Landlocked -- (Get-Command $program) | Should -Be found
            Invoke-Landlocked -- (Get-Item $program) | Should -Be found
        }

        It 'may be on a drive' {
            $null = Write-Program landlockps-drive 'echo driven'
            Invoke-Landlocked -- TestDrive:/landlockps-drive | Should -Be driven
        }

        It 'is no cmdlet, and no list' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- (Get-Command Get-Item) /usr }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'CommandNotNative,LandlockPS.InvokeLandlockedCommand'
            $failure.Exception.Message | Should -BeExactly "'Get-Item' is a command of PowerShell (Cmdlet), and no native one; nothing was run."
            $failure.ErrorDetails.RecommendedAction | Should -BeExactly 'Put it in a script block: Invoke-Landlocked ... { Get-Item }'
            $failure = Get-TerminatingError { Invoke-Landlocked -- @('ls', '-l') }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'CommandIsList,LandlockPS.InvokeLandlockedCommand'
            $failure.ErrorDetails.RecommendedAction | Should -BeExactly 'Take it apart: $command, $rest = $list; Invoke-Landlocked ... -- $command $rest'
        }

        It 'is not empty' {
            (Get-TerminatingError { Invoke-Landlocked -- '' }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
            (Get-TerminatingError { Invoke-Landlocked -- $null }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
        }

        It 'sets $? and lets the script go on' {
            # In a process of its own: a test is inside a try, where such an error ends everything.
            $module = $ModulePath
            $output = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked -- landlockps-no-such-command; `"success: `$? `$LASTEXITCODE`"" 2>$null
            $output | Should -Be 'success: False 127'
        }
    }

    Context 'the state of the command' {
        It 'starts where the session is' {
            Push-Location $folder
            try { Invoke-Landlocked -- sh -c 'echo $PWD' | Should -Be $folder }
            finally { Pop-Location }
        }

        It 'starts in -WorkingDirectory' {
            Invoke-Landlocked -WorkingDirectory $folder -- sh -c 'echo $PWD' | Should -Be $folder
            Push-Location $TestDrive
            try { Invoke-Landlocked -WorkingDirectory data -- sh -c 'echo $PWD' | Should -Be $folder }
            finally { Pop-Location }
        }

        It 'does not start in a directory that is missing' {
            $failure = Get-TerminatingError { Invoke-Landlocked -WorkingDirectory "$folder/missing" -- true }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
            $failure.Exception.Message | Should -Match 'does not exist'
            $LASTEXITCODE | Should -Be 125
        }

        It 'has the environment of the session' {
            $env:LANDLOCKPS_TEST = 'inherited'
            try { Invoke-Landlocked -- sh -c 'echo $LANDLOCKPS_TEST' | Should -Be inherited }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
        }

        It 'sets and removes variables' {
            $env:LANDLOCKPS_TEST = 'inherited'
            try {
                Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = 'changed'; LANDLOCKPS_OTHER = 1 } -- sh -c 'echo $LANDLOCKPS_TEST $LANDLOCKPS_OTHER' | Should -Be 'changed 1'
                Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = $null } -- sh -c 'echo ${LANDLOCKPS_TEST-gone}' | Should -Be gone
                Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = '' } -- sh -c 'echo "${LANDLOCKPS_TEST-gone}."' | Should -Be .
                $env:LANDLOCKPS_TEST | Should -Be inherited
            }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
        }

        It 'takes sizes as people write them' {
            Invoke-Landlocked -MaxFileSize 1MiB -MaxMemory '1G' -ReadOnly /usr -- sh -c 'ulimit -f; ulimit -d' | Should -Be 2048, 1048576
            { Invoke-Landlocked -MaxMemory 1X -- true } | Should -Throw "*'1X' is no size. Write bytes, such as 1048576, or a number and a unit, such as 512MB, 512MiB or 2G.*"
        }

        It 'has the limits that it was given, and the parent has not' {
            $limits = Invoke-Landlocked -MaxOpenFiles 64 -MaxCpuSeconds 9 -MaxFileSize 1MB -MaxMemory 1GB -ReadOnly /usr -- sh -c 'ulimit -n; ulimit -t; ulimit -f; ulimit -d'
            $limits | Should -Be 64, 9, 2048, 1048576
            sh -c 'ulimit -t' | Should -Be unlimited
            Invoke-Landlocked -MaxCpuSeconds 20 { (Get-Content /proc/self/limits) -match 'Max cpu time' } | Should -Match '20 +21'
            (Get-TerminatingError { Invoke-Landlocked -MaxOpenFiles 2 -- true }).Exception.Message | Should -Be '2 descriptors of each process cannot be a limit: at least 4 is needed; nothing was run.'
        }

        It 'can leave secrets and other variables behind' {
            $env:LANDLOCKPS_TOKEN = 'x'
            $env:LANDLOCKPS_PLAIN = 'y'
            try {
                $all = Invoke-Landlocked -- env
                $all | Should -Contain 'LANDLOCKPS_TOKEN=x'
                $safe = Invoke-Landlocked -RemoveSecret -- env
                $safe | Should -Contain 'LANDLOCKPS_PLAIN=y'
                $safe | Should -Not -Contain 'LANDLOCKPS_TOKEN=x'
                Invoke-Landlocked -RemoveSecret -PassEnvironment LANDLOCKPS_* -- env | Should -Contain 'LANDLOCKPS_TOKEN=x'
                Invoke-Landlocked -RemoveEnvironment *_PLAIN -- env | Should -Not -Contain 'LANDLOCKPS_PLAIN=y'
                Invoke-Landlocked -CleanEnvironment -PassEnvironment LANDLOCKPS_P* -- env | Should -Contain 'LANDLOCKPS_PLAIN=y'
                Invoke-Landlocked -RemoveSecret { "$env:LANDLOCKPS_TOKEN|$env:LANDLOCKPS_PLAIN" } | Should -Be '|y'
                (TabExpansion2 'Invoke-Landlocked -RemoveEnvironment LANDLOCKPS_T').CompletionMatches.CompletionText | Should -Be LANDLOCKPS_TOKEN
            }
            finally { Remove-Item Env:/LANDLOCKPS_TOKEN, Env:/LANDLOCKPS_PLAIN }
            (Get-TerminatingError { Invoke-Landlocked -PassEnvironment HOME -- env }).Exception.Message | Should -BeLike "The whole environment is passed on anyway, with 'HOME'.*nothing was run."
        }

        It 'has a minimal environment with -CleanEnvironment' {
            $env:LANDLOCKPS_TEST = 'inherited'
            try { $names = Invoke-Landlocked -CleanEnvironment -Environment @{ ADDED = 'x' } -- env | ForEach-Object { $_.Split('=')[0] } }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
            $names | Should -Contain PATH
            $names | Should -Contain ADDED
            $names | Should -Not -Contain LANDLOCKPS_TEST
            $names | Should -Not -Contain PSModulePath
        }

        It 'refuses a variable whose name cannot be one' {
            foreach ($name in '', 'a=b', "a`0b") {
                $failure = Get-TerminatingError { Invoke-Landlocked -Environment @{ $name = 'x' } -- true }
                $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
                $failure.Exception.Message | Should -Match 'environment variable'
            }
        }

        It 'has no descriptor but 0, 1 and 2' {
            # The fourth is the directory that ls itself reads.
            (Invoke-Landlocked -ReadData /proc -- ls /proc/self/fd).Count | Should -Be 4
        }

        It 'has default signals, as without a sandbox' {
            $lines = '^Sig(Blk|Ign)'
            $inside = Invoke-Landlocked -ReadData /proc -- grep -E $lines /proc/self/status
            $inside | Should -Be (grep -E $lines /proc/self/status)
        }

        It 'is restricted' {
            Invoke-Landlocked -ReadData /proc -- grep NoNewPrivs /proc/self/status | Should -Match '1$'
        }
    }

    Context 'afterwards' {
        It 'leaves the session as free as before' {
            Invoke-Landlocked -- true
            [System.IO.File]::ReadAllText("$TestDrive/secret").Trim() | Should -Be secret
            Set-Content "$TestDrive/free" free
            Get-Content "$TestDrive/free" | Should -Be free
            (Get-Content /proc/self/status) -match '^NoNewPrivs' | Should -Be (@(pwsh -NoProfile -Command "(Get-Content /proc/self/status) -match '^NoNewPrivs'"))
        }

        It 'leaves no descriptor and no process' {
            $children = @(Get-ChildId)
            1..5 | ForEach-Object { Invoke-Landlocked -- true }
            $null = Get-TerminatingError { Invoke-Landlocked -- landlockps-no-such-command }
            $null = Get-TerminatingError { Invoke-Landlocked -NoClosure -- true }
            $null = Invoke-Landlocked -- sh -c 'echo x; echo y' | Select-Object -First 1
            Invoke-Landlocked -WhatIf -- true
            @(Get-PlanDescriptor) | Should -HaveCount 0
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
        }

        It 'does not hand descriptors to other processes meanwhile' {
            $seen = Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo running; sleep 0.2' | ForEach-Object { ls -l /proc/self/fd }
            $seen -join "`n" | Should -Not -Match 'landlock'
        }
    }

    Context 'as a job' {
        It 'passes arguments on as they are' {
            $list = '*', '~', "a'b", 'c d', '', '$HOME', '-v'
            Push-Location $folder
            try { Invoke-Landlocked -AsJob -- printf '[%s]' @list | Receive-Job -Wait -AutoRemoveJob | Should -Be "[*][~][a'b][c d][][`$HOME][-v]" }
            finally { Pop-Location }
        }
    }

    Context 'many at once' {
        It 'runs in parallel pipelines' {
            $module = $ModulePath
            $results = 1..12 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:module
                Invoke-Landlocked -ReadData "$using:folder/a.txt" -- sh -c "read x < $using:folder/a.txt; echo $_ `$x"
            }
            $results | Sort-Object { [int]($_ -split ' ')[0] } | Should -Be (1..12 | ForEach-Object { "$_ a" })
        }

        It 'keeps plans apart' {
            $module = $ModulePath
            $results = 1..12 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:module
                (Invoke-Landlocked -ReadData /proc -- ls /proc/self/fd).Count
            }
            $results | Should -Be (@(4) * 12)
        }
    }

    Context 'in a terminal' -Skip:$noTerminal {
        BeforeAll {
            $terminal = Open-Terminal
        }

        AfterAll {
            Close-Terminal $terminal
        }

        It 'gives the terminal to the command' {
            Send-Terminal $terminal "Invoke-Landlocked -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo is a term\inal'"
            Wait-Terminal $terminal '(?m)^is a terminal$'
        }

        It 'gives it after a ruleset from the pipeline, too' {
            Send-Terminal $terminal "New-LandlockRuleset | Invoke-Landlocked -- sh -c 'test -t 0 && test -t 1 && echo also a term\inal'"
            Wait-Terminal $terminal '(?m)^also a terminal$'
        }

        It 'does not give it for what is assigned or piped' {
            Send-Terminal $terminal "`$x = Invoke-Landlocked -- sh -c 'test -t 0 && echo in; test -t 1 || echo not out'; `"got `$x`""
            Wait-Terminal $terminal '(?m)^got in not out$'
        }

        It 'lets the command read what is typed' {
            Send-Terminal $terminal "Invoke-Landlocked -- sh -c 'echo what?; read line; echo you said `$line'"
            Wait-Terminal $terminal '(?m)^what\?$'
            Send-Terminal $terminal hello -ToProgram
            Wait-Terminal $terminal '(?m)^you said hello$'
        }

        It 'stops the command on Ctrl+C and comes back' {
            $mark = "300.$(Get-Random)"
            Send-Terminal $terminal "Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo begun; sleep $mark; :'"
            Wait-Terminal $terminal '(?m)^begun$'
            Send-TerminalKey $terminal C-c
            Wait-Until { -not (Get-ProcessWith "sleep`0$mark") } | Should -BeTrue
            Send-Terminal $terminal "'still ' + 'here'"
            Wait-Terminal $terminal '(?m)^still here$'
        }

        It 'stops a command whose output is piped on Ctrl+C' {
            $mark = "300.$(Get-Random)"
            Send-Terminal $terminal "Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo pi\ped; sleep $mark; :' | ForEach-Object { `"<`$_>`" }"
            Wait-Terminal $terminal '(?m)^<piped>$'
            Send-TerminalKey $terminal C-c
            Wait-Until { -not (Get-ProcessWith "sleep`0$mark") } | Should -BeTrue
            Send-Terminal $terminal "'here ' + 'again'"
            Wait-Terminal $terminal '(?m)^here again$'
        }

        It 'shows an error without noise' {
            Send-Terminal $terminal 'Clear-Host; Invoke-Landlocked -- landlockps-no-such-command'
            Wait-Terminal $terminal 'was not found in PATH'
            $screen = Read-Terminal $terminal
            $screen | Should -Not -Match 'landlock-exec|LaunchException|   at '
        }
    }
}
