/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The commands of tc(8), for RateIn= and RateOut=. */

#include <inttypes.h>

#include "shell.h"

static void tc(FILE *f, const struct plan *p, const struct op *op) {
        fputs("tc", f);
        if (op->place != PLACE_HOST)
                fprintf(f, " -n %s", op_netns(p, op));
}

void shell_qdisc(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_qdisc *q = &op->qdisc;

        tc(f, p, op);
        fprintf(f, " qdisc replace dev %s root tbf rate %" PRIu64 "bit burst %u limit %u\n",
                q->device, q->rate, q->burst, q->limit);
}

void shell_redirect(FILE *f, const struct plan *p, const struct op *op) {
        tc(f, p, op);
        fprintf(f, " qdisc add dev %s ingress\n", op->redirect.device);
        tc(f, p, op);
        fprintf(f,
                " filter add dev %s parent ffff: protocol all prio %d u32 match u32 0 0"
                " action mirred egress redirect dev %s\n",
                op->redirect.device, REDIRECT_PRIORITY, op->redirect.to);
}
