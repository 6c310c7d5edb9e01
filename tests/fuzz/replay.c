/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A fuzz target as a plain test: every file of the given directories goes through it once, in the
 * order of their names. Needs no libFuzzer, so any compiler can do it, and valgrind. */

#include <errno.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "util.h"

static unsigned runs;

static void replay_file(const char *path) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ uint8_t *data = NULL;
        struct stat st;

        if (!f || fstat(fileno(f), &st) < 0) {
                fprintf(stderr, "%s: %s\n", path, strerror(errno));
                exit(EXIT_FAILURE);
        }
        if (!S_ISREG(st.st_mode))
                return;
        data = malloc((size_t)st.st_size + 1);
        if (!data || fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
                exit(EXIT_FAILURE);
        fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
        LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
        runs++;
}

static void replay_directory(const char *path) {
        struct dirent **entries = NULL;
        int n = scandir(path, &entries, NULL, alphasort);

        for (int i = 0; i < n; i++) {
                char file[4096];

                snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
                free(entries[i]);
                replay_file(file);
        }
        free(entries);
}

int main(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
                struct stat st;

                if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
                        replay_directory(argv[i]);
                else
                        replay_file(argv[i]);
        }
        printf("%u inputs\n", runs);
        return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
