using FsCheck;
using FsCheck.Fluent;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

/// <summary>Arbitrary documents for property tests.</summary>
internal static class TomlModels
{
    private static readonly Gen<string> Text = Gen.Elements(
            "a", "Z", "0", "_", "-", ".", " ", "\"", "'", "\\", "\n", "\r\n", "\t", "\b", "\f", "\0", "\u001b", "\u007f", "\u0085", "=", "#", "[", "]", "{", "}", ",",
            "é", "\u00a0", "\u202e", "\u2028", "\ufeff", "\uffff", "🦊", "\U000e0001", "\"\"\"", "'''", "\\u", "/usr/lib", "${rw}")
        .ListOf().Select(string.Concat);

    private static readonly Gen<TomlDate> Date =
        from year in Gen.Choose(0, 9999)
        from month in Gen.Choose(1, 12)
        from day in Gen.Choose(1, DateTime.DaysInMonth(year == 0 ? 4 : year, month))
        select new TomlDate(year, month, day);

    private static readonly Gen<TomlTime> Time =
        from hour in Gen.Choose(0, 23)
        from minute in Gen.Choose(0, 59)
        from second in Gen.Choose(0, 60)
        from nanosecond in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 999_999_999), Gen.Choose(0, 999).Select(milli => milli * 1_000_000))
        select new TomlTime(hour, minute, second, nanosecond);

    private static readonly Gen<TomlNode> Scalar = Gen.OneOf(
        Text.Select(text => (TomlNode)new TomlString(text)),
        ArbMap.Default.GeneratorFor<DoNotSize<long>>().Select(number => (TomlNode)new TomlInteger(number.Item)),
        ArbMap.Default.GeneratorFor<int>().Select(number => (TomlNode)new TomlInteger(number)),
        ArbMap.Default.GeneratorFor<DoNotSize<long>>().Select(bits => (TomlNode)new TomlFloat(BitConverter.Int64BitsToDouble(bits.Item))),
        ArbMap.Default.GeneratorFor<double>().Select(number => (TomlNode)new TomlFloat(number)),
        Gen.Elements(true, false).Select(truth => (TomlNode)new TomlBoolean(truth)),
        from date in Date from time in Time from offset in Gen.Choose(-1439, 1439) select (TomlNode)new TomlDateTime(date, time, offset),
        from date in Date from time in Time select (TomlNode)new TomlDateTime(date, time),
        Date.Select(date => (TomlNode)new TomlDateTime(date)),
        Time.Select(time => (TomlNode)new TomlDateTime(time)));

    public static Arbitrary<TomlTable> Documents { get; } = Arb.From(Gen.Sized(Table), Smaller);

    private static Gen<TomlTable> Table(int size) =>
        (from key in Text from value in Node(size / 2) select new TomlEntry(key, value)).ListOf().Resize(Math.Min(size, 6))
        .Select(entries => new TomlTable(entries.DistinctBy(entry => entry.Key)));

    private static Gen<TomlNode> Node(int size) => size == 0
        ? Scalar.Resize(8)
        : Gen.Frequency(
            (4, Scalar.Resize(8)),
            (2, Table(size).Select(table => (TomlNode)table)),
            (1, Array(Node(size / 2))),
            (2, Array(Table(size / 2).Select(table => (TomlNode)table))));

    private static Gen<TomlNode> Array(Gen<TomlNode> element) => element.ListOf().Resize(4).Select(elements => (TomlNode)new TomlArray(elements));

    // A counterexample is made smaller by leaving out entries, and by making the values that remain smaller.
    private static IEnumerable<TomlTable> Smaller(TomlTable table)
    {
        for (int i = 0; i < table.Count; i++)
        {
            yield return new TomlTable(table.Where((_, at) => at != i));
            foreach (TomlNode smaller in Smaller(table[i].Value))
                yield return new TomlTable(table.Select((entry, at) => at == i ? new TomlEntry(entry.Key, smaller) : entry));
        }
    }

    private static IEnumerable<TomlNode> Smaller(TomlNode node)
    {
        if (node is TomlTable table)
        {
            foreach (TomlTable smaller in Smaller(table)) yield return smaller;
        }
        else if (node is TomlArray array)
        {
            for (int i = 0; i < array.Count; i++)
            {
                yield return array[i];
                yield return new TomlArray(array.Where((_, at) => at != i));
                foreach (TomlNode smaller in Smaller(array[i])) yield return new TomlArray(array.Select((element, at) => at == i ? smaller : element));
            }
        }
        else if (node is TomlString { Value.Length: > 1 } text)
        {
            foreach (System.Text.Rune rune in text.Value.EnumerateRunes()) yield return new TomlString(rune.ToString());
        }
    }
}
