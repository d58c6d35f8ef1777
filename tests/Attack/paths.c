/* Attempts by paths, mounts and namespaces. */
#include "attack.h"

static void a_read(void) { read_secret(path("outside/secret")); }
static void a_dotdot(void) { read_secret(path("inside/../outside/secret")); }
static void a_symlink(void) { symlink(path("outside/secret"), path("inside/link")); read_secret(path("inside/link")); }
static void a_symlink_directory(void) { symlink("../outside", path("inside/linkdir")); read_secret(path("inside/linkdir/secret")); }
static void a_hard_link(void) { need("link", link(path("outside/secret"), path("inside/hard"))); read_secret(path("inside/hard")); }
static void a_link_descriptor(void)
{
    int fd = need("open O_PATH", open(path("outside/secret"), O_PATH));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    need("linkat", linkat(AT_FDCWD, name, AT_FDCWD, path("inside/hard2"), AT_SYMLINK_FOLLOW));
    read_secret(path("inside/hard2"));
}
static void a_rename_in(void) { need("rename", rename(path("outside/secret"), path("inside/moved"))); read_secret(path("inside/moved")); }
static void a_rename_directory_in(void) { need("rename", rename(path("outside/dir"), path("inside/dir"))); read_secret(path("inside/dir/secret")); }
static void a_exchange(void)
{
    close(open(path("inside/bait"), O_CREAT | O_WRONLY, 0600));
    need("renameat2", syscall(SYS_renameat2, AT_FDCWD, path("inside/bait"), AT_FDCWD, path("outside/secret"), 2));
    read_secret(path("inside/bait"));
}
static void a_exchange_directory(void)
{
    mkdir(path("inside/baitdir"), 0700);
    need("renameat2", syscall(SYS_renameat2, AT_FDCWD, path("inside/baitdir"), AT_FDCWD, path("outside/dir"), 2));
    read_secret(path("inside/baitdir/secret"));
}
static void a_reopen_reference(void)
{
    int fd = need("open O_PATH", open(path("outside/secret"), O_PATH));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    read_secret(name);
}
static void a_directory_reference(void)
{
    int fd = need("open O_PATH", open(path("outside"), O_PATH));
    holds_secret(need("openat", openat(fd, "secret", O_RDONLY)));
}
static void a_change_directory(void) { need("chdir", chdir(path("outside"))); read_secret("secret"); }
static void a_inherited_directory(void) { read_secret("secret"); }
static void a_inherited_descriptor(void) { holds_secret(9); }
static void a_chroot(void) { need("chroot", chroot(path("outside"))); read_secret("/secret"); }
static void a_list(void) { DIR *d = opendir(path("outside")); if (d == NULL) refused("opendir"); worked(); }
static void a_write(void) { int fd = need("open", open(path("outside/file"), O_WRONLY)); need("write", write(fd, "x", 1)); worked(); }
static void a_truncate(void) { need("truncate", truncate(path("outside/file"), 0)); worked(); }
static void a_create(void) { need("open", open(path("outside/new"), O_CREAT | O_WRONLY, 0600)); worked(); }
static void a_temporary(void) { need("open O_TMPFILE", open(path("outside"), O_TMPFILE | O_WRONLY, 0600)); worked(); }
static void a_mkdir(void) { need("mkdir", mkdir(path("outside/newdir"), 0700)); worked(); }
static void a_unlink(void) { need("unlink", unlink(path("outside/file"))); worked(); }
static void a_rmdir(void) { need("rmdir", rmdir(path("outside/empty"))); worked(); }
static void a_make_symlink(void) { need("symlink", symlink("x", path("outside/newlink"))); worked(); }
static void a_make_fifo(void) { need("mkfifo", mkfifo(path("outside/newfifo"), 0600)); worked(); }
static void a_make_device(void) { need("mknod", mknod(path("inside/mem"), S_IFCHR | 0600, 0x0103)); need("open", open(path("inside/mem"), O_RDONLY)); worked(); }
static void a_make_socket(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path("outside/newsocket"));
    need("bind", bind(fd, (struct sockaddr *)&address, sizeof address));
    worked();
}
static void a_rename_out(void)
{
    close(open(path("inside/gift"), O_CREAT | O_WRONLY, 0600));
    need("rename", rename(path("inside/gift"), path("outside/gift")));
    worked();
}
static void a_handle(void)
{
    union { struct file_handle head; char room[sizeof(struct file_handle) + MAX_HANDLE_SZ]; } handle;
    int mount;
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    need("name_to_handle_at", name_to_handle_at(AT_FDCWD, path("outside/secret"), &handle.head, &mount, 0));
    int root = need("open", open(path("inside"), O_RDONLY | O_DIRECTORY));
    holds_secret(need("open_by_handle_at", open_by_handle_at(root, &handle.head, O_RDONLY)));
}
static void *swap(void *unused)
{
    (void)unused;
    for (;;) {
        symlink(path("inside/ok"), path("inside/swap.new"));
        rename(path("inside/swap.new"), path("inside/swap"));
        symlink(path("outside/secret"), path("inside/swap.new"));
        rename(path("inside/swap.new"), path("inside/swap"));
    }
    return NULL;
}
static void a_race_symlink(void)
{
    pthread_t thread;
    close(open(path("inside/ok"), O_CREAT | O_WRONLY, 0600));
    static char name[4096];
    snprintf(name, sizeof name, "%s/inside/swap", dir);
    pthread_create(&thread, NULL, swap, NULL);
    for (int i = 0; i < 20000; i++) {
        int fd = open(name, O_RDONLY);
        if (fd < 0) continue;
        ssize_t count = read(fd, buffer, sizeof buffer);
        close(fd);
        if (count == (ssize_t)strlen(SECRET) && memcmp(buffer, SECRET, count) == 0) worked();
    }
    errno = EACCES;
    refused("20000 attempts");
}

/* Mounts and namespaces */
static void own_namespaces(void)
{
    if (geteuid() == 0) need("unshare", unshare(CLONE_NEWNS));
    else need("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS));
}
static void a_bind_mount(void)
{
    own_namespaces();
    mkdir(path("inside/mnt"), 0700);
    need("mount", mount(path("outside"), path("inside/mnt"), NULL, MS_BIND, NULL));
    read_secret(path("inside/mnt/secret"));
}
static void a_tree_clone(void)
{
    own_namespaces();
    int tree = need("open_tree", syscall(SYS_open_tree, AT_FDCWD, path("outside"), 1 /* OPEN_TREE_CLONE */));
    holds_secret(need("openat", openat(tree, "secret", O_RDONLY)));
}
static void a_move_mount(void)
{
    own_namespaces();
    int tree = need("open_tree", syscall(SYS_open_tree, AT_FDCWD, path("outside"), 1));
    mkdir(path("inside/mnt2"), 0700);
    need("move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, path("inside/mnt2"), 4 /* MOVE_MOUNT_F_EMPTY_PATH */));
    read_secret(path("inside/mnt2/secret"));
}
static void a_new_mount(void)
{
    own_namespaces();
    need("mount", mount("none", path("inside"), "tmpfs", 0, NULL));
    worked();
}

const struct attempt paths_attempts[] = {
    A(read), A(dotdot), A(symlink), A(symlink_directory), A(hard_link), A(link_descriptor), A(rename_in), A(rename_directory_in), A(exchange),
    A(exchange_directory), A(reopen_reference), A(directory_reference), A(change_directory), A(inherited_directory), A(inherited_descriptor),
    A(chroot), A(list), A(write), A(truncate), A(create), A(temporary), A(mkdir), A(unlink), A(rmdir), A(make_symlink), A(make_fifo), A(make_device),
    A(make_socket), A(rename_out), A(handle), A(race_symlink), A(bind_mount), A(tree_clone), A(move_mount), A(new_mount),
    { NULL, NULL },
};
