# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# together.sh: 100 networks are started, stopped, restarted and reloaded at random, as fast as systemd takes the jobs, while
# it reads its units anew. What counts is where it ends: started, they are what a quiet start makes of them; stopped, nothing
# is left.

N=98 # and two bridges

prepare() { # ROOT TOP
        local i
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n' > "$1/etc/vnet/br0.vnet"
        printf '[Bridge]\nAddress=172.19.0.1/16\n' > "$1/etc/vnet/br1.vnet"
        for ((i = 1; i <= N; i++)); do
                {
                        echo '[Namespace]'
                        [ $((i % 2)) = 0 ] || echo "PublishPort=$((8000 + i)):80"
                        printf '[Link]\nBridge=br%s\nAddress=172.1%s.1.%s/16\n' $((i % 2)) $((8 + i % 2)) $i
                        [ $((i % 7)) != 0 ] || printf '[Link]\nAddress=10.9.%s.2/30\nHostAddress=10.9.%s.1/30\n' $i $i
                        [ $((i % 7)) != 0 ] || echo IPMasquerade=ipv4
                } > "$1/etc/vnet/n$i.vnet"
        done
}

scenario() {
        # shellcheck disable=SC2034 # of bash
        RANDOM=${SEED:=$((RANDOM + 1))}
        check quiet-start quiet_start
        check random random_jobs
        check ends-started ends_started
        check ends-stopped ends_stopped
}

units() { printf 'vnet@%s.service\n' br0 br1 $(seq -f 'n%g' $N); }
settled() { [ -z "$(systemctl list-jobs --no-legend 'vnet*')" ]; }
# What a network is to look like, whatever numbers the kernel gave it; of anycast routes it loses count
# Of our ports accept_ra is raised if they were there when forwarding came on, and else not: they never listen anyway.
picture() {
        snapshot "$1"
        sed -i -E -e '/ipv6\/conf\/vn-[^/]*\/accept_ra:/d' -e 's/ (inode|cookie)=[0-9]+|sum [0-9a-f]{16}$//g' -e '/"type":"anycast"/d' -e '/info_slave_data\.(id|no|designated_port):/d' \
                -e 's/\{"elem":\{"comment":"\(guard\)","val":"(vn-[^"]*|[0-9]+)"\}\},?//g; s/,\]/]/g' "$1"
}

quiet_start() {
        is "$(systemctl list-units --plain --no-legend --state=active 'vnet@*.service' | wc -l)" $((N + 2)) 'active units'
        picture "$W/quiet"
        stop_all
        snapshot "$W/stopped"
        is "$(nft list ruleset)" '' rules
}
random_jobs() {
        local all i end=$((SECONDS + 12)) latest=$((SECONDS + 90)) jobs=0 verb chosen
        mapfile -t all < <(units)
        echo "SEED=$SEED"
        # longer where the machine is slow
        while [ $SECONDS -lt $end ] || { [ $jobs -lt $((4 * N)) ] && [ $SECONDS -lt $latest ]; }; do
                verb=start
                case $((RANDOM % 10)) in 0 | 1 | 2) verb=stop ;; 3) verb=restart ;; 4 | 5) verb=reload ;; esac
                chosen=()
                for ((i = RANDOM % 12; i >= 0; i--)); do chosen+=("${all[RANDOM % ${#all[@]}]}"); done
                # a reload of what is not active is refused, and so is what is in the way of another job
                systemctl --no-block --quiet $verb "${chosen[@]}" 2> /dev/null || true
                jobs=$((jobs + ${#chosen[@]}))
                [ $((RANDOM % 25)) != 0 ] || systemctl daemon-reload
        done
        for ((i = 0; i < 300; i++)); do
                if settled; then break; fi
                sleep .1
        done
        echo "$jobs jobs"
        settled || fail "jobs that do not end: $(systemctl list-jobs --no-legend 'vnet*' | head -n 3 | xargs)"
        journalctl -b --no-pager -q -o cat -u 'vnet@*' > "$W/journal"
        ! grep -m 1 -E 'has held|did not end|timed out|core-dump|dumped|SEGV' "$W/journal" || fail 'a lock or a time ran out'
        [ "$(grep -cE 'Started|Reloaded|Finished' "$W/journal")" -gt $((2 * N)) ] || fail 'not much happened'
}
ends_started() {
        local all
        mapfile -t all < <(units)
        systemctl reset-failed 'vnet@*' 2> /dev/null || true
        systemctl start "${all[@]}"
        active "${all[@]}"
        # a namespace that lost its bridge and was not started since is on no bridge: reload brings it back
        systemctl reload "${all[@]}"
        picture "$W/now"
        diff -U0 "$W/quiet" "$W/now" | cut -c1-600 | head -n 25 || true
        cmp "$W/quiet" "$W/now"
        reaches n1 172.19.0.1
        reaches n2 172.18.0.1 198.51.100.2
}
ends_stopped() {
        stop_all
        is "$(systemctl list-units --plain --no-legend --state=active,failed 'vnet@*.service' | wc -l)" 0 'active or failed units'
        is "$(find /run/netns /run/vnet -mindepth 1 2> /dev/null | head -n 3 | xargs)" '' 'left below /run'
        same "$W/stopped" 'stopped before and after'
}
