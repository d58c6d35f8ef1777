using Landlock.Profiles;
using Landlock.Sandboxes.Options;

namespace Landlock.Tests.Profiles;

/// <summary>docs/profiles.md has every key of the table of options, with the same words as the help.</summary>
public sealed class ProfilePageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs/profiles.md");

    [Fact]
    public void The_page_has_every_option()
    {
        string text = File.ReadAllText(Page), rows = string.Join('\n', SandboxOptions.All.Select(Row));
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_ACCEPT") == "1")
        {
            string[] lines = text.Split('\n');
            int before = Array.FindIndex(lines, line => line.StartsWith("| `path_beneath` |", StringComparison.Ordinal));
            int after = Array.FindIndex(lines, before, line => line.Length == 0);
            File.WriteAllText(Page, string.Join('\n', [.. lines[..(before + 1)], rows, .. lines[after..]]));
            text = File.ReadAllText(Page);
        }

        Assert.Contains($"\n{rows}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_profile_of_the_page_can_be_read()
    {
        string sample = File.ReadAllText(Page).Split("```toml\n")[1].Split("```")[0];
        Profile profile = ProfileReader.Read(System.Text.Encoding.UTF8.GetBytes(sample), "/profiles/site");
        Assert.Empty(profile.Findings);
        Assert.Equal("the web site, and nothing else", profile.Description);
    }

    private static string Row(SandboxOption option) => $"| `{option.Key}` | {Value(option)}: {option.Help} |";

    private static string Value(SandboxOption option) => option switch
    {
        FlagOption => "true or false",
        WordOption word => string.Join(", ", word.Words.Select(one => $"`{one.Replace('-', '_')}`")),
        WordsOption { Words.Length: < 5 } words => $"of {string.Join(", ", words.Words.Select(one => $"`{one}`"))}",
        WordsOption => "names of protections",
        NumberOption { IsSize: true } => "bytes, or a size (`\"512M\"`)",
        NumberOption => "a number",
        TimeOption => "seconds, or a time (`\"10m\"`)",
        PathsOption => "paths",
        PortsOption => "ports, and ranges (`\"8000-8010\"`)",
        HostsOption => "hosts, which may hold `${variables}`",
        PlaceOption { IsList: true } => "paths",
        PlaceOption => "a path",
        _ => "patterns of names",
    };
}
