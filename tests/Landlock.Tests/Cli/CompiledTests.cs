using System.Text.Json;
using Landlock.Linux;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Cli;

/// <summary>`landlocked compile` and `landlocked show`: a command that is its own sandbox.</summary>
public sealed class CompiledTests : IDisposable
{
    private const string Damaged =
        "landlock-exec: this compiled command is damaged, or /proc is not mounted; nothing was run. Compile it again\n";

    private static readonly string[] Tools =
        ["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", "/lib64", "--read-only", "/proc"];

    // A directory that only the user may change: elsewhere no command is compiled.
    private readonly string _place = Directory.CreateTempSubdirectory("compiled-").FullName;
    private readonly Scratch _scratch = new();

    public CompiledTests()
    {
        TempDirectory.SetMode(_place, 0x1ED);
        if (CurrentUser.Id == 0) _scratch.Do("chown 65534 \"$1\"", _place);
    }

    private string File => $"{_place}/it";

    public void Dispose()
    {
        _scratch.Dispose();
        Directory.Delete(_place, recursive: true);
    }

    [CliFact]
    public void It_is_the_command_and_its_arguments_follow()
    {
        Compile([.. Tools, "printf", "<%s>", "a b"]);
        Run(["c", "$d", ""]).Ran("<a b><c><$d><>");
        Compile([.. Tools, "sh", "-c", "cat; exit $1", "sh"]);
        CliRun run = CliRun.Program(new Setup { Input = "in"u8.ToArray() }, File, "7");
        Assert.Equal((7, "in", ""), (run.ExitCode, run.Output, run.Error));
    }

    [CliFact]
    public void It_allows_what_was_allowed()
    {
        string secret = _scratch.File("secret"), shown = _scratch.File("shown");
        Compile([.. Tools, "--read-only", shown, "cat"]);
        Run([shown]).Ran("content\n");
        CliRun run = Run([secret]);
        Assert.Equal((1, $"cat: {secret}: Permission denied\n"), (run.ExitCode, run.Error));
    }

    // No program but the command itself is there to start.
    [CliFact]
    public void It_starts_without_landlocked()
    {
        (string planner, string[] compile) = Copied();
        CliRun.Program(new Setup(), [.. compile, "-o", File, .. Tools, "echo", "hello"]).Ran("");
        _scratch.Do("rm \"$1\"", planner);
        // It decides, so that there is nobody to plan anew.
        CliRun run = Run([]);
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.Equal(Changed("it", planner), run.Error);
        CliRun.Of(["compile", "--frozen", "-o", File, .. Tools, "echo", "hello"]).Ran("");
        Run([]).Ran("hello\n");
    }

    [CliTheory]
    [InlineData("--env", "ADDED=1")]
    [InlineData("--clean-env")]
    [InlineData("--clean-env", "--pass-env", "S*T", "--env", "A=1", "--env", "HOME=/x", "--env", "A=2")]
    [InlineData("--clean-env", "--env", "SECRET", "--remove-env", "HOME", "--remove-env", "PATH")]
    [InlineData("--remove-secret")]
    [InlineData("--remove-secret", "--pass-env", "API_*", "--env", "SECRET")]
    [InlineData("--remove-env", "*E?", "--remove-env", "L*")]
    [InlineData("--remove-env", "?UML", "--env", "NEW=")]
    public void The_environment_is_that_of_the_caller_as_without_compile(params string[] options)
    {
        Setup setup = new()
        {
            Environment =
            [
                "SECRET=token", "API_KEY=x", "my_password=y", "PATH=/usr/bin:/bin", "HOME=/home/me", "LANG=C", "LC_X=", "PATHOLOGY=1",
                "lang=de", "NO_EQUALS_SIGN", "EMPTY=", "\u00fcUML=1", "=ODD",
            ],
        };
        string[] command = ["/usr/bin/env", "-0"];
        Compile([.. options, .. Tools, .. command]);
        string[] direct = Entries(CliRun.Of(setup, [.. options, .. Tools, .. command]));
        Assert.NotEmpty(direct);
        Assert.Equal(direct, Entries(CliRun.Program(setup, File)));

        static string[] Entries(CliRun run) =>
            [.. run.Output.Split('\0').Where(entry => !entry.StartsWith("LANDLOCKPS_SANDBOX_FILE=")).Order(StringComparer.Ordinal)];
    }

    [CliFact]
    public void A_program_that_was_replaced_is_planned_anew()
    {
        string program = _scratch.Program("program", "/bin/echo");
        string[] options = ["--tell-changes", .. Tools, "--read-only", program];
        Compile([.. options, program, "a"]);
        Compile(["--frozen", .. options, program, "a"], File + "2");
        Run(["b"]).Ran("a b\n");
        _scratch.Program("new", "/bin/echo");
        _scratch.Do("mv new program");
        CliRun run = Run(["b"]);
        Assert.Equal((0, "a b\n", $"it: planned anew, since something has changed: {program}\n"), (run.ExitCode, run.Output, run.Error));
        run = CliRun.Program(new Setup(), File + "2", "b");
        Assert.Equal((125, "", Changed("it2", program)), (run.ExitCode, run.Output, run.Error));
        Assert.Contains($"changed since: {program}; it is planned anew at each start; compile it again\n", Show().Output);
        Assert.Contains($"changed since: {program}; it does not start, since it is frozen\n", Show(File + "2").Output);
        Compile([.. options, program, "a"]);
        Run(["b"]).Ran("a b\n");
    }

    [CliFact]
    public void Another_object_at_a_rules_path_is_planned_anew()
    {
        string folder = _scratch.Folder("folder");
        Compile(["--tell-changes", .. Tools, "--read-only", folder, "cat", folder + "/file"]);
        _scratch.Do("mv folder old; mkdir folder; echo other > folder/file");
        CliRun run = Run([]);
        Assert.Equal((0, "other\n", $"it: planned anew, since something has changed: {folder}\n"), (run.ExitCode, run.Output, run.Error));
        // Beneath it everything may change.
        Compile([.. Tools, "--read-only", folder, "cat", folder + "/file"]);
        _scratch.Do("echo more > folder/new; mv folder/new folder/file");
        Run([]).Ran("more\n");
        Assert.Contains("changed since: nothing;", Show().Output);
    }

    [CliFact]
    public void A_policy_decides_until_it_changes()
    {
        string secret = _scratch.File("secret"), policy = $"{_place}/policy.toml";
        WritePolicy(policy, "abi.read_execute", "/usr");
        Compile(["--policy", policy, "cat"]);
        Assert.Equal(1, Run([secret]).ExitCode);
        WritePolicy(policy, "abi.read_execute", "/usr", secret);
        Run([secret]).Ran("content\n");
    }

    [CliFact]
    public void What_was_asked_for_is_asked_again_from_where_it_was()
    {
        string folder = _scratch.Folder("folder");
        string program = _scratch.Program("folder/program", "/bin/cat");
        _scratch.Do("chown 65534 folder || true; chmod 755 folder");
        Setup there = new() { Directory = folder, Environment = ["PATH=.:/usr/bin", "HOME=" + folder] };
        CliRun.Of(there, ["compile", "-o", File, .. Tools, "--read-only", ".", "program", "file"]).Ran("");
        Setup here = new() { Directory = folder, Environment = ["PATH=/nowhere", "HOME=/nowhere"] };
        CliRun.Program(here, File).Ran("content\n");
        _scratch.Do("cd folder; cp program new; mv new program");
        CliRun.Program(here, File).Ran("content\n");
    }

    [CliFact]
    public void A_supervisor_is_started()
    {
        Compile([.. Tools, "--timeout", "1", "sh", "-c", "sleep ${1-0}; echo done", "sh"]);
        Run([]).Ran("done\n");
        Assert.NotEqual(0, Run(["60"]).ExitCode);
        Assert.Contains("planned: at each start, since a supervisor stays beside it\n", Show().Output);
        Refused("frozen would do nothing", ["--frozen", .. Tools, "--timeout", "1", "true"]);
    }

    [CliFact]
    public void A_place_that_others_may_write_is_refused()
    {
        Refused($"others may write to '{_scratch.Path}', and so exchange the command", [.. Tools, "true"], _scratch["it"]);
        _scratch.Do("mkdir -m 755 own; chown 65534 own || true");
        Refused($"others may write to '{_scratch.Path}', and so exchange the command", [.. Tools, "true"], _scratch["own/it"]);
        Refused("is no name for a file", [.. Tools, "true"], _place + "/..");
        Refused($"the directory '{_place}/no' does not exist", [.. Tools, "true"], _place + "/no/it");
        _scratch.Do("echo precious > \"$1\"; chmod 666 \"$1\"", File);
        Refused($"'{File}' is there already, and no compiled command", [.. Tools, "true"]);
        Assert.Equal("precious\n", System.IO.File.ReadAllText(File));
    }

    [CliTheory]
    [InlineData("--read-write")]
    [InlineData("--read-write-execute")]
    [InlineData("--access", "make_reg,remove_file:")]
    [InlineData("--access", "write_file:")]
    public void A_place_that_the_sandbox_may_change_is_refused(params string[] option)
    {
        string[] options = option.Length == 2 ? [option[0], option[1] + _place] : [option[0], _place];
        Refused($"a command in this sandbox could change '{File}', and so get out of it", [.. Tools, .. options, "true"]);
    }

    [CliFact]
    public void What_decides_may_not_be_changed_by_the_sandbox()
    {
        string policy = _scratch["policy.toml"];
        WritePolicy(policy, "abi.all", "/usr", _scratch.Path);
        Refused($"a command in this sandbox could change '{policy}'", ["--policy", policy, "true"]);
        Assert.False(System.IO.File.Exists(File));
        // Frozen, it runs as it was compiled, or not at all.
        Compile(["--frozen", "--policy", policy, "true"]);
        Run([]).Ran("");
        WritePolicy(policy, "abi.all", "/");
        Assert.Equal((125, Changed("it", policy)), (Run([]).ExitCode, Run([]).Error));
    }

    [CliFact]
    public void A_damaged_file_runs_nothing()
    {
        Compile([.. Tools, "touch", _scratch["ran"]]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        int image = whole.AsSpan().LastIndexOf("LLPLAN\0\0"u8);
        Assert.True(image > 0);
        Random random = new(1);
        int[] places = [image, image + 9, image + 12, image + 100, .. Enumerable.Range(0, 10).Select(_ => image + random.Next(4000))];
        foreach (int place in places)
        {
            byte[] damaged = [.. whole];
            damaged[place] ^= (byte)(1 << random.Next(8));
            Replace(damaged);
            CliRun run = Run([]);
            Assert.Equal((125, "", Damaged), (run.ExitCode, run.Output, run.Error));
            Assert.Contains("is damaged; compile it again", Show().Error);
        }

        foreach (int length in (int[])[image, image + 8, image + 400])
        {
            Replace(whole[..length]);
            CliRun run = Run([]);
            Assert.Equal((125, "", Damaged), (run.ExitCode, run.Output, run.Error));
        }

        Assert.False(System.IO.File.Exists(_scratch["ran"]));
    }

    [CliFact]
    public void A_file_that_others_may_write_runs_nothing()
    {
        const string line =
            "landlock-exec: others than root and this user may write to this compiled command; nothing was run. See who did\n";
        Compile([.. Tools, "true"]);
        foreach (string mode in (string[])["775", "757"])
        {
            _scratch.Do("chmod \"$2\" \"$1\"", File, mode);
            CliRun run = Run([]);
            Assert.Equal((125, line), (run.ExitCode, run.Error));
        }

        if (CurrentUser.Id != 0) return;
        _scratch.Do("chmod 755 \"$1\"; chown 1 \"$1\"", File);
        Assert.Equal((125, line), (Run([]).ExitCode, Run([]).Error));
        _scratch.Do("chown 0 \"$1\"", File);
        Run([]).Ran("");
    }

    [CliFact]
    public void It_is_shown()
    {
        Compile([.. Tools, "echo", "a b"]);
        string[] lines = Show().Output.Split('\n');
        Assert.StartsWith("compiled: ", lines[0]);
        Assert.Equal($"asked for: landlocked compile -o {File} {string.Join(' ', Tools)} echo 'a b'", lines[1]);
        Assert.Equal("changed since: nothing; it starts as below", lines[3]);
        string[] dry = CliRun.Of(["--dry-run", .. Tools, "echo", "a b"]).Output.Split('\n');
        Assert.Equal(dry, lines[4..]);
        CliRun json = CliRun.Of(["show", "--json", File]);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal("", json.Error);
        CliRun none = CliRun.Of(["show", "/bin/true"]);
        Assert.Equal((125, "landlocked: '/bin/true' is no compiled command; write one with landlocked compile\n"),
            (none.ExitCode, none.Error));
    }

    [CliFact]
    public void It_is_told_its_sandbox_in_its_own_file()
    {
        Compile([.. Tools, "sh", "-c", "echo $LANDLOCKPS_SANDBOX $LANDLOCKPS_SANDBOX_FILE"]);
        string first = Run([]).Output, second = Run([]).Output;
        Assert.StartsWith($"sandbox {File}//0-", first, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
        // A sandbox within knows of both.
        string run = _scratch["run"];
        _scratch.Do("mkdir -m 700 run; chown 65534 run || true");
        Compile([.. Tools, "--read-only", Path.GetDirectoryName(CliRun.Landlocked)!, "--read-write", run, CliRun.Landlocked, .. Tools,
            "sh", "-c", "echo $LANDLOCKPS_SANDBOX; cat \"$LANDLOCKPS_SANDBOX_FILE\""]);
        CliRun inner = CliRun.Program(new Setup { Environment = ["PATH=/usr/bin:/bin", $"XDG_RUNTIME_DIR={run}"] }, File);
        Assert.Equal(("", 0), (inner.Error, inner.ExitCode));
        string[] lines = inner.Output.Split('\n');
        Assert.Equal("sandbox>sandbox", lines[0]);
        Assert.Equal(2, lines.Count(line => line.StartsWith("layer ", StringComparison.Ordinal)));
        Assert.DoesNotContain("outer", lines);
    }

    private static string Changed(string name, string path) =>
        $"{name}: since this command was compiled, something has changed: {path}; nothing was run; compile it again\n";

    private void WritePolicy(string file, string access, params string[] paths) =>
        _scratch.Do("printf '%s' \"$2\" > \"$1\"", file, "abi = 6\n[[ruleset]]\nhandled_access_fs = ['abi.all']\n[[path_beneath]]\n"
            + $"allowed_access = ['{access}']\nparent = ['{string.Join("', '", paths)}']\n");

    private (string Planner, string[] Command) Copied()
    {
        _scratch.Do("mkdir -m 755 \"$2/bin\"; cp \"$1\"/landlocked \"$1\"/landlock-exec \"$2/bin/\"; "
            + "chmod -R a+rX,go-w \"$2/bin\"", Path.GetDirectoryName(CliRun.Landlocked)!, _place);
        return ($"{_place}/bin/landlocked", [$"{_place}/bin/landlocked", "compile"]);
    }

    private void Compile(string[] words, string? file = null) => CliRun.Of(["compile", "-o", file ?? File, .. words]).Ran("");

    private void Refused(string sentence, string[] words, string? file = null)
    {
        CliRun run = CliRun.Of(["compile", "-o", file ?? File, .. words]);
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.EndsWith(".\n", run.Error.Replace("nothing was written\n", "nothing was written.\n"), StringComparison.Ordinal);
    }

    private CliRun Run(string[] words) => CliRun.Program(new Setup(), [File, .. words]);

    private CliRun Show(string? file = null) => CliRun.Of(["show", file ?? File]);

    // By another process: a file that this one has written stays busy while any child holds the descriptor.
    private void Replace(byte[] content)
    {
        System.IO.File.WriteAllBytes(_scratch["content"], content);
        _scratch.Do("cp content new; chmod 755 new; chown 65534 new || true; mv new \"$1\"", File);
    }
}
