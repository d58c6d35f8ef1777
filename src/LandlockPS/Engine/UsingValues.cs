using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace LandlockPS.Engine;

/// <summary>Collects the values of "$using:" expressions in the form that a remote PowerShell expects them.</summary>
internal static class UsingValues
{
    /// <summary>The values, keyed as the engine keys them; empty if the block uses none.</summary>
    public static Hashtable Collect(PSCmdlet cmdlet, ScriptBlock block)
    {
        Hashtable values = [];
        foreach (UsingExpressionAst expression
            in block.Ast.FindAll(node => node is UsingExpressionAst, searchNestedScriptBlocks: true).Cast<UsingExpressionAst>())
        {
            string text = expression.ToString();
            string key = Convert.ToBase64String(
                Encoding.Unicode.GetBytes(expression.SubExpression is VariableExpressionAst ? text.ToLowerInvariant() : text));
            if (!values.ContainsKey(key)) values.Add(key, Value(cmdlet, expression));
        }

        return values;
    }

    private static object? Value(PSCmdlet cmdlet, UsingExpressionAst expression)
    {
        if (expression.SubExpression is VariableExpressionAst { VariablePath: { IsUnqualified: true } path })
        {
            // Like Invoke-Command: a name that was mistyped must not silently be nothing.
            return (cmdlet.SessionState.PSVariable.Get(path.UserPath) ?? throw Undefined(cmdlet, expression)).Value;
        }

        // $using:a.b[0] and ${using:env:NAME}: the same expression without "using:", evaluated where the cmdlet was called.
        string text = expression.Extent.Text.Replace("$using:", "$", StringComparison.OrdinalIgnoreCase)
            .Replace("${using:", "${", StringComparison.OrdinalIgnoreCase);
        ScriptBlock evaluate = ScriptBlock.Create(text);
        return cmdlet.InvokeCommand.InvokeScript(useLocalScope: false, evaluate, null, []) is { Count: 1 } one ? one[0] : null;
    }

    private static ItemNotFoundException Undefined(PSCmdlet cmdlet, UsingExpressionAst expression)
    {
        ItemNotFoundException exception = new($"'{expression.Extent.Text}' has no value: there is no such variable here; nothing was run.");
        cmdlet.ThrowTerminatingError(Errors.New(exception, "UsingVariableIsUndefined", ErrorCategory.ObjectNotFound, expression.Extent.Text,
            "Set the variable first, or pass the value with -ArgumentList."));
        return exception;
    }
}
