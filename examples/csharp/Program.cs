// dotnet run command FOLDER     runs a command that may read FOLDER and nothing else of yours
// dotnet run self FOLDER        gives up everything but FOLDER, and writes there
using System.Runtime.InteropServices;
using Landlock.Rulesets;
using Landlock.Sandboxes;

string folder = Path.GetFullPath(args[1]);
return args[0] == "self" ? Self(folder) : Command(folder);

static int Command(string folder)
{
    Sandbox sandbox = Sandbox.Strict
        .ReadOnly("/usr")
        .ReadData(folder)
        .WithVariable("LC_ALL", "C");
    CommandOutput run = sandbox.Capture("sh", "-c", "cat \"$1\"/*; cat \"$1\"/../secret", "sh", folder);
    Console.Write(run.Output);
    Console.Error.Write(run.Errors);
    return run.ExitCode;
}

static int Self(string folder)
{
    Sandbox sandbox = Sandbox.Strict.ReadOnly(AppContext.BaseDirectory, RuntimeEnvironment.GetRuntimeDirectory()).ReadWrite(folder);
    try { sandbox.RestrictSelf(); }
    catch (RulesetException exception) { Console.Error.WriteLine(exception.Message); return 1; }

    File.WriteAllText(Path.Combine(folder, "written"), "from within");
    try { Console.Write(File.ReadAllText(Path.Combine(folder, "../secret"))); }
    catch (UnauthorizedAccessException exception) { Console.Error.WriteLine(exception.Message); }
    return 0;
}
