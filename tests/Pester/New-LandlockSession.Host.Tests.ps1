# What the inner side of a sandbox can do to the host outside: the shell that the user types into.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = $ModulePath

    # Tries each call of the outer host, on a thread that nobody waits for, and writes what became of it to a file.
    $attempts = {
        param($file)
        $server = [runspace]::DefaultRunspace
        $there = $server.GetType().GetProperty('Host', [System.Reflection.BindingFlags]'NonPublic, Public, Instance').GetValue($server)
        $global:attempting = [powershell]::Create()
        $null = $global:attempting.AddScript({
                param($there, $file)
                Start-Sleep -Milliseconds 300
                $fields = [System.Collections.ObjectModel.Collection[System.Management.Automation.Host.FieldDescription]]::new()
                $fields.Add([System.Management.Automation.Host.FieldDescription]::new('[sudo] password for root'))
                $choices = [System.Collections.ObjectModel.Collection[System.Management.Automation.Host.ChoiceDescription]]::new()
                $choices.Add([System.Management.Automation.Host.ChoiceDescription]::new('&Yes'))
                $raw = $there.UI.RawUI
                $tries = [ordered]@{
                    ReadLine = { $there.UI.ReadLine() }
                    ReadLineAsSecureString = { $there.UI.ReadLineAsSecureString() }
                    Prompt = { $there.UI.Prompt('', '', $fields) }
                    PromptForCredential = { $there.UI.PromptForCredential('', '', 'root', '') }
                    PromptForChoice = { $there.UI.PromptForChoice('', '', $choices, 0) }
                    PromptForChoices = { $there.UI.PromptForChoice('', '', $choices, [System.Collections.ObjectModel.Collection[int]]::new()) }
                    ReadKey = { $raw.ReadKey('NoEcho, IncludeKeyDown') }
                    KeyAvailable = { if ($raw.KeyAvailable) { 'keys' } else { throw 'none' } }
                    GetBufferContents = { $raw.GetBufferContents([System.Management.Automation.Host.Rectangle]::new(0, 0, 5, 5)) }
                }
                foreach ($name in $tries.Keys) {
                    try { [System.IO.File]::AppendAllText($file, "$name got $(& $tries[$name])`n") }
                    catch { [System.IO.File]::AppendAllText($file, "$name refused`n") }
                }

                # These give no answer.
                foreach ($call in { $raw.WindowTitle = 'theirs' }, { $raw.ForegroundColor = 'Black' }, { $there.EnterNestedPrompt() }, { $there.PopRunspace() }, { $there.SetShouldExit(7) }) {
                    try { & $call } catch { $null = $_ }
                }

                $there.UI.Write("un`e]0;owned`aasked`rover`e[2J`n[sudo] password for root: ")
                # The answer to this one comes after all of those.
                try { $null = $there.UI.ReadLine() } catch { $null = $_ }
                [System.IO.File]::AppendAllText($file, 'end')
            }).AddArgument($there).AddArgument($file).BeginInvoke()
    }
}

Describe 'The inner side of <_>' -ForEach 'a session', 'a job' {
    BeforeAll {
        $in = (New-Item -ItemType Directory "$TestDrive/$_").FullName
        $open = switch ($_) {
            'a session' { "`$s = New-LandlockSession box -ReadOnly /usr -ReadWrite '$in'; Invoke-Command `$s { $attempts } -ArgumentList '$in/said'" }
            'a job' { "`$j = Invoke-Landlocked -ReadOnly /usr -ReadWrite '$in' -AsJob { . { $attempts } '$in/said'; Start-Sleep 60 }" }
        }
        Set-Content "$TestDrive/outer.ps1" @"
Import-Module '$module'
$open
`$end = [datetime]::UtcNow.AddSeconds(30)
while ([datetime]::UtcNow -lt `$end -and -not ((Test-Path '$in/said') -and [System.IO.File]::ReadAllText('$in/said').EndsWith('end'))) { Start-Sleep -Milliseconds 50 }
"outer read: `$([Console]::In.ReadLine())"
exit 3
"@
        $shown = 'first', 'second', 'third' | & "$PSHOME/pwsh" -NoProfile -File "$TestDrive/outer.ps1" 2>&1 | Out-String
        $code = $LASTEXITCODE
        $said = Get-Content "$in/said"
    }

    It 'reads and asks nothing while nobody waits for it' {
        $said | Should -HaveCount 10
        $said[-1] | Should -Be end
        $said | Should -Not -Match ' got '
        $shown | Should -Match '(?m)^outer read: first$'
    }

    It 'neither ends the shell nor sets its exit code' {
        $code | Should -Be 3
    }

    It 'writes unasked only as text, with its name' {
        $shown.Replace("`n", '') | Should -Not -Match '[\x00-\x1f\x7f]'
        $label = if ($_ -eq 'a session') { 'landlock:box' } else { 'landlock' }
        $shown | Should -Match "(?m)^\[$label\] un\\x1b\]0;owned\\x07asked"
        $shown | Should -Match "(?m)^\[$label\] \[sudo\] password for root:"
    }
}

Describe 'A request of the user' {
    BeforeAll {
        # Whatever is asked is answered from stdin, whose next line tells what was left.
        function Invoke-Outer([string] $Code) {
            Set-Content "$TestDrive/request.ps1" "Import-Module '$module'`n$Code`n`"left: `$([Console]::In.ReadLine())`""
            'first', 'second', 'third' | & "$PSHOME/pwsh" -NoProfile -File "$TestDrive/request.ps1" 2>&1 | Out-String
        }
    }

    It 'is asked by name in <Name>' -ForEach @(
        @{ Name = 'a block'; Code = 'Invoke-Landlocked -ReadOnly /usr { "got $(Read-Host who)" }'; Label = 'landlock' }
        @{ Name = 'a session'; Code = '$s = New-LandlockSession box -ReadOnly /usr; Invoke-Command $s { "got $(Read-Host who)" }'; Label = 'landlock:box' }
        @{ Name = 'a session that is prepared'; Code = '$s = New-LandlockSession box -ReadOnly /usr -InitializationScript { $a = Read-Host who }; Invoke-Command $s { "got $a" }'; Label = 'landlock:box' }
        @{ Name = 'a job whose results are taken'; Code = 'Invoke-Landlocked -ReadOnly /usr -AsJob { "got $(Read-Host who)" } | Receive-Job -Wait'; Label = 'landlock' }
    ) {
        $shown = Invoke-Outer $Code
        $shown | Should -Match "\[$Label\] asks:"
        $shown | Should -Match '(?m)who: *.*got first|(?m)^got first'
        $shown | Should -Match '(?m)^left: second$'
    }

    It 'is asked by name for a bare line, a choice and a text that tries to hide it' {
        $shown = Invoke-Outer @'
Invoke-Landlocked -ReadOnly /usr {
    "line $(Read-Host)"
    $field = [System.Management.Automation.Host.FieldDescription]::new("a`e[2Jb")
    $field.SetParameterType([System.IO.FileInfo])
    $fields = [System.Collections.ObjectModel.Collection[System.Management.Automation.Host.FieldDescription]]::new()
    $fields.Add($field)
    $answer = $Host.UI.Prompt("cap`rtion", "mes`e]0;owned`asage", $fields)["a`e[2Jb"]
    "field $($answer)"
}
'@
        $shown | Should -Match '\[landlock\] asks: '
        $shown | Should -Match '(?m)^line first$'
        $shown | Should -Match '\[landlock\] cap\\x0dtion'
        $shown | Should -Match 'mes\\x1b\]0;owned\\x07sage'
        $shown | Should -Match '(?m)^field second$'
        $shown.Replace("`n", '') | Should -Not -Match '[\x00-\x1f\x7f]'
    }

    It 'is shown text, and colours' {
        $shown = & "$PSHOME/pwsh" -NoProfile -Command "Import-Module '$module'; `$PSStyle.OutputRendering = 'Ansi'; Invoke-Landlocked -ReadOnly /usr { Write-Host `"a`e[31mred`e[0m`e[8mhidden`e[2J`tb`"; Write-Warning `"w`e]0;t`a`"; `$Host.UI.WriteLine(`"d`e[1Ai`") }" 2>&1 | Out-String
        $shown | Should -Match "a`e\[31mred`e\[0m\\x1b\[8mhidden\\x1b\[2J`tb"
        $shown | Should -Match 'w\\x1b\]0;t\\x07'
        $shown | Should -Match 'd\\x1b\[1Ai'
    }

    It 'reads no keys and no screen' {
        $said = Invoke-Landlocked -ReadOnly /usr { try { $Host.UI.RawUI.ReadKey('NoEcho,IncludeKeyDown') } catch { "$_" } }
        $said | Should -Match 'cannot read single keys; Read-Host'
    }

    It 'makes no prompt of a debugger' {
        $shown = Invoke-Outer '$s = New-LandlockSession box -ReadOnly /usr; Invoke-Command $s { Wait-Debugger; "went on" }'
        $shown | Should -Match '(?m)^went on$'
        $shown | Should -Match '(?m)^left: first$'
    }

    It 'works where the host has no terminal and no user interface' {
        $all = 1 | ForEach-Object -Parallel { Import-Module $using:module; Invoke-Landlocked -ReadOnly /usr { Write-Host hidden; "width $($Host.UI.RawUI.BufferSize.Width)"; try { Read-Host x } catch { 'nobody' } } } 6>$null
        $all[0] | Should -Match '^width \d+$'
        $all[1] | Should -Be nobody
    }
}

Describe 'A block in any host' {
    BeforeDiscovery {
        $noServer = (id -u) -ne 0 -or -not (Test-Path /usr/sbin/sshd) -or -not (Test-Path /run/sshd) -or -not (Get-Command ssh-keygen, ssh -CommandType Application -ErrorAction Ignore)
    }

    BeforeAll {
        $block = {
            param($module)
            Import-Module $module
            Invoke-Landlocked { Write-Host told -ForegroundColor Red; Write-Progress -Activity a -Status b -PercentComplete 3; Write-Warning warned; 'returned' } -WarningAction SilentlyContinue
            Invoke-Landlocked -- printf 'native\n'
        }
    }

    It 'writes and returns: <Name>' -TestCases @(
        @{ Name = 'a job'; Run = { Start-Job $block -ArgumentList $module | Receive-Job -Wait -AutoRemoveJob 6>&1 } }
        @{ Name = 'a job of a thread'; Run = { Start-ThreadJob $block -ArgumentList $module | Receive-Job -Wait -AutoRemoveJob 6>&1 } }
        @{ Name = 'a runspace of the SDK'; Run = {
                $shell = [powershell]::Create().AddScript($block.ToString()).AddArgument($module)
                try { $shell.Invoke(); $shell.Streams.Information }
                finally { $shell.Dispose() }
            }
        }
    ) {
        $all = & $Run
        $all | Where-Object { $_ -is [string] } | Should -Be returned, native
        "$($all | Where-Object { $_ -is [System.Management.Automation.InformationRecord] })" | Should -Be told
    }

    It 'writes and returns: a remote session' -Skip:$noServer {
        $folder = (New-Item -ItemType Directory "$TestDrive/ssh").FullName
        Push-Location $folder
        try {
            ssh-keygen -q -t ed25519 -N '' -f host
            ssh-keygen -q -t ed25519 -N '' -f id
            Copy-Item id.pub keys
            $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
            $listener.Start()
            $port = $listener.LocalEndpoint.Port
            $listener.Stop()
            # The path may hold what sshd takes apart.
            $started = (New-Item -ItemType SymbolicLink "/tmp/llps-$([guid]::NewGuid().ToString('N'))" -Target (Get-Command pwsh).Source).FullName
            Set-Content sshd_config "Port $port", 'ListenAddress 127.0.0.1', "HostKey $folder/host", "AuthorizedKeysFile $folder/keys", 'StrictModes no', "PidFile $folder/pid", 'UsePAM no', 'PermitRootLogin yes', "Subsystem powershell $started -sshs -NoLogo -NoProfile"
            /usr/sbin/sshd -f "$folder/sshd_config" -E "$folder/log"
            $null = Wait-Until { Test-Path "$folder/pid" }
            $session = New-PSSession -HostName localhost -UserName (id -un) -Port $port -KeyFilePath "$folder/id" -Options @{ StrictHostKeyChecking = 'no'; UserKnownHostsFile = "$folder/known"; LogLevel = 'ERROR' }
            $all = Invoke-Command $session $block -ArgumentList $module 6>&1
            $all | Where-Object { $_ -is [string] } | Should -Be returned, native
            "$($all | Where-Object { $_ -is [System.Management.Automation.InformationRecord] })" | Should -Be told
        }
        finally {
            if ($session) { Remove-PSSession $session }
            if (Test-Path "$folder/pid") { kill (Get-Content "$folder/pid") }
            Remove-Item -ErrorAction Ignore $started
            Pop-Location
        }
    }
}

Describe 'A session that was entered' -Skip:$noTerminal {
    BeforeAll {
        $terminal = Open-Terminal
        Send-Terminal $terminal "`$s = New-LandlockSession box -ReadOnly /usr; 'op' + 'ened'"
        Wait-Terminal $terminal '(?m)^opened$'
        Send-Terminal $terminal 'Enter-PSSession $s'
        Wait-Terminal $terminal '\[localhost\]: landlock:box PS .*> *$'
    }

    AfterAll {
        Close-Terminal $terminal
    }

    It 'asks by name while a line runs' {
        Send-Terminal $terminal '"got " + (Read-Host who)'
        Wait-Terminal $terminal '\[landlock:box\] asks:'
        Send-Terminal $terminal me
        Wait-Terminal $terminal '(?m)^got me$'
    }

    It 'reads nothing of the next line, and does not leave by itself' {
        $code = '$r = [runspace]::DefaultRunspace; $h = $r.GetType().GetProperty("Host", [Reflection.BindingFlags]"NonPublic,Public,Instance").GetValue($r); ' +
            '$p = [powershell]::Create(); $null = $p.AddScript({ param($h) Start-Sleep 1; try { $l = $h.UI.ReadLine(); $h.UI.WriteLine("sto" + "le $l") } catch { $h.UI.WriteLine("asked in " + "vain") }; $h.PopRunspace(); $h.SetShouldExit(9) }).AddArgument($h).BeginInvoke()'
        Send-Terminal $terminal $code
        Wait-Terminal $terminal '(?m)^.*\[landlock:box\] asked in vain'
        # What came behind the prompt is on its line.
        Send-TerminalKey $terminal Enter
        Send-Terminal $terminal '"still " + "inside " + ($null -eq $s)'
        Wait-Terminal $terminal 'still inside True'
        Read-Terminal $terminal | Should -Not -Match 'stole'
    }

    It 'is left with exit' {
        Send-Terminal $terminal 'exit'
        Wait-Terminal $terminal 'ready> *$'
    }
}
