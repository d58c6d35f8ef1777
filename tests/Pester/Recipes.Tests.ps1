BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $abi = (Get-LandlockSupport).Abi
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../docs/recipes.md'))
    $titles = [regex]::Matches($text, '(?m)^## (.*)').ForEach{ $_.Groups[1].Value }
    # The table of converters, with what their output begins with.
    $magic = @{ convert = [string][char]0xFF + [char]0xD8; pdftotext = "`f"; pdftoppm = [char]0x89 + 'PNG'; gs = '%PDF-'; ffmpeg = 'fLaC' }
    $converters = foreach ($row in [regex]::Matches($text, "(?m)^\| (?<from>[^|]+) \| [^|]+ \| ``(?<line>'(?<program>\w+) .*')`` \|$")) {
        $program = $row.Groups['program'].Value
        @{ Program = $program; Line = $row.Groups['line'].Value; From = $row.Groups['from'].Value; Magic = $magic[$program] }
    }
    $lacks = @{
        python3 = -not (Test-Path /usr/bin/python3)
        sshd = -not (Test-Path /usr/sbin/sshd) -or -not (Get-Command ssh-keygen -CommandType Application -ErrorAction Ignore) -or (id -u) -ne 0
        verify = -not (Get-Command systemd-analyze -CommandType Application -ErrorAction Ignore)
        # A mount namespace stands for a machine that landlocked is installed on.
        machine = (id -u) -ne 0 -or -not (Get-Command unshare -CommandType Application -ErrorAction Ignore) -or
            -not $(unshare --mount sh -c 'mount -t tmpfs tmpfs /srv && mkdir /srv/a /srv/u /srv/w && mount -t overlay overlay -o lowerdir=/srv/a:/usr,upperdir=/srv/u,workdir=/srv/w /usr && echo ok' 2>$null)
        apt = -not (Get-Command apt -CommandType Application -ErrorAction Ignore)
        soffice = -not (Get-Command soffice -CommandType Application -ErrorAction Ignore)
        tools = @('git', 'make', 'iconv', 'bash' | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) })
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $module = (Get-Module LandlockPS).ModuleBase
    $landlocked = (Get-Item "$module/bin/linux-*/landlocked").FullName
    $repository = (Resolve-Path "$PSScriptRoot/../..").Path
    $text = [System.IO.File]::ReadAllText("$repository/docs/recipes.md")
    $saved = Get-Location

    # A block of a recipe, by the recipe's title and the block's language; the first or the one that matches.
    function Get-Block([string] $Title, [string] $Language, [string] $Like = '*') {
        $section = [regex]::Match($text, "(?sm)^## $([regex]::Escape($Title))\n(.*?)(?=^## |\z)").Groups[1].Value
        [regex]::Matches($section, "(?sm)^``````$Language\n(.*?)\n``````$").ForEach{ $_.Groups[1].Value } | Where-Object { $_ -like $Like } | Select-Object -First 1
    }

    # A new folder of the test, to be in.
    function Enter-Folder {
        $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid().ToString('N').Substring(0, 8))").FullName
        Set-Location $folder
        [Environment]::CurrentDirectory = $folder
        $folder
    }

    # Runs lines of a shell as they stand, with landlocked in the path. Gives what they said; $LASTEXITCODE is theirs.
    function Invoke-Shell([string] $Code, [string] $Stdin, [hashtable] $Environment = @{}) {
        $pairs = @($Environment.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" })
        $Stdin | timeout 60 env @pairs "PATH=$(Split-Path $landlocked):$env:PATH" bash -c $Code 2>&1
    }
}

AfterAll {
    Set-Location $saved
    [Environment]::CurrentDirectory = $saved.Path
}

Describe 'Each recipe' {
    It 'says what it does not protect: <_>' -ForEach $titles {
        [regex]::Match($text, "(?sm)^## $([regex]::Escape($_))\n(.*?)(?=^## |\z)").Value | Should -MatchExactly '(?m)^\*\*It does not protect\*\* \w+'
    }

    It 'is run by a test of this file: <_>' -ForEach $titles {
        [System.IO.File]::ReadAllText($PSCommandPath) | Should -MatchExactly "Describe .$([regex]::Escape($_))."
    }
}

Describe 'An untrusted script' -Skip:($abi -lt 4) {
    It 'writes to its directory and nowhere else, and sees no secret' {
        $folder = Enter-Folder
        Set-Content install.sh "echo `"token: `$MY_TOKEN`"; echo done > made; cat ../secret > stolen; echo x > ../../outside; exec 3<>/dev/tcp/127.0.0.1/22"
        Set-Content secret 'a secret'
        $said = Invoke-Shell (Get-Block 'An untrusted script' sh) -Environment @{ MY_TOKEN = 'abc' }
        Get-Content work/made | Should -Be done
        Get-Content work/stolen -ErrorAction Ignore | Should -BeNullOrEmpty
        "$TestDrive/outside" | Should -Not -Exist
        "$said" | Should -Match 'token: (?!abc)'
        "$said" | Should -Match 'secret: Permission denied'
    }

    It 'is stopped after a while, and leaves nothing behind' {
        $null = Enter-Folder
        $mark = Get-Random -Minimum 100000 -Maximum 900000
        Set-Content install.sh "setsid sleep $mark & echo x > `$TMPDIR/file; ls `$TMPDIR; pwd > place; echo `$TMPDIR > temp; sleep $mark"
        $said = Invoke-Shell ((Get-Block 'An untrusted script' sh) -replace '--timeout 600', '--timeout 3')
        $LASTEXITCODE | Should -Be 124 -Because "$said"
        "$said" | Should -Match 'file'
        "$said" | Should -Match 'was stopped after 3 seconds'
        Get-Content work/temp | Should -Not -Exist
        pgrep -f "sleep $mark" | Should -BeNullOrEmpty
    }

    It 'gives root no device nodes' -Skip:((id -u) -ne 0) {
        $null = Enter-Folder
        Set-Content install.sh 'echo done > made; mknod disk b 8 0; mknod $TMPDIR/disk b 8 0; ls'
        $said = Invoke-Shell (Get-Block 'An untrusted script' sh -Like '*--profile*') -Environment @{ HOME = "$TestDrive" }
        "$said" | Should -MatchExactly '^mknod: .*: Permission denied mknod: .*: Permission denied made$'
        $options = [regex]::Match($text, '`(--access [a-z_,]+:work)`').Groups[1].Value -split ' '
        Set-Location ..
        $null = New-Item -ItemType Directory -Force work
        & $landlocked --preset Base @options --chdir work -- sh -c 'exec 2>&1; echo done > made && mkdir inner && ls; mknod disk b 8 0' |
            Should -Be inner, made, 'mknod: disk: Permission denied'
    }

    It 'runs a script of PowerShell' {
        $null = Enter-Folder
        Set-Content script.ps1 "'done' > ./work/made; try { Get-Content ./secret -ErrorAction Stop } catch { `"`$_`" }"
        Set-Content secret 'a secret'
        . ([scriptblock]::Create((Get-Block 'An untrusted script' powershell))) | Should -BeLike 'Access to the path *secret* is denied.'
        Get-Content work/made | Should -Be done
    }
}

Describe 'A build without network' -Skip:($lacks.tools.Count -gt 0 -or $abi -lt 4) {
    It 'fetches with the network and builds without' {
        $null = Enter-Folder
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        try {
            Set-Content Makefile "all:`n`t@bash -c 'exec 3<>/dev/tcp/127.0.0.1/$port' && echo reached > built || echo alone > built`nfetch:`n`t@bash -c 'exec 3<>/dev/tcp/127.0.0.1/$port' && echo fetched > dependency"
            $said = Invoke-Shell (Get-Block 'A build without network' sh)
        }
        finally { $listener.Stop() }
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        Get-Content dependency | Should -Be fetched
        Get-Content built | Should -Be alone
    }
}

Describe "An AI agent's shell, confined to its repository" -Skip:($lacks.tools.Count -gt 0 -or $abi -lt 4) {
    BeforeAll {
        $title = "An AI agent's shell, confined to its repository"
        $outer = Enter-Folder
        $null = New-Item -ItemType Directory repository
        Set-Content secret 'a secret'
        Set-Location repository
        git init -q . 2>&1 | Out-Null
        Set-Content file one
        git add file
        git -c user.name=a -c user.email=a@b commit -q -m first
    }

    It 'works in its repository, leaves no hook behind, and reaches nothing else of the user' {
        $typed = @"
echo two > file
git -c user.name=agent -c user.email=a@b commit -q -a -m second && echo committed
cat '$outer/secret'
echo changed > '$outer/other'
echo "key: `$AGENT_API_KEY, token: `$OTHER_TOKEN"
echo text > "`$TMPDIR/note" && echo temporary
printf '#!/bin/sh\necho ran\n' > program && chmod +x program && ./program
cp program .git/hooks/pre-commit
"@
        $said = (Invoke-Shell (Get-Block $title sh) -Stdin $typed -Environment @{ AGENT_API_KEY = 'k'; OTHER_TOKEN = 't' }) -join "`n"
        $said | Should -MatchExactly '(?m)^committed$'
        $said | Should -MatchExactly '(?m)^temporary$'
        $said | Should -MatchExactly '(?m)^ran$'
        $said | Should -Match 'key: k, token: $|key: k, token: \n'
        $said | Should -Match 'secret: Permission denied'
        $said | Should -Not -Match 'a secret'
        $said | Should -Match "had changed '.*/.git/hooks', which was put back"
        Test-Path "$outer/other" | Should -BeFalse
        Test-Path .git/hooks/pre-commit | Should -BeFalse
        git log --format=%s -1 | Should -Be second
    }
}

Describe 'What does this tool need?' {
    It 'says what the session was denied, and what would allow it' {
        $null = Enter-Folder
        $denials = @(. ([scriptblock]::Create((Get-Block 'What does this tool need?' powershell))) | Where-Object { $_.PSObject.Properties['Parameter'] })
        $denials.Parameter | Should -Contain '-ReadData /etc/hostname'
        Get-PSSession | Where-Object { $_.State -eq 'Opened' } | Should -BeNullOrEmpty
    }
}

Describe 'Converting untrusted documents' -Skip:($lacks.tools.Count -gt 0 -or $abi -lt 4) {
    BeforeEach {
        $null = Enter-Folder
        [System.IO.File]::WriteAllBytes("$PWD/letter.txt", [byte[]](0x63, 0x61, 0x66, 0xE9, 0x0A))
    }

    It 'converts in a shell' {
        $said = Invoke-Shell (Get-Block 'Converting untrusted documents' sh)
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        Get-Content letter.utf8.txt | Should -Be "caf$([char]0xE9)"
    }

    It 'gives a converter that does more nothing' {
        # Stands in for a converter that a document has taken over.
        Set-Content bad.sh 'cat letter.txt; echo x > new; exec 3<>/dev/tcp/127.0.0.1/22'
        $code = (Get-Block 'Converting untrusted documents' sh) -replace "converter='.*?'", "converter='bash -s'" -replace '< letter.txt', '< bad.sh'
        $said = Invoke-Shell $code
        "$said" | Should -Match 'letter.txt: Permission denied'
        "$said" | Should -Match 'new: Permission denied'
        './new' | Should -Not -Exist
    }

    It 'has other converters: <Program>' -ForEach $converters {
        if (-not (Get-Command $Program -CommandType Application -ErrorAction Ignore)) { Set-ItResult -Skipped -Because "$Program is not installed"; return }
        # A picture, a sound and a document, each with nothing in it.
        switch ($From) {
            'a picture' { [System.IO.File]::WriteAllBytes("$PWD/letter.txt", [byte[]]("P6 1 1 255`n".ToCharArray() + @(1, 2, 3))) }
            'sound, a film' { [System.IO.File]::WriteAllBytes("$PWD/letter.txt", [byte[]]("RIFF$([char]46)`0`0`0WAVEfmt ".ToCharArray() + @(16, 0, 0, 0, 1, 0, 1, 0, 64, 31, 0, 0, 64, 31, 0, 0, 1, 0, 8, 0) + "data$([char]10)`0`0`0".ToCharArray() + @(128) * 10)) }
            default { Set-Content letter.txt "%PDF-1.4`n1 0 obj`n<</Type/Catalog/Pages 2 0 R>>`nendobj`n2 0 obj`n<</Type/Pages/Kids[3 0 R]/Count 1>>`nendobj`n3 0 obj`n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>`nendobj`ntrailer<</Root 1 0 R>>" }
        }
        $said = Invoke-Shell ((Get-Block 'Converting untrusted documents' sh) -replace "converter='.*?'", "converter=$Line")
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        $made = [System.Text.Encoding]::Latin1.GetString([System.IO.File]::ReadAllBytes("$PWD/letter.utf8.txt"))
        $made.Substring(0, $Magic.Length) | Should -BeExactly $Magic
    }

    It 'has LibreOffice' -Skip:$lacks.soffice {
        $said = Invoke-Shell (Get-Block 'Converting untrusted documents' sh -Like '*soffice*')
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        [System.Text.Encoding]::Latin1.GetString([System.IO.File]::ReadAllBytes("$PWD/letter.pdf")) | Should -BeLike '%PDF-*'
    }

    It 'converts in PowerShell' {
        . ([scriptblock]::Create((Get-Block 'Converting untrusted documents' powershell))) | Should -Be "caf$([char]0xE9)"
    }
}

Describe 'A scheduled task' -Skip:($abi -lt 6) {
    BeforeAll {
        $title = 'A scheduled task'
        $folder = Enter-Folder
        $null = New-Item -ItemType Directory data, archives
        Set-Content data/letter text
        # Neither cron nor systemd would have a blank in the path of a script.
        $examples = "$folder/examples"
        Copy-Item -Recurse "$repository/examples" $examples
        # The places of the recipe are places of the test.
        $here = { param($lines) $lines -replace '/etc/landlock/', "$folder/" -replace '/usr/local/lib/backup.sh', "$examples/backup/backup.sh $folder/data $folder/archives" -replace 'ExecStart=landlocked', "ExecStart=$landlocked" -replace '/srv/data', "$folder/data" }
        Set-Content backup.toml ((Get-Content -Raw "$repository/examples/backup/backup.toml") -replace '/srv/data', "$folder/data" -replace '/var/backups/data', "$folder/archives" -replace '"/usr",', "`"/usr`", `"$examples`",")
        function Get-Archive { @(Get-ChildItem archives -Filter *.tar) }
    }

    BeforeEach {
        Remove-Item archives/*.tar
    }

    It 'runs from the line of cron' {
        $line = (& $here (Get-Block $title crontab)) -split "`n" -notmatch '^PATH=' -replace '^(\S+\s+){5}'
        $said = Invoke-Shell $line
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        (Get-Archive).Count | Should -Be 1
        tar -tf (Get-Archive).FullName | Should -Contain './letter'
    }

    It 'runs as the service does' {
        $line = (& $here (Get-Block $title ini -Like '*ExecStart*')) -split "`n" -match '^ExecStart=' -replace '^ExecStart='
        $said = Invoke-Shell $line
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        (Get-Archive).Count | Should -Be 1
    }

    It 'has units that systemd accepts' -Skip:$lacks.verify {
        $units = foreach ($name in 'service', 'timer') { Set-Content "backup.$name" (& $here (Get-Block $title ini -Like "# backup.$name*")); "./backup.$name" }
        $said = systemd-analyze verify @units 2>&1 | Where-Object { "$_" -match 'backup\.' }
        $said | Should -BeNullOrEmpty
        Set-Content wrong.service "[Service]`nExecStart=/no/such/program"
        "$(systemd-analyze verify ./wrong.service 2>&1)" | Should -Match 'no/such/program' -Because 'otherwise nothing is tested'
    }

    It 'is a script that protects itself' {
        Set-Content report.ps1 (& $here (Get-Block $title powershell))
        $env:PSModulePath = "$(Split-Path $module):$env:PSModulePath"
        try { & "$PSHOME/pwsh" -NoProfile -File ./report.ps1 | Should -Be 5 }
        finally { $env:PSModulePath = $env:PSModulePath -replace '^[^:]*:' }
    }
}

Describe 'A systemd unit that starts under a policy' -Skip:($abi -lt 6) {
    BeforeAll {
        $folder = Enter-Folder
        $null = New-Item -ItemType Directory www
        Set-Content www/index.html '<p>Hello'
        # A free port of this machine stands for 8080, and the places of the recipe are places of the test.
        $free = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $free.Start()
        $port = $free.LocalEndpoint.Port
        $free.Stop()
        $here = { param($lines) $lines -replace '/etc/landlock/', "$folder/" -replace 'ExecStart=landlocked', "ExecStart=$landlocked" -replace '/srv/www', "$folder/www" -replace '8080', $port -replace '/usr/local/lib/pages.py', "$folder/pages.py" }
        Set-Content web.toml (& $here (Get-Content -Raw "$repository/examples/web/web.toml"))
        $unit = & $here (Get-Block 'A systemd unit that starts under a policy' ini)
        Set-Content web.service $unit
    }

    It 'serves, and cannot read what is not served' -Skip:$lacks.python3 {
        Set-Content secret 'a secret'
        $null = New-Item -ItemType SymbolicLink -Path www/link -Target "$folder/secret"
        $words = ($unit -split "`n" -match '^ExecStart=' -replace '^ExecStart=') -split ' '
        $server = Start-Process $words[0] $words[1..99] -PassThru -RedirectStandardError err -RedirectStandardOutput out
        try {
            Wait-Until { try { [System.Net.Sockets.TcpClient]::new('127.0.0.1', $port).Dispose(); $true } catch { $false } } | Should -BeTrue -Because "$(Get-Content err)"
            (Invoke-WebRequest "http://127.0.0.1:$port/").Content | Should -Be "<p>Hello`n"
            { Invoke-WebRequest "http://127.0.0.1:$port/link" } | Should -Throw '*404*'
            # systemd sees the server itself.
            [System.IO.File]::ReadAllText("/proc/$($server.Id)/cmdline") | Should -BeLike '*python3*'
        }
        finally { $server | Stop-Process }
    }

    It 'serves a socket that systemd hands over, and says when it is ready' -Skip:$lacks.python3 {
        Copy-Item "$repository/examples/web/pages.py" .
        # What the policy allows to run is in /usr; the script stands there in the recipe.
        Set-Content pages.toml ((Get-Content -Raw web.toml) -replace '"/usr",', "`"/usr`", `"$folder/pages.py`",")
        $words = ((& $here (Get-Block 'A systemd unit that starts under a policy' ini -Like '# pages.service*')) -split "`n" -match '^ExecStart=' -replace '^ExecStart=' -replace 'web.toml', 'pages.toml') -split ' '
        # As systemd does it.
        Set-Content manager.py @'
import os, socket, sys
port, ready, *command = sys.argv[1:]
listener = socket.create_server(("127.0.0.1", int(port)))
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("notify")
pid = os.fork()
if not pid:
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", NOTIFY_SOCKET=os.path.abspath("notify"))
    os.execv(command[0], command)
manager.settimeout(float(ready))
try:
    print(manager.recv(100).decode(), flush=True)
except TimeoutError:
    print("nothing", flush=True)
sys.stdin.read()
os.kill(pid, 15)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
'@
        $start = [System.Diagnostics.ProcessStartInfo]::new('/usr/bin/python3', [string[]](@('manager.py', $port, '60') + $words))
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $manager = [System.Diagnostics.Process]::Start($start)
        try {
            $manager.StandardOutput.ReadLine() | Should -Be 'READY=1'
            (Invoke-WebRequest "http://127.0.0.1:$port/").Content | Should -Be "<p>Hello`n"
        }
        finally {
            $manager.StandardInput.Close()
            $manager.StandardOutput.ReadToEnd().Trim() | Should -Be '-15'
        }

        # The descriptor alone is not found.
        $without = $words -ne '--pass-env' -notlike 'LISTEN_*'
        Remove-Item notify
        '' | python3 manager.py $port 0.1 @without 2>&1 | Select-Object -First 1 | Should -BeIn 'nothing', 'pages.py: no socket was passed to this process (LISTEN_PID)'
    }

    It 'has units that systemd accepts' -Skip:($lacks.verify -or $lacks.python3) {
        $title = 'A systemd unit that starts under a policy'
        $units = foreach ($name in 'web.service', 'pages.socket', 'pages.service') { Set-Content $name (& $here (Get-Block $title ini -Like "# $name*")); "./$name" }
        systemd-analyze verify @units 2>&1 | Where-Object { "$_" -match '(web|pages)\.' } | Should -BeNullOrEmpty
    }
}

Describe 'On a machine where landlocked was installed by <Kind>, as the recipes stand there' -Skip:($lacks.machine -or $abi -lt 6) -ForEach @(
    @{ Kind = 'the Debian package'; CannotInstall = @('dpkg-deb', 'dpkg', 'readelf' | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) }).Count -gt 0 }
    @{ Kind = 'install.sh'; CannotInstall = $false }
) {
    BeforeAll {
        foreach ($file in 'PackageFormats', 'NativePrograms', 'ProgramTree', 'DebianPackage') { . "$repository/tools/$file.ps1" }
        $machine = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid().ToString('N').Substring(0, 8))").FullName
        $null = New-Item -ItemType Directory "$machine/usr/local", "$machine/etc"
        $tree = Get-ProgramTree -ModulePath $module -Architecture $ownArchitecture
        if ($Kind -eq 'install.sh') {
            Write-Tar -Path "$machine/tar.gz" -Folder landlocked -File (Get-InstallableTree $tree) -Time (Get-SourceTime)
            tar -xzf "$machine/tar.gz" -C $machine
            $null = & "$machine/landlocked/install.sh" --prefix "$machine/usr/local"
        }
        elseif (-not $CannotInstall) {
            # The README says how it is installed.
            $readme = [System.IO.File]::ReadAllText("$repository/README.md")
            $debian = $nativeArchitectures[$ownArchitecture].Debian
            $version = (Get-Module LandlockPS).Version
            $install = [regex]::Match($readme, '`(apt install [^`]*)`').Groups[1].Value -replace 'VERSION', $version -replace 'amd64', $debian
            $deb = $install -replace '^apt install \.', $machine
            Write-Deb -Path $deb -Tree $tree -Architecture $debian -Version "$version-1" -Time (Get-SourceTime)
            dpkg-deb --extract $deb $machine
        }

        # Runs lines of a shell in a mount namespace: /usr and /etc of this machine, with what was installed, and an empty /srv and /var.
        function Invoke-Machine([string] $Code) {
            unshare --mount sh -euc @'
exec 2>&1
mount -t tmpfs tmpfs /var
for place in usr etc; do
    mkdir -p /var/over/$place /var/work/$place
    mount -t overlay overlay -o "lowerdir=$1/$place:/$place,upperdir=/var/over/$place,workdir=/var/work/$place" /$place
done
mount -t tmpfs tmpfs /srv
cd "$2"
eval "$3"
'@ sh $machine $repository $Code
        }

        # A unit's command, as systemd starts it.
        function Get-Start([string] $Title, [string] $Unit) {
            $line = (Get-Block $Title ini -Like "# $Unit*") -split "`n" -match '^ExecStart=' -replace '^ExecStart='
            "(set -f; exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin $line)"
        }
        $prepare = "mkdir /srv/data; echo text > /srv/data/letter`n$(Get-Block 'A scheduled task' sh)"
        $archive = 'tar -tf /var/backups/data/*.tar ./letter'
    }

    It 'is installed, runs a sandbox, explains a denial and works in a profile, by the lines of the README' -Skip:($CannotInstall -or $Kind -eq 'install.sh' -or $lacks.apt -or $lacks.tools.Count -gt 0) {
        $commands = [regex]::Matches($readme, '(?s)```sh\n(.*?)```').ForEach{ $_.Groups[1].Value -split "`n" } -match '^landlocked ' -replace ' +#.*'
        $commands.Count | Should -Be 7
        # What this machine has, with changes that vanish. Lists of packages and the database of man would be read for seconds.
        $said = unshare --mount sh -euc @'
exec 2>&1
mount -t tmpfs tmpfs /srv
for place in usr etc var/lib/dpkg var/cache; do
    mkdir -p /srv/over/$place /srv/work/$place
    mount -t overlay overlay -o "lowerdir=/$place,upperdir=/srv/over/$place,workdir=/srv/work/$place" /$place
done
[ ! -d /var/lib/man-db ] || mount -t tmpfs tmpfs /var/lib/man-db
mkdir -p /srv/lists/partial /srv/home /srv/project/src
echo 'Dir::State::lists "/srv/lists"; DPkg::Options { "--force-unsafe-io"; };' > /srv/apt.conf
export HOME=/srv/home APT_CONFIG=/srv/apt.conf DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd "$1"
eval "$2"
shift 2
cd /srv/project
git init -q .
printf 'all:\n\t@echo made > out\n' > Makefile
for line; do echo "### $line"; eval "$line" || echo "exit code $?"; done
echo '###'
'@ sh $machine $install @commands
        $LASTEXITCODE | Should -Be 0 -Because "$($said -join "`n")"
        $said = $said -join "`n"
        foreach ($line in $commands) {
            $answer = [regex]::Match($said, "(?s)### $([regex]::Escape($line))\n(.*?)(?=###)").Groups[1].Value
            $answer | Should -Not -Match 'exit code' -Because $said
            if ($line -match '--dry-run') { $answer | Should -Match '(?m)^  allowed: ReadOnly +/usr' }
            if ($line -match '--explain') { $answer | Should -Match '(?s)landlocked: denied by the sandbox: .*--read-data' }
            if ($line -match 'preview show') { $answer | Should -Match '(?m)^ +added +/srv/project/new\b' }
            if ($line -match 'git status') { $answer | Should -Match 'Makefile' }
        }
    }

    It 'cron runs the scheduled task' -Skip:$CannotInstall {
        $lines = (Get-Block 'A scheduled task' crontab) -split "`n"
        $line = $lines -notmatch '^PATH=' -replace '^(\S+\s+){5}'
        Invoke-Machine "$prepare`nenv -i SHELL=/bin/sh HOME=/root LOGNAME=root PATH=/usr/bin:/bin $($lines -match '^PATH=') /bin/sh -c '$line'`n$archive" | Should -Be ./letter
    }

    It 'systemd accepts the units, and runs the scheduled task' -Skip:($CannotInstall -or $lacks.verify -or $lacks.python3) {
        $write = foreach ($unit in @(@('A scheduled task', 'backup.service', 'backup.timer'), @('A systemd unit that starts under a policy', 'web.service', 'pages.socket', 'pages.service'))) {
            foreach ($name in $unit[1..9]) { "cat > /etc/systemd/system/$name <<'end'`n$(Get-Block $unit[0] ini -Like "# $name*")`nend" }
        }
        # Of other units, it says this and that.
        $verify = 'for unit in backup.service backup.timer web.service pages.socket pages.service; do systemd-analyze verify /etc/systemd/system/$unit 2>&1 | grep -E "(backup|web|pages)\." || true; done'
        Invoke-Machine "mkdir -p /etc/systemd/system`n$prepare`n$($write -join "`n")`n$verify`n$(Get-Start 'A scheduled task' backup.service)`n$archive" | Should -Be ./letter
    }

    It 'the policy of the scheduled task lets root make no device nodes' -Skip:$CannotInstall {
        Invoke-Machine "$prepare`nlandlocked --policy /etc/landlock/backup.toml --strict -- mknod /var/backups/data/disk b 8 0 || echo denied" |
            Should -Be 'mknod: /var/backups/data/disk: Permission denied', denied
    }
}

Describe 'A command that starts often' -Skip:($lacks.tools.Count -gt 0 -or $abi -lt 6) {
    BeforeAll { $title = 'A command that starts often' }

    It 'is compiled once, and run in a loop' {
        $null = Enter-Folder
        'one' | Set-Content 1.txt
        'two' | Set-Content 2.txt
        $said = Invoke-Shell (Get-Block $title sh '*checksum*')
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        $said | Should -Be (sha256sum 1.txt 2.txt)
    }

    It 'is a hook of git that changes nothing' {
        $folder = Enter-Folder
        git init -q .
        'test ! -e forbidden && ! touch written 2>/dev/null' | Set-Content check.sh
        $said = Invoke-Shell (Get-Block $title sh '*pre-commit*')
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        $commit = 'git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x'
        $said = Invoke-Shell $commit
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        New-Item forbidden
        $null = Invoke-Shell $commit
        $LASTEXITCODE | Should -Not -Be 0
        "$folder/written" | Should -Not -Exist
    }

    It 'is the scheduled task' {
        $folder = Enter-Folder
        Copy-Item "$repository/examples/backup/backup.toml" .
        $line = (Get-Block $title sh '*backup*').Replace('/etc/landlock', $folder).Replace('/usr/local/bin', $folder).Replace(
            '/usr/local/lib/backup.sh', '/bin/echo done')
        $said = Invoke-Shell "$line && $folder/backup"
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        $said | Select-Object -Last 1 | Should -Be done
    }
}

Describe 'Many hosts over SSH remoting' -Skip:($lacks.sshd -or $abi -lt 6) {
    # Skipped without sshd and ssh-keygen, and unless root runs it.
    BeforeAll {
        $title = 'Many hosts over SSH remoting'
        $folder = Enter-Folder
        chmod 700 .
        Set-Content remote.toml (Get-Block $title toml)
        $free = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $free.Start()
        $port = $free.LocalEndpoint.Port
        $free.Stop()
        ssh-keygen -q -t ed25519 -N '' -f host
        ssh-keygen -q -t ed25519 -N '' -f user
        Copy-Item user.pub authorized
        $user = id -un
        $block = (Get-Block $title sshd_config) -replace '/usr/bin/pwsh', "$PSHOME/pwsh" -replace '--preset PowerShell', "--preset PowerShell --var pwsh_home=$PSHOME" -replace '/etc/landlock/', "$folder/" -replace '/usr/bin/landlocked', $landlocked -replace 'automation', $user
        Set-Content config "Port $port`nListenAddress 127.0.0.1`nListenAddress ::1`nHostKey $folder/host`nPidFile $folder/pid`nAuthorizedKeysFile $folder/authorized`nStrictModes no`nUsePAM no`nPermitRootLogin yes`nLogLevel ERROR`n$block"
        $null = New-Item -ItemType Directory -Force /run/sshd
        $server = Start-Process /usr/sbin/sshd '-D', '-e', '-f', "$folder/config" -PassThru -RedirectStandardError "$folder/log"
        $null = Wait-Until { try { [System.Net.Sockets.TcpClient]::new('127.0.0.1', $port).Dispose(); $true } catch { $false } }
        Set-Content secret 'a secret'
        $ssh = @{ UserName = $user; Port = $port; KeyFilePath = "$folder/user"; Options = @{ StrictHostKeyChecking = 'no'; UserKnownHostsFile = '/dev/null'; LogLevel = 'ERROR' } }
    }

    AfterAll {
        Get-PSSession | Remove-PSSession
        if ($server) { $server | Stop-Process }
    }

    It 'works on each host, in the sandbox of its policy' {
        # Two names of this machine stand for the hosts.
        $code = (Get-Block $title powershell) -replace "'web1', 'web2'", "'127.0.0.1', 'localhost'" -replace '-UserName automation', '@ssh'
        $sums = @(. ([scriptblock]::Create($code)))
        $sums.Count | Should -Be 2 -Because "$(Get-Content log)"
        $sums.PSComputerName | Sort-Object | Should -Be '127.0.0.1', 'localhost'
        $sums.Sum | Should -Not -Contain $null
    }

    It 'denies the rest there' {
        $session = New-PSSession -HostName 127.0.0.1 @ssh
        { Invoke-Command -Session $session { Get-Content $using:folder/secret -ErrorAction Stop } -ErrorAction Stop } | Should -Throw '*denied*'
        { Invoke-Command -Session $session { [System.Net.Sockets.TcpClient]::new('127.0.0.1', $using:port) } -ErrorAction Stop } | Should -Throw '*denied*'
        Remove-PSSession $session
    }

    It 'gives no shell to who asks for one' {
        $said = '' | timeout 20 ssh -p $port -i user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$(id -un)@127.0.0.1" "cat $folder/secret" 2>&1
        "$said" | Should -Not -Match 'a secret'
    }
}

Describe 'GitHub Actions' -Skip:($lacks.tools.Count -gt 0 -or $abi -lt 4) {
    It 'runs its steps' {
        $null = Enter-Folder
        # What a checkout has.
        $null = New-Item -ItemType Directory tools, policies
        Copy-Item -Recurse $module tools/LandlockPS
        Copy-Item "$repository/examples/web/web.toml" policies
        Set-Content policies/web.Tests.ps1 @'
BeforeAll {
    Import-Module LandlockPS
    Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"
}
Describe 'The policy of the pages' {
    It 'keeps the rest of the machine to itself' { "$PSScriptRoot/web.toml" | Should -DenyPath /etc/shadow }
}
'@
        Set-Content Makefile "all:`n`t@echo built > out/built; echo x > Makefile2; env > out/env; true`nfetch:`n`t@echo `$`$API_TOKEN > dependency"
        $env:API_TOKEN = 'abc'
        $paths = $env:PSModulePath
        try {
            $steps = [regex]::Matches("$(Get-Block 'GitHub Actions' yaml)`n", '(?sm)^      - (?:name: (?<name>[^\n]*)\n)(?<keys>(?:        [^\n]*\n)+)')
            $steps.Count | Should -Be 4
            # A runner has Pester.
            $env:PSModulePath = "$((Get-Module Pester).ModuleBase | Split-Path | Split-Path):$paths"
            foreach ($step in $steps) {
                $run = [regex]::Match($step.Groups['keys'].Value, '(?s)run: (?:\|\n)?(.*)').Groups[1].Value -replace '(?m)^ {10}'
                if ($step.Groups['keys'].Value -match 'shell: pwsh') {
                    # As Actions does it.
                    Set-Content step.ps1 "`$ErrorActionPreference = 'stop'`n$run"
                    $said = & "$PSHOME/pwsh" -NoProfile -Command '. ./step.ps1' 2>&1
                }
                else { $said = bash -e -c $run 2>&1 }
                $LASTEXITCODE | Should -Be 0 -Because "$($step.Groups['name'].Value): $said"
            }
        }
        finally {
            $env:PSModulePath = $paths
            Remove-Item Env:API_TOKEN
        }
        ([xml](Get-Content -Raw testResults.xml)).'test-results' | ForEach-Object { $_.total, $_.failures, $_.errors } | Should -Be 1, 0, 0
        Get-Content dependency | Should -Be abc
        Get-Content out/built | Should -Be built
        './Makefile2' | Should -Not -Exist
        Get-Content out/env | Should -Not -Match 'API_TOKEN'
    }
}
