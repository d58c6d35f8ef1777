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

Describe "Get-LandlockChange$(if ($obstacle) { ", skipped: $obstacle" })" -Skip:([bool]$obstacle) {
    BeforeAll {
        $place = Enter-PreviewPlace
        $work = $place.Work
        Reset-PreviewPlace $place
        Set-Content old.txt 'a file that will be moved'
        Set-Content mode.txt m
        Set-Content time.txt t
        $null = New-Item -ItemType SymbolicLink -Path link -Target a.txt
        $preview = Start-Preview 'echo more >> a.txt; rm b.txt; mv old.txt new.txt; mkdir d; echo d > d/d.txt; chmod 600 mode.txt; touch -d @1000000000 time.txt; ln -sf d/d.txt link'
        $changes = @(Get-LandlockChange $preview)
    }

    AfterAll {
        Exit-PreviewPlace $place
    }

    It 'lists every change by its path, and leaves the files as they were' {
        $changes.Path | Should -Be ('a.txt', 'b.txt', 'd', 'd/d.txt', 'link', 'mode.txt', 'new.txt', 'time.txt').ForEach{ "$work/$_" }
        $changes.Kind | Should -Be Changed, Removed, Added, Added, Link, Mode, Moved, Time
        $changes.Preview | Select-Object -Unique | Should -Be $preview.Name
        (Get-ChildItem).Name | Sort-Object | Should -Be a.txt, b.txt, link, mode.txt, old.txt, time.txt
        Get-Content a.txt | Should -Be one
    }

    It 'says what was there and what will be' {
        $changed = $changes[0]
        $changed.Before.Size, $changed.After.Size | Should -Be 4, 9
        $changed.Before.Kind | Should -Be File
        $changed.Conflict, $changed.NeedsForce, $changed.Note | Should -Be $null, $null, $null
        $changes[1].After | Should -Be $null
        $changes[2].After.Kind | Should -Be Directory
        $changes[4].Before.Target, $changes[4].After.Target | Should -Be a.txt, d/d.txt
        $changes[5].After.ModeString | Should -Be rw-------
        $changes[6].OldPath | Should -Be "$work/old.txt"
        $changes[7].After.LastWriteTime.ToUniversalTime() | Should -Be ([datetime]::UnixEpoch.AddSeconds(1000000000))
    }

    It 'takes the last preview, a name, a part of one, an object, and several' {
        (Get-LandlockChange).Count | Should -Be $changes.Count
        (Get-LandlockChange $preview.Name).Count | Should -Be $changes.Count
        (Get-LandlockChange $preview.Name.Substring(16)).Count | Should -Be $changes.Count
        ($preview | Get-LandlockChange).Count | Should -Be $changes.Count
        ($preview, $preview.Name | Get-LandlockChange).Count | Should -Be (2 * $changes.Count)
        (Get-LandlockChange -Preview $preview, $preview).Count | Should -Be (2 * $changes.Count)
    }

    It 'takes some by kind and by path' {
        (Get-LandlockChange -Kind Added, Removed).Path | Should -Be "$work/b.txt", "$work/d", "$work/d/d.txt"
        (Get-LandlockChange -Path ./d).Path | Should -Be "$work/d", "$work/d/d.txt"
        (Get-LandlockChange -Path d/d.txt -Kind Added).Path | Should -Be "$work/d", "$work/d/d.txt"
        # By where it was before.
        (Get-LandlockChange -Path ./old.txt).Path | Should -Be "$work/new.txt"
        $null = New-Item -ItemType SymbolicLink -Path "$TestDrive/way" -Target $work
        (Get-LandlockChange -Path "$TestDrive/way/b.txt").Path | Should -Be "$work/b.txt"
    }

    It 'says what it does not know' {
        foreach ($call in { Get-LandlockChange no-such -ErrorAction Stop }, { Get-LandlockChange -Path ./link.txt -ErrorAction Stop }) {
            (Get-TerminatingError $call).FullyQualifiedErrorId | Should -Be 'InvalidPreview,LandlockPS.GetLandlockChangeCommand'
        }
        (Get-TerminatingError { Get-LandlockChange -Path ./link.txt -ErrorAction Stop }).Exception.Message | Should -BeLike "The preview changes nothing at '$work/link.txt'.*"
        (Get-TerminatingError { Get-LandlockChange -Kind Other }).Exception.Message | Should -Match 'Added, Changed, Removed, Moved, Mode, Link, Time'
    }

    It 'goes on with the next preview after one that is unknown' {
        $found = 'no-such', $preview | Get-LandlockChange -Kind Removed -ErrorAction SilentlyContinue -ErrorVariable failure
        $found.Path | Should -Be "$work/b.txt"
        $failure | Should -HaveCount 1
    }

    It 'gives a patch that git applies' -Skip:(-not (Get-Command git -CommandType Application -ErrorAction Ignore)) {
        $patch = Get-LandlockChange -Patch -Kind Changed, Removed, Added
        $patch | Should -HaveCount 3
        $patch[0] | Should -Match '(?m)^-?\+more$'
        $copy = (New-Item -ItemType Directory "$TestDrive/copy$work").FullName
        Copy-Item a.txt, b.txt $copy
        ($patch -join "`n") + "`n" | git -C "$TestDrive/copy" apply - 2>&1 | Should -BeNullOrEmpty
        Get-Content "$copy/a.txt" | Should -Be one, more
        Get-Content "$copy/d/d.txt" | Should -Be d
        "$copy/b.txt" | Should -Not -Exist
    }

    It 'shows them as a table, and each in colour' {
        $text = $changes | Out-String -Width 200
        $text | Should -Match "Preview: $($preview.Name)"
        $text | Should -Match 'Kind\s+Path'
        $text | Should -Match "Changed\s+$([regex]::Escape("$work/a.txt"))  \(4 bytes -> 9 bytes\)"
        $text | Should -Match "Moved\s+$([regex]::Escape("$work/old.txt -> $work/new.txt"))"
        [LandlockPS.Output.PreviewCells]::Kind($changes[1]) | Should -Be "`e[31mRemoved`e[0m"
    }

    It 'shows those that came from elsewhere' {
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($changes[0]))
        $back.PSTypeNames | Should -Contain 'Deserialized.Landlock.Previews.PreviewChange'
        "$($back.Kind) $($back.Path)" | Should -Be "Changed $work/a.txt"
        (Get-LandlockChange $back).Count | Should -Be $changes.Count
    }

    It 'is data: names and contents with control characters do nothing to a terminal' {
        $hostile = Start-Preview 'printf "x\033[31my\n" > "$(printf "n\033[2Jm")"'
        try {
            $change = Get-LandlockChange $hostile
            $change.Path | Should -BeExactly "$work/n`e[2Jm"
            $change | Out-String -Width 200 | Should -Not -Match "`e\[2J"
            Get-LandlockChange $hostile -Patch | Should -Not -Match "`e"
        }
        finally { Undo-LandlockPreview $hostile }
    }

    It 'lists what a command has changed that still runs' {
        $session = New-LandlockSession -ReadWrite . -Preview
        try {
            Invoke-Command -Session $session { [System.IO.File]::WriteAllText("$PWD/from.txt", 'session') }
            (Get-LandlockChange).Path | Should -Be "$work/from.txt"
        }
        finally { Remove-PSSession $session }
    }
}
