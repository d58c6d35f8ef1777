using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Linux;

namespace Landlock.Sandboxes.Compiled;

/// <summary>What of a compiled command's plan is as it was, read from its image as landlock-exec reads it.</summary>
/// <param name="IsPlannedAtStart">Whether it is planned at each start.</param>
/// <param name="IsFrozen">Whether it ends where something has changed.</param>
/// <param name="Changed">What has changed: paths, and "the kernel".</param>
internal sealed record CompiledState(bool IsPlannedAtStart, bool IsFrozen, ImmutableArray<string> Changed)
{
    /// <summary>Looks at everything that the plan names.</summary>
    /// <param name="image">The image; its sum is right.</param>
    public static CompiledState Of(byte[] image)
    {
        PlanHeader header = At<PlanHeader>(image, 0);
        PlanFlags flags = (PlanFlags)header.Flags;
        if (flags.HasFlag(PlanFlags.AlwaysPlan)) return new CompiledState(true, false, []);
        List<string> changed = [];
        Abi.LandlockSupport here = RunningKernel.Support;
        if ((ulong)here.KernelAbi != header.KernelAbi || here.ErrataMask != header.Errata) changed.Add("the kernel");
        for (int i = 0; i < header.WitnessCount; i++)
        {
            PlanWitness witness = At<PlanWitness>(image, header.WitnessOffset, i);
            string path = Text(image, witness.Path);
            if (PosixFile.Stat(path) is not { } now || now.Identity != Identity(witness.DeviceMajor, witness.DeviceMinor, witness.Inode)
                || now.Changed != (long)((witness.Seconds * 1_000_000_000) + witness.Nanoseconds))
                changed.Add(path);
        }

        for (int i = 0; i < header.LayerCount; i++)
        {
            PlanLayer layer = At<PlanLayer>(image, header.LayerOffset, i);
            for (int k = 0; k < layer.PathRuleCount; k++)
            {
                PlanPathRule rule = At<PlanPathRule>(image, layer.PathRuleOffset, k);
                PlanRuleFlags kind = (PlanRuleFlags)rule.Flags;
                if ((kind & (PlanRuleFlags.Scratch | PlanRuleFlags.Covered)) == 0)
                    Compare(rule.Target, kind.HasFlag(PlanRuleFlags.Optional));
            }
        }

        Compare(header.Program, isOptional: false);
        if (header.Directory.Path != 0) Compare(header.Directory, isOptional: false);
        return new CompiledState(false, flags.HasFlag(PlanFlags.Frozen), [.. changed.Distinct()]);

        void Compare(PlanObject target, bool isOptional)
        {
            string path = Text(image, target.Path);
            PlanObjectFlags kind = (PlanObjectFlags)target.Flags;
            FoundPath now = PosixFile.Find(path);
            if (!now.Exists && isOptional) return;
            bool same = now.Exists && (kind.HasFlag(PlanObjectFlags.Kernel)
                ? now.IsRenumbered || path.StartsWith("/sys/", StringComparison.Ordinal)
                : kind.HasFlag(PlanObjectFlags.Character) ? PosixFile.CharacterDevice(path) == (target.DeviceMajor, target.DeviceMinor)
                : now.Identity == Identity(target.DeviceMajor, target.DeviceMinor, target.Inode));
            if (!same) changed.Add(path);
        }
    }

    private static FileIdentity Identity(uint major, uint minor, ulong inode) => new(((ulong)major << 32) | minor, inode);

    private static T At<T>(byte[] image, uint offset, int index = 0)
        where T : unmanaged =>
        MemoryMarshal.Read<T>(image.AsSpan((int)offset + (index * System.Runtime.CompilerServices.Unsafe.SizeOf<T>())));

    private static string Text(byte[] image, uint offset)
    {
        ReadOnlySpan<byte> text = image.AsSpan((int)offset);
        return PosixText.Decode(text[..text.IndexOf((byte)0)]);
    }
}
