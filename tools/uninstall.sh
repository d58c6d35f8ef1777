#!/bin/sh
# Removes what install.sh has put beneath this prefix.
set -eu
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=${folder%/lib/landlocked}
if [ "$prefix" = "$folder" ] || [ ! -f "$folder/files" ]; then
    echo "uninstall.sh: this is not where landlocked was installed; it is PREFIX/lib/landlocked/uninstall.sh there." >&2
    exit 1
fi

while IFS= read -r file; do rm -f -- "$prefix/$file"; done <"$folder/files"
for own in "$folder" "$prefix/share/doc/landlocked"; do rmdir -- "$own" 2>/dev/null || true; done
printf 'landlocked was removed from %s.\n' "$prefix"
