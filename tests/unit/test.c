/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Trees of files for tests of what reads files. */

#include "test.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>

#include "util.h"

static char root[64];

const char *test_root(void) {
        if (!root[0]) {
                snprintf(root, sizeof root, "/tmp/vnet-test-XXXXXX");
                assert_non_null(mkdtemp(root));
        }
        return root;
}

static void make_parents(char *path) {
        for (char *p = path + strlen(test_root()) + 1; (p = strchr(p, '/')); p++) {
                *p = '\0';
                assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
                *p = '/';
        }
}

void test_link(const char *path, const char *target) {
        char full[512];

        snprintf(full, sizeof full, "%s%s", test_root(), path);
        make_parents(full);
        assert_int_equal(symlink(target, full), 0);
}

void test_file(const char *path, const char *text) {
        _cleanup_fclose_ FILE *f = NULL;
        char full[512];

        if (!text) {
                test_link(path, "/dev/null");
                return;
        }
        snprintf(full, sizeof full, "%s%s", test_root(), path);
        make_parents(full);
        f = fopen(full, "w");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
}

static int remove_entry(const char *path, const struct stat *st _unused_, int type _unused_,
                        struct FTW *ftw _unused_) {
        return remove(path);
}

void test_clean(void) {
        if (root[0])
                nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        root[0] = '\0';
}

const char *test_diags(const struct diags *d) {
        static char all[65536];
        size_t used = 0;

        all[0] = '\0';
        for (size_t i = 0; i < d->n; i++) {
                _cleanup_free_ char *line = diag_format(&d->items[i]);
                const char *text = root[0] ? startswith(line, root) : NULL;

                used += (size_t)snprintf(all + used, sizeof all - used, "%s\n", text ?: line);
                assert_true(used < sizeof all);
        }
        return all;
}

void test_expect(const struct diags *d, const char *part) {
        if (!strstr(test_diags(d), part))
                fail_msg("no '%s' in:\n%s", part, test_diags(d));
}
