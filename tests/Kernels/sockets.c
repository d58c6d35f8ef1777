/*
 * Tries sockets, one after the other, and tells what came of each: `sockets WAY WHERE WAY WHERE...`, a line "WAY WHERE: ERROR" for each.
 * A way is of UDP (bind, connect, sendto, sendmsg, sendmmsg; 4 or 6 behind it for the protocol; "bound-" before it for a socket that is bound
 * to a free port by an explicit call before the sandbox has its say, which is not possible here, so it counts as a try of its own), where the
 * place is a port of this machine; or of UNIX sockets (stream, seqpacket, datagram, sendmsg), where it is a path.
 * `sockets serve FOLDER` makes a UNIX socket of each kind there, and waits to be killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static int result(long value) { return value < 0 ? errno : 0; }

static int sent(int fd, const char *how, void *address, socklen_t length)
{
    struct iovec data = { "x", 1 };
    struct mmsghdr message = { .msg_hdr = { .msg_name = address, .msg_namelen = length, .msg_iov = &data, .msg_iovlen = 1 } };
    if (is(how, "bind")) return result(bind(fd, address, length));
    if (is(how, "connect")) return result(connect(fd, address, length));
    if (is(how, "sendto")) return result(sendto(fd, "x", 1, 0, address, length));
    if (is(how, "sendmsg")) return result(sendmsg(fd, &message.msg_hdr, 0));
    if (is(how, "sendmmsg")) return result(sendmmsg(fd, &message, 1, 0));
    /* What a connected socket sends needs no address. */
    if (is(how, "send")) return connect(fd, address, length) < 0 ? errno : result(send(fd, "x", 1, 0));
    fprintf(stderr, "no way to use a socket: %s\n", how);
    exit(2);
}

static int udp(const char *way, int port)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    size_t length = strlen(way) - 1;
    int six = way[length] == '6', fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    int error = sent(fd, strndupa(way, length), six ? (void *)&v6 : (void *)&v4, six ? sizeof v6 : sizeof v4);
    close(fd);
    return error;
}

static int kind(const char *way) { return is(way, "stream") ? SOCK_STREAM : is(way, "seqpacket") ? SOCK_SEQPACKET : SOCK_DGRAM; }

static struct sockaddr_un named(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return address;
}

static int local(const char *way, const char *path)
{
    struct sockaddr_un address = named(path);
    int fd = socket(AF_UNIX, kind(way) | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    int error = sent(fd, is(way, "datagram-sendto") ? "sendto" : is(way, "datagram-sendmsg") ? "sendmsg" : "connect", &address, sizeof address);
    close(fd);
    return error;
}

static int serve(const char *folder)
{
    const char *kinds[] = { "stream", "seqpacket", "datagram" };
    for (int i = 0; i < 3; i++) {
        char path[108];
        snprintf(path, sizeof path, "%s/%s", folder, kinds[i]);
        struct sockaddr_un address = named(path);
        int fd = socket(AF_UNIX, kind(kinds[i]), 0);
        if (bind(fd, (void *)&address, sizeof address) < 0 || (i < 2 && listen(fd, 100) < 0) || chmod(path, 0777) < 0) { perror(path); return 1; }
    }
    printf("ready\n");
    fflush(stdout);
    for (;;) pause();
}

int main(int count, char **words)
{
    if (count == 3 && is(words[1], "serve")) return serve(words[2]);
    for (int i = 1; i + 1 < count; i += 2) {
        int error = words[i + 1][0] == '/' ? local(words[i], words[i + 1]) : udp(words[i], atoi(words[i + 1]));
        printf("%s %s: %s\n", words[i], words[i + 1], error == 0 ? "done" : strerror(error));
    }
    return 0;
}
