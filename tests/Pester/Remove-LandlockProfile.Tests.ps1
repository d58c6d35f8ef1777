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
        (Get-LandlockProfile | Where-Object Origin -NE Shipped).Name | Should -Be two
        Get-LandlockProfile | Remove-LandlockProfile -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        (Get-LandlockProfile).Origin | Should -Be Shipped, Shipped, Shipped
    }

    It 'removes nothing with -WhatIf' {
        Remove-LandlockProfile * -WhatIf
        (Get-LandlockProfile | Where-Object Origin -NE Shipped).Count | Should -Be 2
    }

    It 'says that there is none' {
        Remove-LandlockProfile three -ErrorVariable found -ErrorAction SilentlyContinue
        $found.FullyQualifiedErrorId | Should -Be 'ProfileNotFound,LandlockPS.RemoveLandlockProfileCommand'
    }
}
