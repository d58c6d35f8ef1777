BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/previews.ps1
    # Skipped where it says why.
    $obstacle = Get-PreviewObstacle
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/previews.ps1
}

Describe "Invoke-Landlocked -Preview$(if ($obstacle) { ", skipped: $obstacle" })" -Skip:([bool]$obstacle) {
    BeforeAll {
        $place = Enter-PreviewPlace
        $work = $place.Work
    }

    BeforeEach {
        Reset-PreviewPlace $place
    }

    AfterAll {
        Exit-PreviewPlace $place
    }

    It 'lets a command see its changes, and keeps them from the files' {
        Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview -InformationAction Ignore -- sh -c 'echo more >> a.txt; rm b.txt; cat a.txt; ls' | Should -Be one, more, a.txt
        $LASTEXITCODE | Should -Be 0
        Get-Content a.txt | Should -Be one
        'b.txt' | Should -Exist
        (Get-LandlockChange).Kind | Should -Be Changed, Removed
    }

    It 'says afterwards what would change, and what to type next' {
        $said = (Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview -- sh -c 'echo c > c.txt; exit 3' 6>&1) -join "`n"
        $LASTEXITCODE | Should -Be 3
        $name = (Get-LandlockPreview).Name
        $said | Should -Be "The command would change, in the preview ${name}:`n  added   $work/c.txt  (2 bytes)`n1 added. Apply it: Complete-LandlockPreview $name"
    }

    It 'says that nothing would change, and keeps nothing' {
        Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview -- true 6>&1 | Should -Be 'The command would change nothing.'
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'hands the options of a command on, behind --' {
        $null = Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview -InformationAction Ignore -- sed -i -e s/one/ONE/ a.txt
        Get-LandlockChange -Patch | Should -BeLike '*-one*+ONE*'
        Get-Content a.txt | Should -Be one
    }

    It 'keeps what a script block changes, and brings its objects back' {
        $objects = Invoke-Landlocked -ReadWrite . -Preview -InformationAction Ignore {
            Set-Content ./c.txt block
            Remove-Item ./b.txt
            Get-ChildItem | Select-Object Name
        }
        $objects.Name | Sort-Object | Should -Be a.txt, c.txt
        (Get-LandlockChange).Path | Should -Be "$work/b.txt", "$work/c.txt"
        (Get-ChildItem).Name | Sort-Object | Should -Be a.txt, b.txt
    }

    It 'leaves this process free' {
        Start-Preview 'echo c > c.txt' | Should -Not -BeNullOrEmpty
        Set-Content d.txt mine
        Get-Content d.txt | Should -Be mine
        Get-Content /etc/passwd | Should -Not -BeNullOrEmpty
    }

    It 'says before the start what it does not hold back' {
        $said = Invoke-Landlocked -ReadOnly /usr -ReadWrite . -ConnectTcp 443 -Preview -- true 3>&1 6>$null
        "$said" | Should -BeLike '*The preview does not hold back what goes to the network.*'
        Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview -- true 3>&1 6>$null | Should -BeNullOrEmpty
    }

    It 'keeps nothing when the command cannot be run' {
        (Get-TerminatingError { Invoke-Landlocked -ReadWrite . -Preview -- no-such-program }).FullyQualifiedErrorId | Should -BeLike 'CommandNotFound*'
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'gives a session whose changes are kept' {
        $session = New-LandlockSession -ReadWrite . -Preview
        try {
            Invoke-Command -Session $session { Set-Content ./c.txt session; Get-Content ./c.txt } | Should -Be session
            'c.txt' | Should -Not -Exist
        }
        finally { Remove-PSSession $session }
        (Get-LandlockChange).Path | Should -Be "$work/c.txt"
    }

    It 'is shown in the plan, and protects a script, but not in place' {
        Set-Content "$TestDrive/script.ps1" "Import-Module '$ModulePath'; Protect-LandlockScript -ReadWrite . -Preview; Set-Content ./c.txt script; 'ran'"
        Set-Content "$TestDrive/place.ps1" "Protect-LandlockScript -InPlace -Preview; 'ran in place'"
        $said = & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; Invoke-Landlocked -ReadWrite . -Preview -WhatIf -- true; & '$TestDrive/place.ps1'; & '$TestDrive/script.ps1'" 2>&1
        "$said" | Should -BeLike "*covered by the preview: $work*"
        "$said" | Should -BeLike '*-Preview is for a process that is started, and -InPlace restricts*'
        $said | Should -Not -Contain 'ran in place'
        $said | Should -Contain ran
        "$said" | Should -BeLike "*The command would change, in the preview *added   $work/c.txt*"
        'c.txt' | Should -Not -Exist
        @(Get-LandlockPreview) | Should -HaveCount 1
    }

    It 'asks at a prompt what to do, and keeps it on Ctrl+C' -Skip:$noTerminal {
        $terminal = Open-Terminal
        try {
            $command = "Invoke-Landlocked -ReadOnly /usr -ReadWrite '$work' -Preview -- sh -c 'echo c > c.txt; rm b.txt'"
            Send-Terminal $terminal "cd '$work'; $command"
            Wait-Terminal $terminal 'Apply all\s+\[C\] Choose\s+\[L\] Look\s+\[D\] Drop\s+\[K\] Keep.*:$'
            Send-Terminal $terminal c
            Wait-Terminal $terminal 'removed .*b\.txt\s+Apply it\?\s+\[Y\].*:$'
            Send-Terminal $terminal n
            Wait-Terminal $terminal 'added .*c\.txt .*\s+Apply it\?\s+\[Y\].*:$'
            Send-Terminal $terminal y
            Wait-Terminal $terminal 'Applied: 1 added\.\s+The rest is kept\. Apply it: Complete-LandlockPreview \S+\s+ready> *$'
            'c.txt' | Should -Exist
            'b.txt' | Should -Exist
            Send-Terminal $terminal $command
            Wait-Terminal $terminal '1 removed, 1 touched\s+Apply it\?\s+\[A\].*:$'
            tmux -L $terminal send-keys C-c
            Wait-Terminal $terminal 'Apply it: Complete-LandlockPreview \S+\s+ready> *$'
            'b.txt' | Should -Exist
            @(Get-LandlockPreview) | Should -HaveCount 2
            # What is stopped says what it has left.
            Send-Terminal $terminal "Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview -- sh -c 'rm a.txt; echo begun; sleep 1000'"
            Wait-Terminal $terminal '(?m)^begun'
            Send-TerminalKey $terminal C-c
            Wait-Terminal $terminal '1 removed\. Apply it: Complete-LandlockPreview \S+\s+ready> *$'
        }
        finally { Close-Terminal $terminal }
    }

    It 'goes with a profile that says so' {
        $folder = New-Item -ItemType Directory -Force "$TestDrive/config/landlockps/profiles/careful"
        Set-Content "$folder/profile.toml" "workspace = false`n[landlockps]`npreset = ['Base']`nread_write = ['$work']`npreview = true"
        $configuration = $env:XDG_CONFIG_HOME
        $env:XDG_CONFIG_HOME = "$TestDrive/config"
        try {
            Test-LandlockProfile careful | Should -BeNullOrEmpty
            # So is the one of the page.
            $null = New-Item -ItemType Directory "$TestDrive/config/landlockps/profiles/page"
            $page = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../docs/preview.md'))
            Set-Content "$TestDrive/config/landlockps/profiles/page/profile.toml" ([regex]::Match($page, '(?s)```toml\n(.*?)```').Groups[1].Value)
            Test-LandlockProfile page | Should -BeNullOrEmpty
            "$(Invoke-Landlocked -Profile page -InformationAction Ignore 3>&1 -- touch made)" | Should -BeLike '*does not hold back what goes to the network*'
            'made' | Should -Not -Exist
            Get-LandlockPreview | Undo-LandlockPreview
            $null = Invoke-Landlocked -Profile careful -InformationAction Ignore -- sh -c 'echo c > c.txt'
            (Get-LandlockChange).Path | Should -Be "$work/c.txt"
            Get-LandlockPreview | Undo-LandlockPreview
            # Asked not to, it says what that loosens.
            $said = Invoke-Landlocked -Profile careful -Preview:$false 3>&1 -- sh -c 'echo c > c.txt'
            "$said" | Should -BeLike '*what it changes is changed at once*'
            'c.txt' | Should -Exist
        }
        finally { $env:XDG_CONFIG_HOME = $configuration }
    }
}

Describe "A preview that cannot be had$(if ($obstacle) { ", skipped: $obstacle" })" -Skip:([bool]$obstacle) {
    BeforeAll {
        $place = Enter-PreviewPlace
        Reset-PreviewPlace $place
    }

    AfterEach {
        Get-LandlockPreview | Should -BeNullOrEmpty
        'c.txt' | Should -Not -Exist
    }

    AfterAll {
        Exit-PreviewPlace $place
    }

    It 'is refused where files are left alone' {
        $failure = Get-TerminatingError { Invoke-Landlocked -Unrestricted Fs -Preview -- touch c.txt }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
        $failure.Exception.Message | Should -BeLike 'A preview (-Preview, --preview) is not possible: the sandbox leaves files alone, *Nothing was run.'
        $LASTEXITCODE | Should -Be 125
    }

    It 'is refused where the changes would lie in what is covered' {
        $failure = Get-TerminatingError { Invoke-Landlocked -ReadWrite $TestDrive -Preview -- touch c.txt }
        $failure.Exception.Message | Should -BeLike "*the changes themselves would be kept beneath '$TestDrive'*XDG_STATE_HOME*Nothing was run."
        $LASTEXITCODE | Should -Be 125
    }

    It 'is refused for the whole filesystem' {
        (Get-TerminatingError { Invoke-Landlocked -ReadWrite / -Preview -- touch c.txt }).Exception.Message | Should -BeLike "*instead of '/'. Nothing was run."
    }

    It 'is refused inside another sandbox' {
        $said = Invoke-Landlocked -ReadWrite . -ReadOnly $ModulePath {
            Import-Module $using:ModulePath
            (Get-LandlockSupport).PreviewObstacle
            try { Invoke-Landlocked -ReadWrite . -Preview -- touch c.txt } catch { "$_" }
        }
        $said[0] | Should -BeLike 'this is inside a sandbox already*'
        $said[1] | Should -BeLike "*not possible: $($said[0])*Nothing was run."
    }
}

Describe 'Get-LandlockSupport of previews' {
    It 'says whether one can be had' {
        $text = Get-LandlockSupport | Out-String -Width 200
        if ($obstacle = (Get-LandlockSupport).PreviewObstacle) { $text | Should -Match 'Previews\s+: cannot be had: ' } else { $text | Should -Match 'Previews\s+: nothing known is in the way' }
        # An imagined kernel is not this one.
        (Get-LandlockSupport -Abi 7).PreviewObstacle | Should -BeNullOrEmpty
    }
}
