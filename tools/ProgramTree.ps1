# What is installed beneath a prefix such as /usr/local: landlocked and landlock-exec, their manual page, and what shells complete.

# Where each shell looks for what `landlocked completion SHELL` writes.
$completionFiles = [ordered]@{
    bash = 'share/bash-completion/completions/landlocked'
    fish = 'share/fish/vendor_completions.d/landlocked.fish'
    zsh = 'share/zsh/site-functions/_landlocked'
}

# The files of a staged module's programs, and the list of them that install.sh and uninstall.sh read. Needs PackageFormats.ps1, NativePrograms.ps1.
function Get-ProgramTree([string] $ModulePath, [string] $Architecture) {
    # The texts are the same for every architecture; this machine's program writes them.
    $landlocked = "$ModulePath/bin/$ownArchitecture/landlocked"
    $file = {
        param($name, [byte[]] $bytes, [switch] $executable)
        [pscustomobject]@{ Name = $name; Bytes = $bytes; Executable = [bool] $executable; Link = $null }
    }
    $written = {
        param($name, [string[]] $words)
        $lines = & $landlocked @words
        if ($LASTEXITCODE) { throw "landlocked $words ended with the exit code $LASTEXITCODE." }
        & $file $name ([System.Text.Encoding]::UTF8.GetBytes(($lines -join "`n") + "`n"))
    }

    $tree = @(
        [pscustomobject]@{ Name = 'bin/landlocked'; Bytes = $null; Executable = $false; Link = '../lib/landlocked/landlocked' }
        foreach ($program in $nativePrograms.Keys) {
            & $file "lib/landlocked/$program" ([System.IO.File]::ReadAllBytes("$ModulePath/bin/$Architecture/$program")) -executable
        }
        & $written 'share/man/man1/landlocked.1' 'help', '--man'
        foreach ($shell in $completionFiles.Keys) { & $written $completionFiles[$shell] 'completion', $shell }
        foreach ($text in 'LICENSE', 'THIRD-PARTY-NOTICES.txt') { & $file "share/doc/landlocked/$text" ([System.IO.File]::ReadAllBytes("$ModulePath/$text")) }
    )
    , (Get-InOrder $tree)
}

# The same as people unpack it: with install.sh, uninstall.sh and the list of files that these read.
function Get-InstallableTree([object[]] $Tree) {
    $script = { param($name, $place) [pscustomobject]@{ Name = $place; Bytes = [System.IO.File]::ReadAllBytes("$PSScriptRoot/$name"); Executable = $true; Link = $null } }
    $installed = $Tree + (& $script uninstall.sh lib/landlocked/uninstall.sh)
    $names = [string[]] ($installed.Name + 'lib/landlocked/files')
    [System.Array]::Sort($names, [System.StringComparer]::Ordinal)
    $list = [System.Text.Encoding]::UTF8.GetBytes(($names -join "`n") + "`n")
    , (Get-InOrder ($installed + (& $script install.sh install.sh) +
            [pscustomobject]@{ Name = 'lib/landlocked/files'; Bytes = $list; Executable = $false; Link = $null }))
}
