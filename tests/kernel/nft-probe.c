/* SPDX-License-Identifier: GPL-2.0-or-later */

/* lib/kernel/nft for test-nft.sh, which runs this in network namespaces of its own and compares
 * with nft(8). "checks" needs no nft: it looks at what our own calls say. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "nft/nft.h"
#include "plan.h"
#include "util.h"

/* --- samples: an element of every set --- */

static struct address address(const char *text) {
        struct address a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

        if (inet_pton(a.family, text, a.bytes) != 1)
                abort();
        return a;
}

static struct prefix subnet(const char *text, uint8_t length) {
        return (struct prefix){ address(text), length };
}

static bool is_six(enum nft_set set) {
        return strchr(nft_sets[set].name, '6') != NULL;
}

/* Every field filled: which of them matter is what nft_sets[] says. number: another element. */
static struct op_element sample(enum nft_set set, unsigned number) {
        bool six = is_six(set);
        struct op_element e = {
                .set = (uint8_t)set,
                .subnet = six ? subnet("fd00:1::", 64) : subnet("172.18.0.0", 16),
                .host = address(six ? "2001:db8::1" : "192.0.2.1"),
                .protocol = number % 2 == 0 ? IPPROTO_TCP : IPPROTO_SCTP,
                .port = (uint16_t)(8080 + 100 * number),
                .last = (uint16_t)(8090 + 100 * number),
                .index = 1 + number,
                .to = address(six ? "fd00:1::2" : "172.18.0.2"),
                .to_port = 80,
                .verdict = (uint8_t)(VERDICT_ACCEPT + (number + (set == SET_LEAVE)) % 4),
                .mac = { true, { 2, 0, 0, 0, 0, (uint8_t)number } },
        };

        if (set == SET_GUARDING)
                e.protocol = (uint8_t[]){ AF_INET, AF_INET6, 3 }[number % 3];
        e.subnet.address.bytes[six ? 7 : 1] = (uint8_t)(18 + number);
        snprintf(e.iif, sizeof e.iif, "br%u", number);
        snprintf(e.oif, sizeof e.oif, "vn-abcdefghij%u", number);
        return e;
}

static enum nft_set set_named(const char *name) {
        for (size_t i = 0; i < NFT_SETS; i++)
                if (streq(nft_sets[i].name, name))
                        return (enum nft_set)i;
        fprintf(stderr, "no set '%s'\n", name);
        exit(2);
}

/* --- one transaction of one call --- */

enum { ADD, DELETE, ADD_TABLE, DELETE_TABLE };

static int transact(struct nft *n, int what, const struct op_element *e, const char *owner) {
        size_t tag = 0;
        char why[160] = "";
        int r = nft_begin(n);

        if (r >= 0)
                switch (what) {
                case ADD: r = nft_add_element(n, e, owner, 7); break;
                case DELETE: r = nft_delete_element(n, e, 7); break;
                case ADD_TABLE:
                        r = nft_add_table(n, TABLE_INET) ?: nft_add_table(n, TABLE_BRIDGE);
                        break;
                case DELETE_TABLE:
                        r = nft_delete_table(n, TABLE_INET) ?: nft_delete_table(n, TABLE_BRIDGE);
                        break;
                }
        if (r < 0)
                return r;
        r = nft_commit(n, &tag, why);
        if (r < 0 && tag != (e ? 7 : SIZE_MAX))
                printf("FAIL tag: %zu of a message that failed with %s\n", tag, strerror(-r));
        return r;
}

/* --- checks --- */

struct count {
        unsigned passed, failed;
};

static void expect(struct count *c, const char *what, const char *which, int have, int want) {
        if (have == want) {
                c->passed++;
                return;
        }
        c->failed++;
        printf("FAIL %s of %s: %d instead of %d\n", what, which, have, want);
}

static void change_data(struct op_element *e) {
        e->to.bytes[3] ^= 1;
        e->verdict = e->verdict == VERDICT_ROUTED ? VERDICT_DROP : VERDICT_ROUTED;
}

static void check_set(struct nft *n, struct count *c, enum nft_set set) {
        struct op_element e = sample(set, 0), other = sample(set, 1), changed = e;
        const char *name = nft_sets[set].name;
        bool map = nft_sets[set].data[0] != PIECE_END;
        char owner[128] = "";

        change_data(&changed);
        expect(c, "getting what is not there", name, nft_get_element(n, &e, owner), -ENOENT);
        expect(c, "deleting what is not there", name, transact(n, DELETE, &e, NULL), -ENOENT);
        expect(c, "adding", name, transact(n, ADD, &e, "web"), 0);
        expect(c, "adding a neighbour", name, transact(n, ADD, &other, "db"), 0);
        expect(c, "adding it again", name, transact(n, ADD, &e, "web"), -EEXIST);
        expect(c, "getting", name, nft_get_element(n, &e, owner), 0);
        expect(c, "owner", name, strcmp(owner, "web"), 0);
        expect(c, "getting the neighbour", name, nft_get_element(n, &other, owner), 0);
        expect(c, "owner of the neighbour", name, strcmp(owner, "db"), 0);
        if (map) {
                expect(c, "adding other data", name, transact(n, ADD, &changed, "x"), -EEXIST);
                owner[0] = '\0';
                expect(c, "getting other data", name, nft_get_element(n, &changed, owner), -EEXIST);
                expect(c, "owner of other data", name, strcmp(owner, "web"), 0);
        }
        expect(c, "deleting", name, transact(n, DELETE, &e, NULL), 0);
        expect(c, "getting what was deleted", name, nft_get_element(n, &e, owner), -ENOENT);
        expect(c, "the neighbour", name, nft_get_element(n, &other, owner), 0);
        expect(c, "deleting the neighbour", name, transact(n, DELETE, &other, NULL), 0);
}

/* Three subnets that touch, put in and taken out in every order. */
static void check_neighbours(struct nft *n, struct count *c, enum nft_set set) {
        static const uint8_t orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                             { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
        char owner[128];

        for (size_t i = 0; i < ARRAY_SIZE(orders) * ARRAY_SIZE(orders); i++) {
                const uint8_t *in = orders[i / ARRAY_SIZE(orders)],
                              *out = orders[i % ARRAY_SIZE(orders)];
                struct op_element e[3] = { sample(set, 0), sample(set, 1), sample(set, 2) };

                for (size_t k = 0; k < 3; k++)
                        expect(c, "adding", nft_sets[set].name, transact(n, ADD, &e[in[k]], "a"),
                               0);
                for (size_t k = 0; k < 3; k++) {
                        for (size_t m = 0; m < 3; m++)
                                expect(c, "getting", nft_sets[set].name,
                                       nft_get_element(n, &e[out[m]], owner), m < k ? -ENOENT : 0);
                        expect(c, "deleting", nft_sets[set].name,
                               transact(n, DELETE, &e[out[k]], NULL), 0);
                }
        }
}

/* Subnets that contain each other, and those without an address behind them. */
static void check_subnets(struct nft *n, struct count *c) {
        static const struct {
                const char *have;
                uint8_t have_length;
                const char *ask;
                uint8_t ask_length;
                int add, get; /* ask, while have is there */
        } rows[] = {
                { "10.1.0.0", 16, "10.1.0.0", 24, -EEXIST, -EEXIST },
                { "10.1.0.0", 24, "10.1.0.0", 16, -EEXIST, -ENOENT },
                { "10.1.128.0", 17, "10.1.0.0", 16, -EEXIST, -EEXIST },
                { "10.1.0.0", 16, "10.1.128.0", 17, -EEXIST, -EEXIST },
                { "10.1.0.1", 32, "10.1.0.2", 32, 0, -ENOENT },
                { "10.1.0.2", 32, "10.1.0.1", 32, 0, -ENOENT },
                { "255.255.0.0", 16, "255.254.0.0", 16, 0, -ENOENT },
                { "255.255.255.255", 32, "255.255.255.254", 32, 0, -ENOENT },
                { "0.0.0.0", 0, "10.0.0.0", 8, -EEXIST, -EEXIST },
                { "0.0.0.0", 1, "128.0.0.0", 1, 0, -ENOENT },
                { "ffff::", 16, "fffe::", 16, 0, -ENOENT },
                { "::", 0, "fd00::", 8, -EEXIST, -EEXIST },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                enum nft_set set = strchr(rows[i].have, ':') ? SET_MASQ6 : SET_MASQ4;
                struct op_element have = sample(set, 0), ask = have;
                char owner[128];

                have.subnet = subnet(rows[i].have, rows[i].have_length);
                ask.subnet = subnet(rows[i].ask, rows[i].ask_length);
                expect(c, "adding", rows[i].have, transact(n, ADD, &have, "a"), 0);
                expect(c, "getting", rows[i].have, nft_get_element(n, &have, owner), 0);
                expect(c, "asking beside", rows[i].have, nft_get_element(n, &ask, owner),
                       rows[i].get);
                expect(c, "adding beside", rows[i].have, transact(n, ADD, &ask, "b"), rows[i].add);
                if (rows[i].add == 0)
                        expect(c, "deleting beside", rows[i].have, transact(n, DELETE, &ask, NULL),
                               0);
                expect(c, "getting once more", rows[i].have, nft_get_element(n, &have, owner), 0);
                expect(c, "deleting", rows[i].have, transact(n, DELETE, &have, NULL), 0);
        }
}

/* A port that a single element or a range has already, in another map. */
static void check_ports(struct nft *n, struct count *c, bool six) {
        enum nft_set range_set = six ? SET_PUBLISH6_RANGE : SET_PUBLISH4_RANGE;
        enum nft_set sets[] = { six ? SET_PUBLISH6 : SET_PUBLISH4,
                                six ? SET_PUBLISH6_AT : SET_PUBLISH4_AT };
        struct op_element range = sample(range_set, 0), second = range; /* 8080 … 8090 */
        char owner[128] = "";

        for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
                struct op_element e = sample(sets[i], 0);
                const char *name = nft_sets[sets[i]].name;

                expect(c, "no range", name, nft_port_taken(n, &e, owner), 0);
                expect(c, "adding the range", name, transact(n, ADD, &range, "web"), 0);
                e.port = 8079;
                expect(c, "below", name, nft_port_taken(n, &e, owner), 0);
                e.port = 8091;
                expect(c, "above", name, nft_port_taken(n, &e, owner), 0);
                e.port = 8080;
                expect(c, "first", name, nft_port_taken(n, &e, owner), 1);
                expect(c, "owner", name, strcmp(owner, "web"), 0);
                e.protocol = IPPROTO_UDP;
                expect(c, "other protocol", name, nft_port_taken(n, &e, owner), 0);
                e.protocol = IPPROTO_TCP;
                expect(c, "deleting the range", name, transact(n, DELETE, &range, NULL), 0);

                e.port = 8090;
                expect(c, "adding a port", name, transact(n, ADD, &e, "db"), 0);
                expect(c, "range over a port", name, nft_port_taken(n, &range, owner), 1);
                expect(c, "owner", name, strcmp(owner, "db"), 0);
                expect(c, "deleting the port", name, transact(n, DELETE, &e, NULL), 0);
                expect(c, "range alone", name, nft_port_taken(n, &range, owner), 0);
        }
        expect(c, "adding the range", "ranges", transact(n, ADD, &range, "web"), 0);
        for (uint16_t first = 8070; first <= 8100; first += 10) {
                second.port = first;
                second.last = first + 9;
                expect(c, "range beside a range", "ranges", nft_port_taken(n, &second, owner),
                       first + 9 >= range.port && first <= range.last);
        }
        expect(c, "deleting the range", "ranges", transact(n, DELETE, &range, NULL), 0);
}

static void check_missing_table(struct nft *n, struct count *c) {
        struct op_element e = sample(SET_PUBLISH4_RANGE, 0);
        char owner[128];

        expect(c, "table", "missing", nft_table_exists(n, TABLE_INET), 0);
        expect(c, "table", "missing", nft_table_exists(n, TABLE_BRIDGE), 0);
        expect(c, "getting", "missing", nft_get_element(n, &e, owner), -ENOENT);
        expect(c, "port", "missing", nft_port_taken(n, &e, owner), 0);
        e.set = SET_PUBLISH4;
        expect(c, "port", "missing", nft_port_taken(n, &e, owner), 0);
        expect(c, "adding", "missing", transact(n, ADD, &e, "a"), -ENOENT);
        expect(c, "deleting", "missing", transact(n, DELETE, &e, NULL), -ENOENT);
        expect(c, "deleting the table", "missing", transact(n, DELETE_TABLE, NULL, NULL), -ENOENT);
}

static int run_checks(struct nft *n) {
        struct count c = { 0, 0 };

        check_missing_table(n, &c);
        expect(&c, "adding", "table", transact(n, ADD_TABLE, NULL, NULL), 0);
        expect(&c, "adding again", "table", transact(n, ADD_TABLE, NULL, NULL), -EEXIST);
        expect(&c, "asking", "table", nft_table_exists(n, TABLE_INET), 1);
        expect(&c, "asking", "table", nft_table_exists(n, TABLE_BRIDGE), 1);
        for (size_t i = 0; i < NFT_SETS; i++)
                if (nft_sets[i].table != TABLE_INSIDE) /* which tests/kernel/inbound.sh has */
                        check_set(n, &c, (enum nft_set)i);
        for (size_t i = SET_MASQ4; i <= SET_SNAT6; i++)
                check_neighbours(n, &c, (enum nft_set)i);
        check_subnets(n, &c);
        check_ports(n, &c, false);
        check_ports(n, &c, true);
        printf("%u checks passed, %u failed\n", c.passed, c.failed);
        return c.failed == 0 ? 0 : 1;
}

/* --- many elements at once --- */

/* A range of ports that maps to other ports, in both families: one transaction of 2 × count. The
 * element number "taken", if any, is there already. */
static int run_many(struct nft *n, unsigned count, int taken) {
        size_t tag = SIZE_MAX;
        char why[160] = "";
        int r = nft_begin(n);

        for (unsigned i = 0; r >= 0 && i < 2 * count; i++) {
                struct op_element e = sample(i < count ? SET_PUBLISH4 : SET_PUBLISH6, 0);

                e.port = e.last = (uint16_t)(10000 + i % count);
                e.to_port = (uint16_t)(20000 + i % count);
                r = nft_add_element(n, &e, "a-name-of-middling-length", i);
        }
        if (r >= 0)
                r = nft_commit(n, &tag, why);
        if (r < 0 && taken >= 0)
                printf("%s %zd\n", strerror(-r), (ssize_t)tag);
        else if (r < 0)
                printf("FAIL %s: %s\n", strerror(-r), why);
        return r < 0 && taken < 0;
}

/* --- published ports of the shell's choice, for packets --- */

static int run_publish(struct nft *n, char **argv) {
        struct op_element e = sample(set_named(argv[1]), 0);
        const struct op_element *one = &e;
        bool stale = streq(argv[0], "stale"), drop = streq(argv[0], "withdraw");
        int r;

        e.protocol = streq(argv[2], "udp") ? IPPROTO_UDP : IPPROTO_TCP;
        e.port = (uint16_t)atoi(argv[3]);
        e.last = (uint16_t)atoi(argv[4]);
        e.to = address(argv[5]);
        e.to_port = (uint16_t)atoi(argv[6]);
        if (argv[7])
                e.host = address(argv[7]);
        else
                e.host.family = 0;
        if (stale)
                r = nft_forget_stale(n, &one, 1, NULL, NULL);
        else if (drop)
                r = (transact(n, DELETE, &e, NULL), nft_forget_published(n, &one, 1, NULL));
        else
                r = transact(n, ADD, &e, "web");
        if (r < 0)
                printf("FAIL %s: %s\n", argv[0], strerror(-r));
        return r < 0;
}

static int run_words(const char *set, const char *number) {
        struct op_element e = sample(set_named(set), (unsigned)atoi(number));

        element_print_key(stdout, &e);
        fputs(" comment \"web\"", stdout);
        element_print_data(stdout, &e);
        putchar('\n');
        return 0;
}

static int run(struct nft *n, int argc, char **argv) {
        struct op_element e;

        if (streq(argv[1], "table"))
                return transact(n, ADD_TABLE, NULL, NULL) < 0;
        if (streq(argv[1], "delete-table"))
                return transact(n, DELETE_TABLE, NULL, NULL) < 0;
        if (streq(argv[1], "checks"))
                return run_checks(n);
        if (streq(argv[1], "many") && argc == 4)
                return run_many(n, (unsigned)atoi(argv[2]), atoi(argv[3]));
        if (argc >= 8)
                return run_publish(n, argv + 1);
        if (argc != 4)
                return 2;
        e = sample(set_named(argv[2]), (unsigned)atoi(argv[3]));
        return transact(n, streq(argv[1], "add") ? ADD : DELETE, &e, "web") < 0;
}

int main(int argc, char **argv) {
        struct nft *n;
        int r;

        if (argc < 2)
                return 2;
        if (streq(argv[1], "print"))
                return table_print(stdout, TABLE_INET), table_print(stdout, TABLE_BRIDGE), 0;
        if (streq(argv[1], "family") && argc == 3) /* of the table that the set is in */
                return puts(nft_tables[nft_sets[set_named(argv[2])].table].family), 0;
        if (streq(argv[1], "words") && argc == 4)
                return run_words(argv[2], argv[3]);
        if (streq(argv[1], "sets")) {
                for (size_t i = 0; i < NFT_SETS; i++)
                        if (nft_sets[i].table != TABLE_INSIDE)
                                puts(nft_sets[i].name);
                return 0;
        }
        r = nft_open(&n, NULL);
        if (r < 0) {
                printf("FAIL open: %s\n", strerror(-r));
                return 1;
        }
        r = run(n, argc, argv);
        nft_close(n);
        return r;
}
