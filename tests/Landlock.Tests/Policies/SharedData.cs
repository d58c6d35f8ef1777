namespace Landlock.Tests.Policies;

/// <summary>
/// Upstream's own samples, which lie beside the repository: <c>landlockconfig</c> and <c>island</c> in the folder that the variable
/// LANDLOCKPS_SHARED names, or in a folder <c>shared</c> beside one of the folders around the repository.
/// </summary>
internal static class SharedData
{
    private static readonly string? Folder = Landlock.Tests.Documents.Toml.TomlSuite.Candidates()
        .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "landlockconfig")));

    public static string? MissingReason => Folder is null
        ? "The folder shared/landlockconfig is not beside the repository, and LANDLOCKPS_SHARED names no folder that holds landlockconfig."
        : null;

    public static string At(string name) => Path.Combine(Folder!, name);
}

/// <summary>A test on <see cref="SharedData"/>; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute()
    {
        if (SharedData.MissingReason is { } reason) Skip = reason;
    }
}

/// <summary>A theory on <see cref="SharedData"/>; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute()
    {
        if (SharedData.MissingReason is { } reason) Skip = reason;
    }
}
