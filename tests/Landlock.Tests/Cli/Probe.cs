using System.Runtime.InteropServices;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>
/// Tries one operation in a sandbox and tells how the kernel answered: "ok" or the name of the error. Perl, because it needs no file but
/// itself for any of this, so that the rules under test are the only ones.
/// </summary>
internal static class Probe
{
    public const string Perl = "/usr/bin/perl";

    private const string Script = """
        my ($op, @a) = @ARGV;
        my ($r, $f);
        if ($op eq 'read') { $r = sysopen($f, $a[0], 0) }
        elsif ($op eq 'write') { $r = sysopen($f, $a[0], 1) }
        elsif ($op eq 'readwrite') { $r = sysopen($f, $a[0], 2) }
        elsif ($op eq 'list') { $r = opendir($f, $a[0]) }
        elsif ($op eq 'rmdir') { $r = rmdir $a[0] }
        elsif ($op eq 'unlink') { $r = unlink $a[0] }
        elsif ($op eq 'mkdir') { $r = mkdir $a[0] }
        elsif ($op eq 'create') { $r = sysopen($f, $a[0], 0x41, 0644) }
        elsif ($op eq 'symlink') { $r = symlink('target', $a[0]) }
        elsif ($op eq 'rename') { $r = rename($a[0], $a[1]) }
        elsif ($op eq 'truncate') { $r = truncate($a[0], 0) }
        elsif ($op eq 'mknod') { $r = syscall($a[1] + 0, -100, $a[0], $a[2] + 0, $a[3] + 0) == 0 }
        elsif ($op eq 'socket') { socket($f, 1, 1, 0); $r = bind($f, pack('Sa*', 1, "$a[0]\0")) }
        elsif ($op eq 'ioctl') { sysopen($f, $a[0], 0) or die $!; my $b = "\0" x 64; $r = ioctl($f, 0x5401, $b) }
        elsif ($op eq 'exec') { $r = (system { $a[0] } $a[0]) == 0 }
        elsif ($op eq 'bind') { socket($f, 2, 1, 0) and $r = bind($f, pack('Sna4x8', 2, $a[0], "\x7f\0\0\1")) }
        elsif ($op eq 'connect') { socket($f, 2, 1, 0) and $r = connect($f, pack('Sna4x8', 2, $a[0], "\x7f\0\0\1")) }
        elsif ($op eq 'abstract') { socket($f, 1, 1, 0); $r = connect($f, pack('Sa*', 1, "\0$a[0]")) }
        elsif ($op eq 'kill') { $r = kill(0, $a[0]) }
        else { die }
        print $r ? 'ok' : $! + 0;
        """;

    /// <summary>The arguments of `landlocked` that try an operation.</summary>
    public static string[] Command(params string[] operation) => ["--", Perl, "-e", Script, .. operation];

    /// <summary>Tries an operation under some options.</summary>
    public static string Try(Who who, string[] options, params string[] operation) => Try(new Setup { Who = who }, options, operation);

    /// <summary>Tries an operation under some options.</summary>
    public static string Try(Setup setup, string[] options, params string[] operation)
    {
        CliRun run = CliRun.Of(setup, [.. options, .. Command(operation)]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        return run.Output == "ok" ? "ok" : ErrnoText.Name((Errno)int.Parse(run.Output));
    }

    /// <summary>The operation of mknod(2).</summary>
    public static string[] Mknod(string path, uint mode, uint device = 0) =>
        ["mknod", path, RuntimeInformation.OSArchitecture == Architecture.X64 ? "259" : "33", $"{mode}", $"{device}"];
}
