using System.Diagnostics;
using System.Text;
using Landlock.Documents;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Policies;

public sealed class PolicyFileTests : IDisposable
{
    private const string Toml = "ruleset = [{ scoped = ['signal'] }]\n";
    private const string Json = "{ \"ruleset\": [ { \"scoped\": [ \"signal\" ] } ] }";

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [KernelFact(Root = true)]
    public void A_full_disk_costs_no_document()
    {
        Directory.CreateDirectory(_temp["disk"]);
        Do("mount", "-t", "tmpfs", "-o", "size=16k", "none", _temp["disk"]);
        try
        {
            string path = _temp.Write("disk/policy.toml", Toml);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            byte[] large = new byte[64 << 10];
            IOException failure = Assert.Throws<IOException>(() => PolicyFile.Write(path, large));
            Assert.Equal($"No space left on device : '{path}'", failure.Message);
            Assert.Equal($"No space left on device : '{_temp["disk/new.toml"]}'",
                Assert.Throws<IOException>(() => PolicyFile.Write(_temp["disk/new.toml"], large)).Message);
            Assert.Equal(Toml, File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFileSystemEntries(_temp["disk"]));

            PolicyFile.Write(path, "abi = 1\n"u8);
            Assert.Equal("abi = 1\n", File.ReadAllText(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal([path], Directory.GetFileSystemEntries(_temp["disk"]));
        }
        finally
        {
            Do("umount", _temp["disk"]);
        }
    }

    [Fact]
    public void Writing_keeps_links()
    {
        string path = _temp.Write("d/policy.toml", Toml);
        File.CreateSymbolicLink(_temp["link.toml"], path);
        PolicyFile.Write(_temp["link.toml"], "abi = 1\n"u8);
        Assert.Equal("abi = 1\n", File.ReadAllText(path));
        Assert.Equal(path, new FileInfo(_temp["link.toml"]).LinkTarget);
    }

    [Fact]
    public void A_directory_gives_its_documents_in_order()
    {
        _temp.Write("d/b.toml", Toml);
        _temp.Write("d/a.toml", Toml);
        _temp.Write("d/c.json", Json);
        _temp.Write("d/.hidden.toml", "x");
        _temp.Write("d/other.txt", "x");
        _temp.Write("d/x.TOML", "x");
        _temp.Write("d/sub/d.toml", "x");
        _temp.Write("d/dir.toml/e.toml", "x");
        File.CreateSymbolicLink(_temp["d/link.toml"], "b.toml");

        Assert.Equal("a.toml b.toml c.json link.toml", Names(PolicyFile.List(_temp["d"])));
        Assert.Equal("a.toml b.toml link.toml", Names(PolicyFile.List(_temp["d"], PolicySyntax.Toml)));
        Assert.Equal("c.json", Names(PolicyFile.List(_temp["d"], PolicySyntax.Json)));
        Assert.Equal(4, PolicyFile.ReadAll([_temp["d"]]).Length);
        Assert.Equal([PolicySyntax.Toml, PolicySyntax.Toml, PolicySyntax.Json, PolicySyntax.Toml],
            PolicyFile.ReadAll([_temp["d"]]).Select(document => document.Syntax));
    }

    [Fact]
    public void One_bad_document_spoils_all_and_every_bad_one_is_told()
    {
        _temp.Write("d/a.toml", "x = 1");
        _temp.Write("d/b.toml", Toml);
        _temp.Write("d/c.toml", "= 1");

        Assert.Equal(
            $"""
            {_temp["d"]}/a.toml:1:1: the document is empty: it needs one of 'variable', 'ruleset', 'path_beneath', 'net_port'
            {_temp["d"]}/a.toml:1:1: a document has no key 'x'; it has abi, variable, ruleset, path_beneath, net_port, landlockps
            {_temp["d"]}/c.toml:1:1: unexpected token '=' while parsing TOML document
            {_temp["missing"]}: there is no such file or directory
            """.Split('\n').Order(),
            Assert.Throws<PolicyException>(() => PolicyFile.ReadAll([_temp["d"], _temp["missing"]])).Message.Split('\n').Order());
        Assert.Single(PolicyFile.CheckAll([_temp["d"]]).Documents);
    }

    [Fact]
    public void A_directory_without_documents_is_an_error()
    {
        _temp.Write("d/.a.toml", Toml);
        _temp.Write("d/a.json", Json);

        Assert.Equal($"{_temp["d"]}: the directory holds no document (a file that ends in .toml and does not begin with a dot)",
            Assert.Throws<PolicyException>(() => PolicyFile.ReadAll([_temp["d"]], PolicySyntax.Toml)).Message);
        File.Delete(_temp["d/a.json"]);
        Assert.Equal($"{_temp["d"]}: the directory holds no document (a file that ends in .toml or .json and does not begin with a dot)",
            Assert.Throws<PolicyException>(() => PolicyFile.List(_temp["d"])).Message);
    }

    [Fact]
    public void Files_that_cannot_be_read()
    {
        Directory.CreateDirectory(_temp["d"]);
        Assert.Equal($"{_temp["x.toml"]}: there is no such file or directory", Message(_temp["x.toml"]));
        Assert.Equal($"{_temp["d"]}: it is a directory", Message(_temp["d"]));
        Assert.Equal("/dev/zero: it is larger than 64 MiB, too large for a policy", Message("/dev/zero"));
        File.CreateSymbolicLink(_temp["d/dangling.toml"], "nowhere");
        Assert.Equal($"{_temp["d/dangling.toml"]}: there is no such file or directory",
            Assert.Throws<PolicyException>(() => PolicyFile.ReadAll([_temp["d"]])).Message);
    }

    [Fact]
    public void The_ending_decides_the_syntax_and_the_text_where_there_is_none()
    {
        Assert.Equal(PolicySyntax.Json, PolicyFile.Read(_temp.Write("policy", Json)).Syntax);
        Assert.Equal(PolicySyntax.Toml, PolicyFile.Read(_temp.Write("policy", Toml)).Syntax);
        Assert.Equal(PolicySyntax.Toml, PolicyFile.Read(_temp.Write("policy.json", Toml), PolicySyntax.Toml).Syntax);
        Assert.Contains("policy.json:1:1: expected a value", Message(_temp["policy.json"]), StringComparison.Ordinal);
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(Json));
        Assert.Equal(PolicySyntax.Json, PolicyFile.Check(stream, "-").Document!.Syntax);
    }

    private static string Message(string path) => Assert.Throws<PolicyException>(() => PolicyFile.Read(path)).Message;

    private static string Names(IEnumerable<string> paths) => string.Join(' ', paths.Select(Path.GetFileName));

    private static void Do(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
