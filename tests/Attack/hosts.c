/*
 * Attempts to reach a host that no rule allows, in the world of tests/Landlock.Tests/Hosts: 10.9.0.2 is allowed at port 82, 10.9.0.3 nowhere, and
 * whoever gets a datagram at port 9999 sends it back.
 */
#include "hosts.h"
#include <poll.h>

union any_address { struct sockaddr any; struct sockaddr_in four; struct sockaddr_in6 six; struct sockaddr_un local; struct sockaddr_storage room; };

struct sockaddr_in at(const char *text, int number)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(number) };
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) impossible("address");
    return address;
}

struct sockaddr_in6 at6(const char *text, int number)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(number) };
    if (inet_pton(AF_INET6, text, &address.sin6_addr) != 1) impossible("address");
    return address;
}

void reaches(const char *text, int number)
{
    int six = strchr(text, ':') != NULL, fd = need("socket", socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0));
    union any_address to;
    if (six) to.six = at6(text, number);
    else to.four = at(text, number);
    need("connect", connect(fd, &to.any, six ? sizeof to.six : sizeof to.four));
    worked();
}

/* Addresses in every spelling. */
static void a_host_address(void) { reaches(EVIL, 80); }
static void a_host_port(void) { reaches(ALLOWED, 83); }
static void a_host_not_asked(void) { reaches(ALLOWED, 80); }
static void a_host_ipv6(void) { reaches("fd00:9::3", 80); }
static void a_host_mapped(void) { reaches("::ffff:" EVIL, 80); }
static void a_host_loopback(void) { reaches("127.0.0.1", 80); }
static void a_host_loopback_other(void) { reaches("127.8.8.8", 80); }
static void a_host_loopback_mapped(void) { reaches("::ffff:127.0.0.1", 80); }
static void a_host_loopback6(void) { reaches("::1", 80); }
static void a_host_any(void) { reaches("0.0.0.0", 80); }
static void a_host_any_mapped(void) { reaches("::ffff:0.0.0.0", 80); }
static void a_host_any6(void) { reaches("::", 80); }
static void a_host_own(void) { reaches("10.9.0.1", 80); }
static void a_host_long_address(void)
{
    union any_address to = { .four = at(EVIL, 80) };
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    need("connect", connect(fd, &to.any, sizeof to.room));
    worked();
}
static void a_host_short_address6(void)
{
    struct sockaddr_in6 to = at6("fd00:9::3", 80);
    int fd = need("socket", socket(AF_INET6, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&to, 24 /* SIN6_LEN_RFC2133 */));
    worked();
}
static void a_host_flow6(void)
{
    struct sockaddr_in6 to = at6("fd00:9::3", 80);
    to.sin6_flowinfo = htonl(0x12345);
    to.sin6_scope_id = 7;
    int fd = need("socket", socket(AF_INET6, SOCK_STREAM, 0));
    need("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    worked();
}
static void a_host_nonblocking(void)
{
    struct sockaddr_in to = at(EVIL, 80);
    int fd = need("socket", socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), error = 0;
    socklen_t length = sizeof error;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) refused("connect");
    struct pollfd one = { fd, POLLOUT, 0 };
    poll(&one, 1, 2000);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    if (error != 0) refused("connect, later");
    worked();
}
static void a_host_reconnect(void)
{
    struct sockaddr_in good = at(ALLOWED, 82), to = at(EVIL, 80);
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    if (connect(fd, (struct sockaddr *)&good, sizeof good) < 0) impossible("connect where it is allowed");
    if (connect(fd, &none, sizeof none) < 0) impossible("disconnect");
    need("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    worked();
}
static void a_host_high_bits(void)
{
    /* The kernel drops the upper half of what is an int. */
    struct sockaddr_in to = at(EVIL, 80);
    int fd = need("socket", syscall(SYS_socket, AF_INET | HIGH, SOCK_STREAM | HIGH, HIGH));
    need("connect", syscall(SYS_connect, fd | HIGH, &to, sizeof to | HIGH));
    worked();
}
static void a_host_listen(void)
{
    /* Whoever connects to it from outside gets what is sent. */
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    need("listen", listen(fd, 1));
    worked();
}

/* Swaps while the call is looked at. */
static volatile union any_address shared;
static volatile int over, turns;
static int first, second, swapped;
/* What was written before is there for others. */
static void wait_a_little(int count) { for (volatile int i = 0; i < count; i++); __sync_synchronize(); }
int patient(void) { return access(path("patient"), F_OK) == 0; }
int goes_on(int tries, int count) { return ((tries < 2000 || count < 2000) && tries < 1000000) || (tries < 3000000 && patient()); }
struct race { volatile union any_address to; volatile int turns; };
static void *swap_address(void *nothing)
{
    in_addr_t good = inet_addr(ALLOWED), evil = inet_addr(EVIL);
    struct race *race = nothing;
    for (; !over; race->turns++) {
        race->to.four.sin_addr.s_addr = evil;
        wait_a_little(300);
        race->to.four.sin_addr.s_addr = good;
        wait_a_little(300);
    }
    return NULL;
}
static int reached_evil(int fd)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &length) == 0 && peer.sin_addr.s_addr == inet_addr(EVIL);
}
static void connect_often(struct race *race)
{
    for (int i = 0; goes_on(i, race->turns); i++) {
        struct linger none = { 1, 0 };
        int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        connect(fd, (struct sockaddr *)&race->to, sizeof race->to.four);
        if (reached_evil(fd)) { over = 1; worked(); }
        close(fd);
    }
    over = 1;
    errno = EACCES;
    refused("each time");
}
static void a_host_race_address(void)
{
    static struct race race;
    pthread_t thread;
    race.to.four = at(ALLOWED, 82);
    pthread_create(&thread, NULL, swap_address, &race);
    connect_often(&race);
}
static void a_host_race_address_process(void)
{
    struct race *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memory->to.four = at(ALLOWED, 82);
    if (fork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); swap_address(memory); }
    connect_often(memory);
}
static void *swap_descriptor(void *nothing)
{
    struct sockaddr_un nowhere = { AF_UNIX, "/tmp/nobody-listens" };
    union any_address evil = { .four = at(EVIL, 80) };
    for (; !over; turns++) {
        memcpy((void *)&shared, &nowhere, sizeof nowhere);
        dup2(first, swapped);
        wait_a_little(2000);
        dup2(second, swapped);
        memcpy((void *)&shared, &evil, sizeof evil.four);
        wait_a_little(2000);
    }
    return nothing;
}
/* FIRST is harmless, SECOND is a socket of TCP; the descriptor that connects is one, then the other. */
static void race_descriptor(int harmless)
{
    pthread_t thread;
    first = harmless;
    second = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    swapped = dup(second);
    pthread_create(&thread, NULL, swap_descriptor, NULL);
    for (int i = 0; goes_on(i, turns); i++) {
        connect(swapped, (struct sockaddr *)&shared, sizeof shared.local);
        if (reached_evil(second)) { over = 1; worked(); }
    }
    over = 1;
    errno = EACCES;
    refused("each time");
}
/* A UNIX socket, which every sandbox may have. */
static int local(void) { int pair[2]; need("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair)); return pair[0]; }
static void a_host_race_descriptor(void) { race_descriptor(local()); }
static void a_host_race_descriptor_udp(void) { race_descriptor(need("socket", socket(AF_INET, SOCK_DGRAM, 0))); }
static void a_host_race_descriptor_file(void) { race_descriptor(need("open", open("/dev/null", O_RDWR))); }
static void *in_own_table(void *number)
{
    /* The same number is a socket of TCP in this thread, and one of UNIX in the rest of the process. */
    struct sockaddr_in to = at(EVIL, 80);
    if (unshare(CLONE_FILES) < 0) impossible("unshare");
    need("dup2", dup2(need("socket", socket(AF_INET, SOCK_STREAM, 0)), *(int *)number));
    need("connect", connect(*(int *)number, (struct sockaddr *)&to, sizeof to));
    worked();
    return NULL;
}
static void a_host_thread_descriptor(void)
{
    pthread_t thread;
    int number = local();
    pthread_create(&thread, NULL, in_own_table, &number);
    pthread_join(thread, NULL);
}
static void a_host_tracer(void)
{
    /* A tracer of its own changes the address when the call has begun. */
    struct sockaddr_in to = at(ALLOWED, 82);
    int status, calls = 0, fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    pid_t child = fork();
    if (child == 0) { ptrace(PTRACE_TRACEME, 0, 0, 0); raise(SIGSTOP); _exit(connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? 0 : errno); }
    waitpid(child, &status, 0);
    long *word = (long *)&to;
    to = at(EVIL, 80);
    while (ptrace(PTRACE_SYSCALL, child, 0, 0) == 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status))
        if (calls++ == 0 && ptrace(PTRACE_POKEDATA, child, word, *word) < 0) impossible("ptrace");
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
    if (errno != 0) refused("connect");
    if (!reached_evil(fd)) impossible("another address");
    worked();
}

static void a_host_untraceable(void)
{
    /* Nobody may look into such a process, so nobody sees what it asks for. */
    prctl(PR_SET_DUMPABLE, 0);
    reaches(EVIL, 80);
}
static void a_host_user_namespace(void)
{
    if (unshare(CLONE_NEWUSER) < 0) impossible("unshare");
    reaches(EVIL, 80);
}
static void a_host_vfork(void)
{
    /* A process that shares the memory, and has descriptors of its own. */
    struct sockaddr_in to = at(EVIL, 80);
    int status, fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    pid_t child = vfork();
    if (child == 0) _exit(connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? 0 : errno);
    waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    if (errno != 0) refused("connect");
    worked();
}
static void a_host_bind(void)
{
    struct sockaddr_in here = at("0.0.0.0", 5000);
    need("bind", bind(need("socket", socket(AF_INET, SOCK_STREAM, 0)), (struct sockaddr *)&here, sizeof here));
    worked();
}

/* Fast open: sending that connects. */
static void sends(const char *what, long result) { need(what, result); worked(); }
static void a_host_fast_open(void)
{
    struct sockaddr_in to = at(EVIL, 80);
    sends("sendto", sendto(need("socket", socket(AF_INET, SOCK_STREAM, 0)), "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to));
}
static void a_host_fast_open_high_bits(void)
{
    struct sockaddr_in to = at(EVIL, 80);
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    sends("sendto", syscall(SYS_sendto, fd, "x", 1, HIGH | MSG_FASTOPEN | MSG_NOSIGNAL, &to, sizeof to));
}
static struct mmsghdr message_to(void *to, socklen_t length)
{
    static struct iovec data = { "x", 1 };
    return (struct mmsghdr){ .msg_hdr = { .msg_name = to, .msg_namelen = length, .msg_iov = &data, .msg_iovlen = 1 } };
}
static void a_host_fast_open_message(void)
{
    struct sockaddr_in to = at(EVIL, 80);
    struct mmsghdr message = message_to(&to, sizeof to);
    sends("sendmsg", sendmsg(need("socket", socket(AF_INET, SOCK_STREAM, 0)), &message.msg_hdr, MSG_FASTOPEN | MSG_NOSIGNAL));
}
static void a_host_fast_open_messages(void)
{
    struct sockaddr_in to = at(EVIL, 80);
    struct mmsghdr message = message_to(&to, sizeof to);
    sends("sendmmsg", sendmmsg(need("socket", socket(AF_INET, SOCK_STREAM, 0)), &message, 1, MSG_FASTOPEN | MSG_NOSIGNAL));
}
static void a_host_fast_open_option(void)
{
    int on = 1, fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    struct sockaddr_in to = at(EVIL, 80);
    need("setsockopt", setsockopt(fd, IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, &on, sizeof on));
    need("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    sends("write", write(fd, "x", 1));
}

static void a_host_upgrade(void)
{
    /* A protocol above TCP: with SMC, TCP would be left. */
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    sends("setsockopt", setsockopt(fd, IPPROTO_TCP, 31 /* TCP_ULP */, "smc", 3));
}

/* Options that send packets elsewhere first. */
static const unsigned char loose_route[] = { 131, 7, 4, 10, 9, 0, 3, 0 }, record_route[] = { 7, 7, 4, 0, 0, 0, 0, 0 };
static void a_host_options(void) { sends("setsockopt", setsockopt(need("socket", socket(AF_INET, SOCK_STREAM, 0)), IPPROTO_IP, IP_OPTIONS, record_route, 8)); }
static void a_host_options_high_bits(void)
{
    sends("setsockopt", syscall(SYS_setsockopt, need("socket", socket(AF_INET, SOCK_STREAM, 0)), HIGH | IPPROTO_IP, HIGH | IP_OPTIONS, record_route, 8));
}
static void a_host_source_route(void) { sends("setsockopt", setsockopt(need("socket", socket(AF_INET, SOCK_STREAM, 0)), IPPROTO_IP, IP_OPTIONS, loose_route, 8)); }
/* Segment routing by two segments, which ordinary users may set. */
static void routing_header(unsigned char header[40])
{
    static const unsigned char head[8] = { 0, 4, 4, 1, 1 };
    memcpy(header, head, sizeof head);
    inet_pton(AF_INET6, "fd00:9::3", header + 8);
    inet_pton(AF_INET6, "fd00:9::3", header + 24);
}
static void a_host_routing_header(void)
{
    unsigned char header[40];
    routing_header(header);
    sends("setsockopt", setsockopt(need("socket", socket(AF_INET6, SOCK_STREAM, 0)), IPPROTO_IPV6, IPV6_RTHDR, header, sizeof header));
}
static void a_host_routing_header_old(void)
{
    char control[CMSG_SPACE(40)] = { 0 };
    struct msghdr message = { .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    *head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(40), .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_RTHDR };
    routing_header(CMSG_DATA(head));
    int fd = need("socket", socket(AF_INET6, SOCK_STREAM, 0));
    sends("setsockopt", setsockopt(fd, IPPROTO_IPV6, 6 /* IPV6_2292PKTOPTIONS */, control, sizeof control));
}

/* Kinds of sockets that nobody would see connect or send. */
static void makes(int family, int type, int protocol) { need("socket", socket(family, type, protocol)); worked(); }
static void a_host_raw(void) { makes(AF_INET, SOCK_RAW, 255); }
static void a_host_raw6(void) { makes(AF_INET6, SOCK_RAW, IPPROTO_TCP); }
static void a_host_ping(void) { makes(AF_INET, SOCK_DGRAM, IPPROTO_ICMP); }
static void a_host_packet(void) { makes(AF_PACKET, SOCK_RAW, htons(3)); }
static void a_host_netlink(void) { makes(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
static void a_host_vsock(void) { makes(AF_VSOCK, SOCK_STREAM, 0); }
static void a_host_smc(void) { makes(43 /* AF_SMC */, SOCK_STREAM, 0); }
static void a_host_smc_inside(void) { makes(AF_INET, SOCK_STREAM, 256 /* IPPROTO_SMC */); }
static void a_host_mptcp(void) { makes(AF_INET, SOCK_STREAM, 262); }
static void a_host_sctp(void) { makes(AF_INET, SOCK_STREAM, IPPROTO_SCTP); }
static void a_host_sctp_packets(void) { makes(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP); }
static void a_host_udp_lite(void) { makes(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE); }
static void a_host_dccp(void) { makes(AF_INET, 6 /* SOCK_DCCP */, 33); }
static void a_host_io_uring(void) { struct io_uring_params p = { 0 }; need("io_uring_setup", syscall(SYS_io_uring_setup, 4, &p)); worked(); }
#ifdef __x86_64__
static void old_result(const char *what, long result) { errno = result < 0 ? (int)-result : 0; if (result < 0) refused(what); }
static void a_host_socket_32(void) { old_result("socket by int 0x80", old_call(359, AF_INET, SOCK_STREAM, 0)); worked(); }
static void a_host_connect_32(void)
{
    struct sockaddr_in *to = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    *to = at(EVIL, 80);
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    old_result("connect by int 0x80", old_call(362, fd, (long)to, sizeof *to));
    worked();
}
static void a_host_connect_x32(void)
{
    struct sockaddr_in to = at(EVIL, 80);
    int fd = need("socket", socket(AF_INET, SOCK_STREAM, 0));
    sends("connect of x32", syscall(0x40000000 | SYS_connect, fd, &to, sizeof to));
}
#else
static void a_host_socket_32(void) { errno = ENOSYS; impossible("x86 only"); }
static void a_host_connect_32(void) { errno = ENOSYS; impossible("x86 only"); }
static void a_host_connect_x32(void) { errno = ENOSYS; impossible("x86 only"); }
#endif

const struct attempt hosts_attempts[] = {
    A(host_address), A(host_port), A(host_not_asked), A(host_ipv6), A(host_mapped), A(host_loopback), A(host_loopback_other), A(host_loopback_mapped),
    A(host_loopback6), A(host_any), A(host_any_mapped), A(host_any6), A(host_own), A(host_long_address),
    A(host_short_address6), A(host_flow6), A(host_nonblocking), A(host_reconnect), A(host_high_bits), A(host_listen), A(host_race_address),
    A(host_race_address_process), A(host_race_descriptor), A(host_race_descriptor_udp), A(host_race_descriptor_file), A(host_thread_descriptor),
    A(host_tracer), A(host_untraceable), A(host_user_namespace), A(host_vfork), A(host_bind), A(host_fast_open), A(host_fast_open_high_bits), A(host_fast_open_message), A(host_fast_open_messages),
    A(host_fast_open_option), A(host_upgrade), A(host_options), A(host_options_high_bits), A(host_source_route), A(host_routing_header), A(host_routing_header_old), A(host_raw),
    A(host_raw6), A(host_ping), A(host_packet), A(host_netlink), A(host_vsock), A(host_smc), A(host_smc_inside), A(host_mptcp), A(host_sctp),
    A(host_sctp_packets), A(host_udp_lite), A(host_dccp), A(host_io_uring), A(host_socket_32), A(host_connect_32), A(host_connect_x32),
    { NULL, NULL },
};
