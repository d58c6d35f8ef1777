#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Makes the pictures of docs/images: what a real terminal shows, as SVG.
.DESCRIPTION
    Each picture is a pwsh of its own in tmux(1) with the module that was built last. Commands are typed, the screen is read with its colours,
    and drawn as text, so that a picture can be searched and compared.
.EXAMPLE
    ./tools/Screenshots.ps1
#>
[CmdletBinding()]
param(
    # The pictures to make; default is all.
    [string[]] $Name
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
. "$PSScriptRoot/TerminalPicture.ps1"

# A folder as somebody has it, with things that are nobody's business.
$work = [System.IO.Directory]::CreateTempSubdirectory('landlockps-pictures-').FullName
$null = New-Item -ItemType Directory "$work/home/project/src", "$work/home/project/out", "$work/home/.ssh", "$work/home/.config"
Set-Content "$work/home/project/build.sh" "#!/bin/sh`ncat src/main.c > out/main`ncat ~/.ssh/id_ed25519 > out/loot"
Set-Content "$work/home/project/src/main.c" 'int main(void) { return 0; }'
Set-Content "$work/home/.ssh/id_ed25519" key
chmod +x "$work/home/project/build.sh"

$pictures = [ordered]@{
    support = @{ Rows = 30; Lines = 'Get-LandlockSupport' }
    explain = @{ Rows = 16; Lines = 'Invoke-Landlocked -Explain -ReadOnly /usr, ./src -ReadWrite ./out -- ./build.sh' }
    access = @{
        Rows = 24
        Lines = '$rules = New-LandlockRuleset | Add-LandlockPathRule ~ ReadData -Except ~/.ssh | Add-LandlockPathRule ./out ReadWrite', 'Show-LandlockAccess ~ -Depth 3 -Ruleset $rules'
    }
    preview = @{
        Rows = 24
        # As a job, since nobody is there to answer.
        Lines = "Invoke-Landlocked -AsJob -Preview -ReadOnly /usr -ReadWrite . -- sh -c 'cat src/main.c > out/main; sed -i s/0/1/ src/main.c; rm build.sh' | Wait-Job | Out-Null",
            'Get-LandlockChange', 'Get-LandlockChange -Path src -Patch', 'Complete-LandlockPreview (Get-LandlockPreview -Last) -WhatIf'
    }
    prompt = @{
        Rows = 12
        Start = 'function prompt { "$(Get-LandlockPromptSegment)PS $PWD> " }'
        Lines = 'Enter-Landlock -ReadOnly /usr -ReadWrite .', "Set-Content out/log written", 'Get-Content ~/.ssh/id_ed25519', 'exit'
    }
}

$folder = (New-Item -ItemType Directory -Force "$root/docs/images").FullName
try {
    foreach ($picture in $pictures.Keys | Where-Object { -not $Name -or $_ -in $Name }) {
        $start = "`$env:HOME = '$work/home'; Import-Module '$root/out/LandlockPS'; Set-Location '$work/home/project'; $($pictures[$picture].Start ?? "function prompt { 'PS> ' }"); Clear-Host"
        $screen = Get-Screen -Start $start -Line $pictures[$picture].Lines -Columns 120 -Rows 60 -HomePath "$work/home"
        $shown = @($screen | Select-Object -First $pictures[$picture].Rows) -replace [regex]::Escape("$work/home"), '/home/me' -replace '(: (\e\[[\d;]*m)*\d+\.\d+\.\d+)-[^\s\e]+', '$1'
        [System.IO.File]::WriteAllText("$folder/$picture.svg", (ConvertTo-Svg -Screen $shown -Title $picture))
        Get-Item "$folder/$picture.svg"
    }
}
finally {
    Remove-Item -Recurse -Force $work
}
