/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard in front of inih: what reaches the loader, and what ends a file and at which line. */

#include "test.h"

#include <errno.h>
#include <sys/stat.h>

#include "reader.h"
#include "util.h"

struct seen {
        char text[4096];
        size_t used;
        int stop_at; /* line at which the entry function fails; 0: none */
};

static int see(void *user, const struct origin *at, const char *section, const char *key,
               const char *value) {
        struct seen *s = user;

        if (s->stop_at == (int)at->line)
                return -ECANCELED;
        s->used += (size_t)(key ? snprintf(s->text + s->used, sizeof s->text - s->used,
                                           "%u:%s.%s=%s|", at->line, section, key, value)
                                : snprintf(s->text + s->used, sizeof s->text - s->used, "%u:[%s]|",
                                           at->line, section));
        return 0;
}

#define NINETY \
        "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
#define KEY_198 "Key=" NINETY NINETY "12345678901234"

static const struct {
        const char *text;
        size_t size;            /* 0: strlen */
        const char *seen, *why; /* why NULL: the whole is good */
} cases[] = {
        { "[A]\nk=v\n", 0, "1:[A]|2:A.k=v|", NULL },
        { "[A]\nk=v", 0, "1:[A]|2:A.k=v|", NULL },
        { "\xef\xbb\xbf[A]\nk=v\n", 0, "1:[A]|2:A.k=v|", NULL },
        { "# c\n\n; c\n  \n\t# c\n[A]\n", 0, "6:[A]|", NULL },
        { "[A]\nk = v w  \n", 0, "1:[A]|2:A.k=v w|", NULL },
        { "[A]\nk=\n", 0, "1:[A]|2:A.k=|", NULL },
        { "[A]\nk=a=b#c;d:e\n", 0, "1:[A]|2:A.k=a=b#c;d:e|", NULL },
        { "[A]\nk=;v\n", 0, "1:[A]|2:A.k=;v|", NULL },
        { "[A]\nk=a\tb\n", 0, "1:[A]|2:A.k=a\tb|", NULL },
        { "[A]\nk=\xc3\xa4\n", 0, "1:[A]|2:A.k=\xc3\xa4|", NULL },
        { "[A]\n[A]\n[B] \nk=v\n", 0, "1:[A]|2:[A]|3:[B]|4:B.k=v|", NULL },
        { "[A]\n" KEY_198 "\n", 0, "1:[A]|2:A." KEY_198 "|", NULL },
        { "# a comment may end in a backslash \\\n[A]\n", 0, "2:[A]|", NULL },
        { "", 0, "", NULL },
        { "\n\n", 0, "", NULL },
        /* what the distributions' inih would take for something else */
        { "[A]\n" KEY_198 "5\nx=y\n", 0, "1:[A]|", "f:2: the line is longer than 198" },
        { "# " NINETY NINETY NINETY "\n[A]\n", 0, "", "f:1: the line is longer" },
        { "[A]\nk=a\0b\n", 10, "1:[A]|", "f:2: the line has a NUL" },
        { "#\0\n[A]\n", 7, "", "f:1: the line has a NUL" },
        { "[A]\r\nk=v\r\n", 0, "", "f:1: the line has a carriage return" },
        { "[A]\nk=a\x01\n", 0, "1:[A]|", "f:2: the line has a control" },
        { "[A]\nk=a\x7f\n", 0, "1:[A]|", "f:2: the line has a control" },
        { "[A]\nk=\x1b[31m\n", 0, "1:[A]|", "f:2: the line has a control" },
        { "[A]\nk=v\n more\n", 0, "1:[A]|2:A.k=v|", "f:3: the line is indented" },
        { "[A]\n\tk=v\n", 0, "1:[A]|", "f:2: the line is indented" },
        { " [A]\n", 0, "", "f:1: the line is indented" },
        { "[A]\nk=v \\\nm=w\n", 0, "1:[A]|", "f:2: the line ends in a backslash" },
        { "[A]\nk=v\\\n", 0, "1:[A]|", "f:2: the line ends in a backslash" },
        { "[A]\nk=v ; c\n", 0, "1:[A]|", "f:2: there is a ';' after white space" },
        { "[A]\nk= ;v\n", 0, "1:[A]|", "f:2: there is a ';' after white space" },
        { "[A]\nk=v\t;c\n", 0, "1:[A]|", "f:2: there is a ';' after white space" },
        { "[A]\nk ;c=v\n", 0, "1:[A]|", "f:2:" },
        { "[A]\nk: v\n", 0, "1:[A]|", "f:2: the line is neither" },
        { "[A]\nk:v=w\n", 0, "1:[A]|", "f:2: a key is followed by '='" },
        { "[A]\nkey\n", 0, "1:[A]|", "f:2: the line is neither" },
        { "[A]\n=v\n", 0, "1:[A]|", "f:2: there is no key" },
        { "[A]\nk l=v\n", 0, "1:[A]|", "f:2: there is no key" },
        { "[A]\n\xc3\xa4=v\n", 0, "1:[A]|", "f:2: there is no key" },
        { "[A\nk=v\n", 0, "", "f:1: the section's name has no closing" },
        { "[A] x\n", 0, "", "f:1: there is text after" },
        { "[A] # x\n", 0, "", "f:1: there is text after" },
        { "[A]]\n", 0, "", "f:1: there is text after" },
        { "[]\n", 0, "", "f:1: that is not a valid name" },
        { "[\xc3\xa4]\n", 0, "", "f:1: that is not a valid name" },
        { "[12345678901234567890123456789012345678901234567890]\n", 0, "",
          "f:1: the section's name is longer" },
        { "k=v\n", 0, "", "f:1: the assignment comes before the first [Section]" },
};

static void test_cases(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct diags d = DIAGS_NULL;
                struct seen s = { 0 };
                int r = reader_parse(cases[i].text, cases[i].size ?: strlen(cases[i].text), "f",
                                     see, &s, &d);

                if (!streq(s.text, cases[i].seen) || r != (cases[i].why ? -EINVAL : 0))
                        fail_msg("case %zu: %d, saw %s, not %s", i, r, s.text, cases[i].seen);
                if (cases[i].why)
                        test_expect(&d, cases[i].why);
                else
                        assert_int_equal(d.n, 0);
                diags_free(&d);
        }
}

/* Whatever ends a line early, nothing behind it is ever seen. */
static void test_nothing_after_error(void **state _unused_) {
        static const char tail[] = "\n[Evil]\nEvil=yes\n";

        for (int byte = 0; byte < 256; byte++) {
                char text[512] = "[A]\nk=";
                struct diags d = DIAGS_NULL;
                struct seen s = { 0 };
                size_t n = strlen(text);
                int r;

                for (int i = 0; i < 200; i++)
                        text[n++] = i == 150 ? (char)byte : 'x';
                memcpy(text + n, tail, sizeof tail);
                r = reader_parse(text, n + sizeof tail - 1, "f", see, &s, &d);
                if (byte == '\n') /* the second half is then a line of its own, without '=' */
                        assert_non_null(strstr(s.text, "2:A.k="));
                assert_int_equal(r, -EINVAL);
                assert_null(strstr(s.text, "Evil"));
                diags_free(&d);
        }
}

static void test_stop(void **state _unused_) {
        struct diags d = DIAGS_NULL;

        for (int line = 1; line <= 3; line++) {
                struct seen s = { .stop_at = line };

                assert_int_equal(reader_parse("[A]\nk=v\n[B]\nl=w\n", 16, "f", see, &s, &d),
                                 -ECANCELED);
                assert_null(strstr(s.text, "B.l"));
        }
        assert_int_equal(d.n, 0);
}

static int read_path(const char *path, struct diags *d) {
        char full[256];
        struct seen s = { 0 };

        snprintf(full, sizeof full, "%s%s", test_root(), path);
        return reader_read(full, see, &s, d);
}

static void test_files(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        char path[256];

        test_file("/good", "[A]\nk=v\n");
        test_link("/link", "good");
        test_link("/loop", "loop");
        test_file("/empty", "");
        test_file("/dir/file", "");
        test_file("/big", "[A]\n");
        snprintf(path, sizeof path, "%s/big", test_root());
        assert_int_equal(truncate(path, FILE_SIZE_MAX + 1), 0);
        snprintf(path, sizeof path, "%s/fifo", test_root());
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(read_path("/good", &d), 0);
        assert_int_equal(read_path("/link", &d), 0);
        assert_int_equal(read_path("/empty", &d), -ENODATA);
        assert_int_equal(d.n, 0);
        assert_int_equal(read_path("/none", &d), -ENOENT);
        assert_int_equal(read_path("/loop", &d), -ELOOP);
        assert_int_equal(read_path("/dir", &d), -EINVAL);
        assert_int_equal(read_path("/fifo", &d), -EINVAL);
        assert_int_equal(read_path("/big", &d), -EFBIG);
        test_expect(&d, "/none: cannot be opened: No such file");
        test_expect(&d, "/loop: cannot be opened");
        test_expect(&d, "/dir: is not a regular file");
        test_expect(&d, "/fifo: is not a regular file");
        test_expect(&d, "/big: is larger than 256 KiB");
        diags_free(&d);
        test_clean();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_nothing_after_error),
                cmocka_unit_test(test_stop),
                cmocka_unit_test(test_files),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
