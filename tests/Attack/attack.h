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
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
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

struct attempt { const char *name; void (*try)(void); };
#define A(name) { #name, a_##name }
extern const struct attempt paths_attempts[], processes_attempts[], sockets_attempts[], filters_attempts[], programs_attempts[], objects_attempts[], others_attempts[],
    hosts_attempts[], datagrams_attempts[], names_attempts[], supervisor_attempts[], random_attempts[];

extern const char *dir;
extern char buffer[4096];

/* A path in DIR. */
char *path(const char *rest);

/* How an attempt ends. */
void worked(void);
void refused(const char *what);
void impossible(const char *what);
int need(const char *what, long result);
void holds_secret(int fd);
void read_secret(const char *name);

/* The process outside, and where it listens. */
int be_victim(void);
pid_t victim(void);
int port(const char *name);
struct sockaddr_in loopback(int number);

#ifdef __x86_64__
/* A call of 32-bit programs. */
long old_call(long number, long a, long b, long c);
#endif

void a_udp(void);
