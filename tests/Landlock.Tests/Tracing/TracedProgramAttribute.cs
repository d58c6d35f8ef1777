using System.Reflection;
using Landlock.Linux;
using Xunit.Sdk;

namespace Landlock.Tests.Tracing;

/// <summary>A program and a script that runs it, for tests of tracing; skipped where the program is not installed.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class TracedProgramAttribute : DataAttribute
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["gcc"] = "printf 'int main(void){return 0;}' > x.c; gcc -O2 -o x x.c && ./x",
        ["git"] = "rm -rf clone; git clone -q origin.git clone && git -C clone log -1",
        ["python3"] = "/usr/bin/python3 -c 'import json, http.client; open(\"out\", \"w\").write(\"x\")'",
        // The servers that these ask stand outside (LearnTests).
        ["curl"] = "curl -s http://localhost:$PORT/ | grep -q asked",
        ["ssh"] = "ssh -F none -i id -o StrictHostKeyChecking=no -o UserKnownHostsFile=known -o IdentityAgent=none -p $PORT "
            + "$(id -un)@localhost echo over ssh",
        ["script"] = "script -qc 'echo in a terminal' typescript",
        ["npm"] = "npm test",
        ["pwsh"] = "pwsh -NoProfile -NonInteractive -Command 'Get-ChildItem | Out-Null; Set-Content y 1'",
    };

    private readonly string _program;

    public TracedProgramAttribute(string program)
    {
        _program = program;
        if (program != "pwsh" && Find(program) is null) Skip = $"{program} is not installed";
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[_program, Scripts[_program]]];

    /// <summary>Where a program is; null if it is not there.</summary>
    internal static string? Find(string program) =>
        program == "pwsh" ? Built.PowerShell
            : new[] { $"/usr/bin/{program}", $"/usr/local/bin/{program}" }.FirstOrDefault(path => PosixFile.Stat(path) is not null);
}
