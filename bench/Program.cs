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
Ruleset ruleset = Ruleset.DenyAll(support.Abi).With(rules.Select(path => new PathRule(path, AccessClass.ReadOnly.Rights)), []);
LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
{
    Layers = [ruleset],
    Command = "/bin/true",
    BaseDirectory = "/",
    Sandbox = Sandbox.Strict with { Closure = false },
    Support = support,
});
using SealedPlan prepared = SealedPlan.CreateInPlace(plan, "bench");

List<string> commands = ["bare", "/bin/true"];
Add("C program, 20 rules", [sandboxer, .. rules, "--", "/bin/true"]);
Add("landlock-exec, 20 rules", [Path.Combine(bin, "landlock-exec"), .. prepared.Arguments]);
using Compiled compiled = new(Path.Combine(bin, "landlocked"));
Add("a compiled command, 20 rules", compiled.Write("rules", ["--no-baseline", "--no-closure",
    .. rules.SelectMany(path => new[] { "--read-only", path }), "--", "/bin/true"]));
Add("a compiled command, as users write it", compiled.Write("user", ["--read-only", "/usr", "--", "/bin/true"]));
Add("landlocked, 20 rules", [Path.Combine(bin, "landlocked"), "--no-baseline", "--no-closure",
    .. rules.SelectMany(path => new[] { "--read-only", path }), "--", "/bin/true"]);
Add("landlocked, as users call it", [Path.Combine(bin, "landlocked"), "--read-only", "/usr", "--", "/bin/true"]);
Add("setpriv --no-new-privs", ["/usr/bin/setpriv", "--no-new-privs", "/bin/true"]);
Add("bwrap --ro-bind / /", ["/usr/bin/bwrap", "--ro-bind", "/", "/", "/bin/true"]);
Add("firejail --noprofile", ["/usr/bin/firejail", "--quiet", "--noprofile", "/bin/true"]);
string minijail = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Combine(directory, "minijail0"))
    .FirstOrDefault(File.Exists, "minijail0");
Add("minijail0 -n, 20 Landlock rules", [minijail, "-n", .. rules.Select(path => $"--fs-path-rx={path}"), "--", "/bin/true"]);

using Process process = Process.Start(new ProcessStartInfo(start, ["1000", .. commands]))!;
process.WaitForExit();
return process.ExitCode;

void Add(string name, string[] command)
{
    if (!File.Exists(command[0]))
    {
        Console.Error.WriteLine($"not measured, since it is not installed: {name}");
        return;
    }

    // What cannot run here (a sandboxer that needs more than this machine gives) is left out rather than ending the comparison.
    using Process trial = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
    trial.StandardError.ReadToEnd();
    trial.WaitForExit();
    if (trial.ExitCode == 0) commands.AddRange(["---", name, .. command]);
    else Console.Error.WriteLine($"not measured, since it fails here: {name}");
}
