/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads and changes an interface that is moved between namespaces (rtnetlink(7)). Each change is a message of its own, and goes by
 * the number: on the way home its name may be anything. */

#include "object/card.h"

#include <errno.h>
#include <linux/if_link.h>
#include <sys/socket.h>

#include "util.h"

static void take_mac(const struct nlattr *a, struct mac *ret) {
        if (mnl_attr_get_payload_len(a) != sizeof ret->bytes)
                return;
        memcpy(ret->bytes, mnl_attr_get_payload(a), sizeof ret->bytes);
        ret->set = true;
}

static uint32_t number_of(const struct nlattr *a) {
        return mnl_attr_validate(a, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(a);
}

/* One with a space in it, which only somebody's jest can have, is left out. */
static void take_names(const struct nlattr *list, struct card *c) {
        const struct nlattr *a;

        mnl_attr_for_each_nested(a, list) {
                size_t used = strlen(c->names);
                const char *name;

                if (mnl_attr_get_type(a) != IFLA_ALT_IFNAME ||
                    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
                        continue;
                name = mnl_attr_get_str(a);
                if (!strchr(name, ' ') && used + strlen(name) + 2 <= sizeof c->names)
                        snprintf(c->names + used, sizeof c->names - used, "%s ", name);
        }
}

static void take_families(const struct nlattr *list, struct card *c) {
        const struct nlattr *family, *a;

        mnl_attr_for_each_nested(family, list) {
                if (mnl_attr_get_type(family) != AF_INET6)
                        continue;
                mnl_attr_for_each_nested(a, family) if (mnl_attr_get_type(a) ==
                                                                IFLA_INET6_ADDR_GEN_MODE &&
                                                        mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
                        c->addrgen = mnl_attr_get_u8(a) + 1U;
        }
}

static void take_attribute(const struct nlattr *a, struct card *c) {
        switch (mnl_attr_get_type(a)) {
        case IFLA_IFNAME:
                if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
                        snprintf(c->name, sizeof c->name, "%s", mnl_attr_get_str(a));
                break;
        case IFLA_MTU: c->mtu = number_of(a); break;
        case IFLA_TXQLEN: c->queue = number_of(a); break;
        case IFLA_MASTER: c->master = number_of(a); break;
        case IFLA_ADDRESS: take_mac(a, &c->mac); break;
        case IFLA_PERM_ADDRESS: take_mac(a, &c->permanent); break;
        case IFLA_PROP_LIST: take_names(a, c); break;
        case IFLA_AF_SPEC: take_families(a, c); break;
        default: break;
        }
}

static int take_card(void *user, const struct nlmsghdr *h) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
        struct card *c = user;
        const struct nlattr *a;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m))
                return -EBADMSG;
        *c = (struct card){ .index = m->ifi_index,
                            .up = m->ifi_flags & IFF_UP,
                            .is_loopback = m->ifi_flags & IFF_LOOPBACK };
        mnl_attr_for_each(a, h, sizeof *m) {
                take_attribute(a, c);
        }
        return 0;
}

static void put_name(struct nlmsghdr *h, const void *name) {
        mnl_attr_put_strz(h, IFLA_IFNAME, name);
}

int card_by_name(struct nl *nl, const char *name, struct card *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };

        return nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, put_name, name, take_card, ret);
}

int card_by_index(struct nl *nl, uint32_t index, struct card *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index };

        return index ? nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, NULL, NULL, take_card, ret)
                     : -ENODEV;
}

struct by_mac {
        const struct mac *mac;
        struct card *found;
        bool any, permanent;
};

/* Bridges, bonds and VLANs over a card have its address, but not as their permanent one. */
static int take_by_mac(void *user, const struct nlmsghdr *h) {
        struct by_mac *by = user;
        struct card c;
        int e = take_card(&c, h);
        bool permanent = e == 0 && mac_equal(&c.permanent, by->mac);

        if (e == 0 && (permanent || (!by->any && mac_equal(&c.mac, by->mac)))) {
                *by->found = c;
                by->any = true;
        }
        return e;
}

static void forget_by_mac(void *user) {
        struct by_mac *by = user;

        by->any = false;
}

int card_by_mac(struct nl *nl, const struct mac *mac, struct card *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct by_mac by = { .mac = mac, .found = ret };
        int e = nl_dump_whole(nl, RTM_GETLINK, &m, sizeof m, take_by_mac, forget_by_mac, &by);

        return e < 0 ? e : by.any ? 0 : -ENODEV;
}

const char *card_next_name(const char **names, char ret[static CARD_ALTNAME_MAX]) {
        size_t n = *names ? strcspn(*names, " ") : 0;

        if (n == 0)
                return NULL;
        snprintf(ret, CARD_ALTNAME_MAX, "%.*s", (int)n, *names);
        *names += n + ((*names)[n] == ' ');
        return ret;
}

/* --- changes --- */

int card_set_up(struct nl *nl, int index, bool up) {
        struct ifinfomsg m = { .ifi_index = index,
                               .ifi_change = IFF_UP,
                               .ifi_flags = up ? IFF_UP : 0 };

        return nl_ask(nl, RTM_NEWLINK, 0, &m, sizeof m, NULL, NULL, NULL, NULL);
}

struct change_of_card {
        uint16_t attribute;
        uint32_t value;
        const char *name;
        const struct mac *mac;
        int ns; /* -1: it stays where it is */
};

static void put_change(struct nlmsghdr *h, const void *argument) {
        const struct change_of_card *c = argument;

        if (c->ns >= 0)
                mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)c->ns);
        if (c->name)
                mnl_attr_put_strz(h, IFLA_IFNAME, c->name);
        if (c->mac)
                mnl_attr_put(h, IFLA_ADDRESS, sizeof c->mac->bytes, c->mac->bytes);
        if (c->attribute)
                mnl_attr_put_u32(h, c->attribute, c->value);
}

static int change(struct nl *nl, int index, struct change_of_card c) {
        struct ifinfomsg m = { .ifi_index = index };

        return nl_ask(nl, RTM_NEWLINK, 0, &m, sizeof m, put_change, &c, NULL, NULL);
}

int card_set_number(struct nl *nl, int index, uint16_t attribute, uint32_t value) {
        return change(nl, index, (struct change_of_card){ attribute, value, .ns = -1 });
}

int card_set_mac(struct nl *nl, int index, const struct mac *mac) {
        return change(nl, index, (struct change_of_card){ .mac = mac, .ns = -1 });
}

int card_rename(struct nl *nl, int index, const char *name) {
        return change(nl, index, (struct change_of_card){ .name = name, .ns = -1 });
}

int card_move(struct nl *nl, int index, int ns, const char *name, uint32_t number) {
        return change(
                nl, index,
                (struct change_of_card){ number ? IFLA_NEW_IFINDEX : 0, number, name, NULL, ns });
}

static void put_addrgen(struct nlmsghdr *h, const void *addrgen) {
        struct nlattr *families = mnl_attr_nest_start(h, IFLA_AF_SPEC);
        struct nlattr *inet6 = mnl_attr_nest_start(h, AF_INET6);

        mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, (uint8_t)(*(const uint32_t *)addrgen - 1));
        mnl_attr_nest_end(h, inet6);
        mnl_attr_nest_end(h, families);
}

int card_set_addrgen(struct nl *nl, int index, uint32_t addrgen) {
        struct ifinfomsg m = { .ifi_index = index };

        return nl_ask(nl, RTM_NEWLINK, 0, &m, sizeof m, put_addrgen, &addrgen, NULL, NULL);
}

static void put_altname(struct nlmsghdr *h, const void *name) {
        struct nlattr *list = mnl_attr_nest_start(h, IFLA_PROP_LIST);

        mnl_attr_put_strz(h, IFLA_ALT_IFNAME, name);
        mnl_attr_nest_end(h, list);
}

int card_set_altname(struct nl *nl, int index, const char *name, bool there) {
        struct ifinfomsg m = { .ifi_index = index };

        return nl_ask(nl, there ? RTM_NEWLINKPROP : RTM_DELLINKPROP,
                      there ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0, &m, sizeof m,
                      put_altname, name, NULL, NULL);
}
