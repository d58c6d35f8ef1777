# The command line is an alias to the program itself and not a cmdlet around it, so that it stays a native command with byte-exact pipes.
Set-Alias -Name landlocked -Value "$PSScriptRoot/bin/linux-$([System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant())/landlocked"
Export-ModuleMember -Alias landlocked
