/* What all attempts use, and the choice of one (attack.h). */
#include "attack.h"

const char *dir;
char buffer[4096];

char *path(const char *rest)
{
    static char names[8][4096];
    static int next;
    char *name = names[next++ % 8];
    snprintf(name, sizeof names[0], "%s/%s", dir, rest);
    return name;
}

void worked(void) { puts("worked"); exit(0); }
void refused(const char *what) { printf("refused: %s: %s\n", what, strerror(errno)); exit(1); }
void impossible(const char *what) { printf("impossible: %s: %s\n", what, strerror(errno)); exit(2); }

int need(const char *what, long result)
{
    if (result < 0) refused(what);
    return (int)result;
}

void holds_secret(int fd)
{
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0) refused("read");
    if (count == (ssize_t)strlen(SECRET) && memcmp(buffer, SECRET, count) == 0) worked();
    errno = ENODATA;
    refused("the content is another");
}

void read_secret(const char *name) { holds_secret(need("open", open(name, O_RDONLY))); }

pid_t victim(void)
{
    FILE *file = fopen(path("inside/victim"), "r");
    int pid = 0;
    if (file == NULL || fscanf(file, "%d", &pid) != 1) impossible("no victim");
    return pid;
}

int port(const char *name)
{
    FILE *file = fopen(path(name), "r");
    int number = 0;
    if (file == NULL || fscanf(file, "%d", &number) != 1) impossible("no port");
    return number;
}

struct sockaddr_in loopback(int number)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(number), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return address;
}

static const struct attempt *const kinds[] = {
    paths_attempts, processes_attempts, sockets_attempts, filters_attempts, programs_attempts, objects_attempts, others_attempts, hosts_attempts,
    datagrams_attempts, names_attempts, supervisor_attempts, random_attempts,
};

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "list") == 0) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            for (const struct attempt *one = kinds[i]; one->name != NULL; one++) puts(one->name);
        return 0;
    }

    if (count != 3) return 3;
    dir = arguments[2];
    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(arguments[1], "victim") == 0) return be_victim();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (const struct attempt *one = kinds[i]; one->name != NULL; one++)
            if (strcmp(one->name, arguments[1]) == 0) { one->try(); return 3; }

    return 3;
}
