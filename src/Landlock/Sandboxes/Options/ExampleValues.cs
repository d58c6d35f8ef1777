namespace Landlock.Sandboxes.Options;

/// <summary>A few values for what there is no list of: a number, a size, a time.</summary>
internal static class ExampleValues
{
    /// <summary>Ports.</summary>
    public static (string Word, string Help)[] Ports { get; } =
    [
        ("443", "https"), ("80", "http"), ("22", "ssh"), ("53", "names (DNS)"), ("8080", "http for tests"), ("0", "to bind: any free port"),
    ];

    /// <summary>Sizes.</summary>
    public static (string Word, string Help)[] Sizes { get; } =
        [("256MB", "256 MiB"), ("512MB", "512 MiB"), ("1GB", "1 GiB"), ("2GB", "2 GiB"), ("4GB", "4 GiB")];

    /// <summary>Times.</summary>
    public static (string Word, string Help)[] Times { get; } =
        [("10s", "10 seconds"), ("30s", "30 seconds"), ("1m", "1 minute"), ("10m", "10 minutes"), ("1h", "1 hour")];

    /// <summary>Counts.</summary>
    public static (string Word, string Help)[] Counts { get; } = [("64", "64"), ("256", "256"), ("1024", "1024")];
}
