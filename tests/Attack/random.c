/* Calls on sockets in any order and with any arguments, in the world of hosts.c, until one reaches another host; the wire there tells as well. */
#include "hosts.h"

enum { DESCRIPTORS = 24, CALLS = 20000 };

static int one_of(const int *list, int count) { return list[random() % count]; }
#define ONE_OF(...) one_of((const int[]){ __VA_ARGS__ }, sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))
static const char *any_host(void)
{
    static const char *const hosts[] = { EVIL, EVIL, ALLOWED, SERVER, "127.0.0.1", "0.0.0.0", "10.9.0.4", "255.255.255.255", "224.0.0.251" };
    return hosts[random() % (sizeof hosts / sizeof *hosts)];
}

/* An address, its length, and now and then one that is neither. */
static socklen_t any_address(struct sockaddr_storage *to)
{
    int number = ONE_OF(80, 80, 81, 82, 53, 9999, 0, 443, 22);
    char mapped[64];
    memset(to, 0, sizeof *to);
    if (random() % 3) {
        *(struct sockaddr_in *)to = at(any_host(), number);
        to->ss_family = ONE_OF(AF_INET, AF_INET, AF_INET, AF_INET, AF_UNSPEC, AF_INET6, AF_UNIX);
        return ONE_OF(16, 16, 16, 16, 128, 15, 2, 0);
    }
    snprintf(mapped, sizeof mapped, random() % 2 ? "::ffff:%s" : "fd00:9::3", any_host());
    *(struct sockaddr_in6 *)to = at6(mapped, number);
    return ONE_OF(28, 28, 28, 24, 128, 27);
}

static void a_host_random(void)
{
    struct sockaddr_storage to;
    int fds[DESCRIPTORS], value = 1, seed = getpid();
    memset(fds, -1, sizeof fds);
    memset(buffer, 0xFF, sizeof buffer);
    srandom(seed);
    signal(SIGPIPE, SIG_IGN);
    alarm(50);
    for (int i = 0; i < CALLS; i++) {
        int *fd = &fds[random() % DESCRIPTORS], *other = &fds[random() % DESCRIPTORS];
        int flags = MSG_NOSIGNAL | MSG_DONTWAIT | ONE_OF(0, 0, MSG_FASTOPEN, MSG_OOB, MSG_MORE, MSG_DONTROUTE);
        socklen_t length = any_address(&to);
        struct iovec data = { buffer, random() % 64 };
        struct mmsghdr messages[2] = { { { &to, length, &data, 1 } }, { { &to, length, &data, 1 } } };
        switch (random() % 14) {
        case 0: case 1:
            close(*fd);
            *fd = socket(ONE_OF(AF_INET, AF_INET, AF_INET6, AF_UNIX), ONE_OF(SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW)
                | SOCK_NONBLOCK, ONE_OF(0, 0, 0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, 262));
            break;
        case 2: case 3: case 4: connect(*fd, (struct sockaddr *)&to, length); break;
        case 5: sendto(*fd, buffer, random() % 64, flags, (struct sockaddr *)&to, length); break;
        case 6: sendmsg(*fd, &messages[0].msg_hdr, flags); break;
        case 7: sendmmsg(*fd, messages, 2, flags); break;
        case 8: write(*fd, buffer, random() % 64); break;
        case 9: setsockopt(*fd, ONE_OF(IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET), random() % 80, &value, sizeof value); break;
        case 10: bind(*fd, (struct sockaddr *)&to, length); break;
        case 11: listen(*fd, 1); break;
        case 12: if (*fd >= 0 && *other >= 0) dup2(*fd, *other); break;
        case 13: recvfrom(*fd, buffer, 64, MSG_DONTWAIT, (struct sockaddr *)&to, &length); break;
        }
        struct sockaddr_in peer;
        length = sizeof peer;
        if (getpeername(*fd, (struct sockaddr *)&peer, &length) == 0 && peer.sin_family == AF_INET && peer.sin_addr.s_addr == inet_addr(EVIL)
            && getsockopt(*fd, SOL_SOCKET, SO_PROTOCOL, &value, &(socklen_t){ sizeof value }) == 0 && value == IPPROTO_TCP) worked();
        value = 1;
    }
    char said[64];
    snprintf(said, sizeof said, "whatever was called (seed %d)", seed);
    errno = 0;
    refused(said);
}

const struct attempt random_attempts[] = { A(host_random), { NULL, NULL } };
