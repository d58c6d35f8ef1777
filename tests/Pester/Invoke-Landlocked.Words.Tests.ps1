[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingPositionalParameters', '', Justification = 'How words are handed on is tested here.')]
param()

BeforeDiscovery {
    . $PSScriptRoot/common.ps1

    # Options of landlocked without a parameter of their name, and parameters without an option, each with the reason.
    $onlyOptions = @{
        '--access' = 'a rule with rights of its own is an object: Add-LandlockPathRule -Access'
        '--keep-fd' = 'PowerShell hands on no descriptors'
        '--strict' = 'short for --compatibility hard-requirement'
        '--dry-run' = '-WhatIf is PowerShell''s word for it'
        '--verbose' = 'a common parameter'
        '--json' = 'a plan and denials are objects: -ExplainVariable'
        '--json-fd' = 'the same'
        '--json-file' = 'the same'
        '--help' = 'Get-Help'
        '--version' = 'Get-Module'
    }
    $onlyParameters = @{
        'Command' = 'the first word that is no option'
        'ArgumentList' = 'the words behind it'
        'InputObject' = 'standard input'
        'Ruleset' = 'an object; on a command line --policy'
        'AsJob' = 'a job of PowerShell; in a shell &'
        'ExplainVariable' = 'a variable of PowerShell'
        'ExplainAction' = 'a script block; on a command line --explain=live'
        'Interactive' = 'asks through the host'
        'WhatIf' = '--dry-run'
        'Confirm' = 'asks through the host'
    }
    $options = @(landlocked --help | ForEach-Object { if ($_ -cmatch '^  (--[a-z-]+)(?:, (--[a-z-]+))?') { @{ Name = $Matches[1]; Short = $Matches[2] } } })
    $parameters = @((Get-Command Invoke-Landlocked).Parameters.Values | Where-Object {
            @($_.Attributes.Where{ $_ -is [Parameter] }.DontShow) -notcontains $true -and $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters
        } | ForEach-Object { @{ Name = $_.Name; Option = ($_.Name -creplace '([A-Z])', '-$1').ToLowerInvariant() -replace '^-', '--' } })
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Words that nobody understands' {
    BeforeAll {
        $marker = "$TestDrive/ran"
        $program = Write-Program touch-it "echo ran > '$marker'"
        $table = @{ ReadOnly = '/usr'; Exclude = '/usr/lib' }
        function Use-Box { Invoke-Landlocked @args }
        $proxy = [System.Management.Automation.ProxyCommand]::Create([System.Management.Automation.CommandMetadata]::new((Get-Command Invoke-Landlocked)))
        Set-Item function:Use-Proxy ([scriptblock]::Create($proxy))
        $null = $table
    }

    BeforeEach { Remove-Item -ErrorAction Ignore $marker }

    It 'says what options of other tools are here: <Option>' -TestCases @(
        @{ Option = '--ro'; Tool = 'landrun'; Here = '-ReadData' }
        @{ Option = '-rwx'; Tool = 'landrun'; Here = '-ReadWriteExecute' }
        @{ Option = '--unshare-net'; Tool = 'bubblewrap'; Here = '-Network None' }
    ) {
        "$(Get-TerminatingError ([scriptblock]::Create("Invoke-Landlocked $Option /usr -- $program")))" | Should -BeLike "'$Option' is no parameter of Invoke-Landlocked; it is an option of $Tool; here write $Here. Nothing was run."
        $marker | Should -Not -Exist
    }

    It 'sends a script of PowerShell to a script block' {
        Set-Content "$TestDrive/plain.ps1" '"ran $args"'
        { Invoke-Landlocked -- "$TestDrive/plain.ps1" a } | Should -Throw "*plain.ps1' is a script of PowerShell that no #! line or mode makes a program; nothing was run.*" -ErrorId 'CommandNotNative,*'
        try { Invoke-Landlocked -- "$TestDrive/plain.ps1" } catch { $_.ErrorDetails.RecommendedAction | Should -BeLike 'Put it in a script block: Invoke-Landlocked ... { *plain.ps1 }' }
        Invoke-Landlocked -ReadOnly $TestDrive { & "$using:TestDrive/plain.ps1" a } | Should -Be 'ran a'
        Set-Content "$TestDrive/program.ps1" '#!/bin/sh', 'echo program'
        chmod 755 "$TestDrive/program.ps1"
        Invoke-Landlocked -ReadOnly $TestDrive, /usr, /bin, /lib -- "$TestDrive/program.ps1" | Should -Be program
    }

    It 'are an error that names the nearest, and nothing is run: <Text>' -TestCases @(
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs -Exclude /x -- $program'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs -RemoveSecrets -- $program x'; Word = '-RemoveSecrets'; Near = '-RemoveSecret' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs -RemoveSecrets $program x'; Word = '-RemoveSecrets'; Near = '-RemoveSecret' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs -Netwrk:None $program'; Word = '-Netwrk'; Near = '-Network' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs -RemoveSecrets $program'; Word = '-RemoveSecrets'; Near = '-RemoveSecret' }
        @{ Text = 'Invoke-Landlocked --read-olny /usr $program'; Word = '--read-olny'; Near = '-ReadOnly' }
        @{ Text = 'Invoke-Landlocked -Exclude /x -Command $program'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = 'Invoke-Landlocked @table -- $program'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs $program @table'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = 'Use-Box -Unrestricted Fs -Exclude /x $program'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = 'Use-Proxy -Unrestricted Fs -Exclude /x $program'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = '{ Invoke-Landlocked -Unrestricted Fs -Exclude /x $program }.GetSteppablePipeline().Begin($false)'; Word = '-Exclude'; Near = '-Except' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs -Strict -- $program x'; Word = '-Strict'; Near = '-Compatibility HardRequirement' }
        @{ Text = 'Trace-LandlockAccess -Recurse -- $program x'; Word = '-Recurse'; Near = 'no parameter of Trace-LandlockAccess' }
        @{ Text = 'Trace-LandlockAccess -WorkingDirectry / $program'; Word = '-WorkingDirectry'; Near = '-WorkingDirectory' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs { & $using:program } -RemoveSecrets'; Word = '-RemoveSecrets'; Near = '-RemoveSecret' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs { & $using:program } -TimeoutSecs 1'; Word = '-TimeoutSecs'; Near = '-TimeoutSec' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs { param($Name) $Name; & $using:program } -Nmae x'; Word = '-Nmae'; Near = '-Name' }
        @{ Text = 'Invoke-Landlocked -Unrestricted Fs { $args; & $using:program } --strict'; Word = '--strict'; Near = '-Compatibility HardRequirement' }
        @{ Text = 'Invoke-Landlocked -AsJob -Unrestricted Fs { & $using:program } -Netwrk None'; Word = '-Netwrk'; Near = '-Network' }
        @{ Text = 'Trace-LandlockAccess { & $using:program } -Recurse'; Word = '-Recurse'; Near = 'the script block' }
        @{ Text = 'Enter-Landlock -LoadProfiles'; Word = '-LoadProfiles'; Near = '-LoadProfile' }
        @{ Text = 'New-LandlockSession -Netwrk None'; Word = '-Netwrk'; Near = '-Network' }
        @{ Text = 'New-LandlockSession one two'; Word = 'two'; Near = 'New-LandlockSession' }
    ) {
        $failure = Get-TerminatingError ([scriptblock]::Create($Text))
        Test-Path $marker | Should -BeFalse
        $failure.Exception.ErrorRecord ?? $failure | ForEach-Object {
            $_.FullyQualifiedErrorId | Should -Match '^UnknownParameter'
            $_.TargetObject | Should -BeExactly $Word
        }
        $failure.Exception.Message | Should -Match ([regex]::Escape("'$Word'"))
        $failure.Exception.Message | Should -Match ([regex]::Escape($Near))
    }

    It 'are an error in landlocked, whichever words are used: <Option>' -TestCases @(
        @{ Option = '-ReadOnly'; Near = '--read-only' }
        @{ Option = '-RemoveSecrets'; Near = '--remove-secret' }
        @{ Option = '--exclude'; Near = '--except' }
        @{ Option = '-WhatIf'; Near = '--dry-run' }
        @{ Option = '-TimeoutSecs'; Near = '--timeout-sec' }
        @{ Option = '-Ruleset'; Near = '--policy' }
    ) {
        $said = landlocked $Option -- $program 2>&1
        $LASTEXITCODE | Should -Be 125
        "$said" | Should -BeExactly "landlocked: unknown option '$Option'; did you mean '$Near'? (see landlocked --help)"
        Test-Path $marker | Should -BeFalse
    }

    It 'are told of before a command that is missing' {
        (Get-TerminatingError { Invoke-Landlocked -ReadOnly /usr }).FullyQualifiedErrorId | Should -BeExactly 'CommandMissing,LandlockPS.InvokeLandlockedCommand'
        (Get-TerminatingError { Trace-LandlockAccess -WorkingDirectory / }).FullyQualifiedErrorId | Should -BeExactly 'CommandMissing,LandlockPS.TraceLandlockAccessCommand'
    }

    It 'set the exit code of a sandbox that was not set up' {
        $null = Get-TerminatingError { Invoke-Landlocked -Exclude /x -- true }
        $LASTEXITCODE | Should -Be 125
    }
}

Describe 'Words behind a script block' {
    It 'are parameters of the block, if it declares them: <Text>' -TestCases @(
        @{ Text = '{ param($Name, [switch] $Flag, $Rest) "$Name/$Flag/$Rest" } -Name v -Flag r'; Is = 'v/True/r' }
        @{ Text = '{ param($Name, [switch] $Flag, $Rest) "$Name/$Flag/$Rest" } r -Flag:$false -Na:v'; Is = 'v/False/r' }
        @{ Text = '{ param([Alias("n")] $Name) "$Name" } -n v'; Is = 'v' }
        @{ Text = '{ param($p) "$p" } -p v'; Is = 'v' }
        @{ Text = '{ param($Name) "$Name" } @named'; Is = 'v' }
        @{ Text = '{ param($Name, $Rest) "$Name/$Rest" } -Name 1,2 3 -RemoveSecret'; Is = '1 2/3' }
        @{ Text = '{ "$args" } ''-x'' -1 --'; Is = '-x -1' }
        @{ Text = '-- { "$args" } -x --y'; Is = '-x --y' }
    ) {
        $named = @{ Name = 'v' }
        $null = $named
        . ([scriptblock]::Create("Invoke-Landlocked $Text")) | Should -Be $Is
    }

    It 'are those of the block in a job, too' {
        $value = 7
        1, 2 | Invoke-Landlocked -AsJob { param($Name, [switch] $Flag) "$Name/$Flag/$input/$using:value" } -Name v -Flag | Receive-Job -Wait -AutoRemoveJob | Should -Be 'v/True/1 2/7'
        $null = $value
    }

    It 'are an error if both know them, and nothing is run' {
        $failure = Get-TerminatingError { Invoke-Landlocked { param($ReadWrite) "$ReadWrite" } -ReadWrite / }
        $failure.FullyQualifiedErrorId | Should -BeExactly 'UnknownParameter,LandlockPS.InvokeLandlockedCommand'
        $failure.Exception.Message | Should -BeExactly "'-ReadWrite' behind the script block is a parameter of Invoke-Landlocked (-ReadWrite) and of the block (-ReadWrite); nothing was run."
    }

    It 'are an error if they have no value' {
        (Get-TerminatingError { Invoke-Landlocked { param($Name) "$Name" } -Name }).Exception.Message | Should -BeExactly "'-Name' has no value for the script block's parameter -Name; nothing was run."
    }
}

Describe 'Options of landlocked and parameters of Invoke-Landlocked' {
    BeforeAll {
        $names = (Get-Command Invoke-Landlocked).Parameters.Values.Where{ $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters }.ForEach{ $_.Name; $_.Aliases }
    }

    It 'have the same words: <Name>' -ForEach @($options | ForEach-Object { $_ + @{ Only = [bool] $onlyOptions[$_.Name] } }) {
        $full = $Name.Replace('-', '')
        if ($Only) {
            $full | Should -Not -BeIn $names
            return
        }
        $full | Should -BeIn $names
        # The short one as the engine takes it: a name, an alias, or the beginning of one parameter only.
        if ($Short) {
            $word = $Short.Replace('-', '')
            $word -in $names -or @($names | Where-Object { $_ -like "$word*" }).Count -eq 1 | Should -BeTrue -Because "-$word has to be understood"
        }
    }

    It 'have the same words: -<Name>' -ForEach @($parameters | ForEach-Object { $_ + @{ Options = $options.Name; Only = [bool] $onlyParameters[$_.Name] } }) {
        $Option -in $Options | Should -Be (-not $Only)
    }

    It 'have no exception that is none' -ForEach @{ Options = $options.Name; Parameters = $parameters.Name; OnlyOptions = @($onlyOptions.Keys); OnlyParameters = @($onlyParameters.Keys) } {
        $OnlyOptions | Where-Object { $_ -notin $Options } | Should -BeNullOrEmpty
        $OnlyParameters | Where-Object { $_ -notin $Parameters } | Should -BeNullOrEmpty
        $Options.Count | Should -BeGreaterThan 40
    }
}
