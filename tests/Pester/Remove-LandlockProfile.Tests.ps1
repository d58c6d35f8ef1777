BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'Remove-LandlockProfile' {
    BeforeEach {
        $saved = Enter-ProfileHome
        'one', 'two' | ForEach-Object { $null = New-LandlockProfile $_ -Beneath "$($saved.Root)/work" }
    }

    AfterEach { Exit-ProfileHome $saved }

    It 'removes by name and from the pipeline' {
        Remove-LandlockProfile one
        (Get-LandlockProfile).Name | Should -Be two
        Get-LandlockProfile | Remove-LandlockProfile
        Get-LandlockProfile | Should -BeNullOrEmpty
    }

    It 'removes nothing with -WhatIf' {
        Remove-LandlockProfile * -WhatIf
        (Get-LandlockProfile).Count | Should -Be 2
    }

    It 'says that there is none' {
        Remove-LandlockProfile three -ErrorVariable found -ErrorAction SilentlyContinue
        $found.FullyQualifiedErrorId | Should -Be 'ProfileNotFound,LandlockPS.RemoveLandlockProfileCommand'
    }
}
