BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'New-LandlockSession' {
    BeforeAll {
        $folder = "$TestDrive/data"
        $null = New-Item -ItemType Directory $folder, "$TestDrive/shared"
        Set-Content "$folder/a.txt" a
        Set-Content "$TestDrive/secret" secret
        $module = $ModulePath
        $session = New-LandlockSession -Name common -ReadData $folder -ReadWrite "$TestDrive/shared" -ReadOnly /usr
        $server = Invoke-Command $session { $PID }
    }

    AfterAll {
        Get-PSSession | Remove-PSSession
    }

    Context 'a session' {
        It 'is a PSSession of its own process' {
            $session | Should -BeOfType System.Management.Automation.Runspaces.PSSession
            $session.State | Should -Be Opened
            $session.Availability | Should -Be Available
            $server | Should -Not -Be $PID
            $server | Should -BeIn @(Get-ChildId)
        }

        It 'is listed by Get-PSSession' {
            Get-PSSession -Name common | Should -Be $session
            Get-PSSession -Id $session.Id | Should -Be $session
        }

        It 'keeps its state from call to call' {
            Invoke-Command $session { $kept = 42 }
            Invoke-Command $session { $kept } | Should -Be 42
            Invoke-Command $session { $PID } | Should -Be $server
        }

        It 'gets values with $using:, -ArgumentList and from the pipeline' {
            $value = 'text', 'more'
            Invoke-Command $session { $using:value[1] } | Should -Be more
            Invoke-Command $session { param($a, $b) "$b $a" } -ArgumentList x, y | Should -Be 'y x'
            1..3 | Invoke-Command $session { $input | ForEach-Object { $_ * 2 } } | Should -Be 2, 4, 6
        }

        It 'gives output, errors and information; the engine takes warnings to the host' {
            $all = Invoke-Command $session { 'out'; Write-Error err; Write-Information info } *>&1
            "$($all | ForEach-Object { "$_" } | Sort-Object)" | Should -Be 'err info out'
        }

        It 'runs a job' {
            $value = 5
            $job = Invoke-Command $session { $using:value + 1; $PID } -AsJob
            $job | Receive-Job -Wait -AutoRemoveJob | Should -Be 6, $server
        }

        It 'runs a job that can be stopped, and is usable afterwards' {
            $job = Invoke-Command $session { 'begun'; Start-Sleep 300 } -AsJob
            Wait-Until { $job.HasMoreData -and (Receive-Job $job -Keep) } | Should -BeTrue
            $job | Stop-Job -PassThru | Remove-Job
            Invoke-Command $session { $PID } | Should -Be $server
        }

        It 'goes on after an error in it' {
            Invoke-Command $session { Get-Item /no/such/folder } -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            (Get-TerminatingError { Invoke-Command $session { throw 'thrown' } -ErrorAction Stop }).Exception.Message | Should -Be thrown
            Invoke-Command $session { 1 } | Should -Be 1
        }

        It 'takes and gives files' {
            Copy-Item "$TestDrive/secret" -Destination "$TestDrive/shared/there" -ToSession $session
            Get-Content "$TestDrive/shared/there" | Should -Be secret
            Copy-Item "$folder/a.txt" -Destination "$TestDrive/back.txt" -FromSession $session
            Get-Content "$TestDrive/back.txt" | Should -Be a
            Copy-Item "$TestDrive/secret" -Destination "$TestDrive/stolen" -FromSession $session -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure | Should -Not -BeNullOrEmpty
            "$TestDrive/stolen" | Should -Not -Exist
        }

        It 'lends its commands' {
            Invoke-Command $session { function Get-Inside { "inside $PID" } }
            $imported = Import-PSSession $session -CommandName Get-Inside -DisableNameChecking
            try { Get-Inside | Should -Be "inside $server" }
            finally { Remove-Module $imported }
        }

        It 'ends with Remove-PSSession, for the process and the list' {
            $children = @(Get-ChildId)
            $mine = New-LandlockSession gone
            $id = Invoke-Command $mine { $PID }
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Remove-PSSession $mine
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Get-PSSession -Name gone -ErrorAction Ignore | Should -BeNullOrEmpty
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
        }

        It 'removed while it works ends what works' {
            $mine = New-LandlockSession busy -ReadOnly /usr
            $mark = "$([guid]::NewGuid())"
            $job = Invoke-Command $mine { $PID; sh -c "sleep 300; : $using:mark" } -AsJob
            Wait-Until { Get-ProcessWith ": $mark" } | Should -BeTrue
            $id = @(Receive-Job $job -Keep)[0]
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Remove-PSSession $mine
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
            Wait-Until { -not (Get-ProcessWith ": $mark") } | Should -BeTrue
            Remove-Job $job -Force
        }
    }

    Context 'what a session has started' {
        BeforeAll {
            # The server of the session waits for none of these.
            $ways = @{
                background = { param($mark) sh -c "sh -c 'sleep 300; : $mark' < /dev/null > /dev/null 2>&1 &" }
                daemon = { param($mark) sh -c "setsid sh -c 'sleep 300; : $mark' < /dev/null > /dev/null 2>&1 &" }
                process = { param($mark) $null = Start-Process sh '-c', "`"sleep 300; : $mark`"" -PassThru }
            }
        }

        It 'ends with Remove-PSSession: <_>' -ForEach background, daemon, process {
            $mark = "$([guid]::NewGuid())"
            $mine = New-LandlockSession starter -ReadOnly /usr
            Invoke-Command $mine $ways[$_] -ArgumentList $mark
            Wait-Until { Get-ProcessWith ": $mark" } | Should -BeTrue
            Remove-PSSession $mine
            Wait-Until { -not (Get-ProcessWith ": $mark") } | Should -BeTrue
        }

        It 'ends with a process that dies: <_>' -ForEach background, process {
            $mark = "$([guid]::NewGuid())"
            $mine = New-LandlockSession starter -ReadOnly /usr
            Invoke-Command $mine $ways[$_] -ArgumentList $mark
            $id = Invoke-Command $mine { $PID }
            Wait-Until { Get-ProcessWith ": $mark" } | Should -BeTrue
            kill -9 $id
            Wait-Until { $mine.State -eq 'Broken' } | Should -BeTrue
            Wait-Until { -not (Get-ProcessWith ": $mark") } | Should -BeTrue
            Remove-PSSession $mine
        }

        It 'is never stopped on the way to its end, where the end of this process would leave it: <Name>' -ForEach @{ Name = 'plain'; Traced = $false }, @{ Name = 'explained'; Traced = $true } {
            Add-Type -ErrorAction Ignore -TypeDefinition @'
                public static class StateWatch
                {
                    public static System.Threading.Tasks.Task<string> Of(int process) => System.Threading.Tasks.Task.Run(() =>
                    {
                        string seen = "";
                        try
                        {
                            while (true)
                            {
                                string text = System.IO.File.ReadAllText($"/proc/{process}/stat");
                                char state = text[text.LastIndexOf(')') + 2];
                                if (!seen.Contains(state)) seen += state;
                                if (state == 'Z') return seen;
                            }
                        }
                        catch (System.IO.IOException) { return seen; }
                    });
                }
'@
            $mine = New-LandlockSession -Explain:$Traced -ReadOnly /usr
            $process = Invoke-Command $mine { $PID }
            if ($Traced) { $process = (Get-Process -Id $process).Parent.Id }
            $watch = [StateWatch]::Of($process)
            Remove-PSSession $mine
            $watch.Wait(20000) | Should -BeTrue
            $watch.Result | Should -Not -Match T
        }

        It 'is in a process group of its own' {
            (Invoke-Command $session { sh -c 'cat /proc/$$/stat' }).Split(' ')[4] | Should -Be $server
        }
    }

    Context 'the sandbox' {
        It 'denies what is not granted, and grants what is' {
            Invoke-Command $session { Get-Content "$using:folder/a.txt" } | Should -Be a
            "$(Invoke-Command $session { Get-Content "$using:TestDrive/secret" } 2>&1)" | Should -Match denied
            "$(Invoke-Command $session { cat "$using:TestDrive/secret" 2>&1 })" | Should -Match 'Permission denied'
            Invoke-Command $session { try { [System.IO.File]::WriteAllText("$using:folder/new", 'x'); 'written' } catch { 'denied' } } | Should -Be denied
            Invoke-Command $session { [System.IO.File]::WriteAllText("$using:TestDrive/shared/new", 'x'); 'written' } | Should -Be written
        }

        It 'leaves the parent free' {
            Get-Content "$TestDrive/secret" | Should -Be secret
            Set-Content "$folder/parent" x
            Get-Content "$folder/parent" | Should -Be x
        }

        It 'may be several layers, of which the narrowest counts' {
            $wide = New-LandlockRuleset wide | Add-LandlockPathRule $folder, "$TestDrive/shared" ReadData
            $narrow = New-LandlockRuleset narrow | Add-LandlockPathRule $folder ReadData
            $mine = $wide, $narrow | New-LandlockSession layers
            try {
                Invoke-Command $mine { Get-Content "$using:folder/a.txt" } | Should -Be a
                "$(Invoke-Command $mine { Get-ChildItem "$using:TestDrive/shared" } 2>&1)" | Should -Match denied
            }
            finally { Remove-PSSession $mine }
        }

        It 'that cannot be enforced starts nothing' {
            $children = @(Get-ChildId)
            $failure = Get-TerminatingError { New-LandlockRuleset -Abi 11 | New-LandlockSession never -Compatibility HardRequirement }
            if ((Get-LandlockSupport).Abi -ge 11) { Set-ItResult -Skipped -Because 'this kernel has everything' }
            $failure.FullyQualifiedErrorId | Should -BeLike 'Incompatible,*'
            $failure = Get-TerminatingError { New-LandlockSession never -ReadData "$TestDrive/missing" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            Get-PSSession -Name never -ErrorAction Ignore | Should -BeNullOrEmpty
            @(Get-ChildId | Where-Object { $_ -notin $children }) | Should -HaveCount 0
        }

        It 'in which PowerShell cannot start is an error with its words' {
            $failures = $null
            New-LandlockSession never -Environment @{ DOTNET_GCHeapHardLimit = '0x300000' } -ErrorAction SilentlyContinue -ErrorVariable failures | Should -BeNullOrEmpty
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
            "$($failures[0])" | Should -Match 'exit code \d+.*said: (?s:.*)GC heap initialization failed'
            $failures[0].TargetObject | Should -Be never
        }

        It 'is shown by -WhatIf, and nothing starts' {
            $children = @(Get-ChildId)
            New-LandlockSession never -WhatIf 6>$null | Should -BeNullOrEmpty
            @(Get-ChildId | Where-Object { $_ -notin $children }) | Should -HaveCount 0
        }
    }

    Context 'several sessions' {
        BeforeAll {
            $several = New-LandlockSession -Name first, second -InitializationScript { $prepared = 'prepared'; function Get-Prepared { $prepared } } -WorkingDirectory $folder -ReadData $folder
        }

        AfterAll {
            $several | Remove-PSSession
        }

        It 'have a name and a process each' {
            $several.Name | Should -Be first, second
            @(Invoke-Command $several { $PID } | Sort-Object -Unique) | Should -HaveCount 2
        }

        It 'work at once, as far as -ThrottleLimit lets them' {
            $block = { $begin = [datetime]::UtcNow; Start-Sleep -Milliseconds 700; [pscustomobject]@{ Begin = $begin; End = [datetime]::UtcNow } }
            $one, $two = Invoke-Command $several $block
            ($one.Begin -lt $two.End -and $two.Begin -lt $one.End) | Should -BeTrue
            $one, $two = Invoke-Command $several $block -ThrottleLimit 1 | Sort-Object Begin
            $one.End | Should -BeLessOrEqual $two.Begin
        }

        It 'run one job' {
            $job = Invoke-Command $several { 'x' } -AsJob
            $job.ChildJobs | Should -HaveCount 2
            $job | Receive-Job -Wait -AutoRemoveJob | Should -Be x, x
        }

        It 'were each prepared by -InitializationScript' {
            Invoke-Command $several { Get-Prepared } | Should -Be prepared, prepared
        }

        It 'begin in -WorkingDirectory' {
            Invoke-Command $several { $PWD.Path; [System.IO.Directory]::GetCurrentDirectory() } | Should -Be (@($folder) * 4)
        }
    }

    Context 'an initialization script that fails' {
        It 'is an error, and no process is left' -ForEach @(
            @{ Script = { throw 'thrown' }; Words = 'thrown' }
            @{ Script = { Write-Error 'written' }; Words = 'written' }
            @{ Script = { [System.Diagnostics.Process]::GetCurrentProcess().Kill() }; Words = 'exit code 137' }
        ) {
            $children = @(Get-ChildId)
            $failures = $null
            New-LandlockSession never -InitializationScript $Script -ErrorAction SilentlyContinue -ErrorVariable failures | Should -BeNullOrEmpty
            $failures | Should -HaveCount 1
            "$($failures[0])" | Should -Match $Words
            Get-PSSession -Name never -ErrorAction Ignore | Should -BeNullOrEmpty
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
        }
    }

    Context 'a process that dies' {
        It 'breaks an idle session at once' {
            $mine = New-LandlockSession victim
            $id = Invoke-Command $mine { $PID }
            kill -9 $id
            Wait-Until { $mine.State -eq 'Broken' } | Should -BeTrue
            $mine.Runspace.RunspaceStateInfo.Reason.Message | Should -Match '137'
            Get-TerminatingError { Invoke-Command $mine { 1 } -ErrorAction Stop } | Should -Not -BeNullOrEmpty
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
            Remove-PSSession $mine
        }

        It 'ends what runs with an error' {
            $mine = New-LandlockSession victim
            $output = [System.Collections.Generic.List[object]]::new()
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Invoke-Command $mine { 'before'; [System.Diagnostics.Process]::GetCurrentProcess().Kill(); Start-Sleep 300 } -ErrorAction SilentlyContinue -ErrorVariable failures | ForEach-Object { $output.Add($_) }
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            $output | Should -Be before
            "$failures" | Should -Match '137'
            # The error can be here a moment before the state is.
            Wait-Until { $mine.State -eq 'Broken' } | Should -BeTrue
            Remove-PSSession $mine
        }

        It 'fails a job' {
            $mine = New-LandlockSession victim
            $job = Invoke-Command $mine { $PID; Start-Sleep 300 } -AsJob
            Wait-Until { Receive-Job $job -Keep } | Should -BeTrue
            kill -9 (Receive-Job $job -Keep)
            Wait-Until { $job.State -eq 'Failed' } | Should -BeTrue
            "$(Receive-Job $job 2>&1)" | Should -Match '137'
            Remove-Job $job
            Remove-PSSession $mine
        }

        It 'is quoted' {
            $mine = New-LandlockSession victim
            Invoke-Command $mine { [Environment]::FailFast('last words') } -ErrorAction SilentlyContinue -ErrorVariable failures
            "$failures" | Should -Match '(?s)said: Process terminated\.\s+last words\s+at \S*FailFast.*\(and \d+ lines more\)'
            # The error can be here a moment before the state is.
            Wait-Until { $mine.State -eq 'Broken' } | Should -BeTrue
            Remove-PSSession $mine
        }
    }

    Context 'a parent that is killed' {
        It 'takes the process along, whatever that does: <Code>' -ForEach @(
            @{ Code = 'while ($true) { }' }
            @{ Code = 'sh -c "sleep 300; : $mark"' }
            @{ Code = '[System.Threading.Thread]::Sleep(300000)' }
            @{ Code = 'try { sleep 300 } finally { sh -c "sleep 300; : $mark" }' }
            @{ Code = '' }
            @{ Code = 'sh -c "sh -c ''sleep 300; : $mark'' < /dev/null > /dev/null 2>&1 &"' }
            @{ Code = 'sh -c "setsid sh -c ''sleep 300; : $mark'' < /dev/null > /dev/null 2>&1 &"; Start-Sleep 300' }
        ) {
            $mark = "$([guid]::NewGuid())"
            $note = "$TestDrive/shared/$mark"
            $script = @"
                Import-Module '$module'
                `$session = New-LandlockSession -ReadOnly /usr -ReadWrite '$TestDrive/shared'
                Invoke-Command `$session { `$mark = '$mark'; [System.IO.File]::WriteAllText('$note', `$PID); $Code }
                Start-Sleep 300
"@
            $parent = Start-Process pwsh '-NoProfile', '-EncodedCommand', ([Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))) -PassThru
            try {
                Wait-Until { (Test-Path $note) -and (Get-Content $note) } | Should -BeTrue
                $child = [int](Get-Content $note)
                if ($Code -match '^sh') { Wait-Until { Get-ProcessWith ": $mark" } | Should -BeTrue }
                Test-Process $child | Should -BeTrue
            }
            finally { $parent.Kill() }
            Wait-Until { -not (Test-Process $child) } | Should -BeTrue
            Wait-Until { -not (Get-ProcessWith ": $mark") } | Should -BeTrue
        }
    }

    Context 'many, one after another' {
        It 'leave no process, descriptor or session' {
            $null = New-LandlockSession | Remove-PSSession
            $count = $env:LANDLOCKPS_SOAK ? 500 : 20
            $sessions = @(Get-PSSession).Count
            $children = @(Get-ChildId)
            $before = [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Length
            for ($i = 0; $i -lt $count; $i += 4) {
                $some = New-LandlockSession a, b, c, d
                $some | Should -HaveCount 4
                $some | Remove-PSSession
            }

            @(Get-PSSession).Count | Should -Be $sessions
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
            Wait-Until { [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Length -le $before + 4 } | Should -BeTrue
        }

        It 'leave no plan behind' {
            $open = @(Get-PSSession | Where-Object State -EQ Opened).Count
            Wait-Until { @(Get-PlanDescriptor).Count -le 3 * $open } | Should -BeTrue
        }
    }

    Context 'in a terminal' -Skip:$noTerminal {
        BeforeAll {
            $terminal = Open-Terminal
            Send-Terminal $terminal "`$s = New-LandlockSession box -ReadOnly /usr; 'op' + 'ened'"
            Wait-Terminal $terminal '(?m)^opened$'
        }

        AfterAll {
            Close-Terminal $terminal
        }

        It 'is entered and left, and its prompt names the sandbox' {
            Send-Terminal $terminal 'Enter-PSSession $s'
            Wait-Terminal $terminal '\[localhost\]: landlock:box PS .*> *$'
            Send-Terminal $terminal "try { [IO.File]::ReadAllText('$TestDrive/secret') } catch { 'not ' + 'allowed' }"
            Wait-Terminal $terminal '(?m)^not allowed$'
            Send-Terminal $terminal 'exit'
            Wait-Terminal $terminal 'ready> *$'
        }

        It 'is stopped with Ctrl+C and stays usable: <_>' -ForEach 'Start-Sleep 300', 'sleep 300', 'while ($true) { }' {
            $text = "$([guid]::NewGuid())"
            Send-Terminal $terminal "Invoke-Command `$s { 'begun' + ' $text'; $_ }"
            Wait-Terminal $terminal "(?m)^begun $text"
            Send-TerminalKey $terminal C-c
            Wait-Terminal $terminal 'ready> *$'
            Send-Terminal $terminal "Invoke-Command `$s { 'usable' + ' $text' }"
            Wait-Terminal $terminal "(?m)^usable $text"
        }

        It 'is stopped with Ctrl+C when it was entered' {
            Send-Terminal $terminal 'Enter-PSSession $s'
            Wait-Terminal $terminal '\[localhost\]: landlock:box PS .*> *$'
            Send-Terminal $terminal "'entered' + ' now'; Start-Sleep 300"
            Wait-Terminal $terminal '(?m)^entered now'
            Send-TerminalKey $terminal C-c
            Wait-Terminal $terminal '\[localhost\]: landlock:box PS .*> *$'
            Send-Terminal $terminal 'exit'
            Wait-Terminal $terminal 'ready> *$'
        }
    }
}
