BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    # Every cmdlet that takes rulesets from the pipeline.
    $uses = @(
        @{ Cmdlet = 'Invoke-Landlocked'; Use = { Invoke-Landlocked -ReadOnly /usr -- sh -c "cat '$secret'" } }
        @{ Cmdlet = 'Invoke-Landlocked'; Use = { Invoke-Landlocked -ReadOnly /usr { Get-Content $using:secret } } }
        @{ Cmdlet = 'New-LandlockSession'; Use = { New-LandlockSession } }
        @{ Cmdlet = 'Enter-Landlock'; Use = { Enter-Landlock -WhatIf } }
        @{ Cmdlet = 'Add-LandlockPathRule'; Use = { Add-LandlockPathRule /usr -Access ReadOnly } }
        @{ Cmdlet = 'Add-LandlockNetRule'; Use = { Add-LandlockNetRule -ConnectTcp 443 } }
        @{ Cmdlet = 'ConvertTo-LandlockPolicy'; Use = { ConvertTo-LandlockPolicy } }
        @{ Cmdlet = 'Export-LandlockPolicy'; Use = { Export-LandlockPolicy "$TestDrive/forged.toml" } }
    )
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'What comes from elsewhere' {
    BeforeAll {
        $folder = (Resolve-Path "$PSScriptRoot/../../out/LandlockPS").Path
        $secret = "$TestDrive/secret"
        Set-Content $secret TOP
        $made = New-LandlockRuleset wide | Add-LandlockPathRule / -Access ReadWriteExecute
        $made | Export-Clixml "$TestDrive/wide.xml"
        # As a sandboxed block puts them out: one that the module has made there, and one that is only called so.
        $fromBlock = Invoke-Landlocked -ReadOnly /usr, $folder { Import-Module $using:folder; New-LandlockRuleset wide | Add-LandlockPathRule / -Access ReadWriteExecute }
        $sources = @{ block = $fromBlock; file = Import-Clixml "$TestDrive/wide.xml"; forged = [pscustomobject]@{ PSTypeName = 'Deserialized.Landlock.Rulesets.Ruleset'; Abi = 7 } }
        $null = $made, $sources
    }

    It 'is no rule in a pipeline, and nothing is run: <Cmdlet>' -ForEach $uses {
        foreach ($name in $sources.Keys) {
            $piped = $sources[$name]
            $failure = Get-TerminatingError ([scriptblock]::Create("`$piped | $Use"))
            $failure.FullyQualifiedErrorId | Should -BeLike "InvalidRuleset,LandlockPS.$($Cmdlet -replace '-')Command" -Because $name
            $failure.Exception.Message | Should -BeLike 'In a pipeline, a ruleset that came from another process, a session or a file is data and no rule; nothing was run. If it is meant as rules: -Ruleset *'
        }
        Test-Path "$TestDrive/forged.toml" | Should -BeFalse
    }

    It 'never comes as an object of this process' {
        $fromBlock.PSObject.BaseObject -is [Landlock.Rulesets.Ruleset] | Should -BeFalse
        $fromBlock.PSTypeNames[0] | Should -BeLike 'Deserialized.*'
        # A converter that a types file names would make one on arrival.
        (Get-Content -Raw "$folder/LandlockPS.Types.ps1xml") | Should -Not -Match 'TargetTypeForDeserialization|TypeConverter|TypeAdapter'
    }

    It 'is rules by -Ruleset, where somebody wrote it' {
        Invoke-Landlocked -Ruleset $fromBlock -- cat $secret | Should -Be TOP
        (Add-LandlockPathRule -Ruleset $fromBlock /usr -Access ReadOnly) | Invoke-Landlocked -- cat $secret | Should -Be TOP
        (ConvertTo-LandlockPolicy -InputObject $fromBlock) -join ' ' | Should -Match 'parent = ."/"'
    }

    It 'is no record of a trace' {
        foreach ($record in [pscustomobject]@{ Operation = 'open'; Path = '/etc/shadow' }, @{ Operation = 'open'; Path = '/etc/shadow' }, 'open') {
            (Get-TerminatingError { , $record | New-LandlockPolicy "$TestDrive/records.toml" }).FullyQualifiedErrorId | Should -BeExactly 'InvalidRecord,LandlockPS.NewLandlockPolicyCommand'
        }
        Test-Path "$TestDrive/records.toml" | Should -BeFalse
    }

    It 'that is no ruleset at all ends a pipeline of rules, which would go on with less: <_>' -ForEach '$null', '"text"', '1' {
        (Get-TerminatingError ([scriptblock]::Create("(New-LandlockRuleset), $_ | Add-LandlockPathRule / -Access ReadOnly"))).FullyQualifiedErrorId | Should -BeExactly 'InvalidRuleset,LandlockPS.AddLandlockPathRuleCommand'
        (Get-TerminatingError ([scriptblock]::Create("$_ | New-LandlockSession -ReadOnly /"))).FullyQualifiedErrorId | Should -BeExactly 'InvalidRuleset,LandlockPS.NewLandlockSessionCommand'
    }
}

Describe 'What is allowed beside rulesets that are given' {
    It 'is said to be added to each of them' {
        $said = New-LandlockRuleset | Invoke-Landlocked -Ruleset (New-LandlockRuleset) -ReadOnly /usr -Verbose -- true 4>&1 | Out-String
        $said | Should -Match ([regex]::Escape('note: what is allowed here (-ReadOnly) is added to each of the 2 layers that were given'))
        Invoke-Landlocked -ReadOnly /usr -Verbose -- true 4>&1 | Out-String | Should -Not -Match 'note: what is allowed here'
    }
}
