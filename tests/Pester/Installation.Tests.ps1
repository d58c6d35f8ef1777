# What starts a PowerShell of its own works however PowerShell is installed: as a program, and as a .NET tool, where the process is dotnet, what the command `pwsh`
# loads lies above $PSHOME, and only who has installed it may execute the program beside it.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $packages = Join-Path ($env:NUGET_PACKAGES ?? "$HOME/.nuget/packages") "powershell/$($PSVersionTable.PSVersion)"
    $kinds = @(
        @{ Kind = 'a program'; Install = { "$PSHOME/pwsh" } }
        # The package that the build has restored is the source, so that nothing is loaded.
        if (-not $env:LANDLOCKPS_PWSH -and (Test-Path $packages)) {
            @{ Kind = 'a .NET tool'; Install = {
                    $said = & ($env:DOTNET_HOST_PATH ?? 'dotnet') tool install PowerShell --version $PSVersionTable.PSVersion --tool-path "$TestDrive/tool" --source $Packages 2>&1
                    if ($LASTEXITCODE) { throw "$said" }
                    "$TestDrive/tool/pwsh"
                }; Packages = $packages
            }
        }
    )
    $abi = (Get-LandlockSupport).Abi
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'PowerShell as <Kind>' -ForEach $kinds -Skip:($abi -lt 6) {
    BeforeAll {
        $pwsh = & $Install
        $secret = "$TestDrive/secret"
        Set-Content $secret secret
        chmod 755 $TestDrive
        chmod 644 $secret
        Set-Content "$TestDrive/protected.ps1" "Import-Module '$ModulePath'; Protect-LandlockScript -ReadOnly '$ModulePath'; try { [System.IO.File]::ReadAllText('$secret') } catch { 'denied' }"
        Set-Content "$TestDrive/script" "#!/usr/bin/env pwsh`n'script ' + (Test-Path Variable:PSHOME); try { [System.IO.File]::ReadAllText('$secret') } catch { 'denied' }"
        chmod 755 "$TestDrive/script"
        # All in one process, since starting one is what takes the time.
        Set-Content "$TestDrive/all.ps1" @"
            Import-Module '$ModulePath'
            `$runtime = [System.IO.Path]::GetFullPath("`$([System.Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory())/../../..")
            `$try = { try { [System.IO.File]::ReadAllText('$secret') } catch { 'denied' } }
            function Write-Answer([string] `$About, `$Said) { "`${About}: `$(@(`$Said | ForEach-Object { "`$_" }) -join ' | ')" }
            Write-Answer process (Split-Path -Leaf ([Environment]::ProcessPath))
            # Of standard input; whatever else reads from it, is given nothing.
            Enter-Landlock
            Write-Answer entered `$LASTEXITCODE
            Write-Answer block (Invoke-Landlocked `$try)
            Write-Answer job (Invoke-Landlocked -AsJob `$try | Receive-Job -Wait -AutoRemoveJob)
            `$session = New-LandlockSession
            Write-Answer session (Invoke-Command `$session `$try)
            Remove-PSSession `$session
            Write-Answer preset (Invoke-Landlocked -Preset PowerShell -- pwsh -NoProfile -NonInteractive -Command "1; & { `$try }" 2>&1)
            Write-Answer landlocked (`$null | landlocked --preset PowerShell -- pwsh -NoProfile -NonInteractive -Command "1; & { `$try }" 2>&1)
            Write-Answer cron (`$null | env -i "HOME=`$HOME" "PATH=`${runtime}:/usr/bin:/bin" @(if (`$env:DOTNET_ROOT) { "DOTNET_ROOT=`$env:DOTNET_ROOT" }) '$ModulePath/bin/$([System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier)/landlocked' --preset PowerShell -- '$pwsh' -NoProfile -NonInteractive -Command "1; & { `$try }" 2>&1)
            Write-Answer script (Invoke-Landlocked -Preset PowerShell -ReadData '$TestDrive/script' -- '$TestDrive/script' 2>&1)
            Write-Answer protected (& '$TestDrive/protected.ps1')
"@
        $expected = @("process: $($Kind -eq 'a program' ? 'pwsh' : 'dotnet')", 'entered: 3', 'block: denied', 'job: denied', 'session: denied', 'preset: 1 | denied', 'landlocked: 1 | denied', 'cron: 1 | denied', 'script: script True | denied', 'protected: denied')

        # The tool's command starts the dotnet in PATH.
        $runtime = [System.IO.Path]::GetFullPath("$([System.Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory())/../../..")
        # A shell prompts before it answers, and may reset a terminal.
        function Select-Answer { $input | ForEach-Object { "$_" -replace '\e\[[\d;?]*[a-zA-Z=>]|\e[=>]' -replace '^\[sandbox\].*> ' } | Where-Object { $_ -and $_ -ne 'exit 3' } }
    }

    It 'runs blocks, jobs, sessions, scripts and shells' {
        'exit 3' | env NO_COLOR=1 "PATH=${runtime}:$env:PATH" $pwsh -NoProfile -File "$TestDrive/all.ps1" 2>&1 | Select-Answer | Should -Be $expected
    }

    It 'runs them for somebody else, too' -Skip:((id -u) -ne 0 -or $Kind -eq 'a program') {
        'exit 3' | env -C / HOME=/nonexistent NO_COLOR=1 "PATH=${runtime}:$env:PATH" setpriv --reuid=65534 --regid=65534 --clear-groups $pwsh -NoProfile -File "$TestDrive/all.ps1" 2>&1 | Select-Answer | Should -Be $expected
    }
}
