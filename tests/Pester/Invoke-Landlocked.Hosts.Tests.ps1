BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    # Where nobody can answer for a command, nothing of this can be tried.
    $noHosts = [bool](Get-LandlockSupport).HostObstacle
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
    $module = $ModulePath
}

Describe 'Invoke-Landlocked -ConnectHost' -Skip:$noHosts {
    BeforeAll {
        # Answers whatever it is sent, one after the other, as a server of JSON does.
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $server = [powershell]::Create().AddScript({
                param($listener)
                $answer = [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: 13`r`nConnection: close`r`n`r`n{`"answer`":42}")
                while ($true) {
                    $client = $listener.AcceptTcpClient()
                    try {
                        $stream = $client.GetStream()
                        if ($stream.Read([byte[]]::new(4096), 0, 4096) -gt 0) { $stream.Write($answer, 0, $answer.Length) }
                    }
                    catch { $null = $_ }
                    finally { $client.Dispose() }
                }
            }).AddArgument($listener)
        $null = $server.BeginInvoke()
        $port = $listener.LocalEndpoint.Port
        $other = if ($port -eq 65535) { 1024 } else { $port + 1 }
        $hostRule = "localhost:$port"
        $before = @(Get-ChildId)

        # bash connects by itself; /dev/tcp is a word of its own, not a file.
        $connect, $connectOther = $port, $other | ForEach-Object { "exec 3<>/dev/tcp/127.0.0.1/$_ && echo connected" }

        # The same from PowerShell, for each of some ports: "connected", or the error.
        $tries = { foreach ($one in $args[0]) { try { [System.Net.Sockets.TcpClient]::new('127.0.0.1', $one).Dispose(); 'connected' } catch { "$($_.Exception.InnerException.SocketErrorCode)" } } }
    }

    AfterAll {
        $listener.Stop()
        $server.Stop()
        $server.Dispose()
        Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $before }) } | Should -BeTrue -Because 'no process is left'
    }

    Context 'with a native command' {
        It 'reaches the host, by its name and its address, and nothing else' {
            Invoke-Landlocked -ConnectHost $hostRule -Preset WebClient -- bash -c "$connect; exec 3<>/dev/tcp/localhost/$port && echo connected" | Should -Be connected, connected
            "$(Invoke-Landlocked -ConnectHost $hostRule -- bash -c $connectOther 2>&1)" | Should -BeLike '*connect: Permission denied*'
            Invoke-Landlocked -ConnectHost "127.0.0.0/8:$port" -- bash -c $connect | Should -Be connected
        }

        It 'takes several hosts, in lists, as texts and as objects' {
            $rule = (New-LandlockRuleset -ConnectHost $hostRule).HostRules[0]
            foreach ($hosts in @(@('a.example', $hostRule), "a.example,$hostRule", $rule, @('a.example', @($rule)))) {
                Invoke-Landlocked -ConnectHost $hosts -- bash -c $connect | Should -Be connected
            }
        }

        It 'leaves other ports to -ConnectTcp, but none of this machine, and none to presets' {
            "$(Invoke-Landlocked -ConnectHost a.example -ConnectTcp $port -- bash -c $connect 2>&1)" | Should -BeLike '*connect: Permission denied*'
            $plan = (Invoke-Landlocked -ConnectHost a.example -ConnectTcp 22, 443 -Preset WebClient -Verbose -- true 4>&1) -join "`n"
            $plan | Should -Match '(?m)^  allowed: connect_tcp +host a\.example:443 +as asked$'
            $plan | Should -Match '(?m)^  allowed: connect_tcp +port 22 of any other machine +as asked$'
            $plan | Should -Not -Match 'port (80|443)'
            $plan | Should -Match 'note: Hosts are named, and only these are reached: the preset WebClient opens no port \(0, 53, 80, 443\)\.'
        }

        It 'makes no UNIX socket, unless rules for some are given' {
            $make = 'print socket(my $s, 1, 1, 0) ? "made" : "refused"'
            Invoke-Landlocked -ConnectHost a.example -- perl -e $make | Should -Be refused
            Invoke-Landlocked -ConnectHost a.example -UnixSocket / -WarningAction Ignore -- perl -e $make | Should -Be made
        }

        It 'gives it input, and keeps its output, its errors and its exit code' {
            $output = 'a', 'b' | Invoke-Landlocked -ConnectHost $hostRule -- sh -c 'read one; read two; echo $two $one; echo err >&2; exit 7' 2>&1
            $LASTEXITCODE | Should -Be 7
            "$($output | ForEach-Object { "$_" } | Sort-Object)" | Should -Be 'b a err'
        }

        It 'goes with -TimeoutSec, -PrivateTemp and -Explain' {
            $output = Invoke-Landlocked -TimeoutSec 60 -PrivateTemp -ConnectHost $hostRule -- bash -c "$connect; echo x >`$TMPDIR/x && echo `$TMPDIR"
            $output[0] | Should -Be connected
            $output[1] | Should -BeLike '*/landlockps-*'
            $output[1] | Should -Not -Exist
            $output = Invoke-Landlocked -ReadOnly /usr, /bin -TimeoutSec 1 -ConnectHost $hostRule -ErrorVariable failed -ErrorAction SilentlyContinue -- bash -c "$connect; sleep 417254362"
            $output | Should -Be connected
            $LASTEXITCODE | Should -Be 124
            $failed[0].FullyQualifiedErrorId | Should -Be 'CommandTimedOut,LandlockPS.InvokeLandlockedCommand'
            Invoke-Landlocked -Explain -ConnectHost $hostRule -InformationAction Ignore -- bash -c $connect | Should -Be connected
        }

        It 'leaves the parent free' {
            $null = Invoke-Landlocked -ConnectHost a.example -- true
            & $tries @($port) | Should -Be connected
            (Get-Content /proc/self/status) -match '^Seccomp:' | Should -Be "Seccomp:`t0"
        }

        It 'is shown by -WhatIf, and nothing runs' {
            $text = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked -WhatIf -ConnectHost '*.pkg.example', 10.0.0.0/8:5432 -- touch '$TestDrive/made'"
            "$text" | Should -Match 'allowed: connect_tcp +host 10\.0\.0\.0/8:5432 +as asked.*allowed: connect_tcp +host \*\.pkg\.example:443 +as asked'
            "$text" | Should -BeLike '*hosts: a supervisor connects for the command, and asks name servers for names of these hosts alone*'
            "$TestDrive/made" | Should -Not -Exist
        }
    }

    Context 'refused' {
        It 'binds no <Text>, and runs nothing' -ForEach @(
            @{ Text = '*'; Says = "'*' is no host: '*' alone is every host; leave it out and allow the port with connect_tcp (-ConnectTcp). Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; without PORT it is 443." }
            @{ Text = 'https://api.example.com'; Says = "'https://api.example.com' is no host: it is an address of a page; write its host. Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; without PORT it is 443." }
            @{ Text = 'a.example,'; Says = "'' is no host: it is empty. Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; without PORT it is 443." }
            @{ Text = @('a.example', "b`e[31m.example"); Says = "'b\x1b[31m.example' is no host: '\x1b' is not part of a name. Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; without PORT it is 443." }
            @{ Text = $null; Says = 'A host is missing; write NAME:PORT, such as api.example.com:443. Without -ConnectHost, ports lead anywhere.' }
            @{ Text = @(); Says = 'A host is missing; write NAME:PORT, such as api.example.com:443. Without -ConnectHost, ports lead anywhere.' }
            @{ Text = @('a.example', $null); Says = 'A host is missing; write NAME:PORT, such as api.example.com:443. Without -ConnectHost, ports lead anywhere.' }
            @{ Text = 443; Says = "A host is a text such as 'api.example.com:443', not an object of the type Int32." }
            @{ Text = [uri] 'https://a.example'; Says = "A host is a text such as 'api.example.com:443', not an object of the type Uri." }
        ) {
            $failure = Get-TerminatingError { Invoke-Landlocked -ConnectHost $Text -- touch "$TestDrive/made" }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'ParameterArgumentTransformationError,LandlockPS.InvokeLandlockedCommand'
            $failure.Exception.Message | Should -BeExactly "Cannot process argument transformation on parameter 'ConnectHost'. $Says"
            "$TestDrive/made" | Should -Not -Exist
        }

        It 'contradicts <With.Keys> <With.Values>, and runs nothing' -ForEach @(
            @{ With = @{ Network = 'None' }; Says = 'The network mode None does not go with hosts: None has no socket to reach them by, and Unrestricted no filter to keep the command from others. Leave out the mode, or the hosts (-ConnectHost, --connect-host).' }
            @{ With = @{ Network = 'Unrestricted' }; Says = 'The network mode Unrestricted does not go with hosts: None has no socket to reach them by, and Unrestricted no filter to keep the command from others. Leave out the mode, or the hosts (-ConnectHost, --connect-host).' }
            @{ With = @{ Unrestricted = 'Net' }; Says = 'Ports are left alone (-Unrestricted Net, --unrestricted net), and hosts such as a.example:443 are to be the only ones. Leave out one of them.' }
            @{ With = @{ ConnectSendUdp = 53 }; Says = 'The rule for UDP on port 53 does not go with hosts such as a.example:443: UDP cannot be held to a host, and where hosts are named there is none but questions for their names. Leave out one of them.' }
            @{ With = @{ Disable = 'net_tcp' }; Says = 'The protection net_tcp is disabled, and hosts such as a.example:443 are kept by it. Leave out one of them.' }
        ) {
            foreach ($action in { Invoke-Landlocked @With -ConnectHost a.example -- touch "$TestDrive/made" }, { New-LandlockSession @With -ConnectHost a.example }, { Enter-Landlock @With -ConnectHost a.example }) {
                $failure = Get-TerminatingError $action
                $failure.FullyQualifiedErrorId | Should -BeLike 'Contradictory,*'
                $failure.CategoryInfo.Category | Should -Be InvalidArgument
                $failure.Exception.Message | Should -BeExactly $Says
            }

            "$TestDrive/made" | Should -Not -Exist
        }

        It 'offers no files for a host' {
            foreach ($cmdlet in 'Invoke-Landlocked', 'New-LandlockRuleset', 'Add-LandlockNetRule') { Complete "$cmdlet -ConnectHost " | Should -BeNullOrEmpty }
        }
    }

    Context 'with a script block, a job and a session' {
        It 'holds in a script block, and for the web cmdlets' {
            $output = Invoke-Landlocked -ConnectHost $hostRule {
                & ([scriptblock]::Create($using:tries)) @($using:port, $using:other)
                foreach ($url in "http://localhost:$using:port/", "http://localhost:$using:other/", "http://elsewhere.example:$using:port/") {
                    try { (Invoke-RestMethod $url).answer } catch { $_.Exception.Message }
                }
            }
            $output[0, 1, 2] | Should -Be connected, AccessDenied, 42
            $output[3] | Should -BeLike 'Permission denied*'
            # Its name is not asked for.
            $output[4] | Should -BeLike '*not known*'
        }

        It 'holds in jobs' {
            $jobs = @(
                Invoke-Landlocked -AsJob -ConnectHost $hostRule $tries -ArgumentList (, @($port, $other))
                Invoke-Landlocked -AsJob -ConnectHost $hostRule -- bash -c "$connect; $connectOther"
                Start-Job {
                    Import-Module $using:module
                    "$(Invoke-Landlocked -ConnectHost $using:hostRule -- bash -c "$using:connect; $using:connectOther" 2>&1)"
                }
            )
            $jobs[0] | Receive-Job -Wait -AutoRemoveJob | Should -Be connected, AccessDenied
            foreach ($job in $jobs[1, 2]) {
                $output = "$($job | Receive-Job -Wait -AutoRemoveJob 2>&1)"
                $output | Should -Match '\bconnected\b'
                $output | Should -BeLike '*connect: Permission denied*'
            }
        }

        It 'holds in a session' {
            $session = New-LandlockSession -ConnectHost $hostRule
            try { Invoke-Command $session $tries -ArgumentList (, @($port, $other)) | Should -Be connected, AccessDenied }
            finally { $session | Remove-PSSession }
        }

        It 'holds in a script that protects itself, which no running process can be held to' {
            Set-Content "$TestDrive/protected.ps1" "Import-Module '$module'", "Protect-LandlockScript -ConnectHost $hostRule", "& { $tries } @($port, $other)"
            & "$PSHOME/pwsh" -NoProfile -File "$TestDrive/protected.ps1" | Should -Be connected, AccessDenied
            Set-Content "$TestDrive/protected.ps1" "Import-Module '$module'", "Protect-LandlockScript -InPlace -ConnectHost $hostRule", "'outside'"
            $said = env NO_COLOR=1 "$PSHOME/pwsh" -NoProfile -File "$TestDrive/protected.ps1" 2>&1
            $LASTEXITCODE | Should -Be 125
            ($said -join ' ') -replace '[\s|]+', ' ' | Should -BeLike '*-ConnectHost is for a process that is started, and -InPlace restricts the one that runs already. Leave out -ConnectHost or -InPlace.*'
            "$said" | Should -Not -Match 'outside'
        }
    }

    Context 'in layers and profiles' {
        It 'is what every layer allows' {
            $hosts = New-LandlockRuleset | Add-LandlockNetRule -ConnectHost $hostRule, "localhost:$other"
            $ports = New-LandlockRuleset | Add-LandlockNetRule -ConnectTcp $port
            Invoke-Landlocked -Ruleset $hosts, $ports -- bash -c $connect | Should -Be connected
            Invoke-Landlocked -Ruleset $hosts, $ports -- bash -c $connectOther 2>&1 | Should -BeLike '*Permission denied*'
            $hosts | Invoke-Landlocked -Ruleset (New-LandlockRuleset) -- bash -c $connect 2>&1 | Should -BeLike '*Permission denied*'
            # It is added to each layer that is given.
            $ports | Invoke-Landlocked -ConnectHost "a.example:$port" -- bash -c $connect 2>&1 | Should -BeLike '*Permission denied*'
            (Invoke-Landlocked -Ruleset $ports -ConnectHost a.example -Verbose -- true 4>&1) -join "`n" | Should -BeLike '*note: what is allowed here (-ConnectHost) is added to the layer that was given*'
        }

        It 'holds for a profile, which the hook of the shell cannot keep' {
            $saved = Enter-ProfileHome
            try {
                $folder = Get-ProfileFolder hosts
                $null = New-Item -ItemType Directory $folder
                Set-Content $folder/profile.toml 'workspace = false', '[[context]]', "when_beneath = '$($saved.Root)/work'", '[landlockps]', 'preset = ["Base"]', "connect_host = ['$hostRule']"
                Set-Location "$($saved.Root)/work"
                $output = "$(Invoke-Landlocked -Profile hosts -- bash -c "$connect; $connectOther" 2>&1)"
                $output | Should -Match '\bconnected\b'
                $output | Should -BeLike '*connect: Permission denied*'
                $null = Invoke-Landlocked -Profile hosts -ConnectHost a.example -Verbose -- true 4>&1 | Tee-Object -Variable plan
                $plan -join "`n" | Should -BeLike "*note: Allowed on top of the profile 'hosts': host a.example:443.*"
                Enable-LandlockShell -Scope Script
                try {
                    "$(bash -c 'echo ran' 2>&1)" | Should -BeExactly "landlocked: The profile 'hosts' names hosts (connect_host), which the shell's hook cannot keep. Run the command with Invoke-Landlocked -Profile; nothing was run."
                    $LASTEXITCODE | Should -Be 125
                }
                finally { Disable-LandlockShell }
            }
            finally { Exit-ProfileHome $saved }
        }
    }

    Context 'with sandboxes inside' {
        BeforeAll {
            $says = @{
                Hosts = 'A sandbox with hosts is around this one, and its supervisor answers for all that is in it, so that hosts of this one would not be held to. Leave them out here (-ConnectHost, --connect-host), or name fewer around it. Nothing was run.'
                Ports = 'The sandbox around this one keeps hosts, and its supervisor connects for all that is in it, so that ports of this one would not be held to ({0}). Allow no TCP at all (-Network None, --network none), or each port of those hosts (-ConnectTcp, --connect-tcp). Nothing was run.'
            }
        }

        It 'refuses those that would not be held, and runs the others' {
            $output = Invoke-Landlocked -ReadOnly /usr, /bin, $module -ConnectHost $hostRule {
                Import-Module $using:module
                $connect = $using:connect
                foreach ($with in @{ ConnectHost = $using:hostRule }, @{ ConnectTcp = 1 }, @{ Network = 'Tcp' }, @{ ConnectTcp = $using:port }, @{ Network = 'None' }, @{ }) {
                    try { "$(Invoke-Landlocked @with -- bash -c "echo inside; $connect" 2>$null)" } catch { $_.Exception.Message }
                }
            }
            $output | Should -Be @($says.Hosts, ($says.Ports -f 1), ($says.Ports -f 'none'), 'inside connected', 'inside', 'inside')
        }

        It 'holds in a shell, and for what it starts' {
            $lines = "'tried ' + (& { $tries } @($port, $other))", "try { Invoke-Landlocked -ConnectHost a.example -- true } catch { 'said ' + `$_ }", "Invoke-Landlocked -Network None -- echo 'ran inside'", 'exit 3'
            $text = "Import-Module '$module'; Enter-Landlock -ReadOnly /usr, /bin -ConnectHost $hostRule; `"code `$LASTEXITCODE`"" | ForEach-Object { $lines -join "`n" | pwsh -NoProfile -Command $_ 2>&1 }
            $text = $text -join "`n"
            $text | Should -Match '(?m)^.*tried connected AccessDenied$'
            $text | Should -BeLike "*said $($says.Hosts)*"
            $text | Should -Match '(?m)^.*ran inside$'
            $text | Should -Match 'code 3$'
        }
    }
}
