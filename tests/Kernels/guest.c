/*
 * The first process of a machine that runs another kernel: it runs the steps in /steps, one after the other, and tells what came of each over
 * the serial line that the variable ANSWERS names. A step is texts that end in NUL: its name, the user's id, the seconds that it may take, the number of words, the words. The answer is
 * "@NAME STATUS OUTPUT ERROR\n" (the status of wait(2), two lengths in bytes), what was written to standard output and error, and "\n";
 * "@end 0 0 0\n" is the last.
 * `guest plan FILE` hands a plan to landlock-exec as the library does, in sealed memory. `guest attempt ID NAME COMMAND...` makes the place
 * /tmp/place and a victim for an attempt of tests/Attack, and runs the command, which is to try it in a sandbox; if it is refused there, it is
 * tried without one, and "without: STATUS" is the last line of the output. `guest module FILE` loads a module.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int line = 2;

static void die(const char *what)
{
    dprintf(line, "@failed 0 0 %zu\n%s: %s\n", strlen(what) + 2 + strlen(strerror(errno)), what, strerror(errno));
    exit(1);
}

static void put(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(line, bytes, length);
        if (count <= 0) return;
        bytes += count;
        length -= count;
    }
}

static void mounted(const char *type, const char *where, const char *options)
{
    mkdir(where, 0755);
    mount(type, where, type, 0, options);
}

static void become(const char *user)
{
    int id = atoi(user);
    if (id == 0) return;
    if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0) die("setresuid");
}

static int memory(const char *name, unsigned flags)
{
    int fd = memfd_create(name, flags);
    if (fd < 0) die("memfd_create");
    return fd;
}

/* Says which files the paths of a plan lead to here, where it was not made, and what its checksum is then (PlanLayout.cs, PlanChecksum.cs). */
static void find(char *image, size_t size)
{
    const uint64_t unknown = 0x4C4C505347554553, factor = 0x9E3779B97F4A7C15;
    uint64_t *words = (uint64_t *)image, sum = 0;
    for (size_t i = 1; i + 1 < size / 8; i++) {
        struct stat status;
        if (words[i] != unknown || stat(image + (uint32_t)words[i - 1], &status) < 0) continue;
        words[i] = status.st_ino;
        words[i + 1] = (uint64_t)major(status.st_dev) | (uint64_t)minor(status.st_dev) << 32;
    }
    for (size_t i = 0; i < size / 8; i++) {
        if (i == 2) continue;
        sum = (sum ^ words[i]) * factor;
        sum ^= sum >> 32;
    }
    words[2] = sum;
}

static int plan(const char *file)
{
    static char bytes[1 << 20] __attribute__((aligned(8)));
    int from = open(file, O_RDONLY | O_CLOEXEC);
    int to = memory("landlock-plan", MFD_ALLOW_SEALING);
    if (from < 0) die(file);
    ssize_t count = read(from, bytes, sizeof bytes);
    if (count < 0) die(file);
    find(bytes, count);
    if (write(to, bytes, count) != count) die("write");
    if (fcntl(to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) die("F_ADD_SEALS");
    char number[16];
    snprintf(number, sizeof number, "%d", to);
    execl("/usr/bin/landlock-exec", "landlock-exec", number, NULL);
    die("landlock-exec");
    return 1;
}

static void file(const char *name, mode_t mode, const char *text, uid_t owner)
{
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);
    int from = text == NULL ? open("/usr/bin/attack", O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || (text == NULL ? sendfile(fd, from, NULL, 1 << 26) : write(fd, text, strlen(text))) < 0) die(name);
    if (fchown(fd, owner, owner) < 0 || fchmod(fd, mode) < 0) die(name);
    close(from);
    close(fd);
}

static pid_t started(const char *user, int input, char **command)
{
    pid_t child = fork();
    if (child != 0) return child;
    become(user);
    if (input >= 0) dup2(input, 0);
    execvp(command[0], command);
    die(command[0]);
    return 0;
}

static int ended(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int attempt(const char *user, char *name, char **command)
{
    static const char *directories[] = { "", "/inside", "/outside", "/outside/dir", "/outside/empty", "/outside/root", "/outside/root/old" };
    static const char secret[] = "the secret outside\n", *files[] = { "secret", "dir/secret", "file" };
    char path[256], *victim[] = { "/usr/bin/attack", "victim", "/tmp/place", NULL }, *again[] = { "/usr/bin/attack", name, "/tmp/place", NULL };
    uid_t id = atoi(user);
    struct stat sign = { 0 };
    int ends[2];
    umask(0);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        snprintf(path, sizeof path, "/tmp/place%s", directories[i]);
        if (mkdir(path, 0755) < 0 || chown(path, id, id) < 0) die(path);
    }
    if (chdir("/tmp/place/outside") < 0 || pipe2(ends, O_CLOEXEC) < 0) die("/tmp/place/outside");
    for (int i = 0; i < 3; i++) file(files[i], 0644, secret, id);
    file("tool", 0755, NULL, id);
    file("setuid", 04755, NULL, 0);

    started(user, ends[0], victim);
    for (int i = 0; i < 5000 && (stat("/tmp/place/inside/victim", &sign) < 0 || sign.st_size == 0); i++) usleep(2000);
    if (strcmp(name, "inherited_descriptor") == 0) dup2(open("secret", O_RDONLY), 9);
    int status = ended(started(user, -1, command));
    if (status != 0) {
        int control = ended(started(user, -1, again));
        printf("without: %d\n", control);
        fflush(stdout);
    }
    return status;
}

/* Whatever a step leaves behind ends with it. */
static void too_late(int signal) { (void)signal; kill(-1, SIGKILL); }

static void answer(const char *name, int status, int output, int error)
{
    struct stat said[2];
    int files[2] = { output, error };
    char head[256];
    fstat(output, &said[0]);
    fstat(error, &said[1]);
    put(head, snprintf(head, sizeof head, "@%s %d %ld %ld\n", name, status, (long)said[0].st_size, (long)said[1].st_size));
    for (int i = 0; i < 2; i++) {
        char *bytes = said[i].st_size == 0 ? NULL : mmap(NULL, said[i].st_size, PROT_READ, MAP_SHARED, files[i], 0);
        if (bytes == NULL || bytes == MAP_FAILED) continue;
        put(bytes, said[i].st_size);
        munmap(bytes, said[i].st_size);
    }
    put("\n", 1);
}

static void run(const char *name, const char *user, int seconds, char **command)
{
    int output = memory("output", MFD_CLOEXEC), error = memory("error", MFD_CLOEXEC), status = 0;
    pid_t child = fork();
    if (child == 0) {
        char *environment[] = { "PATH=/usr/bin:/bin", "LANG=C", NULL };
        struct rlimit none = { 0, 0 };
        setsid();
        setrlimit(RLIMIT_CORE, &none);
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(output, 1);
        dup2(error, 2);
        line = 2;
        if (chdir("/tmp") < 0) die("/tmp");
        become(user);
        execve(command[0], command, environment);
        perror(command[0]);
        _exit(127);
    }
    alarm(seconds);
    for (;;) {
        int result;
        pid_t which = wait(&result);
        if (which == child) { status = result; break; }
        if (which < 0 && errno != EINTR) break;
    }
    alarm(0);
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) { }
    /* What the steps of one kind share is in /home. */
    umount2("/tmp", MNT_DETACH);
    mounted("tmpfs", "/tmp", "mode=1777");
    answer(name, status, output, error);
    close(output);
    close(error);
}

static void prepare(void)
{
    struct termios raw;
    struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    struct sigaction action = { .sa_handler = too_late };
    mounted("devtmpfs", "/dev", NULL);
    line = open(getenv("ANSWERS"), O_RDWR | O_NOCTTY | O_CLOEXEC);
    tcgetattr(line, &raw);
    cfmakeraw(&raw);
    tcsetattr(line, TCSANOW, &raw);
    mounted("proc", "/proc", NULL);
    mounted("sysfs", "/sys", NULL);
    mounted("securityfs", "/sys/kernel/security", NULL);
    mounted("cgroup2", "/sys/fs/cgroup", NULL);
    mounted("devpts", "/dev/pts", "ptmxmode=0666,mode=0620,gid=5");
    mounted("tmpfs", "/dev/shm", "mode=1777");
    mounted("mqueue", "/dev/mqueue", NULL);
    mounted("tmpfs", "/tmp", "mode=1777");
    int net = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ioctl(net, SIOCSIFFLAGS, &loopback);
    close(net);
    sigaction(SIGALRM, &action, NULL);
}

static int module(const char *file)
{
    const int compressed = 4;
    size_t length = strlen(file);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(file);
    if (syscall(SYS_finit_module, fd, "", length > 3 && strcmp(file + length - 3, ".xz") == 0 ? compressed : 0) < 0) die("finit_module");
    return 0;
}

int main(int count, char **arguments)
{
    if (count > 4 && strcmp(arguments[1], "attempt") == 0) return attempt(arguments[2], arguments[3], arguments + 4);
    if (count == 3 && strcmp(arguments[1], "plan") == 0) return plan(arguments[2]);
    if (count == 3 && strcmp(arguments[1], "module") == 0) return module(arguments[2]);
    if (getpid() != 1) return 2;

    prepare();
    int steps = open("/steps", O_RDONLY | O_CLOEXEC);
    struct stat size;
    if (steps < 0 || fstat(steps, &size) < 0) die("/steps");
    char *next = mmap(NULL, size.st_size + 1, PROT_READ, MAP_PRIVATE, steps, 0), *end = next + size.st_size;
    while (next < end) {
        char *command[256] = { 0 }, *name = next, *user = name + strlen(name) + 1, *seconds = user + strlen(user) + 1, *number = seconds + strlen(seconds) + 1;
        next = number + strlen(number) + 1;
        for (int i = 0; i < atoi(number) && i < 255; i++, next += strlen(next) + 1) command[i] = next;
        run(name, user, atoi(seconds), command);
    }
    put("@end 0 0 0\n", 11);
    tcdrain(line);
    reboot(RB_AUTOBOOT);
    return 1;
}
