BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/previews.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $cmdlets = @(Get-Command -Module LandlockPS -CommandType Cmdlet)

    $support = Get-LandlockSupport

    # An interactive session needs somebody who types, and a process that is restricted for good could run no other example.
    $notRun = @{
        'Get-LandlockDenial: What was denied in the last ten minutes' = 'it needs root and an audit log that is enabled'
        'Get-LandlockDenial: Watch denials while something runs' = 'it does not end'
        'Get-LandlockDenial: A policy for what was denied' = 'it needs root and an audit log that is enabled'
        'New-LandlockSession: Go inside' = 'Enter-PSSession turns the prompt of an interactive shell'
    }
    $notRun['Invoke-Landlocked: Ask, and run it again'] = 'it asks somebody'
    if ($obstacle = Get-PreviewObstacle) {
        foreach ($title in 'Get-LandlockPreview: List previews', 'Get-LandlockPreview: The latest, and its changes', 'Get-LandlockChange: What would a command change?',
            'Get-LandlockChange: The differences in text', 'Get-LandlockChange: What is new beneath a directory', 'Get-LandlockChange: Changes that need a closer look',
            'Complete-LandlockPreview: Look, then apply', 'Complete-LandlockPreview: Some of the changes', 'Complete-LandlockPreview: What is beneath a path',
            'Complete-LandlockPreview: See what would be done', 'Undo-LandlockPreview: Drop the latest', 'Undo-LandlockPreview: Apply some, and drop the rest',
            'Undo-LandlockPreview: See what would be dropped') { $notRun[$title] = "no preview can be had here: $obstacle" }
    }
    if ($support.HostObstacle) {
        foreach ($name in 'Add-LandlockNetRule', 'Invoke-Landlocked') { $notRun["${name}: Only these hosts"] = "hosts cannot be kept here: $($support.HostObstacle)" }
    }
    if ($support.Abi -ge 8) { $notRun['Protect-LandlockScript: Restrict the running process'] = 'it restricts the process that runs it, on this kernel' }

    $pages = foreach ($cmdlet in $cmdlets) { @{ Cmdlet = $cmdlet.Name; File = "$root/docs/en-US/$($cmdlet.Name).md" } }
    $examples = foreach ($page in $pages) {
        if (-not (Test-Path -LiteralPath $page.File)) { continue }
        $text = [System.IO.File]::ReadAllText($page.File)
        foreach ($match in [regex]::Matches($text, '(?sm)^### Example \d+: (?<title>[^\n]+)\n```powershell\n(?<code>.*?)\n```\n(?<remarks>.*?)(?=^##)')) {
            $name = "$($page.Cmdlet): $($match.Groups['title'].Value)"
            @{
                Cmdlet = $page.Cmdlet
                Name = $name
                Code = $match.Groups['code'].Value
                Refused = $match.Groups['remarks'].Value -match '\brefused\b'
                Reason = $notRun[$name]
            }
        }
    }
    # Blocks of the topics: indented by eight. A policy begins with its name, a table has columns, and everything else is code.
    $topics = foreach ($file in Get-ChildItem "$root/en-US/about_*.help.txt") {
        $blocks = foreach ($match in [regex]::Matches([System.IO.File]::ReadAllText($file), '(?m)(?<=^    \S[^\n]*\n\n)(?: {8,}[^\n]*\n|\n(?= {8}))+')) {
            $text = ($match.Value.TrimEnd() -split "`n" -replace '^ {8}') -join "`n"
            if ($text -match '^# (\S+\.toml)\n') { "Set-Content ./$($Matches[1]) @'`n$text`n'@" }
            elseif (($text -split "`n")[0] -notmatch '\S {2,}\S') { $text }
        }
        @{ Topic = $file.Name -replace '\.help\.txt$'; File = $file.FullName; Blocks = @($blocks) }
    }
    $stale = @($notRun.Keys | Where-Object { $_ -notin $examples.Name })
    $platyPS = [bool](Get-Module -ListAvailable platyPS | Where-Object { $_.Version -ge '0.14' -and $_.Version -lt '1.0' })
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters

    # The parameters that help has to describe.
    function Get-Described([string] $Cmdlet, [switch] $WithOptional) {
        (Get-Command $Cmdlet).Parameters.Values | Where-Object {
            $hidden = @($_.Attributes.Where{ $_ -is [Parameter] }.DontShow) -contains $true
            $known = if ($WithOptional) { [System.Management.Automation.Cmdlet]::CommonParameters } else { $common }
            -not $hidden -and $_.Name -notin $known
        }
    }

    # Runs pieces of code, each in a fresh folder, in one pwsh of their own that gets no input. Says for each what it raised.
    # -Together: one after the other in one folder, with the variables of those before.
    function Invoke-Apart([string[]] $Code, [switch] $Together) {
        $place = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
        ConvertTo-Json $Code | Set-Content "$place/code.json"
        $null = New-Item -ItemType SymbolicLink -Force -Path "$place/modules/Pester" -Target (Get-Module Pester).ModuleBase
        Set-Content "$place/run.ps1" @'
param($module, $place, [switch] $together)
Import-Module $module
$ConfirmPreference = 'High'
$number = 0
foreach ($code in Get-Content -Raw "$place/code.json" | ConvertFrom-Json) {
    # Users have it where modules are looked up.
    if ($code -match 'Import-Module Pester') { $env:PSModulePath = "$place/modules:$env:PSModulePath" }
    Set-Location (New-Item -ItemType Directory -Force "$place/$($together ? 'all' : $number)")
    # Profiles of their own, not the user's.
    foreach ($kind in 'CONFIG', 'DATA', 'STATE', 'CACHE') { Set-Item "Env:XDG_${kind}_HOME" "$place/$number.home/$kind" }
    $global:LASTEXITCODE = 0
    $records = [System.Collections.Generic.List[object]]::new()
    $block = [scriptblock]::Create($code)
    try { if ($together) { . $block *>&1 | ForEach-Object { $records.Add($_) } } else { & $block *>&1 | ForEach-Object { $records.Add($_) } } } catch { $records.Add($_) }
    $wrong, $other = $records.Where({ $_ -is [System.Management.Automation.ErrorRecord] }, 'Split')
    # What a native command writes to stderr is no error by itself; its exit code says.
    $native, $errors = $wrong.Where({ $_.FullyQualifiedErrorId -like 'NativeCommandError*' }, 'Split')
    $text = ($records | Out-String).Trim()
    @{ Errors = @($errors | ForEach-Object { "$_" }); Complaints = @($native | ForEach-Object { "$_" }); Code = $LASTEXITCODE; Text = $text } |
        ConvertTo-Json | Set-Content "$place/$number.json"
    Disable-LandlockShell
    Get-PSSession | Remove-PSSession
    Get-Job | Remove-Job -Force
    # No user can remove what the kernel works in.
    Get-LandlockPreview | Undo-LandlockPreview
    $number++
}
'@
        $console = & /bin/sh -c 'exec "$0" "$@" </dev/null 2>&1' "$PSHOME/pwsh" -NoProfile -NonInteractive -File "$place/run.ps1" (Get-Module LandlockPS).ModuleBase $place ($Together ? '-together' : @())
        for ($number = 0; $number -lt $Code.Count; $number++) {
            if (Test-Path "$place/$number.json") { Get-Content -Raw "$place/$number.json" | ConvertFrom-Json -AsHashtable }
            else { @{ Errors = @("It ended the process. $console"); Complaints = @(); Code = -1; Text = "$console" } }
        }
    }
}

Describe 'Help of <Cmdlet>' -ForEach $pages {
    BeforeAll {
        $help = Get-Help $Cmdlet -Full
    }

    It 'has a page' {
        $File | Should -Exist
    }

    It 'has a synopsis, a description and notes' {
        $help.Synopsis | Should -Match '\w+ \w+.*\.$'
        "$($help.description.Text)".Length | Should -BeGreaterThan 100
        "$($help.alertSet.alert.Text)".Length | Should -BeGreaterThan 50
        "$($help.Synopsis)$($help.description.Text)" | Should -Not -Match '\{\{'
    }

    It 'says what it does not do, or not protect from' {
        "$($help.alertSet.alert.Text)" | Should -Match '\b(no|not|nothing|never)\b'
        # What starts or describes a sandbox says what stays open.
        $sandbox = (Get-Command $Cmdlet).Parameters.ContainsKey('NoBaseline') -or $Cmdlet -in 'New-LandlockRuleset', 'Add-LandlockPathRule', 'Add-LandlockNetRule'
        if ($sandbox) { "$($help.alertSet.alert.Text)" | Should -Match 'Landlock restricts opening files|Landlock knows' }
    }

    It 'has at least three examples, with code and remarks' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 3
        foreach ($example in $help.examples.example) {
            $example.code | Should -Not -BeNullOrEmpty
            "$($example.remarks.Text)".Trim() | Should -Not -BeNullOrEmpty -Because $example.title
        }
    }

    It 'describes every parameter' {
        foreach ($parameter in Get-Described $Cmdlet) {
            $text = "$(($help.parameters.parameter | Where-Object name -EQ $parameter.Name).description.Text)"
            $text.Length | Should -BeGreaterThan 15 -Because "-$($parameter.Name) is described"
            $text | Should -Not -Match '\{\{' -Because "-$($parameter.Name) is described"
        }
    }

    It 'says what comes in and what goes out' {
        "$($help.inputTypes.inputType.type.name)" | Should -Not -BeNullOrEmpty
        "$($help.returnValues.returnValue.type.name)" | Should -Not -BeNullOrEmpty
        foreach ($type in (Get-Command $Cmdlet).OutputType.Name | Where-Object { $_ -and $_ -ne 'System.Object' }) { @($help.returnValues.returnValue.type.name) | Should -Contain $type }
    }

    It 'has related topics that exist' {
        foreach ($link in $help.relatedLinks.navigationLink | Where-Object uri -EQ '') { Get-Help $link.linkText -ErrorAction Stop | Should -Not -BeNullOrEmpty }
    }

    It 'has the parameters that the cmdlet has' {
        $text = [System.IO.File]::ReadAllText($File)
        $written = @{}
        foreach ($match in [regex]::Matches($text, '(?sm)^### -(?<name>\w+)\n.*?^```yaml\n(?<fields>.*?)^```')) {
            $fields = @{}
            foreach ($line in $match.Groups['fields'].Value -split "`n" -ne '') { $key, $value = $line -split ':\s*', 2; $fields[$key] ??= $value }
            $written[$match.Groups['name'].Value] = $fields
        }

        $real = @(Get-Described $Cmdlet -WithOptional)
        $written.Keys | Sort-Object | Should -Be ($real.Name | Sort-Object)
        foreach ($parameter in $real) {
            $fields = $written[$parameter.Name]
            $set = @($parameter.ParameterSets.Values)[0]
            $fields['Type'] | Should -Be ([Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType).Name -Because "that is the type of -$($parameter.Name)"
            $fields['Aliases'] | Should -Be ($parameter.Aliases -join ', ') -Because "those are the aliases of -$($parameter.Name)"
            $fields['Required'] | Should -Be "$($set.IsMandatory)" -Because "-$($parameter.Name) is mandatory or not"
            $fields['Position'] | Should -Be $(if ($set.Position -ge 0) { "$($set.Position)" } else { 'Named' }) -Because "that is the position of -$($parameter.Name)"
            $fields['Parameter Sets'] | Should -Be $(if ($parameter.ParameterSets.ContainsKey('__AllParameterSets')) { '(All)' } else { ($parameter.ParameterSets.Keys | Sort-Object) -join ', ' })
            $pipeline = @(if ($set.ValueFromPipelineByPropertyName) { 'ByPropertyName' }; if ($set.ValueFromPipeline) { 'ByValue' }) -join ', '
            $fields['Accept pipeline input'] | Should -Be $(if ($pipeline) { "True ($pipeline)" } else { 'False' }) -Because "-$($parameter.Name) takes that from the pipeline"
            $fields['Accept wildcard characters'] | Should -Be "$($parameter.Attributes.TypeId -contains [SupportsWildcards])" -Because "-$($parameter.Name) takes wildcards or not"
            $allowed = $parameter.Attributes.Where{ $_ -is [ValidateSet] }.ValidValues
            $single = $parameter.ParameterType.IsArray ? $parameter.ParameterType.GetElementType() : $parameter.ParameterType
            if (-not $allowed -and $single.IsEnum) { $allowed = [enum]::GetNames($single) }
            "$($fields['Accepted values'])" | Should -Be ($allowed -join ', ') -Because "those are the values of -$($parameter.Name)"
        }
    }

    It 'has the syntax that the cmdlet has' {
        # Order and line breaks are platyPS's own.
        $words = { param($line) [regex]::Matches($line, '-(\w+)').ForEach{ $_.Groups[1].Value } | Where-Object { $_ -ne (($Cmdlet -split '-')[1]) } | Sort-Object -Unique }
        $text = [regex]::Match([System.IO.File]::ReadAllText($File), '(?s)## SYNTAX(.*?)## DESCRIPTION').Groups[1].Value
        & $words $text | Should -Be ((Get-Described $Cmdlet -WithOptional).Name | Sort-Object)
    }
}

Describe 'Pages of help' {
    It 'are all of cmdlets that exist' {
        (Get-ChildItem "$root/docs/en-US/*.md").BaseName | Where-Object { $_ -notin (Get-Command -Module LandlockPS -CommandType Cmdlet).Name } | Should -BeNullOrEmpty
    }

    It 'are what en-US/LandlockPS.dll-Help.xml was made from' -Skip:(-not $platyPS) {
        # Skipped without platyPS 0.14, which makes that file: ./build.ps1 -Task Docs. A process of its own, since it brings libraries along.
        $said = & "$PSHOME/pwsh" -NoProfile -NonInteractive -File "$root/tools/Help.ps1" -OutputPath "$TestDrive/maml" 2>&1
        "$TestDrive/maml/LandlockPS.dll-Help.xml" | Should -Exist -Because "$said"
        (Get-FileHash "$root/en-US/LandlockPS.dll-Help.xml").Hash | Should -Be (Get-FileHash "$TestDrive/maml/LandlockPS.dll-Help.xml").Hash -Because 'after a change of docs/en-US comes ./build.ps1 -Task Docs'
    }

    It 'are staged with the module' {
        $staged = (Get-Module LandlockPS).ModuleBase
        foreach ($file in Get-ChildItem "$root/en-US") { (Get-FileHash "$staged/en-US/$($file.Name)").Hash | Should -Be (Get-FileHash $file).Hash }
    }
}

Describe 'Get-Help' {
    It 'shows the examples of Invoke-Landlocked' {
        Get-Help Invoke-Landlocked -Examples | Out-String | Should -Match 'Invoke-Landlocked -ReadOnly /usr -- ls -l /usr'
    }

    It 'answers -?' {
        Invoke-Landlocked -? | Out-String | Should -Match 'SYNOPSIS\s+Runs a native command'
    }

    It 'describes a parameter that several cmdlets share: -ReadOnly of <_>' -ForEach Invoke-Landlocked, New-LandlockSession, Enter-Landlock, Protect-LandlockScript {
        Get-Help $_ -Parameter ReadOnly | Out-String | Should -Match 'execute programs'
    }

    It 'finds about_LandlockPS' {
        Get-Help about_LandlockPS | Should -BeLike '*QUICK START*ACCESS CLASSES*LAYERS AND MERGING*EXIT CODES*WHAT IT DOES NOT DO*TROUBLESHOOTING*'
    }

    It 'shows a synopsis for the topic' {
        (Get-Help about_LandlockPS*).Synopsis ?? (Get-Help about_LandlockPS) | Should -Not -BeNullOrEmpty
    }
}

Describe 'The topic <Topic>' -ForEach $topics {
    BeforeAll {
        $text = [System.IO.File]::ReadAllText($File)
    }

    It 'is found by Get-Help' {
        Get-Help $Topic | Should -Be $text
    }

    It 'is laid out as topics are, and says what is not protected' {
        [regex]::Matches($text, '(?m)^\S.*').Value[0, 1, 2, -2, -1] | Should -Be 'TOPIC', 'SHORT DESCRIPTION', 'LONG DESCRIPTION', 'KEYWORDS', 'SEE ALSO'
        [regex]::Match($text, '\ATOPIC\n    (\S+)\n').Groups[1].Value | Should -Be $Topic
        $text -split "`n" | Where-Object Length -GT 78 | Should -BeNullOrEmpty
        $text | Should -Not -Match '[^\n -~]'
        $text | Should -MatchExactly '(?m)^WHAT .*DOES NOT (PROTECT|TELL|DO)$'
    }

    It 'refers to what exists' {
        foreach ($name in [regex]::Match($text, '(?s)SEE ALSO\n(.*)').Groups[1].Value -split "`n" -ne '' | ForEach-Object Trim | Where-Object { $_ -notlike 'https:*' -and $_ -notin 'about_Jobs', 'about_PSSessions' }) {
            Get-Help $name -ErrorAction Stop | Should -Not -BeNullOrEmpty -Because $name
        }
        # Cmdlets and parameters that are named in passing, too.
        foreach ($name in [regex]::Matches($text, '\b[A-Z][a-z]+-Landlock\w*').Value | Sort-Object -Unique) { Get-Command $name -ErrorAction Stop | Should -Not -BeNullOrEmpty }
    }

    It 'has lines that run one after the other' -Skip:(-not $support.IsAvailable) -TestCases @{ Blocks = $Blocks } {
        $Blocks.Count | Should -BeGreaterThan 2 -Because 'otherwise nothing is tested'
        $results = @(Invoke-Apart $Blocks -Together)
        for ($i = 0; $i -lt $Blocks.Count; $i++) {
            $results[$i].Errors | Should -BeNullOrEmpty -Because $Blocks[$i]
            $results[$i].Code | Should -Be 0 -Because "$($Blocks[$i]) said: $($results[$i].Text)"
        }
    }
}

Describe 'Examples' -Skip:(-not $support.IsAvailable) -ForEach @{ examples = $examples; stale = $stale } {
    BeforeAll {
        $said = @{}
        $running = @($examples | Where-Object { -not $_.Reason })
        $results = @(Invoke-Apart $running.Code)
        for ($i = 0; $i -lt $running.Count; $i++) { $said[$running[$i].Name] = $results[$i] }
    }

    It 'are all run, but for those that this file lists' {
        $stale | Should -BeNullOrEmpty -Because 'the list of exceptions names examples that exist'
        $examples.Count | Should -BeGreaterThan 50
    }

    It '<Name>' -ForEach $examples {
        if ($Reason) {
            # They have to be right as far as can be seen without running them.
            $problems = $null
            $null = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $problems)
            $problems | Should -BeNullOrEmpty
            Set-ItResult -Skipped -Because $Reason
            return
        }

        $result = $said[$Name]
        if ($Refused) {
            $result.Errors.Count + $result.Complaints.Count | Should -BeGreaterThan 0 -Because "the example says that something is refused, and it said: $($result.Text)"
            "$($result.Errors) $($result.Complaints)" | Should -Match 'denied|did you mean|can be restricted from Landlock ABI'
        }
        else {
            $result.Errors | Should -BeNullOrEmpty
            $result.Code | Should -Be 0 -Because $result.Text
        }
    }
}

Describe 'Get-Help -Online' {
    It 'leads to the page of each cmdlet' {
        # Stands for the browser.
        $null = New-Item -ItemType Directory "$TestDrive/bin"
        Set-Content "$TestDrive/bin/xdg-open" "#!/bin/sh`necho `"`$1`" >> '$TestDrive/opened'"
        chmod +x "$TestDrive/bin/xdg-open"
        $said = env "PATH=$TestDrive/bin:$env:PATH" pwsh -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; (Get-Command -Module LandlockPS -CommandType Cmdlet).Name | ForEach-Object { Get-Help `$_ -Online }" 2>&1
        $cmdlets = (Get-Command -Module LandlockPS -CommandType Cmdlet).Name | Sort-Object
        $null = Wait-Until { @(Get-Content "$TestDrive/opened" -ErrorAction Ignore).Count -eq $cmdlets.Count } 20
        $address = (Import-PowerShellDataFile "$ModulePath/LandlockPS.psd1").PrivateData.PSData.ProjectUri
        Get-Content "$TestDrive/opened" | Sort-Object | Should -Be $cmdlets.ForEach{ "$address/blob/main/docs/en-US/$_.md" } -Because "$($said | Select-Object -First 3)"
        foreach ($cmdlet in $cmdlets) { "$PSScriptRoot/../../docs/en-US/$cmdlet.md" | Should -Exist }
    }
}
