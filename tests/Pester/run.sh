#!/bin/sh
# Runs the Pester suite, or says in one line why not.
here=$(dirname "$0")
if ! command -v pwsh >/dev/null 2>&1; then
    echo "Pester: not run, because pwsh is not on PATH"
    exit 0
fi
if ! pwsh -NoProfile -NonInteractive -Command 'exit [int](-not (Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -ge 5 }))' </dev/null >/dev/null 2>&1; then
    echo "Pester: not run, because the module Pester (5.0 or later) is not installed"
    exit 0
fi
exec pwsh -NoProfile -NonInteractive -File "$here/run.ps1" </dev/null
