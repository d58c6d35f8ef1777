#!/bin/sh
# Installs landlocked, its manual page and what shells complete: beneath --prefix DIR, else beneath /usr/local for root and ~/.local for others.
set -eu
umask 022

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

prefix=
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) [ $# -gt 1 ] || fail '--prefix: expected a directory'; prefix=$2; shift 2 ;;
        --prefix=*) prefix=${1#*=}; shift ;;
        -h | --help) echo 'install.sh [--prefix DIR]: DIR is /usr/local for root and ~/.local for others, if it is not given'; exit ;;
        *) fail "unknown word '$1'; write: install.sh --prefix DIR" ;;
    esac
    [ -n "$prefix" ] || fail '--prefix: expected a directory'
done
if [ -z "$prefix" ]; then
    if [ "$(id -u)" -eq 0 ]; then prefix=/usr/local; else prefix=${HOME:?install.sh: HOME is not set; write: install.sh --prefix DIR}/.local; fi
fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
said=$("$here/lib/landlocked/landlocked" --version 2>&1) || fail "these programs do not run on this machine ($(uname -m)); nothing was installed: $said"
mkdir -p -- "$prefix"
prefix=$(CDPATH='' cd -- "$prefix" && pwd)
before=$(cat "$prefix/lib/landlocked/files" 2>/dev/null) || before=

while IFS= read -r file; do
    mkdir -p -- "$prefix/${file%/*}"
    # Put beside, then renamed: who starts it meanwhile gets the old program or the new one.
    new=$prefix/$file.new-$$
    cp -P -- "$here/$file" "$new"
    # For everybody, whoever has unpacked it.
    if [ -h "$new" ]; then :; elif [ -x "$new" ]; then chmod 755 -- "$new"; else chmod 644 -- "$new"; fi
    mv -fT -- "$new" "$prefix/$file"
done <"$here/lib/landlocked/files"

# What an earlier version had and this one has not.
printf '%s\n' "$before" | while IFS= read -r file; do
    [ -z "$file" ] || grep -Fxq -e "$file" "$here/lib/landlocked/files" || rm -f -- "$prefix/$file"
done

printf '%s is installed beneath %s. To remove it: %s\n' "$said" "$prefix" "$prefix/lib/landlocked/uninstall.sh"
case :${PATH:-}: in
    *":$prefix/bin:"*) ;;
    *) printf '%s is not in PATH: shells, cron and systemd find landlocked there if you add it, or by its whole path.\n' "$prefix/bin" ;;
esac
