using System.Text;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Xunit.Abstractions;

namespace Landlock.Tests.Policies;

/// <summary>
/// A hundred thousand rules are read, composed, resolved and written in time that grows with their number and not faster.
/// </summary>
public class PolicyScaleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PolicySyntax.Toml)]
    [InlineData(PolicySyntax.Json)]
    public void Time_is_linear_in_the_number_of_rules(PolicySyntax syntax)
    {
        Run(1000, syntax);
        TimeSpan few = Run(10_000, syntax);
        TimeSpan many = Run(100_000, syntax);
        output.WriteLine($"{few.TotalMilliseconds:0} ms, {many.TotalMilliseconds:0} ms");

        // Ten times the rules; quadratic would be a hundred times.
        Assert.True(many < few * 40 + TimeSpan.FromSeconds(2), $"{few} and {many}");
    }

    private static TimeSpan Run(int rules, PolicySyntax syntax) => ProcessorTime.Of(() =>
    {
        PolicyDocument document = PolicyDocument.Read(Encoding.UTF8.GetBytes(Text(rules, syntax)), syntax, "many");
        PolicyComposition composition = PolicyComposition.Compose([document, document]);
        Ruleset ruleset = composition.Policy.Resolve().Ruleset;
        Assert.Equal(rules, ruleset.PathRules.Length);
        byte[] written = PolicyWriter.Write(PolicyWriter.Export(ruleset).Document, syntax);
        Assert.Equal(ruleset, Policy.From(PolicyDocument.Read(written, syntax, "written")).Resolve().Ruleset);
    });

    private static string Text(int rules, PolicySyntax syntax)
    {
        StringBuilder text = new();
        if (syntax == PolicySyntax.Json) text.Append("{\"pathBeneath\":[");
        for (int i = 0; i < rules; i++)
        {
            text.Append(syntax == PolicySyntax.Toml
                ? $"[[path_beneath]]\nallowed_access = ['{(i % 2 == 0 ? "execute" : "read_file")}']\nparent = ['/srv/{i}']\n"
                : $"{(i == 0 ? "" : ",")}{{\"allowedAccess\":[\"{(i % 2 == 0 ? "execute" : "read_file")}\"],\"parent\":[\"/srv/{i}\"]}}");
        }

        return (syntax == PolicySyntax.Json ? text.Append("]}") : text).ToString();
    }
}
