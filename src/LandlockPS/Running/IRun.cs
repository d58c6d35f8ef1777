using System.Management.Automation;
using Landlock.Tracing;

namespace LandlockPS.Running;

/// <summary>Something that runs inside a sandbox while its cmdlet's pipeline goes on.</summary>
internal interface IRun : IDisposable
{
    /// <summary>What a traced run has accessed; null before its end, and for one that is not traced.</summary>
    TraceReport? Report => null;

    /// <summary>Passes on one object of the pipeline's input, which may be $null.</summary>
    void Process(PSObject? input);

    /// <summary>Ends the input and waits.</summary>
    void End();

    /// <summary>Stops early; called on another thread.</summary>
    void Stop();
}
