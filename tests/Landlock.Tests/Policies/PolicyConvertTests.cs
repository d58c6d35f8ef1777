using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

public class PolicyConvertTests
{
    [Theory]
    [InlineData("sudo landrun --rox /usr true", "sudo")]
    [InlineData("A=b env C=d /opt/landrun --rox /usr true", "'A=b' env 'C=d'")]
    [InlineData("sudo -u nobody nice -n 5 landrun --rox /usr true", "sudo -u nobody nice -n 5")]
    public void What_stands_before_the_program_is_said(string line, string before)
    {
        ConvertedPolicy converted = PolicyConvert.FromLandrun(line.Split(' '));
        Assert.Equal("/usr", Assert.Single(converted.Ruleset.PathRules).Path);
        Assert.Equal($"{before}: what stands before the program is no part of the ruleset", converted.Notes[0]);
    }

    [Theory]
    [InlineData("firejail --rox /usr true", "firejail")]
    [InlineData("make landrun --rox /usr", "make")]
    [InlineData("true", "true")]
    public void The_command_line_of_another_program_is_refused(string line, string program) => Assert.Equal(
        $"landrun: the command line begins with '{program}'; it has to begin with landrun, or with its options",
        Assert.Throws<PolicyException>(() => PolicyConvert.FromLandrun(line.Split(' '))).Message);

    [Fact]
    public void Landrun()
    {
        ConvertedPolicy converted = PolicyConvert.FromLandrun(
        [
            "landrun", "--best-effort", "--rox", "/usr,/lib", "--ro=/etc", "--rw", "/tmp/", "--rwx", "./bin", "--unix", "/run/s",
            "--bind-tcp", "80,8080", "--connect-tcp", "443",
            "--log-enable-subprocesses", "--ignore-missing", "--env", "HOME", "--ldd", "--", "curl", "--ro", "x",
        ]);

        Assert.Equal("curl --ro x", string.Join(' ', converted.Command));
        Assert.Equal("./bin: ffff\n/etc: c\n/lib: d\n/run/s: 1000c\n/tmp: fffe\n/usr: d", Paths(converted.Ruleset));
        Assert.All(converted.Ruleset.PathRules, rule => Assert.True(rule.Optional));
        Assert.Equal("bind_tcp 80 connect_tcp 443 bind_tcp 8080", string.Join(' ', converted.Ruleset.NetRules));
        Assert.Equal(Ruleset.DenyAll(9).HandledFs, converted.Ruleset.HandledFs);
        Assert.Equal((9, RestrictFlags.LogNewExecOn, Compatibility.BestEffort),
            (converted.Ruleset.Abi, converted.Ruleset.LogFlags, converted.Ruleset.Compatibility));
        Assert.Equal(2, converted.Notes.Length);
    }

    [Fact]
    public void Landrun_with_parts_unrestricted()
    {
        ConvertedPolicy converted =
            PolicyConvert.FromLandrun(["--unrestricted-network", "--unrestricted-scoped=true", "--bind-tcp", "80", "true"]);

        Assert.Equal((AbiTable.AllFs(9), AccessNet.None, Scope.None),
            (converted.Ruleset.HandledFs, converted.Ruleset.HandledNet, converted.Ruleset.Scopes));
        Assert.Equal(Compatibility.HardRequirement, converted.Ruleset.Compatibility);
        Assert.Equal("true", Assert.Single(converted.Command));
        Assert.Equal(
            ["without --best-effort, landrun demands all of ABI 9 (Linux 7.1), and so does the ruleset",
                "with --unrestricted-network, the rules for ports change nothing and are left out"],
            converted.Notes.AsEnumerable());
    }

    [Theory]
    [InlineData("--rx /", "landrun: landrun has no option '--rx'; did you mean '--ro'?")]
    [InlineData("--ro", "landrun: --ro needs a value")]
    [InlineData("--ro /,", "landrun: --ro has an empty path")]
    [InlineData("--bind-tcp 80,http", "landrun: --bind-tcp: 'http' is no port")]
    [InlineData("--bind-tcp 65536", "landrun: --bind-tcp: '65536' is no port")]
    [InlineData("--best-effort=maybe", "landrun: --best-effort is true or false, not 'maybe'")]
    [InlineData("--unrestricted-filesystem --unrestricted-network --unrestricted-scoped", "landrun: nothing would be restricted")]
    public void What_is_no_landrun(string arguments, string message) =>
        Assert.Equal(message, Assert.Throws<PolicyException>(() => PolicyConvert.FromLandrun(arguments.Split(' '))).Message);

    [Fact]
    public void Setpriv()
    {
        ConvertedPolicy converted = PolicyConvert.FromSetpriv(
        [
            "/usr/bin/setpriv", "--reuid", "1000", "--no-new-privs", "--clear-groups", "--landlock-access", "fs:write-file,read-file",
            "--landlock-access=net", "--landlock-access", "scope",
            "--landlock-rule", "path-beneath:read-file:/a:b", "--landlock-rule", "path-beneath::/c", "--landlock-rule", "net-port::443",
            "--landlock-rule", "net-port:bind-tcp:80", "bash", "-c", "true",
        ], abi: 7);

        Assert.Equal("bash -c true", string.Join(' ', converted.Command));
        Assert.Equal(AccessFs.WriteFile | AccessFs.ReadFile, converted.Ruleset.HandledFs);
        Assert.Equal(Scope.AbstractUnixSocket | Scope.Signal, converted.Ruleset.Scopes);
        Assert.Equal("/a:b: 4\n/c: 6", Paths(converted.Ruleset));
        Assert.Equal("bind_tcp 80 bind_tcp,connect_tcp 443", string.Join(' ', converted.Ruleset.NetRules));
        Assert.Equal((6, Compatibility.HardRequirement), (converted.Ruleset.Abi, converted.Ruleset.Compatibility));
        Assert.Equal(["--reuid 1000 is not about Landlock and is left out", "--clear-groups is not about Landlock and is left out"],
            converted.Notes.AsEnumerable());
    }

    [Theory]
    [InlineData("--no-new-privs bash", "setpriv: nothing would be restricted: there is no --landlock-access")]
    [InlineData("--landlock-access files", "setpriv: 'files' is no access; it begins with fs, net or scope")]
    [InlineData("--landlock-access fs:readfile", "setpriv: 'readfile' is no fs right; did you mean 'read-file'?")]
    [InlineData("--landlock-access fs --landlock-rule path-beneath:/",
        "setpriv: 'path-beneath:/' is no rule; a rule is path-beneath:RIGHTS:PATH or net-port:RIGHTS:PORT")]
    [InlineData("--landlock-access fs --landlock-rule path-beneath:read-file:", "setpriv: the rule 'path-beneath:read-file:' has no path")]
    [InlineData("--landlock-access fs --landlock-rule net-port::1", "setpriv: a net-port rule needs --landlock-access net")]
    [InlineData("--landlock-access net --landlock-rule net-port::x", "setpriv: 'x' is no port")]
    [InlineData("--landlock-access scope --landlock-rule path-beneath::/", "setpriv: a path-beneath rule needs --landlock-access fs")]
    [InlineData("--landlock-access fs:execute --landlock-rule path-beneath:read-file:/",
        "setpriv: the rule for '/' allows read_file, which --landlock-access does not restrict")]
    [InlineData("--landlok-rule x", "setpriv: setpriv has no option '--landlok-rule'; did you mean '--landlock-rule'?")]
    public void What_is_no_setpriv(string arguments, string message) =>
        Assert.Equal(message, Assert.Throws<PolicyException>(() => PolicyConvert.FromSetpriv(arguments.Split(' '))).Message);

    [Fact]
    public void Converted_rulesets_can_be_written()
    {
        ConvertedPolicy converted = PolicyConvert.FromLandrun(["--best-effort", "--ignore-missing", "--rox", "/usr", "true"]);

        Assert.Equal(converted.Ruleset, Policy.From(PolicyWriter.Export(converted.Ruleset).Document).Resolve().Ruleset);
    }
}
