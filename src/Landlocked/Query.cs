namespace Landlocked;

/// <summary>What a subcommand was asked for that takes no options but these.</summary>
internal sealed class Query
{
    private static readonly OptionGroup<Query>[] Options =
    [
        new("",
        [
            new("--json", null, "", static (query, _) => query.Json = true),
            new("--help", null, "", static (query, _) => query.Help = true) { Short = "-h" },
        ]),
    ];

    /// <summary>Whether the help is wanted, and nothing else.</summary>
    public bool Help { get; private set; }

    /// <summary>Whether the answer is JSON.</summary>
    public bool Json { get; private set; }

    /// <summary>What stands behind the options.</summary>
    public string[] Words { get; private set; } = [];

    /// <summary>Reads the arguments of a subcommand.</summary>
    /// <exception cref="UsageException">An option is unknown.</exception>
    public static Query Read(string[] arguments)
    {
        Query query = new();
        int first = OptionParser.Parse(Options, arguments, 0, query);
        query.Words = arguments[first..];
        return query;
    }
}
