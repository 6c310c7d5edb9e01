# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
: "${WAY:=nft}" # iptables-legacy.sh has the other
PACKAGE=iptables-persistent
ROW="iptables-persistent ($WAY)"

its_files() { # ROOT
        local f
        for f in v4 v6; do
                printf '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n' > "$1/etc/iptables/rules.$f"
                printf -- '-A INPUT %s -j ACCEPT\n' '-m conntrack --ctstate ESTABLISHED,RELATED' '-i lo' '-p tcp --dport 22' \
                        >> "$1/etc/iptables/rules.$f"
                [ $f = v4 ] || echo '-A INPUT -p ipv6-icmp -j ACCEPT' >> "$1/etc/iptables/rules.$f"
                echo COMMIT >> "$1/etc/iptables/rules.$f"
        done
        for f in iptables ip6tables; do
                ln -sf "/usr/sbin/$f-$WAY" "$1/etc/alternatives/$f"
                ln -sf "/usr/sbin/$f-$WAY-save" "$1/etc/alternatives/$f-save"
                ln -sf "/usr/sbin/$f-$WAY-restore" "$1/etc/alternatives/$f-restore"
        done
}

its_start() { systemctl start netfilter-persistent; }
its_works() { host_is_closed; }
its_restart() { systemctl restart netfilter-persistent; }
its_reload() { netfilter-persistent reload; }
its_cure() {
        cp -a /etc/iptables /etc/iptables.ill
        local f
        for f in iptables ip6tables; do
                $f -I FORWARD -i br0 -j ACCEPT
                $f -I FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT
                $f -I INPUT -i br0 -j ACCEPT
        done
        netfilter-persistent save
}
its_illness() { cp -a /etc/iptables.ill/* /etc/iptables/; }
# A stop of its service leaves all as it is.
its_stop() {
        systemctl stop netfilter-persistent
        netfilter-persistent flush
}
