using System.Runtime.InteropServices;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Tracing;

/// <summary>
/// A program for 32-bit x86 that uses no library: it reads "data", uses sockets by socketcall(2) or, without it, by their own calls, and
/// makes a file.
/// </summary>
internal static class NarrowProgram
{
    private const string Source = """
        static long call(long number, long a, long b, long c)
        {
            long result;
            __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
            return result;
        }

        static void demand(long result) { if (result < 0) call(1, -result, 0, 0); }

        void _start(void)
        {
            char buffer[64];
            long file = call(5, (long)"data", 0, 0);
            demand(file);
            long length = call(3, file, (long)buffer, sizeof buffer);
            long socket = call(359, 2, 1, 0);
            demand(socket);
            long stream[] = { 2, 1, 0 };
            long several = call(102, 1, (long)stream, 0);
            if (several >= 0) socket = several;
            else if (several != -38) demand(several);
            unsigned char address[16] = { 2, 0, 0, 9, 127, 0, 0, 1 };
            long to[] = { socket, (long)address, sizeof address };
            long connected = several >= 0 ? call(102, 3, (long)to, 0) : call(362, socket, (long)address, sizeof address);
            if (connected != -111) demand(connected);
            file = call(5, (long)"new", 0x241, 0600);
            demand(file);
            demand(call(194, file, 0, 0));
            demand(call(10, (long)"new", 0, 0));
            call(4, 1, (long)buffer, length);
            call(1, 0, 0, 0);
        }

        """;

    /// <summary>Its path; null where it cannot be built, or the kernel runs no such programs.</summary>
    public static string? Build(Scratch scratch)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return null;
        scratch.File("narrow.c", Source);
        Setup here = new() { Directory = scratch.Path, Environment = ["PATH=/usr/bin:/bin"] };
        string build =
            "gcc -m32 -nostdlib -static -ffreestanding -fno-stack-protector -O1 -o narrow narrow.c && { ./narrow; [ $? -lt 126 ]; }";
        return CliRun.Program(here, "/bin/sh", "-c", build).ExitCode == 0 ? scratch["narrow"] : null;
    }
}
