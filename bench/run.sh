#!/bin/sh
# Prints the tables of docs/performance.md. Other sandboxers are measured where they are on PATH, or where LANDRUN, SETPRIV (2.41 or newer,
# with Landlock), MINIJAIL, BWRAP and FIREJAIL say; strace and valgrind where they are on PATH. What is left out is said.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
dotnet build -v q -clp:NoSummary
dotnet build bench/Bench.csproj -c Release -v q -clp:NoSummary
mkdir -p bench/bin
gcc -O2 -Wall -Wextra -o bench/bin/start bench/start.c
gcc -O2 -Wall -Wextra -o bench/bin/sandboxer bench/sandboxer.c
gcc -O2 -Wall -Wextra -o bench/bin/calls bench/calls.c
# As where a user is logged in.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d -p /dev/shm)
    export XDG_RUNTIME_DIR
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi
dotnet bench/bin/Release/net10.0/Bench.dll bench/bin/start bench/bin/sandboxer "$(echo out/LandlockPS/bin/linux-*)"
dotnet bench/bin/Release/net10.0/Bench.dll rules bench/bin/start bench/bin/sandboxer "$(echo out/LandlockPS/bin/linux-*)"
echo
if command -v valgrind >/dev/null 2>&1; then bench/instructions.sh; else echo "instructions: not counted, because valgrind is not on PATH"; fi
echo
bench/calls.sh
echo
dotnet bench/bin/Release/net10.0/Bench.dll policy
echo
dotnet bench/bin/Release/net10.0/Bench.dll access
echo
bench/profile.sh
echo
bench/hosts.sh
echo
if command -v strace >/dev/null 2>&1; then bench/trace.sh; else echo "tracing: not measured, because strace is not on PATH"; fi
if command -v pwsh >/dev/null 2>&1; then
    echo
    pwsh -NoProfile -File bench/import.ps1
    echo
    pwsh -NoProfile -File bench/cmdlet.ps1
else
    echo "cmdlets: not measured, because pwsh is not on PATH"
fi
