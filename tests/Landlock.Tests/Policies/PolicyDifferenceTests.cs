using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

public sealed class PolicyDifferenceTests
{
    private const string Read = "[[path_beneath]]\nallowed_access = [\"read_file\"]\nparent = ";
    private const string Excepting = "[[landlockps.path_beneath]]\nallowed_access = [\"read_file\"]\nparent = [\"/usr\"]\n"
        + "except = [\"/usr/share\"]";

    [Theory]
    [InlineData(Read + "[\"/usr\"]", Read + "[\"/usr\"]")]
    [InlineData(Read + "[\"/usr\"]", Read + "[\"/usr\", \"/usr/lib\"]")]
    [InlineData(Read + "[\"/usr\"]", Read + "[\"/usr\", \"/etc\"]", "=> read_file /etc")]
    [InlineData(Read + "[\"/usr\"]", Read + "[\"/usr/lib\"]", "<= read_file /usr but not /usr/lib")]
    [InlineData("[[path_beneath]]\nallowed_access = [\"read_file\", \"write_file\", \"execute\"]\nparent = [\"/usr\"]",
        Read + "[\"/usr/lib\"]\n" + Read + "[\"/usr/lib/x\"]\n[[path_beneath]]\nallowed_access = [\"execute\"]\nparent = [\"/usr/bin\"]",
        "<= execute /usr but not /usr/bin", "<= write_file /usr", "<= read_file /usr but not /usr/lib")]
    [InlineData(Excepting, Read + "[\"/usr\"]", "=> read_file /usr/share")]
    [InlineData(Excepting, "", "<= read_file /usr but not /usr/share")]
    public void Paths_are_compared_by_what_is_allowed_there(string first, string second, params string[] expected) =>
        Check(first, second, expected);

    [Theory]
    [InlineData("[80]", "[80, 443]", "=> connect_tcp port 443")]
    [InlineData("[80, 81, 82]", "[81]", "<= connect_tcp port 80", "<= connect_tcp port 82")]
    [InlineData("[0, 65535]", "[1]", "<= connect_tcp port 0", "<= connect_tcp port 65535", "=> connect_tcp port 1")]
    public void Ports_are_compared_by_what_is_allowed_there(string first, string second, params string[] expected) =>
        Check(Ports(first), Ports(second), expected);

    [Fact]
    public void What_is_not_handled_is_allowed()
    {
        string[] found = [.. Between("[[ruleset]]\nhandled_access_fs = [\"read_file\"]\n"
            + "handled_access_net = [\"bind_tcp\", \"connect_tcp\"]\n" + "scoped = [\"signal\"]\n",
            "[[ruleset]]\nhandled_access_fs = [\"read_file\", \"write_file\"]\n")];
        Assert.Equal(
            ["<= write_file /", "=> bind_tcp,connect_tcp,bind_udp,connect_send_udp port 0-65535",
                "=> signal to processes outside the sandbox", "=> sockets other than TCP, UDP and UNIX",
                "=> listing network interfaces"], found);
    }

    [Fact]
    public void Refer_that_is_not_handled_is_denied() => Assert.Equal(
        ["<= refer /a"],
        Between("[[ruleset]]\nhandled_access_fs = [\"read_file\", \"refer\"]\n"
            + "[[path_beneath]]\nallowed_access = [\"refer\"]\nparent = [\"/a\"]\n",
            "[[ruleset]]\nhandled_access_fs = [\"read_file\"]\n"));

    [Fact]
    public void Each_side_has_its_own_differences()
    {
        PolicyDifference[] found = [.. PolicyDifference.Between(
            Ruleset.DenyAll(7).With(new PathRule("/a\nb", AccessFs.ReadFile)),
            Ruleset.DenyAll(7).With(new PathRule("/c", AccessFs.ReadDir)))];
        Assert.Equal(["/a\nb", "/c"], found.Select(difference => difference.Path!));
        Assert.Equal([true, false], found.Select(difference => difference.IsOfFirst));
        Assert.Equal(@"<= read_file /a\nb", found[0].ToString());
    }

    [Fact]
    public void Nothing_differs_from_itself_and_the_sides_change_places()
    {
        Random random = new(18);
        for (int i = 0; i < 300; i++)
        {
            Ruleset first = Made(random), second = Made(random);
            Assert.Empty(PolicyDifference.Between(first, first));
            Assert.Equal(
                PolicyDifference.Between(first, second).Select(difference => difference.What).Order(StringComparer.Ordinal),
                PolicyDifference.Between(second, first).Select(difference => difference.What).Order(StringComparer.Ordinal));
            AssertAgrees(first, second);
        }
    }

    // Asked path by path, both must give what the differences say.
    private static void AssertAgrees(Ruleset first, Ruleset second)
    {
        var found = PolicyDifference.Between(first, second);
        foreach (string path in (string[])["/", "/a", "/a/b", "/a/b/c", "/a/b/c/d", "/e"])
        {
            AccessFs only = found.Where(difference => difference.IsOfFirst && difference.Path is { } at && PathRule.IsBeneath(path, at)
                && !difference.Without.Any(without => PathRule.IsBeneath(path, without)))
                .Aggregate(AccessFs.None, (all, difference) => all | difference.Access);
            Assert.Equal(Allowed(first, path) & ~Allowed(second, path), only);
        }

        static AccessFs Allowed(Ruleset ruleset, string path) => ruleset.PathRules
            .Where(rule => PathRule.IsBeneath(path, rule.Path) && !rule.Except.Any(except => PathRule.IsBeneath(path, except)))
            .Aggregate(AccessFs.None, (all, rule) => all | rule.Access);
    }

    private static Ruleset Made(Random random)
    {
        Ruleset ruleset = Ruleset.DenyAll(7);
        string[] paths = ["/", "/a", "/a/b", "/a/b/c", "/e"];
        for (int i = random.Next(4); i > 0; i--)
        {
            PathRule rule = new(paths[random.Next(paths.Length)], (AccessFs)random.Next(1, 16));
            string[] beneath = [.. paths.Where(path => path != rule.Path && PathRule.IsBeneath(path, rule.Path))];
            bool hasException = beneath.Length > 0 && random.Next(2) == 0;
            ruleset = ruleset.With(hasException ? rule with { Except = [beneath[random.Next(beneath.Length)]] } : rule);
        }

        return ruleset;
    }

    private static string Ports(string ports) => "[[net_port]]\nallowed_access = [\"connect_tcp\"]\nport = " + ports;

    private static void Check(string first, string second, string[] expected) =>
        Assert.Equal(expected, Between(Handled(first), Handled(second)));

    private static string Handled(string rules) => "[[ruleset]]\nhandled_access_fs = [\"read_file\", \"write_file\", \"execute\"]\n"
        + "handled_access_net = [\"bind_tcp\", \"connect_tcp\"]\n" + rules;

    private static IEnumerable<string> Between(string first, string second) =>
        PolicyDifference.Between(RulesetOf(FromToml(first)), RulesetOf(FromToml(second))).Select(difference => difference.ToString());
}
