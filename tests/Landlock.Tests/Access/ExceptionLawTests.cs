using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Access;

/// <summary>
/// Whatever is excepted from whatever tree, nothing is allowed there by any name, nor can its name be exchanged; what the kernel does is
/// what the evaluator says (<see cref="KernelOracleTests"/>).
/// </summary>
[Collection(Alone.Name)]
public sealed class ExceptionLawTests
{
    private const AccessFs OverEntries = AccessFs.MakeReg | AccessFs.MakeDir | AccessFs.MakeSym | AccessFs.RemoveFile | AccessFs.RemoveDir;

    [SandboxFact]
    public void What_is_excepted_is_allowed_by_no_name_and_keeps_its_name()
    {
        int seed = Environment.GetEnvironmentVariable("LANDLOCKPS_SEED") is { Length: > 0 } given ? int.Parse(given)
            : Environment.TickCount;
        int kept = 0;
        int rounds = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1" ? 500 : 8;
        for (int round = 0; round < rounds; round++)
        {
            int present = seed + round;
            OracleRun.OnThread(() => kept += Round(new Random(present), present));
        }

        Assert.True(kept > 5, $"{kept} of the rules could be kept (seed {seed})");
    }

    private static int Round(Random random, int seed)
    {
        int kept = 0;
        using RandomTree tree = new(random, "/bin/true", Posix.geteuid() == 0 ? Who.Root : Who.Ordinary);
        AccessFs all = AbiTable.AllFs(RunningKernel.Support.Abi);
        for (int i = 0; i < 20; i++)
        {
            string path = random.Next(2) == 0 ? tree.Root : tree.Pick(tree.Of("dir").ToArray()).Path;
            AccessFs access = all & (random.Next(2) == 0 ? AccessClass.ReadWriteExecute.Rights : (AccessFs)random.NextInt64());
            if (access == 0 || RandomLayers.Excepting(tree, random, all, path, access, out PathRule rule) is not { } rules) continue;
            kept++;
            AccessEvaluator evaluator = new([RandomLayers.Make(all, 0, 0, rules, [], RunningKernel.Support.Abi)], "/");
            string top = PosixFile.RealPath(path)!;
            string[] exceptions = [.. rule.Except.Select(exception => PosixFile.RealPath(exception)!)];
            foreach (TreeEntry entry in tree.Entries)
            {
                if (PosixFile.RealPath(entry.Path) is not { } real) continue;
                AccessFs relevant = access & (PosixEntry.Look(real, follow: false).IsDirectory ? all : AbiTable.FileRights);
                string what = $"seed {seed}: {rule}: {entry.Path} is {real}";
                if (exceptions.Any(exception => PathRule.IsBeneath(real, exception)))
                    Assert.All(Single(relevant), right => Assert.False(evaluator.IsAllowed(entry.Path, right), $"{what}: {right}"));
                else if (PathRule.IsBeneath(real, top) && exceptions.Any(exception => PathRule.IsBeneath(exception, real)))
                    Assert.All(Single(access & OverEntries), right => Assert.False(evaluator.IsAllowed(real, right), $"{what}: {right}"));
            }

            if ((access & OverEntries) == 0) continue;
            foreach (string link in rule.Except.SelectMany(LinkTrail.Of).Where(link => link != top && PathRule.IsBeneath(link, top)))
                Assert.All(Single(access & OverEntries),
                    right => Assert.False(evaluator.IsAllowed(Path.GetDirectoryName(link)!, right), $"seed {seed}: {rule}: {link}"));
        }

        return kept;
    }

    private static IEnumerable<AccessFs> Single(AccessFs rights) => Enumerable.Range(0, 17).Select(bit => (AccessFs)(1UL << bit))
        .Where(right => (rights & right) != 0);
}
