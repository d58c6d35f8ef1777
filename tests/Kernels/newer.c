/*
 * `newer ABI COMMAND...` runs a command on a kernel whose Landlock says another version: landlock_create_ruleset(NULL, 0, VERSION) is answered
 * here (seccomp_unotify(2)), and everything else by the kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))

static int listener(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 444, 0, 5),
        ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
        ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void give(int socket, int fd)
{
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr head; } control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    *(int *)CMSG_DATA(&control.head) = fd;
    struct iovec data = { "x", 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    sendmsg(socket, &message, 0);
}

static int taken(int socket)
{
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr head; } control;
    char byte;
    struct iovec data = { &byte, 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    return recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && message.msg_controllen > 0 ? *(int *)CMSG_DATA(&control.head) : -1;
}

int main(int count, char **words)
{
    int ends[2], status;
    if (count < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return 2;
    pid_t child = fork();
    if (child == 0) {
        int fd = listener();
        if (fd < 0) { perror("seccomp"); _exit(2); }
        give(ends[1], fd);
        close(fd);
        execv(words[2], words + 2);
        perror(words[2]);
        _exit(127);
    }
    close(ends[1]);
    struct pollfd asked = { .fd = taken(ends[0]), .events = POLLIN };
    /* The end of the last process with the filter is an event, too. */
    while (asked.fd >= 0 && poll(&asked, 1, -1) >= 0 && (asked.revents & POLLIN)) {
        struct seccomp_notif call = { 0 };
        if (ioctl(asked.fd, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) continue;
        struct seccomp_notif_resp answer = { .id = call.id, .val = atoi(words[1]) };
        ioctl(asked.fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
