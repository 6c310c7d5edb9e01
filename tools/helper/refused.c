/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads from the drop-in of a unit why the generator refused its file. Only the generator sees all
 * files, so a helper that did not look here would start what collides with another network. */

#include "refused.h"

#include <errno.h>
#include <limits.h>

#include "cmdline.h"
#include "util.h"

#define DROP_IN "/run/systemd/generator/vnet@%s.service.d/50-vnet.conf"

int refused_read(const char *name, struct diags *d) {
        _cleanup_fclose_ FILE *f = NULL;
        char path[sizeof DROP_IN + NAME_MAX], line[1024];
        bool off = false;
        int e = 0;

        if (strlen(name) > NAME_MAX || strchr(name, '/'))
                return 0;
        snprintf(path, sizeof path, DROP_IN, name);
        f = fopen(path, "re");
        if (!f && !is_absent(errno))
                return diag_error(d, -errno, NULL, NULL, "cannot read %s: %s", path,
                                  strerror(errno));
        while (f && fgets(line, sizeof line, f)) {
                const char *reason = startswith(line, "# refused: ");
                const char *warning = startswith(line, "# warning: ");

                line[strcspn(line, "\n")] = '\0';
                if (warning)
                        diag_warn(d, NULL, NULL, "%s", warning);
                if (reason)
                        e = diag_error(d, -EINVAL, NULL, NULL, "%s", reason);
                off = off || (reason && streq(reason, SWITCHED_OFF));
        }
        if (f && ferror(f) && e == 0)
                return diag_error(d, -EIO, NULL, NULL, "cannot read %s", path);
        if (e < 0 && !off)
                diag_add(d, 0, DIAG_INFO, NULL, NULL,
                         "refused at the last daemon-reload; fix the file, then run 'systemctl "
                         "daemon-reload'");
        return e;
}
