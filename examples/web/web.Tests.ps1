# Tests of the policy beside this file. Run them where the server runs: Invoke-Pester ./web.Tests.ps1
BeforeAll {
    Import-Module LandlockPS
    Import-Module "$((Get-Module LandlockPS).ModuleBase)/LandlockPS.Pester.psm1"
    $policy = "$PSScriptRoot/web.toml"
    $www = (New-Item -ItemType Directory "$TestDrive/www").FullName
    Set-Content "$www/index.html" '<p>Hello'
    $here = @{ www = $www }
}

Describe 'The policy of the web server' {
    It 'is enforced in full by this kernel' {
        $policy | Should -BeFullyEnforced
    }

    It 'reads the pages' {
        $policy | Should -AllowPath $www -Variable $here
        $policy | Should -AllowPath "$www/index.html" -Variable $here -Kernel
    }

    It 'cannot change <_>' -ForEach 'pages', '/usr', '/etc', '/var', '/tmp' {
        $path = $_ -eq 'pages' ? $www : $_
        $policy | Should -DenyPath $path -Access write_file, truncate, make_reg, make_dir, remove_file, remove_dir -Variable $here
    }

    It 'cannot read <_>' -ForEach '/etc/shadow', '/root', '/home', '/var', '/run' {
        $policy | Should -DenyPath $_
    }

    It 'listens on its port and no other' {
        $policy | Should -AllowPort 8080 -Access bind_tcp
        $policy | Should -DenyPort '1-8079', '8081-65535' -Access bind_tcp
    }

    It 'connects to nothing' {
        $policy | Should -DenyPort '1-65535' -Access connect_tcp
        $policy | Should -DenyPort 443 -Access connect_tcp -Kernel
    }
}
