BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Invoke-Landlocked -AsJob' {
    BeforeAll {
        $folder = "$TestDrive/data"
        $null = New-Item -ItemType Directory $folder
        Set-Content "$folder/a.txt" a
        Set-Content "$TestDrive/secret" secret
        $before = @(Get-ChildId)

        function Get-Left { Get-ChildId | Where-Object { $_ -notin $before } }
    }

    AfterEach {
        Get-Job | Remove-Job -Force
        Wait-Until { -not (Get-Left) } | Should -BeTrue -Because 'no process is left'
    }

    Context 'with a script block' {
        It 'gives a job at once, and its output to Receive-Job -Wait' {
            $value = 'using'
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $job = Invoke-Landlocked -ReadData $folder -AsJob { Start-Sleep 2; param($x, $y) } 1 2
            $job | Remove-Job -Force
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            $job = Invoke-Landlocked -ReadData $folder -AsJob { param($x, $y) "$using:value $x $y"; Get-Content "$using:folder/a.txt"; $PID } 'first', 'second'
            $job | Should -BeOfType System.Management.Automation.Job
            $output = $job | Receive-Job -Wait
            $output[0, 1] | Should -Be 'using first second', 'a'
            $output[2] | Should -Not -Be $PID
            $job.State | Should -Be Completed
        }

        It 'shows the command as it was written' {
            $job = Invoke-Landlocked -AsJob -- printf '%s' 'a b' '$x'
            $job.Command | Should -Be "printf '%s' 'a b' '`$x'"
            $job | Receive-Job -Wait -AutoRemoveJob | Should -Be 'a b$x'
        }

        It 'gets the pipeline''s input' {
            1..3 | Invoke-Landlocked -AsJob { $input | ForEach-Object { $_ * 2 } } | Receive-Job -Wait | Should -Be 2, 4, 6
        }

        It 'is sandboxed' {
            $output = Invoke-Landlocked -ReadOnly /usr -AsJob { try { [System.IO.File]::ReadAllText("$using:TestDrive/secret") } catch { 'denied' }; cat "$using:TestDrive/secret" 2>&1 } | Receive-Job -Wait
            $output[0] | Should -Be denied
            "$($output[1])" | Should -Match 'Permission denied'
        }

        It 'keeps output and errors; the engine takes warnings to the host' {
            $job = Invoke-Landlocked -AsJob { 'out'; Write-Error err }
            $all = $job | Receive-Job -Wait *>&1
            "$($all | ForEach-Object { "$_" } | Sort-Object)" | Should -Be 'err out'
        }

        It 'is failed by what is thrown' {
            $job = Invoke-Landlocked -AsJob { 'before'; throw 'thrown' }
            $null = $job | Wait-Job -Timeout 20
            $job.State | Should -Be Failed
            $output = $job | Receive-Job -ErrorAction SilentlyContinue -ErrorVariable failures
            $output | Should -Be before
            "$failures" | Should -Match thrown
        }

        It 'is failed by the death of its process' {
            $job = Invoke-Landlocked -AsJob { 'before'; [System.Diagnostics.Process]::GetCurrentProcess().Kill(); Start-Sleep 300 }
            $null = $job | Wait-Job -Timeout 20
            $job.State | Should -Be Failed
            "$($job | Receive-Job 2>&1)" | Should -Match '(?s)before.*137'
        }

        It 'ends with Stop-Job, and so does its process' {
            $job = Invoke-Landlocked -AsJob { $PID; Start-Sleep 300 }
            Wait-Until { Receive-Job $job -Keep } | Should -BeTrue
            $id = Receive-Job $job -Keep
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Stop-Job $job
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            $job.State | Should -Be Stopped
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
        }

        It 'ends what it has started, too: <Name>' -ForEach @(
            @{ Name = 'stopped'; Code = { 'begun'; Start-Sleep 300 } }
            @{ Name = 'completed'; Code = { 'begun' } }
        ) {
            $mark = "$([guid]::NewGuid())"
            $job = Invoke-Landlocked -AsJob -ReadOnly /usr ([scriptblock]::Create("sh -c `"setsid sh -c 'sleep 300; : $mark' < /dev/null > /dev/null 2>&1 &`"; $Code"))
            Wait-Until { Receive-Job $job -Keep } | Should -BeTrue
            Stop-Job $job
            Wait-Until { -not (Get-ProcessWith ": $mark") } | Should -BeTrue
        }

        It 'ends with Remove-Job -Force' {
            $job = Invoke-Landlocked -AsJob { $PID; Start-Sleep 300 }
            Wait-Until { Receive-Job $job -Keep } | Should -BeTrue
            $id = Receive-Job $job -Keep
            Remove-Job $job -Force
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
        }

        It 'leaves no session' {
            $sessions = @(Get-PSSession).Count
            Invoke-Landlocked -AsJob { 1 } | Receive-Job -Wait | Should -Be 1
            Wait-Until { @(Get-PSSession).Count -eq $sessions } | Should -BeTrue
            Wait-Until { -not (Get-PlanDescriptor) } | Should -BeTrue
        }
    }

    Context 'with a native command' {
        It 'gives its lines' {
            Invoke-Landlocked -AsJob -- printf '%s\n' 'a b' '' '$x' | Receive-Job -Wait | Should -Be 'a b', '', '$x'
        }

        It 'gets the pipeline''s input' {
            'one', 'two' | Invoke-Landlocked -AsJob -- cat | Receive-Job -Wait | Should -Be one, two
        }

        It 'is sandboxed' {
            Invoke-Landlocked -AsJob -- cat "$TestDrive/secret" | Receive-Job -Wait 2>&1 | Should -Match 'Permission denied'
        }

        It 'ends with Stop-Job' {
            $mark = "$([guid]::NewGuid())"
            $job = Invoke-Landlocked -AsJob -ReadOnly /usr -- sh -c "echo begun; sleep 300; : $mark"
            Wait-Until { Receive-Job $job -Keep } | Should -BeTrue
            Stop-Job $job
            Wait-Until { -not (Get-ProcessWith ": $mark") } | Should -BeTrue
            $job.State | Should -Be Stopped
        }
    }

    Context 'that cannot start' {
        It 'is an error at once: <Id>' -ForEach @(
            @{ Id = 'PathNotFound'; Arguments = @{ ReadOnly = '/no/such/folder'; Command = { 1 } } }
            @{ Id = 'CommandNotFound'; Arguments = @{ Command = 'no-such-command' } }
            @{ Id = 'SandboxSetupFailed'; Arguments = @{ Environment = @{ DOTNET_GCHeapHardLimit = '0x300000' }; Command = { 1 } } }
        ) {
            $failure = Get-TerminatingError { Invoke-Landlocked -AsJob @Arguments }
            $failure.FullyQualifiedErrorId | Should -BeLike "$Id,*"
            Get-Job | Should -BeNullOrEmpty
        }

        It 'because a variable is missing, is an error and leaves nothing' {
            (Get-TerminatingError { Invoke-Landlocked -AsJob { $using:noSuchVariable } }).FullyQualifiedErrorId | Should -BeLike 'UsingVariableIsUndefined,*'
        }

        It 'because it is stopped meanwhile, leaves nothing' {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$ModulePath'; 'ready'").Invoke()
                $shell.Commands.Clear()
                $running = $shell.AddScript('Invoke-Landlocked -AsJob { 1 }').BeginInvoke()
                Wait-Until { Get-Left } | Should -BeTrue
                # It will never answer.
                kill -STOP (Get-Left)
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
                $running.IsCompleted | Should -BeTrue
            }
            finally { $shell.Dispose() }
        }

        It 'is not started by -WhatIf' {
            Invoke-Landlocked -AsJob -WhatIf { 1 } 6>$null | Should -BeNullOrEmpty
        }
    }
}
