/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the kernel's error numbers mean, where the number's own text would mislead whoever wrote the file. */

#include "meanings.h"

#include <errno.h>

#include "util.h"

#define SOMEBODY_ELSES "an interface of this name already exists and was not made by vnet"

const struct meaning bridge_set_meanings[] = {
        { EOPNOTSUPP, "the bridge of this kernel does not have it" },
        { 0 },
};
const struct meaning device_meanings[] = {
        { EEXIST, SOMEBODY_ELSES },
        { EXFULL, "the bridge is full: the kernel allows 1023 ports" },
        { EBUSY, "its parent is in a bridge, or has links that exclude this kind" },
        { 0 },
};
const struct meaning up_meanings[] = {
        { EADDRINUSE, "another interface on the same parent has this MAC address" },
        { 0 },
};
const struct meaning altname_meanings[] = {
        { EEXIST, "another interface has this name" },
        { 0 },
};
const struct meaning port_meanings[] = {
        { EOPNOTSUPP, "the interface is on no bridge any more" },
        { 0 },
};
const struct meaning host_vlan_meanings[] = {
        { EOPNOTSUPP, "the kernel has no VLANs (module 8021q)" },
        { EEXIST, "the parent has this VLAN already, by a link of another name" },
        { EINVAL, "its parent is no Ethernet interface" },
        { 0 },
};
const struct meaning uplink_meanings[] = {
        { EINVAL, "it is no Ethernet interface, so no bridge can have it" },
        { ELOOP, "it is a bridge itself" },
        { EBUSY, "it carries macvlan or ipvlan links, or somebody else took it" },
        { EOPNOTSUPP, "it cannot be in a bridge, as Wi-Fi cannot" },
        { ERFKILL, "its radio is switched off" },
        { EXFULL, "the bridge is full: the kernel allows 1023 ports" },
        { 0 },
};
const struct meaning port_vlan_meanings[] = {
        { EOPNOTSUPP, "this kernel has no VLANs on bridges (BRIDGE_VLAN_FILTERING)" },
        { 0 },
};
const struct meaning sysctl_meanings[] = {
        { ENOENT, "there is no such sysctl in a network namespace" },
        { EINVAL, "the kernel refuses this value" },
        { 0 },
};
const struct meaning address_meanings[] = {
        { EEXIST, "the link has this address already" },
        { EADDRINUSE, "another ipvlan link on the same parent has this address" },
        { EACCES, "IPv6 is disabled on this interface" },
        { EOPNOTSUPP, "the kernel runs without this address family" },
        { 0 },
};
const struct meaning route_meanings[] = {
        { EEXIST, "there is already such a route" },
        { ENETUNREACH, "the gateway is not reachable from an address of the link" },
        { 0 },
};

/* What a kernel without the kind says, and what its numbers alone hide: a bridge that had an index a moment ago, a
 * parent that takes no such link. */
bool device_explain(const struct plan *p _unused_, const struct op *op, int error, const char *why,
                    char ret[static MEANING_MAX]) {
        const struct link_kind_info *kind = link_kinds[op->device.kind];
        bool lacks = error == EOPNOTSUPP && (!why[0] || strstr(why, "Unknown device type"));
        const char *text = lacks                       ? kind->lacking
                           : error == EINVAL           ? kind->refusal
                           : error == EEXIST && why[0] ? kind->taken
                                                       : NULL;

        if (error == EINVAL && !why[0] && op->device.master[0])
                snprintf(ret, MEANING_MAX, "there is no bridge '%s' any more", op->device.master);
        else if (text && (error != EINVAL || !why[0]))
                snprintf(ret, MEANING_MAX, "%s", text);
        else
                return false;
        return true;
}

/* The number is the same whichever part of a kernel is not there; only the words differ. */
static bool explain_lacking(int error, const char *text, char ret[static MEANING_MAX]) {
        if (error != ENOENT)
                return false;
        snprintf(ret, MEANING_MAX, "the kernel lacks a part that rates need (module %s)", text);
        return true;
}

bool qdisc_explain(const struct plan *p _unused_, const struct op *op _unused_, int error,
                   const char *why _unused_, char ret[static MEANING_MAX]) {
        return explain_lacking(error, "sch_tbf", ret);
}

bool redirect_explain(const struct plan *p _unused_, const struct op *op _unused_, int error,
                      const char *why, char ret[static MEANING_MAX]) {
        return explain_lacking(error,
                               strstr(why, "classifier") ? "cls_u32"
                               : strstr(why, "action")   ? "act_mirred"
                                                         : "sch_ingress",
                               ret);
}

bool route_explain(const struct plan *p _unused_, const struct op *op, int error,
                   const char *why _unused_, char ret[static MEANING_MAX]) {
        char via[ADDRESS_MAX];

        if (error != ENETUNREACH || op->route.hops.n != 1)
                return false;
        snprintf(ret, MEANING_MAX, "gateway %s is not reachable from an address of the link",
                 address_print(&op->route.hops.items[0].via, via));
        return true;
}

/* The kernel binds the socket of a link as it comes up, or at once if it is. */
static bool port_explain(const char *what, uint16_t port, char ret[static MEANING_MAX]) {
        if (port)
                snprintf(ret, MEANING_MAX, "%s%u is in use on the host, where its socket is", what,
                         port);
        return port;
}

bool wireguard_explain(const struct plan *p _unused_, const struct op *op, int error,
                       const char *why _unused_, char ret[static MEANING_MAX]) {
        return error == EADDRINUSE && port_explain("ListenPort=", op->wireguard.port, ret);
}

bool up_explain(const struct plan *p, const struct op *op, int error, const char *why _unused_,
                char ret[static MEANING_MAX]) {
        list_foreach (other, &p->ops) {
                if (error == EADDRINUSE && other->kind == OP_DEVICE && other->device.port &&
                    streq(other->device.name, op->up.device))
                        return port_explain("UDP port ", other->device.port, ret);
                if (error == EADDRINUSE && other->kind == OP_WIREGUARD &&
                    streq(other->wireguard.device, op->up.device))
                        return port_explain("ListenPort=", other->wireguard.port, ret);
        }
        return false;
}
