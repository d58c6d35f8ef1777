using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Compiled;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Previewing;

namespace Landlock.Sandboxes;

/// <summary>Writes a plan as the image that landlock-exec reads (PlanLayout.cs).</summary>
internal static class PlanImage
{
    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="program">Name that failure lines begin with; null = landlock-exec prints nothing.</param>
    /// <param name="standardError">Descriptor that becomes the command's standard error; 0 = the one there is.</param>
    /// <param name="compiled">What makes it the plan of a compiled command; null for any other.</param>
    public static byte[] Write(LaunchPlan plan, string? program, int standardError = 0, CompiledImage? compiled = null)
    {
        ImageBuilder image = new(plan.Start.Scratch) { IsLasting = compiled is not null };
        uint head = image.Reserve<PlanHeader>(1);
        PlanHeader header = new()
        {
            Magic = PlanLayout.Magic,
            Version = PlanLayout.Version,
            LayerCount = (uint)plan.Layers.Length,
            LayerOffset = Layers(image, plan, labels: program is not null),
            Program = Program(image, plan),
            ArgumentCount = (uint)plan.Arguments.Length,
            ArgumentOffset = image.Texts(plan.Arguments),
            EnvironmentCount = PlanLayout.InheritEnvironment,
            Directory = plan.Start.WorkingDirectory is { } directory
                ? Target(image, plan.DirectoryFound?.Path == directory ? plan.DirectoryFound : PosixFile.Find(directory))
                : default,
            KeepCount = (uint)plan.Start.KeepDescriptors.Length,
            KeepOffset = Descriptors(image, plan.Start.KeepDescriptors),
            StandardError = (uint)standardError,
        };
        if (plan.Start.Environment is { } environment)
        {
            header.EnvironmentCount = (uint)environment.Length;
            header.EnvironmentOffset = image.Texts(environment);
        }

        State(image, plan, ref header);
        Script(image, plan, ref header);
        Overlays(image, plan, ref header);
        if (plan.Start.Traced)
            header.Flags |= (uint)(plan.Layers.Length == 0 ? PlanFlags.AwaitTracer | PlanFlags.Unrestricted : PlanFlags.AwaitTracer);
        Filters(image, plan, ref header);
        compiled?.AddTo(image, ref header);
        if (program is not null) Messages(image, plan, program, ref header);
        return Finish(image, head, header);
    }

    /// <summary>Writes a plan that only says something. Read in any other way, it would deny everything.</summary>
    /// <param name="lines">What it says.</param>
    /// <param name="compiled">What makes it the plan of a compiled command, which is planned at each start; null for any other.</param>
    public static byte[] WriteRefusal(string lines, CompiledImage? compiled = null)
    {
        ImageBuilder image = new(scratch: null);
        uint head = image.Reserve<PlanHeader>(1);
        uint layer = image.Reserve<PlanLayer>(1);
        image.Set(layer, 0, new PlanLayer { AttributeOffset = Attribute(image, [(ulong)AccessFs.Execute]), AttributeSize = 8 });
        PlanHeader header = new()
        {
            Magic = PlanLayout.Magic,
            Version = PlanLayout.Version,
            Flags = (uint)PlanFlags.TakeArguments,
            LayerCount = 1,
            LayerOffset = layer,
            Program = new PlanObject { Path = image.Text("") },
            ArgumentCount = 1,
            ArgumentOffset = image.Texts([""]),
            Refusal = image.Text(lines),
        };
        compiled?.AddTo(image, ref header);
        return Finish(image, head, header);
    }

    private static byte[] Finish(ImageBuilder image, uint head, PlanHeader header)
    {
        header.NameCount = (uint)image.Unnamed.Count;
        header.NameOffset = image.Reserve<uint>(image.Unnamed.Count);
        for (int i = 0; i < image.Unnamed.Count; i++) image.Set(header.NameOffset, i, image.Unnamed[i]);
        return image.Finish(head, header);
    }

    // The program is executed by the name that it was found by, which it sees.
    private static PlanObject Program(ImageBuilder image, LaunchPlan plan) =>
        Target(image, plan.ProgramFound?.Path == plan.Program ? plan.ProgramFound : PosixFile.Find(plan.Program)) with
        { Path = image.Text(plan.Program) };

    // What was not found has no identity: whatever is there by then is something else.
    private static PlanObject Target(ImageBuilder image, FoundPath found) => image.IsLasting ? LastingObject.Of(image, found) : new()
    {
        Path = image.Text(found.RealPath ?? found.Path),
        Flags = (uint)((found.IsRenumbered ? PlanObjectFlags.AnyInode : 0) | (found.IsOwn ? PlanObjectFlags.Links : 0)),
        Inode = found.Identity.Inode,
        DeviceMajor = found.Identity.Major,
        DeviceMinor = found.Identity.Minor,
    };

    private static void Overlays(ImageBuilder image, LaunchPlan plan, ref PlanHeader header)
    {
        if (plan.Preview is not { } preview) return;
        if (preview.InUserNamespace) header.Flags |= (uint)PlanFlags.UserNamespace;
        header.OverlayCount = (uint)preview.Overlays.Length;
        header.OverlayOffset = image.Reserve<PlanOverlay>(preview.Overlays.Length);
        for (int i = 0; i < preview.Overlays.Length; i++)
        {
            PlannedOverlay overlay = preview.Overlays[i];
            image.Set(header.OverlayOffset, i, new PlanOverlay
            {
                Lower = Target(image, overlay.Lower),
                Upper = Target(image, overlay.Upper ?? throw new InvalidOperationException("The preview has no place yet.")),
                Work = overlay.Work is { } work ? Target(image, work) : default,
                Label = image.Text(PosixText.Printable(overlay.Lower.Path)),
            });
        }
    }

    private static void Script(ImageBuilder image, LaunchPlan plan, ref PlanHeader header)
    {
        if (plan.Start.Scratch is { } scratch)
        {
            header.Scratch = image.Text(ScratchDirectory.NameOf(scratch));
            header.ScratchPath = image.Text(scratch);
            image.Unnamed.Add(header.Scratch + (uint)(ScratchDirectory.NameOf(scratch).Length - ScratchDirectory.Unnamed.Length));
            header.ScratchParent = Target(image, PosixFile.Find(ScratchDirectory.ParentOf(scratch)));
        }

        if (plan.TakesArguments) header.Flags |= (uint)PlanFlags.TakeArguments;
        if (plan.OnlyIn is { } directory)
        {
            header.Flags |= (uint)PlanFlags.CheckDirectory;
            header.DirectoryInode = directory.Identity.Inode;
            header.DirectoryMajor = directory.Identity.Major;
            header.DirectoryMinor = directory.Identity.Minor;
        }

        if (plan.Start.Environment is not null || plan.Start.Variables.Length == 0) return;
        header.Flags |= (uint)PlanFlags.AddToEnvironment;
        header.EnvironmentCount = (uint)plan.Start.Variables.Length;
        header.EnvironmentOffset = image.Texts(plan.Start.Variables);
    }

    // Labels are for messages that landlock-exec prints.
    private static uint Layers(ImageBuilder image, LaunchPlan plan, bool labels)
    {
        ImmutableArray<ResolvedLayer> layers = plan.Layers;
        uint table = image.Reserve<PlanLayer>(layers.Length);
        for (int i = 0; i < layers.Length; i++)
        {
            ResolvedLayer layer = layers[i];
            ReadOnlySpan<ulong> attribute = layer.Attribute();
            uint ports = PortRules(image, layer.NetRules, out int portCount);
            uint paths = PathRules(image, layer, plan, labels, out int pathCount);
            image.Set(table, i, new PlanLayer
            {
                AttributeOffset = Attribute(image, attribute),
                AttributeSize = (uint)attribute.Length * 8,
                RestrictFlags = (uint)layer.RestrictFlags,
                PathRuleCount = (uint)pathCount,
                PathRuleOffset = paths,
                PortRuleCount = (uint)portCount,
                PortRuleOffset = ports,
            });
        }

        return table;
    }

    private static uint Attribute(ImageBuilder image, ReadOnlySpan<ulong> members)
    {
        uint offset = image.Reserve<ulong>(members.Length);
        for (int i = 0; i < members.Length; i++) image.Set(offset, i, members[i]);
        return offset;
    }

    private static uint PathRules(ImageBuilder image, ResolvedLayer layer, LaunchPlan plan, bool labels, out int count)
    {
        ImmutableArray<ResolvedPathRule> rules = layer.PathRules;
        AccessFs terminal = plan.OnTerminal is null ? 0 : plan.OnTerminal.Access & AbiTable.FileRights & layer.HandledFs;
        count = rules.Length + (terminal == 0 ? 0 : 1);
        uint table = image.Reserve<PlanPathRule>(count);
        for (int i = 0; i < rules.Length; i++)
        {
            ResolvedPathRule rule = rules[i];
            bool isScratch = rule.Path == plan.Start.Scratch;
            FoundPath? target = isScratch ? null : rule.Target;
            if (target is not null && NeededRules.IsCovered(rule, target, layer, plan.Grants))
            {
                image.Set(table, i, new PlanPathRule { Flags = (uint)PlanRuleFlags.Covered });
                continue;
            }

            image.Set(table, i, new PlanPathRule
            {
                Access = (ulong)(target?.Kind == PathKind.File ? rule.FileAccess : rule.Access),
                Target = target is null ? default : Target(image, target),
                Label = labels ? image.Text(PosixText.Printable(rule.Path)) : 0,
                Flags = (uint)((rule.Optional ? PlanRuleFlags.Optional : 0) | (isScratch ? PlanRuleFlags.Scratch : 0)),
                AddFlags = rule.Quiet ? 1u : 0,
            });
        }

        if (terminal == 0) return table;
        image.Set(table, rules.Length, new PlanPathRule
        {
            Access = (ulong)terminal,
            Target = Target(image, SystemPaths.Find(plan.OnTerminal!.Path)),
            Label = labels ? image.Text(PosixText.Printable(plan.OnTerminal.Path)) : 0,
            Flags = (uint)(PlanRuleFlags.OnTerminal | PlanRuleFlags.Optional),
        });
        return table;
    }

    private static uint PortRules(ImageBuilder image, ImmutableArray<ResolvedNetRule> rules, out int count)
    {
        count = rules.Sum(rule => rule.Port.Count);
        uint table = image.Reserve<PlanPortRule>(count);
        int index = 0;
        foreach (ResolvedNetRule rule in rules)
        {
            for (int port = rule.Port.First; port <= rule.Port.Last; port++)
                image.Set(table, index++,
                    new PlanPortRule { Access = (ulong)rule.Access, Port = (uint)port, AddFlags = rule.Quiet ? 1u : 0 });
        }

        return table;
    }

    private static uint Descriptors(ImageBuilder image, ImmutableArray<int> descriptors)
    {
        uint table = image.Reserve<uint>(descriptors.Length);
        for (int i = 0; i < descriptors.Length; i++) image.Set(table, i, (uint)descriptors[i]);
        return table;
    }

    private static void State(ImageBuilder image, LaunchPlan plan, ref PlanHeader header)
    {
        List<ResourceLimit> limits = [];
        header.BlockedSignals = plan.Start.ExtraBlockedSignals;
        if (plan.Start.ExtraBlockedSignals != 0) header.Flags = (uint)PlanFlags.AddToSignalMask;
        if (plan.Start.State is { } start)
        {
            header.Flags = (uint)(PlanFlags.SetSignalMask | PlanFlags.SetDispositions);
            header.BlockedSignals |= start.BlockedSignals;
            header.IgnoredSignals = start.IgnoredSignals;
            if (start.OpenFiles is { } files) limits.Add(files);
        }

        if (plan.Start.NewGroup) header.Flags |= (uint)PlanFlags.NewGroup;
        if (plan.Start.AdoptOrphans) header.Flags |= (uint)PlanFlags.AdoptOrphans;
        limits.AddRange(plan.Start.Limits);
        header.LimitCount = (uint)limits.Count;
        header.LimitOffset = image.Reserve<PlanLimit>(limits.Count);
        for (int i = 0; i < limits.Count; i++)
            image.Set(header.LimitOffset, i,
                new PlanLimit { Resource = (ulong)limits[i].Resource, Soft = limits[i].Soft, Hard = limits[i].Hard });

        if (plan.Start.DomainName is null) return;
        Span<byte> name = stackalloc byte[16];
        name.Clear();
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(plan.Start.DomainName);
        bytes[..Math.Min(bytes.Length, 15)].CopyTo(name);
        header.ThreadName0 = BitConverter.ToUInt64(name);
        header.ThreadName1 = BitConverter.ToUInt64(name[8..]);
    }

    private static void Filters(ImageBuilder image, LaunchPlan plan, ref PlanHeader header)
    {
        List<ImmutableArray<ulong>> filters = [];
        if ((plan.Layers.Length > 0 || plan.Hosts is not null) && plan.Filter is { } filter)
            filters.Add(CommandFilter.For(filter, RuntimeInformation.OSArchitecture));
        if (plan.Start.Traced)
            filters.Add(TraceFilter.For(CallTable.Of(RuntimeInformation.ProcessArchitecture), sockets: plan.Layers.IsEmpty));
        if (plan.Hosts is not null) header.Flags |= (uint)PlanFlags.AskSupervisor;
        header.FilterCount = (uint)filters.Count;
        header.FilterOffset = image.Reserve<PlanFilter>(filters.Count);
        for (int i = 0; i < filters.Count; i++)
        {
            uint instructions = image.Reserve<ulong>(filters[i].Length);
            for (int k = 0; k < filters[i].Length; k++) image.Set(instructions, k, filters[i][k]);
            image.Set(header.FilterOffset, i, new PlanFilter { Offset = instructions, Count = (uint)filters[i].Length });
        }
    }

    private static void Messages(ImageBuilder image, LaunchPlan plan, string program, ref PlanHeader header)
    {
        header.MessageCount = (uint)PlanStep.Count;
        header.MessageOffset = image.Reserve<PlanMessage>((int)PlanStep.Count);
        for (PlanStep step = 0; step < PlanStep.Count; step++)
        {
            StepMessage message = LaunchMessages.For(plan, step);
            image.Set(header.MessageOffset, (int)step, new PlanMessage
            {
                Before = image.Text($"{program}: {message.Before}"),
                Between = image.Text(message.Between),
                After = image.Text(message.After),
            });
        }

        Errno[] errors = Enum.GetValues<Errno>();
        header.ErrorTextCount = (uint)errors.Length;
        header.ErrorTextOffset = image.Reserve<PlanErrorText>(errors.Length);
        for (int i = 0; i < errors.Length; i++)
            image.Set(header.ErrorTextOffset, i,
                new PlanErrorText { Error = (int)errors[i], Text = image.Text(LaunchMessages.Describe(errors[i], image.IsLasting)) });

        Errno[] executeErrors = LaunchMessages.ExecuteErrors;
        header.ExecuteTextCount = (uint)executeErrors.Length;
        header.ExecuteTextOffset = image.Reserve<PlanErrorText>(executeErrors.Length);
        for (int i = 0; i < executeErrors.Length; i++)
        {
            image.Set(header.ExecuteTextOffset, i, new PlanErrorText
            {
                Error = (int)executeErrors[i],
                Text = image.Text($"{program}: {LaunchMessages.Execute(plan, executeErrors[i])}"),
            });
        }
    }
}
