# The Debian package of the command line, landlocked_VERSION_ARCHITECTURE.deb. Needs PackageFormats.ps1 and NativePrograms.ps1.

# Who answers for the package. A distribution that builds it puts its own name here.
$debianMaintainer = 'The LandlockPS contributors <landlockps@noreply.invalid>'

# What a tree of programs is beneath /usr: pages are compressed, licences are one file, and each shell's completion is where its package looks.
function Get-DebianTree([object[]] $Tree, [string] $Version, [DateTimeOffset] $Time) {
    $file = { param($name, [byte[]] $bytes) [pscustomobject]@{ Name = $name; Bytes = $bytes; Executable = $false; Link = $null } }
    $bytes = { param($text) , [System.Text.Encoding]::UTF8.GetBytes($text) }
    $documents = 'share/doc/landlocked'
    $text = { param($name) [System.Text.Encoding]::UTF8.GetString(($Tree | Where-Object Name -EQ "$documents/$name").Bytes) }
    $changes = @"
landlocked ($Version) unstable; urgency=medium

  * What has changed is in /usr/share/doc/landlocked/changelog.gz.

 -- $debianMaintainer  $($Time.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", [cultureinfo]::InvariantCulture))

"@
    $overrides = @"
# It is executed before and within every sandbox, and needs nothing of the system.
landlocked: statically-linked-binary [usr/lib/landlocked/landlock-exec]
# Relocating it is half of the start of a program that starts programs.
landlocked: hardening-no-pie [usr/lib/landlocked/landlocked]
# It is built from the project's releases, and no upload to Debian.
landlocked: initial-upload-closes-no-bugs *

"@
    $installed = foreach ($item in $Tree) {
        if ($item.Name -like "$documents/*") { continue }
        if ($item.Name -like 'share/man/*') { & $file "$($item.Name).gz" (Get-Compressed $item.Bytes); continue }
        [pscustomobject]@{ Name = $item.Name -replace '^share/zsh/site-functions/', 'share/zsh/vendor-completions/'; Bytes = $item.Bytes; Executable = $item.Executable; Link = $item.Link }
    }
    , (Get-InOrder (@($installed) +
            (& $file "$documents/copyright" (& $bytes (Get-DebianCopyright (& $text LICENSE) (& $text THIRD-PARTY-NOTICES.txt)))) +
            (& $file "$documents/changelog.gz" (Get-Compressed ([System.IO.File]::ReadAllBytes("$PSScriptRoot/../CHANGELOG.md")))) +
            (& $file "$documents/changelog.Debian.gz" (Get-Compressed (& $bytes $changes))) +
            (& $file 'share/lintian/overrides/landlocked' (& $bytes $overrides))))
}

# The licences of what is linked together (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/).
function Get-DebianCopyright([string] $License, [string] $Notices) {
    $indented = { param([string] $text) ($text.Trim() -split '\r?\n' | ForEach-Object { $_.Trim() ? " $($_.TrimEnd())" : ' .' }) -join "`n" }
    $own = $License -replace '(?s)^.*?Copyright[^\n]*\n'
    $tomlyn = $Notices -replace '(?s)^.*?All rights reserved\.'
    @"
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: LandlockPS
Source: $((Get-ModuleManifest).PrivateData.PSData.ProjectUri)

Files: *
Copyright: 2026 The LandlockPS contributors
           .NET Foundation and contributors (the native .NET runtime, linked into landlocked)
License: Expat

Files: usr/lib/landlocked/landlocked
Copyright: 2019-2026 Alexandre Mutel (Tomlyn, linked into landlocked)
License: Expat and BSD-2-Clause

License: Expat
$(& $indented $own)

License: BSD-2-Clause
$(& $indented $tomlyn)

"@
}

# The oldest C library that has every symbol version which a program asks for; an error if it needs other libraries.
function Get-LibraryDependency([string] $Program) {
    $text = (readelf --wide --dynamic --version-info $Program) -join "`n"
    if ($LASTEXITCODE) { throw "readelf ended with the exit code $LASTEXITCODE." }
    $libraries = [regex]::Matches($text, 'Shared library: \[([^\]]+)\]').ForEach{ $_.Groups[1].Value }
    $unknown = $libraries -notmatch '^(libc\.so|libm\.so|ld-linux)'
    if ($unknown) { throw "$Program is linked with $($unknown -join ', '), which no dependency of the Debian package names. Name it in tools/DebianPackage.ps1." }
    $newest = [regex]::Matches($text, '\bGLIBC_(\d+\.\d+)').ForEach{ [version] $_.Groups[1].Value } | Sort-Object | Select-Object -Last 1
    "libc6 (>= $newest)"
}

# Writes the package: the same tree at the same time gives the same bytes with the same dpkg-deb.
function Write-Deb([string] $Path, [object[]] $Tree, [string] $Architecture, [string] $Version, [DateTimeOffset] $Time) {
    $folder = [System.IO.Directory]::CreateTempSubdirectory('landlockps-deb-').FullName
    try {
        $size = 0
        $installed = Get-DebianTree -Tree $Tree -Version $Version -Time $Time
        $sums = foreach ($item in $installed) {
            $target = "$folder/usr/$($item.Name)"
            $null = [System.IO.Directory]::CreateDirectory((Split-Path $target))
            if ($item.Link) { $null = [System.IO.File]::CreateSymbolicLink($target, $item.Link); continue }
            [System.IO.File]::WriteAllBytes($target, $item.Bytes)
            [System.IO.File]::SetUnixFileMode($target, [System.IO.UnixFileMode]($item.Executable ? 0x1ED : 0x1A4))    # 0755, 0644
            $size += [Math]::Ceiling($item.Bytes.Length / 1024)
            "$([Convert]::ToHexString([System.Security.Cryptography.MD5]::HashData($item.Bytes)).ToLowerInvariant())  usr/$($item.Name)"
        }
        $manifest = Get-ModuleManifest
        $control = @"
Package: landlocked
Version: $Version
Architecture: $Architecture
Maintainer: $debianMaintainer
Installed-Size: $size
Depends: $(Get-LibraryDependency "$folder/usr/lib/landlocked/landlocked")
Suggests: bash-completion
Section: utils
Priority: optional
Homepage: $($manifest.PrivateData.PSData.ProjectUri)
Description: run commands in a Landlock sandbox
 landlocked starts a command that may access the files, TCP ports and other
 processes that its options, policies or profiles allow, and nothing else. The
 kernel's Landlock enforces it: no root, no containers, no daemon.
 .
 It shows what a sandbox allows before anything runs, explains what was denied
 and by which option it would be allowed, and learns policies from a trace.

"@
        $null = [System.IO.Directory]::CreateDirectory("$folder/DEBIAN")
        [System.IO.File]::WriteAllText("$folder/DEBIAN/control", $control)
        [System.IO.File]::WriteAllText("$folder/DEBIAN/md5sums", ($sums -join "`n") + "`n")
        foreach ($name in 'control', 'md5sums') { [System.IO.File]::SetUnixFileMode("$folder/DEBIAN/$name", [System.IO.UnixFileMode] 0x1A4) }
        foreach ($directory in @($folder) + [System.IO.Directory]::GetDirectories($folder, '*', 'AllDirectories')) {
            [System.IO.File]::SetUnixFileMode($directory, [System.IO.UnixFileMode] 0x1ED)
        }

        # Every time in it is that of the source, and one thread compresses it: several cut the stream elsewhere. -z1 takes a quarter of the time, for a tenth
        # more bytes.
        $null = find $folder -exec touch --no-dereference "--date=@$($Time.ToUnixTimeSeconds())" '{}' +
        $null = env "SOURCE_DATE_EPOCH=$($Time.ToUnixTimeSeconds())" DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz -z1 --build $folder $Path
        if ($LASTEXITCODE) { throw "dpkg-deb ended with the exit code $LASTEXITCODE." }
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}
