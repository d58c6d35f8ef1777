using System.Buffers.Binary;
using System.Text;

namespace Landlock.Tests.Hosts;

/// <summary>What a supervised question never has: each could carry something out.</summary>
[Flags]
internal enum Oddity
{
    None = 0,
    Capitals = 1,

    /// <summary>Options of EDNS.</summary>
    Options = 2,

    /// <summary>A size for EDNS, or flags or a version of it, other than everybody's.</summary>
    Extension = 4,

    /// <summary>Bytes or records after the question, or a second one.</summary>
    More = 8,

    /// <summary>A header that is not that of a plain question.</summary>
    Header = 16,
    Class = 32,
    Type = 64,

    /// <summary>A label with a dot, or with other bytes than those of text.</summary>
    Characters = 128,
}

/// <summary>A question of DNS as it arrived.</summary>
/// <param name="Name">The name as written.</param>
/// <param name="Type">The kind of record.</param>
/// <param name="Length">The length of the question's section.</param>
/// <param name="Oddity">What a supervised question never has.</param>
internal sealed record Question(string Name, int Type, int Length, Oddity Oddity)
{
    private const int Header = 12, Optional = 41;

    /// <summary>Reads it; null if it is none.</summary>
    public static Question? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < Header + 5 || (message[2] & 0x80) != 0) return null;
        List<string> labels = [];
        int at = Header;
        for (; at < message.Length && message[at] != 0; at += message[at] + 1)
        {
            if (message[at] > 63 || at + 1 + message[at] > message.Length) return null;
            labels.Add(Encoding.Latin1.GetString(message.Slice(at + 1, message[at])));
        }

        if (at + 5 > message.Length) return null;
        string name = string.Join('.', labels);
        int type = Number(message, at + 1), end = at + 5;
        Oddity odd = Oddity.None;
        if (labels.Any(label => label.Any(char.IsAsciiLetterUpper))) odd |= Oddity.Capitals;
        if (labels.Any(label => label.Any(c => c is <= ' ' or '.' or > '~'))) odd |= Oddity.Characters;
        if (type is not (1 or 28)) odd |= Oddity.Type;
        if (Number(message, at + 3) != 1) odd |= Oddity.Class;
        // Recursion desired, and nothing else.
        if (message[2] != 1 || message[3] != 0) odd |= Oddity.Header;
        return new Question(name, type, end - Header, odd | Rest(message, end));
    }

    private static Oddity Rest(ReadOnlySpan<byte> message, int end)
    {
        Oddity odd = Number(message, 4) == 1 && Number(message, 6) == 0 && Number(message, 8) == 0 ? Oddity.None : Oddity.More;
        int records = Number(message, 10);
        if (records == 0) return odd | (message.Length == end ? Oddity.None : Oddity.More);
        if (records > 1 || message.Length < end + 11 || message[end] != 0 || Number(message, end + 1) != Optional) return odd | Oddity.More;
        if (Number(message, end + 3) != 1232 || message[(end + 5)..(end + 9)].IndexOfAnyExcept((byte)0) >= 0) odd |= Oddity.Extension;
        if (Number(message, end + 9) != 0) odd |= Oddity.Options;
        return odd | (message.Length == end + 11 + Number(message, end + 9) ? Oddity.None : Oddity.More);
    }

    private static int Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}
