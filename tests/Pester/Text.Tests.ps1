BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noLandlock = -not (Get-LandlockSupport).IsAvailable
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # Not public, but all that is shown comes from them.
    $library = [Landlock.Rulesets.Ruleset].Assembly
    $script:posixText, $script:powerShellText = $library.GetType('Landlock.Text.PosixText'), $library.GetType('Landlock.Text.PowerShellText')
    $script:denialAssembler, $script:auditRecord = $library.GetType('Landlock.Denials.DenialAssembler'), $library.GetType('Landlock.Denials.AuditRecord')

    # Each gives PowerShell a string that it would have ended, or the terminal something to obey.
    $script:hostile = @(
        "a`u{2019}; Set-Content pwned 1; #`u{2018}"
        "it's"
        "`u{201c}`$(Set-Content pwned 1)`u{201d}"
        "e`e]0;owned`a`nx"
        "z`u{200b}`u{e0061}`u{2028}`u{202e}"
        "``u{1b}"
        "tab`tnul`u{9b}2K"
    )

    # Every character that stands alone in a .NET string, bytes that are not UTF-8 too, and some beyond.
    $script:characters = @(1..0xd7ff; 0xdc80..0xdcff; 0xe000..0xffff).ForEach({ [string][char]$_ }) + @(0x1f600, 0xe0001, 0xe0061, 0xe007f, 0xe0100, 0x10fffd).ForEach({ [char]::ConvertFromUtf32($_) })
    $script:names = @($characters; $characters.ForEach({ "/srv/a$_'$($_)7" }); '--', '-rf', '1', '0x10', '1e3', '.5', '1kb', '@x', '~', '--%', '', 'a,b', 'x:', '`$x', '$x', '%', '?', '#', 'if', '{', '(')

    # The arguments of the one command that a text is; an error if it is anything else.
    function Read-Call([string] $Text) {
        $tokens = $errors = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref]$tokens, [ref]$errors)
        if ($errors.Count -or $ast.EndBlock.Statements.Count -ne 1 -or $ast.EndBlock.Statements[0].PipelineElements.Count -ne 1) { throw "No single command: $Text" }
        foreach ($element in $ast.EndBlock.Statements[0].PipelineElements[0].CommandElements | Select-Object -Skip 1) {
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value }
            elseif ($element -isnot [System.Management.Automation.Language.CommandParameterAst]) { throw "No plain string: $($element.Extent.Text)" }
        }
    }

    # What acts on a terminal, or is not seen.
    $script:raw = '[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]'
}

Describe 'Text for PowerShell' {
    It 'is read back as exactly the name, whatever characters it has' {
        $texts = $names.ForEach({ $powerShellText::Argument($_) })
        $read = @(Read-Call "x $($texts -join ' ')")
        $read.Count | Should -Be $names.Count
        @(0..($names.Count - 1)).Where({ $read[$_] -cne $names[$_] -or $read[$_].Length -ne $names[$_].Length }) | Should -BeNullOrEmpty
        # And by what runs it, not only by what parses it.
        $got = & ([scriptblock]::Create("Write-Output $($texts[0..4999] -join ' ')"))
        [string]::Join("`0", $got) | Should -BeExactly ([string]::Join("`0", $names[0..4999]))
    }

    It 'prints nothing that acts on a terminal' {
        $seen = $names.ForEach({ $powerShellText::Argument($_); $powerShellText::Literal($_); $posixText::Printable($_) })
        $seen.Where({ $_.Replace("`u{1f600}", '') -cmatch $raw }) | Should -BeNullOrEmpty
    }
}

Describe 'A name in what is suggested' {
    It 'is that name and nothing else: the rule that a denial misses' {
        # As the kernel's log has them: one denial for each character.
        $paths = $names.Where({ -not $_.Contains('/') -and $_ -notin '', '.', '..' }).ForEach({ "/srv/$_" })[0..4999]
        $assembler = [System.Activator]::CreateInstance($denialAssembler)
        $serial = 0
        $denials = @(
            foreach ($path in $paths) {
                $serial++
                $hex = [Convert]::ToHexString($posixText::Encode($path))
                $assembler.Add($auditRecord::Parse(1423, "audit(1.000:$serial): domain=1 blockers=fs.read_file path=$hex"))
            }
            $assembler.Flush()
        )
        $call = "x $($denials.Fix -join ' ')"
        $call | Should -Not -Match $raw
        [string]::Join("`0", @(Read-Call $call)) | Should -BeExactly ([string]::Join("`0", $paths))
    }

    It 'is that name and nothing else: what a profile or a variable is completed to' {
        [System.Environment]::SetEnvironmentVariable("LLTEST`u{2019}; x", '1')
        try {
            $completed = @(Complete 'Invoke-Landlocked -PassEnvironment LLTEST')
            $completed.Count | Should -Be 1
            Read-Call "x $($completed[0].CompletionText)" | Should -BeExactly "LLTEST`u{2019}; x"
        }
        finally {
            [System.Environment]::SetEnvironmentVariable("LLTEST`u{2019}; x", $null)
        }
    }
}

Describe 'A view' {
    BeforeAll {
        $module = (Get-Module LandlockPS).ModuleBase
        $script:seen = "x`u{1b}]0;owned`a`nnew`u{85}`u{200b}`u{202e}`u{2028}`u{e0061}`u{fe0f}y"
        $path = "/srv/$seen"
        # Rendered as for a terminal: what the engine takes out for a pipe would not be seen here.
        function Get-Rendered($Object) {
            $before = $PSStyle.OutputRendering
            $PSStyle.OutputRendering = 'Ansi'
            try {
                # Colours are ours.
                ($Object | Format-Table -AutoSize | Out-String -Width 2000) + ($Object | Format-List | Out-String -Width 2000) + ($Object | Out-String -Width 2000) -replace '\e\[[0-9;]*m'
            }
            finally {
                $PSStyle.OutputRendering = $before
            }
        }

        $record = [Landlock.Tracing.TraceReport]::Read([System.Text.Encoding]::UTF8.GetBytes((@{ operation = 'open'; path = $path; other = $path; access = @('read_file'); errno = 13; count = 1; program = $path; pid = 1 } | ConvertTo-Json -Compress) + "`n")).Records[0]
        $explanation = [Landlock.Denials.DenialExplanation]::new()
        $explanation.Operation, $explanation.Path, $explanation.Note, $explanation.Count = 'open', $path, $seen, 1
        $explanation.Paths = $explanation.Programs = [System.Collections.Immutable.ImmutableArray]::Create[string]([string[]]@($path))
        $assembler = [System.Activator]::CreateInstance($denialAssembler)
        $hex = [Convert]::ToHexString($posixText::Encode($path))
        $thread = [Convert]::ToHexString($posixText::Encode($seen))
        $null = $assembler.Add($auditRecord::Parse(1424, "audit(1.000:1): domain=1 status=allocated comm=$thread"))
        $null = $assembler.Add($auditRecord::Parse(1300, "audit(1.000:1): pid=1 exe=$hex comm=$thread"))
        $null = $assembler.Add($auditRecord::Parse(1423, "audit(1.000:1): domain=1 blockers=fs.read_file path=$hex"))
        $ruleset = New-LandlockRuleset $seen | Add-LandlockPathRule -LiteralPath $path -Access ReadOnly -Optional
        $null = New-Item -ItemType Directory "$TestDrive/$seen"
        $script:shown = @{
            AccessRecord = $record
            DenialExplanation = $explanation
            LandlockDenial = @($assembler.Flush())[0]
            LearnedRule = [Landlock.Learning.LearnedRule]::new('Granted', $path, 'ReadFile', 'None', 1, 2, $seen)
            Ruleset = $ruleset
            PathRule = $ruleset.PathRules[0]
            AccessTest = Test-LandlockAccess -LiteralPath $path -Access read_file -Ruleset $ruleset
            AccessTreeEntry = @(Show-LandlockAccess "$TestDrive" -Ruleset $ruleset)
            Status = Get-LandlockSupport -Ruleset $ruleset
        }
    }

    It 'shows no character of a name that acts on a terminal or is not seen: <_>' -TestCases 'AccessRecord', 'DenialExplanation', 'LandlockDenial', 'LearnedRule', 'Ruleset', 'PathRule', 'AccessTest', 'AccessTreeEntry', 'Status' {
        $object = $shown[$_]
        $object | Should -Not -BeNullOrEmpty
        foreach ($form in $object, [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($object, 4))) {
            $text = Get-Rendered $form
            $text | Should -Match 'owned'
            $text -replace '[\r\n]' | Should -Not -Match $raw
            "$object" | Should -Not -Match $raw
        }
    }

    It 'is not what the prompt shows either' -Skip:$noLandlock {
        $segment = Invoke-Landlocked -ReadOnly /usr { $env:LANDLOCKPS_SANDBOX = $using:seen; Import-Module $using:module; Get-LandlockPromptSegment }
        $segment | Should -BeLike '*owned*'
        $segment | Should -Not -Match $raw
    }
}

Describe 'A script' -Skip:$noLandlock {
    It 'is never made of a name: a job of a native command gets each word' {
        Push-Location $TestDrive
        try {
            $got = Invoke-Landlocked -ReadOnly /usr -AsJob -- printf '[%s]' @hostile '*' '~' '-x' '' 'two words' | Receive-Job -Wait -AutoRemoveJob
            $got -join "`n" | Should -BeExactly "[$($hostile -join '][')][*][~][-x][][two words]"
            Test-Path pwned | Should -BeFalse
        }
        finally {
            Pop-Location
        }
    }

    It 'is never made of a name: the prompt of a session' {
        $name = $hostile -join ' '
        $session = New-LandlockSession -ReadOnly /usr -Name $name
        try {
            $prompt = Invoke-Command $session { "$(prompt)"; Test-Path pwned }
            $prompt[0] | Should -BeLike "landlock:$([WildcardPattern]::Escape($posixText::Printable($name))) PS *> "
            $prompt[1] | Should -BeFalse
        }
        finally {
            Remove-PSSession $session
        }
    }

    It 'is never made of a name: the folder of the module' {
        $folder = Join-Path $TestDrive "m`u{2019}; Set-Content pwned 1; #`u{2018}'" LandlockPS
        $null = New-Item -ItemType Directory (Split-Path $folder)
        Copy-Item -LiteralPath $ModulePath $folder -Recurse
        Set-Content $TestDrive/protected.ps1 'Import-Module $args[0]; Protect-LandlockScript -ReadOnly /usr; "in: $((Get-Module LandlockPS).ModuleBase)"'
        $said = pwsh -NoProfile -NonInteractive -File $TestDrive/protected.ps1 $folder
        $said | Should -BeExactly "in: $folder"
        Set-Content $TestDrive/hooked.ps1 'Import-Module $args[0]; Enable-LandlockShell Script; Start-Job { (Get-Module LandlockPS).ModuleBase } | Receive-Job -Wait'
        pwsh -NoProfile -NonInteractive -File $TestDrive/hooked.ps1 $folder | Should -BeExactly $folder
        Test-Path pwned | Should -BeFalse
    }

    It 'is never made of a name: a command that the shell hook refuses' {
        $folder = New-Item -ItemType Directory "$TestDrive/hook"
        foreach ($name in $hostile) { Copy-Item /usr/bin/true (Join-Path $folder $name) }
        Set-Content $TestDrive/refused.ps1 'Set-Location $args[1]; Import-Module $args[0]; Enable-LandlockShell -Scope Script; foreach ($file in [IO.Directory]::GetFiles($args[1])) { try { & "./$([IO.Path]::GetFileName($file))" } catch { "$_"; "$LASTEXITCODE" } }; Test-Path pwned'
        # Without these there is no place to look for profiles.
        $said = @(env -u HOME -u XDG_CONFIG_HOME pwsh -NoProfile -NonInteractive -File $TestDrive/refused.ps1 $ModulePath $folder)
        $said.Count | Should -Be (2 * $hostile.Count + 1)
        $said[-1] | Should -Be False
        $refused = $said[0..($said.Count - 2)] -ne '125'
        $refused | Should -Not -Match $raw
        @($refused.ForEach({ Read-Call ($_ -replace '^.* outside: nosandbox', 'x') }) | Sort-Object -CaseSensitive) | Should -BeExactly @($hostile.ForEach({ "./$_" }) | Sort-Object -CaseSensitive)
    }
}
