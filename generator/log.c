/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Brings the generator's messages to where somebody will find them. When generators run there is no
 * journal yet, and at boot the standard error of a generator is lost: so the kernel log it is. That
 * takes one record with each write, limits how many come in a second, and is everybody's, so a
 * broken site may fill only so much of it. */

#include "log.h"

#include <fcntl.h>

#include "util.h"

enum {
        RECORD_BYTES = 900, /* the kernel cuts records at about a thousand */
        RECORDS = 50,
};

void log_open(struct log *log) {
        *log = (struct log)LOG_NULL;
        if (getenv("SYSTEMD_SCOPE") && !isatty(STDERR_FILENO))
                log->kmsg = open("/dev/kmsg", O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

static void write_record(const struct log *log, int level, const char *text) {
        char record[RECORD_BYTES];
        int n;

        if (log->kmsg < 0)
                n = snprintf(record, sizeof record, "vnet-generator: %s", text);
        else
                n = snprintf(record, sizeof record, "<%d>vnet-generator[%d]: %s", level,
                             (int)getpid(), text);
        if (n >= (int)sizeof record - 1)
                n = (int)sizeof record - 2;
        /* File names are in the text, and those may have any byte. */
        for (int i = 0; i < n; i++)
                record[i] = shown(record[i]);
        record[n++] = '\n';
        if (write(log->kmsg < 0 ? STDERR_FILENO : log->kmsg, record, (size_t)n) < 0)
                return; /* there is nowhere to say so */
}

void log_diags(struct log *log, const struct diags *d) {
        for (size_t i = 0; i < d->n; i++) {
                _cleanup_free_ char *text = NULL;

                if (log->written == RECORDS) {
                        log->dropped += (unsigned)(d->n - i);
                        return;
                }
                text = diag_format(&d->items[i]);
                write_record(log, d->items[i].level == DIAG_ERROR ? 3 : 4, text ?: "out of memory");
                log->written++;
        }
}

void log_close(struct log *log) {
        char text[80];

        if (log->dropped) {
                snprintf(text, sizeof text, "%u more messages; vnetctl check shows them",
                         log->dropped);
                write_record(log, 3, text);
        }
        closep(&log->kmsg);
}
