// Compares how long commands take to start: bare, and through several sandboxers, each with the same 20 rules where it takes rules.
using System.Diagnostics;
using Landlock.Bench;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Rulesets;

if (args is ["policy"])
{
    PolicyBench.Run();
    return 0;
}

if (args is ["access"])
{
    AccessBench.Run();
    return 0;
}

if (args is ["rules", ..] && args.Length == 4)
{
    RuleBench.Run(args[1], args[2], args[3]);
    return 0;
}

if (args.Length != 3)
{
    Console.Error.WriteLine("usage: Bench START SANDBOXER BIN   (the two C programs, and the folder of landlock-exec and landlocked), the "
        + "same after rules, or: Bench policy, Bench access");
    return 2;
}

(string start, string sandboxer, string bin) = (args[0], args[1], args[2]);
string[] rules = [.. Directory.GetDirectories("/usr/share").Order(StringComparer.Ordinal).Take(17), "/usr", "/lib", "/lib64"];
LandlockSupport support = RunningKernel.Support;
Ruleset ruleset = Ruleset.DenyAll(support.Abi).With(rules.Select(path => new PathRule(path, AccessClass.ReadOnly.Rights)),
    [new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp)]);
LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
{
    Layers = [ruleset],
    Command = "/bin/true",
    BaseDirectory = "/",
    Sandbox = Sandbox.Strict with { Closure = false },
    Support = support,
});
using SealedPlan prepared = SealedPlan.CreateInPlace(plan, "bench");
string landlocked = Path.Combine(bin, "landlocked"), policy = Path.GetTempFileName();
File.WriteAllText(policy, RuleBench.Policy(rules, support.Abi) + "\n[[net_port]]\nallowed_access = [\"connect_tcp\"]\nport = [443]\n");

List<string> commands = ["bare", "/bin/true"];
Add("an equivalent C program", [sandboxer, .. rules, "--", "/bin/true"]);
Add("`landlock-exec`", [Path.Combine(bin, "landlock-exec"), .. prepared.Arguments]);
Add("`setpriv`", [Peer("SETPRIV", "setpriv"), "--no-new-privs", "--landlock-access", "fs",
    .. rules.SelectMany(path => new[] { "--landlock-rule", $"path-beneath:execute,read-file,read-dir:{path}" }), "/bin/true"]);
Add("`minijail0 -n`", [Peer("MINIJAIL", "minijail0"), "-n", .. rules.Select(path => $"--fs-path-rx={path}"), "--", "/bin/true"]);
Add("`bwrap --ro-bind / /`, no rules", [Peer("BWRAP", "bwrap"), "--ro-bind", "/", "/", "/bin/true"]);
Add("*`landrun`", [Peer("LANDRUN", "landrun"), .. rules.SelectMany(path => new[] { "--rox", path }), "--connect-tcp", "443", "/bin/true"]);
using Compiled compiled = new(landlocked);
Add("a compiled command", compiled.Write("rules", ["--no-baseline", "--no-closure",
    .. rules.SelectMany(path => new[] { "--read-only", path }), "--", "/bin/true"]));
Add("a compiled command, as users write it", compiled.Write("user", ["--read-only", "/usr", "--", "/bin/true"]));
Add("`landlocked`, by options", [landlocked, "--no-baseline", "--no-closure",
    .. rules.SelectMany(path => new[] { "--read-only", path }), "--connect-tcp", "443", "--", "/bin/true"]);
Add("`landlocked`, by a policy in TOML", [landlocked, "--no-baseline", "--no-closure", "--policy", policy, "--", "/bin/true"]);
Add("`landlocked`, as users call it", [landlocked, "--read-only", "/usr", "--", "/bin/true"]);
Add("`firejail --noprofile`, no rules", [Peer("FIREJAIL", "firejail"), "--quiet", "--noprofile", "/bin/true"]);

using Process process = Process.Start(new ProcessStartInfo(start, ["500", .. commands]))!;
process.WaitForExit();
File.Delete(policy);
return process.ExitCode;

// Where a variable says that it is, or on PATH.
static string Peer(string variable, string name) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named
    : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists, name);

void Add(string name, string[] command)
{
    if (!File.Exists(command[0]))
    {
        Console.WriteLine($"not measured, since it is not installed: {name.TrimStart('*')}");
        return;
    }

    // What cannot run here (a sandboxer that needs more than this machine gives) is left out rather than ending the comparison.
    using Process trial = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
    trial.StandardError.ReadToEnd();
    trial.WaitForExit();
    if (trial.ExitCode == 0) commands.AddRange(["---", name, .. command]);
    else Console.WriteLine($"not measured, since it fails here: {name.TrimStart('*')}");
}
