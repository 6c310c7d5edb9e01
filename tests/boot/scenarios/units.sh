# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# units.sh: the life of the units: stop, restart and reload after whatever a user does in between; files that are refused;
# services that follow their namespace.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        want nginx.service
        printf '[Bridge]\nAddress=nonsense\n' > "$1/etc/vnet/bad.vnet"
        printf '[Namespace]\nServices=other.service\n[Install]\nWantedBy=\n' > "$1/etc/vnet/later.vnet"
        printf '[Unit]\nDescription=My own words\n[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\n' > "$1/etc/vnet/net2.vnet"
        printf '[Service]\nExecStart=/bin/sleep infinity\n' > "$1/etc/systemd/system/other.service"
}

scenario() {
        check refused-file refused_file
        check wanted-by wanted_by
        check restart restart
        check reload reload_unit
        check edited edited
        check deleted deleted
        check bridge-deleted bridge_deleted
        check namespace-deleted namespace_deleted
        check flushed flushed
        check process-inside process_inside
        check services-follow services_follow
        check failing-start failing_start
        check killed-start killed_start
        check timeout timeout
        check added-while-running added_while_running
        check hardening hardening
        check private-mounts private_mounts
        check daemon-reexec reexec
}

# Back to the site of the examples, all of it up
fresh() {
        # so many starts within some seconds: systemd counts them
        systemctl reset-failed 'vnet@*.service'
        systemctl start vnet.target vnet@br0 vnet@net0 vnet@net1 vnet@net2 nginx.service
        active vnet@br0 vnet@net0 vnet@net1 vnet@net2 nginx.service
        reaches net0 172.18.0.11 172.18.0.1
}
# net0 is gone and success was reported; the neighbours are well
net0_gone() {
        inactive vnet@net0
        is "$(systemctl show -P Result vnet@net0)" success Result
        gone at net0 true
        gone ip link show dev vn-net0
        [ ! -e /run/vnet/state/net0 ] || fail 'a record is left'
        if nft list ruleset | has 8080; then fail 'the port is left'; fi
        active vnet@net1 vnet@net2
        reaches net1 172.18.0.12 172.18.0.1 198.51.100.2
}

refused_file() {
        [ ! -e /run/netns/bad ]
        local rc=0
        systemctl start vnet@bad 2> /dev/null || rc=$?
        [ $rc -ne 0 ] || fail 'vnet@bad started'
        logged vnet@bad.service '/etc/vnet/bad.vnet:2'
        # the others came up all the same, and the log of the boot knows it
        active vnet@net0 vnet@net1
        journal_says 'bad.vnet:2'
        systemctl reset-failed vnet@bad
        systemctl start vnet@nobody 2> /dev/null && fail 'vnet@nobody started'
        logged vnet@nobody.service 'nobody'
        systemctl reset-failed vnet@nobody
}

wanted_by() {
        inactive vnet@later other.service
        is "$(systemctl show -P Description vnet@net2)" 'My own words'
        # a service pulls its namespace in
        systemctl start other.service
        active vnet@later
        lives_in other.service later
        systemctl stop vnet@later
        inactive other.service
}

restart() {
        # it keeps the old namespace, and with that its inode, which the next one would get otherwise
        sleeper_in net0
        systemctl restart vnet@net0
        active vnet@net0
        if is_in "$SLEEPER" net0; then fail 'the namespace is the same'; fi
        kill "$SLEEPER"
        fresh
}

reload_unit() {
        local old
        old=$(stat -L -c %i /run/netns/net0)
        sed -i 's/8080:80/8081:80/; s/172.18.0.10/172.18.0.20/' /etc/vnet/net0.vnet
        is "$(systemctl show -P NeedDaemonReload vnet@net0)" yes NeedDaemonReload
        systemctl daemon-reload
        systemctl reload vnet@net0
        is "$(stat -L -c %i /run/netns/net0)" "$old" 'the namespace'
        reaches host 172.18.0.20
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8081 net0
        sed -i 's/8081:80/8080:80/; s/172.18.0.20/172.18.0.10/' /etc/vnet/net0.vnet
        systemctl daemon-reload
        systemctl reload vnet@net0
        answers outside tcp 198.51.100.1 8080 net0
        # a reload that cannot be: the unit stays up as it was
        cp /etc/vnet/net0.vnet "$W/good"
        echo 'HostName=quite-other' >> /etc/vnet/net0.vnet
        systemctl daemon-reload
        systemctl reload vnet@net0 2> /dev/null && fail 'reload of what needs a restart'
        active vnet@net0
        logged vnet@net0.service restart
        cp "$W/good" /etc/vnet/net0.vnet
        systemctl daemon-reload
        answers outside tcp 198.51.100.1 8080 net0
}

edited() {
        fresh
        cp /etc/vnet/net0.vnet "$W/good"
        printf '[Namespace]\nName=quite-another\n[Link]\nName=x\nHostName=y\nAddress=10.0.0.1/8\n' > /etc/vnet/net0.vnet
        systemctl stop vnet@net0
        net0_gone
        cp "$W/good" /etc/vnet/net0.vnet
}

deleted() {
        systemctl daemon-reload
        fresh
        cp /etc/vnet/net0.vnet "$W/good"
        rm /etc/vnet/net0.vnet
        systemctl daemon-reload
        active vnet@net0
        systemctl stop vnet@net0
        net0_gone
        cp "$W/good" /etc/vnet/net0.vnet
        systemctl daemon-reload
}

bridge_deleted() {
        fresh
        ip link del br0
        systemctl stop vnet@br0
        inactive vnet@br0 vnet@net0 vnet@net1
        is "$(systemctl show -P Result vnet@br0)" success Result
        gone ip link show dev vn-net0
        fresh
}

namespace_deleted() {
        fresh
        ip netns del net0
        systemctl stop vnet@net0
        net0_gone
}

flushed() {
        fresh
        nft flush ruleset
        systemctl stop vnet@net0
        net0_gone_without_rules
        systemctl restart vnet@br0
}
# the neighbours' rules are flushed too: they reach each other all the same
net0_gone_without_rules() {
        inactive vnet@net0
        is "$(systemctl show -P Result vnet@net0)" success Result
        gone at net0 true
        reaches net1 172.18.0.12 172.18.0.1
}

process_inside() {
        fresh
        sleeper_in net0
        systemctl stop vnet@net0
        net0_gone
        kill -0 "$SLEEPER"
        systemctl start vnet@net0
        reaches net0 172.18.0.11 198.51.100.2
        kill "$SLEEPER"
}

services_follow() {
        fresh
        local old
        old=$(systemctl show -P MainPID nginx.service)
        systemctl restart vnet@net1
        eventually active nginx.service
        [ "$(systemctl show -P MainPID nginx.service)" != "$old" ] || fail 'the service was not restarted'
        lives_in nginx.service net1
        systemctl stop vnet@net1
        inactive nginx.service
        systemctl start nginx.service
        active vnet@net1
        # a reload does not touch it
        old=$(systemctl show -P MainPID nginx.service)
        systemctl reload vnet@net1
        is "$(systemctl show -P MainPID nginx.service)" "$old" 'its process after a reload'
}

failing_start() {
        fresh
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.40/16\nRoute=fd01::/64 src fe80::99\n' > /etc/vnet/odd.vnet
        systemctl daemon-reload
        snapshot "$W/before"
        systemctl start vnet@odd 2> /dev/null && fail 'vnet@odd started'
        same "$W/before" 'the machine before and after'
        eventually journal_says 'route to fd01::/64' _SYSTEMD_UNIT=vnet@odd.service || fail 'not a word about the route'
        is "$(journalctl -b -q --no-pager -o cat _SYSTEMD_UNIT=vnet@odd.service | grep -c 'route to fd01::/64')" 1 'lines in the journal'
        is "$(journalctl -b -q --no-pager -o json _SYSTEMD_UNIT=vnet@odd.service | jq -r 'select(.MESSAGE | test("route to fd01::/64")) | .VNET' | head -1)" odd 'journal field VNET='
        systemctl reset-failed vnet@odd
        rm /etc/vnet/odd.vnet
        systemctl daemon-reload
}

is_state() { [ "$(systemctl is-active "$1")" = "$2" ]; }
settled() { case $(systemctl is-active "$1") in *activating) return 1 ;; esac; }
# A start that hangs (its bridge does not come) and is killed: ExecStopPost= clears up.
killed_start() {
        printf '[Namespace]\n[Link]\nBridge=lan9\nAddress=172.18.0.40/16\n' > /etc/vnet/odd.vnet
        mkdir -p /etc/systemd/system/vnet@odd.service.d
        systemctl daemon-reload
        snapshot "$W/before"
        systemctl start --no-block vnet@odd
        eventually is_state vnet@odd activating
        systemctl kill --signal=KILL vnet@odd || true
        eventually settled vnet@odd
        same "$W/before" 'the machine before and after'
        systemctl reset-failed vnet@odd || true
        rm /etc/vnet/odd.vnet
        systemctl daemon-reload
}

# A start that takes longer than the unit allows, when all has been done and when it still waits
timeout() {
        printf '[Namespace]\nPublishPort=9090:90\n[Link]\nBridge=br0\nAddress=172.18.0.41/16\n' > /etc/vnet/slow.vnet
        printf '[Namespace]\n[Link]\nBridge=lan9\nAddress=172.18.0.40/16\n' > /etc/vnet/slower.vnet
        local u helper
        helper=$(systemctl show -P ExecStart vnet@slow | grep -oE '/[^ ;]*vnet-helper' | head -n 1)
        mkdir -p /etc/systemd/system/vnet@slow.service.d /etc/systemd/system/vnet@slower.service.d
        printf '[Service]\nTimeoutStartSec=1\nExecStart=\nExecStart=%s up %%i\nExecStart=/bin/sleep 60\n' "$helper" \
                > /etc/systemd/system/vnet@slow.service.d/slow.conf
        printf '[Service]\nTimeoutStartSec=1\n' > /etc/systemd/system/vnet@slower.service.d/slow.conf
        systemctl daemon-reload
        snapshot "$W/before"
        for u in slow slower; do
                systemctl start vnet@$u 2> /dev/null && fail "vnet@$u started"
                is "$(systemctl show -P Result vnet@$u)" timeout "Result of vnet@$u"
                same "$W/before" 'the machine before and after'
        done
        rm -r /etc/systemd/system/vnet@slow{,er}.service.d /etc/vnet/slow{,er}.vnet
        systemctl daemon-reload
        systemctl reset-failed vnet@slow vnet@slower || true
}

added_while_running() {
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.50/16\n' > /etc/vnet/net5.vnet
        systemctl daemon-reload
        systemctl start vnet@net5
        reaches net1 172.18.0.50
        systemctl stop vnet@net5
        rm /etc/vnet/net5.vnet
        systemctl daemon-reload
}

# The namespace is there for everybody: no setting of the unit made a mount namespace for the helper.
hardening() {
        fresh
        is "$(stat -f -c %T /run/netns/net0)" nsfs
        systemd-analyze verify --man=no vnet@net0.service vnet.target vnet-restore.service 2>&1 | grep vnet && fail 'systemd-analyze verify'
        systemd-analyze security --no-pager vnet@net0.service | tail -n 1
        # only what was meant is in the generated directories
        is "$(find /run/systemd/generator* -name '*vnet*.service' -type f | wc -l)" 0 'generated unit files'
}

# An administrator's drop-in that makes a mount namespace: the start fails loudly instead of leaving a name for nothing.
private_mounts() {
        systemctl stop vnet@net0
        systemctl reset-failed 'vnet@*.service'
        mkdir -p /etc/systemd/system/vnet@net0.service.d
        printf '[Service]\nPrivateTmp=yes\n' > /etc/systemd/system/vnet@net0.service.d/tmp.conf
        systemctl daemon-reload
        snapshot "$W/before"
        local rc=0
        systemctl start vnet@net0 2> /dev/null || rc=$?
        rm -r /etc/systemd/system/vnet@net0.service.d
        systemctl daemon-reload
        if [ $rc = 0 ]; then
                systemctl restart vnet@net0
                fail 'vnet@net0 started with PrivateTmp=yes'
        fi
        systemctl reset-failed vnet@net0
        logged vnet@net0.service 'PrivateTmp'
        same "$W/before" 'the machine before and after'
        fresh
}

reexec() {
        systemctl daemon-reexec
        fresh
        systemctl stop vnet@net0
        net0_gone
}
