BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Get-LandlockPreset' {
    It 'lists all, with the file that each ships as' {
        $all = @(Get-LandlockPreset)
        $all.Name | Should -Contain Base
        $all.Name | Should -Contain PowerShell
        foreach ($preset in $all) {
            $preset.Description | Should -Not -BeNullOrEmpty
            Get-Content -Raw $preset.Path | Should -Be $preset.Text
        }
    }

    It 'finds names in any case, and patterns' {
        (Get-LandlockPreset base).Name | Should -Be Base
        (Get-LandlockPreset b*).Name | Should -Be Baseline, Base, Build
        ('git', 'Gpu' | Get-LandlockPreset).Name | Should -Be Git, Gpu
        Get-LandlockPreset zzz* | Should -BeNullOrEmpty
    }

    It 'reports a name that is none' {
        Get-LandlockPreset bse, Base -ErrorAction SilentlyContinue -ErrorVariable failure | ForEach-Object Name | Should -Be Base
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'PresetNotFound,*'
        "$($failure[0])" | Should -Match "did you mean 'Base'"
    }

    It 'is a table of two columns' {
        $lines = (Get-LandlockPreset | Out-String -Width 300).Trim() -split "`n"
        $lines[0] | Should -Match '^Name +Description\s*$'
        # What is long stands below, under its column.
        $lines -match '^\S' | Should -HaveCount (2 + @(Get-LandlockPreset).Count)
    }

    It 'tells the hosts of those that name some' {
        (Get-LandlockPreset HostsGitHub).Hosts | Should -Contain 'github.com:22'
        (Get-LandlockPreset Base).Hosts | Should -BeNullOrEmpty
    }

    It 'completes names, with what they give' {
        $found = Complete 'Get-LandlockPreset We'
        $found.CompletionText | Should -Be WebClient
        $found.ToolTip | Should -Be (Get-LandlockPreset WebClient).Description
        (Complete 'Invoke-Landlocked -Preset ').CompletionText | Should -Be (Get-LandlockPreset).Name
    }
}
