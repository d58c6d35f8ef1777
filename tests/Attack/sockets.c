/* Attempts by sockets of every family, and io_uring. */
#include "attack.h"

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
void a_udp(void)
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

const struct attempt sockets_attempts[] = {
    A(abstract), A(abstract_datagram), A(unix_socket), A(unix_command), A(unix_datagram), A(unix_pair), A(unix_pair_raw), A(unix_pair_stream), A(tcp),
    A(tcp_mapped), A(tcp_reconnect), A(tcp_bind), A(tcp_listen), A(fast_open), A(fast_open_message), A(fast_open_option), A(mptcp), A(udp), A(udp6),
    A(ping), A(raw), A(packet), A(packet_old), A(netlink), A(vsock), A(algorithm), A(io_uring),
    { NULL, NULL },
};
