# What contributors find: settings of editors, workflows and forms, and the paths and addresses in them.
BeforeDiscovery {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $settings = @('global.json') + @(Get-ChildItem "$root/.vscode", "$root/.devcontainer" -Filter *.json | ForEach-Object { $_.FullName.Substring($root.Length + 1) })
    $forms = @(Get-ChildItem "$root/.github" -Recurse -File | ForEach-Object { $_.FullName.Substring($root.Length + 1) })
    $noYaml = -not $(python3 -c 'import yaml; print(1)' 2>$null)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $data = (Import-PowerShellDataFile "$root/LandlockPS.psd1").PrivateData.PSData
}

Describe 'Settings for contributors' {
    It 'are JSON: <_>' -ForEach $settings {
        Get-Content -Raw "$root/$_" | ConvertFrom-Json -ErrorAction Stop | Should -Not -BeNullOrEmpty
    }

    It 'are YAML: <_>' -ForEach $forms -Skip:$noYaml {
        $null = python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' "$root/$_" 2>&1
        $LASTEXITCODE | Should -Be 0
    }

    It 'start what there is' {
        $launch = Get-Content -Raw "$root/.vscode/launch.json" | ConvertFrom-Json
        $tasks = (Get-Content -Raw "$root/.vscode/tasks.json" | ConvertFrom-Json).tasks
        foreach ($one in $launch.configurations) { if ($one.PSObject.Properties['preLaunchTask']) { $one.preLaunchTask | Should -BeIn $tasks.label } }
        foreach ($task in $tasks) { $task.command -eq 'dotnet' -or (Test-Path "$root/$($task.command)") | Should -BeTrue -Because $task.label }
        # PowerShell that the build has put there.
        if (-not $env:LANDLOCKPS_PWSH) { $launch.configurations[0].program -replace [regex]::Escape('${workspaceFolder}'), $root | Should -Exist }
    }

    It 'name files that exist: <_>' -ForEach 'CONTRIBUTING.md', '.github/workflows/test.yml', '.github/workflows/release.yml', '.devcontainer/Dockerfile' {
        $text = Get-Content -Raw "$root/$_"
        $named = [regex]::Matches($text, '(?m)(?<=^|[\s"`(]|\./)(?:\.ci|\.github|\.vscode|\.devcontainer|\.config|docs|src|tests|tools|policies|examples|bench)(?:/[\w.-]+)*|\]\((?!\w+:)([^)#]+)').ForEach{ $_.Groups[1].Success ? $_.Groups[1].Value : $_.Value }
        $named.Count | Should -BeGreaterThan 0
        foreach ($name in $named | Where-Object { $_ -notmatch '/bin/' }) { "$root/$($name.TrimEnd('.'))" | Should -Exist }
    }

    It 'name classes of tests that exist' {
        $text = Get-Content -Raw "$root/CONTRIBUTING.md"
        foreach ($name in [regex]::Matches($text, '\b[A-Z]\w+Tests\b').ForEach{ $_.Value }) { Get-ChildItem "$root/tests/Landlock.Tests" -Recurse -Filter "$name.cs" | Should -HaveCount 1 }
        foreach ($name in [regex]::Matches($text, '`(Is\w+)`').ForEach{ $_.Groups[1].Value }) { Get-Content -Raw "$root/src/LandlockExec/PlanReader.cs" | Should -MatchExactly "bool $name\(" }
    }

    It 'have one address, that of the manifest' {
        $address = [regex]::Escape($data.ProjectUri)
        $data.LicenseUri, $data.IconUri | Should -Match "^$address/(blob|raw)/main/"
        foreach ($uri in $data.LicenseUri, $data.IconUri) { "$root/$($uri -replace "^$address/(blob|raw)/main/")" | Should -Exist }
        (Import-PowerShellDataFile "$root/LandlockPS.psd1").HelpInfoURI | Should -Be "$($data.ProjectUri)/releases/latest/download/"
        Get-Content -Raw "$root/.github/ISSUE_TEMPLATE/config.yml" | Should -Match "url: $address/security/advisories/new"
    }
}
