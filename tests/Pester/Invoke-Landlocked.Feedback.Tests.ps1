BeforeDiscovery {
    $supported = [bool] ('System.Management.Automation.Subsystem.Feedback.FeedbackHub' -as [type])
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Feedback after a sandboxed command failed' -Skip:(-not $supported) {
    BeforeAll {
        Set-Content "$TestDrive/secret" content
        $secret = (Get-Item "$TestDrive/secret").FullName
        $module = (Get-Module LandlockPS).ModuleBase

        # A shell of its own, whose last command line the engine asks feedback for as it does at the prompt.
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.Open()

        function Invoke-Line([string] $Line) {
            $shell = [powershell]::Create($runspace)
            $settings = [System.Management.Automation.PSInvocationSettings]::new()
            $settings.AddToHistory = $true
            try { $null = $shell.AddScript($Line).Invoke($null, $settings) } catch { $null = $_ } finally { $shell.Dispose() }
            @([System.Management.Automation.Subsystem.Feedback.FeedbackHub]::GetFeedback($runspace, 10000) | Where-Object Name -EQ LandlockPS)
        }

        $null = Invoke-Line "Import-Module '$module'"
    }

    AfterAll {
        $runspace.Dispose()
    }

    It 'is not there before something failed' {
        Invoke-Line 'Invoke-Landlocked -- true' | Should -BeNullOrEmpty
    }

    It 'names the parameter that would allow what an error of a block speaks of' {
        $feedback = Invoke-Line "Invoke-Landlocked { [System.IO.File]::ReadAllText('$secret') }"
        $feedback.Item.Header | Should -Be "The sandbox denied it: read_file on '$secret'. To allow it:"
        $feedback.Item.RecommendedActions | Should -Be "Invoke-Landlocked -ReadData $secret { [System.IO.File]::ReadAllText('$secret') }"
    }

    It 'reads what native commands say in a block' {
        $feedback = Invoke-Line "Invoke-Landlocked -ReadOnly /usr { cat '$secret' }"
        $feedback.Item.RecommendedActions | Should -Be "Invoke-Landlocked -ReadData $secret -ReadOnly /usr { cat '$secret' }"
    }

    It 'names the rule for a program that may not be executed' {
        $feedback = Invoke-Line 'Invoke-Landlocked -NoClosure -- true'
        $feedback.Item.Header | Should -BeLike "The sandbox denied it: execute,read_file on '*/true'. To allow it:"
        $feedback.Item.RecommendedActions | Should -BeLike 'Invoke-Landlocked -ReadOnly */true -NoClosure -- true'
    }

    It 'proposes to explain where only an exit code is known' {
        $feedback = Invoke-Line "`$PSNativeCommandUseErrorActionPreference = `$true; Invoke-Landlocked -- cat '$secret' 2>`$null"
        (Invoke-Line '$global:id = $Error[0].FullyQualifiedErrorId') | Should -BeNullOrEmpty
        $runspace.SessionStateProxy.GetVariable('id') | Should -Be ProgramExitedWithNonZeroCode
        $feedback.Item.Header | Should -Be 'To see whether the sandbox denied something:'
        $feedback.Item.RecommendedActions | Should -Be "`$PSNativeCommandUseErrorActionPreference = `$true; Invoke-Landlocked -Explain -- cat '$secret' 2>`$null"
    }

    It 'is silent about other errors' {
        Invoke-Line 'Invoke-Landlocked { throw "something else" }' | Should -BeNullOrEmpty
        Invoke-Line "Invoke-Landlocked -ReadWriteExecute '$secret' { throw `"cat: ${secret}: Permission denied`" }" | Should -BeNullOrEmpty
        Invoke-Line 'Get-Item /no/such/item' | Should -BeNullOrEmpty
    }

    It 'goes with the module' {
        Invoke-Line "Remove-Module LandlockPS; Import-Module '$module'" | Should -BeNullOrEmpty
        [System.Management.Automation.Subsystem.SubsystemManager]::GetSubsystemInfo([System.Management.Automation.Subsystem.SubsystemKind]::FeedbackProvider).Implementations.Name | Should -Not -Contain LandlockPS
        (Invoke-Line "Invoke-Landlocked { Get-Content '$secret' }").Item.RecommendedActions | Should -Be "Invoke-Landlocked -ReadData $secret { Get-Content '$secret' }"
    }
}
