#!/usr/bin/env bash
# What tracing adds: the same command bare, under `landlocked trace` and under strace with a seccomp filter, in turn, in one run.
# Prints processor time (user + system, which other work on the machine disturbs least) and elapsed time, medians of 15, and the most memory
# that the tracer itself takes.
# strace (same calls) records what `landlocked trace` records; strace (as asked) is `strace -f --seccomp-bpf -o file`.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
landlocked=${1:-$here/out/LandlockPS/bin/linux-x64/landlocked}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
calls=open,creat,openat,openat2,open_by_handle_at,execve,execveat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat
calls=$calls,mkdir,mkdirat,mknod,mknodat,truncate,ftruncate,ioctl,connect,bind,sendto,sendmsg,sendmmsg,chroot,pivot_root,mount,umount2,move_mount,setns,io_uring_setup
gcc -O2 -Wall -Wextra -o peak "$here/bench/peak.c"
printf 'int main(void) { return 0; }\n' > x.c
cat > flood.c <<'EOF'
#include <fcntl.h>
#include <stdio.h>
int main(void)
{
	char name[64];
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "/nowhere/%d/file%d", i % 100, i);
		open(name, O_RDONLY);
	}
	return 0;
}
EOF
gcc -O2 -o flood flood.c
git init -q -b main repo && (cd repo && for i in $(seq 300); do mkdir d$i; echo $i > d$i/f; done && git add . && git -c user.name=a -c user.email=a@b commit -qm x)

python3 - "$landlocked" "$calls" <<'EOF'
import os, resource, shutil, statistics, subprocess, sys, time
landlocked, calls = sys.argv[1:]
commands = {
    "gcc -O2": ["gcc", "-O2", "-o", "x", "x.c"],
    "git clone": ["sh", "-c", "rm -rf clone; git clone -q repo clone"],
    "python3": ["/usr/bin/python3", "-c", "import json, http.client"],
    "pwsh": ["pwsh", "-NoProfile", "-NonInteractive", "-Command", "1"],
    "20,000 missing paths": ["./flood"],
}
tools = {
    "bare": [],
    "landlocked trace": [landlocked, "trace", "--json-file", "trace.json", "--"],
    "strace, same calls": ["strace", "-f", "--seccomp-bpf", "-e", "trace=" + calls, "-o", "trace.txt"],
    "strace -f --seccomp-bpf": ["strace", "-f", "--seccomp-bpf", "-o", "trace.txt"],
}
def once(command):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start)
def peak(tool, command):
    if tool == "bare": return ""
    said = subprocess.run(["./peak"] + tools[tool] + command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True).stderr.decode()
    return f"{int(said.split('peak ')[1].split()[0]) / 1024:.1f}"
print("| command | tool | processor ms | elapsed ms | memory MiB |")
print("|---|---|---|---|---|")
for name, command in commands.items():
    if shutil.which(command[0]) is None:
        print(f"not measured, since it is not on PATH: {name}")
        continue
    times = {tool: [] for tool in tools}
    for _ in range(15):
        for tool, prefix in tools.items():
            times[tool].append(once(prefix + command))
    for tool in tools:
        print(f"| {name} | {tool} | {statistics.median(t[0] for t in times[tool]) * 1000:.0f} | {statistics.median(t[1] for t in times[tool]) * 1000:.0f} | {peak(tool, command)} |", flush=True)
EOF
