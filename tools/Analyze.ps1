#!/usr/bin/env pwsh
#Requires -Version 7.4
#Requires -Modules PSScriptAnalyzer
<#
.SYNOPSIS
    What PSScriptAnalyzer finds in the scripts of the repository and in the manifest; nothing, if all is well.
#>
[CmdletBinding()]
param()

$root = Split-Path $PSScriptRoot
$files = Get-ChildItem $root -Recurse -Include *.ps1, *.psm1 | Where-Object FullName -NotMatch '/(out|bin|obj)/'
# The manifest names files that lie beside it in the module as it was built.
foreach ($file in @($files.FullName) + "$root/out/LandlockPS/LandlockPS.psd1") {
    Invoke-ScriptAnalyzer -Path $file -Settings "$root/PSScriptAnalyzerSettings.psd1"
}
