using System.Management.Automation;
using Landlock.Abi;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Show-LandlockAccess: a directory tree with what a sandbox allows at each place.</summary>
[Cmdlet(VerbsCommon.Show, "LandlockAccess", DefaultParameterSetName = PathSet)]
[OutputType(typeof(AccessTreeEntry))]
public sealed class ShowLandlockAccessCommand : AccessQueryCommand
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath";

    /// <summary>Where to begin, wildcards allowed; default is the current directory.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [PathTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = ["."];

    /// <summary>Where to begin, taken as it stands.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [PathTransformation]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>How many levels of directories to enter.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Depth { get; set; } = 1;

    /// <summary>Directories only.</summary>
    [Parameter]
    public SwitchParameter Directory { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        _ = Evaluator;
        foreach (string path in ParameterSetName == LiteralPathSet ? LiteralPath.Select(path => RulePath.Literal(this, path))
            : Path.SelectMany(path => RulePath.Matching(this, path)))
        {
            Write(path, path, "");
            if (IsPlainDirectory(path)) Enter(path, "", Depth);
        }
    });

    private void Enter(string directory, string indent, int depth)
    {
        if (depth == 0 || Stopping) return;
        string[] items;
        try
        {
            items = [.. System.IO.Directory.EnumerateFileSystemEntries(directory).Where(Wanted).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            WriteError(Errors.New(exception, "DirectoryUnreadable", ErrorCategory.PermissionDenied, directory,
                "Run it as a user who may list the directory; the sandbox has no part in this."));
            return;
        }

        for (int i = 0; i < items.Length && !Stopping; i++)
        {
            bool last = i == items.Length - 1;
            Write(items[i], System.IO.Path.GetFileName(items[i]), indent + (last ? "└─ " : "├─ "));
            if (IsPlainDirectory(items[i])) Enter(items[i], indent + (last ? "   " : "│  "), depth - 1);
        }
    }

    private bool Wanted(string path) => !Directory || System.IO.Directory.Exists(path);

    private void Write(string path, string name, string indent)
    {
        AccessFs restricted = Evaluator.Layers.Aggregate(AccessFs.None, (all, layer) => all | layer.HandledFs);
        FileInfo item = new(path);
        WriteObject(new AccessTreeEntry(path, name, indent, System.IO.Directory.Exists(path), item.LinkTarget, Evaluator.Granted(path),
            Evaluator.Applicable(path, restricted)));
    }

    // Links are shown and not entered: they may lead in circles.
    private static bool IsPlainDirectory(string path) => System.IO.Directory.Exists(path) && new FileInfo(path).LinkTarget is null;
}
