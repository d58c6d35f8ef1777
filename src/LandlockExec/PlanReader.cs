using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>
/// The plan in memory. <see cref="Load"/> maps it, <see cref="IsUnchanged"/> and <see cref="IsValid"/> check all of it before
/// anything is done, so a damaged plan never runs half way; the accessors after that need no checks. A sealed memfd cannot change
/// between the check and the use.
/// </summary>
internal static unsafe class PlanReader
{
    private const long AllSeals = 0x1 | 0x2 | 0x4 | 0x8;
    private const uint ListedSeals = 0xF;
    private const uint LargestAttribute = 56;
    private const uint LargestFilter = 4096;
    private const uint LargestPort = 65535;

    private static byte* image;
    private static uint size;

    // A text ends within the image exactly if it begins at or before the last NUL of the image.
    private static uint lastNul;

    public static PlanHeader* Header => (PlanHeader*)image;

    public static PlanLayer* Layers => (PlanLayer*)(image + Header->LayerOffset);

    public static PlanPathRule* PathRules(PlanLayer* layer) => (PlanPathRule*)(image + layer->PathRuleOffset);

    public static PlanPortRule* PortRules(PlanLayer* layer) => (PlanPortRule*)(image + layer->PortRuleOffset);

    public static PlanLimit* Limits => (PlanLimit*)(image + Header->LimitOffset);

    public static PlanFilter* Filters => (PlanFilter*)(image + Header->FilterOffset);

    public static PlanOverlay* Overlays => (PlanOverlay*)(image + Header->OverlayOffset);

    public static uint* Kept => (uint*)(image + Header->KeepOffset);

    public static PlanMessage* Messages => (PlanMessage*)(image + Header->MessageOffset);

    public static PlanVariable* Variables => (PlanVariable*)(image + Header->VariableOffset);

    public static PlanWitness* Witnesses => (PlanWitness*)(image + Header->WitnessOffset);

    public static bool IsCompiled => (Header->Flags & (uint)PlanFlags.Compiled) != 0;

    public static bool TakesArguments => (Header->Flags & (uint)PlanFlags.TakeArguments) != 0;

    public static bool AsksSupervisor => (Header->Flags & (uint)PlanFlags.AskSupervisor) != 0;

    public static byte* At(uint offset) => image + offset;

    /// <summary>The text at an offset; null if it is absent.</summary>
    public static byte* Text(uint offset) => offset == 0 ? null : image + offset;

    /// <summary>Maps the plan; 0, or -errno, or a positive number if it is not a sealed memfd of a possible size.</summary>
    public static long Load(long descriptor)
    {
        long seals = Native.GetSeals(descriptor);
        if (Native.Failed(seals))
            return seals;
        if ((seals & ListedSeals) != AllSeals)
            return 1;
        FileStatus status;
        long result = Native.Stat(descriptor, &status);
        if (Native.Failed(result))
            return result;
        if (status.Size < (ulong)sizeof(PlanHeader) || status.Size > PlanLayout.MaxSize)
            return 1;
        result = Native.MapPrivate(descriptor, status.Size);
        if (Native.Failed(result))
            return result;
        image = (byte*)result;
        size = (uint)status.Size;
        return 0;
    }

    /// <summary>Takes a plan that is in private memory already.</summary>
    public static void Take(byte* memory, uint length)
    {
        image = memory;
        size = length;
    }

    /// <summary>Whether this is a plan at all. Only then can its table of names be used, and only then the rest be checked.</summary>
    public static bool IsPlan() => Header->Magic == PlanLayout.Magic && Header->Version == PlanLayout.Version && Header->Size == size;

    /// <summary>Whether it is as it was written, in every byte. Comes before anything is written into it here.</summary>
    public static bool IsUnchanged() => (size & 7) == 0 && PlanChecksum.Of(image, size) == Header->Checksum;

    /// <summary>Writes the name of this process wherever the plan wants it; false if that is no place for it.</summary>
    /// <remarks>
    /// The places are looked at one by one, since a damaged table may name itself. What they do to the rest is checked afterwards.
    /// </remarks>
    public static bool WriteNames(byte* name)
    {
        PlanHeader* header = Header;
        uint count = header->NameCount;
        uint* offsets = (uint*)(image + header->NameOffset);
        if (!IsTable(header->NameOffset, count, sizeof(uint)))
            return false;
        for (uint i = 0; i < count; i++)
        {
            uint offset = offsets[i];
            if (offset < (uint)sizeof(PlanHeader) || offset + (ulong)PlanLayout.ScratchNameLength > size)
                return false;
            for (int k = 0; k < PlanLayout.ScratchNameLength; k++)
                image[offset + k] = name[k];
        }

        return true;
    }

    /// <summary>Whether every number, table and text of the plan lies where it may.</summary>
    public static bool IsValid()
    {
        PlanHeader* header = Header;
        lastNul = size - 1;
        while (lastNul > 0 && image[lastNul] != 0)
            lastNul--;

        const uint exact = (uint)PlanFlags.SetSignalMask;
        const uint add = (uint)PlanFlags.AddToSignalMask;
        const uint merge = (uint)PlanFlags.AddToEnvironment;
        const uint traced = (uint)PlanFlags.AwaitTracer;
        const uint unrestricted = (uint)PlanFlags.Unrestricted;
        const uint ask = (uint)PlanFlags.AskSupervisor;
        const uint compiled = (uint)PlanFlags.Compiled;
        const uint onlyCompiled = (uint)PlanFlags.Frozen | (uint)PlanFlags.AlwaysPlan;
        const uint user = (uint)PlanFlags.UserNamespace;
        const uint all = exact | add | (uint)PlanFlags.SetDispositions | (uint)PlanFlags.NewGroup | (uint)PlanFlags.AdoptOrphans
            | traced | unrestricted | merge | (uint)PlanFlags.TakeArguments | (uint)PlanFlags.CheckDirectory | ask | user
            | compiled | onlyCompiled | (uint)PlanFlags.DropVariables;
        return (header->Flags & ~all) == 0
            && (header->Flags & (traced | unrestricted)) != unrestricted
            && (header->Flags & (exact | add)) != (exact | add)
            && ((header->Flags & ask) == 0 || header->FilterCount != 0)
            && ((header->Flags & merge) == 0 || header->EnvironmentCount != PlanLayout.InheritEnvironment)
            && ((header->Flags & merge) != 0 || (header->VariableCount == 0 && (header->Flags & (uint)PlanFlags.DropVariables) == 0))
            && ((header->Flags & compiled) != 0 ? IsText(header->Planner)
                : (header->Flags & onlyCompiled) == 0 && header->WitnessCount == 0)
            && IsTextOrAbsent(header->Changed)
            && header->ThreadName1 >> 56 == 0
            && (header->StandardError is 0 or > 2)
            && IsObject(&header->Program)
            && IsObjectOrAbsent(&header->Directory)
            && IsTextOrAbsent(header->Refusal)
            && (header->Scratch == 0 ? header->ScratchPath == 0
                : IsText(header->Scratch) && IsText(header->ScratchPath) && header->NameCount != 0 && IsObject(&header->ScratchParent))
            && header->ArgumentCount != 0
            && AreTexts(header->ArgumentOffset, header->ArgumentCount)
            && (header->EnvironmentCount == PlanLayout.InheritEnvironment || AreTexts(header->EnvironmentOffset, header->EnvironmentCount))
            && AreLayers(header)
            && (header->OverlayCount == 0 ? (header->Flags & user) == 0 : header->Directory.Path != 0)
            && AreOverlays(header)
            && AreLimits(header)
            && AreKept(header)
            && AreFilters(header)
            && AreMessages(header)
            && AreVariables(header)
            && AreWitnesses(header)
            && AreErrorTexts(header->ErrorTextOffset, header->ErrorTextCount)
            && AreErrorTexts(header->ExecuteTextOffset, header->ExecuteTextCount);
    }

    /// <summary>The text for an errno in one of the two tables; null if there is none.</summary>
    public static byte* ErrorText(uint offset, uint count, int error)
    {
        PlanErrorText* texts = (PlanErrorText*)(image + offset);
        for (uint i = 0; i < count; i++)
        {
            if (texts[i].Error == error)
                return Text(texts[i].Text);
        }

        return null;
    }

    /// <summary>Writes the pointers of a table of texts; returns where the next one may begin.</summary>
    public static byte** PointersTo(uint offset, uint count, byte** destination)
    {
        uint* offsets = (uint*)(image + offset);
        for (uint i = 0; i < count; i++)
            *destination++ = image + offsets[i];
        return destination;
    }

    // Everything is added up in 64 bits, where sums and products of two 32-bit numbers cannot overflow.
    private static bool IsTable(uint offset, uint count, int elementSize) =>
        count == 0
        || (offset >= (uint)sizeof(PlanHeader) && (offset & 7) == 0 && offset + ((ulong)count * (uint)elementSize) <= size);

    private static bool IsText(uint offset) => offset >= (uint)sizeof(PlanHeader) && offset <= lastNul;

    private static bool IsTextOrAbsent(uint offset) => offset == 0 || IsText(offset);

    private static bool IsObject(PlanObject* target) =>
        IsText(target->Path) && (target->Flags & ~((uint)PlanObjectFlags.AnyInode | (uint)PlanObjectFlags.Links
            | (uint)PlanObjectFlags.Character | (uint)PlanObjectFlags.Kernel)) == 0;

    private static bool IsObjectOrAbsent(PlanObject* target) => target->Path == 0 || IsObject(target);

    private static bool AreTexts(uint offset, uint count)
    {
        if (!IsTable(offset, count, sizeof(uint)))
            return false;
        uint* offsets = (uint*)(image + offset);
        for (uint i = 0; i < count; i++)
        {
            if (!IsText(offsets[i]))
                return false;
        }

        return true;
    }

    private static bool AreLayers(PlanHeader* header)
    {
        // A plan that lost its layers must not run a command without them: having none takes a flag of its own.
        if ((header->Flags & (uint)PlanFlags.Unrestricted) != 0)
            return header->LayerCount == 0;
        if (header->LayerCount - 1 >= PlanLayout.MaxLayers || !IsTable(header->LayerOffset, header->LayerCount, sizeof(PlanLayer)))
            return false;
        for (uint i = 0; i < header->LayerCount; i++)
        {
            PlanLayer* layer = Layers + i;
            if (layer->Reserved != 0
                || layer->AttributeSize < 8
                || layer->AttributeSize > LargestAttribute
                || (layer->AttributeSize & 7) != 0
                || !IsTable(layer->AttributeOffset, layer->AttributeSize, 1)
                || !ArePathRules(layer)
                || !ArePortRules(layer))
                return false;
        }

        return true;
    }

    private static bool ArePathRules(PlanLayer* layer)
    {
        if (!IsTable(layer->PathRuleOffset, layer->PathRuleCount, sizeof(PlanPathRule)))
            return false;
        const uint all = (uint)PlanRuleFlags.Optional | (uint)PlanRuleFlags.OnTerminal | (uint)PlanRuleFlags.Scratch
            | (uint)PlanRuleFlags.Covered;
        for (uint i = 0; i < layer->PathRuleCount; i++)
        {
            PlanPathRule* rule = PathRules(layer) + i;
            bool isScratch = (rule->Flags & (uint)PlanRuleFlags.Scratch) != 0;
            bool isCovered = (rule->Flags & (uint)PlanRuleFlags.Covered) != 0;
            if (!(isScratch ? Header->Scratch != 0 : isCovered || IsObject(&rule->Target)) || !IsTextOrAbsent(rule->Label)
                || (rule->Flags & ~all) != 0 || rule->Reserved != 0)
                return false;
        }

        return true;
    }

    private static bool ArePortRules(PlanLayer* layer)
    {
        if (!IsTable(layer->PortRuleOffset, layer->PortRuleCount, sizeof(PlanPortRule)))
            return false;
        for (uint i = 0; i < layer->PortRuleCount; i++)
        {
            if (PortRules(layer)[i].Port > LargestPort)
                return false;
        }

        return true;
    }

    private static bool AreOverlays(PlanHeader* header)
    {
        if (header->OverlayCount > PlanLayout.MaxOverlays || !IsTable(header->OverlayOffset, header->OverlayCount, sizeof(PlanOverlay)))
            return false;
        for (uint i = 0; i < header->OverlayCount; i++)
        {
            PlanOverlay* overlay = Overlays + i;
            if (!IsObject(&overlay->Lower) || !IsObject(&overlay->Upper) || !IsObjectOrAbsent(&overlay->Work)
                || !IsTextOrAbsent(overlay->Label) || overlay->Reserved != 0)
                return false;
        }

        return true;
    }

    private static bool AreLimits(PlanHeader* header)
    {
        if (!IsTable(header->LimitOffset, header->LimitCount, sizeof(PlanLimit)))
            return false;
        for (uint i = 0; i < header->LimitCount; i++)
        {
            // The kernel reads 32 bits of it.
            if (Limits[i].Resource > 0xFFFF_FFFF)
                return false;
        }

        return true;
    }

    private static bool AreKept(PlanHeader* header)
    {
        if (!IsTable(header->KeepOffset, header->KeepCount, sizeof(uint)))
            return false;
        uint previous = 2;
        for (uint i = 0; i < header->KeepCount; i++)
        {
            if (Kept[i] <= previous)
                return false;
            previous = Kept[i];
        }

        return true;
    }

    private static bool AreFilters(PlanHeader* header)
    {
        const int instructionSize = 8;
        if (!IsTable(header->FilterOffset, header->FilterCount, sizeof(PlanFilter)))
            return false;
        for (uint i = 0; i < header->FilterCount; i++)
        {
            PlanFilter* filter = Filters + i;
            if (filter->Count - 1 >= LargestFilter || !IsTable(filter->Offset, filter->Count, instructionSize))
                return false;
        }

        return true;
    }

    private static bool AreMessages(PlanHeader* header)
    {
        if (header->MessageCount == 0)
            return true;
        if (header->MessageCount != (uint)PlanStep.Count || !IsTable(header->MessageOffset, header->MessageCount, sizeof(PlanMessage)))
            return false;
        for (uint i = 0; i < header->MessageCount; i++)
        {
            PlanMessage* message = Messages + i;
            if (message->Reserved != 0
                || !IsTextOrAbsent(message->Before)
                || !IsTextOrAbsent(message->Between)
                || !IsTextOrAbsent(message->After))
                return false;
        }

        return true;
    }

    private static bool AreVariables(PlanHeader* header)
    {
        if (!IsTable(header->VariableOffset, header->VariableCount, sizeof(PlanVariable)))
            return false;
        for (uint i = 0; i < header->VariableCount; i++)
        {
            PlanVariable* rule = Variables + i;
            if (!IsText(rule->Text) || rule->Action > (uint)PlanVariableAction.Default || rule->Reserved != 0
                || (rule->Flags & ~((uint)PlanVariableFlags.Literal | (uint)PlanVariableFlags.IgnoreCase)) != 0)
                return false;
        }

        return true;
    }

    private static bool AreWitnesses(PlanHeader* header)
    {
        if (!IsTable(header->WitnessOffset, header->WitnessCount, sizeof(PlanWitness)))
            return false;
        for (uint i = 0; i < header->WitnessCount; i++)
        {
            if (!IsText(Witnesses[i].Path) || !IsText(Witnesses[i].Label))
                return false;
        }

        return true;
    }

    private static bool AreErrorTexts(uint offset, uint count)
    {
        if (!IsTable(offset, count, sizeof(PlanErrorText)))
            return false;
        PlanErrorText* texts = (PlanErrorText*)(image + offset);
        for (uint i = 0; i < count; i++)
        {
            if (!IsText(texts[i].Text))
                return false;
        }

        return true;
    }
}
