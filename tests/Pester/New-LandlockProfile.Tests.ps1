BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'New-LandlockProfile' {
    BeforeEach {
        $saved = Enter-ProfileHome
        $root = $saved.Root
    }

    AfterEach { Exit-ProfileHome $saved }

    It 'refuses an empty path, which would be the current directory' {
        $failure = Get-TerminatingError { New-LandlockProfile empty-path -Beneath . -ReadWrite '' }
        $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidPath,LandlockPS.NewLandlockProfileCommand'
        $failure.Exception.Message | Should -BeExactly "A path is empty, as of a variable that is not set; write '.' for the current directory."
    }

    It 'writes profile.toml and landlock/base.toml' {
        $made = New-LandlockProfile work -Beneath $root/work -Preset Base, Git -ReadWrite $root/other -Environment @{ A = 'b' }
        $made.Name | Should -Be work
        $made.IsValid | Should -BeTrue
        (Get-Content "$(Get-ProfileFolder work)/profile.toml") -join "`n" | Should -Be "[[context]]`nwhen_beneath = `"$root/work`"`n`n[[env]]`nname = `"A`"`nliteral = `"b`""
        Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml" | Should -BeLike "*abi.all*$root/other*"
    }

    It 'leaves out what is excepted, in a table that the format does not know' {
        $null = New-Item -ItemType Directory $root/other/keys, $root/other/docs
        Set-Content $root/other/keys/id secret
        Set-Content $root/other/docs/text text
        $made = New-LandlockProfile work -Beneath $root/work -ReadOnly $root/other -Except $root/other/keys
        $made.IsValid | Should -BeTrue
        Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml" | Should -BeLike "*# LandlockPS's own table: landlockconfig refuses documents that have it.*``[``[landlockps.path_beneath``]``]*except = ``[`"$root/other/keys`"``]*"
        Set-Location $root/work
        Enable-LandlockShell -Scope Script
        try {
            cat $root/other/docs/text | Should -Be text
            cat $root/other/keys/id 2>$null | Should -BeNullOrEmpty
        }
        finally {
            Disable-LandlockShell
            Set-Location /
        }

        $failure = Get-TerminatingError { New-LandlockProfile bad -Beneath $root/work -Except /etc }
        "$failure" | Should -BeLike "'/etc' is excepted, but no path is allowed that it could be excepted from.*"
    }

    It 'names hosts, beside which its presets open no port' {
        $null = New-LandlockProfile work -Beneath $root/work -Preset Base, WebClient -ConnectTcp 22 -ConnectHost 'API.example.com', '*.pkg.example:8443'
        $policy = Get-Content -Raw "$(Get-ProfileFolder work)/landlock/base.toml"
        $policy | Should -Match '(?m)^connect_host = \["\*\.pkg\.example:8443", "api\.example\.com:443"\]$'
        [regex]::Matches($policy, '(?m)^port = .*$').Value | Should -Be 'port = [22]'
        Set-Location $root/work
        (Test-LandlockAccess -HostName api.example.com, a.pkg.example:8443, other.example, other.example:22 -Profile work).Allowed | Should -Be $true, $true, $false, $true
        $failure = Get-TerminatingError { New-LandlockProfile udp -Beneath $root/other -ConnectSendUdp 53 -ConnectHost a.example }
        $failure.FullyQualifiedErrorId | Should -BeExactly 'Contradictory,LandlockPS.NewLandlockProfileCommand'
        Test-Path (Get-ProfileFolder udp) | Should -BeFalse
    }

    It 'is for the current directory when none is given' {
        Set-Location $root/work
        (New-LandlockProfile work).Contexts.WhenBeneath | Should -Be "$root/work"
    }

    It 'expands ~ and relative paths' {
        Set-Location $root
        (New-LandlockProfile work -Beneath work, other/).Contexts.WhenBeneath | Should -Be "$root/work", "$root/other"
    }

    It 'refuses a profile that could rewrite itself, and leaves nothing' {
        $found = Get-TerminatingError { New-LandlockProfile work -Beneath $root/work -ReadWrite $root/home }
        $found.FullyQualifiedErrorId | Should -Be 'ProfileInvalid,LandlockPS.NewLandlockProfileCommand'
        # Of the three that it could change, one is enough to say, by the name that the profile would have had.
        "$found" | Should -BeLike "$root/home/.config/landlockps/profiles/work/profile.toml: a command in the sandbox could change '$root/home/.config/landlockps/profiles/work' (the profile 'work' itself) *"
        ([regex]::Matches("$found", 'could change')).Count | Should -Be 1
        Get-ChildItem -Force "$env:HOME/.config/landlockps/profiles" | Should -BeNullOrEmpty
    }

    It 'refuses a profile for the home directory itself' {
        (Get-TerminatingError { New-LandlockProfile work -Beneath $root/home }).FullyQualifiedErrorId | Should -BeLike 'ProfileInvalid,*'
        New-LandlockProfile work -Beneath $root/home -NoWorkspace | Should -Not -BeNullOrEmpty
    }

    It 'refuses a name that is taken, but for -Force' {
        $null = New-LandlockProfile work -Beneath $root/work
        (Get-TerminatingError { New-LandlockProfile work -Beneath $root/other }).FullyQualifiedErrorId | Should -Be 'ProfileExists,LandlockPS.NewLandlockProfileCommand'
        (New-LandlockProfile work -Beneath $root/other -Force).Contexts.WhenBeneath | Should -Be "$root/other"
    }

    It 'refuses the name <_>' -ForEach '../x', '.x', '-x', 'a/b', ' x' {
        (Get-TerminatingError { New-LandlockProfile $_ -Beneath $root/work }).FullyQualifiedErrorId | Should -Be 'ProfileNameInvalid,LandlockPS.NewLandlockProfileCommand'
    }

    It 'says which preset was meant' {
        "$(Get-TerminatingError { New-LandlockProfile work -Beneath $root/work -Preset Bsae })" | Should -BeLike "*did you mean 'Base'*"
    }

    It 'writes nothing with -WhatIf' {
        New-LandlockProfile work -Beneath $root/work -WhatIf
        Test-Path (Get-ProfileFolder work) | Should -BeFalse
    }

    It 'completes presets' {
        (Complete 'New-LandlockProfile x -Preset Gi').CompletionText | Should -Be Git
    }
}
