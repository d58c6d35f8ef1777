using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS;

/// <summary>
/// Finds an option that was meant for the wrapped command but bound, by its first letters, to a parameter of the cmdlet:
/// in "Invoke-Landlocked grep -v x", -v is taken as -Verbose.
/// </summary>
internal static class SwallowedOption
{
    public static string? Find(InvocationInfo invocation, object command)
    {
        if (Unwrapped.From(command) is not string || string.IsNullOrEmpty(invocation.Line)) return null;
        int start = Math.Clamp(invocation.OffsetInLine - 1, 0, invocation.Line.Length);
        Ast ast = Parser.ParseInput(invocation.Line[start..], out _, out _);
        if (ast.Find(node => node is CommandAst, searchNestedScriptBlocks: false) is not CommandAst call) return null;

        bool afterCommand = false;
        for (int i = 1; i < call.CommandElements.Count; i++)
        {
            switch (call.CommandElements[i])
            {
                case StringConstantExpressionAst { Value: "--" }:
                    return null;
                case CommandParameterAst { ParameterName: "-" }:
                    return null;
                case CommandParameterAst option when afterCommand && IsAbbreviation(invocation, option.ParameterName):
                    return option.Extent.Text;
                case CommandParameterAst option when !afterCommand && option.Argument is null && TakesValue(invocation, option.ParameterName):
                    i++;
                    break;
                case CommandParameterAst:
                    break;
                default:
                    afterCommand = true;
                    break;
            }
        }

        return null;
    }

    // Written in full, a parameter behind the command is meant for the cmdlet; a few letters of it are more likely the command's own option.
    private static bool IsAbbreviation(InvocationInfo invocation, string name) =>
        invocation.BoundParameters.Keys.Any(bound => bound.StartsWith(name, StringComparison.OrdinalIgnoreCase) && bound.Length > name.Length)
        && !invocation.MyCommand.Parameters.ContainsKey(name);

    private static bool TakesValue(InvocationInfo invocation, string name)
    {
        ParameterMetadata? parameter = invocation.MyCommand.Parameters.Values.FirstOrDefault(candidate => candidate.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return parameter is not null && !parameter.SwitchParameter;
    }
}
