# The formats of packages, written so that the same files give the same bytes.

function Get-SourceTime {
    if ($env:SOURCE_DATE_EPOCH) { return [DateTimeOffset]::FromUnixTimeSeconds([long] $env:SOURCE_DATE_EPOCH) }
    $seconds = try { git -C $PSScriptRoot log -1 --format=%ct 2>$null } catch { $null }
    # A source without history: the first day that zip archives know.
    [DateTimeOffset]::FromUnixTimeSeconds($seconds ? [long] $seconds : 315532800)
}

# The manifest of the source, which names version and address.
function Get-ModuleManifest { Import-PowerShellDataFile -LiteralPath "$PSScriptRoot/../LandlockPS.psd1" }

function Get-Hash([byte[]] $Bytes, [string] $Algorithm) {
    $hash = $Algorithm -eq 'SHA1' ? [System.Security.Cryptography.SHA1]::HashData($Bytes) : [System.Security.Cryptography.SHA256]::HashData($Bytes)
    [Convert]::ToHexString($hash).ToLowerInvariant()
}

# By bytes, as no language sorts.
function Get-InOrder([object[]] $File) {
    $sorted = [System.Collections.Generic.SortedDictionary[string, object]]::new([System.StringComparer]::Ordinal)
    foreach ($item in $File) { $sorted.Add($item.Name, $item) }
    , @($sorted.Values)
}

# As gzip -9n does it.
function Get-Compressed([byte[]] $Bytes) {
    $stream = [System.IO.MemoryStream]::new()
    $zip = [System.IO.Compression.GZipStream]::new($stream, [System.IO.Compression.CompressionLevel]::SmallestSize)
    $zip.Write($Bytes, 0, $Bytes.Length)
    $zip.Dispose()
    , $stream.ToArray()
}

# Each file has a name, bytes, and whether it is executable; or it is a link to what Link says.
function Write-Tar([string] $Path, [string] $Folder, [object[]] $File, [DateTimeOffset] $Time) {
    $stream = [System.IO.File]::Create($Path)
    $zip = [System.IO.Compression.GZipStream]::new($stream, [System.IO.Compression.CompressionLevel]::SmallestSize)
    $tar = [System.Formats.Tar.TarWriter]::new($zip, [System.Formats.Tar.TarEntryFormat]::Ustar)
    try {
        foreach ($item in $File) {
            $kind = $item.Link ? [System.Formats.Tar.TarEntryType]::SymbolicLink : [System.Formats.Tar.TarEntryType]::RegularFile
            $entry = [System.Formats.Tar.UstarTarEntry]::new($kind, "$Folder/$($item.Name)")
            $entry.Mode = [System.IO.UnixFileMode]($item.Link ? 0x1FF : $item.Executable ? 0x1ED : 0x1A4)    # 0777, 0755, 0644
            $entry.ModificationTime = $Time
            if ($item.Link) { $entry.LinkName = $item.Link } else { $entry.DataStream = [System.IO.MemoryStream]::new($item.Bytes) }
            $tar.WriteEntry($entry)
        }
    }
    finally {
        $tar.Dispose(); $zip.Dispose(); $stream.Dispose()
    }
}

function Write-Zip([string] $Path, [object[]] $File, [DateTimeOffset] $Time) {
    $stream = [System.IO.File]::Create($Path)
    $zip = [System.IO.Compression.ZipArchive]::new($stream, [System.IO.Compression.ZipArchiveMode]::Create)
    try {
        foreach ($item in $File) {
            $entry = $zip.CreateEntry($item.Name, [System.IO.Compression.CompressionLevel]::SmallestSize)
            $entry.LastWriteTime = $Time
            # The upper half is a mode as in stat(2): a regular file.
            $entry.ExternalAttributes = ($item.Executable ? 0x81ED : 0x81A4) -shl 16
            $content = $entry.Open()
            $content.Write($item.Bytes, 0, $item.Bytes.Length)
            $content.Dispose()
        }
    }
    finally {
        $zip.Dispose(); $stream.Dispose()
    }
}

# What CHANGELOG.md says of a version: its section, or what is not released yet.
function Get-ReleaseNote([string] $Version, [string] $Path = "$PSScriptRoot/../CHANGELOG.md") {
    $text = [System.IO.File]::ReadAllText($Path)
    foreach ($heading in "\[?v?$([regex]::Escape($Version))\b", '\[?Unreleased\b') {
        $section = [regex]::Match($text, "(?ms)^## $heading[^\n]*\n(.*?)(?=^## |\z)")
        if ($section.Success) { return $section.Groups[1].Value.Trim() }
    }
    throw "$Path has no section '## v$Version'. Write what the release brings, then pack."
}

# The manifest with the notes of its release, which repositories show.
function Get-ReleaseManifest([byte[]] $Bytes, [string] $Note) {
    $text = [System.Text.Encoding]::UTF8.GetString($Bytes)
    $line = [regex]::Match($text, "(?m)^( +ReleaseNotes = )'[^'\n]*'$")
    if (-not $line.Success) { throw "The manifest has no line ReleaseNotes = '...', which a package replaces." }
    $quoted = "'$([System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($Note))'"
    , [System.Text.Encoding]::UTF8.GetBytes($text.Remove($line.Index, $line.Length).Insert($line.Index, $line.Groups[1].Value + $quoted))
}

# README.md for readers who have no checkout: what it links to is the project's, at the version's tag.
function Get-ReleaseReadme([string] $Address, [string] $Version) {
    $text = [System.IO.File]::ReadAllText("$PSScriptRoot/../README.md")
    $text = [regex]::Replace($text, '(!?)(\[[^\]]*\])\((?!\w+:|#)([^)\s]+)\)', {
            param($link)
            $kind = $link.Groups[1].Value ? 'raw' : 'blob'
            "$($link.Groups[1].Value)$($link.Groups[2].Value)($Address/$kind/v$Version/$($link.Groups[3].Value))"
        })
    , [System.Text.Encoding]::UTF8.GetBytes($text)
}

# What makes a zip archive of files a NuGet package (Open Packaging Conventions), with the tags that PowerShell galleries search by.
function Get-NuGetPart([hashtable] $Manifest, [string] $Name, [object[]] $File) {
    $escape = { param($text) [System.Security.SecurityElement]::Escape($text) }
    $data = $Manifest.PrivateData.PSData
    $tags = @('PSModule') + $data.Tags + 'PSIncludes_Cmdlet' + ($Manifest.CmdletsToExport -replace '^', 'PSCmdlet_') + ($Manifest.CmdletsToExport -replace '^', 'PSCommand_')
    $commit = try { git -C $PSScriptRoot rev-parse HEAD 2>$null } catch { $null }
    $spec = @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">
  <metadata>
    <id>$Name</id>
    <version>$($Manifest.ModuleVersion)</version>
    <authors>$(& $escape $Manifest.Author)</authors>
    <owners>$(& $escape $Manifest.CompanyName)</owners>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <licenseUrl>$(& $escape $data.LicenseUri)</licenseUrl>
    <projectUrl>$(& $escape $data.ProjectUri)</projectUrl>
    <icon>icon.png</icon>
    <iconUrl>$(& $escape $data.IconUri)</iconUrl>
    <readme>README.md</readme>
    <repository type="git" url="$(& $escape $data.ProjectUri)"$($commit ? " commit=`"$commit`"" : '') />
    <description>$(& $escape $Manifest.Description)</description>
    <releaseNotes>$(& $escape $data.ReleaseNotes)</releaseNotes>
    <copyright>$(& $escape $Manifest.Copyright)</copyright>
    <tags>$(& $escape ($tags -join ' '))</tags>
  </metadata>
</package>
"@
    $known = @{ rels = 'application/vnd.openxmlformats-package.relationships+xml'; psmdcp = 'application/vnd.openxmlformats-package.core-properties+xml' }
    $extensions = [string[]] @(@($File.Name | ForEach-Object { [System.IO.Path]::GetExtension($_).TrimStart('.') }) + 'nuspec', 'psmdcp', 'rels' -ne '' | Sort-Object -Unique)
    $defaults = foreach ($extension in $extensions) { "  <Default Extension=`"$extension`" ContentType=`"$($known[$extension] ?? 'application/octet')`" />" }
    $overrides = foreach ($item in $File) {
        if (-not [System.IO.Path]::GetExtension($item.Name)) { "  <Override PartName=`"/$($item.Name)`" ContentType=`"application/octet`" />" }
    }
    $types = @"
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
$(@($defaults) + $overrides -join "`n")
</Types>
"@
    $core = @"
<?xml version="1.0" encoding="utf-8"?>
<coreProperties xmlns="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:creator>$(& $escape $Manifest.Author)</dc:creator>
  <dc:description>$(& $escape $Manifest.Description)</dc:description>
  <dc:identifier>$Name</dc:identifier>
  <version>$($Manifest.ModuleVersion)</version>
  <keywords>$(& $escape ($tags -join ' '))</keywords>
</coreProperties>
"@
    $relations = @"
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/$Name.nuspec" Id="Rnuspec" />
  <Relationship Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="/package/services/metadata/core-properties/$Name.psmdcp" Id="Rcore" />
</Relationships>
"@
    $parts = [ordered]@{
        '[Content_Types].xml' = $types
        '_rels/.rels' = $relations
        "$Name.nuspec" = $spec
        "package/services/metadata/core-properties/$Name.psmdcp" = $core
    }
    foreach ($part in $parts.GetEnumerator()) {
        [pscustomobject]@{ Name = $part.Key; Bytes = [System.Text.Encoding]::UTF8.GetBytes($part.Value); Executable = $false }
    }
}

# SPDX 2.3: every file with its hashes, and what was linked into landlocked. Module and library bring nothing along.
function Get-MaterialBill([string] $Name, [string] $Version, [object[]] $File, [DateTimeOffset] $Time) {
    $central = [xml] [System.IO.File]::ReadAllText("$PSScriptRoot/../Directory.Packages.props")
    $runtime = [string] $central.Project.PropertyGroup.ILCompilerVersion
    $index = 0
    $items = foreach ($item in $File) {
        [ordered]@{
            fileName = "./$($item.Name)"
            SPDXID = "SPDXRef-File-$((++$index))"
            checksums = @(
                [ordered]@{ algorithm = 'SHA1'; checksumValue = Get-Hash $item.Bytes SHA1 }
                [ordered]@{ algorithm = 'SHA256'; checksumValue = Get-Hash $item.Bytes SHA256 }
            )
            licenseConcluded = 'MIT'
            copyrightText = 'NOASSERTION'
        }
    }

    # As the format has it: the hash of the sorted hashes.
    $sums = $items.ForEach{ $_.checksums[0].checksumValue } | Sort-Object
    $code = Get-Hash ([System.Text.Encoding]::ASCII.GetBytes($sums -join '')) SHA1
    $relations = @([ordered]@{ spdxElementId = 'SPDXRef-DOCUMENT'; relationshipType = 'DESCRIBES'; relatedSpdxElement = 'SPDXRef-Module' })
    $relations += $items | ForEach-Object { [ordered]@{ spdxElementId = 'SPDXRef-Module'; relationshipType = 'CONTAINS'; relatedSpdxElement = $_.SPDXID } }
    $relations += $items | Where-Object { $_.fileName -like '*/landlocked' } |
        ForEach-Object { [ordered]@{ spdxElementId = $_.SPDXID; relationshipType = 'STATIC_LINK'; relatedSpdxElement = 'SPDXRef-Runtime' } }

    [ordered]@{
        spdxVersion = 'SPDX-2.3'
        dataLicense = 'CC0-1.0'
        SPDXID = 'SPDXRef-DOCUMENT'
        name = "$Name-$Version"
        documentNamespace = "https://spdx.org/spdxdocs/$Name-$Version-$code"
        creationInfo = [ordered]@{ created = $Time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [cultureinfo]::InvariantCulture); creators = @('Tool: LandlockPS build.ps1') }
        packages = @(
            [ordered]@{
                name = $Name
                SPDXID = 'SPDXRef-Module'
                versionInfo = $Version
                downloadLocation = 'NOASSERTION'
                filesAnalyzed = $true
                packageVerificationCode = [ordered]@{ packageVerificationCodeValue = $code }
                licenseConcluded = 'MIT'
                licenseDeclared = 'MIT'
                copyrightText = 'The LandlockPS contributors'
            }
            [ordered]@{
                name = 'Microsoft.DotNet.ILCompiler'
                SPDXID = 'SPDXRef-Runtime'
                versionInfo = $runtime
                comment = 'The native .NET runtime and class library, linked into landlocked.'
                downloadLocation = 'NOASSERTION'
                filesAnalyzed = $false
                licenseConcluded = 'MIT'
                licenseDeclared = 'MIT'
                copyrightText = '.NET Foundation and contributors'
            }
        )
        files = @($items)
        relationships = $relations
    } | ConvertTo-Json -Depth 8
}

# What Update-Help reads: which help there is, and where.
function Get-HelpInfo([hashtable] $Manifest) {
    , [System.Text.Encoding]::UTF8.GetBytes(@"
<?xml version="1.0" encoding="utf-8"?>
<HelpInfo xmlns="http://schemas.microsoft.com/powershell/help/2010/05">
  <HelpContentURI>$([System.Security.SecurityElement]::Escape($Manifest.HelpInfoURI))</HelpContentURI>
  <SupportedUICultures>
    <UICulture>
      <UICultureName>en-US</UICultureName>
      <UICultureVersion>$($Manifest.ModuleVersion)</UICultureVersion>
    </UICulture>
  </SupportedUICultures>
</HelpInfo>
"@)
}
