#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests and packages LandlockPS from PowerShell.
.DESCRIPTION
    A thin door to `dotnet build` and `dotnet test`, plus the steps that only make sense with PowerShell at hand. Nothing is
    downloaded but NuGet packages; a step whose PowerShell module is missing says so and fails.
.EXAMPLE
    ./build.ps1
    Builds the module into out/LandlockPS.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Docs', 'Analyze', 'Bench')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function Assert-Module([string] $Name, [string] $Purpose) {
    if (-not (Get-Module -ListAvailable $Name)) {
        throw "The module $Name is needed $Purpose. Install it with: Install-PSResource $Name"
    }
}

Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' {
            dotnet build LandlockPS.slnx -c $Configuration
        }
        'Test' {
            dotnet test LandlockPS.slnx -c $Configuration
        }
        'Docs' {
            # The help that ships is generated from docs/en-US; a separate process, since platyPS loads libraries of its own.
            Assert-Module platyPS 'to generate the help'
            pwsh -NoProfile -Command "Import-Module platyPS; New-ExternalHelp -Path docs/en-US -OutputPath en-US -Force | Select-Object -ExpandProperty FullName"
        }
        'Analyze' {
            Assert-Module PSScriptAnalyzer 'to analyze the scripts'
            dotnet format LandlockPS.slnx --verify-no-changes
            $findings = Invoke-ScriptAnalyzer -Path . -Recurse -Settings PSScriptAnalyzerSettings.psd1 |
                Where-Object ScriptPath -NotMatch '/(out|bin|obj)/'
            $findings | Out-String | Write-Output
            if ($findings) { throw "PSScriptAnalyzer found $(@($findings).Count) problems." }
        }
        'Bench' {
            ./bench/run.sh
        }
    }
}
finally {
    Pop-Location
}
