#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Packs a staged module: a nupkg for PowerShell galleries, a tar archive, a list of files with their hashes, a bill of materials, and what
    Update-Help reads; and for each architecture its programs, as a tar archive with what installs them beneath a prefix and as a Debian package.
.DESCRIPTION
    The same module gives the same bytes, whoever packs it and where: entries are sorted, times are those of the source (SOURCE_DATE_EPOCH,
    else the last commit), and modes are 0755 for the programs in bin and 0644 for everything else. A module without the programs of every
    architecture is refused.
.EXAMPLE
    ./tools/Package.ps1 -ModulePath out/LandlockPS -OutputPath out/packages
.EXAMPLE
    ./tools/Package.ps1 -ModulePath out/LandlockPS -OutputPath out/packages -SigningKey ~/.ssh/id_ed25519
    Signs the list of files, too: ssh-keygen -Y verify -n LandlockPS checks it.
.LINK
    https://reproducible-builds.org/docs/source-date-epoch/
.LINK
    https://spdx.github.io/spdx-spec/v2.3/
#>
[CmdletBinding()]
param(
    # Folder of the module, with its manifest.
    [Parameter(Mandatory)]
    [string] $ModulePath,

    # Where the packages go. Files of the same names are replaced.
    [Parameter(Mandatory)]
    [string] $OutputPath,

    # A key of ssh-keygen(1) that signs the list of files.
    [string] $SigningKey
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
. "$PSScriptRoot/PackageFormats.ps1"
. "$PSScriptRoot/NativePrograms.ps1"
. "$PSScriptRoot/ProgramTree.ps1"
. "$PSScriptRoot/DebianPackage.ps1"

$root = (Resolve-Path -LiteralPath $ModulePath).Path.TrimEnd('/')
$name = 'LandlockPS'
$manifest = Import-PowerShellDataFile -LiteralPath "$root/$name.psd1"
$version = $manifest.ModuleVersion
$time = Get-SourceTime
$faults = @(Get-ProgramFault $root)
if ($faults) { throw "Nothing was packed from ${root}: $($faults -join ', '). A package has the programs of every architecture; ./build.ps1 -Task Package builds them." }

$notes = Get-ReleaseNote $version
$manifest.PrivateData.PSData.ReleaseNotes = $notes

$files = foreach ($path in [System.IO.Directory]::GetFiles($root, '*', 'AllDirectories')) {
    $relative = $path.Substring($root.Length + 1)
    [pscustomobject]@{
        Name = $relative
        Bytes = $relative -eq "$name.psd1" ? (Get-ReleaseManifest -Bytes ([System.IO.File]::ReadAllBytes($path)) -Note $notes) : [System.IO.File]::ReadAllBytes($path)
        Executable = $relative.StartsWith('bin/')
    }
}
$files = Get-InOrder $files

$null = New-Item -ItemType Directory -Force $OutputPath
$output = (Resolve-Path -LiteralPath $OutputPath).Path

# What the module consists of goes into the packages, too.
$list = [System.Text.Encoding]::UTF8.GetBytes((($files | ForEach-Object { "$(Get-Hash $_.Bytes SHA256)  $($_.Name)`n" }) -join ''))
$bill = [System.Text.Encoding]::UTF8.GetBytes((Get-MaterialBill -Name $name -Version $version -File $files -Time $time))
[System.IO.File]::WriteAllBytes("$output/$name-$version.sha256", $list)
[System.IO.File]::WriteAllBytes("$output/$name-$version.spdx.json", $bill)
$packed = Get-InOrder ($files +
    [pscustomobject]@{ Name = "$name.sha256"; Bytes = $list; Executable = $false } +
    [pscustomobject]@{ Name = "$name.spdx.json"; Bytes = $bill; Executable = $false })

$archive = "$output/$name-$version.tar.gz"
$package = "$output/$name.$version.nupkg"
Write-Tar -Path $archive -Folder $name -File $packed -Time $time
# What a repository shows beside the module.
$shown = Get-InOrder ($packed +
    [pscustomobject]@{ Name = 'README.md'; Bytes = Get-ReleaseReadme -Address $manifest.PrivateData.PSData.ProjectUri -Version $version; Executable = $false } +
    [pscustomobject]@{ Name = 'icon.png'; Bytes = [System.IO.File]::ReadAllBytes("$PSScriptRoot/../docs/images/icon.png"); Executable = $false })
Write-Zip -Path $package -File (Get-InOrder ($shown + (Get-NuGetPart -Manifest $manifest -Name $name -File $shown))) -Time $time

# For Update-Help, at HelpInfoURI.
$help = "$output/${name}_$($manifest.GUID)"
[System.IO.File]::WriteAllBytes("${help}_HelpInfo.xml", (Get-HelpInfo $manifest))
$pages = foreach ($item in $files) {
    if ($item.Name -like 'en-US/*') { [pscustomobject]@{ Name = Split-Path -Leaf $item.Name; Bytes = $item.Bytes; Executable = $false } }
}
Write-Zip -Path "${help}_en-US_HelpContent.zip" -File (Get-InOrder $pages) -Time $time

$hasDebian = Get-Command dpkg-deb -CommandType Application -ErrorAction Ignore
if (-not $hasDebian) { Write-Warning 'The Debian packages are left out: dpkg-deb is not installed (Fedora: dnf install dpkg).' }
$programs = foreach ($architecture in $nativeArchitectures.Keys) {
    $tree = Get-ProgramTree -ModulePath $root -Architecture $architecture
    $tar = "$output/landlocked-$version-$architecture.tar.gz"
    Write-Tar -Path $tar -Folder "landlocked-$version" -File (Get-InstallableTree $tree) -Time $time
    $tar
    if ($hasDebian) {
        $debian = $nativeArchitectures[$architecture].Debian
        $deb = "$output/landlocked_$version-1_$debian.deb"
        Write-Deb -Path $deb -Tree $tree -Architecture $debian -Version "$version-1" -Time $time
        $deb
    }
}

if ($SigningKey) {
    Remove-Item -LiteralPath "$output/$name-$version.sha256.sig" -ErrorAction Ignore
    ssh-keygen -q -Y sign -f $SigningKey -n $name "$output/$name-$version.sha256"
}
Get-Item -LiteralPath (@($package, $archive) + $programs)
