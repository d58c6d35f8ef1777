BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Add-LandlockPathRule' {
    BeforeAll {
        $folder = "$TestDrive/data"
        $null = New-Item -ItemType Directory $folder, "$folder/sub"
        Set-Content "$folder/a.txt" a
        Set-Content "$folder/b.txt" b
        Set-Content "$folder/c.log" c
        Set-Content -LiteralPath "$folder/[x].txt" x
    }

    It 'adds a rule' {
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule $folder -Access ReadData
        $ruleset.PathRules.Length | Should -Be 1
        $ruleset.PathRules[0].Path | Should -Be $folder
        "$($ruleset.PathRules[0].Access)" | Should -Be 'ReadFile, ReadDir'
    }

    It 'takes path and access by position' {
        (New-LandlockRuleset | Add-LandlockPathRule $folder ReadData).PathRules[0].Path | Should -Be $folder
    }

    It 'reads the access <Text>' -TestCases @(
        @{ Text = 'ReadOnly'; Expected = 'Execute, ReadFile, ReadDir' }
        @{ Text = 'read-only'; Expected = 'Execute, ReadFile, ReadDir' }
        @{ Text = 'read_file'; Expected = 'ReadFile' }
        @{ Text = 'read_file,read_dir'; Expected = 'ReadFile, ReadDir' }
        @{ Text = @('read_file', 'make_reg'); Expected = 'ReadFile, MakeReg' }
        @{ Text = @('ReadData', 'execute'); Expected = 'Execute, ReadFile, ReadDir' }
    ) {
        "$((New-LandlockRuleset | Add-LandlockPathRule $folder $Text).PathRules[0].Access)" | Should -Be $Expected
    }

    It 'takes an access as an object' {
        $access = (Get-LandlockSupport).AccessFs
        (New-LandlockRuleset | Add-LandlockPathRule $folder -Access $access).PathRules[0].Access | Should -Be $access
    }

    It 'refuses an access that does not exist, and names one that does' {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockPathRule $folder ReadOny }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError*'
        $failure.Exception.Message | Should -Match "Did you mean 'ReadOnly'"
    }

    It 'takes several paths' {
        (New-LandlockRuleset | Add-LandlockPathRule "$folder/a.txt", "$folder/b.txt" ReadData).PathRules.Path | Should -Be "$folder/a.txt", "$folder/b.txt"
    }

    It 'unites the rights for one path' {
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule $folder read_file | Add-LandlockPathRule $folder read_dir
        $ruleset.PathRules.Length | Should -Be 1
        "$($ruleset.PathRules[0].Access)" | Should -Be 'ReadFile, ReadDir'
    }

    It 'leaves the ruleset it was given as it was' {
        $old = New-LandlockRuleset
        $null = $old | Add-LandlockPathRule $folder ReadData
        $old.PathRules.Length | Should -Be 0
    }

    It 'expands wildcards' {
        (New-LandlockRuleset | Add-LandlockPathRule "$folder/?.txt" ReadData).PathRules.Path | Should -Be "$folder/a.txt", "$folder/b.txt"
    }

    It 'says that nothing matches a wildcard' {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockPathRule "$folder/*.nothing" ReadData }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        $failure.CategoryInfo.Category | Should -Be ObjectNotFound
        $failure.TargetObject | Should -Be "$folder/*.nothing"
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'means a name with brackets literally if it exists' {
        (New-LandlockRuleset | Add-LandlockPathRule "$folder/[x].txt" ReadData).PathRules.Path | Should -Be "$folder/[x].txt"
        (New-LandlockRuleset | Add-LandlockPathRule -LiteralPath "$folder/[x].txt" -Access ReadData).PathRules.Path | Should -Be "$folder/[x].txt"
    }

    It 'starts relative paths from the location of the session' {
        Push-Location $folder
        try {
            (New-LandlockRuleset | Add-LandlockPathRule ./a.txt ReadData).PathRules.Path | Should -Be "$folder/a.txt"
            (New-LandlockRuleset | Add-LandlockPathRule sub ReadData).PathRules.Path | Should -Be "$folder/sub"
        }
        finally {
            Pop-Location
        }
    }

    It 'knows ~' {
        (New-LandlockRuleset | Add-LandlockPathRule '~' ReadData).PathRules.Path | Should -Be $HOME
    }

    It 'knows drives' {
        $null = New-PSDrive -Name LandlockTest -PSProvider FileSystem -Root $folder
        try {
            (New-LandlockRuleset | Add-LandlockPathRule LandlockTest:/a.txt ReadData).PathRules.Path | Should -Be "$folder/a.txt"
        }
        finally {
            Remove-PSDrive LandlockTest
        }
    }

    It 'refuses a path that is not in the filesystem' {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockPathRule Env:/HOME ReadData }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidPath,*'
        $failure.Exception.Message | Should -Match 'Environment'
    }

    It 'takes files from the pipeline' {
        $ruleset = Get-ChildItem $folder -Filter *.txt | Add-LandlockPathRule -Ruleset (New-LandlockRuleset) -Access ReadData
        $ruleset | Should -HaveCount 1
        $ruleset.PathRules.Path | Should -Be "$folder/[x].txt", "$folder/a.txt", "$folder/b.txt"
    }

    It 'means the very file that came from the pipeline, whatever its name' {
        # What the engine itself makes of a backslash in a path is a slash.
        $folder = (New-Item -ItemType Directory "$TestDrive/names").FullName
        foreach ($name in 'a\b', "line`nbreak", '[x]', "it's", 'a"b', ' ', 'a`b', '$x', '~') { [IO.File]::WriteAllText([IO.Path]::Join($folder, $name), $name) }
        foreach ($file in Get-ChildItem -LiteralPath $folder) {
            $one = $file | Add-LandlockPathRule -Ruleset (New-LandlockRuleset) -Access ReadData
            $one.PathRules.Path | Should -Be $file.FullName
            ($one | Invoke-Landlocked cat $file.FullName) -join "`n" | Should -Be $file.Name
        }
    }

    It 'leaves .. of an absolute path to the kernel' {
        $null = New-Item -ItemType Directory "$TestDrive/real/inner", "$TestDrive/real/sibling" -Force
        $null = New-Item -ItemType SymbolicLink "$TestDrive/shortcut" -Target "$TestDrive/real/inner"
        $rule = (New-LandlockRuleset | Add-LandlockPathRule "$TestDrive/shortcut/../sibling" -Access ReadData)
        Set-Content "$TestDrive/real/sibling/file" content
        $rule | Invoke-Landlocked cat "$TestDrive/real/sibling/file" | Should -Be content
    }

    It 'takes FileInfo and DirectoryInfo that did not come from a provider' {
        $ruleset = [System.IO.FileInfo]"$folder/a.txt", [System.IO.DirectoryInfo]"$folder/sub" | Add-LandlockPathRule -Ruleset (New-LandlockRuleset) -Access ReadData
        $ruleset.PathRules.Path | Should -Be "$folder/a.txt", "$folder/sub"
    }

    It 'adds to every ruleset of a pipeline' {
        $two = (New-LandlockRuleset a), (New-LandlockRuleset b) | Add-LandlockPathRule $folder ReadData
        "$($two.Name)" | Should -Be 'a b'
    }

    It 'does not ask for the path to exist before a command runs' {
        (New-LandlockRuleset | Add-LandlockPathRule "$folder/later" ReadData).PathRules.Path | Should -Be "$folder/later"
    }

    It 'marks a rule as optional' {
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule "$folder/missing" ReadData -Optional
        $ruleset.PathRules[0].Optional | Should -BeTrue
        $ruleset | Invoke-Landlocked -- echo ran | Should -Be ran
        (Get-TerminatingError { New-LandlockRuleset | Add-LandlockPathRule "$folder/missing" ReadData | Invoke-Landlocked -- echo ran }).FullyQualifiedErrorId |
            Should -BeLike 'PathNotFound,*'
    }

    It 'refuses a right that the ruleset does not handle' {
        $failure = Get-TerminatingError { New-LandlockRuleset -Abi 1 | Add-LandlockPathRule $folder truncate }
        $failure.FullyQualifiedErrorId | Should -BeLike 'EmptyAccess,*'
        $failure.Exception.Message | Should -Match 'needs ABI 3'
        $failure.TargetObject | Should -Be $folder
    }

    It 'allows what it says, and no more' {
        $ruleset = New-LandlockRuleset | Add-LandlockPathRule $folder ReadData
        $ruleset | Invoke-Landlocked -- cat "$folder/a.txt" | Should -Be a
        "$($ruleset | Invoke-Landlocked -- dd if=/dev/null "of=$folder/new" 2>&1)" | Should -Match 'Permission denied'
        "$folder/new" | Should -Not -Exist
        $ruleset | Add-LandlockPathRule $folder ReadWrite | Invoke-Landlocked -- touch "$folder/new"
        "$folder/new" | Should -Exist
    }

    Context 'completion' {
        It 'offers classes and rights with an explanation' {
            $offered = Complete 'Add-LandlockPathRule /usr -Access '
            $offered.CompletionText | Should -Contain ReadOnly
            $offered.CompletionText | Should -Contain make_reg
            ($offered | Where-Object CompletionText -EQ ReadOnly).ToolTip | Should -Match 'read_file'
            ($offered | Where-Object CompletionText -EQ truncate).ToolTip | Should -Match 'ABI 3'
            $offered.ToolTip | Should -Not -Contain ''
        }

        It 'narrows by what is typed' {
            (Complete 'Add-LandlockPathRule /usr -Access readw').CompletionText | Should -Be ReadWrite, ReadWriteExecute
        }

        It 'narrows by position too' {
            (Complete 'Add-LandlockPathRule /usr make_d').CompletionText | Should -Be make_dir
        }

        It 'goes on after a comma' {
            (Complete 'Add-LandlockPathRule /usr -Access read_file,make_d').CompletionText | Should -BeLike '*make_dir'
            (Complete 'Add-LandlockPathRule /usr -Access read_file, make_d').CompletionText | Should -BeLike '*make_dir'
        }

        It 'offers the levels of compatibility' {
            (Complete 'Add-LandlockPathRule /usr ReadOnly -Compatibility ').CompletionText | Should -Contain HardRequirement
        }
    }

    Context 'Exceptions' {
        BeforeAll {
            $tree = "$TestDrive/tree"
            $null = New-Item -ItemType Directory "$tree/.ssh", "$tree/private", "$tree/src"
            Set-Content "$tree/.ssh/id" secret
            Set-Content "$tree/src/a" source
        }

        It 'leaves out what is beneath' {
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule $tree -Access ReadOnly -Except "$tree/.ssh", "$tree/pri*"
            $ruleset.PathRules.Length | Should -Be 1
            $ruleset.PathRules[0].Except | Should -Be "$tree/.ssh", "$tree/private"
            $ruleset | Invoke-Landlocked -- cat "$tree/src/a" | Should -Be source
            $ruleset | Invoke-Landlocked -- cat "$tree/.ssh/id" 2>&1 | Should -BeLike '*Permission denied'
            $ruleset.PathRules | Out-String -Width 300 | Should -BeLike "*$tree  except $tree/.ssh, $tree/private*"
            $ruleset | Format-List | Out-String -Width 300 | Should -BeLike "*ReadOnly  $tree  except $tree/.ssh, $tree/private*"
        }

        It 'says what it costs' {
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule $tree -Access ReadOnly -Except "$tree/.ssh"
            $said = $ruleset | Invoke-Landlocked -Verbose -- true 4>&1
            "$said" | Should -BeLike "*'$tree' is allowed without '$tree/.ssh', by 2 rules for what is beside it now: '$tree' cannot be listed, and what is made there later is not allowed.*"
        }

        It 'keeps exceptions in policies and jobs' {
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule $tree -Access ReadOnly -Except "$tree/.ssh"
            $ruleset | Export-LandlockPolicy "$TestDrive/except.toml" -WarningAction SilentlyContinue
            (Import-LandlockPolicy "$TestDrive/except.toml").PathRules[0].Except | Should -Be "$tree/.ssh"
            $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($ruleset))
            Invoke-Landlocked -Ruleset $back -- cat "$tree/.ssh/id" 2>&1 | Should -BeLike '*Permission denied'
            Invoke-Landlocked -Ruleset $back -- cat "$tree/src/a" | Should -Be source
        }

        It 'gives each path its own exceptions' {
            $ruleset = New-LandlockRuleset | Add-LandlockPathRule "$tree/src", $tree -Access ReadData -Except "$tree/.ssh"
            @($ruleset.PathRules | Where-Object Path -EQ "$tree/src")[0].Except | Should -BeNullOrEmpty
            @($ruleset.PathRules | Where-Object Path -EQ $tree)[0].Except | Should -Be "$tree/.ssh"
        }

        It 'refuses what would not hold' {
            $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockPathRule $tree -Access ReadOnly -Except /etc }
            $failure.FullyQualifiedErrorId | Should -Be 'InvalidException,LandlockPS.AddLandlockPathRuleCommand'
            $failure.ErrorDetails.RecommendedAction | Should -Be 'See: Get-Help Add-LandlockPathRule -Parameter Except'
            $failure.Exception.Message | Should -Be "The exception '/etc' is beneath none of the allowed paths ($tree). Correct it, or leave it out: what no rule allows is denied anyway."
            $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockPathRule $tree ReadOnly -Except "$tree/.ssh" | Invoke-Landlocked -ReadData $TestDrive -- true }
            $failure.Exception.Message | Should -Be "The exception '$tree/.ssh' would not hold: the rule for '$TestDrive' allows read_file,read_dir there. Give that rule the same exception, or leave one of the two out."
            $failure.TargetObject | Should -Be "$tree/.ssh"
        }
    }
}
