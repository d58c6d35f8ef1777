/* Attempts by programs, and to undo the sandbox. */
#include "attack.h"

/* Programs */
static void run(const char *program)
{
    execl(program, "attack", "hello", dir, (char *)NULL);
    refused("execve");
}
static void a_execute_outside(void) { run(path("outside/tool")); }
static void copy(const char *from, const char *to)
{
    int in = need("open", open(from, O_RDONLY)), out = need("open", open(to, O_CREAT | O_WRONLY | O_TRUNC, 0700));
    for (ssize_t count; (count = read(in, buffer, sizeof buffer)) > 0;) need("write", write(out, buffer, count));
    close(in);
    close(out);
}
static void a_execute_copy(void) { copy("/proc/self/exe", path("inside/copy")); execl(path("inside/copy"), "attack", "hello", dir, (char *)NULL); refused("execve"); }
static void a_memory_program(void)
{
    int in = need("open", open("/proc/self/exe", O_RDONLY)), out = need("memfd_create", memfd_create("program", 0));
    for (ssize_t count; (count = read(in, buffer, sizeof buffer)) > 0;) need("write", write(out, buffer, count));
    char *arguments[] = { "attack", "hello", (char *)dir, NULL }, *environment[] = { NULL };
    syscall(SYS_execveat, out, "", arguments, environment, AT_EMPTY_PATH);
    refused("execveat");
}
static void a_memory_program_reads(void)
{
    int in = need("open", open("/proc/self/exe", O_RDONLY)), out = need("memfd_create", memfd_create("program", 0));
    for (ssize_t count; (count = read(in, buffer, sizeof buffer)) > 0;) need("write", write(out, buffer, count));
    char *arguments[] = { "attack", "read", (char *)dir, NULL }, *environment[] = { NULL };
    syscall(SYS_execveat, out, "", arguments, environment, AT_EMPTY_PATH);
    refused("execveat");
}
static void a_setuid(void)
{
    int status, out[2];
    char user = 0;
    need("pipe", pipe(out));
    if (fork() == 0) { dup2(out[1], 1); execl(path("outside/setuid"), "attack", "euid", dir, (char *)NULL); _exit(1); }
    close(out[1]);
    if (read(out[0], &user, 1) != 1) { errno = EACCES; refused("the program did not run"); }
    wait(&status);
    errno = EPERM;
    if (user == '0') worked();
    refused("still the same user");
}
static void a_hello(void) { worked(); }
static void a_euid(void) { printf("%d\n", geteuid() != 0); exit(0); }

/* Undoing the sandbox */
static void a_namespace_read(void) { need("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)); read_secret(path("outside/secret")); }
static void a_new_session_read(void)
{
    /* A daemon, twice forked, in a session of its own. */
    if (fork() == 0) {
        setsid();
        if (fork() == 0) { int fd = open(path("outside/secret"), O_RDONLY); _exit(fd < 0 ? 1 : 0); }
        int status;
        wait(&status);
        _exit(WEXITSTATUS(status));
    }
    int status;
    wait(&status);
    if (WEXITSTATUS(status) == 0) worked();
    errno = EACCES;
    refused("open");
}
static void *read_in_thread(void *result) { *(int *)result = open(path("outside/secret"), O_RDONLY); return NULL; }
static void a_thread_read(void)
{
    pthread_t thread;
    int fd = -1;
    pthread_create(&thread, NULL, read_in_thread, &fd);
    pthread_join(thread, NULL);
    errno = EACCES;
    if (fd < 0) refused("open");
    holds_secret(fd);
}

const struct attempt programs_attempts[] = {
    A(execute_outside), A(execute_copy), A(memory_program), A(memory_program_reads), A(setuid), A(hello), A(euid), A(namespace_read),
    A(new_session_read), A(thread_read),
    { NULL, NULL },
};
