/* Attempts by way of other processes. */
#include "attack.h"

static void proc_file(const char *what, int flags)
{
    char name[256];
    snprintf(name, sizeof name, "/proc/%d/%s", victim(), what);
    need(what, open(name, flags));
}
static void a_proc_root(void)
{
    char name[8192];
    snprintf(name, sizeof name, "/proc/%d/root%s", victim(), path("outside/secret"));
    read_secret(name);
}
static void a_proc_cwd(void)
{
    char name[256];
    snprintf(name, sizeof name, "/proc/%d/cwd/secret", victim());
    read_secret(name);
}
static void a_proc_descriptor(void)
{
    char name[256];
    snprintf(name, sizeof name, "/proc/%d/fd/9", victim());
    read_secret(name);
}
static void a_proc_memory(void) { proc_file("mem", O_RDWR); worked(); }
static void a_proc_environ(void)
{
    char name[256];
    snprintf(name, sizeof name, "/proc/%d/environ", victim());
    int fd = need("open", open(name, O_RDONLY));
    if (read(fd, buffer, sizeof buffer) > 0) worked();
    refused("read");
}
static void a_proc_arguments(void)
{
    char name[256];
    snprintf(name, sizeof name, "/proc/%d/cmdline", victim());
    int fd = need("open", open(name, O_RDONLY));
    if (read(fd, buffer, sizeof buffer) > 0) worked();
    refused("read");
}
static void a_ptrace(void) { need("ptrace", ptrace(PTRACE_SEIZE, victim(), 0, 0)); worked(); }
static void a_read_memory(void)
{
    struct iovec here = { buffer, 16 }, there = { (void *)0x400000, 16 };
    if (process_vm_readv(victim(), &here, 1, &there, 1, 0) < 0 && errno != EFAULT) refused("process_vm_readv");
    worked();
}
static void a_take_descriptor(void)
{
    int pidfd = need("pidfd_open", syscall(SYS_pidfd_open, victim(), 0));
    holds_secret(need("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, 9, 0)));
}
static void a_kill(void) { need("kill", kill(victim(), SIGURG)); worked(); }
static void a_thread_kill(void) { need("tgkill", syscall(SYS_tgkill, victim(), victim(), SIGURG)); worked(); }
static void a_queue_signal(void) { union sigval value = { 0 }; need("sigqueue", sigqueue(victim(), SIGURG, value)); worked(); }
static void a_pidfd_signal(void)
{
    int pidfd = need("pidfd_open", syscall(SYS_pidfd_open, victim(), 0));
    need("pidfd_send_signal", syscall(SYS_pidfd_send_signal, pidfd, SIGURG, NULL, 0));
    worked();
}
static void a_owner_signal(void)
{
    int pair[2];
    char before = 0;
    need("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    need("F_SETSIG", fcntl(pair[0], F_SETSIG, SIGUSR1));
    need("F_SETOWN", fcntl(pair[0], F_SETOWN, victim()));
    need("O_ASYNC", fcntl(pair[0], F_SETFL, O_ASYNC));
    need("write", write(pair[1], "x", 1));
    usleep(300000);
    /* The victim says over its socket how many such signals it got. */
    int fd = open(path("inside/signals"), O_RDONLY);
    if (fd < 0 || read(fd, &before, 1) != 1) { errno = EPERM; refused("no signal arrived"); }
    worked();
}

const struct attempt processes_attempts[] = {
    A(proc_root), A(proc_cwd), A(proc_descriptor), A(proc_memory), A(proc_environ), A(proc_arguments), A(ptrace), A(read_memory), A(take_descriptor),
    A(kill), A(thread_kill), A(queue_signal), A(pidfd_signal), A(owner_signal),
    { NULL, NULL },
};
