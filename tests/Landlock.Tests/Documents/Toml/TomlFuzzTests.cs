using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace Landlock.Tests.Documents.Toml;

/// <summary>Hostile texts: each is read or refused, and nothing else happens.</summary>
public class TomlFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Mutated_documents_are_read_or_refused_and_nothing_else() => new TomlFuzzer(Seeds()).Run(output);

    [Fact]
    public void Any_bytes_are_a_document_or_refused() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(300),
            Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => TomlFuzzer.Check(bytes)));

    private static IEnumerable<byte[]> Seeds() =>
        TomlSuite.Names(valid: true).Concat(TomlSuite.Names(valid: false)).Select(TomlSuite.Read)
            .Concat(OwnSeeds.Select(Encoding.UTF8.GetBytes));

    private static readonly string[] OwnSeeds =
    [
        "abi = 6\n\n# tools\n[[path_beneath]]\nallowed_access = [\"abi.read_execute\"]\nparent = [\"/usr\", '/bin']\n",
        "[[variable]]\nname = \"rw\"\nliteral = [\n  \"/tmp\", # scratch\n]\n[[net_port]]\nport = [443, 0x1F90]\n",
        "a.b.c = 1\n[d.e]\nf = {g.h = [1, 2.5e-7, inf], i = 1987-07-05 17:45:00.5+02:00}\n[[d.j]]\n[d.j.k]\n",
        "s = \"\"\"\n\\u00e9\\\n   x\"\"\"\"\"\nt = '''\r\n''''\r\n\"é 🦊\" = 07:32:00\r\n",
    ];
}
