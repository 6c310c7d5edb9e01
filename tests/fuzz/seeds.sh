#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Seeds for the fuzzers, made from what the tree says anyway: the examples, the inputs of the golden tests, the schema's table.
# Use: seeds.sh SCHEMA-DUMP DIRECTORY   writes DIRECTORY/TARGET/* and DIRECTORY/dictionary
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
dump=$(realpath "$1")
out=$2
mkdir -p "$out/cmdline" "$out/netlink" "$out/plan" "$out/record" "$out/unit" "$out/value"

# A tree of files as one input; see fuzz_site().
as_input() { # DIRECTORY
  (cd "$1" && find . -type f \( -name '*.vnet' -o -path '*.vnet.d/*.conf' \) | LC_ALL=C sort) | while IFS= read -r file; do
    printf '=== %s\n' "$(printf %s "$file" | sed -E 's,^.*/([^/]*\.vnet(\.d/[^/]*)?)$,\1,')"
    cat "$1/$file"
  done
}

as_input "$top/conf.d/examples" >"$out/unit/examples"
for case in "$top"/tests/golden/[0-9]*; do
  if [ -d "$case/root" ]; then
    as_input "$case/root" | head -c 8192 >"$out/unit/golden-$(basename "$case")"
  fi
done
# every key by itself, in each kind of file
"$dump" --dict | sed -n 's/^"\([A-Za-z0-9]*\)="$/\1/p' | sort -u | while read -r key; do
  for section in Unit Install Namespace Link Bridge; do
    printf '[%s]\n%s=1\n' "$section" "$key" >>"$out/unit/key-$key"
  done
done
find "$out/unit" -size 0 -delete
cp "$out"/unit/* "$out/plan/"

number=0
cat "$out"/unit/* | grep -aE '^[A-Za-z0-9]+=' | LC_ALL=C sort -u | head -n 1000 | while IFS= read -r line; do
  number=$((number + 1))
  printf %s "$line" >"$out/value/$number"
done

number=0
for line in '' 'quiet vnet=0' 'vnet' 'BOOT_IMAGE=/vmlinuz root=UUID=0 ro vnet=off quiet' 'v-net' '"vnet=no" x' "vnet='yes' vnet=1" 'vnet="no'; do
  number=$((number + 1))
  printf %s "$line" >"$out/cmdline/$number"
done

# The operations of the plan layer by name, each with each of its fields: what "down" may find.
cat >"$out/record/whole" <<'END'
vnet 1
name net0
ops 24
op netns name=net0 inode=4026532281 cookie=4098	/etc/vnet/net0.vnet:1
op bridge name=br0 mac=02:00:00:00:00:01	/etc/vnet/br0.vnet:1
op bridge-set dev=br0 stp=yes multicast-snooping=no vlan-filtering=yes has-forward-delay=yes forward-delay=200 has-ageing-time=yes has-default-pvid=yes default-pvid=1
op veth name=vn-net0 mac=02:00:00:00:00:02 peer=eth0 peer-mac=02:00:00:00:00:03 master=br0 mtu=1500	/etc/vnet/net0.vnet:3
op altname dev=vn-net0 name=vn-a%20long%25name
op port dev=vn-net0 hairpin=yes isolated=yes
op inet6 dev=vn-net0 mode=port
op inet6 in net0 dev=eth0 mode=static
op link in net0 dev=eth0 mtu=1400 queue-length=4294967295 arp=no promiscuous=yes all-multicast=yes
op sysctl in net0 key=net/ipv4/ip_forward value=1%202
op up in net0 dev=lo
op address 10.0.0.1/24 dev=br0
op address in net0 address=10.0.0.2/24 peer=10.0.0.1 dev=eth0 dad=yes
op neighbor in net0 address=fd00::1 lladdr=02:00:00:00:00:04 dev=eth0
op route in net0 to=0.0.0.0/0 hops=10.0.0.1,-,0;-,eth1,3,onlink dev=eth0 src=10.0.0.2 metric=1 table=254 mtu=1280
op route in net0 type=blackhole to=fd00::/8
op rule in net0 family=ipv6 not=yes oif=eth0 ipproto=udp sport=1 sport-last=9 dport=53 dport-last=53 has-uids=yes uid=5 uid-last=9 table=254 has-suppress=yes suppress-prefixlength=1
op rule in net0 family=ipv4 from=10.0.0.0/8 to=11.0.0.0/8 has-mark=yes fwmark=0xff fwmask=0x1 iif=eth0 table=100 has-priority=yes priority=7
op sysctl-file dev=br0 forwarding=both
op table
op element set=publish4 protocol=tcp port=80 to=10.0.0.2 to-port=8080
op element set=cross iif=br0 oif=br1 verdict=accept
op element set=home4 subnet=10.0.0.0/24 oif=br0
op element set=publish6_range host=fd00::1 protocol=udp port=1 last=65535 to=fd00::2
op forwarding families=ipv6
stage undoing
END
sed -n 's/^op [a-z0-9-]*\( in [^ ]*\)\{0,1\} //p' "$out/record/whole" | tr '\t ' '\n' | sed 's/^/op address in net0 /' >"$out/record/fields"
printf 'vnet 2\nname x\nop up dev=lo\n' >"$out/record/newer"

# Tokens: the language's keys and sections, and the words of values and operations.
{
  "$dump" --dict
  for word in '=== ' '.vnet' '.vnet.d/x.conf' '%n' '%i' '%H' '%%' '\x01' yes no lo eth0 br0 any published ipv4 ipv6 both \
    ' via ' ' dev ' ' table ' ' metric ' ' src ' ' onlink' ' nexthop ' ' weight ' default blackhole ' lladdr ' ' peer ' \
    ' from ' ' to ' ' fwmark ' ' iif ' ' priority ' 10.0.0.1/24 fd00::1/64 '[::]' 0.0.0.0 /udp .service .socket .target \
    'net.' '$(x)' '`x`' ';x' 'a&b' 'op ' ' in ' 'name=' 'dev=' 'stage ' 'vnet ' 'vnet=' 'hops='; do
    printf '"%s"\n' "$word"
  done
} >"$out/dictionary"
