using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

public class PolicyVariableTests
{
    private static readonly BuiltinVariables Builtins = new(new BuiltinSources
    {
        WorkingDirectory = "/work/project/src",
        Environment = name => name switch
        {
            "HOME" => "/home/me",
            "XDG_CACHE_HOME" => "/var/cache/me",
            "XDG_DATA_HOME" => "relative",
            "PATH" => "bin:/wrappers:/usr/bin",
            _ => null,
        },
        UserId = 1000,
        Inspect = path => path switch
        {
            "/work/project/.git" => PathKind.Directory,
            "/usr/bin/dotnet" or "/wrappers/dotnet" => PathKind.File,
            "/usr/share/dotnet/host/fxr" => PathKind.Directory,
            _ => PathKind.Missing,
        },
        RealPath = path => path == "/usr/bin/dotnet" ? "/usr/share/dotnet/dotnet" : path,
    });

    [Theory]
    [InlineData("before/${foo}/${bar}/after",
        "before/a/X/after before/a/Y/after before/a/Z/after before/b/X/after before/b/Y/after before/b/Z/after")]
    [InlineData("$${foo}", "${foo}")]
    [InlineData("$${${one}", "${v")]
    [InlineData("{${one}", "{v")]
    [InlineData("$$", "$")]
    [InlineData("$", "$")]
    [InlineData("$a$", "$a$")]
    [InlineData("${foo}${foo}", "aa ab ba bb")]
    [InlineData("${empty}/x", "")]
    [InlineData("${text}", "${one}")]
    [InlineData("", "")]
    [InlineData("${nothing}", "")]
    [InlineData("c//./../c/", "c/../c")]
    [InlineData("./${one}/.", "./v")]
    [InlineData("/${one}//", "/v")]
    public void Templates_stand_for_paths(string template, string paths)
    {
        PolicyDocument document = FromToml($$"""
            [[variable]]
            name = "foo"
            literal = ["b", "a"]
            [[variable]]
            name = "bar"
            literal = ["X", "Y"]
            [[variable]]
            name = "bar"
            literal = ["Z", "Y"]
            [[variable]]
            name = "one"
            literal = ["v"]
            [[variable]]
            name = "text"
            literal = ["${one}"]
            [[variable]]
            name = "nothing"
            literal = [""]
            [[variable]]
            name = "empty"
            [[path_beneath]]
            allowed_access = ["execute"]
            parent = ['{{template}}']
            """);

        Assert.Equal(paths, string.Join(' ', RulesetOf(document).PathRules.Select(rule => rule.Path)));
        Assert.Equal(AccessFs.Execute, RulesetOf(document).HandledFs);
    }

    [Fact]
    public void A_variable_must_be_declared()
    {
        PolicyDocument document = FromToml("path_beneath = [{ allowed_access = ['execute'], parent = ['${home}', '${x}', '${y}'] }]\n"
            + "variable = [{ name = 'xx' }, { name = 'y' }]");

        Assert.Equal(
            "a.toml:1:59: variable 'home' not found; declare it, or give it a value\n"
                + "a.toml:1:70: variable 'x' not found; did you mean 'xx'?",
            Assert.Throws<PolicyException>(() => Policy.From(document).Resolve()).Message);
        Assert.Contains(
            "variable 'home' not found; declare it, without a literal, to have the built-in value",
            Assert.Throws<PolicyException>(() => Policy.From(document).Resolve(new PolicyVariables { Builtins = Builtins })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("home", "/home/me")]
    [InlineData("cwd", "/work/project/src")]
    [InlineData("tmp", "/tmp")]
    [InlineData("uid", "1000")]
    [InlineData("xdg_config_home", "/home/me/.config")]
    [InlineData("xdg_data_home", "/home/me/.local/share")]
    [InlineData("xdg_cache_home", "/var/cache/me")]
    [InlineData("xdg_state_home", "/home/me/.local/state")]
    [InlineData("xdg_runtime_dir", null)]
    [InlineData("git_root", null)]
    [InlineData("pwsh_home", null)]
    [InlineData("dotnet_root", "/usr/share/dotnet")]
    public void Built_in_values(string name, string? value)
    {
        Assert.Equal(value, Builtins.Find(name)!.Value.SingleOrDefault());
        Assert.Contains(name, BuiltinVariables.Names);
        Assert.NotNull(BuiltinVariables.Describe(name));
    }

    [Theory]
    [InlineData("tmp", "TMPDIR", "/", "the built-in value is '/', the directory for temporary files ($TMPDIR, or /tmp), and that place is "
        + "never opened as a whole; give another with --var tmp=DIRECTORY (-Variable @{ tmp = 'DIRECTORY' })")]
    [InlineData("tmp", "TMPDIR", "/home/me/", null)]
    [InlineData("tmp", "TMPDIR", "/home", null)]
    [InlineData("tmp", "TMPDIR", "/etc/../etc", null)]
    [InlineData("dotnet_root", "DOTNET_ROOT", "/", null)]
    public void A_place_that_is_never_opened_as_a_whole_is_no_value(string name, string variable, string value, string? message)
    {
        PolicyVariables variables = new()
        {
            Builtins = new BuiltinVariables(new BuiltinSources
            { WorkingDirectory = "/", Environment = asked => asked == variable ? value : asked == "HOME" ? "/home/me" : null }),
        };
        Policy policy = Policy.From(FromToml(
            $"variable = [{{ name = '{name}' }}]\npath_beneath = [{{ allowed_access = ['read_file'], parent = ['${{{name}}}'] }}]"));
        PolicyException e = Assert.Throws<PolicyException>(() => policy.Resolve(variables));
        if (message is not null) Assert.Equal($"{name}: {message}", e.Message);
        Assert.Contains("never opened as a whole", e.Message, StringComparison.Ordinal);
        // Who gives a value means it.
        Assert.Equal("/: 4", Paths(policy.Resolve(variables.With(name, "/")).Ruleset));
    }

    [Theory]
    [InlineData("/opt/microsoft/powershell/7", "/opt/microsoft/powershell/7")]
    [InlineData("/home/me/.nuget/packages/powershell/7.6.9/tools/net10.0/any/unix",
        "/home/me/.nuget/packages/powershell/7.6.9/tools/net10.0/any")]
    [InlineData("/opt/any/unix", "/opt/any/unix")]
    [InlineData(null, "/home/me/.dotnet/tools/.store/powershell")]
    public void The_tool_PowerShell_is_more_than_its_home(string? home, string value)
    {
        BuiltinVariables builtins = new(new BuiltinSources
        {
            WorkingDirectory = "/",
            Environment = name => name == "PATH" ? "/home/me/.dotnet/tools" : null,
            PowerShellHome = home,
            Inspect = path => path switch
            {
                "/home/me/.dotnet/tools/pwsh" => PathKind.File,
                "/home/me/.dotnet/tools/.store/powershell" => PathKind.Directory,
                _ => PathKind.Missing,
            },
            RealPath = path => path,
        });
        Assert.Equal(value, builtins.Find("pwsh_home")!.Value.Single());
    }

    [Theory]
    [InlineData("/srv/pwsh/pwsh", null, "/srv/pwsh", "/env/dotnet")]
    [InlineData("/srv/tool/pwsh", null, "/srv/tool/.store/powershell", "/env/dotnet")]
    [InlineData("/srv/dotnet/dotnet", "/srv/pwsh/pwsh.dll", "/srv/pwsh", "/srv/dotnet")]
    [InlineData("/srv/dotnet/dotnet", "/srv/app/app.dll", "/home/pwsh", "/srv/dotnet")]
    // Wrappers: without what lies beside the real one.
    [InlineData("/usr/local/bin/pwsh", null, "/home/pwsh", "/env/dotnet")]
    [InlineData("/usr/local/bin/dotnet", null, "/home/pwsh", "/env/dotnet")]
    public void The_command_decides_which_PowerShell_and_runtime_are_meant(string program, string? assembly, string home, string runtime)
    {
        string[] directories = ["/srv/tool/.store/powershell", "/srv/dotnet/host/fxr"];
        BuiltinVariables builtins = new BuiltinVariables(new BuiltinSources
        {
            WorkingDirectory = "/",
            Environment = name => name == "DOTNET_ROOT" ? "/env/dotnet" : null,
            PowerShellHome = "/home/pwsh",
            Inspect = path => path == "/srv/pwsh/pwsh.dll" ? PathKind.File : directories.Contains(path) ? PathKind.Directory
                : PathKind.Missing,
            RealPath = path => path,
        }).For(assembly is null ? [program] : [program, assembly]);
        Assert.Equal(home, builtins.Find("pwsh_home")!.Value.Single());
        Assert.Equal(runtime, builtins.Find("dotnet_root")!.Value.Single());
    }

    [Theory]
    [InlineData("/etc/dotnet/install_location", "/opt/dotnet")]
    [InlineData(null, "/usr/lib/dotnet")]
    public void The_runtime_is_found_where_installers_put_it(string? told, string runtime)
    {
        BuiltinVariables builtins = new(new BuiltinSources
        {
            WorkingDirectory = "/",
            Environment = _ => null,
            Inspect = path => path is "/opt/dotnet/host/fxr" or "/usr/lib/dotnet/host/fxr" ? PathKind.Directory : PathKind.Missing,
            Read = (path, _) => path == told ? "/opt/dotnet\n"u8.ToArray() : null,
        });
        Assert.Equal(runtime, builtins.Find("dotnet_root")!.Value.Single());
    }

    [Fact]
    public void Built_in_values_fill_what_documents_leave_open_and_nothing_else()
    {
        Policy policy = Policy.From(FromToml("""
            variable = [{ name = "home" }, { name = "tmp", literal = ["/my/tmp"] }, { name = "other" }]
            path_beneath = [{ allowed_access = ["execute"], parent = ["${home}", "${tmp}", "${other}"] }]
            """));
        PolicyVariables variables = new() { Builtins = Builtins };

        Assert.Equal("/my/tmp: 1", Paths(policy.Resolve().Ruleset));
        Assert.Equal("/home/me: 1\n/my/tmp: 1", Paths(policy.Resolve(variables).Ruleset));
        Assert.Equal("/home/me: 1\n/tmp: 1", Paths(policy.Resolve(variables.WithBuiltin("tmp")).Ruleset));
        Assert.Equal("./out: 1\n/home/me: 1\n/my/tmp: 1\nout: 1",
            Paths(policy.Resolve(variables.With("other", "./out/", "out", "out/.")).Ruleset));
    }

    [Fact]
    public void Given_values_replace_those_of_documents_and_are_text()
    {
        Policy policy = Policy.From(FromToml("""
            variable = [{ name = "rw", literal = ["/tmp"] }]
            path_beneath = [{ allowed_access = ["execute"], parent = ["${rw}", "${new}"] }]
            """));

        Assert.Equal("${rw}: 1\n/a: 1\n/b: 1",
            Paths(policy.Resolve(PolicyVariables.None.With("rw", "/a", "/b").With("new", "${rw}")).Ruleset));
        Assert.Equal("", Paths(policy.Resolve(PolicyVariables.None.With("rw").With("new")).Ruleset));
        Assert.Equal(
            "rv: warning: no document uses the variable 'rv'; did you mean 'rw'?",
            policy.Resolve(PolicyVariables.None.With("new").With("rv", "/x")).Findings[0].ToString());
    }

    [Fact]
    public void Names_and_values_from_outside_are_checked()
    {
        Assert.Throws<PolicyException>(() => PolicyVariables.None.With("a-b", "/"));
        Assert.Throws<PolicyException>(() => PolicyVariables.None.With("a", "x\0y"));
        Assert.Equal("hom: there is no built-in variable 'hom'; did you mean 'home'?",
            Assert.Throws<PolicyException>(() => new PolicyVariables { Builtins = Builtins }.WithBuiltin("hom")).Message);
        Assert.Throws<PolicyException>(() => PolicyVariables.None.WithBuiltin("home"));
    }

    [Fact]
    public void Products_are_bounded()
    {
        string values = string.Join(", ", Enumerable.Range(0, 100).Select(i => $"'{i}'"));
        string Text(string parents) => $"variable = [{{ name = 'x', literal = [{values}] }}]\n"
            + $"path_beneath = [{{ allowed_access = ['execute'], parent = [{parents}] }}]";
        TimeSpan used = ProcessorTime.Of(Try);
        Assert.True(used < TimeSpan.FromSeconds(20), $"{used}");

        void Try()
        {
            Assert.Equal(10_000, RulesetOf(FromToml(Text("'${x}/${x}'"))).PathRules.Length);
            Assert.Equal(
                "a.toml:2:59: '${x}${x}${x}' stands for 1000000 paths; at most 100000 are possible",
                Assert.Throws<PolicyException>(() => RulesetOf(FromToml(Text("'${x}${x}${x}'")))).Message);
            Assert.Contains("at most 100000", Assert.Throws<PolicyException>(
                () => RulesetOf(FromToml(Text($"'{string.Concat(Enumerable.Repeat("${x}", 1000))}'")))).Message, StringComparison.Ordinal);
            string Many(int length) =>
                string.Join(", ", Enumerable.Range(0, 200).Select(i => $"'${{x}}{i}${{x}}{new string('y', length)}'"));
            Assert.Contains("more than 64 million characters",
                Assert.Throws<PolicyException>(() => RulesetOf(FromToml(Text(Many(1000))))).Message, StringComparison.Ordinal);
            // However short they are, each is a rule.
            Assert.Contains("more than 250000 paths", Assert.Throws<PolicyException>(() => RulesetOf(FromToml(Text(Many(1))))).Message,
                StringComparison.Ordinal);
        }
    }
}
