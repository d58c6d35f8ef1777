using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>Error numbers (errno(3)) that this project meets; the values are those of x86-64 and arm64.</summary>
public enum Errno
{
#pragma warning disable CS1591 // The names are the documentation.
    None = 0,
    EPERM = 1,
    ENOENT = 2,

    /// <summary>No such process or thread.</summary>
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    E2BIG = 7,
    ENOEXEC = 8,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    ETXTBSY = 26,
    EFBIG = 27,
    ENOSPC = 28,
    EROFS = 30,
    EPIPE = 32,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
    ELOOP = 40,
    ENOMSG = 42,
    ELIBBAD = 80,
    EADDRINUSE = 98,
    EBADFD = 77,
    ENOTSOCK = 88,
    EMSGSIZE = 90,
    ENOPROTOOPT = 92,
    EPROTONOSUPPORT = 93,
    ESOCKTNOSUPPORT = 94,
    EOPNOTSUPP = 95,
    EAFNOSUPPORT = 97,
    ENOBUFS = 105,
    EISCONN = 106,
    ENOTCONN = 107,
    ECONNREFUSED = 111,
    EALREADY = 114,
    EINPROGRESS = 115,
    ESTALE = 116,
#pragma warning restore CS1591
}

/// <summary>Texts for error numbers.</summary>
internal static class ErrnoText
{
    /// <summary>The name ("EACCES"), or "errno N".</summary>
    public static string Name(Errno error) => Enum.IsDefined(error) ? error.ToString() : $"errno {(int)error}";

    /// <summary>strerror(3)'s text ("Permission denied").</summary>
    public static string Describe(Errno error) => Marshal.GetPInvokeErrorMessage((int)error);

    /// <summary>
    /// Likewise for what the runtime threw when it could not read or write a file: `landlocked` is built without the runtime's own texts.
    /// </summary>
    internal static string Describe(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => Describe(Errno.ENOENT),
        PathTooLongException => Describe(Errno.ENAMETOOLONG),
        UnauthorizedAccessException => exception.InnerException is IOException inner ? Describe(inner) : Describe(Errno.EACCES),
        IOException { HResult: > 0 and < 4096 } => Describe((Errno)exception.HResult),
        _ => exception.Message,
    };
}
