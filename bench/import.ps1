# What importing the module costs over importing one that is empty; each time in a new process, in turn.
param([int] $Rounds = 15)

$empty = (New-Item -ItemType Directory ([System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), [guid]::NewGuid(), 'Empty'))).FullName
Set-Content "$empty/Empty.psm1" ''
Set-Content "$empty/Empty.psd1" "@{ RootModule = 'Empty.psm1'; ModuleVersion = '0.0.1'; FunctionsToExport = @(); CmdletsToExport = @(); AliasesToExport = @() }"
$modules = [ordered]@{ 'an empty module' = $empty; LandlockPS = (Resolve-Path "$PSScriptRoot/../out/LandlockPS").Path }
$times = @{}
foreach ($round in 1..$Rounds) {
    foreach ($name in $modules.Keys) {
        # The stopwatch is compiled before it counts.
        $script = "`$null = [System.Diagnostics.Stopwatch]::StartNew().Elapsed.TotalMilliseconds; `$w = [System.Diagnostics.Stopwatch]::StartNew(); Import-Module '$($modules[$name])'; `$w.Elapsed.TotalMilliseconds"
        $times[$name] += , [double] (pwsh -NoProfile -NonInteractive -Command $script)
    }
}
Remove-Item -Recurse -Force (Split-Path $empty)

'| Import-Module | median ms | least ms |'
'|---|---|---|'
foreach ($name in $modules.Keys) {
    $sorted = $times[$name] | Sort-Object
    '| {0} | {1:n0} | {2:n0} |' -f $name, $sorted[[int][Math]::Floor($Rounds / 2)], $sorted[0]
}
