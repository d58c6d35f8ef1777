using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Sandboxes.Options;

namespace LandlockPS;

/// <summary>Offers a few values where the engine would offer names of files: of a number, a size or a time there is no list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ValueCompleter : IArgumentCompleter
{
    private readonly (string Word, string Help)[] _values;

    private protected ValueCompleter((string Word, string Help)[] values) => _values = values;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters) =>
        _values.Where(entry => entry.Word.StartsWith(wordToComplete ?? "", StringComparison.OrdinalIgnoreCase))
            .Select(entry => new CompletionResult(entry.Word, entry.Word, CompletionResultType.ParameterValue, entry.Help));
}

/// <summary>Offers ports.</summary>
public sealed class PortCompleter() : ValueCompleter(ExampleValues.Ports);

/// <summary>Offers nothing: hosts are no files.</summary>
public sealed class HostCompleter() : ValueCompleter([]);

/// <summary>Offers sizes.</summary>
public sealed class SizeCompleter() : ValueCompleter(ExampleValues.Sizes);

/// <summary>Offers times.</summary>
public sealed class TimeCompleter() : ValueCompleter(ExampleValues.Times);

/// <summary>Offers counts.</summary>
public sealed class CountCompleter() : ValueCompleter(ExampleValues.Counts);
