namespace Landlock.Tests.Hosts;

/// <summary>What the name server knows of a name.</summary>
/// <param name="Addresses">Its addresses of both kinds.</param>
internal sealed record Entry(params string[] Addresses)
{
    /// <summary>The name that it is an alias of; the addresses are that one's.</summary>
    public string? Alias { get; init; }

    /// <summary>A name that nobody asked for, and its address, in the same answer.</summary>
    public (string Name, string Address)? Unasked { get; init; }

    /// <summary>How long it may be kept, in seconds.</summary>
    public uint Life { get; init; } = 5;

    /// <summary>What is wrong with the answer.</summary>
    public Fault Fault { get; init; }
}

/// <summary>What is wrong with an answer.</summary>
internal enum Fault
{
    None,

    /// <summary>SERVFAIL.</summary>
    Fails,

    /// <summary>The first question for each kind gets none.</summary>
    Lost,

    /// <summary>It ends in the middle of a record.</summary>
    Broken,

    /// <summary>Before it come answers to other questions, with an address that is not the name's.</summary>
    Forged,

    /// <summary>Some of its bytes are others, each time.</summary>
    Damaged,

    /// <summary>It says what was odd about the question, as an address: 10.9.3.<see cref="Oddity"/>.</summary>
    Spy,
}

/// <summary>The names of the world.</summary>
internal sealed class Zone
{
    /// <summary>Where every name beneath pkg.example is that is not said to be elsewhere.</summary>
    public const string Packages = "10.9.0.4";

    /// <summary>The host that nothing allows.</summary>
    public const string Evil = "10.9.0.3";

    private int _turn;

    /// <summary>What is known of a name; null if it does not exist.</summary>
    public Entry? Find(string name) => name switch
    {
        "api.example.com" => new Entry("10.9.0.2", "fd00:9::2"),
        "www.example.com" => new Entry("10.9.0.2", "fd00:9::2") { Alias = "api.example.com" },
        "shared.example.net" => new Entry("10.9.0.2"),
        "evil.example.net" => new Entry(Evil, "fd00:9::3"),
        "turning.pkg.example" => new Entry($"10.9.1.{(Interlocked.Increment(ref _turn) % 250) + 1}"),
        "big.pkg.example" => new Entry([.. Enumerable.Range(1, 119).Select(i => $"10.9.2.{i}")]),
        "six.pkg.example" => new Entry("fd00:9::4"),
        "alias.pkg.example" => new Entry(Packages) { Alias = "edge.example.net" },
        "pkg.example" or "xpkg.example" or "c2vjcmv0.api.example.com" => new Entry(Packages),
        "circle.pkg.example" => new Entry { Alias = "circle.pkg.example" },
        "brief.pkg.example" => new Entry(Packages) { Life = 0 },
        "unasked.pkg.example" => new Entry(Packages) { Unasked = ("evil.example.net", Evil) },
        "local.pkg.example" => new Entry("127.0.0.1"),
        "local6.pkg.example" => new Entry("::1"),
        "mapped.pkg.example" => new Entry("::ffff:127.0.0.1"),
        "any.pkg.example" => new Entry("0.0.0.0"),
        "any6.pkg.example" => new Entry("::"),
        "metadata.pkg.example" => new Entry("169.254.169.254"),
        "own.pkg.example" => new Entry("10.9.0.1"),
        "own6.pkg.example" => new Entry("fd00:9::1"),
        "fails.pkg.example" => new Entry { Fault = Fault.Fails },
        "lost.pkg.example" => new Entry(Packages) { Fault = Fault.Lost },
        "broken.pkg.example" => new Entry(Packages, Evil) { Fault = Fault.Broken },
        "forged.pkg.example" => new Entry(Packages) { Fault = Fault.Forged },
        "spy.pkg.example" => new Entry { Fault = Fault.Spy },
        _ when name.EndsWith(".damaged.pkg.example", StringComparison.Ordinal) => new Entry(Packages)
        {
            Alias = "edge.example.net",
            Unasked = ("evil.example.net", Evil),
            Fault = Fault.Damaged,
        },
        _ when name.EndsWith(".pkg.example", StringComparison.Ordinal) => new Entry(Packages),
        _ => null,
    };
}
