/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Addresses, derived names and hardware addresses, lists. */

#include "test.h"

#include <sys/socket.h>

#include "util.h"
#include "value.h"

static struct prefix prefix(const char *text) {
        struct prefix p;

        assert_int_equal(parse_prefix(text, &p), 0);
        return p;
}

static void test_prefixes(void **state _unused_) {
        static const struct {
                const char *a, *b;
                bool overlap;
        } cases[] = {
                { "10.0.0.1/8", "10.255.0.0/16", true }, { "10.0.0.0/9", "10.128.0.0/9", false },
                { "10.0.0.1/32", "10.0.0.1/32", true },  { "10.0.0.1/32", "10.0.0.2/32", false },
                { "0.0.0.0/0", "1.2.3.4/32", true },     { "::/0", "1.2.3.4/32", false },
                { "fd00::/7", "fc00::1/128", true },     { "fd00::/8", "fc00::1/128", false },
                { "fd00::1/127", "fd00::2/127", false },
        };
        char text[CIDR_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct prefix a = prefix(cases[i].a), b = prefix(cases[i].b);

                assert_int_equal(prefix_overlap(&a, &b), cases[i].overlap);
                assert_int_equal(prefix_overlap(&b, &a), cases[i].overlap);
        }
        for (unsigned length = 0; length <= 32; length++) {
                struct prefix p = { { AF_INET, { 0xff, 0xff, 0xff, 0xff } }, (uint8_t)length },
                              network;
                uint32_t mask = length ? UINT32_MAX << (32 - length) : 0;

                network = prefix_network(&p);
                for (int i = 0; i < 4; i++)
                        assert_int_equal(network.address.bytes[i], (uint8_t)(mask >> (24 - i * 8)));
        }
        assert_string_equal(prefix_print(&(struct prefix){ { AF_INET6, { 0xfd } }, 8 }, text),
                            "fd00::/8");
        assert_string_equal(address_print(&(struct address){ 0 }, text), "");
}

static const char *host_name(const char *name, size_t link, const char **full) {
        static char text[IFNAMSIZ];
        static char whole[128];
        struct vnet *v = vnet_new(name, "/x");

        for (size_t i = 0; i <= link; i++) {
                struct link *l = list_add(&v->pool, &v->ns.links);

                snprintf(l->name, sizeof l->name, "eth%zu", i);
        }
        v->ns.links.items[0].kind = KIND_VETH;
        assert_int_equal(link_host_name(v, &v->ns.links.items[link], text, full), 0);
        if (*full) {
                snprintf(whole, sizeof whole, "%s", *full);
                *full = whole;
        }
        vnet_free(v);
        return text;
}

static void test_host_names(void **state _unused_) {
        const char *full;
        char first[IFNAMSIZ];

        assert_string_equal(host_name("net0", 0, &full), "vn-net0");
        assert_null(full);
        assert_string_equal(host_name("net0", 1, &full), "vn-net0-eth1");
        assert_string_equal(host_name("twelve-bytes", 0, &full), "vn-twelve-bytes");
        assert_null(full);
        /* These may never change: they are the names that running systems have. */
        assert_string_equal(host_name("thirteen-byte", 0, &full), "vn-thirn5onny2x");
        assert_string_equal(full, "vn-thirteen-byte");
        snprintf(first, sizeof first, "%s", host_name("a-very-long-name-1", 0, &full));
        assert_string_not_equal(first, host_name("a-very-long-name-2", 0, &full));
        assert_int_equal(strlen(first), 15);
        assert_true(ifname_valid(first));
        assert_int_equal(
                strlen(host_name("123456789012345678901234567890123456789012345678901234567"
                                 "890123",
                                 9, &full)),
                15);
        assert_int_equal(strlen(host_name("ab", 0, &full)), 5);
        assert_int_equal(strlen(host_name("a", 0, &full)), 4);
}

static const char *ifb_name(const char *name, size_t link) {
        static char text[IFNAMSIZ];
        struct vnet *v = vnet_new(name, "/x");

        for (size_t i = 0; i <= link; i++) {
                struct link *l = list_add(&v->pool, &v->ns.links);

                snprintf(l->name, sizeof l->name, "eth%zu", i);
                snprintf(l->host_name, sizeof l->host_name, "port%zu", i);
        }
        link_ifb_name(v, &v->ns.links.items[link], text);
        vnet_free(v);
        return text;
}

/* Whatever the outer end is called. */
static void test_ifb_names(void **state _unused_) {
        assert_string_equal(ifb_name("net0", 0), "vi-net0");
        assert_string_equal(ifb_name("net0", 1), "vi-net0-eth1");
        assert_string_equal(ifb_name("thirteen-byte", 0), "vi-thirihu2lk5c");
}

static void test_macs(void **state _unused_) {
        static const char *const names[] = { "net0", "net1", "a", "" };
        struct mac seen[ARRAY_SIZE(names) * 2];
        char text[MAC_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(names) * 2; i++) {
                seen[i] = derive_mac("0123456789abcdef0123456789abcdef", names[i / 2],
                                     i % 2 ? "eth0" : "host");
                assert_int_equal(seen[i].bytes[0] & 3, 2);
                assert_true(seen[i].set);
                for (size_t k = 0; k < i; k++)
                        assert_memory_not_equal(seen[i].bytes, seen[k].bytes, 6);
        }
        assert_string_equal(mac_print(&seen[1], text), "e2:17:9b:da:ba:2a");
        /* the parts are kept apart */
        assert_memory_not_equal(derive_mac("m", "ab", "c").bytes, derive_mac("m", "a", "bc").bytes,
                                6);
}

static void test_lists(void **state _unused_) {
        struct pool pool = POOL_NULL;
        LIST(uint64_t) list = { 0 };

        for (uint64_t i = 0; i < 1000; i++) {
                uint64_t *item = list_add(&pool, &list);

                assert_int_equal(*item, 0);
                *item = i;
                assert_non_null(pool_alloc(&pool, 1));
        }
        for (uint64_t i = 0; i < 1000; i++)
                assert_int_equal(list.items[i], i);
        assert_string_equal(pool_printf(&pool, "%d-%s", 7, "x"), "7-x");
        assert_string_equal(pool_strndup(&pool, "abcdef", 3), "abc");
        assert_non_null(pool_alloc(&pool, 1000000));
        assert_null(pool_alloc(&pool, SIZE_MAX));
        pool_free(&pool);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_prefixes),  cmocka_unit_test(test_host_names),
                cmocka_unit_test(test_ifb_names), cmocka_unit_test(test_macs),
                cmocka_unit_test(test_lists),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
