BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/previews.ps1
    # Skipped where it says why.
    $obstacle = Get-PreviewObstacle
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/previews.ps1
}

Describe "Get-LandlockPreview$(if ($obstacle) { ", skipped: $obstacle" })" -Skip:([bool]$obstacle) {
    BeforeAll {
        $place = Enter-PreviewPlace
        Reset-PreviewPlace $place
        $before = [datetime]::Now.AddSeconds(-2)
        $first = Start-Preview 'echo first > 1.txt'
        $second = Start-Preview 'echo second > 2.txt'
    }

    AfterAll {
        Exit-PreviewPlace $place
    }

    It 'lists previews, the latest first, with what they are of' {
        $all = @(Get-LandlockPreview)
        $all | Should -HaveCount 2
        $all[0].Name, $all[1].Name | Sort-Object -Descending | Should -Be $all.Name
        $all.Name | Should -Contain $second.Name
        $first.Name | Should -MatchExactly '^\d{8}-\d{6}-[a-z]{4}$'
        $first.State | Should -Be Kept
        $first.WorkingDirectory | Should -Be $place.Work
        $first.Command | Select-Object -Last 2 | Should -Be '-c', 'echo first > 1.txt'
        $first.Covered | Should -Be $place.Work
        $first.Started | Should -BeGreaterThan $before
        $first.Started | Should -BeLessThan ([datetime]::Now.AddSeconds(2))
    }

    It 'keeps them where only the user can enter' {
        $first.Place | Should -Be "$TestDrive/state/landlockps/previews/$($first.Name)"
        foreach ($folder in $first.Place, (Split-Path $first.Place), (Split-Path (Split-Path $first.Place))) {
            [System.IO.File]::GetUnixFileMode($folder) | Should -Be ([System.IO.UnixFileMode]'UserRead, UserWrite, UserExecute')
        }
    }

    It 'finds one by its name, by wildcards, and the last' {
        (Get-LandlockPreview $first.Name).Name | Should -Be $first.Name
        (Get-LandlockPreview $first.Name, $second.Name).Name | Should -Be $first.Name, $second.Name
        (Get-LandlockPreview "*$($first.Name.Substring(16))").Name | Should -Be $first.Name
        (Get-LandlockPreview '*').Count | Should -Be 2
        Get-LandlockPreview 'no*' | Should -BeNullOrEmpty
        (Get-LandlockPreview -Last).Name | Should -Be @(Get-LandlockPreview)[0].Name
    }

    It 'says that there is none of a name' {
        Get-LandlockPreview no-such -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidPreview,LandlockPS.GetLandlockPreviewCommand'
        "$($failure[0])" | Should -Be "There is no preview 'no-such'."
        # A part of a name is no name.
        Get-LandlockPreview $first.Name.Substring(16) -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
    }

    It 'shows them as a table and as a list, also those that came from elsewhere' {
        $text = $first | Out-String -Width 200
        $text | Should -Match 'Name\s+State\s+WorkingDirectory\s+Command'
        $text | Should -Match "$($first.Name)\s+Kept\s+$([regex]::Escape($place.Work))\s+\S*sh -c 'echo first > 1.txt'"
        $first | Format-List | Out-String -Width 200 | Should -Match 'Covered\s+:'
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($first))
        $back.PSTypeNames | Should -Contain 'Deserialized.Landlock.Previews.Preview'
        "$($back.State) $($back.Name)" | Should -Be "Kept $($first.Name)"
        (Get-LandlockChange $back).Path | Should -Be "$($place.Work)/1.txt"
    }

    It 'completes names' {
        (Complete "Get-LandlockPreview $($first.Name.Substring(0, 4))").CompletionText | Should -Contain $first.Name
        foreach ($cmdlet in 'Get-LandlockChange', 'Complete-LandlockPreview', 'Undo-LandlockPreview') {
            $offered = Complete "$cmdlet $($first.Name)"
            $offered.CompletionText | Should -Be $first.Name
            $offered.ToolTip | Should -BeLike "*sh -c 'echo first > 1.txt'"
        }
    }

    It 'knows one whose command runs, and one that was cut off' {
        $session = New-LandlockSession -ReadWrite . -Preview
        try {
            $running = Get-LandlockPreview -Last
            $running.State | Should -Be Running
            $running | Out-String -Width 300 | Should -Match '\(still runs\)'
        }
        finally { Remove-PSSession $session }
        $null = Wait-Until { (Get-LandlockPreview $running.Name).State -ne 'Running' } 10
        Remove-Item "$($running.Place)/ended" -ErrorAction Ignore
        (Get-LandlockPreview $running.Name).State | Should -Be Interrupted
        Get-LandlockPreview $running.Name | Out-String -Width 300 | Should -Match '\(was cut off\)'
        Undo-LandlockPreview $running
    }

    It 'shows nothing of another user, nor what is no preview' {
        $null = New-Item -ItemType Directory "$TestDrive/state/landlockps/previews/20261130-185622-aaaa", "$TestDrive/state/landlockps/previews/other"
        (Get-LandlockPreview).Name | Sort-Object | Should -Be ($first.Name, $second.Name | Sort-Object)
    }

    It 'has nothing to list in a new state directory' {
        $env:XDG_STATE_HOME = "$TestDrive/nowhere"
        try {
            Get-LandlockPreview | Should -BeNullOrEmpty
            (Get-TerminatingError { Get-LandlockPreview -Last -ErrorAction Stop }).Exception.Message | Should -Be 'There is no preview. Start a command with --preview (-Preview).'
        }
        finally { $env:XDG_STATE_HOME = "$TestDrive/state" }
    }
}
