using System.Text;
using Landlock.Documents;
using Landlock.Policies;
using Xunit.Abstractions;

namespace Landlock.Tests.Policies;

/// <summary>Hostile documents: each is read or refused, and nothing else happens.</summary>
public class PolicyFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Mutated_toml_documents_are_read_or_refused_and_nothing_else() =>
    new PolicyFuzzer(PolicySyntax.Toml, Seeds(PolicySyntax.Toml)).Run(output);

    [Fact]
    public void Mutated_json_documents_are_read_or_refused_and_nothing_else() =>
    new PolicyFuzzer(PolicySyntax.Json, Seeds(PolicySyntax.Json)).Run(output);

    private static IEnumerable<byte[]> Seeds(PolicySyntax syntax)
    {
        foreach (string seed in OwnSeeds.Concat(Preset.All.Take(3).Select(preset => preset.Text)))
        {
            byte[] text = Encoding.UTF8.GetBytes(seed);
            yield return syntax == PolicySyntax.Toml ? text : PolicyWriter.Write(PolicyDocument.ReadToml(text, "seed"), syntax);
        }

        if (SharedData.MissingReason is not null) yield break;
        foreach (string file in Directory.EnumerateFiles(SharedData.At("landlockconfig"), "*.*", SearchOption.AllDirectories))
            if (PolicySyntaxes.OfFile(file) == syntax) yield return File.ReadAllBytes(file);
    }

    private static readonly string[] OwnSeeds =
    [
        "abi = 6\n[[ruleset]]\nhandled_access_fs = ['abi.all', 'abi.read_write']\nscoped = ['signal']\n[[path_beneath]]\n"
            + "allowed_access = ['abi.read_execute']\nparent = ['${x}/$${x}', '/usr']\n[[variable]]\nname = 'x'\nliteral = ['/a', 'b']\n",
        "[[net_port]]\nallowed_access = ['bind_tcp']\nport = [0, 443]\n[landlockps]\nname = 'n'\nmissing_paths = 'refuse'\n"
            + "log = ['log_new_exec_on']\nquiet_access_net = ['bind_tcp']\n[[landlockps.net_port]]\nport = ['1-2']\nquiet = true\n",
        "[[landlockps.path_beneath]]\nallowed_access = ['resolve_unix']\nparent_escaped = ['/%ff${x}']\noptional = true\n"
            + "compatibility = 'best_effort'\n[[variable]]\nname = 'x'\n",
        "[[variable]]\nname = 'x'\nliteral = ['a.example', '80']\n[landlockps]\n"
            + "connect_host = ['${x}:80', '*.b.example', '10.0.0.0/8:1-9']\n",
    ];
}
