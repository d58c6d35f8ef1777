using System.Diagnostics;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Policies;

/// <summary>The preset Convert on real converters: what they make is what they make without a sandbox, and what they refuse, too.</summary>
public sealed class ConvertPresetTests : IDisposable
{
    // A font that is not embedded, so that another one of the system stands for it.
    private const string Page = "BT /F1 24 Tf 20 50 Td (Fonts of the system) Tj ET";

    private readonly PresetSandbox _sandbox = new(ordinary: true);

    public void Dispose() => _sandbox.Dispose();

    [ProgramFact("/usr/bin/identify")]
    public void ImageMagick_has_the_policy_that_it_has_outside()
    {
        string inside = _sandbox.Run("Convert", "/usr/bin/identify", "-list", "policy").Ran().Output;
        Assert.Contains("/etc/ImageMagick-", inside, StringComparison.Ordinal);
        Assert.Equal(Outside("/usr/bin/identify", "-list", "policy"), inside);
    }

    [ProgramFact("/usr/bin/convert", "/usr/bin/gs")]
    public void ImageMagick_refuses_postscript_where_its_policy_does()
    {
        _sandbox.Write("picture.ps", "%!PS\nshowpage\n");
        if (!Outside("/usr/bin/identify", "-list", "policy").Contains("pattern: PS\n", StringComparison.Ordinal)) return;
        Assert.Contains("security policy `PS'", _sandbox.Run("Convert", "/usr/bin/convert", "picture.ps", "picture.png").Ran(1).Error,
            StringComparison.Ordinal);
    }

    [ProgramFact("/usr/bin/convert")]
    public void ImageMagick_converts() =>
        Alike("out.ppm", "/usr/bin/convert", "-size", "120x40", "-font", "Helvetica", "label:text", "out.ppm");

    [ProgramFact("/usr/bin/pdftoppm")]
    public void Poppler_draws_the_same()
    {
        _sandbox.Write("page.pdf", Pdf());
        Alike("page.ppm", "/usr/bin/pdftoppm", "-r", "50", "-singlefile", "page.pdf", "page");
        Alike("page.txt", "/usr/bin/pdftotext", "page.pdf", "page.txt");
    }

    [ProgramFact("/usr/bin/gs")]
    public void Ghostscript_draws_the_same()
    {
        _sandbox.Write("page.pdf", Pdf());
        Alike("page.ppm", "/usr/bin/gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=ppmraw", "-r50",
            "-sOutputFile=page.ppm", "page.pdf");
    }

    [ProgramFact("/usr/bin/ffmpeg")]
    public void Ffmpeg_converts() => Alike("out.wav", "/usr/bin/ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
        "sine=duration=0.1", "-bitexact", "out.wav");

    // Inside and outside, the same file comes out, and nothing is said.
    private void Alike(string made, params string[] command)
    {
        string file = Path.Combine(_sandbox.Project, made);
        ExecRun run = _sandbox.Run("Convert", command).Ran();
        Assert.Equal("", run.Error);
        byte[] inside = File.ReadAllBytes(file);
        File.Delete(file);
        Assert.Equal("", Outside(command));
        Assert.NotEmpty(inside);
        Assert.Equal(File.ReadAllBytes(file), inside);
    }

    private string Outside(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        { WorkingDirectory = _sandbox.Project, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["HOME"] = _sandbox.Home;
        start.Environment["LANG"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static string Pdf()
    {
        string[] objects =
        [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            $"<</Length {Page.Length}>>stream\n{Page}\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ];
        string text = "%PDF-1.4\n";
        string places = "";
        for (int i = 0; i < objects.Length; i++)
        {
            places += $"{text.Length:D10} 00000 n \n";
            text += $"{i + 1} 0 obj\n{objects[i]}\nendobj\n";
        }

        return $"{text}xref\n0 6\n0000000000 65535 f \n{places}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{text.Length}\n%%EOF\n";
    }
}
