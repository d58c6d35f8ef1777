# Compares Invoke-Landlocked with the call operator, and a call in a sandboxed session with one in an ordinary out-of-process runspace.
# The two are measured in turn, so that a change of the machine's speed meets both.
param([int] $Rounds = 400)

Import-Module (Join-Path $PSScriptRoot '../out/LandlockPS')

function Get-Median([double[]] $Values) {
    ($Values | Sort-Object)[[int][Math]::Floor($Values.Count / 2)]
}

function Compare-Time([string] $Name, [scriptblock] $First, [scriptblock] $Second, [int] $Count) {
    $plainTimes = [System.Collections.Generic.List[double]]::new()
    $sandboxedTimes = [System.Collections.Generic.List[double]]::new()
    for ($i = -$Count / 4; $i -lt $Count; $i++) {
        $start = [System.Diagnostics.Stopwatch]::GetTimestamp()
        $null = & $First
        $middle = [System.Diagnostics.Stopwatch]::GetTimestamp()
        $null = & $Second
        $end = [System.Diagnostics.Stopwatch]::GetTimestamp()
        if ($i -ge 0) {
            $plainTimes.Add(($middle - $start) * 1000 / [System.Diagnostics.Stopwatch]::Frequency)
            $sandboxedTimes.Add(($end - $middle) * 1000 / [System.Diagnostics.Stopwatch]::Frequency)
        }
    }
    $a = Get-Median $plainTimes
    $b = Get-Median $sandboxedTimes
    '| {0} | {1:n2} | {2:n2} | {3:n2} |' -f $Name, $a, $b, ($b / $a)
}

'| in pwsh | plain ms | sandboxed ms | ratio |'
'|---|---|---|---|'
Compare-Time '& /bin/true, Invoke-Landlocked /bin/true' { & /bin/true } { Invoke-Landlocked /bin/true } $Rounds

$runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
$runspace.Open()
$plain = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'Plain', $null)
$sandboxed = New-LandlockSession
Compare-Time 'Invoke-Command in an open session' { Invoke-Command -Session $plain { 1 } } { Invoke-Command -Session $sandboxed { 1 } } $Rounds
Remove-PSSession $plain, $sandboxed

Compare-Time 'a script block: new process, one result' {
    $one = [runspacefactory]::CreateOutOfProcessRunspace($null)
    $one.Open()
    $shell = [powershell]::Create()
    $shell.Runspace = $one
    $shell.AddScript('1').Invoke()
    $shell.Dispose()
    $one.Dispose()
} { Invoke-Landlocked { 1 } } 12
