# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# site.sh: the networks that the suite faults starts, changes and stops. Together they use every kind of operation and every
# set of the nftables table; coverage.sh looks that it stays so.
#
#   namespace  the first user of everything: table, forwarding and /run/netns come and go with it. On somebody else's bridge
#   bridge     a bridge of ours, the first user too
#   second     a namespace on a bridge of ours, beside others that must not notice
# shellcheck disable=SC2086,SC2015,SC2020,SC2034 # words made here; TARGETS is read by who sources this

TARGETS='namespace bridge second'
declare -A NAME_OF=([namespace]=a-rather-long-name.of-a-namespace [bridge]=vbr0 [second]=net0)

# What is there before; the file for target $1
site_before() {
        host_before "$1"
        case $1 in
        second)
                { printf '[Bridge]\nAddress=172.21.0.1/16\nAddress=fd00:21::1/64\nIPMasquerade=ipv4\nIPv6ProxyNDP=up0\n'
                        if kernel_has_vlans; then echo VLANFiltering=yes; fi; } | file br0
                printf '[Namespace]\nPublishPort=7000:70\n[Link]\nBridge=br0\nAddress=172.21.0.11/16\nAddress=fd00:21::11/64\n' | file net1
                ups br0 net1
                # an answer that somebody else has switched on, and which stays
                ip -6 neigh add proxy fd00:21::12 dev up0
                ;;
        esac
        file_of "$1"
}
# Of other programs
host_before() {
        at outside ip route replace 172.16.0.0/12 via 198.51.100.1
        case $1 in
        namespace)
                # with a port that is up already: the kernel has routes that come with the first one and stay
                ip -batch - <<B
link add lan0 address 02:00:00:00:aa:01 type bridge
link set lan0 addrgenmode none
link add lan1 address 02:00:00:00:aa:02 type veth peer name lan2 address 02:00:00:00:aa:03
link set lan1 addrgenmode none
link set lan2 addrgenmode none
link set lan1 master lan0
addr add 172.18.0.1/16 dev lan0
addr add fd00:18::1/64 dev lan0 nodad
link set lan0 up
link set lan1 up
link set lan2 up
B
                ;;
        bridge)
                # one that is down and one that is not, as they are to be again
                ip -batch - <<B
link add upl0 address 02:00:00:00:aa:04 type veth peer name wall0 address 02:00:00:00:aa:05
link add upl1 address 02:00:00:00:aa:06 type veth peer name wall1 address 02:00:00:00:aa:07
link set upl1 addrgenmode none
link set upl0 addrgenmode none
link set upl0 up
link set upl0 down
link set upl1 up
B
                ;;
        esac
}

# Takes away what host_before() made, of whichever target
host_after() {
        local l
        for l in lan0 lan1 upl0 upl1; do
                if [ -e "/sys/class/net/$l" ]; then ip link del "$l"; fi
        done
        ip -6 neigh del proxy fd00:21::12 dev up0 2> /dev/null || true
}

# Some of each kind that a reload may make, change and take away differs from the first to the second.
file_of() { "first_$1" | file "${NAME_OF[$1]}"; }
other_file_of() { "other_$1" | file "${NAME_OF[$1]}"; }

first_namespace() {
        cat <<'F'
[Namespace]
PublishPort=8080:80
PublishPort=9000-9009:9000-9009/udp
PublishPort=7000-7002:80-82
PublishPort=198.51.100.1:8443:443
PublishPort=[2001:db8::1]:8443:443
Sysctl=net.ipv4.ip_default_ttl=77
Sysctl=net.ipv6.conf.eth2.dad_transmits=0
IPv4Forwarding=yes
IPv6Forwarding=yes
[Link]
Bridge=lan0
Isolated=yes
HairPin=yes
AntiSpoof=yes
TransmitQueueLength=500
AllMulticast=yes
Promiscuous=yes
Address=172.18.0.10/16
Address=fd00:18::10/64
Gateway=172.18.0.1
Gateway=fd00:18::1
Route=10.1.0.0/16 via 172.18.0.99 metric 5 mtu 1400
Route=10.2.0.0/16 nexthop via 172.18.0.98 weight 2 nexthop via 172.18.0.99
Route=blackhole 10.3.0.0/16
Route=10.6.0.0/16 via 172.18.0.99 src 172.18.0.10
Route=fd00:aa::/64 via fd00:18::99 table 100
Rule=from 172.18.0.10 table 100
Rule=inet6 fwmark 0x1/0xff table 100 priority 500
Rule=to 10.6.0.0/16 iif eth1 table 100
Rule=not to 10.5.0.0/16 oif eth0 ipproto tcp sport 1000-2000 dport 443-444 uidrange 1000-2000 table 100 suppress_prefixlength 1 priority 501
Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99
Neighbor=fd00:18::99 lladdr 02:00:00:00:00:99
[Link]
Kind=veth
MTUBytes=1400
MACAddress=02:00:00:00:bb:01
HostMACAddress=02:00:00:00:bb:02
IPv6AcceptRA=yes
Address=10.9.0.2/30
Address=fd00:9::2/64
HostAddress=10.9.0.1/30
HostAddress=fd00:9::1/64
IPMasquerade=both
[Link]
HostName=ptp0
ARP=no
RateIn=10M
RateOut=20M burst 64K
DuplicateAddressDetection=yes
Address=10.10.0.2/32 peer 10.10.0.1
Address=fd00:10::2/64
HostAddress=10.10.0.1/32 peer 10.10.0.2
Gateway=no
[Link]
Kind=macvlan
Parent=lan0
Mode=private
Inbound=80 53/udp
MTUBytes=1400
Address=10.12.0.2/24
[Link]
Name=mt0
Kind=macvtap
Parent=lan0
Mode=bridge
MTUBytes=1400
MACAddress=02:00:00:00:bb:05
[Link]
Name=inner
Kind=bridge
MTUBytes=1400
Address=10.13.0.1/24
[Link]
Name=vpn0
Kind=tun
User=1234
Group=1234
MultiQueue=yes
MTUBytes=1400
Address=10.14.0.1/24
Address=fd00:14::1/64
[Link]
Name=vm0
Kind=tap
User=1234
Group=1234
MultiQueue=yes
MTUBytes=1400
Master=inner
[Link]
Name=port0
Master=inner
[Link]
Name=vx0
Kind=vxlan
VNI=70
Parent=lan0
Local=172.18.0.1
Remote=172.18.0.70
Group=239.1.1.1
DestinationPort=4790
Learning=no
MTUBytes=1400
Address=10.14.0.2/24
[Link]
Name=lo
Address=10.99.0.1/32
F
        if kernel_has_vrf; then
                printf '%s\n' '[Link]' Name=red Kind=vrf Table=101 MTUBytes=1400 '[Link]' Name=red0 Master=red Address=10.15.0.2/24
        fi
        if kernel_has_8021q; then printf '[Link]\nName=v10\nKind=vlan\nParent=lan0\nId=10\nMTUBytes=1400\n'; fi
        if kernel_has_ipvlan; then printf '[Link]\nName=ipv0\nKind=ipvlan\nParent=lan2\nMode=l2\nMTUBytes=1400\n'; fi
        if kernel_has_dummy; then printf '[Link]\nName=dum\nKind=dummy\nMTUBytes=1400\n'; fi
}
kernel_has_dummy() {
        ip link add vtest0 type dummy 2> /dev/null || return 1
        ip link del vtest0
}
kernel_has_vrf() {
        ip link add vtest0 type vrf table 10 2> /dev/null || return 1
        ip link del vtest0
}
kernel_has_8021q() { kernel_has_over vlan id 4094; }
kernel_has_ipvlan() { kernel_has_over ipvlan; }
kernel_has_over() { # TYPE...
        local rc=0
        ip link add vtest1 type bridge
        ip link add vtest0 link vtest1 type "$@" 2> /dev/null || rc=1
        ip link del vtest1
        return $rc
}
other_namespace() {
        first_namespace | sed -e 's/^PublishPort=8080:80/PublishPort=8081:80/' -e '/^PublishPort=7000/d' -e '/8443/d' -e 's/=77$/=78/' \
                -e '/^Isolated/d' -e 's/QueueLength=500/QueueLength=600/' -e '/^AllMulticast/d' -e 's/metric 5/metric 6/' -e 's/^Inbound=80/Inbound=81/' -e '/^Route=10.2/d' \
                -e '/^Route=blackhole/s/.*/Route=blackhole 10.4.0.0\/16\nRoute=10.5.0.0\/16 nexthop via 172.18.0.98 nexthop via 172.18.0.99/' \
                -e '/^Rule=from/s/.*/Rule=from 172.18.0.10 table 101/' -e 's/:99$/:98/' -e 's/^Address=172.18.0.10.*/&\nAddress=172.18.0.12\/16/' \
                -e 's/^Remote=.*/Remote=172.18.0.71/' -e '/^Learning/d' -e '/^Address=10.99/d' -e 's/^RateIn=10M/RateIn=12M/' -e '/^RateOut/d' -e 's/^IPMasquerade=both/IPMasquerade=ipv4/' -e 's/^Name=lo/&\nAddress=10.99.0.2\/32/'
}

first_bridge() {
        cat <<'F'
[Bridge]
Name=lan-vbr0
MACAddress=02:00:00:00:bb:03
Address=172.20.0.1/16
Address=fd00:20::1/64
MTUBytes=1450
IPMasquerade=both
SNATAddress=198.51.100.1
SNATAddress=2001:db8::1
Inbound=any
AllowFrom=vbr1 vbr2
HostAccess=no
Outbound=up0 vbr1
Uplink=upl0 upl1
IPv6ProxyNDP=up0
STP=no
ForwardDelaySec=4
AgeingTimeSec=60
F
        if kernel_has_vlans; then printf '%s\n' VLANFiltering=yes 'UplinkVLAN=1 20-30'; fi
        if kernel_has_8021q; then echo Uplink=up0.77; fi
}
# CONFIG_BRIDGE_VLAN_FILTERING
kernel_has_vlans() {
        ip link add vtest0 type bridge vlan_filtering 1 2> /dev/null || return 1
        ip link del vtest0
}
# with settings that the first lacks, which a failure has to take back
other_bridge() {
        printf '%s\n' '[Bridge]' Name=lan-vbr0 MACAddress=02:00:00:00:bb:03 Address=172.20.0.1/16 Address=172.22.0.1/24 Address=fd00:20::1/64 \
                MTUBytes=1440 Internal=yes AgeingTimeSec=90 MulticastSnooping=no
        if kernel_has_vlans; then echo DefaultPVID=2; fi
}

first_second() {
        cat <<F
[Namespace]
Name=inside
PublishPort=8080:80
PublishPort=7100:71
PublishPort=9000-9009:9000-9009
[Link]
Bridge=br0
Isolated=yes
$(if kernel_has_vlans; then printf 'VLAN=1\nVLANTrunk=20-30'; fi)
Address=172.21.0.10/16
Address=fd00:21::10/64
Address=fd00:21::12/64
[Link]
Address=10.9.0.2/30
Address=fd00:9::2/64
HostAddress=10.9.0.1/30
HostAddress=fd00:9::1/64
IPMasquerade=both
[Link]
Name=cable0
PeerNamespace=net1
PeerName=cable1
Address=10.14.0.1/24
Address=fd00:14::1/64
HostAddress=10.14.0.2/24
[Link]
Name=over0
Kind=macvlan
Parent=eth0
ParentNamespace=net1
Address=10.15.0.1/24
F
}
other_second() { first_second | sed -e 's/8080:80/8081:80/' -e 's/=20-30/=20-31/' -e 's/7100:71/7100:72/' -e '/^Isolated/d' -e 's/=both/=ipv4/' -e 's/^Address=10.14.*/&\nAddress=10.14.0.3\/24/' \
        -e 's/^HostAddress=10.14.*/&\nHostAddress=10.14.0.4\/24/'; }
