using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

public sealed class CommandLookupTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public CommandLookupTests()
    {
        _temp.Write("a/tool", "x", executable: false);
        _temp.Write("b/tool", "x");
        _temp.Write("a/data", "x", executable: false);
        Directory.CreateDirectory(_temp["a/folder"]);
        Directory.CreateDirectory(_temp["a/both"]);
        _temp.Write("b/both", "x");
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("tool", "a:b", nameof(CommandStatus.Found), "b/tool")]
    [InlineData("tool", "a:none", nameof(CommandStatus.NotExecutable), "a/tool")]
    [InlineData("data", "none:a:b", nameof(CommandStatus.NotExecutable), "a/data")]
    [InlineData("folder", "a:b", nameof(CommandStatus.IsDirectory), "a/folder")]
    [InlineData("both", "a/:b/", nameof(CommandStatus.Found), "b/both")]
    [InlineData("none", "a:b", nameof(CommandStatus.NotFound), null)]
    [InlineData("", "a:b", nameof(CommandStatus.NotFound), null)]
    [InlineData("a/tool", "b", nameof(CommandStatus.NotExecutable), "a/tool")]
    [InlineData("b/tool", "", nameof(CommandStatus.Found), "b/tool")]
    [InlineData("a/folder", "b", nameof(CommandStatus.IsDirectory), "a/folder")]
    [InlineData("a/none", "b", nameof(CommandStatus.NotFound), null)]
    [InlineData("b/tool/x", "b", nameof(CommandStatus.NotFound), null)]
    public void Commands_are_found_by_path_and_by_name(string name, string path, string status, string? found)
    {
        CommandLookup lookup = CommandLookup.Find(name, path, _temp.Path);
        Assert.Equal(status, lookup.Status.ToString());
        Assert.Equal(found is null ? null : _temp[found], lookup.Path?.Replace("//", "/", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_element_is_the_working_directory_and_no_path_is_the_default_one()
    {
        Assert.Equal(_temp["b/tool"],
            CommandLookup.Find("tool", "/nowhere::", _temp["b"]).Path?.Replace("//", "/", StringComparison.Ordinal));
        Assert.Equal(CommandStatus.Found, CommandLookup.Find("tool", "", _temp["b"]).Status);
        Assert.Equal(CommandStatus.Found, CommandLookup.Find("sh", null, "/").Status);
        Assert.Equal(_temp["b/tool"], CommandLookup.Find(_temp["b/tool"], null, "/").Path);
        Assert.Equal(CommandStatus.NotFound, CommandLookup.Find(new string('x', 5000), "/bin", "/").Status);
    }

    [Fact]
    public void Names_may_hold_any_bytes()
    {
        string path = _temp.WriteRaw([0xff, (byte)' ', (byte)'\n'], "x");
        Assert.Equal(new CommandLookup(CommandStatus.Found, path), CommandLookup.Find("\udcff \n", _temp.Path, "/"));
    }
}
