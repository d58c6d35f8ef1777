BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $cmdlets = (Import-PowerShellDataFile "$ModulePath/LandlockPS.psd1").CmdletsToExport
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = $ModulePath
    $manifest = "$folder/LandlockPS.psd1"
}

Describe 'the module' {
    It 'has a valid manifest' {
        $info = Test-ModuleManifest $manifest
        $info.Version | Should -Be (Import-PowerShellDataFile $manifest).ModuleVersion
        $info.Guid | Should -Not -Be ([guid]::Empty)
        $info.CompatiblePSEditions | Should -Be Core
        $info.Description | Should -Match Landlock
    }

    It 'lists its exports one by one, so that it is found by its commands' {
        $data = Import-PowerShellDataFile $manifest
        foreach ($kind in 'CmdletsToExport', 'FunctionsToExport', 'VariablesToExport', 'AliasesToExport') {
            $data.Contains($kind) | Should -BeTrue
            $data[$kind] | Should -Not -Contain '*'
        }
    }

    It 'exports every cmdlet of the assembly, and no other' {
        $module = Get-Module LandlockPS
        $defined = $module.ImplementingAssembly.GetExportedTypes() |
            ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
        # One carries the alias of the program, and is nobody's to call.
        $defined = $defined | Where-Object { $_ -ne 'Start-LandlockedProgram' }
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ($defined | Sort-Object)
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ((Import-PowerShellDataFile $manifest).CmdletsToExport | Sort-Object)
    }

    It 'uses approved verbs' {
        $verbs = (Get-Verb).Verb
        (Get-Command -Module LandlockPS -CommandType Cmdlet).Verb | Should -BeIn $verbs
    }

    It 'is imported without a word' {
        pwsh -NoProfile -Command "Import-Module '$folder' -WarningVariable w *>&1; `$w; `$Error" | Should -BeNullOrEmpty
    }

    It 'says in the source what to do first, and is imported then' {
        $root = (Resolve-Path "$PSScriptRoot/../..").Path
        $text = pwsh -NoProfile -Command "Set-Location '$($root.Replace("'", "''"))'; try { Import-Module ./LandlockPS.psd1 } catch { `"`$_`" }; Import-Module '$folder'; (New-LandlockRuleset after).Name" 2>&1
        $text | Should -Be "There is no LandlockPS.dll in '$root'. If that is the source, build the module and import what was built: dotnet build; Import-Module ./out/LandlockPS", after
    }

    It 'is found by its commands' {
        $text = pwsh -NoProfile -Command "`$env:PSModulePath = '$(Split-Path $folder)' + ':' + `$env:PSModulePath; (New-LandlockRuleset auto).Name"
        $text | Should -Be auto
    }

    It 'can be imported again, and removed' {
        $text = pwsh -NoProfile -Command "
            Import-Module '$folder'; Import-Module '$folder' -Force; (Get-Command -Module LandlockPS).Count -gt 0
            Remove-Module LandlockPS; @(Get-Command -Module LandlockPS).Count
            Import-Module '$folder'; (New-LandlockRuleset again).Name; `$Error.Count"
        $text | Should -Be True, 0, again, 0
    }

    It 'loads no assembly but its own, and what reads TOML only when there is TOML to read' {
        $text = pwsh -NoProfile -Command "
            `$before = [AppDomain]::CurrentDomain.GetAssemblies().Location
            `$runtime = [Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory()
            function Loaded { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.Location -notin `$before -and -not `$_.Location.StartsWith(`$PSHOME) -and -not `$_.Location.StartsWith(`$runtime) } |
                ForEach-Object { `$_.Location + ' ' + [Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$_).Name } }
            Import-Module '$folder'
            `$null = New-LandlockRuleset | Add-LandlockPathRule / ReadOnly | ConvertTo-LandlockPolicy
            Invoke-Landlocked -- true
            Loaded; '--'
            `$null = Test-LandlockPolicy '$folder/policies/Base.toml'
            Loaded"
        $text | Should -Be "$folder/LandlockPS.dll Default", "$folder/Landlock.dll Default", '--', "$folder/LandlockPS.dll Default",
            "$folder/Landlock.dll Default", "$folder/Landlock.Toml.dll Landlock.Toml", "$folder/Tomlyn.dll Landlock.Toml"
    }

    It 'changes nothing when it is imported' {
        $text = pwsh -NoProfile -Command "
            `$before = (Get-Content /proc/self/status | Select-String NoNewPrivs, SigIgn, SigBlk) -join ' '
            `$environment = Get-ChildItem Env: | Out-String
            Import-Module '$folder'
            (Get-Content /proc/self/status | Select-String NoNewPrivs, SigIgn, SigBlk) -join ' ' -eq `$before
            (Get-ChildItem Env: | Out-String) -eq `$environment"
        $text | Should -Be True, True
    }

    It 'starts no process when it is imported' {
        pwsh -NoProfile -Command "Import-Module '$folder'; . '$($PSScriptRoot.Replace("'", "''"))/common.ps1'; @(Get-ChildId).Count" | Should -Be 0
    }

    It 'works from a path with blanks and other characters' {
        $copy = "$TestDrive/a b 'c' [d]"
        Copy-Item -LiteralPath $folder -Destination $copy -Recurse
        $script = "Import-Module -Name ([WildcardPattern]::Escape('$($copy.Replace("'", "''"))/LandlockPS.psd1')); Invoke-Landlocked -- echo native; Invoke-Landlocked { 'block' }"
        pwsh -NoProfile -Command $script | Should -Be native, block
    }

    It 'says what is missing if landlock-exec is' {
        $copy = "$TestDrive/incomplete/LandlockPS"
        Copy-Item $folder $copy -Recurse
        Get-ChildItem "$copy/bin" -Recurse -Filter landlock-exec | Remove-Item
        $script = "Import-Module '$copy'; try { Invoke-Landlocked -- echo ran } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message; `$LASTEXITCODE }"
        $text = pwsh -NoProfile -Command $script
        $text[0] | Should -BeLike 'SandboxSetupFailed,*'
        $text[1] | Should -Match 'landlock-exec.*missing'
        $text[2] | Should -Be 125
    }
}

Describe 'the cmdlet <_>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $_
    }

    It 'completes its parameters' {
        $own = $command.Parameters.Values | Where-Object { $_.Name -notin [System.Management.Automation.PSCmdlet]::CommonParameters -and -not $_.Attributes.DontShow }
        foreach ($parameter in $own) {
            $typed = $parameter.Name.Substring(0, [Math]::Min(3, $parameter.Name.Length))
            (Complete "$_ -$typed").CompletionText | Should -Contain "-$($parameter.Name)"
        }
    }

    It 'does not offer what is for no eye' {
        (Complete "$_ -").CompletionText | Should -Not -Match '^-(OneLetter|DashDash|)$'
    }

    It 'does not hide parameters of the engine' {
        $names = @($command.Parameters.Values | ForEach-Object { $_.Name; $_.Aliases })
        $names | Group-Object | Where-Object Count -GT 1 | Should -BeNullOrEmpty
    }
}

Describe 'a ruleset that is sent elsewhere' {
    BeforeAll {
        $null = New-Item -ItemType Directory "$TestDrive/data"
        Set-Content "$TestDrive/data/a.txt" a
        Set-Content "$TestDrive/secret" secret
        $full = New-LandlockRuleset sent -Abi 7 -LogDenials |
            Add-LandlockPathRule "$TestDrive/data" ReadData |
            Add-LandlockPathRule "$TestDrive/missing" read_file, make_reg -Optional -Compatibility SoftRequirement |
            Add-LandlockNetRule -ConnectTcp 443, 8000-8010 -BindTcp 0
    }

    It 'comes back whole from a serializer' {
        $text = [System.Management.Automation.PSSerializer]::Serialize($full)
        $back = [System.Management.Automation.PSSerializer]::Deserialize($text)
        $back.PSTypeNames | Should -Contain 'Deserialized.Landlock.Rulesets.Ruleset'
        Add-LandlockPathRule -Ruleset $back -LiteralPath "$TestDrive/data" -Access ReadData | Should -Be $full
    }

    It 'comes back whole from a file' {
        $full | Export-Clixml "$TestDrive/ruleset.xml"
        Add-LandlockPathRule -Ruleset (Import-Clixml "$TestDrive/ruleset.xml") "$TestDrive/data" ReadData | Should -Be $full
    }

    It 'comes back with its hosts, which come back alone, too' {
        $hosts = $full | Add-LandlockNetRule -ConnectHost '*.pkg.example', '10.0.0.0/8:5432', '[2001:db8::]/32:1-5'
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($hosts))
        Add-LandlockPathRule -Ruleset $back -LiteralPath "$TestDrive/data" -Access ReadData | Should -Be $hosts
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($hosts.HostRules))
        "$($full | Add-LandlockNetRule -ConnectHost $back)" | Should -Be "$hosts"
        # Those that others made know none.
        $back = [System.Management.Automation.PSSerializer]::Deserialize(([System.Management.Automation.PSSerializer]::Serialize($hosts) -replace '"HostRules"', '"Other"'))
        (Get-TerminatingError { Invoke-Landlocked -Ruleset $back -- true }).Exception.Message | Should -Match 'lost its HostRules'
    }

    It 'is enforced after the journey' {
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($full))
        Invoke-Landlocked -Ruleset $back -WarningAction Ignore -- cat "$TestDrive/secret" 2>&1 | Should -Match 'Permission denied'
        Invoke-Landlocked -Ruleset $back -WarningAction Ignore -- cat "$TestDrive/data/a.txt" | Should -Be a
        $full | Invoke-Landlocked -Ruleset $back -WarningAction Ignore -- cat "$TestDrive/data/a.txt" | Should -Be a
    }

    It 'comes back whole from a job' {
        $back = Start-Job { Import-Module $using:folder; New-LandlockRuleset made | Add-LandlockPathRule /usr ReadOnly } | Receive-Job -Wait -AutoRemoveJob
        Add-LandlockPathRule -Ruleset $back /usr ReadOnly | Should -Be (New-LandlockRuleset made | Add-LandlockPathRule /usr ReadOnly)
    }

    It 'is enforced in a job' {
        $text = Start-Job {
            Import-Module $using:folder
            Invoke-Landlocked -Ruleset $using:full -WarningAction Ignore -- cat "$using:TestDrive/data/a.txt" "$using:TestDrive/secret" 2>&1 | ForEach-Object { "$_" }
        } | Receive-Job -Wait -AutoRemoveJob
        $text | Should -Contain a
        $text -join ' ' | Should -Match 'secret: Permission denied'
    }

    It 'is enforced in a sandbox within the sandbox' {
        $output = Invoke-Landlocked -ReadData $TestDrive -ReadOnly $folder, /usr {
            Import-Module $using:folder
            Invoke-Landlocked -Ruleset $using:full -WarningAction Ignore -- cat "$using:TestDrive/data/a.txt" "$using:TestDrive/secret" 2>$null
        }
        $output | Should -Be a
    }

    It 'comes back whole from a merged policy' {
        Set-Content "$TestDrive/merged.toml" "abi = 6`n[[ruleset]]`nhandled_access_fs = ['abi.all']`n[[path_beneath]]`nallowed_access = ['read_file']`nparent = ['$TestDrive/data']"
        $merged = Merge-LandlockPolicy "$TestDrive/merged.toml"
        foreach ($depth in 1, 2) {
            $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($merged, $depth))
            Add-LandlockPathRule -Ruleset $back /usr read_file | Should -Be ($merged | Add-LandlockPathRule /usr read_file)
            # It is a layer, and no input.
            Invoke-Landlocked -Ruleset $back -- cat "$TestDrive/data/a.txt" | Should -Be a
            Invoke-Landlocked -Ruleset $back -- cat "$TestDrive/secret" 2>&1 | Should -Match 'Permission denied'
        }
    }

    It 'is refused if it lost something on the way' {
        # Where the module is not loaded, nobody says how deep a ruleset goes.
        $shell = [powershell]::Create()
        try { $text = $shell.AddScript('param($ruleset) [System.Management.Automation.PSSerializer]::Serialize($ruleset, 1)').AddArgument($full).Invoke()[0] }
        finally { $shell.Dispose() }
        $poor = [System.Management.Automation.PSSerializer]::Deserialize($text)
        (Get-TerminatingError { Invoke-Landlocked -Ruleset $poor -- cat "$TestDrive/secret" }).Exception.Message | Should -Match 'lost its PathRules'
    }

    It 'is refused if something else pretends to be one' {
        $forged = [pscustomobject]@{ PSTypeName = 'Deserialized.Landlock.Rulesets.Ruleset'; Abi = 7 }
        Get-TerminatingError { Invoke-Landlocked -Ruleset $forged -- cat "$TestDrive/secret" } | Should -Not -BeNullOrEmpty
        Get-TerminatingError { $forged | Invoke-Landlocked -- cat "$TestDrive/secret" } | Should -Not -BeNullOrEmpty
    }
}

Describe 'an object that came through a job, a session or a file' {
    BeforeAll {
        # One level deep, as jobs and sessions send, or two, as Export-Clixml writes.
        function Send-Object($Value, [int] $Depth) {
            [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Value, $Depth))
        }

        function Get-View($Value) {
            # Colours, the padding of columns of names, and where lists are broken by it, are not what counts.
            ($Value | Out-String -Width 300) -replace '\e\[[\d;]*m' -replace '\n {4,}', ' ' -replace '[^\S\n]+', ' '
        }

        $ruleset = New-LandlockRuleset sent -Require truncate | Add-LandlockPathRule /usr ReadOnly | Add-LandlockPathRule /etc ReadData -Except /etc/ssl | Add-LandlockNetRule -ConnectTcp 443 -ConnectHost '*.a.example'
        $records = @(Trace-LandlockAccess -- cat /etc/hostname "$TestDrive/missing" 2>$null)
        Set-Content "$TestDrive/wrong.toml" 'abi = 99'
        Set-Content "$TestDrive/one.toml" "abi = 6`n[[ruleset]]`nhandled_access_fs = ['abi.all']"
    }

    It 'shows what it showed before: <Name>, <Depth> deep' -TestCases @(
        foreach ($depth in 1, 2) {
            @{ Name = 'Get-LandlockSupport'; Depth = $depth; Make = { Get-LandlockSupport } }
            @{ Name = 'a ruleset'; Depth = $depth; Make = { $ruleset } }
            @{ Name = 'a ruleset as a list'; Depth = $depth; Make = { $ruleset }; AsList = $true }
            @{ Name = 'a path rule'; Depth = $depth; Make = { $ruleset.PathRules } }
            @{ Name = 'a port rule'; Depth = $depth; Make = { $ruleset.NetRules } }
            @{ Name = 'a host'; Depth = $depth; Make = { $ruleset.HostRules } }
            @{ Name = 'protections'; Depth = $depth; Make = { (Get-LandlockSupport -Ruleset $ruleset).Protections } }
            @{ Name = 'Test-LandlockAccess'; Depth = $depth; Make = { Test-LandlockAccess /usr, /etc/shadow -Access ReadOnly -Ruleset $ruleset } }
            @{ Name = 'Trace-LandlockAccess'; Depth = $depth; Make = { $records } }
            @{ Name = 'New-LandlockPolicy'; Depth = $depth; Make = { $records | New-LandlockPolicy "$TestDrive/learned.toml" -Force } }
            @{ Name = 'Merge-LandlockPolicy'; Depth = $depth; Make = { Merge-LandlockPolicy "$TestDrive/one.toml" } }
            @{ Name = 'Test-LandlockPolicy'; Depth = $depth; Make = { Test-LandlockPolicy "$TestDrive/wrong.toml" -Detailed } }
            @{ Name = 'Get-LandlockPreset'; Depth = $depth; Make = { Get-LandlockPreset } }
        }
    ) {
        $here = @(& $Make)
        $here | Should -Not -BeNullOrEmpty
        $there = @($here | ForEach-Object { Send-Object $_ $Depth })
        $there[0].PSTypeNames[0] | Should -BeLike 'Deserialized.*'
        if ($AsList) { ($here, $there) = ($here | Format-List), ($there | Format-List) }
        Get-View $there | Should -BeExactly (Get-View $here)
    }

    It 'shows the answer of Test-LandlockAccess as a list' {
        $there = Send-Object (Test-LandlockAccess /etc/shadow -Access ReadOnly -Ruleset $ruleset) 1
        $view = Get-View ($there | Format-List)
        $view | Should -Match 'Allowed : False'
        $view | Should -Match 'Fix : -ReadOnly /etc/shadow'
    }

    It 'shows paths where Show-LandlockAccess drew a tree' {
        $there = Show-LandlockAccess /usr -Ruleset $ruleset -Depth 1 | Select-Object -First 2 | ForEach-Object { Send-Object $_ 1 }
        Get-View $there | Should -Match 'ReadOnly /usr/\s+\n? ?ReadOnly /usr/\w'
    }

    It 'shows when something was denied' {
        $denial = [Landlock.Denials.LandlockDenial]::new()
        $denial.GetType().GetProperty('Time').SetValue($denial, [System.DateTimeOffset]'2026-03-04T05:06:07Z')
        $denial.GetType().GetProperty('Domain').SetValue($denial, '1')
        $denial.GetType().GetProperty('Blockers').SetValue($denial, [System.Collections.Immutable.ImmutableArray]::Create('fs.read_file'))
        foreach ($depth in 1, 2) { Get-View (Send-Object $denial $depth) | Should -BeExactly (Get-View $denial) }
    }
}
