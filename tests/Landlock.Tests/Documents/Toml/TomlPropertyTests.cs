using FsCheck;
using FsCheck.Fluent;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

public class TomlPropertyTests
{
    [Fact]
    public void What_the_writer_writes_reads_as_the_same_document()
    {
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(60),
            Prop.ForAll(TomlModels.Documents, document => document.ContentEquals(TomlReaderTests.Read(TomlWriter.Write(document)))));
    }

    [Fact]
    public void Added_tables_leave_the_rest_of_the_document_as_it_was()
    {
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(40),
            Prop.ForAll(TomlModels.Documents, TomlModels.Documents, (document, table) => TomlProperties.CheckAppend(System.Text.Encoding.UTF8.GetBytes(TomlWriter.Write(document)), document, table)));
    }

    [Fact]
    public void Any_bytes_are_a_document_or_a_TomlException()
    {
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(300),
            Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => TomlProperties.Check(bytes)));
    }
}
