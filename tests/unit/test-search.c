/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which file counts. Each test makes a tree and compares all that is found, written as a line. */

#include "test.h"

#include <errno.h>

#include "search.h"
#include "util.h"
#include "value.h"

static void add_file(char *text, size_t size, const char *path) {
        size_t used = strlen(text);

        snprintf(text + used, size - used, " %s", path + strlen(test_root()));
}

static void print(const struct sources *all, char *text, size_t size) {
        text[0] = '\0';
        list_foreach (s, &all->items) {
                size_t used = strlen(text);

                snprintf(text + used, size - used, "%s%s%s%s%s%s:", s->name, s->masked ? "!" : "",
                         s->bad_name ? "?" : "", s->is_template ? "*" : "", s->instance ? "=" : "",
                         s->instance ?: "");
                add_file(text, size, s->path);
                list_foreach (d, &s->drop_ins)
                        add_file(text, size, *d);
                used = strlen(text);
                snprintf(text + used, size - used, "\n");
        }
}

static void expect(const char *expected) {
        struct diags d = DIAGS_NULL;
        struct sources all;
        char text[4096];

        assert_int_equal(search_all(test_root(), &all, &d), 0);
        print(&all, text, sizeof text);
        assert_string_equal(text, expected);
        assert_int_equal(d.n, 0);
        sources_free(&all);
}

static void expect_one(const char *name, const char *expected) {
        struct diags d = DIAGS_NULL;
        struct sources one;
        char text[4096];

        assert_int_equal(search_one(test_root(), name, &one, &d), 0);
        print(&one, text, sizeof text);
        assert_string_equal(text, expected);
        sources_free(&one);
}

static void test_order(void **state _unused_) {
        expect("");
        test_file("/usr/lib/vnet/a.vnet", "#");
        test_file("/usr/lib/vnet/b.vnet", "#");
        test_file("/usr/local/lib/vnet/b.vnet", "#");
        test_file("/run/vnet/c.vnet", "#");
        test_file("/etc/vnet/c.vnet", "#");
        test_file("/run/vnet/d.vnet", "#");
        test_file("/etc/vnet/.hidden.vnet", "#");
        test_file("/etc/vnet/x.vnet~", "#");
        test_file("/etc/vnet/.vnet", "#");
        test_file("/etc/vnet/x.conf", "#");
        expect("a: /usr/lib/vnet/a.vnet\nb: /usr/local/lib/vnet/b.vnet\nc: /etc/vnet/c.vnet\n"
               "d: /run/vnet/d.vnet\n");
        expect_one("c", "c: /etc/vnet/c.vnet\n");
        expect_one("a", "a: /usr/lib/vnet/a.vnet\n");
        test_clean();
}

static void test_masks(void **state _unused_) {
        test_file("/usr/lib/vnet/a.vnet", "#");
        test_file("/etc/vnet/a.vnet", NULL);
        test_file("/usr/lib/vnet/b.vnet", "#");
        test_file("/etc/vnet/b.vnet", "");
        test_link("/etc/vnet/c.vnet", "nowhere");
        /* that a regular file is empty is seen when it is read, or when one is asked for */
        expect("a!: /etc/vnet/a.vnet\nb: /etc/vnet/b.vnet\nc: /etc/vnet/c.vnet\n");
        expect_one("a", "a!: /etc/vnet/a.vnet\n");
        expect_one("b", "b!: /etc/vnet/b.vnet\n");
        expect_one("c", "c: /etc/vnet/c.vnet\n");
        test_clean();
}

static void test_names(void **state _unused_) {
        test_file("/etc/vnet/a b.vnet", "#");
        test_file("/etc/vnet/-a.vnet", "#");
        test_file("/etc/vnet/a@.vnet", "#");
        test_file("/etc/vnet/a@x.vnet", "#");
        test_file("/etc/vnet/a@x@y.vnet", "#");
        test_file("/etc/vnet/a b.vnet.d/x.conf", "#");
        expect("-a?: /etc/vnet/-a.vnet\na@*: /etc/vnet/a@.vnet\na@x=x: /etc/vnet/a@x.vnet\n"
               "a@x@y=x@y: /etc/vnet/a@x@y.vnet\n"
               "a\\x20b?: /etc/vnet/a b.vnet /etc/vnet/a b.vnet.d/x.conf\n");
        test_clean();
}

/* What stands for a bad name in the name of a unit: never a NAME, never too long, never the same. */
static void test_escape(void **state _unused_) {
        char long_a[251], long_b[251], some[131];
        struct pool pool = POOL_NULL;
        const char *a, *b;

        assert_string_equal(name_escape(&pool, "net 0"), "net\\x200");
        assert_string_equal(name_escape(&pool, "net\\x200"), "net\\x5cx200");
        assert_string_equal(name_escape(&pool, "\xff/\n%%"), "\\xff\\x2f\\x0a\\x25\\x25");
        assert_string_equal(name_escape(&pool, "-a_.@"), "-a_.@");
        memset(some, 'a', 64);
        some[64] = '\0';
        assert_string_equal(name_escape(&pool, some), some);
        memset(long_a, ' ', 250);
        long_a[250] = '\0';
        memcpy(long_b, long_a, 251);
        long_b[249] = 'x';
        a = name_escape(&pool, long_a);
        b = name_escape(&pool, long_b);
        assert_string_not_equal(a, b);
        assert_true(strlen(a) <= 150 && strlen(b) <= 150 && !name_valid(a) && !name_valid(b));
        memset(some, 'a', 130);
        some[130] = '\0';
        assert_false(name_valid(name_escape(&pool, some)));
        pool_free(&pool);
}

/* What cannot be listed costs only those that it is of. */
static void test_closed(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct sources all;

        test_file("/usr/lib/vnet/a.vnet", "#");
        test_link("/usr/lib/vnet/a.vnet.d", "a.vnet.d");
        test_file("/usr/lib/vnet/b.vnet", "#");
        test_file("/usr/lib/vnet/b.vnet.d/x.conf", "#");
        test_file("/usr/lib/vnet/t@1.vnet", "#");
        test_link("/usr/lib/vnet/t@.vnet.d", "nowhere");
        test_file("/usr/lib/vnet/u.vnet", "#");
        test_file("/usr/lib/vnet/u.vnet.d", "a file that is no directory is nobody's");
        test_link("/usr/lib/vnet/lonely.vnet.d", "lonely.vnet.d");
        test_link("/etc/vnet", "vnet");
        assert_int_equal(search_all(test_root(), &all, &d), 0);
        assert_true(all.incomplete);
        assert_int_equal(all.items.n, 4);
        assert_non_null(all.items.items[0].closed);
        assert_null(all.items.items[1].closed);
        assert_int_equal(all.items.items[1].drop_ins.n, 1);
        assert_non_null(all.items.items[2].closed);
        assert_null(all.items.items[3].closed);
        sources_free(&all);
        assert_string_equal(test_diags(&d),
                            "/etc/vnet/: cannot be listed: Too many levels of symbolic links\n"
                            "/usr/lib/vnet/lonely.vnet.d/: cannot be listed: Too many levels of "
                            "symbolic links\n");
        assert_int_equal(search_one(test_root(), "b", &all, &d), 0);
        sources_free(&all);
        assert_int_equal(search_one(test_root(), "a", &all, &d), -ELOOP);
        test_expect(&d, "/usr/lib/vnet/a.vnet.d/: cannot be listed");
        diags_free(&d);
        test_clean();
}

static void test_below(void **state _unused_) {
        struct pool pool = POOL_NULL;

        assert_string_equal(search_below(&pool, "", "/etc/vnet/a.vnet"), "/run/vnet/a.vnet");
        assert_string_equal(search_below(&pool, "/r", "/r/run/vnet/a.vnet.d/x.conf"),
                            "/r/usr/local/lib/vnet/a.vnet.d/x.conf");
        assert_string_equal(search_below(&pool, "", "/usr/local/lib/vnet/a"), "/usr/lib/vnet/a");
        assert_null(search_below(&pool, "", "/usr/lib/vnet/a.vnet"));
        assert_null(search_below(&pool, "/r", "/etc/vnet/a.vnet"));
        assert_null(search_below(&pool, "", "/etc/vnetx/a.vnet"));
        pool_free(&pool);
}

static void test_drop_ins(void **state _unused_) {
        test_file("/etc/vnet/a.vnet", "#");
        test_file("/etc/vnet/a.vnet.d/20-x.conf", "#");
        test_file("/usr/lib/vnet/a.vnet.d/10-y.conf", "#");
        test_file("/run/vnet/a.vnet.d/20-x.conf", "#");
        test_file("/usr/lib/vnet/a.vnet.d/30-z.conf", "#");
        test_file("/etc/vnet/a.vnet.d/30-z.conf", NULL);
        test_file("/usr/lib/vnet/a.vnet.d/40-e.conf", "#");
        test_file("/etc/vnet/a.vnet.d/40-e.conf", "");
        test_file("/etc/vnet/a.vnet.d/.h.conf", "#");
        test_file("/etc/vnet/a.vnet.d/README", "#");
        test_file("/etc/vnet/lonely.vnet.d/10.conf", "#"); /* a drop-in alone makes nothing */
        expect("a: /etc/vnet/a.vnet /usr/lib/vnet/a.vnet.d/10-y.conf "
               "/etc/vnet/a.vnet.d/20-x.conf\n");
        expect_one("a", "a: /etc/vnet/a.vnet /usr/lib/vnet/a.vnet.d/10-y.conf "
                        "/etc/vnet/a.vnet.d/20-x.conf\n");
        test_clean();
}

static void test_template_drop_ins(void **state _unused_) {
        static const char expected[] =
                "t@i=i: /etc/vnet/t@i.vnet /etc/vnet/t@i.vnet.d/10.conf "
                "/usr/lib/vnet/t@.vnet.d/15.conf /etc/vnet/t@.vnet.d/20.conf "
                "/etc/vnet/t@i.vnet.d/30.conf\n";
        char all[512];

        test_file("/usr/lib/vnet/t@.vnet", "#");
        test_link("/etc/vnet/t@i.vnet", "../../usr/lib/vnet/t@.vnet");
        test_file("/etc/vnet/t@i.vnet.d/10.conf", "#");
        test_file("/etc/vnet/t@.vnet.d/10.conf", "#"); /* the instance's own goes first */
        test_file("/usr/lib/vnet/t@.vnet.d/15.conf", "#");
        test_file("/etc/vnet/t@.vnet.d/20.conf", "#"); /* a higher directory goes first */
        test_file("/usr/lib/vnet/t@i.vnet.d/20.conf", "#");
        test_file("/etc/vnet/t@i.vnet.d/30.conf", "#");
        test_file("/etc/vnet/t@j.vnet.d/10.conf", "#");
        snprintf(all, sizeof all,
                 "t@*: /usr/lib/vnet/t@.vnet /etc/vnet/t@.vnet.d/10.conf "
                 "/usr/lib/vnet/t@.vnet.d/15.conf /etc/vnet/t@.vnet.d/20.conf\n%s",
                 expected);
        expect(all);
        expect_one("t@i", expected);
        test_clean();
}

/* What looks meant and is not read, in /etc/vnet; in /run/vnet the helper keeps other things. */
static void test_strays(void **state _unused_) {
        static const char *const quiet[] = {
                "net0.vnet~", ".net0.vnet.swp",      ".hidden.conf",       "#net0.vnet#",
                "README",     "README.md",           "net0.vnet.bak",      "net0.vnet.dpkg-old",
                "Makefile",   "net0.vnet.d/a.conf~", "net0.vnet.d/README",
        };
        static const char *const told[][2] = {
                { "net1", "ignored, since its name does not end in .vnet" },
                { "net1.Vnet", "ignored, since its name does not end in .vnet" },
                { "net1.conf", "ignored, since its name does not end in .vnet" },
                { "net1.network", "ignored, since its name does not end in .vnet" },
                { "net1.vnet.txt", "ignored, since its name does not end in .vnet" },
                { "net0.vnet.d/b.vnet", "ignored, since its name does not end in .conf" },
                { "net0.d/a.conf", "ignored; the drop-ins of NAME.vnet go into NAME.vnet.d" },
                { "lone.vnet.d/a.conf", "ignored, since there is no lone.vnet" },
                { "lone@.vnet.d/a.conf", "ignored, since there is no lone@.vnet" },
        };
        struct diags d = DIAGS_NULL;
        struct sources all;
        char path[64];

        test_file("/etc/vnet/net0.vnet", "#");
        test_file("/etc/vnet/t@1.vnet", "#");
        test_file("/etc/vnet/t@.vnet.d/a.conf", "#");
        test_file("/run/vnet/state/net0", "#");
        test_file("/run/vnet/net2.conf", "#");
        test_file("/run/vnet/lock", "#");
        for (size_t i = 0; i < ARRAY_SIZE(quiet); i++) {
                snprintf(path, sizeof path, "/etc/vnet/%s", quiet[i]);
                test_file(path, "#");
        }
        assert_int_equal(search_all(test_root(), &all, &d), 0);
        assert_int_equal(all.strays.n, 0);
        sources_free(&all);
        for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
                snprintf(path, sizeof path, "/etc/vnet/%s", told[i][0]);
                test_file(path, "#");
        }
        assert_int_equal(search_all(test_root(), &all, &d), 0);
        assert_int_equal(all.strays.n, ARRAY_SIZE(told));
        for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
                bool found = false;

                list_foreach (stray, &all.strays) {
                        const char *name = strstr(stray->path, "/vnet/") + strlen("/vnet/");

                        found = found ||
                                (startswith(told[i][0], name) && streq(stray->why, told[i][1]));
                }
                if (!found)
                        fail_msg("not told: %s", told[i][0]);
        }
        sources_free(&all);
        test_clean();
}

static void test_failures(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct sources s;
        char path[256];

        test_file("/etc/vnet/a.vnet.d/10.conf", "#");
        assert_int_equal(search_one(test_root(), "a", &s, &d), -ENOENT);
        test_file("/etc/vnet/b.conf", "#");
        assert_int_equal(search_one(test_root(), "b", &s, &d), -ENOENT);
        test_expect(&d, "/etc/vnet/b.conf is not read, as its name does not end in .vnet");
        assert_int_equal(search_one(test_root(), "../a", &s, &d), -EINVAL);
        test_expect(&d, "no a.vnet in /etc/vnet, /run/vnet, /usr/local/lib/vnet or /usr/lib/vnet");
        test_expect(&d, "'../a' is not a valid name");
        test_file("/x/a.vnet", "#");
        test_file("/x/a.txt", "#");
        snprintf(path, sizeof path, "%s/x/a.txt", test_root());
        assert_int_equal(search_file(test_root(), path, &s, &d), -EINVAL);
        test_expect(&d, "does not end in .vnet");
        snprintf(path, sizeof path, "%s/x/a.vnet", test_root());
        assert_int_equal(search_file(test_root(), path, &s, &d), 0);
        assert_string_equal(s.items.items[0].name, "a");
        assert_string_equal(s.items.items[0].path, path);
        assert_int_equal(s.items.items[0].drop_ins.n, 1);
        sources_free(&s);
        diags_free(&d);
        test_clean();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),    cmocka_unit_test(test_masks),
                cmocka_unit_test(test_names),    cmocka_unit_test(test_escape),
                cmocka_unit_test(test_closed),   cmocka_unit_test(test_below),
                cmocka_unit_test(test_drop_ins), cmocka_unit_test(test_template_drop_ins),
                cmocka_unit_test(test_strays),   cmocka_unit_test(test_failures),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
