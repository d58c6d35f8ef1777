using System.Collections.Immutable;

namespace Landlock.Profiles;

/// <summary>The profiles that ship with LandlockPS. They apply where they are named, and never by themselves.</summary>
internal static class ShippedProfiles
{
    private const string Prefix = "Landlock.Profiles.";
    private static readonly Lazy<ImmutableArray<Profile>> Read = new(() => [.. Names.Select(name => Load(name))]);

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = ["agent", "build", "untrusted"];

    /// <summary>All of them.</summary>
    public static ImmutableArray<Profile> All => Read.Value;

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
