/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every parser: what it takes, what it makes of that, what it refuses and in which words. */

#include "test.h"

#include <errno.h>
#include <netinet/in.h>

#include "base64.h"
#include "util.h"
#include "value.h"

union value {
        bool boolean;
        uint16_t u16;
        uint32_t u32;
        enum tristate tristate;
        enum families families;
        enum link_kind kind;
        struct mac mac;
        char name[IFNAMSIZ];
        const char *text;
        struct text item;
        struct address ip;
        struct ip_address address;
        struct ip_gateway gateway;
        struct route route;
        struct rule rule;
        struct neighbor neighbor;
        struct sysctl sysctl;
        struct publish publish;
        struct endpoint endpoint;
        struct allowed_ip allowed;
        struct vlan_range vlans;
        struct inbound inbound;
        struct rate rate;
};

static int parse(value_parser *parser, const char *text, struct value_context *c, union value *f) {
        memset(f, 0, sizeof *f);
        c->why[0] = '\0';
        return parser(c, text, f);
}

struct refused {
        value_parser *parser;
        const char *text, *why; /* a part of the reason */
};

static const struct refused refused[] = {
        { value_bool, "", "yes nor no" },
        { value_bool, "Yes", "yes nor no" },
        { value_bool, "yes ", "yes nor no" },
        { value_bool, "2", "yes nor no" },
        { value_negated_bool, "x", "yes nor no" },
        { value_tristate, "maybe", "yes nor no" },
        { value_families, "ipv5", "not one of" },
        { value_inbound, "yes", "neither" },
        { value_kind, "ethernet", "not a kind" },
        { value_public_key, "x", "44 characters of base64" },
        { value_public_key, "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf9=", "44 characters" },
        { value_public_key, "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8", "44 characters" },
        { value_public_key, "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrl-8=", "44 characters" },
        { value_public_key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "key of zeros" },
        { value_key_file, "a.key", "neither an absolute path nor @" },
        { value_key_file, "/", "neither an absolute path" },
        { value_key_file, "@", "neither an absolute path" },
        { value_key_file, "@../x", "neither an absolute path" },
        { value_key_file, "@..", "neither an absolute path" },
        { value_key_file, "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8=", "is a key itself" },
        { value_firewall_mark, "0", "not a mark" },
        { value_firewall_mark, "0x0", "not a mark" },
        { value_firewall_mark, "0x", "not a mark" },
        { value_firewall_mark, "0x1ffffffff", "not a mark" },
        { value_firewall_mark, "0x-1", "not a mark" },
        { value_firewall_mark, "off", "not a mark" },
        { value_endpoint, "198.51.100.7", "is not ADDRESS:PORT" },
        { value_endpoint, ":5", "is not ADDRESS:PORT" },
        { value_endpoint, "198.51.100.7:0", "no port from 1" },
        { value_endpoint, "vpn.example:http", "no port from 1" },
        { value_endpoint, "2001:db8::1:51820", "without brackets" },
        { value_endpoint, "[2001:db8::1]", "no port" },
        { value_endpoint, "[198.51.100.7]:5", "neither an address nor a name" },
        { value_endpoint, "[fe80::1]:5", "link-local" },
        { value_endpoint, "[fe80::1%eth0]:5", "neither an address nor a name" },
        { value_endpoint, "[::]:5", "not the address of a host" },
        { value_endpoint, "[ff02::1]:5", "not the address of a host" },
        { value_endpoint, "0.0.0.0:5", "not the address of a host" },
        { value_endpoint, "224.0.0.1:5", "not the address of a host" },
        { value_endpoint, "198.51.100:5", "neither an address nor a name" },
        { value_endpoint, "a..b:5", "neither an address nor a name" },
        { value_endpoint, "-a.example:5", "neither an address nor a name" },
        { value_endpoint, "b\xc3\xbc.example:5", "neither an address nor a name" },
        { value_allowed_ip, "10.0.0.0/33", "neither a network nor an address" },
        { value_allowed_ip, "any", "neither a network nor an address" },
        { value_keepalive, "0", "neither off nor" },
        { value_keepalive, "65536", "neither off nor" },
        { value_route_table, "0", "neither off nor a table" },
        { value_route_table, "auto", "neither off nor a table" },
        { value_route_table, "4294967295", "neither off nor a table" },
        { value_inbound_port, "0", "ports as 80" },
        { value_inbound_port, "65536", "ports as 80" },
        { value_inbound_port, "80-79", "ports as 80" },
        { value_inbound_port, "80/icmp", "ports as 80" },
        { value_inbound_port, "80/", "ports as 80" },
        { value_inbound_port, "tcp/80", "ports as 80" },
        { value_inbound_port, "80,81", "ports as 80" },
        { value_inbound_port, "any", "ports as 80" },
        { value_vlan, "0", "1 to 4094" },
        { value_vlan, "4095", "1 to 4094" },
        { value_vlan, "none", "1 to 4094" },
        { value_vlan, "10-20", "1 to 4094" },
        { value_vlan_range, "0", "nor a range" },
        { value_vlan_range, "4095", "nor a range" },
        { value_vlan_range, "30-20", "nor a range" },
        { value_vlan_range, "20-4095", "nor a range" },
        { value_vlan_range, "20-", "nor a range" },
        { value_vlan_range, "-20", "nor a range" },
        { value_vlan_range, "10,20", "nor a range" },
        { value_vlan_range, "20-30-40", "nor a range" },
        { value_mtu, "67", "68 to 65535" },
        { value_mtu, "65536", "68 to 65535" },
        { value_mtu, "+1500", "68 to 65535" },
        { value_mtu, "01500", "68 to 65535" },
        { value_mtu, "1500x", "68 to 65535" },
        { value_mtu, "0x500", "68 to 65535" },
        { value_mtu, "99999999999999999999", "68 to 65535" },
        { value_rate, "100", "not a rate from 8K to 100G" },
        { value_rate, "7999", "not a rate from" },
        { value_rate, "7.999K", "not a rate from" },
        { value_rate, "100.001G", "not a rate from" },
        { value_rate, "100000000001", "not a rate from" },
        { value_rate, "18446744073709551617K", "not a rate from" },
        { value_rate, "100Mbit", "not a rate in bits" },
        { value_rate, "100m", "not a rate in bits" },
        { value_rate, "1T", "not a rate in bits" },
        { value_rate, "-1M", "not a rate in bits" },
        { value_rate, "01M", "not a rate in bits" },
        { value_rate, "M", "not a rate in bits" },
        { value_rate, "1.M", "not a rate in bits" },
        { value_rate, ".5M", "not a rate in bits" },
        { value_rate, "1.5", "not a rate in bits" },
        { value_rate, "1.5000M", "not a rate in bits" },
        { value_rate, "10000 M", "has 'M' behind the rate" },
        { value_rate, "1M 64K", "has '64K' behind the rate" },
        { value_rate, "1M burst", "nothing after 'burst'" },
        { value_rate, "1M burst 0", "no size" },
        { value_rate, "1M burst 64k", "no size" },
        { value_rate, "1M burst 1.5K", "no size" },
        { value_rate, "1M burst 2G", "no size" },
        { value_rate, "1M burst 1025M", "no size" },
        { value_rate, "1M burst 4294967296K", "no size" },
        { value_rate, "1M burst 064K", "no size" },
        { value_rate, "1M burst 64K 1", "behind the burst" },
        { value_queue_length, "4294967295", "0 to 4294967294" },
        { value_pvid, "4095", "1 to 4094" },
        { value_vlan_id, "0", "1 to 4094" },
        { value_vlan_id, "4095", "1 to 4094" },
        { value_vlan_id, "x", "1 to 4094" },
        { value_mode, "fast", "is not a mode of any kind" },
        { value_centiseconds, "", "not a time span" },
        { value_centiseconds, "15 parsecs", "not a time span" },
        { value_centiseconds, "-1", "not a time span" },
        { value_centiseconds, "2.", "not a time span" },
        { value_centiseconds, "2.s", "not a time span" },
        { value_centiseconds, "15 30", "not a time span" },
        { value_centiseconds, "15 30s", "not a time span" },
        { value_centiseconds, "1s.5", "not a time span" },
        { value_centiseconds, "99999999999", "too long" },
        { value_centiseconds, "4000000000w", "too long" },
        { value_centiseconds, "30500569w", "too long" }, /* 2^64 us and a little */
        { value_centiseconds, "9999us", "less than a hundredth" },
        { value_forward_delay, "1", "between 2 and 30" },
        { value_forward_delay, "31s", "between 2 and 30" },
        { value_ageing_time, "12days", "between 0 and 1000000" },
        { value_mac, "02:00:00:00:00", "MAC address" },
        { value_mac, "02:00:00:00:00:0g", "MAC address" },
        { value_mac, "02-00-00-00-00-01", "MAC address" },
        { value_mac, "01:00:00:00:00:01", "multicast" },
        { value_mac, "00:00:00:00:00:00", "not a usable MAC" },
        { value_ifname, "", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "sixteen-bytes-is", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "a/b", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "a:b", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "a b", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "a%d", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "..", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "all", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "default", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "123", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "a\"b", "not a valid interface name (at most 15 bytes)" },
        { value_ifname, "\xc3\xa4", "not a valid interface name (at most 15 bytes)" },
        { value_netns_name, "-a", "not a valid name" },
        { value_netns_name, "..", "not a valid name" },
        { value_netns_name, "a/b", "not a valid name" },
        { value_netns_name, "", "not a valid name" },
        { value_netns_name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "not a valid name" },
        { value_text, "a\\", "backslash" },
        { value_text, "a\tb", "control" },
        { value_text, "a\x01", "control" },
        { value_text, "a\xc2\x85", "control" },
        { value_text, "a\xff", "UTF-8" },
        { value_text, "\xc0\xaf", "UTF-8" },
        { value_text, "\xed\xa0\x80", "UTF-8" },
        { value_text, "\xf4\x90\x80\x80", "UTF-8" },
        { value_text, "\xe2\x82", "UTF-8" },
        { value_text,
          "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
          "901234567890123456789012345678901",
          "longer than 120" },
        { value_unit_name, "nginx", "not the name of a unit" },
        { value_unit_name, ".service", "not the name of a unit" },
        { value_unit_name, "a@.service", "not the name of a unit" },
        { value_unit_name, "@a.service", "not the name of a unit" },
        { value_unit_name, "a b.service", "not the name of a unit" },
        { value_unit_name, "../a.service", "not the name of a unit" },
        { value_unit_name, "a%i.service", "not the name of a unit" },
        { value_unit_name, "a.exe", "not the name of a unit" },
        { value_service_name, "a.target", ".service or .socket" },
        { value_service_name, "a", ".service or .socket" },
        { value_service_name, "@.service", ".service or .socket" },
        { value_service_name, "a@.target", ".service or .socket" },
        { value_service_name, "vnet@a.service", "is a unit of vnet itself" },
        { value_service_name, "vnet@.service", "is a unit of vnet itself" },
        { value_service_name, "vnet-restore.service", "is a unit of vnet itself" },
        { value_documentation, "ftp://a", "not an http" },
        { value_documentation, "man:", "not an http" },
        { value_documentation, "man:a\"b", "not an http" },
        { value_documentation, "http://a b", "not an http" },
        { value_interface_list_name, "a/b", "not a valid interface name (at most 15 bytes)" },
        { value_address_peer, "10.0.0.1", "needs a prefix length, such as " },
        { value_address_peer, "fd00::1", "needs a prefix length, such as " },
        { value_address_peer, "pool", "not supported yet" },
        { value_address_peer, "", "not an address" },
        { value_address_peer, "10.0.0.1/255.255.0.0", "has a netmask; write 10.0.0.1/16" },
        { value_address_peer, "10.0.0.1/255.255.255.255", "has a netmask; write 10.0.0.1/32" },
        { value_address_peer, "10.0.0.1/255.0.255.0", "has a prefix length that is not a number" },
        { value_address_peer, "10.0.0.1/0.0.0.0", "has a prefix length that is not a number" },
        { value_address_peer, "10.0.0.1 255.255.255.0", "has a netmask; write 10.0.0.1/24" },
        { value_address_peer, "10.0.0.1 netmask 255.255.0.0", "has a netmask; write a prefix" },
        { value_address_peer, "10.0.0.1", "needs a prefix length, such as 10.0.0.1/24" },
        { value_address_peer, "fd00::1", "needs a prefix length, such as fd00::1/64" },
        { value_gateway, "10.0.0.1/24", "has a prefix length; write the address alone" },
        { value_service_name, "nginx", "; write it with .service at its end" },
        { value_publish, "80", "needs the port on the host and the one inside, such as 80:80" },
        { value_publish, "8000-8010/udp", "such as 8000-8010:8000-8010" },
        { value_publish, "80:80/TCP", "has the protocol 'TCP', which is not tcp, udp or sctp" },
        { value_publish, "8000..8010:80", "nor a range such as 8000-8010" },
        { value_address_peer, "10.0.0.1/33",
          "has a prefix length that is not a number from 0 to 32" },
        { value_address_peer, "10.0.0.1/024",
          "has a prefix length that is not a number from 0 to 32" },
        { value_address_peer, "10.0.0.01/24",
          "not an address with a prefix length, such as 172.18.0.10/16" },
        { value_address_peer, "10.0.0/24",
          "not an address with a prefix length, such as 172.18.0.10/16" },
        { value_address_peer, "fe80::1%eth0/64",
          "not an address with a prefix length, such as 172.18.0.10/16" },
        { value_address_peer, "10.0.0.1/24/24", "has a prefix length that is not" },
        { value_address_peer, "10.0.0.0/24", "of the network itself" },
        { value_address_peer, "10.0.0.255/24", "broadcast" },
        { value_address_peer, "255.255.255.255/32", "broadcast" },
        { value_address_peer, "224.0.0.1/24", "multicast" },
        { value_address_peer, "ff02::1/64", "multicast" },
        { value_address_peer, "0.0.0.0/32", "unspecified" },
        { value_address_peer, "::/64", "unspecified" },
        { value_address_peer, "::ffff:1.2.3.4/128", "IPv4-mapped" },
        { value_address_peer, "10.0.0.1/0", "length 0" },
        { value_address_peer, "10.0.0.1/32 peer", "ADDRESS/LENGTH peer ADDRESS" },
        { value_address_peer, "10.0.0.1/32 via 10.0.0.2", "ADDRESS/LENGTH peer ADDRESS" },
        { value_address_peer, "10.0.0.1/32 peer 10.0.0.2 x", "ADDRESS/LENGTH peer ADDRESS" },
        { value_address_peer, "10.0.0.1/32 peer fd00::1", "another family" },
        { value_gateway, "10.0.0.1/24", "write the address alone" },
        { value_gateway, "0.0.0.0", "unspecified" },
        { value_gateway, "ff02::1", "multicast" },
        { value_gateway, "yes", "not an address" },
        { value_vni, "0", "1 to 16777215" },
        { value_vni, "16777216", "1 to 16777215" },
        { value_vni, "0x7", "1 to 16777215" },
        { value_port, "0", "1 to 65535" },
        { value_port, "65536", "1 to 65535" },
        { value_vrf_table, "0", "1 to 4294967295" },
        { value_vrf_table, "main", "1 to 4294967295" },
        { value_vrf_table, "253", "no vrf" },
        { value_vrf_table, "255", "no vrf" },
        { value_underlay, "host", "not an address" },
        { value_underlay, "192.0.2.1/32", "prefix length" },
        { value_underlay, "224.0.0.1", "Group=" },
        { value_underlay, "ff02::1", "Group=" },
        { value_underlay, "127.0.0.2", "loopback" },
        { value_underlay, "fe80::1", "link-local" },
        { value_underlay, "0.0.0.0", "of a host" },
        { value_remote, "::", "of a host" },
        { value_multicast, "192.0.2.1", "multicast" },
        { value_multicast, "fd00::1", "multicast" },
        { value_multicast, "staff", "multicast" },
        { value_snat, "127.0.0.1", "loopback" },
        { value_snat, "::1", "loopback" },
        { value_neighbor, "10.0.0.1", "ADDRESS lladdr MAC" },
        { value_neighbor, "10.0.0.1 lladdr 02:00:00:00:00:01 x", "ADDRESS lladdr MAC" },
        { value_neighbor, "x lladdr 02:00:00:00:00:01", "no valid address" },
        { value_neighbor, "10.0.0.1 lladdr x", "MAC address" },
        { value_sysctl, "net.ipv4.ip_forward", "net.KEY=VALUE" },
        { value_sysctl, "kernel.panic=1", "not a key below net" },
        { value_sysctl, "net=1", "not a key below net" },
        { value_sysctl, "netx.a=1", "not a key below net" },
        { value_sysctl, "net/../kernel/panic=1", "empty part" },
        { value_sysctl, "net..a=1", "empty part" },
        { value_sysctl, "net/./a=1", "empty part" },
        { value_sysctl, "net.a.=1", "empty part" },
        { value_sysctl, "/net/a=1", "not a key below net" },
        { value_sysctl, "net.a=", "no value" },
        { value_sysctl, "net.ipv4.conf.*.rp_filter=1", "pattern" },
        { value_sysctl, "net.a b=1", "character" },
        { value_publish, "0:80", "1 to 65535" },
        { value_publish, "65536:80", "1 to 65535" },
        { value_publish, "80:", "1 to 65535" },
        { value_publish, "80:80/icmp", "the protocol 'icmp', which is not tcp, udp or sctp" },
        { value_publish, "80:80/", "which is not tcp" },
        { value_publish, "8000-8001:80", "different lengths" },
        { value_publish, "8001-8000:81-80", "nor a range" },
        { value_publish, "1-2000:2-2001", "more than 1024" },
        { value_publish, "10.0.0.1:1-2000:1-2000", "more than 1024" },
        { value_publish, "127.0.0.1:80:80", "is not supported yet" },
        { value_publish, "[::1]:80:80/tcp", "is not supported yet" },
        { value_publish, "127.0.0.1:80:80/udp", "does not route a loopback address" },
        { value_publish, "[::1]:80:80/sctp", "does not route a loopback address" },
        { value_publish, "127.0.0.2:80:80", "does not route a loopback address" },
        { value_publish, "224.0.0.1:80:80", "multicast" },
        { value_publish, "[ff02::1]:80:80", "multicast" },
        { value_publish, "255.255.255.255:80:80", "broadcast" },
        { value_publish, "255.0.0.1:80:80", "broadcast" },
        { value_publish, "fd00::1:80:80", "brackets" },
        { value_publish, "[fd00::1:80:80", "]:" },
        { value_publish, "[10.0.0.1]:80:80", "in brackets" },
        { value_publish, "host:80:80", "no valid address" },
};

static void test_refused(void **state _unused_) {
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        union value f;

        for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
                int r = parse(refused[i].parser, refused[i].text, &c, &f);

                if (r != -EINVAL || !strstr(c.why, refused[i].why))
                        fail_msg("'%s': %d '%s', not '%s'", refused[i].text, r, c.why,
                                 refused[i].why);
        }
        pool_free(&pool);
}

#define good(parser, text)                                          \
        ({                                                          \
                int _r = parse(parser, text, &c, &f);               \
                if (_r != 0 || c.why[0])                            \
                        fail_msg("'%s': %d '%s'", text, _r, c.why); \
                &f;                                                 \
        })

static void test_rates(void **state _unused_) {
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        const struct rate slow = { 1000000, 0 }, given = { 1000000, 20000 },
                          fast = { 1000000000, 0 };
        union value f;

        assert_int_equal(good(value_rate, "8000")->rate.bits, 8000);
        assert_int_equal(good(value_rate, "8K")->rate.bits, 8000);
        assert_int_equal(good(value_rate, "100M")->rate.bits, 100000000);
        assert_int_equal(good(value_rate, "2.5G")->rate.bits, 2500000000);
        assert_int_equal(good(value_rate, "8.001K")->rate.bits, 8001);
        assert_int_equal(good(value_rate, "100G")->rate.bits, 100000000000);
        assert_int_equal(good(value_rate, "100G")->rate.burst, 0);
        assert_int_equal(good(value_rate, "1M burst 1514")->rate.burst, 1514);
        assert_int_equal(good(value_rate, "1M  burst 64K")->rate.burst, 65536);
        assert_int_equal(good(value_rate, "1M burst 1G")->rate.burst, 1 << 30);
        assert_int_equal(rate_burst(&slow, 1500), 16384);
        assert_int_equal(rate_burst(&slow, 65535), 65549);
        assert_int_equal(rate_burst(&fast, 1500), 125000);
        assert_int_equal(rate_burst(&given, 1500), 20000);
        pool_free(&pool);
}

static void test_scalars(void **state _unused_) {
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        union value f;
        char text[MAC_MAX];

        assert_true(good(value_bool, "on")->boolean);
        assert_false(good(value_bool, "0")->boolean);
        assert_false(good(value_negated_bool, "yes")->boolean);
        assert_int_equal(good(value_tristate, "no")->tristate, NO);
        assert_int_equal(good(value_tristate, "true")->tristate, YES);
        assert_int_equal(good(value_families, "no")->families, FAMILY_NONE);
        assert_int_equal(good(value_families, "ipv6")->families, FAMILY_IPV6);
        assert_int_equal(good(value_families, "yes")->families, FAMILY_BOTH);
        assert_true(good(value_inbound, "any")->boolean);
        assert_int_equal(good(value_kind, "veth")->kind, KIND_VETH);
        assert_int_equal(good(value_mtu, "68")->u32, 68);
        assert_int_equal(good(value_queue_length, "0")->u32, UINT32_MAX);
        assert_int_equal(good(value_queue_length, "4294967294")->u32, 4294967294u);
        assert_int_equal(good(value_pvid, "none")->u16, 0);
        assert_int_equal(good(value_vni, "16777215")->u32, 16777215);
        assert_int_equal(good(value_port, "65535")->u16, 65535);
        assert_int_equal(good(value_vrf_table, "4294967295")->u32, UINT32_MAX);
        assert_int_equal(good(value_vrf_table, "256")->u32, 256);
        assert_int_equal(good(value_pvid, "4094")->u16, 4094);
        assert_int_equal(good(value_centiseconds, "15")->u32, 1500);
        assert_int_equal(good(value_centiseconds, "500ms")->u32, 50);
        assert_int_equal(good(value_centiseconds, "1min 30s")->u32, 9000);
        assert_int_equal(good(value_centiseconds, "1.5s")->u32, 150);
        assert_int_equal(good(value_centiseconds, "2.0000009")->u32, 200);
        assert_int_equal(good(value_centiseconds, "2.0000009999999999999999s 1s")->u32, 300);
        assert_int_equal(good(value_centiseconds, "0.01")->u32, 1);
        assert_int_equal(good(value_forward_delay, "2")->u32, 200);
        assert_int_equal(good(value_ageing_time, "0")->u32, 0);
        assert_string_equal(mac_print(&good(value_mac, "02:00:AA:bb:00:01")->mac, text),
                            "02:00:aa:bb:00:01");
        assert_string_equal(good(value_ifname, "fifteen-bytes-x")->name, "fifteen-bytes-x");
        assert_string_equal(good(value_netns_name, "a_b.c@d-e")->text, "a_b.c@d-e");
        assert_string_equal(good(value_text, "100% \xc3\xa4 \xf0\x9f\x98\x80")->text,
                            "100% \xc3\xa4 \xf0\x9f\x98\x80");
        assert_string_equal(good(value_unit_name, "a@b\\x2dc.mount")->item.text, "a@b\\x2dc.mount");
        assert_string_equal(good(value_service_name, "a.socket")->item.text, "a.socket");
        assert_string_equal(good(value_service_name, "a@.service")->item.text, "a@.service");
        assert_string_equal(good(value_documentation, "man:vnet(5)")->item.text, "man:vnet(5)");
        pool_free(&pool);
}

static void test_wireguard(void **state _unused_) {
        static const char key[] = "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8=";
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        union value f;
        char text[CIDR_MAX], again[KEY_TEXT + 1];
        uint8_t bytes[KEY_SIZE];

        assert_string_equal(good(value_public_key, key)->text, key);
        assert_int_equal(base64_read(key, bytes), 0);
        assert_int_equal(bytes[0], 0x8e);
        assert_int_equal(bytes[31], 0xff);
        for (int i = 0; i < 256; i++) { /* each digit comes out as it went in */
                memset(bytes, i, sizeof bytes);
                base64_write(bytes, again);
                memset(bytes, 0, sizeof bytes);
                assert_int_equal(base64_read(again, bytes), 0);
                assert_int_equal(bytes[0], i);
                assert_int_equal(bytes[31], i);
        }
        assert_string_equal(good(value_key_file, "/etc/a b.key")->text, "/etc/a b.key");
        assert_string_equal(good(value_key_file, "@vpn.key")->text, "@vpn.key");
        assert_int_equal(good(value_port, "51820")->u16, 51820);
        assert_int_equal(good(value_firewall_mark, "7")->u32, 7);
        assert_int_equal(good(value_firewall_mark, "0xFfffffff")->u32, UINT32_MAX);
        good(value_endpoint, "198.51.100.7:51820");
        assert_string_equal(address_print(&f.endpoint.address, text), "198.51.100.7");
        assert_int_equal(f.endpoint.port, 51820);
        assert_null(f.endpoint.name);
        assert_string_equal(
                address_print(&good(value_endpoint, "[2001:db8::1]:1")->endpoint.address, text),
                "2001:db8::1");
        assert_string_equal(good(value_endpoint, "vpn-1.Example.org.:1")->endpoint.name,
                            "vpn-1.Example.org.");
        assert_int_equal(f.endpoint.address.family, 0);
        assert_string_equal(good(value_endpoint, "localhost:1")->endpoint.name, "localhost");
        assert_string_equal(
                prefix_print(&good(value_allowed_ip, "10.44.7.9/16")->allowed.prefix, text),
                "10.44.0.0/16");
        assert_string_equal(prefix_print(&good(value_allowed_ip, "fd00::9")->allowed.prefix, text),
                            "fd00::9/128");
        assert_int_equal(good(value_keepalive, "off")->u16, 0);
        assert_int_equal(good(value_keepalive, "25")->u16, 25);
        assert_true(good(value_route_table, "off")->u32 == ROUTE_TABLE_OFF);
        assert_int_equal(good(value_route_table, "main")->u32, 254);
        assert_int_equal(good(value_route_table, "51")->u32, 51);
        pool_free(&pool);
}

static void test_net(void **state _unused_) {
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        union value f;
        char text[CIDR_MAX];

        assert_string_equal(
                prefix_print(&good(value_address_peer, "10.1.2.3/24")->address.prefix, text),
                "10.1.2.3/24");
        assert_string_equal(
                prefix_print(&good(value_address_peer, "FD00::0:1/64")->address.prefix, text),
                "fd00::1/64");
        good(value_address_peer, "10.0.0.0/31");
        good(value_address_peer, "10.0.0.0/32");
        good(value_address_peer, "10.0.0.1/32  peer  10.0.0.2");
        assert_string_equal(address_print(&f.address.peer, text), "10.0.0.2");
        good(value_address_peer, "10.0.0.0/24 peer 10.0.1.5");
        good(value_gateway, "fe80::1");
        assert_string_equal(address_print(&good(value_underlay, "2001:db8::1")->ip, text),
                            "2001:db8::1");
        assert_string_equal(address_print(&good(value_remote, "192.0.2.1")->gateway.address, text),
                            "192.0.2.1");
        assert_int_equal(good(value_multicast, "239.255.255.255")->ip.family, AF_INET);
        assert_int_equal(good(value_multicast, "ff05::1")->ip.family, AF_INET6);
        good(value_neighbor, "fd00::9 lladdr 02:00:00:00:00:09");
        assert_int_equal(f.neighbor.mac.bytes[5], 9);
        assert_string_equal(good(value_sysctl, "net.ipv4.conf.eth0/100.rp_filter = 1")->sysctl.key,
                            "net/ipv4/conf/eth0.100/rp_filter");
        assert_string_equal(f.sysctl.value, "1");
        assert_string_equal(good(value_sysctl, "net/ipv4/conf/a.b/x=a b")->sysctl.key,
                            "net/ipv4/conf/a.b/x");
        assert_string_equal(f.sysctl.value, "a b");
        assert_string_equal(good(value_sysctl, "net.ipv4.ip_forward=1")->sysctl.key,
                            "net/ipv4/ip_forward");
        pool_free(&pool);
}

static void test_publish(void **state _unused_) {
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        union value f;
        char text[ADDRESS_MAX];

        good(value_publish, "8080:80");
        assert_int_equal(f.publish.host_port, 8080);
        assert_int_equal(f.publish.port, 80);
        assert_int_equal(f.publish.count, 1);
        assert_int_equal(f.publish.protocol, IPPROTO_TCP);
        assert_int_equal(f.publish.host.family, 0);
        good(value_publish, "10.0.0.1:53:5353/udp");
        assert_string_equal(address_print(&f.publish.host, text), "10.0.0.1");
        assert_int_equal(f.publish.protocol, IPPROTO_UDP);
        good(value_publish, "[fd00::1]:1000-1009:2000-2009/sctp");
        assert_string_equal(address_print(&f.publish.host, text), "fd00::1");
        assert_int_equal(f.publish.count, 10);
        assert_int_equal(f.publish.port, 2000);
        good(value_publish, "1-65535:1-65535");
        assert_int_equal(f.publish.count, 65535);
        good(value_publish, "0.0.0.0:1-65535:1-65535");
        assert_int_equal(f.publish.host.family, AF_INET);
        good(value_publish, "[::]:80:80");
        assert_int_equal(f.publish.host.family, AF_INET6);
        good(value_publish, "198.51.100.255:80:80");
        good(value_publish, "1-1024:2-1025");
        pool_free(&pool);
}

/* Each byte at the front, in the middle and at the end of each kind of name: what a parser lets
 * through must mean nothing in a unit file or a path. */
static void test_hostile_bytes(void **state _unused_) {
        static const struct {
                value_parser *parser;
                const char *form; /* three '?' stand for the byte, one after the other */
                const char *never;
        } forms[] = {
                { value_unit_name, "?a?b.service?", " \t\n\r\"'%/;#=[]$`" },
                { value_service_name, "?a?b.service?", " \t\n\r\"'%/;#=[]$`" },
                { value_documentation, "?man:a?b?", " \t\n\r\"'\\" },
                { value_netns_name, "?a?b?", " \t\n\r\"'%/\\;#=[]$`:" },
                { value_ifname, "?a?b?", " \t\n\r\"'%/\\:" },
                { value_text, "?a?b?", "\t\n\r" },
        };
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };

        for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
                for (int byte = 1; byte < 256; byte++)
                        for (int place = 0; place < 3; place++) {
                                char text[64] = "";
                                union value f;
                                size_t n = 0;
                                int mark = 0;

                                for (const char *p = forms[i].form; *p; p++)
                                        if (*p != '?')
                                                text[n++] = *p;
                                        else if (mark++ == place)
                                                text[n++] = (char)byte;
                                if (parse(forms[i].parser, text, &c, &f) < 0)
                                        continue;
                                assert_true(byte >= ' ' && byte < 127);
                                assert_null(strchr(forms[i].never, byte));
                                assert_true(text[strlen(text) - 1] != '\\');
                        }
        pool_free(&pool);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_refused),       cmocka_unit_test(test_rates),
                cmocka_unit_test(test_scalars),       cmocka_unit_test(test_wireguard),
                cmocka_unit_test(test_net),           cmocka_unit_test(test_publish),
                cmocka_unit_test(test_hostile_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
