/* What a small program in C does that sandboxes a command as usual: rules from its arguments, linked with the C library. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct { uint64_t fs, net, scoped; } attr = { 0xffff, 0x3, 0x3 };
	int ruleset = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--"); i++) {
		struct { uint64_t access; int32_t fd; } __attribute__((packed)) rule = { 0xd, open(argv[i], O_PATH | O_CLOEXEC) };
		if (rule.fd < 0 || syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0)) {
			perror(argv[i]);
			return 125;
		}
		close(rule.fd);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, ruleset, 0)) {
		perror("landlock");
		return 125;
	}
	execv(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 126;
}
