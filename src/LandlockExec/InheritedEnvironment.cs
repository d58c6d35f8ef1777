using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>The environment received, to which a plan adds its own entries.</summary>
internal static unsafe class InheritedEnvironment
{
    public static ulong Count(byte** entries)
    {
        ulong count = 0;
        while (entries[count] != null)
            count++;
        return count;
    }

    /// <summary>Copies the entries whose names the plan does not set; returns where the next one may begin.</summary>
    public static byte** CopyUnchanged(byte** entries, byte** destination)
    {
        for (; *entries != null; entries++)
        {
            if (!IsSet(*entries))
                *destination++ = *entries;
        }

        return destination;
    }

    /// <summary>Whether the plan has an entry of the same name.</summary>
    private static bool IsSet(byte* entry)
    {
        PlanHeader* header = PlanReader.Header;
        uint* offsets = (uint*)PlanReader.At(header->EnvironmentOffset);
        for (uint i = 0; i < header->EnvironmentCount; i++)
        {
            byte* own = PlanReader.At(offsets[i]);
            int k = 0;
            while (own[k] == entry[k] && own[k] != '=' && own[k] != 0)
                k++;
            if (own[k] == entry[k])
                return true;
        }

        return false;
    }
}
