#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the tests of the library and lists which of its lines none of them executed, file by file.
.DESCRIPTION
    What landlocked and landlock-exec execute of the library is native code and is not counted, nor are the cmdlets, which Pester tests.
.EXAMPLE
    ./tools/Coverage.ps1 -Least 90
    Fails if less than 90 % of the lines were executed.
#>
[CmdletBinding()]
param(
    # Percentage of lines below which this fails.
    [double] $Least = 90,

    # How many files to list, those with the most lines missed first.
    [int] $First = 25
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$root = Split-Path $PSScriptRoot
$results = [System.IO.Directory]::CreateTempSubdirectory('landlockps-coverage-').FullName
try {
    # A configuration of its own: the collector needs the true paths of sources, which a build that is the same everywhere does not have.
    dotnet test "$root/tests/Landlock.Tests" -c Coverage -p:PathMap= --collect 'XPlat Code Coverage' --results-directory $results -- `
        'DataCollectionRunSettings.DataCollectors.DataCollector.Configuration.Include=[Landlock]*' |
        Where-Object { $_ -match 'Passed!|Failed' }
    $report = [xml] [System.IO.File]::ReadAllText(@(Get-ChildItem $results -Recurse -Filter coverage.cobertura.xml)[0])
}
finally {
    Remove-Item -Recurse -Force $results
}

$lines = @{}
foreach ($class in $report.SelectNodes('//class')) {
    foreach ($line in $class.SelectNodes('lines/line')) {
        $file = $lines[$class.filename] ??= @{}
        $file[$line.number] = $file[$line.number] -or [int] $line.hits -gt 0
    }
}
$files = foreach ($name in $lines.Keys) {
    $executed = @($lines[$name].Values -eq $true).Count
    [pscustomobject]@{ File = $name; Lines = $lines[$name].Count; Missed = $lines[$name].Count - $executed; MissedLines = ($lines[$name].GetEnumerator().Where{ -not $_.Value }.Key | Sort-Object { [int] $_ }) -join ' ' }
}
$files | Where-Object Missed | Sort-Object Missed -Descending | Select-Object -First $First | Format-Table File, Lines, Missed, MissedLines | Out-String -Width 200
$all = ($files | Measure-Object Lines -Sum).Sum
$rate = 100 * (1 - ($files | Measure-Object Missed -Sum).Sum / $all)
'{0:n1} % of {1} lines were executed.' -f $rate, $all
if ($rate -lt $Least) { throw "Less than $Least % of the library's lines were executed." }
