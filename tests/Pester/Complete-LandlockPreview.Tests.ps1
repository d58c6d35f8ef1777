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

Describe "Complete-LandlockPreview$(if ($obstacle) { ", skipped: $obstacle" })" -Skip:([bool]$obstacle) {
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

    It 'makes all changes, and the preview is gone' {
        $preview = Start-Preview 'echo more >> a.txt; rm b.txt; mkdir d; echo d > d/d.txt; chmod 600 a.txt'
        Complete-LandlockPreview $preview | Should -BeNullOrEmpty
        Get-Content a.txt | Should -Be one, more
        [System.IO.File]::GetUnixFileMode("$work/a.txt") | Should -Be ([System.IO.UnixFileMode]'UserRead, UserWrite')
        'b.txt' | Should -Not -Exist
        Get-Content d/d.txt | Should -Be d
        Get-LandlockPreview | Should -BeNullOrEmpty
        $preview.Place | Should -Not -Exist
    }

    It 'makes some by their path, with the directories around; the rest stays' {
        $preview = Start-Preview 'mkdir -p d/e; echo 1 > d/e/1; echo 2 > d/2; rm b.txt'
        $results = $preview | Complete-LandlockPreview -Path ./d/e/1 -PassThru
        $results.Change.Path | Sort-Object | Should -Be "$work/d", "$work/d/e", "$work/d/e/1"
        $results.IsApplied | Should -Not -Contain $false
        Get-Content d/e/1 | Should -Be 1
        'd/2' | Should -Not -Exist
        'b.txt' | Should -Exist
        (Get-LandlockChange $preview).Path | Should -Be "$work/b.txt", "$work/d/2"
        Complete-LandlockPreview $preview.Name.Substring(16)
        'b.txt' | Should -Not -Exist
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'makes the changes of a pipeline and no other, with what they need' {
        $null = Start-Preview 'mkdir -p d/e; echo 1 > d/1.txt; echo 2 > d/2.log; echo 3 > d/e/3; ln d/2.log d/other'
        Get-LandlockChange | Where-Object Path -Like '*.txt' | Complete-LandlockPreview
        Get-ChildItem -Recurse d | ForEach-Object Name | Should -Be 1.txt
        # Another name of a file takes that along.
        Get-LandlockChange | Where-Object Kind -EQ Link | Complete-LandlockPreview
        (Get-ChildItem d).Name | Sort-Object | Should -Be 1.txt, 2.log, other
        (Get-LandlockChange).Path | Should -Be "$work/d/e", "$work/d/e/3"
    }

    It 'makes changes of several previews, and those that came from elsewhere' {
        $changes = @(Start-Preview 'echo c > c.txt' | Get-LandlockChange)
        $second = Start-Preview 'echo d > d.txt; echo e > e.txt'
        $changes += @(Get-LandlockChange $second -Path d.txt)
        [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($changes)) | Complete-LandlockPreview
        (Get-ChildItem).Name | Sort-Object | Should -Be a.txt, b.txt, c.txt, d.txt
        (Get-LandlockChange).Path | Should -Be "$work/e.txt"
    }

    It 'only says what it would do: -WhatIf, and asks with -Confirm' {
        $preview = Start-Preview 'echo c > c.txt; rm a.txt'
        $said = & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; Complete-LandlockPreview $($preview.Name) -WhatIf; Get-LandlockChange | Complete-LandlockPreview -Confirm" 2>&1
        @($said -like 'What if:*"removed * /a.txt"*').Count + @($said -match "^What if: .*\bremoved $work/a\.txt\b").Count | Should -Be 1
        @($said -match "^What if: .*\badded   $work/c\.txt\b").Count | Should -Be 1
        "$said" | Should -Match 'NonInteractive'
        'c.txt' | Should -Not -Exist
        'a.txt' | Should -Exist
        Complete-LandlockPreview $preview -Confirm:$false
        'c.txt' | Should -Exist
        'a.txt' | Should -Not -Exist
    }

    It 'leaves what somebody else has changed meanwhile, and says so' {
        $preview = Start-Preview 'echo more >> a.txt; echo c > c.txt; rm b.txt'
        [System.IO.File]::WriteAllText("$work/a.txt", "by somebody else`n")
        (Get-LandlockChange $preview -Path a.txt).Conflict | Should -Be 'it was changed since the command started'
        $results = Complete-LandlockPreview $preview -PassThru -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'PreviewConflict,LandlockPS.CompleteLandlockPreviewCommand'
        "$($failure[0])" | Should -Be "Not applied: $work/a.txt: it was changed since the command started."
        $failure[0].TargetObject.Path | Should -Be "$work/a.txt"
        ($results | Where-Object IsApplied -EQ $false).Reason | Should -Be 'it was changed since the command started'
        Get-Content a.txt | Should -Be 'by somebody else'
        'c.txt' | Should -Exist
        'b.txt' | Should -Not -Exist
        # -Force is no way around it.
        Complete-LandlockPreview $preview -Force -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'PreviewConflict,*'
        Get-Content a.txt | Should -Be 'by somebody else'
        (Get-LandlockChange $preview).Path | Should -Be "$work/a.txt"
    }

    It 'leaves a name that somebody else has taken' {
        $preview = Start-Preview 'echo mine > c.txt'
        [System.IO.File]::WriteAllText("$work/c.txt", "theirs`n")
        Complete-LandlockPreview $preview -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'PreviewConflict,*'
        Get-Content c.txt | Should -Be theirs
    }

    It 'makes what needs a closer look with -Force only' {
        $preview = Start-Preview 'ln -s /etc/passwd out; ln -s a.txt in; echo x > tool; chmod 4755 tool'
        Complete-LandlockPreview $preview -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Select-Object -Unique | Should -Be 'PreviewNeedsForce,LandlockPS.CompleteLandlockPreviewCommand'
        $failure.TargetObject.Path | Sort-Object | Should -Be "$work/out", "$work/tool"
        "$($failure[0])" | Should -BeLike '*-Force*'
        'in' | Should -Exist
        (Get-ChildItem).Name | Should -Not -Contain out
        Complete-LandlockPreview $preview -Force
        (Get-Item out).LinkTarget | Should -Be /etc/passwd
        [System.IO.File]::GetUnixFileMode("$work/tool").HasFlag([System.IO.UnixFileMode]::SetUser) | Should -BeTrue
        Get-LandlockPreview | Should -BeNullOrEmpty
    }

    It 'says that there is no such preview, or nothing at a path' {
        $failure = Get-TerminatingError { Complete-LandlockPreview no-such -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidPreview,LandlockPS.CompleteLandlockPreviewCommand'
        $failure.Exception.Message | Should -Be "There is no preview 'no-such'. See: landlocked preview list, or Get-LandlockPreview."
        $preview = Start-Preview 'echo c > c.txt'
        (Get-TerminatingError { Complete-LandlockPreview $preview ./other -ErrorAction Stop }).Exception.Message | Should -BeLike "The preview changes nothing at '$work/other'.*"
        'c.txt' | Should -Not -Exist
    }

    It 'does not apply what a command still changes' {
        $session = New-LandlockSession -ReadWrite . -Preview
        try {
            Invoke-Command -Session $session { [System.IO.File]::WriteAllText("$PWD/from.txt", 'session') }
            (Get-TerminatingError { Get-LandlockPreview -Last | Complete-LandlockPreview -ErrorAction Stop }).Exception.Message | Should -BeLike '*cannot be applied yet: its command still runs*'
        }
        finally { Remove-PSSession $session }
        $null = Wait-Until { (Get-LandlockPreview -Last).State -ne 'Running' } 10
        Get-LandlockPreview -Last | Complete-LandlockPreview
        Get-Content from.txt | Should -Be session
    }

    It 'asks for a preview' {
        (Get-Command Complete-LandlockPreview).Parameters['Preview'].ParameterSets.Values.IsMandatory | Should -BeTrue
        (Get-TerminatingError { Complete-LandlockPreview -Preview '' -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'InvalidPreview,*'
        (Get-TerminatingError { Complete-LandlockPreview -Preview @() }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }

    It 'shows results as a table' {
        $result = Start-Preview 'echo c > c.txt' | Complete-LandlockPreview -PassThru
        $result | Out-String -Width 200 | Should -Match "IsApplied\s+Kind\s+Path\s+[-\s]+True\s+Added\s+$([regex]::Escape("$work/c.txt"))"
        "$result" | Should -Be "Added $work/c.txt"
    }
}
