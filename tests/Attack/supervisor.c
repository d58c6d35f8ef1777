/* Attempts on the supervisor, which is the parent, on what it listens to, and on those who look up names for others; in the world of hosts.c. */
#include "hosts.h"

/* A file of the parent in /proc. */
static char *of_parent(const char *name)
{
    static char text[64];
    snprintf(text, sizeof text, "/proc/%d/%s", getppid(), name);
    return text;
}

/* A signal that does nothing: whether it may be sent is decided as for any other. */
static void a_supervisor_signal(void) { need("kill", kill(getppid(), SIGURG)); worked(); }
static void a_supervisor_signal_thread(void) { need("tgkill", syscall(SYS_tgkill, getppid(), getppid(), SIGURG)); worked(); }
static void a_supervisor_signal_descriptor(void)
{
    int fd = need("pidfd_open", syscall(SYS_pidfd_open, getppid(), 0));
    need("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGURG, NULL, 0));
    worked();
}
static void a_supervisor_trace(void) { need("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0)); worked(); }
static void a_supervisor_memory(void)
{
    unsigned long start = 0x400000;
    char bytes[8];
    FILE *maps = fopen(of_parent("maps"), "r");
    if (maps != NULL && fscanf(maps, "%lx", &start) != 1) impossible("maps");
    struct iovec here = { bytes, sizeof bytes }, there = { (void *)start, sizeof bytes };
    need("process_vm_readv", process_vm_readv(getppid(), &here, 1, &there, 1, 0));
    worked();
}
static void a_supervisor_memory_file(void) { need("open", open(of_parent("mem"), O_RDWR)); worked(); }
static void a_supervisor_descriptor(void)
{
    int fd = need("pidfd_open", syscall(SYS_pidfd_open, getppid(), 0));
    need("pidfd_getfd", syscall(SYS_pidfd_getfd, fd, 0, 0));
    worked();
}
static void a_supervisor_descriptor_file(void) { need("readlink", readlink(of_parent("fd/0"), buffer, sizeof buffer)); worked(); }
static void a_supervisor_limit(void)
{
    struct rlimit few = { 3, 3 };
    need("prlimit", prlimit(getppid(), RLIMIT_NOFILE, &few, NULL));
    worked();
}
static void a_supervisor_affinity(void)
{
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    need("sched_setaffinity", sched_setaffinity(getppid(), sizeof first, &first));
    worked();
}
static void a_supervisor_priority(void) { need("setpriority", setpriority(PRIO_PROCESS, getppid(), 19)); worked(); }
static void a_supervisor_port(void)
{
    /* Every listener of the loopback address, the supervisor's own among them. */
    FILE *list = fopen("/proc/net/tcp", "r");
    unsigned address, number, state;
    if (list == NULL) impossible("/proc/net/tcp");
    errno = ENOENT;
    while (fgets(buffer, sizeof buffer, list) != NULL) {
        if (sscanf(buffer, " %*d: %x:%x %*x:%*x %x", &address, &number, &state) != 3 || state != 10 || address != 0x0100007f) continue;
        struct sockaddr_in to = at("127.0.0.1", number);
        if (connect(need("socket", socket(AF_INET, SOCK_STREAM, 0)), (struct sockaddr *)&to, sizeof to) == 0) worked();
    }
    refused("connect");
}
/* An answer of its own to what is asked of the supervisor. */
static void a_supervisor_listener(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { 4, code };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    need("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
    worked();
}
/* A filter of its own that lets everything go on is asked, too, and decides nothing. */
static void a_supervisor_filter(void)
{
    struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
    struct sock_fprog program = { 1, code };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    need("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    reaches(EVIL, 80);
}

/* Daemons that ask for names on behalf of anybody. */
static void connects_to(const char *name)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    strcpy(to.sun_path, name);
    need("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    worked();
}
static void a_daemon_nscd(void) { connects_to("/var/run/nscd/socket"); }
static void a_daemon_resolved(void) { connects_to("/run/systemd/resolve/io.systemd.Resolve"); }
static void a_daemon_dots(void) { connects_to("/run/systemd/../nscd/./socket"); }
static void a_daemon_relative(void) { need("chdir", chdir("/run/nscd")); connects_to("socket"); }
static void a_daemon_link(void)
{
    char name[128];
    snprintf(name, sizeof name, "%s/link", dir);
    need("symlink", symlink("/run/nscd/socket", name));
    connects_to(name);
}
static struct sockaddr_un changing;
static volatile int over, turns;
static void *change(void *nothing)
{
    static const char *const names[] = { "/tmp/nobody-listens", "/run/nscd/socket" };
    for (; !over; turns++) { strcpy(changing.sun_path, names[turns & 1]); for (volatile int i = 0; i < 500; i++); __sync_synchronize(); }
    return nothing;
}
static void a_daemon_race(void)
{
    pthread_t thread;
    changing.sun_family = AF_UNIX;
    pthread_create(&thread, NULL, change, NULL);
    for (int i = 0; goes_on(i, turns); i++) {
        int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
        if (connect(fd, (struct sockaddr *)&changing, sizeof changing) == 0) { over = 1; worked(); }
        close(fd);
    }
    over = 1;
    errno = ENOENT;
    refused("each time");
}

const struct attempt supervisor_attempts[] = {
    A(supervisor_signal), A(supervisor_signal_thread), A(supervisor_signal_descriptor), A(supervisor_trace), A(supervisor_memory),
    A(supervisor_memory_file), A(supervisor_descriptor), A(supervisor_descriptor_file), A(supervisor_limit), A(supervisor_affinity),
    A(supervisor_priority), A(supervisor_port), A(supervisor_listener), A(supervisor_filter), A(daemon_nscd), A(daemon_resolved), A(daemon_dots),
    A(daemon_relative), A(daemon_link), A(daemon_race),
    { NULL, NULL },
};
