#!/usr/bin/env pwsh
# Runs the Pester suite: failures with their place and reason, and one line at the end.
[CmdletBinding()]
param(
    # Test files or folders, also as one text with commas; default is everything beside this script.
    [string[]] $Path = $PSScriptRoot,

    # Names of tests, wildcards allowed.
    [string[]] $Filter = @(),

    # A file for what is to be said; default is standard output, where the tests say this and that, too.
    [string] $ReportPath,

    # Names every test, not only those that fail.
    [switch] $Detailed,

    # One of several processes that share the files: 1/2 is the first of two.
    [string] $Share = '1/1'
)

$ErrorActionPreference = 'Stop'
$folders = @(($env:LANDLOCKPS_PESTER ?? '') -split ':' -ne '')
if ($folders) { Import-Module "$($folders[0])/Pester.psd1" } else { Import-Module Pester -MinimumVersion 5.0 }
$ErrorActionPreference = 'Continue'

function Write-Report([string[]] $Line) {
    if ($ReportPath) { [System.IO.File]::AppendAllLines($ReportPath, $Line) } else { Write-Output $Line }
}

# Always the same files together, of about the same size altogether: the largest go first, each to whoever has least.
$number, $count = [int[]]($Share -split '/')
$sums = [long[]]::new($count)
$all = Get-ChildItem ($Path -split ',') -Recurse -File | Where-Object Name -Like *.Tests.ps1
$files = foreach ($file in $all | Sort-Object { -$_.Length }, FullName) {
    $least = $sums.IndexOf([long]($sums | Measure-Object -Minimum).Minimum)
    $sums[$least] += $file.Length
    if ($least -eq $number - 1) { $file.FullName }
}

$configuration = New-PesterConfiguration
$configuration.Run.Path = @($files | Sort-Object)
$configuration.Run.PassThru = $true
$configuration.Filter.FullName = $Filter
$configuration.Output.Verbosity = if ($Detailed) { 'Detailed' } else { 'None' }
$result = Invoke-Pester -Configuration $configuration
if (-not $result) {
    Write-Report "FAILED: Pester itself: $($Error[0])", "Pester $((Get-Module Pester).Version): 0 passed, 1 failed"
    exit 1
}

foreach ($item in @($result.FailedContainers) + @($result.FailedBlocks) + @($result.Failed)) {
    # Tests of a block that could not be prepared have no reason of their own.
    if (-not $item.ErrorRecord) { continue }
    Write-Report "FAILED: $($item.ExpandedPath ?? $item.Item)"
    foreach ($record in $item.ErrorRecord) {
        $text = if ($record.DisplayErrorMessage) { $record.DisplayErrorMessage, $record.DisplayStackTrace } else { $record.Exception.Message, $record.ScriptStackTrace }
        Write-Report ($text -split "`n" -notmatch '/Pester\.ps(m?)1: line ' -replace '^', '    ')
    }
}

# For who looks into the log.
if ($ReportPath) {
    $long = { '{0,7:n1} s  {1}' -f $_.Duration.TotalSeconds, ($_.ExpandedPath ?? $_.Item.Name) }
    $result.Containers | Sort-Object Duration -Descending | ForEach-Object $long
    $result.Tests | Sort-Object Duration -Descending | Select-Object -First 40 | ForEach-Object $long
}

$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
$skipped = $result.SkippedCount + $result.NotRunCount
Write-Report "Pester $((Get-Module Pester).Version): $($result.PassedCount) passed, $failed failed$(if ($skipped) { ", $skipped skipped" })"
exit [int]($failed -gt 0 -or $result.PassedCount -eq 0)
