using FsCheck;
using FsCheck.Fluent;

namespace Landlock.Tests;

/// <summary>
/// Property tests: an assertion that must hold for everything a generator makes. A failure prints the seed that replays it.
/// </summary>
internal static class Law
{
    public static void Holds<T>(Gen<T> generator, Action<T> assertion, int tests = 200) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests), Prop.ForAll(generator.ToArbitrary(), assertion));

    /// <summary>The same for lists; a list that fails is cut down to the elements that matter.</summary>
    public static void HoldsForLists<T>(Gen<T> element, Action<T[]> assertion, int tests = 200) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests).WithEndSize(30),
            Prop.ForAll(Arb.From(Gen.ArrayOf(element), Shorter), assertion));

    private static IEnumerable<T[]> Shorter<T>(T[] list)
    {
        if (list.Length > 3) yield return list[..(list.Length / 2)];
        if (list.Length > 3) yield return list[(list.Length / 2)..];
        for (int i = 0; i < list.Length; i++) yield return [.. list[..i], .. list[(i + 1)..]];
    }
}
