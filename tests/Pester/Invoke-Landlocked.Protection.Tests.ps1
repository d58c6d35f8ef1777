BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
    # What a process can make, by name.
    $sockets = 'for (@ARGV) { my ($n, $f, $t, $p) = split; print "$n " if socket(my $s, $f, $t, $p) }'
    $families = 'unix 1 1 0', 'tcp 2 1 0', 'udp 2 2 0', 'netlink 16 3 0'
    function Get-Socket([hashtable] $With) { "$(Invoke-Landlocked @With -- perl -e $sockets @families)".Trim() }
    function Get-Line([hashtable] $With) { (Invoke-Landlocked @With -Verbose -- true 4>&1) -split "`n" -match '^protection: ' }
}

Describe 'Invoke-Landlocked -Require' {
    It 'runs nothing without what the kernel lacks' -Skip:($abi -ge 9) {
        $failure = Get-TerminatingError { Invoke-Landlocked -Require resolve_unix -ReadWrite $TestDrive -- touch "$TestDrive/ran" }
        $failure.Exception.Message | Should -BeExactly "The protection resolve_unix is required, but unavailable: it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI $abi. Refusing UNIX sockets, with -NoUnixSocket (--no-unix-socket), keeps resolve_unix on every kernel. Nothing was run."
        $failure.FullyQualifiedErrorId | Should -BeExactly 'ProtectionMissing,LandlockPS.InvokeLandlockedCommand'
        $failure.CategoryInfo.Category | Should -Be NotInstalled
        $failure.TargetObject | Should -Be resolve_unix
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Get-LandlockSupport'
        "$TestDrive/ran" | Should -Not -Exist
        $LASTEXITCODE | Should -Be 125
        (Get-TerminatingError { Invoke-Landlocked -Require resolve_unix { 'ran' } }).FullyQualifiedErrorId | Should -BeLike 'ProtectionMissing,*'
        (Get-TerminatingError { Invoke-Landlocked -Require resolve_unix -AsJob { 'ran' } }).FullyQualifiedErrorId | Should -BeLike 'ProtectionMissing,*'
    }

    It 'runs with what it has' -Skip:($abi -lt 6) {
        Invoke-Landlocked -Require refer, truncate, ioctl_dev, net_tcp, net_udp, scopes, seccomp -- echo ran | Should -Be ran
        Invoke-Landlocked -Require Refer, NetTcp, ScopeSignal { 'ran' } | Should -Be ran
    }

    It 'is no help where the rules give it away' -Skip:($abi -ge 10) {
        (Get-TerminatingError { Invoke-Landlocked -Require net_udp -ConnectSendUdp 53 -WarningAction Ignore -- true }).Exception.Message |
            Should -BeExactly "The protection net_udp is required, but degraded: rules for UDP open all of it: it needs Landlock ABI 10 (Linux 7.2), and this kernel has ABI $abi. Nothing was run."
        (Get-TerminatingError { Invoke-Landlocked -Require net_tcp -Unrestricted Net -- true }).Exception.Message | Should -BeExactly 'The protection net_tcp is required, but disabled: no ruleset handles it. Nothing was run.'
        (Get-TerminatingError { Invoke-Landlocked -Require net_tcp -Network Unrestricted -- true }).Exception.Message | Should -BeLike 'The protection net_tcp is required, but degraded: no filter looks at sockets, *'
    }

    It 'asks of all layers together' {
        $files = New-LandlockRuleset -Unrestricted Net
        $net = New-LandlockRuleset -Unrestricted Fs
        $files, $net | Invoke-Landlocked -Require net_tcp, truncate -- echo ran | Should -Be ran
        (Get-TerminatingError { $files | Invoke-Landlocked -Require net_tcp -- true }).FullyQualifiedErrorId | Should -BeLike 'ProtectionMissing,*'
    }

    It 'wants -LogDenials for logging' -Skip:($abi -lt 7) {
        (Get-TerminatingError { Invoke-Landlocked -Require logging -- true }).Exception.Message | Should -BeExactly 'The protection logging is required, but disabled: not asked for. Nothing was run.'
        Invoke-Landlocked -Require logging -LogDenials -- echo ran | Should -Be ran
    }

    It 'is heeded by <Cmdlet>' -Skip:($abi -ge 9) -ForEach @(
        @{ Cmdlet = 'New-LandlockSession'; Command = { New-LandlockSession -Require resolve_unix } }
        @{ Cmdlet = 'Enter-Landlock'; Command = { Enter-Landlock -Require resolve_unix } }
    ) {
        $failure = Get-TerminatingError $Command
        $failure.FullyQualifiedErrorId | Should -BeLike "ProtectionMissing,LandlockPS.$($Cmdlet.Replace('-', ''))Command"
        $failure.Exception.Message | Should -BeLike '*resolve_unix is required, but unavailable: it needs Landlock ABI 9*'
    }
}

Describe 'Invoke-Landlocked -AllowDegraded' {
    It 'says nothing of what it names, and refuses nothing' -Skip:($abi -ge 9) {
        $newer = New-LandlockRuleset -Abi 9 | Add-LandlockPathRule /usr -Access ReadOnly
        $null = $newer | Invoke-Landlocked -WarningVariable warned -WarningAction SilentlyContinue -- true
        "$warned" | Should -BeLike '*lacks resolve_unix (needs ABI 9, Linux 7.1)*'
        $newer | Invoke-Landlocked -AllowDegraded resolve_unix -WarningVariable warned -- echo ran | Should -Be ran
        $warned | Should -BeNullOrEmpty
        (Get-TerminatingError { $newer | Invoke-Landlocked -Compatibility HardRequirement -- true }).FullyQualifiedErrorId | Should -BeLike 'Incompatible,*'
        $newer | Invoke-Landlocked -Compatibility HardRequirement -AllowDegraded resolve_unix -- echo ran | Should -Be ran
        (Get-TerminatingError { $newer | Invoke-Landlocked -Compatibility HardRequirement -AllowDegraded scopes -- true }).FullyQualifiedErrorId | Should -BeLike 'Incompatible,*'
    }

    It 'knows that a rule for UDP may open all of it' -Skip:($abi -ge 10) {
        $null = Invoke-Landlocked -ConnectSendUdp 53 -AllowDegraded net_udp -WarningVariable warned -- true
        $warned | Should -BeNullOrEmpty
    }
}

Describe 'Invoke-Landlocked -Disable' {
    It 'lets through what it names, and nothing else' -Skip:($abi -lt 4) {
        Get-Socket @{ Disable = 'net_tcp' } | Should -Be 'unix tcp'
        Get-Socket @{ Disable = 'net_udp' } | Should -Be 'unix udp'
        Get-Socket @{ Disable = 'net_tcp', 'net_udp' } | Should -Be 'unix tcp udp'
        Get-Socket @{ Disable = 'seccomp' } | Should -Be 'unix tcp udp netlink'
        Get-Socket @{ Disable = 'truncate', 'scopes' } | Should -Be 'unix'
    }

    It 'leaves signals alone' -Skip:($abi -lt 6) {
        $script = 'print kill(0, $ARGV[0]) ? "sent" : "denied"'
        Invoke-Landlocked -- perl -e $script $PID | Should -Be denied
        Invoke-Landlocked -Disable scope_signal -- perl -e $script $PID | Should -Be sent
        Invoke-Landlocked -Disable scope_abstract_unix_socket -- perl -e $script $PID | Should -Be denied
    }

    It 'installs no filter' {
        Invoke-Landlocked -ReadData /proc -- grep ^Seccomp: /proc/self/status | Should -Be "Seccomp:`t2"
        Invoke-Landlocked -Disable seccomp -ReadData /proc -- grep ^Seccomp: /proc/self/status | Should -Be "Seccomp:`t0"
        Invoke-Landlocked -Disable seccomp { (Get-Content /proc/self/status) -match '^Seccomp:' } | Should -Be "Seccomp:`t0"
    }

    It 'does not loosen a ruleset that is given' -Skip:($abi -lt 4) {
        $failure = Get-TerminatingError { New-LandlockRuleset strict | Invoke-Landlocked -Disable net_tcp -- true }
        $failure.Exception.Message | Should -BeExactly "The ruleset 'strict' handles net_tcp, and a ruleset that is given is not loosened. Disable it where the ruleset is made, or leave it out of the policy."
        $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidProtection,LandlockPS.InvokeLandlockedCommand'
        $failure.CategoryInfo.Category | Should -Be InvalidArgument
        New-LandlockRuleset -Disable net_tcp | Invoke-Landlocked -Disable net_tcp -- echo ran | Should -Be ran
    }

    It 'does not take what contradicts it' {
        (Get-TerminatingError { Invoke-Landlocked -Require scopes -Disable scope_signal -- true }).Exception.Message | Should -BeExactly 'scope_signal cannot be required and disabled at once. Name it once.'
        (Get-TerminatingError { Invoke-Landlocked -Disable seccomp -Network None -- true }).Exception.Message | Should -BeExactly 'The network mode None is kept by the seccomp filter, and seccomp is disabled. Leave out one of them.'
        (Get-TerminatingError { Invoke-Landlocked -Disable refer -- true }).Exception.Message | Should -BeLike 'refer cannot be disabled: *'
    }

    It 'does not know <Name>' -ForEach @(
        @{ Name = 'net_tpc'; Message = "*'net_tpc' is no protection; did you mean 'net_tcp'?*" }
        @{ Name = 'None'; Message = "*'None' is no protection; there are refer, truncate, *" }
        @{ Name = $null; Message = '*A protection is missing; there are refer, truncate, *' }
    ) {
        $failure = Get-TerminatingError { Invoke-Landlocked -Disable $Name -- true }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $failure.Exception.Message | Should -BeLike $Message
    }
}

Describe 'The state of protections' {
    It 'is shown with its reason' -Skip:($abi -ne 7) {
        Get-Line @{ Disable = 'ioctl_dev'; ConnectTcp = 443 } | Should -Be @(
            'protection: refer                       active       Landlock'
            'protection: truncate                    active       Landlock'
            'protection: ioctl_dev                   disabled     left out as asked'
            'protection: net_tcp                     active       Landlock and seccomp'
            'protection: net_udp                     active       seccomp: there are no UDP sockets'
            'protection: resolve_unix                unavailable  it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI 7'
            'protection: scope_signal                active       Landlock'
            'protection: scope_abstract_unix_socket  active       Landlock'
            'protection: logging                     disabled     not asked for'
            'protection: seccomp                     active       seccomp'
        )
    }

    It 'is completed by name for -<Parameter>' -ForEach @{ Parameter = 'Require' }, @{ Parameter = 'AllowDegraded' }, @{ Parameter = 'Disable' } {
        (Complete "Invoke-Landlocked -$Parameter ").CompletionText | Should -Be refer, truncate, ioctl_dev, net_tcp, net_udp, resolve_unix, scope_signal, scope_abstract_unix_socket, logging, seccomp, scopes
        (Complete "New-LandlockRuleset -$Parameter net_tcp,sc").CompletionText | Should -Be scope_signal, scope_abstract_unix_socket, scopes
        (Complete "New-LandlockSession -$Parameter net_t").ToolTip | Should -Be 'Landlock ABI 4 (Linux 6.7): TCP ports; seccomp: TCP where no rule is for it; MPTCP, TCP Fast Open, io_uring'
    }
}

Describe 'Sockets of other programs' {
    BeforeAll {
        $path = "$TestDrive/agent"
        $agent = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
        $agent.Bind([System.Net.Sockets.UnixDomainSocketEndPoint]::new($path))
        $before = $env:SSH_AUTH_SOCK
        $env:SSH_AUTH_SOCK = $path
    }

    AfterAll {
        $agent.Dispose()
        $env:SSH_AUTH_SOCK = $before
    }

    It 'are warned of where a granted path holds one, once' {
        Invoke-Landlocked -ReadWrite $TestDrive -WarningVariable warned -WarningAction SilentlyContinue -- echo ran | Should -Be ran
        $warned | Should -HaveCount 1
        "$warned" | Should -BeLike "What is allowed reaches other programs: '$TestDrive' holds $path (ssh-agent). A command that connects there can have them act outside of the sandbox.*"
        if ($abi -lt 9) { "$warned" | Should -BeLike "*This kernel (Landlock ABI $abi) cannot deny connecting to UNIX sockets, whatever the rules say; ABI 9 (Linux 7.1) can. Refuse UNIX sockets altogether with -NoUnixSocket (--no-unix-socket)." }
        $null = Invoke-Landlocked -ReadWrite $TestDrive -AllowDegraded resolve_unix -WarningVariable warned -- true
        $warned | Should -BeNullOrEmpty
        $null = Invoke-Landlocked -ReadOnly /usr -WarningVariable warned -- true
        $warned | Should -BeNullOrEmpty
    }

    It 'are found although the command does not get the variable' {
        $null = Invoke-Landlocked -CleanEnvironment -ReadWrite $TestDrive -WarningVariable warned -WarningAction SilentlyContinue -- true
        "$warned" | Should -BeLike "*$path (ssh-agent)*"
    }

    It 'are listed before ABI 9, this PowerShell''s own among them' -Skip:($abi -ge 9) {
        $line = (Invoke-Landlocked -Verbose -- true 4>&1) -split "`n" -match '^sockets of other programs'
        $line | Should -BeLike "*$path (ssh-agent)*"
        $own = (Get-LandlockSupport).Sockets | Where-Object Service -Like 'this PowerShell*'
        $own.Path | Should -Contain (Get-ChildItem ([System.IO.Path]::GetTempPath()) -Filter "CoreFxPipe_PSHost.*.$PID.*").FullName
        if ($env:DOTNET_EnableDiagnostics -ne '0') { $own.Path | Should -Contain (Get-ChildItem ([System.IO.Path]::GetTempPath()) -Filter "dotnet-diagnostic-$PID-*").FullName }
        (Get-LandlockSupport).Sockets.Path | Should -Contain $path
    }

    It 'are within reach before ABI 9 indeed' -Skip:($abi -ge 9) {
        $agent.Listen()
        $script = 'use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); print connect($s, pack_sockaddr_un($ARGV[0])) ? "connected" : "$!"'
        Invoke-Landlocked -ReadOnly /usr -- perl -e $script $path | Should -Be connected
        Invoke-Landlocked -ReadOnly /usr -Network None -- perl -e $script $path | Should -Be connected
    }
}

Describe 'The environment' {
    BeforeAll {
        $names = 'LD_LIBRARY_PATH', 'BASH_ENV', 'PYTHONPATH', 'PERL5OPT', 'RUBYOPT', 'NODE_OPTIONS', 'JAVA_TOOL_OPTIONS', 'DOTNET_STARTUP_HOOKS'
        foreach ($name in $names) { [Environment]::SetEnvironmentVariable($name, ' ') }
    }

    AfterAll {
        foreach ($name in $names) { Remove-Item "Env:/$name" -ErrorAction Ignore }
    }

    It 'is passed on with what makes programs run something else first, unless it is clean' {
        $passed = Invoke-Landlocked -- env | ForEach-Object { $_.Split('=')[0] }
        foreach ($name in $names) { $passed | Should -Contain $name }
        $clean = Invoke-Landlocked -CleanEnvironment -- env | ForEach-Object { $_.Split('=')[0] }
        foreach ($name in $names) { $clean | Should -Not -Contain $name }
        $clean | Where-Object { $_ -notin 'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'COLORTERM', 'LANG', 'TZ', 'TMPDIR', 'LANDLOCKPS_SANDBOX', 'LANDLOCKPS_SANDBOX_FILE' -and $_ -notlike 'LC_*' } | Should -BeNullOrEmpty
        Invoke-Landlocked -CleanEnvironment -PassEnvironment 'PYTHON*' -- env | ForEach-Object { $_.Split('=')[0] } | Should -Contain PYTHONPATH
    }

    It 'is clean for script blocks, too' {
        Invoke-Landlocked -CleanEnvironment { $using:names | Where-Object { Test-Path "Env:/$_" } } | Should -BeNullOrEmpty
    }
}

Describe 'Invoke-Landlocked -ListInterfaces' {
    It 'lets a command list interfaces, and make no other socket of netlink' {
        $route = 'socket(my $s, 16, 3, 0) or print "$!\n"; socket($s, 16, 3, 9) or print "$!\n"'
        Invoke-Landlocked -- perl -e $route | Should -Be (@('Address family not supported by protocol') * 2)
        Invoke-Landlocked -ListInterfaces -Network None -- perl -e $route | Should -Be 'Address family not supported by protocol'
    }

    It 'may be allowed by rulesets, each of them' {
        $route = 'socket(my $s, 16, 3, 0) and print "made"'
        $lists, $plain = (New-LandlockRuleset -ListInterfaces), (New-LandlockRuleset)
        Invoke-Landlocked -Ruleset $lists -- perl -e $route | Should -Be made
        Invoke-Landlocked -Ruleset $lists, $plain -- perl -e $route | Should -BeNullOrEmpty
        # Also where it came from another process, or from a policy.
        $sent = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($lists))
        Invoke-Landlocked -Ruleset $sent -- perl -e $route | Should -Be made
        $lists | ConvertTo-LandlockPolicy | ConvertFrom-LandlockPolicy | ForEach-Object ListInterfaces | Should -BeTrue
        $lists | Format-List | Out-String | Should -Match 'Interfaces +: may be listed'
    }

    It 'is proposed where it was missing' {
        Invoke-Landlocked -ExplainVariable denied -- perl -e 'socket(my $s, 16, 3, 0) or exit 1'
        $denied.Parameter | Should -Contain '-ListInterfaces'
    }
}

Describe 'Invoke-Landlocked -NoUnixSocket' {
    BeforeAll {
        # Connects to each socket by its path, and says what came of it.
        $connect = 'for (@ARGV) { my $s; socket($s, 1, 1, 0) ? connect($s, pack "Sa*", 1, "$_\0") ? print "connected\n" : print "connect: $!\n" : print "socket: $!\n" }'
        # The sockets of this very PowerShell.
        # It makes the one for its hosts anew after each caller, and anybody may call.
        $null = Wait-Until {
            $script:own = @([System.IO.Directory]::GetFiles([System.IO.Path]::GetTempPath(), "CoreFxPipe_PSHost.*.$PID.*")) + @([System.IO.Directory]::GetFiles([System.IO.Path]::GetTempPath(), "dotnet-diagnostic-$PID-*"))
            $own.Count -eq 2
        }
    }

    It 'keeps a command from the PowerShell that starts it' -Skip:($env:POWERSHELL_DIAGNOSTICS_OPTOUT -or $env:DOTNET_EnableDiagnostics -eq '0') {
        $own.Count | Should -Be 2
        Invoke-Landlocked -NoUnixSocket -- perl -e $connect @own | Should -Be (@('socket: Address family not supported by protocol') * 2)
        Invoke-Landlocked -NoUnixSocket -Network Unrestricted -ReadWrite / -WarningAction Ignore -- perl -e $connect @own | Should -Be (@('socket: Address family not supported by protocol') * 2)
    }

    It 'is needed for that before ABI 9' -Skip:($abi -ge 9 -or $env:POWERSHELL_DIAGNOSTICS_OPTOUT -or $env:DOTNET_EnableDiagnostics -eq '0') {
        Wait-Until { "$(Invoke-Landlocked -- perl -e $connect @own)" -eq 'connected connected' } | Should -BeTrue
        Wait-Until { "$(Invoke-Landlocked -Network None -- perl -e $connect @own)" -eq 'connected connected' } | Should -BeTrue
    }

    It 'goes with -Network' {
        Get-Socket @{ NoUnixSocket = $true } | Should -Be ''
        Get-Socket @{ NoUnixSocket = $true; Network = 'Tcp' } | Should -Be 'tcp'
        Get-Socket @{ NoUnixSocket = $true; Network = 'Unrestricted' } | Should -Be 'tcp udp netlink'
        Get-Socket @{ NoUnixSocket = $true; Unrestricted = 'Net' } | Should -Be 'tcp udp netlink'
    }

    It 'keeps resolve_unix on every kernel' {
        Invoke-Landlocked -NoUnixSocket -Require resolve_unix, scope_abstract_unix_socket -- echo ran | Should -Be ran
        Get-Line @{ NoUnixSocket = $true } | Should -Contain "protection: resolve_unix                active       $($abi -ge 9 ? 'Landlock and seccomp' : 'seccomp'): there are no UNIX sockets"
        (Invoke-Landlocked -NoUnixSocket -Verbose -- true 4>&1) -join "`n" | Should -Match '(?m)^sockets: none; a seccomp filter refuses all, UNIX ones too, and io_uring$'
    }

    It 'leaves a script block all of PowerShell' {
        $made = Invoke-Landlocked -NoUnixSocket -Require resolve_unix {
            try { [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified').Dispose(); 'made' } catch { $_.Exception.InnerException.SocketErrorCode.ToString() }
            $env:POWERSHELL_DIAGNOSTICS_OPTOUT
            (Get-Process -Id $PID).ProcessName
            /bin/echo native
            1..2 | ForEach-Object -Parallel { $_ * 2 } | Sort-Object
        } -ReadOnly /usr, /bin
        $made | Should -Be 'AddressFamilyNotSupported', '1', 'pwsh', 'native', 2, 4
    }

    It 'holds in sessions' {
        $session = New-LandlockSession -NoUnixSocket
        try { Invoke-Command -Session $session { try { [System.Net.Sockets.Socket]::new('Unix', 'Dgram', 'Unspecified').Dispose(); 'made' } catch { $_.Exception.InnerException.SocketErrorCode.ToString() } } | Should -Be AddressFamilyNotSupported }
        finally { Remove-PSSession $session }
    }

    It 'does not contradict the rest' {
        $failure = Get-TerminatingError { Invoke-Landlocked -NoUnixSocket -UnixSocket /run -WarningAction Ignore -- true }
        $failure.Exception.Message | Should -BeExactly 'No UNIX socket is to be made, but there are rules for connecting to some. Leave out one of them.'
        $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidProtection,LandlockPS.InvokeLandlockedCommand'
        $failure.TargetObject | Should -Be UnixSocket
        (Get-TerminatingError { Invoke-Landlocked -NoUnixSocket -Disable resolve_unix -- true }).Exception.Message | Should -BeExactly 'No UNIX socket is to be made, and resolve_unix is disabled. Leave out one of them.'
        (Get-TerminatingError { Invoke-Landlocked -NoUnixSocket -Disable seccomp -- true }).Exception.Message | Should -BeExactly 'UNIX sockets are refused by the seccomp filter, and seccomp is disabled. Leave out one of them.'
    }
}

Describe 'Invoke-Landlocked and other processes' {
    It 'sets limits and scheduling of no process but its own' {
        $other = Start-Process sleep 60 -PassThru
        try {
            Invoke-Landlocked -ReadOnly /usr -- sh -c "prlimit --pid $($other.Id) --nofile=5 2>&1; taskset -p 1 $($other.Id) 2>&1" | Should -Match 'Operation not permitted|affinity mask'
            prlimit --pid $other.Id --nofile -o SOFT --noheadings | Should -Not -Match '^\s*5\s*$'
            Invoke-Landlocked -ReadOnly /usr -- prlimit --nofile=40 sh -c 'ulimit -n' | Should -Be 40
        }
        finally { $other.Kill() }
    }

    It 'leaves .NET the priority of its threads' {
        Invoke-Landlocked { [System.Threading.Thread]::CurrentThread.Priority = 'BelowNormal'; 1..2 | ForEach-Object -Parallel { $_ } | Sort-Object } | Should -Be 1, 2
    }

    It 'refuses System V IPC and namespaces where it is asked to, in <Where>' -ForEach @{ Where = 'commands' }, @{ Where = 'script blocks' }, @{ Where = 'sessions' } {
        $script = 'ipcmk -Q 2>&1 | grep -o "Function not implemented"; unshare -U true 2>&1 | grep -o "Operation not permitted"; true'
        $refused = @{ NoSystemVIpc = $true; RestrictNamespaces = $true; ReadOnly = '/usr', '/bin' }
        $said = switch ($Where) {
            commands { Invoke-Landlocked @refused -- sh -c $script }
            'script blocks' { Invoke-Landlocked @refused { sh -c $using:script } }
            sessions { $session = New-LandlockSession @refused; try { Invoke-Command -Session $session { sh -c $using:script } } finally { Remove-PSSession $session } }
        }
        $said | Should -Be 'Function not implemented', 'Operation not permitted'
    }

    It 'says what is refused, and needs the filter for it' {
        (Invoke-Landlocked -NoSystemVIpc -RestrictNamespaces -Verbose -- true 4>&1) -split "`n" | Should -Contain "refused by the seccomp filter, too: typing into the terminal (TIOCSTI, TIOCLINUX), the kernel's keyrings, limits and scheduling of other processes, System V IPC, namespaces, userfaultfd, bpf and perf_event_open"
        (Get-TerminatingError { Invoke-Landlocked -NoSystemVIpc -Disable seccomp -- true }).Exception.Message | Should -BeExactly 'System V IPC is refused by the seccomp filter, and seccomp is disabled. Leave out one of them.'
        (Get-TerminatingError { Invoke-Landlocked -RestrictNamespaces -Disable seccomp -- true }).Exception.Message | Should -BeExactly 'Namespaces are refused by the seccomp filter, and seccomp is disabled. Leave out one of them.'
    }
}
