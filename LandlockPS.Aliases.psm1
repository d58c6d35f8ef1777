# The manifest also stands in the source's folder, where only a build makes what it names.
if (-not [System.IO.File]::Exists("$PSScriptRoot/LandlockPS.dll")) {
    throw "There is no LandlockPS.dll in '$PSScriptRoot'. If that is the source, build the module and import what was built: dotnet build; Import-Module ./out/LandlockPS"
}

# The command line is an alias to the program itself and not a cmdlet around it, so that it stays a native command with byte-exact pipes.
# Set as a variable of the alias drive: Set-Alias would load another module, which doubles the time of an import.
${alias:landlocked} = "$PSScriptRoot/bin/linux-$([System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant())/landlocked"
Export-ModuleMember -Alias landlocked

# What is wrapped completes as if it stood alone. Of a cmdlet, the engine asks the completers of its parameters, but not right behind "--".
Register-ArgumentCompleter -Native -CommandName Invoke-Landlocked, Trace-LandlockAccess, nosandbox -ScriptBlock {
    param($word, $call, $position)
    [LandlockPS.WrappedCommandCompleter]::CompleteNative($word, $call, $position)
}

# The command line completes as it does without the module. The script is read when Tab needs it, which keeps the import short.
Register-ArgumentCompleter -Native -CommandName landlocked -ScriptBlock { & "$PSScriptRoot/landlocked.ps1" @args }
