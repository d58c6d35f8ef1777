using System.Text.RegularExpressions;

namespace Landlock.Tests.Linux;

/// <summary>Functions of the C library whose errors somebody asks for.</summary>
public sealed class ImportTests
{
    /// <summary>Without it the error of an earlier call is taken for that of this one, or none.</summary>
    [Fact]
    public void What_is_done_with_directories_keeps_its_error()
    {
        List<string> wrong = [];
        string root = Path.Combine(Repository.Root, "src/Landlock");
        foreach (string path in Directory.EnumerateFiles(root, "DirectoryHandle*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(path);
            wrong.AddRange(Regex.Matches(text, """\[LibraryImport\("libc"(, [^\]]*)?\)\]\s+[^(;]*?(\w+)\(""")
                .Where(import => !import.Groups[1].Value.Contains("SetLastError = true", StringComparison.Ordinal))
                .Select(import => $"{Path.GetFileName(path)}: {import.Groups[2].Value}"));
        }

        Assert.Empty(wrong);
    }
}
