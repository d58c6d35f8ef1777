BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $lacks = @{
        terminal = @('script', 'stty' | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) }).Count -gt 0
        kernel = -not (Get-LandlockSupport).IsAvailable
        # Versions of PowerShell do not show the same in the same way.
        shell = [bool]$env:LANDLOCKPS_PWSH
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $record = "$PSScriptRoot/views"
    $module = Get-Module LandlockPS

    # Types that cmdlets give, and those of what they hold.
    function Get-OutputType {
        $seen = [System.Collections.Generic.HashSet[type]]::new()
        $ahead = [System.Collections.Generic.Queue[type]]::new()
        $module.ImplementingAssembly.GetExportedTypes() | ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.OutputTypeAttribute], $true).Type.Type } |
            Where-Object { $_ } | ForEach-Object { $ahead.Enqueue($_) }
        while ($ahead.Count -gt 0) {
            $type = $ahead.Dequeue()
            if ($type.IsGenericType) { $type.GetGenericArguments() | ForEach-Object { $ahead.Enqueue($_) } }
            elseif (-not $type.IsEnum -and $type.Assembly.GetName().Name -like 'Landlock*' -and $seen.Add($type)) {
                $type.GetProperties('Instance,Public').PropertyType | ForEach-Object { $ahead.Enqueue($_) }
            }
        }

        $seen
    }
}

Describe 'What a terminal shows' {
    BeforeAll {
        $running = foreach ($width in 80, 120) {
            $command = "stty cols $width rows 50; exec '$("$PSHOME/pwsh")' -NoProfile -File write.ps1 '$($module.ModuleBase)' '$TestDrive'"
            $start = [System.Diagnostics.ProcessStartInfo]@{ FileName = 'script'; WorkingDirectory = $record; RedirectStandardOutput = $true; RedirectStandardInput = $true }
            '-qec', $command, '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
            # Where the engine breaks lines depends on the language, and the clock on the place.
            $start.Environment['DOTNET_SYSTEM_GLOBALIZATION_INVARIANT'] = '1'
            $start.Environment['TZ'] = 'UTC'
            $start.Environment['SHELL'] = '/bin/sh'
            $process = [System.Diagnostics.Process]::Start($start)
            $process.StandardInput.Close()
            $process
        }
        $plans = foreach ($process in $running) {
            $said = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            if ($process.ExitCode) { throw $said }
            , ($said -replace '\e\[[?\d;]*\w' -split '\r?\n')
        }
        if ($env:LANDLOCKPS_ACCEPT) { Copy-Item "$TestDrive/*.txt" $record }
    }

    It 'is what is on record: <_>' -ForEach '80.txt', '80.coloured.txt', '120.txt', '120.coloured.txt' {
        $sections = { param($path) $all = [ordered]@{}; [System.IO.File]::ReadAllText($path) -split '(?m)^### ' -ne '' | ForEach-Object { $all[($_ -split "`n")[0]] = $_ }; $all }
        $expected = & $sections "$record/$_"
        $shown = & $sections "$TestDrive/$_"
        # If that is wanted: LANDLOCKPS_ACCEPT=1 tests/Pester/run.sh -Path tests/Pester/Views.Tests.ps1
        foreach ($name in $shown.Keys) { $shown[$name] | Should -BeExactly $expected[$name] }
        $expected.Keys | Should -Be $shown.Keys
    }

    It 'fits: <_> columns' -ForEach 80, 120 {
        [System.IO.File]::ReadAllLines("$TestDrive/$_.txt") -notmatch '^###' | Where-Object Length -GE $_ | Should -BeNullOrEmpty
    }

    It 'is a plan whose lines fit: <_> columns' -Skip:$lacks.kernel -ForEach 80, 120 {
        $width = $_
        $plan = $plans[$width -eq 120]
        $plan -match '^  allowed: ReadOnly +/usr\b' | Should -HaveCount 1
        $plan.Count | Should -BeGreaterThan 40
        # A word that is longer stays whole.
        $plan | Where-Object { $_.Length -ge $width -and $_ -match '\S +\S' } | Should -BeNullOrEmpty
    }
} -Skip:($lacks.terminal -or $lacks.shell)

Describe 'A view' {
    It 'is on record' {
        $text = [System.IO.File]::ReadAllText("$record/80.txt")
        $views = ([xml](Get-Content -Raw "$($module.ModuleBase)/LandlockPS.Format.ps1xml")).Configuration.ViewDefinitions.View.ViewSelectedBy.TypeName
        $views | Select-Object -Unique | Where-Object { $text -notmatch "(?m)^### .*\(.*\b$([regex]::Escape($_))\b" } | Should -BeNullOrEmpty
    }

    It 'is no dump: a type of more than four properties says which ones lists show' {
        $types = @(Get-OutputType)
        $types.Count | Should -BeGreaterThan 30
        $types | Where-Object { $_.GetProperties('Instance,Public').Count -gt 4 -and -not (Get-TypeData $_.FullName).DefaultDisplayPropertySet } | Should -BeNullOrEmpty
    }

    It 'names properties that there are' {
        foreach ($type in Get-OutputType) {
            $names = (Get-TypeData $type.FullName).DefaultDisplayPropertySet.ReferencedProperties
            $known = @($type.GetProperties().Name) + @((Get-TypeData $type.FullName).Members.Keys)
            $names | Where-Object { $_ -notin $known } | Should -BeNullOrEmpty
        }
    }
}
