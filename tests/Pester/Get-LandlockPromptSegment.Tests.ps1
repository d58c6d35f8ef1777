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

    Context 'the snippets of docs/prompt.md' {
        BeforeAll {
            $page = Get-Content -Raw "$PSScriptRoot/../../docs/prompt.md"
            $snippets = [regex]::Matches($page, '(?ms)^## (.+?)$.*?^```powershell\n(.*?)^```').ForEach({ @{ Name = $_.Groups[1].Value; Code = $_.Groups[2].Value } })

            # In a shell of its own: what a line gives behind a snippet, outside of a sandbox and in one.
            function Invoke-Snippet([string] $Name, [string] $Line) {
                $code = ($snippets | Where-Object Name -EQ $Name).Code
                $code | Should -Not -BeNullOrEmpty
                & "$PSHOME/pwsh" -NoProfile -Command "Import-Module '$ModulePath'; function prompt { 'own> ' }; $code; `"outside <`$($Line)>`"; `$env:LANDLOCKPS_SANDBOX = 'box'; `"inside <`$($Line)>`""
            }
        }

        It 'put the segment before the prompt that was there' {
            Invoke-Snippet 'Plain prompt' 'prompt' | Should -Be 'outside <own> >', 'inside <[box] own> >'
        }

        It 'give oh-my-posh a variable by the name that its theme uses' {
            Invoke-Snippet oh-my-posh 'Set-PoshContext; $env:LANDLOCK_PROMPT' | Should -Be 'outside <>', 'inside <box>'
            $theme = [regex]::Match($page, '(?ms)^```json\n(.*?)^```').Groups[1].Value | ConvertFrom-Json
            $theme.template | Should -BeLike '*.Env.LANDLOCK_PROMPT*'
        }

        It 'give starship a variable by the name that its configuration uses' {
            Invoke-Snippet starship 'Invoke-Starship-PreCommand; $env:LANDLOCK_PROMPT' | Should -Be 'outside <>', 'inside <box>'
            $page | Should -Match '(?m)^\[env_var\.LANDLOCK_PROMPT\]$'
        }
    }

    It 'refuses an empty form' {
        (Get-TerminatingError { Get-LandlockPromptSegment '' }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }
}
