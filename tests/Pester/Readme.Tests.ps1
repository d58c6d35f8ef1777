BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/previews.ps1
    $noPreview = Get-PreviewObstacle
    $noLandlock = -not (Get-LandlockSupport).IsAvailable

    # What cannot run here, and why.
    $notRun = @{
        'dotnet test' = 'it runs this test'
        'Import-Module ./out/LandlockPS' = 'the module under test is imported already'
    }

    # Pages whose examples are lines to copy, in the order in which somebody reads them.
    $examples = foreach ($page in 'README.md', 'docs/commands.md', 'docs/profiles.md', 'docs/policies.md', 'docs/denials.md', 'docs/preview.md') {
        $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot "../../$page"))
        foreach ($block in [regex]::Matches($text, '(?s)```(powershell|sh)\n(.*?)```')) {
            $language = $block.Groups[1].Value
            # One piece for each statement: of PowerShell they may take several lines.
            $pieces = if ($language -eq 'sh') { $block.Groups[2].Value -split "`n" -notmatch '^\s*(#|$)' }
            else { [System.Management.Automation.Language.Parser]::ParseInput($block.Groups[2].Value, [ref] $null, [ref] $null).EndBlock.Statements.ForEach{ $_.Extent.Text } }
            # What is being tested is built already, and how depends on the caller.
            foreach ($piece in $pieces -replace '^dotnet build && ') {
                $reason = $notRun[$piece] ?? $(if ($noPreview -and ($page -eq 'docs/preview.md' -or $piece -match 'preview')) { "no preview can be had here: $noPreview" })
                @{ Page = $page; Language = $language; Code = $piece; Reason = $reason }
            }
        }
    }

    # The first one, the door to all others, has a test of its own.
    $first = $examples[0].Code
    $examples = @($examples | Select-Object -Skip 1)
    $stale = @($notRun.Keys | Where-Object { $_ -notin $examples.Code })
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = (Get-Module LandlockPS).ModuleBase
    $saved = Get-Location
    # A folder as the pages have in mind, for the shells that are started as well.
    Set-Location (New-Item -ItemType Directory "$TestDrive/readme")
    [Environment]::CurrentDirectory = "$TestDrive/readme"
    $null = New-Item -ItemType Directory out, cache, more
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../docs/policies.md'))
    Set-Content ci.toml ([regex]::Match($text, '(?s)```toml\n# ci.toml\n(.*?)```').Groups[1].Value)
    Copy-Item ci.toml new.toml
    Set-Content script "#!/bin/sh`nls /usr"
    chmod +x script
    Set-Content Makefile "all:`n`techo made > out/made"
    Set-Content build.ps1 "'built' > ./out/built"
    Set-Content install.sh 'echo installed > tool'
    git init -q .
    # A home directory as the pages have in mind.
    $null = New-Item -ItemType Directory "$TestDrive/home/notes", "$TestDrive/home/.local/bin"
    Set-Content "$TestDrive/home/notes/one" 'about a sandbox'
    # Previews lie beside what they cover.
    $state = $env:XDG_STATE_HOME
    $env:XDG_STATE_HOME = "$TestDrive/state"
    $base = New-LandlockRuleset base | Add-LandlockPathRule / -Access ReadWriteExecute
    $said = @{}
}

AfterAll {
    $env:XDG_STATE_HOME = $state
    Set-Location $saved
    [Environment]::CurrentDirectory = $saved.Path
}

Describe 'Examples of the README and of pages with lines to copy' -Skip:$noLandlock {
    AfterAll {
        # What the kernel works in can be entered by no user: only so it goes.
        Get-LandlockPreview | Undo-LandlockPreview
    }

    It 'are all run, but for those that this file lists' -TestCases @{ stale = $stale; count = $examples.Count } {
        $stale | Should -BeNullOrEmpty
        $count | Should -BeGreaterThan 40
    }

    It 'begin with a script that reads what is allowed, and nothing else' -TestCases @{ first = $first } {
        if ($env:LANDLOCKPS_PWSH) { Set-ItResult -Skipped -Because 'LANDLOCKPS_PWSH takes the place of the tool' }
        $said = sh -c 'cd "$1" && eval "$2" 2>&1' sh "$PSScriptRoot/../.." $first
        @($said -match '^README\.md: [1-9]\d+ words$').Count | Should -Be 1
        @($said -like '*words.sh: *: cannot open /etc/passwd: Permission denied').Count | Should -Be 1
        $said | Should -Contain '/etc/passwd: not readable'
    }

    It '<Page>, <Language>: <Code>' -ForEach $examples {
        if ($Reason) {
            Set-ItResult -Skipped -Because $Reason
            return
        }

        $global:LASTEXITCODE = 0
        if ($Language -eq 'sh') {
            $programs = (Get-Item "$module/bin/linux-*").FullName
            $inHome = if ($Code.Contains('~')) { "HOME='$TestDrive/home';" }
            $output = sh -c "PATH='${programs}':`$PATH; $inHome $Code" 2>&1
        }
        else {
            # Variables pass from one statement to the next.
            $output = . ([scriptblock]::Create($Code)) 2>&1
            foreach ($name in 'strict', 'rules', 'session') { if (Test-Path variable:$name) { Set-Variable -Scope script $name (Get-Variable -ValueOnly $name) } }
            $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        }

        # An example before has changed ci.toml.
        $LASTEXITCODE | Should -Be ($Code -like 'landlocked policy diff *' ? 1 : 0) -Because "it said: $output"
    }
}

Describe 'Pages' {
    BeforeDiscovery {
        $root = (Resolve-Path "$PSScriptRoot/../..").Path
        $pages = @('README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md') + @((Get-ChildItem "$root/docs" -Recurse -Filter *.md).FullName.Substring($root.Length + 1))
        # What somebody reads. Rows about attempts have the words of their tests.
        $texts = @($pages | Where-Object { $_ -notin 'CONTRIBUTING.md', 'SECURITY.md' }) + 'src/Landlock/README.md' + @((Get-ChildItem "$root/en-US/*.txt").FullName.Substring($root.Length + 1))
    }

    BeforeAll {
        $root = (Resolve-Path "$PSScriptRoot/../..").Path
    }

    It 'let the README be read in five minutes' {
        @(Get-Content "$root/README.md").Count | Should -BeLessThan 150
    }

    It 'are all in the index' {
        $index = [System.IO.File]::ReadAllText("$root/docs/README.md")
        foreach ($page in (Get-ChildItem "$root/docs/*.md").Name -ne 'README.md') { $index | Should -Match ([regex]::Escape("]($page)")) }
    }

    It 'link to what exists: <_>' -ForEach $pages {
        $folder = Split-Path "$root/$_"
        $text = [System.IO.File]::ReadAllText("$root/$_") -replace '(?s)```.*?```' -replace '`[^`\n]*`'
        foreach ($link in [regex]::Matches($text, '\]\((?!https?:)([^)\s]+)\)').ForEach{ $_.Groups[1].Value }) {
            $path, $anchor = $link -split '#'
            $target = if ($path) { Join-Path $folder $path } else { "$root/$_" }
            $target | Should -Exist -Because $link
            if (-not $anchor) { continue }
            $headings = [regex]::Matches([System.IO.File]::ReadAllText($target), '(?m)^#+ (.*)').ForEach{ $_.Groups[1].Value.ToLowerInvariant() -replace '[^\w -]' -replace ' ', '-' }
            $headings | Should -Contain $anchor -Because $link
        }
    }

    It 'say it in short: <_>' -ForEach $texts {
        $words = '\b(is|are|was|were|be) told\b', '\bof (its|their|his|her|your|our) own\b', ', too\b', '\bas \S+ has it\b', '\bin spite of\b', '\bnot (un\w+)\b', '\bbut for\b'
        $lines = @(Get-Content "$root/$_" | Where-Object { $_ -notmatch '^\| .* \| (blocked|\*\*open\*\*)' })
        foreach ($word in $words) { $lines -match $word | Should -BeNullOrEmpty -Because "'$word' has a shorter form" }
    }
}
