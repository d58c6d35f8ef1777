BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Invoke-Landlocked -Explain' {
    BeforeAll {
        Set-Content "$TestDrive/secret" content
        $secret = (Get-Item "$TestDrive/secret").FullName
        $root = (Get-Item $TestDrive).FullName
    }

    Context 'as it happens' {
        BeforeAll {
            $seen = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
            $add = { ($using:seen).Enqueue($_) }
        }

        BeforeEach { $seen.Clear() }

        It 'runs a block for each denial before the command goes on' {
            # The command waits for what the block makes, for which it is told only then.
            $go = "$TestDrive/go"
            Remove-Item -ErrorAction Ignore $go
            $output = Invoke-Landlocked -ReadOnly /usr -ExplainAction { ($using:seen).Enqueue($_); [System.IO.File]::WriteAllText($using:go, '') } -- sh -c 'cat "$0" 2>/dev/null; i=0; while [ ! -e "$1" ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done; [ -e "$1" ] && echo seen' $secret $go 6>&1
            $output | Should -Be seen
            $seen.Path | Should -Be $secret
            $seen.ToArray()[0] | Should -BeOfType Landlock.Denials.DenialExplanation
            $seen.ToArray()[0].Parameter | Should -BeLike '*secret*'
        }

        It 'tells of the block, and not of the start of its process' {
            Invoke-Landlocked -ExplainAction $add { $null = 1 }
            $seen | Should -BeNullOrEmpty
            Invoke-Landlocked -ExplainAction $add { try { [System.IO.File]::ReadAllText($using:secret) } catch { 'denied' } } | Should -Be denied
            $seen.Path | Should -Be $secret
        }

        It 'goes with what needs a supervisor, and with the report at the end' {
            $told = Invoke-Landlocked -ReadOnly /usr -TimeoutSec 60 -Explain -ExplainAction $add -- cat $secret 2>$null 6>&1
            $seen.Path | Should -Be $secret
            "$told" | Should -BeLike '*denied by the sandbox: 1:*'
        }

        It 'reports errors of the block when the command has ended' {
            $output = Invoke-Landlocked -ReadOnly /usr -ExplainAction { throw 'no good' } -ErrorVariable failed -ErrorAction SilentlyContinue -- sh -c 'cat "$0" 2>/dev/null; echo ended' $secret
            $output | Should -Be ended
            "$failed" | Should -Be 'no good'
        }

        It 'runs nothing where the block misses a value' {
            { Invoke-Landlocked -ExplainAction { $using:noSuchValue } -- touch "$TestDrive/ran" } | Should -Throw "'`$using:noSuchValue' has no value*"
            "$TestDrive/ran" | Should -Not -Exist
        }

        It 'leaves no thread and no descriptor behind, whatever it does' {
            Invoke-Landlocked -ExplainAction $add -- true
            $before = @(Get-ChildItem /proc/self/fd).Count
            1..5 | ForEach-Object { Invoke-Landlocked -ExplainAction $add -- true; try { Invoke-Landlocked -ExplainAction $add -- no-such-command } catch { $null = $_ } }
            Wait-Until { @(Get-ChildItem /proc/self/fd).Count -le $before } | Should -BeTrue
        }
    }

    Context 'a native command' {
        It 'leaves output and exit code alone, and tells afterwards on the information stream' {
            $all = Invoke-Landlocked -Explain -ReadOnly /usr -- sh -c 'echo out; cat "$0" 2>/dev/null; exit 3' $secret 6>&1
            $LASTEXITCODE | Should -Be 3
            $told, $output = @($all).Where({ $_ -is [System.Management.Automation.InformationRecord] }, 'Split')
            $output | Should -BeExactly out
            $told[0].Tags | Should -Contain PSHOST
            $lines = @($told | ForEach-Object { "$_" })
            $lines[0] | Should -BeLike 'landlock: denied by the sandbox: *'
            $lines | Should -Contain "  open ${secret}: read_file denied, by cat"
            $lines | Should -Contain "      -ReadData $secret"
        }

        It 'keeps the denials in a variable, and what it proposes works' {
            $null = Invoke-Landlocked -ExplainVariable denials -ReadOnly /usr -- cat $secret 2>$null 6>$null
            $denial = $denials | Where-Object Path -EQ $secret
            $denial | Should -BeOfType Landlock.Denials.DenialExplanation
            $denial.Cause | Should -Be Sandbox
            $denial.Missing | Should -Be read_file
            $denial.BeforeFailure | Should -BeTrue
            $denial.Fix.PathRule.Path | Should -Be $secret
            $denials[0].Path | Should -Be $secret
            & ([scriptblock]::Create("Invoke-Landlocked -ReadOnly /usr $($denial.Parameter) -- cat '$secret'")) | Should -BeExactly content
        }

        It 'gives TOML that can be added to the policy' {
            Set-Content "$TestDrive/ci.toml" "abi = 7`n[[ruleset]]`nhandled_access_fs = [`"abi.all`"]`n`n[[path_beneath]]`nallowed_access = [`"abi.read_execute`"]`nparent = [`"/usr`", `"/etc`"]`n"
            $null = Invoke-Landlocked -ExplainVariable denials -Policy "$TestDrive/ci.toml" -- cat $secret 2>$null 6>$null
            Add-Content "$TestDrive/ci.toml" "`n$(($denials | Where-Object Path -EQ $secret).Toml)"
            Invoke-Landlocked -Policy "$TestDrive/ci.toml" -- cat $secret | Should -BeExactly content
        }

        It 'takes input, and merges errors where the call does' {
            'one', 'two' | Invoke-Landlocked -Explain -- cat 6>$null | Should -Be one, two
            $both = Invoke-Landlocked -Explain -- sh -c 'echo out; echo err >&2' 2>&1 6>$null
            # By two pipes: which comes first is chance.
            $both | ForEach-Object { "$_" } | Sort-Object | Should -Be err, out
        }

        It 'says that nothing was denied' {
            Invoke-Landlocked -Explain -- true 6>&1 | ForEach-Object { "$_" } | Should -Be 'landlock: the sandbox denied nothing that was seen'
            Invoke-Landlocked -ExplainVariable denials -- true 6>$null
            , $denials | Should -BeOfType object[]
            $denials | Should -HaveCount 0
        }

        It 'explains a command that may not be executed' {
            Get-TerminatingError { Invoke-Landlocked -ExplainVariable denials -NoClosure -- true 6>$null } | ForEach-Object FullyQualifiedErrorId |
                Should -Be 'CommandNotExecutable,LandlockPS.InvokeLandlockedCommand'
            $LASTEXITCODE | Should -Be 126
        }
    }

    Context 'a script block' {
        It 'leaves objects and errors alone' {
            $output = Invoke-Landlocked -ExplainVariable denials { [version] '1.2'; Get-Content $using:secret } -ErrorVariable failed -ErrorAction SilentlyContinue 6>$null
            $output | Should -Be ([version] '1.2')
            $failed[0].Exception.Message | Should -Match 'is denied'
            $denial = $denials | Where-Object Path -EQ $secret
            $denial.Missing | Should -Be read_file
            $denial.Parameter | Should -Be "-ReadData $secret"
        }

        It 'tells, too, when an error ends the block' {
            $denials = $null
            $failure = Get-TerminatingError { Invoke-Landlocked -ExplainVariable script:thrown { $null = sh -c 'cat "$0" 2>/dev/null' $using:secret; throw 'enough' } -ReadOnly /usr 6>$null }
            "$failure" | Should -Be enough
            ($script:thrown | Where-Object Path -EQ $secret).Programs | Should -BeLike '*/cat'
        }
    }

    It 'lets a block take its time' {
        # Longer than a tracer is waited for when it is asked.
        Invoke-Landlocked -Explain { Start-Sleep 4; 'end' } 6>$null | Should -Be end
    }

    It 'keeps the denials of a block that is stopped' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($module, $secret) Import-Module $module; "begun"; Invoke-Landlocked -ReadOnly /usr -ExplainVariable global:denials { cat $using:secret; "running"; Start-Sleep 300 } 2>$null').AddArgument((Get-Module LandlockPS).ModuleBase).AddArgument($secret)
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $null = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            Wait-Until { $output -contains 'running' } | Should -BeTrue
            $shell.Stop()
            $kept = $shell.Runspace.SessionStateProxy.GetVariable('denials')
            ($kept | Where-Object Path -EQ $secret).Parameter | Should -Be "-ReadData $secret"
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'is not for jobs' {
        $failure = Get-TerminatingError { Invoke-Landlocked -Explain -AsJob -- true }
        $failure.FullyQualifiedErrorId | Should -Be 'ExplainWithJob,LandlockPS.InvokeLandlockedCommand'
        $failure.Exception.Message | Should -Be '-Explain reports when the command has ended, and a job is still running then; nothing was run.'
    }
}
