/* Attempts by the terminal and the objects of the kernel that no path leads to, and what Landlock has no right for. */
#include "attack.h"

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
static int told(const char *name) { return port(name); }
static void a_shared_memory_by_number(void)
{
    char *memory = shmat(told("inside/segment"), NULL, SHM_RDONLY);
    if (memory == (void *)-1) refused("shmat");
    worked();
}
static void a_queue(void)
{
    struct { long type; char text[8]; } message;
    need("msgrcv", msgrcv(told("inside/queue"), &message, sizeof message.text, 0, IPC_NOWAIT));
    worked();
}
static void a_semaphores(void)
{
    struct sembuf up = { 0, 1, IPC_NOWAIT };
    need("semop", semop(told("inside/semaphores"), &up, 1));
    worked();
}
#ifdef __x86_64__
static void a_shared_memory_32(void)
{
    long result = old_call(117, 23 /* SHMGET */, victim(), 0);
    errno = result < 0 ? (int)-result : 0;
    if (result < 0) refused("ipc");
    worked();
}
#else
static void a_shared_memory_32(void) { errno = ENOSYS; impossible("x86 only"); }
#endif
static void a_posix_memory(void) { char name[64]; snprintf(name, sizeof name, "/attack-%d", victim()); need("shm_open", shm_open(name, O_RDWR, 0)); worked(); }
static void a_message_queue(void) { char name[64]; snprintf(name, sizeof name, "/attack-%d", victim()); need("mq_open", mq_open(name, O_RDWR)); worked(); }

/* What Landlock has no right for */
static void a_stat(void) { struct stat status; need("stat", stat(path("outside/secret"), &status)); worked(); }
static void a_chmod(void) { need("chmod", chmod(path("outside/secret"), 0644)); worked(); }
static void a_utimes(void) { need("utimes", utimes(path("outside/secret"), NULL)); worked(); }
static void a_attribute(void) { need("setxattr", setxattr(path("outside/secret"), "user.attack", "x", 1, 0)); worked(); }
static void a_watch(void) { int fd = need("inotify_init", inotify_init()); need("inotify_add_watch", inotify_add_watch(fd, path("outside"), IN_ALL_EVENTS)); worked(); }
const struct attempt objects_attempts[] = {
    A(type), A(type_32_bits_more), A(keyring), A(add_key), A(shared_memory), A(shared_memory_by_number), A(shared_memory_32), A(queue), A(semaphores),
    A(posix_memory), A(message_queue), A(stat), A(chmod), A(utimes), A(attribute), A(watch),
    { NULL, NULL },
};
