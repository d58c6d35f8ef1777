using System.Text;
using Landlock.Documents;

namespace Landlock.Tests.Documents;

/// <summary>A document that was read before is understood anew as soon as its text is another one.</summary>
public sealed class ReadPoliciesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Only_the_same_text_is_the_same_document()
    {
        Write(1);
        PolicyDocument first = PolicyFile.Read(_file, PolicySyntax.Toml);
        Assert.Same(first, PolicyFile.Read(_file, PolicySyntax.Toml));
        // In the same file, of the same length, at the same time.
        DateTime time = File.GetLastWriteTimeUtc(_file);
        Write(2);
        File.SetLastWriteTimeUtc(_file, time);
        Assert.Equal(2, PolicyFile.Read(_file, PolicySyntax.Toml).Abi);
        Write(1);
        Assert.Equal(1, PolicyFile.Read(_file, PolicySyntax.Toml).Abi);
    }

    [Fact]
    public void How_it_is_read_counts()
    {
        File.WriteAllText(_file, "[landlockps]\nname = 'x'\n[[ruleset]]\nhandled_access_fs = ['execute']\n");
        Assert.Equal("x", PolicyFile.Read(_file, PolicySyntax.Toml).Extension?.Name);
        PolicyReadOptions strict = new() { StrictCompatibility = true };
        Assert.Throws<PolicyException>(() => PolicyFile.Read(_file, PolicySyntax.Toml, strict));
        Assert.Throws<PolicyException>(() => PolicyFile.Read(_file, PolicySyntax.Json));
        Assert.Equal("x", PolicyFile.Read(_file, PolicySyntax.Toml).Extension?.Name);
    }

    [Fact]
    public void Many_are_read()
    {
        for (int i = 0; i < 40; i++)
        {
            Write((i % 7) + 1);
            Assert.Equal((i % 7) + 1, PolicyFile.Read(_file, PolicySyntax.Toml).Abi);
        }
    }

    private void Write(int abi) =>
        File.WriteAllText(_file, $"abi = {abi}\n[[ruleset]]\nhandled_access_fs = ['execute']\n", new UTF8Encoding(false));
}
