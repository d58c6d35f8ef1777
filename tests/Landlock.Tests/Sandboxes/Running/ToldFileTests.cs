using System.Diagnostics;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Running;
using Landlock.Tests.Sandboxes.Needs;
using KernelFactAttribute = Landlock.Tests.Linux.KernelFactAttribute;

namespace Landlock.Tests.Sandboxes.Running;

/// <summary>Files that tell of sandboxes: their names, and when they go.</summary>
public sealed class ToldFileTests : IDisposable
{
    private const string Id = "bcdfghjk";
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("/x/1-bcdfghjk", Id)]
    [InlineData("1-bcdfghjk", null)]
    [InlineData("/x/1-bcdfghj", null)]
    [InlineData("/x/1-bcdfghja", null)]
    [InlineData("/x/a-bcdfghjk", null)]
    [InlineData("/x/1-bcdfghjk-", null)]
    [InlineData("/x/1-bcdfghjk/", null)]
    [InlineData("", null)]
    public void A_name_is_one_or_it_is_none(string path, string? id) => Assert.Equal(id, ToldFile.IdOf(path));

    [KernelFact]
    public void A_plan_that_is_started_again_is_told_once()
    {
        LaunchPlan plan = Sandbox.Strict.Plan("/bin/true"), other = Sandbox.Strict.ReadOnly("/usr").Plan("/bin/true");
        ToldFile.Written? last = null;
        string first = FileOf(ToldFile.Tell(plan, ref last));
        Assert.Equal(first, FileOf(ToldFile.Tell(plan, ref last)));
        string second = FileOf(ToldFile.Tell(other, ref last));
        Assert.NotEqual(first, second);
        File.Delete(second);
        Assert.NotEqual(second, FileOf(ToldFile.Tell(other, ref last)));
        // Each start of another plan is a sandbox of its own.
        Assert.NotEqual(FileOf(ToldFile.Tell(plan)), FileOf(ToldFile.Tell(plan)));
    }

    [Fact]
    public void What_no_process_names_goes_after_a_while()
    {
        ulong space = ProcessNamespace.Number()!.Value;
        string used = _temp.Write($"{space}-{Id}", "", executable: false);
        string unused = _temp.Write($"{space}-{Id[1..]}b", "", executable: false);
        string elsewhere = _temp.Write($"{space + 1}-{Id}", "", executable: false), other = _temp.Write("other", "", executable: false);
        ProcessStartInfo start = new("/bin/sleep", "60") { Environment = { [ToldFile.Variable] = used } };
        using Process process = Process.Start(start)!;
        try
        {
            ToldFile.Sweep(_temp.Path, space, TimeSpan.FromMinutes(1));
            Assert.True(File.Exists(unused));
            ToldFile.Sweep(_temp.Path, space, TimeSpan.Zero);
            Assert.Equal([elsewhere, other, used], ((string[])[elsewhere, other, used, unused]).Where(File.Exists));
        }
        finally
        {
            process.Kill();
        }

        process.WaitForExit();
        ToldFile.Sweep(_temp.Path, space, TimeSpan.Zero);
        Assert.False(File.Exists(used));
    }

    private static string FileOf(LaunchPlan plan)
    {
        string file = EnvironmentSelection.Value(plan.Start.Environment ?? plan.Start.Variables, ToldFile.Variable)!;
        Assert.All(plan.Layers, layer => Assert.Equal(file, layer.PathRules[^1].Path));
        return file;
    }
}
