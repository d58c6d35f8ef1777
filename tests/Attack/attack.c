/*
 * Attempts to get out of a sandbox, one per run: attack NAME DIR. DIR/inside is what the sandbox may use (ReadWrite), DIR/outside is not
 * its business. `attack victim DIR` is the process outside that is attacked; DIR/outside/victim holds its process id.
 * Exit code 0: the attempt worked. 1: it was refused (the errno is said). 2: it cannot be tried here.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_alg.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#define SECRET "the secret outside\n"
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static const char *dir;
static char buffer[4096];

static char *path(const char *rest)
{
    static char names[8][4096];
    static int next;
    char *name = names[next++ % 8];
    snprintf(name, sizeof names[0], "%s/%s", dir, rest);
    return name;
}

static void worked(void) { puts("worked"); exit(0); }
static void refused(const char *what) { printf("refused: %s: %s\n", what, strerror(errno)); exit(1); }
static void impossible(const char *what) { printf("impossible: %s: %s\n", what, strerror(errno)); exit(2); }

static int need(const char *what, long result)
{
    if (result < 0) refused(what);
    return (int)result;
}

static void holds_secret(int fd)
{
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0) refused("read");
    if (count == (ssize_t)strlen(SECRET) && memcmp(buffer, SECRET, count) == 0) worked();
    errno = ENODATA;
    refused("the content is another");
}

static void read_secret(const char *name) { holds_secret(need("open", open(name, O_RDONLY))); }

static pid_t victim(void)
{
    FILE *file = fopen(path("inside/victim"), "r");
    int pid = 0;
    if (file == NULL || fscanf(file, "%d", &pid) != 1) impossible("no victim");
    return pid;
}

static int port(const char *name)
{
    FILE *file = fopen(path(name), "r");
    int number = 0;
    if (file == NULL || fscanf(file, "%d", &number) != 1) impossible("no port");
    return number;
}

static struct sockaddr_in loopback(int number)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(number), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return address;
}

/* Paths */
static void a_read(void) { read_secret(path("outside/secret")); }
static void a_dotdot(void) { read_secret(path("inside/../outside/secret")); }
static void a_symlink(void) { symlink(path("outside/secret"), path("inside/link")); read_secret(path("inside/link")); }
static void a_symlink_directory(void) { symlink("../outside", path("inside/linkdir")); read_secret(path("inside/linkdir/secret")); }
static void a_hard_link(void) { need("link", link(path("outside/secret"), path("inside/hard"))); read_secret(path("inside/hard")); }
static void a_link_descriptor(void)
{
    int fd = need("open O_PATH", open(path("outside/secret"), O_PATH));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    need("linkat", linkat(AT_FDCWD, name, AT_FDCWD, path("inside/hard2"), AT_SYMLINK_FOLLOW));
    read_secret(path("inside/hard2"));
}
static void a_rename_in(void) { need("rename", rename(path("outside/secret"), path("inside/moved"))); read_secret(path("inside/moved")); }
static void a_rename_directory_in(void) { need("rename", rename(path("outside/dir"), path("inside/dir"))); read_secret(path("inside/dir/secret")); }
static void a_exchange(void)
{
    close(open(path("inside/bait"), O_CREAT | O_WRONLY, 0600));
    need("renameat2", syscall(SYS_renameat2, AT_FDCWD, path("inside/bait"), AT_FDCWD, path("outside/secret"), 2));
    read_secret(path("inside/bait"));
}
static void a_exchange_directory(void)
{
    mkdir(path("inside/baitdir"), 0700);
    need("renameat2", syscall(SYS_renameat2, AT_FDCWD, path("inside/baitdir"), AT_FDCWD, path("outside/dir"), 2));
    read_secret(path("inside/baitdir/secret"));
}
static void a_reopen_reference(void)
{
    int fd = need("open O_PATH", open(path("outside/secret"), O_PATH));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    read_secret(name);
}
static void a_directory_reference(void)
{
    int fd = need("open O_PATH", open(path("outside"), O_PATH));
    holds_secret(need("openat", openat(fd, "secret", O_RDONLY)));
}
static void a_change_directory(void) { need("chdir", chdir(path("outside"))); read_secret("secret"); }
static void a_inherited_directory(void) { read_secret("secret"); }
static void a_inherited_descriptor(void) { holds_secret(9); }
static void a_chroot(void) { need("chroot", chroot(path("outside"))); read_secret("/secret"); }
static void a_list(void) { DIR *d = opendir(path("outside")); if (d == NULL) refused("opendir"); worked(); }
static void a_write(void) { int fd = need("open", open(path("outside/file"), O_WRONLY)); need("write", write(fd, "x", 1)); worked(); }
static void a_truncate(void) { need("truncate", truncate(path("outside/file"), 0)); worked(); }
static void a_create(void) { need("open", open(path("outside/new"), O_CREAT | O_WRONLY, 0600)); worked(); }
static void a_temporary(void) { need("open O_TMPFILE", open(path("outside"), O_TMPFILE | O_WRONLY, 0600)); worked(); }
static void a_mkdir(void) { need("mkdir", mkdir(path("outside/newdir"), 0700)); worked(); }
static void a_unlink(void) { need("unlink", unlink(path("outside/file"))); worked(); }
static void a_rmdir(void) { need("rmdir", rmdir(path("outside/empty"))); worked(); }
static void a_make_symlink(void) { need("symlink", symlink("x", path("outside/newlink"))); worked(); }
static void a_make_fifo(void) { need("mkfifo", mkfifo(path("outside/newfifo"), 0600)); worked(); }
static void a_make_device(void) { need("mknod", mknod(path("inside/mem"), S_IFCHR | 0600, 0x0103)); need("open", open(path("inside/mem"), O_RDONLY)); worked(); }
static void a_make_socket(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/newsocket"));
    need("bind", bind(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_rename_out(void)
{
    close(open(path("inside/gift"), O_CREAT | O_WRONLY, 0600));
    need("rename", rename(path("inside/gift"), path("outside/gift")));
    worked();
}
static void a_handle(void)
{
    union { struct file_handle head; char room[sizeof(struct file_handle) + MAX_HANDLE_SZ]; } handle;
    int mount;
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    need("name_to_handle_at", name_to_handle_at(AT_FDCWD, path("outside/secret"), &handle.head, &mount, 0));
    int root = need("open", open(path("inside"), O_RDONLY | O_DIRECTORY));
    holds_secret(need("open_by_handle_at", open_by_handle_at(root, &handle.head, O_RDONLY)));
}
static void *swap(void *unused)
{
    (void)unused;
    for (;;) {
        symlink(path("inside/ok"), path("inside/swap.new"));
        rename(path("inside/swap.new"), path("inside/swap"));
        symlink(path("outside/secret"), path("inside/swap.new"));
        rename(path("inside/swap.new"), path("inside/swap"));
    }
    return NULL;
}
static void a_race_symlink(void)
{
    pthread_t thread;
    close(open(path("inside/ok"), O_CREAT | O_WRONLY, 0600));
    static char name[4096];
    snprintf(name, sizeof name, "%s/inside/swap", dir);
    pthread_create(&thread, NULL, swap, NULL);
    for (int i = 0; i < 20000; i++) {
        int fd = open(name, O_RDONLY);
        if (fd < 0) continue;
        ssize_t count = read(fd, buffer, sizeof buffer);
        close(fd);
        if (count == (ssize_t)strlen(SECRET) && memcmp(buffer, SECRET, count) == 0) worked();
    }
    errno = EACCES;
    refused("20000 attempts");
}

/* Mounts and namespaces */
static void own_namespaces(void)
{
    if (geteuid() == 0) need("unshare", unshare(CLONE_NEWNS));
    else need("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS));
}
static void a_bind_mount(void)
{
    own_namespaces();
    mkdir(path("inside/mnt"), 0700);
    need("mount", mount(path("outside"), path("inside/mnt"), NULL, MS_BIND, NULL));
    read_secret(path("inside/mnt/secret"));
}
static void a_tree_clone(void)
{
    own_namespaces();
    int tree = need("open_tree", syscall(SYS_open_tree, AT_FDCWD, path("outside"), 1 /* OPEN_TREE_CLONE */));
    holds_secret(need("openat", openat(tree, "secret", O_RDONLY)));
}
static void a_move_mount(void)
{
    own_namespaces();
    int tree = need("open_tree", syscall(SYS_open_tree, AT_FDCWD, path("outside"), 1));
    mkdir(path("inside/mnt2"), 0700);
    need("move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, path("inside/mnt2"), 4 /* MOVE_MOUNT_F_EMPTY_PATH */));
    read_secret(path("inside/mnt2/secret"));
}
static void a_new_mount(void)
{
    own_namespaces();
    need("mount", mount("none", path("inside"), "tmpfs", 0, NULL));
    worked();
}
/* Other processes */
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

/* Sockets */
static void a_abstract(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "attack-%d", victim());
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length));
    worked();
}
static void a_abstract_datagram(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "attack-datagram-%d", victim());
    int fd = need("socket", socket(AF_UNIX, SOCK_DGRAM, 0));
    need("sendto", sendto(fd, "x", 1, 0, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length));
    worked();
}
static void a_unix_socket(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/socket"));
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
/* What a daemon does for those who may connect: it runs a command as itself. */
static void a_unix_command(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/shell"));
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    const char command[] = "cp secret ../inside/loot\n";
    need("write", write(fd, command, sizeof command - 1));
    shutdown(fd, SHUT_WR);
    read(fd, buffer, sizeof buffer); /* until the daemon is done */
    holds_secret(need("open", open(path("inside/loot"), O_RDONLY)));
}
static void a_unix_datagram(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/datagram"));
    int fd = need("socket", socket(AF_UNIX, SOCK_DGRAM, 0));
    need("sendto", sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void pair_sends(int type)
{
    int pair[2];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/datagram"));
    need("socketpair", socketpair(AF_UNIX, type, 0, pair));
    need("sendto", sendto(pair[0], "x", 1, 0, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_unix_pair(void) { pair_sends(SOCK_DGRAM); }
static void a_unix_pair_raw(void) { pair_sends(SOCK_RAW); }
static void a_unix_pair_stream(void)
{
    /* A control of what stays: a connected pair, which neither end can connect anew. */
    int pair[2];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/shell"));
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) { printf("a pair is refused: %m\n"); exit(3); }
    connect(pair[0], &none, sizeof none);
    close(pair[1]);
    shutdown(pair[0], SHUT_RDWR);
    need("connect", connect(pair[0], (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_tcp(void)
{
    struct sockaddr_in address = loopback(port("inside/tcp"));
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_tcp_mapped(void)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port("inside/tcp")) };
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
    int fd = need("socket", socket(AF_INET6, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_tcp_reconnect(void)
{
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    struct sockaddr_in address = loopback(port("inside/tcp"));
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    connect(fd, &none, sizeof none);
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_tcp_bind(void)
{
    struct sockaddr_in address = loopback(0);
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    need("bind", bind(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_tcp_listen(void) { int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0)); need("listen", listen(fd, 1)); worked(); }
static void fast_open(int fd)
{
    struct sockaddr_in address = loopback(port("inside/tcp"));
    need("sendto MSG_FASTOPEN", sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_fast_open(void) { fast_open(need("socket", socket(AF_INET, SOCK_STREAM, 0))); }
static void a_fast_open_message(void)
{
    struct sockaddr_in address = loopback(port("inside/tcp"));
    struct iovec data = { "x", 1 };
    struct mmsghdr message = { .msg_hdr = { .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &data, .msg_iovlen = 1 } };
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    need("sendmmsg MSG_FASTOPEN", sendmmsg(fd, &message, 1, MSG_FASTOPEN));
    worked();
}
static void a_fast_open_option(void)
{
    int on = 1;
    struct sockaddr_in address = loopback(port("inside/tcp"));
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    need("setsockopt", setsockopt(fd, IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, &on, sizeof on));
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    need("write", write(fd, "x", 1));
    worked();
}
static void a_mptcp(void)
{
    struct sockaddr_in address = loopback(port("inside/tcp"));
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 262));
    need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_udp(void)
{
    struct sockaddr_in address = loopback(port("inside/udp"));
    int fd = need("socket", socket(AF_INET, SOCK_DGRAM, 0));
    need("sendto", sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_udp6(void)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port("inside/udp")) };
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
    int fd = need("socket", socket(AF_INET6, SOCK_DGRAM, 0));
    need("sendto", sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_ping(void) { need("socket", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)); worked(); }
static void a_raw(void) { need("socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); worked(); }
static void a_packet(void) { need("socket", socket(AF_PACKET, SOCK_RAW, htons(3))); worked(); }
static void a_packet_old(void) { need("socket", socket(AF_INET, SOCK_PACKET, htons(3))); worked(); }
static void a_netlink(void) { need("socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)); worked(); }
static void a_vsock(void) { need("socket", socket(AF_VSOCK, SOCK_STREAM, 0)); worked(); }
static void a_algorithm(void) { need("socket", socket(AF_ALG, SOCK_SEQPACKET, 0)); worked(); }
static void a_io_uring(void) { struct io_uring_params p = { 0 }; need("io_uring_setup", syscall(SYS_io_uring_setup, 4, &p)); worked(); }
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
        read(go[0], &byte, 1);
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
static long old_call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("push %%rbx; mov %2, %%ebx; int $0x80; pop %%rbx" : "=a"(result) : "0"(number), "r"((int)a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
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

/* Programs */
static void run(const char *program)
{
    execl(program, "attack", "hello", dir, (char *)NULL);
    refused("execve");
}
static void a_execute_outside(void) { run(path("outside/tool")); }
static void copy(const char *from, const char *to)
{
    int in = need("open", open(from, O_RDONLY)), out = need("open", open(to, O_CREAT | O_WRONLY | O_TRUNC, 0700));
    for (ssize_t count; (count = read(in, buffer, sizeof buffer)) > 0;) need("write", write(out, buffer, count));
    close(in);
    close(out);
}
static void a_execute_copy(void) { copy("/proc/self/exe", path("inside/copy")); execl(path("inside/copy"), "attack", "hello", dir, (char *)NULL); refused("execve"); }
static void a_memory_program(void)
{
    int in = need("open", open("/proc/self/exe", O_RDONLY)), out = need("memfd_create", memfd_create("program", 0));
    for (ssize_t count; (count = read(in, buffer, sizeof buffer)) > 0;) need("write", write(out, buffer, count));
    char *arguments[] = { "attack", "hello", (char *)dir, NULL }, *environment[] = { NULL };
    syscall(SYS_execveat, out, "", arguments, environment, AT_EMPTY_PATH);
    refused("execveat");
}
static void a_memory_program_reads(void)
{
    int in = need("open", open("/proc/self/exe", O_RDONLY)), out = need("memfd_create", memfd_create("program", 0));
    for (ssize_t count; (count = read(in, buffer, sizeof buffer)) > 0;) need("write", write(out, buffer, count));
    char *arguments[] = { "attack", "read", (char *)dir, NULL }, *environment[] = { NULL };
    syscall(SYS_execveat, out, "", arguments, environment, AT_EMPTY_PATH);
    refused("execveat");
}
static void a_setuid(void)
{
    int status, out[2];
    char user = 0;
    need("pipe", pipe(out));
    if (fork() == 0) { dup2(out[1], 1); execl(path("outside/setuid"), "attack", "euid", dir, (char *)NULL); _exit(1); }
    close(out[1]);
    if (read(out[0], &user, 1) != 1) { errno = EACCES; refused("the program did not run"); }
    wait(&status);
    errno = EPERM;
    if (user == '0') worked();
    refused("still the same user");
}
static void a_hello(void) { worked(); }
static void a_euid(void) { printf("%d\n", geteuid() != 0); exit(0); }

/* Undoing the sandbox */
static void a_namespace_read(void) { need("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)); read_secret(path("outside/secret")); }
static void a_new_session_read(void)
{
    /* A daemon, twice forked, in a session of its own. */
    if (fork() == 0) {
        setsid();
        if (fork() == 0) { int fd = open(path("outside/secret"), O_RDONLY); _exit(fd < 0 ? 1 : 0); }
        int status;
        wait(&status);
        _exit(WEXITSTATUS(status));
    }
    int status;
    wait(&status);
    if (WEXITSTATUS(status) == 0) worked();
    errno = EACCES;
    refused("open");
}
static void *read_in_thread(void *result) { *(int *)result = open(path("outside/secret"), O_RDONLY); return NULL; }
static void a_thread_read(void)
{
    pthread_t thread;
    int fd = -1;
    pthread_create(&thread, NULL, read_in_thread, &fd);
    pthread_join(thread, NULL);
    errno = EACCES;
    if (fd < 0) refused("open");
    holds_secret(fd);
}

/* The terminal, keyrings, memory of other processes */
static void a_type(void)
{
    int fd = open("/dev/tty", O_RDWR);
    if (fd < 0) fd = 0;
    need("ioctl TIOCSTI", ioctl(fd, TIOCSTI, "#"));
    worked();
}
static void a_type_32_bits_more(void)
{
    /* The kernel takes the lower half of the command. */
    int fd = open("/dev/tty", O_RDWR);
    need("ioctl TIOCSTI", syscall(SYS_ioctl, fd < 0 ? 0 : fd, (7ull << 32) | TIOCSTI, "#"));
    worked();
}
static void a_keyring(void)
{
    long key = syscall(SYS_request_key, "user", "attack-secret", NULL, 0);
    if (key < 0) refused("request_key");
    worked();
}
static void a_add_key(void) { long key = syscall(SYS_add_key, "user", "attack-planted", "x", 1, -4 /* KEY_SPEC_USER_KEYRING */); if (key < 0) refused("add_key"); worked(); }
static void a_shared_memory(void)
{
    int id = need("shmget", shmget(victim(), 0, 0));
    char *memory = shmat(id, NULL, SHM_RDONLY);
    if (memory == (void *)-1) refused("shmat");
    worked();
}
static void a_posix_memory(void) { char name[64]; snprintf(name, sizeof name, "/attack-%d", victim()); need("shm_open", shm_open(name, O_RDWR, 0)); worked(); }
static void a_message_queue(void) { char name[64]; snprintf(name, sizeof name, "/attack-%d", victim()); need("mq_open", mq_open(name, O_RDWR)); worked(); }

/* What Landlock has no right for */
static void a_stat(void) { struct stat status; need("stat", stat(path("outside/secret"), &status)); worked(); }
static void a_chmod(void) { need("chmod", chmod(path("outside/secret"), 0644)); worked(); }
static void a_utimes(void) { need("utimes", utimes(path("outside/secret"), NULL)); worked(); }
static void a_attribute(void) { need("setxattr", setxattr(path("outside/secret"), "user.attack", "x", 1, 0)); worked(); }
static void a_watch(void) { int fd = need("inotify_init", inotify_init()); need("inotify_add_watch", inotify_add_watch(fd, path("outside"), IN_ALL_EVENTS)); worked(); }
static void a_limits(void) { struct rlimit limit; need("prlimit", prlimit(victim(), RLIMIT_CORE, NULL, &limit)); need("prlimit", prlimit(victim(), RLIMIT_CORE, &limit, NULL)); worked(); }
/* 19 is the most, whatever it was before: an ordinary user may only give way. */
static void a_priority(void) { need("setpriority", setpriority(PRIO_PROCESS, victim(), 19)); worked(); }
static void a_affinity(void) { cpu_set_t set; need("sched_getaffinity", sched_getaffinity(victim(), sizeof set, &set)); need("sched_setaffinity", sched_setaffinity(victim(), sizeof set, &set)); worked(); }

static const struct { const char *name; void (*attempt)(void); } attempts[] = {
#define A(name) { #name, a_##name }
    A(read), A(dotdot), A(symlink), A(symlink_directory), A(hard_link), A(link_descriptor), A(rename_in), A(rename_directory_in), A(exchange),
    A(exchange_directory), A(reopen_reference), A(directory_reference), A(change_directory), A(inherited_directory), A(inherited_descriptor),
    A(chroot), A(list), A(write), A(truncate), A(create), A(temporary), A(mkdir), A(unlink), A(rmdir), A(make_symlink), A(make_fifo),
    A(make_device), A(make_socket), A(rename_out), A(handle), A(race_symlink), A(bind_mount), A(tree_clone), A(move_mount), A(new_mount),
    A(proc_root), A(proc_cwd), A(proc_descriptor), A(proc_memory), A(proc_environ), A(proc_arguments), A(ptrace), A(read_memory), A(take_descriptor),
    A(kill), A(thread_kill), A(queue_signal), A(pidfd_signal), A(owner_signal), A(abstract), A(abstract_datagram),
    A(unix_socket), A(unix_command), A(unix_datagram), A(unix_pair), A(unix_pair_raw), A(unix_pair_stream), A(unix_32), A(tcp), A(tcp_mapped), A(tcp_reconnect), A(tcp_bind), A(tcp_listen), A(fast_open), A(fast_open_message),
    A(fast_open_option), A(mptcp), A(udp), A(udp6), A(ping), A(raw), A(packet), A(packet_old), A(netlink), A(vsock), A(algorithm), A(io_uring),
    A(filter_listener), A(filter_tracer), A(filter_tracer_type), A(own_tracer), A(socket_32), A(socketcall), A(descriptor_by_socket), A(execute_outside), A(execute_copy), A(memory_program), A(memory_program_reads),
    A(setuid), A(hello), A(euid), A(namespace_read), A(new_session_read), A(thread_read), A(type), A(type_32_bits_more), A(keyring),
    A(add_key), A(shared_memory), A(posix_memory), A(message_queue), A(stat), A(chmod), A(utimes), A(attribute), A(watch), A(limits), A(priority),
    A(affinity),
};

/* The process outside: it holds a secret, listens everywhere, and notes signals. */
static volatile sig_atomic_t signals;
static void note(int number) { (void)number; signals = 1; }

static void tell(const char *name, int number)
{
    FILE *file = fopen(path(name), "w");
    fprintf(file, "%d\n", number);
    fclose(file);
}

static int bound(int family, int type, struct sockaddr *address, socklen_t length)
{
    int fd = socket(family, type, 0);
    if (fd < 0 || bind(fd, address, length) < 0) { perror("victim"); exit(3); }
    if (type == SOCK_STREAM) listen(fd, 64);
    return fd;
}

static int be_victim(void)
{
    struct sockaddr_in address = loopback(0);
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    socklen_t length = sizeof address;
    struct sigaction action = { .sa_handler = note };
    sigaction(SIGUSR1, &action, NULL);
    dup2(open(path("outside/secret"), O_RDONLY), 9);
    fcntl(9, F_SETFD, 0);
    int tcp = bound(AF_INET, SOCK_STREAM, (struct sockaddr *)&address, sizeof address);
    getsockname(tcp, (struct sockaddr *)&address, &length);
    tell("inside/tcp", ntohs(address.sin_port));
    address = loopback(0);
    int udp = bound(AF_INET, SOCK_DGRAM, (struct sockaddr *)&address, sizeof address);
    getsockname(udp, (struct sockaddr *)&address, &length);
    tell("inside/udp", ntohs(address.sin_port));
    int size = snprintf(local.sun_path + 1, sizeof local.sun_path - 1, "attack-%d", getpid());
    int abstract = bound(AF_UNIX, SOCK_STREAM, (struct sockaddr *)&local, offsetof(struct sockaddr_un, sun_path) + 1 + size);
    size = snprintf(local.sun_path + 1, sizeof local.sun_path - 1, "attack-datagram-%d", getpid());
    bound(AF_UNIX, SOCK_DGRAM, (struct sockaddr *)&local, offsetof(struct sockaddr_un, sun_path) + 1 + size);
    snprintf(local.sun_path, sizeof local.sun_path, "%s", path("outside/socket"));
    bound(AF_UNIX, SOCK_STREAM, (struct sockaddr *)&local, sizeof local);
    snprintf(local.sun_path, sizeof local.sun_path, "%s", path("outside/datagram"));
    bound(AF_UNIX, SOCK_DGRAM, (struct sockaddr *)&local, sizeof local);
    snprintf(local.sun_path, sizeof local.sun_path, "%s", path("outside/shell"));
    int shell = bound(AF_UNIX, SOCK_STREAM, (struct sockaddr *)&local, sizeof local);
    fcntl(shell, F_SETFL, O_NONBLOCK);
    char name[64];
    snprintf(name, sizeof name, "/attack-%d", getpid());
    shm_open(name, O_CREAT | O_RDWR, 0600);
    syscall(SYS_add_key, "user", "attack-secret", "x", 1, -4 /* KEY_SPEC_USER_KEYRING */);
    mq_open(name, O_CREAT | O_RDWR, 0600, NULL);
    int segment = shmget(getpid(), 4096, IPC_CREAT | 0600);
    if (chdir(path("outside")) < 0) exit(3);
    tell("inside/victim", getpid());
    /* Until standard input ends. */
    fcntl(abstract, F_SETFL, O_NONBLOCK);
    fcntl(0, F_SETFL, O_NONBLOCK);
    for (char byte; read(0, &byte, 1) != 0; usleep(20000)) {
        if (signals) { signals = 0; tell("inside/signals", 1); }
        for (int fd; (fd = accept(shell, NULL, NULL)) >= 0; close(fd)) {
            ssize_t length = read(fd, buffer, sizeof buffer - 1);
            if (length > 0) { buffer[length] = 0; if (system(buffer) < 0) exit(3); }
        }
        for (int fd; (fd = accept(abstract, NULL, NULL)) >= 0; close(fd)) {
            char control[CMSG_SPACE(sizeof(int))] = { 0 };
            struct iovec data = { "x", 1 };
            struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
            struct cmsghdr *head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_SOCKET;
            head->cmsg_type = SCM_RIGHTS;
            head->cmsg_len = CMSG_LEN(sizeof(int));
            int secret = open("secret", O_RDONLY);
            memcpy(CMSG_DATA(head), &secret, sizeof secret);
            sendmsg(fd, &message, MSG_NOSIGNAL);
            close(secret);
        }
    }
    shm_unlink(name);
    mq_unlink(name);
    shmctl(segment, IPC_RMID, NULL);
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "list") == 0) {
        for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) puts(attempts[i].name);
        return 0;
    }

    if (count != 3) return 3;
    dir = arguments[2];
    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(arguments[1], "victim") == 0) return be_victim();
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        if (strcmp(attempts[i].name, arguments[1]) == 0) { attempts[i].attempt(); return 3; }
    }

    return 3;
}
