BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    # A completer of the engine's own kind, for a program that nobody else completes; it shows the call that it is asked about.
    $register = "Register-ArgumentCompleter -Native -CommandName nl -ScriptBlock { param(`$word, `$call, `$position) 'checkout', 'cherry-pick', '--verbose', '-v' | Where-Object { `$_ -like `"`$word*`" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new(`$_, `$_, 'ParameterValue', `"`$call`@`$position`") } }"
}

Describe 'Completion of the wrapped command' {
    BeforeAll {
        . ([scriptblock]::Create($register))
        $null = New-Item -ItemType Directory "$TestDrive/work/folder"
        Set-Content "$TestDrive/work/alpha.txt" x
        Push-Location "$TestDrive/work"
    }

    AfterAll {
        Pop-Location
        # There is no way to take one back, but an empty one offers nothing.
        Register-ArgumentCompleter -Native -CommandName nl -ScriptBlock { }
    }

    It 'asks the command''s own completer: <_>' -ForEach @(
        'Invoke-Landlocked -ReadOnly /usr -- nl che'
        'Invoke-Landlocked -ReadOnly /usr, /etc -Verbose -AsJob nl che'
        'Invoke-Landlocked nl che'
        'Invoke-Landlocked -Command nl che'
        'New-LandlockRuleset | Invoke-Landlocked -- nl che'
        'landlocked --read-data /usr -- nl che'
        'landlocked --read-only /usr --dry-run nl che'
        'landlocked --explain=live --json nl che'
        'landlocked trace -- nl che'
        'Trace-LandlockAccess -- nl che'
        'Trace-LandlockAccess nl che'
        'nosandbox nl che'
    ) {
        $found = Complete $_
        $found.CompletionText | Should -Be checkout, cherry-pick
        $found[0].ToolTip | Should -Be 'nl che@6'
    }

    It 'asks it about the words behind: <Line>' -ForEach @(
        @{ Line = 'Invoke-Landlocked -- nl a "b c" '; Asked = 'nl a "b c"@11'; Offered = 'checkout', 'cherry-pick', '--verbose', '-v' }
        @{ Line = 'Invoke-Landlocked -- nl checkout che'; Asked = 'nl checkout che@15'; Offered = 'checkout', 'cherry-pick' }
        @{ Line = 'landlocked --read-data /usr -- nl a '; Asked = 'nl a@5'; Offered = 'checkout', 'cherry-pick', '--verbose', '-v' }
    ) {
        $found = Complete $Line
        $found.CompletionText | Should -Be $Offered
        $found[0].ToolTip | Should -Be $Asked
    }

    It 'knows its long options; the engine keeps short ones to itself, except behind native commands' {
        (Complete 'Invoke-Landlocked -- nl --v').CompletionText | Should -Be '--verbose'
        (Complete 'Invoke-Landlocked nl --v').CompletionText | Should -Be '--verbose'
        (Complete 'nosandbox nl -').CompletionText | Should -Be '--verbose', '-v'
        (Complete 'landlocked -- nl -').CompletionText | Should -Be '--verbose', '-v'
    }

    It 'offers no programs where the value of a parameter stands: <_>' -ForEach @(
        'Invoke-Landlocked -ConnectTcp '
        'Invoke-Landlocked -ReadOnly /usr -MaxMemory '
        'Invoke-Landlocked -Variable '
    ) {
        (Complete $_).CompletionText | Should -Not -Contain printenv
    }

    It 'offers values, and no files, where a number stands: <Line>' -ForEach @(
        @{ Line = 'Invoke-Landlocked -ConnectTcp '; Offered = '443' }
        @{ Line = 'New-LandlockRuleset | Add-LandlockNetRule -BindTcp '; Offered = '0' }
        @{ Line = 'Invoke-Landlocked -MaxMemory '; Offered = '1GB' }
        @{ Line = 'New-LandlockSession -MaxCpuSeconds '; Offered = '1m' }
        @{ Line = 'Invoke-Landlocked -TimeoutSec '; Offered = '30s' }
        @{ Line = 'Enter-Landlock -MaxOpenFiles '; Offered = '1024' }
        @{ Line = 'landlocked --connect-tcp '; Offered = '443' }
        @{ Line = 'landlocked --read-only /usr --timeout '; Offered = '30s' }
        @{ Line = 'landlocked --max-memory '; Offered = '1GB' }
        @{ Line = 'landlocked --max-open-files '; Offered = '1024' }
    ) {
        $found = (Complete $Line).CompletionText
        $found | Should -Contain $Offered
        $found -match '/' | Should -BeNullOrEmpty
    }

    It 'offers programs where the command stands: <_>' -ForEach @(
        'Invoke-Landlocked printen'
        'Invoke-Landlocked -- printen'
        'Invoke-Landlocked -ReadOnly /usr -- printen'
        'landlocked -- printen'
        'landlocked printen'
        'landlocked --no-baseline printen'
        'Trace-LandlockAccess printen'
        'Trace-LandlockAccess -- printen'
        'nosandbox printen'
    ) {
        (Complete $_).CompletionText | Should -Contain printenv
    }

    It 'offers the options of landlocked, as its help has them, and its subcommands' {
        $help = landlocked --help | ForEach-Object { if ($_ -cmatch '^  (--[a-z-]+)') { $Matches[1] } }
        (Complete 'landlocked --').CompletionText | Where-Object { $_ -in $help } | Should -Be $help
        (Complete 'landlocked --read-only /usr --read-w').CompletionText | Should -Be '--read-write', '--read-write-execute'
        (Complete 'landlocked --network ').CompletionText | Should -Be default, none, tcp, unrestricted
        (Complete 'landlocked --preset P').CompletionText | Should -Be PowerShell, Python
        (Complete 'landlocked suppo').CompletionText | Should -Contain support
        (Complete 'landlocked policy ').CompletionText | Should -Be check, resolve, merge, diff, schema
    }

    It 'says what each word does' {
        (Complete 'landlocked --read-onl').ToolTip | Should -Be 'read, list and execute'
        (Complete 'landlocked --network n').ToolTip | Should -Be 'UNIX sockets only'
        (Complete 'landlocked policy me').ToolTip | Should -BeLike 'merge policies*'
        (Complete 'landlocked --profile untr').ToolTip | Should -BeLike 'the working directory only*'
    }

    It 'goes on in a list, with quotes and without: <Line>' -ForEach @(
        @{ Line = 'landlocked --preset Base,gi'; Offered = 'Git' }
        @{ Line = 'landlocked --preset=Base,gi'; Offered = 'Git' }
        @{ Line = "landlocked --preset 'Base',gi"; Offered = 'Git' }
        @{ Line = "landlocked --preset 'Base,gi"; Offered = "'Base,Git'" }
        @{ Line = 'landlocked --require net_tcp,net_u'; Offered = 'net_udp' }
    ) {
        (Complete $Line).CompletionText | Should -Be $Offered
    }

    It 'leaves $LASTEXITCODE alone' {
        sh -c 'exit 7'
        (Complete 'landlocked --read-onl').CompletionText | Should -Be '--read-only'
        $LASTEXITCODE | Should -Be 7
    }

    It 'offers no cmdlets, which cannot be wrapped' {
        (Complete 'Invoke-Landlocked Get-ChildIte').CompletionText | Should -Not -Contain Get-ChildItem
    }

    It 'offers files: <Line>' -ForEach @(
        @{ Line = 'Invoke-Landlocked -- cat al'; Offered = './alpha.txt' }
        @{ Line = 'Invoke-Landlocked cat al'; Offered = './alpha.txt' }
        @{ Line = 'Invoke-Landlocked -- ./fol'; Offered = './folder' }
        @{ Line = 'landlocked --read-data al'; Offered = './alpha.txt' }
        @{ Line = 'landlocked --policy=al'; Offered = '--policy=./alpha.txt' }
        @{ Line = 'landlocked --access read_file,truncate:al'; Offered = 'truncate:./alpha.txt' }
        @{ Line = 'landlocked --working-directory ./'; Offered = './folder' }
        @{ Line = 'landlocked policy check al'; Offered = './alpha.txt' }
        @{ Line = 'landlocked -- cat al'; Offered = './alpha.txt' }
        @{ Line = 'Invoke-Landlocked -ReadOnly al'; Offered = './alpha.txt' }
    ) {
        (Complete $Line).CompletionText | Should -Be $Offered
    }

    It 'leaves the parameters of the cmdlet as they were' {
        (Complete 'Invoke-Landlocked -ReadO').CompletionText | Should -Be '-ReadOnly'
        (Complete 'Invoke-Landlocked -Preset Gi').CompletionText | Should -Be Git
        (Complete 'Invoke-Landlocked { Get-ChildIte').CompletionText | Should -Be Get-ChildItem
    }

    It 'happens at the Tab key' -Skip:$noTerminal {
        $terminal = Open-Terminal
        try {
            Send-Terminal $terminal $register
            Wait-Terminal $terminal 'ready> *$'
            tmux -L $terminal send-keys -l 'Invoke-Landlocked -ReadOnly /usr -- nl cherr'
            Send-TerminalKey $terminal Tab
            Wait-Terminal $terminal '(?m)-- nl cherry-pick *$'
            Send-TerminalKey $terminal C-u
            Wait-Terminal $terminal 'ready> *$'
            tmux -L $terminal send-keys -l 'landlocked --network=n'
            Send-TerminalKey $terminal Tab
            Wait-Terminal $terminal '(?m)landlocked --network=none *$'
        }
        finally { Close-Terminal $terminal }
    }
}

Describe 'Completion of landlocked in every PowerShell' {
    BeforeAll {
        $null = New-Item -ItemType Directory "$TestDrive/odd/bin"
        Push-Location "$TestDrive/odd"
        $script = & landlocked completion powershell | Out-String
    }

    AfterAll { Pop-Location }

    It 'is the same without the module' {
        $lines = 'landlocked --re', 'landlocked --preset Base,gi', 'landlocked --connect-tcp ', 'landlocked policy ', 'landlocked printen', 'landlocked -- printenv -'
        $complete = "function Complete { ${function:Complete} }; '$($lines -join "', '")' | ForEach-Object { Complete `$_ } | ForEach-Object { `$_.CompletionText + ' ' + `$_.ToolTip }"
        $with = & ([scriptblock]::Create($complete))
        Set-Content "$TestDrive/without.ps1" "`$env:PATH = '$($ModulePath.Replace("'", "''"))/bin/linux-$([System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant()):' + `$env:PATH; $script; Set-StrictMode -Version Latest; if (Get-Module LandlockPS) { throw }; $complete"
        pwsh -NoProfile -File "$TestDrive/without.ps1" | Should -Be $with
    }

    It 'offers names as text: <_>' -ForEach 'a $(New-Item made) b', "it's", "a`u{2019}b", '$HOME' {
        Set-Content -LiteralPath $_ x
        $line = 'landlocked --policy=' + $_.Substring(0, 1).Replace('$', '`$')
        $found = Complete $line
        $found.CompletionText | Should -HaveCount 1
        & ([scriptblock]::Create("/usr/bin/printf %s $($found.CompletionText)")) | Should -Be "--policy=./$_"
        Remove-Item -LiteralPath $_
        'made' | Should -Not -Exist
    }

    It 'offers as text whatever a program of that name answers' {
        Set-Content bin/landlocked "#!/bin/sh`necho words; printf '%s\t\n' '`$(New-Item made)' `"it's`" 'a;b' 'a,b' @x '&'"
        chmod +x bin/landlocked
        $found = (Complete './bin/landlocked ').CompletionText
        $found | Should -Be "'`$(New-Item made)'", "'it''s'", "'a;b'", "'a,b'", "'@x'", "'&'"
        Set-Content bin/landlocked "#!/bin/sh`nexit 125"
        (Complete './bin/landlocked --read-onl').CompletionText | Should -BeNullOrEmpty
    }
}
