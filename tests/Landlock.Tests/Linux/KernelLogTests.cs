using Landlock.Denials;
using Landlock.Linux;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Linux;

/// <summary>The kernel's own log, read as root; an ordinary user may be refused, and is told so.</summary>
public sealed class KernelLogTests
{
    [Fact]
    public void Messages_are_read_without_their_stamps_and_those_of_programs_not_at_all()
    {
        string mine = $"landlockps test {Guid.NewGuid()}";
        try
        {
            File.WriteAllText("/dev/kmsg", mine);
        }
        catch (Exception refusal) when (refusal is UnauthorizedAccessException or IOException)
        {
            // Without it the rest still holds.
        }

        try
        {
            List<string> messages = KernelLog.Read();
            Assert.DoesNotContain(messages, message => message.Contains(mine, StringComparison.Ordinal));
            Assert.All(messages, message => Assert.DoesNotContain('\n', message));
            Assert.DoesNotContain(messages,
                message => message.Length > 3 && char.IsAsciiDigit(message[0]) && message.Contains(",-;", StringComparison.Ordinal));
        }
        catch (KernelException refusal)
        {
            Assert.Equal("/dev/kmsg", refusal.Target);
            Assert.Contains(refusal.Error, (Errno[])[Errno.EPERM, Errno.EACCES, Errno.ENOENT]);
        }
    }

    [Fact]
    public void Whether_there_is_an_audit_log_is_known_to_root_only()
    {
        if (Posix.geteuid() != 0) Assert.Null(AuditSocket.IsEnabled());
        if (AuditSocket.IsEnabled() != false) DenialHistory.DemandEnabled();
        else
            Assert.Equal((DenialLogProblem.Disabled, "The kernel writes no audit log now, so denials leave no trace."),
                Problem(DenialHistory.DemandEnabled));

        static (DenialLogProblem, string) Problem(Action action)
        {
            DenialLogException exception = Assert.Throws<DenialLogException>(action);
            return (exception.Problem, exception.Message);
        }
    }

    [Fact]
    public void Denials_are_read_from_somewhere_or_it_is_told_what_was_tried()
    {
        try
        {
            DenialHistory history = DenialHistory.Read(null);
            Assert.Equal(history.Source == "the kernel's messages", history.IsPartial);
        }
        catch (DenialLogException problem) when (problem.Problem == DenialLogProblem.NotPermitted)
        {
            Assert.Contains("the journal", problem.Message, StringComparison.Ordinal);
            Assert.Contains("the kernel's messages", problem.Message, StringComparison.Ordinal);
        }
        catch (DenialLogException problem)
        {
            Assert.Equal(DenialLogProblem.Disabled, problem.Problem);
        }
    }
}
