#!/bin/sh
# Compiles assemblies of the PowerShell for the tests, which start it thousands of times. Those of the .NET tool hold no machine code,
# unlike those of PowerShell's other packages, and two thirds of a start would go into making it.
#   compile.sh COMPILER FRAMEWORK FROM TO NAME...
set -u
compiler=$1 framework=$2 from=$3 to=$4
shift 4
mark=$to/../powershell.compiled
key=$(echo "$compiler" "$from" "$@" && cat "$0")
[ -e "$mark" ] && [ "$(cat "$mark")" = "$key" ] && exit 0

compile() {
    for name; do
        mkdir -p "$(dirname "$to/$name")"
        # Warnings are of what it refers to and nobody has installed.
        if "$compiler" "$from/$name.dll" -o "$to/$name.new" -r "$from/" -r "$framework/" --targetos linux >/dev/null 2>&1; then :; else
            echo "Pester: $name.dll of PowerShell could not be compiled; the tests take longer."
            cp "$from/$name.dll" "$to/$name.new"
        fi
        mv "$to/$name.new" "$to/$name.dll"
    done
}

rm -f "$mark"
first=$1
shift
compile "$first" &
compile "$@"
wait
printf '%s\n' "$key" >"$mark"
