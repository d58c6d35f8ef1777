BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
    $noLandlock = -not (Get-LandlockSupport).IsAvailable
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'The hint after a native command failed at the prompt' -Skip:($noTerminal -or $noLandlock) {
    BeforeAll {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        Set-Content $root/secret secret
        $null = New-LandlockProfile work -Beneath $root/work
        $terminal = Open-Terminal
        Send-Terminal $terminal "cd '$root'"

        # Types a line, and gives what the screen shows from it on.
        function Get-Screen([string] $Line) {
            tmux -L $terminal send-keys C-l
            $null = Wait-Until { (Read-Terminal $terminal) -notmatch 'landlock:' } 5
            tmux -L $terminal clear-history
            Send-Terminal $terminal "$Line; 'over' + '!'"
            Wait-Terminal $terminal '(?m)^over!'
            Wait-Terminal $terminal 'ready> *$'
            return Read-Terminal $terminal
        }
    }

    AfterAll {
        Close-Terminal $terminal
        Exit-ProfileHome $saved
    }

    It 'names the rule, where an argument names what is denied' {
        Send-Terminal $terminal "Invoke-Landlocked -ReadOnly /usr -- cat '$root/secret'"
        Wait-Terminal $terminal "(?m)^landlock: the sandbox denies read_file on '$root/secret'; to allow it: -ReadData /"
    }

    It 'points to -Explain where nothing is known, once' {
        (Get-Screen "Invoke-Landlocked -- sh -c 'exit 4'") | Should -Match '(?m)^landlock: exit code 4; add -Explain to see whether the sandbox denied something'
        (Get-Screen "Invoke-Landlocked -- sh -c 'exit 4'") | Should -Not -Match '(?m)^landlock:'
    }

    It 'says nothing after a success, in a script, in a pipeline, or where it is not wanted: <_>' -ForEach @(
        'Invoke-Landlocked -ReadOnly /usr -- true'
        'function f { Invoke-Landlocked -ReadOnly /usr -- cat secret }; f'
        'Invoke-Landlocked -ReadOnly /usr -- cat secret | Out-Null'
        '$LandlockHintPreference = "SilentlyContinue"; Invoke-Landlocked -ReadOnly /usr -- cat secret; $LandlockHintPreference = "Continue"'
        'Invoke-Landlocked -Explain -ReadOnly /usr -- cat secret 6>$null'
    ) {
        Get-Screen $_ | Should -Not -Match '(?m)^landlock:'
    }

    It 'comes at the prompt after a command of the shell hook' {
        $null = Get-Screen 'Enable-LandlockShell; cd work'
        Send-Terminal $terminal "cat '$root/secret'"
        Wait-Terminal $terminal "(?m)^landlock: the profile 'work' denies read_file on '$root/secret'; to allow it: -ReadData /"
        Get-Screen 'true' | Should -Not -Match '(?m)^landlock:'
    }

    It 'does not keep -Explain from working in the directory of a profile' {
        Send-Terminal $terminal "Invoke-Landlocked -Explain -ReadOnly /usr -- cat '$root/secret'"
        Wait-Terminal $terminal "(?m)^  open $root/secret: read_file denied, by cat"
    }
}
