#!/bin/sh
# Runs the Pester suite. What is not given is what the build has put into out/tools:
#   LANDLOCKPS_PWSH     the pwsh to run it with
#   LANDLOCKPS_PESTER   folders of Pester, separated by colons: the first runs the suite, each other one the tests of the operators for Should
# With arguments, those of run.ps1, only the first. Passing, it prints closing lines; failing, what failed. The rest, what cmdlets and children print
# meanwhile, is in out/pester1.log and, of a second process beside it, out/pester2.log.
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

status=0

# Runs in so many processes side by side, with the first Pester of a list.
run() {
    list=$1 count=$2
    shift 2
    for share in $(seq "$count"); do
        : >"$place/report$share"
        # Through a pipe, so that nothing here has a terminal or a file.
        {
            LANDLOCKPS_PESTER=$list "$pwsh" -NoProfile -NonInteractive -File tests/Pester/run.ps1 \
                -ReportPath "$place/report$share" -Share "$share/$count" "$@" </dev/null 2>&1 || echo "exit code $?"
        } | cat >>"out/pester$share.log" &
    done
    wait
    for share in $(seq "$count"); do
        # One that did not come to its closing line.
        grep -q '^Pester [0-9.]*: ' "$place/report$share" || { tail -n 50 "out/pester$share.log"; status=1; }
        grep -v '^Pester [0-9.]*: ' "$place/report$share"
    done
    # "Pester 5.9.1: 10 passed, 0 failed, 1 skipped", added up.
    for share in $(seq "$count"); do grep '^Pester [0-9.]*: ' "$place/report$share"; done | awk -F '[:,] *' '
        { name = $1; for (i = 2; i <= NF; i++) { split($i, word, " "); sum[word[2]] += word[1] } }
        END {
            if (!NR) exit
            skipped = sum["skipped"] ? ", " sum["skipped"] " skipped" : ""
            print name ": " sum["passed"] + 0 " passed, " sum["failed"] + 0 " failed" skipped
        }' >"$place/closing"
    cat "$place/closing"
    grep -q '^Pester [0-9.]*: [1-9][0-9]* passed, 0 failed' "$place/closing" || status=1
}

rm -f out/pester*.log
if [ $# -gt 0 ]; then
    run "$folders" 1 "$@"
else
    if [ "$(nproc)" -gt 1 ]; then run "$folders" 2; else run "$folders" 1; fi
    # The others, each with those that it is not.
    first=${folders%%:*}
    rest=${folders#"$first"}
    while [ -n "$rest" ]; do
        rest=${rest#:}
        next=${rest%%:*}
        rest=${rest#"$next"}
        run "$next:$first" 1 -Path tests/Pester/Should.Tests.ps1
    done
fi
if [ "$status" -ne 0 ]; then echo "What was printed meanwhile is in $PWD/out/pester*.log."; fi
exit "$status"
