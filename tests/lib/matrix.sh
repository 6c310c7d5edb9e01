# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# matrix.sh: each kind of link through all that can happen to it, for the suites kernel and vm, and for doc/kinds.md, which
# tools/kind-table makes of a run. Who sources this has starts(), stops(), reloads() of net0, matrix_known()
# for a new file, HELPER, and row() for what was seen.

# shellcheck disable=SC2034 # read by who sources this
MATRIX_KINDS='veth bridge dummy macvlan macvtap ipvlan vlan vxlan vrf tun tap physical wireguard'
MATRIX_RESTARTS=20
MATRIX_KILLS='001 002 003 005 008 013 020 030 050 080' # milliseconds
MATRIX_ACTIONS='started restarted reloaded killed deleted mended'

# What its [Link] has beside Name=, Kind= and Address=
matrix_words() {
        case $1 in
        veth) echo HostAddress=10.66.0.254/24 ;;
        macvlan | macvtap | ipvlan) echo Parent=up0 ;;
        vlan) echo Parent=up0 Id=66 ;;
        vxlan) echo VNI=66 ;;
        vrf) echo Table=66 ;;
        physical) echo Device=phys0 ;;
        wireguard) echo PrivateKeyFile=/run/matrix.key ;;
        esac
}
matrix_file() { # KIND [LINE]
        # shellcheck disable=SC2046 # words
        printf '%s\n' '[Namespace]' '[Link]' Name=test0 "Kind=$1" Address=10.66.0.1/24 Address=fd66::1/64 $(matrix_words "$1") "${@:2}" | file net0
}
matrix_before() {
        case $1 in
        physical) ip link add phys0 address 02:00:00:00:66:01 type veth peer name phys1 address 02:00:00:00:66:02 ;;
        wireguard) (umask 077; head -c 32 /dev/zero | tr '\0' '\101' | base64 > /run/matrix.key) ;;
        esac
}
matrix_after() {
        case $1 in
        physical) ip link del phys0 ;;
        wireguard) rm /run/matrix.key ;;
        esac
}

# Is it there, up and with its addresses, and this one?
matrix_whole() { # KIND [ADDRESS]
        local a
        at net0 ip -j link show dev test0 | jq -e '.[0].flags | index("UP")' > /dev/null || return 1
        for a in 10.66.0.1/24 fd66::1/64 ${2-}; do at net0 ip -o addr show dev test0 | has -F " $a " || return 1; done
}
matrix_nothing() {
        [ ! -e /run/netns/net0 ] && [ ! -e /run/vnet/state/net0 ] || return 1
        [ "$1" != physical ] || ip link show dev phys0 > /dev/null
}

matrix_started() { starts && matrix_whole "$1"; }
matrix_restarted() {
        local i
        for ((i = 0; i < MATRIX_RESTARTS; i++)); do stops && starts || return 1; done
        matrix_whole "$1"
}
matrix_reloaded() {
        local before
        before=$(stat -L -c %i /run/netns/net0)
        matrix_file "$1" Address=10.66.1.1/24
        reloads && matrix_whole "$1" 10.66.1.1/24 || return 1
        matrix_file "$1"
        reloads && matrix_whole "$1" || return 1
        if at net0 ip -o addr show dev test0 | has -F ' 10.66.1.1/'; then return 1; fi
        [ "$before" = "$(stat -L -c %i /run/netns/net0)" ]
}
# The helper at any moment of a start
matrix_killed() {
        local ms
        stops || return 1
        for ms in $MATRIX_KILLS; do
                timeout -s KILL "0.$ms" "$HELPER" up net0 > /dev/null 2>&1 || true
                "$HELPER" down net0 > /dev/null 2>&1 && matrix_nothing "$1" || return 1
        done
        starts && matrix_whole "$1"
}
# Its namespace by hand, with somebody inside
matrix_deleted() {
        sleeper_in net0
        ip netns del net0
        stops > /dev/null 2>&1 && starts && matrix_whole "$1" || return 1
        kill "$SLEEPER"
        matrix_whole "$1"
}
matrix_mended() {
        if [ "$1" = physical ]; then at net0 ip addr flush dev test0; else at net0 ip link del dev test0; fi
        reloads && matrix_whole "$1"
}

# All of it for one kind
matrix() { # KIND
        local action
        matrix_before "$1"
        matrix_file "$1"
        matrix_known
        for action in $MATRIX_ACTIONS; do
                "matrix_$action" "$1" || fail "$1 is not as it should be: $action"
                row "$1" "$action"
        done
        stops
        matrix_nothing "$1" || fail "$1 leaves something"
        matrix_after "$1"
}
