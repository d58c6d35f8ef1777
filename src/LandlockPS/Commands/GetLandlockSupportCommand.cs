using System.Management.Automation;
using Landlock.Kernel;

namespace LandlockPS;

/// <summary>Get-LandlockSupport: what the running kernel can enforce, and what it leaves open.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockSupport")]
[OutputType(typeof(LandlockSupport))]
public sealed class GetLandlockSupportCommand : PSCmdlet
{
    /// <summary>An imagined kernel with this ABI instead of the running one.</summary>
    [Parameter]
    [ValidateRange(0, Landlock.Kernel.Abi.Newest)]
    public int Abi { get; set; } = -1;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Abi >= 0) WriteObject(LandlockSupport.ForAbi(Abi));
        else WriteObject(LandlockSupport.Detect() with { TcpFastOpenBypass = NativePrograms.ProbeFastOpen() });
    }
}
