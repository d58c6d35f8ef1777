using System.Collections.Immutable;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS.Binding;

/// <summary>The parameters that a script block declares.</summary>
internal sealed class BlockParameters
{
    private readonly ImmutableArray<(string Name, string[] Names, bool IsSwitch)> _all;

    /// <summary>Reads them from the block.</summary>
    public BlockParameters(ScriptBlock block)
    {
        ParamBlockAst? declared = (block.Ast as ScriptBlockAst ?? (block.Ast as FunctionDefinitionAst)?.Body)?.ParamBlock;
        _all = [.. (declared?.Parameters ?? Enumerable.Empty<ParameterAst>()).Select(
            parameter => (parameter.Name.VariablePath.UserPath, Names(parameter), parameter.StaticType == typeof(SwitchParameter)))];
    }

    /// <summary>
    /// The parameter that a written name means to the block: its name, an alias, or the beginning of one only; null if none.
    /// </summary>
    public (string Name, bool IsSwitch)? Find(string written)
    {
        var meant = _all.Where(parameter => parameter.Names.Contains(written, StringComparer.OrdinalIgnoreCase)).ToArray();
        if (meant.Length == 0)
            meant = [.. _all.Where(parameter => parameter.Names.Any(name => name.StartsWith(written, StringComparison.OrdinalIgnoreCase)))];
        return meant is [var (name, _, isSwitch)] ? (name, isSwitch) : null;
    }

    /// <summary>Every name, for suggestions.</summary>
    public IEnumerable<string> All => _all.Select(parameter => parameter.Name);

    private static string[] Names(ParameterAst parameter) =>
    [
        parameter.Name.VariablePath.UserPath,
        .. parameter.Attributes.OfType<AttributeAst>()
            .Where(attribute => attribute.TypeName.GetReflectionAttributeType() == typeof(AliasAttribute))
            .SelectMany(attribute => attribute.PositionalArguments).OfType<StringConstantExpressionAst>().Select(alias => alias.Value),
    ];
}
