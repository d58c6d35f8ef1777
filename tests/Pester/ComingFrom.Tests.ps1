BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
    $lacks = @('git', 'make', 'bash' | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) })
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../docs/coming-from.md'))
    # The sections of tools are those with a table of jobs.
    $tools = foreach ($section in [regex]::Matches($text, '(?sm)^## (?<title>[^\n]*)\n(?<text>.*?)(?=^## |\z)') | Where-Object Value -Match '(?m)^\| job \|') {
        $rows = @($section.Value -split "`n" -match '^\| (?!job |--)')
        @{ Tool = $section.Groups['title'].Value; Text = $section.Value; Rows = $rows }
    }
    $jobs = foreach ($tool in $tools) {
        foreach ($row in $tool.Rows) {
            $cells = $row.Trim('| ') -split ' \| '
            @{ Tool = $tool.Tool; Job = $cells[0]; Cells = $cells; Code = $cells[-1].Trim('`') }
        }
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $programs = (Get-Item "$((Get-Module LandlockPS).ModuleBase)/bin/linux-*").FullName
    $repository = (Resolve-Path "$PSScriptRoot/../..").Path
    $folder = (New-Item -ItemType Directory "$TestDrive/project").FullName
    Set-Content "$folder/Makefile" "all:`n`t@echo made > out/made"
    $null = New-Item -ItemType Directory "$folder/out", "$TestDrive/home"
    foreach ($name in 'old', 'new') { Set-Content "$folder/$name.toml" "abi = 6`n[[ruleset]]`nhandled_access_fs = [""abi.all""]" }
    git init -q $folder 2>&1 | Out-Null
    # A profile as Island keeps it.
    $island = New-Item -ItemType Directory "$TestDrive/home/.config/island/profiles/customer/landlock"
    Set-Content "$(Split-Path $island)/profile.toml" "[[context]]`nwhen_beneath = ""$folder"""
    Set-Content "$island/base.toml" "abi = 6`n[[ruleset]]`nhandled_access_fs = [""abi.all""]`n[[path_beneath]]`nallowed_access = [""abi.read_execute""]`nparent = [""/usr"", ""/bin"", ""/lib"", ""/lib64""]"

    # Runs a line in the folder, as somebody whose home directory is new. Gives what it said; $LASTEXITCODE is its own.
    function Invoke-Line([string] $Code) {
        $variables = "HOME=$TestDrive/home", "PATH=${programs}:$env:PATH", "XDG_CONFIG_HOME=$TestDrive/home/.config", "XDG_CACHE_HOME=$TestDrive/home/.cache"
        '' | timeout 120 env -C $folder -u XDG_DATA_HOME -u XDG_STATE_HOME @variables bash -c $Code 2>&1
    }
}

Describe 'The page for those who come from another sandboxer' -Skip:($abi -lt 6 -or $lacks.Count -gt 0) {
    It 'has every tool, with jobs in both and what is not here: <Tool>' -ForEach $tools {
        $Rows.Count | Should -BeGreaterOrEqual 4
        foreach ($row in $Rows) { $row | Should -MatchExactly '^\| [^|]+ \| [^|]+ \| `landlocked [^|]+` \|$' }
        $Text | Should -MatchExactly '(?m)^Not here: '
    }

    It 'has eight of them' -TestCases @{ tools = $tools.Tool } {
        $tools | Should -HaveCount 8
    }

    It '<Tool>: <Job>' -ForEach $jobs {
        $said = Invoke-Line $Code
        if ("$said" -match 'Hosts cannot be kept here') {
            Set-ItResult -Skipped -Because "$said"
            return
        }

        $LASTEXITCODE | Should -Be 0 -Because "$said"
    }

    It 'shows what an option of another tool is answered with' {
        $block = [regex]::Match([System.IO.File]::ReadAllText("$repository/docs/coming-from.md"), '(?s)```text\n\$ (landlocked[^\n]*)\n(.*?)\n```')
        Invoke-Line $block.Groups[1].Value | Should -Be $block.Groups[2].Value
        $LASTEXITCODE | Should -Be 125
    }
}
