BeforeAll {
    . $PSScriptRoot/common.ps1

    # A host that answers by itself: the n-th question with the n-th letter.
    Add-Type -TypeDefinition @'
using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

public sealed class AnsweringHost : PSHost
{
    public AnsweringHost(string answers) { Answers = new AnsweringUI(answers); }
    public AnsweringUI Answers { get; }
    public override PSHostUserInterface UI => Answers;
    public override string Name => "Answering";
    public override Version Version => new Version(1, 0);
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
    public override void EnterNestedPrompt() { }
    public override void ExitNestedPrompt() { }
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) { }
}

public sealed class AnsweringUI : PSHostUserInterface
{
    private readonly string _answers;
    public AnsweringUI(string answers) { _answers = answers; }
    public List<string> Questions { get; } = new List<string>();
    public List<string> Offered { get; } = new List<string>();
    public override PSHostRawUserInterface RawUI => null;
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        if (Questions.Count >= _answers.Length) throw new HostException("Nobody answers.");
        char letter = _answers[Questions.Count];
        Questions.Add(caption + "\n" + message);
        List<string> labels = new List<string>();
        foreach (ChoiceDescription choice in choices) labels.Add(choice.Label);
        Offered.Add(string.Join(", ", labels) + " [" + labels[defaultChoice] + "]");
        return labels.FindIndex(label => label.IndexOf("&" + letter, StringComparison.OrdinalIgnoreCase) >= 0);
    }
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotImplementedException();
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotImplementedException();
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes types, PSCredentialUIOptions options) => throw new NotImplementedException();
    public override string ReadLine() => throw new NotImplementedException();
    public override SecureString ReadLineAsSecureString() => throw new NotImplementedException();
    public override void Write(string value) { }
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) { }
    public override void WriteDebugLine(string message) { }
    public override void WriteErrorLine(string value) { }
    public override void WriteLine(string value) { }
    public override void WriteProgress(long sourceId, ProgressRecord record) { }
    public override void WriteVerboseLine(string message) { }
    public override void WriteWarningLine(string message) { }
}
'@
}

Describe 'Invoke-Landlocked -Interactive' {
    BeforeAll {
        Set-Content "$TestDrive/secret" content
        $secret = (Get-Item "$TestDrive/secret").FullName
        $module = (Get-Module LandlockPS).ModuleBase

        function Invoke-Answered([string] $Line, [string] $Answers) {
            $answering = [AnsweringHost]::new($Answers)
            $runspace = [runspacefactory]::CreateRunspace($answering)
            $runspace.Open()
            $shell = [powershell]::Create($runspace)
            $output = $shell.AddScript("Import-Module '$module'; $Line; `$LASTEXITCODE").Invoke()
            [pscustomobject] @{ Output = @($output); Errors = @($shell.Streams.Error); Questions = $answering.Answers.Questions; Offered = $answering.Answers.Offered }
            $runspace.Dispose()
        }
    }

    It 'allows once, and runs the command again' {
        $run = Invoke-Answered "Invoke-Landlocked -Interactive -ReadOnly /usr -- sh -c 'echo run; cat $secret 2>/dev/null'" 'o'
        $run.Output | Should -Be run, run, content, 0
        $run.Questions | Should -Be "Denied: open ${secret}: read_file denied, by cat`nAllow it, by -ReadData ${secret}?"
        $run.Offered | Should -Be 'Allow &once, &No, &Stop asking [&No]'
    }

    It 'allows in the policy file' {
        Set-Content "$TestDrive/ci.toml" "abi = 7`n# by hand`n[[ruleset]]`nhandled_access_fs = [`"abi.all`"]`n`n[[path_beneath]]`nallowed_access = [`"abi.read_execute`"]`nparent = [`"/usr`"]`n"
        $run = Invoke-Answered "Invoke-Landlocked -Interactive -Policy '$TestDrive/ci.toml' -- cat $secret 2>`$null" 'p'
        $run.Output | Should -Be content, 0
        $run.Offered | Should -Be 'Allow &once, Allow in the &policy, &No, &Stop asking [&No]'
        Get-Content "$TestDrive/ci.toml" | Should -Contain '# by hand'
        Invoke-Landlocked -Policy "$TestDrive/ci.toml" -- cat $secret | Should -Be content
    }

    It 'leaves denied what is not allowed' {
        $run = Invoke-Answered "Invoke-Landlocked -Interactive -ReadOnly /usr -- cat $secret 2>`$null" 'n'
        $run.Output | Should -Be 1
        (Invoke-Answered "Invoke-Landlocked -Interactive -ReadOnly /usr -- sh -c 'cat /etc/hostname $secret' 2>`$null" 's').Questions | Should -HaveCount 1
    }

    It 'works for script blocks' {
        $run = Invoke-Answered "Invoke-Landlocked -Interactive -ReadOnly /usr { cat '$secret' 2>`$null }" 'os'
        $run.Output | Should -Contain content
    }

    It 'says so where nobody can be asked' {
        $run = Invoke-Answered "Invoke-Landlocked -Interactive -ReadOnly /usr -- sh -c 'cat $secret 2>/dev/null'" ''
        $run.Output | Should -Be 1
        $run.Errors[-1].FullyQualifiedErrorId | Should -Be 'HostCannotAsk,LandlockPS.InvokeLandlockedCommand'
    }

    It 'is not for commands with input' {
        (Get-TerminatingError { 'x' | Invoke-Landlocked -Interactive -- cat }).FullyQualifiedErrorId | Should -Be 'InteractiveWithInput,LandlockPS.InvokeLandlockedCommand'
    }
}
