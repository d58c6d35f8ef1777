using Landlock.Linux;

namespace Landlock.Tests.Linux;

public sealed class KernelExceptionTests
{
    [Fact]
    public void The_message_names_call_object_and_error()
    {
        KernelException exception = new("open", Errno.EACCES, "/root/\nkey");
        Assert.Equal("open '/root/\\nkey': Permission denied (EACCES)", exception.Message);
        Assert.Equal("open", exception.Call);
        Assert.Equal(Errno.EACCES, exception.Error);
        Assert.Equal("/root/\nkey", exception.Target);
        Assert.Equal("memfd_create: Function not implemented (ENOSYS)", new KernelException("memfd_create", Errno.ENOSYS).Message);
    }

    [Theory]
    [InlineData(Errno.EPERM, "EPERM", "Operation not permitted")]
    [InlineData(Errno.ENOMSG, "ENOMSG", "No message of desired type")]
    [InlineData(Errno.EBADFD, "EBADFD", "File descriptor in bad state")]
    [InlineData(Errno.E2BIG, "E2BIG", "Argument list too long")]
    [InlineData(Errno.EOPNOTSUPP, "EOPNOTSUPP", "Operation not supported")]
    public void Error_numbers_have_a_name_and_the_c_librarys_text(Errno error, string name, string text)
    {
        Assert.Equal(name, ErrnoText.Name(error));
        Assert.Equal(text, ErrnoText.Describe(error));
    }

    [Fact]
    public void An_error_number_without_a_name_keeps_its_number() => Assert.Equal("errno 4095", ErrnoText.Name((Errno)4095));
}
