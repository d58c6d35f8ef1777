#!/bin/sh
# Runs the Pester suite. What is not given is what the build has put into out/tools:
#   LANDLOCKPS_PWSH     the pwsh to run it with
#   LANDLOCKPS_PESTER   folders of Pester, separated by colons: the first runs the suite, each other one the tests of the operators for Should
# Passing, it prints its closing line; failing, what failed. The rest, what cmdlets and children print meanwhile, is in out/pester.log.
set -u
cd "$(dirname "$0")/../.." || exit
pwsh=${LANDLOCKPS_PWSH:-$PWD/out/tools/powershell/pwsh}
LANDLOCKPS_PESTER=${LANDLOCKPS_PESTER:-$PWD/out/tools/Pester/5.9.1:$PWD/out/tools/Pester/6.2.0}

if [ ! -x "$pwsh" ]; then
    echo "Pester: failed, because there is no program '$pwsh'. Build first (dotnet build), or set LANDLOCKPS_PWSH to the path of a pwsh."
    exit 1
fi
# .NET is found where it is installed usually; another one has to be named.
if [ -n "${DOTNET_HOST_PATH:-}" ]; then export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$DOTNET_HOST_PATH")")}"; fi
# Tests start pwsh by its name, as users do.
PATH=$(dirname "$pwsh"):$PATH
export PATH LANDLOCKPS_PESTER

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
# Through a pipe, so that nothing here has a terminal or a file.
{ "$pwsh" -NoProfile -NonInteractive -File tests/Pester/run.ps1 -ReportPath "$report" "$@" </dev/null 2>&1 || echo "exit code $?"; } | cat >out/pester.log
tail -n 1 "$report" | grep -q '^Pester: [0-9]* passed, 0 failed' || status=1
if [ "$status" -ne 0 ]; then
    [ -s "$report" ] || tail -n 50 out/pester.log
    echo "What was printed meanwhile is in $PWD/out/pester.log."
fi
cat "$report"
exit "$status"
