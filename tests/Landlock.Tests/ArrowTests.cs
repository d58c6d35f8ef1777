using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Landlock.Tests;

/// <summary>The rooms of the code: dependencies point one way, and a namespace is the name of its folder.</summary>
public sealed class ArrowTests
{
    /// <summary>From the ground up: a room may use those before it. What stands together may not use each other.</summary>
    private static readonly string[][] Floors =
    [
        ["Text"],
        ["Abi"],
        ["Linux"],
        ["Rulesets"],
        ["Documents"],
        ["Policies"],
        ["Access"],
        ["Sandboxes"],
        ["Profiles", "Tracing", "Previews"],
        ["Denials"],
        ["Learning"],
    ];

    private static readonly string[] Programs = ["Landlock", "LandlockExec", "Landlocked", "LandlockPS"];

    [Fact]
    public void A_namespace_is_the_name_of_its_folder()
    {
        List<string> wrong = [];
        foreach ((string path, SyntaxTree tree) in Programs.SelectMany(Sources))
        {
            string expected = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Repository.Root, "src"), path))!.Replace('/', '.');
            foreach (BaseNamespaceDeclarationSyntax space in tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
            {
                string name = space.Name.ToString();
                // What PowerShell shows or takes has one namespace, whatever its room: the full names of cmdlets are part of error ids.
                bool isShown = expected.StartsWith("LandlockPS.", StringComparison.Ordinal) && name == "LandlockPS"
                    && space.Members.OfType<BaseTypeDeclarationSyntax>().Any(type => type.Modifiers.Any(SyntaxKind.PublicKeyword));
                // landlock-exec brings the core library's names itself.
                if (name != expected && !isShown && !path.EndsWith("/CoreLibrary.cs", StringComparison.Ordinal))
                    wrong.Add($"{path}: {name}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_folder_of_the_library_is_a_room() => Assert.Equal(
        Floors.SelectMany(rooms => rooms).Order(StringComparer.Ordinal),
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src/Landlock")).Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal));

    [Fact]
    public void No_room_of_the_library_uses_one_above()
    {
        (string Path, SyntaxTree Tree)[] sources = [.. Sources("Landlock")];
        CSharpCompilation compilation =
            CSharpCompilation.Create("library", sources.Select(source => source.Tree).Append(ImplicitUsings), Framework(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        SortedSet<string> arrows = new(StringComparer.Ordinal);
        foreach ((string path, SyntaxTree tree) in sources)
        {
            string room = Path.GetRelativePath(Path.Combine(Repository.Root, "src/Landlock"), path).Split('/')[0];
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                if (model.GetSymbolInfo(name).Symbol is not { } symbol) continue;
                if (RoomOf(symbol) is { } used && used != room && Floor(used) >= Floor(room))
                    arrows.Add($"{path}: {room} uses {symbol.Name} of {used}");
            }
        }

        Assert.True(arrows.Count == 0, string.Join('\n', arrows));
    }

    [Fact]
    public void Programs_use_the_library_and_never_each_other()
    {
        List<string> wrong = [];
        foreach (string program in Programs)
        {
            foreach ((string path, SyntaxTree tree) in Sources(program))
            {
                foreach (UsingDirectiveSyntax used in tree.GetRoot().DescendantNodes().OfType<UsingDirectiveSyntax>())
                {
                    string first = used.NamespaceOrType.ToString().Split('.')[0];
                    bool allowed = first == program || first == "Landlock" || !Programs.Contains(first);
                    // Of the library, landlock-exec shares the layout of a plan alone.
                    if (program == "LandlockExec" && first == "Landlock") allowed = used.NamespaceOrType.ToString() == "Landlock.Sandboxes";
                    if (!allowed) wrong.Add($"{path}: {used}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static int Floor(string room) => Array.FindIndex(Floors, rooms => rooms.Contains(room));

    private static string? RoomOf(ISymbol symbol)
    {
        string[] parts = (symbol as INamespaceSymbol ?? symbol.ContainingNamespace)?.ToDisplayString().Split('.') ?? [];
        return parts is ["Landlock", { } room, ..] && Floor(room) >= 0 ? room : null;
    }

    private static IEnumerable<(string Path, SyntaxTree Tree)> Sources(string project) =>
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
        where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
        select (file, CSharpSyntaxTree.ParseText(File.ReadAllText(file), new CSharpParseOptions(LanguageVersion.Preview), file));

    // What a build adds to every file.
    private static SyntaxTree ImplicitUsings { get; } = CSharpSyntaxTree.ParseText(
        string.Concat(((string[])["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
            "System.Threading.Tasks", "Landlock.Text"])
            .Select(space => $"global using {space};\n")), new CSharpParseOptions(LanguageVersion.Preview));

    private static IEnumerable<MetadataReference> Framework() =>
        from file in Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "System.*.dll")
            .Append(typeof(object).Assembly.Location)
        where !file.EndsWith(".Native.dll", StringComparison.Ordinal)
        select MetadataReference.CreateFromFile(file);
}
