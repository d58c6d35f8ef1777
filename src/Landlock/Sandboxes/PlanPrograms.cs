using System.Globalization;
using System.Runtime.InteropServices;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>Where the programs of this library are.</summary>
internal static class PlanPrograms
{
    /// <summary>The path of a program: beside the application, or where its package was restored to.</summary>
    /// <exception cref="LaunchException">It is not there.</exception>
    public static string Find(PlanProgram program)
    {
        string name = NameOf(program);
        string rid = $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        string[] places = [Path.Combine(AppContext.BaseDirectory, name),
            Path.Combine(AppContext.BaseDirectory, "runtimes", rid, "native", name), .. Native(name)];
        return places.FirstOrDefault(File.Exists)
            ?? throw new LaunchException(LaunchProblem.SetupFailed, name, program == PlanProgram.LandlockExec
            ? $"'{name}' is not beside the application, nor in runtimes/{rid}/native; nothing was run. Publish the application with the "
                + "files of the package Landlock."
            : $"A time limit, total limits, private temporary files and traces need '{name}' to stay beside the command, and it is not "
                + "beside the application; nothing was run. It is part of the releases of LandlockPS: copy it there.");
    }

    /// <summary>The name of a program's file.</summary>
    internal static string NameOf(PlanProgram program) => program == PlanProgram.LandlockExec ? "landlock-exec" : "landlocked";

    /// <summary>
    /// The path to start a program by. Packages carry no permissions: where landlock-exec was unpacked as a file that may not be
    /// executed, by a restore or a build on another system, or for its owner only, it is a copy in memory, which is executed
    /// while this process holds it.
    /// </summary>
    /// <exception cref="LaunchException">It is not there, or neither it nor a copy can be executed.</exception>
    internal static string ToStart(PlanProgram program, out SafeFileHandle? copy)
    {
        string path = Find(program);
        copy = null;
        if (program != PlanProgram.LandlockExec || PosixFile.CanExecute(path)) return path;
        try
        {
            copy = SealedMemory.CreateExecutable(File.ReadAllBytes(path));
            return string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{copy.DangerousGetHandle()}");
        }
        catch (Exception exception) when (exception is KernelException or IOException or UnauthorizedAccessException)
        {
            throw new LaunchException(LaunchProblem.SetupFailed, path,
                $"'{PosixText.Printable(path)}' may not be executed, nor a copy of it: {exception.Message.TrimEnd('.')}. Make it "
                    + "executable (chmod a+rx); nothing was run.");
        }
    }

    // Where an application that is not published finds what its packages hold.
    private static IEnumerable<string> Native(string name) =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name));
}
