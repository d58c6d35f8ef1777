BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
    $noTerminal = -not (Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # A program of this test, as a script of sh.
    function Write-Program([string] $Name, [string] $Body) {
        $path = "$TestDrive/$Name"
        [System.IO.File]::WriteAllText($path, "#!/bin/sh`n$Body`n")
        chmod +x $path
        return $path
    }
}

Describe 'Invoke-Landlocked with a native command' {
    BeforeAll {
        $folder = "$TestDrive/data"
        $null = New-Item -ItemType Directory $folder, "$TestDrive/other"
        Set-Content "$folder/a.txt" a
        Set-Content "$folder/b.txt" b
        Set-Content "$TestDrive/secret" secret
    }

    Context 'output' {
        It 'gives lines' {
            $lines = Invoke-Landlocked -- printf 'one\ntwo\n'
            $lines | Should -Be one, two
            $lines[0] | Should -BeOfType string
        }

        It 'comes line by line, not at the end' {
            $arrived = [System.Collections.Generic.List[datetime]]::new()
            Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo one; sleep 1; echo two' | ForEach-Object { $arrived.Add([datetime]::UtcNow) }
            ($arrived[1] - $arrived[0]).TotalMilliseconds | Should -BeGreaterThan 500
        }

        It 'is stopped by Select-Object -First, and the process with it' {
            $mark = "300.$(Get-Random)"
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Invoke-Landlocked -ReadOnly /usr -- sh -c "echo first; exec sleep $mark" | Select-Object -First 1 | Should -Be first
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
            Wait-Until { -not (Get-ProcessWith $mark) } 10 | Should -BeTrue
        }

        It 'keeps stderr apart from the output' {
            $output = Invoke-Landlocked -- sh -c 'echo out; echo err >&2' 2>$null
            $output | Should -Be out
        }

        It 'gives stderr as error records behind 2>&1, like any native command' {
            $output = Invoke-Landlocked -- sh -c 'echo out; echo err >&2' 2>&1
            $errors = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            $errors | Should -HaveCount 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'NativeCommandError*'
            "$($errors[0])" | Should -Be err
            @($output | Where-Object { $_ -is [string] }) | Should -Be out
        }

        It 'does not stop at stderr under ErrorActionPreference Stop' {
            $ErrorActionPreference = 'Stop'
            $output = Invoke-Landlocked -- sh -c 'echo err >&2; echo out' 2>&1
            "$output" | Should -Match 'out'
        }

        It 'redirects stderr to a file' {
            $null = Invoke-Landlocked -- sh -c 'echo out; echo err >&2' 2>"$TestDrive/err"
            (Get-Content "$TestDrive/err") -join '' | Should -Match 'err'
        }

        It 'redirects everything to a file' {
            Invoke-Landlocked -- sh -c 'echo out; echo err >&2' *>"$TestDrive/all"
            Get-Content "$TestDrive/all" | Should -Contain out
            (Get-Content "$TestDrive/all") -join '' | Should -Match 'err'
        }

        It 'is assigned to a variable while stderr stays where it is' {
            $text = pwsh -NoProfile -Command "Import-Module '$PSScriptRoot/../../out/LandlockPS'; `$x = Invoke-Landlocked -- sh -c 'echo out; echo err >&2'; `"got `$x`"" 2>"$TestDrive/err2"
            $text | Should -Be 'got out'
            Get-Content "$TestDrive/err2" | Should -Be err
        }

        It 'decodes text' {
            Invoke-Landlocked -- printf 'gr\303\274n \342\202\254\n' | Should -Be "gr$([char]0xfc)n $([char]0x20ac)"
        }

        It 'can be long' {
            (Invoke-Landlocked -- seq 1 100000 | Measure-Object -Sum).Sum | Should -Be 5000050000
        }
    }

    Context 'input' {
        It 'passes text on' {
            'one', 'two' | Invoke-Landlocked -- cat | Should -Be one, two
        }

        It 'passes numbers on' {
            1..3 | Invoke-Landlocked -- cat | Should -Be 1, 2, 3
        }

        It 'formats objects as any native command gets them' {
            $object = [pscustomobject]@{ Name = 'x'; Size = 1 }
            $object | Invoke-Landlocked -- cat | Should -Be ($object | cat)
        }

        It 'ends with the pipeline' {
            @() | Invoke-Landlocked -- cat | Should -BeNullOrEmpty
            'one' | Invoke-Landlocked -- wc -l | Should -Be 1
        }

        It 'writes bytes as they are' {
            , [byte[]](0xff, 0x00, 0x0a) | Invoke-Landlocked -- od -An -tx1 | Should -Be ' ff 00 0a'
        }

        It 'may be long, in both directions at once' {
            (1..20000 | Invoke-Landlocked -- cat | Measure-Object -Sum).Sum | Should -Be 200010000
        }

        It 'may be left unread' {
            1..50000 | Invoke-Landlocked -- true
            $LASTEXITCODE | Should -Be 0
        }

        It 'is written while the command runs' {
            # The producer waits for what the command answered to the line before.
            $answers = [System.Collections.Generic.List[string]]::new()
            & { 'one'; $null = Wait-Until { $answers.Count -eq 1 } 5; 'two' } | Invoke-Landlocked -- sed -u 's/^/got /' | ForEach-Object { $answers.Add($_) }
            $answers | Should -Be 'got one', 'got two'
        }

        It 'comes after the rulesets in one pipeline' {
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule $folder ReadData
            $ruleset, 'text' | Invoke-Landlocked -- cat - "$folder/a.txt" | Should -Be text, a
        }

        It 'refuses a ruleset behind text' {
            $failure = Get-TerminatingError { 'text', (New-LandlockRuleset) | Invoke-Landlocked -- cat }
            $failure.FullyQualifiedErrorId | Should -BeLike 'RulesetAfterInput,*'
        }
    }

    Context 'exit code' {
        It 'is <_>' -TestCases 0, 1, 3, 125, 126, 127, 255 {
            $Error.Clear()
            Invoke-Landlocked -- sh -c "exit $_"
            $succeeded = $?
            $LASTEXITCODE | Should -Be $_
            $succeeded | Should -Be ($_ -eq 0)
            # 125, 126 and 127 are taken by sandbox errors; a command may use them all the same.
            $Error | Should -HaveCount 0
        }

        It 'tells of a signal' {
            Invoke-Landlocked -- sh -c 'kill -TERM $$'
            $? | Should -BeFalse
            $LASTEXITCODE | Should -Be 143
        }

        It 'is an error where that is wished for, in the name of the command' {
            $PSNativeCommandUseErrorActionPreference = $true
            $ErrorActionPreference = 'Stop'
            $failure = Get-TerminatingError { Invoke-Landlocked -- sh -c 'exit 3' }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ProgramExitedWithNonZeroCode*'
            $failure.Exception.Message | Should -Match '"sh".* 3'
            ($failure | Out-String) | Should -Not -Match 'landlock-exec'
            $LASTEXITCODE | Should -Be 3
        }

        It 'is a plain error where the script shall go on' {
            $PSNativeCommandUseErrorActionPreference = $true
            $ErrorActionPreference = 'Continue'
            $Error.Clear()
            Invoke-Landlocked -- sh -c 'exit 3' 2>$null
            $Error | Should -HaveCount 1
            "$($Error[0])" | Should -Match '"sh"'
        }

        It 'leaves the error of the sandbox alone where exit codes are errors' {
            $PSNativeCommandUseErrorActionPreference = $true
            foreach ($ErrorActionPreference in 'Stop', 'Continue') {
                $failure = Get-TerminatingError { Invoke-Landlocked -NoClosure -- true 2>$null }
                $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
                $LASTEXITCODE | Should -Be 126
            }
        }
    }

    Context 'a command that cannot be run' {
        It 'was not found' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- landlockps-no-such-command x }
            $LASTEXITCODE | Should -Be 127
            $failure.FullyQualifiedErrorId | Should -Be 'CommandNotFound,LandlockPS.InvokeLandlockedCommand'
            $failure.CategoryInfo.Category | Should -Be ObjectNotFound
            $failure.TargetObject | Should -Be landlockps-no-such-command
            $failure.Exception.Message | Should -Match "'landlockps-no-such-command'"
            $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'was not found at a path' {
            (Get-TerminatingError { Invoke-Landlocked -- ./landlockps-no-such-command }).FullyQualifiedErrorId | Should -BeLike 'CommandNotFound,*'
            $LASTEXITCODE | Should -Be 127
        }

        It 'is a directory' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.Exception.Message | Should -Match 'is a directory'
            $LASTEXITCODE | Should -Be 126
        }

        It 'is no program' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- "$folder/a.txt" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.CategoryInfo.Category | Should -Be PermissionDenied
            $failure.Exception.Message | Should -Match 'chmod'
            $LASTEXITCODE | Should -Be 126
        }

        It 'has no #! line' {
            [System.IO.File]::WriteAllText("$TestDrive/plain", "echo plain`n")
            chmod +x "$TestDrive/plain"
            $failure = Get-TerminatingError { Invoke-Landlocked -- "$TestDrive/plain" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.Exception.Message | Should -Match '#!'
        }

        It 'may not be executed in the sandbox' {
            $failure = Get-TerminatingError { Invoke-Landlocked -NoClosure -- true }
            $failure.FullyQualifiedErrorId | Should -BeLike 'CommandNotExecutable,*'
            $failure.CategoryInfo.Category | Should -Be PermissionDenied
            $failure.Exception.Message | Should -Match 'sandbox does not allow executing'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'ReadOnly'
            $LASTEXITCODE | Should -Be 126
        }

        It 'may be executed if its files are granted' {
            Invoke-Landlocked -NoClosure -ReadOnly /usr -ReadData /etc/ld.so.cache -- printf yes | Should -Be yes
        }

        It 'may be what Get-Command and Get-Item found' {
            $program = Write-Program landlockps-found 'echo found'
            Invoke-Landlocked -- (Get-Command $program) | Should -Be found
            Invoke-Landlocked -- (Get-Item $program) | Should -Be found
        }

        It 'may be on a drive' {
            $null = Write-Program landlockps-drive 'echo driven'
            Invoke-Landlocked -- TestDrive:/landlockps-drive | Should -Be driven
        }

        It 'is no cmdlet, and no list' {
            $failure = Get-TerminatingError { Invoke-Landlocked -- (Get-Command Get-Item) /usr }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'CommandNotNative,LandlockPS.InvokeLandlockedCommand'
            $failure.Exception.Message | Should -BeExactly "'Get-Item' is a command of PowerShell (Cmdlet), and no native one; nothing was run."
            $failure.ErrorDetails.RecommendedAction | Should -BeExactly 'Put it in a script block: Invoke-Landlocked ... { Get-Item }'
            $failure = Get-TerminatingError { Invoke-Landlocked -- @('ls', '-l') }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'CommandIsList,LandlockPS.InvokeLandlockedCommand'
            $failure.ErrorDetails.RecommendedAction | Should -BeExactly 'Take it apart: $command, $rest = $list; Invoke-Landlocked ... -- $command $rest'
        }

        It 'is not empty' {
            (Get-TerminatingError { Invoke-Landlocked -- '' }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
            (Get-TerminatingError { Invoke-Landlocked -- $null }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
        }

        It 'sets $? and lets the script go on' {
            # In a process of its own: a test is inside a try, where such an error ends everything.
            $module = "$PSScriptRoot/../../out/LandlockPS"
            $output = pwsh -NoProfile -Command "Import-Module '$module'; Invoke-Landlocked -- landlockps-no-such-command; `"success: `$? `$LASTEXITCODE`"" 2>$null
            $output | Should -Be 'success: False 127'
        }
    }

    Context 'arguments' {
        It 'are passed as & passes them: <Name>' -TestCases @(
            @{ Name = 'empty'; List = @('', 'x', '') }
            @{ Name = 'spaces'; List = @('a b', ' ', "`t") }
            @{ Name = 'quotes'; List = @('"', "'", 'a"b"c', '\"', '\\', '`') }
            @{ Name = 'null'; List = @($null, 'x', $null) }
            @{ Name = 'numbers'; List = @(1, 1.5, 0x10, 10000000000, -1) }
            @{ Name = 'truth'; List = @($true, $false) }
            @{ Name = 'what shells expand'; List = @('{a,b}', '$HOME', '!x', '^y') }
            @{ Name = 'unicode'; List = @("gr$([char]0xfc)n", "$([char]0x20ac)", [char]::ConvertFromUtf32(0x1f512)) }
            @{ Name = 'new lines'; List = @("a`nb", "a`r`nb") }
            @{ Name = 'options'; List = @('-', '--', '-v', '--verbose', '-x:y', '--x=y', '-ReadOnly', '/c', '@a') }
            @{ Name = 'shell words'; List = @('|', '&', ';', '>', '<', '$(x)', '#') }
            @{ Name = 'a path and a date'; List = @([uri]'http://a/b', [version]'1.2', [datetime]::new(2020, 2, 3)) }
            @{ Name = 'none'; List = @() }
            @{ Name = 'many'; List = @(1..2000) }
        ) {
            $program = Write-Program show-arguments 'printf "%s:" $#; printf "[%s]" "$@"'
            Invoke-Landlocked -- $program @List | Should -Be (& $program @List)
            Invoke-Landlocked $program $List | Should -Be (& $program $List)
        }

        It 'are passed on as they are even if they look like wildcards' {
            $list = '*', '*.txt', '[ab]', '?', '~', '~/x', '--%'
            Push-Location $folder
            try { Invoke-Landlocked -- printf '[%s]' @list | Should -Be '[*][*.txt][[ab]][?][~][~/x][--%]' }
            finally { Pop-Location }
        }

        It 'are taken from nested lists' {
            $list = 'a', @('b', 'c'), 'd'
            Invoke-Landlocked -- printf '[%s]' @list | Should -Be '[a][b][c][d]'
        }

        It 'are literal: <Name>' -TestCases @(
            @{ Name = 'behind the command'; Run = { Invoke-Landlocked printf '[%s]' a 'b c' '' *.txt ~ 1.0 0x10 } }
            @{ Name = 'behind --'; Run = { Invoke-Landlocked -- printf '[%s]' a 'b c' '' *.txt ~ 1.0 0x10 } }
        ) {
            Push-Location $folder
            try { & $Run | Should -Be '[a][b c][][*.txt][~][1.0][0x10]' }
            finally { Pop-Location }
        }

        It 'are one word if commas or a colon make them one, as when typed bare: <Text>' -TestCases @(
            @{ Text = '1,3' }
            @{ Text = 'a,b' }
            @{ Text = '-f 1,3 x' }
            @{ Text = 'a, b c ,d e , f' }
            @{ Text = '0x10,1.0' }
            @{ Text = '--x=1,2 1,2' }
            @{ Text = '$list 1,2' }
            @{ Text = '@list 1,2' }
            @{ Text = '1,2 @list x @list 3,4' }
            @{ Text = '(1,2) 3,4' }
            @{ Text = '@(1,2)' }
            @{ Text = '$null 1,2' }
            @{ Text = '-p:X=Y' }
            @{ Text = '-p:1,2 -t: b' }
            @{ Text = '-p:"q r" -a:$word s' }
        ) {
            $list = 5, 6
            $word = 'x'
            Invoke-Expression "Invoke-Landlocked -- printf '[%s]' $Text" | Should -Be (Invoke-Expression "printf '[%s]' $Text")
            Invoke-Expression "Invoke-Landlocked -ReadOnly /usr printf '[%s]' -- $Text" | Should -Be (Invoke-Expression "printf '[%s]' $Text")
        }

        It 'are one word where PowerShell itself tears them apart, or loses a value' {
            $word = 'x'
            Invoke-Landlocked -- printf '[%s]' -Dmaven.test.skip=true -x.y:z | Should -Be '[-Dmaven.test.skip=true][-x.y:z]'
            Invoke-Landlocked -- printf '[%s]' $word,b "a b",c | Should -Be '[x,b][a b,c]'
        }

        It 'are single if an array is all there is' {
            Invoke-Landlocked -- echo 1,3 | Should -Be '1,3'
            Invoke-Landlocked -Command echo -ArgumentList 1, 3 | Should -Be '1 3'
        }

        It 'are one word in a job, too' {
            Invoke-Landlocked -AsJob -ReadOnly /usr -- printf '[%s]' 1,2 -p:X=Y | Receive-Job -Wait -AutoRemoveJob | Should -Be '[1,2][-p:X=Y]'
        }

        It 'may come from the $args of a function' {
            function Use-Box { Invoke-Landlocked -- printf '[%s]' $args }
            Use-Box -l -p:X=Y -ReadOnly /x -foo 1,2 | Should -Be '[-l][-p:X=Y][-ReadOnly][/x][-foo][1][2]'
            function Use-CommandBox { $command, $rest = $args; Invoke-Landlocked -- $command $rest }
            Use-CommandBox printf '[%s]' -v x | Should -Be '[-v][x]'
        }

        It 'may be options behind --' {
            Invoke-Landlocked -- printf '[%s]' -v -ReadOnly /x -Verbose -c -e --x -- -y | Should -Be '[-v][-ReadOnly][/x][-Verbose][-c][-e][--x][--][-y]'
        }

        It 'may be options behind a command that is followed by --' {
            Invoke-Landlocked printf -- '[%s]' -v -c | Should -Be '[-v][-c]'
        }

        It 'may be options that no parameter begins like' {
            Invoke-Landlocked printf '[%s]' -j2 --foo -x -- -v | Should -Be '[-j2][--foo][-x][-v]'
        }

        It 'follow parameters written before --' {
            Invoke-Landlocked -ReadOnly /usr -- printf '[%s]' -j2 -ReadOnly /y | Should -Be '[-j2][-ReadOnly][/y]'
        }

        It 'leave the parameters of the cmdlet to the cmdlet if these are written in full' {
            Invoke-Landlocked cat "$folder/a.txt" -ReadData $folder | Should -Be a
        }

        It 'are taken from -ArgumentList' {
            Invoke-Landlocked -Command printf -ArgumentList '[%s]', a, -v | Should -Be '[a][-v]'
        }

        It 'may hold whatever was splatted' {
            $splat = @{ ReadData = $folder }
            $list = 'cat', "$folder/a.txt", "$folder/b.txt"
            Invoke-Landlocked @splat -- @list | Should -Be a, b
        }
    }

    Context 'values of the environment' {
        It 'become text as PowerShell makes it' {
            $culture = [cultureinfo]::CurrentCulture
            [cultureinfo]::CurrentCulture = 'de-DE'
            try { Invoke-Landlocked -Environment @{ LIST = 'a', 'b'; NUMBER = 1.5; TRUTH = $true } -- printenv LIST NUMBER TRUTH | Should -Be 'a b', '1.5', 'True' }
            finally { [cultureinfo]::CurrentCulture = $culture }
        }

        It 'are an error if they are missing, and name the parameter: -<_>' -ForEach 'Environment', 'PassEnvironment', 'RemoveEnvironment', 'Unrestricted' {
            $missing = @{ $_ = $null }
            $failure = Get-TerminatingError { Invoke-Landlocked @missing -- true }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'ParameterArgumentValidationError,LandlockPS.InvokeLandlockedCommand'
            $failure.Exception.Message | Should -Match "parameter '$_'"
        }
    }

    Context 'arguments in another process' {
        It 'knows -- in a script block of plain commands, which the engine sends word by word' {
            $job = Start-Job ([scriptblock]::Create("Import-Module '$((Get-Module LandlockPS).Path)'; Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo `"`$0 `$@`"' -- -v"))
            $job | Receive-Job -Wait | Should -Be '-- -v'
            $job | Remove-Job
        }
    }

    Context 'a path that is empty' {
        It 'is refused, and is not the current directory: <Name>' -TestCases @(
            foreach ($parameter in 'ReadData', 'ReadOnly', 'Edit', 'ReadWrite', 'ReadWriteExecute', 'UnixSocket') {
                @{ Name = "-$parameter ''"; Paths = @{ $parameter = '' } }
                @{ Name = "-$parameter `$null"; Paths = @{ $parameter = $null } }
                @{ Name = "-$parameter /usr, `$null"; Paths = @{ $parameter = '/usr', $null } }
            }
        ) {
            Push-Location $folder
            try { $failure = Get-TerminatingError { Invoke-Landlocked @Paths -- cat a.txt } }
            finally { Pop-Location }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidPath,LandlockPS.InvokeLandlockedCommand'
            $failure.Exception.Message | Should -BeExactly "A path is empty, as of a variable that is not set; write '.' for the current directory."
            $LASTEXITCODE | Should -Be 125
        }

        It 'is none if the list is empty' {
            Invoke-Landlocked -ReadOnly @() -- printf x | Should -Be x
        }
    }

    Context 'an option that a parameter took away' {
        It 'is reported if a function handed it on: <Option>' -TestCases @(
            @{ Option = '-l' }
            @{ Option = '-p' }
            @{ Option = '-v' }
            @{ Option = '-NoBaseline' }
        ) {
            function Use-Box { Invoke-Landlocked -- printf '[%s]' @args }
            $failure = Get-TerminatingError ([scriptblock]::Create("Use-Box $Option x"))
            $failure.FullyQualifiedErrorId | Should -BeExactly 'OptionSwallowed,LandlockPS.InvokeLandlockedCommand'
            $failure.Exception.Message | Should -BeExactly "'$Option' was taken as a parameter of Invoke-Landlocked. PowerShell hands on what @args holds as parameters, behind -- too; nothing was run."
            $failure.ErrorDetails.RecommendedAction | Should -BeExactly "Write: Invoke-Landlocked -- printf '[%s]' `$args"
        }

        It 'is not one of a function that passes input on by a steppable pipeline' {
            function Use-Box {
                [CmdletBinding()] param([string] $Name, [string] $v, [Parameter(ValueFromPipeline)] $InputObject)
                begin {
                    $pipeline = { Invoke-Landlocked -- cat }.GetSteppablePipeline($MyInvocation.CommandOrigin)
                    $pipeline.Begin($PSCmdlet)
                }
                process { $pipeline.Process($_) }
                end { $pipeline.End() }
            }
            'text' | Use-Box name -v value | Should -Be text
        }

        It 'is reported by a proxy' {
            $body = [System.Management.Automation.ProxyCommand]::Create([System.Management.Automation.CommandMetadata]::new((Get-Command Invoke-Landlocked)))
            Set-Item function:Use-Proxy ([scriptblock]::Create($body))
            (Get-TerminatingError { Use-Proxy -ReadOnly /usr ls -l /usr }).FullyQualifiedErrorId | Should -BeExactly 'OptionSwallowed,LandlockPS.InvokeLandlockedCommand'
            Use-Proxy -ReadOnly /usr -- printf '[%s]' 1,2 -l | Should -Be '[1,2][-l]'
        }

        It 'is reported if a function handed it on with the command' {
            function Use-Box { Invoke-Landlocked @args }
            $failure = Get-TerminatingError { Use-Box -ReadOnly /usr printf '[%s]' -l }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'OptionSwallowed,LandlockPS.InvokeLandlockedCommand'
            $failure.ErrorDetails.RecommendedAction | Should -BeExactly 'Write: $command, $rest = $args; Invoke-Landlocked ... -- $command $rest'
            Use-Box -ReadOnly /usr printf '[%s]' x | Should -Be '[x]'
            Use-Box -ReadOnly /usr -- printf '[%s]' -l | Should -Be '[-l]'
        }

        It 'is reported: <Name>' -TestCases @(
            @{ Name = 'Verbose'; Option = '-v'; Run = { Invoke-Landlocked grep -v x } }
            @{ Name = 'Debug'; Option = '-d'; Run = { Invoke-Landlocked cut -d : } }
            @{ Name = 'a value'; Option = '-a'; Run = { Invoke-Landlocked ls -a / } }
            @{ Name = 'ambiguous'; Option = '-c'; Run = { Invoke-Landlocked sh -c 'exit 3' } }
            @{ Name = 'ambiguous common parameters'; Option = '-o'; Run = { Invoke-Landlocked sort -o x } }
            @{ Name = 'in upper case'; Option = '-E'; Run = { Invoke-Landlocked grep -E x } }
            @{ Name = 'an alias'; Option = '-cf'; Run = { Invoke-Landlocked tar -cf x.tar . } }
            @{ Name = 'with a value'; Option = '-v:1'; Run = { Invoke-Landlocked nl -v:1 } }
            @{ Name = 'behind parameters'; Option = '-v'; Run = { Invoke-Landlocked -ReadOnly /usr grep -v x } }
            @{ Name = 'behind a switch'; Option = '-v'; Run = { Invoke-Landlocked -NoBaseline grep -v x } }
            @{ Name = 'behind -Command'; Option = '-v'; Run = { Invoke-Landlocked -Command grep -v x } }
            @{ Name = 'on another line'; Option = '-v'; Run = { Invoke-Landlocked -ReadOnly /usr `
                        grep x `
                        -v } }
            @{ Name = 'in a nested pipeline'; Option = '-v'; Run = { if ($true) { $(foreach ($i in 1) { 'x' | Invoke-Landlocked grep -v x | ForEach-Object { $_ } }) } } }
            @{ Name = 'behind a pipe on another line'; Option = '-v'; Run = { 'x' |
                        Invoke-Landlocked grep `
                            -v x } }
            @{ Name = 'behind splatted parameters'; Option = '-v'; Run = { $with = @{ ReadOnly = '/usr' }; Invoke-Landlocked @with grep -v x } }
            @{ Name = 'behind a variable'; Option = '-v'; Run = { $name = 'grep'; Invoke-Landlocked $name -v x } }
            @{ Name = 'behind an argument'; Option = '-v'; Run = { Invoke-Landlocked grep x -v } }
        ) {
            $failure = Get-TerminatingError $Run
            $failure.FullyQualifiedErrorId | Should -Be 'OptionSwallowed,LandlockPS.InvokeLandlockedCommand'
            $failure.TargetObject | Should -BeExactly $Option
            $failure.Exception.Message | Should -Match ([regex]::Escape("'$Option'"))
            $failure.Exception.Message | Should -Match '-- '
            $failure.ErrorDetails.RecommendedAction | Should -Match ([regex]::Escape("-- "))
            $failure.CategoryInfo.Category | Should -Be InvalidArgument
        }

        It 'is reported with the call as it should be written' {
            $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly /usr sh -c 'exit 3' }
            $failure.ErrorDetails.RecommendedAction | Should -Be "Write: Invoke-Landlocked -ReadOnly /usr -- sh -c 'exit 3'"
        }

        It 'is never silently lost: -<_>' -TestCases ([char[]]'abcdefghijklmnopqrstuvwxyz') {
            # Each letter is either passed on or reported; which one depends on the names of parameters.
            $option = "-$_"
            try {
                # A string of code, because the option has to be written as a word.
                $passed = [scriptblock]::Create("Invoke-Landlocked printf '[%s]' $option").Invoke()
                "$passed" | Should -Be "[$option]"
            }
            catch [System.Management.Automation.MethodInvocationException] {
                $_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId | Should -Match '^(OptionSwallowed|MissingArgument),'
            }
        }

        It 'is the own parameter before the command' {
            $verbose = Invoke-Landlocked -vb true 4>&1
            $verbose | Should -Not -BeNullOrEmpty
        }
    }

    Context 'what is granted' {
        It 'is nothing but what the command itself needs' {
            Invoke-Landlocked -- cat "$TestDrive/secret" 2>&1 | Should -Match 'Permission denied'
            Invoke-Landlocked -- ls $folder 2>&1 | Should -Match 'Permission denied'
        }

        It '-ReadData reads and lists' {
            Invoke-Landlocked -ReadData $folder -- ls $folder | Should -Be a.txt, b.txt
            Invoke-Landlocked -ReadData $folder -- cat "$folder/a.txt" | Should -Be a
            $program = Copy-Item (Get-Command true -CommandType Application)[0].Source "$folder/run" -PassThru
            Invoke-Landlocked -ReadData $folder -- sh -c "$program" 2>&1 | Should -Match 'Permission denied'
            Remove-Item $program
        }

        It '-ReadOnly executes too' {
            Invoke-Landlocked -ReadOnly /usr -- sh -c 'cat /dev/null && echo ran' | Should -Be ran
            Invoke-Landlocked -ReadOnly $folder -- sh -c "echo x > $folder/new" 2>&1 | Should -Match 'Permission denied'
        }

        It '-Edit changes what exists' {
            Invoke-Landlocked -Edit $folder -- sh -c "echo changed > $folder/b.txt"
            Get-Content "$folder/b.txt" | Should -Be changed
            Invoke-Landlocked -Edit $folder -- sh -c "echo x > $folder/new" 2>&1 | Should -Match 'Permission denied'
            "$folder/new" | Should -Not -Exist
        }

        It '-ReadWrite creates and removes' {
            Invoke-Landlocked -ReadWrite $folder -ReadOnly /usr -- sh -c "echo x > $folder/new && mkdir $folder/dir && rmdir $folder/dir && cat $folder/new && rm $folder/new" | Should -Be x
            $LASTEXITCODE | Should -Be 0
        }

        It '-ReadWrite does not execute' {
            $program = Write-Program data/script 'echo ran'
            (Invoke-Landlocked -ReadWrite $folder -- sh -c $program 2>&1) -join ' ' | Should -Match 'Permission denied'
            Invoke-Landlocked -ReadWriteExecute $folder -- sh -c $program | Should -Be ran
            Remove-Item $program
        }

        It 'may be several paths' {
            Invoke-Landlocked -ReadData $folder, "$TestDrive/secret" -- cat "$folder/a.txt" "$TestDrive/secret" | Should -Be a, secret
        }

        It 'may be a wildcard' {
            $output = Invoke-Landlocked -ReadData "$folder/a*" -- cat "$folder/a.txt" "$folder/b.txt" 2>"$TestDrive/err"
            $output | Should -Be a
            Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
        }

        It 'may be a drive' {
            $null = New-PSDrive -Name LandlockTest -PSProvider FileSystem -Root $folder
            try { Invoke-Landlocked -ReadData LandlockTest:/ -- cat "$folder/a.txt" | Should -Be a }
            finally { Remove-PSDrive LandlockTest }
        }

        It 'starts at ~ if told so' {
            # What is written in the user's own place is not this test's business: the plan is enough.
            (Invoke-Landlocked -ReadData ~ -Verbose -- true 4>&1) -join "`n" | Should -Match ([regex]::Escape($HOME))
        }

        It 'is relative to the location of the session, not of the process' {
            Push-Location $folder
            try {
                [Environment]::CurrentDirectory | Should -Not -Be $folder
                Invoke-Landlocked -ReadData ./a.txt -- cat a.txt | Should -Be a
                Invoke-Landlocked -ReadData . -- cat ./a.txt | Should -Be a
            }
            finally { Pop-Location }
        }

        It 'of a command is relative to the location, which may be <Name>' -TestCases @(
            @{ Name = 'a drive'; Location = 'LandlockTest:' }
            @{ Name = 'a directory of a drive'; Location = 'LandlockTest:/deep/er' }
            @{ Name = 'a path of the provider'; Location = 'FileSystem::{0}/deep' }
            @{ Name = 'left for another provider'; Location = 'Env:' }
        ) {
            $null = New-Item -ItemType Directory "$folder/deep/er" -Force
            foreach ($place in '', 'deep', 'deep/er') {
                Set-Content "$folder/$place/where" "#!/bin/sh`necho '$place'"
                chmod +x "$folder/$place/where"
            }
            $null = New-PSDrive -Name LandlockTest -PSProvider FileSystem -Root $folder
            Push-Location $folder
            try {
                Set-Location ($Location -f $folder)
                $expected = (Get-Location -PSProvider FileSystem).ProviderPath.Substring($folder.Length).Trim('/')
                Invoke-Landlocked ./where | Should -Be $expected
            }
            finally {
                Pop-Location
                Remove-PSDrive LandlockTest
            }
        }

        It 'must exist, or nothing runs' {
            $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$folder/missing" -ReadWrite $folder -- touch "$folder/touched" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            $failure.CategoryInfo.Category | Should -Be ObjectNotFound
            $failure.TargetObject | Should -Be "$folder/missing"
            $failure.ErrorDetails.RecommendedAction | Should -Match 'IgnoreMissing'
            $LASTEXITCODE | Should -Be 125
            "$folder/touched" | Should -Not -Exist
        }

        It 'need not exist with -IgnoreMissing' {
            $output = Invoke-Landlocked -ReadOnly "$folder/missing" -IgnoreMissing -Verbose -- echo ran 4>&1
            $output[-1] | Should -Be ran
            $output -join "`n" | Should -Match 'missing'
        }

        It 'must match something' {
            $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$folder/*.missing" -- true }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        }

        It 'is not a path of another provider' {
            (Get-TerminatingError { Invoke-Landlocked -ReadOnly Env:/HOME -- true }).FullyQualifiedErrorId | Should -BeLike 'InvalidPath,*'
        }

        It 'includes /dev/null, unless -NoBaseline is given' {
            Invoke-Landlocked -- sh -c 'echo x > /dev/null && echo written' | Should -Be written
            Invoke-Landlocked -NoBaseline -- sh -c 'echo x > /dev/null && echo written' 2>&1 | Should -Match 'Permission denied'
        }

        It 'includes what a script of #! needs' {
            Invoke-Landlocked -- (Write-Program script 'echo "script $1"') argument | Should -Be 'script argument'
        }

        It 'lets a command be named by ~ or by a relative path' {
            $null = Write-Program local 'echo local'
            Push-Location $TestDrive
            try { Invoke-Landlocked ./local | Should -Be local }
            finally { Pop-Location }
        }

        It 'is everything for a part that is -Unrestricted' {
            Invoke-Landlocked -Unrestricted Fs -- cat "$TestDrive/secret" | Should -Be secret
        }
    }

    Context 'the state of the command' {
        It 'starts where the session is' {
            Push-Location $folder
            try { Invoke-Landlocked -- sh -c 'echo $PWD' | Should -Be $folder }
            finally { Pop-Location }
        }

        It 'starts in -WorkingDirectory' {
            Invoke-Landlocked -WorkingDirectory $folder -- sh -c 'echo $PWD' | Should -Be $folder
            Push-Location $TestDrive
            try { Invoke-Landlocked -WorkingDirectory data -- sh -c 'echo $PWD' | Should -Be $folder }
            finally { Pop-Location }
        }

        It 'does not start in a directory that is missing' {
            $failure = Get-TerminatingError { Invoke-Landlocked -WorkingDirectory "$folder/missing" -- true }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
            $failure.Exception.Message | Should -Match 'does not exist'
            $LASTEXITCODE | Should -Be 125
        }

        It 'has the environment of the session' {
            $env:LANDLOCKPS_TEST = 'inherited'
            try { Invoke-Landlocked -- sh -c 'echo $LANDLOCKPS_TEST' | Should -Be inherited }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
        }

        It 'sets and removes variables' {
            $env:LANDLOCKPS_TEST = 'inherited'
            try {
                Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = 'changed'; LANDLOCKPS_OTHER = 1 } -- sh -c 'echo $LANDLOCKPS_TEST $LANDLOCKPS_OTHER' | Should -Be 'changed 1'
                Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = $null } -- sh -c 'echo ${LANDLOCKPS_TEST-gone}' | Should -Be gone
                Invoke-Landlocked -Environment @{ LANDLOCKPS_TEST = '' } -- sh -c 'echo "${LANDLOCKPS_TEST-gone}."' | Should -Be .
                $env:LANDLOCKPS_TEST | Should -Be inherited
            }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
        }

        It 'has the limits that it was given, and the parent has not' {
            $limits = Invoke-Landlocked -MaxOpenFiles 64 -MaxCpuSeconds 9 -MaxFileSize 1MB -MaxMemory 1GB -ReadOnly /usr -- sh -c 'ulimit -n; ulimit -t; ulimit -f; ulimit -d'
            $limits | Should -Be 64, 9, 2048, 1048576
            sh -c 'ulimit -t' | Should -Be unlimited
            Invoke-Landlocked -MaxCpuSeconds 20 { (Get-Content /proc/self/limits) -match 'Max cpu time' } | Should -Match '20 +21'
            (Get-TerminatingError { Invoke-Landlocked -MaxOpenFiles 2 -- true }).Exception.Message | Should -Be '2 descriptors of each process cannot be a limit: at least 4 is needed; nothing was run.'
        }

        It 'can leave secrets and other variables behind' {
            $env:LANDLOCKPS_TOKEN = 'x'
            $env:LANDLOCKPS_PLAIN = 'y'
            try {
                $all = Invoke-Landlocked -- env
                $all | Should -Contain 'LANDLOCKPS_TOKEN=x'
                $safe = Invoke-Landlocked -RemoveSecret -- env
                $safe | Should -Contain 'LANDLOCKPS_PLAIN=y'
                $safe | Should -Not -Contain 'LANDLOCKPS_TOKEN=x'
                Invoke-Landlocked -RemoveSecret -PassEnvironment LANDLOCKPS_* -- env | Should -Contain 'LANDLOCKPS_TOKEN=x'
                Invoke-Landlocked -RemoveEnvironment *_PLAIN -- env | Should -Not -Contain 'LANDLOCKPS_PLAIN=y'
                Invoke-Landlocked -CleanEnvironment -PassEnvironment LANDLOCKPS_P* -- env | Should -Contain 'LANDLOCKPS_PLAIN=y'
                Invoke-Landlocked -RemoveSecret { "$env:LANDLOCKPS_TOKEN|$env:LANDLOCKPS_PLAIN" } | Should -Be '|y'
                (TabExpansion2 'Invoke-Landlocked -RemoveEnvironment LANDLOCKPS_T').CompletionMatches.CompletionText | Should -Be LANDLOCKPS_TOKEN
            }
            finally { Remove-Item Env:/LANDLOCKPS_TOKEN, Env:/LANDLOCKPS_PLAIN }
            (Get-TerminatingError { Invoke-Landlocked -PassEnvironment HOME -- env }).Exception.Message | Should -BeLike "The whole environment is passed on anyway, with 'HOME'.*nothing was run."
        }

        It 'has a minimal environment with -CleanEnvironment' {
            $env:LANDLOCKPS_TEST = 'inherited'
            try { $names = Invoke-Landlocked -CleanEnvironment -Environment @{ ADDED = 'x' } -- env | ForEach-Object { $_.Split('=')[0] } }
            finally { Remove-Item Env:/LANDLOCKPS_TEST }
            $names | Should -Contain PATH
            $names | Should -Contain ADDED
            $names | Should -Not -Contain LANDLOCKPS_TEST
            $names | Should -Not -Contain PSModulePath
        }

        It 'refuses a variable whose name cannot be one' {
            foreach ($name in '', 'a=b', "a`0b") {
                $failure = Get-TerminatingError { Invoke-Landlocked -Environment @{ $name = 'x' } -- true }
                $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxSetupFailed,*'
                $failure.Exception.Message | Should -Match 'environment variable'
            }
        }

        It 'has no descriptor but 0, 1 and 2' {
            # The fourth is the directory that ls itself reads.
            (Invoke-Landlocked -ReadData /proc -- ls /proc/self/fd).Count | Should -Be 4
        }

        It 'has default signals, as without a sandbox' {
            $lines = '^Sig(Blk|Ign)'
            $inside = Invoke-Landlocked -ReadData /proc -- grep -E $lines /proc/self/status
            $inside | Should -Be (grep -E $lines /proc/self/status)
        }

        It 'is restricted' {
            Invoke-Landlocked -ReadData /proc -- grep NoNewPrivs /proc/self/status | Should -Match '1$'
        }
    }

    Context 'the network' -Skip:($abi -lt 4) {
        BeforeAll {
            $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
            $listener.Start()
            $port = $listener.LocalEndpoint.Port
            $connect = "exec 3<>/dev/tcp/127.0.0.1/$port && echo connected"
        }

        AfterAll {
            $listener.Stop()
        }

        It 'is closed' {
            Invoke-Landlocked -- bash -c $connect 2>&1 | Out-String | Should -Match 'Permission denied'
        }

        It 'opens by port' {
            Invoke-Landlocked -ConnectTcp $port -- bash -c $connect | Should -Be connected
        }

        It 'opens as a whole' {
            Invoke-Landlocked -Unrestricted Net -- bash -c $connect | Should -Be connected
        }

        It 'binds by port' -Skip:(-not (Get-Command python3 -CommandType Application -ErrorAction Ignore)) {
            $python = (python3 -c 'import os, sys; print(os.path.realpath(sys.executable)); print(sys.prefix); print(sys.base_prefix)')
            $bind = 'import socket, sys; s = socket.socket(); s.bind(("127.0.0.1", 0)); print("bound")'
            $grants = @('/usr') + @($python[1..2] | Select-Object -Unique)
            Invoke-Landlocked -ReadOnly $grants -BindTcp 0 -- $python[0] -c $bind | Should -Be bound
            Invoke-Landlocked -ReadOnly $grants -BindTcp 1 -- $python[0] -c $bind 2>&1 | Out-String | Should -Match 'Permission'
        }
    }

    Context 'signals' -Skip:($abi -lt 6) {
        BeforeAll {
            $outside = Start-Process sleep 300 -PassThru
        }

        AfterAll {
            $outside | Stop-Process -ErrorAction Ignore
        }

        It 'do not leave the sandbox' {
            Invoke-Landlocked -- sh -c "kill -0 $($outside.Id)" 2>&1 | Out-String | Should -Match 'not permitted'
            Invoke-Landlocked -- sh -c "kill $($outside.Id)" 2>&1 | Out-String | Should -Match 'not permitted'
            $outside.HasExited | Should -BeFalse
        }

        It 'leave it if scopes are unrestricted' {
            Invoke-Landlocked -Unrestricted Scope -- sh -c "kill -0 $($outside.Id) && echo reached" | Should -Be reached
        }

        It 'reach processes inside' {
            Invoke-Landlocked -ReadOnly /usr -- sh -c 'sleep 100 & kill $! && wait $!; echo $?' 2>$null | Should -Be 143
        }
    }

    Context 'layers' {
        BeforeAll {
            $a = New-LandlockRuleset a | Add-LandlockPathRule "$folder/a.txt" ReadData
            $ab = New-LandlockRuleset ab | Add-LandlockPathRule "$folder/a.txt", "$folder/b.txt" ReadData
        }

        It 'are made of a ruleset' {
            $a | Invoke-Landlocked -- cat "$folder/a.txt" | Should -Be a
            Invoke-Landlocked -Ruleset $a -- cat "$folder/a.txt" | Should -Be a
        }

        It 'all have to allow an access' {
            $inputs = @(@{ Piped = $a, $ab }, @{ Piped = $ab, $a })
            foreach ($case in $inputs) {
                $output = $case.Piped | Invoke-Landlocked -- cat "$folder/a.txt" "$folder/b.txt" 2>"$TestDrive/err"
                $output | Should -Be a
                Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
            }

            $output = Invoke-Landlocked -Ruleset $a, $ab -- cat "$folder/a.txt" "$folder/b.txt" 2>"$TestDrive/err"
            $output | Should -Be a
            Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
        }

        It 'get the paths and ports of the command, each of them' {
            $a, $ab | Invoke-Landlocked -ReadData "$TestDrive/secret" -- cat "$folder/a.txt" "$TestDrive/secret" | Should -Be a, secret
        }

        It 'may be 16' {
            1..16 | ForEach-Object { New-LandlockRuleset } | Invoke-Landlocked -- echo ran | Should -Be ran
        }

        It 'may not be 17' {
            $failure = Get-TerminatingError { 1..17 | ForEach-Object { New-LandlockRuleset } | Invoke-Landlocked -- echo ran }
            $failure.FullyQualifiedErrorId | Should -BeLike 'TooManyLayers,*'
            $failure.CategoryInfo.Category | Should -Be LimitsExceeded
            $failure.Exception.Message | Should -Match '17.*16'
            $LASTEXITCODE | Should -Be 125
        }

        It 'nest' {
            $module = Resolve-Path "$PSScriptRoot/../../out/LandlockPS"
            $output = Invoke-Landlocked -ReadData "$folder/a.txt" -ReadOnly /usr, /proc, /etc, /sys, /dev/urandom, $PSHOME, $module -Environment @{ DOTNET_EnableDiagnostics = '0' } -- "$PSHOME/pwsh" -NoProfile -Command "
                Import-Module '$module'
                Invoke-Landlocked -ReadData '$folder' -- cat '$folder/a.txt' '$folder/b.txt'" 2>"$TestDrive/err"
            $output | Should -Be a
            Get-Content "$TestDrive/err" | Should -Match 'b.txt: Permission denied'
        }

        It 'refuse -Unrestricted beside a ruleset' {
            $failure = Get-TerminatingError { $a | Invoke-Landlocked -Unrestricted Fs -- true }
            $failure.Exception.Message | Should -Match 'New-LandlockRuleset'
        }

        It 'are refused if they are none' {
            (Get-TerminatingError { Invoke-Landlocked -Ruleset text -- true }).Exception.Message | Should -Match 'New-LandlockRuleset'
        }
    }

    Context 'what the kernel lacks' -Skip:($abi -ge 10) {
        BeforeAll {
            # Written for a kernel that can do more than this one.
            $newer = New-LandlockRuleset newer -Abi 10
        }

        It 'is told in exactly one warning' {
            $warnings = $null
            $newer | Invoke-Landlocked -WarningVariable warnings -WarningAction SilentlyContinue -- echo ran | Should -Be ran
            $warnings | Should -HaveCount 1
            "$warnings" | Should -Match "ABI $abi"
        }

        It 'is told once for two layers' {
            $newer, $newer | Invoke-Landlocked -WarningVariable warnings -WarningAction SilentlyContinue -- true
            $warnings | Should -HaveCount 1
        }

        It 'is refused where it is required' {
            $failure = Get-TerminatingError { $newer | Invoke-Landlocked -Compatibility HardRequirement -- touch "$TestDrive/other/ran" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'Incompatible,*'
            $failure.CategoryInfo.Category | Should -Be NotImplemented
            $LASTEXITCODE | Should -Be 125
            "$TestDrive/other/ran" | Should -Not -Exist
        }

        It 'is not told where all is enforced' {
            Invoke-Landlocked -WarningVariable warnings -- true
            $warnings | Should -HaveCount 0
        }
    }

    Context '-WhatIf, -Verbose and -Confirm' {
        It 'shows the plan and runs nothing' {
            Invoke-Landlocked -WhatIf -ReadWrite "$TestDrive/other" -- touch "$TestDrive/other/ran"
            "$TestDrive/other/ran" | Should -Not -Exist
        }

        It 'shows what is granted' {
            # What -WhatIf says goes to the host alone, so another process has to listen.
            $text = (pwsh -NoProfile -Command "Import-Module '$PSScriptRoot/../../out/LandlockPS'; Invoke-Landlocked -WhatIf -ReadData '$folder' -- cat x") -join "`n"
            $text | Should -Match 'What if'
            $text | Should -Match ([regex]::Escape($folder))
            $text | Should -Match 'cat'
        }

        It 'follows $WhatIfPreference' {
            $WhatIfPreference = $true
            Invoke-Landlocked -ReadWrite "$TestDrive/other" -- touch "$TestDrive/other/ran"
            $WhatIfPreference = $false
            "$TestDrive/other/ran" | Should -Not -Exist
        }

        It 'tells the plan and runs' {
            $output = Invoke-Landlocked -Verbose -ReadData $folder -- echo ran 4>&1
            $output[-1] | Should -Be ran
            @($output | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }) -join "`n" | Should -Match ([regex]::Escape($folder))
        }

        It 'says nothing of its own otherwise' {
            Invoke-Landlocked -- echo ran *>&1 | Should -Be ran
        }
    }

    Context 'afterwards' {
        It 'leaves the session as free as before' {
            Invoke-Landlocked -- true
            [System.IO.File]::ReadAllText("$TestDrive/secret").Trim() | Should -Be secret
            Set-Content "$TestDrive/free" free
            Get-Content "$TestDrive/free" | Should -Be free
            (Get-Content /proc/self/status) -match '^NoNewPrivs' | Should -Be (@(pwsh -NoProfile -Command "(Get-Content /proc/self/status) -match '^NoNewPrivs'"))
        }

        It 'leaves no descriptor and no process' {
            $children = @(Get-ChildId)
            1..5 | ForEach-Object { Invoke-Landlocked -- true }
            $null = Get-TerminatingError { Invoke-Landlocked -- landlockps-no-such-command }
            $null = Get-TerminatingError { Invoke-Landlocked -NoClosure -- true }
            $null = Invoke-Landlocked -- sh -c 'echo x; echo y' | Select-Object -First 1
            Invoke-Landlocked -WhatIf -- true
            @(Get-PlanDescriptor) | Should -HaveCount 0
            Wait-Until { -not (Get-ChildId | Where-Object { $_ -notin $children }) } 5 | Should -BeTrue
        }

        It 'does not hand descriptors to other processes meanwhile' {
            $seen = Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo running; sleep 0.2' | ForEach-Object { ls -l /proc/self/fd }
            $seen -join "`n" | Should -Not -Match 'landlock'
        }
    }

    Context 'as a job' {
        It 'passes arguments on as they are' {
            $list = '*', '~', "a'b", 'c d', '', '$HOME', '-v'
            Push-Location $folder
            try { Invoke-Landlocked -AsJob -- printf '[%s]' @list | Receive-Job -Wait -AutoRemoveJob | Should -Be "[*][~][a'b][c d][][`$HOME][-v]" }
            finally { Pop-Location }
        }
    }

    Context 'many at once' {
        It 'runs in parallel pipelines' {
            $module = "$PSScriptRoot/../../out/LandlockPS"
            $results = 1..12 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:module
                Invoke-Landlocked -ReadData "$using:folder/a.txt" -- sh -c "read x < $using:folder/a.txt; echo $_ `$x"
            }
            $results | Sort-Object { [int]($_ -split ' ')[0] } | Should -Be (1..12 | ForEach-Object { "$_ a" })
        }

        It 'keeps plans apart' {
            $module = "$PSScriptRoot/../../out/LandlockPS"
            $results = 1..12 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:module
                (Invoke-Landlocked -ReadData /proc -- ls /proc/self/fd).Count
            }
            $results | Should -Be (@(4) * 12)
        }
    }

    Context 'in a terminal' -Skip:$noTerminal {
        BeforeAll {
            $terminal = Open-Terminal
        }

        AfterAll {
            Close-Terminal $terminal
        }

        It 'gives the terminal to the command' {
            Send-Terminal $terminal "Invoke-Landlocked -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo is a term\inal'"
            Wait-Terminal $terminal '(?m)^is a terminal$'
        }

        It 'gives it after a ruleset from the pipeline, too' {
            Send-Terminal $terminal "New-LandlockRuleset | Invoke-Landlocked -- sh -c 'test -t 0 && test -t 1 && echo also a term\inal'"
            Wait-Terminal $terminal '(?m)^also a terminal$'
        }

        It 'does not give it for what is assigned or piped' {
            Send-Terminal $terminal "`$x = Invoke-Landlocked -- sh -c 'test -t 0 && echo in; test -t 1 || echo not out'; `"got `$x`""
            Wait-Terminal $terminal '(?m)^got in not out$'
        }

        It 'lets the command read what is typed' {
            Send-Terminal $terminal "Invoke-Landlocked -- sh -c 'echo what?; read line; echo you said `$line'"
            Wait-Terminal $terminal '(?m)^what\?$'
            Send-Terminal $terminal hello
            Wait-Terminal $terminal '(?m)^you said hello$'
        }

        It 'stops the command on Ctrl+C and comes back' {
            $mark = "300.$(Get-Random)"
            Send-Terminal $terminal "Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo begun; sleep $mark; :'"
            Wait-Terminal $terminal '(?m)^begun$'
            Send-TerminalKey $terminal C-c
            Wait-Until { -not (Get-ProcessWith "sleep`0$mark") } | Should -BeTrue
            Send-Terminal $terminal "'still ' + 'here'"
            Wait-Terminal $terminal '(?m)^still here$'
        }

        It 'stops a command whose output is piped on Ctrl+C' {
            $mark = "300.$(Get-Random)"
            Send-Terminal $terminal "Invoke-Landlocked -ReadOnly /usr -- sh -c 'echo pi\ped; sleep $mark; :' | ForEach-Object { `"<`$_>`" }"
            Wait-Terminal $terminal '(?m)^<piped>$'
            Send-TerminalKey $terminal C-c
            Wait-Until { -not (Get-ProcessWith "sleep`0$mark") } | Should -BeTrue
            Send-Terminal $terminal "'here ' + 'again'"
            Wait-Terminal $terminal '(?m)^here again$'
        }

        It 'shows an error without noise' {
            Send-Terminal $terminal 'Clear-Host; Invoke-Landlocked -- landlockps-no-such-command'
            Wait-Terminal $terminal 'was not found in PATH'
            $screen = Read-Terminal $terminal
            $screen | Should -Not -Match 'landlock-exec|LaunchException|   at '
        }
    }

    It 'leaves out what -Except names' {
        $null = New-Item -ItemType Directory "$TestDrive/all/secret", "$TestDrive/all/open"
        Set-Content "$TestDrive/all/secret/key" key
        Set-Content "$TestDrive/all/open/file" content
        Invoke-Landlocked -ReadOnly "$TestDrive/all" -Except "$TestDrive/all/sec*" -- cat "$TestDrive/all/open/file" | Should -Be content
        Invoke-Landlocked -ReadOnly "$TestDrive/all" -Except "$TestDrive/all/secret" { Get-Content "$using:TestDrive/all/open/file"; try { Get-Content "$using:TestDrive/all/secret/key" -ErrorAction Stop } catch { 'denied' } } | Should -Be content, denied
        $failure = Get-TerminatingError { Invoke-Landlocked -ReadOnly "$TestDrive/all" -Except "$TestDrive/all/none" -- true }
        $failure.FullyQualifiedErrorId | Should -Be 'PathNotFound,LandlockPS.InvokeLandlockedCommand'
        $LASTEXITCODE | Should -Be 125
    }
}
