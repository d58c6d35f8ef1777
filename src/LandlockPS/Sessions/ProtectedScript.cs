using System.Collections;
using System.Management.Automation;
using System.Text;
using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS.Sessions;

/// <summary>Runs a script file again inside a sandbox: same arguments, same standard streams, its exit code.</summary>
internal static class ProtectedScript
{
    private const string MarkVariable = "LANDLOCKPS_PROTECTED";
    private const string ArgumentsVariable = "LANDLOCKPS_ARGUMENTS";

    // A sandbox is for good.
    private static string? s_inside;

    // One environment entry holds at most 128 KiB (MAX_ARG_STRLEN).
    private const int LargestArguments = 120 << 10;

    /// <summary>The script file that called the cmdlet.</summary>
    /// <exception cref="LaunchException">The call is not in a script file.</exception>
    public static string Caller(PSCmdlet cmdlet) => cmdlet.MyInvocation.ScriptName is { Length: > 0 } script
        ? script
        : throw new LaunchException(LaunchProblem.SetupFailed, null, "Protect-LandlockScript protects the script file that calls it, and "
            + "was not called from one. For a command or a script block use Invoke-Landlocked.");

    /// <summary>
    /// Whether this process is the sandboxed run of the script: by what only the outer run can have handed over. In doubt it is not.
    /// </summary>
    public static bool IsInside(string script)
    {
        if (s_inside == script) return true;
        if (!InsideProof.Take(Environment.GetEnvironmentVariable(MarkVariable), script)) return false;
        Environment.SetEnvironmentVariable(MarkVariable, null);
        s_inside = script;
        return true;
    }

    /// <summary>
    /// What the calling script gets from its pipeline, such as the lines of stdin, which pwsh has read already; null without one.
    /// </summary>
    public static IEnumerable<object?>? Input(PSCmdlet cmdlet)
    {
        if (cmdlet.GetVariableValue("MyInvocation") is not InvocationInfo caller || !EngineInternals.ExpectsInput(caller)) return null;
        return LanguagePrimitives.GetEnumerable(cmdlet.GetVariableValue("input"))?.Cast<object?>()
            ?? (cmdlet.GetVariableValue("input") is IEnumerator rest ? Rest(rest) : []);

        static IEnumerable<object?> Rest(IEnumerator rest)
        {
            while (rest.MoveNext()) yield return rest.Current;
        }
    }

    /// <summary>Completes a request with a pwsh that runs the script as it was called.</summary>
    /// <exception cref="LaunchException">The arguments are too large to pass on.</exception>
    public static LaunchRequest Request(PSCmdlet cmdlet, LaunchRequest request, string script, InsideProof proof)
    {
        request = ChildPowerShell.Shell(cmdlet, request, ["-NoLogo", "-NoProfile", "-Command", Start(ChildLanguage.Demand(cmdlet))]);
        return request with
        {
            Start = request.Start with
            {
                Environment = ChildEnvironment.With(request.Start.Environment, (MarkVariable, proof.Value),
                    (ArgumentsVariable, Arguments(cmdlet, script))),
                KeepDescriptors = [.. request.Start.KeepDescriptors, proof.Descriptor],
            },
            Grants = [.. request.Grants, new Grant(new PathRule(script, AccessFs.ReadFile) { Optional = true }, "the script itself")],
        };
    }

    // Nothing is caught: within "try" an error that ends a statement would end the script. $? is false if the script left with a code by
    // "exit"; a native command may have left another one before. One that ended by an error, or could not even be parsed, has
    // left none: 1, as from -File.
    private static string Start(PSLanguageMode mode) => $$"""
        $passed = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($env:{{ArgumentsVariable}}))
        $passed = [System.Management.Automation.PSSerializer]::Deserialize($passed)
        Remove-Item Env:{{ArgumentsVariable}}
        $named = @{}
        foreach ($name in $passed.Named.Keys) { $named[$name] = $passed.Named[$name] }
        $positional = @($passed.Positional)
        {{ChildPowerShell.ImportThisModule}}
        {{ChildLanguage.Enter(mode)}}
        if ($MyInvocation.ExpectingInput) { $input | & $passed.Script @named @positional } else { & $passed.Script @named @positional }
        if ($?) { exit 0 }
        if ($global:LASTEXITCODE) { exit $global:LASTEXITCODE }
        exit 1
        """;

    private static string Arguments(PSCmdlet cmdlet, string script)
    {
        Hashtable named = [];
        if (cmdlet.GetVariableValue("PSBoundParameters") is IDictionary bound)
        {
            // A switch would arrive as a property bag that no switch parameter takes.
            foreach (DictionaryEntry entry in bound)
                named[entry.Key] = Unwrapped.From(entry.Value) is SwitchParameter flag ? flag.ToBool() : entry.Value;
        }

        Hashtable passed =
            new() { ["Script"] = script, ["Named"] = named, ["Positional"] = cmdlet.GetVariableValue("args") as object[] ?? [] };
        string text = Convert.ToBase64String(Encoding.UTF8.GetBytes(PSSerializer.Serialize(passed, 4)));
        return text.Length <= LargestArguments
            ? text
            : throw new LaunchException(LaunchProblem.SetupFailed, null, $"The script's arguments take {text.Length >> 10} KiB when passed "
                + $"on, more than the {LargestArguments >> 10} KiB that fit; pass large data in a file. Nothing was run.");
    }
}
