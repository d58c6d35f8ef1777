using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Landlock.Tests;

/// <summary>
/// What others may build on is recorded in src/Landlock/PublicApi.txt, so that no change of it goes unseen. To accept a change:
/// <c>LANDLOCKPS_ACCEPT=1 dotnet test tests/Landlock.Tests --filter PublicApi</c>, and read the difference.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly SymbolDisplayFormat Format = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeExplicitInterface
            | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeType,
        parameterOptions: SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis
            | SymbolDisplayParameterOptions.IncludeModifiers
            | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeType,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: SymbolDisplayKindOptions.IncludeTypeKeyword | SymbolDisplayKindOptions.IncludeMemberKeyword,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
            | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    [Fact]
    public void The_public_interface_of_the_library_is_the_one_on_record()
    {
        string record = Path.Combine(Repository.Root, "src/Landlock/PublicApi.txt");
        string now = Describe(typeof(Landlock.Rulesets.Ruleset).Assembly.Location);
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_ACCEPT") == "1") File.WriteAllText(record, now);
        string[] before = File.ReadAllLines(record);
        string[] after = now.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string change =
            string.Join('\n', [.. before.Except(after).Select(line => "- " + line), .. after.Except(before).Select(line => "+ " + line)]);
        Assert.True(change.Length == 0, "The public interface has changed. If that is wanted, record it: LANDLOCKPS_ACCEPT=1 dotnet test "
            + $"tests/Landlock.Tests --filter PublicApi\n{change}");
    }

    private static string Describe(string path)
    {
        IEnumerable<string> framework = Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll");
        MetadataReference library = MetadataReference.CreateFromFile(path);
        CSharpCompilation compilation = CSharpCompilation.Create("reader",
            references: [library, .. framework.Where(IsManaged).Select(file => MetadataReference.CreateFromFile(file))]);
        IAssemblySymbol assembly = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(library)!;
        return string.Concat(Types(assembly.GlobalNamespace).SelectMany(Lines).Order(StringComparer.Ordinal).Select(line => line + "\n"));
    }

    private static bool IsManaged(string file) => Path.GetFileName(file) is { } name
        && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll")
        && !name.EndsWith(".so", StringComparison.Ordinal);

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container) =>
        container.GetMembers().SelectMany(member => member switch
        {
            INamespaceSymbol inner => Types(inner),
            INamedTypeSymbol type when IsVisible(type) => Types(type).Prepend(type),
            _ => [],
        });

    private static IEnumerable<string> Lines(INamedTypeSymbol type)
    {
        IEnumerable<INamedTypeSymbol> above = type is { TypeKind: TypeKind.Class, BaseType: { SpecialType: SpecialType.None } parent }
            ? type.Interfaces.Prepend(parent)
            : type.Interfaces;
        string bases = string.Join(", ", above.Where(IsVisible).Select(item => item.ToDisplayString(Format)).Order(StringComparer.Ordinal));
        yield return type.ToDisplayString(Format) + (bases.Length > 0 ? " : " + bases : "");
        foreach (ISymbol member in type.GetMembers().Where(member => member is not INamedTypeSymbol && IsVisible(member)))
        {
            // Accessors are told by their properties, and what the compiler makes for records by the kind of the type.
            if (member is IMethodSymbol { AssociatedSymbol: IPropertySymbol or IEventSymbol }) continue;
            if (member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute")) continue;
            yield return member.ToDisplayString(Format);
        }
    }

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
            && !symbol.Name.StartsWith('<');
}
