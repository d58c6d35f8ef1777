/*
 * The hosts that a machine without a network has for tests/Landlock.Tests/Kernels/HostCases.cs: every address of 10.9.0.0/16, fd00:9::3, and
 * the machine's own, which answer at ports 80 to 83 of TCP; 10.9.0.2, 10.9.0.3, 10.9.0.53, 127.0.0.1 and fd00:9::3, which send datagrams to
 * port 9999 back; and a name server at 10.9.0.53. That the addresses lead back to this machine nobody sees who asks the kernel for the way to
 * them: it names 127.0.0.1 as the sender. Says "ready", and then each name that it is asked for, once for each question.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENERS = 4, ECHOES = 5, ALL = LISTENERS + ECHOES + 1, LOOPBACK = 1 };

static int need(const char *what, long result)
{
    if (result >= 0) return (int)result;
    perror(what);
    exit(1);
}

static size_t add(char *to, int type, const void *bytes, size_t length)
{
    struct rtattr head = { RTA_LENGTH(length), type };
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, bytes, length);
    return RTA_SPACE(length);
}

/* ip route add local 10.9.0.0/16 dev lo src 127.0.0.1; ip address add fd00:9::3/64 dev lo */
static void make_addresses(void)
{
    struct { struct nlmsghdr head; struct rtmsg route; char more[64]; } message = {
        .head = { 0, RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK },
        .route = { AF_INET, 16, 0, 0, RT_TABLE_LOCAL, RTPROT_BOOT, RT_SCOPE_HOST, RTN_LOCAL },
    };
    struct { struct nlmsghdr head; struct nlmsgerr error; char more[256]; } answer;
    struct { struct in6_addr address; uint32_t prefix; int interface; } own = { .prefix = 64, .interface = LOOPBACK };
    uint32_t to = htonl(0x0A090000), from = htonl(INADDR_LOOPBACK), interface = LOOPBACK;
    size_t size = add(message.more, RTA_DST, &to, 4);
    size += add(message.more + size, RTA_OIF, &interface, 4);
    size += add(message.more + size, RTA_PREFSRC, &from, 4);
    message.head.nlmsg_len = NLMSG_LENGTH(sizeof message.route) + size;
    int fd = need("netlink", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    need("route", send(fd, &message, message.head.nlmsg_len, 0));
    need("route", recv(fd, &answer, sizeof answer, 0));
    errno = -answer.error.error;
    need("route", errno == 0 || errno == EEXIST ? 0 : -1);
    close(fd);
    inet_pton(AF_INET6, "fd00:9::3", &own.address);
    fd = need("socket", socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (ioctl(fd, SIOCSIFADDR, &own) < 0 && errno != EEXIST) need("address", -1);
    close(fd);
}

static int bound(const char *text, int port, int type)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
    int is6 = strchr(text, ':') != NULL, on = 1;
    inet_pton(is6 ? AF_INET6 : AF_INET, text, is6 ? (void *)&six.sin6_addr : (void *)&four.sin_addr);
    int fd = need("socket", socket(is6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* An address of IPv6 is there a moment after it was added. */
    for (int i = 0; bind(fd, is6 ? (void *)&six : (void *)&four, is6 ? sizeof six : sizeof four) < 0; i++) {
        if (errno != EADDRNOTAVAIL || i == 1000) need(text, -1);
        usleep(10000);
    }
    return fd;
}

/* An allowed name of each kind, as HostCases.cs has them; every other name does not exist. */
static uint32_t address_of(const char *name)
{
    if (strcmp(name, "api.example.com") == 0) return 0x0A090101;
    if (strcmp(name, "a.pkg.example") == 0) return 0x0A090102;
    if (strcmp(name, "this.example.com") == 0) return INADDR_LOOPBACK;
    return 0;
}

static void answer(int fd)
{
    unsigned char bytes[1024];
    char name[256] = "";
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(fd, bytes, 512, 0, (void *)&from, &length);
    size_t at = 12, written = 0;
    if (count < 17) return;
    while (at < (size_t)count && bytes[at] != 0 && written + bytes[at] < 250) {
        if (written > 0) name[written++] = '.';
        memcpy(name + written, bytes + at + 1, bytes[at]);
        written += bytes[at];
        at += bytes[at] + 1;
    }
    int type = bytes[at + 2];
    uint32_t address = address_of(name);
    printf("%s\n", name);
    at += 5;
    memset(bytes + 6, 0, 6);
    bytes[2] |= 0x80;
    /* NoError, ServFail or NXDomain. */
    bytes[3] = 0x80 | (address != 0 ? 0 : strcmp(name, "broken.example.com") == 0 ? 2 : 3);
    if (address != 0 && type == 1) {
        const unsigned char record[12] = { 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4 };
        uint32_t value = htonl(address);
        bytes[7] = 1;
        memcpy(bytes + at, record, sizeof record);
        memcpy(bytes + at + 12, &value, 4);
        at += 16;
    }
    sendto(fd, bytes, at, 0, (void *)&from, length);
}

static void send_back(int fd)
{
    char bytes[64];
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(fd, bytes, sizeof bytes, 0, (void *)&from, &length);
    if (count >= 0) sendto(fd, bytes, count, 0, (void *)&from, length);
}

int main(void)
{
    const char *echoes[ECHOES] = { "10.9.0.2", "10.9.0.3", "10.9.0.53", "127.0.0.1", "fd00:9::3" };
    struct pollfd all[ALL] = { 0 };
    setvbuf(stdout, NULL, _IOLBF, 0);
    make_addresses();
    for (int i = 0; i < ALL; i++) {
        all[i].events = POLLIN;
        all[i].fd = i < LISTENERS ? bound("::", 80 + i, SOCK_STREAM)
            : i < LISTENERS + ECHOES ? bound(echoes[i - LISTENERS], 9999, SOCK_DGRAM) : bound("10.9.0.53", 53, SOCK_DGRAM);
        if (i < LISTENERS) need("listen", listen(all[i].fd, 4096));
    }
    printf("ready\n");
    for (;;) {
        need("poll", poll(all, ALL, -1));
        for (int i = 0; i < ALL; i++) {
            int client;
            if (all[i].revents == 0) continue;
            if (i == ALL - 1) answer(all[i].fd);
            else if (i >= LISTENERS) send_back(all[i].fd);
            else while ((client = accept(all[i].fd, NULL, NULL)) >= 0) close(client);
        }
    }
}
