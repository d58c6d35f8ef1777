#!/bin/sh
# Makes the world of HostWorld out of the mount and network namespace that it is started in: the tested machine. Another network namespace, where the
# hosts are, becomes that of PROGRAM. Descriptor 9 of it is the tested machine's. Arguments: FOLDER PROGRAM...
set -eu
PATH=$PATH:/usr/sbin:/sbin
folder=$1
shift

# What is asked for names, and the places of daemons that answer instead, are the world's.
names=$(readlink -f /etc/resolv.conf)
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$(dirname "$names")" /run/sshd /run/nscd /run/systemd/resolve
[ -e "$names" ] || : > "$names"
mount --bind "$folder/resolv.conf" "$names"
mount --bind "$folder/hosts" /etc/hosts
mount --bind "$folder/nsswitch.conf" /etc/nsswitch.conf

exec 9< /proc/self/ns/net
exec unshare --net -- sh -euc '
nsenter --net=/proc/self/fd/9 ip -batch - << END
link set lo up
link add c0 type veth peer name s0 netns $$
address add 10.9.0.1/16 dev c0
address add fd00:9::1/64 dev c0 nodad
link set c0 up
route add default via 10.9.0.2
route add 10.9.1.0/24 via 10.9.0.2
route add 10.9.2.0/24 via 10.9.0.2
route add 10.9.200.0/24 via 10.9.0.2
END
ip -batch - << END
link set lo up
address add 10.9.0.2/16 dev s0
address add 10.9.0.3/16 dev s0
address add 10.9.0.4/16 dev s0
address add 10.9.0.53/16 dev s0
address add 169.254.169.254/32 dev s0
address add fd00:9::2/64 dev s0 nodad
address add fd00:9::3/64 dev s0 nodad
address add fd00:9::4/64 dev s0 nodad
address add fd00:9::53/64 dev s0 nodad
link set s0 up
route add local 10.9.1.0/24 dev lo
route add local 10.9.2.0/24 dev lo
route add blackhole 10.9.200.0/24
END
exec "$@"' sh "$@"
