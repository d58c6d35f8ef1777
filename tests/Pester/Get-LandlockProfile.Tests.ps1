BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'Get-LandlockProfile' {
    BeforeEach {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        $null = New-LandlockProfile broad -Beneath $root/work
        $null = New-LandlockProfile a-narrow -Beneath $root/work/sub
    }

    AfterEach { Exit-ProfileHome $saved }

    It 'lists profiles by name' {
        (Get-LandlockProfile).Name | Should -Be 'a-narrow', 'agent', 'broad', 'build', 'untrusted'
        (Get-LandlockProfile br*).Name | Should -Be broad
    }

    It 'gives those that apply, from the broadest to the narrowest' {
        (Get-LandlockProfile -Active -Location $root/work/sub).Name | Should -Be 'broad', 'a-narrow'
        Set-Location $root/work
        (Get-LandlockProfile -Active).Name | Should -Be broad
        Get-LandlockProfile -Active -Location / | Should -BeNullOrEmpty
    }

    It 'reads the profiles of Island where they are' {
        $folder = "$env:HOME/.config/island/profiles/foo"
        $null = New-Item -ItemType Directory $folder
        Set-Content $folder/profile.toml "[[context]]`nwhen_beneath = '$root/other'"
        (Get-LandlockProfile foo).Origin | Should -Be Island
        (Get-LandlockProfile -Active -Location $root/other).Name | Should -Be foo
    }

    It 'says that there is none, and which was meant' {
        $null = Get-LandlockProfile borad -ErrorVariable found -ErrorAction SilentlyContinue
        $found.FullyQualifiedErrorId | Should -Be 'ProfileNotFound,LandlockPS.GetLandlockProfileCommand'
        "$found" | Should -BeLike "*did you mean 'broad'*"
        Get-LandlockProfile x* | Should -BeNullOrEmpty
    }

    It 'shows a broken one with a warning' {
        Set-Content "$(Get-ProfileFolder broad)/profile.toml" 'x = 1'
        (Get-LandlockProfile broad -WarningVariable warning -WarningAction SilentlyContinue).IsValid | Should -BeFalse
        "$warning" | Should -BeLike '*profile.toml:1:1: *'
    }

    It 'has a view' {
        Get-LandlockProfile broad | Out-String | Should -Match 'broad +LandlockPS +/'
        Get-LandlockProfile broad | Format-List | Out-String | Should -Match 'Beneath +: '
    }

    It 'completes names' {
        (Complete 'Get-LandlockProfile br').CompletionText | Should -Be broad
    }
}
