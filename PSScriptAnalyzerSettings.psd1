@{
    Severity = @('Error', 'Warning', 'Information')
    ExcludeRules = @(
        # Pester sets variables in one block and reads them in another, which the rule cannot see.
        'PSUseDeclaredVarsMoreThanAssignments'
    )
}
