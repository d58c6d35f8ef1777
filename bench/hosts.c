/*
 * What a sandbox with hosts costs a command: hosts connect|refused|loop|wait PORT COUNT, on 127.0.0.1, and hosts serve PORT, which answers.
 * Prints medians of microseconds; loop prints MB/s; wait keeps COUNT connections waiting until its input ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int order(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

static void *one(void *arg)
{
	char bytes[65536];
	ssize_t got;
	int s = (int)(long)arg;
	while ((got = read(s, bytes, sizeof bytes)) > 0) {
	}
	close(s);
	return NULL;
}

static void serve(int port)
{
	struct sockaddr_in a = at("127.0.0.1", port);
	int one_ = 1, s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one_, sizeof one_);
	if (bind(s, (void *)&a, sizeof a) || listen(s, 4096))
		exit(1);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		int c = accept(s, NULL, NULL);
		pthread_t t;
		if (c >= 0 && !pthread_create(&t, NULL, one, (void *)(long)c))
			pthread_detach(t);
	}
}

/* Of calls that are answered by somebody else, the median. */
static void connects(const char *ip, int port, int count)
{
	double *times = malloc(count * sizeof *times);
	struct sockaddr_in a = at(ip, port);
	struct linger hard = { 1, 0 };
	for (int i = 0; i < count; i++) {
		int s = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(s, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		double begin = now();
		(void)!connect(s, (void *)&a, sizeof a);
		times[i] = now() - begin;
		close(s);
	}
	qsort(times, count, sizeof *times, order);
	printf("%.2f\n", times[count / 2]);
}

static void loop(int port, int megabytes)
{
	static char bytes[65536];
	struct sockaddr_in a = at("127.0.0.1", port);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(s, (void *)&a, sizeof a))
		exit(1);
	double begin = now();
	for (int i = 0; i < megabytes * 16; i++)
		if (send(s, bytes, sizeof bytes, 0) != sizeof bytes)
			exit(1);
	printf("%.0f\n", megabytes / (now() - begin) * 1e6);
}

/* Nobody listens behind a full backlog: the connection waits. */
static void *waits(void *arg)
{
	struct sockaddr_in a = at("127.0.0.1", *(int *)arg);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	(void)!connect(s, (void *)&a, sizeof a);
	return NULL;
}

int main(int argc, char **argv)
{
	int port = argc > 2 ? atoi(argv[2]) : 0, count = argc > 3 ? atoi(argv[3]) : 0;
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "serve"))
		serve(port);
	else if (!strcmp(argv[1], "connect"))
		connects("127.0.0.1", port, count);
	else if (!strcmp(argv[1], "refused"))
		connects("127.0.0.9", port, count);
	else if (!strcmp(argv[1], "loop"))
		loop(port, count);
	else if (!strcmp(argv[1], "wait")) {
		pthread_attr_t small;
		pthread_attr_init(&small);
		pthread_attr_setstacksize(&small, 65536);
		for (int i = 0; i < count; i++) {
			pthread_t t;
			pthread_create(&t, &small, waits, &port);
		}
		sleep(1);
		printf("waiting\n");
		fflush(stdout);
		(void)!getchar();
	}
	return 0;
}
