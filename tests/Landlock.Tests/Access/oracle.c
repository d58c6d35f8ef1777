// Asks the kernel: does operations for real, once outside and once inside a Landlock domain, and prints both errors.
//
// Input, line by line:   layer FS NET SCOPE | rule ACCESS FILE-ACCESS PATH | port ACCESS PORT | op NAME ARGUMENTS...
// Output, a line for each op:   ERRNO-OUTSIDE ERRNO-INSIDE
//
// It calls nothing of the project, so that it cannot share a mistake with it. The tree is put back after every operation, with the same
// inodes, since rules are bound to those.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 5
#define MAX 4096
// A rule with exceptions is one for everything beside them, and /tmp may hold a lot.
#define MOST_RULES (1 << 18)

static char *ops[MAX][WORDS];
static int op_count;
static char *setup[MOST_RULES][WORDS];
static int setup_count;
static char abstract_name[40];
static volatile int exec_error;
static pid_t outsider; // of the same user, and in no domain

static void die(const char *what) { perror(what); exit(99); }

static int is(char **op, const char *name) { return strcmp(op[0], name) == 0; }

static int opened(const char *path, int flags, int mode) {
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, mode);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static int result(int value) { return value < 0 ? errno : 0; }

static int tcp(int port, int connecting) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int error = result(connecting ? connect(fd, (void *)&address, sizeof address) : bind(fd, (void *)&address, sizeof address));
    close(fd);
    return error;
}

static socklen_t abstract(struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strcpy(address->sun_path + 1, abstract_name);
    return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(abstract_name);
}

static int udp(const char *how, int port, int family) {
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    void *address = family == 6 ? (void *)&v6 : (void *)&v4;
    socklen_t length = family == 6 ? sizeof v6 : sizeof v4;
    struct iovec data = { "x", 1 };
    struct msghdr message = { .msg_name = address, .msg_namelen = length, .msg_iov = &data, .msg_iovlen = 1 };
    int fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 ? errno
        : strcmp(how, "bind_udp") == 0 ? result(bind(fd, address, length))
        : strcmp(how, "connect_udp") == 0 ? result(connect(fd, address, length))
        : strcmp(how, "sendto_udp") == 0 ? result(sendto(fd, "x", 1, MSG_DONTWAIT, address, length))
        : result(sendmsg(fd, &message, MSG_DONTWAIT));
    close(fd);
    return error;
}

// A full queue is found out after Landlock was asked.
static int unless_full(int error) { return error == EAGAIN ? 0 : error; }

// By a short name, since an address has room for little.
static int local(const char *how, const char *path) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char directory[MAX];
    snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(path, '/') - path), path);
    int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, strrchr(path, '/') + 1);
    int fd = socket(AF_UNIX, (strcmp(how, "unix_stream") == 0 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd < 0 ? errno
        : strcmp(how, "unix_send") == 0 ? result(sendto(fd, "x", 1, 0, (void *)&address, sizeof address))
        : result(connect(fd, (void *)&address, sizeof address));
    close(fd);
    close(folder);
    return unless_full(error);
}

static int executed(const char *path) {
    exec_error = 0;
    char *arguments[] = { (char *)path, NULL }, *environment[] = { NULL };
    pid_t child = vfork();
    if (child == 0) {
        execve(path, arguments, environment);
        exec_error = errno;
        _exit(1);
    }
    waitpid(child, NULL, 0);
    return exec_error;
}

static int done(char **op) {
    char *a = op[1], *b = op[2];
    if (is(op, "open_r")) return opened(a, O_RDONLY, 0);
    if (is(op, "open_w")) return opened(a, O_WRONLY, 0);
    if (is(op, "open_rw")) return opened(a, O_RDWR, 0);
    if (is(op, "open_rt")) return opened(a, O_RDONLY | O_TRUNC, 0);
    if (is(op, "open_wt")) return opened(a, O_WRONLY | O_TRUNC, 0);
    if (is(op, "open_path")) return opened(a, O_PATH, 0);
    if (is(op, "stat")) { struct stat s; return result(stat(a, &s)); }
    if (is(op, "chmod")) return result(chmod(a, 0777));
    if (is(op, "creat_r")) return opened(a, O_RDONLY | O_CREAT | O_TRUNC, 0777);
    if (is(op, "creat_w")) return opened(a, O_WRONLY | O_CREAT | O_TRUNC, 0777);
    if (is(op, "list")) return opened(a, O_RDONLY | O_DIRECTORY, 0);
    if (is(op, "exec")) return executed(a);
    if (is(op, "make_reg")) return result(mknod(a, S_IFREG | 0777, 0));
    if (is(op, "make_fifo")) return result(mknod(a, S_IFIFO | 0777, 0));
    if (is(op, "make_sock")) return result(mknod(a, S_IFSOCK | 0777, 0));
    if (is(op, "make_char")) return result(mknod(a, S_IFCHR | 0777, makedev(1, 3)));
    if (is(op, "make_block")) return result(mknod(a, S_IFBLK | 0777, makedev(7, 99)));
    if (is(op, "make_dir")) return result(mkdir(a, 0777));
    if (is(op, "make_sym")) return result(symlink("target", a));
    if (is(op, "unlink")) return result(unlink(a));
    if (is(op, "rmdir")) return result(rmdir(a));
    if (is(op, "rename")) return result(rename(a, b));
    if (is(op, "exchange")) return result(syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2));
    if (is(op, "link")) return result(linkat(AT_FDCWD, a, AT_FDCWD, b, 0));
    if (is(op, "truncate")) return result(truncate(a, 0));
    if (is(op, "ftruncate")) {
        int fd = open(a, O_WRONLY | O_CLOEXEC);
        int error = fd < 0 ? errno : result(ftruncate(fd, 0));
        close(fd);
        return error;
    }
    if (is(op, "ioctl")) {
        int fd = open(a, O_RDONLY | O_CLOEXEC | O_NONBLOCK), bytes;
        int error = fd < 0 ? errno : result(ioctl(fd, FIONREAD, &bytes));
        close(fd);
        return error;
    }
    if (is(op, "bind_tcp")) return tcp(atoi(a), 0);
    if (is(op, "connect_tcp")) return tcp(atoi(a), 1);
    if (is(op, "signal")) return result(kill(atoi(a) ? outsider : getpid(), 0));
    if (is(op, "abstract")) {
        struct sockaddr_un address;
        socklen_t length = abstract(&address);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int error = result(connect(fd, (void *)&address, length));
        close(fd);
        return error;
    }
    if (strncmp(op[0], "unix_", 5) == 0) return local(op[0], a);
    if (strcmp(op[0] + strlen(op[0]) - 4, "_udp") == 0) return udp(op[0], atoi(a), atoi(b));
    fprintf(stderr, "unknown operation %s\n", op[0]);
    exit(98);
}

// What is moved may be on the way to the other, so both directories are held open.
static int folder[2] = { -1, -1 };

static char *base(char *path) { return strrchr(path, '/') + 1; }

static void hold(char *path, int which) {
    close(folder[which]);
    char name[MAX];
    snprintf(name, sizeof name, "%.*s", (int)(strrchr(path, '/') - path), path);
    folder[which] = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder[which] < 0) die(name);
}

static int exchange(char **op) { return syscall(SYS_renameat2, folder[0], base(op[1]), folder[1], base(op[2]), 2); }

static void prepare(char **op) {
    if (is(op, "unlink")) {
        if (strcmp(op[2], "sym") == 0 ? symlink("target", op[1]) : mknod(op[1], (strcmp(op[2], "fifo") == 0 ? S_IFIFO : S_IFREG) | 0777, 0)) die(op[1]);
    }
    if (is(op, "rmdir") && mkdir(op[1], 0777)) die(op[1]);
    if (is(op, "rename") || is(op, "exchange")) {
        hold(op[1], 0);
        hold(op[2], 1);
    }
    if (is(op, "rename") && linkat(folder[1], base(op[2]), folder[1], "backup", 0) && errno != ENOENT && errno != EPERM && errno != EXDEV) die("backup");
}

static void restore(char **op, int error) {
    if (is(op, "rename")) {
        if (error == 0 && renameat(folder[1], base(op[2]), folder[0], base(op[1]))) die(op[1]);
        if (error == 0 && renameat(folder[1], "backup", folder[1], base(op[2])) && errno != ENOENT) die(op[2]);
        unlinkat(folder[1], "backup", 0);
        return;
    }
    if (is(op, "exchange") && error == 0 && exchange(op)) die("exchange");
    if (is(op, "link") && error == 0 && unlink(op[2])) die(op[2]);
    if (is(op, "rmdir") || is(op, "make_dir")) rmdir(op[1]);
    else if (is(op, "unlink") || strncmp(op[0], "make_", 5) == 0 || strncmp(op[0], "creat_", 6) == 0) unlink(op[1]);
}

static void restrict_self(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) die("no_new_privs");
    int ruleset[16], layers = 0;
    for (int i = 0; i < setup_count; i++) {
        char **line = setup[i];
        if (is(line, "layer")) {
            uint64_t attribute[3] = { strtoull(line[1], NULL, 16), strtoull(line[2], NULL, 16), strtoull(line[3], NULL, 16) };
            ruleset[layers++] = syscall(444, attribute, sizeof attribute, 0);
            if (ruleset[layers - 1] < 0) die("create_ruleset");
        } else if (is(line, "rule")) {
            struct { uint64_t access; int32_t fd; } __attribute__((packed)) rule = { strtoull(line[1], NULL, 16), open(line[3], O_PATH | O_CLOEXEC) };
            struct stat status;
            if (rule.fd < 0 || fstat(rule.fd, &status)) die(line[3]);
            if (!S_ISDIR(status.st_mode)) rule.access = strtoull(line[2], NULL, 16);
            if (rule.access && syscall(445, ruleset[layers - 1], 1, &rule, 0)) die("add_rule");
            close(rule.fd);
        } else {
            uint64_t rule[2] = { strtoull(line[1], NULL, 16), strtoull(line[2], NULL, 10) };
            if (syscall(445, ruleset[layers - 1], 2, rule, 0)) die("add_rule");
        }
    }
    // All are made before the first is enforced, as afterwards their paths could not be opened.
    for (int i = 0; i < layers; i++)
        if (syscall(446, ruleset[i], 0)) die("restrict_self");
}

int main(void) {
    size_t size = 0;
    char *line = NULL;
    umask(0);
    while (getline(&line, &size, stdin) > 0) {
        char *copy = strdup(line), *save = NULL;
        int is_op = strncmp(copy, "op ", 3) == 0;
        char **words = is_op ? ops[op_count++] : setup[setup_count++];
        if (op_count == MAX || setup_count == MOST_RULES) die("too much");
        int i = 0;
        for (char *word = strtok_r(is_op ? copy + 3 : copy, " \n", &save); word && i < WORDS; word = strtok_r(NULL, " \n", &save)) words[i++] = word;
    }

    snprintf(abstract_name, sizeof abstract_name, "landlock-oracle-%d", getpid());
    struct sockaddr_un address;
    socklen_t length = abstract(&address);
    int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (void *)&address, length)) die("abstract");

    outsider = fork();
    if (outsider == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;) pause();
    }

    int requests[2], answers[2];
    if (pipe(requests) || pipe(answers)) die("pipe");
    pid_t child = fork();
    if (child == 0) {
        int index, error;
        close(requests[1]);
        restrict_self();
        if (write(answers[1], "ready", sizeof index) != sizeof index) _exit(97);
        while (read(requests[0], &index, sizeof index) == sizeof index) {
            error = done(ops[index]);
            if (write(answers[1], &error, sizeof error) != sizeof error) _exit(97);
        }
        _exit(0);
    }
    close(answers[1]);
    /* Operations out here would be in the way of its rules. */
    int ready;
    if (read(answers[0], &ready, sizeof ready) != sizeof ready) die("the sandboxed process ended");
    for (int i = 0; i < op_count; i++) {
        prepare(ops[i]);
        int outside = done(ops[i]), inside;
        restore(ops[i], outside);
        prepare(ops[i]);
        if (write(requests[1], &i, sizeof i) != sizeof i || read(answers[0], &inside, sizeof inside) != sizeof inside) die("the sandboxed process ended");
        restore(ops[i], inside);
        printf("%d %d\n", outside, inside);
    }
    close(requests[1]);
    waitpid(child, NULL, 0);
    kill(outsider, SIGKILL);
    return 0;
}
