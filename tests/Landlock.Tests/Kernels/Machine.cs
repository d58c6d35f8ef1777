using System.Diagnostics;
using System.Text;

namespace Landlock.Tests.Kernels;

/// <summary>Something that a machine runs.</summary>
/// <param name="Name">Its name, without a blank.</param>
/// <param name="User">The user's id.</param>
/// <param name="Command">The program's path, and its arguments.</param>
internal sealed record Step(string Name, int User, params string[] Command)
{
    /// <summary>How long it may take.</summary>
    public int Seconds { get; init; } = 60;
}

/// <summary>What came of a step.</summary>
/// <param name="ExitCode">Its exit code; -1 after a signal.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record Answer(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit {ExitCode}, output '{Output}', error '{Error}'";
}

/// <summary>
/// A machine with another kernel: qemu, without the help of the processor, so that it works anywhere. It has no disk and no network.
/// </summary>
internal static class Machine
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Boots it, runs the steps, and ends it.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="parameters">More for its command line.</param>
    /// <param name="files">Its files; the program of the first process is added.</param>
    /// <param name="steps">What it runs.</param>
    public static Dictionary<string, Answer> Run(BootedKernel kernel, string parameters, Initramfs files, IReadOnlyList<Step> steps)
    {
        string folder = Directory.CreateTempSubdirectory("machine-").FullName;
        try
        {
            files.Add("/usr/bin/guest", Compile("tests/Kernels/guest.c", kernel.Hardware));
            files.AddLink("/init", "usr/bin/guest");
            files.Add("/steps", Encoding.UTF8.GetBytes(string.Concat(steps.Select(Text))));
            long size = files.Write(Path.Combine(folder, "initramfs"));

            string[] arguments =
            [
                "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-accel", "tcg", "-m", $"{768 + (4 * size >> 20)}",
                "-kernel", kernel.Image!, "-initrd", "initramfs", "-append", $"console={kernel.Hardware.Console} loglevel=4 panic=-1 "
                    + $"mitigations=off no_timer_check random.trust_cpu=on ANSWERS={kernel.Hardware.Answers} {parameters}",
                .. kernel.Hardware.Devices,
            ];
            using Process emulator =
                Process.Start(new ProcessStartInfo(kernel.Hardware.Emulator, arguments) { WorkingDirectory = folder })!;
            bool ended = emulator.WaitForExit(Limit + TimeSpan.FromSeconds(steps.Max(step => step.Seconds)));
            if (!ended) emulator.Kill();
            byte[] answers = File.Exists(Path.Combine(folder, "answers")) ? File.ReadAllBytes(Path.Combine(folder, "answers")) : [];
            Dictionary<string, Answer> read = Read(answers);
            Assert.True(ended && read.ContainsKey("end"), "The machine did not come to its "
                + $"end: {Encoding.Latin1.GetString(answers)}\n{File.ReadAllText(Path.Combine(folder, "console"))}");
            return read;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Compiles a program that needs no library: of one file, or of all in a folder.</summary>
    public static byte[] Compile(string source, Hardware? hardware = null)
    {
        string program = Path.GetTempFileName(), path = Path.Combine(Repository.Root, source);
        string[] files = Directory.Exists(path) ? Directory.GetFiles(path, "*.c") : [path];
        try
        {
            using Process compiler =
                Process.Start((hardware ?? Hardware.X64).Compiler, ["-O1", "-w", "-static", "-o", program, .. files, "-lrt", "-lpthread"]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
            return File.ReadAllBytes(program);
        }
        finally
        {
            File.Delete(program);
        }
    }

    /// <summary>A library of this machine that lies where its C library does; null if it has none.</summary>
    public static string? Library(string name)
    {
        string? c = File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => path.EndsWith("/libc.so.6", StringComparison.Ordinal));
        return c is not null && Path.Combine(Path.GetDirectoryName(c)!, name) is var path && File.Exists(path) ? path : null;
    }

    private static string Text(Step step) => string.Concat(
        ((string[])[step.Name, $"{step.User}", $"{step.Seconds}", $"{step.Command.Length}", .. step.Command]).Select(text => text + '\0'));

    private static Dictionary<string, Answer> Read(byte[] bytes)
    {
        Dictionary<string, Answer> answers = [];
        for (int at = 0; at < bytes.Length;)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', at);
            if (end < 0 || bytes[at] != '@') break;
            string[] head = Encoding.UTF8.GetString(bytes, at + 1, end - at - 1).Split(' ');
            int status = int.Parse(head[1]), output = int.Parse(head[2]), error = int.Parse(head[3]);
            if (end + 1 + output + error > bytes.Length) break;
            answers.Add(head[0], new Answer((status & 0x7F) == 0 ? status >> 8 : -1,
                Encoding.UTF8.GetString(bytes, end + 1, output), Encoding.UTF8.GetString(bytes, end + 1 + output, error)));
            at = end + 1 + output + error + (head[0] == "end" ? 0 : 1);
        }

        return answers;
    }
}
