# Language modes: what runs in a sandbox has no more of the language than whoever starts it.
BeforeAll {
    . $PSScriptRoot/common.ps1
    $null = New-Item -ItemType Directory "$TestDrive/work"
}

Describe 'A caller under ConstrainedLanguage' {
    BeforeAll {
        # Everything in one PowerShell, since the mode is for good: NAME=what it gave.
        Set-Content "$TestDrive/constrained.ps1" @"
Import-Module '$ModulePath'
`$made = { "made full `$(`$ExecutionContext.SessionState.LanguageMode)" }
`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
function Try-It([string] `$Name, [scriptblock] `$Action) { try { "`$Name=`$(& `$Action)" } catch { "`$Name=`$(`$_.FullyQualifiedErrorId)" } }
Try-It native { Invoke-Landlocked -ReadOnly /usr -- echo hi }
Try-It supervised { Invoke-Landlocked -ReadOnly /usr -TimeoutSec 60 -- echo hi }
Try-It traced { (Trace-LandlockAccess -- true).Path -contains '/usr/bin/true' }
Try-It block { Invoke-Landlocked -ReadOnly /usr { "`$(`$ExecutionContext.SessionState.LanguageMode)" } }
Try-It fullblock { Invoke-Landlocked -ReadOnly /usr `$made }
Try-It method { Invoke-Landlocked -ReadOnly /usr { [System.IO.File]::Exists('/usr') } -ErrorAction Stop }
Try-It back { Invoke-Landlocked -ReadOnly /usr { try { `$ExecutionContext.SessionState.LanguageMode = 'FullLanguage' } catch { 'refused' }; "`$(`$ExecutionContext.SessionState.LanguageMode)" } }
Try-It explained { Invoke-Landlocked -ReadOnly /usr -ExplainVariable denied { `$null = cat /etc/hostname 2>&1; "`$(`$ExecutionContext.SessionState.LanguageMode)" } }
`$value = @{ a = 5 }
Try-It using { Invoke-Landlocked -ReadOnly /usr { `$using:value.a } }
Try-It job { Invoke-Landlocked -ReadOnly /usr -AsJob { "`$(`$ExecutionContext.SessionState.LanguageMode)" } | Receive-Job -Wait -AutoRemoveJob }
Try-It session {
    `$s = New-LandlockSession -ReadOnly /usr -InitializationScript { `$mode = "`$(`$ExecutionContext.SessionState.LanguageMode)" }
    Invoke-Command `$s { `$mode; "`$(`$ExecutionContext.SessionState.LanguageMode)" }
    Remove-PSSession `$s
}
Try-It hook { Enable-LandlockShell }
"@
        $given = @{}
        & "$PSHOME/pwsh" -NoProfile -File "$TestDrive/constrained.ps1" 2>$null 3>$null | ForEach-Object { $name, $value = $_ -split '=', 2; $given[$name] = $value }
    }

    It 'runs native commands: <_>' -ForEach native, supervised {
        $given.$_ | Should -Be hi
    }

    It 'traces' {
        $given.traced | Should -Be True
    }

    It 'gives its mode to <_>' -ForEach block, job, explained {
        $given.$_ | Should -Be ConstrainedLanguage
    }

    It 'gives its mode to a session, and to what prepares it' {
        $given.session | Should -Be 'ConstrainedLanguage ConstrainedLanguage'
    }

    It 'gives it to a block that was made before' {
        $given.fullblock | Should -Be 'made full ConstrainedLanguage'
    }

    It 'is not left inside' {
        $given.method | Should -BeLike 'MethodInvocationNotSupportedInConstrainedLanguage*'
        $given.back | Should -Be 'refused ConstrainedLanguage'
    }

    It 'passes values' {
        $given.using | Should -Be 5
    }

    It 'is told that the shell hook needs the full language' {
        $given.hook | Should -BeLike 'LanguageModeNotSupported*'
    }

    It 'protects a script, which keeps the mode' {
        Set-Content "$TestDrive/protected.ps1" @"
Import-Module '$ModulePath'
if ("`$(`$ExecutionContext.SessionState.LanguageMode)" -eq 'FullLanguage') { `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage' }
Protect-LandlockScript -ReadOnly /usr
"`$(`$ExecutionContext.SessionState.LanguageMode)"
try { [System.IO.File]::Exists('/usr') } catch { 'refused' }
exit 7
"@
        & "$PSHOME/pwsh" -NoProfile -File "$TestDrive/protected.ps1" | Should -Be ConstrainedLanguage, refused
        $LASTEXITCODE | Should -Be 7
    }

    It 'gets a shell of the mode' {
        $code = "Import-Module '$ModulePath'; `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; Enter-Landlock -ReadOnly /usr"
        $said = '"mode $($ExecutionContext.SessionState.LanguageMode)"', 'exit' | & "$PSHOME/pwsh" -NoProfile -Command $code 2>&1
        # What sets the terminal may stand before it.
        $said -match 'mode \w+$' | Should -Match 'mode ConstrainedLanguage$'
    }
}

Describe 'A block that was made under ConstrainedLanguage' {
    It 'stays there, whoever runs it' {
        Set-Content "$TestDrive/handed.ps1" @"
Import-Module '$ModulePath'
function Invoke-Handed([scriptblock] `$Block) { Invoke-Landlocked -ReadOnly /usr `$Block }
`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
Invoke-Handed { "`$(`$ExecutionContext.SessionState.LanguageMode)" }
"@
        & "$PSHOME/pwsh" -NoProfile -File "$TestDrive/handed.ps1" | Should -Be ConstrainedLanguage
    }
}

Describe 'A restricted session' {
    BeforeAll {
        # As a session configuration makes it: some cmdlets, some programs, little of the language.
        function Invoke-Restricted([string] $Mode, [string] $Name, [hashtable] $Parameters, [string[]] $Program = '*') {
            $state = [initialsessionstate]::CreateRestricted('RemoteServer')
            $state.LanguageMode = $Mode
            foreach ($command in 'Invoke-Landlocked', 'New-LandlockSession', 'Enter-Landlock') {
                $state.Commands.Add([System.Management.Automation.Runspaces.SessionStateCmdletEntry]::new($command, (Get-Command $command).ImplementingType, $null))
            }

            foreach ($path in $Program) { $state.Commands.Add([System.Management.Automation.Runspaces.SessionStateApplicationEntry]::new($path)) }
            $runspace = [runspacefactory]::CreateRunspace($state)
            $runspace.Open()
            $shell = [powershell]::Create()
            $shell.Runspace = $runspace
            try { $shell.AddCommand($Name).AddParameters($Parameters).Invoke() }
            catch { $_.Exception.InnerException.Message }
            finally { $runspace.Dispose() }
        }
    }

    It 'runs native commands under <_>' -ForEach ConstrainedLanguage, RestrictedLanguage, NoLanguage {
        Invoke-Restricted $_ Invoke-Landlocked @{ Command = 'echo'; ArgumentList = @('hi'); ReadOnly = '/usr' } | Should -Be hi
    }

    It 'runs a block under ConstrainedLanguage' {
        Invoke-Restricted ConstrainedLanguage Invoke-Landlocked @{ Command = { "$($ExecutionContext.SessionState.LanguageMode)" }; ReadOnly = '/usr' } | Should -Be ConstrainedLanguage
    }

    It 'is told that <Name> is code, which it may not run under <Mode>' -ForEach @(
        @{ Mode = 'NoLanguage'; Name = 'Invoke-Landlocked'; Parameters = @{ Command = { 1 } } }
        @{ Mode = 'RestrictedLanguage'; Name = 'Invoke-Landlocked'; Parameters = @{ Command = { 1 } } }
        @{ Mode = 'NoLanguage'; Name = 'New-LandlockSession'; Parameters = @{} }
        @{ Mode = 'NoLanguage'; Name = 'Enter-Landlock'; Parameters = @{} }
    ) {
        Invoke-Restricted $Mode $Name $Parameters | Should -BeLike "PowerShell code is not allowed in this session ($Mode)*nothing was run*"
    }

    It 'is told what to add where it may run no program' {
        Invoke-Restricted NoLanguage Invoke-Landlocked @{ Command = 'echo'; ReadOnly = '/usr' } @() | Should -BeLike "This session may not run '*/landlock-exec'*VisibleExternalCommands*"
        Invoke-Restricted NoLanguage Invoke-Landlocked @{ Command = 'echo'; ReadOnly = '/usr'; TimeoutSec = 60 } @() | Should -BeLike "This session may not run '*/landlocked'*VisibleExternalCommands*"
    }
}
