/* Measures how long processes take from start to end: every command once in each round, in another order each time, so that a change of
 * the machine's speed meets all alike. Usage: start ROUNDS NAME COMMAND [ARG ...] [--- NAME COMMAND ...].
 * Prints median, 10th and 90th percentile of each, what the median adds to that of the first, the ratio to what the second adds, and
 * the ratio of the medians to the one whose NAME begins with "*". */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 32

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int runs = atoi(argv[1]), count = 0, beside = -1, order[MOST];
	char *names[MOST], **commands[MOST];
	double *times[MOST];

	for (int i = 2; i < argc && count < MOST; count++) {
		order[count] = count;
		if (argv[i][0] == '*') beside = count, argv[i]++;
		names[count] = argv[i++];
		commands[count] = argv + i;
		times[count] = malloc(runs * sizeof(double));
		while (i < argc && strcmp(argv[i], "---")) i++;
		if (i < argc) argv[i++] = NULL;
	}
	srandom(1);
	for (int run = -(runs / 10); run < runs; run++) {
		for (int c = count - 1; c > 0; c--) {
			int other = random() % (c + 1), kept = order[c];
			order[c] = order[other];
			order[other] = kept;
		}
		for (int i = 0; i < count; i++) {
			int c = order[i], status;
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
	printf("| start | median ms | p10 | p90 | adds ms | of the first that adds |");
	if (beside >= 0) printf(" of all of %s |", names[beside]);
	printf("\n|---|---|---|---|---|---|%s\n", beside >= 0 ? "---|" : "");
	for (int c = 0; c < count; c++) {
		double median = times[c][runs / 2], base = times[0][runs / 2], added = count > 1 ? times[1][runs / 2] - base : 0;
		printf("| %s | %.2f | %.2f | %.2f |", names[c], median, times[c][runs / 10], times[c][runs * 9 / 10]);
		if (c > 0 && added > 0) printf(" %.2f | %.2f |", median - base, (median - base) / added);
		else printf(" | |");
		if (beside >= 0) printf(" %.2f |", median / times[beside][runs / 2]);
		putchar('\n');
	}
	return 0;
}
