BeforeDiscovery {
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $usual = '/usr', '/bin', '/lib', '/proc'

    function Get-Sleeping([string] $Seconds) { @([System.IO.Directory]::GetDirectories('/proc') | Where-Object { $_ -match '/\d+$' -and $_ -ne "/proc/$PID" } | Where-Object { try { [System.IO.File]::ReadAllText("$_/cmdline").Contains($Seconds) } catch { $false } }) }
}

# Where there are such groups, what comes of them is tested in tests/Landlock.Tests/Kernels.
Describe 'Invoke-Landlocked -MaxTotalMemory, -MaxTotalProcesses' {
    BeforeDiscovery {
        $hasGroups = [bool](Get-Content /proc/self/mountinfo | Where-Object { $_ -match ' (\S+) \S+ (\S+ )*- cgroup2 ' -and (Get-Content "$($Matches[1])/cgroup.controllers" -ErrorAction Ignore) -match '\bpids\b' })
    }

    It 'runs nothing where there is no control group, and says why' -Skip:$hasGroups {
        $failed = { Invoke-Landlocked -MaxTotalProcesses 20 -- echo ran } | Should -Throw -PassThru
        $failed.FullyQualifiedErrorId | Should -Be 'SandboxSetupFailed,LandlockPS.InvokeLandlockedCommand'
        $failed.Exception.Message | Should -BeLike 'A command can be limited as a whole only in a separate control group (version 2), and *. Nothing was run.'
        { Invoke-Landlocked -MaxTotalMemory 1GB { 'ran' } } | Should -Throw '*control group (version 2)*'
        { New-LandlockSession -MaxTotalMemory 1GB -ErrorAction Stop } | Should -Throw '*control group (version 2)*'
    }

    It 'refuses a limit that nothing could run in' {
        { Invoke-Landlocked -MaxTotalMemory 1KB -ErrorAction Stop -- echo ran } | Should -Throw '1024 bytes of memory of all processes together cannot be a limit: at least 1048576 is needed. Nothing was run.'
        { Invoke-Landlocked -MaxTotalProcesses 0 -ErrorAction Stop -- echo ran } | Should -Throw '0 processes and threads, all together, cannot be a limit: at least 1 is needed. Nothing was run.'
    }
}

Describe 'Invoke-Landlocked -TimeoutSec' {
    It 'takes a span of time as it is written: 7d is no seven' {
        $plan = Invoke-Landlocked -ReadOnly $usual -TimeoutSec 7d -TimeoutGraceSec 2m -Verbose -- true 4>&1
        "$plan" | Should -BeLike '*limit: 604800 seconds; then SIGTERM, and after 120 seconds SIGKILL*'
        { Invoke-Landlocked -ReadOnly $usual -TimeoutSec 7l -- true } | Should -Throw "*'7l' is no span of time. Write seconds, such as 30 or 0.5, or a number and a unit, such as 30s, 10m, 2h or 7d.*"
    }

    It 'stops a native command with all that it has started, keeps its output, and says so' {
        $output = Invoke-Landlocked -ReadOnly $usual -TimeoutSec 1 -ErrorVariable failed -ErrorAction SilentlyContinue -- sh -c 'echo kept; setsid sleep 417254361 & sleep 417254361'
        $output | Should -Be kept
        $LASTEXITCODE | Should -Be 124
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'CommandTimedOut,LandlockPS.InvokeLandlockedCommand'
        $failed[0].CategoryInfo.Category | Should -Be OperationTimeout
        $failed[0].TargetObject | Should -BeLike '*/sh'
        $failed[0].Exception | Should -BeOfType TimeoutException
        $failed[0].Exception.Message | Should -Be "'sh' was stopped after 1 second (-TimeoutSec), with 2 processes that it had started."
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike '*-TimeoutSec*'
        Get-Sleeping 417254361 | Should -BeNullOrEmpty
    }

    It 'stops a script block, keeps its objects, and says so' {
        $output = Invoke-Landlocked -TimeoutSec 12 -ErrorVariable failed -ErrorAction SilentlyContinue { [pscustomobject] @{ Kept = 1 }; 'two'; Start-Sleep 60; 'never' }
        $output | Should -HaveCount 2
        $output[0].Kept | Should -Be 1
        $LASTEXITCODE | Should -Be 124
        $failed[0].FullyQualifiedErrorId | Should -Be 'CommandTimedOut,LandlockPS.InvokeLandlockedCommand'
        $failed[0].Exception.Message | Should -Be 'The script block was stopped after 12 seconds (-TimeoutSec).'
    }

    It 'stops a job, which has failed then' {
        $job = Invoke-Landlocked -TimeoutSec 12 -AsJob { 'kept'; Start-Sleep 60 }
        $job | Wait-Job -Timeout 60 | Should -Not -BeNullOrEmpty
        $job.State | Should -Be Failed
        $job | Receive-Job -ErrorAction SilentlyContinue | Should -Be kept
        $job.ChildJobs[0].JobStateInfo.Reason.Message | Should -Be 'The sandboxed PowerShell was stopped after 12 seconds (-TimeoutSec).'
        $job | Remove-Job
    }

    It 'lets one that is in time be as it is' {
        1..3 | Invoke-Landlocked -TimeoutSec 60 cat | Should -Be 1, 2, 3
        Invoke-Landlocked -ReadOnly $usual -TimeoutSec 60 -- sh -c 'exit 7'
        $LASTEXITCODE | Should -Be 7
        # Its own 124 is not a time that is over.
        Invoke-Landlocked -ReadOnly $usual -TimeoutSec 60 -ErrorVariable failed -- sh -c 'exit 124'
        $failed | Should -BeNullOrEmpty
        Invoke-Landlocked -TimeoutSec 60 { param($x) $x + 1 } 1 | Should -Be 2
    }

    It 'gives it the time to end that -TimeoutGraceSec says' {
        Invoke-Landlocked -ReadOnly $usual -TimeoutSec 0.5 -TimeoutGraceSec 30 -ErrorAction SilentlyContinue -- sh -c 'trap "sleep 1; echo bye; exit" TERM; while :; do sleep 0.1; done' | Should -Be bye
        $null = Invoke-Landlocked -ReadOnly $usual -TimeoutSec 0.5 -TimeoutGraceSec 0.2 -ErrorVariable failed -ErrorAction SilentlyContinue -- sh -c 'trap "" TERM; while :; do sleep 0.1; done'
        $failed[0].Exception.Message | Should -BeLike '*did not end within 0.2 seconds of SIGTERM and got SIGKILL.'
    }

    It 'ends the statement with -ErrorAction Stop' {
        { Invoke-Landlocked -ReadOnly $usual -TimeoutSec 0.5 -ErrorAction Stop sleep 60 } | Should -Throw -ErrorId 'CommandTimedOut,LandlockPS.InvokeLandlockedCommand'
    }

    It 'says what was denied, too, with -Explain' {
        $null = Invoke-Landlocked -ReadOnly $usual -TimeoutSec 1 -ExplainVariable denials -ErrorAction SilentlyContinue -- sh -c 'cat /etc/hostname 2>/dev/null; sleep 60' 6>$null
        $LASTEXITCODE | Should -Be 124
        $denials.Path | Should -Contain /etc/hostname
    }

    It 'is shown by -WhatIf' {
        $log = "$TestDrive/whatif"
        Start-Transcript $log | Out-Null
        $null = Invoke-Landlocked -WhatIf -TimeoutSec 1.5 -PrivateTemp -KillOnParentExit true
        Stop-Transcript | Out-Null
        Get-Content $log -Raw | Should -Match 'limit: 1\.5 seconds; then SIGTERM, and after 2 seconds SIGKILL.*\r?\nends with its parent: yes\r?\ntemporary files: a new directory, removed afterwards'
    }

    It 'says how time is written: <Value>' -ForEach @{ Value = '1x' }, @{ Value = '7l' }, @{ Value = 'soon' } {
        { Invoke-Landlocked -TimeoutSec $Value true } | Should -Throw "*'$Value' is no span of time. Write seconds, such as 30 or 0.5,*"
    }

    It 'refuses <Value>' -ForEach @{ Value = 0 }, @{ Value = -1 }, @{ Value = 1e20 } {
        { Invoke-Landlocked -TimeoutSec $Value true } | Should -Throw -ErrorId 'ParameterArgumentValidationError,LandlockPS.InvokeLandlockedCommand'
    }

    Context 'in another runspace' {
        BeforeEach {
            $shell = [powershell]::Create()
            $null = $shell.AddScript("Import-Module '$((Get-Module LandlockPS).Path)'; Invoke-Landlocked -ReadOnly $($usual -join ',') -PrivateTemp -TimeoutSec 60 -- sh -c 'setsid sleep 417254362 & echo `$TMPDIR; sleep 417254362'")
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $running = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            Wait-Until { $output.Count -gt 0 } | Should -BeTrue
        }

        AfterEach { $shell.Dispose() }

        It 'leaves nothing when the pipeline is stopped' {
            $shell.Stop()
            # Well before the time limit, which would end it, too.
            $gone = Wait-Until { -not (Get-Sleeping 417254362) -and -not (Test-Path $output[0]) } 40
            $gone | Should -BeTrue -Because "what is left: $(Get-Sleeping 417254362) $(Get-Item $output[0] -ErrorAction Ignore)"
        }

        It 'leaves nothing when all of its processes are killed at once, its supervisors too' {
            $all = @(Get-Sleeping 417254362 | Split-Path -Leaf)
            # The shell's parent is a supervisor, and so is its parent's.
            $inner = (Get-Process -Id $all[0]).Parent
            while ($inner.ProcessName -ne 'landlocked') { $inner = $inner.Parent }
            $supervisors = $inner.Id, $inner.Parent.Id
            $inner.Parent.ProcessName | Should -Be landlocked
            Test-Path $output[0] | Should -BeTrue
            kill -STOP $supervisors
            kill -KILL $all $supervisors
            $running.AsyncWaitHandle.WaitOne(20000) | Should -BeTrue
            Get-Sleeping 417254362 | Should -BeNullOrEmpty
            Test-Path $output[0] | Should -BeFalse
        }
    }
}

Describe 'A supervised command in a terminal' -Skip:$noTerminal {
    BeforeEach { $terminal = Open-Terminal }

    AfterEach { Close-Terminal $terminal }

    It 'ends by Ctrl+C, with all that it has started' {
        Send-Terminal $terminal "Invoke-Landlocked -ReadOnly $($usual -join ',') -TimeoutSec 60 -PrivateTemp -- sh -c 'setsid sleep 417254364 & echo sta''''rted; sleep 417254364'"
        Wait-Terminal $terminal '(?m)^started'
        (Get-Sleeping 417254364).Count | Should -BeGreaterThan 1
        Send-TerminalKey $terminal C-c
        Wait-Terminal $terminal '(?s)started.*\nready> *$'
        Wait-Until { -not (Get-Sleeping 417254364) } | Should -BeTrue
        Send-Terminal $terminal "'next ' + 'line'"
        Wait-Terminal $terminal '(?m)^next line'
    }

    It 'stops by Ctrl+Z and goes on by fg, as any job of a shell' {
        $landlocked = (Get-Item "$((Get-Module LandlockPS).ModuleBase)/bin/linux-*/landlocked").FullName
        Send-Terminal $terminal 'bash --norc --noprofile'
        # What is typed before a shell reads is lost.
        Wait-Terminal $terminal '(?m)^bash-[\d.]+[#$] *$'
        Send-Terminal $terminal "PS1='she''ll> '"
        Wait-Terminal $terminal '(?m)^shell> *$'
        Send-Terminal $terminal "$landlocked --read-only /usr --timeout 60 -- sh -c 'echo sta''rted; read line; echo `"got `$line`"'"
        Wait-Terminal $terminal '(?m)^started'
        Send-TerminalKey $terminal C-z
        Wait-Terminal $terminal '(?m)Stopped.*landlocked'
        # The shell is there meanwhile.
        Send-Terminal $terminal 'echo mean""while'
        Wait-Terminal $terminal '(?m)^meanwhile'
        Send-Terminal $terminal 'fg'
        Send-Terminal $terminal 'a line' -ToProgram
        Wait-Terminal $terminal '(?m)^got a line'
        Send-Terminal $terminal 'echo "code $?"'
        Wait-Terminal $terminal '(?m)^code 0'
    }
}

Describe 'Invoke-Landlocked -PrivateTemp' {
    It 'gives a native command a directory of its own' {
        $path = Invoke-Landlocked -ReadOnly $usual -PrivateTemp -- sh -c 'echo x > $TMPDIR/file && test $TMP = $TEMP && echo $TMPDIR'
        $path | Should -BeLike '*/landlockps-*'
        $path | Should -Not -Exist
    }

    It 'gives a script block a directory of its own, and no other one' {
        $beside = New-Item "$TestDrive/beside" -ItemType Directory
        $answer = Invoke-Landlocked -PrivateTemp -Environment @{ TMPDIR = "$beside" } {
            [System.IO.Path]::GetTempPath()
            Test-Path ([System.IO.Path]::GetTempFileName())
            try { [System.IO.File]::WriteAllText("$using:beside/file", '') } catch { $_.Exception.InnerException.GetType().Name }
        }
        $answer[1..2] | Should -Be $true, UnauthorizedAccessException
        $answer[0] | Should -BeLike "$beside/landlockps-*"
        $answer[0] | Should -Not -Exist
    }
}

Describe 'Invoke-Landlocked -KillOnParentExit' {
    It 'ends the command when PowerShell is killed' {
        $script = "Import-Module '$((Get-Module LandlockPS).Path)'; Invoke-Landlocked -ReadOnly $($usual -join ',') -KillOnParentExit -- sh -c 'setsid sleep 417254363 & sleep 417254363'"
        $process = Start-Process pwsh -PassThru -ArgumentList '-NoProfile', '-NonInteractive', '-EncodedCommand', ([Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($script))) -RedirectStandardOutput "$TestDrive/out" -RedirectStandardError "$TestDrive/err"
        Wait-Until { (Get-Sleeping 417254363).Count -ge 3 } 60 | Should -BeTrue
        $process.Kill()
        Wait-Until { -not (Get-Sleeping 417254363) } | Should -BeTrue
    }
}
