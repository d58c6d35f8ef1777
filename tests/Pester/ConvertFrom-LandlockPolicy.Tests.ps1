BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/policies.ps1
    Initialize-Policy
}

Describe 'ConvertFrom-LandlockPolicy' {
    It 'reads <Name>' -TestCases @(
        @{ Name = 'a text'; Run = { Get-Content -Raw "$TestDrive/a.toml" | ConvertFrom-LandlockPolicy } }
        @{ Name = 'lines'; Run = { Get-Content "$TestDrive/a.toml" | ConvertFrom-LandlockPolicy } }
        @{ Name = 'an argument'; Run = { ConvertFrom-LandlockPolicy (Get-Content -Raw "$TestDrive/a.toml") -Format Toml } }
    ) {
        & $Run | Should -Be (Import-LandlockPolicy "$TestDrive/a.toml")
    }

    It 'knows JSON by its text' {
        (Get-Content "$TestDrive/c.json" | ConvertFrom-LandlockPolicy).Abi | Should -Be 1
    }

    It 'takes variables' {
        (Get-Content "$TestDrive/a.toml" | ConvertFrom-LandlockPolicy -Variable @{ rw = '/x' }).PathRules.Path | Should -Be '/usr', '/x'
    }

    It 'reads a command line of <Format>' -TestCases @(
        @{ Format = 'Landrun'; Text = "landrun --rox /usr --rw 'a b' --connect-tcp 443 ls"; Paths = '/usr', 'a b' }
        @{ Format = 'Setpriv'; Text = "setpriv --landlock-access fs `\`n --landlock-rule path-beneath:read-file:/etc true"; Paths = @('/etc') }
    ) {
        (ConvertFrom-LandlockPolicy $Text -Format $Format -WarningAction SilentlyContinue).PathRules.Path | Should -Be $Paths
    }

    It 'says how a command line of another tool is read' {
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrun --rox /usr ls' }).ErrorDetails.RecommendedAction | Should -BeExactly 'This looks like a command line of landrun: add -Format Landrun.'
        (Get-TerminatingError { '/usr/bin/setpriv --landlock-access fs ls' | ConvertFrom-LandlockPolicy }).ErrorDetails.RecommendedAction | Should -BeExactly 'This looks like a command line of setpriv: add -Format Setpriv.'
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrunner = 1' }).ErrorDetails.RecommendedAction | Should -Not -Match 'Format'
    }

    It 'does not guess what a shell would do' {
        $failure = Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrun --roy /usr ls' -Format Landrun }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidCommandLine,*'
        $failure.Exception.Message | Should -Match "did you mean '--ro'"
        $failure.ErrorDetails.RecommendedAction | Should -Match 'as landrun takes them'
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'landrun --rw $HOME ls' -Format Landrun }).Exception.Message | Should -Match 'means something to a shell'
        (Get-TerminatingError { ConvertFrom-LandlockPolicy "landrun --rw 'x ls" -Format Landrun }).Exception.Message | Should -Match 'not closed'
    }

    It 'knows a command line of the sandboxer by its variables' {
        (Get-TerminatingError { ConvertFrom-LandlockPolicy 'LL_FS_RO=/usr:/etc LL_FS_RW= ./sandboxer ls' }).ErrorDetails.RecommendedAction | Should -BeExactly 'This looks like a command line of sandboxer: add -Format Sandboxer.'
    }

    It 'makes of <Format> what the kernel enforces' -TestCases @(
        @{ Format = 'Sandboxer'; Text = "LL_FS_RO=/usr:/bin:/lib:/lib64:/etc:{0}/read LL_FS_RW={0}/write:/nowhere LL_TCP_BIND= sandboxer true" }
        @{ Format = 'Srt'; Text = '{ "network": { "allowedDomains": [], "deniedDomains": [] }, "filesystem": { "denyRead": ["{0}/hidden"], "allowWrite": ["./write"], "denyWrite": [] } }' }
        @{ Format = 'ClaudeCode'; Text = '{ "sandbox": { "enabled": true }, "permissions": { "allow": ["Edit(./write/**)"], "deny": ["Read(/{0}/hidden/**)", "Edit(./read)"] } }' }
        @{ Format = 'Firejail'; Text = "blacklist {0}/hidden`nread-only {0}/read`nread-write {0}/write`nnet none" }
    ) {
        # /tmp may hold more than exceptions can have rules beside them.
        $folder = mktemp -d /var/tmp/landlockps-XXXXXX
        foreach ($name in 'read', 'write', 'hidden') { $null = New-Item -ItemType Directory -Force "$folder/$name"; Set-Content "$folder/$name/file" $name }
        Push-Location $folder
        try {
            $ruleset = ConvertFrom-LandlockPolicy $Text.Replace('{0}', $folder) -Format $Format -WarningAction SilentlyContinue
            $out = Invoke-Landlocked -Ruleset $ruleset -WarningAction SilentlyContinue -- sh -c 'cat read/file; echo new > write/new && cat write/new; cat hidden/file || echo no; { echo x > read/new; } || echo no' 2>$null
            $out | Should -Be 'read', 'new', 'no', 'no'
            "$folder/read/new" | Should -Not -Exist
        }
        finally {
            Pop-Location
            Remove-Item -Recurse -Force $folder
        }
    }

    It 'takes the home directory of the session, or the one that is given' {
        $text = '{ "network": { "allowedDomains": [], "deniedDomains": [] }, "filesystem": { "denyRead": ["~/.ssh"], "allowWrite": [], "denyWrite": [] } }'
        $convert = { param($more) ($text | ConvertFrom-LandlockPolicy -Format Srt -WarningAction SilentlyContinue @more).PathRules.Where{ $_.Path -eq '/' }.Except }
        & $convert @{} | Should -Be "$($env:HOME.TrimEnd('/'))/.ssh"
        & $convert @{ Variable = @{ home = '/home/other' } } | Should -Be '/home/other/.ssh'
        (Get-TerminatingError { $text | ConvertFrom-LandlockPolicy -Format Srt -Variable @{ hoem = '/x' } }).Exception.Message | Should -BeExactly "hoem: Srt has no variable 'hoem', only 'home'"
        (Get-TerminatingError { $text | ConvertFrom-LandlockPolicy -Format Srt -Variable @{ home = 'x' } }).Exception.Message | Should -Match 'the home directory is not known'
    }

    It 'warns of what <Format> has and a ruleset has not' -TestCases @(
        @{ Format = 'Srt'; Text = '{ "network": { "allowedDomains": ["*.example.org"], "deniedDomains": ["x.example.org"] }, "filesystem": { "denyRead": [], "allowWrite": [], "denyWrite": [] } }'; Warning = 'looser than srt' }
        @{ Format = 'ClaudeCode'; Text = '{ "permissions": { "deny": ["Read(*.pem)"] } }'; Warning = 'looser than Claude Code' }
        @{ Format = 'Firejail'; Text = "quiet`ninclude disable-common.inc"; Warning = '^line 2 \(include\)' }
    ) {
        $null = ConvertFrom-LandlockPolicy $Text -Format $Format -WarningVariable warnings -WarningAction SilentlyContinue
        @($warnings) -match $Warning | Should -HaveCount 1
    }

    It 'refuses what is no <Format>' -TestCases @(
        @{ Format = 'Srt'; Text = '{ "abi": 6 }'; Message = "srt:1:3: srt has no 'abi'" }
        @{ Format = 'ClaudeCode'; Text = '{ "model": "x" }'; Message = 'claude:1:1: neither *' }
        @{ Format = 'Firejail'; Text = 'abi = 6'; Message = "firejail:1:1: firejail has no directive 'abi'" }
        @{ Format = 'Sandboxer'; Text = 'landrun --rox /usr ls'; Message = 'sandboxer: the command line begins with*' }
    ) {
        (Get-TerminatingError { ConvertFrom-LandlockPolicy $Text -Format $Format }).Exception.Message | Should -BeLike $Message
    }

    It 'says where a text is wrong' {
        $failure = Get-TerminatingError { Get-Content "$TestDrive/bad.toml" | ConvertFrom-LandlockPolicy }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidPolicy,*'
        $failure.Exception.Message | Should -Match '^text:4:\d+: '
        (Get-TerminatingError { '' | ConvertFrom-LandlockPolicy }).Exception.Message | Should -Match 'empty'
    }
}
