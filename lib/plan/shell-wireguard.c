/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints what is set of WireGuard links as commands of wg(8), which reads keys from the same files. */

#include <sys/socket.h>

#include "shell.h"
#include "util.h"

static void begin(FILE *f, const struct plan *p, const struct op *op, const char *device) {
        if (op->place != PLACE_HOST)
                fprintf(f, "ip netns exec %s ", op_netns(p, op));
        fprintf(f, "wg set %s", device);
}

/* Credentials are where systemd says, to the unit alone. */
static void put_file(FILE *f, const char *word, const char *file) {
        const char *credential = file ? startswith(file, "@") : NULL;

        if (!file)
                return;
        fprintf(f, " %s ", word);
        if (credential)
                fputs("\"$CREDENTIALS_DIRECTORY\"/", f);
        shell_quoted(f, credential ?: file);
}

void shell_wireguard(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_wireguard *w = &op->wireguard;

        begin(f, p, op, w->device);
        put_file(f, "private-key", w->private_key_file);
        if (w->port)
                fprintf(f, " listen-port %u", w->port);
        if (w->mark)
                fprintf(f, " fwmark 0x%x", w->mark);
        fputc('\n', f);
}

/* A name is not for wg(8), which would ask inside. */
void shell_wg_peer(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_wg_peer *peer = &op->wg_peer;
        const char *comma = " allowed-ips ";
        char text[CIDR_MAX];

        if (peer->endpoint_name)
                fprintf(f, "# the endpoint %s:%u is for somebody who can look it up on the host\n",
                        peer->endpoint_name, peer->endpoint_port);
        begin(f, p, op, peer->device);
        fprintf(f, " peer %s", peer->public_key);
        put_file(f, "preshared-key", peer->preshared_key_file);
        if (peer->endpoint.family)
                fprintf(f,
                        peer->endpoint.family == AF_INET6 ? " endpoint [%s]:%u" : " endpoint %s:%u",
                        address_print(&peer->endpoint, text), peer->endpoint_port);
        if (peer->keepalive)
                fprintf(f, " persistent-keepalive %u", peer->keepalive);
        list_foreach (a, &peer->allowed) {
                fprintf(f, "%s%s", comma, prefix_print(a, text));
                comma = ",";
        }
        fputc('\n', f);
}
