namespace Landlock.Tests.Documents.Toml;

/// <summary>
/// The TOML project's own conformance suite, which lies beside the repository: <c>toml-test</c> in the folder that the variable
/// LANDLOCKPS_SHARED names, or in a folder <c>shared</c> beside one of the folders around the repository.
/// </summary>
internal static class TomlSuite
{
    private const string List = "toml-test/tests/files-toml-";

    private static readonly string? Folder = Find();

    public static string? MissingReason => Folder is null
        ? "The folder shared/toml-test is not beside the repository, and LANDLOCKPS_SHARED names no folder that holds toml-test."
        : null;

    /// <summary>The documents of the suite that are valid or invalid in a version of TOML, by their names in its list.</summary>
    public static IEnumerable<string> Names(bool valid, string version = "1.1.0") => Folder is null
        ? []
        : File.ReadLines(Path.Combine(Folder, List + version))
            .Where(name => name.EndsWith(".toml", StringComparison.Ordinal))
            .Where(name => name.StartsWith(valid ? "valid/" : "invalid/", StringComparison.Ordinal));

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder!, "toml-test/tests", name));

    private static string? Find() => Candidates().FirstOrDefault(folder => File.Exists(Path.Combine(folder, List + "1.1.0")));

    /// <summary>Where the shared data may be: the folder that is named, or one called "shared" outside of the repository.</summary>
    internal static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_SHARED") is { Length: > 0 } named)
        {
            yield return named;
            yield break;
        }

        bool inRepository = true;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!inRepository) yield return Path.Combine(folder.FullName, "shared");
            inRepository = inRepository && !File.Exists(Path.Combine(folder.FullName, "LandlockPS.slnx"));
        }
    }
}

/// <summary>A theory on the files of <see cref="TomlSuite"/>; skipped, with the reason, where there is no suite.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TomlSuiteTheoryAttribute : TheoryAttribute
{
    public TomlSuiteTheoryAttribute()
    {
        if (TomlSuite.MissingReason is { } reason) Skip = reason;
    }
}
