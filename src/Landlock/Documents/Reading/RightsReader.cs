using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Documents.Reading;

/// <summary>Reads lists of rights: kernel names, and groups that the document's own ABI resolves.</summary>
internal static class RightsReader
{
    private const string Prefix = "abi.";
    public const string All = "abi.all";
    public const string ReadExecute = "abi.read_execute";
    public const string ReadWrite = "abi.read_write";

    /// <summary>Reads the list of a key.</summary>
    public static PolicyRights Read(ReadContext context, Fields fields, string key, RightKind kind, bool required = false)
    {
        if (fields.Array(key, required) is not { } array) return PolicyRights.None;
        // Documents of many rules repeat a few lists.
        if (context.KnownRights(kind, array.Written) is { } known) return known;
        int findings = context.Findings.Count;
        ulong mask = 0;
        ImmutableArray<string>.Builder words = ImmutableArray.CreateBuilder<string>(array.Count);
        foreach (SourceNode node in array.Items)
        {
            if (!fields.IsString(key, node)) continue;
            string name = node.Text;
            ulong? rights = Read(context, node, name, kind);
            if (rights is null) continue;
            mask |= rights.Value;
            if (!words.Contains(name)) words.Add(name);
        }

        PolicyRights read = new(words.DrainToImmutable(), mask);
        // What there is something to say about is said each time.
        if (context.Findings.Count == findings) context.Remember(kind, array.Written, read);
        return read;
    }

    /// <summary>The rights of a group in an ABI; null if the kind has no such group.</summary>
    public static ulong? Group(RightKind kind, string name, int abi)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        ulong all = kind switch
        {
            RightKind.Fs => (ulong)AbiTable.AllFs(abi),
            RightKind.Net => (ulong)AbiTable.AllNet(abi),
            _ => (ulong)AbiTable.AllScopes(abi),
        };
        return name switch
        {
            All => all,
            ReadExecute when kind == RightKind.Fs =>
                all & (ulong)(AccessFs.Execute | AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.Refer),
            ReadWrite when kind == RightKind.Fs => all & ~(ulong)AccessFs.Execute,
            _ => null,
        };
    }

    private static ulong? Read(ReadContext context, SourceNode node, string name, RightKind kind)
    {
        if (Group(kind, name, 1) is not null)
        {
            if (context.Abi is not { } abi) return 0;
            if (abi == 0)
            {
                context.Error(node.Position, $"the group '{name}' needs 'abi' in the same document, which says what it stands for");
                return null;
            }

            return Resolve(context, node, name, kind, abi);
        }

        Right? right = AbiTable.Find(kind, name);
        if (right is null)
        {
            context.Error(node.Position, Unknown(name, kind));
            return null;
        }

        if (right.Abi <= PolicyReadOptions.CompatibleAbi) return right.Bit;
        if (context.Options.StrictCompatibility)
        {
            context.Error(node.Position, $"landlockconfig has no name for '{name}' (ABI {right.Abi})");
            return null;
        }

        context.Note(node.Position, $"landlockconfig has no name for '{name}' (ABI {right.Abi}) and refuses the document");
        return right.Bit;
    }

    private static ulong? Resolve(ReadContext context, SourceNode node, string name, RightKind kind, int abi)
    {
        ulong rights = Group(kind, name, Math.Min(abi, context.Options.NewestAbi))!.Value;
        ulong compatible = Group(kind, name, Math.Min(abi, PolicyReadOptions.CompatibleAbi))!.Value;
        ulong newer = Group(kind, name, abi)!.Value & ~compatible;
        if (newer != 0)
        {
            string names = string.Join(", ", AbiTable.InMask(kind, newer).Select(right => right.Name));
            context.Note(node.Position, rights == compatible
                ? $"'{name}' is read as that of ABI {PolicyReadOptions.CompatibleAbi}, without {names}"
                : $"'{name}' of ABI {abi} includes {names}; a landlockconfig that does not know ABI {abi} leaves that out");
        }

        return rights;
    }

    private static string Unknown(string name, RightKind kind)
    {
        string shown = QuotedText.Of(name);
        string what = Describe(kind);
        Right? other = AbiTable.Rights.FirstOrDefault(right => right.Name == name && right.Kind != RightKind.Flag);
        if (other is not null) return $"{shown} is no {what} but a {Describe(other.Kind)}";
        if (name is ['v', >= '1' and <= '9', ..,] && name.Contains('.'))
            return $"{shown} is no {what}: groups of the form 'v5.all' were removed from the format; write abi = 5 and '{All}'";
        string[] words = [.. Words(kind)];
        string? near = Suggestion.For(name, words)
            ?? (name.Length > 2 ? Array.Find(words, word => word.StartsWith(name, StringComparison.Ordinal)) : null);
        if (near is null && name is ReadExecute or ReadWrite) return $"{shown} is no {what}: the only group of {what}s is '{All}'";
        return $"{shown} is no {what}{(near is null ? $"; there are {string.Join(", ", words)}" : $"; did you mean '{near}'?")}";
    }

    private static string Describe(RightKind kind) => kind switch
    {
        RightKind.Fs => "filesystem right",
        RightKind.Net => "network right",
        _ => "scope",
    };

    private static IEnumerable<string> Words(RightKind kind) =>
        AbiTable.Rights.Where(right => right.Kind == kind).Select(right => right.Name)
            .Concat(kind == RightKind.Fs ? [All, ReadExecute, ReadWrite] : [All]);
}
