using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// Answers the command's questions for names: for those that a rule allows by asking the real name servers anew, and with no for all
/// others. What they say may then be connected to.
/// </summary>
internal sealed class NameDesk(HostAccess access, AddressBook book, HostJournal journal, NameServers servers, Watch watch)
{
    private const int MostQuestions = 256;

    private readonly HashSet<NameQuery> _open = [];

    /// <summary>The name servers.</summary>
    public NameServers Servers => servers;

    /// <summary>Whether an answer is waited for.</summary>
    public bool IsWaiting => _open.Count > 0;

    /// <summary>Takes a message from the command that is meant for a name server. What is no question is dropped, as servers do.</summary>
    public void Ask(IAsker asker, ReadOnlySpan<byte> message, in SocketAddress server)
    {
        if (DnsMessage.ReadQuestion(message) is not { } question) return;
        if (!question.IsInternet || !access.AllowsName(question.Name))
        {
            // Not "refused": a resolver goes through its search list after this, and ends.
            journal.Note(HostEvent.Name(question.Name, isDenied: true, asker.Thread));
            asker.Answer(DnsMessage.Say(question, DnsMessage.NoSuchName), server);
        }
        else if (question.Type is not (DnsMessage.A or DnsMessage.Aaaa))
        {
            // HTTPS and SVCB have addresses that would bypass the book; the others lead to no host.
            asker.Answer(DnsMessage.Say(question, DnsMessage.Good), server);
        }
        else if (_open.Count < MostQuestions)
        {
            servers.Refresh();
            NameQuery query = new(this, asker, question, server, RandomId(), watch);
            _open.Add(query);
            query.AskNext();
        }
    }

    /// <summary>Asks again, or gives up, where no answer has come in time.</summary>
    public void OnTime(long now)
    {
        foreach (NameQuery query in _open.Where(query => query.Deadline <= now).ToArray()) query.AskNext();
    }

    /// <summary>Notes what a server has said.</summary>
    internal void Learn(IAsker asker, DnsQuestion question, ReadOnlySpan<byte> answer)
    {
        List<(HostAddress, uint)> found = DnsMessage.Addresses(answer, question);
        if (found.Count > 0) journal.Note(HostEvent.Name(question.Name, isDenied: false, asker.Thread));
        foreach ((HostAddress address, uint seconds) in found)
            if (!KernelSocket.IsOwn(NameServers.Of(address))) _ = book.Add(question.Name, address, seconds);
    }

    // Of the kernel: RandomNumberGenerator ends the process where there is no OpenSSL.
    private static ushort RandomId()
    {
        Span<byte> random = stackalloc byte[16];
        _ = Guid.NewGuid().TryWriteBytes(random);
        return BitConverter.ToUInt16(random[14..]);
    }

    internal void Close(NameQuery query) => _ = _open.Remove(query);
}
