using System.Collections.Immutable;
using Landlock.Rulesets;

namespace Landlock.Documents.Reading;

/// <summary>Reads hosts, which may hold variables.</summary>
internal static class HostsReader
{
    /// <summary>The key, in the table <c>landlockps</c> of policies and of profiles.</summary>
    public const string Key = "connect_host";

    /// <summary>Reads a list of hosts. One that holds variables is looked at with their values.</summary>
    public static ImmutableArray<PolicyTemplate> Read(ReadContext context, Fields fields)
    {
        ImmutableArray<PolicyTemplate>.Builder hosts = ImmutableArray.CreateBuilder<PolicyTemplate>();
        foreach (SourceNode node in fields.Array(Key)?.Items ?? default)
        {
            if (!fields.IsString(Key, node)) continue;
            PolicyTemplate? host = PolicyTemplate.TryParse(node.Text, escaped: false, context.At(node.Position), out string? problem);
            if (host?.Literal is { } text) problem = Problem(text);
            if (problem is not null) context.Error(node.Position, problem);
            else hosts.Add(host!);
        }

        return hosts.ToImmutable();
    }

    private static string? Problem(string text)
    {
        try
        {
            _ = HostRule.Parse(text);
            return null;
        }
        catch (RulesetException e)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
