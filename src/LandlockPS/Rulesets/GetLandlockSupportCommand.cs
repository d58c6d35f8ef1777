using System.Management.Automation;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Previewing;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS;

/// <summary>
/// Get-LandlockSupport: what the running kernel can enforce, and what it leaves open; or what it would make of a ruleset.
/// </summary>
[Cmdlet(VerbsCommon.Get, "LandlockSupport")]
[OutputType(typeof(LandlockSupport), typeof(RestrictionStatus))]
public sealed class GetLandlockSupportCommand : PSCmdlet
{
    /// <summary>A ruleset, to say what the kernel would enforce of it.</summary>
    [Parameter(ValueFromPipeline = true)]
    [RulesetTransformation]
    public Ruleset? Ruleset { get; set; }

    /// <summary>An imagined kernel with this ABI instead of the running one.</summary>
    [Parameter]
    [ValidateRange(0, AbiTable.Newest)]
    public int Abi { get; set; } = -1;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Ruleset is null)
        {
            if (!MyInvocation.ExpectingInput) WriteObject(Abi >= 0 ? LandlockSupport.ForAbi(Abi) : Detailed());
            return;
        }

        try
        {
            WriteObject(RulesetResolver.StatusOf(Ruleset, Abi >= 0 ? LandlockSupport.ForAbi(Abi) : RunningKernel.Support));
        }
        catch (RulesetException exception)
        {
            WriteError(Errors.From(exception, Ruleset));
        }
    }

    private static LandlockSupport Detailed() => RunningKernel.Support with
    {
        TcpFastOpenBypass = NativePrograms.ProbeFastOpen(),
        PreviewObstacle = PreviewSupport.WhyNot(),
        Sockets = KnownSockets.Find(Environment.GetEnvironmentVariable, PowerShellSockets.All),
    };
}
