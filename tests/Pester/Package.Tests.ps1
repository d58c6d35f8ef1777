BeforeDiscovery {
    . $PSScriptRoot/../../tools/NativePrograms.ps1
    $noCompression = -not (Get-Command Compress-PSResource -ErrorAction Ignore)
    $noSigning = -not (Get-Command ssh-keygen -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    . $root/tools/NativePrograms.ps1
    . $root/tools/PackageFormats.ps1
    $manifest = Import-PowerShellDataFile "$ModulePath/LandlockPS.psd1"
    $version = $manifest.ModuleVersion

    # The module of this checkout, with the other architecture's programs. What packing does to them does not depend on what they are, so that
    # this machine's own stand for them here, with the other's number in their header; and a small one for the large one, which takes a while to pack.
    $staged = "$TestDrive/staged/LandlockPS"
    $null = New-Item -ItemType Directory "$TestDrive/staged"
    Copy-Item $ModulePath $staged -Recurse
    if (Get-Command gcc -CommandType Application -ErrorAction Ignore) { 'int main(void) { return 0; }' | gcc -x c -o "$TestDrive/small" - }
    foreach ($architecture in @($nativeArchitectures.Keys) -ne $ownArchitecture) {
        Copy-Item "$staged/bin/$ownArchitecture" "$staged/bin/$architecture" -Recurse -Force
        foreach ($program in $nativePrograms.Keys) {
            $stand = $program -eq 'landlocked' -and (Test-Path "$TestDrive/small") ? "$TestDrive/small" : "$staged/bin/$architecture/$program"
            $bytes = [System.IO.File]::ReadAllBytes($stand)
            $bytes[18] = $nativeArchitectures[$architecture].Machine
            [System.IO.File]::WriteAllBytes("$staged/bin/$architecture/$program", $bytes)
        }
    }

    # Packs in a process of its own, with another clock, umask and directory than the next time.
    function Invoke-Packing([string] $To, [string] $Zone, [string] $Mask, [string] $From = $staged, [string[]] $More = @()) {
        $null = New-Item -ItemType Directory -Force $To
        $null = bash -c 'umask "$1"; cd "$2"; TZ="$3" exec pwsh -NoProfile -File "$4" -ModulePath "$5" -OutputPath "$2" "${@:6}"' - $Mask $To $Zone "$root/tools/Package.ps1" $From @More
        if ($LASTEXITCODE) { throw "packing failed: $LASTEXITCODE" }
    }

    # What a person gets who unpacks it somewhere and uses it.
    function Use-Module([string] $Folder) {
        pwsh -NoProfile -Command "Import-Module '$Folder'; Invoke-Landlocked -- echo native; Invoke-Landlocked { 'block' }; landlocked --version; (Get-Help about_LandlockPS).Length -gt 100; @(Get-LandlockPreset).Count -gt 5"
    }

    Invoke-Packing -To "$TestDrive/first" -Zone UTC -Mask 022
    $tar = "$TestDrive/first/LandlockPS-$version.tar.gz"
    $nupkg = "$TestDrive/first/LandlockPS.$version.nupkg"
    $null = New-Item -ItemType Directory "$TestDrive/tar", "$TestDrive/nupkg"
    tar -xzf $tar -C "$TestDrive/tar"
    [System.IO.Compression.ZipFile]::ExtractToDirectory($nupkg, "$TestDrive/nupkg")
}

Describe 'The packages' {
    It 'have the same bytes, whoever packs them' {
        $copy = "$TestDrive/elsewhere/with other times/LandlockPS"
        Copy-Item $staged $copy -Recurse
        Invoke-Packing -To "$TestDrive/second" -Zone Asia/Tokyo -Mask 077 -From $copy
        $first = Get-ChildItem "$TestDrive/first" | ForEach-Object { "$($_.Name) $((Get-FileHash $_).Hash)" }
        $names = @(
            "LandlockPS.$version.nupkg"
            foreach ($kind in 'sha256', 'spdx.json', 'tar.gz') { "LandlockPS-$version.$kind" }
            foreach ($kind in 'HelpInfo.xml', 'en-US_HelpContent.zip') { "LandlockPS_$($manifest.GUID)_$kind" }
            foreach ($architecture in $nativeArchitectures.Keys) {
                "landlocked-$version-$architecture.tar.gz"
                if (Get-Command dpkg-deb -CommandType Application -ErrorAction Ignore) { "landlocked_$version-1_$($nativeArchitectures[$architecture].Debian).deb" }
            }
        )
        $first -replace ' .*' | Sort-Object | Should -Be ($names | Sort-Object)
        Get-ChildItem "$TestDrive/second" | ForEach-Object { "$($_.Name) $((Get-FileHash $_).Hash)" } | Should -Be $first
    }

    Context 'with another file, and a signature' {
        BeforeAll {
            $copy = "$TestDrive/changed/LandlockPS"
            Copy-Item $staged $copy -Recurse
            Add-Content "$copy/LICENSE" changed
            $key = @()
            if (Get-Command ssh-keygen -CommandType Application -ErrorAction Ignore) {
                $null = ssh-keygen -q -t ed25519 -N '' -C test -f "$TestDrive/key"
                $key = '-SigningKey', "$TestDrive/key"
            }
            Invoke-Packing -To "$TestDrive/third" -Zone UTC -Mask 022 -From $copy -More $key
        }

        It 'change with a file' {
            # The help has not changed.
            foreach ($file in Get-ChildItem "$TestDrive/first" | Where-Object Name -NotLike '*Help*') {
                (Get-FileHash "$TestDrive/third/$($file.Name)").Hash | Should -Not -Be (Get-FileHash $file).Hash
            }
        }

        It 'are signed' -Skip:$noSigning {
            Set-Content "$TestDrive/signers" "release $(Get-Content "$TestDrive/key.pub")"
            $verify = 'ssh-keygen -Y verify -f "$1" -I release -n LandlockPS -s "$2.sig" <"$2" 2>&1'
            $list = "$TestDrive/third/LandlockPS-$version.sha256"
            sh -c $verify - "$TestDrive/signers" $list | Should -Match '^Good'
            Add-Content $list "$('0' * 64)  LandlockPS.dll"
            sh -c $verify - "$TestDrive/signers" $list | Should -Match 'incorrect signature|Could not verify'
        }
    }

    It 'work after unpacking: <_>' -ForEach 'tar/LandlockPS', 'nupkg' {
        Use-Module "$TestDrive/$_/LandlockPS.psd1" | Should -Be native, block, "landlocked $version", True, True
    }

    It 'are installed from a repository, and work: <Name>' -TestCases @(
        # The first one is what the README says. What Publish-PSResource packs has lost permissions.
        @{ Name = 'PSResourceGet'; Take = { param($staged, $nupkg, $from, $to, $lines) Copy-Item $nupkg $from; . ([scriptblock]::Create($lines)); Copy-Item -Recurse "$HOME/.local/share/powershell/Modules/LandlockPS" $to } }
        @{ Name = 'PowerShellGet'; Take = { param($staged, $nupkg, $from, $to)
                Register-PSResourceRepository company -Uri $from -Trusted
                Publish-PSResource -Path $staged -Repository company
                Register-PSRepository own -SourceLocation $from -InstallationPolicy Trusted
                Save-Module LandlockPS -Repository own -Path $to
            }
        }
    ) {
        $repository, $to, $private = "$TestDrive/$Name/repository", "$TestDrive/$Name/taken", "$TestDrive/$Name/home"
        $row = [regex]::Match([System.IO.File]::ReadAllText("$root/README.md"), '(?m)^\|[^|]*PowerShell \|.*$').Value
        $lines = [regex]::Matches($row, '`(\w+-PSResource\w* [^`]*)`').ForEach{ $_.Groups[1].Value } -join "`n"
        $lines | Should -BeLike "Register-*FOLDER*`nInstall-*"
        # Without a folder for settings, PowerShellGet writes them to the current one.
        $null = New-Item -ItemType Directory $repository, $to, "$private/.config"
        $said = env -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u XDG_CACHE_HOME "HOME=$private" pwsh -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; & { $Take } '$staged' '$nupkg' '$repository' '$to' '$($lines -replace 'FOLDER', "''$repository''")'" 2>&1
        $module = "$to/LandlockPS/$version"
        (Get-Item "$module/bin/$ownArchitecture/landlock-exec" -ErrorAction Ignore).UnixFileMode |
            Should -Be ($Name -eq 'PSResourceGet' ? 'OtherExecute, OtherRead, GroupExecute, GroupRead, UserExecute, UserWrite, UserRead' : 'OtherRead, GroupRead, UserWrite, UserRead') -Because "$said"
        if ((id -u) -eq 0 -and $Name -eq 'PowerShellGet') {
            chmod -R a+rX $to
            chmod 755 $TestDrive "$TestDrive/$Name"
            $told = env -C / HOME=/nonexistent setpriv --reuid=65534 --regid=65534 --clear-groups "$PSHOME/pwsh" -NoProfile -Command "Import-Module '$module/LandlockPS.psd1'; try { Invoke-Landlocked -- true } catch { `"`$_`" }"
            $told | Should -Be "'$module/bin/$ownArchitecture/landlock-exec' may not be executed: copies and packages lose that bit. Nothing was run. Give it back: chmod +x $module/bin/$ownArchitecture/landlock-exec $module/bin/$ownArchitecture/landlocked"
        }
        Use-Module "$module/LandlockPS.psd1" | Should -Be native, block, "landlocked $version", True, True
        (Get-Item "$module/bin/$ownArchitecture/landlocked").UnixFileMode | Should -Be 'OtherExecute, OtherRead, GroupExecute, GroupRead, UserExecute, UserWrite, UserRead'
    }

    It 'hold what was staged, with modes: <_>' -ForEach 'tar/LandlockPS', 'nupkg' {
        $folder = "$TestDrive/$_"
        foreach ($file in Get-ChildItem $staged -Recurse -File) {
            $name = $file.FullName.Substring($staged.Length)
            # The manifest has the notes of the release.
            if ($name -ne '/LandlockPS.psd1') { (Get-FileHash "$folder$name").Hash | Should -Be (Get-FileHash $file).Hash }
            (Get-Item "$folder$name").UnixFileMode.HasFlag([System.IO.UnixFileMode]::UserExecute) | Should -Be $name.StartsWith('/bin/') -Because $name
        }
    }

    It 'hold a manifest with the notes of the release: <_>' -ForEach 'tar/LandlockPS', 'nupkg' {
        $packed = Test-ModuleManifest "$TestDrive/$_/LandlockPS.psd1"
        $packed.ReleaseNotes | Should -BeExactly (Get-ReleaseNote $version)
        $packed.ReleaseNotes | Should -Not -Match '(?m)^## '
        $data = $manifest.PrivateData.PSData
        foreach ($key in $data.Keys -ne 'ReleaseNotes') { $packed.PrivateData.PSData[$key] | Should -BeExactly $data[$key] }
        $packed.HelpInfoUri | Should -BeExactly $manifest.HelpInfoURI
    }

    It 'hold what Compress-PSResource would pack, byte by byte, and say the same and more' -Skip:$noCompression {
        $folder = "$TestDrive/compressed/LandlockPS"
        Copy-Item "$TestDrive/nupkg" $folder -Recurse
        Remove-Item -LiteralPath "$folder/LandlockPS.nuspec", "$folder/[Content_Types].xml", "$folder/_rels", "$folder/package" -Recurse -Force
        Compress-PSResource -Path $folder -DestinationPath "$TestDrive/compressed"
        $theirs, $ours = "$TestDrive/compressed/LandlockPS.$version.nupkg", $nupkg | ForEach-Object {
            $zip = [System.IO.Compression.ZipFile]::OpenRead($_)
            $entries = @{}
            foreach ($entry in $zip.Entries) {
                $stream = $entry.Open()
                $memory = [System.IO.MemoryStream]::new()
                $stream.CopyTo($memory)
                $entries[$entry.FullName -replace '(?<=core-properties/).*'] = $memory.ToArray()
            }
            $zip.Dispose()
            $entries
        }
        $ours.Keys | Sort-Object | Should -Be ($theirs.Keys | Sort-Object)
        foreach ($name in $theirs.Keys) {
            if ($name -notmatch '\.nuspec$|^\[Content_Types\]|^_rels/|^package/') { (Get-Hash $ours[$name]) | Should -Be (Get-Hash $theirs[$name]) -Because $name }
        }

        $read = { param($entries, $name) [xml] [System.Text.Encoding]::UTF8.GetString($entries[$name]).TrimStart([char] 0xFEFF) }
        $spec = (& $read $ours LandlockPS.nuspec).package.metadata
        foreach ($element in (& $read $theirs LandlockPS.nuspec).package.metadata.ChildNodes) {
            if ($element.Name -eq 'tags') { $element.InnerText -split ' ' | Should -BeIn ($spec.tags -split ' ') }
            else { $spec[$element.Name].InnerText -replace '\r' | Should -BeExactly ($element.InnerText -replace '\r') -Because $element.Name }
        }
        $spec.readme, $spec.icon, $spec.repository.type, $spec.repository.url | Should -Be README.md, icon.png, git, $manifest.PrivateData.PSData.ProjectUri
        $types = { param($entries) (& $read $entries '[Content_Types].xml').Types.ChildNodes | ForEach-Object { "$($_.Extension)$($_.PartName) $($_.ContentType)" } | Sort-Object }
        "$(& $types $ours)" | Should -Be "$(& $types $theirs)"
        (& $read $ours '_rels/.rels').Relationships.Relationship.Type | Sort-Object | Should -Be ((& $read $theirs '_rels/.rels').Relationships.Relationship.Type | Sort-Object)
    }

    It 'are shown by a repository, with all that there is to know' {
        $private = New-Item -ItemType Directory "$TestDrive/find/.config"
        $find = { param($folder) Register-PSResourceRepository own -Uri $folder -Trusted; Find-PSResource LandlockPS -Repository own | ConvertTo-Json -Depth 2 }
        $found = env -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u XDG_CACHE_HOME "HOME=$(Split-Path $private)" pwsh -NoProfile -NonInteractive -Command "& { $find } '$TestDrive/first'" | ConvertFrom-Json
        $data = $manifest.PrivateData.PSData
        "$($found.Version.Major).$($found.Version.Minor).$($found.Version.Build)" | Should -Be $version
        $found.ProjectUri, $found.LicenseUri, $found.IconUri | Should -Be $data.ProjectUri, $data.LicenseUri, $data.IconUri
        $found.ReleaseNotes | Should -BeExactly (Get-ReleaseNote $version)
        $found.Author, $found.CompanyName, $found.Copyright, $found.Description | Should -Be $manifest.Author, $manifest.CompanyName, $manifest.Copyright, $manifest.Description
        $found.Tags | Should -Be $data.Tags
    }

    It 'have a readme whose links lead to the project, and an icon' {
        $text = Get-Content "$TestDrive/nupkg/README.md" -Raw
        $links = [regex]::Matches($text, '\]\(([^)]+)\)').ForEach{ $_.Groups[1].Value }
        $links.Count | Should -BeGreaterThan 10
        $address = $manifest.PrivateData.PSData.ProjectUri
        foreach ($link in $links -notmatch '^#') {
            $link | Should -Match '^https://'
            if ($link.StartsWith($address)) { "$root/$($link -replace '^.*?/(blob|raw)/v[^/]*/' -replace '#.*')" | Should -Exist }
        }
        $icon = [System.IO.File]::ReadAllBytes("$TestDrive/nupkg/icon.png")
        [System.Text.Encoding]::Latin1.GetString($icon, 1, 3) | Should -Be PNG
        # Width and height, big-endian: what galleries ask for.
        $icon[16..23] | Should -Be 0, 0, 0, 128, 0, 0, 0, 128
        [System.IO.File]::ReadAllText("$root/docs/images/icon.svg") | Should -Not -Match 'script|href|on[a-z]+='
    }

    It 'have the help that Update-Help takes' {
        # A module of this name whose help is not there yet.
        $module = "$TestDrive/modules for help/LandlockPS/$version"
        $null = New-Item -ItemType Directory (Split-Path $module)
        Copy-Item $staged $module -Recurse
        Remove-Item "$module/en-US" -Recurse
        $own = (New-Item -ItemType Directory "$TestDrive/home for help/.config").Parent.FullName
        $update = { param($modules, $from) $env:PSModulePath = "${modules}:$env:PSModulePath"; Update-Help -Module LandlockPS -SourcePath $from -UICulture en-US -Force -ErrorAction Stop; (Get-Help Get-LandlockSupport).Synopsis }
        $said = env -u XDG_DATA_HOME -u XDG_CONFIG_HOME "HOME=$own" LANG=en_US.UTF-8 pwsh -NoProfile -NonInteractive -Command "& { $update } '$(Split-Path (Split-Path $module))' '$TestDrive/first'" 2>&1
        "$said" | Should -Be (Get-Help Get-LandlockSupport).Synopsis
    }

    It 'list their files for sha256sum: <_>' -ForEach 'tar/LandlockPS', 'nupkg' {
        $folder = "$TestDrive/$_"
        $lines = sh -c 'cd "$1" && sha256sum --check --strict --quiet LandlockPS.sha256 2>&1' - $folder
        $lines | Should -BeNullOrEmpty
        @(Get-Content "$folder/LandlockPS.sha256").Count | Should -Be @(Get-ChildItem $staged -Recurse -File).Count
    }

    It 'have a bill of materials: every file, and what is linked in' {
        $bill = Get-Content "$TestDrive/first/LandlockPS-$version.spdx.json" -Raw | ConvertFrom-Json
        $bill.spdxVersion | Should -Be 'SPDX-2.3'
        $bill.packages.name | Should -Be LandlockPS, Microsoft.DotNet.ILCompiler
        $bill.packages[0].versionInfo | Should -Be $version
        $expected = Get-Content "$TestDrive/first/LandlockPS-$version.sha256" | ForEach-Object { $hash, $name = $_ -split '  ', 2; "./$name $hash" }
        $bill.files | ForEach-Object { "$($_.fileName) $($_.checksums.Where{ $_.algorithm -eq 'SHA256' }.checksumValue)" } | Should -Be $expected
        $linked = $bill.relationships | Where-Object relationshipType -EQ STATIC_LINK
        ($bill.files | Where-Object SPDXID -In $linked.spdxElementId).fileName | Should -BeLike './bin/*/landlocked'
    }

    It 'are restored by NuGet' {
        $project = New-Item -ItemType Directory "$TestDrive/restore"
        Set-Content "$project/nuget.config" "<configuration><packageSources><clear /><add key='local' value='$TestDrive/first' /></packageSources></configuration>"
        Set-Content "$project/restore.csproj" "<Project Sdk='Microsoft.NET.Sdk'><PropertyGroup><TargetFramework>net10.0</TargetFramework><RestorePackagesPath>packages</RestorePackagesPath></PropertyGroup><ItemGroup><PackageDownload Include='LandlockPS' Version='[$version]' /></ItemGroup></Project>"
        $log = dotnet restore $project -nologo -v m 2>&1
        $LASTEXITCODE | Should -Be 0 -Because "$log"
        "$project/packages/landlockps/$version/LandlockPS.psd1" | Should -Exist
    }
}

Describe 'The programs in a package' {
    BeforeAll {
        $foreign = @($nativeArchitectures.Keys -ne $ownArchitecture)[0]
        function Copy-Staged {
            $copy = "$TestDrive/$([guid]::NewGuid())/LandlockPS"
            $null = New-Item -ItemType Directory (Split-Path $copy)
            Copy-Item $staged $copy -Recurse
            $copy
        }
    }

    It 'are those of every architecture: without <_> nothing is packed' -ForEach @(
        foreach ($architecture in $nativeArchitectures.Keys) { foreach ($program in $nativePrograms.Keys) { "bin/$architecture/$program" } }
    ) {
        $copy = Copy-Staged
        Remove-Item "$copy/$_"
        { & "$root/tools/Package.ps1" -ModulePath $copy -OutputPath "$TestDrive/nothing" } | Should -Throw "Nothing was packed from ${copy}: $_ is missing. A package*"
        "$TestDrive/nothing" | Should -Not -Exist
    }

    It 'are for their architecture: another one in its place is refused' {
        $copy = Copy-Staged
        Copy-Item "$copy/bin/linux-x64/landlocked" "$copy/bin/linux-arm64/landlocked"
        { & "$root/tools/Package.ps1" -ModulePath $copy -OutputPath "$TestDrive/nothing" } | Should -Throw '*: bin/linux-arm64/landlocked is not a program for linux-arm64. A package*'
    }

    It 'are not staged where the linker of one is missing' {
        $path = $env:PATH
        try {
            $env:PATH = '/nowhere'
            { & "$root/tools/Stage.ps1" -OutputPath "$TestDrive/both/LandlockPS" -Architecture $foreign } |
                Should -Throw "The programs for $foreign are linked with $($nativeArchitectures[$foreign].Linker), which is not installed. Install it with: apt-get install $($nativeArchitectures[$foreign].Package)"
        }
        finally {
            $env:PATH = $path
        }

        "$TestDrive/both" | Should -Not -Exist
    }

    It 'are built for both architectures' {
        $linker = $nativeArchitectures[$foreign]
        if (-not (Get-Command $linker.Linker -CommandType Application -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because "no linker for $foreign is installed (Debian, Ubuntu: apt-get install $($linker.Package))"
        }

        # One build of another architecture at a time: other tests make it, too. What the build leaves running must not hold the lock.
        $text = flock --close "$root/out/foreign.lock" pwsh -NoProfile -File "$root/tools/Stage.ps1" -OutputPath "$TestDrive/both/LandlockPS" -Architecture $foreign -Configuration Debug 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $text
        Get-ProgramFault "$TestDrive/both/LandlockPS" | Should -BeNullOrEmpty
        $names = (Get-ChildItem "$TestDrive/both/LandlockPS/bin" -Recurse -File).FullName.ForEach{ $_.Substring("$TestDrive/both/LandlockPS/bin/".Length) } | Sort-Object
        $names | Should -Be (@(foreach ($architecture in $nativeArchitectures.Keys) { foreach ($program in $nativePrograms.Keys) { "$architecture/$program" } }) | Sort-Object)
        if (Get-Command readelf -CommandType Application -ErrorAction Ignore) {
            . "$root/tools/DebianPackage.ps1"
            Get-LibraryDependency "$TestDrive/both/LandlockPS/bin/$foreign/landlocked" | Should -Match '^libc6 '
        }
    }
}

Describe 'Installing' {
    BeforeAll {
        $modules = "$TestDrive/modules"
        function Install { pwsh -NoProfile -File "$root/tools/Install.ps1" -ModulePath $staged -Destination $modules }
    }

    It 'makes the module known by its name' {
        Install | Should -Not -BeNullOrEmpty
        $text = pwsh -NoProfile -Command "`$env:PSModulePath = '$modules' + ':' + `$env:PSModulePath; Invoke-Landlocked -- echo ran; (Get-Module LandlockPS).ModuleBase"
        $text | Should -Be ran, "$modules/LandlockPS/$version"
    }

    It 'takes the place of the same version, and leaves others' {
        Set-Content "$modules/LandlockPS/$version/old.ps1xml" old
        $null = New-Item -ItemType Directory "$modules/LandlockPS/0.0.1"
        $null = Install
        "$modules/LandlockPS/$version/old.ps1xml" | Should -Not -Exist
        Get-ChildItem "$modules/LandlockPS" -Force | ForEach-Object Name | Should -Be 0.0.1, $version
    }
}

Describe 'What a release notes' {
    It 'is what CHANGELOG.md says of its version, or what is not released yet, and an error otherwise' {
        Set-Content "$TestDrive/changes.md" "# Changelog`n`n## [Unreleased]`n`n- new`n`n## [1.2.0] - 2026-01-01`n`n- older`n`n## v1.1.0`n`n- oldest`n" -NoNewline
        Get-ReleaseNote 1.2.0 "$TestDrive/changes.md" | Should -Be '- older'
        Get-ReleaseNote 1.1.0 "$TestDrive/changes.md" | Should -Be '- oldest'
        Get-ReleaseNote 1.3.0 "$TestDrive/changes.md" | Should -Be '- new'
        Set-Content "$TestDrive/changes.md" "# Changelog`n"
        { Get-ReleaseNote 1.3.0 "$TestDrive/changes.md" } | Should -Throw "* has no section '## v1.3.0'. Write what the release brings, then pack."
    }
}
