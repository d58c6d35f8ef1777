#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'platyPS'; ModuleVersion = '0.14.0'; MaximumVersion = '0.99' }
<#
.SYNOPSIS
    Makes the help that ships, LandlockPS.dll-Help.xml, of the pages in docs/en-US.
.DESCRIPTION
    For a process of its own, since platyPS loads libraries. Examples get an empty line at their end, which Get-Help does not make by itself. Each
    page is given its address at the project, for Get-Help -Online.
#>
[CmdletBinding()]
param([string] $OutputPath = "$PSScriptRoot/../en-US")

$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/PackageFormats.ps1"
$address = (Get-ModuleManifest).PrivateData.PSData.ProjectUri
foreach ($page in Get-ChildItem "$PSScriptRoot/../docs/en-US" -Filter *.md) {
    $before = [System.IO.File]::ReadAllText($page.FullName)
    $after = [regex]::Replace($before, '(?m)^online version:.*$', "online version: $address/blob/main/docs/en-US/$($page.Name)")
    if ($after -cne $before) { [System.IO.File]::WriteAllText($page.FullName, $after) }
}

$file = New-ExternalHelp -Path "$PSScriptRoot/../docs/en-US" -OutputPath $OutputPath -Force
$text = [System.IO.File]::ReadAllText($file.FullName)
$newline = $text.Contains("`r`n") ? "`r`n" : "`n"
$text = [regex]::Replace($text, '(?m)^( *)(</dev:remarks>)', "`$1  <maml:para></maml:para>$newline`$1`$2")
[System.IO.File]::WriteAllText($file.FullName, $text, [System.Text.UTF8Encoding]::new($false))
$file.FullName
