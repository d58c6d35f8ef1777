#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Removes what Install.ps1 has installed: this version of the module, and the programs beneath the prefix.
.EXAMPLE
    ./tools/Uninstall.ps1 -Destination ~/.local/share/powershell/Modules -Prefix ~/.local
#>
[CmdletBinding()]
param(
    # Where modules are looked up.
    [Parameter(Mandatory)]
    [string] $Destination,

    # Where the programs are.
    [string] $Prefix,

    # The version of the module; default is that of the source.
    [string] $Version = (Import-PowerShellDataFile -LiteralPath "$PSScriptRoot/../LandlockPS.psd1").ModuleVersion
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$folder = "$Destination/LandlockPS"
if (Test-Path -LiteralPath "$folder/$Version") {
    Remove-Item -LiteralPath "$folder/$Version" -Recurse -Force
    "The module was removed from $folder/$Version."
    # Other versions stay.
    if (-not (Get-ChildItem -LiteralPath $folder -Force)) { Remove-Item -LiteralPath $folder }
}
else {
    "There is no module in $folder/$Version."
}

if ($Prefix) {
    $script = "$Prefix/lib/landlocked/uninstall.sh"
    if (Test-Path -LiteralPath $script) { & $script } else { "There is no landlocked beneath $Prefix." }
}
