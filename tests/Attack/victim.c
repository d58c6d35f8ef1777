#include "attack.h"

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

int be_victim(void)
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
    int queue = msgget(IPC_PRIVATE, 0600), semaphores = semget(IPC_PRIVATE, 1, 0600);
    struct { long type; char text[8]; } message = { 1, "secret" };
    msgsnd(queue, &message, sizeof message.text, 0);
    tell("inside/segment", segment);
    tell("inside/queue", queue);
    tell("inside/semaphores", semaphores);
    struct sched_param none = { 0 };
    sched_setscheduler(0, SCHED_BATCH, &none);
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
    msgctl(queue, IPC_RMID, NULL);
    semctl(semaphores, 0, IPC_RMID);
    return 0;
}
