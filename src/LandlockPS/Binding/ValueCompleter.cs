using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS;

/// <summary>Offers a few values where the engine would offer names of files: of a number, a size or a time there is no list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ValueCompleter : IArgumentCompleter
{
    private readonly (string Value, string Help)[] _values;

    private protected ValueCompleter(params (string Value, string Help)[] values) => _values = values;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters) => Matching(wordToComplete ?? "");

    internal IEnumerable<CompletionResult> Matching(string word) =>
        _values.Where(entry => entry.Value.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(entry => new CompletionResult(entry.Value, entry.Value, CompletionResultType.ParameterValue, entry.Help));
}

/// <summary>Offers ports.</summary>
public sealed class PortCompleter() : ValueCompleter(("443", "https"), ("80", "http"), ("22", "ssh"), ("53", "names (DNS)"),
    ("8080", "http for tests"), ("0", "to bind: any free port"));

/// <summary>Offers sizes.</summary>
public sealed class SizeCompleter() : ValueCompleter(("256MB", "256 MiB"), ("512MB", "512 MiB"), ("1GB", "1 GiB"), ("2GB", "2 GiB"),
    ("4GB", "4 GiB"));

/// <summary>Offers times.</summary>
public sealed class TimeCompleter() : ValueCompleter(("10s", "10 seconds"), ("30s", "30 seconds"), ("1m", "1 minute"),
    ("10m", "10 minutes"), ("1h", "1 hour"));

/// <summary>Offers counts.</summary>
public sealed class CountCompleter() : ValueCompleter(("64", "64"), ("256", "256"), ("1024", "1024"));
