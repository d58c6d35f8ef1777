# What the tests of profiles share: a home directory of their own. Dot-source it in BeforeAll, behind common.ps1.
$names = 'HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR', 'TMPDIR', 'LANDLOCKPS_SANDBOX'

# Begins with a fresh home; returns what Exit-ProfileHome needs.
function Enter-ProfileHome {
    $saved = @{ Location = Get-Location }
    foreach ($name in $names) {
        $saved[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $null)
    }

    $saved.Root = Join-Path ([System.IO.Path]::GetTempPath()) "landlockps-test-$([guid]::NewGuid().ToString('N'))"
    $null = New-Item -ItemType Directory "$($saved.Root)/home", "$($saved.Root)/tmp", "$($saved.Root)/work/sub", "$($saved.Root)/other"
    $env:HOME = "$($saved.Root)/home"
    $env:TMPDIR = "$($saved.Root)/tmp"
    return $saved
}

function Exit-ProfileHome($Saved) {
    Set-Location $Saved.Location
    foreach ($name in $names) { [Environment]::SetEnvironmentVariable($name, $Saved[$name]) }
    Remove-Item -LiteralPath $Saved.Root -Recurse -Force
}

function Get-ProfileFolder([string] $Name) { "$env:HOME/.config/landlockps/profiles/$Name" }
