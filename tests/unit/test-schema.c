/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of the language: complete, in order, fit for a manual. */

#include "test.h"

#include <errno.h>

#include "schema.h"
#include "util.h"

static void test_order(void **state _unused_) {
        for (size_t i = 0; i < schema_n_keys; i++) {
                if (i > 0)
                        assert_true(schema_keys[i - 1].section <= schema_keys[i].section);
                for (size_t k = 0; k < i; k++)
                        if (schema_keys[i].section == schema_keys[k].section)
                                assert_string_not_equal(schema_keys[i].name, schema_keys[k].name);
                assert_ptr_equal(schema_find(schema_keys[i].section, schema_keys[i].name),
                                 &schema_keys[i]);
        }
        assert_null(schema_find(SECTION_LINK, "Nothing"));
        assert_null(schema_find(SECTION_LINK, "PublishPort"));
        assert_null(schema_find(SECTION_WIREGUARD_PEER, "Zzz"));
}

static void test_sections(void **state _unused_) {
        for (enum section s = 0; s < SECTIONS; s++) {
                enum section found;

                assert_int_equal(schema_find_section(schema_sections[s].name, &found), 0);
                assert_int_equal(found, s);
                assert_true(schema_sections[s].help[strlen(schema_sections[s].help) - 1] == '.');
        }
        assert_int_equal(schema_find_section("link", &(enum section){ 0 }), -ENOENT);
}

static void test_rows(void **state _unused_) {
        for (size_t i = 0; i < schema_n_keys; i++) {
                const struct schema_key *k = &schema_keys[i];
                size_t n = strlen(k->help);

                if (!n || k->help[n - 1] != '.' || strstr(k->help, "  ") || !*k->type)
                        fail_msg("help of %s", k->name);
                /* what roff would take for a request or an escape */
                assert_true(k->help[0] != '.' && k->help[0] != '\'' && !strchr(k->help, '\\'));
                if (k->flags & KEY_UNSUPPORTED) {
                        assert_null(k->parse);
                        continue;
                }
                assert_non_null(k->parse);
                assert_true(schema_sections[k->section].supported);
                assert_true(k->item > 0);
                if (k->flags & (KEY_WORDS | KEY_NO))
                        assert_true(k->flags & KEY_LIST);
                if (k->flags & KEY_LIST)
                        assert_true(k->item >= sizeof(struct origin));
                if (k->flags & KEY_LOOPBACK)
                        assert_int_equal(k->section, SECTION_LINK);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_sections),
                cmocka_unit_test(test_rows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
