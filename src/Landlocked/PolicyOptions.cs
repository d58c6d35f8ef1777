using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Microsoft.Win32.SafeHandles;

namespace Landlocked;

/// <summary>
/// The policies, presets and variables of a command line. They are only noted while options are read: the library makes the runtime open
/// descriptors, which a later --keep-fd would take for the caller's.
/// </summary>
internal sealed class PolicyOptions
{
    private const string StandardInput = "<stdin>";

    private readonly List<(string Name, string Value)> _values = [];

    /// <summary>Files, directories, and "-" for standard input.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Names of presets.</summary>
    public List<string> Presets { get; } = [];

    /// <summary>Takes the argument of --preset.</summary>
    public void AddPresets(string names)
    {
        foreach (string name in names.Split(','))
        {
            try
            {
                Presets.Add(
                    Preset.Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? Preset.Find(name).Name);
            }
            catch (PolicyException exception)
            {
                throw new UsageException($"--preset: {exception.Message}");
            }
        }
    }

    /// <summary>Takes a FILE.</summary>
    public void AddFile(string value) => Files.Add(value.Length > 0 ? value
        : throw new UsageException("the name of a policy is empty; write a file, a directory, or - for standard input"));

    /// <summary>Takes the argument of --var.</summary>
    public void AddVariable(string value)
    {
        int equals = value.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new UsageException($"--var: expected NAME=VALUE, not '{PosixText.Printable(value)}'");
        _values.Add((value[..equals], value[(equals + 1)..]));
    }

    /// <summary>Whether any value was given.</summary>
    public bool HasValues => _values.Count > 0;

    /// <summary>The built-in values, and those given.</summary>
    public PolicyVariables Variables(string directory)
    {
        PolicyVariables variables = new()
        {
            Builtins = new BuiltinVariables(new BuiltinSources
            { WorkingDirectory = directory, Environment = StartRecord.EnvironmentVariable, UserId = CurrentUser.Id }),
        };
        foreach (IGrouping<string, (string Name, string Value)> group in _values.GroupBy(pair => pair.Name))
        {
            if (!PolicyTemplate.IsName(group.Key))
                throw new UsageException($"--var: '{PosixText.Printable(group.Key)}' cannot be the name of a variable: a letter, then "
                    + "letters, digits and '_' (ASCII)");
            variables = variables.With(group.Key, [.. group.Select(pair => pair.Value)]);
        }

        return variables;
    }

    /// <summary>Reads one file, directory or standard input, and tells everything that is wrong.</summary>
    public static (ImmutableArray<PolicyDocument> Documents, ImmutableArray<PolicyFinding> Findings) Check(string file)
    {
        if (file != "-") return PolicyFile.CheckAll([file]);
        using FileStream stream = new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        PolicyReading reading = PolicyFile.Check(stream, StandardInput);
        return (reading.Document is { } document ? [document] : [], reading.Findings);
    }

    /// <summary>Refuses to read standard input twice: the second time it would be empty.</summary>
    /// <exception cref="UsageException">That was asked for.</exception>
    public void DemandOneInput()
    {
        if (Files.Count(file => file == "-") > 1) throw new UsageException("standard input can be read once only, but '-' was given twice");
    }

    /// <summary>Reads and composes all; warns where that loosens one of them.</summary>
    /// <exception cref="PolicyException">A document is bad, or nothing is left handled.</exception>
    public PolicyComposition Compose() => Compose(Read());

    private static PolicyComposition Compose(ImmutableArray<PolicyDocument> documents)
    {
        Tell(documents.SelectMany(document => document.Findings));
        PolicyComposition composition = PolicyComposition.Compose(documents);
        if (CompositionText.Warning(composition) is { } warning) Output.Warning(warning);
        return composition;
    }

    /// <summary>Composes all and puts values for variables; warns of those that have no use.</summary>
    /// <exception cref="PolicyException">A document is bad, nothing is left handled, or a variable has no value.</exception>
    public ResolvedPolicy Resolve(PolicyVariables variables) => Resolve([Compose().Policy], variables)[0];

    /// <summary>Puts values for variables in each file by itself; warns of those that none has a use for.</summary>
    /// <exception cref="PolicyException">A document is bad, nothing is left handled, or a variable has no value.</exception>
    public ImmutableArray<ResolvedPolicy> ResolveEach(PolicyVariables variables)
    {
        DemandOneInput();
        return Resolve([.. Files.Select(file => Compose(Read([file])).Policy)], variables);
    }

    private static ImmutableArray<ResolvedPolicy> Resolve(Policy[] policies, PolicyVariables variables)
    {
        foreach (PolicyFinding finding in variables.For(policies).Unused) Output.Warning(finding.Message);
        ImmutableArray<ResolvedPolicy> resolved = [.. policies.Select(policy => policy.Resolve(variables.For([policy]).Used))];
        Tell(resolved.SelectMany(policy => policy.Findings));
        return resolved;
    }

    /// <summary>Reads all.</summary>
    /// <exception cref="PolicyException">A document is bad.</exception>
    public ImmutableArray<PolicyDocument> Read()
    {
        DemandOneInput();
        return Read(Files);
    }

    private static ImmutableArray<PolicyDocument> Read(IEnumerable<string> files)
    {
        var read = files.Select(Check).ToArray();
        PolicyFinding[] findings = [.. read.SelectMany(one => one.Findings)];
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) throw new PolicyException(findings);
        return [.. read.SelectMany(one => one.Documents)];
    }

    // Notes are for `policy check`.
    private static void Tell(IEnumerable<PolicyFinding> findings) =>
        Output.Comment(
            findings.Where(finding => finding.Severity == FindingSeverity.Warning).Select(finding => $"{Output.Program}: {finding}"));
}
