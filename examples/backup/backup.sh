#!/bin/sh
# Writes an archive of a directory, named by the time.
set -eu
data=${1:-/srv/data} archives=${2:-/var/backups/data}
tar -C "$data" -cf "$archives/$(date +%Y%m%d-%H%M%S).tar" .
