using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Landlock.Sandboxes;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>Plans that are damaged, or not plans at all: they are refused as a whole, before anything is done.</summary>
public sealed class HostilePlanTests : IDisposable
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";

    private readonly TemporaryDirectory temporary = new();

    public static TheoryData<string> Damages => [.. Damage.Keys];

    private static Dictionary<string, Action<PlanImage>> Damage { get; } = new()
    {
        ["magic"] = image => image.Header.Magic++,
        ["version before"] = image => image.Header.Version--,
        ["version after"] = image => image.Header.Version++,
        ["size too small"] = image => image.Header.Size--,
        ["size too large"] = image => image.Header.Size++,
        ["unknown flag"] = image => image.Header.Flags |= 1024,
        ["layers although it has none on purpose"] = image => image.Header.Flags |= (uint)(PlanFlags.AwaitTracer | PlanFlags.Unrestricted),
        ["no layer, and no tracer"] = image => (image.Header.LayerCount, image.Header.Flags) = (0, (uint)PlanFlags.Unrestricted),
        ["no layer, not on purpose, with a tracer"] =
            image => (image.Header.LayerCount, image.Header.Flags) = (0, (uint)PlanFlags.AwaitTracer),
        ["both ways to set the mask"] = image => image.Header.Flags = 3,
        ["script that is not called as one"] = image => image.Header.Flags |= (uint)PlanFlags.TakeArguments,
        ["inherited environment that is added to"] =
            image => (image.Header.Flags, image.Header.EnvironmentCount) = ((uint)PlanFlags.AddToEnvironment, uint.MaxValue),
        ["compiled command that is a plan of its own"] =
            image => (image.Header.Flags, image.Header.Planner) = ((uint)PlanFlags.Compiled, image.Header.Program.Path),
        ["frozen although not compiled"] = image => image.Header.Flags |= (uint)PlanFlags.Frozen,
        ["planned at each start although not compiled"] = image => image.Header.Flags |= (uint)PlanFlags.AlwaysPlan,
        ["rules for variables of an environment that is the plan's"] =
            image => (image.Header.Flags, image.Header.VariableCount) = ((uint)PlanFlags.SetSignalMask, 1),
        ["variables dropped from an environment that is the plan's"] =
            image => (image.Header.Flags, image.Header.VariableCount) = ((uint)PlanFlags.DropVariables, 0),
        ["rules for variables that overflow"] = image => image.Header.VariableCount = 0x1000_0001,
        ["rule for a variable without text"] = image => image.Variable.Text = 0,
        ["unknown rule for a variable"] = image => image.Variable.Action = 3,
        ["unknown flag of a rule for a variable"] = image => image.Variable.Flags = 4,
        ["rule for a variable with a reserved number"] = image => image.Variable.Reserved = 1,
        ["file that decided, although not compiled"] =
            image => (image.Header.WitnessCount, image.Header.WitnessOffset) = (1, image.Header.ArgumentOffset),
        ["refusal within the header"] = image => image.Header.Refusal = 8,
        ["refusal beyond the end"] = image => image.Header.Refusal = image.Header.Size,
        ["temporary files within the header"] = image => image.Header.Scratch = 8,
        ["temporary files without a name"] =
            image => (image.Header.Scratch, image.Header.ScratchParent) = (image.Header.Program.Path, image.Header.Program),
        ["temporary files beyond the end"] = image => image.Header.Scratch = uint.MaxValue,
        ["names beyond the end"] = image => (image.Header.NameCount, image.Header.NameOffset) = (1, image.Header.Size & ~7u),
        ["names that overflow"] = image => (image.Header.NameCount, image.Header.NameOffset) = (0x4000_0001, image.Header.ArgumentOffset),
        ["name within the header"] = image => Name(image, (uint)Unsafe.SizeOf<PlanHeader>() - 1),
        ["name that ends beyond the end"] = image => Name(image, image.Header.Size - 11),
        ["name far beyond the end"] = image => Name(image, uint.MaxValue),
        ["standard input as standard error"] = image => image.Header.StandardError = 1,
        ["standard error as itself"] = image => image.Header.StandardError = 2,
        ["path of temporary files without any"] = image => image.Header.ScratchPath = image.Header.Program.Path,
        ["a user namespace for no overlay"] = image => image.Header.Flags |= (uint)PlanFlags.UserNamespace,
        ["overlays beyond the end"] = image => (image.Header.OverlayCount, image.Header.OverlayOffset) = (1, image.Header.Size & ~7u),
        ["overlays that overflow"] =
            image => (image.Header.OverlayCount, image.Header.OverlayOffset) = (0x0400_0001, image.Header.LayerOffset),
        ["overlays within the header"] = image => (image.Header.OverlayCount, image.Header.OverlayOffset) = (1, 8),
        ["no layer"] = image => image.Header.LayerCount = 0,
        ["17 layers"] = image => image.Header.LayerCount = 17,
        ["layers within the header"] = image => image.Header.LayerOffset = 8,
        ["layers not aligned"] = image => image.Header.LayerOffset += 4,
        ["layers beyond the end"] = image => image.Header.LayerOffset = image.Header.Size & ~7u,
        ["no program"] = image => image.Header.Program.Path = 0,
        ["program within the header"] = image => image.Header.Program.Path = 4,
        ["program beyond the end"] = image => image.Header.Program.Path = image.Header.Size,
        ["program far beyond the end"] = image => image.Header.Program.Path = uint.MaxValue,
        ["no arguments"] = image => image.Header.ArgumentCount = 0,
        ["more arguments than bytes"] = image => image.Header.ArgumentCount = 0x4000_0001,
        ["most arguments"] = image => image.Header.ArgumentCount = uint.MaxValue,
        ["arguments not aligned"] = image => image.Header.ArgumentOffset += 4,
        ["absent argument"] = image => image.At<uint>(image.Header.ArgumentOffset) = 0,
        ["environment one short of inherited"] = image => image.Header.EnvironmentCount = uint.MaxValue - 1,
        ["environment that overflows"] = image => (image.Header.EnvironmentCount, image.Header.EnvironmentOffset) = (0x4000_0000, 200),
        ["directory within the header"] = image => image.Header.Directory.Path = 1,
        ["limit that overflows"] = image => image.Header.LimitCount = 0x0AAA_AAAB,
        ["limit number above 32 bits"] = image => image.At<PlanLimit>(image.Header.LimitOffset).Resource |= 1ul << 32,
        ["keeps standard error"] = image => image.At<uint>(image.Header.KeepOffset) = 2,
        ["keeps one twice"] = image => image.At<uint>(image.Header.KeepOffset) = 200,
        ["keeps in the wrong order"] = image => image.At<uint>(image.Header.KeepOffset) = 201,
        ["empty filter"] = image => image.At<PlanFilter>(image.Header.FilterOffset).Count = 0,
        ["long filter"] = image => image.At<PlanFilter>(image.Header.FilterOffset).Count = 4097,
        ["filter beyond the end"] = image => image.At<PlanFilter>(image.Header.FilterOffset).Offset = image.Header.Size & ~7u,
        ["one message"] = image => image.Header.MessageCount = 1,
        ["one message too many"] = image => image.Header.MessageCount++,
        ["message beyond the end"] = image => image.At<PlanMessage>(image.Header.MessageOffset).After = image.Header.Size,
        ["message with a reserved number"] = image => image.At<PlanMessage>(image.Header.MessageOffset).Reserved = 1,
        ["absent errno text"] = image => image.At<PlanErrorText>(image.Header.ErrorTextOffset).Text = 0,
        ["absent execve text"] = image => image.At<PlanErrorText>(image.Header.ExecuteTextOffset).Text = 0,
        ["errno texts that overflow"] = image => image.Header.ErrorTextCount = 0x2000_0000,
        ["thread name without end"] = image => image.Header.ThreadName1 = ulong.MaxValue,
        ["attribute too small"] = image => image.Layer.AttributeSize = 0,
        ["attribute too large"] = image => image.Layer.AttributeSize = 64,
        ["attribute of odd size"] = image => image.Layer.AttributeSize = 12,
        ["attribute beyond the end"] = image => image.Layer.AttributeOffset = uint.MaxValue & ~7u,
        ["layer with a reserved number"] = image => image.Layer.Reserved = 1,
        ["path rules that overflow"] = image => image.Layer.PathRuleCount = 0x0555_5556,
        ["port rules that overflow"] = image => image.Layer.PortRuleCount = 0x1000_0001,
        ["absent path"] = image => image.Rule.Target.Path = 0,
        ["unknown flag of an object"] = image => image.Rule.Target.Flags = 16,
        ["rule for temporary files that are not made"] = image => image.Rule.Flags = (uint)PlanRuleFlags.Scratch,
        ["rule with a reserved number"] = image => image.Rule.Reserved = 1,
        ["label beyond the end"] = image => image.Rule.Label = image.Header.Size,
        ["unknown rule flag"] = image => image.Rule.Flags = 8,
        ["unknown rule flag above"] = image => image.Rule.Flags = 128,
        ["port 65536"] = image => image.At<PlanPortRule>(image.Layer.PortRuleOffset).Port = 65536,
        ["text without end"] = image => image.Bytes.AsSpan((int)image.Header.Program.Path).Fill((byte)'x'),
    };

    public void Dispose() => temporary.Dispose();

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_plan_is_refused(string name)
    {
        string witness = temporary["witness"];
        PlanBuilder plan = Full("/bin/touch", witness);
        plan.Layers[0].Path(temporary.Root, AllFs);
        PlanImage image = new(plan.Build());
        Assert.True(PlanOracle.IsValid(image.Bytes));
        if (name == "text without end")
        {
            // The last text must be one that matters.
            image.Header.Program.Path = image.Header.Size - 1;
            PlanOracle.Seal(image.Bytes);
            Assert.True(PlanOracle.IsValid(image.Bytes));
        }

        Damage[name](image);
        PlanOracle.Seal(image.Bytes);
        Assert.False(PlanOracle.IsValid(image.Bytes));
        ExecRun.Of(image.Bytes, Kept()).Refused();
        Assert.False(File.Exists(witness));
    }

    /// <summary>
    /// A right that was lost leaves a plan in which everything lies where it may: only the checksum knows. What a layer denies and allows,
    /// and each word of the head, is changed in turn.
    /// </summary>
    [KernelFact]
    public void A_plan_that_is_not_as_it_was_written_is_refused()
    {
        byte[] original = Full("/bin/true").Build();
        PlanImage image = new(original);
        int rules = (int)image.Layer.PathRuleOffset, attribute = (int)image.Layer.AttributeOffset, layers = (int)image.Header.LayerOffset;
        int[] places = [.. Enumerable.Range(0, Unsafe.SizeOf<PlanHeader>() / 4).Select(word => word * 4), attribute, attribute + 1, rules,
            rules + 8, rules + 16, rules + 36, layers, layers + 12, (int)image.Rule.Target.Path + 1, original.Length - 1];
        foreach (int place in places)
        {
            byte[] damaged = [.. original];
            damaged[place] ^= 1;
            ExecRun.Of(damaged, Kept()).Refused();
        }
    }

    [KernelFact]
    public void The_plan_that_the_damaged_ones_come_from_runs()
    {
        ExecRun.Of(Full("/bin/true"), Kept()).Ran();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0x1 | 0x2 | 0x4)]
    [InlineData(0x2 | 0x4 | 0x8)]
    [InlineData(0x1 | 0x4 | 0x8)]
    [InlineData(0x1 | 0x2 | 0x8)]
    [InlineData(0x1 | 0x2 | 0x4 | 0x10)]
    public void A_plan_that_could_still_change_is_refused(int seals) =>
        ExecRun.Of(PlanBuilder.Command().Build(), new() { Seals = seals }).Refused();

    [KernelFact]
    public void A_plan_with_more_seals_runs() => ExecRun.Of(PlanBuilder.Command().Build(), new() { Seals = Posix.AllSeals | 0x10 }).Ran();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(247)]
    public void A_short_plan_is_refused(int size) => ExecRun.Of(PlanBuilder.Command().Build().AsSpan(0, size)).Refused();

    [Fact]
    public void A_plan_that_is_too_large_is_refused()
    {
        byte[] image = new byte[PlanLayout.MaxSize + 8];
        PlanBuilder.Command().Build().CopyTo(image, 0);
        MemoryMarshal.AsRef<PlanHeader>(image.AsSpan()).Size = (uint)image.Length;
        PlanOracle.Seal(image);
        ExecRun.Of(image).Refused();
    }

    [KernelFact]
    public void A_plan_of_the_largest_size_runs()
    {
        byte[] image = new byte[PlanLayout.MaxSize];
        PlanBuilder.Command().Build().CopyTo(image, 0);
        MemoryMarshal.AsRef<PlanHeader>(image.AsSpan()).Size = (uint)image.Length;
        PlanOracle.Seal(image);
        ExecRun.Of(image).Ran();
    }

    [Fact]
    public void A_plan_is_a_memfd_and_nothing_else()
    {
        byte[] image = PlanBuilder.Command().Build();
        File.WriteAllBytes(temporary["plan"], image);
        foreach ((string path, int error)
            in (ReadOnlySpan<(string, int)>)[(temporary["plan"], 22), (temporary.Root, 22), ("/dev/null", 22)])
        {
            int descriptor = Posix.Open(path, 0);
            ExecRun run = ExecRun.OfDescriptor(descriptor);
            Posix.Close(descriptor);

            // A file on tmpfs answers with its seals, which are too few.
            run.Refused(run.Status.Error == 0 ? 0 : error);
        }

        ExecRun.OfDescriptor(-1).Refused(9);
        File.WriteAllBytes("/dev/shm/" + Path.GetFileName(temporary.Root), image);
        int shared = Posix.Open("/dev/shm/" + Path.GetFileName(temporary.Root), 0);
        File.Delete("/dev/shm/" + Path.GetFileName(temporary.Root));
        ExecRun.OfDescriptor(shared).Refused();
        Posix.Close(shared);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("3x")]
    [InlineData("-3")]
    [InlineData("+3")]
    [InlineData(" 3")]
    [InlineData("0")]
    [InlineData("2")]
    [InlineData("4294967299")]
    [InlineData("18446744073709551619")]
    public void A_number_that_is_no_descriptor_above_two_is_refused(string number)
    {
        ExecRun run = ExecRun.Of(Shell("echo ran"), new() { Arguments = [number] });
        Assert.Equal((125, "", "landlock-exec: the plan is not valid; nothing was run\n"), (run.ExitCode, run.Output, run.Error));
        run = ExecRun.Of(Shell("echo ran"), new() { Arguments = ["3", number] });
        Assert.Equal((125, "", "landlock-exec: the status page is not usable; nothing was run\n"), (run.ExitCode, run.Output, run.Error));
        run = ExecRun.Of(Shell("echo ran"), new() { Arguments = ["3", "4", number] }).Refused();
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void A_status_page_must_be_writable_memory_of_its_size()
    {
        const string line = "landlock-exec: the status page is not usable; nothing was run\n";
        int small = Posix.MemoryFile("small");
        Posix.SetLength(small, PlanLayout.StatusSize - 1);
        int read = Posix.Open("/proc/self/exe", 0);
        foreach (int descriptor in (int[])[small, read, -1])
        {
            ExecRun run = ExecRun.Of(Shell("echo ran"), new() { Arguments = ["3", "9"], Descriptors = { [9] = descriptor } });
            Assert.Equal((125, "", line), (run.ExitCode, run.Output, run.Error));
        }

        Posix.Close(small);
        Posix.Close(read);
    }

    [Fact]
    public void Without_arguments_it_says_what_it_is()
    {
        const string line = "landlock-exec runs a launch plan for landlocked and LandlockPS; use landlocked instead\n";
        ExecRun run = ExecRun.Direct([ExecRun.Executable]);
        Assert.Equal((125, "", line), (run.ExitCode, run.Output, run.Error));
        foreach (string argument in (string[])["--help", "--version"])
        {
            run = ExecRun.Direct([ExecRun.Executable, argument]);
            Assert.Equal((0, line, ""), (run.ExitCode, run.Output, run.Error));
        }

        run = ExecRun.Direct([ExecRun.Executable, "--helpful"]);
        Assert.Equal(125, run.ExitCode);
    }

    /// <summary>
    /// Random damage to a plan that uses everything: landlock-exec never dies of it, and the plan is refused exactly if it is not valid.
    /// </summary>
    [KernelFact]
    public void Random_damage_never_gets_through()
    {
        int seed = Soak ? Environment.TickCount : 1;
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_SEED") is { } chosen)
            seed = int.Parse(chosen, CultureInfo.InvariantCulture);
        Random random = new(seed);
        byte[] original = Full("/bin/true").Build();
        int refused = 0;
        int executed = 0;
        int rounds = Soak ? 200_000 : 3_000;
        for (int round = 0; round < rounds; round++)
        {
            byte[] image = Mutate(original, random);
            // Most are made to look as if they had been written like this; of the others nothing but the same plan may run.
            bool isSealed = random.Next(4) != 0;
            if (isSealed) PlanOracle.Seal(image);
            PlanHeader header = image.Length < Unsafe.SizeOf<PlanHeader>() ? default : MemoryMarshal.Read<PlanHeader>(image);
            bool valid = PlanOracle.IsValid(image);
            // It would wait for a tracer, as it should; TracerTests are about that.
            if (valid && (new PlanImage(image).Header.Flags & (uint)PlanFlags.AwaitTracer) != 0) continue;
            ExecRun run;
            try
            {
                run = ExecRun.Of(image, Kept(temporary.Root));
            }
            catch (TimeoutException exception)
            {
                Assert.Fail($"seed {seed}, round {round}, valid {valid}: {exception.Message}");
                throw;
            }

            string context = $"seed {seed}, round {round}, valid {valid}: {run}";
            Assert.True(isSealed || !valid || image.AsSpan().SequenceEqual(original), context);
            Assert.True(run.Status.Magic == PlanLayout.StatusMagic, context);
            // What a process is called then decides what is written over what: either may be right.
            if (header.NameCount != 0 && valid == run is { Outcome: PlanOutcome.Failed, Step: PlanStep.ReadPlan, Signal: 0, ExitCode: 125 })
                continue;
            if (!valid)
            {
                Assert.True(run is { Outcome: PlanOutcome.Failed, Step: PlanStep.ReadPlan, Signal: 0, ExitCode: 125, Output: "" }, context);
                Assert.True(run.Status.Error == 0 && run.Error == "landlock-exec: the plan is not valid; nothing was run\n", context);
                refused++;
                continue;
            }

            switch (run.Outcome)
            {
                case PlanOutcome.Executed:
                    // What becomes of the command is its own matter.
                    executed++;
                    break;
                case PlanOutcome.Failed:
                    // A damaged filter may deny the exit too.
                    bool trapped = run.Signal is 4 or 5 && run.Step >= PlanStep.InstallFilter;
                    Assert.True(trapped || (run.Signal == 0 && run.Output == "" && run.ExitCode is 125 or 126 or 127), context);
                    Assert.True(run.Step != PlanStep.ReadPlan || run.Status.Error != 0 || header.Refusal != 0, context);
                    break;
                default:
                    // A damaged filter may kill (SIGSYS), as a filter can, and so may a damaged limit on processor time (SIGKILL).
                    Assert.True((run.Signal == 31 && run.Step == PlanStep.InstallFilter)
                        || (run.Signal == 9 && run.Step >= PlanStep.SetLimit), context);
                    break;
            }
        }

        Assert.True(refused > rounds / 5 && executed > rounds / 20, $"of {rounds} plans {refused} were refused and {executed} executed");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] image = [.. original];
        bool truthful = false;
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            switch (random.Next(7))
            {
                case 0:
                    image[random.Next(image.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    image[random.Next(image.Length)] = (byte)random.Next(256);
                    break;
                case 2:
                    Word(image, random, random.Next(image.Length / 4));
                    break;
                case 3:
                    Word(image, random, random.Next(Unsafe.SizeOf<PlanHeader>() / 4));
                    break;
                case 4:
                    image = image[..random.Next(image.Length + 1)];
                    truthful = random.Next(2) == 0;
                    break;
                case 5:
                    byte[] more = new byte[random.Next(1, 5000)];
                    random.NextBytes(more);
                    image = [.. image, .. more];
                    truthful = random.Next(2) == 0;
                    break;
                default:
                    int length = random.Next(1, Math.Max(2, image.Length / 4));
                    if (length < image.Length)
                    {
                        int from = random.Next(image.Length - length);
                        int to = random.Next(image.Length - length);
                        image.AsSpan(from, length).ToArray().CopyTo(image, to);
                    }

                    break;
            }

            if (image.Length < 8)
                break;
        }

        image = image[..(image.Length & ~7)];
        if (truthful && image.Length >= Unsafe.SizeOf<PlanHeader>())
            MemoryMarshal.AsRef<PlanHeader>(image.AsSpan()).Size = (uint)image.Length;
        return image;
    }

    private static void Word(byte[] image, Random random, int index)
    {
        uint length = (uint)image.Length;
        uint[] values =
        [
            0, 1, 2, 3, 4, 8, 16, 17, 4096, 4097, 65535, 65536, length, length - 1, length + 1, length & ~7u, (length & ~7u) - 8,
            0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFF8, 0x2000_0000, 0x4000_0000, (uint)random.Next(image.Length),
            (uint)random.Next(image.Length) & ~7u,
        ];
        if ((index * 4) + 4 <= image.Length)
            MemoryMarshal.Write(image.AsSpan(index * 4), values[random.Next(values.Length)]);
    }

    // A damaged plan may make a directory of any name.
    private static ExecOptions Kept(string? directory = null) => new()
    { Wrapper = directory is null ? [] : ["/usr/bin/env", "-C", directory], Descriptors = { [100] = KeptFile, [200] = KeptFile } };

    private static int KeptFile { get; } = Posix.MemoryFile("kept");

    // The place of a name, in the table of kept descriptors.
    private static void Name(PlanImage image, uint place)
    {
        (image.Header.NameCount, image.Header.NameOffset, image.Header.KeepCount) = (1, image.Header.KeepOffset, 0);
        image.At<uint>(image.Header.KeepOffset) = place;
    }

    /// <summary>A plan that uses every table.</summary>
    private static PlanBuilder Full(params string[] command)
    {
        PlanBuilder plan = PlanBuilder.Command(command);
        plan.Layers[0].Attribute = Posix.LandlockAbi() >= 4 ? [AllFs, 3] : [AllFs];
        if (Posix.LandlockAbi() >= 4)
            plan.Layers[0].Port(443, 2).Port(80, 3);
        plan.Layers.Add(new Layer().Path("/", AllFs));
        plan.Environment = ["A=1", "B=2"];
        plan.WorkingDirectory = "/usr";
        plan.Limits.Add(new() { Resource = 4, Soft = 0, Hard = 0 });
        plan.Limits.Add(new() { Resource = 7, Soft = 500, Hard = 500 });
        plan.Kept.AddRange([100, 200]);
        plan.Filters.Add(Filter.Allow);
        plan.Filters.Add(Filter.Deny(Filter.UnameCall, 1));
        plan.ExecuteTexts[2] = "not there";
        plan.Flags = PlanFlags.SetSignalMask | PlanFlags.SetDispositions | PlanFlags.AddToEnvironment | PlanFlags.DropVariables;
        plan.Variables.Add(("L*", PlanVariableAction.Keep, PlanVariableFlags.IgnoreCase));
        plan.Variables.Add(("C=3", PlanVariableAction.Default, PlanVariableFlags.Literal));
        plan.Ignored = 1ul << 12;
        plan.ThreadName = "landlock:12345";
        return plan;
    }

    private sealed class PlanImage(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public ref PlanHeader Header => ref At<PlanHeader>(0);

        public ref PlanLayer Layer => ref At<PlanLayer>(Header.LayerOffset);

        public ref PlanVariable Variable => ref At<PlanVariable>(Header.VariableOffset);

        public ref PlanPathRule Rule => ref At<PlanPathRule>(Layer.PathRuleOffset);

        public ref T At<T>(uint offset)
            where T : unmanaged => ref MemoryMarshal.AsRef<T>(Bytes.AsSpan((int)offset, Unsafe.SizeOf<T>()));
    }
}
