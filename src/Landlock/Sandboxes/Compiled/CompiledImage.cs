using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Sandboxes.Compiled;

/// <summary>What the plan of a compiled command has besides: when it holds, and who plans anew.</summary>
internal sealed record CompiledImage
{
    /// <summary>Path of landlocked.</summary>
    public required string Planner { get; init; }

    /// <summary>The kernel that it was planned for.</summary>
    public required LandlockSupport Support { get; init; }

    /// <summary>Files and directories that decided: where one has changed, the plan does not hold.</summary>
    public ImmutableArray<string> Deciding { get; init; } = [];

    /// <summary>What is passed on of the environment received.</summary>
    public EnvironmentSelection Environment { get; init; } = new();

    /// <summary>The entry of the environment in which each run is told by another name, its zeros; null for none.</summary>
    public string? Named { get; init; }

    /// <summary>Whether it ends where something has changed.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Whether it is planned at each start.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>What a line begins with that says what has changed; null = nothing is said.</summary>
    public string? Changed { get; init; }

    /// <summary>Adds it to an image.</summary>
    public void AddTo(ImageBuilder image, ref PlanHeader header)
    {
        header.Flags |= (uint)(PlanFlags.Compiled | (IsFrozen ? PlanFlags.Frozen : 0) | (IsPlanned ? PlanFlags.AlwaysPlan : 0));
        header.Planner = image.Text(Planner);
        header.Changed = image.Text(Changed);
        header.KernelAbi = (ulong)Support.KernelAbi;
        header.Errata = Support.ErrataMask;
        header.WitnessCount = (uint)Deciding.Length;
        header.WitnessOffset = image.Reserve<PlanWitness>(Deciding.Length);
        for (int i = 0; i < Deciding.Length; i++) image.Set(header.WitnessOffset, i, Witness(image, Deciding[i]));
        if (IsPlanned) return;
        if (header.EnvironmentCount == PlanLayout.InheritEnvironment) header.EnvironmentCount = 0;
        header.Flags |= (uint)PlanFlags.AddToEnvironment;
        if (Environment.Clean) header.Flags |= (uint)PlanFlags.DropVariables;
        PlanVariable[] rules = [.. Rules(image)];
        header.VariableCount = (uint)rules.Length;
        header.VariableOffset = image.Reserve<PlanVariable>(rules.Length);
        for (int i = 0; i < rules.Length; i++) image.Set(header.VariableOffset, i, rules[i]);
        if (Named is not null)
            image.Unnamed.Add(image.Text(Named) + (uint)(PosixText.Encode(Named).Length - ScratchDirectory.Unnamed.Length));
    }

    // In the order in which EnvironmentSelection decides; what is set is in the plan's own entries.
    private IEnumerable<PlanVariable> Rules(ImageBuilder image)
    {
        foreach (EnvironmentChange change in Environment.Changes.Reverse().DistinctBy(change => change.Name))
            if (change.Value is null)
                yield return Rule(change.Name, change.Keeps ? PlanVariableAction.Keep : PlanVariableAction.Drop, PlanVariableFlags.Literal);
        foreach (string pattern in Environment.Remove) yield return Rule(pattern, PlanVariableAction.Drop);
        foreach (string pattern in Environment.Pass) yield return Rule(pattern, PlanVariableAction.Keep);
        if (Environment.RemoveSecrets)
            foreach (string pattern in EnvironmentSelection.SecretPatterns)
                yield return Rule(pattern, PlanVariableAction.Drop, PlanVariableFlags.IgnoreCase);
        if (!Environment.Clean) yield break;
        foreach (string pattern in CleanEnvironment.Patterns) yield return Rule(pattern, PlanVariableAction.Keep);
        if (!Environment.Changes.Any(change => change is { Name: "PATH", Value: null, Keeps: false }))
            yield return Rule($"PATH={CleanEnvironment.DefaultPath}", PlanVariableAction.Default, PlanVariableFlags.Literal);

        PlanVariable Rule(string text, PlanVariableAction action, PlanVariableFlags flags = PlanVariableFlags.None) =>
            new() { Text = image.Text(text), Action = (uint)action, Flags = (uint)flags };
    }

    // What is not there is none of any number, and stays a reason to plan anew.
    private static PlanWitness Witness(ImageBuilder image, string path)
    {
        FileStatus status = PosixFile.Stat(path) ?? default;
        return new PlanWitness
        {
            Path = image.Text(path),
            Label = image.Text(PosixText.Printable(path)),
            Inode = status.Inode,
            DeviceMajor = status.Identity.Major,
            DeviceMinor = status.Identity.Minor,
            Seconds = (ulong)(status.Changed / 1_000_000_000),
            Nanoseconds = (ulong)(status.Changed % 1_000_000_000),
        };
    }
}
