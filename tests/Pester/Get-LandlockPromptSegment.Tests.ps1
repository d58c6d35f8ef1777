BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Get-LandlockPromptSegment' {
    BeforeAll {
        $session = New-LandlockSession -ReadOnly /usr
        Invoke-Command $session { Import-Module $using:ModulePath }

        # What it gives in a sandbox of a name.
        function Get-Inside([string] $Name, [hashtable] $Parameters = @{}) {
            Invoke-Command $session { param($name, $parameters) $env:LANDLOCKPS_SANDBOX = $name; Get-LandlockPromptSegment @parameters } -ArgumentList $Name, $Parameters
        }
    }

    AfterAll {
        $session | Remove-PSSession
    }

    AfterEach {
        $env:LANDLOCKPS_SANDBOX = $null
    }

    It 'is empty outside of a sandbox' {
        $env:LANDLOCKPS_SANDBOX = $null
        Get-LandlockPromptSegment | Should -BeExactly ''
        Get-LandlockPromptSegment -Format '<{0}>' | Should -BeExactly ''
    }

    It 'is empty outside of a sandbox, whatever a variable says' {
        $env:LANDLOCKPS_SANDBOX = 'box'
        Get-LandlockPromptSegment | Should -BeExactly ''
    }

    It 'names the sandbox' {
        Get-Inside box | Should -BeExactly '[box] '
    }

    It 'names nested sandboxes, outermost first' {
        Get-Inside 'outer>inner' | Should -BeExactly '[outer>inner] '
    }

    It 'has the form it is asked for' {
        Get-Inside box @{ Format = '<{0}|{0}>' } | Should -BeExactly '<box|box>'
        Get-Inside box @{ Format = 'no name' } | Should -BeExactly 'no name'
        # Other braces are text.
        Get-Inside box @{ Format = '{ {0} {1} }' } | Should -BeExactly '{ box {1} }'
    }

    It 'takes the name as text' {
        $name = "`$(throw) {0} 'x' `u{e5}"
        Get-Inside $name | Should -BeExactly "[`$(throw) {0} 'x' `u{e5}] "
    }

    It 'is one string' {
        $segment = @(Get-Inside box)
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
                $run = "Import-Module '$ModulePath'; function prompt { 'own> ' }; $code; `"<`$($Line)>`""
                'outside ' + (& "$PSHOME/pwsh" -NoProfile -Command $run)
                'inside ' + (Invoke-Landlocked -Unrestricted Fs -Environment @{ LANDLOCKPS_SANDBOX = 'box' } -- "$PSHOME/pwsh" -NoProfile -Command $run)
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
