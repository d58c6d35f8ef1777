#!/bin/sh
# How many instructions landlocked itself takes until it becomes landlock-exec: the same on a busy machine as on a quiet one.
# Counted by valgrind, which does not know Landlock's system calls; bench/support.c answers for the first of them.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
landlocked=$(echo "$here"/out/LandlockPS/bin/linux-*/landlocked)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -shared -fPIC -o "$work/support.so" "$here/bench/support.c" -ldl
rules=
for place in $(ls -d /usr/share/*/ | head -17) /usr /lib /lib64; do
    rules="$rules --read-only $place"
    printf '[[path_beneath]]\nallowed_access = ["read_file", "read_dir", "execute"]\nparent = ["%s"]\n' "$place" >> "$work/rules"
done
{ printf 'abi = 7\n[[ruleset]]\nhandled_access_fs = ["abi.all"]\n'; cat "$work/rules"; } > "$work/policy.toml"

count()
{
    name=$1
    most=$2
    shift 2
    env -i PATH=/usr/bin:/bin HOME=/ XDG_RUNTIME_DIR="$work" LD_PRELOAD="$work/support.so" \
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$landlocked" "$@" > /dev/null 2> "$work/log" || true
    awk -v name="$name" -v most="$most" '/Collected/ { count = $NF / 1e6; printf "| %s | %.2f | %.1f |%s\n", name, count, most,
        (count > most ? " over the budget" : "") }' "$work/log"
}

echo "| landlocked | million instructions | budget |"
echo "|---|---|---|"
count "\`--version\`" 4.0 --version
count "20 rules by options" 6.2 --no-baseline --no-closure $rules -- /bin/true
count "20 rules in TOML" 7.1 --no-baseline --no-closure --policy "$work/policy.toml" -- /bin/true
count "as users call it" 6.3 --read-only /usr -- /bin/true
