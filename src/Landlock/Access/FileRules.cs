using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>The path rules of all layers by the inode that they are bound to, and what each layer denies without a rule.</summary>
internal sealed class FileRules
{
    private readonly Dictionary<FileIdentity, AccessFs[]> _byInode = [];
    private readonly Dictionary<FileIdentity, List<ContributingRule>> _texts = [];

    /// <summary>Looks at every rule's path, as the kernel does when the rule is added.</summary>
    public FileRules(ImmutableArray<ResolvedLayer> layers)
    {
        Nothing = new AccessFs[layers.Length];
        // A domain without any filesystem right leaves the filesystem alone; any other denies refer in each of its layers.
        bool restricts = layers.Any(layer => layer.HandledFs != 0);
        Handled = [.. layers.Select(layer => restricts ? layer.HandledFs | AccessFs.Refer : AccessFs.None)];
        for (int i = 0; i < layers.Length; i++)
            foreach (ResolvedPathRule rule in layers[i].PathRules) Add(i, layers[i].Status.Name, rule);
    }

    /// <summary>What each layer denies unless a rule allows it.</summary>
    public ImmutableArray<AccessFs> Handled { get; }

    /// <summary>No right in any layer.</summary>
    public AccessFs[] Nothing { get; }

    /// <summary>What rules on an inode grant, for each layer; null if there are none.</summary>
    public AccessFs[]? On(FileIdentity identity) => _byInode.GetValueOrDefault(identity);

    /// <summary>The rules on an inode.</summary>
    public IEnumerable<ContributingRule> Texts(FileIdentity identity) =>
        _texts.TryGetValue(identity, out List<ContributingRule>? rules) ? rules : [];

    /// <summary>Both, layer by layer.</summary>
    public AccessFs[] Union(AccessFs[] a, AccessFs[] b)
    {
        AccessFs[] union = new AccessFs[Nothing.Length];
        for (int i = 0; i < union.Length; i++) union[i] = a[i] | b[i];
        return union;
    }

    private void Add(int layer, string? name, ResolvedPathRule rule)
    {
        EntryStatus status = PosixEntry.Look(rule.Path, follow: !rule.IsReal);
        if (status.Error != Errno.None)
        {
            // As landlock-exec: only what is missing is skipped.
            if (rule.Optional && status.Error is Errno.ENOENT or Errno.ENOTDIR) return;
            throw new KernelException("open", status.Error, rule.Path);
        }

        if (rule.IsReal && (status.Mode & 0xF000) == 0xA000) return;
        AccessFs access = (status.Mode & 0xF000) == 0x4000 ? rule.Access : rule.FileAccess;
        FileIdentity identity = status.Identity;
        if (!_byInode.TryGetValue(identity, out AccessFs[]? granted)) _byInode[identity] = granted = new AccessFs[Nothing.Length];
        granted[layer] |= access;
        if (!_texts.TryGetValue(identity, out List<ContributingRule>? texts)) _texts[identity] = texts = [];
        texts.Add(new ContributingRule(layer + 1, name, new PathRule(rule.Path, access), null));
    }
}
