# What every test file needs: the module as this checkout built it, and a few helpers. Dot-source it in BeforeDiscovery and BeforeAll.
# run.sh has made a copy of the module for the run, where every user can enter.
$ModulePath = if ($env:LANDLOCKPS_MODULE) { $env:LANDLOCKPS_MODULE } else { (Resolve-Path "$PSScriptRoot/../../out/LandlockPS").Path }
Import-Module $ModulePath

# Runs code as an ordinary user, where root runs the tests; $pester is the path of Pester. With run.sh, PowerShell, Pester and the module are where such a user
# can enter.
function Invoke-OrdinaryUser([string] $Command) {
    chmod 755 $TestDrive
    $code = "Import-Module '$ModulePath'; `$pester = '$((Get-Module Pester).ModuleBase)/Pester.psd1'; $Command"
    env -C / HOME=/nonexistent NO_COLOR=1 setpriv --reuid=65534 --regid=65534 --clear-groups "$PSHOME/pwsh" -NoProfile -NonInteractive -Command $code
}

# What Tab would offer behind a text.
function Complete([string] $Text) {
    [System.Management.Automation.CommandCompletion]::CompleteInput($Text, $Text.Length, $null).CompletionMatches
}

# The error that an action ends with; $null if it does not.
function Get-TerminatingError([scriptblock] $Action) {
    try {
        $null = . $Action
    }
    catch {
        return $_
    }
}

# Waits for something that happens on its own; says whether it did. It is waited for long, since the machine may be busy with something else.
function Wait-Until([scriptblock] $Condition, [double] $Seconds = 60) {
    $end = [datetime]::UtcNow.AddSeconds($Seconds)
    while (-not (. $Condition)) {
        if ([datetime]::UtcNow -gt $end) { return $false }
        Start-Sleep -Milliseconds 20
    }

    return $true
}

# Processes whose command line holds a text; the caller passes one that occurs nowhere else.
function Get-ProcessWith([string] $Text) {
    foreach ($folder in [System.IO.Directory]::EnumerateDirectories('/proc')) {
        $id = Split-Path -Leaf $folder
        if ($id -notmatch '^\d+$' -or $id -eq $PID) { continue }
        try {
            if ([System.IO.File]::ReadAllText("$folder/cmdline").Contains($Text)) { [int]$id }
        }
        catch [System.IO.IOException], [System.UnauthorizedAccessException] {
            # It has ended, or is somebody else's.
            continue
        }
    }
}

# Children of this process that have not been waited for, zombies too.
function Get-ChildId([int] $Parent = $PID) {
    foreach ($folder in [System.IO.Directory]::EnumerateDirectories('/proc')) {
        $id = Split-Path -Leaf $folder
        if ($id -notmatch '^\d+$') { continue }
        try {
            # The name, in brackets, may hold anything; the state and the parent follow it.
            $stat = [System.IO.File]::ReadAllText("$folder/stat")
            if ([int]($stat.Substring($stat.LastIndexOf(')') + 2).Split(' ')[1]) -eq $Parent) { [int]$id }
        }
        catch [System.IO.IOException], [System.UnauthorizedAccessException] {
            continue
        }
    }
}

function Test-Process([int] $Id) {
    Test-Path "/proc/$Id"
}

# Descriptors of this process that belong to a launch plan.
function Get-PlanDescriptor {
    foreach ($entry in [System.IO.Directory]::EnumerateFileSystemEntries("/proc/$PID/fd")) {
        $target = [System.IO.FileInfo]::new($entry).LinkTarget
        if ($target -like '*memfd:landlock*') { $target }
    }
}

# An interactive pwsh in a terminal of its own, with the module imported.
function Open-Terminal {
    $terminal = "landlockps-$PID-$([guid]::NewGuid().ToString('N').Substring(0, 8))"
    $start = "function prompt { 'ready> ' }; Import-Module '$ModulePath'; Set-PSReadLineOption -PredictionSource None -ErrorAction Ignore"
    $null = tmux -L $terminal -f /dev/null new-session -d -x 160 -y 50 env NO_COLOR=1 "$PSHOME/pwsh" -NoLogo -NoProfile -NoExit -Command $start
    if (-not (Wait-Until { (Read-Terminal $terminal) -match 'ready> *$' } 60)) { throw "The terminal did not start: $(Read-Terminal $terminal)" }
    return $terminal
}

# Types a line when a shell asks for one, or, for a program that just reads, when the terminal has lines: what is typed in the other mode
# has no end.
function Send-Terminal([string] $Terminal, [string] $Line, [switch] $ToProgram) {
    $isAwaited = if ($ToProgram) { { Test-Terminal $Terminal ' icanon' } }
    else { { (Read-Terminal $Terminal) -match '[>#$?:]$' -and (Test-Terminal $Terminal '-icanon') } }
    if (-not (Wait-Until $isAwaited)) { throw "The terminal never waited for '$Line'. It shows:`n$(Read-Terminal $Terminal)" }
    $before = Read-Terminal $Terminal
    tmux -L $Terminal send-keys -l $Line
    tmux -L $Terminal send-keys Enter
    # From here on it is not the same prompt any more.
    $null = Wait-Until { (Read-Terminal $Terminal) -ne $before }
}

# Presses a key, such as C-c: the signals when they are signals, which at a prompt they are not.
function Send-TerminalKey([string] $Terminal, [string] $Key) {
    if ($Key -in 'C-c', 'C-z' -and -not (Wait-Until { Test-Terminal $Terminal ' isig' })) {
        throw "Nothing can be sent a signal. The terminal shows:`n$(Read-Terminal $Terminal)"
    }

    tmux -L $Terminal send-keys $Key
}

# How the terminal is set (stty(1)).
function Test-Terminal([string] $Terminal, [string] $Setting) {
    $device = tmux -L $Terminal display-message -p '#{pane_tty}'
    " $(stty -F $device -a) ".Contains($Setting)
}

# What is on the screen.
function Read-Terminal([string] $Terminal) {
    ((tmux -L $Terminal capture-pane -p -S -200) -join "`n").TrimEnd()
}

# Waits until the screen shows a text; fails with the screen if it does not.
function Wait-Terminal([string] $Terminal, [string] $Pattern, [double] $Seconds = 60) {
    if (-not (Wait-Until { (Read-Terminal $Terminal) -match $Pattern } $Seconds)) {
        throw "The terminal never showed '$Pattern'. It shows:`n$(Read-Terminal $Terminal)"
    }
}

function Close-Terminal([string] $Terminal) {
    if ($Terminal) { tmux -L $Terminal kill-server 2>$null }
}

# A program of this test, as a script of sh.
function Write-Program([string] $Name, [string] $Body) {
    $path = "$TestDrive/$Name"
    [System.IO.File]::WriteAllText($path, "#!/bin/sh`n$Body`n")
    chmod +x $path
    return $path
}

# A folder with files that a test allows; beside it are another folder and a file, which it does not.
function Initialize-SampleFolder {
    $null = New-Item -ItemType Directory "$TestDrive/data", "$TestDrive/other"
    Set-Content "$TestDrive/data/a.txt" a
    Set-Content "$TestDrive/data/b.txt" b
    Set-Content "$TestDrive/secret" secret
    "$TestDrive/data"
}
