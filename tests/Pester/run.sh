#!/bin/sh
# Runs the Pester suite. What is not given is what the build has put into out/tools:
#   LANDLOCKPS_PWSH     the pwsh to run it with
#   LANDLOCKPS_PESTER   folders of Pester, separated by colons: the first runs the suite, each other one the tests of the operators for Should
# With arguments, those of run.ps1, only the first. Passing, it prints closing lines; failing, what failed. The rest, what cmdlets and children print
# meanwhile, is in out/pester.log.
set -u
cd "$(dirname "$0")/../.." || exit
if [ -n "${LANDLOCKPS_PWSH:-}" ] && [ ! -x "$LANDLOCKPS_PWSH" ]; then
    echo "Pester: failed, because there is no program '$LANDLOCKPS_PWSH' (LANDLOCKPS_PWSH)."
    exit 1
fi

# Tests share files with an ordinary user, who could not enter such a directory.
if [ "$(id -u)" -eq 0 ] && ! setpriv --reuid=65534 --regid=65534 --clear-groups test -x "${TMPDIR:-/tmp}"; then export TMPDIR=/tmp; fi
# The checkout may lie beneath a directory that is its owner's alone, and under a name that a shell would take apart: what is tested, and what tests it, are copies.
place=$(mktemp -d "${TMPDIR:-/tmp}/landlockps-test-XXXXXX") || exit
trap 'rm -rf "$place"' EXIT
trap 'exit 130' HUP INT TERM
chmod 755 "$place"
cp -RL out/LandlockPS "$place/LandlockPS" || exit
export LANDLOCKPS_MODULE="$place/LandlockPS"
pwsh=${LANDLOCKPS_PWSH:-$place/powershell/pwsh}
folders=${LANDLOCKPS_PESTER:-$place/Pester/5.9.1:$place/Pester/6.2.0}
if [ -z "${LANDLOCKPS_PWSH:-}" ]; then cp -RL out/tools/powershell "$place/powershell" || exit; fi
if [ -z "${LANDLOCKPS_PESTER:-}" ]; then cp -RL out/tools/Pester "$place/Pester" || exit; fi
chmod -R a+rX "$place"

# .NET is found where it is installed usually; another one has to be named.
if [ -n "${DOTNET_HOST_PATH:-}" ]; then export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$DOTNET_HOST_PATH")")}"; fi
# Tests start pwsh by its name, as users do.
export PATH="$(dirname "$pwsh"):$PATH"

report=$place/report
: >out/pester.log
status=0

# With the first Pester of a list.
run() {
    : >"$report"
    list=$1
    shift
    # Through a pipe, so that nothing here has a terminal or a file.
    { LANDLOCKPS_PESTER=$list "$pwsh" -NoProfile -NonInteractive -File tests/Pester/run.ps1 -ReportPath "$report" "$@" </dev/null 2>&1 || echo "exit code $?"; } | cat >>out/pester.log
    [ -s "$report" ] || tail -n 50 out/pester.log
    cat "$report"
    tail -n 1 "$report" | grep -q '^Pester [0-9.]*: [1-9][0-9]* passed, 0 failed' || status=1
}

if [ $# -gt 0 ]; then
    run "$folders" "$@"
else
    run "$folders"
    # The others, each with those that it is not.
    first=${folders%%:*}
    rest=${folders#"$first"}
    while [ -n "$rest" ]; do
        rest=${rest#:}
        next=${rest%%:*}
        rest=${rest#"$next"}
        run "$next:$first" -Path tests/Pester/Should.Tests.ps1
    done
fi
if [ "$status" -ne 0 ]; then echo "What was printed meanwhile is in $PWD/out/pester.log."; fi
exit "$status"
