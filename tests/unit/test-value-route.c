/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Route= and Rule=: each accepted line is printed back from its struct and compared. */

#include "test.h"

#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "value.h"

#define add(...) used += (size_t)snprintf(text + used, size - used, __VA_ARGS__)

static void print_route(const struct route *r, char *text, size_t size) {
        static const char *const types[] = { "", "blackhole ", "unreachable ", "prohibit " };
        char a[CIDR_MAX];
        size_t used = 0;

        add("%s%s", types[r->type], prefix_print(&r->destination, a));
        list_foreach (hop, &r->hops)
                add(" hop(%s,%s,%u,%d)", address_print(&hop->via, a), hop->device, hop->weight,
                    hop->onlink);
        if (r->source.family)
                add(" src %s", address_print(&r->source, a));
        if (r->metric)
                add(" metric %u", r->metric);
        if (r->table)
                add(" table %u", r->table);
        if (r->mtu)
                add(" mtu %u", r->mtu);
}

static void print_rule(const struct routing_rule *r, char *text, size_t size) {
        char a[CIDR_MAX];
        size_t used = 0;

        add("%s%s", r->family == AF_INET ? "4" : "6", r->invert ? " not" : "");
        if (r->from.address.family)
                add(" from %s", prefix_print(&r->from, a));
        if (r->to.address.family)
                add(" to %s", prefix_print(&r->to, a));
        if (r->has_mark)
                add(" mark %x/%x", r->mark, r->mask);
        if (r->iif[0])
                add(" iif %s", r->iif);
        if (r->oif[0])
                add(" oif %s", r->oif);
        if (r->protocol)
                add(" ipproto %u", r->protocol);
        if (r->sport.first)
                add(" sport %u-%u", r->sport.first, r->sport.last);
        if (r->dport.first)
                add(" dport %u-%u", r->dport.first, r->dport.last);
        if (r->has_uids)
                add(" uids %u-%u", r->first_uid, r->last_uid);
        add(" table %u", r->table);
        if (r->has_suppress)
                add(" suppress %u", r->suppress);
        if (r->has_priority)
                add(" priority %u", r->priority);
}

struct line {
        const char *text, *printed, *why; /* one of the two */
};

static const struct line routes[] = {
        { "10.0.0.0/8", "10.0.0.0/8", NULL },
        { "10.0.0.1", "10.0.0.1/32", NULL },
        { "fd00::1", "fd00::1/128", NULL },
        { "default", "0.0.0.0/0", NULL },
        { "::/0", "::/0", NULL },
        { "default via 10.0.0.1", "0.0.0.0/0 hop(10.0.0.1,,1,0)", NULL },
        { "default via fe80::1 dev eth1 onlink", "::/0 hop(fe80::1,eth1,1,1)", NULL },
        { "default src fd00::1", "::/0 src fd00::1", NULL },
        { "10.0.0.0/8 dev eth1", "10.0.0.0/8 hop(,eth1,1,0)", NULL },
        { "10.0.0.0/8 metric 5 table main mtu 1400 src 10.0.0.1 via 10.0.0.9",
          "10.0.0.0/8 hop(10.0.0.9,,1,0) src 10.0.0.1 metric 5 table 254 mtu 1400", NULL },
        { "blackhole 10.0.0.0/8 metric 7", "blackhole 10.0.0.0/8 metric 7", NULL },
        { "unreachable default table 100", "unreachable 0.0.0.0/0 table 100", NULL },
        { "prohibit fd00::/8", "prohibit fd00::/8", NULL },
        { "default nexthop via 10.0.0.1 weight 3 nexthop via 10.0.0.2 dev eth1",
          "0.0.0.0/0 hop(10.0.0.1,,3,0) hop(10.0.0.2,eth1,1,0)", NULL },
        { "default metric 9 nexthop via fd00::1 nexthop dev eth1",
          "::/0 hop(fd00::1,,1,0) hop(,eth1,1,0) metric 9", NULL },
        { "", NULL, "no destination" },
        { "blackhole", NULL, "no destination" },
        { "10.0.0.1/8", NULL, "which is a host; its network is 10.0.0.0/8" },
        { "10.0.0.0/8 via", NULL, "nothing after 'via'" },
        { "10.0.0.0/8 via x", NULL, "'x' after 'via', which is not an address" },
        { "10.0.0.0/8 via fd00::1", NULL, "not supported yet" },
        { "10.0.0.0/8 via 10.0.0.1 via 10.0.0.2", NULL, "'via' twice" },
        { "10.0.0.0/8 via 0.0.0.0", NULL, "not the address of a host" },
        { "10.0.0.0/8 via 224.0.0.1", NULL, "not the address of a host" },
        { "10.0.0.0/8 metric x", NULL, "not a number" },
        { "10.0.0.0/8 table 0", NULL, "table '0'" },
        { "10.0.0.0/8 table x", NULL, "table 'x'" },
        { "10.0.0.0/8 dev a/b", NULL, "not a valid interface name" },
        { "10.0.0.0/8 mtu 1", NULL, "not a number from 68" },
        { "fd00::/8 mtu 1000", NULL, "1280" },
        { "10.0.0.0/8 onlink", NULL, "'onlink' without 'via'" },
        { "10.0.0.0/8 weight 2", NULL, "'weight' without nexthop" },
        { "10.0.0.0/8 proto static", NULL, "the unknown word 'proto'" },
        { "10.0.0.0/8 src fd00::1", NULL, "another family" },
        { "10.0.0.0/8 via 10.0.0.1 nexthop via 10.0.0.2", NULL, "besides its nexthops" },
        { "default nexthop nexthop via 10.0.0.1", NULL, "without gateway and device" },
        { "default nexthop via 10.0.0.1 nexthop via fd00::1", NULL, "not supported yet" },
        { "default nexthop via 10.0.0.1 weight 257", NULL, "1 to 256" },
        { "blackhole 10.0.0.0/8 via 10.0.0.1", NULL, "which a route of this type cannot have" },
        { "blackhole 10.0.0.0/8 nexthop via 10.0.0.1", NULL, "the unknown word 'nexthop'" },
        { "unicast 10.0.0.0/8", NULL, "'unicast', which is not a network" },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
          "too long" },
};

static const struct line rules[] = {
        { "table 100", "4 table 100", NULL },
        { "table main inet6", "6 table 254", NULL },
        { "from 10.0.0.0/8 table 7 priority 0", "4 from 10.0.0.0/8 table 7 priority 0", NULL },
        { "to fd00::1 table local", "6 to fd00::1/128 table 255", NULL },
        { "from all to all table default", "4 table 253", NULL },
        { "fwmark 0x10/0xff iif eth0 table 5", "4 mark 10/ff iif eth0 table 5", NULL },
        { "fwmark 16 table 5", "4 mark 10/ffffffff table 5", NULL },
        { "", NULL, "no table" },
        { "from 10.0.0.0/8", NULL, "no table" },
        { "from 10.0.0.1/8 table 1", NULL, "which is a host; its network is" },
        { "from 10.0.0.0/8 to fd00::/8 table 1", NULL, "mixes" },
        { "from 10.0.0.0/8 inet6 table 1", NULL, "mixes" },
        { "table 1 table 2", NULL, "'table' twice" },
        { "fwmark 0 table 5", "4 mark 0/ffffffff table 5", NULL },
        { "fwmark 0/0xff table 5", "4 mark 0/ff table 5", NULL },
        { "not from 10.0.0.0/8 table 1", "4 not from 10.0.0.0/8 table 1", NULL },
        { "table 1 fwmark 51820 not", "4 not mark ca6c/ffffffff table 1", NULL },
        { "not table 1", NULL, "'not' for any packet" },
        { "not from all table 1 suppress_prefixlength 0", NULL, "'not' for any packet" },
        { "not not oif eth0 table 1", NULL, "'not' twice" },
        { "oif eth0 table 1", "4 oif eth0 table 1", NULL },
        { "oif aaaaaaaaaaaaaaaa table 1", NULL,
          "after 'oif', which is not a valid interface name" },
        { "ipproto udp dport 53 table 1", "4 ipproto 17 dport 53-0 table 1", NULL },
        { "ipproto ipv6-icmp inet6 table 1", "6 ipproto 58 table 1", NULL },
        { "ipproto 255 table 1", "4 ipproto 255 table 1", NULL },
        { "ipproto 256 table 1", NULL, "'256' after 'ipproto'" },
        { "ipproto 0 table 1", NULL, "'0' after 'ipproto'" },
        { "ipproto TCP table 1", NULL, "neither a known protocol nor a number" },
        { "ipproto", NULL, "nothing after 'ipproto'" },
        { "sport 1-65534 table 1", "4 sport 1-65534 table 1", NULL },
        { "sport 5 table 1", "4 sport 5-0 table 1", NULL },
        { "sport 0 table 1", NULL, "'0' after 'sport', which is neither a port" },
        { "sport 65535 table 1", NULL, "'65535' after 'sport'" },
        { "dport 9-8 table 1", NULL, "'9-8' after 'dport'" },
        { "dport 9- table 1", NULL, "'9-' after 'dport'" },
        { "dport -9 table 1", NULL, "'-9' after 'dport'" },
        { "dport 1-2-3 table 1", NULL, "'1-2-3' after 'dport'" },
        { "dport http table 1", NULL, "'http' after 'dport'" },
        { "dport 1 dport 2 table 1", NULL, "'dport' twice" },
        { "uidrange 0-0 table 1", "4 uids 0-0 table 1", NULL },
        { "uidrange 1000-4294967294 table 1", "4 uids 1000-4294967294 table 1", NULL },
        { "uidrange 1000 table 1", NULL, "'1000' after 'uidrange', which is not FIRST-LAST" },
        { "uidrange 5-4 table 1", NULL, "'5-4' after 'uidrange'" },
        { "uidrange 5-4294967295 table 1", NULL, "after 'uidrange'" },
        { "uidrange root-root table 1", NULL, "after 'uidrange'" },
        { "table main suppress_prefixlength 0", "4 table 254 suppress 0", NULL },
        { "inet6 table 1 suppress_prefixlength 128", "6 table 1 suppress 128", NULL },
        { "table 1 suppress_prefixlength 33", NULL, "IPv4 has 32 bits" },
        { "table 1 suppress_prefixlength 129", NULL, "not a number from 0 to 128" },
        { "fwmark 5/0 table 1", NULL, "a mask of 0" },
        { "fwmark 0/0x0 table 1", NULL, "a mask of 0" },
        { "fwmark 0x table 1", NULL, "MARK/MASK" },
        { "fwmark 1/ table 1", NULL, "MARK/MASK" },
        { "fwmark 0x123456789 table 1", NULL, "MARK/MASK" },
        { "lookup 1", NULL, "the unknown word 'lookup'" },
        { "iif a/b table 1", NULL, "not a valid interface name" },
        { "table", NULL, "nothing after 'table'" },
};

static void check(const struct line *l, int r, const char *printed, const char *why) {
        if (l->why ? r != -EINVAL || !strstr(why, l->why) : r != 0 || !streq(printed, l->printed))
                fail_msg("'%s': %d '%s' %s", l->text, r, printed, why);
}

static void test_routes(void **state _unused_) {
        struct pool pool = POOL_NULL;

        for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
                struct value_context c = { .pool = &pool };
                struct route route = { 0 };
                char text[256] = "";
                int r = value_route(&c, routes[i].text, &route);

                if (r == 0)
                        print_route(&route, text, sizeof text);
                check(&routes[i], r, text, c.why);
        }
        pool_free(&pool);
}

static void test_rules(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
                struct value_context c = { 0 };
                struct rule rule = { 0 };
                char text[256] = "";
                int r = value_rule(&c, rules[i].text, &rule);

                if (r == 0)
                        print_rule(&rule.rule, text, sizeof text);
                check(&rules[i], r, text, c.why);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_routes),
                cmocka_unit_test(test_rules),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
