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
.EXAMPLE
    ./build.ps1 -Task Package
    Makes out/package/LandlockPS.<version>.nupkg and LandlockPS-<version>.tar.gz, the library's Landlock.<version>.nupkg, and for each architecture
    landlocked-<version>-linux-<architecture>.tar.gz and a Debian package with the command line; two builds of one commit have the same bytes.
    They hold the programs for x64 and arm64: the cross linker of the one that this machine is not has to be installed.
.EXAMPLE
    ./build.ps1 -Task Install
    Installs the module, and landlocked with its manual page and completions: beneath ~/.local, or /usr/local as root.
.EXAMPLE
    ./build.ps1 -Task Uninstall
    Removes both.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Coverage', 'Docs', 'Analyze', 'Bench', 'Package', 'Install', 'Uninstall')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Package: a key of ssh-keygen(1) that signs the list of files.
    [string] $SigningKey,

    # Install, Uninstall: where landlocked, its manual page and completions go. Default is ~/.local, or /usr/local as root.
    [string] $Prefix,

    # Install, Uninstall: where modules are looked up. Default is share/powershell/Modules beneath the prefix.
    [string] $Destination
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function Assert-Module([string] $Name, [string] $Purpose) {
    if (-not (Get-Module -ListAvailable $Name)) {
        throw "The module $Name is needed $Purpose. Install it with: Install-PSResource $Name"
    }
}

# The current user's own place for modules follows XDG_DATA_HOME.
if (-not $Destination -and -not $Prefix -and (id -u) -ne 0) {
    $Destination = Join-Path ([Environment]::GetFolderPath('LocalApplicationData', 'DoNotVerify')) 'powershell/Modules'
}
if (-not $Prefix) { $Prefix = (id -u) -eq 0 ? '/usr/local' : "$HOME/.local" }
$Prefix = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Prefix)
if (-not $Destination) { $Destination = "$Prefix/share/powershell/Modules" }
$Destination = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Destination)

Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' {
            dotnet build LandlockPS.slnx -c $Configuration
        }
        'Test' {
            dotnet test LandlockPS.slnx -c $Configuration
        }
        'Coverage' {
            ./tools/Coverage.ps1
        }
        'Docs' {
            # The help that ships is generated from docs/en-US; a separate process, since platyPS loads libraries of its own.
            Assert-Module platyPS 'to generate the help'
            pwsh -NoProfile -File ./tools/Help.ps1
        }
        'Analyze' {
            Assert-Module PSScriptAnalyzer 'to analyze the scripts'
            dotnet format LandlockPS.slnx --verify-no-changes
            $findings = ./tools/Analyze.ps1
            $findings | Out-String | Write-Output
            if ($findings) { throw "PSScriptAnalyzer found $(@($findings).Count) problems." }
        }
        'Bench' {
            ./bench/run.sh
        }
        'Package' {
            ./tools/Stage.ps1 -OutputPath out/package/LandlockPS -Architecture linux-x64, linux-arm64
            ./tools/Package.ps1 -ModulePath out/package/LandlockPS -OutputPath out/package -SigningKey $SigningKey
            dotnet pack src/Landlock -c Release -o out/package -v q -nologo
            Get-Item out/package/Landlock.*.nupkg
        }
        'Install' {
            ./tools/Stage.ps1 -OutputPath out/package/LandlockPS
            ./tools/Install.ps1 -ModulePath out/package/LandlockPS -Destination $Destination -Prefix $Prefix
        }
        'Uninstall' {
            ./tools/Uninstall.ps1 -Destination $Destination -Prefix $Prefix
        }
    }
}
finally {
    Pop-Location
}
