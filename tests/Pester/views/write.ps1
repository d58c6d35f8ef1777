#!/usr/bin/env pwsh
# Writes what each view of the module shows in a terminal of a width, plain and coloured, to WIDTH.txt and WIDTH.coloured.txt. It runs in such a terminal.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $ModulePath,
    [Parameter(Mandatory)] [string] $Folder
)

$ErrorActionPreference = 'Stop'
Import-Module $ModulePath
$width = [Console]::BufferWidth
# Names that are as long on every machine stand in files.
$place = "/tmp/views-$([guid]::NewGuid().ToString('N').Substring(0, 8))"

$ofArray = [System.Collections.Immutable.ImmutableArray].GetMethods().Where({ $_.Name -eq 'Create' -and "$_" -match '\(T\[\]\)$' })[0]

# A value as the library makes it, by its properties.
function New-Value([type] $Type, [hashtable] $Property) {
    $value = [System.Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
    if ($Type.GetConstructor('Instance,Public,NonPublic', @())) { $value = [activator]::CreateInstance($Type, $true) }
    foreach ($name in $Property.Keys) {
        $own = $Type.GetProperty($name)
        $given = $Property[$name]
        if ($own.PropertyType.Name -like 'ImmutableArray*') {
            $of = $own.PropertyType.GetGenericArguments()[0]
            $array = [array]::CreateInstance($of, @($given).Count)
            [array]::Copy(@($given), $array, $array.Length)
            $given = $ofArray.MakeGenericMethod($of).Invoke($null, @(, $array))
        }
        elseif ($null -ne $given) { $given = [System.Management.Automation.LanguagePrimitives]::ConvertTo($given, $own.PropertyType) }
        if ($own.SetMethod) { $own.SetValue($value, $given) } else { $Type.GetField("<$name>k__BackingField", 'Instance,NonPublic').SetValue($value, $given) }
    }

    $value
}

$long = 'a/directory/that/is/deep/beneath/another/one/and/holds/what/a/project/builds'
$ruleset = New-LandlockRuleset web -Abi 7 -Require scope_signal | Add-LandlockPathRule /usr ReadOnly -Optional | Add-LandlockPathRule "/srv/$long" ReadWrite -Optional |
    Add-LandlockPathRule /srv/data read_file, make_reg, remove_file -Optional -Quiet -Except /srv/data/secret | Add-LandlockNetRule -ConnectTcp 443, 8000-8010 -ConnectHost '*.pkg.example', '10.0.0.0/8:5432'
$support = New-Value ([Landlock.Abi.LandlockSupport]) @{ State = 'Available'; Abi = 7; KernelAbi = 7; ErrataMask = 1; Kernel = '6.18.0'; SecurityModules = 'landlock'; TcpFastOpenBypass = $true; HasSeccompFilter = $true }
$protections = [Landlock.Rulesets.ProtectionStatus]::new('Truncate', 'Active', 'Landlock', ''), [Landlock.Rulesets.ProtectionStatus]::new('NetTcp', 'Degraded', 'Seccomp', 'MPTCP is not refused'),
    [Landlock.Rulesets.ProtectionStatus]::new('ScopeAbstractUnixSocket', 'Unavailable', 0, 'it needs Landlock ABI 6 (Linux 6.12), and this kernel has ABI 3')
$status = New-Value ([Landlock.Rulesets.RestrictionStatus]) @{
    Name = 'web'; Enforcement = 'PartiallyEnforced'; KernelAbi = 3; EffectiveAbi = 3; Protections = $protections
    DroppedRights = [Landlock.Rulesets.DroppedRight]::new('connect_tcp', 4), [Landlock.Rulesets.DroppedRight]::new('signal', 6); SkippedRules = [Landlock.Rulesets.SkippedRule]::new('/usr/lib32 execute', 'it does not exist')
}
$location = [Landlock.Documents.PolicyLocation]::new('/etc/landlock/web.toml', 12, 5)
$findings = [Landlock.Documents.PolicyFinding]::new($location, 'Error', "read_fil: there is no such right; did you mean 'read_file'?"),
    [Landlock.Documents.PolicyFinding]::new($location, 'Warning', "handles no rights of the network, so that every connection is allowed: write handled_access_net = ['abi.all'] to deny them")
$null = New-Item -ItemType Directory $place
try {
    Set-Content "$place/a.toml" "abi = 6`n[[ruleset]]`nhandled_access_fs = ['abi.all']`n[[path_beneath]]`nallowed_access = ['read_file', 'execute']`nparent = ['/usr']"
    Set-Content "$place/b.toml" "abi = 6`n[[ruleset]]`nhandled_access_fs = ['read_file']`n[[path_beneath]]`nallowed_access = ['read_file']`nparent = ['/etc']"
    $merged = Merge-LandlockPolicy "$place/a.toml", "$place/b.toml" -WarningAction Ignore
}
finally { Remove-Item -Recurse $place }
# Wherever the module is.
Update-TypeData -TypeName Landlock.Policies.Preset -MemberName Path -MemberType ScriptProperty -Value { "/usr/share/LandlockPS/policies/$($this.Name).toml" } -Force
$preset, $hosts = Get-LandlockPreset Git, HostsPyPI
$profiles = New-Value ([Landlock.Profiles.Profile]) @{
    Name = 'build'; Directory = '/home/me/.config/landlockps/profiles/build'; Contexts = [Landlock.Profiles.ProfileContext]::new("/srv/$long", $location)
    Environment = [Landlock.Profiles.ProfileVariable]::new('STAGE', 'test', $location); Findings = $findings[0]; AreContextsKnown = $true
}
$access = Test-LandlockAccess /usr -Access ReadOnly -Ruleset $ruleset
$denied = Test-LandlockAccess /etc/passwd -Access ReadData -Ruleset $ruleset
$tree = foreach ($entry in @('/srv', 'srv', '', $true, $null, 0, 15), @('/srv/data', 'data', '  ', $true, $null, 12, 15), @('/srv/data/link', 'link', '    ', $false, '/etc/passwd', 4, 15)) {
    [LandlockPS.AccessTreeEntry].GetConstructors('Instance,NonPublic')[0].Invoke(@($entry[0..4] + [Landlock.Abi.AccessFs]$entry[5] + [Landlock.Abi.AccessFs]$entry[6]))
}
$records = (New-Value ([Landlock.Tracing.AccessRecord]) @{ Operation = 'open'; Path = "/srv/$long/file.txt"; Access = 'ReadFile'; Error = 'None'; Count = 12; Program = '/usr/bin/cat'; ProcessId = 42 }),
    (New-Value ([Landlock.Tracing.AccessRecord]) @{ Operation = 'connect'; Path = "127.0.0.1:8080"; Net = 'ConnectTcp'; Port = 8080; Error = 'EACCES'; Count = 1; Program = '/usr/bin/curl'; ProcessId = 42 })
$learned = [Landlock.Learning.LearnedRule]::new('Granted', "/srv/$long", 'ReadFile,ReadDir', 0, 12, 14, 'several files were read'), [Landlock.Learning.LearnedRule]::new('LeftOut', "/etc/$long", 0, 'ConnectTcp', 1, $null, '')
$explained = New-Value ([Landlock.Denials.DenialExplanation]) @{
    Cause = 'Sandbox'; Operation = 'open'; Path = "/srv/$long/file.txt"; Paths = "/srv/$long/file.txt"; Missing = 'read_file'; Error = 'EACCES'; Count = 3; Programs = '/usr/bin/cat', '/usr/bin/grep'
    Layers = @(); Fix = $denied.Fix; Note = 'It was looked up three times, by programs that would have done without it, and said nothing about it.'
}
$logged = New-Value ([Landlock.Denials.LandlockDenial]) @{
    Time = [datetimeoffset][datetime]::new(2026, 3, 4, 5, 6, 7); Domain = '195ba459b'; Sandbox = 'web'; Command = 'make all'; Blockers = 'fs.read_file'; ProcessId = 42; Program = '/usr/bin/cat'; Path = "/srv/$long/file.txt"; Count = 2
}
$running = New-Value ([Landlock.Sandboxes.Running.RunningSandbox]) @{ Id = 'k3v9'; Name = 'build'; Arguments = 'make', '-C', 'a directory', 'all'; Started = [datetimeoffset][datetime]::new(2026, 3, 4, 5, 6, 7); ProcessId = 42; Processes = 42, 43 }
$difference = Compare-LandlockPolicy -ReferenceObject $ruleset -DifferenceObject (New-LandlockRuleset web -Abi 7 | Add-LandlockPathRule /usr ReadOnly -Optional)
$moment = [datetime]::new(2026, 3, 4, 5, 6, 7)
$covered = [Landlock.Previews.Preview].Assembly.GetType('Landlock.Sandboxes.Previewing.RecordedOverlay')
$overlay = New-Value $covered @{ Path = "/srv/$long" }
$overlays = [array]::CreateInstance($covered, 1)
$overlays[0] = $overlay
$record = [System.Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject([Landlock.Previews.Preview].GetField('_record', 'Instance,NonPublic').FieldType)
$values = @{
    Started = ($moment - [datetime]::UnixEpoch).Ticks * 100; Directory = '/srv'
    Command = $ofArray.MakeGenericMethod([string]).Invoke($null, @(, [string[]]('make', '-C', 'a directory', 'all')))
    Overlays = $ofArray.MakeGenericMethod($covered).Invoke($null, @(, $overlays))
}
foreach ($name in $values.Keys) { $record.GetType().GetField("<$name>k__BackingField", 'Instance,NonPublic').SetValue($record, $values[$name]) }
$preview = New-Value ([Landlock.Previews.Preview]) @{ Name = '20260304-050607-kvtq'; State = 'Kept'; Place = '/home/me/.local/state/landlockps/previews/20260304-050607-kvtq' }
$preview.GetType().GetField('_record', 'Instance,NonPublic').SetValue($preview, $record)
$file = { param($size, $mode) [Landlock.Previews.PreviewEntry]::new('File', $size, $moment, $mode, 1000, 1000) }
$changes = (New-Value ([Landlock.Previews.PreviewChange]) @{ Preview = $preview.Name; Kind = 'Added'; Path = "/srv/$long"; After = [Landlock.Previews.PreviewEntry]::new('Directory', 4096, $moment, 0x1ed, 1000, 1000) }),
    (New-Value ([Landlock.Previews.PreviewChange]) @{ Preview = $preview.Name; Kind = 'Changed'; Path = '/srv/a.txt'; Before = & $file 4 0x1a4; After = & $file 1200 0x180; Conflict = 'it was changed since the command started' }),
    (New-Value ([Landlock.Previews.PreviewChange]) @{ Preview = $preview.Name; Kind = 'Moved'; Path = '/srv/new.txt'; OldPath = '/srv/old.txt'; Before = & $file 4 0x1a4; After = & $file 4 0x1a4 }),
    (New-Value ([Landlock.Previews.PreviewChange]) @{ Preview = $preview.Name; Kind = 'Removed'; Path = '/srv/b.txt'; Before = & $file 4 0x1a4 })
$results = [Landlock.Previews.PreviewResult]::new($changes[3], [NullString]::Value), [Landlock.Previews.PreviewResult]::new($changes[1], $changes[1].Conflict)

$views = [ordered]@{
    'Get-LandlockSupport' = $support
    'Get-LandlockSupport | % Protections' = $support.Protections
    'Get-LandlockSupport | % ResidualHoles' = $support.ResidualHoles
    'Get-LandlockSupport -Ruleset' = $status
    'Get-LandlockSupport -Ruleset | % Protections' = $protections
    'New-LandlockRuleset' = $ruleset
    'New-LandlockRuleset | % PathRules' = $ruleset.PathRules
    'New-LandlockRuleset | % NetRules' = $ruleset.NetRules
    'New-LandlockRuleset | % HostRules' = $ruleset.HostRules
    'Test-LandlockPolicy -Detailed' = $findings
    'Merge-LandlockPolicy' = $merged
    'Compare-LandlockPolicy' = $difference
    'Get-LandlockPreset' = $preset, $hosts
    'Get-LandlockProfile' = $profiles
    'Test-LandlockAccess' = $access, $denied
    'Show-LandlockAccess' = $tree
    'Trace-LandlockAccess' = $records
    'New-LandlockPolicy' = $learned
    'Get-LandlockDenial -Session' = $explained
    'Get-LandlockDenial' = $logged
    'Get-LandlockProcess' = $running
    'Get-LandlockPreview' = $preview
    'Get-LandlockChange' = $changes
    'Complete-LandlockPreview -PassThru' = $results
    'different objects' = $ruleset.NetRules[0], $preset, $explained.Fix[0], $preset.Document, $access.Rule[0]
}
foreach ($rendering in 'PlainText', 'Ansi') {
    $PSStyle.OutputRendering = $rendering
    # A terminal's last column stays free.
    $text = foreach ($name in $views.Keys) {
        $types = @($views[$name] | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique) -join ', '
        $shown = $views[$name] | Out-String -Width ($width - 1)
        $list = $views[$name] | Format-List | Out-String -Width ($width - 1)
        "### $name ($types)`n$shown"
        if ($list -ne $shown) { "### $name | Format-List`n$list" }
    }
    $lines = ($text -join "`n") -replace '/tmp/views-\w{8}', '/tmp/views-00000000' -replace "`e", '\e' -replace ' +(?=\n|$)' -replace '\n{3,}', "`n`n"
    [System.IO.File]::WriteAllText("$Folder/$width$($rendering -eq 'Ansi' ? '.coloured' : '').txt", "$($lines.Trim())`n")
}

# A plan is a message and no object.
$PSStyle.OutputRendering = 'PlainText'
if ((Get-LandlockSupport).IsAvailable) { Invoke-Landlocked -ReadOnly /usr -ReadData /etc -ConnectTcp 443 -WhatIf -Verbose -WarningAction Ignore 4>$null -- echo $long $long }
