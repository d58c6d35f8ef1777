#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Installs a staged module, in place of the same version.
.EXAMPLE
    ./tools/Install.ps1 -ModulePath out/package/LandlockPS -Destination ~/.local/share/powershell/Modules
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $ModulePath,

    [Parameter(Mandatory)]
    [string] $Destination
)

$ErrorActionPreference = 'Stop'
$version = (Import-PowerShellDataFile -LiteralPath "$ModulePath/LandlockPS.psd1").ModuleVersion
$folder = New-Item -ItemType Directory -Force "$Destination/LandlockPS"
$target = "$folder/$version"

# Copied beside, then renamed: whoever imports meanwhile gets the old version or the new one, and never half of it.
$new = "$folder/.new-$PID"
$old = "$folder/.old-$PID"
try {
    Copy-Item -LiteralPath $ModulePath -Destination $new -Recurse
    if (Test-Path -LiteralPath $target) { [System.IO.Directory]::Move($target, $old) }
    [System.IO.Directory]::Move($new, $target)
}
finally {
    Remove-Item -LiteralPath $new, $old -Recurse -Force -ErrorAction Ignore
}
Get-Item -LiteralPath $target
