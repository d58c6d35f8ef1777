using System.Text;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

public sealed class ShebangTests
{
    [Theory]
    [InlineData("#!/bin/sh\n", "/bin/sh", null)]
    [InlineData("#!/bin/sh", "/bin/sh", null)]
    [InlineData("#! \t /bin/sh \t \n", "/bin/sh", null)]
    [InlineData("#!/bin/sh -e -u  x \t\necho", "/bin/sh", "-e -u  x")]
    [InlineData("#!/bin/sh\t-e\n", "/bin/sh", "-e")]
    [InlineData("#!/bin/sh\r\n", "/bin/sh\r", null)]
    [InlineData("#!bin/x y", "bin/x", "y")]
    [InlineData("#!/bin/sh ", "/bin/sh", "")] // no newline: the kernel passes an empty argument
    [InlineData("#!/bin/sh\0-e\n", "/bin/sh", null)]
    public void The_line_is_read_like_the_kernel_reads_it(string script, string interpreter, string? argument) =>
        Assert.Equal(new Shebang(interpreter, argument), Shebang.Parse(Encoding.Latin1.GetBytes(script)));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_kept() =>
        Assert.Equal(new Shebang("/b\udcfcn/sh", "\udcff"), Shebang.Parse(Encoding.Latin1.GetBytes("#!/b\u00fcn/sh \u00ff\n")));

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("#!")]
    [InlineData("#!\n/bin/sh")]
    [InlineData("#!  \t\n")]
    [InlineData(" #!/bin/sh\n")]
    [InlineData("echo\n")]
    public void Other_files_are_no_scripts(string script) => Assert.Null(Shebang.Parse(Encoding.Latin1.GetBytes(script)));

    [Fact]
    public void Lines_longer_than_the_buffer_lose_the_end_of_the_argument_but_never_of_the_path()
    {
        byte[] cut = Encoding.Latin1.GetBytes("#!/bin/sh " + new string('x', 300) + "\n");
        Assert.Equal(new Shebang("/bin/sh", new string('x', 245)), Shebang.Parse(cut));
        Assert.Null(Shebang.Parse(Encoding.Latin1.GetBytes("#!/" + new string('x', 300) + "\n")));
        Assert.Null(Shebang.Parse(Encoding.Latin1.GetBytes("#!" + new string(' ', 300) + "/bin/sh\n")));
        Assert.Equal(252, Shebang.Parse(Encoding.Latin1.GetBytes("#!/" + new string('x', 251) + "\ny"))?.Interpreter.Length);
        Assert.Null(Shebang.Parse(Encoding.Latin1.GetBytes("#!/" + new string('x', 253) + "\n"))?.Interpreter);
        Assert.Equal(253, Shebang.Parse(Encoding.Latin1.GetBytes("#!/" + new string('x', 252) + "\n"))?.Interpreter.Length);
    }

    /// <summary>A script whose interpreter shows its arguments tells what the kernel made of the line.</summary>
    [GccFact]
    public void The_kernel_agrees()
    {
        using TempDirectory temp = new();
        temp.Write("show.c", "#include <stdio.h>\nint main(int c,char**v){for(int i=0;i<c;i++)printf(\"[%s]\",v[i]);return 0;}");
        Assert.Equal(0, Tools.Run("/usr/bin/gcc", ["-o", "show", "show.c"], temp.Path).Exit);
        string show = temp["show"];
        foreach (string line
            in (string[])[show, show + " ", show + " \n", show + "\t-a  b c \t\n", "  " + show + " x", show + "\0z\n", show + " \0\n",
                show + " a\0b\n", show + " " + new string('y', 300), show + new string(' ', 300) + "y", show + new string('z', 300), "\n"])
        {
            string script = temp.Write("script", "#!" + line);
            Shebang? parsed = Shebang.Parse(Encoding.Latin1.GetBytes("#!" + line));
            string expected =
                parsed is null ? "" : parsed.Argument is null ? $"[{show}][{script}]" : $"[{show}][{parsed.Argument}][{script}]";
            string actual;
            try
            {
                actual = Tools.Run(script, []).Output;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                actual = "";
            }

            Assert.Equal(expected, actual);
        }
    }
}
