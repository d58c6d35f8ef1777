@{
    RootModule = 'LandlockPS.dll'
    ModuleVersion = '0.1.0'
    GUID = '5d0c3c9e-0c5b-4c7e-9a35-6e0b8f2c7a41'
    Author = 'The LandlockPS contributors'
    CompanyName = 'LandlockPS'
    Copyright = '(c) The LandlockPS contributors. MIT License.'
    Description = 'Sandboxes commands, script blocks, sessions and whole shells with Linux Landlock: unprivileged, no containers, no daemon.'
    PowerShellVersion = '7.4'
    CompatiblePSEditions = @('Core')
    TypesToProcess = @('LandlockPS.Types.ps1xml')
    FormatsToProcess = @('LandlockPS.Format.ps1xml')
    NestedModules = @('LandlockPS.Source.psm1')
    CmdletsToExport = @(
        'Add-LandlockNetRule'
        'Add-LandlockPathRule'
        'Compare-LandlockPolicy'
        'Complete-LandlockPreview'
        'ConvertFrom-LandlockPolicy'
        'ConvertTo-LandlockPolicy'
        'Disable-LandlockShell'
        'Enable-LandlockShell'
        'Enter-Landlock'
        'Export-LandlockPolicy'
        'Get-LandlockChange'
        'Get-LandlockDenial'
        'Get-LandlockPreset'
        'Get-LandlockPreview'
        'Get-LandlockProcess'
        'Get-LandlockProfile'
        'Get-LandlockPromptSegment'
        'Get-LandlockSupport'
        'Import-LandlockPolicy'
        'Invoke-Landlocked'
        'Merge-LandlockPolicy'
        'New-LandlockCommand'
        'New-LandlockPolicy'
        'New-LandlockProfile'
        'New-LandlockRuleset'
        'New-LandlockSession'
        'Protect-LandlockScript'
        'Remove-LandlockProfile'
        'Set-LandlockProfile'
        'Show-LandlockAccess'
        'Stop-LandlockProcess'
        'Test-LandlockAccess'
        'Test-LandlockPolicy'
        'Test-LandlockProfile'
        'Trace-LandlockAccess'
        'Undo-LandlockPreview'
    )
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @('landlocked')
    HelpInfoURI = 'https://github.com/LandlockPS/LandlockPS/releases/latest/download/'
    PrivateData = @{
        PSData = @{
            # The project's address. Everything else that leads there is made with it or compared with it.
            ProjectUri = 'https://github.com/LandlockPS/LandlockPS'
            LicenseUri = 'https://github.com/LandlockPS/LandlockPS/blob/main/LICENSE'
            IconUri = 'https://github.com/LandlockPS/LandlockPS/raw/main/docs/images/icon.png'
            Tags = @('Landlock', 'Sandbox', 'Security', 'Linux', 'PSEdition_Core')
            # A package has those of its release, from CHANGELOG.md.
            ReleaseNotes = 'See CHANGELOG.md'
        }
    }
}
