BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'The settings of PowerShell' {
    BeforeAll {
        $configurations = "$TestDrive/config"
        $transcripts = "$TestDrive/transcripts"
        $null = New-Item -ItemType Directory "$configurations/powershell", $transcripts

        # Settings are read once by a PowerShell: each case is one of its own.
        function Invoke-Configured([hashtable] $Settings, [string] $Code) {
            $file = "$configurations/powershell/powershell.config.json"
            ConvertTo-Json -Depth 5 $Settings | Set-Content $file
            $before = $env:XDG_CONFIG_HOME
            $env:XDG_CONFIG_HOME = $configurations
            try { pwsh -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Continue'; `$ErrorView = 'ConciseView'; Import-Module '$($ModulePath.Replace("'", "''"))'; `$transcripts = '$($transcripts.Replace("'", "''"))'; $Code" 2>&1 | ForEach-Object { "$_" } }
            finally { $env:XDG_CONFIG_HOME = $before; Remove-Item $file }
        }
        $transcription = @{ PowerShellPolicies = @{ Transcription = @{ EnableTranscripting = $true; OutputDirectory = $transcripts } } }
        $tell = 'catch { "$_"; $_.FullyQualifiedErrorId; $_.ErrorDetails.RecommendedAction }'
    }

    It 'say where transcripts go, and that is an error with the rule where the sandbox forbids it: <Name>' -TestCases @(
        @{ Name = 'block'; Call = 'Invoke-Landlocked { 1 }' }
        @{ Name = 'session'; Call = 'New-LandlockSession' }
        @{ Name = 'shell'; Call = 'Enter-Landlock' }
        @{ Name = 'job'; Call = 'Invoke-Landlocked -AsJob { 1 }' }
    ) {
        $told = Invoke-Configured $transcription "try { $Call } $tell"
        $told[0] | Should -Be "PowerShell's setting PowerShellPolicies.Transcription in '$configurations/powershell/powershell.config.json' has every PowerShell write a transcript to '$transcripts', which the sandbox does not allow; nothing was run."
        $told[1] | Should -BeLike 'TranscriptDenied,*'
        $told[2] | Should -BeLike "Add: -ReadWrite *$(Split-Path -Leaf $transcripts)*"
    }

    It 'have transcripts written where the sandbox allows it' {
        Remove-Item -Recurse "$transcripts/*"
        Invoke-Configured $transcription 'Invoke-Landlocked -ReadWrite $transcripts { "a block that ran" }' | Should -Contain 'a block that ran'
        @(Get-ChildItem -Recurse -File $transcripts | Where-Object { (Get-Content -Raw $_) -match '(?m)^Host Application: .*(-s|pwsh)' }).Count | Should -BeGreaterThan 1
    }

    It 'never open the home directory for transcripts' {
        $told = Invoke-Configured @{ PowerShellPolicies = @{ Transcription = @{ EnableTranscripting = $true } } } "`$env:HOME = '$TestDrive'; try { Invoke-Landlocked { 1 } } $tell"
        $told[-1] | Should -Be 'Set PowerShellPolicies.Transcription.OutputDirectory, and allow that directory with -ReadWrite: without it, it is the home directory.'
    }

    It 'say nothing of transcripts that nobody asked for' {
        Invoke-Configured @{ PowerShellPolicies = @{ Transcription = @{ EnableTranscripting = $false; OutputDirectory = $transcripts } } } 'Invoke-Landlocked { "ran" }' | Should -Be ran
    }

    It 'hold within: logging, execution policy and experimental features' {
        $settings = @{
            'Microsoft.PowerShell:ExecutionPolicy' = 'RemoteSigned'
            ExperimentalFeatures = @('PSLoadAssemblyFromNativeCode')
            PowerShellPolicies = @{ ScriptBlockLogging = @{ EnableScriptBlockLogging = $true }; ModuleLogging = @{ EnableModuleLogging = $true; ModuleNames = @('*') } }
        }
        Invoke-Configured $settings 'Invoke-Landlocked { "ran"; (Get-ExperimentalFeature PSLoadAssemblyFromNativeCode).Enabled }' | Should -Be 'ran', 'True'
    }
}
