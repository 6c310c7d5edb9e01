#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# examples.sh TABLES VNETCTL GENERATOR: whoever adds a row to a table is asked here for the examples by which the suites try it.
#
#   keys     each key that can be given is in the golden case 13-all-keys, in a case of the oracle, in a network that the faults
#            suite starts (tests/faults/site.sh), and in the network of tests/vm/cases/keys.sh, which has a look at what it did
#   effects  no key is parsed and then ignored: without its lines in 13-all-keys the plan or the units are others
#   fields   each field of each operation is in the plan of some case of the oracle
#
# Nothing of the machine is touched; with tests/unit/examples.sh alone the builds are those of VNET_BUILD.
set -euo pipefail
top=$(realpath "$(dirname "$0")/../..")
build=${VNET_BUILD:-$top/build-check}
tables=$(realpath "${1:-$build/tests/lib/tables}")
ctl=$(realpath "${2:-$build/tools/vnetctl}")
generator=$(realpath "${3:-$build/generator/vnet-generator}")
golden=$top/tests/golden/13-all-keys/root
oracle=$top/tests/oracle/cases
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
missing() { echo "FAIL $*" && bad=1; }

# What cannot be tried in a place: PLACE SECTION KEY, or OPERATION FIELD of plans. "*" is all of the section. An exception that is
# not needed is a failure too, so that none of them outlives its reason.
exceptions() { # words, without the reasons
        sed 's/ *#.*//' <<'X'
oracle Unit *                       # of systemd's units: the generator alone knows it
oracle Install *
oracle Namespace Services
faults Unit *
faults Install *
faults Namespace Services
faults Link Device                  # doc/NOTES.md; tests/kernel/physical.sh kills it at each of its moments
vm Unit *                           # tests/boot and the other themes of tests/vm have it
vm Install *
vm Namespace Services
oracle Bridge VLANFiltering         # the kernels that tests run on may lack it (CONFIG_BRIDGE_VLAN_FILTERING); those of
oracle Bridge UplinkVLAN
oracle Bridge DefaultPVID           # the virtual machines have it, and tests/vm/cases/keys.sh is their oracle
plan bridge-set vlan-filtering
plan bridge-set default-pvid
oracle Link VLAN
oracle Link VLANTrunk
plan host-vlan -                    # CONFIG_VLAN_8021Q, likewise: tests/vm/cases/parents.sh
plan host-vlan dev
plan host-vlan parent
plan host-vlan id
plan uplink pvid
plan uplink tagged
plan port-vlan -
plan port-vlan dev
plan port-vlan bridge
plan port-vlan pvid
plan port-vlan tagged
oracle Link Id                      # CONFIG_VLAN_8021Q and CONFIG_IPVLAN: tests/vm/cases/parents.sh is their oracle
plan vlan -
plan vlan name
plan vlan mac
plan vlan parent
plan vlan id
plan vlan mtu
plan ipvlan -
plan ipvlan name
plan ipvlan parent
plan ipvlan mode
plan ipvlan mtu
plan dummy -                        # CONFIG_DUMMY, likewise: tests/vm/cases/kinds.sh
plan dummy name
plan dummy mac
plan dummy mtu
oracle Link Table                   # CONFIG_NET_VRF, likewise: tests/vm/cases/overlay.sh
plan vrf -
plan vrf name
plan vrf mac
plan vrf table
plan vrf mtu
plan member -
plan member dev
plan member master
plan address table
oracle Link PrivateKeyFile          # CONFIG_WIREGUARD, likewise: tests/vm/cases/wireguard.sh is their oracle
oracle Link ListenPort
oracle Link FirewallMark
oracle WireGuardPeer *
faults Link PrivateKeyFile
faults Link ListenPort
faults Link FirewallMark
faults WireGuardPeer *
plan wireguard -
plan wireguard name
plan wireguard mtu
plan wireguard-set -
plan wireguard-set dev
plan wireguard-set private-key-file
plan wireguard-set listen-port
plan wireguard-set fwmark
plan wireguard-peer -
plan wireguard-peer dev
plan wireguard-peer public-key
plan wireguard-peer preshared-key-file
plan wireguard-peer endpoint
plan wireguard-peer endpoint-name
plan wireguard-peer endpoint-port
plan wireguard-peer allowed-ips
plan wireguard-peer keepalive
X
}
is_excepted() { # PLACE SECTION KEY; notes that it was needed
        local e
        for e in "$1 $2 $3" "$1 $2 *"; do
                if grep -qxF "$e" "$work/exceptions"; then echo "$e" >> "$work/needed" && return; fi
        done
        return 1
}

# --- where examples are ---

# "SECTION KEY" of each assignment in the files on standard input
keys_in() {
        awk '/^\[/ { section = substr($0, 2, index($0, "]") - 2) }
                match($0, /^[A-Za-z0-9]+=/) { print section, substr($0, 1, RLENGTH - 1) }' | sort -u
}
golden_files() { cat "$golden"/etc/vnet/*.vnet; }
oracle_files() { cat "$oracle"/*/*.vnet; }
# Scripts that write files by functions, and ask the kernel what it has
faults_files() (
        # shellcheck source=tests/faults/site.sh
        . "$top/tests/faults/site.sh"
        file() { cat; }
        kernel_has_vlans() { :; }
        kernel_has_vrf() { :; }
        kernel_has_8021q() { :; }
        kernel_has_ipvlan() { :; }
        for t in $TARGETS; do file_of "$t" && other_file_of "$t"; done
)
vm_files() (
        # shellcheck source=tests/vm/cases/keys.sh
        . "$top/tests/vm/cases/keys.sh"
        file() { cat; }
        all_keys
)
declare -A WHERE=([golden]=tests/golden/13-all-keys [oracle]=tests/oracle/cases [faults]=tests/faults/site.sh
        [vm]=tests/vm/cases/keys.sh)

examples_of_keys() {
        local place section key
        for place in golden oracle faults vm; do
                "${place}_files" | keys_in > "$work/$place"
                while read -r section key; do
                        if grep -qxF "$section $key" "$work/$place"; then continue; fi
                        is_excepted "$place" "$section" "$key" || missing "[$section] $key= has no example in ${WHERE[$place]}"
                done < "$work/keys"
        done
        while read -r section key; do
                if grep -qE "^ +look '$section $key' " "$top/tests/vm/cases/keys.sh"; then continue; fi
                is_excepted vm "$section" "$key" || missing "tests/vm/cases/keys.sh has no look at what [$section] $key= did"
        done < "$work/keys"
}

# --- a key that is parsed and ignored ---

# What is planned, without the lines that asked for it, and what the generator makes
outcome() { # ROOT NAME...
        local root=$1 name
        shift
        for name; do
                echo "== $name"
                "$ctl" --root="$root" plan "$name" 2>&1 | sed 's/  # .*//' || true
        done
}
units() { # ROOT
        rm -rf "$work/units"
        mkdir "$work/units"
        "$generator" --root="$1" "$work/units" 2>&1 || true
        (cd "$work/units" && find . -type l -printf '%p -> %l\n' -o -type f -print | sort && find . -type f -print0 | sort -z | xargs -0 cat)
}
without() { # SECTION KEY FILE: the lines stay as empty ones, so that the numbers of others are as they were
        awk -v s="[$1]" -v k="$2=" '/^\[/ { section = $0 } section == s && index($0, k) == 1 { $0 = "" } { print }' "$3"
}
effects_of_keys() {
        local section key names f root=$work/root
        cp -r "$golden" "$root"
        for f in "$golden"/etc/vnet/*.vnet; do outcome "$root" "$(basename "$f" .vnet)" > "$work/plan-$(basename "$f" .vnet)"; done
        units "$root" > "$work/units-before"
        while read -r section key; do
                mapfile -t names < <(cd "$golden/etc/vnet" && grep -l "^$key=" -- *.vnet | sed 's/\.vnet$//')
                for f in "${names[@]}"; do without "$section" "$key" "$golden/etc/vnet/$f.vnet" > "$root/etc/vnet/$f.vnet"; done
                if has_effect "${names[@]}"; then
                        :
                elif ! is_excepted effect "$section" "$key"; then
                        missing "[$section] $key= is parsed and ignored: without it in ${WHERE[golden]} all is the same"
                fi
                for f in "${names[@]}"; do cp "$golden/etc/vnet/$f.vnet" "$root/etc/vnet/"; done
        done < <(comm -12 "$work/golden" <(sort "$work/keys"))
}
has_effect() { # NAME...
        local f
        for f; do if ! outcome "$work/root" "$f" | cmp -s - "$work/plan-$f"; then return; fi; done
        ! units "$work/root" | cmp -s - "$work/units-before"
}

# --- fields of operations ---

plans() {
        local c f
        for c in "$oracle"/*/; do
                c=$(basename "$c")
                mkdir -p "$work/oracle-$c/etc/vnet"
                cp -r "$oracle/$c/." "$work/oracle-$c/etc/vnet/"
                for f in "$oracle/$c"/*.vnet; do
                        f=$(basename "$f" .vnet)
                        case $f in *@) continue ;; esac
                        "$ctl" --root="$work/oracle-$c" plan "$f" || echo "the plan of $c/$f fails"
                done
        done
}
examples_of_fields() {
        local kind field learned
        plans > "$work/plans" 2>&1
        ! grep ' fails$' "$work/plans" || missing "$(grep ' fails$' "$work/plans" | tail -n 1)"
        # "KIND -", "KIND FIELD"
        awk '{ sub(/  # .*/, ""); print $1, "-"; for (i = 2; i <= NF; i++) if ((n = index($i, "=")) > 0) print $1, substr($i, 1, n - 1)
                for (i = 2; i <= NF; i++) if ($1 == "route" && $i == "via") print $1, "hops" }' "$work/plans" | sort -u > "$work/planned"
        while read -r kind field learned; do
                # a plan is before the start; a number that is shown is one that was given
                if [ -n "$learned" ] || [[ $field == has-* ]] || grep -qxF "$kind $field" "$work/planned"; then continue; fi
                is_excepted plan "$kind" "$field" || missing "no plan of ${WHERE[oracle]} has $kind ${field/#-/at all}"
        done < <("$tables" fields)
}

exceptions > "$work/exceptions"
: > "$work/needed"
"$tables" keys > "$work/keys"
[ "$(wc -l < "$work/keys")" -gt 50 ] || missing "only $(wc -l < "$work/keys") keys"
examples_of_keys
effects_of_keys
examples_of_fields
while read -r e; do
        grep -qxF "$e" "$work/needed" || missing "the exception '$e' is not needed: take it out of tests/unit/examples.sh"
done < "$work/exceptions"
exit $bad
