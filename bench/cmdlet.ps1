# Compares Invoke-Landlocked with the call operator, a call in a sandboxed session with one in an ordinary out-of-process runspace, and native
# commands with and without Enable-LandlockShell. The two are measured in turn, the first one first in every other round, so that a change of
# the machine's speed, and whatever one leaves behind for the next, meets both.
param([int] $Rounds = 2000)

Import-Module (Join-Path $PSScriptRoot '../out/LandlockPS')

function Get-Median([double[]] $Values) {
    ($Values | Sort-Object)[[int][Math]::Floor($Values.Count / 2)]
}

function Measure-Once([scriptblock] $Block) {
    $start = [System.Diagnostics.Stopwatch]::GetTimestamp()
    $null = & $Block
    ([System.Diagnostics.Stopwatch]::GetTimestamp() - $start) * 1000 / [System.Diagnostics.Stopwatch]::Frequency
}

function Compare-Time([string] $Name, [scriptblock] $First, [scriptblock] $Second, [int] $Count) {
    $firstTimes = [System.Collections.Generic.List[double]]::new()
    $secondTimes = [System.Collections.Generic.List[double]]::new()
    for ($i = -[int]($Count / 4); $i -lt $Count; $i++) {
        if ($i % 2) { $a = Measure-Once $First; $b = Measure-Once $Second }
        else { $b = Measure-Once $Second; $a = Measure-Once $First }
        if ($i -ge 0) {
            $firstTimes.Add($a)
            $secondTimes.Add($b)
        }
    }
    $a = Get-Median $firstTimes
    $b = Get-Median $secondTimes
    '| {0} | {1:n2} | {2:n2} | {3:n2} |' -f $Name, $a, $b, ($b / $a)
}

'| in pwsh | plain ms | sandboxed ms | ratio |'
'|---|---|---|---|'
Compare-Time -Name '& /bin/true, Invoke-Landlocked /bin/true' -First { & /bin/true } -Second { Invoke-Landlocked /bin/true } -Count $Rounds

$runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
$runspace.Open()
$plain = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'Plain', $null)
$sandboxed = New-LandlockSession
Compare-Time -Name 'Invoke-Command in an open session' -First { Invoke-Command -Session $plain { 1 } } -Second { Invoke-Command -Session $sandboxed { 1 } } -Count $Rounds
Remove-PSSession $plain, $sandboxed

Compare-Time -Name 'a script block: new process, one result' -First {
    $one = [runspacefactory]::CreateOutOfProcessRunspace($null)
    $one.Open()
    $shell = [powershell]::Create()
    $shell.Runspace = $one
    $shell.AddScript('1').Invoke()
    $shell.Dispose()
    $one.Dispose()
} -Second { Invoke-Landlocked { 1 } } -Count 12

# The hook belongs to a runspace: one has it and one does not, and both run the same lines.
$work = [System.IO.Directory]::CreateTempSubdirectory('landlockps-bench-').FullName
$null = New-Item -ItemType Directory "$work/home", "$work/inside", "$work/outside"
$env:HOME = "$work/home"
$null = New-LandlockProfile bench -Beneath "$work/inside" -NoWorkspace -ReadOnly /usr
$policy = (Get-LandlockProfile bench).PolicyDirectory
$null = New-Item -ItemType Directory "$work/workspace"
$null = New-LandlockProfile workspace -Beneath "$work/workspace" -ReadOnly /usr

function Get-Shell([string] $Prepare) {
    $shell = [powershell]::Create()
    $null = $shell.AddScript("Import-Module '$PSScriptRoot/../out/LandlockPS'; $Prepare").Invoke()
    $shell.Commands.Clear()
    if ($shell.HadErrors) { throw $shell.Streams.Error[0] }
    # Compiled once and run in a loop, as a line of a script is.
    $shell.AddScript("foreach (`$round in 1..5) { /bin/true }")
}

function Get-Wrapper([string] $Location) {
    $shell = Get-Shell "Set-Location '$Location'"
    $shell.Commands.Clear()
    $shell.AddScript("foreach (`$round in 1..5) { Invoke-Landlocked -Policy '$policy' /bin/true }")
}

$plainOutside = Get-Shell "Set-Location '$work/outside'"
$hookOutside = Get-Shell "Enable-LandlockShell -Scope Script; Set-Location '$work/outside'"
$hookInside = Get-Shell "Enable-LandlockShell -Scope Script; Set-Location '$work/inside'"
$hookWorkspace = Get-Shell "Enable-LandlockShell -Scope Script; Set-Location '$work/workspace'"
$wrapped = Get-Wrapper "$work/inside"
$some = [int]($Rounds / 4)
Compare-Time -Name '5 of `/bin/true` outside of profiles: without and with `Enable-LandlockShell`' -First { $plainOutside.Invoke() } -Second { $hookOutside.Invoke() } -Count $some
Compare-Time -Name '5 of `/bin/true` in a profile: `Invoke-Landlocked -Policy`, `Enable-LandlockShell`' -First { $wrapped.Invoke() } -Second { $hookInside.Invoke() } -Count $some
Compare-Time -Name '5 of `/bin/true` with `Enable-LandlockShell`: in a profile, and in one with a workspace' -First { $hookInside.Invoke() } -Second { $hookWorkspace.Invoke() } -Count $some
# The hook ends with its runspace, and with it its watch over directories for temporary files.
$hookOutside, $hookInside, $hookWorkspace | ForEach-Object { $_.Commands.Clear(); $null = $_.AddScript('Disable-LandlockShell').Invoke() }
$plainOutside, $hookOutside, $hookInside, $hookWorkspace, $wrapped | ForEach-Object Dispose
Remove-Item -LiteralPath $work -Recurse -Force
