using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>What a command has written, and how it ended.</summary>
/// <param name="ExitCode">Its exit code; of one that a signal ended, 128 and the signal's number, as a shell has it.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
public sealed record CommandOutput(int ExitCode, string Output, string Errors);

/// <summary>Sandboxes for programs: run a command, read its output, or restrict the own process.</summary>
public sealed partial record Sandbox
{
    /// <summary>
    /// Runs a command with the standard streams of this process, and waits for it. What is to be known of it is in the
    /// plan (<see cref="Plan"/>).
    /// </summary>
    /// <param name="command">A name to look up in PATH, or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code; of one that a signal ended, 128 and the signal's number, as a shell has it.</returns>
    /// <exception cref="LaunchException">It was not run: not found, not executable, or the sandbox could not be set up.</exception>
    /// <exception cref="RulesetException">
    /// What is asked for contradicts itself, a path is missing, or something required cannot be enforced.
    /// </exception>
    /// <exception cref="PolicyException">A policy or a preset cannot be used.</exception>
    /// <exception cref="KernelException">No descriptor, memory or process is left.</exception>
    public int Run(string command, params string[] arguments)
    {
        using SandboxedProcess process = Start(command, arguments);
        return process.WaitForExit();
    }

    /// <summary>Runs a command, waits for it, and gives what it has written. It reads nothing: its standard input is /dev/null.</summary>
    /// <inheritdoc cref="Run"/>
    public CommandOutput Capture(string command, params string[] arguments)
    {
        using SandboxedProcess process = SandboxedProcess.Start(Plan(command, arguments), capture: true);
        Task<string> errors = Task.Run(process.StandardError!.ReadToEnd);
        string output = process.StandardOutput!.ReadToEnd();
        return new CommandOutput(process.WaitForExit(), output, errors.GetAwaiter().GetResult());
    }

    /// <summary>Starts a command with the standard streams of this process.</summary>
    /// <inheritdoc cref="Run"/>
    public SandboxedProcess Start(string command, params string[] arguments) =>
        SandboxedProcess.Start(Plan(command, arguments), capture: false);

    /// <summary>What would be run, as data: it can be shown (<see cref="PlanDescription"/>), and tells what the kernel lacks.</summary>
    /// <inheritdoc cref="Run"/>
    public LaunchPlan Plan(string command, params string[] arguments) =>
        LaunchPlanner.Plan(Here().Launch(LaunchContext.Here(), command, [.. arguments]));

    /// <summary>
    /// Restricts this process, with all of its threads, for good: what it opens and starts from here on. What is open already stays usable.
    /// Besides the baseline nothing is granted unasked: an application that loads further assemblies has to be allowed to read them.
    /// Environment, limits and supervision are for commands and not used.
    /// </summary>
    /// <exception cref="RulesetException">
    /// The kernel cannot restrict all threads of a process (before Landlock ABI 8), or what is asked for cannot be had.
    /// </exception>
    /// <exception cref="PolicyException">A policy or a preset cannot be used.</exception>
    /// <exception cref="LaunchException">A layer cannot be enforced at all.</exception>
    /// <exception cref="KernelException">A call failed; only what comes before it, if anything, is in force.</exception>
    public void RestrictSelf()
    {
        LaunchContext context = LaunchContext.Here();
        InPlaceRestriction.Require(context.Support.Abi);
        // A plan is for a command; this one stands for the process itself, of which nothing is executed.
        LaunchRequest request = (Here() with { Closure = false }).Launch(context, "/proc/self/exe");
        InPlaceRestriction.Apply(LaunchPlanner.Plan(request with { Start = CommandStart.Default }));
    }

    // Presets and policies mean this process's home and directory, unless somebody has said otherwise.
    private Sandbox Here() => Variables.Builtins is not null
        ? this
        : this with
        {
            Variables = Variables with
            {
                Builtins = new BuiltinVariables(new BuiltinSources
                {
                    WorkingDirectory = System.Environment.CurrentDirectory,
                    Environment = System.Environment.GetEnvironmentVariable,
                    UserId = CurrentUser.Id,
                }),
            },
        };
}
