#!/usr/bin/env bash
# What hosts cost, beside the same command without them, in turn. Needs gcc and the built programs.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
landlocked=${1:-$(echo "$here"/out/LandlockPS/bin/linux-*/landlocked)}
mkdir -p "$here/bench/bin"
gcc -O2 -Wall -Wextra -pthread -o "$here/bench/bin/hosts" "$here/bench/hosts.c"
gcc -O2 -Wall -Wextra -o "$here/bench/bin/start" "$here/bench/start.c"
hosts=$here/bench/bin/hosts port=18199 full=18198
coproc "$hosts" serve $port
trap 'kill $COPROC_PID $silent 2>/dev/null || true' EXIT
read -r _ <&"${COPROC[0]}"
# Listens and never accepts, with the shortest backlog there is.
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => '$full'); sleep' & silent=$!
sleep 0.3
beside=("$landlocked" --read-only / --connect-tcp "$port,$full,18197" --timeout 60 --)
with=("$landlocked" --read-only / --connect-host "127.0.0.1:$port" --connect-host "127.0.0.1:$full" --)
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "| | without hosts | with hosts |"
echo "|---|---|---|"
row() { # NAME, MODE, PORT, COUNT
    local a=() b=()
    for _ in 1 2 3 4 5 6 7; do
        a+=("$("${beside[@]}" "$hosts" "$2" "$3" "$4")")
        b+=("$("${with[@]}" "$hosts" "$2" "$3" "$4")")
    done
    echo "| $1 | $(printf '%s\n' "${a[@]}" | median) | $(printf '%s\n' "${b[@]}" | median) |"
}
row 'connect, µs' connect $port 3000
row 'connect that is refused, µs' refused 18197 3000
row 'an established connection, MB/s' loop $port 2000

# What the supervisor holds, with nobody waiting and with a thousand.
memory() { # COUNT
    coproc W { "${with[@]}" "$hosts" wait $full "$1"; }
    read -r _ <&"${W[0]}"
    local inner
    inner=$(pgrep -n -f -- '--supervise inner')
    awk '/^VmRSS/ { print $2 }' "/proc/$inner/status"
    echo >&"${W[1]}"
    wait "$W_PID" 2>/dev/null || true
}
echo "| the supervisor, KiB, with 1,000 waiting | $(memory 1) | $(memory 1000) |"
echo
"$here/bench/bin/start" 200 bare /bin/true --- '`--timeout 60`' "$landlocked" --read-only / --timeout 60 -- /bin/true --- \
    '`--connect-host`' "$landlocked" --read-only / --connect-host api.example.com -- /bin/true
