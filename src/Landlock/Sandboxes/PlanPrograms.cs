using System.Runtime.InteropServices;

namespace Landlock.Sandboxes;

/// <summary>Where the programs of this library are.</summary>
public static class PlanPrograms
{
    /// <summary>The path of a program: beside the application, or where its package was restored to.</summary>
    /// <exception cref="LaunchException">It is not there.</exception>
    public static string Find(PlanProgram program)
    {
        string name = program == PlanProgram.LandlockExec ? "landlock-exec" : "landlocked";
        string rid = $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        string[] places = [Path.Combine(AppContext.BaseDirectory, name), Path.Combine(AppContext.BaseDirectory, "runtimes", rid, "native", name), .. Native(name)];
        return places.FirstOrDefault(File.Exists) ?? throw new LaunchException(LaunchProblem.SetupFailed, name, program == PlanProgram.LandlockExec
            ? $"'{name}' is not beside the application, nor in runtimes/{rid}/native; nothing was run. Publish the application with the files of the package Landlock."
            : $"A time limit, total limits, private temporary files and traces need '{name}' to stay beside the command, and it is not beside the application; nothing was run. It is part of the releases of LandlockPS: copy it there.");
    }

    // Where an application that is not published finds what its packages hold.
    private static IEnumerable<string> Native(string name) =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(directory, name));
}
