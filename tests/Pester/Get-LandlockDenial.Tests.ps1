BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/audit.ps1
    # What keeps the kernel's own log from being tested here; $null if nothing does.
    $obstacle = if ((Get-LandlockSupport).Abi -lt 7) { 'the kernel logs no denials before ABI 7' } else { Get-AuditObstacle }
    if ($obstacle) { Write-Warning "Get-LandlockDenial is not tested against the kernel's log: $obstacle." }
    $isRoot = (id -u) -eq 0
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/audit.ps1
}

Describe 'Get-LandlockDenial' {
    It 'refuses <Text> as a span of time' -TestCases @{ Text = '10' }, @{ Text = '5x' }, @{ Text = '-3m' }, @{ Text = '' } {
        $failure = Get-TerminatingError { Get-LandlockDenial -Last $Text }
        $failure.FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,LandlockPS.GetLandlockDenialCommand'
        $failure.Exception.Message | Should -BeLike "*'$Text' is no span of time. Write a number and a unit, such as 30s, 10m, 2h or 7d, or hours:minutes:seconds."
    }

    It 'takes spans of time as they are written, which the engine reads as numbers' {
        foreach ($try in { Get-LandlockDenial -Last 30s }, { Get-LandlockDenial -Last 7d }, { Get-LandlockDenial -Last 10m }, { Get-LandlockDenial 2h }) {
            # Whether there is a log to read is another matter.
            (Get-TerminatingError $try).FullyQualifiedErrorId | Should -Not -BeLike '*Transformation*'
        }
    }

    It 'says to an ordinary user what cannot be read' -Skip:(-not $isRoot) {
        $said = Invoke-OrdinaryUser 'foreach ($wait in $false, $true) { try { Get-LandlockDenial -Wait:$wait } catch { $_.FullyQualifiedErrorId; "$_"; $_.ErrorDetails.RecommendedAction } }'
        $said[0], $said[3] | Should -Be 'AuditNotReadable,LandlockPS.GetLandlockDenialCommand', 'AuditNotReadable,LandlockPS.GetLandlockDenialCommand'
        $said[1] | Should -BeLike "The kernel's log of denials cannot be read: /var/log/audit/audit.log (*); the journal (no such records); the kernel's messages (Operation not permitted)."
        $said[4] | Should -BeLike 'Denials cannot be read as they happen: *Operation not permitted (EPERM). That takes the capability CAP_AUDIT_READ, which root has. The kernel''s log of denials cannot be read: *'
        $said[2] | Should -Be 'Run it as root. Without any privilege, Invoke-Landlocked -Explain tells what was denied, and what would allow it.'
    }

    Context 'of a session' {
        BeforeAll {
            Set-Content "$TestDrive/secret" content
            $secret = (Get-Item "$TestDrive/secret").FullName
            $session = New-LandlockSession dev -Explain -ReadOnly /usr
        }

        AfterAll { Remove-PSSession $session }

        It 'gives what the session was denied, while its output and errors are as always' {
            $output = Invoke-Command -Session $session { [version] '1.2'; cat $using:secret; $LASTEXITCODE } -ErrorVariable failed -ErrorAction SilentlyContinue
            $output | Should -Be ([version] '1.2'), 1
            "$failed" | Should -BeLike "*cat: ${secret}: Permission denied*"
            $denial = @(Get-LandlockDenial -Session $session)[0]
            $denial | Should -BeOfType Landlock.Denials.DenialExplanation
            $denial.Path | Should -Be $secret
            $denial.Missing | Should -Be read_file
            $denial.Programs | Should -BeLike '*/cat'
            $denial.Parameter | Should -Be "-ReadData $secret"
            $denial.Toml | Should -BeLike "*parent = *$secret*"
        }

        It 'counts on, and takes sessions from the pipeline' {
            $null = Invoke-Command -Session $session { cat $using:secret } -ErrorAction SilentlyContinue
            ($session | Get-LandlockDenial | Where-Object Path -EQ $secret).Count | Should -Be 2
        }

        It 'can be asked while the session is busy' {
            $job = Invoke-Command -Session $session -AsJob { try { [System.IO.File]::ReadAllText('/etc/machine-id.none') } catch { $null }; $null = sh -c 'cat "$0.two" 2>&-; cat "$0" 2>&-' $using:secret; Start-Sleep 300 }
            try {
                Wait-Until { (Get-LandlockDenial -Session $session | Where-Object Path -EQ $secret).Count -ge 3 } | Should -BeTrue
                $session.Availability | Should -Be Busy
            }
            finally {
                $job | Stop-Job -PassThru | Remove-Job
            }
        }

        It 'can be asked when the session is gone: <_>' -ForEach 'closed', 'killed' {
            $one = New-LandlockSession -Explain -ReadOnly /usr
            $id = Invoke-Command -Session $one { cat $using:secret; [Environment]::ProcessId } -ErrorAction SilentlyContinue
            if ($_ -eq 'killed') {
                Stop-Process -Id $id -Force
                Wait-Until { $one.State -ne 'Opened' } | Should -BeTrue
            }

            Remove-PSSession $one
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
            (Get-LandlockDenial -Session $one | Where-Object Path -EQ $secret).Parameter | Should -Be "-ReadData $secret"
        }

        It 'ends with its PowerShell, and takes along what it has started' {
            $one = New-LandlockSession -Explain -ReadOnly /usr
            $ids = Invoke-Command -Session $one { [Environment]::ProcessId; sh -c 'sleep 300 > /dev/null 2>&1 & echo $!' }
            Stop-Process -Id $ids[0] -Force
            Wait-Until { $one.State -eq 'Broken' } | Should -BeTrue
            Wait-Until { -not (Test-Process $ids[1]) } | Should -BeTrue
            Remove-PSSession $one
        }

        It 'has views' {
            Get-LandlockDenial -Session $session | Format-Table | Out-String -Width 300 | Should -Match "cat +read_file +$([regex]::Escape($secret))\s+-ReadData"
            Get-LandlockDenial -Session $session | Select-Object -First 1 | Format-List | Out-String -Width 300 | Should -Match 'Fix +: -ReadData'
        }

        It 'says that a session was not opened for it' {
            $plain = New-LandlockSession plain
            try {
                Get-LandlockDenial -Session $plain -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
                $failed[0].FullyQualifiedErrorId | Should -Be 'SessionNotExplained,LandlockPS.GetLandlockDenialCommand'
                "$($failed[0])" | Should -Be "The session 'plain' was not opened with -Explain, so nothing of it was recorded."
                $failed[0].ErrorDetails.RecommendedAction | Should -BeLike 'Open it with New-LandlockSession -Explain.*'
            }
            finally {
                Remove-PSSession $plain
            }
        }
    }

    Context 'with an audit log' -Skip:([bool]$obstacle) {
        BeforeAll {
            if (-not (Get-AuditObstacle)) {
                $former = Get-AuditState
                Switch-Audit 1 8192
            }

            # Runs an action while another runspace listens, and gives what that has heard.
            function Receive-Denial([scriptblock] $Action) {
                $shell = [powershell]::Create().AddScript('param($module) Import-Module $module; Get-LandlockDenial -Wait').AddArgument((Get-Module LandlockPS).ModuleBase)
                $heard = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $run = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $heard)
                try {
                    # It listens as soon as a first denial arrives.
                    $ready = Wait-Until { $null = Invoke-Landlocked -LogDenials -- cat /etc/hostname 2>&1; Start-Sleep -Milliseconds 100; $run.IsCompleted -or $heard.Count -gt 0 }
                    if (-not $ready -or $run.IsCompleted) { throw "Nothing was heard: $($shell.Streams.Error)" }
                    $null = . $Action 2>&1
                    Start-Sleep -Milliseconds 800
                    return @($heard.ReadAll())
                }
                finally {
                    $shell.Stop()
                    $shell.Dispose()
                }
            }
        }

        AfterAll {
            if ($former) { Switch-Audit @former }
        }

        It 'gives denials as they happen, and says which command they were in' {
            $denials = Receive-Denial {
                Invoke-Landlocked -LogDenials -ReadOnly /usr -- sh -c "cat /etc/passwd; mkdir $TestDrive/new; : marker-one"
                Set-Content "$TestDrive/unlogged" x
                Invoke-Landlocked -ReadOnly /usr -- cat "$TestDrive/unlogged"
            }
            $mine = @($denials | Where-Object Command -Like '*marker-one*')
            $read = @($mine | Where-Object Path -EQ /etc/passwd)
            $read.Count | Should -Be 1
            $read[0].Blockers | Should -Be 'fs.read_file'
            $read[0].Program | Should -BeLike '*/cat'
            $read[0].ProcessId | Should -BeGreaterThan 1
            $read[0].Fix | Should -Be '-ReadData /etc/passwd'
            $read[0].Sandbox | Should -Match '^ll-[0-9a-f]{12}$'
            ([datetimeoffset]::Now - $read[0].Time).TotalSeconds | Should -BeLessThan 60
            ($mine | Where-Object Path -EQ "$TestDrive").Fix | Should -Be "Add-LandlockPathRule $TestDrive -Access make_dir"
            $denials.Path | Should -Not -Contain "$TestDrive/unlogged" -Because 'without -LogDenials nothing of a command is logged'
        }

        It 'gives the denials of script blocks, and ports' {
            $denials = Receive-Denial {
                Invoke-Landlocked -LogDenials -Network Tcp -ConnectTcp 1 { try { [System.Net.Sockets.TcpClient]::new('127.0.0.1', 9) } catch { 'denied' } }
            }
            $port = @($denials | Where-Object Port -EQ 9)
            $port[0].Blockers | Should -Be 'net.connect_tcp'
            $port[0].Target | Should -BeLike 'port 9 of *127.0.0.1'
            $port[0].Fix | Should -Be '-ConnectTcp 9'
            $port[0].Command | Should -BeLike 'Invoke-Landlocked -LogDenials -Network Tcp*'
        }

        It 'shows names with any bytes as they are' {
            $name = "$TestDrive/a $([char]0xE4)"
            Set-Content $name x
            $denials = Receive-Denial { Invoke-Landlocked -LogDenials -ReadOnly /usr -- cat $name }
            ($denials | Where-Object Path -EQ $name).Fix | Should -Be "-ReadData '$name'"
        }

        It 'has views' {
            $denials = Receive-Denial { Invoke-Landlocked -LogDenials -ReadOnly /usr -- cat /etc/passwd }
            $one = $denials | Where-Object Path -EQ /etc/passwd | Select-Object -First 1
            $one | Format-Table | Out-String -Width 200 | Should -Match '\d\d:\d\d:\d\d +1 cat +fs\.read_file +/etc/passwd\s+-ReadData /etc/passwd'
            $one | Format-List | Out-String -Width 200 | Should -Match 'Command +: .*cat /etc/passwd'
        }

        It 'gives those of the past where something has kept them' {
            Invoke-Landlocked -LogDenials -ReadOnly /usr -- cat /etc/passwd 2>&1 | Out-Null
            $past = @(Get-LandlockDenial -Last 00:10:00 -WarningAction SilentlyContinue)
            foreach ($denial in $past) { ([datetimeoffset]::Now - $denial.Time).TotalMinutes | Should -BeLessThan 11 }
            # The kernel's messages are limited by rate, so that not every denial is there; but the first ones are.
            $past.Count | Should -BeGreaterThan 0
        }

        It 'says that nothing is logged where audit is off' {
            Switch-Audit 0 8192
            try {
                $failure = Get-TerminatingError { Get-LandlockDenial -Wait }
                $failure.FullyQualifiedErrorId | Should -Be 'AuditDisabled,LandlockPS.GetLandlockDenialCommand'
                $failure.Exception.Message | Should -Be 'The kernel writes no audit log now, so denials leave no trace.'
                $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Enable it with: auditctl -e 1 *'
            }
            finally {
                Switch-Audit 1 8192
            }
        }
    }
}
