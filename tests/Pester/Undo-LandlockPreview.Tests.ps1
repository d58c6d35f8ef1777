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

Describe "Undo-LandlockPreview$(if ($obstacle) { ", skipped: $obstacle" })" -Skip:([bool]$obstacle) {
    BeforeAll {
        $place = Enter-PreviewPlace
    }

    BeforeEach {
        Reset-PreviewPlace $place
    }

    AfterAll {
        Exit-PreviewPlace $place
    }

    It 'drops a preview, and leaves the files as they are' {
        $before = Get-ChildItem | Select-Object Name, Length, LastWriteTimeUtc | Out-String
        $preview = Start-Preview 'echo more >> a.txt; rm b.txt; mkdir -p d/e; chmod 000 d/e'
        Undo-LandlockPreview $preview | Should -BeNullOrEmpty
        $preview.Place | Should -Not -Exist
        Get-LandlockPreview | Should -BeNullOrEmpty
        Get-ChildItem | Select-Object Name, Length, LastWriteTimeUtc | Out-String | Should -Be $before
    }

    It 'takes names, parts of names, objects and changes, one or several' {
        $all = 1..5 | ForEach-Object { Start-Preview "echo $_ > $_" }
        Undo-LandlockPreview $all[0].Name
        Undo-LandlockPreview $all[1].Name.Substring(16)
        Get-LandlockChange $all[2] | Undo-LandlockPreview
        Undo-LandlockPreview $all[3], $all[4]
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'drops several of a pipeline, and goes on after one that is unknown' {
        $first = Start-Preview 'echo 1 > 1'
        $second = Start-Preview 'echo 2 > 2'
        $first.Name, 'no-such', $second | Undo-LandlockPreview -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidPreview,LandlockPS.UndoLandlockPreviewCommand'
        $failure | Should -HaveCount 1
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'only says what it would do: -WhatIf, and asks with -Confirm' {
        $preview = Start-Preview 'echo 1 > 1'
        $said = & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; Get-LandlockPreview | Undo-LandlockPreview -WhatIf; Undo-LandlockPreview $($preview.Name) -Confirm" 2>&1
        @($said -match "^What if: .*Drop preview.*$($preview.Name)  \S*sh -c 'echo 1 > 1'").Count | Should -Be 1
        "$said" | Should -Match 'NonInteractive'
        (Get-LandlockPreview).Name | Should -Be $preview.Name
        Undo-LandlockPreview $preview -Confirm:$false
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'says that a preview has gone meanwhile' {
        $preview = Start-Preview 'echo 1 > 1'
        Undo-LandlockPreview $preview
        (Get-TerminatingError { Undo-LandlockPreview $preview -ErrorAction Stop }).Exception.Message | Should -BeLike "There is no preview '$($preview.Name)'.*"
    }

    It 'leaves one whose command runs' {
        $session = New-LandlockSession -ReadWrite . -Preview
        try {
            (Get-TerminatingError { Get-LandlockPreview | Undo-LandlockPreview -ErrorAction Stop }).Exception.Message | Should -BeLike '*cannot be dropped yet: its command still runs*'
            Invoke-Command -Session $session { 'still here' } | Should -Be 'still here'
        }
        finally { Remove-PSSession $session }
    }
}
