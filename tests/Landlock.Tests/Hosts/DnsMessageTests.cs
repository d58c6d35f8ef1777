using System.Buffers.Binary;
using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Landlock.Sandboxes.Hosts;

namespace Landlock.Tests.Hosts;

public sealed class DnsMessageTests
{
    [Fact]
    public void A_question_is_read()
    {
        DnsQuestion question = DnsMessage.ReadQuestion(Question("API.example.COM", DnsMessage.A, id: 0x1234))!;
        Assert.Equal("api.example.com", question.Name);
        Assert.Equal((0x1234, DnsMessage.A, true, 512), (question.Id, question.Type, question.IsInternet, question.Limit));
    }

    [Fact]
    public void Options_say_how_long_an_answer_may_be()
    {
        byte[] message = [.. Question("a.example", DnsMessage.A), 0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0];
        message[11] = 1;
        Assert.Equal(4096, DnsMessage.ReadQuestion(message)!.Limit);
    }

    [Fact]
    public void Nothing_of_how_it_was_asked_is_asked_again()
    {
        byte[] message = [.. Question("SeCrEt.a.example", DnsMessage.Aaaa), 0, 0, 41, 0x10, 0, 1, 2, 3, 4, 0, 0];
        message[11] = 1;
        message[3] = 0x7F;
        DnsQuestion question = DnsMessage.ReadQuestion(message)!;
        byte[] again = DnsMessage.Ask(question, 0xBEEF), plain = DnsMessage.Ask(
            DnsMessage.ReadQuestion(Question("secret.a.example", DnsMessage.Aaaa))!, 0xBEEF);
        Assert.Equal(plain, again);
        Assert.Equal("secret.a.example", DnsMessage.ReadQuestion(again)!.Name);
    }

    [Theory]
    [InlineData(2, 0x80)] // an answer
    [InlineData(2, 0x08)] // another kind of message
    [InlineData(5, 2)] // two questions
    [InlineData(5, 0)]
    [InlineData(7, 1)] // with an answer
    [InlineData(9, 1)]
    [InlineData(12, 64)] // a label that is too long
    [InlineData(12, 0xC0)] // a pointer
    [InlineData(12, 63)] // beyond the end
    [InlineData(13, (byte)'.')]
    [InlineData(13, (byte)' ')]
    [InlineData(13, 0)]
    [InlineData(13, 0x7F)]
    [InlineData(13, 0xE9)]
    public void What_is_no_question_is_dropped(int at, byte value)
    {
        byte[] message = Question("a.example", DnsMessage.A);
        message[at] = value;
        Assert.Null(DnsMessage.ReadQuestion(message));
    }

    [Fact]
    public void A_name_has_253_letters_at_most()
    {
        string label = new('a', 63);
        Assert.NotNull(DnsMessage.ReadQuestion(Question($"{label}.{label}.{label}.{label[..61]}", DnsMessage.A)));
        Assert.Null(DnsMessage.ReadQuestion(Question($"{label}.{label}.{label}.{label[..62]}", DnsMessage.A)));
    }

    [Fact]
    public void Only_the_answer_to_what_was_asked_counts()
    {
        DnsQuestion question = DnsMessage.ReadQuestion(Question("a.example", DnsMessage.A))!;
        byte[] answer = Answer(question, 7, [("a.example", DnsMessage.A, [10, 0, 0, 1])]);
        Assert.Equal((0, false), DnsMessage.ReadAnswer(answer, question, 7));
        Assert.Null(DnsMessage.ReadAnswer(answer, question, 8));
        Assert.Null(DnsMessage.ReadAnswer(answer, question with { Type = DnsMessage.Aaaa }, 7));
        Assert.Null(DnsMessage.ReadAnswer(answer, question with { Name = "b.example" }, 7));
        Assert.Null(DnsMessage.ReadAnswer(answer.AsSpan(0, 11), question, 7));
    }

    [Fact]
    public void Aliases_are_followed_in_any_order_and_nothing_else_is_believed()
    {
        DnsQuestion question = DnsMessage.ReadQuestion(Question("a.example", DnsMessage.A))!;
        byte[] answer = Answer(question, 7,
        [
            ("c.example", DnsMessage.A, [10, 0, 0, 1]), ("b.example", DnsMessage.Alias, Name("c.example")),
            ("evil.example", DnsMessage.A, [10, 0, 0, 66]), ("a.example", DnsMessage.Alias, Name("b.example")),
        ]);
        Assert.Equal("10.0.0.1", Assert.Single(DnsMessage.Addresses(answer, question)).Address.ToString());
        byte[] inOrder = Answer(question, 7,
        [
            ("a.example", DnsMessage.Alias, Name("b.example")), ("b.example", DnsMessage.Alias, Name("c.example")),
            ("c.example", DnsMessage.A, [10, 0, 0, 1]), ("c.example", DnsMessage.Aaaa, [0x20, 1, .. new byte[14]]),
            ("d.example", DnsMessage.A, [10, 0, 0, 66]), ("a.example", 65, [0, 1, 0]),
        ]);
        Assert.Equal(["10.0.0.1", "2001::"], DnsMessage.Addresses(inOrder, question).Select(found => found.Address.ToString()));
    }

    [Fact]
    public void The_answer_has_the_askers_number_and_spelling()
    {
        DnsQuestion question = DnsMessage.ReadQuestion(Question("A.Example", DnsMessage.A, id: 9))!;
        byte[] answer = Answer(question with { Spelling = Question("a.example", DnsMessage.A)[12..] }, 7, []);
        DnsMessage.Readdress(answer, question);
        Assert.Equal(Question("A.Example", DnsMessage.A, id: 9)[12..], answer[12..]);
        Assert.Equal(9, BinaryPrimitives.ReadUInt16BigEndian(answer));
        byte[] said = DnsMessage.Say(question, DnsMessage.NoSuchName);
        Assert.Equal((DnsMessage.NoSuchName, false), DnsMessage.ReadAnswer(said, question, 9));
        Assert.Equal((0, true), DnsMessage.ReadAnswer(DnsMessage.Say(question, 0, isTruncated: true), question, 9));
    }

    /// <summary>LANDLOCKPS_SOAK=1 goes on for ten minutes.</summary>
    [Fact]
    public void Damage_is_no_harm()
    {
        Stopwatch clock = Stopwatch.StartNew();
        do Law.Holds(Damaged, IsHarmless, 2_000);
        while (Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1" && clock.Elapsed < TimeSpan.FromMinutes(10));
    }

    private static void IsHarmless(byte[] message)
    {
        DnsQuestion question = DnsMessage.ReadQuestion(Question("a.example", DnsMessage.A))!;
        _ = DnsMessage.ReadAnswer(message, question, 7);
        Assert.All(DnsMessage.Addresses(message, question), found => Assert.NotEqual(default, found));
        if (DnsMessage.ReadQuestion(message) is not { } read) return;
        Assert.InRange(read.Name.Length, 0, 253);
        Assert.DoesNotContain(read.Name, letter => letter is <= ' ' or > '~' or (>= 'A' and <= 'Z'));
        // What is asked anew says the same name, and can be read again.
        DnsQuestion again = DnsMessage.ReadQuestion(DnsMessage.Ask(read, 1))!;
        Assert.Equal((read.Name, read.Type), (again.Name, again.Type));
    }

    private static Gen<byte[]> Damaged
    {
        get
        {
            DnsQuestion question = DnsMessage.ReadQuestion(Question("a.example", DnsMessage.A))!;
            byte[][] whole =
            [
                Question("a.example", DnsMessage.A), Question("A.b.C.example", DnsMessage.Aaaa),
                Answer(question, 7, [("a.example", DnsMessage.Alias, Name("b.example")), ("b.example", DnsMessage.A, [10, 0, 0, 1])]),
                [.. Answer(question, 7, [("a.example", DnsMessage.A, [10, 0, 0, 1])]), 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 1, 2, 3, 4],
            ];
            return from message in Gen.Elements(whole)
                   from changes in Gen.ListOf(
                       from at in Gen.Choose(0, message.Length - 1)
                       from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 0xC0, 0xFF, 63, 64))
                       select (at, (byte)value))
                   from length in Gen.OneOf(Gen.Constant(message.Length), Gen.Choose(0, message.Length))
                   select Change(message, changes, length);
        }
    }

    private static byte[] Change(byte[] message, IEnumerable<(int At, byte Value)> changes, int length)
    {
        byte[] changed = [.. message];
        foreach ((int at, byte value) in changes) changed[at] = value;
        return changed[..length];
    }

    private static byte[] Question(string name, ushort type, ushort id = 7) =>
        [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name(name), (byte)(type >> 8), (byte)type, 0, 1];

    private static byte[] Answer(DnsQuestion question, ushort id, (string Name, ushort Type, byte[] Data)[] records) =>
    [
        (byte)(id >> 8), (byte)id, 0x81, 0x80, 0, 1, 0, (byte)records.Length, 0, 0, 0, 0, .. question.Spelling,
        .. records.SelectMany(record => (byte[])[.. Name(record.Name), (byte)(record.Type >> 8), (byte)record.Type, 0, 1, 0, 0, 0, 5,
            (byte)(record.Data.Length >> 8), (byte)record.Data.Length, .. record.Data]),
    ];

    private static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. label.Select(letter => (byte)letter)]), 0];
}
