# The manifest also stands in the source's folder, where only a build makes what it names. What was built has no such file.
throw "There is no LandlockPS.dll in '$PSScriptRoot'. If that is the source, build the module and import what was built: dotnet build; Import-Module ./out/LandlockPS"
