#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }
# Operators for Pester's Should that assert what a policy allows and denies. Not part of the module until somebody asks for it:
#   Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"
Import-Module "$PSScriptRoot/LandlockPS.psd1"
Set-StrictMode -Version 3

# What stands left of Should: as parameters that mean what they mean to Invoke-Landlocked, and as words for messages.
function Get-Subject([string] $Operator, $Value, $Variable) {
    $parameters = @{}
    $names = foreach ($item in @($Value)) {
        $kind, $entry, $name = switch ($item) {
            { $_ -is [string] -and $_ } { 'Policy', $_, "policy '$_'" }
            { $_ -is [System.IO.FileSystemInfo] } { 'Policy', $_, "policy '$($_.FullName)'" }
            { $_ -is [Landlock.Rulesets.Ruleset] } { 'Ruleset', $_, $(if ($_.Name) { "ruleset '$($_.Name)'" } else { 'the ruleset' }) }
            { $_ -is [Landlock.Profiles.Profile] } { 'Profile', $_.Name, "profile '$($_.Name)'" }
            { $_ -is [Landlock.Policies.Preset] } { 'Preset', $_.Name, "preset '$($_.Name)'" }
            default { throw [ArgumentException]"Should -$Operator takes the path of a policy, rulesets, profiles or presets, and was given $($null -eq $_ ? 'nothing' : "$($_.GetType()): '$_'"). Write './ci.toml' | Should -$Operator, or `$ruleset | Should -$Operator." }
        }
        if (-not $parameters.ContainsKey($kind)) { $parameters[$kind] = @() }
        $parameters[$kind] += $entry
        $name
    }
    if ($Variable) { $parameters['Variable'] = $Variable }
    @{ Parameters = $parameters; Name = $names -join ', ' }
}

# The rights that an access stands for at a path: of classes, those that the kernel has and that apply to what is there.
function Get-AskedRight([string] $Path, $Access) {
    $asked = [Landlock.Abi.AccessFs]::None
    $all = [Landlock.Abi.AbiTable]::AllFs([Math]::Max((Get-LandlockSupport).Abi, 1))
    $isFile = Test-Path -LiteralPath $Path -PathType Leaf
    foreach ($word in @($Access) -split ',') {
        $rights = [Landlock.Rulesets.AccessText]::ParseFs($word.Trim())
        if ($word.Trim() -in [Landlock.Rulesets.AccessClass]::All.Name) {
            $rights = $rights -band $all
            if ($isFile) { $rights = $rights -band [Landlock.Abi.AbiTable]::FileRights -band -bnot [Landlock.Abi.AccessFs]'IoctlDev, ResolveUnix' }
        }
        $asked = $asked -bor $rights
    }
    $names = @([Landlock.Abi.AbiTable]::Names([Landlock.Abi.AccessFs] $asked))
    if (-not $names) { throw [ArgumentException]"'$Access' means nothing for '$Path'. Name other rights with -Access." }
    $names
}

function Format-Reason([string] $Because) {
    if ($Because.Trim()) { ", because $($Because.Trim() -replace '^because\s+')," } else { ',' }
}

# Why something is allowed, and what takes it away.
function Format-Grant([string[]] $Rights, $Rules, [string] $Handled, [string] $Narrow) {
    $ruled = @(foreach ($rule in $Rules) {
            if ($null -ne $rule.PathRule) { [Landlock.Abi.AbiTable]::Names($rule.PathRule.Access) } else { [Landlock.Abi.AbiTable]::Names($rule.NetRule.Access) }
        })
    $free = @($Rights | Where-Object { $_ -notin $ruled })
    $parts = @(
        if ($Rules) {
            $named = @($Rules | ForEach-Object { "'$_' of layer $($_.Layer)$(if ($_.LayerName) { " '$($_.LayerName)'" })" })
            "$($named.Count -eq 1 ? 'the rule' : 'the rules') $($named -join ' and ') $($named.Count -eq 1 ? 'allows' : 'allow') $(@($Rights | Where-Object { $_ -in $ruled }) -join ','). $Narrow"
        }
        if ($free) { "no layer handles $($free -join ','). Add $($free.Count -eq 1 ? 'it' : 'them') to $Handled" }
    )
    "$($parts -join '; and ')."
}

function Format-Denial($Answer) {
    $fix = if ($Answer.Fix) { " What would allow it: $($Answer.Fix -join ' ')" } else { ' No rule can allow it' }
    "$($Answer.Denials -join '; ').$fix."
}

function Get-Result([string[]] $Failures) {
    $shown = @($Failures | Select-Object -First 10)
    if ($Failures.Count -gt $shown.Count) { $shown += "... and $($Failures.Count - $shown.Count) more." }
    [pscustomobject]@{ Succeeded = $Failures.Count -eq 0; FailureMessage = $shown -join "`n" }
}

# Exit codes of what is started here are nobody else's.
function Save-ExitCode([scriptblock] $Action) {
    $code = Get-Variable -Scope Global -Name LASTEXITCODE -ValueOnly -ErrorAction Ignore
    try { . $Action } finally { $global:LASTEXITCODE = $code }
}

# Of each path or port, what can be tried outside too: where the user may not, the kernel's answer inside would say nothing.
function Select-Try($Tries, [string[]] $Outside) {
    for ($i = 0; $i -lt $Tries.Count; $i++) { $Tries[$i].Usable = $Outside[$i] -eq 'allowed' }
    foreach ($group in $Tries | Group-Object { $_.Shown }) {
        if ($group.Group.Usable -notcontains $true) { throw "$($group.Name) cannot be used outside of a sandbox either ($($group.Group.Right -join ',')), so that the kernel's answer inside would say nothing. Run the test as a user who may, or leave out -Kernel." }
    }
    $Tries | Where-Object { $_.Usable }
}

# Opens files for reading or writing, and directories for listing, in a sandbox. Adds to each what the kernel says: 'allowed' or 'denied'.
function Get-KernelAnswer($Subject, $Tries) {
    $script = 'while [ $# -gt 0 ]; do case $1 in write_file) (exec 3>>"$2") 2>&- ;; *) (exec 3<"$2") 2>&- ;; esac && echo allowed || echo denied; shift 2; done'
    $parameters = $Subject.Parameters
    $words = @(foreach ($try in $Tries) { $try.Right, $try.Path })
    $Tries = @(Select-Try $Tries @(Save-ExitCode { & /bin/sh -c $script sh @words }))
    $words = @(foreach ($try in $Tries) { $try.Right, $try.Path })
    $inside = @(Save-ExitCode { Invoke-Landlocked @parameters -WarningAction Ignore -- /bin/sh -c $script sh @words 2>&1 })
    if ($inside.Count -ne $Tries.Count) { throw "The kernel could not be asked, since /bin/sh did not run in the sandbox: $inside" }
    for ($i = 0; $i -lt $Tries.Count; $i++) { $Tries[$i].Said = $inside[$i] }
    $Tries
}

# Of what was asked about a path, what can be tried without changing anything.
function Get-Try($Subject, [string] $Path, [string[]] $Rights) {
    $full = if ($Path.StartsWith('/')) { $Path } else { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path) }
    $can = if (Test-Path -LiteralPath $full -PathType Container) { @('read_dir') }
    elseif (Save-ExitCode { & /bin/sh -c 'test -f "$1" && echo yes' sh $full }) { @('read_file', 'write_file') }
    else { throw "'$Path' is no file or directory, so that the kernel cannot be asked about it. Create it, or leave out -Kernel." }
    $tried = @($can | Where-Object { $_ -in $Rights })
    if (-not $tried) { throw "Of $($Rights -join ',') nothing can be tried on '$Path' without changing anything. -Kernel opens files for reading (read_file) or writing (write_file), and lists directories (read_dir)." }
    foreach ($right in $tried) {
        $parameters = $Subject.Parameters
        if (-not (Test-LandlockAccess -LiteralPath $full -Access $right @parameters).Allowed -and (Test-LandlockAccess -LiteralPath $full -Access $right -Command /bin/sh @parameters).Allowed) {
            throw "'$Path' is granted to every command or to /bin/sh, which tries it, so that the kernel cannot be asked about it. Leave out -Kernel."
        }
        @{ Path = $full; Shown = "'$Path'"; Right = $right }
    }
}

function Compare-PathAccess([string] $Operator, $ActualValue, $Path, $Access, $Variable, [switch] $Kernel, [switch] $Negate, [string] $Because) {
    if (-not $Path) { throw [ArgumentException]"Should -$Operator needs a path: Should -$Operator /etc/shadow." }
    $subject = Get-Subject -Operator $Operator -Value $ActualValue -Variable $Variable
    $parameters = $subject.Parameters
    $reason = Format-Reason $Because
    $deny = $Operator -eq 'DenyPath'
    $every = $deny -and -not $Access
    $words = if ($Access) { @($Access) -join ',' } elseif ($deny) { 'all access' } else { 'ReadData' }
    $wish = "Expected $($subject.Name) $(if ($Negate) { 'not ' })to $(if ($deny) { 'deny' } else { 'allow' }) $words"
    $tries = @()
    $failures = @(foreach ($one in $Path) {
            $rights = Get-AskedRight $one ($Access ?? ($every ? 'ReadWriteExecute' : 'ReadData'))
            $answer = Test-LandlockAccess -LiteralPath $one -Access ($rights -join ',') @parameters
            $allowed = @($rights | Where-Object { $_ -notin $answer.Missing })
            $holds = if ($deny) { $allowed.Count -eq 0 } else { $answer.Allowed }
            if ($holds -eq $Negate) {
                # Either it should have been denied, or allowed.
                $why = if ($deny -ne $Negate) {
                    $rules = (Test-LandlockAccess -LiteralPath $one -Access ($allowed -join ',') @parameters).Rule
                    Format-Grant -Rights $allowed -Rules $rules -Handled 'handled_access_fs of the policy' -Narrow 'Remove or narrow it, or take the path out with -Except'
                }
                else { Format-Denial $answer }
                "$wish on '$one'$reason but $why"
            }
            elseif ($Kernel) {
                $tries += @(Get-Try -Subject $subject -Path $one -Rights $rights | ForEach-Object { $_.Expected = $_.Right -in $allowed ? 'allowed' : 'denied'; $_ })
            }
        })
    if (-not $failures -and $tries) {
        $failures = @(foreach ($try in Get-KernelAnswer $subject $tries) {
                if ($try.Said -ne $try.Expected) { "$wish on $($try.Shown)$reason but the kernel says that $($try.Right) is $($try.Said)." }
            })
    }
    Get-Result $failures
}

# Connects to, or binds, local ports: 'allowed' or 'denied' for each. Runs inside and outside.
$PortScript = {
    foreach ($try in $args[0]) {
        $right, $port = $try -split ' '
        $denied = $false
        try {
            $socket = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
            $place = [System.Net.IPEndPoint]::new([System.Net.IPAddress]::Loopback, [int] $port)
            if ($right -eq 'bind_tcp') { $socket.Bind($place) } else { $socket.Connect($place) }
        }
        catch [System.Net.Sockets.SocketException] {
            # Nobody listens, or somebody has the port: the sandbox let it through.
            $denied = $_.Exception.SocketErrorCode -notin 'ConnectionRefused', 'AddressAlreadyInUse', 'TimedOut'
        }
        finally {
            if (Test-Path variable:socket) { $socket.Dispose() }
        }
        $denied ? 'denied' : 'allowed'
    }
}

function Compare-PortAccess([string] $Operator, $ActualValue, $Port, $Access, $Variable, [switch] $Kernel, [switch] $Negate, [string] $Because) {
    if (-not $Port) { throw [ArgumentException]"Should -$Operator needs a port: Should -$Operator 443." }
    $subject = Get-Subject -Operator $Operator -Value $ActualValue -Variable $Variable
    $parameters = $subject.Parameters
    $reason = Format-Reason $Because
    $deny = $Operator -eq 'DenyPort'
    $rights = @(($Access ?? ($deny ? ('connect_tcp', 'bind_tcp') : 'connect_tcp')) -split ',' | ForEach-Object Trim)
    $question = @{}
    foreach ($right in $rights) {
        $question[(@{ connect_tcp = 'ConnectTcp'; bind_tcp = 'BindTcp'; connect_send_udp = 'ConnectSendUdp'; bind_udp = 'BindUdp' }[$right] ??
                $(throw [ArgumentException]"'$right' is no right for ports. -Access takes connect_tcp, bind_tcp, connect_send_udp and bind_udp."))] = $Port
    }
    if ($Kernel -and ($rights -notmatch '_tcp$')) { throw [ArgumentException]'-Kernel tries TCP only. Leave it out for UDP.' }
    $answers = @(Test-LandlockAccess @question @parameters)
    $wish = "Expected $($subject.Name) $(if ($Negate) { 'not ' })to $(if ($deny) { 'deny' } else { 'allow' })"
    $failures = @(if ($deny -and $Negate) {
            # Not denied as soon as one of the rights is allowed.
            $answers | Group-Object Path | Where-Object { $_.Group.Allowed -notcontains $true } | ForEach-Object { "$wish $($rights -join ',') to $($_.Name)$reason but $(Format-Denial $_.Group[0])" }
        }
        elseif (-not $deny -and $Negate) {
            $answers | Group-Object Path | Where-Object { $_.Group.Allowed -notcontains $false } | ForEach-Object { "$wish $($rights -join ',') to $($_.Name)$reason but $(Format-Grant -Rights $rights -Rules $_.Group.Rule -Handled 'handled_access_net of the policy' -Narrow 'Remove it or name fewer ports')" }
        }
        else {
            foreach ($answer in $answers | Where-Object Allowed -EQ $deny) {
                $why = if ($deny) { Format-Grant -Rights $answer.Access -Rules $answer.Rule -Handled 'handled_access_net of the policy' -Narrow 'Remove it or name fewer ports' } else { Format-Denial $answer }
                "$wish $($answer.Access) to $($answer.Path)$reason but $why"
            }
        })
    if (-not $failures -and $Kernel) {
        $tries = @($answers | ForEach-Object { @{ Text = "$($_.Access) $($_.Path -replace '^port ')"; Shown = $_.Path; Right = $_.Access; Expected = $_.Allowed ? 'allowed' : 'denied' } })
        $tries = @(Select-Try $tries @(& $PortScript $tries.Text))
        $said = @(Save-ExitCode { Invoke-Landlocked @parameters -WarningAction Ignore $PortScript.Ast.GetScriptBlock() -ArgumentList (, $tries.Text) })
        if ($said.Count -ne $tries.Count) { throw "The kernel could not be asked, since pwsh did not run in the sandbox: $said" }
        $failures = @(for ($i = 0; $i -lt $tries.Count; $i++) {
                if ($said[$i] -ne $tries[$i].Expected) { "$wish $($tries[$i].Right) to $($tries[$i].Shown)$reason but the kernel says that it is $($said[$i])." }
            })
    }
    Get-Result $failures
}

<#
.SYNOPSIS
    Asserts that a policy denies paths: every right that is asked about, or any access at all.
.DESCRIPTION
    The policy is the path of a document, rulesets (one nested layer each) or presets. With -Kernel, what can be tried without changing
    anything, and what the user may do outside, is also tried in a sandboxed child: opening files for reading and writing, listing
    directories. What Invoke-Landlocked grants beside the policy, the command's own files and the baseline, is not counted in.
.EXAMPLE
    './web.toml' | Should -DenyPath /etc/shadow
.EXAMPLE
    './web.toml' | Should -DenyPath /etc, /usr -Access write_file, make_reg -Because 'the service changes no programs'
.EXAMPLE
    $ruleset | Should -DenyPath /root/.ssh -Kernel
#>
function Assert-LandlockDenyPath($ActualValue, $Path, $Access, $Variable, [switch] $Kernel, [switch] $Negate, [string] $Because) {
    Compare-PathAccess -Operator DenyPath @PSBoundParameters
}

<#
.SYNOPSIS
    Asserts that a policy allows all that is asked about on paths; without -Access, reading and listing (ReadData).
.EXAMPLE
    './web.toml' | Should -AllowPath /srv/www
.EXAMPLE
    './web.toml' | Should -AllowPath /var/log/web -Access ReadWrite
.EXAMPLE
    './web.toml' | Should -AllowPath /srv/www -Kernel
#>
function Assert-LandlockAllowPath($ActualValue, $Path, $Access, $Variable, [switch] $Kernel, [switch] $Negate, [string] $Because) {
    Compare-PathAccess -Operator AllowPath @PSBoundParameters
}

<#
.SYNOPSIS
    Asserts that a policy denies ports: connecting and binding by TCP, or the rights of -Access.
.DESCRIPTION
    With -Kernel, a sandboxed child also tries to connect to these ports of the machine itself, or to bind them.
.EXAMPLE
    './web.toml' | Should -DenyPort 22, 25
.EXAMPLE
    './web.toml' | Should -DenyPort '1-1023' -Access bind_tcp
#>
function Assert-LandlockDenyPort($ActualValue, $Port, $Access, $Variable, [switch] $Kernel, [switch] $Negate, [string] $Because) {
    Compare-PortAccess -Operator DenyPort @PSBoundParameters
}

<#
.SYNOPSIS
    Asserts that a policy allows ports: connecting by TCP, or the rights of -Access.
.EXAMPLE
    './web.toml' | Should -AllowPort 443
.EXAMPLE
    './web.toml' | Should -AllowPort 8080 -Access bind_tcp -Kernel
#>
function Assert-LandlockAllowPort($ActualValue, $Port, $Access, $Variable, [switch] $Kernel, [switch] $Negate, [string] $Because) {
    Compare-PortAccess -Operator AllowPort @PSBoundParameters
}

<#
.SYNOPSIS
    Asserts that this kernel enforces all that a policy asks for, by starting /bin/true in the sandbox.
.EXAMPLE
    './web.toml' | Should -BeFullyEnforced
#>
function Assert-LandlockFullyEnforced($ActualValue, $Variable, [switch] $Negate, [string] $Because) {
    $subject = Get-Subject -Operator BeFullyEnforced -Value $ActualValue -Variable $Variable
    $parameters = $subject.Parameters
    $reason = Format-Reason $Because
    $problem = $null
    try {
        Save-ExitCode {
            $said = Invoke-Landlocked @parameters -Compatibility HardRequirement -WarningAction Ignore -- /bin/true 2>&1
            if ($LASTEXITCODE) { throw "$said" }
        }
    }
    catch {
        # Another mistake, in the policy say, is no answer.
        if ($_.FullyQualifiedErrorId -notmatch '^(Incompatible|SandboxNotEnforced),') { throw }
        $problem = "$_"
    }
    if ($Negate) { return Get-Result @(if (-not $problem) { "Expected $($subject.Name) not to be fully enforced$reason but this kernel enforces all of it." }) }
    Get-Result @(if ($problem) { "Expected $($subject.Name) to be fully enforced$reason but it is not: $problem Run it on a newer kernel, or ask for an older ABI." })
}

<#
.SYNOPSIS
    Asserts that a command runs to its end in the sandbox of a policy: exit code 0, or for a script block no error.
.DESCRIPTION
    The command really runs. It is a program and its arguments, or a script block. With -Not it has to fail, and the sandbox has to have denied
    it something: a command that fails by itself proves nothing.
.EXAMPLE
    './web.toml' | Should -RunLandlocked nginx, -t
.EXAMPLE
    './web.toml' | Should -RunLandlocked { Get-Content /srv/www/index.html }
.EXAMPLE
    './web.toml' | Should -Not -RunLandlocked cat, /etc/shadow
#>
function Assert-LandlockRun($ActualValue, $Command, $Variable, [switch] $Negate, [string] $Because) {
    if (-not $Command) { throw [ArgumentException]'Should -RunLandlocked needs a command: Should -RunLandlocked cat, /srv/www/index.html.' }
    $subject = Get-Subject -Operator RunLandlocked -Value $ActualValue -Variable $Variable
    $parameters = $subject.Parameters
    $reason = Format-Reason $Because
    $records = [System.Collections.Generic.List[object]]::new()
    $denials = @()
    . Save-ExitCode {
        if ($Command -is [scriptblock]) {
            $shown = "{$Command}"
            try { Invoke-Landlocked @parameters -WarningAction Ignore -ExplainVariable denials $Command 2>&1 6>$null | ForEach-Object { $records.Add($_) } } catch { $records.Add($_) }
            $wrong = @($records | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] -and $_.FullyQualifiedErrorId -notlike 'NativeCommandError*' })
            $failed = $wrong.Count -gt 0
            $ended = $failed ? 'it raised an error' : 'it ran without an error'
        }
        else {
            $program, $rest = @($Command)
            $rest = @($rest)
            $shown = "'$(@($Command) -join ' ')'"
            Invoke-Landlocked @parameters -WarningAction Ignore -ExplainVariable denials -- $program @rest 2>&1 6>$null | ForEach-Object { $records.Add($_) }
            $failed = $LASTEXITCODE -ne 0
            $ended = "its exit code was $LASTEXITCODE"
        }
    }
    $said = "$(@($records | Select-Object -Last 3 | ForEach-Object { "$_".Trim() }) -join ' / ')"
    if ($said) { $ended += ", and it said: $said" }
    $refused = @($denials | Where-Object { $_ -and $_.Cause -eq 'Sandbox' })
    if ($Negate) {
        return Get-Result @(
            if (-not $failed) { "Expected $($subject.Name) not to let $shown run$reason but $ended" }
            elseif (-not $refused) { "Expected $($subject.Name) not to let $shown run$reason but the sandbox denied it nothing; $ended" })
    }
    $list = @($refused | Select-Object -First 5 | ForEach-Object { "`n  $($_.Summary)`n      $($_.Parameter)" }) -join ''
    Get-Result @(if ($failed) { "Expected $($subject.Name) to let $shown run$reason but $ended$(if ($list) { "`nDenied by the sandbox, and what would allow it:$list" } else { "`nThe sandbox denied it nothing." })" })
}

foreach ($operator in @{ DenyPath = 'DenyPath'; AllowPath = 'AllowPath'; DenyPort = 'DenyPort'; AllowPort = 'AllowPort'; BeFullyEnforced = 'FullyEnforced'; RunLandlocked = 'Run' }.GetEnumerator()) {
    $name = "Assert-Landlock$($operator.Value)"
    Add-ShouldOperator -Name $operator.Key -InternalName $name -Test (Get-Item "function:$name").ScriptBlock -SupportsArrayInput
}

# Exported for Get-ShouldOperator, which shows their help.
Export-ModuleMember -Function 'Assert-Landlock*'
