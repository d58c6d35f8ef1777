# The Debian package of the command line: made, examined, installed into a root of the test's own, and removed.
BeforeDiscovery {
    $lacks = @{}
    foreach ($program in 'dpkg-deb', 'dpkg', 'readelf', 'lintian', 'man', 'gzip') { $lacks[$program] = -not (Get-Command $program -CommandType Application -ErrorAction Ignore) }
    $isMissing = $lacks['dpkg-deb'] -or $lacks.dpkg -or $lacks.readelf
}

Describe 'The Debian package (needs dpkg-deb, dpkg and readelf)' -Skip:$isMissing {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $root = (Resolve-Path "$PSScriptRoot/../..").Path
        foreach ($file in 'PackageFormats', 'NativePrograms', 'ProgramTree', 'DebianPackage') { . "$root/tools/$file.ps1" }
        $version = (Import-PowerShellDataFile "$ModulePath/LandlockPS.psd1").ModuleVersion
        $debian = $nativeArchitectures[$ownArchitecture].Debian
        $deb = "$TestDrive/landlocked_$version-1_$debian.deb"
        Write-Deb -Path $deb -Tree (Get-ProgramTree -ModulePath $ModulePath -Architecture $ownArchitecture) -Architecture $debian -Version "$version-1" -Time (Get-SourceTime)
        $names = @(
            'usr/bin/landlocked', 'usr/lib/landlocked/landlock-exec', 'usr/lib/landlocked/landlocked'
            'usr/share/bash-completion/completions/landlocked', 'usr/share/doc/landlocked/changelog.Debian.gz', 'usr/share/doc/landlocked/changelog.gz'
            'usr/share/doc/landlocked/copyright', 'usr/share/fish/vendor_completions.d/landlocked.fish', 'usr/share/lintian/overrides/landlocked'
            'usr/share/man/man1/landlocked.1.gz', 'usr/share/zsh/vendor-completions/_landlocked'
        )
    }

    It 'holds files of root, with their modes' {
        $lines = dpkg-deb --contents $deb
        $lines -notmatch ' root/root ' | Should -BeNullOrEmpty
        $files = $lines -notmatch '^d' -replace '^.* \./' -replace ' -> .*' | Sort-Object -CaseSensitive
        $files | Should -Be ($names | Sort-Object -CaseSensitive)
        $lines -match '^-rwxr-xr-x' -replace '^.* \./' | Should -Be usr/lib/landlocked/landlock-exec, usr/lib/landlocked/landlocked
        $lines -match '^l' -replace '^.* \./' | Should -Be 'usr/bin/landlocked -> ../lib/landlocked/landlocked'
        $lines -notmatch '^drwxr-xr-x|^-rwxr-xr-x|^-rw-r--r--|^lrwxrwxrwx' | Should -BeNullOrEmpty
    }

    It 'says what it is and needs' {
        $fields = dpkg-deb --field $deb | Out-String
        $fields | Should -Match "(?m)^Package: landlocked$"
        $fields | Should -Match "(?m)^Version: $([regex]::Escape($version))-1$"
        $fields | Should -Match "(?m)^Architecture: $debian$"
        $fields | Should -Match '(?m)^Depends: libc6 \(>= 2\.\d+\)$'
        $fields | Should -Match "(?m)^Homepage: $([regex]::Escape((Get-ModuleManifest).PrivateData.PSData.ProjectUri))$"
    }

    It 'is refused where a program needs a library that no dependency names' {
        { Get-LibraryDependency /usr/bin/dpkg } | Should -Throw '/usr/bin/dpkg is linked with lib*, which no dependency of the Debian package names.*'
    }

    It 'has no errors of lintian' -Skip:$lacks.lintian {
        $said = env LC_ALL=C.UTF-8 lintian --allow-root --fail-on none --show-overrides $deb 2>&1 | Out-String
        $said | Should -Not -Match '(?m)^E: '
        $said | Should -Match 'O: landlocked: statically-linked-binary' -Because 'otherwise nothing was examined'
    }

    It 'is installed into a root, runs there, and leaves nothing behind when it is removed' {
        # A machine that has the C library and nothing else. Without maintainer scripts, an ordinary user may do it, too.
        $machine = "$TestDrive/machine's root"
        foreach ($folder in 'info', 'updates', 'triggers') { $null = New-Item -ItemType Directory "$machine/var/lib/dpkg/$folder" }
        Set-Content "$machine/var/lib/dpkg/status" (dpkg-query --status libc6)
        function Invoke-Dpkg { env "PATH=${env:PATH}:/usr/sbin:/sbin" dpkg --force-not-root "--root=$machine" --log=/dev/null @args 2>&1 }

        $said = Invoke-Dpkg --install $deb
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        env -i "PATH=$machine/usr/bin:/usr/bin:/bin" sh -c 'landlocked -- echo ran' | Should -Be ran
        "$(Invoke-Dpkg --verify landlocked)" | Should -Not -Match '/usr/'
        if (Get-Command man -CommandType Application -ErrorAction Ignore) {
            env LC_ALL=C.UTF-8 MANWIDTH=80 "MANPATH=$machine/usr/share/man" man landlocked 2>&1 | Out-String | Should -Match 'landlocked - run a command in a Landlock sandbox'
        }

        $said = Invoke-Dpkg --purge landlocked
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        "$machine/usr" | Should -Not -Exist
    }

    It 'cannot be installed where the C library is missing' {
        $machine = "$TestDrive/empty"
        foreach ($folder in 'info', 'updates', 'triggers') { $null = New-Item -ItemType Directory "$machine/var/lib/dpkg/$folder" }
        $null = New-Item "$machine/var/lib/dpkg/status"
        $said = env "PATH=${env:PATH}:/usr/sbin:/sbin" dpkg --force-not-root "--root=$machine" --log=/dev/null --install $deb 2>&1
        $LASTEXITCODE | Should -Be 1
        "$said" | Should -Match 'landlocked depends on libc6'
    }
}
