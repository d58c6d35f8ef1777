[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingWriteHost', '', Justification = 'What becomes of Write-Host is tested here.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'A block reads one.')]
param()

BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Invoke-Landlocked with a script block' {
    BeforeAll {
        $folder = "$TestDrive/data"
        $null = New-Item -ItemType Directory $folder
        Set-Content "$folder/a.txt" a
        Set-Content "$TestDrive/secret" secret
        $module = $ModulePath
    }

    Context 'output' {
        It 'is objects' {
            $date, $hash, $number, $custom = Invoke-Landlocked { [datetime]::new(2020, 2, 3); @{ key = 'value' }; 42; [pscustomobject]@{ Name = 'x' } }
            $date | Should -Be ([datetime]::new(2020, 2, 3))
            $date | Should -BeOfType datetime
            $hash.key | Should -Be value
            $number | Should -BeOfType int
            $custom.Name | Should -Be x
        }

        It 'comes as it is made' {
            $arrived = [System.Collections.Generic.List[datetime]]::new()
            Invoke-Landlocked { 1; Start-Sleep -Milliseconds 800; 2 } | ForEach-Object { $arrived.Add([datetime]::UtcNow) }
            ($arrived[1] - $arrived[0]).TotalMilliseconds | Should -BeGreaterThan 400
        }

        It 'keeps its order and its amount' {
            $numbers = Invoke-Landlocked { 1..5000 }
            $numbers.Count | Should -Be 5000
            $numbers[0, 4999] | Should -Be 1, 5000
        }

        It 'waits where it is not taken' {
            $count = "$folder/count"
            $block = { param($count) foreach ($i in 1..60000) { 'x' * 2000; if ($i % 100 -eq 0) { [System.IO.File]::WriteAllText($count, $i) } } }
            Invoke-Landlocked -ReadWrite $folder $block -ArgumentList $count | Select-Object -First 300 | ForEach-Object {
                if ($waited) { return }
                # As long as it grows, it is not held.
                $before = -1
                $waited = Wait-Until -Seconds 60 { $now = [int](Get-Content $count -ErrorAction Ignore); $same = $now -gt 0 -and $now -eq $before; $before = $now; Start-Sleep -Milliseconds 500; $same }
                $held = [int](Get-Content $count)
            }
            $waited | Should -BeTrue
            $held | Should -BeLessThan 60000
        }

        It 'may be nothing, $null or an array' {
            Invoke-Landlocked { } | Should -BeNullOrEmpty
            @(Invoke-Landlocked { $null; 1 }).Count | Should -Be 2
            (Invoke-Landlocked { , @(1, 2) }).Count | Should -Be 2
        }

        It 'includes that of native commands' {
            Invoke-Landlocked -ReadOnly /usr { printf 'one\ntwo\n'; $LASTEXITCODE } | Should -Be one, two, 0
        }
    }

    Context 'a program that the sandbox denies' {
        It 'is named, with the rule: <Name>' -TestCases @(
            @{ Name = 'by its name'; Block = { sort }; Message = "* It is '*/bin/sort', which the sandbox does not let it execute."; Rule = 'Add: -ReadOnly /usr' }
            @{ Name = 'by its path'; Block = { /usr/bin/sort }; Message = "Program 'sort' failed to run: *Permission denied* The sandbox denies it."; Rule = 'Add: -ReadOnly /usr' }
            @{ Name = 'one that ends the block'; Block = { $ErrorActionPreference = 'Stop'; sort }; Message = '* which the sandbox does not let it execute.'; Rule = 'Add: -ReadOnly /usr' }
        ) {
            $told = try { Invoke-Landlocked $Block 2>&1 } catch { $_ }
            "$($told[0])" | Should -BeLike $Message
            $told[0].ErrorDetails.RecommendedAction | Should -Be $Rule
        }

        It 'is not blamed for what does not exist' {
            $told = Invoke-Landlocked { no-such-program } 2>&1
            "$told" | Should -Not -Match sandbox
            $told.ErrorDetails | Should -BeNullOrEmpty
        }
    }

    Context 'debugging' {
        BeforeAll {
            Set-Content "$folder/steps.ps1" "'one'", "'two'"
            $steps = {
                param($script)
                $counted = Set-PSBreakpoint -Script $script -Line 1 -Action { $global:hits++ }
                $plain = Set-PSBreakpoint -Script $script -Line 2
                & $script
                Wait-Debugger
                "$global:hits $($counted.HitCount) $($plain.HitCount)"
            }
        }

        It 'has breakpoints, and stops at none: <Name>' -TestCases @(
            @{ Name = 'block'; Run = { Invoke-Landlocked -ReadOnly $folder $steps -ArgumentList "$folder/steps.ps1" } }
            @{ Name = 'job'; Run = { Invoke-Landlocked -ReadOnly $folder -AsJob $steps -ArgumentList "$folder/steps.ps1" | Receive-Job -Wait -AutoRemoveJob } }
            @{ Name = 'session'; Run = { $session = New-LandlockSession -ReadOnly $folder; try { Invoke-Command $session $steps -ArgumentList "$folder/steps.ps1" } finally { Remove-PSSession $session } } }
        ) {
            & $Run | Should -Be one, two, '1 1 1'
        }

        It 'measures the coverage of tests: <Name>' -TestCases @(
            @{ Name = 'by breakpoints'; Breakpoints = $true }
            @{ Name = 'by tracing'; Breakpoints = $false }
        ) {
            Set-Content "$folder/covered.psm1" 'function Get-Half($x) { if ($x) { 1 } else { 2 } }'
            Set-Content "$folder/covered.Tests.ps1" "BeforeAll { Import-Module '$($folder.Replace("'", "''"))/covered.psm1' -Force }; Describe d { It i { Get-Half 1 | Should -Be 1 } }"
            $all = Invoke-Landlocked -Preset PowerShell -ReadOnly (Get-Module Pester).ModuleBase -ReadWrite $folder -PrivateTemp {
                param($pester, $folder, $breakpoints)
                Import-Module $pester
                $configuration = New-PesterConfiguration
                $configuration.Run.Path = "$folder/covered.Tests.ps1"
                $configuration.Run.PassThru = $true
                $configuration.Output.Verbosity = 'None'
                $configuration.CodeCoverage.Enabled = $true
                $configuration.CodeCoverage.UseBreakpoints = $breakpoints
                $configuration.CodeCoverage.Path = "$folder/covered.psm1"
                $configuration.CodeCoverage.OutputPath = "$folder/coverage.xml"
                $result = Invoke-Pester -Configuration $configuration
                '{0}: {1:n0} %' -f $result.Result, $result.CodeCoverage.CoveragePercent
            } -ArgumentList "$((Get-Module Pester).ModuleBase)/Pester.psd1", $folder, $Breakpoints 3>&1 4>&1 5>&1
            # Pester says that it may not look the system up.
            $all.Where{ $_ -isnot [System.Management.Automation.WarningRecord] } | Should -Be 'Passed: 67 %'
        }

        It 'traces a script where it is asked to' {
            $all = Invoke-Landlocked { Set-PSDebug -Trace 1; $null = 1; Set-PSDebug -Off } 5>&1
            "$($all[0])" | Should -Match '>>>> \$null = 1'
        }
    }

    Context 'streams' {
        BeforeAll {
            $block = {
                Write-Output out
                Write-Error err
                Write-Warning warn
                Write-Verbose verb -Verbose
                Write-Debug debug -Debug
                Write-Information info
                Write-Host shown
            }
        }

        It 'all arrive, each once' {
            $all = Invoke-Landlocked $block *>&1
            $all | Should -HaveCount 7
            ($all | ForEach-Object { $_.GetType().Name }) | Sort-Object | Should -Be DebugRecord, ErrorRecord, InformationRecord, InformationRecord, String, VerboseRecord, WarningRecord
            "$($all | ForEach-Object { "$_" } | Sort-Object)" | Should -Be 'debug err info out shown verb warn'
        }

        It 'are redirected one by one' {
            "$(Invoke-Landlocked { Write-Warning w; 1 } 3>&1)" | Should -Be 'w 1'
            "$(Invoke-Landlocked { Write-Error e; 1 } 2>&1)" | Should -Be 'e 1'
            "$(Invoke-Landlocked { Write-Verbose v -Verbose; 1 } 4>&1)" | Should -Be 'v 1'
            "$(Invoke-Landlocked { Write-Host h; 1 } 6>&1)" | Should -Be 'h 1'
            Invoke-Landlocked { Write-Warning w; Write-Host h; 1 } 3>$null 6>$null | Should -Be 1
        }

        It 'are put into variables' {
            $null = Invoke-Landlocked $block -WarningVariable w -ErrorVariable e -InformationVariable i -WarningAction SilentlyContinue -ErrorAction SilentlyContinue -InformationAction SilentlyContinue 4>$null 5>$null 6>$null
            "$w" | Should -Be warn
            "$e" | Should -Be err
            $i | ForEach-Object { "$_" } | Should -Be info, shown
        }

        It 'are each shown once in a host' {
            $text = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked {$block}" 2>&1 | Out-String
            foreach ($word in 'out', 'warn', 'verb', 'debug', 'shown') {
                [regex]::Matches($text, "\b$word\b").Count | Should -Be 1 -Because "'$word' is in: $text"
            }

            [regex]::Matches($text, '(?m)err\s*$').Count | Should -BeGreaterOrEqual 1
        }

        It 'keep the colours and line ends of Write-Host' {
            $record = Invoke-Landlocked { Write-Host text -ForegroundColor Red -NoNewline } 6>&1
            $record.MessageData.ForegroundColor | Should -Be Red
            $record.MessageData.NoNewLine | Should -BeTrue
        }

        It 'show Write-Host in order, in whatever amount, and nothing if redirected' {
            $text = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked { foreach (`$i in 1..300) { Write-Host `$i; if (`$i % 3) { `"out `$i`" } } }"
            $text | Should -Be (1..300 | ForEach-Object { $_; if ($_ % 3) { "out $_" } })
            pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked { Write-Host hidden } 6>`$null" | Should -BeNullOrEmpty
        }

        It 'include what is written to the host without a stream' {
            $text = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked { `$Host.UI.WriteLine('direct'); 'formatted' | Out-Host }"
            $text | Should -Be direct, formatted
        }

        It 'include progress' {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$module'; Invoke-Landlocked { Write-Progress -Activity working -PercentComplete 50; Write-Progress -Activity working -Completed }").Invoke()
                @($shell.Streams.Progress | Where-Object Activity -EQ working) | Should -HaveCount 2
            }
            finally { $shell.Dispose() }
        }

        It 'follow preferences of the caller' {
            # As for any remote command, the block has preferences of its own; what it writes obeys the caller's.
            $WarningPreference = 'SilentlyContinue'
            Invoke-Landlocked { Write-Warning w; 1 } 3>&1 | Should -Be 1
        }
    }

    Context 'values from outside' {
        It 'come through $using:' {
            $plain = 'text'
            $object = [pscustomobject]@{ Name = 'x'; Inner = @{ Deep = 'y' } }
            $list = 'a', 'b', 'c'
            Invoke-Landlocked { $using:plain } | Should -Be text
            Invoke-Landlocked { $using:object.Name; $using:object.Inner.Deep } | Should -Be x, y
            Invoke-Landlocked { $using:list[1]; ($using:list).Count } | Should -Be b, 3
            Invoke-Landlocked { "$using:plain and $($using:plain)" } | Should -Be 'text and text'
            Invoke-Landlocked { $USING:Plain } | Should -Be text
        }

        It 'come from other drives' {
            $env:LANDLOCKPS_TEST = 'environment'
            try { Invoke-Landlocked { $using:env:LANDLOCKPS_TEST } | Should -Be environment }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
        }

        It 'come from other drives with a name in braces' {
            $env:LANDLOCKPS_BRACES = 'braced'
            function Get-Handed { 'handed' }
            try {
                Invoke-Landlocked -ReadOnly /usr { ${using:env:LANDLOCKPS_BRACES} } | Should -Be braced
                Invoke-Landlocked -ReadOnly /usr { ${function:f} = ${using:function:Get-Handed}; f } | Should -Be handed
            }
            finally { $env:LANDLOCKPS_BRACES = $null }
        }

        It 'come from scopes' {
            $script:scoped = 'scripted'
            Set-Variable -Scope Global LandlockPSTest global
            try { Invoke-Landlocked { $using:script:scoped; $using:global:LandlockPSTest } | Should -Be scripted, global }
            finally { Remove-Variable -Scope Global LandlockPSTest }
        }

        It 'come from the locals of a function' {
            function Test-Local($value) {
                $local = "local $value"
                Invoke-Landlocked { $using:local; $using:value }
            }

            Test-Local x | Should -Be 'local x', x
        }

        It 'come from the locals of a function in a module' {
            $inner = New-Module -ScriptBlock {
                $hidden = 'module'
                function Test-Inner($value) {
                    $object = @{ Name = 'member' }
                    Invoke-Landlocked { $using:hidden; $using:value; $using:object.Name }
                }
            }
            try { & $inner { Test-Inner x } | Should -Be module, x, member }
            finally { Remove-Module $inner -ErrorAction Ignore }
        }

        It 'may be $null, false or empty' {
            $nothing = $null
            $false1 = $false
            $empty = @()
            Invoke-Landlocked { $null -eq $using:nothing; $using:false1; @($using:empty).Count } | Should -Be $true, $false, 0
        }

        It 'that do not exist are an error, as with Invoke-Command' {
            Set-StrictMode -Off
            $failure = Get-TerminatingError { Invoke-Landlocked { $using:LandlockPSNoSuchVariable } }
            $failure.FullyQualifiedErrorId | Should -BeLike 'UsingVariableIsUndefined*'
            $failure.Exception.Message | Should -Match 'LandlockPSNoSuchVariable'
        }

        It 'come as arguments' {
            Invoke-Landlocked { param($a, $b) "$a-$b" } 1 2 | Should -Be '1-2'
            Invoke-Landlocked { param($a, $b) "$a-$b" } -ArgumentList 1, 2 | Should -Be '1-2'
            Invoke-Landlocked { "$args" } a b | Should -Be 'a b'
            $using1 = 3
            Invoke-Landlocked { param($a) $a + $using:using1 } 1 | Should -Be 4
        }

        It 'may be an array as one argument' {
            (Invoke-Landlocked { param($a, $b) @($a).Count; $b } -ArgumentList @(1, 2), 3) | Should -Be 2, 3
        }

        It 'come as input' {
            1..3 | Invoke-Landlocked { $input | ForEach-Object { $_ * 2 } } | Should -Be 2, 4, 6
            'a', 'b' | Invoke-Landlocked { process { "<$_>" } } | Should -Be '<a>', '<b>'
            @() | Invoke-Landlocked { @($input).Count } | Should -Be 0
            [pscustomobject]@{ Name = 'x' } | Invoke-Landlocked { process { $_.Name } } | Should -Be x
        }

        It 'come as input even if $null, as to Invoke-Command' {
            1, $null, 3 | Invoke-Landlocked -ReadOnly /usr { process { "[$_]" } } | Should -Be '[1]', '[]', '[3]'
            1, $null, 3 | Invoke-Landlocked -AsJob -ReadOnly /usr { process { "[$_]" } } | Receive-Job -Wait -AutoRemoveJob | Should -Be '[1]', '[]', '[3]'
            # A native command gets nothing for it, as when typed bare.
            'a', $null, '', 'b' | Invoke-Landlocked -ReadOnly /usr -- cat | Should -Be ('a', $null, '', 'b' | cat)
        }

        It 'come as input behind rulesets' {
            New-LandlockRuleset | Add-LandlockPathRule $folder ReadData | ForEach-Object { $_; 'input' } |
                Invoke-Landlocked { $input; [System.IO.File]::ReadAllText("$using:folder/a.txt").Trim() } | Should -Be input, a
        }

        It 'are worked on while more comes' {
            # Output is passed on whenever a further object comes; the third shall find the answer to the first.
            $answers = [System.Collections.Generic.List[string]]::new()
            & { 'one'; Start-Sleep 1; 'two'; "three after $($answers.Count)" } | Invoke-Landlocked { process { "got $_" } } | ForEach-Object { $answers.Add($_) }
            $answers[0, 1] | Should -Be 'got one', 'got two'
            $answers[2] | Should -BeIn 'got three after 1', 'got three after 2'
        }
    }

    Context 'errors' {
        It 'come with their position in the block' {
            $failure = Invoke-Landlocked {
                Get-Item /proc/nonexistent/landlockps
            } 2>&1
            $failure | Should -BeOfType System.Management.Automation.ErrorRecord
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand'
            $failure.InvocationInfo.ScriptName | Should -BeLike '*ScriptBlock.Tests.ps1'
            $failure.ScriptStackTrace | Should -Match 'line 2'
        }

        It 'do not end the block if they need not' {
            Invoke-Landlocked { Write-Error one; 'after' } 2>$null | Should -Be after
        }

        It 'end the block if they are thrown, and are errors here' {
            $output = [System.Collections.Generic.List[object]]::new()
            $failure = Get-TerminatingError { Invoke-Landlocked { 'before'; throw 'thrown'; 'after' } | ForEach-Object { $output.Add($_) } }
            $output | Should -Be before
            "$failure" | Should -Be thrown
        }

        It 'that are thrown end the script, as without a sandbox' {
            $text = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked { throw 'thrown' }; 'after'" 2>&1 | Out-String
            $text | Should -Match thrown
            $text | Should -Not -Match after
        }

        It 'can be caught by type and by id' {
            $failure = Get-TerminatingError { Invoke-Landlocked { throw [System.IO.FileNotFoundException]::new('gone') } }
            $failure.Exception.SerializedRemoteException.PSTypeNames | Should -Contain 'Deserialized.System.IO.FileNotFoundException'
            (Get-TerminatingError { Invoke-Landlocked { Get-Item /proc/nonexistent -ErrorAction Stop } }).FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        }

        It 'end the script if the caller says so' {
            $failure = Get-TerminatingError { Invoke-Landlocked { Write-Error stop; 'after' } -ErrorAction Stop }
            "$failure" | Should -Be stop
            $failure = Get-TerminatingError { Invoke-Landlocked { throw 'thrown' } -ErrorAction Stop }
            "$failure" | Should -Be thrown
        }

        It 'end the block under ErrorActionPreference Stop in it' {
            $output = [System.Collections.Generic.List[object]]::new()
            $failure = Get-TerminatingError { Invoke-Landlocked { $ErrorActionPreference = 'Stop'; 'before'; Write-Error e; 'after' } | ForEach-Object { $output.Add($_) } }
            $output | Should -Be before
            "$failure" | Should -Be e
        }

        It 'set $?' {
            $text = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked { Write-Error e }; `$?; Invoke-Landlocked { 1 }; `$?" 2>$null
            $text | Should -Be False, 1, True
        }

        It 'tell of what was denied' {
            $failure = Invoke-Landlocked { Get-Content "$using:TestDrive/secret" } 2>&1
            $failure.CategoryInfo.Category | Should -Be PermissionDenied
            "$failure" | Should -Match 'secret.* is denied'
            $failure = Invoke-Landlocked { [System.IO.File]::ReadAllText("$using:TestDrive/secret") } 2>&1
            "$failure" | Should -Match 'denied'
        }

        It 'of syntax in the child do not occur: the block is code already' {
            Invoke-Landlocked { 'quote " and '' and `'; "nested $( 'x' )" } | Should -Be 'quote " and '' and `', 'nested x'
        }
    }

    Context 'the end' {
        It 'comes with Select-Object -First 1, for the process too' {
            $children = @(Get-ChildId)
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Invoke-Landlocked { 1; Start-Sleep 300; 2 } | Select-Object -First 1 | Should -Be 1
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
        }

        It 'comes for the process as well when the block ends' {
            $id = Invoke-Landlocked { $PID }
            $id | Should -Not -Be $PID
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
        }

        It 'comes even if the process no longer listens' {
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $id = Invoke-Landlocked -ReadOnly /usr { $PID; bash -c "(sleep 0.3; kill -STOP $PID) &"; Start-Sleep 300 } | Select-Object -First 1
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Wait-Until { -not (Test-Process $id) } | Should -BeTrue
        }

        It 'is an error if the process dies' {
            $output = [System.Collections.Generic.List[object]]::new()
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $failure = Get-TerminatingError { Invoke-Landlocked { 'before'; Start-Sleep -Milliseconds 200; [System.Diagnostics.Process]::GetCurrentProcess().Kill() } | ForEach-Object { $output.Add($_) } }
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            $output | Should -Be before
            $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxedProcessEnded,*'
            "$failure" | Should -Match 'exit code 137'
        }

        It 'comes with the parent, however that ends' {
            $null = New-Item -ItemType Directory "$TestDrive/alone"
            $parent = Start-Process pwsh '-NoProfile', '-Command', "Import-Module '$module'; Invoke-Landlocked { [IO.File]::WriteAllText('$TestDrive/alone/child', `$PID); Start-Sleep 300 } -ReadWrite '$TestDrive/alone'" -PassThru
            Wait-Until { (Test-Path "$TestDrive/alone/child") -and (Get-Content "$TestDrive/alone/child") } | Should -BeTrue
            $child = [int](Get-Content "$TestDrive/alone/child")
            Test-Process $child | Should -BeTrue
            $parent.Kill()
            Wait-Until { -not (Test-Process $child) } | Should -BeTrue
        }

        It 'takes along what the block started, if it comes early' {
            $mark = "300.$(Get-Random)"
            Invoke-Landlocked -ReadOnly /usr { 1; sh -c "sleep $using:mark; :" } | Select-Object -First 1 | Should -Be 1
            Wait-Until { -not (Get-ProcessWith "sleep`0$mark") } | Should -BeTrue
        }

        It 'has the exit code that the block gave' {
            $global:LASTEXITCODE = 0
            Invoke-Landlocked { 'before'; exit 3 } | Should -Be before
            $LASTEXITCODE | Should -Be 3
        }

        It 'leaves the exit code alone otherwise' {
            $global:LASTEXITCODE = 7
            Invoke-Landlocked { 1 } | Should -Be 1
            $LASTEXITCODE | Should -Be 7
        }

        It 'comes when a pipeline is stopped from outside' {
            $shell = [powershell]::Create()
            try {
                $mark = [System.Diagnostics.Stopwatch]::StartNew()
                $children = @(Get-ChildId)
                $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $none.Complete()
                $null = $shell.AddScript("Import-Module '$module'; Invoke-Landlocked { `$PID; Start-Sleep 300 }")
                $running = $shell.BeginInvoke($none, $output)
                Wait-Until { $output.Count -gt 0 } 60 | Should -BeTrue
                $shell.Stop()
                $running.IsCompleted | Should -BeTrue
                $mark.Elapsed.TotalSeconds | Should -BeLessThan 60
                Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
            }
            finally { $shell.Dispose() }
        }

        It 'comes when it is stopped while the process still starts' {
            foreach ($delay in 0, 20, 60, 120, 200) {
                $shell = [powershell]::Create()
                try {
                    $children = @(Get-ChildId)
                    $null = $shell.AddScript("Import-Module '$module'; Invoke-Landlocked { Start-Sleep 300 }")
                    $running = $shell.BeginInvoke()
                    Start-Sleep -Milliseconds (100 + $delay)
                    $watch = [System.Diagnostics.Stopwatch]::StartNew()
                    $shell.Stop()
                    $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
                    $running.IsCompleted | Should -BeTrue
                    Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
                }
                finally { $shell.Dispose() }
            }
        }
    }

    Context 'the sandbox' {
        It 'denies what is not granted, and grants what is' {
            $output = Invoke-Landlocked -ReadData $folder {
                Get-Content "$using:folder/a.txt"
                Test-Path "$using:folder/a.txt"
                try { Set-Content "$using:folder/new" x -ErrorAction Stop; 'written' } catch { 'denied' }
            }
            $output | Should -Be a, $true, denied
            Invoke-Landlocked -ReadWrite $folder { Set-Content "$using:folder/new" written }
            Get-Content "$folder/new" | Should -Be written
        }

        It 'is a value from the pipeline' {
            New-LandlockRuleset | Add-LandlockPathRule $folder ReadData | Invoke-Landlocked { Get-Content "$using:folder/a.txt" } | Should -Be a
        }

        It 'is several layers' {
            $narrow = New-LandlockRuleset narrow
            $wide = New-LandlockRuleset wide | Add-LandlockPathRule $folder ReadData
            $wide, $narrow | Invoke-Landlocked { Get-Content "$using:folder/a.txt" } 2>&1 | Should -Match 'denied'
        }

        It 'closes the network' {
            $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
            $listener.Start()
            try {
                $port = $listener.LocalEndpoint.Port
                $try = { param($port) try { [System.Net.Sockets.TcpClient]::new('127.0.0.1', $port).Dispose(); 'connected' } catch { 'denied' } }
                Invoke-Landlocked $try $port | Should -Be denied
                Invoke-Landlocked -ConnectTcp $port $try $port | Should -Be connected
            }
            finally { $listener.Stop() }
        }

        It 'starts where the session is' {
            Push-Location $folder
            try {
                Invoke-Landlocked { $PWD.Path } | Should -Be $folder
                Invoke-Landlocked -ReadData . { Get-Content a.txt } | Should -Be a
            }
            finally { Pop-Location }
            Invoke-Landlocked -WorkingDirectory $folder { $PWD.Path } | Should -Be $folder
            $odd = "$TestDrive/odd [x] 'y' *"
            $null = [System.IO.Directory]::CreateDirectory($odd)
            Invoke-Landlocked -WorkingDirectory $odd { $PWD.ProviderPath; [Environment]::CurrentDirectory } | Should -Be $odd, $odd
        }

        It 'has the environment it is given' {
            Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = 'x' } { $env:LANDLOCKPS_TEST } | Should -Be x
            Invoke-Landlocked -CleanEnvironment { $env:PATH; Test-Path Env:/LANDLOCKPS_TEST } | Should -Be $env:PATH, $false
        }

        It 'starts without the baseline, or says why not' {
            try { Invoke-Landlocked -NoBaseline { 1 } | Should -Be 1 }
            catch { $_.FullyQualifiedErrorId | Should -BeLike 'Sandbox*' }
        }

        It 'in which PowerShell cannot start is a clear error' {
            $failure = Get-TerminatingError { Invoke-Landlocked -Environment @{ DOTNET_GCHeapHardLimit = '0x300000' } { 1 } }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
            $failure.Exception.Message | Should -Match 'sandboxed PowerShell.* said: .*GC'
            $LASTEXITCODE | Should -Be 125
        }

        It 'that cannot be set up runs nothing' {
            $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$folder/missing" { 'ran' } }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            $failure = Get-TerminatingError { 1..17 | ForEach-Object { New-LandlockRuleset } | Invoke-Landlocked { 'ran' } }
            $failure.FullyQualifiedErrorId | Should -BeLike 'TooManyLayers,*'
            $LASTEXITCODE | Should -Be 125
        }

        It 'is shown by -WhatIf, and nothing runs' {
            Invoke-Landlocked -WhatIf { 'ran' } 6>$null | Should -BeNullOrEmpty
        }

        It 'holds for what the block starts' {
            Invoke-Landlocked -ReadOnly /usr { cat "$using:TestDrive/secret" 2>&1 } | Should -Match 'Permission denied'
        }

        It 'can use modules of the machine' {
            Invoke-Landlocked { (ConvertFrom-Json '{"a":1}').a; (Get-Date 2020-02-03).Year } | Should -Be 1, 2020
        }
    }

    Context 'afterwards' {
        It 'leaves the session as free as before' {
            $null = Invoke-Landlocked { 1 }
            [System.IO.File]::ReadAllText("$TestDrive/secret").Trim() | Should -Be secret
            (Get-Content /proc/self/status) -match '^NoNewPrivs' | Should -Be @(pwsh -NoProfile -Command "(Get-Content /proc/self/status) -match '^NoNewPrivs'")
        }

        It 'leaves no descriptor, process or session' {
            $children = @(Get-ChildId)
            $sessions = @(Get-PSSession).Count
            $before = [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Length
            1..4 | ForEach-Object { $null = Invoke-Landlocked { 1 } }
            # Descriptors are closed in the background, for nobody waits for them.
            Wait-Until { -not (Get-PlanDescriptor) } | Should -BeTrue
            @(Get-PSSession).Count | Should -Be $sessions
            Wait-Until { [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Length -le $before + 3 } | Should -BeTrue
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } | Should -BeTrue
        }
    }

    Context 'many at once' {
        It 'runs in parallel pipelines' {
            $results = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:module
                Invoke-Landlocked { "block $args" } $_
            }
            $results | Sort-Object | Should -Be (1..4 | ForEach-Object { "block $_" })
        }

        It 'runs in thread jobs' {
            $results = 1..2 | ForEach-Object { Start-ThreadJob { Import-Module $using:module; Invoke-Landlocked { "job $args" } $using:_ } } | Receive-Job -Wait -AutoRemoveJob
            $results | Sort-Object | Should -Be 'job 1', 'job 2'
        }

        It 'runs one in another' {
            $output = Invoke-Landlocked -ReadOnly $module -ReadData $folder {
                Import-Module $using:module
                Invoke-Landlocked -ReadData $using:folder { param($f) Get-Content "$f/a.txt" } $using:folder
            }
            $output | Should -Be a
        }
    }

    Context 'in a terminal' -Skip:$noTerminal {
        BeforeAll {
            $terminal = Open-Terminal
        }

        AfterAll {
            Close-Terminal $terminal
        }

        It 'asks what the block asks' {
            Send-Terminal $terminal 'Invoke-Landlocked { "hello " + (Read-Host "who") }'
            Wait-Terminal $terminal 'who:'
            Send-Terminal $terminal world
            Wait-Terminal $terminal '(?m)^hello world$'
        }

        It 'stops the block on Ctrl+C and goes on' {
            Send-Terminal $terminal 'Invoke-Landlocked { "begun in $PID"; Start-Sleep 300 }'
            Wait-Terminal $terminal '(?m)^begun in \d+$'
            $server = [int][regex]::Match((Read-Terminal $terminal), '(?m)^begun in (\d+)$').Groups[1].Value
            Test-Process $server | Should -BeTrue
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Send-TerminalKey $terminal C-c
            Send-Terminal $terminal "'still ' + 'here'"
            Wait-Terminal $terminal '(?m)^still here$'
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Wait-Until { -not (Test-Process $server) } | Should -BeTrue
        }

        It 'stops on Ctrl+C while the process still starts' {
            Send-Terminal $terminal 'Invoke-Landlocked { Start-Sleep 300 }'
            Send-TerminalKey $terminal C-c
            Send-Terminal $terminal "'here ' + 'again'"
            Wait-Terminal $terminal '(?m)^here again$'
        }

        It 'shows what the block shows, once' {
            Send-Terminal $terminal 'Clear-Host; Invoke-Landlocked { Write-Host ("o" + "ne"); Write-Warning ("t" + "wo"); "th" + "ree" }'
            Wait-Terminal $terminal '(?m)^three$'
            $screen = Read-Terminal $terminal
            [regex]::Matches($screen, '(?m)^one$').Count | Should -Be 1
            [regex]::Matches($screen, '(?m)^WARNING: two$').Count | Should -Be 1
        }
    }
}
