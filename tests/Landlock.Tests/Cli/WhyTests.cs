using System.Text.Json;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>`landlocked why`: allowed or not, by which rule, and what would allow it.</summary>
public sealed class WhyTests : IDisposable
{
    private static readonly string[] Tools =
    [
        "--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", "/lib64", "--read-only", "/proc",
        "--read-only", Path.GetDirectoryName(CliRun.Landlocked)!,
    ];

    private const string Otherwise =
        "to ask about another sandbox, add its options, such as --read-only /usr, --profile NAME or --policy FILE";

    private readonly Scratch _scratch = new();

    public WhyTests() => _scratch.Do($"mkdir -m 700 run; {(CurrentUser.Id == 0 ? "chown 65534 run" : "")}");

    public void Dispose() => _scratch.Dispose();

    private Setup Setup => new() { Environment = ["PATH=/usr/bin:/bin", $"XDG_RUNTIME_DIR={_scratch["run"]}"] };

    [CliFact]
    public void The_options_of_a_sandbox_are_asked_about()
    {
        CliRun.Of("why", "--read-only", "/usr", "/usr/bin/env", "--access", "ReadOnly").Ran(
            "/usr/bin/env: ReadOnly allowed\n  allowed by ReadOnly /usr, layer 1\n");
        CliRun.Of("why", "--read-only", "/usr", "/usr/bin/env", "/etc/passwd").Ran(
            "/usr/bin/env: ReadData allowed\n  allowed by ReadOnly /usr, layer 1\n"
            + "/etc/passwd: ReadData denied\n  layer 1 denies read_file on /etc/passwd\n  to allow it: --read-data /etc/passwd\n", 1);
        CliRun.Of("why", "--access", "write_file:/usr", "--access=write_file", "--", "/usr/x").Ran(
            "/usr/x: write_file allowed\n  allowed by write_file /usr, layer 1\n");
        CliRun.Of("why", "--connect-tcp", "443", "--access", "connect-tcp", "443", "80").Ran(
            "port 443: connect_tcp allowed\n  allowed by connect_tcp 443, layer 1\n"
            + "port 80: connect_tcp denied\n  layer 1 denies connect_tcp on port 80\n  to allow it: --connect-tcp 80\n", 1);
        CliRun.Of("why", "--unrestricted", "net", "--access", "bind_tcp", "8080").Ran(
            "port 8080: bind_tcp allowed\n  no layer restricts it\n");
        if (RunningKernel.Support.Abi >= 6)
            CliRun.Of("why", "--read-only", "/", "--access", "signal").Ran(
                "signal: signal denied\n  layer 1 denies signal on outside the sandbox\n  to allow it: --unrestricted scope\n", 1);
    }

    [CliFact]
    public void What_cannot_be_meant_is_an_error()
    {
        CliRun.Of("why", "/etc").Refused($"landlocked: why is about the sandbox that it is called in, and this is none; {Otherwise}");
        CliRun.Of(new Setup { Environment = ["LANDLOCKPS_SANDBOX=x", "LANDLOCKPS_SANDBOX_FILE=/etc/passwd"] }, "why", "/etc").Refused(
            $"landlocked: why is about the sandbox that it is called in, and this is none; {Otherwise}");
        CliRun.Of("why", "--read-only", "/").Refused("landlocked: why needs a PATH; write: landlocked why /etc/passwd");
        CliRun.Of("why", "--read-only", "/", "--access", "bind_tcp").Refused(
            "landlocked: why needs a port; write: landlocked why --access bind_tcp 443");
        CliRun.Of("why", "--read-only", "/", "--access", "signal", "/etc").Refused(
            "landlocked: signal is about everything outside; leave out '/etc'");
        CliRun.Of("why", "--read-only", "/", "--access", "execute", "--access", "refer", "/").Refused(
            "landlocked: --access: what is asked for was given twice; write one list: --access execute,refer");
        CliRun.Of("why", "--timeout", "1", "/").Refused("landlocked: unknown option '--timeout' (see landlocked --help)");
        CliRun misspelt = CliRun.Of("why", "--read-only", "/", "--access", "exeute", "/");
        Assert.Contains("'exeute' is no access. Did you mean 'execute'?", misspelt.Error, StringComparison.Ordinal);
        CliRun.Of("--", "why").Refused("landlocked: the command 'why' was not found in PATH; nothing was run", 127);
    }

    [CliFact]
    public void In_a_sandbox_it_is_about_that_one()
    {
        string secret = _scratch.File("secret");
        string[] question = [CliRun.Landlocked, "why", "--access", "ReadData", secret, "/usr/share"];
        CliRun run = CliRun.Of(Setup, [.. Tools, .. question]);
        Assert.Equal("", run.Error);
        string[] lines = run.Output.Split('\n');
        Assert.StartsWith("As it was started with: sandbox, since 20", lines[0], StringComparison.Ordinal);
        Assert.Equal([$"{secret}: ReadData denied", $"  layer 1 denies read_file on {secret}", $"  to allow it: --read-data {secret}",
            "/usr/share: ReadData allowed", "  allowed by ReadOnly /usr, layer 1", ""], lines[1..]);
        Assert.Equal(1, run.ExitCode);
        // The kernel says the same, and a nested sandbox has both layers.
        Assert.Contains("Permission denied", CliRun.Of(Setup, [.. Tools, "/bin/cat", secret]).Error, StringComparison.Ordinal);
        string[] outer = [.. Tools, "--read-write", _scratch["run"]];
        CliRun nested = CliRun.Of(Setup, [.. outer, CliRun.Landlocked, .. Tools, "--read-data", secret, .. question]);
        Assert.Contains($"\n{secret}: ReadData denied\n  layer 1 denies read_file on {secret}\n  allowed by read_file {secret}, layer 2\n",
            nested.Output, StringComparison.Ordinal);
        Assert.StartsWith("As it was started with: sandbox>sandbox, ", nested.Output, StringComparison.Ordinal);
        // Where the inner one is not told of the outer one.
        CliRun untold = CliRun.Of(Setup, [.. outer, "/bin/sh", "-c", "unset LANDLOCKPS_SANDBOX_FILE; exec \"$@\"", "sh",
            CliRun.Landlocked, .. Tools, .. question]);
        Assert.Contains("\nThere is a sandbox around it of which nothing is known here.\n", untold.Output, StringComparison.Ordinal);
    }

    [CliFact]
    public void What_a_sandbox_may_have_made_up_is_an_error_at_most()
    {
        const string Unread = "landlocked: what this sandbox was started with cannot be read: ";
        string junk = _scratch.File("junk", "junk");
        string made = _scratch.File("made",
            "landlockps 2\nname \u001b[31m\ncommand x\nstarted 1\nlayer 7 4 0 0 0\npath 4 4 0 0 - /\u001b[32m\n");
        Assert.Equal($"{Unread}'{junk}' is not as it was written; {Otherwise}\n", Ask(junk).Error);
        foreach (string file in (string[])["/gone", "/dev/zero", "/etc", "relative"])
            Assert.Equal($"{Unread}'{file}' is missing, or may not be read; {Otherwise}\n", Ask(file).Error);
        Assert.Equal("landlocked: this process is in a sandbox that it was told nothing of: LANDLOCKPS_SANDBOX_FILE is not set; "
            + $"{Otherwise}\n", Ask("").Error);
        Assert.StartsWith("As it was started with: \\x1b[31m, since 1970-01-01 00:00:01Z\n", Ask(made).Output, StringComparison.Ordinal);

        CliRun Ask(string file) => CliRun.Of(Setup, [.. Tools, "--read-only", _scratch.Path, "/bin/sh", "-c",
            "LANDLOCKPS_SANDBOX_FILE=$1 exec \"$2\" why /etc", "sh", file, CliRun.Landlocked]);
    }

    [CliFact]
    public void Json_has_everything()
    {
        CliRun run = CliRun.Of("why", "--json", "--read-only", "/usr", "/usr", "/etc");
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        JsonElement root = JsonDocument.Parse(run.OutputBytes).RootElement, denied = root.GetProperty("answers")[1];
        Assert.Equal(JsonValueKind.Null, root.GetProperty("asStarted").ValueKind);
        Assert.Equal("ReadOnly /usr", root.GetProperty("answers")[0].GetProperty("rules")[0].GetProperty("rule").GetString());
        Assert.Equal(("/etc", "ReadData"), (denied.GetProperty("target").GetString(), denied.GetProperty("access").GetString()));
        Assert.False(denied.GetProperty("allowed").GetBoolean());
        Assert.Equal("--read-data /etc", denied.GetProperty("fixes")[0].GetProperty("option").GetString());
        Assert.Equal("read_dir", denied.GetProperty("layers")[0].GetProperty("missing")[1].GetString());
        CliRun inside = CliRun.Of(Setup, [.. Tools, CliRun.Landlocked, "why", "--json", "/usr"]);
        JsonElement started = JsonDocument.Parse(inside.OutputBytes).RootElement.GetProperty("asStarted");
        Assert.Equal("sandbox", started.GetProperty("name").GetString());
    }
}
