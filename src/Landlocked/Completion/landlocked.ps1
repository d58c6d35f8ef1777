# Completes landlocked's command line in PowerShell 7.4 and later: the body of a native argument completer.
param($word, $call, $position)

# A word as it is meant. Of a list, whose parts the engine completes one by one, it is all that is typed.
function Get-Word($element) {
    if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { return $element.Value }
    $text = $element.Extent.Text
    $text.Substring(0, [Math]::Min($text.Length, $position - $element.Extent.StartOffset)).Replace("'", '').Replace('"', '')
}

$found = $ExecutionContext.InvokeCommand.GetCommand($call.GetCommandName(), 'Alias, Application')
if ($found -is [System.Management.Automation.AliasInfo]) { $found = $found.ResolvedCommand }
if ($found -isnot [System.Management.Automation.ApplicationInfo]) { return }

$elements = @($call.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.StartOffset -lt $position })
$words = @($elements | ForEach-Object { Get-Word $_ })
$isNew = $elements.Count -eq 0 -or $elements[-1].Extent.EndOffset -lt $position
if ($isNew) { $words += '' }
$current = $words[-1]
# What of the word stays, since the engine replaces only what is behind the last comma.
$list = [System.Management.Automation.Language.ArrayLiteralAst], [System.Management.Automation.Language.ErrorExpressionAst]
$kept = if (-not $isNew -and $elements[-1].GetType() -in $list) { $current.Length - $word.Trim("'", '"').Length } else { 0 }

# Not as a command of PowerShell, which would change $LASTEXITCODE.
$start = [System.Diagnostics.ProcessStartInfo]::new($found.Path, [string[]] (@('__complete') + $words))
$start.RedirectStandardOutput = $start.RedirectStandardError = $true
$start.StandardOutputEncoding = [System.Text.Encoding]::UTF8
$process = [System.Diagnostics.Process]::Start($start)
$answer = $process.StandardOutput.ReadToEnd().Split("`n", [StringSplitOptions]::RemoveEmptyEntries)
$process.Dispose()
if ($answer.Count -eq 0) { return }
$kind, [int] $number = $answer[0].Split(' ')

# What can only be read as itself without quotes.
$plain = '^[A-Za-z0-9_.=:/-]+$'
foreach ($line in $answer | Select-Object -Skip 1) {
    $name, $help = $line.Split("`t", 2)
    $text = $name.Substring($kept)
    if ($text -cnotmatch $plain) {
        $text = "'$([System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text))'"
    }

    $type = if ($name.StartsWith('-')) { 'ParameterName' } else { 'ParameterValue' }
    [System.Management.Automation.CompletionResult]::new($text, $name, $type, ($help ? $help : $name))
}

if ($kind -in 'files', 'directories' -and $number -ge $kept) {
    # The engine knows more of files, and completes them where nothing is offered.
    if ($kind -eq 'files' -and $number -eq 0) { return }
    $before = $current.Substring($kept, $number - $kept)
    foreach ($file in [System.Management.Automation.CompletionCompleters]::CompleteFilename($current.Substring($number))) {
        # In a list, quotes do not keep a name with a blank together.
        if ($current.Contains(',') -and $file.CompletionText -cnotmatch $plain) { continue }
        if ($kind -eq 'directories' -and $file.ResultType -ne 'ProviderContainer') { continue }
        $text = $before + $file.CompletionText
        [System.Management.Automation.CompletionResult]::new($text, $file.ListItemText, $file.ResultType, $file.ToolTip)
    }
}
elseif ($kind -eq 'command' -and $number -lt $words.Count - 1) {
    # What is behind the options is completed as if it stood alone.
    $from = $elements[$number].Extent.StartOffset - $call.Extent.StartOffset
    $to = $position - $call.Extent.StartOffset
    $line = $call.Extent.Text.PadRight($to).Substring($from, $to - $from)
    [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
}
elseif ($kind -eq 'command' -and $current.Contains('/')) {
    [System.Management.Automation.CompletionCompleters]::CompleteFilename($word)
}
elseif ($kind -eq 'command') {
    [System.Management.Automation.CompletionCompleters]::CompleteCommand($word, $null, 'Application')
}
