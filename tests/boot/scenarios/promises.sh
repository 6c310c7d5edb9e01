# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# promises.sh: what vnet@.service(8) promises of the units: what systemd knows of order, dependencies and time, and what the
# sandbox forbids, tried by a stand-in for the helper.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        # another name inside, as a field of the journal shows
        printf '[Namespace]\nName=other-name\n[Link]\nBridge=br0\nAddress=172.18.0.40/16\nRoute=fd01::/64 src fe80::99\n[Install]\nWantedBy=\n' \
                > "$1/etc/vnet/odd.vnet"
        cc -static -O1 -D_GNU_SOURCE -I"$2/lib/config" -I"$2/tools/helper" -o "$1/vt/attempts" "$2/tests/lib/attempts.c" "$2/tools/helper/sandbox.c"
}

scenario() {
        check order order
        check order-of-boot order_of_boot
        check times times
        check journal-fields journal_fields
        check no-mount-namespace no_mount_namespace
        check sandbox sandbox
        check sandbox-of-restore sandbox_of_restore
        check sandbox-of-the-helper sandbox_of_the_helper
        check filters-of-systemd filters_of_systemd
        check stop-of-the-target stop_of_the_target
        check restart-of-the-targets restart_of_the_targets
        check enable-and-disable enable_and_disable
}

show() { systemctl show -P "$2" "$1"; }           # UNIT PROPERTY
names() { show "$1" "$2" | tr ' ' '\n' > "$W/names"; } # UNIT PROPERTY
lists() { # UNIT PROPERTY NAME…: all of them
        local u=$1 p=$2 n
        shift 2
        names "$u" "$p"
        for n; do has -x -F -- "$n" "$W/names" || fail "$p= of $u lacks $n: $(xargs < "$W/names")"; done
}

order() {
        local u
        for u in vnet@net0.service vnet@br0.service; do
                lists $u After sysinit.target local-fs.target network-pre.target vnet-begin.target systemd-sysctl.service systemd-modules-load.service \
                        systemd-udevd.service nftables.service firewalld.service ufw.service
                lists $u Before vnet.target network.target shutdown.target
                lists $u Requires sysinit.target
                lists $u Conflicts shutdown.target
                lists $u StopPropagatedFrom vnet-begin.target
                names $u PartOf
                if grep . "$W/names"; then fail "a restart restarts $u"; fi
                lists $u WantedBy vnet.target
                # it does not wait for any uplink
                names $u After
                if grep -E '^(network|network-online|basic)\.target$' "$W/names"; then fail "order of $u"; fi
        done
        lists vnet@net0.service Requires vnet@br0.service
        lists vnet@net0.service After vnet@br0.service
        lists nginx.service BindsTo vnet@net1.service
        lists nginx.service After vnet@net1.service
        lists vnet.target Before network.target shutdown.target
        lists vnet.target Conflicts shutdown.target
        lists vnet.target Wants vnet-begin.target
        lists vnet-begin.target Before vnet.target shutdown.target
        lists vnet-begin.target Conflicts shutdown.target
        is "$(show vnet-begin.target DefaultDependencies)" no
        lists multi-user.target Wants vnet.target # asked this way round: newer versions show only who is loaded
        is "$(show vnet.target DefaultDependencies)" no
        lists vnet-restore.service After nftables.service firewalld.service netfilter-persistent.service ufw.service docker.service
        names vnet-restore.service PartOf
        has -x nftables.service "$W/names" && fail 'a restart of nftables.service would stop vnet-restore.service'
        is "$(show vnet-restore.service RemainAfterExit)" no
}

# As it came: bridges, namespaces, vnet.target, network.target
order_of_boot() {
        active vnet@br0 vnet@net0 vnet@net1 vnet-begin.target vnet.target network.target
        entered vnet-begin.target vnet@br0.service
        entered sysinit.target vnet@br0.service
        entered network-pre.target vnet@br0.service
        entered vnet@br0.service vnet@net0.service
        entered vnet@net0.service vnet.target
        entered vnet@net1.service vnet.target
        entered vnet.target network.target
}
entered() { # FIRST THEN
        local a b
        a=$(show "$1" ActiveEnterTimestampMonotonic) b=$(show "$2" ActiveEnterTimestampMonotonic)
        if [ "$a" -eq 0 ] || [ "$a" -gt "$b" ]; then fail "$2 was there before $1: $b, $a"; fi
}

times() {
        local u=vnet@net0.service
        is "$(show $u Type) $(show $u RemainAfterExit) $(show $u DefaultDependencies)" 'oneshot yes no'
        is "$(show $u TimeoutStartUSec) $(show $u TimeoutStopUSec)" '3min 1min 30s'
        is "$(show vnet-restore.service TimeoutStartUSec)" 3min
        is "$(show $u StartLimitIntervalUSec)" 0
        is "$(show $u MainPID)" 0
        show $u ExecStart | has -E 'vnet-helper up net0 ;'
        show $u ExecReload | has -E 'vnet-helper reload net0 ;'
        show $u ExecStopPost | has -E 'vnet-helper down net0 ;'
        is "$(show $u ExecStop)" ''
        # more often than systemd lets others
        for _ in 1 2 3 4 5 6 7; do systemctl restart $u; done
        active $u
}

# The number that the manual gives is that of the journal.
journal_fields() {
        local id
        id=$(grep -ohE 'MESSAGE_ID=[0-9a-f]{32}' /usr/share/man/man8/vnet@.service.8 | sort -u)
        is "$(wc -l <<< "$id")" 1 'numbers in the manual'
        systemctl start vnet@odd 2> /dev/null && fail 'vnet@odd started'
        eventually journal_says 'route to fd01::/64' "$id" VNET=odd || true
        journalctl -b -q --no-pager -o json "$id" VNET=odd NETNS=other-name |
                jq -e -s 'map(select(.MESSAGE | test("route to fd01::/64"))) | length == 1 and .[0].PRIORITY == "3"' > /dev/null ||
                fail "no line of odd with $id and NETNS=other-name"
        systemctl reset-failed vnet@odd
}

# Each of these would hide the namespace from everybody else.
no_mount_namespace() {
        local p
        for p in PrivateTmp PrivateDevices PrivateMounts ProtectHome ProtectSystem ProtectKernelTunables ProtectKernelModules \
                ProtectKernelLogs ProtectControlGroups; do
                is "$(show vnet@net0.service $p)" no $p
        done
        for p in ReadOnlyPaths InaccessiblePaths ReadWritePaths BindPaths TemporaryFileSystem RootDirectory IPAddressDeny; do
                is "$(show vnet@net0.service $p)" '' $p
        done
        is "$(stat -f -c %T /run/netns/net0)" nsfs
}

# What the stand-in tries its hand at
scratch() {
        rm -rf "$W"/scratch*
        echo > "$W"/scratch
        echo > "$W"/scratch.other
        chown 1 "$W"/scratch.other
        chmod 600 "$W"/scratch.other
}
stand_in() { # UNIT VERB FILE: it runs in place of the helper, and what it says is in FILE
        mkdir -p "/etc/systemd/system/$1.d"
        printf '[Service]\nExecStart=\nExecStart=/vt/attempts %s\nExecStopPost=\nStandardOutput=truncate:%s\n' "$2" "$3" > "/etc/systemd/system/$1.d/stand-in.conf"
        scratch
        systemctl daemon-reload
        systemctl restart "$1"
        rm -r "/etc/systemd/system/$1.d"
        systemctl daemon-reload
        if mountpoint -q "$W"/scratch; then umount "$W"/scratch; fi
        cat "$3"
        has -x end "$3" || fail 'it did not come to its end'
}
allows() { # FILE ATTEMPT…: these and no others
        local got
        got=$(sed -n 's/ yes$//p' "$1" | xargs)
        shift
        is "$got" "$*" 'what the sandbox allows'
}
status() { # FILE CAPABILITIES
        is "$(sed -n 's/^Cap\(Bnd\|Eff\|Prm\):\t//p' "$1" | sort -u)" "$2" capabilities
        is "$(sed -n 's/^Umask:\t//p' "$1")" 0022 umask
        is "$(sed -n 's/^NoNewPrivs:\t//p' "$1")" 1 'no new privileges'
}

sandbox() {
        local u
        # all of them can be done where nothing forbids it, so that a "no" says something
        scratch
        /vt/attempts > "$W"/free 2>&1 < /dev/null || true
        for u in inet inet6 local packet trace set_hostname writable_code code_from_data new_mounts new_uts new_ipc new_user enter_uts enter_any setuid_file setuid_open_file give_file_away others_file \
                start_process start_program send_signal signal_by_file symbolic_link group_directory code_of_a_file new_file_system \
                other_flags connect_elsewhere become_user; do
                has -x "$u yes" "$W"/free || fail "$u does not work without a sandbox either: $(grep "^$u" "$W"/free)"
        done
        hostname vtest
        umount "$W"/scratch
        # a device is a file of root's, and the machine of the test has one: "device"
        stand_in vnet@stand-in.service up "$W"/sandbox
        allows "$W"/sandbox netlink write_state signal_itself bind_mount unmount enter_net device new_net
        status "$W"/sandbox 0000000000201000 # CAP_NET_ADMIN and CAP_SYS_ADMIN
        stand_in vnet@stand-in.service reload "$W"/sandbox
        allows "$W"/sandbox netlink write_state signal_itself enter_net device
        stand_in vnet@stand-in.service down "$W"/sandbox
        allows "$W"/sandbox netlink write_state signal_itself unmount enter_net device
        is "$(show vnet@net0.service KeyringMode)" private
}

sandbox_of_restore() {
        stand_in vnet-restore.service restore "$W"/sandbox
        status "$W"/sandbox 0000000000001000 # CAP_NET_ADMIN
        allows "$W"/sandbox netlink write_state signal_itself device
        systemctl restart vnet-restore.service
}

# The program of the unit is in it, not only the stand-in: one that waits says so itself.
sandbox_of_the_helper() {
        printf '[Namespace]\n[Link]\nBridge=lan9\nAddress=172.18.0.41/16\n[Install]\nWantedBy=\n' > /etc/vnet/waits.vnet
        systemctl daemon-reload
        systemctl start --no-block vnet@waits
        eventually has_filter vnet@waits
        systemctl stop vnet@waits
        rm /etc/vnet/waits.vnet
        systemctl daemon-reload
        systemctl reset-failed vnet@waits || true
}
# A container may have a filter for all of it: then the first word is true of systemd's own child too, before it becomes the helper.
has_filter() { is "$(sed -n 's/^\(NoNewPrivs\|Seccomp\):\t//p' "/proc/$(show "$1" MainPID)/status" | xargs)" '1 2'; }

# What the manual gives to those who want systemd's own filters too, and what it says of the points
filters_of_systemd() {
        local d=/etc/systemd/system/vnet@.service.d
        points 7.2
        mkdir -p $d
        sed -n '/^# .*filters.conf$/,/^\.Ed/p' /usr/share/man/man8/vnet@.service.8 | grep -v '^\.' | sed 's/\\-/-/g' > $d/filters.conf
        has ^SystemCallFilter= $d/filters.conf
        systemctl daemon-reload
        points 3.5
        systemctl restart vnet@net0
        reaches net0 172.18.0.11 172.18.0.1
        systemctl reload vnet@net0
        systemctl stop vnet@net0
        is "$(show vnet@net0 Result)" success Result
        rm -r $d
        systemctl daemon-reload
        systemctl start vnet@net0
}
# NUMBER, of systemd 252: others count otherwise
# shellcheck disable=SC2154 # version is that of inside.sh
points() {
        [ "$version" = 252 ] || return 0
        systemd-analyze security --no-pager vnet@net0.service | tail -n 1 | has -F " $1 "
}

# It stops the networks, and starts them.
stop_of_the_target() {
        systemctl start nginx.service
        systemctl stop vnet.target
        PATIENT=30 eventually inactive vnet@br0 vnet@net0 vnet@net1 nginx.service
        is "$(find /run/netns -mindepth 1)" '' 'namespaces'
        gone nft list table inet vnet
        systemctl start vnet.target
        active vnet@br0 vnet@net0 vnet@net1
        reaches net0 172.18.0.11 198.51.100.2
        # this one waits
        systemctl start nginx.service
        systemctl stop vnet-begin.target
        inactive vnet@br0 vnet@net0 vnet@net1 nginx.service
        is "$(find /run/netns -mindepth 1)" '' 'namespaces'
        # those too that vnet.target did not start
        systemctl stop vnet.target
        systemctl start vnet@net1
        systemctl stop vnet.target vnet-begin.target
        inactive vnet@br0 vnet@net1
        systemctl start vnet.target
        active vnet@br0 vnet@net0 vnet@net1 vnet-begin.target
}

# A restart of either target, as careless packages do it, leaves what is up as it is.
restart_of_the_targets() {
        local u before
        systemctl start nginx.service
        before="$(stat -L -c %i /run/netns/*) $(show nginx.service MainPID)"
        for u in restart try-restart reload-or-restart; do
                systemctl $u vnet.target
                if systemctl $u vnet.target vnet-begin.target vnet-restore.service > "$W/said" 2>&1; then fail "$u vnet-begin.target"; fi
                has 'vnet-begin.target.*refused' "$W/said" || fail "it says '$(cat "$W/said")'"
                is "$(stat -L -c %i /run/netns/*) $(show nginx.service MainPID)" "$before" "the namespaces and a service in one, after $u"
        done
        active vnet@br0 vnet@net0 vnet@net1 vnet.target vnet-begin.target
        reaches net0 172.18.0.11 198.51.100.2
}

# There is nothing to enable, and it is said.
enable_and_disable() {
        local u
        # the links of the generator
        is "$(systemctl is-enabled vnet.target vnet-restore.service | xargs)" 'enabled-runtime enabled-runtime'
        is "$(systemctl is-enabled vnet-begin.target)" static
        systemctl enable vnet.target > "$W/said" 2>&1 || true
        has 'no installation config' "$W/said"
        systemctl preset vnet.target vnet-restore.service > "$W/said" 2>&1 || true
        systemctl disable vnet.target > "$W/said" 2>&1 || true
        is "$(find /etc/systemd/system -name 'vnet*' ! -path '*/vtest.target.wants/*')" '' 'what was linked'
        systemctl daemon-reload
        lists multi-user.target Wants vnet.target
}
