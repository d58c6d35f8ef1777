namespace Landlock.Sandboxes.Supervision;

/// <summary>Signals that are taken note of instead of acted upon.</summary>
internal interface ISignals
{
    /// <summary>From now on these signals are noted, and an eventfd is written to with each.</summary>
    void Catch(int eventDescriptor, ReadOnlySpan<int> signals);

    /// <summary>What has been noted since; bit n-1 is signal n.</summary>
    ulong Take();
}
