#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Builds the module into a folder of its own, with the programs of the architectures that are asked for.
.DESCRIPTION
    This machine's own architecture needs gcc, another one its cross linker (Debian, Ubuntu: gcc-aarch64-linux-gnu or gcc-x86-64-linux-gnu).
    What is asked for and cannot be built is an error.
.EXAMPLE
    ./tools/Stage.ps1 -OutputPath out/package/LandlockPS -Architecture linux-x64, linux-arm64
#>
[CmdletBinding()]
param(
    # The folder to make, replacing what is there.
    [Parameter(Mandatory)]
    [string] $OutputPath,

    # This machine's own is always among them.
    [ValidateSet('linux-arm64', 'linux-x64')]
    [string[]] $Architecture,

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
. "$PSScriptRoot/NativePrograms.ps1"
$root = Split-Path $PSScriptRoot
$foreign = @($Architecture | Where-Object { $_ -and $_ -ne $ownArchitecture } | Sort-Object -Unique)

# Said before minutes of building.
foreach ($name in $foreign) {
    $linker = $nativeArchitectures[$name]
    if (-not (Get-Command $linker.Linker -CommandType Application -ErrorAction Ignore)) {
        throw "The programs for $name are linked with $($linker.Linker), which is not installed. Install it with: apt-get install $($linker.Package)"
    }
}

# From nothing, so that no file of an earlier build comes along.
if (Test-Path -LiteralPath $OutputPath) { Remove-Item -Recurse -Force -LiteralPath $OutputPath }
$target = (New-Item -ItemType Directory -Force $OutputPath).FullName
dotnet build "$root/src/LandlockPS" -c $Configuration -v q -nologo -clp:NoSummary -p:ModuleOutput=$target/

foreach ($name in $foreign) {
    $bin = New-Item -ItemType Directory "$target/bin/$name"
    foreach ($program in $nativePrograms.Keys) {
        $project = "$root/src/$($nativePrograms[$program])"
        dotnet build $project -c $Configuration -v q -nologo -clp:NoSummary -p:NativeRid=$name
        Copy-Item -LiteralPath "$project/bin/$Configuration/$name/$program" $bin
    }
}
