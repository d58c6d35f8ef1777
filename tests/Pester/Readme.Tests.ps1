BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noLandlock = -not (Get-LandlockSupport).IsAvailable

    # What cannot run here, and why.
    $notRun = @{
        'dotnet test' = 'it runs this test'
        'Import-Module ./out/LandlockPS' = 'the module under test is imported already'
    }

    # Pages whose examples are lines to copy, in the order in which somebody reads them.
    $examples = foreach ($page in 'README.md', 'docs/commands.md', 'docs/profiles.md', 'docs/policies.md', 'docs/denials.md') {
        $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot "../../$page"))
        foreach ($block in [regex]::Matches($text, '(?s)```(powershell|sh)\n(.*?)```')) {
            $language = $block.Groups[1].Value
            # One piece for each statement: of PowerShell they may take several lines.
            $pieces = if ($language -eq 'sh') { $block.Groups[2].Value -split "`n" -notmatch '^\s*(#|$)' }
            else { [System.Management.Automation.Language.Parser]::ParseInput($block.Groups[2].Value, [ref] $null, [ref] $null).EndBlock.Statements.ForEach{ $_.Extent.Text } }
            # What is being tested is built already, and how depends on the caller.
            foreach ($piece in $pieces -replace '^dotnet build && ') { @{ Page = $page; Language = $language; Code = $piece; Reason = $notRun[$piece] } }
        }
    }

    # The first one, the door to all others, has a test of its own.
    $first = $examples[0].Code
    $examples = @($examples | Select-Object -Skip 1)
    $stale = @($notRun.Keys | Where-Object { $_ -notin $examples.Code })
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = (Get-Module LandlockPS).ModuleBase
    $saved = Get-Location
    # A folder as the pages have in mind, for the shells that are started as well.
    Set-Location (New-Item -ItemType Directory "$TestDrive/readme")
    [Environment]::CurrentDirectory = "$TestDrive/readme"
    $null = New-Item -ItemType Directory out, cache, more
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../docs/policies.md'))
    Set-Content ci.toml ([regex]::Match($text, '(?s)```toml\n# ci.toml\n(.*?)```').Groups[1].Value)
    Copy-Item ci.toml new.toml
    Set-Content script "#!/bin/sh`nls /usr"
    chmod +x script
    Set-Content Makefile "all:`n`techo made > out/made"
    Set-Content build.ps1 "'built' > ./out/built"
    git init -q .
    $base = New-LandlockRuleset base | Add-LandlockPathRule / -Access ReadWriteExecute
    $said = @{}
}

AfterAll {
    Set-Location $saved
    [Environment]::CurrentDirectory = $saved.Path
}

Describe 'Examples of the README and of pages with lines to copy' -Skip:$noLandlock {
    It 'are all run, but for those that this file lists' -TestCases @{ stale = $stale; count = $examples.Count } {
        $stale | Should -BeNullOrEmpty
        $count | Should -BeGreaterThan 40
    }

    It 'begin with a script that reads what is allowed, and nothing else' -TestCases @{ first = $first } {
        if ($env:LANDLOCKPS_PWSH) { Set-ItResult -Skipped -Because 'LANDLOCKPS_PWSH takes the place of the tool' }
        $said = sh -c 'cd "$1" && eval "$2" 2>&1' sh "$PSScriptRoot/../.." $first
        @($said -match '^README\.md: [1-9]\d+ words$').Count | Should -Be 1
        @($said -like '*words.sh: *: cannot open /etc/passwd: Permission denied').Count | Should -Be 1
        $said | Should -Contain '/etc/passwd: not readable'
    }

    It '<Page>, <Language>: <Code>' -ForEach $examples {
        if ($Reason) {
            Set-ItResult -Skipped -Because $Reason
            return
        }

        $global:LASTEXITCODE = 0
        if ($Language -eq 'sh') {
            $programs = (Get-Item "$module/bin/linux-*").FullName
            $output = sh -c "PATH='${programs}':`$PATH; $Code" 2>&1
        }
        else {
            # Variables pass from one statement to the next.
            $output = . ([scriptblock]::Create($Code)) 2>&1
            foreach ($name in 'strict', 'rules') { if (Test-Path variable:$name) { Set-Variable -Scope script $name (Get-Variable -ValueOnly $name) } }
            $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        }

        # An example before has changed ci.toml.
        $LASTEXITCODE | Should -Be ($Code -like 'landlocked policy diff *' ? 1 : 0) -Because "it said: $output"
    }
}
