#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Builds the module as it ships, with the programs of every architecture that this machine can build.
.DESCRIPTION
    The programs of another architecture need its cross linker (Debian, Ubuntu: gcc-aarch64-linux-gnu) and, for landlocked, the native AOT
    compiler's package for it. What cannot be built is named, and left out.
#>
[CmdletBinding()]
param(
    # The folder to make, replacing what is there.
    [Parameter(Mandatory)]
    [string] $OutputPath
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$root = Split-Path $PSScriptRoot
$own = "linux-$([System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant())"
$linkers = @{ 'linux-x64' = 'x86_64-linux-gnu-gcc'; 'linux-arm64' = 'aarch64-linux-gnu-gcc' }

# From nothing, so that no file of an earlier build comes along.
if (Test-Path $OutputPath) { Remove-Item -Recurse -Force $OutputPath }
$null = New-Item -ItemType Directory -Force $OutputPath
$target = (Resolve-Path -LiteralPath $OutputPath).Path
dotnet build "$root/src/LandlockPS" -c Release -v q -nologo -clp:NoSummary -p:ModuleOutput=$target/

foreach ($architecture in $linkers.Keys | Where-Object { $_ -ne $own } | Sort-Object) {
    if (-not (Get-Command $linkers[$architecture] -CommandType Application -ErrorAction Ignore)) {
        Write-Warning "No programs for ${architecture}: $($linkers[$architecture]) is not installed."
        continue
    }

    $bin = New-Item -ItemType Directory "$target/bin/$architecture"
    foreach ($program in @{ Name = 'landlock-exec'; Project = 'LandlockExec' }, @{ Name = 'landlocked'; Project = 'Landlocked' }) {
        $PSNativeCommandUseErrorActionPreference = $false
        $log = dotnet build "$root/src/$($program.Project)" -c Release -v q -nologo -clp:NoSummary -p:NativeRid=$architecture
        if ($LASTEXITCODE) {
            $reason = @($log -cmatch ' error [A-Z]+[0-9]+')[0] -replace '^.*? error ', '' -replace ' \[.*$', ''
            Write-Warning "No $($program.Name) for ${architecture}: $reason"
            continue
        }

        Copy-Item "$root/src/$($program.Project)/bin/Release/$architecture/$($program.Name)" $bin
    }
}
