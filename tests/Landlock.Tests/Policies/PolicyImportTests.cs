using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Policies;

public class PolicyImportTests
{
    private const string Writing =
        "write_file,remove_dir,remove_file,make_char,make_dir,make_reg,make_sock,make_fifo,make_block,make_sym,refer,truncate,ioctl_dev";

    private const string NoNetwork = """ "network": { "allowedDomains": [], "deniedDomains": [] }""";
    private const string NoFiles = """ "filesystem": { "denyRead": [], "allowWrite": [], "denyWrite": [] }""";

    // Rules but for devices, a line each.
    private static string Rules(ConvertedPolicy converted) => string.Join('\n', converted.Ruleset.PathRules
        .Where(rule => !rule.Path.StartsWith("/dev/", StringComparison.Ordinal))
        .Select(rule => rule.ToString().Replace(Writing, "write", StringComparison.Ordinal)
            .Replace(" (optional)", "", StringComparison.Ordinal)));

    private static ConvertedPolicy Srt(string text) => PolicyConvert.FromSrt(text, "/home/me", "/home/me/project");

    private static ConvertedPolicy Srt(string filesystem, string network) => Srt($"{{ {network}, \"filesystem\": {{ {filesystem} }} }}");

    private static ConvertedPolicy Claude(string text) => PolicyConvert.FromClaudeCode(text, "/home/me", "/home/me/project");

    private static ConvertedPolicy Firejail(params string[] lines) => PolicyConvert.FromFirejail(string.Join('\n', lines), "/home/me");

    private static ConvertedPolicy Sandboxer(string line) => PolicyConvert.FromSandboxer(line.Split(' '));

    [Fact]
    public void Sandboxer_carries_over_what_is_set()
    {
        ConvertedPolicy converted =
            Sandboxer("LL_FS_RO=/usr:/lib LL_FS_RW=/dev/null::/tmp LL_TCP_BIND=9418 LL_TCP_CONNECT=80:443 LL_SCOPED=a:s LL_FORCE_LOG=1 "
                + "./sandboxer bash -i");

        Assert.Equal("bash -i", string.Join(' ', converted.Command));
        Assert.Equal("/dev/null: 1ffff\n/lib: d\n/tmp: 1ffff\n/usr: d", Documents.Paths(converted.Ruleset));
        Assert.All(converted.Ruleset.PathRules, rule => Assert.True(rule.Optional));
        Assert.Equal("connect_tcp 80 connect_tcp 443 bind_tcp 9418", string.Join(' ', converted.Ruleset.NetRules));
        Assert.Equal((AccessNet.BindTcp | AccessNet.ConnectTcp, Scope.AbstractUnixSocket | Scope.Signal, RestrictFlags.LogNewExecOn),
            (converted.Ruleset.HandledNet, converted.Ruleset.Scopes, converted.Ruleset.LogFlags));
        Assert.Equal(Compatibility.BestEffort, converted.Ruleset.Compatibility);
        Assert.False(converted.Ruleset.DeniesUdp);
        Assert.Empty(converted.Notes);
    }

    [Theory]
    [InlineData("LL_FS_RO= LL_FS_RW= sandboxer true", AccessNet.None, Scope.None)]
    [InlineData("LL_FS_RO= LL_FS_RW= LL_SCOPED= LL_TCP_BIND= sandboxer true", AccessNet.BindTcp, Scope.None)]
    [InlineData("LL_FS_RO= LL_FS_RW= LL_TCP_CONNECT= LL_SCOPED=s sandboxer true", AccessNet.ConnectTcp, Scope.Signal)]
    public void Sandboxer_leaves_alone_what_is_not_set(string line, AccessNet net, Scope scopes)
    {
        Ruleset ruleset = Sandboxer(line).Ruleset;
        Assert.Equal((AbiTable.AllFs(10), net, scopes), (ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes));
        Assert.Empty(ruleset.PathRules);
        Assert.Empty(ruleset.NetRules);
    }

    [Fact]
    public void Sandboxer_has_quiet_rules()
    {
        Ruleset ruleset = Sandboxer("LL_FS_RO=/ LL_FS_RW= LL_FS_QUIET=/tmp LL_FS_QUIET_ACCESS=r LL_TCP_BIND= LL_NET_QUIET=80 "
            + "LL_SCOPED=a:s LL_SCOPED_QUIET_ACCESS=s sandboxer true").Ruleset;

        Assert.Equal(["/", "/tmp"], ruleset.PathRules.Select(rule => rule.Path));
        Assert.Equal((true, AccessFs.None), (ruleset.PathRules[1].Quiet, ruleset.PathRules[1].Access));
        Assert.Equal("none 80 (quiet)", Assert.Single(ruleset.NetRules).ToString());
        Assert.Equal((AccessClass.ReadOnly.Rights, AccessNet.BindTcp, Scope.Signal),
            (ruleset.QuietFs, ruleset.QuietNet, ruleset.QuietScopes));
    }

    [Fact]
    public void What_is_no_variable_of_the_sandboxer_is_said() => Assert.Equal(
        ["sudo 'A=b': what stands before the program is no part of the ruleset"],
        Sandboxer("sudo LL_FS_RO=/ A=b LL_FS_RW= sandboxer true").Notes.AsEnumerable());

    [Theory]
    [InlineData("LL_FS_RO=/ sandboxer true", "LL_FS_RW is not set; sandboxer needs it, and takes an empty one (LL_FS_RW=)")]
    [InlineData("sandboxer true", "LL_FS_RO is not set; sandboxer needs it, and takes an empty one (LL_FS_RO=)")]
    [InlineData("LL_FS_R0=/ LL_FS_RW= sandboxer true", "sandboxer has no variable 'LL_FS_R0'; did you mean 'LL_FS_RO'?")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_FS_RO=/ sandboxer true", "LL_FS_RO is set twice")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_TCP_BIND=http sandboxer true", "LL_TCP_BIND: 'http' is no port")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_TCP_BIND=65536 sandboxer true", "LL_TCP_BIND: '65536' is no port")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_SCOPED=a:x sandboxer true",
        "LL_SCOPED: 'x' is no scope; there are a (abstract UNIX sockets) and s (signals)")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_SCOPED=a:a sandboxer true", "LL_SCOPED names 'a' twice")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_FORCE_LOG=0 sandboxer true", "LL_FORCE_LOG is 1 or not set, not '0'")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_FS_QUIET_ACCESS=x sandboxer true", "LL_FS_QUIET_ACCESS: 'x' is no access; there are r and w")]
    [InlineData("LL_FS_RO=/ LL_FS_RW= LL_NET_QUIET=80 sandboxer true", "LL_NET_QUIET needs LL_TCP_BIND or LL_TCP_CONNECT")]
    [InlineData("landrun --rox /usr true",
        "the command line begins with 'landrun'; it has to begin with sandboxer, or with its variables and then sandboxer")]
    public void What_is_no_sandboxer(string line, string message) =>
        Assert.Equal("sandboxer: " + message, Assert.Throws<PolicyException>(() => Sandboxer(line)).Message);

    [Fact]
    public void Srt_reads_everything_but_what_is_denied_and_writes_what_is_allowed()
    {
        ConvertedPolicy converted = Srt(
            """ "denyRead": ["~/.ssh", "./keys/**"], "allowWrite": [".", "src/", "/tmp"], "denyWrite": [".env"] """, NoNetwork);

        Assert.Equal("write . except ./keys, .env\nReadOnly / except ./keys, /home/me/.ssh\nwrite /tmp", Rules(converted));
        Assert.Equal((AbiTable.AllFs(10), AbiTable.AllNet(10), AbiTable.AllScopes(10)),
            (converted.Ruleset.HandledFs, converted.Ruleset.HandledNet, converted.Ruleset.Scopes));
        Assert.Empty(converted.Ruleset.NetRules);
        Assert.All(converted.Ruleset.PathRules, rule => Assert.False(rule.KeepsNarrow));
        Assert.All(converted.Ruleset.PathRules, rule => Assert.True(rule.Optional));
        Assert.StartsWith("srt also keeps shell startup files", Assert.Single(converted.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Srt_allows_devices() => Assert.Equal(
        "/dev/full: c002 /dev/null: c002 /dev/tty: c002 /dev/zero: c002",
        Documents.Paths(Srt($"{{ {NoNetwork}, {NoFiles} }}").Ruleset).Replace("/: d\n", "", StringComparison.Ordinal).Replace('\n', ' '));

    [Theory]
    [InlineData(""" "denyRead": ["/home"], "allowRead": ["."], "allowWrite": [], "denyWrite": [] """,
        "ReadOnly .\nReadOnly / except /home")]
    [InlineData(""" "denyRead": ["~", "./keys"], "allowRead": ["."], "allowWrite": [], "denyWrite": [] """,
        "ReadOnly . except ./keys\nReadOnly / except /home/me")]
    [InlineData(""" "denyRead": ["/home"], "allowWrite": ["out"], "denyWrite": [] """, "ReadOnly / except /home\nReadWriteExecute out")]
    [InlineData(""" "denyRead": ["/home"], "allowRead": ["/home"], "allowWrite": [], "denyWrite": [] """, "ReadOnly /")]
    [InlineData(""" "denyRead": [], "allowWrite": ["..", "./a"], "denyWrite": ["../b"] """, "write .. except ../b\nReadOnly /")]
    [InlineData(""" "denyRead": ["/"], "allowRead": ["/usr"], "allowWrite": [], "denyWrite": [] """, "ReadOnly /usr")]
    public void The_nearest_decides(string filesystem, string rules) => Assert.Equal(rules, Rules(Srt(filesystem, NoNetwork)));

    [Fact]
    public void Srt_says_what_is_reopened()
    {
        ConvertedPolicy converted =
            Srt(""" "denyRead": ["/home"], "allowRead": ["."], "allowWrite": [], "denyWrite": [] """, NoNetwork);

        Assert.True(converted.Ruleset.PathRules.Single(rule => rule.Path == "/").KeepsNarrow);
        Assert.Contains(converted.Notes, note => note.StartsWith("a path is allowed within one that is denied", StringComparison.Ordinal));
    }

    [Fact]
    public void A_denied_path_is_not_written() => Assert.Contains("nothing can be written in './a', './a/b': it is denied as well",
        Srt(""" "denyRead": [], "allowWrite": ["./a", "./a/b"], "denyWrite": ["./a"] """, NoNetwork).Notes);

    [Fact]
    public void Srt_says_which_patterns_are_lost() => Assert.Equal(
        [
            "'**/*.pem', 'a[b]': a rule cannot hold patterns, so what they deny is not denied, which is looser than srt; give the paths "
                + "themselves",
            "'src/*': a rule cannot hold patterns, so what they allow is not allowed",
        ],
        Srt(""" "denyRead": ["**/*.pem"], "allowWrite": ["src/*"], "denyWrite": ["a[b]"] """, NoNetwork).Notes.AsEnumerable());

    [Theory]
    [InlineData(""" "allowedDomains": [], "deniedDomains": [] """, "")]
    [InlineData(""" "allowedDomains": ["A.org", "*.b.org:8443", "[::1]:22", "10.0.0.1"], "deniedDomains": [] """,
        "[::1]:22 10.0.0.1:80 10.0.0.1:443 *.b.org:8443 a.org:80 a.org:443")]
    [InlineData(""" "allowedDomains": ["a.org", "b.org:22"], "deniedDomains": ["*:22", "*:80", "c.org"] """, "a.org:443")]
    [InlineData(
        """ "allowedDomains": ["a.org", "x.b.org", "y.b.org:22"], "deniedDomains": ["*.b.org:443", "a.org:80", "y.b.org"] """,
        "a.org:443 x.b.org:80")]
    [InlineData(""" "allowedDomains": ["*.b.org", "b.org"], "deniedDomains": ["x.b.org", "y.c.org"] """,
        "*.b.org:80 *.b.org:443 b.org:80 b.org:443",
        "network.deniedDomains: 'x.b.org': a ruleset cannot take a host out of those that are allowed, so it can be reached, which is "
            + "looser than srt")]
    [InlineData(""" "allowedDomains": ["a.org"], "deniedDomains": ["*"] """, "")]
    [InlineData(""" "allowedDomains": ["*", "a.org", "b.org:22"], "deniedDomains": ["*:80"] """, "b.org:22 connect_tcp 443")]
    [InlineData(""" "allowedDomains": ["*"], "deniedDomains": ["a.org"] """, "connect_tcp 80 connect_tcp 443",
        "network.deniedDomains: 'a.org': a ruleset cannot take a host out of those that are allowed, so it can be reached, which is "
            + "looser than srt",
        "network.allowedDomains: srt looks up names outside the sandbox; here the command has to, which needs the preset WebClient or a "
            + "rule for UDP port 53")]
    [InlineData(""" "allowedDomains": ["a.org"], "deniedDomains": [], "httpProxyPort": 3128, "socksProxyPort": 1080 """,
        "localhost:1080 localhost:3128",
        "network: the ruleset allows localhost:1080, localhost:3128 only, for the proxy that holds the domains; the command has to be told "
            + "of it (HTTPS_PROXY), which srt does by itself")]
    [InlineData(""" "allowedDomains": ["a.org"], "deniedDomains": [], "allowAllUnixSockets": true """, "a.org:80 a.org:443",
        "network.allowAllUnixSockets: where hosts are named no UNIX socket can be made, unless single ones are allowed with "
            + "Add-LandlockPathRule -Access UnixSocket")]
    [InlineData(""" "allowedDomains": [], "deniedDomains": [], "httpProxyPort": 3128 """, "")]
    public void Domains_become_hosts(string network, string rules, params string[] notes)
    {
        ConvertedPolicy converted = Srt($"{{ {NoFiles}, \"network\": {{ {network} }} }}");
        Assert.Equal(rules.Split(' ').Order(), string.Join(' ', converted.Ruleset.HostRules.Select(rule => rule.ToString())
            .Concat(converted.Ruleset.NetRules.Select(rule => rule.ToString()))).Split(' ').Order());
        Assert.Equal(notes, converted.Notes.Where(note => note.StartsWith("network", StringComparison.Ordinal)));
    }

    [Fact]
    public void Srt_may_leave_sockets_and_files_alone()
    {
        ConvertedPolicy converted = Srt(""" "disabled": true, "denyRead": ["/x"], "allowWrite": [], "denyWrite": [] """,
            """ "network": { "allowedDomains": [], "deniedDomains": [], "allowAllUnixSockets": true } """);

        Assert.Equal((AccessFs.None, Scope.Signal), (converted.Ruleset.HandledFs, converted.Ruleset.Scopes));
        Assert.Equal(["filesystem.disabled: files are not restricted"], converted.Notes.AsEnumerable());
    }

    [Fact]
    public void Srt_says_what_is_left_out() => Assert.Equal(
        [
            "network.allowUnixSockets: srt ignores it on Linux, and so does the ruleset; allow a socket with Add-LandlockPathRule -Access "
                + "UnixSocket",
            "network.allowLocalBinding: Landlock cannot tell local addresses from others, so no port can be bound; allow single ones with "
                + "Add-LandlockNetRule -BindTcp",
            "credentials.files: ~/.b cannot be masked, so it cannot be read",
            "credentials.envVars: a ruleset says nothing about the environment, so the command has these variables, which is looser; "
                + "run it with -RemoveSecret",
            "network.tlsTerminate, ignoreViolations, ripgrep: no part of a ruleset, and left out",
        ],
        Srt($$"""
            {
              "network": { "allowedDomains": [], "deniedDomains": [], "allowUnixSockets": ["/s"], "allowLocalBinding": true,
                "tlsTerminate": {} },
              {{NoFiles}}, "ignoreViolations": {}, "ripgrep": {},
              "credentials": { "files": [ { "path": "~/.a", "mode": "deny" }, { "path": "~/.b", "mode": "mask" } ],
                "envVars": [ { "name": "TOKEN", "mode": "deny" } ] }
            }
            """).Notes.Take(5));

    [Theory]
    [InlineData("", "srt:1:1: expected a value, found the end of the text")]
    [InlineData("[]", "srt:1:1: the text must be an object, not an array")]
    [InlineData("{}", "srt:1:1: the settings of srt need 'network'")]
    [InlineData("""{ "filesytem": {} }""", "srt:1:3: srt has no 'filesytem'; did you mean 'filesystem'?")]
    [InlineData("""{ "abi": 6 }""", "srt:1:3: srt has no 'abi'")]
    [InlineData("""{ "network": { "allowedDomains": [], "deniedDomains": [] } }""", "srt:1:1: the settings of srt need 'filesystem'")]
    [InlineData("""{ "network": { "deniedDomains": [] }, "filesystem": {} }""", "srt:1:14: network needs 'allowedDomains'")]
    [InlineData("""{ "network": { "allowedDomain": [] }, "filesystem": {} }""",
        "srt:1:16: network has no 'allowedDomain'; did you mean 'allowedDomains'?")]
    [InlineData("{\n \"network\": { \"allowedDomains\": \"a.org\", \"deniedDomains\": [] },\n \"filesystem\": {} }",
        "srt:2:33: 'allowedDomains' must be an array, not a string")]
    [InlineData("{" + NoFiles + """, "network": { "allowedDomains": ["a.org:http"], "deniedDomains": [] } }""",
        "srt:1:104: 'a.org:http' is no domain, and no domain with a port")]
    [InlineData("{" + NoFiles + """, "network": { "allowedDomains": ["a_b c"], "deniedDomains": [] } }""",
        "srt:1:104: 'a_b c' is no host: ' ' is not part of a name. Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; "
            + "without PORT it is 443")]
    [InlineData("{" + NoNetwork + """, "filesystem": { "denyRead": [""], "allowWrite": [], "denyWrite": [] } }""",
        "srt:1:90: each entry of 'denyRead' holds at least one character")]
    public void What_is_no_srt(string text, string message) =>
        Assert.Equal(message, Assert.Throws<PolicyException>(() => Srt(text)).Message);

    [Fact]
    public void Claude_Code()
    {
        ConvertedPolicy converted = Claude("""
            {
              "model": "opus",
              "permissions": {
                "allow": ["Edit(//srv/site/**)", "Edit(/docs)", "Write(//srv/other)", "Read(~/notes/**)", "Bash(npm run *)",
                  "WebFetch(domain:example.org)"],
                "deny": ["Read(./.env)", "Read(//etc/secret)", "Edit(/config/**)", "Bash(curl *)", "WebFetch"],
                "ask": ["Bash(git push *)"],
                "additionalDirectories": ["~/library", "//data"],
                "defaultMode": "acceptEdits"
              },
              "sandbox": { "enabled": true, "excludedCommands": ["docker"],
                "filesystem": { "allowWrite": ["~/.cache", "//opt/build"], "denyRead": ["~/.aws"], "denyWrite": ["./locked"] },
                "network": { "allowedDomains": ["github.com"] } }
            }
            """);

        Assert.Equal(
            """
            write . except ./locked, .env, config
            ReadOnly / except .env, /etc/secret, /home/me/.aws
            write /data
            write /home/me/.cache
            write /home/me/library
            write /opt/build
            write /srv/site
            """, Rules(converted));
        Assert.Equal("example.org:80 example.org:443 github.com:80 github.com:443", string.Join(' ', converted.Ruleset.HostRules));
        Assert.Equal(
            [
                "permissions: 'Write(//srv/other)', 'Bash(npm run *)', 'Bash(curl *)', 'WebFetch': about tools of Claude Code and not "
                    + "about paths, and left out",
                "permissions.ask: 'Bash(git push *)': nobody is asked here; what the other rules allow is allowed, which is looser",
                "relative paths start from the current directory, which commands may change as a whole; Claude Code takes the directory of "
                    + "the project, or of the settings",
                "sandbox.excludedCommands, permissions.defaultMode, model: no part of a ruleset, and left out",
            ], converted.Notes.Take(4));
    }

    [Fact]
    public void A_name_in_a_rule_means_any_depth()
    {
        ConvertedPolicy converted = Claude("""
            { "permissions": { "deny": ["Read(.env)", "Read(**/keys)", "Read(*.pem)", "Read(secrets/**)"],
              "allow": ["Edit(a.txt)", "Edit(*)"] } }
            """);

        Assert.Equal("write . except .env, keys, secrets\nReadOnly / except .env, keys, secrets", Rules(converted));
        Assert.Contains("'Read(.env)', 'Read(**/keys)', 'Read(*.pem)': a rule cannot hold patterns, so what they deny is not denied, "
            + "which is looser than Claude Code; give the paths themselves", converted.Notes);
        Assert.Contains("'Edit(a.txt)': a rule cannot hold patterns, so what they allow is not allowed", converted.Notes);
        Assert.StartsWith("sandbox.enabled is not true", converted.Notes[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "claude:1:1: neither 'sandbox' nor 'permissions' is there, so nothing says what is allowed")]
    [InlineData("""{ "permissons": {} }""", "claude:1:3: Claude Code has no 'permissons'; did you mean 'permissions'?")]
    [InlineData("""{ "sandbox": { "enable": true } }""", "claude:1:16: sandbox has no 'enable'; did you mean 'enabled'?")]
    [InlineData("""{ "sandbox": { "enabled": "yes" } }""", "claude:1:27: 'enabled' must be a boolean, not a string")]
    [InlineData("""{ "sandbox": { "filesystem": { "allow": [] } } }""", "claude:1:32: filesystem has no 'allow'")]
    [InlineData("""{ "permissions": { "deny": ["Reed(./.env)"] } }""",
        "claude:1:29: Claude Code has no tool 'Reed'; did you mean 'Read'?")]
    [InlineData("""{ "permissions": { "deny": ["Read(./.env"] } }""",
        "claude:1:29: 'Read(./.env' is no rule; a rule is Tool or Tool(what)")]
    [InlineData("abi = 6", "claude:1:1: expected a value, found 'abi'")]
    public void What_is_no_Claude_Code(string text, string message) =>
        Assert.Equal(message, Assert.Throws<PolicyException>(() => Claude(text)).Message);

    [Fact]
    public void Firejail_hides_and_protects()
    {
        ConvertedPolicy converted = Firejail(
            "# a profile", "blacklist ${HOME}/.ssh", "noblacklist ~/.config", "blacklist ~/.config", "read-only ${HOME}/.bashrc",
            "read-only /srv", "read-write /srv/data", "noexec /tmp", "disable-mnt", "writable-var-log", "net none # no network");

        Assert.Equal(
            """
            ReadData / except /home/me/.ssh, /media, /mnt, /run/media, /run/mount
            execute / except /home/me/.ssh, /media, /mnt, /run/media, /run/mount, /tmp
            write /home/me except /home/me/.bashrc, /home/me/.ssh
            write /srv/data
            write /tmp
            write /var/log
            """, Rules(converted));
        Assert.Equal((AbiTable.AllNet(10), AbiTable.AllScopes(10)), (converted.Ruleset.HandledNet, converted.Ruleset.Scopes));
        Assert.StartsWith("firejail also hides other homes", Assert.Single(converted.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("~")]
    [InlineData("${HOME}")]
    public void A_home_directory_may_be_the_root(string home) => Assert.DoesNotContain(
        PolicyConvert.FromFirejail($"read-only {home}\nnoexec {home}/bin", "/").Ruleset.PathRules,
        rule => (rule.Access & AccessFs.WriteFile) != 0 && rule.Path == "/");

    [Fact]
    public void A_whitelist_empties_the_directory_around_it()
    {
        ConvertedPolicy converted = Firejail("whitelist ${HOME}/work", "whitelist ${DOWNLOADS}", "whitelist-ro ~/docs",
            "whitelist /usr/share/fonts", "blacklist ~/work/keys");

        Assert.Equal(
            """
            ReadOnly / except /home/me, /usr/share
            ReadOnly /home/me/docs
            ReadWriteExecute /home/me/work except /home/me/work/keys
            write /tmp
            ReadOnly /usr/share/fonts
            """, Rules(converted));
        Assert.True(converted.Ruleset.PathRules.Single(rule => rule.Path == "/").KeepsNarrow);
        Assert.Equal((AccessNet.None, Scope.Signal), (converted.Ruleset.HandledNet, converted.Ruleset.Scopes));
        Assert.Equal(
            "line 2 (whitelist): a pattern, a condition or a macro that only firejail knows; what is allowed there is not allowed here",
            converted.Notes[0]);
        Assert.Contains("the profile has no 'net none', so the network is not restricted", converted.Notes);
    }

    [Fact]
    public void Firejail_says_what_is_left_out() => Assert.Equal(
        [
            "line 9: private-tmp: /tmp would be empty; here it is denied, unless the command is run with -PrivateTemp",
            "lines 3 (blacklist), 4 (?blacklist), 5 (blacklist): a pattern, a condition or a macro that only firejail knows; what is "
                + "denied there is not denied here, which is looser than firejail",
            "lines 1 (include), 6 (private-dev): not carried over, which is looser than firejail; convert included profiles as well",
            "lines 2 (caps.drop), 7 (seccomp): other protection than Landlock's, and left out",
            "line 10 (quiet): no restriction, and left out",
        ],
        Firejail("include disable-common.inc", "caps.drop all", "blacklist /usr/bin/gcc*", "?HAS_X11: blacklist /x",
            "blacklist ${PATH}/su", "private-dev", "seccomp", "ignore noexec", "private-tmp", "quiet", "noexec /tmp", "protocol unix")
            .Notes.Take(5));

    [Theory]
    [InlineData("protocol unix", true)]
    [InlineData("protocol unix,inet", false)]
    [InlineData("protocol unix\nprotocol inet6", false)]
    public void Without_a_protocol_of_the_network_there_is_none(string text, bool isDenied) =>
        Assert.Equal(isDenied ? AbiTable.AllNet(10) : 0, Firejail(text).Ruleset.HandledNet);

    [Theory]
    [InlineData("", "firejail:1:1: there is no directive")]
    [InlineData("# nothing", "firejail:1:1: there is no directive")]
    [InlineData("abi = 6", "firejail:1:1: firejail has no directive 'abi'")]
    [InlineData("quiet\nblaklist /x", "firejail:2:1: firejail has no directive 'blaklist'; did you mean 'blacklist'?")]
    [InlineData("blacklist", "firejail:1:1: blacklist needs a path")]
    [InlineData("read-only data", "firejail:1:1: read-only: 'data' is no absolute path")]
    [InlineData("?HAS_X11 blacklist /x", "firejail:1:1: '?HAS_X11 blacklist /x' has no colon behind its condition")]
    public void What_is_no_firejail(string text, string message) =>
        Assert.Equal(message, Assert.Throws<PolicyException>(() => Firejail(text)).Message);

    [Fact]
    public void A_link_is_where_it_leads()
    {
        using TempDirectory temporary = new();
        string place = temporary.Path;
        Directory.CreateDirectory($"{place}/work/keys");
        File.CreateSymbolicLink($"{place}/link", $"{place}/work/keys");
        string files = $$"""
            "denyRead": ["{{place}}", "{{place}}/link"], "allowRead": ["{{place}}/work"], "allowWrite": [], "denyWrite": []
            """;

        PathRule work = Srt(files, NoNetwork).Ruleset.PathRules.Single(rule => rule.Path == $"{place}/work");
        Assert.Equal($"{place}/link", Assert.Single(work.Except));
    }

    [Fact]
    public void Places_are_absolute() => Assert.Throws<ArgumentException>(() => PolicyConvert.FromFirejail("quiet", "me"));

    [Fact]
    public void Imported_rulesets_can_be_written()
    {
        Ruleset[] imported =
        [
            Sandboxer("LL_FS_RO=/usr LL_FS_RW=/tmp LL_TCP_BIND=80 LL_TCP_CONNECT= LL_SCOPED=s LL_FS_QUIET=/tmp sandboxer true").Ruleset,
            Srt(""" "denyRead": ["~/.ssh"], "allowWrite": ["."], "denyWrite": [".env"] """, NoNetwork).Ruleset,
            Srt($$"""{ {{NoFiles}}, "network": { "allowedDomains": ["a.org", "*.b.org:22", "*:8080"], "deniedDomains": [] } }""").Ruleset,
            Firejail("blacklist ~/.ssh", "net none").Ruleset,
        ];
        Assert.All(imported, ruleset =>
            Assert.Equal(ruleset, Policy.From(PolicyWriter.Export(ruleset).Document).Resolve().Ruleset));
    }
}
