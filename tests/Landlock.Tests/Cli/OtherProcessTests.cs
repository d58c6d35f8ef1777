using System.Diagnostics;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Cli;

/// <summary>What the filter refuses about other processes, and what has to go on working; the ways out are tests/Attack's.</summary>
public sealed class OtherProcessTests
{
    // Each line: what, and the error.
    private const string Threads = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <pthread.h>
        #include <sched.h>
        #include <stdio.h>
        #include <sys/resource.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static pthread_barrier_t both;
        static void *work(void *unused)
        {
            cpu_set_t set;
            long failed = sched_getaffinity(0, sizeof set, &set) || sched_setaffinity(0, sizeof set, &set);
            pthread_barrier_wait(&both);
            pthread_barrier_wait(&both);
            return (void *)failed;
        }
        int main(void)
        {
            pthread_t thread;
            pthread_attr_t attributes;
            cpu_set_t set;
            void *failed;
            struct sched_param none = { 0 };
            struct rlimit limit;
            pthread_barrier_init(&both, NULL, 2);
            sched_getaffinity(0, sizeof set, &set);
            printf("create %d\n", pthread_create(&thread, NULL, work, NULL));
            pthread_barrier_wait(&both);
            printf("ordinary %d\n", pthread_setschedparam(thread, SCHED_OTHER, &none));
            printf("name %d\n", pthread_setname_np(thread, "worker"));
            printf("batch, another %d\n", pthread_setschedparam(thread, SCHED_BATCH, &none));
            printf("affinity, another %d\n", pthread_setaffinity_np(thread, sizeof set, &set));
            pthread_barrier_wait(&both);
            pthread_join(thread, &failed);
            printf("affinity, own %d\n", (int)(long)failed);
            printf("batch, own %d\n", sched_setscheduler(0, SCHED_BATCH, &none));
            printf("nice %d\n", nice(1) < 0);
            int own = getrlimit(RLIMIT_NOFILE, &limit) || setrlimit(RLIMIT_NOFILE, &limit) || prlimit(0, RLIMIT_NOFILE, &limit, &limit);
            printf("limits, own %d\n", own);
            printf("limits, read %d\n", prlimit(getpid(), RLIMIT_NOFILE, NULL, &limit));
            if (fork() == 0) _exit(7);
            int status;
            wait(&status);
            printf("fork %d\n", WEXITSTATUS(status));
            return 0;
        }
        """;

    [GccFact]
    public void A_program_with_threads_goes_on()
    {
        using Scratch scratch = new();
        File.WriteAllText(scratch["threads.c"], Threads);
        Assert.Equal(0, Tools.Run("/usr/bin/gcc", ["-w", "-o", "threads", "threads.c", "-lpthread"], scratch.Path).Exit);
        foreach (string[] options in (string[][])[[], ["--restrict-namespaces", "--no-system-v-ipc", "--no-unix-socket"], ["--explain"]])
        {
            CliRun run = CliRun.Of([.. options, "--read-only", "/usr", "--read-only", "/proc", "--read-write", "/proc/self/task",
                "--ignore-missing", "--", scratch["threads"]]);
            Assert.Equal("create 0\nordinary 0\nname 0\nbatch, another 1\naffinity, another 1\naffinity, own 0\nbatch, own 0\nnice 0\n"
                + "limits, own 0\nlimits, read 0\nfork 7\n", run.Output);
        }
    }

    [CliFact]
    public void What_sets_its_own_limits_and_priority_works()
    {
        // Whoever runs the tests may have made them nice.
        string nice = CliRun.Program(new Setup(), "/usr/bin/nice", "-n", "3", "nice").Output;
        CliRun.Of("--read-only", "/usr", "sh", "-c", "ulimit -n 50; ulimit -n; nice -n 3 nice; prlimit --nofile=40 sh -c 'ulimit -n'; "
            + "taskset -c 0 true && chrt -b 0 true && ionice -c 3 true && echo rest").Ran($"50\n{nice}40\nrest\n");
        CliRun refused = CliRun.Of("--read-only", "/usr", "sh", "-c", "prlimit --pid $$ --nofile=40");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Operation not permitted", refused.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void What_is_refused_about_others_is_explained()
    {
        using Process other = Process.Start("/usr/bin/sleep", "60");
        try
        {
            CliRun run = CliRun.Of("--explain", "--read-only", "/usr", "--restrict-namespaces", "--no-system-v-ipc", "--", "sh", "-c",
                $"prlimit --pid {other.Id} --nofile=5; renice -n 19 -p {other.Id}; taskset -p 1 {other.Id}; ipcmk -Q; unshare -U true");
            Assert.Contains($"  process limits of process {other.Id}: denied by the sandbox, by prlimit", run.Error,
                StringComparison.Ordinal);
            Assert.Contains($"  process priority of process {other.Id}: denied by the sandbox, by renice", run.Error,
                StringComparison.Ordinal);
            Assert.Contains($"  process scheduling of process {other.Id}: denied by the sandbox, by taskset", run.Error,
                StringComparison.Ordinal);
            Assert.Contains("A sandboxed command sets the limits and the scheduling of the caller only", run.Error,
                StringComparison.Ordinal);
            Assert.Contains("  ipc System V: denied by the sandbox, by ipcmk", run.Error, StringComparison.Ordinal);
            Assert.Contains("since -NoSystemVIpc (--no-system-v-ipc) was asked for. Leave it out if the command needs it.", run.Error,
                StringComparison.Ordinal);
            Assert.Contains("  namespace namespaces: denied by the sandbox, by unshare", run.Error, StringComparison.Ordinal);
            Assert.Contains("since -RestrictNamespaces (--restrict-namespaces) was asked for.", run.Error, StringComparison.Ordinal);
        }
        finally
        {
            other.Kill();
        }
    }

    [CliFact]
    public void Without_clone3_a_C_library_starts_threads_and_programs_as_before()
    {
        if (!File.Exists("/usr/bin/python3")) return;
        CliRun.Of("--read-only", "/usr", "--restrict-namespaces", "--", "/usr/bin/python3", "-c",
            "import subprocess, threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join(); "
                + "print(subprocess.run(['/usr/bin/echo', 'program'], capture_output=True).stdout.decode(), end='')")
                .Ran("thread\nprogram\n");
    }
}
