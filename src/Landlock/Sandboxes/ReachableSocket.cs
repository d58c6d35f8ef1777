using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>A known socket that a command can connect to: by a rule of every layer that restricts it, or since none does.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="GrantedBy">The path of a rule that was asked for and holds it; null if none does.</param>
public sealed record ReachableSocket(KnownSocket Socket, string? GrantedBy)
{
    /// <summary>What of the sockets that exist the layers leave in reach.</summary>
    internal static ImmutableArray<ReachableSocket> Find(LaunchRequest request, ImmutableArray<ResolvedLayer> layers,
        ImmutableArray<KnownSocket> known, Func<string, FoundPath> look)
    {
        if (known.Length == 0) return [];
        Dictionary<string, HashSet<FileIdentity>> above =
            known.ToDictionary(socket => socket.Path, socket => Above(socket.Path).ToHashSet());
        bool restricted = layers.Any(layer => (layer.HandledFs & AccessFs.ResolveUnix) != 0);
        ImmutableArray<ReachableSocket>.Builder found = ImmutableArray.CreateBuilder<ReachableSocket>();
        foreach (KnownSocket socket in known)
        {
            if (!layers.All(layer => (layer.HandledFs & AccessFs.ResolveUnix) == 0
                || layer.PathRules.Any(rule => (rule.Access & AccessFs.ResolveUnix) != 0
                    && Holds(rule.Found ?? look(rule.Path), socket.Path))))
            {
                continue;
            }

            // Where nothing restricts them a rule changes nothing. Then it tells something only if it names a place where daemons are.
            bool meant = restricted || !request.OwnSockets.Any(own => own.Service == socket.Service);
            found.Add(new ReachableSocket(socket, meant ? GrantedBy(socket.Path) : null));
        }

        return found.ToImmutable();

        string? GrantedBy(string socket)
        {
            foreach (Ruleset layer in request.Layers)
            {
                foreach (PathRule rule in layer.PathRules)
                {
                    if (restricted && (rule.Access & AccessFs.ResolveUnix) == 0) continue;
                    string path = RulesetResolver.Absolute(rule.Path, request.BaseDirectory);
                    if ((restricted || path != "/") && Holds(look(path), socket)) return path;
                }
            }

            return null;
        }

        // There may be thousands of rules: what was found at the path of each, and not at each part of it.
        bool Holds(FoundPath found, string socket) => found.Exists && above[socket].Contains(found.Identity);
    }

    // A socket and the directories that it is in, up to the root.
    private static IEnumerable<FileIdentity> Above(string path)
    {
        for (string? part = path; part is not null; part = Path.GetDirectoryName(part))
            if (PosixFile.Stat(part)?.Identity is { } identity) yield return identity;
    }

    /// <summary>One sentence for a warning: what was granted together with its sockets; null if nothing was.</summary>
    internal static string? Warning(LaunchPlan plan)
    {
        // Where it was foreseen there is nothing to warn of.
        if (plan.UnixForeseen) return null;
        ReachableSocket[] granted = [.. plan.Sockets.Where(socket => socket.GrantedBy is not null)];
        if (granted.Length == 0) return null;
        string what = string.Join(", and ", granted.GroupBy(socket => socket.GrantedBy)
            .Select(group => $"'{PosixText.Printable(group.Key!)}' holds {string.Join(", ", group.Select(socket => socket.Socket))}"));
        int abi = plan.Layers[0].KernelAbi;
        string anyway = abi < 9 ? $" This kernel (Landlock ABI {abi}) cannot deny connecting to UNIX sockets, whatever the rules say; ABI "
            + $"9 (Linux {AbiTable.Release(9)}) can. Refuse UNIX sockets altogether with -NoUnixSocket (--no-unix-socket)." : "";
        return $"What is allowed reaches other programs: {what}. A command that connects there can have them act outside of "
            + $"the sandbox.{anyway}";
    }
}
