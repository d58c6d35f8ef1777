# The programs that a module ships with: their projects, and for each architecture what links them, the package of Debian that brings it, what
# the programs' ELF header says (e_machine), and what Debian calls it.

$nativePrograms = [ordered]@{ 'landlock-exec' = 'LandlockExec'; landlocked = 'Landlocked' }
$nativeArchitectures = [ordered]@{
    'linux-arm64' = @{ Linker = 'aarch64-linux-gnu-gcc'; Package = 'gcc-aarch64-linux-gnu'; Machine = 183; Debian = 'arm64' }
    'linux-x64' = @{ Linker = 'x86_64-linux-gnu-gcc'; Package = 'gcc-x86-64-linux-gnu'; Machine = 62; Debian = 'amd64' }
}
$ownArchitecture = "linux-$([System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant())"

# What is not a program of its architecture in a staged module: one sentence each; nothing, if all are there.
function Get-ProgramFault([string] $ModulePath) {
    foreach ($architecture in $nativeArchitectures.Keys) {
        foreach ($program in $nativePrograms.Keys) {
            $name = "bin/$architecture/$program"
            if (-not [System.IO.File]::Exists("$ModulePath/$name")) { "$name is missing"; continue }
            $bytes = [System.IO.File]::ReadAllBytes("$ModulePath/$name")
            $isElf = $bytes.Length -ge 64 -and [System.Text.Encoding]::Latin1.GetString($bytes, 0, 4) -ceq "`u{7f}ELF"
            if (-not $isElf -or [System.BitConverter]::ToUInt16($bytes, 18) -ne $nativeArchitectures[$architecture].Machine) {
                "$name is not a program for $architecture"
            }
        }
    }
}
