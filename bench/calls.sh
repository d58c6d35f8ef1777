#!/bin/sh
# What a sandbox costs on single system calls: nanoseconds, the least of several runs in turn. Any filter has its price, whatever it allows:
# the kernel leaves its shortest way into a system call. So a filter that allows everything stands beside ours.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
landlocked=$(echo "$here"/out/LandlockPS/bin/linux-*/landlocked)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/bench/bin/calls" "$work/calls"
sandbox="$landlocked --read-only $work --edit /dev"
for round in 1 2 3 4 5 6; do
    "$work/calls" 30 >> "$work/1"
    "$work/calls" 30 allow >> "$work/2"
    $sandbox --disable seccomp -- "$work/calls" 30 >> "$work/3"
    $sandbox -- "$work/calls" 30 >> "$work/4"
    $sandbox --connect-tcp 443 --no-unix-socket -- "$work/calls" 30 >> "$work/5"
done
echo "| ns | bare | a filter that allows all | sandbox, --disable seccomp | sandbox | sandbox, --connect-tcp 443 --no-unix-socket |"
echo "|---|---|---|---|---|---|"
for call in getppid read write openat+close; do
    printf '| %s |' "$call"
    for column in 1 2 3 4 5; do
        awk -v call="$call" '$1 == call && (!least || $2 < least) { least = $2 } END { printf " %.1f |", least }' "$work/$column"
    done
    echo
done
