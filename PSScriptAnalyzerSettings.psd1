@{
    Severity = @('Error', 'Warning', 'Information')
    ExcludeRules = @(
        # Pester sets variables in one block and reads them in another, which the rule cannot see.
        'PSUseDeclaredVarsMoreThanAssignments'
        # Files are UTF-8, which PowerShell 7 takes for granted.
        'PSUseBOMForUnicodeEncodedFile'
    )
}
