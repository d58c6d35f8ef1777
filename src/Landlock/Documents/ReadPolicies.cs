namespace Landlock.Documents;

/// <summary>
/// What was read last, so that a document with the same text is understood once. Its file is read each time: nothing but the text says
/// whether it has changed.
/// </summary>
internal static class ReadPolicies
{
    private const int Most = 16, Largest = 64 << 10;

    private static readonly object s_gate = new();
    private static readonly Entry?[] s_entries = new Entry?[Most];
    private static int s_next;

    /// <summary>Reads a document, or gives what came of the same text.</summary>
    public static PolicyReading Check(byte[] text, PolicySyntax syntax, string path, PolicyReadOptions? options)
    {
        if (text.Length > Largest) return PolicyDocument.Check(text, syntax, path, options);
        bool isStrict = options is { StrictCompatibility: true };
        lock (s_gate)
        {
            foreach (Entry? entry in s_entries)
            {
                if (entry is not null && entry.Path == path && entry.Syntax == syntax && entry.IsStrict == isStrict
                    && entry.Text.AsSpan().SequenceEqual(text)) return entry.Reading;
            }
        }

        PolicyReading reading = PolicyDocument.Check(text, syntax, path, options);
        lock (s_gate) s_entries[s_next++ % Most] = new Entry(text, syntax, path, isStrict, reading);
        return reading;
    }

    private sealed class Entry(byte[] text, PolicySyntax syntax, string path, bool isStrict, PolicyReading reading)
    {
        public byte[] Text => text;

        public PolicySyntax Syntax => syntax;

        public string Path => path;

        public bool IsStrict => isStrict;

        public PolicyReading Reading => reading;
    }
}
