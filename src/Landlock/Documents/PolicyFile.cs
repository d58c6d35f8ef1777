using System.Collections.Immutable;
using System.Runtime.Versioning;
using Landlock.Linux;

namespace Landlock.Documents;

/// <summary>Reads documents from files and directories, and writes them.</summary>
public static class PolicyFile
{
    /// <summary>The largest file that is read.</summary>
    public const int LargestFile = 64 << 20;

    /// <summary>Reads a document; the syntax is that of the file's ending, or else that of its text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="syntax">The syntax, whatever the file is called; null = find out.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="PolicyException">The file cannot be read, or is no valid document.</exception>
    public static PolicyDocument Read(string path, PolicySyntax? syntax = null, PolicyReadOptions? options = null)
    {
        PolicyReading reading = Check(path, syntax, options);
        return reading.Document ?? throw new PolicyException(reading.Findings);
    }

    /// <summary>Whether there is such a file. A link that leads nowhere is none, although to the runtime it exists.</summary>
    public static bool Exists(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PosixFile.Inspect(path) == PathKind.File;
    }

    /// <summary>
    /// Writes a file as a whole: if that fails, because the disk is full, say, the file is what it was. Links, mode and owner stay.
    /// </summary>
    /// <param name="path">The file; its directory has to exist.</param>
    /// <param name="text">The bytes.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> text)
    {
        ArgumentNullException.ThrowIfNull(path);
        string target = Path.GetFullPath(new FileInfo(path).LinkTarget is null ? path
            : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);
        if (!Exists(target))
        {
            Create(target, target, text);
            return;
        }

        // Write protection of the file counts, although a file beside it could take its place.
        File.OpenHandle(target, FileMode.Open, FileAccess.Write).Dispose();
        // What is no regular file, or belongs to somebody else, keeps its inode; and nothing may be made in some directories.
        bool isOwn = PosixFile.Stat(target) is { IsRegular: true } && PosixFile.Owner(target) == CurrentUser.Id;
        if (!isOwn || !OperatingSystem.IsLinux() || !Replace(target, text)) File.WriteAllBytes(target, text.ToArray());
    }

    /// <summary>Reads a document and tells everything that is wrong with it, a file that cannot be read included.</summary>
    public static PolicyReading Check(string path, PolicySyntax? syntax = null, PolicyReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] text;
        try
        {
            text = ReadBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new PolicyReading(null, [Unreadable(path, e)]);
        }

        return ReadPolicies.Check(text, syntax ?? PolicySyntaxes.OfFile(path) ?? PolicySyntaxes.OfText(text), path, options);
    }

    /// <summary>Reads a stream to its end, as <see cref="Check(string, PolicySyntax?, PolicyReadOptions?)"/> does a file.</summary>
    public static PolicyReading Check(Stream stream, string source, PolicySyntax? syntax = null, PolicyReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] text;
        try
        {
            text = ReadBytes(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new PolicyReading(null, [Unreadable(source, e)]);
        }

        return PolicyDocument.Check(text, syntax ?? PolicySyntaxes.OfText(text), source, options);
    }

    /// <summary>
    /// The documents of a directory, as upstream chooses them: regular files (through symbolic links too) whose names end in .toml or .json
    /// and do not begin with a dot; directories within are left alone. Upstream reads one syntax; so does this when one is named, and both
    /// otherwise.
    /// </summary>
    /// <exception cref="PolicyException">The directory cannot be read, or holds no document.</exception>
    public static ImmutableArray<string> List(string directory, PolicySyntax? syntax = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        List<string> files = [];
        try
        {
            foreach (string file in Directory.EnumerateFiles(directory))
            {
                string name = Path.GetFileName(file);
                if (name.StartsWith('.') || PolicySyntaxes.OfFile(name) is not { } found || (syntax ?? found) != found) continue;
                if (!OperatingSystem.IsLinux() || PosixFile.Stat(Path.GetFullPath(file)) is null or { IsRegular: true }) files.Add(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PolicyException([Unreadable(directory, e)]);
        }

        files.Sort(StringComparer.Ordinal);
        string endings = syntax switch { PolicySyntax.Toml => ".toml", PolicySyntax.Json => ".json", _ => ".toml or .json" };
        return files.Count > 0 ? [.. files] : throw PolicyException.At(new PolicyLocation(directory, 0, 0),
            $"the directory holds no document (a file that ends in {endings} and does not begin with a dot)");
    }

    /// <summary>
    /// Reads files, and the documents of directories (<see cref="List"/>). One bad document spoils all, and all bad ones are told.
    /// </summary>
    /// <exception cref="PolicyException">A file cannot be read or is no valid document, or a directory holds none.</exception>
    public static ImmutableArray<PolicyDocument> ReadAll(IEnumerable<string> paths, PolicySyntax? syntax = null,
        PolicyReadOptions? options = null)
    {
        (ImmutableArray<PolicyDocument> documents, ImmutableArray<PolicyFinding> findings) = CheckAll(paths, syntax, options);
        return findings.Any(finding => finding.Severity == FindingSeverity.Error) ? throw new PolicyException(findings) : documents;
    }

    /// <summary>Reads files and directories and tells everything that is wrong with them.</summary>
    public static (ImmutableArray<PolicyDocument> Documents, ImmutableArray<PolicyFinding> Findings) CheckAll(
        IEnumerable<string> paths, PolicySyntax? syntax = null, PolicyReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ImmutableArray<PolicyDocument>.Builder documents = ImmutableArray.CreateBuilder<PolicyDocument>();
        ImmutableArray<PolicyFinding>.Builder findings = ImmutableArray.CreateBuilder<PolicyFinding>();
        foreach (string path in paths)
        {
            try
            {
                foreach (string file in Directory.Exists(path) ? List(path, syntax) : [path])
                {
                    PolicyReading reading = Check(file, syntax, options);
                    findings.AddRange(reading.Findings);
                    if (reading.Document is { } document) documents.Add(document);
                }
            }
            catch (PolicyException e)
            {
                findings.AddRange(e.Findings);
            }
        }

        return (documents.ToImmutable(), findings.ToImmutable());
    }

    private static byte[] ReadBytes(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return ReadBytes(stream);
    }

    private static byte[] ReadBytes(Stream stream)
    {
        // A file says how long it is, as a rule: of what most policies need, a large buffer would be the largest part.
        byte[] text = new byte[stream.CanSeek ? Math.Clamp(stream.Length, 0, LargestFile) + 1 : 64 << 10];
        int length = 0;
        for (int read; (read = stream.Read(text, length, text.Length - length)) > 0;)
        {
            length += read;
            if (length > LargestFile) throw new IOException($"it is larger than {LargestFile >> 20} MiB, too large for a policy");
            if (length == text.Length) Array.Resize(ref text, Math.Min(2 * length, LargestFile + 1));
        }

        return text[..length];
    }

    private static PolicyFinding Unreadable(string path, Exception e)
    {
        string reason = e switch
        {
            FileNotFoundException or DirectoryNotFoundException => "there is no such file or directory",
            UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
            UnauthorizedAccessException => $"it may not be read ({ErrnoText.Describe(e)})",
            IOException { HResult: > 0 and < 4096 } or PathTooLongException => $"it cannot be read ({ErrnoText.Describe(e)})",
            IOException { HResult: var code } io when code is 0 or unchecked((int)0x80131620) => io.Message,
            _ => "it cannot be read",
        };
        return new PolicyFinding(new PolicyLocation(path, 0, 0), FindingSeverity.Error, reason);
    }

    [SupportedOSPlatform("linux")]
    private static bool Replace(string target, ReadOnlySpan<byte> text)
    {
        string draft = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}-{Guid.NewGuid():N}");
        try
        {
            Create(draft, target, text);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }

        File.SetUnixFileMode(draft, File.GetUnixFileMode(target));
        File.Move(draft, target, overwrite: true);
        return true;
    }

    // A new file, complete or not at all.
    private static void Create(string path, string shown, ReadOnlySpan<byte> text)
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            file.Write(text);
        }
        catch (IOException exception)
        {
            File.Delete(path);
            throw new IOException(exception.Message.Replace(path, shown, StringComparison.Ordinal),
                exception)
            { HResult = exception.HResult };
        }
    }
}
