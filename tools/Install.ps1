#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Installs a staged module, in place of the same version, and with a prefix its programs for people without PowerShell.
.EXAMPLE
    ./tools/Install.ps1 -ModulePath out/package/LandlockPS -Destination ~/.local/share/powershell/Modules -Prefix ~/.local
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $ModulePath,

    # Where modules are looked up.
    [Parameter(Mandatory)]
    [string] $Destination,

    # Where the programs, their manual page and the completions of shells go: what install.sh does.
    [string] $Prefix
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
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

if ($Prefix) {
    . "$PSScriptRoot/PackageFormats.ps1"
    . "$PSScriptRoot/NativePrograms.ps1"
    . "$PSScriptRoot/ProgramTree.ps1"
    $unpacked = [System.IO.Directory]::CreateTempSubdirectory('landlockps-install-').FullName
    try {
        $tree = Get-InstallableTree (Get-ProgramTree -ModulePath $ModulePath -Architecture $ownArchitecture)
        Write-Tar -Path "$unpacked/tar.gz" -Folder landlocked -File $tree -Time (Get-SourceTime)
        tar -xzf "$unpacked/tar.gz" -C $unpacked
        & "$unpacked/landlocked/install.sh" --prefix $Prefix
    }
    finally {
        Remove-Item -LiteralPath $unpacked -Recurse -Force
    }
}
