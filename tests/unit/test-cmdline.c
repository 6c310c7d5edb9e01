/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The switch on the kernel's command line. */

#include "test.h"

#include "cmdline.h"
#include "util.h"

static void test_texts(void **state _unused_) {
        static const struct {
                const char *text;
                bool otherwise, expected;
        } cases[] = {
                { "", true, true },
                { "", false, false },
                { "quiet vnet=no", true, false },
                { "vnet=0", true, false },
                { "vnet=off quiet\n", true, false },
                { "vnet=no vnet=yes", true, true },
                { "vnet=no vnet", true, true },
                { "vnet=no vnet=perhaps", true, false },
                { "vnet=perhaps", true, true },
                { "vnet=", true, true },
                { "xvnet=no vnetx=no vne=no", true, true },
                { "vnet.x=no", true, true },
                { "rd.vnet=no", true, true },
                { "\"vnet=no\"", true, false },
                { "vnet=\"no\"", true, false },
                { "vnet='no'", true, false },
                { "x=\"a vnet=no b\"", true, true },
                { "x=\"vnet=no", true, true },
                { "\t vnet=no \t", true, false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                if (cmdline_bool_in(cases[i].text, "vnet", cases[i].otherwise) != cases[i].expected)
                        fail_msg("'%s'", cases[i].text);
        assert_true(cmdline_bool_in("a_b=yes", "a-b", false));
        assert_true(cmdline_bool_in("a-b", "a_b", false));
}

static void test_long(void **state _unused_) {
        char text[2048];

        memset(text, 'x', sizeof text);
        memcpy(text + sizeof text - 9, " vnet=no", 9);
        assert_false(cmdline_bool_in(text, "vnet", true));
}

static void test_file_of_root(void **state _unused_) {
        unsetenv("SYSTEMD_PROC_CMDLINE");
        assert_true(cmdline_bool(test_root(), "vnet", true));
        test_file("/proc/cmdline", "root=/dev/x vnet=no\n");
        assert_false(cmdline_bool(test_root(), "vnet", true));
        setenv("SYSTEMD_PROC_CMDLINE", "vnet=yes", 1);
        assert_true(cmdline_bool(test_root(), "vnet", true));
        unsetenv("SYSTEMD_PROC_CMDLINE");
        test_clean();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_texts),
                cmocka_unit_test(test_long),
                cmocka_unit_test(test_file_of_root),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
