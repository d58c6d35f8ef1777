/* What single system calls take: nanoseconds for each, the least of the rounds, one a line.
 * Usage: calls ROUNDS [allow]: with "allow" beneath a filter that allows everything, which is the least that any filter costs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TIMES 20000

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

#define MEASURE(name, call) do { \
	double least = 1e9; \
	for (int round = 0; round < rounds; round++) { \
		double start = now(); \
		for (int i = 0; i < TIMES; i++) call; \
		double took = (now() - start) / TIMES; \
		if (took < least) least = took; \
	} \
	printf("%s %.1f\n", name, least); \
} while (0)

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 50;
	int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
	char byte = 0;

	if (argc > 2) {
		struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		struct sock_fprog program = { 1, &all };
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
			perror("seccomp");
			return 1;
		}
	}
	MEASURE("getppid", syscall(SYS_getppid));
	MEASURE("read", syscall(SYS_read, zero, &byte, 0));
	MEASURE("write", syscall(SYS_write, null, &byte, 0));
	MEASURE("openat+close", syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, "/dev/null", O_PATH | O_CLOEXEC)));
	return 0;
}
