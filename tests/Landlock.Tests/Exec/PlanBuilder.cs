using System.Runtime.InteropServices;
using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes;

namespace Landlock.Tests.Exec;

/// <summary>Writes plan images field by field, valid or not. It shares nothing with the library's own writer but the layout.</summary>
internal sealed class PlanBuilder
{
    public const ulong Execute = 0x1;
    public const ulong WriteFile = 0x2;
    public const ulong ReadFile = 0x4;
    public const ulong ReadDir = 0x8;

    /// <summary>Every file system right of ABI 1.</summary>
    public const ulong AllFs = 0x1FFF;

    public List<Layer> Layers { get; } = [];

    public string Program { get; set; } = "/bin/true";

    public List<string> Arguments { get; set; } = ["true"];

    public List<string>? Environment { get; set; }

    public List<(string Text, PlanVariableAction Action, PlanVariableFlags Flags)> Variables { get; } = [];

    public string? WorkingDirectory { get; set; }

    public List<PlanLimit> Limits { get; } = [];

    public List<uint> Kept { get; } = [];

    public List<ulong[]> Filters { get; } = [];

    public bool Messages { get; set; } = true;

    public Dictionary<int, string> ErrorTexts { get; } = new() { [2] = "no such file or directory", [13] = "permission denied" };

    public Dictionary<int, string> ExecuteTexts { get; } = [];

    public PlanFlags Flags { get; set; }

    public ulong Blocked { get; set; }

    public uint StandardError { get; set; }

    public ulong Ignored { get; set; }

    public string ThreadName { get; set; } = "";

    /// <summary>Stands for the name of the process, wherever it occurs.</summary>
    public static string Unnamed { get; } = "UNNAMED-HERE";

    /// <summary>Where the directory for temporary files is made; it is called "x-" and its name.</summary>
    public string? ScratchParent { get; set; }

    public string? Refusal { get; set; }

    public (ulong Inode, uint Major, uint Minor) Directory { get; set; }

    /// <summary>A plan with one layer under which ordinary programs run but may only read the system.</summary>
    public static PlanBuilder Command(params string[] command)
    {
        PlanBuilder plan = new();
        plan.Layers.Add(SystemLayer());
        if (command.Length > 0)
        {
            plan.Program = command[0];
            plan.Arguments = [.. command];
        }

        return plan;
    }

    public static PlanBuilder Shell(string script) => Command("/bin/sh", "-c", script);

    public static Layer SystemLayer()
    {
        Layer layer = new();
        foreach (string path in (string[])["/usr", "/bin", "/lib", "/lib64", "/etc", "/proc"])
            layer.Path(path, Execute | ReadFile | ReadDir, PlanRuleFlags.Optional);
        layer.Path("/dev/null", ReadFile | WriteFile);
        return layer;
    }

    public byte[] Build()
    {
        Image image = new();
        PlanHeader header = new()
        {
            Magic = PlanLayout.Magic,
            Version = PlanLayout.Version,
            Flags = (uint)Flags,
            LayerCount = (uint)Layers.Count,
            ArgumentCount = (uint)Arguments.Count,
            EnvironmentCount = Environment is null ? PlanLayout.InheritEnvironment : (uint)Environment.Count,
            LimitCount = (uint)Limits.Count,
            VariableCount = (uint)Variables.Count,
            KeepCount = (uint)Kept.Count,
            FilterCount = (uint)Filters.Count,
            MessageCount = Messages ? (uint)PlanStep.Count : 0,
            ErrorTextCount = (uint)ErrorTexts.Count,
            ExecuteTextCount = (uint)ExecuteTexts.Count,
            BlockedSignals = Blocked,
            IgnoredSignals = Ignored,
            StandardError = StandardError,
            DirectoryInode = Directory.Inode,
            DirectoryMajor = Directory.Major,
            DirectoryMinor = Directory.Minor,
        };
        image.Table([header]);

        header.LayerOffset = image.Table([.. Layers.Select(layer => WriteLayer(image, layer))]);
        header.Program = Target(image, Program, real: false);
        header.ArgumentOffset = image.Table([.. Arguments.Select(image.Text)]);
        header.EnvironmentOffset = image.Table([.. (Environment ?? []).Select(image.Text)]);
        header.VariableOffset = image.Table([.. Variables.Select(rule =>
            new PlanVariable { Text = image.Text(rule.Text), Action = (uint)rule.Action, Flags = (uint)rule.Flags })]);
        header.Directory = WorkingDirectory is null ? default : Target(image, WorkingDirectory);
        header.Scratch = ScratchParent is null ? 0 : image.Text($"x-{Unnamed}");
        header.ScratchPath = ScratchParent is null ? 0 : image.Text($"{ScratchParent}/x-{Unnamed}/t");
        header.ScratchParent = ScratchParent is null ? default : Target(image, ScratchParent);
        header.Refusal = Refusal is null ? 0 : image.Text(Refusal);
        header.LimitOffset = image.Table([.. Limits]);
        header.KeepOffset = image.Table([.. Kept]);
        header.FilterOffset = image.Table(
            [.. Filters.Select(filter => new PlanFilter { Offset = image.Table(filter), Count = (uint)filter.Length })]);
        if (Messages)
        {
            header.MessageOffset = image.Table([.. Enumerable.Range(0, (int)PlanStep.Count).Select(step => new PlanMessage
            {
                Before = image.Text($"[{(PlanStep)step}] "),
                Between = image.Text(": "),
                After = image.Text(" (end)"),
            })]);
        }

        header.ErrorTextOffset = image.Table([.. ErrorTexts.Select(pair => ErrorText(image, pair))]);
        header.ExecuteTextOffset = image.Table([.. ExecuteTexts.Select(pair => ErrorText(image, pair))]);
        byte[] name = new byte[16];
        Encoding.UTF8.GetBytes(ThreadName, name);
        header.ThreadName0 = MemoryMarshal.Read<ulong>(name);
        header.ThreadName1 = MemoryMarshal.Read<ulong>(name.AsSpan(8));
        uint[] names = [.. image.Find(Unnamed)];
        header.NameCount = (uint)names.Length;
        header.NameOffset = image.Table(names);
        return image.ToArray(header);
    }

    private static PlanErrorText ErrorText(Image image, KeyValuePair<int, string> pair) =>
        new() { Error = pair.Key, Text = image.Text(pair.Value) };

    private static PlanLayer WriteLayer(Image image, Layer layer) => new()
    {
        AttributeOffset = image.Table(layer.Attribute),
        AttributeSize = (uint)layer.Attribute.Length * 8,
        RestrictFlags = layer.RestrictFlags,
        PathRuleCount = (uint)layer.Paths.Count,
        PathRuleOffset = image.Table([.. layer.Paths.Select(rule => new PlanPathRule
        {
            Access = rule.Access,
            Target = (rule.Flags & PlanRuleFlags.Scratch) != 0 ? default : Change(rule, Target(image, rule.Path, rule.Real)),
            Label = image.Text($"<{rule.Path}>"),
            Flags = (uint)rule.Flags,
            AddFlags = rule.AddFlags,
        })]),
        PortRuleCount = (uint)layer.Ports.Count,
        PortRuleOffset = image.Table([.. layer.Ports]),
    };

    // As the library would find it; what is not there has no identity.
    private static PlanObject Target(Image image, string path, bool real = true)
    {
        FoundPath found = PosixFile.Find(path);
        return new PlanObject
        {
            Path = image.Text(real ? found.RealPath ?? path : path),
            Flags = (uint)((found.IsRenumbered ? PlanObjectFlags.AnyInode : 0) | (found.IsOwn ? PlanObjectFlags.Links : 0)),
            Inode = found.Identity.Inode,
            DeviceMajor = found.Identity.Major,
            DeviceMinor = found.Identity.Minor,
        };
    }

    private static PlanObject Change(PathRule rule, PlanObject found) => rule.Change is null ? found : rule.Change(found);

    internal sealed record PathRule(string Path, ulong Access, PlanRuleFlags Flags, uint AddFlags)
    {
        /// <summary>Whether the plan has the real path, and not the one that is written.</summary>
        public bool Real { get; init; } = true;

        /// <summary>Changes what was found.</summary>
        public Func<PlanObject, PlanObject>? Change { get; init; }
    }

    internal sealed class Layer
    {
        public ulong[] Attribute { get; set; } = [AllFs];

        public uint RestrictFlags { get; set; }

        public List<PathRule> Paths { get; } = [];

        public List<PlanPortRule> Ports { get; } = [];

        public Layer Path(string path, ulong access, PlanRuleFlags flags = PlanRuleFlags.None, uint addFlags = 0)
        {
            Paths.Add(new(path, access, flags, addFlags));
            return this;
        }

        public Layer Port(uint port, ulong access)
        {
            Ports.Add(new() { Port = port, Access = access });
            return this;
        }
    }

    /// <summary>
    /// The growing block of memory. A table is placed before the texts that it names would be known, hence the order of writing.
    /// </summary>
    private sealed class Image
    {
        private readonly List<byte> bytes = [];

        public uint Size => (uint)bytes.Count;

        public uint Table<T>(T[] records)
            where T : unmanaged
        {
            while (bytes.Count % 8 != 0)
                bytes.Add(0);
            uint offset = Size;
            bytes.AddRange(MemoryMarshal.AsBytes<T>(records));
            return offset;
        }

        public uint Text(string text)
        {
            uint offset = Size;
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
            bytes.Add(0);
            return offset;
        }

        public IEnumerable<uint> Find(string text)
        {
            string all = Encoding.Latin1.GetString([.. bytes]);
            for (int at = all.IndexOf(text, StringComparison.Ordinal); at >= 0; at = all.IndexOf(text, at + 1, StringComparison.Ordinal))
                yield return (uint)at;
        }

        public byte[] ToArray(PlanHeader header)
        {
            byte[] image = new byte[(bytes.Count + 7) & ~7];
            bytes.CopyTo(image);
            header.Size = (uint)image.Length;
            MemoryMarshal.Write(image, header);
            PlanOracle.Seal(image);
            return image;
        }
    }
}
