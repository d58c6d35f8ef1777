/* The most memory that a process has had by its end, without that of its children: kilobytes, on standard error.
 * Usage: peak COMMAND [ARG ...] */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void print(pid_t process)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%d/status", process);
	FILE *status = fopen(path, "r");
	int most;
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmHWM: %d", &most) == 1) fprintf(stderr, "peak %d\n", most);
	if (status) fclose(status);
}

int main(int argc, char **argv)
{
	int status, ended = SIGTRAP | PTRACE_EVENT_EXIT << 8;
	pid_t process = fork();

	if (argc < 2 || process < 0) return 2;
	if (process == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(process, &status, 0);
	ptrace(PTRACE_SETOPTIONS, process, 0, PTRACE_O_TRACEEXIT);
	for (int signal = 0; !WIFEXITED(status) && !WIFSIGNALED(status);) {
		ptrace(PTRACE_CONT, process, 0, signal);
		if (waitpid(process, &status, 0) < 0) return 1;
		signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
		if (status >> 8 == ended) print(process);
		if (signal == SIGTRAP) signal = 0;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
