BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Add-LandlockNetRule' {
    It 'adds ports and ranges' {
        $ruleset = New-LandlockRuleset -Abi 4 | Add-LandlockNetRule -ConnectTcp 443, 8000-8010 -BindTcp 0
        $ruleset.NetRules.Length | Should -Be 3
        "$($ruleset.NetRules | ForEach-Object { "$($_.Port) $($_.Access)" })" | Should -Be '0 BindTcp 443 ConnectTcp 8000-8010 ConnectTcp'
    }

    It 'reads <Text> as <Expected>' -TestCases @(
        @{ Text = 443; Expected = '443' }
        @{ Text = '443'; Expected = '443' }
        @{ Text = '80,443'; Expected = '80 443' }
        @{ Text = '80-90'; Expected = '80-90' }
        @{ Text = @(443, '80-90'); Expected = '80-90 443' }
    ) {
        $ruleset = New-LandlockRuleset -Abi 4 | Add-LandlockNetRule -ConnectTcp $Text
        "$($ruleset.NetRules.Port)" | Should -Be $Expected
    }

    It 'leaves the ruleset it was given as it was' {
        $old = New-LandlockRuleset -Abi 4
        $null = $old | Add-LandlockNetRule -ConnectTcp 443
        $old.NetRules.Length | Should -Be 0
    }

    It 'adds to every ruleset of a pipeline' {
        $two = (New-LandlockRuleset a -Abi 4), (New-LandlockRuleset b -Abi 4) | Add-LandlockNetRule -BindTcp 80
        "$($two.Name)" | Should -Be 'a b'
        $two | ForEach-Object { $_.NetRules.Length | Should -Be 1 }
    }

    It 'takes the ruleset as a parameter' {
        (Add-LandlockNetRule -Ruleset (New-LandlockRuleset -Abi 4) -BindTcp 80).NetRules.Length | Should -Be 1
    }

    It 'brings bind_udp on port 0 along with ports to send to, and adds it to nothing that was read' {
        "$((New-LandlockRuleset -Abi 10 | Add-LandlockNetRule -ConnectSendUdp 53).NetRules)" | Should -Be 'bind_udp 0 connect_send_udp 53'
        $file = "$TestDrive/others.toml"
        Set-Content $file '[[ruleset]]', "handled_access_net = ['bind_udp', 'connect_send_udp']", '[[net_port]]', "allowed_access = ['connect_send_udp']", 'port = [53]'
        $read = Import-LandlockPolicy $file -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike "*others.toml:5:9: *connect_send_udp on port 53 lets hardly a program send*allow bind_udp on port 0, too*"
        $arrived = Add-LandlockNetRule -BindUdp 1 -Ruleset ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($read, 5)))
        "$($arrived.NetRules)" | Should -Be 'bind_udp 1 connect_send_udp 53'
    }

    It 'refuses <Text>' -TestCases @{ Text = '65536' }, @{ Text = '-1' }, @{ Text = 'http' }, @{ Text = '90-80' }, @{ Text = '' } {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockNetRule -ConnectTcp $Text }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError*'
        $failure.Exception.Message | Should -Match 'port|range'
    }

    It 'adds hosts, each in its one form and once, to every ruleset' {
        $two = (New-LandlockRuleset a -Abi 4), (New-LandlockRuleset b -Abi 1) | Add-LandlockNetRule -ConnectTcp 80 -ConnectHost 'API.example.com.', '*.pkg.example:443,a.pkg.example', '10.0.0.0/8:5432'
        $two | ForEach-Object {
            "$($_.HostRules)" | Should -BeExactly '10.0.0.0/8:5432 *.pkg.example:443 api.example.com:443'
            "$($_.HandledNet)" | Should -Match ConnectTcp
        }
        $more = $two[0] | Add-LandlockNetRule -ConnectHost (@($two[0].HostRules) + 'b.example:1-5')
        "$($more.HostRules)" | Should -BeExactly '10.0.0.0/8:5432 *.pkg.example:443 api.example.com:443 b.example:1-5'
        $more.HostRules[3] | Select-Object Host, Port, Name, IsWildcard | Out-String | Should -Match 'b\.example 1-5  b\.example +False'
    }

    It 'refuses modifiers for hosts, which are kept or nothing runs: <With.Keys>' -ForEach @(
        @{ With = @{ Quiet = $true }; Name = 'Quiet' }
        @{ With = @{ Compatibility = 'BestEffort' }; Name = 'Compatibility' }
    ) {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockNetRule @With -ConnectTcp 80 -ConnectHost a.example }
        $failure.FullyQualifiedErrorId | Should -BeExactly 'HostModifier,LandlockPS.AddLandlockNetRuleCommand'
        $failure.Exception.Message | Should -BeExactly "-$Name is for rules for ports, which the kernel keeps; hosts are kept by a supervisor, or nothing runs. Add the hosts by a call without it."
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*| Add-LandlockNetRule -ConnectHost *'
    }

    It 'refuses what is no host' {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockNetRule -ConnectHost '10.1.2.3/8' }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError*'
        $failure.Exception.Message | Should -BeLike "*'10.1.2.3/8' is no host: its address has bits beyond the first 8; write 10.0.0.0/8. Write NAME:PORT*"
    }

    It 'refuses UDP beside hosts, whichever comes first' {
        $message = 'The rule for UDP on port 53 does not go with hosts such as a.example:443: UDP cannot be held to a host, and where hosts are named there is none but questions for their names. Leave out one of them.'
        foreach ($action in { New-LandlockRuleset -Abi 10 | Add-LandlockNetRule -ConnectSendUdp 53 | Add-LandlockNetRule -ConnectHost a.example },
            { New-LandlockRuleset -Abi 10 | Add-LandlockNetRule -ConnectHost a.example | Add-LandlockNetRule -ConnectSendUdp 53 },
            { New-LandlockRuleset -Abi 10 | Add-LandlockNetRule -ConnectSendUdp 53 -ConnectHost a.example }) {
            $failure = Get-TerminatingError $action
            $failure.FullyQualifiedErrorId | Should -BeExactly 'Contradictory,LandlockPS.AddLandlockNetRuleCommand'
            $failure.Exception.Message | Should -BeExactly $message
        }
    }

    It 'says that a port or a host is missing' {
        $failure = Get-TerminatingError { New-LandlockRuleset | Add-LandlockNetRule }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PortMissing,*'
        $failure.Exception.Message | Should -BeExactly 'No port and no host was given; use -ConnectTcp, -BindTcp, -ConnectSendUdp, -BindUdp or -ConnectHost.'
        $failure.CategoryInfo.Category | Should -Be InvalidArgument
        $failure.ErrorDetails.RecommendedAction | Should -Match 'ConnectTcp'
    }

    It 'refuses a rule that would change nothing, and says why' {
        $failure = Get-TerminatingError { New-LandlockRuleset -Abi 3 | Add-LandlockNetRule -ConnectTcp 443 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'EmptyAccess,*'
        $failure.TargetObject | Should -Be 443
        $failure.Exception.Message | Should -Match 'needs ABI 4'
    }

    It 'refuses what is no ruleset' {
        (Get-TerminatingError { Add-LandlockNetRule -Ruleset 'text' -BindTcp 80 }).Exception.Message | Should -Match 'New-LandlockRuleset'
    }

    Context 'enforced by the kernel' -Skip:($abi -lt 4) {
        BeforeAll {
            $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
            $listener.Start()
            $port = $listener.LocalEndpoint.Port
            $other = if ($port -eq 65535) { 1024 } else { $port + 1 }
            # bash connects by itself; /dev/tcp is a word of its own, not a file.
            $connect = "exec 3<>/dev/tcp/127.0.0.1/$port && echo connected"
        }

        AfterAll {
            $listener.Stop()
        }

        It 'allows a connection to the port of a rule' {
            New-LandlockRuleset | Add-LandlockNetRule -ConnectTcp $port | Invoke-Landlocked -- bash -c $connect | Should -Be connected
        }

        It 'denies every other port' {
            $output = New-LandlockRuleset | Add-LandlockNetRule -ConnectTcp $other | Invoke-Landlocked -- bash -c $connect 2>&1
            "$output" | Should -Match 'Permission denied'
        }

        It 'allows a range' {
            New-LandlockRuleset | Add-LandlockNetRule -ConnectTcp "$($port - 5)-$port" | Invoke-Landlocked -- bash -c $connect | Should -Be connected
        }

        It 'does not take a right to bind for one to connect' {
            $output = New-LandlockRuleset | Add-LandlockNetRule -BindTcp $port | Invoke-Landlocked -- bash -c $connect 2>&1
            "$output" | Should -Match 'Permission denied'
        }
    }
}
