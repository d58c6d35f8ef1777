using System.Collections.Immutable;

namespace Landlock.Profiles;

/// <summary>The profiles that ship with LandlockPS. They apply where they are named, and never by themselves.</summary>
internal static class ShippedProfiles
{
    private const string Prefix = "Landlock.Profiles.";
    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = ["agent", "build", "untrusted"];

    // One that is not asked for is not read.
    private static readonly Dictionary<string, Lazy<Profile>> Read =
        Names.ToDictionary(name => name, name => new Lazy<Profile>(() => Load(name)), StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public static ImmutableArray<Profile> All => [.. Names.Select(name => Read[name].Value)];

    /// <summary>The one of a name; null if there is none.</summary>
    public static Profile? Find(string name) => Read.TryGetValue(name, out Lazy<Profile>? profile) ? profile.Value : null;

    /// <summary>The text of one, as its file has it.</summary>
    public static string Text(string name) => System.Text.Encoding.UTF8.GetString(Bytes(name));

    private static Profile Load(string name) => ProfileReader.Read(Bytes(name), name, ProfileOrigin.Shipped);

    private static byte[] Bytes(string name)
    {
        using Stream stream = typeof(ShippedProfiles).Assembly.GetManifestResourceStream($"{Prefix}{name}.toml")!;
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}
