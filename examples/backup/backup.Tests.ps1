# Tests of the policy beside this file. Run them where the job runs: Invoke-Pester ./backup.Tests.ps1
BeforeAll {
    Import-Module LandlockPS
    Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"
    $policy = "$PSScriptRoot/backup.toml"

    # The job itself is tried on folders of the test.
    $data = (New-Item -ItemType Directory "$TestDrive/data").FullName
    $archives = (New-Item -ItemType Directory "$TestDrive/archives").FullName
    Set-Content "$data/letter.txt" text
    Set-Content "$archives/old.tar" old
    $here = @{ data = $data; archives = $archives }
}

Describe 'The policy of the backup' {
    It 'is enforced in full by this kernel' {
        $policy | Should -BeFullyEnforced
    }

    It 'reads the data, and cannot change it' {
        $policy | Should -AllowPath $data -Variable $here
        $policy | Should -DenyPath $data -Access write_file, truncate, remove_file, remove_dir, make_reg -Variable $here
        $policy | Should -DenyPath "$data/letter.txt" -Access write_file -Variable $here -Kernel
    }

    It 'makes archives, and cannot read or remove old ones' {
        $policy | Should -AllowPath $archives -Access make_reg, write_file -Variable $here
        $policy | Should -DenyPath $archives -Access read_file, remove_file -Variable $here
        $policy | Should -DenyPath "$archives/old.tar" -Access read_file -Variable $here -Kernel
    }

    It 'has no access to <_>' -ForEach /etc/shadow, /root, /home, /run, /var/lib {
        $policy | Should -DenyPath $_ -Because 'a backup needs its data and nothing else'
    }

    It 'has no network' {
        $policy | Should -DenyPort 22, 80, 443 -Kernel
    }

    It 'does its work' {
        $policy | Should -RunLandlocked "$PSScriptRoot/backup.sh", $data, $archives -Variable $here
        Get-ChildItem $archives -Filter 2*.tar | Should -HaveCount 1
    }

    It 'is stopped when it reads something else' {
        $policy | Should -Not -RunLandlocked "$PSScriptRoot/backup.sh", /etc, $archives -Variable $here
    }
}
