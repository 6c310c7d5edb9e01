/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files against each other: who is refused and what is said of it. */

#include "test.h"

#include <errno.h>
#include <netinet/in.h>

#include "claims.h"
#include "load.h"
#include "util.h"

#define NS         "[Namespace]\n"
#define LINK       "[Link]\n"
#define BR         "[Bridge]\n"
#define DUAL       "Address=10.0.0.1/24\nAddress=fd00::1/64\n"
#define OF_DUAL(n) "Address=10.0.0." n "/24\nAddress=fd00::" n "/64\n"

static const struct {
        struct {
                const char *name, *text;
        } files[7];
        const char *refused; /* names, a space behind each */
        const char *wrong[3];
} cases[] = {
        { { { "br0", BR "Address=10.0.0.1/24\n" },
            { "n0", NS LINK "Bridge=br0\nAddress=10.0.0.2/24\n" },
            { "n1", NS LINK "Bridge=br0\nAddress=10.0.0.3/24\n" } },
          "",
          { NULL } },
        /* one address */
        { { { "n0", NS LINK "Bridge=br0\nAddress=10.0.0.2/24\n" },
            { "n1", NS LINK "Bridge=br0\nAddress=10.0.0.2/16\n" } },
          "n1 ",
          { "/n1.vnet:4: Address: 10.0.0.2 is also used at /" } },
        { { { "n0", NS LINK "Bridge=br0\nAddress=10.0.0.2/24\n" },
            { "n1", NS LINK "Bridge=br1\nAddress=10.0.0.2/24\n" } },
          "",
          { NULL } },
        { { { "br0", BR "Address=10.0.0.1/24\n" },
            { "a", NS LINK "Bridge=br0\nAddress=10.0.0.1/24\n" } },
          "a ",
          { "/a.vnet:4: Address: 10.0.0.1 is the address of the bridge, at /" } },
        /* sockets of tunnels */
        { { { "n0", NS LINK "Kind=wireguard\nPrivateKeyFile=/k\nListenPort=5\n" },
            { "n1", NS LINK "Kind=wireguard\nPrivateKeyFile=/k\nListenPort=5\n" },
            { "n2", NS LINK "Kind=wireguard\nPrivateKeyFile=/k\nListenPort=6\n" },
            { "n3", NS "PublishPort=6:6/udp\n" LINK
                       "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\n" } },
          "n1 n3 ",
          { "/n1.vnet:5: ListenPort: udp port 5 is also taken at /",
            "/n3.vnet:2: PublishPort: udp port 6 is also taken at /" } },
        /* networks */
        { { { "br0", BR "Address=10.0.0.1/16\n" }, { "br1", BR "Address=10.0.5.1/24\n" } },
          "br1 ",
          { "/br1.vnet:2: Address: network 10.0.5.0/24 overlaps with the one at /" } },
        { { { "br0", BR "Address=10.0.5.1/24\n" }, { "br1", BR "Address=10.0.0.1/16\n" } },
          "br1 ",
          { "/br1.vnet:2: Address: network 10.0.0.0/16 overlaps" } },
        { { { "br0", BR "Address=10.0.5.1/24\n" },
            { "br1", BR "Address=10.0.6.1/24\n" },
            { "br2", BR "Address=fd00::1/64\n" } },
          "",
          { NULL } },
        { { { "br0", BR "Address=10.0.0.1/24\n" }, { "n", NS LINK "HostAddress=10.0.0.9/30\n" } },
          "n ",
          { "/n.vnet:3: HostAddress: network 10.0.0.8/30 overlaps" } },
        { { { "n0", NS LINK "HostAddress=10.0.0.1/32 peer 10.1.0.1\n" },
            { "n1", NS LINK "HostAddress=10.0.0.1/32 peer 10.1.0.2\n" } },
          "",
          { NULL } },
        { { { "n0", NS LINK "HostAddress=fe80::1/64\n" },
            { "n1", NS LINK "HostAddress=fe80::1/64\n" } },
          "",
          { NULL } },
        /* ports */
        { { { "n0", NS "PublishPort=80:80\n" LINK
                       "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\n" },
            { "n1", NS "PublishPort=80:8080\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" } },
          "n1 ",
          { "/n1.vnet:2: PublishPort: tcp port 80 is also taken at /" } },
        { { { "n0", NS "PublishPort=80:80\n" LINK
                       "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\n" },
            { "n1", NS "PublishPort=80:80/udp\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" },
            { "n2", NS "PublishPort=10.9.9.9:80:80\n" LINK
                       "Address=10.0.0.4/24\nHostAddress=10.0.0.14/32 peer 10.0.0.4\n" },
            { "n3", NS "PublishPort=80:80\n" LINK
                       "Address=fd00::2/64\nHostAddress=fd00::12/128 peer fd00::2\n" } },
          "",
          { NULL } },
        { { { "n0", NS "PublishPort=1000-2000:1000-2000\n" LINK
                       "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\n" },
            { "n1", NS "PublishPort=1500:1\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" },
            { "n2", NS "PublishPort=2001:1\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" } },
          "n1 ",
          { "tcp port 1500" } },
        { { { "n0", NS "PublishPort=1000-2000:1000-2000\n" LINK
                       "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\n" },
            { "n1", NS "PublishPort=2000:1\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" },
            { "n2", NS "PublishPort=1000:1\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" },
            { "n3", NS "PublishPort=999:1\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" } },
          "n1 n2 ",
          { "tcp port 2000", "tcp port 1000" } },
        { { { "n0", NS "PublishPort=1500:1/sctp\n" LINK
                       "Address=10.0.0.3/24\nHostAddress=10.0.0.13/32 peer 10.0.0.3\n" },
            { "n1", NS "PublishPort=1000-2000:1000-2000/sctp\n" LINK
                       "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\n" } },
          "n1 ",
          { "sctp port 1500" } },
        { { { "n0", NS
              "PublishPort=80:80\n" LINK
              "Address=10.0.0.2/24\nHostAddress=10.0.0.12/32 peer 10.0.0.2\nAddress=fd00::2/64\nHostAddress=fd00::12/128 peer fd00::2\n" },
            { "n1", NS "PublishPort=[::]:80:80\n" LINK
                       "Address=fd00::3/64\nHostAddress=fd00::13/128 peer fd00::3\n" } },
          "n1 ",
          { "tcp port 80" } },
        /* sources that are masqueraded */
        { { { "n0", NS LINK "Address=10.9.0.2/30\nIPMasquerade=ipv4\n" },
            { "n1", NS LINK "Address=10.9.0.1/29\nIPMasquerade=ipv4\n" },
            { "n2", NS LINK "Address=10.9.0.2/30\n" } },
          "n1 ",
          { "/n1.vnet:3: Address: network 10.9.0.0/29 overlaps" } },
        /* hardware addresses */
        { { { "br0", BR "MACAddress=02:00:00:00:00:01\n" },
            { "n0", NS LINK "Bridge=br0\nMACAddress=02:00:00:00:00:02\n" },
            { "n1", NS LINK "Bridge=br0\nMACAddress=02:00:00:00:00:02\n" },
            { "n2", NS LINK "Bridge=br0\nHostMACAddress=02:00:00:00:00:01\n" } },
          "n1 n2 ",
          { "/n1.vnet:2: MACAddress: 02:00:00:00:00:02 is also on 'br0', at /",
            "/n2.vnet:2: HostMACAddress: 02:00:00:00:00:01 is also on 'br0', at /" } },
        { { { "n0", NS LINK "Bridge=b\nMACAddress=02:00:00:00:00:02\n" },
            { "n1", NS LINK "Bridge=c\nMACAddress=02:00:00:00:00:02\n" },
            { "n2", NS LINK "MACAddress=02:00:00:00:00:02\n" } },
          "",
          { NULL } },
        /* what stands on one parent */
        /* e0.10 is made for all that name it */
        { { { "n0", NS LINK "Kind=macvlan\nParent=e0.10\nGateway=no\n" },
            { "n1", NS LINK "Kind=macvlan\nParent=e0.10\nGateway=no\n" },
            { "n2", NS LINK "Kind=vlan\nParent=e0\nId=10\n" },
            { "n3", NS LINK "Kind=vlan\nParent=e0\nId=11\n" },
            { "n4", NS LINK "Kind=vlan\nParent=e0.11\nId=11\n" } },
          "n2 n4 ",
          { "/n2.vnet:5: Id: VLAN 10 of 'e0' is also taken at /",
            "/n4.vnet:4: Parent: VLAN 11 of 'e0' is also taken at /" } },
        { { { "n0", NS LINK "Kind=physical\nDevice=e0\n" },
            { "n1", NS LINK "Kind=vlan\nParent=e0.010\nId=1\n" },
            { "n2", NS LINK "Kind=vlan\nParent=e0.4095\nId=1\n" },
            { "n3", NS LINK "Kind=vlan\nParent=e0.4094\nId=1\n" } },
          "n3 ",
          { "/n3.vnet:4: Parent: 'e0' is also the device of a link at /" } },
        { { { "n0", NS LINK "Kind=vlan\nParent=e0\nId=10\n" },
            { "n1", NS LINK "Kind=vlan\nParent=e1\nId=10\n" },
            { "n2", NS LINK "Kind=vlan\nParent=e0\nId=11\n" },
            { "n3", NS LINK "Kind=vlan\nParent=e0\nId=10\n" } },
          "n3 ",
          { "/n3.vnet:5: Id: VLAN 10 of 'e0' is also taken at /" } },
        { { { "n0", NS LINK "Kind=ipvlan\nParent=e0\n" },
            { "n1", NS LINK "Kind=ipvlan\nParent=e0\nMode=l3\n" },
            { "n2", NS LINK "Kind=ipvlan\nParent=e0\nMode=l2\n" },
            { "n3", NS LINK "Kind=macvlan\nParent=e0\n" } },
          "n1 n3 ",
          { "/n1.vnet:4: Parent: 'e0' cannot carry this link beside the one at /",
            "/n3.vnet:4: Parent: 'e0' cannot carry this link beside the one at /" } },
        { { { "n0", NS LINK "Kind=ipvlan\nParent=e0\n" },
            { "n1", NS LINK "Kind=ipvlan\nParent=e1\nMode=l3\n" },
            { "n2", NS LINK "Kind=vlan\nParent=e0\nId=1\n" },
            { "n3", NS LINK "Name=e0\n" LINK "Kind=macvlan\nParent=e0\n" } },
          "",
          { NULL } },
        { { { "n0", NS LINK "Kind=macvtap\nParent=e0\n" },
            { "n1", NS LINK "Kind=macvlan\nParent=e0\nMode=private\n" },
            { "n2", NS LINK "Kind=macvlan\nParent=e0\nMode=passthru\n" } },
          "n2 ",
          { "/n1.vnet:4: Mode=passthru wants it alone" } },
        { { { "n0", NS LINK "Kind=ipvlan\nParent=e0\nAddress=10.0.0.2/24\n" },
            { "n1", NS LINK "Kind=ipvlan\nParent=e0\nAddress=10.0.0.2/16\n" },
            { "n2", NS LINK "Kind=ipvlan\nParent=e1\nAddress=10.0.0.2/24\n" } },
          "n1 ",
          { "/n1.vnet:5: Address: 10.0.0.2 is also used at /" } },
        { { { "n0", NS LINK "Kind=macvlan\nParent=e0\nMACAddress=02:00:00:00:00:01\n" },
            { "n1", NS LINK "Kind=macvtap\nParent=e0\nMACAddress=02:00:00:00:00:01\n" } },
          "n1 ",
          { "/n1.vnet:5: MACAddress: 02:00:00:00:00:01 is also on 'e0', at /" } },
        /* an interface that is no bridge */
        { { { "n0", NS LINK "Bridge=vn-n1\n" }, { "n1", NS LINK } },
          "n0 ",
          { "/n0.vnet:3: Bridge: 'vn-n1' is no bridge, but the outer end of a link, at /" } },
        { { { "b", BR "Name=n1\n" }, { "n0", NS LINK "Bridge=n1\n" }, { "n1", NS } },
          "",
          { NULL } },
        { { { "br0", BR "MTUBytes=576\n" },
            { "n0", NS LINK "Bridge=br0\nAddress=fd00::2/64\n" },
            { "n1", NS LINK "Bridge=br0\nAddress=fd00::3/64\nMTUBytes=1280\n" },
            { "n2", NS LINK "Bridge=br0\nAddress=10.0.0.3/24\n" } },
          "n0 ",
          { "/n0.vnet:3: MTUBytes: 576 is less than the 1280" } },
        /* names */
        { { { "n0", NS "Name=x\n" }, { "n1", NS "Name=x\n" } },
          "n1 ",
          { "/n1.vnet:1: Name: namespace 'x' is also created at /" } },
        { { { "n0", NS "Services=a.service\n" }, { "n1", NS "Services=a.service\n" } },
          "n1 ",
          { "/n1.vnet:2: Services: 'a.service' is also named at /" } },
        { { { "n0", NS "Services=a@.service\n" }, { "n1", NS "Services=a@.service\n" } },
          "n1 ",
          { "/n1.vnet:2: Services: 'a@.service' is also named at /" } },
        { { { "n0", NS "Services=a@.service\n" }, { "n1", NS "Services=a@x.service\n" } },
          "n1 ",
          { "/n1.vnet:2: Services: 'a@.service' is also named at /" } },
        { { { "n0", NS "Services=a@x.service\n" }, { "n1", NS "Services=a@.service\n" } },
          "n1 ",
          { "/n1.vnet:2: Services: an instance of 'a@.service' is also named at /" } },
        { { { "n0", NS "Services=a@.service a@x.service\n" },
            { "n1", NS "Services=b@x.service a@x.socket\n" },
            { "n2", NS "Services=b@y.service a.service\n" } },
          "",
          { NULL } },
        { { { "n0", NS LINK "HostName=x\n" }, { "n1", NS LINK "HostName=x\n" } },
          "n1 ",
          { "/n1.vnet:3: HostName: interface 'x' is also created at /" } },
        { { { "n0", NS LINK }, { "n1", NS LINK "HostName=vn-n0\n" } },
          "n1 ",
          { "/n1.vnet:3: HostName: interface 'vn-n0'" } },
        { { { "b", BR "Name=x\n" }, { "n", NS LINK "HostName=x\n" } }, "n ", { "interface 'x'" } },
        { { { "a", BR "Name=x\n" }, { "b", BR "Name=x\n" } },
          "b ",
          { "/b.vnet:1: Name: interface 'x'" } },
        /* what a refused file had is free again, and what hangs on it goes with it */
        { { { "a", NS LINK "HostName=x\n" },
            { "b", NS LINK "HostName=x\n" LINK "HostName=y\n" },
            { "c", NS LINK "HostName=y\n" } },
          "b ",
          { "interface 'x'" } },
        { { { "br0", BR "MTUBytes=x\n" },
            { "n", NS LINK "Bridge=br0\nHostName=x\n" },
            { "o", NS LINK "HostName=x\n" } },
          "br0 n ",
          { "/br0.vnet:2: MTUBytes", "/n.vnet:3: Bridge: the bridge 'br0' of /" } },
        { { { "br0", "key" }, { "n", NS LINK "Bridge=br0\n" } },
          "br0 n ",
          { "br0.vnet:1", "'br0' of /" } },
        { { { "b", BR "Name=br0\nMTUBytes=x\n" }, { "n", NS LINK "Bridge=br0\n" } },
          "b n ",
          { "MTUBytes", "/b.vnet is refused" } },
        { { { "br0", BR "Address=10.0.0.1/24\n" },
            { "br1", BR "Address=10.0.0.2/24\n" },
            { "a", NS LINK "Bridge=br1\n" } },
          "a br1 ",
          { "br1.vnet:2: Address", "a.vnet:3: Bridge" } },
        { { { "a", NS }, { "b", NS LINK "Bridge=a\n" } },
          "b ",
          { "/b.vnet:3: Bridge: 'a' is a namespace, not a bridge, at /" } },
        { { { "n", NS LINK "Bridge=docker0\n" } }, "", { NULL } },
        { { { "a", BR "AllowFrom=b\n" }, { "b", BR "AllowFrom=a\n" } }, "", { NULL } },
        { { { "a", BR "AllowFrom=docker0\n" } },
          "a ",
          { "/a.vnet:2: AllowFrom: no .vnet file defines the bridge 'docker0'" } },
        { { { "a", BR "AllowFrom=b\n" }, { "b", BR "AllowFrom=c\n" }, { "c", BR "MTUBytes=x\n" } },
          "a b c ",
          { "MTUBytes", "/b.vnet:2: AllowFrom: the bridge 'c' of",
            "/a.vnet:2: AllowFrom: the bridge 'b' of" } },
        { { { "br0", BR "Internal=yes\n" },
            { "n", NS "PublishPort=80:80\n" LINK "Bridge=br0\nAddress=10.0.0.2/24\n" } },
          "n ",
          { "/n.vnet:2: PublishPort: the bridge 'br0' has Internal=yes, at /" } },
        { { { "br0", BR "Internal=yes\n" },
            { "n", NS "PublishPort=80:80\n" LINK "Address=10.1.0.2/24\n"
                      "HostAddress=10.1.0.1/24\n" LINK "Bridge=br0\nAddress=10.0.0.2/24\n" } },
          "",
          { NULL } },
        /* will hardly work as it was meant: a warning */
        { { { "br0", BR "Address=172.18.0.1/16\nAddress=fd00::1/64\n" },
            { "n", NS LINK "Bridge=br0\nAddress=172.19.0.2/16\nAddress=fd01::2/64\n" } },
          "",
          { "/n.vnet:4: Address: 172.19.0.2/16 is outside the subnet 172.18.0.0/16 of bridge 'br0' (/",
            "/n.vnet:5: Address: fd01::2/64 is outside the subnet fd00::/64 of bridge 'br0' (/" } },
        { { { "br0", BR "Address=172.18.5.1/16\nAddress=fd00::1/64\n" },
            { "n", NS LINK "Bridge=br0\nAddress=172.18.0.2/24\nAddress=fd00::2/128\n" } },
          "",
          { "/n.vnet:4: Address: the network of 172.18.0.2/24 does not contain the bridge's address "
            "172.18.5.1 (/",
            "/n.vnet:5: Address: the network of fd00::2/128 does not contain the bridge's address "
            "fd00::1 (/" } },
        { { { "br0", BR "Address=172.18.0.1/16\nAddress=10.0.0.1/8\n" },
            { "a", NS LINK "Bridge=br0\nAddress=172.19.0.2/16\nGateway=no\n" },
            { "b", NS LINK "Bridge=br0\nAddress=172.19.0.3/16\nGateway=172.19.0.1\n" },
            { "c", NS LINK "Bridge=br0\nAddress=172.19.0.4/16\nAddress=10.0.0.4/8\n"
                           "Address=fd00::4/64\nAddress=fe80::4/64\n" } },
          "",
          { NULL } },
        { { { "br0", BR }, { "n", NS LINK "Bridge=br0\nAddress=172.19.0.2/16\n" } }, "", { NULL } },
        { { { "br0", BR DUAL },
            { "a", NS LINK "Bridge=br0\n" OF_DUAL("2") LINK
              "Bridge=br0\nAddress=fd00::33/64\n" LINK "Name=lo\nRoute=unreachable default\n" } },
          "",
          { "/a.vnet:11: Route: switches off the automatic default route of IPv6 by 'eth0' too; "
            "Gateway=fd00::1 there gives it, Gateway=no there says" } },
        { { { "a", NS LINK "Address=fd01::2/64\nHostAddress=fd01::1/64\n" LINK
                           "Address=10.1.0.2/24\nHostAddress=10.1.0.1/24\nGateway=10.1.0.1\n" } },
          "",
          { "/a.vnet:8: Gateway: switches off the automatic default route of IPv6 by 'eth0' too" } },
        { { { "br0", BR DUAL },
            { "a", NS LINK "Bridge=br0\nRoute=::/0 via fd00::1\n" OF_DUAL("3") } },
          "",
          { "/a.vnet:4: Route: switches off the automatic default route of IPv4 by 'eth0' too" } },
        /* nothing is lost: another table, both given, none wanted, none to be had, or announced */
        { { { "br0", BR DUAL },
            { "br1", BR "Internal=yes\nAddress=fd02::1/64\n" },
            { "a", NS LINK "Bridge=br0\nRoute=default via 10.0.0.1 table 100\n" OF_DUAL("4") },
            { "b", NS LINK "Bridge=br0\nRoute=default via 10.0.0.1\nRoute=::/0\n" OF_DUAL("5") },
            { "c", NS LINK "Bridge=br0\nGateway=no\nRoute=default via 10.0.0.1\n" OF_DUAL("6") },
            { "d", NS LINK "Address=10.1.0.2/24\nGateway=10.1.0.1\nAddress=fd01::2/64\n" LINK
                           "Bridge=br1\nAddress=fd02::2/64\n" },
            { "e", NS LINK "Bridge=br0\nGateway=10.0.0.1\nIPv6AcceptRA=yes\n" OF_DUAL("7") } },
          "",
          { NULL } },
        { { { "br0", BR "Address=10.0.0.1/24\n" },
            { "n", NS LINK "Bridge=br0\nAddress=10.0.0.2/32 peer 10.0.0.1\n" } },
          "",
          { NULL } },
        /* no unit of its own */
        { { { "t@", NS "Name=x\n" }, { "t", NS "Name=x\n" } }, "", { NULL } },
        { { { "e", "" }, { "m", NULL }, { "n", NS } }, "", { NULL } },
        { { { "b c", NS }, { "n", NS } },
          "b\\x20c ",
          { "/b c.vnet: the file name is not a valid name: up to 63 letters, digits, '_', '.', '@', '-', a letter or digit first" } },
};

static void check(size_t i) {
        struct diags d = DIAGS_NULL;
        char refused[256] = "", path[128];
        struct site site;
        size_t n = 0;
        int r;

        for (size_t k = 0; k < ARRAY_SIZE(cases[i].files) && cases[i].files[k].name; k++) {
                snprintf(path, sizeof path, "/etc/vnet/%s.vnet", cases[i].files[k].name);
                test_file(path, cases[i].files[k].text);
        }
        r = load_site(test_root(), &site, &d);
        for (size_t k = 0; k < site.n; k++) {
                struct vnet *v = site.items[k];

                assert_ptr_equal(site_find(&site, v->name), v);
                assert_int_equal(v->refused, v->reasons.n > 0);
                if (v->refused)
                        strcat(strcat(refused, v->name), " ");
        }
        while (n < ARRAY_SIZE(cases[i].wrong) && cases[i].wrong[n])
                test_expect(&d, cases[i].wrong[n++]);
        if (d.n != n || r != (diag_count(&d, DIAG_ERROR, 0) ? -EINVAL : 0) ||
            !streq(refused, cases[i].refused))
                fail_msg("case %zu: %d, refused: %s\n%s", i, r, refused, test_diags(&d));
        site_free(&site);
        diags_free(&d);
        test_clean();
}

static void test_cases(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                check(i);
}

static uint32_t next_random(uint32_t *seed) {
        *seed = *seed * 1664525 + 1013904223;
        return *seed >> 8;
}

static bool overlap(const struct claim_key *a, const struct claim_key *b) {
        struct prefix x = { { a->family, { 0 } }, a->length },
                      y = { { b->family, { 0 } }, b->length };

        memcpy(x.address.bytes, a->value, sizeof a->value);
        memcpy(y.address.bytes, b->value, sizeof b->value);
        return prefix_overlap(&x, &y);
}

/* Claims against the plain comparison of all pairs. */
static void test_claims(void **state _unused_) {
        enum { N = 2000 };
        static struct claim_key keys[N];
        static bool claimed[N];
        struct claims claims = { 0 };
        uint32_t seed = 1;
        size_t n_claimed = 0;

        for (size_t i = 0; i < N; i++) {
                struct prefix p = { { AF_INET, { 10 } }, (uint8_t)(12 + next_random(&seed) % 21) };

                for (int b = 1; b < 4; b++)
                        p.address.bytes[b] = (uint8_t)next_random(&seed);
                p = prefix_network(&p);
                keys[i] = (struct claim_key){ .kind = CLAIM_SUBNET,
                                              .family = AF_INET,
                                              .length = p.length };
                memcpy(keys[i].value, p.address.bytes, 16);
                claims_expect(&claims, &keys[i]);
        }
        for (size_t i = 0; i < N; i++) {
                const struct claim *found = claims_find(&claims, &keys[i]);
                bool expected = false;

                for (size_t k = 0; k < i; k++)
                        expected = expected || (claimed[k] && overlap(&keys[i], &keys[k]));
                assert_int_equal(found != NULL, expected);
                if (found) {
                        assert_true(overlap(&keys[i], &keys[found->origin.line]));
                        continue;
                }
                claimed[i] = true;
                n_claimed++;
                assert_int_equal(
                        claims_add(&claims, &keys[i], &(struct origin){ NULL, (unsigned)i }), 0);
        }
        assert_true(n_claimed > 100 && n_claimed < N);
        claims_free(&claims);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_claims),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
