using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace LandlockPS;

/// <summary>
/// Gives what reads TOML a load context of its own, so that our Tomlyn and that of another module never meet, whichever comes first.
/// Nothing of it is loaded before the first TOML is read.
/// </summary>
public sealed class TomlContext : IModuleAssemblyInitializer
{
    private const string Reader = "Landlock.Toml";

    private static readonly Lazy<Assembly> Loaded = new(Load);

    /// <summary>Is called when the module is imported.</summary>
    public void OnImport()
    {
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(typeof(TomlContext).Assembly)!;
        context.Resolving -= Resolve;
        context.Resolving += Resolve;
    }

    // Only for ourselves: somebody else may have a library of another version.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Reader && name.Version == typeof(TomlContext).Assembly.GetName().Version ? Loaded.Value : null;

    private static Assembly Load()
    {
        OwnContext context = new(Path.GetDirectoryName(typeof(TomlContext).Assembly.Location)!);
        return context.LoadFrom(Reader);
    }

    private sealed class OwnContext(string folder) : AssemblyLoadContext(Reader)
    {
        public Assembly LoadFrom(string name) => LoadFromAssemblyPath(Path.Combine(folder, $"{name}.dll"));

        // What else is asked for is of the runtime.
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == "Tomlyn" ? LoadFrom("Tomlyn") : null;
    }
}
