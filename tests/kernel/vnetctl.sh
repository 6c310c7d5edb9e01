#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vnetctl.sh: list, check, plan, cat and exec where systemd does not run; since and the state of units need a booted one.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

ctl() { "$CTL" "$@"; }

# A call that must end with this status and say why on standard error, and nothing on standard output.
says() { # STATUS PATTERN ARG…
        local status=$1 pattern=$2 rc=0
        shift 2
        ctl "$@" > "$W/out" 2> "$W/err" < /dev/null || rc=$?
        cat "$W/err"
        is $rc "$status" "status of $*"
        grep -qE -- "$pattern" "$W/err" || fail "$* says '$(cat "$W/err")', not /$pattern/"
        [ ! -s "$W/out" ] || fail "$* wrote to standard output"
}

state_is() { holds "map(select(.name == \"$1\")) | length == 1 and .[0].state == \"$2\"" ctl list --json=short; } # NAME STATE

case_usage() {
        says 2 "'status' is not supported yet" status
        says 2 "'up' is not supported yet" up net0
        says 2 "unknown verb 'frobnicate'" frobnicate
        says 2 "unrecognized option '--frobnicate'" --frobnicate list
        says 2 "json='yes'" list --json=yes
        says 2 "format='c'" plan --format=c net0
        says 2 '--json is not for .cat' cat --json=short net0
        says 2 '--json is not for .exec' --json=short exec net0
        says 2 '--root is not for .exec' --root=/ exec net0
        says 2 '--user is not for .list' --user=root list
        says 2 '--format is not for .check' check --format=text
        says 2 'cannot be used together' plan --format=shell --json=short net0
        says 2 'usage: vnetctl plan NAME' plan
        says 2 'usage: vnetctl plan NAME' plan a b
        says 2 'usage: vnetctl cat' cat
        says 2 'usage: vnetctl list' list net0
        says 2 "'../x' is not a valid name" plan ../x
        says 2 "'../x' is not a valid name" cat ../x
        says 2 "'../x' is not a valid name" exec ../x true
        ctl --help | has 'plan *NAME'
        ctl list --help | has 'plan *NAME'
        ctl --version | has -E '^vnetctl [0-9]'
}

case_list_states() {
        holds '. == []' ctl list --json=short
        site4
        printf '[Namespace]\nNoSuch=1\n[Link]\nAddress=nonsense\n' | file broken
        ln -s /dev/null /etc/vnet/masked.vnet
        printf '[Namespace]\n' > /etc/vnet/template@.vnet
        holds 'map([.name, .kind, .state]) == [["br0", "bridge", "down"], ["broken", "namespace", "refused"],
                ["net0", "namespace", "down"], ["net1", "namespace", "down"]]' ctl list --json=short
        holds '.[] | select(.name == "broken") | .errors | length == 1 and (.[0] | test("/etc/vnet/broken.vnet:4: Address: .*nonsense"))' ctl list --json=pretty
        holds '.[] | select(.name == "br0") | .addresses == ["172.18.0.1/16"] and .since == null and .file == "/etc/vnet/br0.vnet"' ctl list --json=short
        ups br0 net0
        state_is br0 up
        state_is net0 up
        state_is net1 down
        # what is gone is not up; who is no root sees it too
        ip netns del net0
        state_is net0 drifted
        setpriv --reuid 65534 --regid 65534 --clear-groups "$CTL" list --json=short | jq -e '.[] | select(.name == "net0") | .state == "drifted"'
        up net0
        state_is net0 up
        ip link del vn-net0
        state_is net0 drifted
        reload net0
        state_is net0 up
        # the record's address counts while it is up
        sed -i 's/172.18.0.10/172.18.0.110/' /etc/vnet/net0.vnet
        state_is net0 changed
        holds '.[] | select(.name == "net0") | .addresses == ["172.18.0.10/16"]' ctl list --json=short
        reload net0
        state_is net0 up
        holds '.[] | select(.name == "net0") | .addresses == ["172.18.0.110/16"]' ctl list --json=short
        # a file that is gone, and one that is masked
        mv /etc/vnet/net0.vnet "$W/net0.vnet"
        holds '.[] | select(.name == "net0") | .state == "changed" and .kind == "namespace" and .file == null' ctl list --json=short
        ln -s /dev/null /etc/vnet/net0.vnet
        state_is net0 changed
        rm /etc/vnet/net0.vnet
        mv "$W/net0.vnet" /etc/vnet/
        # somebody was killed in the middle
        sed -i '/^stage/d' /run/vnet/state/net0
        state_is net0 failed
        echo 'stage undoing' >> /run/vnet/state/net0
        state_is net0 failed
        echo 'stage complete' >> /run/vnet/state/net0
        # a drop-in that refuses what is up
        mkdir /etc/vnet/net0.vnet.d
        printf '[Namespace]\nPublishPort=x\n' > /etc/vnet/net0.vnet.d/a.conf
        state_is net0 refused
        rm -r /etc/vnet/net0.vnet.d
        state_is net0 up
}

case_list_text() {
        site
        ups br0 net0
        ctl list > "$W/list"
        cat "$W/list"
        grep -qE '^NAME +KIND +STATE +ADDRESSES +SINCE$' "$W/list"
        grep -qE '^net0 +namespace +up +172\.18\.0\.10/16 \+1 +-$' "$W/list"
        grep -qE '^[0-9]+ networks listed\.$' "$W/list"
        if grep -q $'\033' "$W/list"; then fail 'colours in a file'; fi
        is "$(ctl --no-legend list | head -n 1 | cut -d' ' -f1)" br0
        is "$(ctl | md5sum)" "$(md5sum < "$W/list")" 'without a verb'
        # on a terminal: colours, and a pager that can be switched off
        SYSTEMD_PAGER='sed s/^/paged:/' TERM=xterm script -qec "$CTL list" /dev/null > "$W/tty" < /dev/null
        grep -q '^paged:.*NAME' "$W/tty" || fail "no pager: $(cat "$W/tty")"
        grep -q $'\033\\[0;1;32mup' "$W/tty" || fail "no colours: $(cat -v "$W/tty")"
        SYSTEMD_PAGER='sed s/^/paged:/' NO_COLOR=1 TERM=xterm script -qec "$CTL --no-pager list" /dev/null > "$W/tty" < /dev/null
        if grep -qE $'paged|\033' "$W/tty"; then fail "pager or colours: $(cat -v "$W/tty")"; fi
        # nothing of root's is needed
        setpriv --reuid 65534 --regid 65534 --clear-groups "$CTL" list --json=short > "$W/nobody"
        ctl list --json=short | diff - "$W/nobody" || fail 'somebody else sees another list'
}

# Long names and addresses, and what somebody is to do about a network that is not up.
case_list_fits() {
        site
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=fd00:18::1111:2222:3333:4444/64\nAddress=172.18.0.12/16\nAddress=172.18.0.13/16\n' | file a-long-name-of-2
        printf '[Namespace]\n[Link]\nAddress=x\n' | file bad
        up br0
        ctl list > "$W/list"
        cat "$W/list"
        is "$(awk 'NR > 1 && length > 68' "$W/list")" '' 'lines with no room for "12min 30s ago"'
        grep -qE '^a-long-name-of-2 namespace down +fd00:18::1111:22...3:4444/64 \+2 +-$' "$W/list"
        grep -qE "^1 refused: 'vnetctl check' says why\.$" "$W/list"
        gone grep failed "$W/list"
        sed -i '/^stage/d' /run/vnet/state/br0
        rm /etc/vnet/bad.vnet
        ctl list > "$W/list"
        cat "$W/list"
        grep -qE "^1 failed: 'journalctl -u vnet@br0' says why\.$" "$W/list"
        is "$(grep -c '^net[01] is down, as its bridge br0 has failed\.$' "$W/list")" 2
        gone grep refused: "$W/list"
        is "$(ctl --no-legend list | wc -l)" 4
        down br0
}

case_root() {
        site4
        up br0
        mkdir -p "$W/r/etc/vnet"
        printf '[Bridge]\nAddress=10.0.0.1/24\n' > "$W/r/etc/vnet/br0.vnet"
        holds 'map(.state) == ["down"] and .[0].addresses == ["10.0.0.1/24"]' ctl --root="$W/r/" list --json=short
        ctl --root="$W/r" plan br0 | has '10.0.0.1/24'
        ctl --root="$W/r" cat br0 | has '^Address=10.0.0.1/24'
        ctl --root="$W/r" check
        rm -r "$W/r"
}

case_check() {
        site
        ctl check > "$W/out" 2> "$W/err"
        [ ! -s "$W/err" ] || fail "$(cat "$W/err")"
        grep -qE '^[0-9]+ files checked: 0 errors, 0 warnings\.$' "$W/out"
        holds '. == []' ctl check --json=short
        printf '[Namespace]\nNoSuch=1\n[Link]\nAddress=nonsense\n' | file broken
        local rc=0
        ctl check > "$W/out" 2> "$W/err" || rc=$?
        is $rc 1
        cat "$W/err"
        grep -qE '^/etc/vnet/broken.vnet:2: NoSuch: ' "$W/err"
        grep -qE '^/etc/vnet/broken.vnet:4: Address: .*nonsense' "$W/err"
        grep -q '1 error, 1 warning\.$' "$W/out"
        rc=0
        ctl check --json=short > "$W/json" 2> "$W/err" || rc=$?
        is $rc 1
        [ ! -s "$W/err" ] || fail "JSON and text: $(cat "$W/err")"
        jq -e 'map({file, line, key, severity}) | sort_by(.line) == [
                {file: "/etc/vnet/broken.vnet", line: 2, key: "NoSuch", severity: "warning"},
                {file: "/etc/vnet/broken.vnet", line: 4, key: "Address", severity: "error"}]' "$W/json" || fail "$(cat "$W/json")"
        jq -e 'all(.[]; .message | type == "string")' "$W/json"
}

# A file is tried before it is put in place: against the others, but the others' own faults are not told.
case_check_file() {
        site4
        printf '[Namespace]\n[Link]\nAddress=nonsense\n' | file broken
        mkdir "$W/new"
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\n' > "$W/new/net2.vnet"
        ctl check "$W/new/net2.vnet" 2> "$W/err" | has '1 file checked: 0 errors'
        [ ! -s "$W/err" ] || fail "$(cat "$W/err")"
        # the address of net1: the later one by name loses
        sed -i 's/0\.12/0.11/' "$W/new/net2.vnet"
        local rc=0
        ctl check "$W/new/net2.vnet" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/err"
        is $rc 1
        grep -q "^$W/new/net2.vnet:4: Address: 172.18.0.11 is also used at /etc/vnet/net1.vnet:" "$W/err"
        is "$(wc -l < "$W/err")" 1
        # the same in the place of net1 is none; and what another file loses because of this one is told
        mv "$W/new/net2.vnet" "$W/new/net1.vnet"
        ctl check "$W/new/net1.vnet"
        sed 's/0\.11/0.10/' "$W/new/net1.vnet" > "$W/new/a.vnet"
        rc=0
        ctl check "$W/new/a.vnet" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/err"
        is $rc 1
        grep -qE "^/etc/vnet/net0.vnet:.* at $W/new/a.vnet:4" "$W/err"
        # drop-ins that are in place count
        mkdir /etc/vnet/a.vnet.d
        printf '[Namespace]\nPublishPort=x\n' > /etc/vnet/a.vnet.d/x.conf
        says_check "$W/new/a.vnet" '^/etc/vnet/a.vnet.d/x.conf:2: PublishPort'
        says_check "$W/new/none.vnet" "$W/new/none.vnet: .*No such file"
        says_check "$W/new/a.conf" 'does not end in .vnet'
        ctl check /etc/vnet/net0.vnet
        rm /etc/vnet/broken.vnet
        says 2 'are for the same name' check "$W/new/net1.vnet" /etc/vnet/net1.vnet
        rm -r "$W/new"
}

# Names of files that are no names, and no UTF-8
case_odd_file_names() {
        local args odd long
        odd=/etc/vnet/$(printf 'od\344\n d')
        mkdir "$W/new" "$odd.vnet.d" /etc/vnet/net0.vnet.d
        printf '[Namespace]\nServices=odd.service\n' > "$odd.vnet"
        printf '[Namespace]\n[Link]\nAddress=192.0.2.1/24\n' > "$(printf '/etc/vnet/net0.vnet.d/\344.conf')"
        printf '[Namespace]\n' > /etc/vnet/net0.vnet
        for args in check list 'plan net0'; do
                # shellcheck disable=SC2086 # words
                ctl $args --json=short > "$W/json" || true
                iconv -f UTF-8 "$W/json" > /dev/null || fail "$args: no UTF-8"
                jq -e 'length > 0' "$W/json"
        done
        holds 'map(select(.name == "od\\xe4\\x0a\\x20d")) | length == 1 and .[0].state == "refused" and .[0].file == "/etc/vnet/od?? d.vnet"' ctl list --json=short
        says_check "$odd.vnet" '^/etc/vnet/od\?\? d.vnet: the file name is not a valid name'
        # longer than any file's name, of an instance too
        for long in "$(printf 'x%.0s' {1..400})" "$(printf 'x%.0s' {1..400})@y" "y@$(printf 'x%.0s' {1..400})"; do
                says_check "$W/new/$long.vnet" 'the file name is not a valid name'
        done
        rm -r "$W/new" /etc/vnet/*
}
says_check() { # FILE PATTERN
        local rc=0
        ctl check "$1" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/err"
        is $rc 1
        grep -qE -- "$2" "$W/err" || fail "no /$2/"
}

# What people read, not what the record has.
case_plan_text() {
        site
        printf '%s\n' 'Route=10.0.0.0/8 via 172.18.0.3' 'Route=10.1.0.0/16 nexthop via 172.18.0.3 weight 2 nexthop via 172.18.0.4 dev eth0 onlink' \
                'Route=10.2.0.0/16' 'Rule=from 10.0.0.0/8 table 7 priority 9' 'Rule=fwmark 0 table 8' >> /etc/vnet/net0.vnet
        ctl plan net0 > "$W/text"
        cat "$W/text"
        if grep -qE 'hops=|,-|%2c' "$W/text"; then fail 'the form of the record'; fi
        grep -qE '^route +in net0 to=default via 172.18.0.1 dev=eth0  #' "$W/text"
        grep -qE '^route +in net0 to=default via fd00:18::1 dev=eth0  #' "$W/text"
        grep -qE '^route +in net0 to=10.0.0.0/8 via 172.18.0.3 dev=eth0  #' "$W/text"
        grep -qE '^route +in net0 to=10.1.0.0/16 nexthop via 172.18.0.3 weight 2 nexthop via 172.18.0.4 dev eth0 weight 1 onlink dev=eth0  #' "$W/text"
        grep -qE '^route +in net0 to=10.2.0.0/16 dev=eth0  #' "$W/text"
        grep -qE '^rule +in net0 family=ipv4 from=10.0.0.0/8 table=7 priority=9  #' "$W/text"
        grep -qE '^rule +in net0 family=ipv4 has-mark=yes fwmask=0xffffffff table=8  #' "$W/text"
        holds 'map(select(.op == "route" and .to == "0.0.0.0/0")) | .[0].hops == "172.18.0.1,-,0"' ctl plan net0 --json=short
        # the record keeps its form
        ups br0 net0
        grep -q 'hops=172.18.0.1,-,0' /run/vnet/state/net0
        reload net0
        down_all
}

case_plan() {
        site IPMasquerade=both PublishPort=8080:80
        ctl plan net0 > "$W/text"
        grep -qE '^address +in net0 address=172.18.0.10/16 .*# /etc/vnet/net0.vnet:[0-9]+$' "$W/text"
        ctl plan --json=short net0 > "$W/json"
        is "$(jq length "$W/json")" "$(wc -l < "$W/text")" operations
        jq -e '.[0] | .op == "netns" and .where == "host" and .name == "net0" and .origin.file == "/etc/vnet/net0.vnet" and (.origin.line | type) == "number"' "$W/json"
        jq -e 'map(select(.op == "address" and .where == "net0" and .address == "172.18.0.10/16" and .dev == "eth0")) | length == 1' "$W/json"
        jq -e 'map(select(.op == "port")) | all(.[]; .hairpin == null or .hairpin == true)' "$W/json"
        jq -e 'map(select(.op == "element") | .port // empty) | length > 0 and all(.[]; type == "number")' "$W/json"
        ctl plan net0 --format=shell > "$W/script"
        sh -n "$W/script"
        # it is only told: nothing is done
        [ ! -e /run/vnet ] || fail '/run/vnet was made'
        says 4 'net9: no net9.vnet in /etc/vnet, /run/vnet, /usr/local/lib/vnet or /usr/lib/vnet' plan net9
        ln -s /dev/null /etc/vnet/net9.vnet
        says 4 'net9.vnet: is masked' plan net9
        printf '[Namespace]\n[Link]\nAddress=x\n' | file bad
        says 1 '^/etc/vnet/bad.vnet:3: Address' plan bad
        # refused for what stands in another file
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' | file zzz
        says 1 'zzz.vnet:4: Address: 172.18.0.10 is also used at /etc/vnet/net0.vnet' plan zzz
        # values with blanks are themselves in JSON
        printf '[Namespace]\nSysctl=net.ipv4.ping_group_range=0 7\n' | file sys
        holds 'map(select(.op == "sysctl" and .where == "sys" and .value == "0 7")) | length == 1' ctl plan sys --json=short
}

case_cat() {
        site4
        mkdir -p /etc/vnet/net0.vnet.d /run/vnet/net0.vnet.d
        printf '[Namespace]\n# b' > /etc/vnet/net0.vnet.d/b.conf
        printf '# a\n' > /run/vnet/net0.vnet.d/a.conf
        ctl cat net0 > "$W/cat"
        { echo '# /etc/vnet/net0.vnet'; cat /etc/vnet/net0.vnet; printf '\n# /run/vnet/net0.vnet.d/a.conf\n# a\n\n# /etc/vnet/net0.vnet.d/b.conf\n[Namespace]\n# b\n'; } |
                diff - "$W/cat" || fail "cat differs"
        is "$(ctl cat net0 br0 | grep -c '^# /etc/vnet/[a-z0-9]*.vnet$')" 2
        says 4 'net9: no net9.vnet in /etc/vnet, /run/vnet, /usr/local/lib/vnet or /usr/lib/vnet' cat net9
        local rc=0
        ctl cat net9 br0 > "$W/cat" 2> "$W/err" || rc=$?
        is $rc 4
        grep -q 172.18.0.1/16 "$W/cat"
        ln -s /dev/null /etc/vnet/net9.vnet
        ctl cat net9 | has '^# /etc/vnet/net9.vnet masks'
        # never hangs
        mkfifo /etc/vnet/pipe.vnet
        says_cat pipe 'pipe.vnet: cannot be read: it is not a regular file'
        rm -r /run/vnet/net0.vnet.d
        rmdir /run/vnet
}
says_cat() { # NAME PATTERN
        local rc=0
        ctl cat "$1" > "$W/out" 2> "$W/err" || rc=$?
        is $rc 1
        grep -q "$2" "$W/err" || fail "$(cat "$W/err")"
}

case_exec() {
        site4
        says 1 "'net0' is not up" exec net0 true
        says 4 "no 'net9': there is neither a file nor a namespace" exec net9 true
        ups br0 net0
        says 1 "'br0' is a bridge" exec br0 true
        is "$(ctl exec net0 ip -o -4 addr show dev eth0 | grep -o '172.18.0.10/16')" 172.18.0.10/16
        is "$(ctl exec net0 -- echo -- --json=x)" '-- --json=x'
        is "$(ctl exec net0 echo a -- --user=b)" 'a -- --user=b'
        # /sys is that of the namespace, and what is mounted below it stays
        is "$(ctl exec net0 -- ls /sys/class/net | grep -v bonding_masters | xargs)" 'eth0 lo'
        mount -t tmpfs kept /sys/fs/cgroup
        mkdir /sys/fs/cgroup/below
        mount -t tmpfs deeper /sys/fs/cgroup/below
        is "$(ctl exec net0 -- grep -cE '^(kept|deeper) /sys/fs/cgroup' /proc/mounts)" 2 'mounts below /sys'
        grep -qE '^sysfs /sys ' /proc/mounts
        umount /sys/fs/cgroup/below /sys/fs/cgroup
        mount -o remount,ro /sys
        ctl exec net0 -- grep -qE '^sysfs /sys sysfs ro,' /proc/mounts
        mount -o remount,rw /sys
        # status and signals are the program's own
        local rc=0
        ctl exec net0 -- sh -c 'exit 42' || rc=$?
        is $rc 42
        rc=0
        ctl exec net0 -- sh -c 'kill -9 $$' || rc=$?
        is $rc 137
        says 127 "cannot run 'no-such-program'" exec net0 no-such-program
        says 126 "cannot run '/etc/passwd'" exec net0 /etc/passwd
        is "$(echo 'ip -o link | wc -l' | SHELL=/bin/sh ctl exec net0)" 2 'a shell'
        # somebody else's namespace, and one whose name is not NAME
        ip netns add other
        is "$(ctl exec other -- ls /sys/class/net | grep -v bonding_masters)" lo
        ip netns del other
        printf '[Namespace]\nName=inner\n' | file outer
        up outer
        is "$(ctl exec outer -- readlink /proc/self/ns/net)" "net:[$(stat -L -c %i /run/netns/inner)]"
        rm /etc/vnet/outer.vnet
        ctl exec outer true
        # under our name now somebody else's, made before ours is gone, so that its inode is another
        ip netns add other
        ip netns del inner
        : > /run/netns/inner
        mount --bind /run/netns/other /run/netns/inner
        says 1 'made by it' exec outer true
        ip netns del inner
        ip netns del other
        down outer
}

case_exec_user() {
        site4
        ups br0 net0
        is "$(ctl exec net0 --user=nobody -- id -un)" nobody
        is "$(ctl exec --user=nobody net0 id -Gn)" nogroup
        # shellcheck disable=SC2016 # for the shell inside
        is "$(ctl exec net0 --user=nobody sh -c 'echo $USER $LOGNAME $HOME $SHELL')" "nobody nobody $(getent passwd nobody | cut -d: -f6,7 | tr : ' ')"
        is "$(ctl exec net0 --user=nobody grep -c '^CapEff:.0000000000000000$' /proc/self/status)" 1
        says 1 "no user 'nosuchuser'" exec net0 --user=nosuchuser true
        local rc=0
        setpriv --reuid 65534 --regid 65534 --clear-groups "$CTL" exec net0 true 2> "$W/err" || rc=$?
        is $rc 3
        grep -q 'only root' "$W/err"
}

case_exec_resolv_conf() {
        site4
        ups br0 net0
        rm -f /etc/resolv.conf
        mkdir -p /run/vnet/resolv/net0
        echo 'nameserver 192.0.2.53' > /run/vnet/resolv/net0/resolv.conf
        # nothing to put it over: the program runs all the same
        ctl exec net0 true 2> "$W/err"
        grep -q 'is not used' "$W/err"
        # a plain file
        echo 'nameserver 192.0.2.1' > /etc/resolv.conf
        is "$(ctl exec net0 cat /etc/resolv.conf)" 'nameserver 192.0.2.53'
        is "$(cat /etc/resolv.conf)" 'nameserver 192.0.2.1'
        # resolved's, which is replaced while the program runs
        mkdir -p /run/systemd/resolve
        echo 'nameserver 127.0.0.53' > /run/systemd/resolve/stub-resolv.conf
        ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
        mkfifo "$W/go"
        ctl exec net0 sh -c "cat /etc/resolv.conf; read x < $W/go; cat /etc/resolv.conf" > "$W/out" &
        eventually grep -q 192.0.2.53 "$W/out"
        echo 'nameserver 127.0.0.54' > /run/systemd/resolve/new
        mv /run/systemd/resolve/new /run/systemd/resolve/stub-resolv.conf
        echo > "$W/go"
        wait $!
        is "$(xargs < "$W/out")" 'nameserver 192.0.2.53 nameserver 192.0.2.53'
        # a link that leads nowhere as long as resolved has not written
        rm /run/systemd/resolve/stub-resolv.conf
        is "$(ctl exec net0 cat /etc/resolv.conf)" 'nameserver 192.0.2.53'
        is "$(ls /run/systemd/resolve)" ''
        # the files of ip-netns(8), whose resolv.conf comes second
        mkdir -p /etc/netns/net0
        echo 'nameserver 192.0.2.54' > /etc/netns/net0/resolv.conf
        echo '192.0.2.7 inside' > /etc/netns/net0/hosts
        is "$(ctl exec net0 getent hosts inside | xargs)" '192.0.2.7 inside'
        is "$(ctl exec net0 cat /etc/resolv.conf)" 'nameserver 192.0.2.53'
        rm -r /run/vnet/resolv
        is "$(ctl exec net0 cat /etc/resolv.conf)" 'nameserver 192.0.2.54'
        rm -r /etc/netns /run/systemd "$W/go"
        rm /etc/resolv.conf
}

# Each may be a NAME that is a name below /run/vnet, or below one of its directories, as well
case_names_of_our_own_files() {
        local name
        echo 'nameserver 192.0.2.1' > /etc/resolv.conf
        for name in state resolv.conf resolv lock users forwarding4 vnet; do
                printf '[Namespace]\n' | file $name
                up $name
                state_is $name up
        done
        for name in state resolv.conf resolv lock; do
                is "$(ctl exec $name cat /etc/resolv.conf)" 'nameserver 192.0.2.1' "/etc/resolv.conf of $name"
        done
        mkdir -p /run/vnet/resolv/{state,resolv}
        echo 'nameserver 192.0.2.53' > /run/vnet/resolv/state/resolv.conf
        is "$(ctl exec state cat /etc/resolv.conf)" 'nameserver 192.0.2.53'
        is "$(ctl exec resolv.conf cat /etc/resolv.conf)" 'nameserver 192.0.2.1'
        rm -r /run/vnet/resolv
        for name in state resolv.conf resolv lock users forwarding4 vnet; do down $name; done
        rm /etc/resolv.conf
}

# A thousand files and as many records are no reason to wait.
case_many() {
        site4
        up br0
        local i start
        for ((i = 1; i <= 1000; i++)); do
                printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.%d.%d/16\n' $((1 + i / 250)) $((1 + i % 250)) > "/etc/vnet/many$i.vnet"
        done
        up many1
        for ((i = 2; i <= 1000; i++)); do
                sed "s/many1\b/many$i/g; s,172\.18\.1\.2/,172.18.$((1 + i / 250)).$((1 + i % 250))/," /run/vnet/state/many1 > "/run/vnet/state/many$i"
        done
        start=$(date +%s%N)
        ctl list --json=short > "$W/json"
        echo "$((($(date +%s%N) - start) / 1000000)) ms"
        # net0 and net1 are down, br0 and many1 up; the namespaces of the others are not there
        jq -e 'length == 1003 and (map(select(.state == "drifted")) | length == 999)' "$W/json"
        find /run/vnet/state -name 'many*' ! -name many1 -delete
}

run_cases "$@"
