BeforeDiscovery {
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../README.md'))
    $section = [regex]::Match($text, '(?s)\n## Policies\n(.*?)\n## ').Groups[1].Value
    $examples = foreach ($block in [regex]::Matches($section, '(?s)```(powershell|sh)\n(.*?)```')) {
        $language = $block.Groups[1].Value
        foreach ($line in $block.Groups[2].Value.Trim() -split "`n" -ne '') { @{ Language = $language; Line = $line } }
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = (Get-Module LandlockPS).ModuleBase
    Push-Location $TestDrive
    $null = New-Item -ItemType Directory out, cache, more
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../README.md'))
    Set-Content ci.toml ([regex]::Match($text, '(?s)```toml\n# ci.toml\n(.*?)```').Groups[1].Value)
}

AfterAll {
    Pop-Location
}

Describe 'Examples of policies in the README' {
    It '<Language>: <Line>' -TestCases $examples {
        $global:LASTEXITCODE = 0
        if ($Language -eq 'sh') {
            $programs = (Get-Item "$module/bin/linux-*").FullName
            sh -c "PATH='${programs}':`$PATH; $Line" 2>&1 | Out-Null
        }
        else {
            # Variables pass from one line to the next.
            . ([scriptblock]::Create($Line)) 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
            if (Test-Path variable:rules) { $script:rules = $rules }
        }

        $LASTEXITCODE | Should -Be 0
    }
}
