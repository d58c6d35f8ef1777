using System.Security.Cryptography;

namespace LandlockPS.Denials;

/// <summary>
/// The sandboxes that this session started with -LogDenials, by the name that the kernel's log has for them. The kernel tells nobody the
/// number of a domain; the name of the thread that made it is what the two sides have in common.
/// </summary>
internal static class LaunchedSandboxes
{
    private const int Most = 1000;
    private static readonly object Gate = new();
    private static readonly Dictionary<string, string> Commands = new(StringComparer.Ordinal);
    private static readonly Queue<string> Order = new();

    /// <summary>A name that no other sandbox has: 15 bytes, as many as a thread's name can be.</summary>
    public static string Add(string command)
    {
        string name = "ll-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(6)).ToLowerInvariant();
        lock (Gate)
        {
            if (Order.Count >= Most) Commands.Remove(Order.Dequeue());
            Order.Enqueue(name);
            Commands[name] = command;
        }

        return name;
    }

    /// <summary>The command of a sandbox; null for one that this session did not start.</summary>
    public static string? Find(string? name)
    {
        lock (Gate) return name is null ? null : Commands.GetValueOrDefault(name);
    }
}
