BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/profiles.ps1
}

Describe 'Profiles where a sandbox is started' {
    BeforeEach {
        $saved = Enter-ProfileHome
        $root = $saved.Root
        Set-Content $root/home/secret secret
        Set-Content $root/other/file other
        $folder = Get-ProfileFolder narrow
        $null = New-Item -ItemType Directory $folder
        Set-Content $folder/profile.toml 'workspace = false', '[landlockps]', 'description = "one directory"', 'preset = ["Base", "PowerShell"]',
        'read_only = ["${cwd}"]', 'environment = { PLACE = "${cwd}" }'
        Set-Location $root/work
        Set-Content file work
    }

    AfterEach { Exit-ProfileHome $saved }

    It 'runs a command in one, by name and from the pipeline' {
        Invoke-Landlocked -Profile narrow -- sh -c 'cat file; echo $PLACE; echo $LANDLOCKPS_SANDBOX' | Should -Be 'work', "$root/work", 'narrow'
        Get-LandlockProfile narrow | Invoke-Landlocked -- sh -c 'cat file; echo $LANDLOCKPS_SANDBOX' | Should -Be 'work', 'narrow'
        Invoke-Landlocked -Profile narrow -- cat $root/home/secret 2>&1 | Should -BeLike '*Permission denied*'
        $LASTEXITCODE | Should -Be 1
    }

    It 'runs a script block and a session in one' {
        Invoke-Landlocked -Profile narrow { Get-Content ./file } | Should -Be work
        $session = New-LandlockSession -Profile narrow
        try {
            Invoke-Command $session { Get-Content ./file } | Should -Be work
            { Invoke-Command $session { Get-Content ../home/secret } -ErrorAction Stop } | Should -Throw '*is denied*'
        }
        finally { $session | Remove-PSSession }
        $session = Get-LandlockProfile narrow | New-LandlockSession
        try { Invoke-Command $session { Get-Content ./file } | Should -Be work }
        finally { $session | Remove-PSSession }
        # The caller is free.
        Get-Content $root/home/secret | Should -Be secret
    }

    It 'adds what the other parameters say, and tells what that loosens' {
        Invoke-Landlocked -Profile narrow -ReadData $root/other -- cat $root/other/file | Should -Be other
        Set-Content "$(Get-ProfileFolder narrow)/profile.toml" 'workspace = false', '[landlockps]', 'preset = ["Base"]', 'network = "none"'
        $null = Invoke-Landlocked -Profile narrow -Network Unrestricted -WarningVariable said -WarningAction SilentlyContinue -- true
        "$said" | Should -Be "The options loosen the profile 'narrow': network unrestricted instead of none."
        $null = Invoke-Landlocked -Profile narrow -NoUnixSocket -WarningVariable said -- true
        $said | Should -BeNullOrEmpty
    }

    It 'is a layer around rulesets and policies, whose rules stay their own' {
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule /usr, /bin, /lib, /lib64, /etc ReadOnly
        Invoke-Landlocked -Profile narrow -Ruleset $ruleset -- cat file 2>&1 | Should -BeLike '*Permission denied*'
        Get-LandlockProfile narrow | Invoke-Landlocked -Ruleset $ruleset -- cat file 2>&1 | Should -BeLike '*Permission denied*'
    }

    It 'gives values to the variables that a profile declares' {
        Set-Content "$(Get-ProfileFolder narrow)/profile.toml" 'workspace = false', '[landlockps]', 'preset = ["Base"]',
        'environment = { PLACE = "${place}" }', 'connect_host = ["${hosts}"]', '[[landlockps.variable]]', 'name = "place"',
        '[[landlockps.variable]]', 'name = "hosts"', 'optional = true'
        Invoke-Landlocked -Profile narrow -Variable @{ place = 'here' } -- sh -c 'echo $PLACE' | Should -Be here
        { Invoke-Landlocked -Profile narrow -- true } | Should -Throw "*the variable 'place' has no value; give it one*"
        { Invoke-Landlocked -Profile narrow -Variable @{ place = 'here'; host = 'a.example' } -- true } |
            Should -Throw "*no document uses the variable 'host'; did you mean 'hosts'?"
        $values = @{ place = 'here'; hosts = 'a.example', 'b.example:80' }
        (Test-LandlockAccess -HostName a.example, b.example, b.example:80 -Profile narrow -Variable $values).Allowed |
            Should -Be $true, $false, $true
    }

    It 'says that there is none, and which was meant' {
        { Invoke-Landlocked -Profile narow -- true } | Should -Throw "There is no profile 'narow'; did you mean 'narrow'?" -ErrorId 'ProfileNotFound,*'
        { Enter-Landlock -Profile narow } | Should -Throw "There is no profile 'narow'; did you mean 'narrow'?" -ErrorId 'ProfileNotFound,*'
        # It ends the process, since a script must not go on without its sandbox.
        Set-Content $root/script.ps1 "Import-Module '$((Get-Module LandlockPS).Path)'; Protect-LandlockScript -Profile narow; 'went on'"
        $said = & (Get-Command pwsh).Source -NoProfile -File $root/script.ps1 2>&1 | Out-String
        $said | Should -BeLike "*There is no profile 'narow'*"
        $said | Should -Not -BeLike '*went on*'
        { Test-LandlockAccess file read_file -Profile narow } | Should -Throw "*There is no profile 'narow'*"
    }

    It 'refuses one that is broken, with the place' {
        Add-Content "$(Get-ProfileFolder narrow)/profile.toml" 'read_onyl = ["/"]'
        { Invoke-Landlocked -Profile narrow -- true } | Should -Throw "*profile.toml:7:1: *has no key 'read_onyl'; did you mean 'read_only'?*"
    }

    It 'takes no profile that was one elsewhere' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-LandlockProfile narrow)))
        { $copy | Invoke-Landlocked -- true } | Should -Throw '*came from another process*-Profile NAME.'
        { $copy | Enter-Landlock } | Should -Throw '*came from another process*-Profile NAME.'
    }

    It 'answers questions about one' {
        (Test-LandlockAccess ./file read_file -Profile narrow).Allowed | Should -BeTrue
        (Test-LandlockAccess $root/home/secret read_file -Profile narrow).Allowed | Should -BeFalse
        (Show-LandlockAccess $root/work -Profile narrow | Out-String) | Should -BeLike '*file*'
        Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"
        Get-LandlockProfile narrow | Should -AllowPath ./file
        Get-LandlockProfile narrow | Should -DenyPath $root/home/secret
    }

    It 'completes names with what they are for' {
        $matches = (TabExpansion2 'Invoke-Landlocked -Profile na').CompletionMatches
        $matches.CompletionText | Should -Be narrow
        $matches.ToolTip | Should -Be 'one directory'
        (TabExpansion2 'New-LandlockSession -Profile u').CompletionMatches.CompletionText | Should -Be untrusted
    }

    It 'is shown with its description and its settings' {
        Get-LandlockProfile narrow | Out-String | Should -BeLike '*narrow*one directory*'
        Get-LandlockProfile narrow | Format-List | Out-String | Should -BeLike '*read_only: `${cwd}*'
    }

    It 'ships some, which cannot be changed' {
        (Get-LandlockProfile | Where-Object Origin -EQ Shipped).Name | Should -Be agent, build, untrusted
        { Remove-LandlockProfile agent -ErrorAction Stop } | Should -Throw "The profile 'agent' ships with LandlockPS and cannot be changed."
        { Set-LandlockProfile agent -Beneath $root/work } | Should -Throw "The profile 'agent' ships with LandlockPS and cannot be changed."
        Test-LandlockProfile agent -Quiet | Should -BeTrue
        Invoke-Landlocked -Profile untrusted -- sh -c 'cat file; echo $HOME' | Should -Be 'work', "$root/home"
    }

    It 'applies by itself through the hook, time limits apart' {
        $folder = Get-ProfileFolder narrow
        $text = Get-Content $folder/profile.toml -Raw
        Set-Content $folder/profile.toml "[[context]]`nwhen_beneath = '$root/work'`n$($text -replace 'workspace = false', '')`n" -NoNewline
        (Get-Content $folder/profile.toml -Raw) -replace '^', "workspace = false`n" | Set-Content $folder/profile.toml
        Test-LandlockProfile narrow -Quiet | Should -BeTrue
        $hooked = { param($module, $script) & (Get-Command pwsh).Source -NoProfile -Command "Import-Module $module; Enable-LandlockShell -Scope Script; $script" }
        (& $hooked (Get-Module LandlockPS).Path "cat file; cat $root/home/secret") 2>$null | Should -Be work
        Add-Content $folder/profile.toml 'timeout_sec = 5'
        (& $hooked (Get-Module LandlockPS).Path 'cat file' 2>&1) | Should -BeLike "*asks for timeout_sec*which the shell's hook cannot keep*"
    }

    It 'puts back what a command has changed that is preserved' {
        $null = Invoke-Landlocked -ReadOnly /usr, /bin, /lib -ReadWrite . -Preserve ./file -WarningVariable said -WarningAction SilentlyContinue -- sh -c 'echo evil > file'
        "$said" | Should -Be "'sh' had changed 1 of the preserved paths, which was put back; what it had made of them is beside them, named *.from-sandbox."
        Get-Content ./file | Should -Be work
        Get-Content ./file.from-sandbox | Should -Be evil
        $null = Invoke-Landlocked -ReadWrite . -Preserve ./file -WarningVariable said -WarningAction SilentlyContinue { Set-Content ./file evil }
        "$said" | Should -BeLike 'The script block had changed 1 of the preserved paths*'
        Get-Content ./file | Should -Be work
    }
}
