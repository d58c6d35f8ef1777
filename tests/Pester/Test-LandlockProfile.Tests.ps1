BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'Test-LandlockProfile' {
    BeforeEach {
        $saved = Enter-ProfileHome
        $null = New-LandlockProfile work -Beneath "$($saved.Root)/work"
    }

    AfterEach { Exit-ProfileHome $saved }

    It 'finds nothing wrong with a new profile' {
        Test-LandlockProfile work | Where-Object Severity -NE Note | Should -BeNullOrEmpty
        Test-LandlockProfile work -Quiet | Should -BeTrue
    }

    It 'names the place of an error in <Name>' -ForEach @(
        @{ Name = 'profile.toml'; Text = "`nworkspace = 1"; Expected = '*profile.toml:2:13: *' }
        @{ Name = 'landlock/base.toml'; Text = 'abi = 6'; Expected = '*base.toml:1:1: *' }
        @{ Name = 'landlock/second.toml'; Text = "abi = 6`n[[rulset]]"; Expected = '*second.toml:2:*' }
    ) {
        Set-Content "$(Get-ProfileFolder work)/$Name" $Text
        "$(Test-LandlockProfile work | Where-Object Severity -EQ Error)" | Should -BeLike $Expected
        Test-LandlockProfile work -Quiet | Should -BeFalse
    }

    It 'finds a profile that could rewrite itself' {
        Add-Content "$(Get-ProfileFolder work)/landlock/base.toml" "`n[[path_beneath]]`nallowed_access = ['write_file']`nparent = ['$env:HOME']"
        "$(Test-LandlockProfile | Where-Object Severity -EQ Error)" | Should -BeLike '*could change*'
    }
}
