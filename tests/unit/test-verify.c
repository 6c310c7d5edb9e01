/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What one file may not say as a whole: a row is the text of a file and all that is wrong with
 * it. */

#include "test.h"

#include <errno.h>

#include "load.h"
#include "util.h"

#define NS     "[Namespace]\n"
#define LINK   "[Link]\n"
#define WG     LINK "Kind=wireguard\nPrivateKeyFile=/k\n"
#define WG_1   LINK "Name=wg1\nKind=wireguard\nPrivateKeyFile=/k\n"
#define KEY_1  "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8="
#define KEY_2  "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define PEER_1 "[WireGuardPeer]\nPublicKey=" KEY_1 "\n"
#define PEER_2 "[WireGuardPeer]\nPublicKey=" KEY_2 "\n"

static const struct {
        const char *text;
        const char *wrong[3]; /* parts of messages; none: the file is good */
} cases[] = {
        { NS, { NULL } },
        { NS LINK, { NULL } },
        { NS LINK "Address=10.0.0.2/24\n" LINK "Address=10.1.0.2/24\n", { NULL } },
        /* addresses */
        { NS LINK "Address=10.0.0.2/24\nAddress=10.0.0.2/24\n",
          { ":4: Address: is the same as at" } },
        { NS LINK "Address=10.0.0.2/24\n" LINK "Address=10.0.0.2/16\n",
          { ":5: Address: is the same" } },
        { NS LINK "Address=fe80::1/64\n" LINK "Address=fe80::1/64\n", { NULL } },
        { NS LINK "Address=fe80::1/64\nAddress=fe80::1/64\n", { ":4: Address: is the same" } },
        { NS LINK "Address=10.0.0.2/24\nHostAddress=10.0.0.2/24\n",
          { ":4: HostAddress: is the same" } },
        { NS LINK "HostAddress=10.0.0.1/24\nHostAddress=10.0.0.1/24\n",
          { ":4: HostAddress: is the same" } },
        { NS LINK "Address=10.0.0.2/30\nHostAddress=10.0.0.1/30\nIPMasquerade=ipv4\n", { NULL } },
        /* MTU */
        { NS LINK "MTUBytes=1000\nAddress=10.0.0.2/24\n", { NULL } },
        { NS LINK "MTUBytes=1279\nAddress=fd00::2/64\n", { ":2: MTUBytes: 1279 is less" } },
        { NS LINK "MTUBytes=1000\nIPv6AcceptRA=yes\n", { "MTUBytes: 1000 is less" } },
        { "[Bridge]\nMTUBytes=1000\nAddress=fd00::1/64\n", { ":1: MTUBytes: 1000 is less" } },
        /* rates */
        { NS LINK "RateIn=1M burst 1514\nRateOut=1M\n", { NULL } },
        { NS LINK "RateIn=1M burst 1513\nRateOut=1M burst 1K\n",
          { ":3: RateIn: the burst of 1513 bytes holds no whole packet: with an MTU of 1500 it has "
            "to be 1514 or more",
            ":4: RateOut: the burst of 1024" } },
        { NS LINK "RateIn=1M burst 1014\nMTUBytes=1000\n", { NULL } },
        { NS LINK "Kind=dummy\nRateOut=1M\n", { NULL } },
        { NS LINK "Kind=dummy\nRateOut=1M burst 99\nRateIn=1M\n",
          { ":4: RateOut: the burst of 99", ":5: RateIn: does not go with Kind=dummy" } },
        { NS LINK "Name=lo\nRateOut=1M\n", { ":4: RateOut: is not for the loopback" } },
        /* kinds */
        { NS LINK "Kind=vlan\nParent=e0\nId=4094\n", { NULL } },
        { NS LINK "Kind=vlan\nParent=e0\n", { ":2: Id: is missing" } },
        { NS LINK "Kind=vlan\nId=7\n", { ":2: Parent: is missing" } },
        { NS LINK "Kind=macvlan\nParent=e0\nId=7\n", { ":5: Id: does not go with Kind=macvlan" } },
        { NS LINK "Kind=vlan\nParent=e0\nId=7\nMode=l2\n",
          { ":6: Mode: does not go with Kind=vlan" } },
        { NS LINK "Mode=l3\nParent=e0\nKind=macvlan\n",
          { ":3: Mode: 'l3' does not go with Kind=macvlan, which has private, vepa, bridge, passthru" } },
        { NS LINK "Mode=bridge\nParent=e0\nKind=ipvlan\n",
          { ":3: Mode: 'bridge' does not go with Kind=ipvlan, which has l2, l3, l3s" } },
        { NS LINK "Kind=ipvlan\nParent=e0\nMACAddress=02:00:00:00:00:01\n",
          { ":5: MACAddress: does not go with Kind=ipvlan, which has its parent's" } },
        { NS LINK "Kind=macvtap\nParent=e0\nMode=passthru\nMACAddress=02:00:00:00:00:01\n",
          { ":6: MACAddress: does not go with Kind=macvtap and Mode=passthru, which" } },
        { NS LINK "Kind=ipvlan\nParent=e0\n" LINK "Kind=ipvlan\nParent=e0\nMode=l3s\n",
          { ":7: Parent: 'e0' cannot carry this link beside the one at" } },
        { NS LINK "Kind=vlan\nParent=e0\nId=7\n" LINK "Kind=vlan\nParent=e0\nId=7\n",
          { ":9: Id: is the same as at" } },
        /* the first two are on the host's e0, the third on the link */
        { NS LINK "Kind=ipvlan\nParent=e0\n" LINK "Kind=ipvlan\nParent=e0\n" LINK "Name=e0\n" LINK
                  "Kind=ipvlan\nParent=e0\nMode=l3\n" LINK
                  "Name=v7\nKind=vlan\nParent=e0\nId=7\n" LINK "Kind=vlan\nParent=v7\nId=7\n",
          { NULL } },
        { NS LINK LINK "Kind=vlan\nParent=eth0\nId=7\n", { NULL } },
        /* gateways */
        { NS LINK "Address=10.0.0.2/24\nGateway=10.0.0.1\n", { NULL } },
        { NS LINK "Address=10.0.0.2/24\nGateway=10.0.1.1\n",
          { ":4: Gateway: 10.0.1.1 is not in a subnet" } },
        { NS LINK "Address=10.0.0.2/24\nGateway=fd00::1\n",
          { ":4: Gateway: link 'eth0' has no IPv6" } },
        { NS LINK "Address=fd00::2/64\nGateway=fe80::1\n", { NULL } },
        { NS LINK "Address=10.0.0.2/32\nGateway=10.0.0.1\n", { "10.0.0.1 is not in a subnet" } },
        { NS LINK "Address=10.0.0.2/32 peer 10.0.0.1\nGateway=10.0.0.1\n", { NULL } },
        { NS LINK "Address=10.0.0.2/32\nRoute=10.0.0.1\nGateway=10.0.0.1\n", { NULL } },
        { NS LINK "Address=10.0.0.2/32\nRoute=10.0.0.0/24 dev eth0\nGateway=10.0.0.1\n", { NULL } },
        { NS LINK "Address=10.0.0.2/32\nRoute=10.0.0.1 dev x\nGateway=10.0.0.1\n",
          { ":5: Gateway: 10.0.0.1 is not in a subnet", ":4: Route: there is no link 'x'" } },
        { NS LINK "Address=10.0.0.2/24\nGateway=10.0.0.255\n", { "is the broadcast address" } },
        { NS LINK "Address=10.0.0.2/31\nGateway=10.0.0.3\n", { NULL } },
        { NS LINK "Address=fd00::2/64\nGateway=fd00::2\n",
          { "fd00::2 is an address of the namespace itself" } },
        { NS LINK "IPv6AcceptRA=yes\nGateway=fd00::2\n", { NULL } },
        /* routes */
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.9.0.1\n",
          { ":4: Route: 10.9.0.1 is not in a subnet of link 'eth0'" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.9.0.1 onlink\n", { NULL } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.9.0.1\nRoute=10.9.0.0/16\n",
          { NULL } },
        { NS LINK
          "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.9.0.1\nRoute=10.9.0.0/16 table 9\n",
          { "is not in a subnet" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.9.0.1 table 9\n"
                  "Route=10.9.0.0/16 table 9\n",
          { NULL } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.9.0.1\n"
                  "Route=10.9.0.0/16 via 10.0.0.3\n",
          { "10.9.0.1 is not in a subnet" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.2.0.1 dev eth1\n" LINK
                  "Address=10.2.0.2/24\n",
          { NULL } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 via 10.2.0.1\n" LINK
                  "Address=10.2.0.2/24\n",
          { "10.2.0.1 is not in a subnet of link 'eth0'" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 nexthop via 10.0.0.3 nexthop via "
                  "10.0.0.4 dev eth7\n",
          { "there is no link 'eth7'" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 dev lo\n", { NULL } },
        { NS LINK "Address=fd00::2/64\nRoute=fd01::/64 via fe80::1\n", { NULL } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 src 10.0.0.3\n",
          { "the source 10.0.0.3 is no address" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 src 10.2.0.2\n" LINK
                  "Address=10.2.0.2/24\n",
          { NULL } },
        { NS LINK "IPv6AcceptRA=yes\nRoute=fd01::/64 src fd00::9\n", { NULL } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16\nRoute=10.1.0.0/16 via 10.0.0.3\n",
          { ":5: Route: there is a route to the same destination at" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16\nRoute=10.1.0.0/16 metric 5\n"
                  "Route=10.1.0.0/16 table 5\nRoute=blackhole 10.1.0.0/17\n",
          { NULL } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.1.0.0/16 table 254\n" LINK
                  "Route=blackhole 10.1.0.0/16\n",
          { ":6: Route: there is a route to the same" } },
        { NS LINK "Address=fd00::2/64\nRoute=fd01::/64\nRoute=fd01::/64 metric 1024\n",
          { ":5: Route: there is a route" } },
        { NS LINK "Address=10.0.0.2/24\nGateway=10.0.0.1\nRoute=default via 10.0.0.3\n",
          { ":5: Route: there is a route to the same destination at" } },
        { NS LINK "Address=10.0.0.2/24\nRoute=10.0.0.0/24\n",
          { ":4: Route: the route to the network of an Address= is there anyway" } },
        { NS LINK "Address=10.0.0.2/32 peer 10.0.0.1\nRoute=10.0.0.1\n", { "is there anyway" } },
        { NS LINK "Address=10.0.0.2/32\nAddress=fd00::2/64\nRoute=10.0.0.2\nRoute=fd00::/64\n",
          { NULL } },
        { NS LINK "Address=10.0.0.2/24\nAddress=10.0.0.3/24\n" LINK "Address=10.0.0.4/24\n",
          { NULL } },
        /* rules */
        { NS LINK "Rule=fwmark 1 table 5 priority 9\n" LINK "Rule=fwmark 1 table 5 priority 9\n",
          { ":5: Rule: is the same as at" } },
        { NS LINK "Rule=not oif x table 5 priority 9\nRule=not oif x table 5 priority 9\n",
          { ":4: Rule: is the same as at" } },
        /* which the kernel could not delete one by one: by "not" alone, or the second finds the first */
        { NS LINK
          "Rule=not from 10.0.0.0/8 table 5 priority 9\nRule=from 10.0.0.0/8 table 5 priority 9\n",
          { ":4: Rule: has the priority and the table of the rule at" } },
        { NS LINK
          "Rule=dport 53 ipproto udp table 5 priority 9\nRule=ipproto udp table 5 priority 9\n",
          { ":4: Rule: has the priority and the table of the rule at" } },
        { NS LINK "Rule=table 5 priority 9\nRule=table 5 priority 9 suppress_prefixlength 0\n",
          { ":4: Rule: has the priority and the table of the rule at" } },
        { NS LINK "Rule=dport 53 table 5 priority 9\nRule=dport 53-54 table 5 priority 9\n"
                  "Rule=sport 53 table 5 priority 9\nRule=ipproto tcp table 5 priority 9\n"
                  "Rule=uidrange 1-2 table 5 priority 9\nRule=uidrange 1-3 table 5 priority 9\n"
                  "Rule=oif x table 5 priority 9\nRule=iif x table 5 priority 9\n"
                  "Rule=inet6 table 5 priority 9\nRule=ipproto udp table 5 priority 9\n"
                  "Rule=dport 53 table 5\nRule=not dport 53 table 5\nRule=table 5\n",
          { NULL } },
        { NS LINK "Rule=fwmark 1 table 5 priority 9\nRule=fwmark 2 table 5 priority 9\n"
                  "Rule=fwmark 1/7 table 5 priority 9\nRule=fwmark 1 table 5 priority 8\n"
                  "Rule=fwmark 1 table 6 priority 9\nRule=iif x fwmark 1 table 5 priority 7\n"
                  "Rule=fwmark 1 table 5\nRule=fwmark 1 table 5\n",
          { NULL } },
        /* WireGuard */
        { NS WG, { NULL } },
        { NS LINK "Kind=wireguard\n", { ":2: PrivateKeyFile: is missing" } },
        { NS LINK "ListenPort=5\nFirewallMark=5\n",
          { ":3: ListenPort: does not go with Kind=veth",
            ":4: FirewallMark: does not go with Kind=veth" } },
        { NS LINK "[WireGuardPeer]\nPublicKey=" KEY_1 "\n",
          { ":3: [WireGuardPeer] goes with a link of Kind=wireguard, which 'eth0' is not" } },
        { NS WG "MACAddress=02:00:00:00:00:01\n",
          { ":5: MACAddress: a link of Kind=wireguard has no hardware address" } },
        { NS WG "Parent=eno1\n", { ":5: Parent: does not go with" } },
        { NS WG "[WireGuardPeer]\nAllowedIPs=10.0.0.0/8\n", { ":5: PublicKey: is missing" } },
        { NS WG PEER_1 "AllowedIPs=10.0.0.0/8\n" PEER_2 "AllowedIPs=10.1.0.0/16 fd00::/8\n",
          { NULL } },
        { NS WG PEER_1 PEER_1, { ":8: PublicKey: is the same as at" } },
        { NS WG PEER_1 "AllowedIPs=10.0.0.0/8\n" PEER_2 "AllowedIPs=10.9.9.9/8\n",
          { ":10: AllowedIPs: 10.0.0.0/8 is also allowed at",
            ":10: AllowedIPs: there is a route" } },
        { NS WG PEER_1 "AllowedIPs=10.0.0.1 10.0.0.1/32\n",
          { ":7: AllowedIPs: 10.0.0.1/32 is also allowed at",
            ":7: AllowedIPs: there is a route" } },
        { NS WG PEER_1 "AllowedIPs=10.0.0.0/8\n" WG_1 PEER_2
                       "AllowedIPs=10.0.0.0/8\nRouteTable=5\n",
          { NULL } },
        { NS WG "Address=10.0.0.2/24\nAddress=fd00::2/64\n" PEER_1
                "AllowedIPs=10.0.0.0/24 fd00::/64\n",
          { NULL } },
        { NS WG PEER_1 "AllowedIPs=10.0.0.0/24\n" LINK "Address=10.0.0.3/24\n",
          { ":7: AllowedIPs: the route to the network of an Address= is there anyway" } },
        { NS WG PEER_1 "AllowedIPs=10.0.0.0/24\nRouteTable=off\n" LINK "Address=10.0.0.3/24\n",
          { NULL } },
        { NS WG "Route=10.7.0.0/16\n" PEER_1 "AllowedIPs=10.7.0.0/16\n",
          { ":8: AllowedIPs: there is a route to the same destination at" } },
        { NS WG PEER_1 "AllowedIPs=0.0.0.0/0\n" LINK "Address=10.0.0.3/24\nGateway=10.0.0.1\n",
          { ":7: AllowedIPs: there is a route to the same destination at" } },
        { NS WG "ListenPort=5\n" WG_1 "ListenPort=5\n", { ":10: ListenPort: is the same as at" } },
        { NS "PublishPort=50-60:50-60/udp\n" LINK "Address=10.0.0.2/24\n" WG "ListenPort=55\n",
          { ":8: ListenPort: host port 55 is also published at" } },
        { NS "PublishPort=55:55\n" LINK "Address=10.0.0.2/24\n" WG "ListenPort=55\n", { NULL } },
        /* loopback, hardware addresses, settings of links */
        { NS LINK "Address=::1/128\n", { "'::1' is for the loopback" } },
        { NS LINK "Name=lo\nAddress=::1/128\nAddress=127.0.0.1/8\nAddress=127.0.0.2/8\n",
          { ":4: Address: the loopback interface has it", ":5: Address: the loopback" } },
        { NS LINK "MACAddress=02:00:00:00:00:01\nHostMACAddress=02:00:00:00:00:01\n",
          { "HostMACAddress: is also" } },
        { NS LINK "Bridge=b\nMACAddress=02:00:00:00:00:01\n" LINK
                  "Bridge=b\nHostMACAddress=02:00:00:00:00:01\n",
          { ":5: MACAddress: is also on the same bridge" } },
        { NS LINK "Bridge=b\nMACAddress=02:00:00:00:00:01\n" LINK
                  "Bridge=c\nMACAddress=02:00:00:00:00:01\n" LINK "MACAddress=02:00:00:00:00:01\n",
          { NULL } },
        { NS "Sysctl=net.ipv4.conf.eth1.forwarding=1\nSysctl=net.ipv4.conf.all.forwarding=1\n"
             "Sysctl=net.ipv6.conf.eth0.forwarding=1\nSysctl=net.ipv6.conf.sit0.forwarding=1\n"
             "Sysctl=net.ipv4.ip_forward=1\n" LINK,
          { ":2: Sysctl: there is no link 'eth1'" } },
        { NS LINK "Address=10.0.0.2/30\nIPMasquerade=ipv4\n" LINK
                  "Address=10.0.0.6/24\nIPMasquerade=ipv4\n",
          { ":6: Address: its network overlaps with that at" } },
        { NS LINK "Address=10.0.0.2/30\nIPMasquerade=ipv4\n" LINK "Address=10.0.0.6/24\n",
          { NULL } },
        { NS LINK "Address=10.0.0.2/24\nGateway=10.0.0.1\nGateway=10.0.0.3\n",
          { ":5: Gateway: there is already" } },
        { NS LINK "Address=10.0.0.2/24\nGateway=10.0.0.1\n" LINK
                  "Address=10.1.0.2/24\nGateway=10.1.0.1\n",
          { ":7: Gateway: there is already one for IPv4" } },
        { NS LINK "Address=10.0.0.2/24\nAddress=fd00::2/64\nGateway=10.0.0.1\nGateway=fd00::1\n",
          { NULL } },
        /* bridge port or point to point */
        { NS LINK "Bridge=br0\nHostAddress=10.0.0.1/24\n",
          { ":4: HostAddress: is only for a link without" } },
        { NS LINK "Bridge=br0\nAddress=10.0.0.2/24\nIPMasquerade=ipv4\n",
          { "IPMasquerade: is only for a link without" } },
        { NS LINK "HairPin=no\n", { "HairPin: is only for a link with Bridge=" } },
        { NS LINK "Isolated=yes\n", { "Isolated: is only for a link with Bridge=" } },
        { NS LINK "Bridge=br0\nHairPin=yes\nIsolated=yes\nAntiSpoof=yes\n", { NULL } },
        { "[Bridge]\nOutbound=eth0 wg0\nOutbound=eth1\n", { NULL } },
        { "[Bridge]\nOutbound=no\n", { NULL } },
        { "[Bridge]\nOutbound=no\nInternal=yes\nOutbound=any\n", { NULL } },
        { "[Bridge]\nUplink=e0\nVLANFiltering=yes\nUplinkVLAN=1 20-30\nUplinkVLAN=25-4094\n",
          { NULL } },
        { "[Bridge]\nName=br0\nUplink=br0.10\n",
          { ":3: Uplink: 'br0.10' would stand on this bridge itself" } },
        { "[Bridge]\nUplinkVLAN=10\nVLANFiltering=yes\n",
          { ":2: UplinkVLAN: there is no Uplink= that they could pass" } },
        { "[Bridge]\nUplink=e0\nUplinkVLAN=10\n",
          { ":3: UplinkVLAN: without VLANFiltering=yes the bridge does not look at VLANs" } },
        { "[Bridge]\nUplink=e0\nVLANFiltering=no\nUplinkVLAN=10\n",
          { ":4: UplinkVLAN: without VLANFiltering=yes" } },
        { "[Bridge]\nUplink=e0\nVLANFiltering=yes\nUplinkVLAN=0\n",
          { ":4: UplinkVLAN: '0' is neither a number from 1 to 4094 nor a range as 20-30" } },
        { "[Bridge]\nUplink=e0\nVLANFiltering=yes\nUplinkVLAN=10 4095\n",
          { "UplinkVLAN: '4095' is neither" } },
        { "[Bridge]\nUplink=e0\nVLANFiltering=yes\nUplinkVLAN=30-20\n",
          { "UplinkVLAN: '30-20' is neither" } },
        { "[Bridge]\nUplink=e0\nVLANFiltering=yes\nUplinkVLAN=10,20\n",
          { "UplinkVLAN: '10,20' is neither" } },
        { "[Bridge]\nOutbound=eth0 any\n", { "Outbound: 'any' goes alone" } },
        { "[Bridge]\nOutbound=eth0 no\n", { "Outbound: 'no' goes alone" } },
        { "[Bridge]\nName=br0\nOutbound=br0\n", { "Outbound: 'br0' is this bridge itself" } },
        { "[Bridge]\nOutbound=no\nInternal=yes\n",
          { "Outbound: makes no sense with Internal=yes" } },
        { NS LINK "AntiSpoof=yes\n", { "AntiSpoof: is only for a link with Bridge=" } },
        { NS LINK "AntiSpoof=no\n", { NULL } },
        { NS LINK "Inbound=80 53/udp 8000-8010/sctp\nInbound=80\n", { NULL } },
        { NS LINK "Inbound=80\nInbound=no\nInbound=any\n", { NULL } },
        { NS LINK "Master=inner\nInbound=80\n" LINK "Kind=bridge\nName=inner\n",
          { "Inbound: belongs on the link 'inner', by which packets come in" } },
        { NS LINK "Bridge=br0\nVLAN=10\nVLANTrunk=20-30 40\nVLANTrunk=25 4094\n", { NULL } },
        { NS LINK "Bridge=br0\nVLAN=10\nAntiSpoof=yes\n", { NULL } },
        { NS LINK "VLAN=10\n", { "VLAN: is only for a link with Bridge=" } },
        { NS LINK "VLANTrunk=10\n", { "VLANTrunk: is only for a link with Bridge=" } },
        { NS LINK "Bridge=br0\nVLANTrunk=10\nAntiSpoof=yes\n",
          { "VLANTrunk: does not go with AntiSpoof=, which lets no frame with a tag pass" } },
        { NS LINK "Bridge=br0\nVLAN=25\nVLANTrunk=20-30\n", { "VLANTrunk: 25 is VLAN= at " } },
        { NS LINK "Bridge=br0\nAntiSpoof=yes\nIPv6AcceptRA=yes\n",
          { "AntiSpoof: does not go with IPv6AcceptRA=yes: the addresses that a router hands out "
            "are not known" } },
        { NS LINK "Bridge=lo\n", { ":3: Bridge: 'lo' is the loopback" } },
        { NS LINK "IPMasquerade=ipv4\n", { "IPMasquerade: there is no IPv4 address" } },
        { NS LINK "Address=10.0.0.2/24\nIPMasquerade=ipv6\n",
          { "IPMasquerade: there is no IPv6 address" } },
        { NS LINK "Address=10.0.0.2/24\nIPMasquerade=yes\n", { NULL } },
        { "[Bridge]\nIPMasquerade=both\n", { ":1: IPMasquerade: there is no IP address" } },
        /* names of outer ends */
        { NS LINK "HostName=x\n" LINK "HostName=x\n",
          { ":5: HostName: 'x' is also the outer end of link 'eth0'" } },
        { NS LINK LINK "HostName=vn-a\n", { ":4: HostName: 'vn-a' is also" } },
        { NS LINK LINK, { NULL } },
        { NS LINK "HostName=lo\n", { ":3: HostName: 'lo' is the loopback" } },
        { NS LINK "Bridge=x\nHostName=x\n", { ":4: HostName: 'x' is the bridge" } },
        /* published ports */
        { NS "PublishPort=80:80\n", { ":2: PublishPort: no link to the host has an IP address" } },
        { NS "PublishPort=80:80\n" LINK "Name=lo\nAddress=10.0.0.1/32\n",
          { "no link to the host" } },
        { NS "PublishPort=80:80\n" LINK "Address=10.0.0.2/24\n", { NULL } },
        { NS "PublishPort=[fd00::1]:80:80\n" LINK "Address=10.0.0.2/24\n",
          { "has an IPv6 address" } },
        { NS "PublishPort=0.0.0.0:80:80\n" LINK "Address=fd00::2/64\n", { "has an IPv4 address" } },
        { NS "PublishPort=80:80\nPublishPort=80:81\n" LINK "Address=10.0.0.2/24\n",
          { ":3: PublishPort: host port 80 is also published at" } },
        { NS "PublishPort=80:80\nPublishPort=80:80/udp\n" LINK "Address=10.0.0.2/24\n", { NULL } },
        { NS "PublishPort=80:80\nPublishPort=10.9.9.9:80:80\n" LINK "Address=10.0.0.2/24\n",
          { NULL } },
        { NS "PublishPort=10.9.9.8:80:80\nPublishPort=10.9.9.9:80:80\n" LINK
             "Address=10.0.0.2/24\n",
          { NULL } },
        { NS "PublishPort=10.9.9.9:80:80\nPublishPort=10.9.9.9:79-81:1-3\n" LINK
             "Address=10.0.0.2/24\n",
          { "host port 80" } },
        { NS "PublishPort=0.0.0.0:80:80\nPublishPort=80:81\n" LINK "Address=10.0.0.2/24\n",
          { "host port 80" } },
        { NS "PublishPort=0.0.0.0:80:80\nPublishPort=[::]:80:81\n" LINK
             "Address=10.0.0.2/24\nAddress=fd00::2/64\n",
          { NULL } },
        { NS "PublishPort=80:80\nPublishPort=81:81\nPublishPort=79:79\n" LINK
             "Address=10.0.0.2/24\n",
          { NULL } },
        { NS "PublishPort=90-99:90-99\nPublishPort=100-200:100-200\nPublishPort=80-89:80-89\n" LINK
             "Address=10.0.0.2/24\n",
          { NULL } },
        { NS "PublishPort=100-200:100-200\nPublishPort=150:1\n" LINK "Address=10.0.0.2/24\n",
          { "host port 150" } },
        { NS "PublishPort=65535:1\nPublishPort=65534-65535:1-2\n" LINK "Address=10.0.0.2/24\n",
          { "host port 65535" } },
        /* bridges */
        { "[Bridge]\nName=lo\n", { ":1: Name: 'lo' is the loopback" } },
        { "[Bridge]\nAddress=10.0.0.1/24\nAddress=10.0.0.1/16\n",
          { ":3: Address: is the same as at" } },
        { "[Bridge]\nAddress=10.0.0.1/24 peer 10.0.0.2\n",
          { ":2: Address: the address of a bridge cannot have a peer" } },
        { "[Bridge]\nSNATAddress=192.0.2.1\n",
          { ":2: SNATAddress: the bridge has no IPv4 address" } },
        { "[Bridge]\nAddress=10.0.0.1/24\nSNATAddress=192.0.2.1\nSNATAddress=192.0.2.2\n",
          { ":4: SNATAddress: there is already one for IPv4" } },
        { "[Bridge]\nAddress=10.0.0.1/24\nInternal=yes\n", { NULL } },
        { "[Bridge]\nAddress=10.0.0.1/24\nInternal=yes\nIPMasquerade=ipv4\n",
          { ":1: IPMasquerade: makes no sense" } },
        { "[Bridge]\nAddress=10.0.0.1/24\nInternal=yes\n"
          "IPMasquerade=ipv4\nSNATAddress=192.0.2.1\nInbound=any\n",
          { "IPMasquerade: makes no sense", ":5: SNATAddress: makes no sense",
            "Inbound: 'any' makes no sense" } },
        { "[Bridge]\nInternal=yes\nAllowFrom=x\n", { ":3: AllowFrom: makes no sense" } },
        { "[Bridge]\nAllowFrom=b a\n", { ":2: AllowFrom: 'a' is this bridge itself" } },
};

static void test_cases(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct diags d = DIAGS_NULL;
                struct vnet *v = NULL;
                size_t n = 0;
                int r;

                test_file("/etc/vnet/a.vnet", cases[i].text);
                r = load_name(test_root(), "a", &v, &d);
                for (; n < ARRAY_SIZE(cases[i].wrong) && cases[i].wrong[n]; n++)
                        test_expect(&d, cases[i].wrong[n]);
                if (d.n != n || r != (n ? -EINVAL : 0))
                        fail_msg("case %zu: %d\n%s", i, r, test_diags(&d));
                vnet_free(v);
                diags_free(&d);
                test_clean();
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
