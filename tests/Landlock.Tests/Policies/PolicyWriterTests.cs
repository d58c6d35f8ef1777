using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

public class PolicyWriterTests
{
    private static Ruleset Read(PolicyDocument document, PolicySyntax syntax)
    {
        PolicyDocument read = PolicyDocument.Read(PolicyWriter.Write(document, syntax), syntax, "written");
        return Policy.From(read).Resolve().Ruleset;
    }

    [Theory]
    [InlineData(PolicySyntax.Toml)]
    [InlineData(PolicySyntax.Json)]
    public void A_ruleset_survives_being_written(PolicySyntax syntax) =>
        Law.Holds(Written.Rulesets, ruleset => Assert.Equal(ruleset, Read(PolicyWriter.Export(ruleset).Document, syntax)), tests: 500);

    [Fact]
    public void Both_syntaxes_mean_the_same_and_turn_into_each_other() => Law.Holds(Written.Rulesets, ruleset =>
    {
        PolicyDocument document = PolicyWriter.Export(ruleset).Document;
        string toml = PolicyWriter.WriteText(document, PolicySyntax.Toml);
        string json = PolicyWriter.WriteText(document, PolicySyntax.Json);

        Assert.Equal(json, PolicyWriter.WriteText(FromToml(toml), PolicySyntax.Json));
        Assert.Equal(toml, PolicyWriter.WriteText(FromJson(json), PolicySyntax.Toml));
        Assert.Equal(Policy.From(FromToml(toml)), Policy.From(FromJson(json)));
    });

    [SharedFact]
    public void What_does_not_have_our_table_is_valid_upstream()
    {
        int plain = 0;
        Law.Holds(Written.Rulesets, ruleset =>
        {
            PolicyExport export = PolicyWriter.Export(ruleset);
            string? problem = JsonSchema.OfUpstream.Problem(PolicyWriter.WriteText(export.Document, PolicySyntax.Json));
            Assert.Equal(export.NeedsExtension, problem is not null);
            if (!export.NeedsExtension) plain++;
            else Assert.NotEmpty(export.Notes);
        }, tests: 500);
        Assert.True(plain > 20, $"{plain} documents were plain.");
    }

    [SharedFact]
    public void A_strict_document_means_the_same_upstream_or_is_refused()
    {
        int strict = 0;
        Law.Holds(Written.Rulesets, ruleset =>
        {
            PolicyExport export;
            try
            {
                export = PolicyWriter.Export(ruleset, new PolicyWriteOptions { Strict = true });
            }
            catch (PolicyException e)
            {
                Assert.StartsWith("landlockconfig cannot say this: ", e.Message, StringComparison.Ordinal);
                return;
            }

            strict++;
            string json = PolicyWriter.WriteText(export.Document, PolicySyntax.Json);
            Assert.Null(JsonSchema.OfUpstream.Problem(json));
            Ruleset read = Policy.From(FromJson(json, options: new PolicyReadOptions { StrictCompatibility = true })).Resolve().Ruleset;
            // In strict reading the largest ABI is 6, whose rights are those of 7 and 8.
            Ruleset expected = Written.AllOptional(ruleset) with { Name = null };
            Assert.Equal((expected.HandledFs, expected.HandledNet, expected.Scopes), (read.HandledFs, read.HandledNet, read.Scopes));
            Assert.Equal(expected.PathRules.AsEnumerable(), read.PathRules.AsEnumerable());
            Assert.Equal(expected.NetRules.AsEnumerable(), read.NetRules.AsEnumerable());
        }, tests: 500);
        Assert.True(strict > 20, $"{strict} documents were strict.");
    }

    [Fact]
    public void A_document_is_short_and_easy_to_read()
    {
        Ruleset ruleset = Ruleset.DenyAll(7)
            .With(new PathRule("/usr", (AccessFs)0x200d) { Optional = true })
            .With(new PathRule("/lib", (AccessFs)0x200d) { Optional = true })
            .With(new PathRule("/tmp", (AccessFs)0xfffe) { Optional = true })
            .With(new PathRule("/etc", AccessFs.ReadFile | AccessFs.ReadDir) { Optional = true })
            .With(new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp))
            .With(new NetRule(new PortRange(8000, 8002), AccessNet.ConnectTcp));
        PolicyExport export = PolicyWriter.Export(ruleset);

        Assert.Empty(export.Notes);
        Assert.Equal(
            """
            abi = 7

            [[ruleset]]
            handled_access_fs = ["abi.all"]
            handled_access_net = ["abi.all"]
            scoped = ["abi.all"]

            [[path_beneath]]
            allowed_access = ["read_file", "read_dir"]
            parent = ["/etc"]

            [[path_beneath]]
            allowed_access = ["abi.read_execute"]
            parent = ["/lib", "/usr"]

            [[path_beneath]]
            allowed_access = ["abi.read_write"]
            parent = ["/tmp"]

            [[net_port]]
            allowed_access = ["connect_tcp"]
            port = [443, 8000, 8001, 8002]

            """,
            PolicyWriter.WriteText(export.Document, PolicySyntax.Toml));
        Assert.Equal(
            """
            {
              "abi": 7,
              "ruleset": [
                {
                  "handledAccessFs": ["abi.all"],
                  "handledAccessNet": ["abi.all"],
                  "scoped": ["abi.all"]
                }
              ],
              "pathBeneath": [
                {
                  "allowedAccess": ["read_file", "read_dir"],
                  "parent": ["/etc"]
                },
            """,
            PolicyWriter.WriteText(export.Document, PolicySyntax.Json)
                .Split("\n    {\n      \"allowedAccess\": [\"abi.read_execute\"]")[0]);
    }

    [Fact]
    public void Our_table_says_what_the_format_cannot()
    {
        Ruleset ruleset = Ruleset.DenyAll(11)
            .With(new PathRule("/usr", AccessFs.ReadFile))
            .With(new PathRule("/opt", AccessFs.ReadFile) { Optional = true })
            .With(new PathRule("/run/\udcff.sock", AccessFs.ResolveUnix))
            .With(new PathRule("/noise", AccessFs.None) { Quiet = true })
            .With(new NetRule(new PortRange(1024, 65535), AccessNet.BindTcp) { Compatibility = Compatibility.HardRequirement })
            .WithQuiet(AccessFs.ReadFile, AccessNet.None, Scope.Signal)
            .WithLogging(RestrictFlags.LogNewExecOn)
            with
        { Name = "ci", Compatibility = Compatibility.SoftRequirement };
        PolicyExport export = PolicyWriter.Export(ruleset);

        Assert.Equal(
            """
            abi = 11

            [[ruleset]]
            handled_access_fs = ["abi.all"]
            handled_access_net = ["abi.all"]
            scoped = ["abi.all"]

            [[path_beneath]]
            allowed_access = ["read_file"]
            parent = ["/usr"]

            # LandlockPS's own table: landlockconfig refuses documents that have it.
            [landlockps]
            name = "ci"
            compatibility = "soft_requirement"
            missing_paths = "refuse"
            log = ["log_new_exec_on"]
            quiet_access_fs = ["read_file"]
            quiet_scoped = ["signal"]

            [[landlockps.path_beneath]]
            parent = ["/noise"]
            quiet = true

            [[landlockps.path_beneath]]
            allowed_access = ["read_file"]
            parent = ["/opt"]
            optional = true

            [[landlockps.path_beneath]]
            allowed_access = ["resolve_unix"]
            parent_escaped = ["/run/%FF.sock"]

            [[landlockps.net_port]]
            allowed_access = ["bind_tcp"]
            port = ["1024-65535"]
            compatibility = "hard_requirement"

            """,
            PolicyWriter.WriteText(export.Document, PolicySyntax.Toml));
        Assert.Equal(
            """
            the table 'landlockps' is needed: the ruleset has a name
            the table 'landlockps' is needed: the compatibility level is soft_requirement
            the table 'landlockps' is needed: paths are required to exist
            the table 'landlockps' is needed: it says what is logged
            the table 'landlockps' is needed: it says which denials are quiet
            the table 'landlockps' is needed: rules are quiet
            the table 'landlockps' is needed: some paths are optional
            the table 'landlockps' is needed: paths hold bytes that are not UTF-8
            the table 'landlockps' is needed: rules have their own compatibility level
            the table 'landlockps' is needed: it handles resolve_unix, bind_udp, connect_send_udp
            """,
            string.Join('\n', export.Notes));
        Assert.Equal(ruleset, Policy.From(export.Document).Resolve().Ruleset);
    }

    [Fact]
    public void What_strict_documents_leave_out_is_noted()
    {
        PolicyExport export = PolicyWriter.Export(Ruleset.DenyAll(7).With(new PathRule("/usr", AccessFs.ReadFile)) with { Name = "ci" },
            new PolicyWriteOptions { Strict = true });

        Assert.False(export.NeedsExtension);
        Assert.Equal(
            [
                "landlockconfig skips paths that do not exist; that they are required is not written",
                "landlockconfig has no place for names and descriptions; they are not written",
            ],
            export.Notes.AsEnumerable());
        Assert.Equal(
            "landlockconfig cannot say this: it says what is logged\nlandlockconfig cannot say this: it handles resolve_unix",
            Assert.Throws<PolicyException>(() => PolicyWriter.Export(Ruleset.DenyAll(9).WithLogging(RestrictFlags.LogNewExecOn),
                new PolicyWriteOptions { Strict = true })).Message);
        Assert.Equal(["a landlockconfig that does not know ABI 9 leaves out resolve_unix"],
            PolicyWriter.Export(Ruleset.DenyAll(9)).Notes.AsEnumerable());
        Assert.Equal(65536, PolicyWriter.Export(Ruleset.DenyAll(7).With(new NetRule(new PortRange(0, 65535), AccessNet.BindTcp)),
            new PolicyWriteOptions { Strict = true }).Document.NetPort[0].Ports.Length);
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        Assert.Contains("restrict nothing", Assert.Throws<PolicyException>(() => PolicyWriter.Export(Ruleset.Handling(7, 0, 0, 0))).Message,
            StringComparison.Ordinal);
        Assert.Contains("stands for no byte", Assert.Throws<PolicyException>(
            () => PolicyWriter.Export(Ruleset.DenyAll(7).With(new PathRule("/\ud800", AccessFs.ReadFile)))).Message,
            StringComparison.Ordinal);
        Assert.Contains("half of a surrogate pair", Assert.Throws<PolicyException>(
            () => PolicyWriter.Write(PolicyWriter.Export(Ruleset.DenyAll(7) with { Name = "\udcff" }).Document, PolicySyntax.Json)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_merged_policy_keeps_its_variables()
    {
        PolicyDocument a = FromToml("abi = 5\nvariable = [{ name = 'x', literal = ['/b', '/a'] }, { name = 'y' }]\n"
            + "path_beneath = [{ allowed_access = ['abi.all'], parent = ['${x}/${y}', '/c'] }]");
        PolicyExport export = PolicyWriter.Export(Policy.From(a));

        Assert.Empty(export.Notes);
        Assert.Equal(Policy.From(a), Policy.From(FromToml(PolicyWriter.WriteText(export.Document, PolicySyntax.Toml))));
    }
}
