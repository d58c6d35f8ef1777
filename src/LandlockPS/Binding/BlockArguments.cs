using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;

namespace LandlockPS.Binding;

/// <summary>What a script block is called with.</summary>
/// <param name="Positional">Values by position.</param>
/// <param name="Named">Values by the names of its parameters.</param>
internal sealed record BlockArguments(object?[] Positional, ImmutableArray<(string Name, object? Value)> Named)
{
    /// <summary>Values by position only.</summary>
    public BlockArguments(object?[]? positional)
        : this(positional ?? [], [])
    {
    }

    /// <summary>The same call for somebody who passes values by position only: the block may be another one.</summary>
    public (ScriptBlock Block, object?[] Arguments) ByPosition(ScriptBlock block)
    {
        if (Named.IsEmpty) return (block, Positional);
        Hashtable table = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in Named) table[name] = value;
        return (ScriptBlock.Create($"param($named, $positional) if ($MyInvocation.ExpectingInput) {{ $input | & {{{block}\n"
            + $"}} @named @positional }} else {{ & {{{block}\n}} @named @positional }}"), [table, Positional]);
    }
}
