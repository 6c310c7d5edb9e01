# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shutdown.sh: at poweroff each namespace is still there while its unit stops, although systemd knows the name below
# /run/netns as a mount that it may unmount at any time; the service in it stops before. A slow stop shows it.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        want nginx.service
        mkdir -p "$1"/etc/systemd/system/{vnet@.service.d,nginx.service.d}
        local stop
        stop=$(sed -n 's/^ExecStop=//p' "$1"/lib/systemd/system/vnet@.service | head -n 1)
        # what is said here must not go to /out, which is unmounted meanwhile
        cat > "$1/etc/systemd/system/vnet@.service.d/slow.conf" <<U
[Service]
ExecStop=
ExecStop=/bin/sh -c 'sleep .4; case %i in br0) ip link show dev br0 > /dev/null ;; *) nsenter --net=/run/netns/%i true ;; esac && echo "%i still there" >> /after/stop.log || echo "%i GONE" >> /after/stop.log'
${stop:+ExecStop=$stop}
ExecStopPost=/bin/sh -c 'echo "%i stopped \$SERVICE_RESULT" >> /after/stop.log; { ip -o link; ls /run/netns; nft list ruleset; } > /after/left-%i 2>&1'
U
        printf '[Service]\nExecStopPost=+/bin/sh -c "echo web stopped >> /after/stop.log"\n' > "$1/etc/systemd/system/nginx.service.d/say.conf"
}

scenario() { check booted active_all; }
active_all() { active vnet@br0 vnet@net0 vnet@net1 nginx.service; reaches net0 172.18.0.11; }

afterwards() { # OUTDIR
        local log=$1/after/stop.log bad=0 n
        say() { if [ "$1" = 0 ]; then echo "ok boot/shutdown/$2"; else echo "FAIL boot/shutdown/$2"; bad=1; fi; }
        for n in net0 net1 br0; do
                grep -q "^$n still there" "$log"
                say $? "$n-still-there"
                grep -q "^$n stopped success" "$log"
                say $? "$n-stopped"
        done
        # the service first, then its namespace, then the bridge
        first() { [ "$(grep -nE "^$1" "$log" | cut -d: -f1)" -lt "$(grep -nE "^$2" "$log" | cut -d: -f1)" ]; }
        first 'web stopped' 'net1 still'
        say $? service-before-namespace
        first 'net1 stopped' 'br0 still'
        say $? namespace-before-bridge
        if grep -E 'vn-|br0|table inet vnet|^net' "$1/after/left-br0"; then say 1 nothing-left; else say 0 nothing-left; fi
        [ $bad = 0 ] || sed 's/^/    | /' "$log"
        return $bad
}
