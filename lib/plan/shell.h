/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One function for each kind of operation, which prints the commands that do the same. They are in
 * the rows of op_infos[]. */

#include "plan.h"

typedef void op_shell(FILE *f, const struct plan *p, const struct op *op);

/* shell-wireguard.c */
op_shell shell_wireguard, shell_wg_peer;

op_shell shell_netns, shell_peer, shell_device, shell_vxlan_set, shell_fdb, shell_master,
        shell_altname, shell_inet6, shell_sysctl, shell_up, shell_address, shell_announce,
        shell_neighbor, shell_route, shell_rule, shell_sysctl_file, shell_table, shell_element,
        shell_forwarding;
op_shell shell_uplink, shell_host_vlan, shell_proxy_ndp, shell_proxy;
op_shell shell_port_vlan, shell_inbound;
op_shell shell_qdisc, shell_redirect; /* shell-rate.c */

/* In single quotes; a quote becomes '\''. */
void shell_quoted(FILE *f, const char *text);
/* Of kinds that have no such function, whose fields are settings. */
void shell_settings(FILE *f, const struct plan *p, const struct op *op, const struct op_info *info);
