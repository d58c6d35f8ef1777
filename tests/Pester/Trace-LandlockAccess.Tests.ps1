BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Trace-LandlockAccess' {
    BeforeAll {
        Set-Content "$TestDrive/data" content
        $data = (Get-Item "$TestDrive/data").FullName
    }

    Context 'a native command' {
        It 'gives what was accessed, and not what the command wrote' {
            $records = Trace-LandlockAccess -- cat $data
            $records | Should -BeOfType Landlock.Tracing.AccessRecord
            $read = $records | Where-Object Path -EQ $data
            $read.Access | Should -Be ReadFile
            $read.Count | Should -Be 1
            $read.Error | Should -Be None
        }

        It 'passes the exit code on' {
            $null = Trace-LandlockAccess -- sh -c 'exit 7'
            $LASTEXITCODE | Should -Be 7
        }

        It 'says how it failed' {
            $record = Trace-LandlockAccess -- cat "$data-missing" 2>$null | Where-Object Path -EQ "$data-missing"
            $record.Error | Should -Be ENOENT
            $record.Denied | Should -BeFalse
        }

        It 'takes input' {
            $copy = "$TestDrive/copy"
            $records = 'one', 'two' | Trace-LandlockAccess -- sh -c 'cat > "$0"' $copy
            Get-Content $copy | Should -Be one, two
            ($records | Where-Object { $_.Path -eq $copy -and $_.Operation -eq 'open' }).Access.ToString() | Should -Be 'WriteFile, MakeReg, Truncate'
        }

        It 'starts where it is told' {
            Trace-LandlockAccess -WorkingDirectory $TestDrive -- cat data | Where-Object Path -EQ $data | Should -HaveCount 1
        }

        It 'says what is wrong with a command that is not there' {
            $failure = Get-TerminatingError { Trace-LandlockAccess no-such-command }
            $failure.FullyQualifiedErrorId | Should -Be 'CommandNotFound,LandlockPS.TraceLandlockAccessCommand'
            $LASTEXITCODE | Should -Be 127
        }

        It 'does not take an option of the command for its own' {
            $failure = Get-TerminatingError { Trace-LandlockAccess sh -c 'exit 1' }
            $failure.FullyQualifiedErrorId | Should -Be 'OptionSwallowed,LandlockPS.TraceLandlockAccessCommand'
            $failure.Exception.Message | Should -Be "'-c' was taken as a parameter of Trace-LandlockAccess. Options of 'sh' need -- before the command; nothing was run."
        }

        It 'leaves its output where the host has it' {
            $output = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command "Import-Module '$ModulePath'; `$r = Trace-LandlockAccess -- echo hello; `$r.Count -gt 3"
            $output | Should -Be hello, True
        }
    }

    Context 'in another process' {
        It 'knows -- in a script block of plain commands, which the engine sends word by word' {
            $job = Start-Job ([scriptblock]::Create("Import-Module '$((Get-Module LandlockPS).Path)'; Trace-LandlockAccess -- sh -c 'cat /etc/hostname >/dev/null'"))
            ($job | Receive-Job -Wait).Path | Should -Contain /etc/hostname
            $job | Remove-Job
        }
    }

    Context 'a script block' {
        It 'gives what the block accessed, without the start of its process' {
            $records = Trace-LandlockAccess { [System.IO.File]::ReadAllText($using:data) }
            $records | Where-Object Path -EQ $data | Should -HaveCount 1
            $records | Where-Object { $_.Path -like '*/System.Private.CoreLib.dll' } | Should -BeNullOrEmpty
            $records | Where-Object { $_.Path -match '\.(begin|report)(\.first)?$' } | Should -BeNullOrEmpty
        }

        It 'follows what the block starts' {
            Trace-LandlockAccess { cat $using:data } | Where-Object { $_.Path -eq $data -and $_.Program -like '*/cat' } | Should -HaveCount 1
        }
    }
}
