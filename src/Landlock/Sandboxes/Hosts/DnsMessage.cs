using System.Buffers.Binary;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Hosts;

/// <summary>A question to a name server: one name, one type of record (RFC 1035).</summary>
/// <param name="Id">The asker's number for it.</param>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Type">The type of record.</param>
/// <param name="IsInternet">Whether it is of the class of the Internet; nobody uses another.</param>
/// <param name="Limit">How long an answer may be that the asker takes, in bytes.</param>
/// <param name="Spelling">The question as it was asked, in the asker's spelling.</param>
internal sealed record DnsQuestion(ushort Id, string Name, ushort Type, bool IsInternet, int Limit, byte[] Spelling);

/// <summary>Reads and writes messages of name servers (RFC 1035, RFC 6891). Whatever comes, nothing is read outside of it.</summary>
internal static class DnsMessage
{
    /// <summary>Types of records: addresses of IPv4 and IPv6, another name.</summary>
    public const ushort A = 1, Aaaa = 28, Alias = 5;

    /// <summary>What an answer says: nothing wrong, the server cannot answer, no such name.</summary>
    public const int Good = 0, ServerFailed = 2, NoSuchName = 3;

    /// <summary>Longest question that is read.</summary>
    public const int LongestQuestion = 4096;

    private const int Head = 12, Tail = 4; // of a message; of a question, behind its name
    private const int LongestName = 253, LongestLabel = 63, MostAliases = 16, MostPointers = 32;
    private const ushort Options = 41, InternetClass = 1; // OPT, IN
    private const int OrdinaryLimit = 512, OwnLimit = 1232; // bytes over UDP: without options, and what no network cuts
    private const int PointerMark = 0xC0;
    private const int IsAnswer = 0x80, IsTruncated = 0x02, IsRecursive = 0x01, CanRecurse = 0x80; // of the two bytes of flags

    /// <summary>Reads a question; null for everything else.</summary>
    public static DnsQuestion? ReadQuestion(ReadOnlySpan<byte> message)
    {
        // A query with one question and no records, but perhaps options behind it.
        if (message.Length is < Head or > LongestQuestion || (message[2] & 0xF8) != 0 || Number(message, 4) != 1 || Number(message, 6) != 0
            || Number(message, 8) != 0) return null;
        int after = ReadName(message, Head, pointers: false, out string name);
        if (after < 0 || after + Tail > message.Length) return null;
        int options = after + Tail, limit = OrdinaryLimit;
        if (Number(message, 10) == 1 && options + 11 <= message.Length && message[options] == 0 && Number(message, options + 1) == Options)
            limit = Math.Max(OrdinaryLimit, (int)Number(message, options + 3));
        return new DnsQuestion(Number(message, 0), name, Number(message, after), Number(message, after + 2) == InternetClass, limit,
            message[Head..(after + Tail)].ToArray());
    }

    /// <summary>The same question put anew: in lower case, with another number and no options, so that it says the name alone.</summary>
    public static byte[] Ask(DnsQuestion question, ushort id)
    {
        byte[] message = new byte[Head + question.Spelling.Length + 11];
        Span<byte> rest = message;
        BinaryPrimitives.WriteUInt16BigEndian(rest, id);
        rest[2] = IsRecursive;
        rest[5] = 1;
        rest[11] = 1;
        Span<byte> asked = rest.Slice(Head, question.Spelling.Length);
        question.Spelling.CopyTo(asked);
        // Lengths of labels are below the letters.
        for (int i = 0; i < asked.Length - Tail; i++)
            if (asked[i] is >= (byte)'A' and <= (byte)'Z') asked[i] |= 0x20;
        BinaryPrimitives.WriteUInt16BigEndian(rest[(Head + asked.Length + 1)..], Options);
        BinaryPrimitives.WriteUInt16BigEndian(rest[(Head + asked.Length + 3)..], OwnLimit);
        return message;
    }

    /// <summary>An answer without records.</summary>
    public static byte[] Say(DnsQuestion question, int code, bool isTruncated = false)
    {
        byte[] message = new byte[Head + question.Spelling.Length];
        BinaryPrimitives.WriteUInt16BigEndian(message, question.Id);
        message[2] = (byte)(IsAnswer | IsRecursive | (isTruncated ? IsTruncated : 0));
        message[3] = (byte)(CanRecurse | code);
        message[5] = 1;
        question.Spelling.CopyTo(message, Head);
        return message;
    }

    /// <summary>What an answer says, if it is the one to a question that was put with <see cref="Ask"/>; null if it is another.</summary>
    public static (int Code, bool IsTruncated)? ReadAnswer(ReadOnlySpan<byte> message, DnsQuestion question, ushort id)
    {
        if (message.Length < Head || Number(message, 0) != id || (message[2] & IsAnswer) == 0 || Number(message, 4) != 1) return null;
        int after = ReadName(message, Head, pointers: false, out string name);
        return after == Head + question.Spelling.Length - Tail && after + Tail <= message.Length && name == question.Name
            && Number(message, after) == question.Type ? (message[3] & 15, (message[2] & IsTruncated) != 0) : null;
    }

    /// <summary>Writes the asker's number and spelling, which some compare, over those of an answer.</summary>
    public static void Readdress(Span<byte> answer, DnsQuestion question)
    {
        BinaryPrimitives.WriteUInt16BigEndian(answer, question.Id);
        question.Spelling.CopyTo(answer[Head..]);
    }

    /// <summary>
    /// The addresses that an answer has for the name that was asked for, or for what that is another name of; nothing else that is in it.
    /// </summary>
    /// <returns>The addresses, each with the seconds that it holds.</returns>
    public static List<(HostAddress Address, uint Seconds)> Addresses(ReadOnlySpan<byte> message, DnsQuestion question)
    {
        List<(HostAddress, uint)> found = [];
        List<string> names = [question.Name];
        if (Head + question.Spelling.Length > message.Length) return found;
        // Aliases first, as often as there are new ones: they may stand behind what they lead to.
        for (int known = 0; ;)
        {
            bool isLast = known == names.Count;
            known = names.Count;
            int at = Head + question.Spelling.Length, answers = Number(message, 6);
            for (int i = 0; i < answers; i++)
            {
                at = ReadName(message, at, pointers: true, out string name);
                if (at < 0 || at + 10 > message.Length) return found;
                int type = Number(message, at), length = Number(message, at + 8), data = at + 10;
                uint seconds = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
                if (data + length > message.Length) return found;
                at = data + length;
                if (!names.Contains(name)) continue;
                if (type == Alias && names.Count <= MostAliases && ReadName(message, data, pointers: true, out string other) > 0
                    && !names.Contains(other)) names.Add(other);
                if (isLast && (type, length) is (A, 4) or (Aaaa, 16))
                    found.Add((HostAddress.Of(message.Slice(data, length)), seconds));
            }

            if (isLast) return found;
        }
    }

    // The offset after a name, or -1. What is no letter that can be printed is nobody's host; a dot in a label would make another name.
    private static int ReadName(ReadOnlySpan<byte> message, int at, bool pointers, out string name)
    {
        name = "";
        Span<char> text = stackalloc char[LongestName + 1];
        int after = -1, length = 0, jumps = 0;
        while (true)
        {
            if (at >= message.Length) return -1;
            int label = message[at];
            if (label >= PointerMark)
            {
                if (!pointers || at + 1 >= message.Length || ++jumps > MostPointers) return -1;
                if (after < 0) after = at + 2;
                at = ((label & ~PointerMark) << 8) | message[at + 1];
                continue;
            }

            if (label > LongestLabel || at + 1 + label > message.Length) return -1;
            at++;
            if (label == 0) break;
            if (length > 0) text[length++] = '.';
            if (length + label > LongestName) return -1;
            foreach (byte letter in message.Slice(at, label))
            {
                if (letter is <= (byte)' ' or (byte)'.' or > (byte)'~') return -1;
                text[length++] = char.ToLowerInvariant((char)letter);
            }

            at += label;
        }

        name = text[..length].ToString();
        return after < 0 ? at : after;
    }

    private static ushort Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}
