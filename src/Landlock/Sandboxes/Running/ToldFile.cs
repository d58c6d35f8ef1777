using System.Globalization;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Compiled;

namespace Landlock.Sandboxes.Running;

/// <summary>
/// The file that tells the processes of a sandbox what it was started with. A variable names it, and the sandbox may read it, and nothing
/// else of its directory. Where it cannot be written the command runs all the same.
/// </summary>
internal static class ToldFile
{
    /// <summary>The variable of the environment that names the file. Its last part also says which processes belong together.</summary>
    public const string Variable = "LANDLOCKPS_SANDBOX_FILE";

    /// <summary>What stands between the path of a compiled command and the last part.</summary>
    private const string Behind = "//";

    private const string Letters = "bcdfghjkmnpqrstvwxyz";
    private const int IdLength = 8, Largest = 32 << 20;

    // A plan that is told of may be about to start.
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Reusable = TimeSpan.FromSeconds(30);

    /// <summary>Writes what a plan starts, and adds the variable and the rule for the file to the plan.</summary>
    public static LaunchPlan Tell(LaunchPlan plan) => plan.Names is null ? plan : Tell(plan, Content(plan), out _);

    /// <summary>The same for a plan that is started again and again: what was told lately is not written again.</summary>
    public static LaunchPlan Tell(LaunchPlan plan, ref Written? last)
    {
        if (plan.Names is null) return plan;
        ToldSandbox now = Content(plan);
        if (last is { File: { } file } known && Environment.TickCount64 - known.Time < Reusable.TotalMilliseconds
            && known.Content.AsSpan().SequenceEqual((now with { Started = default }).Write())
            && PosixFile.Stat(file.Path)?.Identity == file.Identity)
        {
            return With(plan, file.Path, file);
        }

        LaunchPlan told = Tell(plan, now, out FoundPath? written);
        last = new Written(Environment.TickCount64, (now with { Started = default }).Write(), written);
        return told;
    }

    /// <summary>What was written for a plan.</summary>
    /// <param name="Time">When, by the clock of <see cref="Environment.TickCount64"/>.</param>
    /// <param name="Content">What, but for the time.</param>
    /// <param name="File">Where; null if that was not possible.</param>
    public sealed record Written(long Time, byte[] Content, FoundPath? File);

    /// <summary>What this process is told of the sandbox that it is in.</summary>
    /// <param name="problem">Why nothing, as a sentence; null if something is, or if it is in no sandbox.</param>
    public static ToldSandbox? Own(out string? problem)
    {
        problem = null;
        string? path = Environment.GetEnvironmentVariable(Variable);
        if (!SandboxNames.IsInside) return null;
        if (path is not { Length: > 0 })
        {
            problem = $"This process is in a sandbox that it was told nothing of: {Variable} is not set.";
            return null;
        }

        string shown = PosixText.Printable(path);
        // A compiled command tells in its own file, behind whose path stands what tells its runs apart.
        int end = IdOf(path) is null ? -1 : path.LastIndexOf(Behind, StringComparison.Ordinal);
        bool isCompiled = end > 0;
        if (!path.StartsWith('/') || SmallFile.Read(isCompiled ? path[..end] : path, Largest) is not { } bytes)
        {
            problem = $"What this sandbox was started with cannot be read: '{shown}' is missing, or may not be read.";
        }
        else if (ToldSandbox.Read(isCompiled ? CompiledFile.Read(bytes)?.Told ?? [] : bytes) is { } told)
        {
            return !isCompiled || ProcessState.CountLayers() <= told.Layers.Length ? told : told with { LacksOuter = true };
        }
        else
            problem = $"What this sandbox was started with cannot be read: '{shown}' is not as it was written.";
        return null;
    }

    /// <summary>What tells the sandboxes of a user apart, in the name of a file; null if the path is none of such a file.</summary>
    public static string? IdOf(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return path.StartsWith('/') && name.Split('-') is [var space, var id] && space.All(char.IsAsciiDigit)
            && (id.Length == IdLength ? id.All(Letters.Contains)
                : id.Length == ScratchDirectory.Unnamed.Length
                    && id.All(letter => char.IsAsciiDigit(letter) || letter is >= 'a' and <= 'v'))
            ? id : null;
    }

    /// <summary>What the variable is for a compiled command; landlock-exec writes what tells its runs apart over the zeros.</summary>
    public static string OfCompiled(string path) => $"{path}{Behind}0-{ScratchDirectory.Unnamed}";

    private static ToldSandbox Content(LaunchPlan plan)
    {
        // What is not believed is no sandbox around this one.
        bool isInside = (Environment.GetEnvironmentVariable(Variable) ?? Environment.GetEnvironmentVariable(SandboxNames.Variable))
            is { Length: > 0 } && SandboxNames.IsInside;
        return ToldSandbox.Of(plan, isInside, isInside ? Own(out _) : null);
    }

    private static LaunchPlan Tell(LaunchPlan plan, ToldSandbox told, out FoundPath? file)
    {
        ulong? space = ProcessNamespace.Number();
        Span<byte> random = stackalloc byte[16];
        _ = Guid.NewGuid().TryWriteBytes(random);
        string name = $"{(space ?? 0).ToString(CultureInfo.InvariantCulture)}-{Id(random)}";
        // Sweeping means looking at all processes, so it is done now and then.
        bool sweeps = random[15] == 0 && random[14] < 64 && !SandboxNames.IsInside;
        byte[] content = told.Write();
        string path = "/" + name;
        foreach ((string parent, string folder) in Places())
        {
            path = $"{parent.TrimEnd('/')}/{folder}/{name}";
            try
            {
                file = PrivateDirectory.WriteNew(parent, folder, name, content);
                if (sweeps && space is { } number) Sweep($"{parent.TrimEnd('/')}/{folder}", number, Young);
                return With(plan, path, file);
            }
            catch (Exception exception) when (exception is KernelException or IOException or UnauthorizedAccessException
                or ArgumentOutOfRangeException)
            {
                // The next place, or none: nothing depends on it. The last is what .NET makes of a file that is too large (EFBIG).
            }
        }

        file = null;
        return With(plan, path, null);
    }

    private static LaunchPlan With(LaunchPlan plan, string path, FoundPath? file) => plan with
    {
        Start = plan.Start.With((Variable, path)),
        Layers = file is null ? plan.Layers : [.. plan.Layers.Select(layer => !layer.HandledFs.HasFlag(AccessFs.ReadFile) ? layer
            : layer with
            {
                PathRules = layer.PathRules.Add(new ResolvedPathRule(path, AccessFs.ReadFile, AccessFs.ReadFile, Optional: true,
                    Quiet: false)
                { Found = file }),
            })],
    };

    // As long as the user is logged in; else with other temporary files. That of another user, which sudo(8) may leave, is not ours.
    private static IEnumerable<(string Parent, string Folder)> Places()
    {
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { } run && run.StartsWith('/')
            && PosixFile.Owner(run) == CurrentUser.Id)
        {
            yield return (run, "landlockps");
        }

        string folder = string.Create(CultureInfo.InvariantCulture, $"landlockps-{CurrentUser.Id}");
        yield return ("/tmp", folder);
        // In a sandbox that has temporary files of its own.
        if (Environment.GetEnvironmentVariable("TMPDIR") is { } temporary && temporary.StartsWith('/')
            && PosixFile.Inspect(temporary) == PathKind.Directory)
        {
            yield return (temporary, folder);
        }
    }

    private static string Id(ReadOnlySpan<byte> random)
    {
        Span<char> id = stackalloc char[IdLength];
        // The bytes 6 and 8 hold what kind of number it is.
        for (int i = 0; i < IdLength; i++) id[i] = Letters[random[i < 6 ? i : i + 3] % Letters.Length];
        return new string(id);
    }

    /// <summary>
    /// Removes what no process names any more. Not from within a sandbox, from where those outside cannot be seen.
    /// </summary>
    /// <param name="folder">The directory.</param>
    /// <param name="space">The PID namespace of this process.</param>
    /// <param name="age">How old it has to be.</param>
    internal static void Sweep(string folder, ulong space, TimeSpan age)
    {
        List<string> names = PosixDirectory.List(folder);
        HashSet<string> used = [.. SandboxClaims.All().Select(claim => claim.File)];
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        foreach (string name in names.Where(name => name.StartsWith($"{space}-", StringComparison.Ordinal)))
        {
            string path = $"{folder}/{name}";
            if (IdOf(path) is not null && !used.Contains(path) && PosixFile.Stat(path) is { IsRegular: true } status
                && now - status.Changed >= age.Ticks * 100)
            {
                _ = DirectoryHandle.Remove(path);
            }
        }
    }
}
