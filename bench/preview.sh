#!/usr/bin/env bash
# What a preview costs, beside the same command without one, in turn: a start, a build, and many changed files. Needs gcc and the built
# programs.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
landlocked=${1:-$(echo "$here"/out/LandlockPS/bin/linux-*/landlocked)}
mkdir -p "$here/bench/bin"
gcc -O2 -Wall -Wextra -o "$here/bench/bin/start" "$here/bench/start.c"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state
mkdir -p "$work/state" "$work/tree" "$work/many"
cd "$work/tree"
beside=("$landlocked" --read-only /usr --read-write-execute "$work/tree" --preset Base --timeout 600 --)
with=("$landlocked" --read-only /usr --read-write-execute "$work/tree" --preset Base --timeout 600 --preview --)

# Compiles 40 files, some hundred lines each, and links them.
for i in $(seq 40); do
    { echo '#include <stdio.h>'; for j in $(seq 150); do echo "int f${i}_$j(int x) { printf(\"%d\", x); return x * $j; }"; done; } > "$i.c"
done
echo 'int main(void) { return 0; }' > main.c
printf 'all: prog\nprog: %s\n\tcc -o $@ $^\n%%.o: %%.c\n\tcc -c -O1 -o $@ $<\n' "$(echo {1..40}.o main.o)" > Makefile
seconds() { local begin=$EPOCHREALTIME; "$@" > /dev/null 2>&1; echo "$begin $EPOCHREALTIME" | awk '{ print $2 - $1 }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
a=() b=()
for _ in 1 2 3 4 5; do
    a+=("$(seconds "${beside[@]}" env TMPDIR="$work/tree" make -s)"); rm -f ./*.o prog
    b+=("$(seconds "${with[@]}" env TMPDIR="$work/tree" make -s)"); "$landlocked" preview drop --all
done
one=$(printf '%s\n' "${a[@]}" | median) other=$(printf '%s\n' "${b[@]}" | median)
echo "| | without a preview | with one | ratio |"
echo "|---|---|---|---|"
echo "| a build of 40 files, s | $one | $other | $(echo "$one $other" | awk '{ printf "%.2f", $2 / $1 }') |"

cd "$work/many"
for i in $(seq 100); do mkdir "d$i"; for j in $(seq 500); do echo x > "d$i/f$j"; done; done
"$landlocked" --read-only /usr --read-write . --preview -- bash -c \
    'for i in {1..100}; do for j in {1..500}; do echo y >> d$i/f$j; echo y > d$i/g$j; done; done' 2>/dev/null
echo "| 100,000 changes, listed, s | | $(seconds "$landlocked" preview show last) | |"
cp -a "$work/many" "$work/copy"
copied=$(seconds cp -a "$work/many" "$work/copy2")
echo "| 100,000 changes, applied, s (50,000 files copied by cp: $copied) | | $(seconds "$landlocked" preview apply last) | |"
cd "$work/tree"
echo
"$here/bench/bin/start" 100 bare /bin/true --- '`--timeout`' "$landlocked" --read-only /usr --timeout 60 --read-write . -- /bin/true --- \
    '`--preview`' "$landlocked" --read-only /usr --timeout 60 --read-write . --preview -- /bin/true 2> /dev/null
