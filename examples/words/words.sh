#!/bin/sh
# Counts the words of each file that it is given, and says which it cannot read.
for file; do
    if words=$(wc -w <"$file"); then echo "$file: $words words"; else echo "$file: not readable"; fi
done
