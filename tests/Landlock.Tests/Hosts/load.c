/*
 * Wears out who answers for a command, in the world of world.sh: 10.9.0.2 is allowed at port 82, and takes connections; 10.9.200.1 at port 80 is
 * allowed, and does not answer. Arguments: what to do, and a number. Says what came of it, a line each.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in at(const char *text, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(text) };
	return address;
}
static const char *said(int result) { return result < 0 ? strerror(errno) : "success"; }
static double seconds(void) { struct timespec now; clock_gettime(CLOCK_MONOTONIC, &now); return now.tv_sec + now.tv_nsec / 1e9; }
static int stream(void)
{
	/* Closed at once, so that ports are not used up. */
	struct linger none = { 1, 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	return fd;
}
static int reach(const char *text, int port)
{
	struct sockaddr_in to = at(text, port);
	int fd = stream(), result = connect(fd, (struct sockaddr *)&to, sizeof to), error = errno;
	close(fd);
	errno = error;
	return result;
}
static int reach_allowed(void) { return reach("10.9.0.2", 82); }
static void *wait_for_nobody(void *nothing) { reach("10.9.200.1", 80); return nothing; }

/* Half of the connections are denied. */
static void flood(int count)
{
	int connected = 0, denied = 0, other = 0;
	for (int i = 0; i < count; i++)
		if (reach(i & 1 ? "10.9.0.3" : "10.9.0.2", 82) == 0) connected++;
		else if (errno == EACCES) denied++;
		else other++;
	printf("%d connected, %d denied, %d otherwise\n", connected, denied, other);
}

/* Sockets of UDP until no more are given. */
static void datagrams(int most)
{
	int *fds = malloc(sizeof *fds * most), count = 0;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (count < most && (fds[count] = socket(AF_INET, SOCK_DGRAM, 0)) >= 0) count++;
	printf("%d sockets, then %s\n", count, said(count < most ? -1 : 0));
	printf("meanwhile: %s\n", said(reach_allowed()));
	for (int i = 0; i < count; i++) close(fds[i]);
	/* They are given back as soon as it is seen that nobody has them. */
	int fd = -1;
	for (int i = 0; i < 100 && (fd = socket(AF_INET, SOCK_DGRAM, 0)) < 0; i++) usleep(50000);
	printf("afterwards: %s\n", said(fd));
}

/* Threads that wait for a host that does not answer, and one that need not. */
static void waiting(int count)
{
	pid_t child = fork();
	if (child == 0) {
		pthread_t thread;
		pthread_attr_t small;
		pthread_attr_init(&small);
		pthread_attr_setstacksize(&small, 65536);
		for (int i = 0; i < count; i++) pthread_create(&thread, &small, wait_for_nobody, NULL);
		for (;;) pause();
	}
	usleep(500000);
	double worst = 0;
	for (int i = 0; i < 20; i++) {
		double start = seconds();
		if (reach_allowed() < 0) printf("meanwhile: %s\n", strerror(errno));
		if (seconds() - start > worst) worst = seconds() - start;
	}
	printf("meanwhile: %s\n", worst < 5 ? "at once" : "late");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	/* It is seen soon that nobody waits any more. */
	for (int i = 0; i < 100 && reach_allowed() < 0; i++) usleep(50000);
	printf("afterwards: %s\n", said(reach_allowed()));
}

static void noted(int number) { (void)number; }
static void *clear(void *number) { for (;;) fcntl(*(volatile int *)number, F_SETFL, 0); return NULL; }
/* A thread clears the flag that keeps the supervisor from waiting with the socket. Signals end the calls that wait themselves. */
static void hang(int count)
{
	pid_t child = fork();
	if (child == 0) {
		struct sigaction action = { .sa_handler = noted };
		struct itimerval again = { { 0, 2000 }, { 0, 2000 } };
		struct sockaddr_in nobody = at("10.9.200.1", 80);
		static volatile int fd;
		pthread_t thread;
		fd = stream();
		sigaction(SIGALRM, &action, NULL);
		pthread_create(&thread, NULL, clear, (void *)&fd);
		setitimer(ITIMER_REAL, &again, NULL);
		for (;;) {
			fcntl(fd, F_SETFL, O_NONBLOCK);
			connect(fd, (struct sockaddr *)&nobody, sizeof nobody);
			close(fd);
			fd = stream();
		}
	}
	int late = 0;
	for (int i = 0; i < count; i++) {
		double start = seconds();
		reach_allowed();
		if (seconds() - start > 5) late++;
		usleep(5000);
	}
	printf("held up: %d of %d\n", late, count);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* A signal comes while a connection is made; with SA_RESTART it goes on, until the time of SO_SNDTIMEO is over. */
static void signals(int restart)
{
	struct sigaction action = { .sa_handler = noted, .sa_flags = restart ? SA_RESTART : 0 };
	struct itimerval soon = { { 0, 0 }, { 0, 300000 } };
	struct timeval limit = { 1, 0 };
	struct sockaddr_in nobody = at("10.9.200.1", 80);
	int fd = stream();
	sigaction(SIGALRM, &action, NULL);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	setitimer(ITIMER_REAL, &soon, NULL);
	double start = seconds();
	printf("%s", said(connect(fd, (struct sockaddr *)&nobody, sizeof nobody)));
	printf(" %s the time\n", seconds() - start < 0.9 ? "before" : "after");
}

/* A call that is asked for again after a signal: the connection is made once. */
static void often(int count)
{
	struct sigaction action = { .sa_handler = noted, .sa_flags = SA_RESTART };
	struct itimerval again = { { 0, 200 }, { 0, 200 } };
	int connected = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &again, NULL);
	for (int i = 0; i < count; i++)
		if (reach_allowed() == 0) connected++;
		else printf("%s\n", strerror(errno));
	printf("%d of %d\n", connected, count);
}

/* Does something before and after the supervisor is stopped or killed, which whoever reads its number does. */
static void deserted(int nothing)
{
	int udp = socket(AF_INET, SOCK_DGRAM, 0), kept = stream();
	struct sockaddr_in to = at("10.9.0.2", 80);
	char byte;
	if (connect(kept, (struct sockaddr *)&to, sizeof to) < 0) perror("connect");
	printf("before: %s\n%d %d\n", said(reach_allowed()), getpid(), getppid());
	fflush(stdout);
	while (access("go", F_OK) < 0) usleep(10000);
	double start = seconds();
	printf("after: %s\n", said(reach_allowed()));
	printf("%s\n", seconds() - start > 0.2 ? "waited" : "at once");
	printf("datagrams: %s\n", said(send(udp, "x", 1, MSG_NOSIGNAL)));
	printf("a socket: %s\n", said(socket(AF_INET, SOCK_DGRAM, 0) < 0 ? -1 : 0));
	send(kept, "GET /who HTTP/1.0\r\n\r\n", 21, MSG_NOSIGNAL);
	printf("kept: %s\n", said(recv(kept, &byte, 1, 0) == 1 ? 0 : -1));
	(void)nothing;
}

/* A datagram without bytes is one like any other. */
static const unsigned char good[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\3api\7example\3com\0\0\1\0\1";
static void empty(int nothing)
{
	struct sockaddr_in server = at("10.9.0.53", 53);
	struct timeval limit = { 20, 0 };
	unsigned char bytes[600];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	connect(fd, (struct sockaddr *)&server, sizeof server);
	printf("empty: %s\n", said(send(fd, bytes, nothing, MSG_NOSIGNAL)));
	usleep(50000);
	printf("a question: %s\n", said(send(fd, good, sizeof good - 1, MSG_NOSIGNAL)));
	printf("an answer: %s\n", said(recv(fd, bytes, sizeof bytes, 0)));
}

/* Questions that get damaged answers, and then a good one. */
static void damaged(int count)
{
	struct sockaddr_in server = at("10.9.0.53", 53);
	struct timeval limit = { 20, 0 };
	unsigned char bytes[1500];
	int heard = 0, fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	connect(fd, (struct sockaddr *)&server, sizeof server);
	for (int i = 0; i < count; i++) {
		int size = 12 + snprintf((char *)bytes + 12, 100, "%c%08d%cdamaged%cpkg%cexample", 8, i, 7, 3, 7);
		memcpy(bytes, good, 12);
		memcpy(bytes + size, "\0\0\1\0\1", 5);
		send(fd, bytes, size + 5, MSG_NOSIGNAL);
		if (poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 2) == 1) heard++;
		while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0);
	}
	int last = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(last, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	connect(last, (struct sockaddr *)&server, sizeof server);
	/* While many wait for answers that will not come, a question may have to be asked again. */
	for (int i = 0; i < 10; i++) {
		send(last, good, sizeof good - 1, 0);
		if (poll(&(struct pollfd){ last, POLLIN, 0 }, 1, 2000) == 1) break;
	}
	printf("%s; a good question: %s\n", heard > count / 20 ? "some were answered" : "none was answered",
		recv(last, bytes, sizeof bytes, MSG_DONTWAIT) > 40 ? "answered" : "not answered");
	printf("another address: %s\n", said(reach("10.9.0.3", 80)));
}

/* Whatever bytes as questions, and then a good one. */
static void noise(int count)
{
	struct sockaddr_in server = at("10.9.0.53", 53);
	unsigned char bytes[600];
	int fd = socket(AF_INET, SOCK_DGRAM, 0), tcp = stream();
	struct timeval limit = { 20, 0 };
	srandom(17);
	connect(fd, (struct sockaddr *)&server, sizeof server);
	connect(tcp, (struct sockaddr *)&server, sizeof server);
	for (int i = 0; i < count; i++) {
		int length = 1 + random() % (sizeof bytes - 1);
		for (int j = 0; j < length; j++) bytes[j] = random();
		/* Most are nearly a question. */
		if (i % 4 && length > 40) {
			memcpy(bytes, good, sizeof good - 1);
			for (int j = 0; j < 3; j++) bytes[12 + random() % 21] = random();
		}
		if (send(fd, bytes, length, MSG_NOSIGNAL) < 0) printf("send: %s\n", strerror(errno));
		if (i % 50 == 0) send(tcp, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0);
	}
	int last = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(last, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	connect(last, (struct sockaddr *)&server, sizeof server);
	send(last, good, sizeof good - 1, 0);
	printf("a good question: %s\n", recv(last, bytes, sizeof bytes, 0) > 40 ? "answered" : "not answered");
}

int main(int count, char **arguments)
{
	static const struct { const char *name; void (*run)(int); } all[] = {
		{ "flood", flood }, { "datagrams", datagrams }, { "waiting", waiting }, { "hang", hang }, { "signals", signals }, { "often", often },
		{ "deserted", deserted }, { "empty", empty }, { "damaged", damaged }, { "noise", noise },
	};
	if (count != 3) return 3;
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].name, arguments[1]) == 0) { all[i].run(atoi(arguments[2])); return 0; }
	return 3;
}
