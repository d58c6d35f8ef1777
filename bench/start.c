/* Measures how long processes take from start to end, several commands in turn, so that a change of the machine's speed meets all alike.
 * Usage: start RUNS NAME COMMAND [ARG ...] [--- NAME COMMAND ...]. Prints the median of each and what it adds to the first. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 16

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int runs = atoi(argv[1]), count = 0;
	char *names[MOST], **commands[MOST];
	double *times[MOST];

	for (int i = 2; i < argc && count < MOST; count++) {
		names[count] = argv[i++];
		commands[count] = argv + i;
		times[count] = malloc(runs * sizeof(double));
		while (i < argc && strcmp(argv[i], "---")) i++;
		if (i < argc) argv[i++] = NULL;
	}
	for (int run = -runs / 10; run < runs; run++) {
		for (int c = 0; c < count; c++) {
			int status;
			double start = now();
			pid_t pid;
			if (posix_spawn(&pid, commands[c][0], NULL, NULL, commands[c], environ) || waitpid(pid, &status, 0) < 0 || status != 0) {
				fprintf(stderr, "%s: ended with %d\n", names[c], status);
				return 1;
			}
			if (run >= 0) times[c][run] = now() - start;
		}
	}
	for (int c = 0; c < count; c++) qsort(times[c], runs, sizeof(double), ascending);
	printf("| start | median ms | adds ms | of the first that adds |\n|---|---|---|---|\n");
	for (int c = 0; c < count; c++) {
		double median = times[c][runs / 2], base = times[0][runs / 2], added = count > 1 ? times[1][runs / 2] - base : 0;
		printf("| %s | %.3f | %.3f | %.2f |\n", names[c], median / 1e3, (median - base) / 1e3, added > 0 ? (median - base) / added : 0);
	}
	return 0;
}
