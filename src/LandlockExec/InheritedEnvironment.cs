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

    /// <summary>
    /// Copies the entries whose names the plan does not set, and that its rules let through; returns where the next one may begin.
    /// </summary>
    public static byte** CopyUnchanged(byte** entries, byte** destination)
    {
        byte** first = destination;
        for (; *entries != null; entries++)
        {
            if (!IsSet(*entries) && Keeps(*entries))
                *destination++ = *entries;
        }

        PlanHeader* header = PlanReader.Header;
        for (uint i = 0; i < header->VariableCount; i++)
        {
            PlanVariable* rule = PlanReader.Variables + i;
            byte* entry = PlanReader.At(rule->Text);
            if (rule->Action == (uint)PlanVariableAction.Default && !IsSet(entry) && !Has(first, destination, entry))
                *destination++ = entry;
        }

        return destination;
    }

    private static bool Has(byte** first, byte** end, byte* entry)
    {
        for (byte** other = first; other < end; other++)
        {
            if (IsSameName(*other, entry))
                return true;
        }

        return false;
    }

    private static bool Keeps(byte* entry)
    {
        PlanHeader* header = PlanReader.Header;
        for (uint i = 0; i < header->VariableCount; i++)
        {
            PlanVariable* rule = PlanReader.Variables + i;
            if (rule->Action != (uint)PlanVariableAction.Default
                && Matches(PlanReader.At(rule->Text), entry, (rule->Flags & (uint)PlanVariableFlags.Literal) != 0,
                    (rule->Flags & (uint)PlanVariableFlags.IgnoreCase) != 0))
                return rule->Action == (uint)PlanVariableAction.Keep;
        }

        return (header->Flags & (uint)PlanFlags.DropVariables) == 0;
    }

    /// <summary>Whether a pattern matches the name of an entry, as a whole.</summary>
    private static bool Matches(byte* pattern, byte* name, bool literal, bool ignoreCase)
    {
        // Where the last "*" stands, and how much of the name it has taken so far.
        byte* star = null;
        byte* taken = null;
        while (!IsEnd(*name))
        {
            if (!literal && *pattern == '*')
            {
                star = pattern++;
                taken = name;
            }
            else if (!literal && *pattern == '?')
            {
                pattern++;
                name = Next(name);
            }
            else if (*pattern != 0 && (*pattern == *name || (ignoreCase && Upper(*pattern) == Upper(*name))))
            {
                pattern++;
                name++;
            }
            else if (star != null)
            {
                pattern = star + 1;
                taken = Next(taken);
                name = taken;
            }
            else
            {
                return false;
            }
        }

        while (!literal && *pattern == '*')
            pattern++;
        return *pattern == 0;
    }

    // A character of UTF-8 may have several bytes.
    private static byte* Next(byte* text)
    {
        do
        {
            text++;
        }
        while ((*text & 0xC0) == 0x80);
        return text;
    }

    private static bool IsEnd(byte character) => character is 0 or (byte)'=';

    private static byte Upper(byte character) =>
        character is >= (byte)'a' and <= (byte)'z' ? (byte)(character - 'a' + 'A') : character;

    private static bool IsSameName(byte* one, byte* other)
    {
        int k = 0;
        while (one[k] == other[k] && !IsEnd(one[k]))
            k++;
        return IsEnd(one[k]) && IsEnd(other[k]);
    }

    /// <summary>Whether the plan has an entry of the same name.</summary>
    private static bool IsSet(byte* entry)
    {
        PlanHeader* header = PlanReader.Header;
        uint* offsets = (uint*)PlanReader.At(header->EnvironmentOffset);
        for (uint i = 0; i < header->EnvironmentCount; i++)
        {
            if (IsSameName(PlanReader.At(offsets[i]), entry))
                return true;
        }

        return false;
    }
}
