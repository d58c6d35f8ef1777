using System.Collections.Immutable;
using Landlock.Policies;

namespace Landlock.Sandboxes;

/// <summary>What presets grant, and for which sandbox that was asked.</summary>
/// <param name="Presets">The names of the presets.</param>
/// <param name="Variables">The variables.</param>
/// <param name="PrivateTemp">Whether the command has a directory for temporary files of its own.</param>
/// <param name="Grants">What they grant.</param>
internal sealed record KnownGrants(ImmutableArray<string> Presets, PolicyVariables Variables, bool PrivateTemp,
    ImmutableArray<(Preset Preset, PresetGrants Granted)> Grants)
{
    /// <summary>Whether a sandbox grants just the same.</summary>
    public bool IsFor(Sandbox sandbox) => sandbox.Presets.SequenceEqual(Presets) && ReferenceEquals(sandbox.Variables, Variables)
        && sandbox.Supervision.PrivateTemp == PrivateTemp;
}
