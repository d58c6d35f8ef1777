# What the tests of previews share. Dot-source it in BeforeDiscovery and BeforeAll, behind common.ps1.

# Why no preview can be had here; nothing if one can: where one is tried, and fails, that says why.
function Get-PreviewObstacle {
    $support = Get-LandlockSupport
    if (-not $support.IsAvailable) { return $support.Advice }
    $place = [System.IO.Directory]::CreateTempSubdirectory().FullName
    $state = $env:XDG_STATE_HOME
    try {
        $env:XDG_STATE_HOME = "$place/state"
        $null = New-Item -ItemType Directory "$place/state", "$place/work"
        $null = Invoke-Landlocked -ReadWrite "$place/work" -Preview -ErrorAction Stop 6>$null -- true
    }
    catch { "$_" }
    finally {
        $env:XDG_STATE_HOME = $state
        Remove-Item -Recurse $place
    }
}

# A directory of the test, to be in, and one beside it that previews are kept in. Exit-PreviewPlace puts back what was.
function Enter-PreviewPlace {
    $saved = @{ State = $env:XDG_STATE_HOME; Location = Get-Location; Work = "$TestDrive/work" }
    $null = New-Item -ItemType Directory $saved.Work, "$TestDrive/state"
    $env:XDG_STATE_HOME = "$TestDrive/state"
    Set-Location $saved.Work
    [Environment]::CurrentDirectory = $saved.Work
    $saved
}

function Exit-PreviewPlace($Saved) {
    # What the kernel works in can be entered by no user: only so it goes.
    Get-LandlockPreview | Undo-LandlockPreview
    $env:XDG_STATE_HOME = $Saved.State
    Set-Location $Saved.Location
    [Environment]::CurrentDirectory = "$($Saved.Location)"
}

# No preview, and two files.
function Reset-PreviewPlace($Saved) {
    Get-LandlockPreview | Undo-LandlockPreview
    Get-ChildItem -Force $Saved.Work | Remove-Item -Recurse -Force
    [System.IO.File]::WriteAllText("$($Saved.Work)/a.txt", "one`n")
    [System.IO.File]::WriteAllText("$($Saved.Work)/b.txt", "two`n")
}

# Runs lines of a shell in a preview of the current directory, and gives the preview.
function Start-Preview([string] $Code) {
    $null = Invoke-Landlocked -ReadOnly /usr -ReadWrite . -Preview 6>$null -- sh -c $Code
    # Of two that began in the same second, too, the one that was begun last.
    Get-LandlockPreview | Sort-Object Started | Select-Object -Last 1
}
