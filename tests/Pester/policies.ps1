# Policies for the tests, made in the folder of the test: a.toml has a variable and the network, b.toml has neither.
function Initialize-Policy {
    Set-Content "$TestDrive/a.toml" @'
# by hand
abi = 6

[[variable]]
name = "rw"
literal = ["./out"]

[[ruleset]]
handled_access_fs = ["abi.all"]
handled_access_net = ["abi.all"]

[[path_beneath]]
allowed_access = ["abi.read_execute"]
parent = ["/usr"]

[[path_beneath]]
allowed_access = ["abi.read_write"]
parent = ["${rw}"]
'@
    Set-Content "$TestDrive/b.toml" @'
abi = 4

[[ruleset]]
handled_access_fs = ["abi.all"]

[[path_beneath]]
allowed_access = ["abi.read_execute"]
parent = ["/lib"]
'@
    Set-Content "$TestDrive/norefer.toml" @'
[[ruleset]]
handled_access_fs = ["execute", "read_file", "read_dir"]
'@
    Set-Content "$TestDrive/c.json" '{ "abi": 1, "ruleset": [ { "handledAccessFs": [ "abi.all" ] } ] }'
    Set-Content "$TestDrive/bad.toml" @'
abi = 6

[[ruleset]]
handled_access_fs = ["read_fiel"]
'@
    Set-Content "$TestDrive/nothing.toml" @'
[[variable]]
name = "home"
'@
    Set-Content "$TestDrive/builtin.toml" @'
abi = 6

[[variable]]
name = "cwd"

[[path_beneath]]
allowed_access = ["abi.all"]
parent = ["${cwd}"]
'@
    $null = New-Item -ItemType Directory -Force "$TestDrive/out"
    Set-Content "$TestDrive/out/file" inside
    Set-Content "$TestDrive/secret" outside
}
