/* Attempts on the limits and scheduling of other processes, on control groups, and by namespaces. */
#include "attack.h"

struct own_sched_attr { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; };
struct own_clone_args { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; };

static void a_limits(void) { struct rlimit limit; need("prlimit", prlimit(victim(), RLIMIT_CORE, NULL, &limit)); need("prlimit", prlimit(victim(), RLIMIT_CORE, &limit, NULL)); worked(); }
/* 19 is the most, whatever it was before: an ordinary user may only give way. */
static void a_priority(void) { need("setpriority", setpriority(PRIO_PROCESS, victim(), 19)); worked(); }
static void a_io_priority(void) { need("ioprio_set", syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, victim(), 3 << 13 /* idle */)); worked(); }
static void a_affinity(void) { cpu_set_t set; need("sched_getaffinity", sched_getaffinity(victim(), sizeof set, &set)); need("sched_setaffinity", sched_setaffinity(victim(), sizeof set, &set)); worked(); }
static void a_scheduler(void) { struct sched_param none = { 0 }; need("sched_setscheduler", sched_setscheduler(victim(), SCHED_IDLE, &none)); worked(); }
static void a_scheduler_ordinary(void)
{
    /* The victim has chosen SCHED_BATCH for itself. */
    struct sched_param none = { 0 };
    need("sched_setscheduler", sched_setscheduler(victim(), SCHED_OTHER, &none));
    if (sched_getscheduler(victim()) == SCHED_OTHER) worked();
    errno = 0;
    refused("it is as it was");
}
static void a_schedule(void) { struct sched_param none = { 0 }; need("sched_setparam", sched_setparam(victim(), &none)); worked(); }
static void a_scheduling(void)
{
    struct own_sched_attr idle = { .size = sizeof idle, .policy = 5 /* SCHED_IDLE */ };
    need("sched_setattr", syscall(SYS_sched_setattr, victim(), &idle, 0));
    worked();
}

static void a_group(void)
{
    /* The first group of all, which may always hold processes. */
    struct own_clone_args arguments = { .flags = 0x200000000ull /* CLONE_INTO_CGROUP */, .exit_signal = SIGCHLD };
    arguments.cgroup = need("open O_PATH", open("/sys/fs/cgroup", O_PATH | O_DIRECTORY));
    long child = need("clone3", syscall(SYS_clone3, &arguments, sizeof arguments));
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    worked();
}

static void in_child(const char *what, long child)
{
    if (child == 0) _exit(0);
    need(what, child);
    waitpid(child, NULL, 0);
    worked();
}
static void a_namespace_unshare(void) { need("unshare", unshare(CLONE_NEWUSER)); worked(); }
static void a_namespace_clone(void) { in_child("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static void a_namespace_clone3(void)
{
    struct own_clone_args arguments = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    in_child("clone3", syscall(SYS_clone3, &arguments, sizeof arguments));
}
static void a_namespace_enter(void)
{
    int fd = need("open", open("/proc/self/ns/uts", O_RDONLY));
    need("setns", setns(fd, CLONE_NEWUTS));
    worked();
}
#ifdef __x86_64__
static void old(const char *what, long result)
{
    errno = result < 0 ? (int)-result : 0;
    if (result < 0) refused(what);
    worked();
}
static void a_limits_32(void)
{
    uint64_t *limit = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (limit == MAP_FAILED) impossible("mmap");
    old("prlimit64 by int 0x80", old_call(340, victim(), RLIMIT_CORE, (long)limit));
}
static void a_namespace_32(void) { old("unshare by int 0x80", old_call(310, CLONE_NEWUSER, 0, 0)); }
#else
static void a_limits_32(void) { errno = ENOSYS; impossible("x86 only"); }
static void a_namespace_32(void) { errno = ENOSYS; impossible("x86 only"); }
#endif
static void a_user_faults(void) { need("userfaultfd", syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */)); worked(); }
static void a_bpf(void)
{
    /* An array map of one element: what an unprivileged user may make, where he may make anything. */
    struct { uint32_t type, key, value, entries, flags; char rest[100]; } map = { 2, 4, 4, 1 };
    need("bpf", syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, &map, sizeof map));
    worked();
}
static void a_perf(void)
{
    struct { uint32_t type, size; uint64_t config; char rest[112]; } event = { 1 /* PERF_TYPE_SOFTWARE */, 128, 0 };
    /* exclude_kernel and exclude_hv */
    event.rest[24] = 0x60;
    need("perf_event_open", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
    worked();
}

const struct attempt others_attempts[] = {
    A(limits), A(limits_32), A(priority), A(io_priority), A(affinity), A(scheduler), A(scheduler_ordinary), A(schedule), A(scheduling), A(group),
    A(namespace_unshare), A(namespace_clone), A(namespace_clone3), A(namespace_enter), A(namespace_32), A(user_faults), A(bpf), A(perf),
    { NULL, NULL },
};
