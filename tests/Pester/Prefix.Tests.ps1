# landlocked beneath a prefix: the tar archive of its programs, install.sh and uninstall.sh in it, and what ./build.ps1 -Task Install makes of them.
BeforeDiscovery {
    $lacks = @{}
    foreach ($program in 'bash', 'fish', 'man', 'setpriv', 'zsh') { $lacks[$program] = -not (Get-Command $program -CommandType Application -ErrorAction Ignore) }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    . $root/tools/PackageFormats.ps1
    . $root/tools/NativePrograms.ps1
    . $root/tools/ProgramTree.ps1
    $version = (Import-PowerShellDataFile "$ModulePath/LandlockPS.psd1").ModuleVersion
    chmod 755 $TestDrive

    # As people unpack it, in a place that a shell would take apart.
    $place = (New-Item -ItemType Directory "$TestDrive/un packed's").FullName
    $tree = Get-InstallableTree (Get-ProgramTree -ModulePath $ModulePath -Architecture $ownArchitecture)
    Write-Tar -Path "$place/tar.gz" -Folder landlocked -File $tree -Time (Get-SourceTime)
    sh -c 'umask 077; tar --no-same-permissions -xzf "$1/tar.gz" -C "$1"; chmod 711 "$1" "$1/landlocked"; chmod -R go+rX "$1/landlocked"' - $place
    $unpacked = "$place/landlocked"
    $names = 'bin/landlocked', 'lib/landlocked/files', 'lib/landlocked/landlock-exec', 'lib/landlocked/landlocked', 'lib/landlocked/uninstall.sh'
    $texts = @(
        'share/bash-completion/completions/landlocked', 'share/doc/landlocked/LICENSE', 'share/doc/landlocked/THIRD-PARTY-NOTICES.txt'
        'share/fish/vendor_completions.d/landlocked.fish', 'share/man/man1/landlocked.1', 'share/zsh/site-functions/_landlocked'
    )

    # Every file beneath a folder, by its name there.
    function Get-Name([string] $Folder) {
        $found = [string[]] @([System.IO.Directory]::GetFiles($Folder, '*', 'AllDirectories').ForEach{ $_.Substring($Folder.Length + 1) })
        [System.Array]::Sort($found, [System.StringComparer]::Ordinal)
        $found
    }

    # What install.sh says, with the words that it gets; $LASTEXITCODE is its exit code.
    function Install { & "$unpacked/install.sh" @args 2>&1 | ForEach-Object { "$_" } }
}

Describe 'The archive of the programs' {
    It 'holds what a prefix gets, and what puts it there' {
        tar -tzf "$place/tar.gz" | Should -Be (@($names[0]) + 'install.sh' + $names[1..9] + $texts).ForEach{ "landlocked/$_" }
        (Get-Item "$unpacked/bin/landlocked").LinkTarget | Should -Be ../lib/landlocked/landlocked
        (tar -tvzf "$place/tar.gz") -match '^-rwx' -replace '^.* landlocked/' | Should -Be install.sh, lib/landlocked/landlock-exec, lib/landlocked/landlocked, lib/landlocked/uninstall.sh
    }

    It 'runs where it was unpacked' {
        & "$unpacked/bin/landlocked" -- echo ran | Should -Be ran
    }
}

Describe 'install.sh' {
    BeforeAll {
        $prefix = "$TestDrive/a pre`$fix's"
        $said = Install --prefix $prefix
    }

    It 'puts everything beneath the prefix, for everybody' {
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        Get-Name $prefix | Should -Be ($names + $texts)
        foreach ($name in $names[1..9] + $texts) {
            $mode = (Get-Item -LiteralPath "$prefix/$name").UnixFileMode
            [int] $mode | Should -Be ($name -like '*/landlock-exec' -or $name -like '*/landlocked/landlocked' -or $name -like '*.sh' ? 0x1ED : 0x1A4) -Because $name
        }
    }

    It 'says what was installed, how to remove it, and that PATH lacks it' {
        $said | Should -Be "landlocked $version is installed beneath $prefix. To remove it: $prefix/lib/landlocked/uninstall.sh",
        "$prefix/bin is not in PATH: shells, cron and systemd find landlocked there if you add it, or by its whole path."
        $also = env "PATH=$prefix/bin:$env:PATH" "$unpacked/install.sh" "--prefix=$prefix"
        @($also).Count | Should -Be 1
    }

    It 'makes landlocked known by its name, to whoever has it in PATH' {
        env -i "PATH=$prefix/bin:/usr/bin:/bin" sh -c 'landlocked -- echo ran' | Should -Be ran
        env -i "PATH=$prefix/bin:/usr/bin:/bin" sh -c 'landlocked --explain --timeout 60 -- echo ran' 2>/dev/null | Should -Be ran
        # An ordinary user, where root has installed it.
        if ((id -u) -eq 0) {
            env -C / setpriv --reuid=65534 --regid=65534 --clear-groups "$prefix/bin/landlocked" -- echo ran | Should -Be ran
        }
    }

    It 'installs the manual page' -Skip:$lacks.man {
        $page = env LC_ALL=C.UTF-8 MANWIDTH=80 "MANPATH=$prefix/share/man" man landlocked 2>&1 | Out-String
        $page | Should -Match 'landlocked - run a command in a Landlock sandbox'
    }

    It 'installs what bash completes' -Skip:$lacks.bash {
        bash --norc -c 'source "$1/share/bash-completion/completions/landlocked" && complete -p landlocked' - $prefix | Should -Match ' -F _landlocked landlocked$'
    }

    It 'installs what fish completes' -Skip:$lacks.fish {
        env "HOME=$TestDrive" "XDG_DATA_DIRS=$prefix/share" "PATH=$prefix/bin:/usr/bin:/bin" fish --no-config -c 'set -p fish_complete_path $argv[1]/share/fish/vendor_completions.d; complete -C "landlocked --read-o"' $prefix |
            Should -Match '^--read-only\b'
    }

    It 'installs what zsh completes' -Skip:$lacks.zsh {
        zsh -f -c 'fpath=("$1/share/zsh/site-functions" $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[landlocked]' - $prefix | Should -Be _landlocked
    }

    It 'has a place for what every shell is given' {
        # PowerShell has no place for completions that are looked up by a command's name.
        $said = (& "$prefix/bin/landlocked" completion nothing 2>&1) -join ' '
        $shells = [regex]::Match($said, 'name of a shell, ([^'']*), not').Groups[1].Value -split ', | or '
        $shells | Should -Be (@($completionFiles.Keys) + 'powershell' | Sort-Object)
        foreach ($file in $completionFiles.Values) { "$prefix/$file" | Should -Exist }
    }

    It 'takes the place of another version, also while that runs' {
        Set-Content "$prefix/share/man/man1/old.1" old
        Add-Content "$prefix/lib/landlocked/files" share/man/man1/old.1
        Set-Content "$prefix/share/man/man1/mine.1" mine
        $mark = Get-Random -Minimum 100000 -Maximum 900000
        $running = Start-Process "$prefix/bin/landlocked" '--timeout', 600, '--', 'sleep', $mark -PassThru
        try {
            Wait-Until { Get-ProcessWith "sleep`0$mark" } | Should -BeTrue
            $said = Install --prefix $prefix
            $LASTEXITCODE | Should -Be 0 -Because "$said"
            $running.HasExited | Should -BeFalse
        }
        finally { $running | Stop-Process }
        "$prefix/share/man/man1/old.1" | Should -Not -Exist
        Remove-Item -LiteralPath "$prefix/share/man/man1/mine.1"
        Get-Name $prefix | Should -Be ($names + $texts)
    }

    It 'knows where others install, from who runs it' {
        $other = $lacks.setpriv -or (id -u) -ne 0 ? @() : @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups')
        $own = (New-Item -ItemType Directory "$TestDrive/home").FullName
        chmod 777 $own
        env -C / "HOME=$own" @other "$unpacked/install.sh" | Select-Object -First 1 | Should -Be "landlocked $version is installed beneath $own/.local. To remove it: $own/.local/lib/landlocked/uninstall.sh"
        "$own/.local/bin/landlocked" | Should -Exist
        (env -C / -u HOME @other "$unpacked/install.sh" 2>&1 | Out-String) | Should -Match 'HOME is not set; write: install.sh --prefix DIR'
    }

    It 'installs nothing for <Words>' -TestCases @(
        @{ Words = @('--perfix', '/x'); Error = "unknown word '--perfix'; write: install.sh --prefix DIR" }
        @{ Words = @('/x'); Error = "unknown word '/x'; write: install.sh --prefix DIR" }
        @{ Words = @('--prefix'); Error = '--prefix: expected a directory' }
        @{ Words = @('--prefix', ''); Error = '--prefix: expected a directory' }
        @{ Words = @('--prefix='); Error = '--prefix: expected a directory' }
    ) {
        Install @Words | Should -Be "install.sh: $Error"
        $LASTEXITCODE | Should -Be 1
    }

    It 'installs nothing that does not run here' {
        $other = "$TestDrive/other"
        Copy-Item -LiteralPath $unpacked $other -Recurse
        $bytes = [System.IO.File]::ReadAllBytes("$other/lib/landlocked/landlocked")
        $bytes[18] = 0xF7
        [System.IO.File]::WriteAllBytes("$other/lib/landlocked/landlocked", $bytes)
        $said = & "$other/install.sh" --prefix "$TestDrive/none" 2>&1
        "$said" | Should -Match "^install.sh: these programs do not run on this machine \($(uname -m)\); nothing was installed: "
        "$TestDrive/none" | Should -Not -Exist
    }
}

Describe 'uninstall.sh' {
    It 'removes what was installed, and nothing else' {
        $prefix = "$TestDrive/re moved"
        $null = Install --prefix $prefix
        Set-Content "$prefix/bin/mine" mine
        & "$prefix/lib/landlocked/uninstall.sh" | Should -Be "landlocked was removed from $prefix."
        Get-Name $prefix | Should -Be bin/mine
        "$prefix/lib/landlocked" | Should -Not -Exist
        "$prefix/share/doc/landlocked" | Should -Not -Exist
    }

    It 'removes nothing where nothing was installed' {
        "$(& "$root/tools/uninstall.sh" 2>&1)" | Should -Be 'uninstall.sh: this is not where landlocked was installed; it is PREFIX/lib/landlocked/uninstall.sh there.'
        $LASTEXITCODE | Should -Be 1
    }
}

Describe 'Install.ps1 and Uninstall.ps1 with a prefix' {
    It 'install module and programs, and remove both' {
        $prefix = "$TestDrive/user's"
        $null = & "$root/tools/Install.ps1" -ModulePath $ModulePath -Destination "$prefix/share/powershell/Modules" -Prefix $prefix
        & "$prefix/bin/landlocked" --version | Should -Be "landlocked $version"
        "$prefix/share/powershell/Modules/LandlockPS/$version/LandlockPS.psd1" | Should -Exist
        $words = @{ Destination = "$prefix/share/powershell/Modules"; Prefix = $prefix; Version = $version }
        & "$root/tools/Uninstall.ps1" @words | Should -Be "The module was removed from $prefix/share/powershell/Modules/LandlockPS/$version.", "landlocked was removed from $prefix."
        Get-Name $prefix | Should -BeNullOrEmpty
        & "$root/tools/Uninstall.ps1" @words | Should -Be "There is no module in $prefix/share/powershell/Modules/LandlockPS/$version.", "There is no landlocked beneath $prefix."
    }
}
