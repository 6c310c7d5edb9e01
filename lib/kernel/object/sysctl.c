/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sets what Sysctl= wants inside a namespace, and keeps a file in /run/sysctl.d for each of our
 * interfaces on the host. Without the file udev would apply an administrator's wildcard to it. */

#include "object/operations.h"

#include <errno.h>

#include "system/sysctl.h"
#include "util.h"

int do_sysctl(struct pass *r, const struct op *op) {
        char before[512];
        /* the key may be one of a link's, and what is queued may set it otherwise */
        int e = pass_flush(r);

        if (e < 0)
                return e;
        e = pass_enter(r, op->inside);
        if (e == 0 && r->change && !r->repairing &&
            sysctl_read(op->sysctl.key, before, sizeof before) == 0) {
                r->change->saved[r->current] = strdup(before);
                if (!r->change->saved[r->current])
                        e = -ENOMEM;
        }
        if (e == 0)
                e = sysctl_write(op->sysctl.key, op->sysctl.value);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        r->states[r->current] = OP_DONE;
        return 0;
}

/* Only within a reload that failed is known what it was before. */
int undo_sysctl(struct pass *r, const struct op *op) {
        const char *before = r->change && r->change->before ? r->change->before[r->current] : NULL;
        int e = before ? pass_enter(r, op->inside) : 0;

        if (e == 0 && before)
                e = sysctl_write(op->sysctl.key, before);
        return e < 0 && e != -ENOENT ? pass_fail_errno(r, op, e, "") : 0;
}

static void file_of(const struct op *op, char ret[sizeof SYSCTL_D + 64]) {
        sprintf(ret, SYSCTL_D "/10-vnet-%.15s.conf", op->sysctl_file.device);
}

static int write_file(const char *path, const struct op *op, const char *name) {
        const struct op_sysctl_file *s = &op->sysctl_file;
        char text[256];
        int n = sprintf(text, SYSCTL_FILE_MARK "%s\n", name);

        if (s->forwarding & FAMILY_IPV4)
                n += sprintf(text + n, "net/ipv4/conf/%s/forwarding=1\n", s->device);
        if (s->forwarding & FAMILY_IPV6)
                n += sprintf(text + n, "net/ipv6/conf/%s/forwarding=1\n", s->device);
        if (s->rp_filter)
                sprintf(text + n, "net/ipv4/conf/%s/rp_filter=%u\n", s->device, s->rp_filter);
        return sysctl_file_write(path, text);
}

int do_sysctl_file(struct pass *r, const struct op *op) {
        char path[sizeof SYSCTL_D + 64];
        int e;

        file_of(op, path);
        e = write_file(path, op, r->plan->name);
        r->states[r->current] = OP_DONE;
        return e < 0 ? pass_fail(r, op, e, "cannot write %s: %s", path, strerror(-e)) : 0;
}

int undo_sysctl_file(struct pass *r, const struct op *op) {
        char path[sizeof SYSCTL_D + 64];

        int e;

        file_of(op, path);
        e = sysctl_file_remove(path);
        return e < 0 ? pass_fail(r, op, e, "cannot remove %s: %s", path, strerror(-e)) : 0;
}
