/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnet-generator makes units of .vnet files, early at boot and at each daemon-reload
 * (systemd.generator(7)). Whatever waits here holds up the boot, so it reads the files of four
 * directories, writes below one, and does nothing else: it asks no name service and makes no kernel
 * object, and what opens a socket is not even linked. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmdline.h"
#include "config.h"
#include "emit.h"
#include "log.h"
#include "util.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct options {
        const char *root; /* "" or a directory, no slash at its end */
        const char *directory;
        bool dry_run;
        bool off; /* vnet=no */
};

static int usage(void) {
        fputs("usage: vnet-generator [--root=DIR] [--dry-run] NORMAL [EARLY LATE]\n", stderr);
        return EXIT_USAGE;
}

/* -1: go on; else the exit status. */
static int parse_options(int argc, char **argv, struct options *ret) {
        static const struct option names[] = {
                { "root", required_argument, NULL, 'r' },
                { "dry-run", no_argument, NULL, 'n' },
                { "version", no_argument, NULL, 'v' },
                {},
        };
        struct options o = { .root = "" };
        int c, left;

        opterr = 0;
        while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
                switch (c) {
                case 'r': {
                        size_t n = strlen(optarg);

                        while (n > 0 && optarg[n - 1] == '/')
                                optarg[--n] = '\0';
                        o.root = optarg;
                        break;
                }
                case 'n': o.dry_run = true; break;
                case 'v': puts("vnet-generator " VNET_VERSION); return 0;
                default: return usage();
                }
        left = argc - optind;
        if (left != 1 && left != 3)
                return usage();
        o.directory = argv[optind];
        *ret = o;
        return -1;
}

/* Networks are for the running system: not for the initrd, not for a user's manager. */
static bool is_elsewhere(void) {
        const char *initrd = getenv("SYSTEMD_IN_INITRD"), *scope = getenv("SYSTEMD_SCOPE");

        return (initrd && streq(initrd, "1")) || (scope && streq(scope, "user"));
}

static bool has_file(const char *root, const char *path) {
        char full[PATH_MAX];

        return snprintf(full, sizeof full, "%s%s", root, path) < (int)sizeof full &&
               access(full, F_OK) == 0;
}

/* Interfaces have units where udev runs: where it is installed, and where /sys can be written, which is the
 * condition of its own unit. In most containers it cannot. */
static bool has_devices(const char *root) {
        char sys[PATH_MAX];
        struct statvfs fs;

        return snprintf(sys, sizeof sys, "%s/sys", root) < (int)sizeof sys &&
               statvfs(sys, &fs) == 0 && !(fs.f_flag & ST_RDONLY) &&
               (access(sys, W_OK) == 0 || errno != EROFS) &&
               (has_file(root, "/usr/lib/systemd/system/systemd-udevd.service") ||
                has_file(root, "/lib/systemd/system/systemd-udevd.service"));
}

/* The models of a large site are tens of megabytes, and taking that in pages of 4 KiB is a
 * quarter of the time of the whole. What lies a megabyte or more up the heap comes in huge pages
 * where the kernel has them; a small site never gets there. */
static void prepare_heap(void) {
#ifdef __GLIBC__
        enum { HUGE = 2 << 20, HEAP = 64 << 20 };
        uintptr_t start;
        void *first;

        mallopt(M_TOP_PAD, HEAP);
        first = malloc(1); /* makes the heap, in this size */
        start = ((uintptr_t)first + HUGE / 2 + HUGE - 1) & ~(uintptr_t)(HUGE - 1);
        free(first);
        (void)madvise((void *)start, HEAP - 2 * HUGE, MADV_HUGEPAGE);
#endif
}

/* Each NAME is refused, for that reason alone. */
static int switch_off(struct site *site) {
        struct diags reason = DIAGS_NULL;
        int r = 0;

        diag_error(&reason, 0, NULL, NULL, "%s", SWITCHED_OFF);
        for (size_t i = 0; i < site->n && r >= 0; i++) {
                memset(&site->items[i]->reasons, 0, sizeof site->items[i]->reasons);
                r = vnet_refuse(site->items[i], &reason, 0);
        }
        diags_free(&reason);
        return r;
}

static int generate(const struct options *o, struct diags *d) {
        _cleanup_close_ int dir = -1;
        struct output output = { .path = o->directory, .dir = -1, .d = d };
        struct site site;
        int r, loaded;

        if (!o->dry_run) {
                dir = open(o->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (dir < 0)
                        return diag_error(d, -errno, NULL, NULL, "%s: cannot be opened: %s",
                                          o->directory, strerror(errno));
                output.dir = dir;
        }
        loaded = load_site(o->root, &site, d);
        if (loaded < 0 && loaded != -EINVAL)
                return loaded == -ENOMEM ? diag_error(d, loaded, NULL, NULL, "out of memory")
                                         : loaded;
        if (o->off) { /* that is no fault, and what is wrong with the files can wait */
                diags_free(d);
                loaded = switch_off(&site);
        }
        site.has_devices = has_devices(o->root);
        r = emit_site(&output, &site, o->root);
        site_free(&site);
        return r < 0 ? r : loaded;
}

int main(int argc, char **argv) {
        struct diags diags = DIAGS_NULL;
        struct options options;
        struct log log;
        int r;

        r = parse_options(argc, argv, &options);
        if (r >= 0)
                return r;
        if (is_elsewhere())
                return EXIT_SUCCESS;
        options.off = !cmdline_bool(options.root, "vnet", true);
        umask(0022);
        prepare_heap();
        log_open(&log);
        r = generate(&options, &diags);
        log_diags(&log, &diags);
        log_close(&log);
        diags_free(&diags);
        return r < 0 ? EXIT_REFUSED : EXIT_SUCCESS;
}
