using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Launching;
using Landlock.Launching.Closures;
using Landlock.Launching.Filters;
using Landlock.Policies.Profiles;

namespace Landlock.CommandLine;

/// <summary>
/// `landlocked shim FILE [ARG...]`: what the kernel makes of a call of a <see cref="ShimFile"/>. It runs the program that the file names in
/// the profiles of the working directory. Called by the shell hook only, and never without a sandbox.
/// </summary>
internal static class ShimCommand
{
    /// <summary>Runs it; returns only if the command is not run.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0 || ReadTarget(arguments[0]) is not { } target) throw new UsageException($"'{ShimFile.Subcommand}' is for the shell hook of LandlockPS");
        return target == ShimFile.Outside ? RunOutside(arguments[1..]) : RunInside(target, arguments[1..]);
    }

    private static int RunInside(string target, string[] arguments)
    {
        string directory = Native.CurrentDirectory();
        string[] received = StartRecord.EnvironmentEntries();
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (string entry in received)
            if (entry.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals) environment.TryAdd(entry[..equals], entry[(equals + 1)..]);
        ProfileStore store = ProfileStore.Read(ProfileStore.FindRoots(environment.GetValueOrDefault));
        Profile[] profiles = [.. store.FindActive(directory).Select(match => match.Profile)];
        if (profiles.Length == 0) throw new LaunchException(LaunchProblem.SetupFailed, directory, $"no profile applies to '{PosixText.Printable(directory)}' any more; nothing was run");

        _ = ScratchDirectory.Sweep(environment.GetValueOrDefault);
        ProfileLaunch launch = ProfileLaunch.Prepare(profiles, store, new ProfileSources
        {
            WorkingDirectory = directory,
            Environment = environment.GetValueOrDefault,
            Protected = Path.GetDirectoryName(Native.ProgramPath()) is { } programs ? [(programs, "the programs that make the sandbox")] : [],
        });
        try
        {
            // Island has no filter, and its profiles mean what they mean there: with one, their commands would lose name resolution.
            NetworkMode network = profiles.All(profile => profile.Origin == ProfileOrigin.Island) ? NetworkMode.Unrestricted : NetworkMode.Default;
            return RunCommand.Become(Plan(launch, target, arguments, directory, received, network));
        }
        finally
        {
            if (launch.Workspace.Scratch is { } scratch) ScratchDirectory.Remove(scratch);
        }
    }

    // What may be executed is for the profile to say: nothing is granted on behalf of the program, but what every program needs.
    private static LaunchPlan Plan(ProfileLaunch launch, string target, string[] arguments, string directory, string[] received, NetworkMode network)
    {
        string[] environment = Changed(received, launch.Environment);
        return LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = launch.Layers,
            Command = target,
            Arguments = [.. arguments],
            BaseDirectory = directory,
            SearchPath = CommandEnvironment.SearchPath(environment),
            Environment = [.. environment],
            Grants = Baseline.For(Native.IsOnTerminal()),
            Network = network,
            Closure = false,
            StartState = StartRecord.State(),
            Support = LandlockSupport.Detect(),
        });
    }

    private static unsafe int RunOutside(string[] arguments)
    {
        if (arguments.Length == 0) throw new UsageException("nosandbox: no command was given");
        CommandLookup match = CommandLookup.Find(arguments[0], CommandEnvironment.SearchPath(null), Native.CurrentDirectory());
        string shown = PosixText.Printable(arguments[0]);
        Native.Restore(StartRecord.State());
        Errno error = match.Status switch
        {
            CommandStatus.Found => Native.Become(match.Path!, arguments, StartRecord.Environment),
            CommandStatus.NotFound => throw new LaunchException(LaunchProblem.NotFound, arguments[0], $"the command '{shown}' was not found; nosandbox runs programs only"),
            _ => Errno.EACCES,
        };
        throw new LaunchException(LaunchProblem.NotExecutable, arguments[0], $"cannot execute '{shown}': {ErrnoText.Describe(error)}");
    }

    private static string[] Changed(string[] received, ImmutableArray<(string Name, string Value)> variables)
    {
        Dictionary<string, string> changes = new(StringComparer.Ordinal);
        foreach ((string name, string value) in variables) changes[name] = value;
        return [.. received.Where(entry => !changes.ContainsKey(entry.Split('=')[0])), .. changes.Select(change => $"{change.Key}={change.Value}")];
    }

    private static string? ReadTarget(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] text = new byte[Math.Min(stream.Length, 8192)];
            stream.ReadExactly(text);
            return ShimFile.ReadTarget(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }
}
