/* Attempts by seccomp filters of their own, by a tracer of their own, and by calls of other architectures. */
#include "attack.h"

/* A filter of its own that answers SYSTEM_CALL, and allows every other. */
static int own_filter(unsigned system_call, unsigned answer, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, system_call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return need("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}
static void *answer_listener(void *listener)
{
    struct seccomp_notif *question = calloc(1, 4096);
    if (ioctl(*(int *)listener, SECCOMP_IOCTL_NOTIF_RECV, question) < 0) return NULL;
    struct seccomp_notif_resp answer = { .id = question->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
    ioctl(*(int *)listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return NULL;
}
static void a_filter_listener(void)
{
    /* What another thread lets go on, no filter that asks a tracer is asked about. */
    static int listener;
    pthread_t thread;
    listener = own_filter(SYS_socket, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    pthread_create(&thread, NULL, answer_listener, &listener);
    a_udp();
}
/* Of two filters that ask the tracer, the later one is heard. */
static void a_filter_tracer(void) { own_filter(SYS_socket, SECCOMP_RET_TRACE, 0); a_udp(); }
static void a_filter_tracer_type(void) { own_filter(SYS_ioctl, SECCOMP_RET_TRACE, 0); int fd = open("/dev/tty", O_RDWR); need("ioctl TIOCSTI", ioctl(fd < 0 ? 0 : fd, TIOCSTI, "#")); worked(); }
static void a_own_tracer(void)
{
    /* A child that no tracer has gets this process for one, which lets everything go on. */
    int number = port("inside/udp"), status, go[2], result = 1;
    need("pipe", pipe(go));
    pid_t child = need("clone", syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
    if (child == 0) {
        struct sockaddr_in address = loopback(number);
        char byte;
        close(go[1]);
        if (read(go[0], &byte, 1) != 1) _exit(1);
        int fd = syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
        _exit(fd < 0 ? errno : sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0);
    }
    need("ptrace", ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESECCOMP));
    write(go[1], "x", 1);
    while (waitpid(child, &status, __WALL) > 0 && WIFSTOPPED(status)) ptrace(PTRACE_CONT, child, 0, 0);
    if (WIFEXITED(status)) result = WEXITSTATUS(status);
    errno = result;
    if (result != 0) refused("socket of the child");
    worked();
}
#ifdef __x86_64__
long old_call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("push %%rbx; mov %2, %%ebx; int $0x80; pop %%rbx" : "=a"(result) : "0"(number), "r"((int)a), "c"(b), "d"(c), "S"(0L), "D"(0L) : "memory", "r8", "r9", "r10", "r11");
    return result;
}
static void a_socket_32(void)
{
    long result = old_call(359, AF_INET, SOCK_DGRAM, 0);
    errno = result < 0 ? (int)-result : 0;
    if (result < 0) refused("socket by int 0x80");
    worked();
}
static void a_unix_32(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/socket"));
    long result = old_call(359, AF_UNIX, SOCK_STREAM, 0);
    errno = result < 0 ? (int)-result : 0;
    if (result < 0) refused("socket by int 0x80");
    need("connect", connect((int)result, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_socketcall(void)
{
    unsigned *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (arguments == MAP_FAILED) impossible("mmap");
    arguments[0] = AF_INET;
    arguments[1] = SOCK_DGRAM;
    long result = old_call(102, 1, (long)arguments, 0);
    errno = result < 0 ? (int)-result : 0;
    if (result < 0) refused("socketcall");
    worked();
}
#else
static void a_socket_32(void) { errno = ENOSYS; impossible("x86 only"); }
static void a_socketcall(void) { errno = ENOSYS; impossible("x86 only"); }
static void a_unix_32(void) { errno = ENOSYS; impossible("x86 only"); }
#endif
static void a_descriptor_by_socket(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "attack-%d", victim());
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length));
    char byte, control[64];
    struct iovec data = { &byte, 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    need("recvmsg", recvmsg(fd, &message, 0));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head == NULL) { errno = ENODATA; refused("no descriptor"); }
    holds_secret(*(int *)CMSG_DATA(head));
}

const struct attempt filters_attempts[] = {
    A(unix_32), A(filter_listener), A(filter_tracer), A(filter_tracer_type), A(own_tracer), A(socket_32), A(socketcall), A(descriptor_by_socket),
    { NULL, NULL },
};
