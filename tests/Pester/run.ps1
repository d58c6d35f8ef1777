#!/usr/bin/env pwsh
# Runs the Pester suite: failures with their place and reason, and one line at the end.
[CmdletBinding()]
param(
    # Test files or folders; default is everything beside this script.
    [string[]] $Path = $PSScriptRoot,

    # Names of tests, wildcards allowed.
    [string[]] $Filter = @(),

    # Names every test, not only those that fail.
    [switch] $Detailed
)

Import-Module Pester -MinimumVersion 5.0 -ErrorAction Stop
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Filter.FullName = $Filter
$configuration.Output.Verbosity = if ($Detailed) { 'Detailed' } else { 'None' }
$result = Invoke-Pester -Configuration $configuration

foreach ($item in @($result.FailedContainers) + @($result.FailedBlocks) + @($result.Failed)) {
    # Tests of a block that could not be prepared have no reason of their own.
    if (-not $item.ErrorRecord) { continue }
    Write-Output "FAILED: $($item.ExpandedPath ?? $item.Item)"
    foreach ($record in $item.ErrorRecord) {
        $text = if ($record.DisplayErrorMessage) { $record.DisplayErrorMessage, $record.DisplayStackTrace } else { $record.Exception.Message, $record.ScriptStackTrace }
        Write-Output ($text -split "`n" -notmatch '/Pester\.ps(m?)1: line ' -replace '^', '    ')
    }
}

$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
$skipped = $result.SkippedCount + $result.NotRunCount
Write-Output "Pester: $($result.PassedCount) passed, $failed failed$(if ($skipped) { ", $skipped skipped" })"
exit [int]($failed -gt 0 -or $result.PassedCount -eq 0)
