#!/bin/sh
# Prints the tables of docs/performance.md. For the comparison: Debian's bubblewrap, firejail, strace and git; minijail0, which Debian does not have.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
dotnet build -v q -clp:NoSummary
dotnet build bench/Bench.csproj -c Release -v q -clp:NoSummary
mkdir -p bench/bin
gcc -O2 -Wall -Wextra -o bench/bin/start bench/start.c
gcc -O2 -Wall -Wextra -o bench/bin/sandboxer bench/sandboxer.c
dotnet bench/bin/Release/net10.0/Bench.dll bench/bin/start bench/bin/sandboxer "$(echo out/LandlockPS/bin/linux-*)"
dotnet bench/bin/Release/net10.0/Bench.dll rules bench/bin/start bench/bin/sandboxer "$(echo out/LandlockPS/bin/linux-*)"
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
