using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Landlock.Sandboxes;

namespace Landlock.Tests.Exec;

/// <summary>
/// Decides from the description of the layout whether an image is a valid plan; the opposite number of landlock-exec's checks.
/// </summary>
internal sealed class PlanOracle
{
    private readonly byte[] image;

    private PlanOracle(byte[] image) => this.image = image;

    public static bool IsValid(byte[] image)
    {
        if (image.Length < Unsafe.SizeOf<PlanHeader>() || image.Length > PlanLayout.MaxSize)
            return false;
        try
        {
            new PlanOracle(image).Check();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Writes the checksum that an image has to have, if it is large enough for one.</summary>
    public static void Seal(byte[] image)
    {
        if (image.Length >= Unsafe.SizeOf<PlanHeader>()) MemoryMarshal.AsRef<PlanHeader>(image.AsSpan()).Checksum = Sum(image);
    }

    private static ulong Sum(byte[] image)
    {
        ulong sum = 0;
        for (int at = 0; at + 8 <= image.Length; at += 8)
        {
            if (at == 16) continue;
            sum = (sum ^ BitConverter.ToUInt64(image, at)) * 0x9E37_79B9_7F4A_7C15;
            sum ^= sum >> 32;
        }

        return sum;
    }

    private void Check()
    {
        PlanHeader header = MemoryMarshal.Read<PlanHeader>(image);
        Must(header.Magic == PlanLayout.Magic);
        Must(header.Version == PlanLayout.Version);
        Must(header.Size == image.Length && image.Length % 8 == 0);
        Must(header.Checksum == Sum(image));
        // Started with the number of a descriptor, it is not started as an interpreter (128).
        Must((header.Flags & 7) is 0 or 1 or 2 or 4 or 5 or 6 && (header.Flags & 128) == 0);
        // And it is no compiled command (4096 and up), which has its plan in its own file.
        Must((header.Flags & ~1023u & ~2048u & ~32768u) == 0 && header.WitnessCount == 0);
        Must((header.Flags & 256) != 0 || ((header.Flags & 32768) == 0 && header.VariableCount == 0));
        Must(((header.Flags >> 5) & 3) is 0 or 1 or 3);
        Must(((header.Flags >> 5) & 3) == 3 ? header.LayerCount == 0 : header.LayerCount is >= 1 and <= 16);
        Must(header.StandardError is 0 or > 2);
        Must((byte)(header.ThreadName1 >> 56) == 0);
        Target(header.Program);
        if (header.Directory.Path != 0)
            Target(header.Directory);
        Optional(header.Refusal);
        Optional(header.Scratch);
        Must(header.Scratch == 0 ? header.ScratchPath == 0 : header.NameCount != 0);
        if (header.Scratch != 0)
        {
            Text(header.ScratchPath);
            Target(header.ScratchParent);
        }

        Must(header.OverlayCount == 0 ? (header.Flags & 2048) == 0 : header.OverlayCount <= 256 && header.Directory.Path != 0);
        foreach (PlanOverlay overlay in Table<PlanOverlay>(header.OverlayOffset, header.OverlayCount))
        {
            Target(overlay.Lower);
            Target(overlay.Upper);
            if (overlay.Work.Path != 0)
                Target(overlay.Work);
            Optional(overlay.Label);
            Must(overlay.Reserved == 0);
        }

        foreach (uint name in Table<uint>(header.NameOffset, header.NameCount))
            Must(name >= Unsafe.SizeOf<PlanHeader>() && (ulong)name + 12 <= (ulong)image.Length);
        Must(header.ArgumentCount > 0);
        foreach (uint text in Table<uint>(header.ArgumentOffset, header.ArgumentCount))
            Text(text);
        if (header.EnvironmentCount != uint.MaxValue)
        {
            foreach (uint text in Table<uint>(header.EnvironmentOffset, header.EnvironmentCount))
                Text(text);
        }

        foreach (PlanVariable rule in Table<PlanVariable>(header.VariableOffset, header.VariableCount))
        {
            Text(rule.Text);
            Must(rule is { Action: <= 2, Flags: <= 3, Reserved: 0 });
        }

        Optional(header.Changed);
        Must((header.Flags & 256) == 0 || header.EnvironmentCount != uint.MaxValue);
        foreach (PlanLayer layer in Table<PlanLayer>(header.LayerOffset, header.LayerCount))
            Layer(layer, header.Scratch != 0);
        foreach (PlanLimit limit in Table<PlanLimit>(header.LimitOffset, header.LimitCount))
            Must(limit.Resource <= uint.MaxValue);
        uint[] kept = Table<uint>(header.KeepOffset, header.KeepCount);
        Must(kept.All(descriptor => descriptor > 2));
        Must(kept.SequenceEqual(kept.Distinct().Order()));
        foreach (PlanFilter filter in Table<PlanFilter>(header.FilterOffset, header.FilterCount))
        {
            Must(filter.Count is >= 1 and <= 4096);
            Table<ulong>(filter.Offset, filter.Count);
        }

        Must(header.MessageCount is 0 or (uint)PlanStep.Count);
        foreach (PlanMessage message in Table<PlanMessage>(header.MessageOffset, header.MessageCount))
        {
            Optional(message.Before);
            Optional(message.Between);
            Optional(message.After);
            Must(message.Reserved == 0);
        }

        foreach (PlanErrorText text in Table<PlanErrorText>(header.ErrorTextOffset, header.ErrorTextCount))
            Text(text.Text);
        foreach (PlanErrorText text in Table<PlanErrorText>(header.ExecuteTextOffset, header.ExecuteTextCount))
            Text(text.Text);
    }

    private void Layer(PlanLayer layer, bool scratch)
    {
        Must(layer.AttributeSize is >= 8 and <= 56 && layer.AttributeSize % 8 == 0);
        Table<ulong>(layer.AttributeOffset, layer.AttributeSize / 8);
        Must(layer.Reserved == 0);
        foreach (PlanPathRule rule in Table<PlanPathRule>(layer.PathRuleOffset, layer.PathRuleCount))
        {
            if ((rule.Flags & 4) != 0)
                Must(scratch);
            else if ((rule.Flags & 64) == 0)
                Target(rule.Target);
            Optional(rule.Label);
            Must((rule.Flags & ~71u) == 0 && rule.Reserved == 0);
        }

        foreach (PlanPortRule rule in Table<PlanPortRule>(layer.PortRuleOffset, layer.PortRuleCount))
            Must(rule.Port <= ushort.MaxValue);
    }

    private T[] Table<T>(uint offset, uint count)
        where T : unmanaged
    {
        if (count == 0)
            return [];
        Must(offset >= Unsafe.SizeOf<PlanHeader>() && offset % 8 == 0);
        UInt128 end = (UInt128)offset + ((UInt128)count * (uint)Unsafe.SizeOf<T>());
        Must(end <= (UInt128)image.Length);
        return MemoryMarshal.Cast<byte, T>(image.AsSpan((int)offset, (int)count * Unsafe.SizeOf<T>())).ToArray();
    }

    private void Target(PlanObject target)
    {
        Text(target.Path);
        Must(target.Flags <= 15);
    }

    private void Text(uint offset)
    {
        Must(offset >= Unsafe.SizeOf<PlanHeader>() && offset < image.Length);
        Must(image.AsSpan((int)offset).Contains((byte)0));
    }

    private void Optional(uint offset)
    {
        if (offset != 0)
            Text(offset);
    }

    private static void Must(bool condition)
    {
        if (!condition)
            throw new InvalidDataException();
    }
}
