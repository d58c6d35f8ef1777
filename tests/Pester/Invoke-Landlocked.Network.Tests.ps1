BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Invoke-Landlocked -Network' {
    BeforeAll {
        # What a process can make, by name.
        $sockets = @'
for (@ARGV) { my ($n, $f, $t, $p) = split; print "$n " if socket(my $s, $f, $t, $p) }
'@
        $families = 'unix 1 1 0', 'tcp 2 1 0', 'udp 2 2 0', 'netlink 16 3 0'
        function Get-Socket([hashtable] $With) { (Invoke-Landlocked @With -- perl -e $sockets @families).Trim() }
    }

    It 'is what there are rules for' {
        Get-Socket @{} | Should -Be 'unix'
        Get-Socket @{ ConnectTcp = 443 } | Should -Be 'unix tcp'
        Get-Socket @{ ConnectTcp = 443; ConnectSendUdp = 53; WarningAction = 'Ignore' } | Should -Be 'unix tcp udp'
        Get-Socket @{ Preset = 'WebClient'; WarningAction = 'Ignore' } | Should -Be 'unix tcp udp'
    }

    It 'can be told' {
        Get-Socket @{ Network = 'None' } | Should -Be 'unix'
        Get-Socket @{ Network = 'Tcp' } | Should -Be 'unix tcp'
        Get-Socket @{ Network = 'Unrestricted' } | Should -Be 'unix tcp udp netlink'
        Get-Socket @{ Unrestricted = 'Net' } | Should -Be 'unix tcp udp netlink'
    }

    It 'is what every layer asks for' {
        $tcp = New-LandlockRuleset | Add-LandlockNetRule -ConnectTcp 443
        $none = New-LandlockRuleset
        $tcp, $none | Invoke-Landlocked -ReadOnly /usr -- perl -e $sockets @families | Should -Be 'unix '
        $tcp, $tcp | Invoke-Landlocked -ReadOnly /usr -- perl -e $sockets @families | Should -Be 'unix tcp '
    }

    It 'does not contradict the rules' {
        $failure = Get-TerminatingError { Invoke-Landlocked -Network None -ConnectTcp 443 -- true }
        $failure.Exception.Message | Should -Be 'The network mode None refuses every socket but UNIX ones, but there are rules for TCP. Leave out the mode, or the rules.'
    }

    It 'holds for script blocks' {
        Invoke-Landlocked { try { [System.Net.Sockets.Socket]::new('InterNetwork', 'Dgram', 'Udp').Dispose(); 'made' } catch { $_.Exception.InnerException.SocketErrorCode.ToString() } } | Should -Be 'AccessDenied'
        Invoke-Landlocked -Network Unrestricted { [System.Net.Sockets.Socket]::new('InterNetwork', 'Dgram', 'Udp').Dispose(); 'made' } | Should -Be 'made'
    }

    It 'is shown' {
        (Invoke-Landlocked -Verbose -- true 4>&1) -join "`n" | Should -Match 'sockets: UNIX only; a seccomp filter refuses any other, and io_uring'
    }

    It 'leaves the parent free' {
        $null = Invoke-Landlocked -Network None -- true
        [System.Net.Sockets.Socket]::new('InterNetwork', 'Dgram', 'Udp').Dispose()
        (Get-Content /proc/self/status) -match '^Seccomp:' | Should -Be "Seccomp:`t0"
    }

    It 'completes its modes' {
        (TabExpansion2 'Invoke-Landlocked -Network ').CompletionMatches.CompletionText | Should -Be Default, None, Tcp, Unrestricted
    }
}
