BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Get-LandlockPromptSegment' {
    AfterEach {
        $env:LANDLOCKPS_SANDBOX = $null
    }

    It 'is empty outside of a sandbox' {
        $env:LANDLOCKPS_SANDBOX = $null
        Get-LandlockPromptSegment | Should -BeExactly ''
        Get-LandlockPromptSegment -Format '<{0}>' | Should -BeExactly ''
    }

    It 'names the sandbox' {
        $env:LANDLOCKPS_SANDBOX = 'box'
        Get-LandlockPromptSegment | Should -BeExactly '[box] '
    }

    It 'names nested sandboxes, outermost first' {
        $env:LANDLOCKPS_SANDBOX = 'outer>inner'
        Get-LandlockPromptSegment | Should -BeExactly '[outer>inner] '
    }

    It 'has the form it is asked for' {
        $env:LANDLOCKPS_SANDBOX = 'box'
        Get-LandlockPromptSegment '<{0}|{0}>' | Should -BeExactly '<box|box>'
        Get-LandlockPromptSegment 'no name' | Should -BeExactly 'no name'
        # Other braces are text.
        Get-LandlockPromptSegment '{ {0} {1} }' | Should -BeExactly '{ box {1} }'
    }

    It 'takes the name as text' {
        $env:LANDLOCKPS_SANDBOX = "`$(throw) {0} 'x' `u{e5}"
        Get-LandlockPromptSegment | Should -BeExactly "[`$(throw) {0} 'x' `u{e5}] "
    }

    It 'is one string' {
        $segment = @(Get-LandlockPromptSegment)
        $segment | Should -HaveCount 1
        $segment[0] | Should -BeOfType string
    }

    It 'refuses an empty form' {
        (Get-TerminatingError { Get-LandlockPromptSegment '' }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }
}
