using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>A closure is enough: commands start in a sandbox of Landlock that grants nothing else.</summary>
public sealed class SandboxTests : IDisposable
{
    /// <summary>
    /// Reads orders that end in NUL from a file: "x" and "r" grant a path, "e" sets a variable, "c" is the command, "n" means no sandbox.
    /// </summary>
    private const string Source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        struct ruleset { uint64_t fs; };
        struct beneath { uint64_t access; int32_t fd; } __attribute__((packed));
        int main(int argc, char **argv)
        {
            struct ruleset all = { 1 | 2 | 4 | 8 };
            int rules = syscall(444, &all, sizeof all, 0);
            char order[8192], *command[2] = { 0 };
            int length = 0, c, sandbox = 1;
            FILE *orders = fopen(argv[1], "re");
            while ((c = getc(orders)) != EOF) {
                order[length++] = c;
                if (c) continue;
                length = 0;
                if (order[0] == 'n') sandbox = 0;
                else if (order[0] == 'e') putenv(strdup(order + 1));
                else if (order[0] == 'c') command[0] = strdup(order + 1);
                else {
                    struct beneath file = { order[0] == 'x' ? 1 | 4 : 4, open(order + 1, O_PATH | O_CLOEXEC) };
                    if (file.fd < 0 || syscall(445, rules, 1, &file, 0)) { perror(order + 1); return 98; }
                    close(file.fd);
                }
            }
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (sandbox && syscall(446, rules, 0)) { perror("restrict"); return 97; }
            for (int i = 0; i < 200 && (execv(command[0], command), errno == ETXTBSY); i++) usleep(10000);
            perror("execv");
            return 96;
        }
        """;

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [SandboxFact]
    public void Programs_load_all_their_libraries()
    {
        Build();
        int compared = 0;
        foreach (string name in (string[])["ls", "sh", "bash", "env", "cat", "sed", "awk", "perl", "python3", "git", "gcc", "ssh", "gdb",
            "dotnet", "tar", "curl", "openssl"])
        {
            CommandLookup lookup = CommandLookup.Find(name, "/usr/bin:/bin", "/");
            if (lookup.Status != CommandStatus.Found || ElfFile.Read(lookup.Path!).File?.Interpreter is null) continue;
            (int exit, string free) = Run(lookup.Path!, null, "LD_TRACE_LOADED_OBJECTS=1");
            if (exit != 0) continue;
            Assert.Equal((0, Names(free)),
                Named(Run(lookup.Path!, ExecutableClosure.Find(lookup.Path!, new ClosureOptions()), "LD_TRACE_LOADED_OBJECTS=1")));
            compared++;
        }

        Assert.True(compared > 2, $"Only {compared} programs were compared.");
    }

    [SandboxFact]
    public void Scripts_run_and_each_file_is_needed()
    {
        Build();
        _temp.Write("plain", "#!/bin/sh\necho ran\n");
        _temp.Write("with env", "#!/usr/bin/env sh\necho ran\n");
        _temp.Write("split", "#!/usr/bin/env -S -i PATH=/usr/bin:/bin A=1 sh -e\necho ran\n");
        _temp.Write("nested", $"#!{_temp["plain"]}\n");
        foreach (string path in (string[])[_temp["plain"], _temp["with env"], _temp["split"], _temp["nested"],
            _temp.WriteRaw([0xff, 0x0a], "#!/bin/sh\necho ran\n")])
        {
            Closure closure = ExecutableClosure.Find(path, new ClosureOptions { Path = "/usr/bin:/bin" });
            Assert.Equal((0, "ran\n"), Run(path, closure, "PATH=/usr/bin:/bin"));
            foreach (ClosureEntry entry in closure.Entries)
            {
                if (entry.Kind == ClosureKind.LoaderConfiguration) continue; // The loader goes on without.
                Closure less = closure with { Entries = [.. closure.Entries.Where(e => e != entry)] };
                Assert.NotEqual((0, "ran\n"), Run(path, less, "PATH=/usr/bin:/bin"));
            }
        }
    }

    private void Build()
    {
        _temp.Write("sandbox.c", Source);
        (int exit, string output) = Tools.Run("/usr/bin/gcc", ["-o", "sandbox", "sandbox.c"], _temp.Path);
        Assert.True(exit == 0, output);
    }

    /// <summary>Runs a command, in a sandbox if there is a closure. Names go through a file, since they may be any bytes.</summary>
    private (int Exit, string Output) Run(string command, Closure? closure, params string[] environment)
    {
        using MemoryStream orders = new();
        Order('c', command);
        if (closure is null) Order('n', "");
        foreach (ClosureEntry entry in closure?.Entries ?? []) Order(entry.NeedsExecute ? 'x' : 'r', entry.RealPath);
        foreach (string variable in environment) Order('e', variable);
        File.WriteAllBytes(_temp["orders"], orders.ToArray());
        return Tools.Run(_temp["sandbox"], [_temp["orders"]]);

        void Order(char kind, string text) => orders.Write([(byte)kind, .. PosixText.Encode(text), 0]);
    }

    private static (int Exit, string Names) Named((int Exit, string Output) result) => (result.Exit, Names(result.Output));

    private static string Names(string listing) => string.Join('\n', listing.Split('\n').Select(line => line.Split(" (0x")[0]));
}
