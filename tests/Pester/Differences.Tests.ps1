[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Blocks read them.')]
param()

BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $rows = @(Get-Content (Join-Path $PSScriptRoot '../../docs/differences.md') | Where-Object { $_ -match '^\| (?!-|in a sandbox|\| why| )' } | ForEach-Object { ($_ -split ' \| ')[0].TrimStart('| ') })
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = Initialize-SampleFolder
    $words = Write-Program show-words 'printf "[%s]" "$@"'
    $plain = '*.txt'
    $inSession = 'only here'
    function Get-Here { 'only here' }
    function Use-Box { Invoke-Landlocked -- $words $args }

    # Each row of the page, by its beginning, and whether it is so.
    $checks = @{
        'a pattern or `~` in a variable' = { (Invoke-Landlocked -- $words $plain) -eq '[*.txt]' }
        '`''--%''` in quotes' = { (Invoke-Landlocked -- $words '--%' 'a b') -eq '[--%][a b]' }
        'an option that begins like a parameter' = { "$(Get-TerminatingError { Invoke-Landlocked $words -v x })" -like "*'-v'*" -and (Invoke-Landlocked -- $words -v x) -eq '[-v][x]' }
        '`@args` behind `--`' = { (Use-Box -v 'a b') -eq '[-v][a b]' -and "$(Get-TerminatingError { & { Invoke-Landlocked -- $words @args } -v x })" -like '*nothing was run*' }
        'a script block as an argument' = { "$(Get-TerminatingError { Invoke-Landlocked -- find $folder -exec echo {} ';' })" -like "'{}' is a script block*" }
        'a NUL or half a surrogate pair' = { "$(Get-TerminatingError { Invoke-Landlocked -- $words "a`0b" })" -like '*NUL character*' }
        'a ruleset or profile that is piped in' = { (New-LandlockRuleset | Add-LandlockPathRule /usr ReadOnly | Invoke-Landlocked -- cat "$folder/a.txt" 2>&1) -match 'Permission denied' }
        'set-user-ID programs' = { (Invoke-Landlocked -ReadData /proc -- grep NoNewPrivs /proc/self/status) -match '1$' }
        '`PATH` lacks directories' = { (Invoke-Landlocked -Environment @{ X = 1 } -- sh -c 'printf %s "$PATH"') -notmatch [regex]::Escape($folder) }
        'descriptors above 2' = { (bash -c 'exec 7</dev/null; "$0" -NoProfile -Command "Import-Module ''$1''; Invoke-Landlocked -- sh -c ''[ -e /dev/fd/7 ] || echo closed''"' (Get-Command pwsh).Path $ModulePath) -eq 'closed' }
        'variables, functions and modules' = { (Invoke-Landlocked { "$inSession$(Get-Command Get-Here -ErrorAction Ignore)|$using:inSession" }) -eq '|only here' }
        '`cd` and `$env:X`' = { $before = "$PWD"; Invoke-Landlocked -ReadOnly / { Set-Location /usr; $env:CAME_BACK = 1 }; "$PWD" -eq $before -and -not $env:CAME_BACK }
        'objects come back as property bags' = { $item = Invoke-Landlocked -ReadData $folder { Get-Item $using:folder }; $item.PSTypeNames[0] -eq 'Deserialized.System.IO.DirectoryInfo' -and (Invoke-Landlocked { 42 }) -is [int] }
        '`exit 3` ends the block' = { $out = Invoke-Landlocked { 1; exit 3; 2 }; $out -eq 1 -and $LASTEXITCODE -eq 3 }
        'nobody stops at a breakpoint' = { (Invoke-Landlocked { Wait-Debugger; 'went on' }) -eq 'went on' }
        'keys, the cursor and the screen' = { (Invoke-Landlocked { try { $Host.UI.RawUI.ReadKey() } catch { "$_" } }) -match 'cannot read single keys' }
        'profile scripts do not run' = { (Invoke-Landlocked { Test-Path Variable:PROFILE_RAN }) -eq $false }
        'folders of `PSModulePath`' = { $before = $env:PSModulePath; try { $env:PSModulePath += ":$folder"; (Invoke-Landlocked { $env:PSModulePath }) -notmatch [regex]::Escape($folder) } finally { $env:PSModulePath = $before } }
        'telemetry, update checks' = { (Invoke-Landlocked { "$env:POWERSHELL_TELEMETRY_OPTOUT $env:POWERSHELL_UPDATECHECK $env:DOTNET_EnableDiagnostics" }) -eq '1 Off 0' }
        '`Enter-PSHostProcess`' = { $id = Invoke-Landlocked { $PID }; @(Get-PSHostProcessInfo).ProcessId -notcontains $id }
        'another version' = {
            $other = (New-Item -ItemType Directory "$TestDrive/LandlockPS/9.9.9").FullName
            Copy-Item -Recurse "$((Get-Module LandlockPS).ModuleBase)/*" $other
            (Get-Content -Raw "$other/LandlockPS.psd1") -replace "ModuleVersion = '[\d.]+'", "ModuleVersion = '9.9.9'" | Set-Content "$other/LandlockPS.psd1"
            $second = pwsh -NoProfile -Command "Import-Module '$ModulePath'; Import-Module '$other/LandlockPS.psd1' -Force -ErrorAction SilentlyContinue; `$?; (Get-Module LandlockPS).Version.ToString()"
            $alone = pwsh -NoProfile -Command "Import-Module '$other/LandlockPS.psd1'; (Get-Module LandlockPS).Version.ToString()"
            "$second" -eq "False $((Import-PowerShellDataFile "$ModulePath/LandlockPS.psd1").ModuleVersion)" -and $alone -eq '9.9.9'
        }
    }
}

Describe 'What differs from PowerShell without a sandbox' {
    It 'is as docs/differences.md says: <_>' -ForEach $rows {
        $row = $_
        $check = @($checks.Keys | Where-Object { $row.StartsWith($_, [System.StringComparison]::Ordinal) })
        $check | Should -HaveCount 1 -Because 'each line has its test'
        Push-Location $folder
        try { & $checks[$check[0]] | Should -BeTrue }
        finally { Pop-Location }
    }
}
