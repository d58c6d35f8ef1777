BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
    $noPager = -not (Get-Command less -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Enter-Landlock' {
    BeforeAll {
        $module = $ModulePath
        $folder = "$TestDrive/data"
        $null = New-Item -ItemType Directory $folder
        Set-Content "$folder/a.txt" a
        Set-Content "$TestDrive/secret" secret
    }

    It 'is shown by -WhatIf, and nothing starts' {
        $text = pwsh -NoProfile -Command "Import-Module '$module'; Enter-Landlock -WhatIf"
        "$text" | Should -Match 'What if.*pwsh -NoLogo -NoProfile -NoExit'
        $text = pwsh -NoProfile -Command "Import-Module '$module'; Enter-Landlock -WhatIf -LoadProfile"
        "$text" | Should -Match 'pwsh -NoLogo -NoExit'
        "$text" | Should -Not -Match 'allowed: \S+ +/tmp/\.dotnet' -Because 'every .NET process maps what is there'
    }

    It 'that cannot set up its sandbox is an error' {
        (Get-TerminatingError { Enter-Landlock -ReadOnly /no/such/folder }).FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        (Get-TerminatingError { 1..17 | ForEach-Object { New-LandlockRuleset } | Enter-Landlock }).FullyQualifiedErrorId | Should -BeLike 'TooManyLayers,*'
    }

    It 'without a terminal runs what comes on its standard input' {
        $text = "Import-Module '$module'; Enter-Landlock; `"code `$LASTEXITCODE`"" | ForEach-Object { 'exit 3' | pwsh -NoProfile -Command $_ }
        # What resets the terminal may stand before it.
        $text | Select-Object -Last 1 | Should -Match 'code 3$'
    }

    It 'keeps the prompt of the profile that it loads: <Shown>' -TestCases @(
        @{ Prompt = 'function prompt { "mine> " }'; Shown = '\[sandbox\] mine> ' }
        @{ Prompt = 'Invoke-Expression ''function global:prompt { "$(Get-LandlockPromptSegment)ours> " }'''; Shown = '(?<!\] )\[sandbox\] ours> ' }
        @{ Prompt = '$null = 1'; Shown = '\[sandbox\] PS /' }
    ) {
        $own = "$TestDrive/profile home"
        $null = New-Item -ItemType Directory -Force "$own/.config/powershell"
        Set-Content "$own/.config/powershell/profile.ps1" $Prompt
        $text = "Import-Module '$module'; Enter-Landlock -LoadProfile -ReadData '$own'" | ForEach-Object { 'exit 3' | env -u XDG_CONFIG_HOME "HOME=$own" pwsh -NoProfile -Command $_ 2>&1 }
        $text -join "`n" | Should -Match $Shown
    }

    Context 'in a terminal' -Skip:$noTerminal {
        BeforeAll {
            if ($noTerminal) { return }
            # History goes to a home of its own.
            $oldData = $env:XDG_DATA_HOME
            $env:XDG_DATA_HOME = "$TestDrive/home"
            $history = "$TestDrive/home/powershell/PSReadLine/ConsoleHost_history.txt"
            try { $terminal = Open-Terminal }
            finally { $env:XDG_DATA_HOME = $oldData }
            Send-Terminal $terminal "Set-Location '$folder'; 'outer typed'"
            Wait-Terminal $terminal '(?m)^outer typed'
            Send-Terminal $terminal "Enter-Landlock box -ReadData . -ReadOnly /usr, '$PSHOME'"
            Wait-Terminal $terminal '\[box\] PS .*> *$'
        }

        AfterAll {
            Close-Terminal $terminal
        }

        It 'has a prompt that names the sandbox and the current location' {
            Read-Terminal $terminal | Should -Match "\[box\] PS $([regex]::Escape($folder))> *$"
        }

        It 'says nothing else' {
            Read-Terminal $terminal | Should -Not -Match 'denied|error|warning'
        }

        It 'edits lines with PSReadLine' {
            Send-Terminal $terminal "'loaded ' + [bool](Get-Module PSReadLine) + (Get-PSReadLineOption).HistorySaveStyle"
            Wait-Terminal $terminal '(?m)^loaded TrueSaveNothing\s+\[box\] PS .*> *$'
            tmux -L $terminal send-keys -l "'worng'"
            foreach ($key in 'Left', 'Left', 'Left', 'BSpace', 'Left', 'BSpace') { Send-TerminalKey $terminal $key }
            foreach ($key in 'C-a', 'C-k') { Send-TerminalKey $terminal $key }
            Send-Terminal $terminal "'edi' + 'ted'"
            Wait-Terminal $terminal '(?m)^edited\s+\[box\] PS .*> *$'
            # What was typed comes back.
            Send-TerminalKey $terminal Up
            Send-TerminalKey $terminal C-a
            tmux -L $terminal send-keys -l "'once more ' + "
            Send-TerminalKey $terminal Enter
            Wait-Terminal $terminal '(?m)^once more edited'
        }

        It 'cannot reach the named mutexes of other .NET processes' {
            Send-Terminal $terminal "try { `$null = [Threading.Mutex]::new(`$false, 'x'); 'ma' + 'de' } catch { 'ref' + 'used' }"
            Wait-Terminal $terminal '(?m)^refused'
        }

        It 'has a terminal' {
            Send-Terminal $terminal "`"terminal `$([Console]::IsInputRedirected) `$([Console]::IsOutputRedirected) `$([Console]::IsErrorRedirected)`""
            Wait-Terminal $terminal '(?m)^terminal False False False'
        }

        It 'denies what is not granted, and grants what is' {
            Send-Terminal $terminal "try { [IO.File]::ReadAllText('$TestDrive/secret') } catch { 'not ' + 'allowed' }"
            Wait-Terminal $terminal '(?m)^not allowed'
            Send-Terminal $terminal "'content ' + (Get-Content a.txt)"
            Wait-Terminal $terminal '(?m)^content a'
        }

        It 'can ask for the support' {
            Send-Terminal $terminal "'support ' + (Get-LandlockSupport).Abi"
            Wait-Terminal $terminal "(?m)^support $((Get-LandlockSupport).Abi)"
        }

        It 'goes on after Ctrl+C: <_>' -ForEach 'Start-Sleep 300', 'sleep 300', 'while ($true) { }' {
            $mark = "$([guid]::NewGuid())"
            Send-Terminal $terminal "'begun' + ' $mark'; $_"
            Wait-Terminal $terminal "(?m)^begun $mark"
            Send-TerminalKey $terminal C-c
            Wait-Terminal $terminal '\[box\] PS .*> *$'
            Send-Terminal $terminal "'alive' + ' $mark'"
            Wait-Terminal $terminal "(?m)^alive $mark"
        }

        It 'follows the size of the window' {
            tmux -L $terminal resize-window -x 111 -y 37
            $shown = Wait-Until {
                Send-Terminal $terminal "'size ' + `$Host.UI.RawUI.WindowSize.Width + 'x' + `$Host.UI.RawUI.WindowSize.Height"
                Wait-Until { (Read-Terminal $terminal) -match '(?m)^size 111x37' } 2
            } 20
            tmux -L $terminal resize-window -x 160 -y 50
            $shown | Should -BeTrue
        }

        It 'shows full-screen programs' -Skip:$noPager {
            Send-Terminal $terminal 'Clear-Host; less a.txt'
            Wait-Terminal $terminal "(?m)^(a\.txt|.*END)"
            Send-TerminalKey $terminal q
            Wait-Terminal $terminal '\[box\] PS .*> *$'
        }

        It 'holds another one' {
            Send-Terminal $terminal 'Enter-Landlock inner -ReadOnly /usr'
            Wait-Terminal $terminal '\[box>inner\] PS .*> *$'
            Send-Terminal $terminal "try { [IO.File]::ReadAllText('$folder/a.txt') } catch { 'inner ' + 'denies' }"
            Wait-Terminal $terminal '(?m)^inner denies'
            Send-Terminal $terminal 'exit 5'
            Wait-Terminal $terminal '\[box\] PS .*> *$'
            Send-Terminal $terminal "`"inner `$LASTEXITCODE`""
            Wait-Terminal $terminal '(?m)^inner 5'
            Send-Terminal $terminal "'outer ' + (Get-Content a.txt)"
            Wait-Terminal $terminal '(?m)^outer a'
        }

        It 'is left with exit and its code, and the shell outside is free' {
            Send-Terminal $terminal 'exit 7'
            Wait-Terminal $terminal 'ready> *$'
            Send-Terminal $terminal "`"code `$LASTEXITCODE`"; Get-Content '$TestDrive/secret'"
            Wait-Terminal $terminal '(?m)^code 7\s+secret'
        }

        It 'wrote nothing to the history file, which the shell outside still does' {
            Wait-Until { (Test-Path $history) -and (Get-Content -Raw $history) -match 'outer typed' } | Should -BeTrue
            $text = Get-Content -Raw $history
            $text | Should -Match 'Enter-Landlock box'
            $text | Should -Not -Match 'edi|not allowed|exit 7'
        }

        It 'writes history with -SaveHistory where that is allowed' {
            Send-Terminal $terminal "Enter-Landlock saver -SaveHistory -ReadWrite '$TestDrive/home'"
            Wait-Terminal $terminal '\[saver\] PS .*> *$'
            Send-Terminal $terminal "'saved ' + 'inside'"
            Wait-Terminal $terminal '(?m)^saved inside'
            Wait-Until { (Get-Content -Raw $history) -match "'saved ' \+ 'inside'" } | Should -BeTrue
            Send-Terminal $terminal exit
            Wait-Terminal $terminal 'ready> *$'
        }

        It 'has temporary files of its own with -PrivateTemp, and ends with all that it has started' {
            Send-Terminal $terminal "Enter-Landlock temp -PrivateTemp -ReadOnly /usr, '$PSHOME'"
            Wait-Terminal $terminal '\[temp\] PS .*> *$'
            Send-Terminal $terminal "'x' > `$env:TMPDIR/file; 'made ' + (Get-Item `$env:TMPDIR/file).FullName"
            Wait-Terminal $terminal '(?m)^made /\S+/landlockps-\S+/file'
            $null = (Read-Terminal $terminal) -match '(?m)^made (/\S+/landlockps-\S+)/file'
            $place = $Matches[1]
            Test-Path $place | Should -BeTrue
            Send-Terminal $terminal "'slee' + 'ping'; Start-Sleep 300"
            Wait-Terminal $terminal '(?m)^sleeping'
            Send-TerminalKey $terminal C-c
            Send-Terminal $terminal "setsid sleep 417254366 &; 'ali' + 've'"
            Wait-Terminal $terminal '(?m)^alive'
            Send-Terminal $terminal 'exit 9'
            Wait-Terminal $terminal 'ready> *$'
            Send-Terminal $terminal "`"code `$LASTEXITCODE`""
            Wait-Terminal $terminal '(?m)^code 9'
            Test-Path $place | Should -BeFalse
            pgrep -f '^sleep 417254366' | Should -BeNullOrEmpty
        }
    }
}
