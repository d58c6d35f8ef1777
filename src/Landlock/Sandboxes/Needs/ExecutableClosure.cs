using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Finds the files that a command needs to start, by reading files only; nothing is run. Files that cannot take the part that a script or
/// program asks of them (an interpreter that is no program, a library that is no ELF file) are reported as missing, never as needed.
/// </summary>
internal static class ExecutableClosure
{
    /// <summary>Finds the closure of the program or script at a path.</summary>
    /// <param name="path">The file, absolute or relative to the working directory; see <see cref="CommandLookup"/> for names.</param>
    /// <param name="options">The environment in which the command starts.</param>
    public static Closure Find(string path, ClosureOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        return Find(path, options, out _);
    }

    /// <param name="path">The file.</param>
    /// <param name="options">The environment in which the command starts.</param>
    /// <param name="lookedAt">Every path that was looked at: while none of them changes, the closure is the same.</param>
    internal static Closure Find(string path, ClosureOptions options, out IReadOnlyCollection<string> lookedAt)
    {
        Walk walk = new();
        walk.Run(path, options);
        lookedAt = walk.Closure.LookedAt;
        return walk.Closure.Build();
    }

    private sealed record Start(string Path, ClosureKind Kind, string? RequiredBy, ClosureOptions Options);

    private sealed class Walk
    {
        private readonly Queue<Start> _starts = new();
        private readonly HashSet<(string RealPath, ClosureOptions Options)> _done = [];

        internal ClosureBuilder Closure { get; } = new();

        internal void Run(string path, ClosureOptions options)
        {
            // Each execve(2) is a start of its own; env(1) makes the further ones.
            _starts.Enqueue(new Start(path, ClosureKind.Program, null, options));
            while (_starts.TryDequeue(out Start? start))
            {
                Start? next = start;
                for (int depth = 0; next is not null; depth++)
                {
                    if (depth > Shebang.MaxDepth)
                    {
                        Warn(ClosureWarningKind.TooManyInterpreters, start.Path, $"more than {Shebang.MaxDepth} scripts in a row are "
                            + "interpreters of one another, so the kernel refuses to execute it.");
                        break;
                    }

                    next = Execute(next);
                }
            }
        }

        /// <summary>Adds what one step of execve(2) needs; the result is the interpreter of a script.</summary>
        private Start? Execute(Start start)
        {
            string path = start.Options.Absolute(start.Path);
            Closure.LookedAt.Add(path);
            if (PosixFile.RealPath(path) is not { } real || PosixFile.Stat(real) is not { IsRegular: true } status)
            {
                Closure.Miss(start.Path, start.Kind, start.RequiredBy);
                return null;
            }

            if (!_done.Add((real, start.Options))) return null;
            bool executable = PosixFile.CanExecute(real);
            if (!executable) Warn(ClosureWarningKind.NotExecutable, real, "this user may not execute it.");
            if (status.IsSetUserId || status.IsSetGroupId)
                Warn(ClosureWarningKind.SetUserId, real, "its set-user-ID or set-group-ID bit has no effect in a sandbox.");

            using SafeFileHandle? file = PosixFile.OpenRead(real);
            byte[]? head = file is null ? null : SmallFile.ReadStart(file, Shebang.BufferSize);
            if (head is null) Warn(ClosureWarningKind.Unreadable, real, "it cannot be read, so what it needs is not known.");
            ElfFile? elf = null;
            Shebang? shebang = null;
            if (file is not null && head is not null) shebang = Recognize(file, head, real, out elf);

            // Whatever the user names is the program; what a file names as its interpreter has to be one.
            if (start.Kind != ClosureKind.Program && (!executable || (head is not null && elf is null && shebang is null)))
            {
                Closure.Miss(start.Path, start.Kind, start.RequiredBy);
                return null;
            }

            Closure.Add(new ClosureEntry(real, path, start.Kind, start.RequiredBy));
            if (elf is not null) AddElf(real, elf, start.Options);
            return shebang is null ? null : Interpret(shebang, path, real, start);
        }

        private Shebang? Recognize(SafeFileHandle file, byte[] head, string real, out ElfFile? elf)
        {
            elf = null;
            if (head.AsSpan().StartsWith("\u007fELF"u8))
            {
                ElfReading reading = ElfFile.Read(file);
                if (reading.File is { Type: ElfFile.TypeExecutable or ElfFile.TypeShared }) elf = reading.File;
                else
                    Warn(ClosureWarningKind.DamagedElf, real, reading.Problem ?? "It is an ELF file, but neither a program nor a library.");
                return null;
            }

            if (Shebang.Parse(head) is { } shebang) return shebang;
            int line = head.AsSpan().IndexOf((byte)'\n');
            if (head.AsSpan(0, line < 0 ? head.Length : line).Contains((byte)0))
                Warn(ClosureWarningKind.UnknownFormat, real, "it is neither an ELF file nor a script; only a handler of binfmt_misc, which "
                    + "is not part of the closure, could execute it.");
            else
                Warn(ClosureWarningKind.NoShebang, real,
                    "it has no valid \"#!\" line, so the kernel does not execute it; shells run such a file with /bin/sh.");
            return null;
        }

        private void AddElf(string real, ElfFile elf, ClosureOptions options)
        {
            if (!ElfPlatform.RunsOn(elf, options.Host))
                Warn(ClosureWarningKind.ForeignArchitecture, real, "it is a program for another architecture; only a handler of "
                    + "binfmt_misc, which is not part of the closure, could execute it.");
            if (elf.Interpreter is null)
                Warn(ClosureWarningKind.StaticallyLinked, real, "it is statically linked, so it has no libraries that are known.");
            else LibraryResolver.Resolve(real, elf, options, Closure);
        }

        private Start Interpret(Shebang shebang, string path, string real, Start start)
        {
            if (shebang.Interpreter[(shebang.Interpreter.LastIndexOf('/') + 1)..] == "env")
            {
                IEnumerable<string> arguments = shebang.Argument is null ? [path] : [shebang.Argument, path];
                EnvCommand env = EnvCommand.Parse(arguments, start.Options);
                string? envPath = PosixFile.RealPath(start.Options.Absolute(shebang.Interpreter));
                if (env.Problem is not null)
                    Warn(ClosureWarningKind.UnknownEnvCommand, real, $"what env starts for it is not known: {env.Problem}.");
                else if (env.Command is not null) Follow(env.Command, envPath ?? real, env.Options);
            }

            return new Start(shebang.Interpreter, ClosureKind.Interpreter, real, start.Options);
        }

        private void Follow(string command, string envPath, ClosureOptions options)
        {
            CommandLookup lookup = CommandLookup.Find(command, options.Path, options.WorkingDirectory, Closure.LookedAt);
            if (lookup.Status == CommandStatus.Found) _starts.Enqueue(new Start(lookup.Path!, ClosureKind.Interpreter, envPath, options));
            else Closure.Miss(command, ClosureKind.Interpreter, envPath);
        }

        private void Warn(ClosureWarningKind kind, string path, string message) =>
            Closure.Warn(kind, path, char.IsUpper(message[0]) ? $"{PosixText.Printable(path)}: {message}"
                : $"{PosixText.Printable(path)}: {char.ToUpperInvariant(message[0])}{message[1..]}");
    }
}
