[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingPositionalParameters', '', Justification = 'How words are handed on is tested here.')]
param()

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Invoke-Landlocked with a native command: its arguments' {
    BeforeAll {
        $folder = Initialize-SampleFolder
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

        It 'are what they are when typed bare, patterns and ~ too: <Name>' -TestCases @(
            @{ Name = 'patterns'; Bare = { & $program *.txt '*.txt' "*.txt" [ab]*.txt nope* -x*.txt }; Boxed = { Invoke-Landlocked -- $program *.txt '*.txt' "*.txt" [ab]*.txt nope* -x*.txt } }
            @{ Name = 'without --'; Bare = { & $program *.txt 1.0 0x10 }; Boxed = { Invoke-Landlocked $program *.txt 1.0 0x10 } }
            @{ Name = 'a path'; Bare = { & $program "$folder/*.txt" }; Boxed = { Invoke-Landlocked -- $program "$folder/*.txt" } }
            @{ Name = 'the home directory'; Bare = { & $program ~ '~' ~/x "~/x" a~ }; Boxed = { Invoke-Landlocked -- $program ~ '~' ~/x "~/x" a~ } }
            @{
                Name = 'the stop-parsing token'
                Bare = {
                    & $program x --% a "b c" 'd' %HOME% $x \"q\"
                }
                Boxed = {
                    Invoke-Landlocked -- $program x --% a "b c" 'd' %HOME% $x \"q\"
                }
            }
            @{ Name = 'the name of the program'; Bare = { sh -c 'echo "$0"' }; Boxed = { Invoke-Landlocked -- sh -c 'echo "$0"' } }
        ) {
            $program = Write-Program show-words 'printf "%s:" $#; printf "[%s]" "$0" "$@"'
            Push-Location $folder
            try { & $Boxed | Should -Be (& $Bare) }
            finally { Pop-Location }
        }

        It 'are taken apart in the style Legacy as the engine does it' {
            $program = Write-Program show-words 'printf "%s:" $#; printf "[%s]" "$@"'
            $PSNativeCommandArgumentPassing = 'Legacy'
            $letters = 'a', ' ', '"', '\', "'", "`t"
            $random = [random]::new(5)
            foreach ($round in 1..60) {
                $list = @(1..$random.Next(1, 4) | ForEach-Object { -join @(1..$random.Next(1, 8) | ForEach-Object { $letters[$random.Next($letters.Count)] }) })
                Invoke-Landlocked -- $program @list | Should -BeExactly (& $program @list) -Because ($list -join '|')
            }
        }

        It 'are refused where no program can get them: <Name>' -TestCases @(
            @{ Name = 'NUL'; Argument = "a`0`e[1mb"; Message = "The argument 'a\x00\x1b``[1mb' holds a NUL character, which no path, argument or environment entry can hold; nothing was run."; Id = 'InvalidArgument' }
            @{ Name = 'half a pair'; Argument = "a$([char]0xD800)b"; Message = "The argument 'a\ud800b' holds half of a surrogate pair (U+D800), which stands for no byte; nothing was run."; Id = 'InvalidArgument' }
            @{ Name = 'a block'; Argument = { 1 }; Message = "'{ 1 }' is a script block, and no argument of a native command; nothing was run."; Id = 'BlockIsArgument' }
        ) {
            { Invoke-Landlocked -- printf '[%s]' $Argument } | Should -Throw $Message -ErrorId "$Id,*"
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
            $expected = . ([scriptblock]::Create("printf '[%s]' $Text"))
            . ([scriptblock]::Create("Invoke-Landlocked -- printf '[%s]' $Text")) | Should -Be $expected
            . ([scriptblock]::Create("Invoke-Landlocked -ReadOnly /usr printf '[%s]' -- $Text")) | Should -Be $expected
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
                    $null = $Name, $v
                }
                process { $pipeline.Process($_) }
                end { $pipeline.End() }
            }
            'text' | Use-Box -Name name -v value | Should -Be text
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
}
