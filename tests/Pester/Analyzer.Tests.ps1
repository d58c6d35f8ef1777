BeforeDiscovery {
    $noAnalyzer = -not (Get-Module -ListAvailable PSScriptAnalyzer)
}

Describe 'The scripts' {
    It 'are to PSScriptAnalyzer''s liking' -Skip:$noAnalyzer {
        # A process of its own, since the analyzer loads libraries.
        $found = pwsh -NoProfile -Command "& '$($PSScriptRoot.Replace("'", "''"))/../../tools/Analyze.ps1' | ForEach-Object { `$_.ScriptName + ':' + `$_.Line + ': ' + `$_.RuleName + ': ' + `$_.Message }"
        $found -join "`n" | Should -BeNullOrEmpty
    }
}
