/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an interface is like: the kernel tells all of it in one message (rtnetlink(7), linux/if_link.h). So what
 * several operations have set is read here from that one answer, the settings by their rows. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/operations.h"
#include "object/physical.h"
#include "object/tun.h"
#include "util.h"

/* --- attributes --- */

static const struct ifinfomsg *header_of(const struct nlmsghdr *h) {
        return mnl_nlmsg_get_payload(h);
}

static const struct nlattr *attribute(const struct nlmsghdr *h, uint16_t type) {
        const struct nlattr *a;

        mnl_attr_for_each(a, h,
                          sizeof(struct ifinfomsg)) if (mnl_attr_get_type(a) == type) return a;
        return NULL;
}

static bool is_text(const struct nlattr *a, const char *text) {
        return a && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0 &&
               streq(mnl_attr_get_str(a), text);
}

static bool number_of(const struct nlattr *a, uint32_t *ret) {
        size_t size = a ? mnl_attr_get_payload_len(a) : 0;

        switch (size) {
        case 1: *ret = mnl_attr_get_u8(a); return true;
        case 2: *ret = mnl_attr_get_u16(a); return true;
        case 4: *ret = mnl_attr_get_u32(a); return true;
        default: return false;
        }
}

/* One of an array of numbers, which grows with the kernel's version. */
static bool number_at(const struct nlattr *a, size_t i, uint32_t *ret) {
        if (!a || mnl_attr_get_payload_len(a) < (i + 1) * sizeof *ret)
                return false;
        memcpy(ret, (const char *)mnl_attr_get_payload(a) + i * sizeof *ret, sizeof *ret);
        return true;
}

static const struct nlattr *of_family(const struct nlmsghdr *h, uint16_t family, uint16_t type) {
        return nl_attribute_in(nl_attribute_in(attribute(h, IFLA_AF_SPEC), family), type);
}

/* /proc/sys/net/ipv4/conf/IF */
static bool inet_number(const struct nlmsghdr *h, uint16_t which, uint32_t *ret) {
        return number_at(of_family(h, AF_INET, IFLA_INET_CONF), which - 1U, ret);
}

/* --- names and activation --- */

static bool has_altname(const struct nlmsghdr *h, const char *name) {
        const struct nlattr *list = attribute(h, IFLA_PROP_LIST), *a;

        if (list)
                mnl_attr_for_each_nested(a, list) if (mnl_attr_get_type(a) == IFLA_ALT_IFNAME &&
                                                      is_text(a, name)) return true;
        return false;
}

int look_altname(struct pass *r, const struct op *op, struct op *ret) {
        const struct nlmsghdr *h;
        int e = pass_link(r, op, op->altname.device, &h);

        if (e < 0 || !has_altname(h, op->altname.name))
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        return 0;
}

int look_up(struct pass *r, const struct op *op, struct op *ret) {
        const struct nlmsghdr *h;
        int e = pass_link(r, op, op->up.device, &h);

        if (e < 0 || !(header_of(h)->ifi_flags & IFF_UP))
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        return 0;
}

/* --- settings --- */

/* False: this kernel does not tell it. */
static bool read_setting(const struct nlmsghdr *h, const struct field *f, uint32_t *ret) {
        const struct nlattr *info = attribute(h, IFLA_LINKINFO);

        switch ((enum field_nest)f->nest) {
        case NEST_NONE: return false;
        case NEST_FLAG: *ret = (header_of(h)->ifi_flags & f->attribute) != 0; return true;
        case NEST_NOT: *ret = !(header_of(h)->ifi_flags & f->attribute); return true;
        case NEST_LINK: return number_of(attribute(h, f->attribute), ret);
        case NEST_INFO:
                return number_of(
                        nl_attribute_in(nl_attribute_in(info, IFLA_INFO_DATA), f->attribute), ret);
        case NEST_SLAVE:
                return number_of(
                        nl_attribute_in(nl_attribute_in(info, IFLA_INFO_SLAVE_DATA), f->attribute),
                        ret);
        case NEST_INET: return inet_number(h, f->attribute, ret);
        }
        return false;
}

/* Times become ticks of the kernel's clock, of which there may be 250 a second: one hundredth is lost then. */
static bool is_time(const struct field *f) {
        return f->nest == NEST_INFO &&
               (f->attribute == IFLA_BR_FORWARD_DELAY || f->attribute == IFLA_BR_AGEING_TIME);
}

static bool same_setting(const struct op *op, const struct field *f, uint32_t value) {
        uint32_t wanted = setting_value(op, f);

        if (f->type == FIELD_TRISTATE) /* STP by a program is 2 */
                return !wanted == !value;
        return wanted == value || (is_time(f) && value < wanted && wanted - value <= 1);
}

static void put_setting(struct op *op, const struct field *f, uint32_t value) {
        void *at = (char *)op_data(op) + f->offset;

        if (f->flags & FIELD_MAX_IS_0 && !value)
                value = UINT32_MAX;
        switch ((enum field_type)f->type) {
        case FIELD_WORD8: *(uint8_t *)at = field_word(f, value); break;
        case FIELD_TRISTATE: *(enum tristate *)at = value ? YES : NO; break;
        case FIELD_U8: *(uint8_t *)at = (uint8_t)value; break;
        case FIELD_U16: *(uint16_t *)at = (uint16_t)value; break;
        default: *(uint32_t *)at = value; break;
        }
}

/* A port that is none any more has no settings. */
static bool is_lost_port(const struct op *op, const struct nlmsghdr *h) {
        return op->kind == OP_PORT &&
               !is_text(nl_attribute_in(attribute(h, IFLA_LINKINFO), IFLA_INFO_SLAVE_KIND),
                        "bridge");
}

int look_settings(struct pass *r, const struct op *op, struct op *ret) {
        const struct op_info *info = &op_infos[op->kind];
        const char *device = (const char *)op_data(op) + info->fields[0].offset;
        const struct nlmsghdr *h;
        int e = pass_link(r, op, device, &h);

        if (e < 0 || is_lost_port(op, h))
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        for (size_t i = 0; i < info->n_fields; i++) {
                const struct field *f = &info->fields[i];
                uint32_t value;

                if (f->nest && setting_is_given(op, f) && read_setting(h, f, &value) &&
                    !same_setting(op, f, value))
                        put_setting(ret, f, value);
        }
        return 0;
}

/* --- IPv6 --- */

/* Sysctl= has the last word. */
static bool is_overruled(const struct pass *r, const struct op *op, const char *family,
                         const char *name) {
        char key[96];

        snprintf(key, sizeof key, "net/%s/conf/%s/%s", family, op->inet6.device, name);
        list_foreach (other, &r->plan->ops)
                if (other->kind == OP_SYSCTL && other->place == op->place &&
                    streq(other->sysctl.key, key))
                        return true;
        return false;
}

/* Does the message say so? What it does not say counts as right. */
static bool has_setting(const struct nlattr *conf, const char *name, const char *value) {
        static const struct {
                const char *name;
                size_t at;
        } settings[] = {
                { "disable_ipv6", DEVCONF_DISABLE_IPV6 },
                { "accept_ra", DEVCONF_ACCEPT_RA },
                { "accept_dad", DEVCONF_ACCEPT_DAD },
                { "keep_addr_on_down", DEVCONF_KEEP_ADDR_ON_DOWN },
                { "ndisc_notify", DEVCONF_NDISC_NOTIFY },
        };
        uint32_t now;

        for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
                if (streq(settings[i].name, name) && number_at(conf, settings[i].at, &now))
                        return (int32_t)now == (int32_t)strtol(value, NULL, 10);
        return true;
}

static bool is_silent(uint8_t mode) {
        return mode == INET6_PORT || mode == INET6_NONE;
}

static bool is_mode(const struct pass *r, const struct op *op, const struct nlattr *conf) {
        uint32_t generation;

        for (const struct inet6_setting *s = inet6_settings; s->name; s++)
                if (inet6_sets(op, s) && !is_overruled(r, op, "ipv6", s->name) &&
                    !has_setting(conf, s->name, s->value))
                        return false;
        return !is_silent(op->inet6.mode) || is_overruled(r, op, "ipv6", "addr_gen_mode") ||
               !number_at(conf, DEVCONF_ADDR_GEN_MODE, &generation) ||
               generation == IN6_ADDR_GEN_MODE_NONE;
}

/* Of those that would be right the one that was wanted, else that which says most. */
static uint8_t mode_of(const struct pass *r, const struct op *op, const struct nlattr *conf) {
        static const uint8_t modes[] = { INET6_STATIC, INET6_DAD, INET6_NONE, INET6_PORT,
                                         INET6_RA };
        struct op other = *op;

        if (op->inet6.mode != INET6_ABSENT && is_mode(r, op, conf))
                return op->inet6.mode;
        for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
                other.inet6.mode = modes[i];
                if (is_mode(r, &other, conf))
                        return modes[i];
        }
        return 0;
}

int look_inet6(struct pass *r, const struct op *op, struct op *ret) {
        const struct nlattr *conf;
        const struct nlmsghdr *h;
        uint32_t notify;
        int e = pass_link(r, op, op->inet6.device, &h);

        if (e < 0)
                return e;
        *ret = *op;
        conf = of_family(h, AF_INET6, IFLA_INET6_CONF);
        if (conf)
                ret->inet6.mode = mode_of(r, op, conf);
        else if (access("/proc/self/net/if_inet6", F_OK) ==
                 0) /* the kernel has IPv6, this has not */
                ret->inet6.mode = INET6_ABSENT;
        return op->place != PLACE_HOST && inet_number(h, IPV4_DEVCONF_ARP_NOTIFY, &notify) &&
               !notify && !is_overruled(r, op, "ipv4", INET4_NOTIFY);
}

/* --- interfaces that are ours --- */

static bool is_kind(const struct nlmsghdr *h, const char *kind) {
        return is_text(nl_attribute_in(attribute(h, IFLA_LINKINFO), IFLA_INFO_KIND), kind);
}

/* A tun and a tap are one kind to the kernel. */
static bool is_link_kind(const struct nlmsghdr *h, const struct link_kind_info *k) {
        struct device have = { 0 };

        return is_kind(h, link_kernel_kind(k)) && (!k->tun || tun_read(h, &have) == k->tun);
}

static struct mac mac_of(const struct nlmsghdr *h) {
        const struct nlattr *a = attribute(h, IFLA_ADDRESS);
        struct mac mac = { .set = false };

        if (a && mnl_attr_get_payload_len(a) == sizeof mac.bytes) {
                mac.set = true;
                memcpy(mac.bytes, mnl_attr_get_payload(a), sizeof mac.bytes);
        }
        return mac;
}

/* By its address, or by the mark that it carries. */
static bool is_ours(const struct pass *r, const struct nlmsghdr *h, const struct mac *wanted) {
        const struct nlattr *list = attribute(h, IFLA_PROP_LIST), *a;
        struct mac mac = mac_of(h);
        char owner[64];

        if (!wanted->set || memcmp(mac.bytes, wanted->bytes, sizeof mac.bytes) == 0)
                return true;
        if (list)
                mnl_attr_for_each_nested(a,
                                         list) if (mnl_attr_get_type(a) == IFLA_ALT_IFNAME &&
                                                   mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0 &&
                                                   owner_of_mark(mnl_attr_get_str(a), owner) &&
                                                   streq(owner, r->plan->name)) return true;
        return false;
}

static int look_on_host(struct pass *r, const struct op *op, struct op *ret) {
        const struct nlmsghdr *h;
        int e = pass_link(r, op, op->device.name, &h);

        if (e < 0 || !is_kind(h, link_kinds[op->device.kind]->name) ||
            !is_ours(r, h, &op->device.mac))
                return e < 0 && e != -ENODEV ? e : -ENOENT;
        *ret = *op;
        ret->device.mac = mac_of(h);
        return 0;
}

/* Who may not look inside takes the peer for right. */
static int look_inner_end(struct pass *r, const struct op *op, uint32_t index, struct op *ret) {
        const struct op inside = { .place = PLACE_OWN };
        const struct nlmsghdr *h;
        uint32_t mtu;
        int e;

        if (!pass_inner(r))
                return 0;
        e = nl_name(pass_inner(r), index, ret->device.peer);
        if (e == -ENODEV) {
                ret->device.peer[0] = '\0';
                ret->device.peer_mac.set = false;
                return 0;
        }
        if (e == 0)
                e = pass_link(r, &inside, ret->device.peer, &h);
        if (e < 0)
                return e;
        if (op->device.peer_mac.set)
                ret->device.peer_mac = mac_of(h);
        if (op->device.mtu && number_of(attribute(h, IFLA_MTU), &mtu) && mtu != op->device.mtu)
                ret->device.mtu = mtu;
        return 0;
}

/* An outer end that somebody renamed is found by its address. */
static int find_outer(struct pass *r, const struct op *op, struct op *ret,
                      const struct nlmsghdr **ret_message) {
        struct link_info info;
        int e = pass_link(r, op, op->device.name, ret_message);

        if (e == 0 &&
            (!is_kind(*ret_message, "veth") || !is_ours(r, *ret_message, &op->device.mac)))
                return -ENOENT;
        if (e != -ENODEV)
                return e;
        e = probe_veth(pass_socket(r, op), &op->device.mac, &info);
        if (e < 0)
                return e == -ENODEV ? -ENOENT : e;
        memcpy(ret->device.name, info.name, sizeof ret->device.name);
        return pass_link(r, op, info.name, ret_message);
}

/* As the operation calls it, which may be by an alternative name. "": there is none. */
static void name_as(struct nl *nl, uint32_t index, const char *wanted, char ret[static IFNAMSIZ]) {
        char name[IFNAMSIZ];

        if (nl_name(nl, index, name) < 0)
                ret[0] = '\0';
        else if (streq(name, wanted) || nl_index(nl, wanted) != (int)index)
                memcpy(ret, name, IFNAMSIZ);
        else
                memcpy(ret, wanted, IFNAMSIZ);
}

static int look_pair(struct pass *r, const struct op *op, struct op *ret) {
        struct op have = *op;
        const struct nlmsghdr *h;
        uint32_t master, mtu, peer = 0;
        int e = find_outer(r, op, &have, &h);

        if (e < 0)
                return e;
        have.device.mac = mac_of(h);
        if (op->device.mtu && number_of(attribute(h, IFLA_MTU), &mtu))
                have.device.mtu = mtu;
        have.device.master[0] = '\0';
        if (op->device.master[0] && number_of(attribute(h, IFLA_MASTER), &master))
                name_as(pass_socket(r, op), master, op->device.master, have.device.master);
        number_of(attribute(h, IFLA_LINK), &peer);
        e = look_inner_end(r, op, peer, &have);
        if (e == 0)
                *ret = have;
        return e;
}

/* An address that was not asked for is none that would be told. */
static void look_own_address(const struct nlmsghdr *h, const struct field *f, struct address *at) {
        const struct nlattr *info = nl_attribute_in(attribute(h, IFLA_LINKINFO), IFLA_INFO_DATA),
                            *a;
        static const uint8_t zero[16];
        uint8_t family = at->family;

        if (!family || memcmp(at->bytes, zero, sizeof zero) == 0)
                return;
        a = nl_attribute_in(info, f->attribute) ?: nl_attribute_in(info, f->attribute6);
        *at = (struct address){ 0 };
        if (!a || mnl_attr_get_payload_len(a) > sizeof at->bytes)
                return;
        at->family = mnl_attr_get_payload_len(a) == sizeof at->bytes ? AF_INET6 : AF_INET;
        memcpy(at->bytes, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
}

/* Unset where the kernel has a word that we do not know. */
static void look_own_number(const struct nlmsghdr *h, const struct op *op, const struct field *f,
                            struct op *ret) {
        uint32_t value;

        if (!setting_is_given(op, f) || !read_setting(h, f, &value))
                return;
        if (f->flags & FIELD_NETWORK_ORDER)
                value = ntohs((uint16_t)value);
        put_setting(ret, f, value);
}

/* What its kind alone has; the parent is looked for by its number. 1: a flag is missing that all of the kind have. */
static int look_own(const struct nlmsghdr *h, const struct op *op, struct op *ret) {
        const struct link_kind_info *kind = link_kinds[op->device.kind];
        const struct nlattr *data = nl_attribute_in(attribute(h, IFLA_LINKINFO), IFLA_INFO_DATA);
        uint32_t flags;

        for (const struct field *f = kind->fields; f < kind->fields + kind->n_fields; f++)
                if (f->nest == NEST_INFO && f->type == FIELD_ADDRESS)
                        look_own_address(h, f, (void *)((char *)op_data(ret) + f->offset));
                else if (f->nest == NEST_INFO && f->type != FIELD_IFNAME)
                        look_own_number(h, op, f, ret);
        return kind->flags.attribute &&
               number_at(nl_attribute_in(data, kind->flags.attribute), 0, &flags) &&
               (flags & kind->flags.flags) != kind->flags.flags;
}

static bool number_of_parent(const struct nlmsghdr *h, const struct op *op, uint32_t *ret) {
        const struct link_kind_info *kind = link_kinds[op->device.kind];

        for (const struct field *f = kind->fields; f < kind->fields + kind->n_fields; f++)
                if (f->nest == NEST_INFO && f->type == FIELD_IFNAME)
                        return read_setting(h, f, ret);
        return number_of(attribute(h, IFLA_LINK), ret);
}

/* Who may open it. What nobody asked for may be anything. */
static void look_owners(const struct nlmsghdr *h, const struct op *op, struct op *ret) {
        struct device have = { 0 };

        if (!link_kinds[op->device.kind]->tun)
                return;
        tun_read(h, &have);
        if (op->device.user.set)
                ret->device.user = have.user;
        if (op->device.user_group.set)
                ret->device.user_group = have.user_group;
        ret->device.multi_queue = have.multi_queue;
}

bool device_is_torn(struct pass *r, const struct op *op, const struct nlmsghdr *h) {
        struct link_info info;

        return op->place == PLACE_PEER && pass_inner(r) && probe_read_link(h, &info) == 0 &&
               !probe_is_nsid(pass_inner(r), r->places[pass_place(r, op)].ns, info.peer_nsid);
}

/* Inside it is known by its name and kind: it may have its parent's address. */
static int look_inside(struct pass *r, const struct op *op, struct op *ret) {
        const struct op inside = { .place = PLACE_OWN };
        const struct nlmsghdr *h;
        uint32_t parent, mtu;
        int e = pass_link(r, &inside, op->device.name, &h);

        if (e < 0 || !is_link_kind(h, link_kinds[op->device.kind]))
                return e < 0 && e != -ENODEV ? e : -ENOENT;
        if (device_is_torn(r, op, h))
                return -ENOENT;
        *ret = *op;
        if (op->device.mac.set)
                ret->device.mac = mac_of(h);
        if (op->device.mtu && number_of(attribute(h, IFLA_MTU), &mtu))
                ret->device.mtu = mtu;
        ret->device.parent[0] = '\0';
        if (op->device.parent[0] && number_of_parent(h, op, &parent))
                name_as(pass_socket(r, op), parent, op->device.parent, ret->device.parent);
        look_owners(h, op, ret);
        return look_own(h, op, ret);
}

int look_device(struct pass *r, const struct op *op, struct op *ret) {
        if (link_kinds[op->device.kind]->birth == BORN_ON_HOST)
                return physical_look(r, op, ret);
        if (op_home(op) == PLACE_OWN)
                return look_inside(r, op, ret);
        return op->device.peer[0] ? look_pair(r, op, ret) : look_on_host(r, op, ret);
}

int look_master(struct pass *r, const struct op *op, struct op *ret) {
        const struct nlmsghdr *h;
        uint32_t master;
        int e = pass_link(r, op, op->master.device, &h);

        if (e < 0)
                return e;
        if (!number_of(attribute(h, IFLA_MASTER), &master))
                return -ENOENT;
        *ret = *op;
        e = nl_name(pass_socket(r, op), master, ret->master.master);
        return e == -ENODEV ? -ENOENT : e;
}
