/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lends an interface of the host to a namespace, and gives it back as it was. A namespace that ends pushes such an interface to
 * the initial one, whoever lent it, under the name and with the settings that it had inside; and while a process holds a
 * nameless namespace it is nowhere to be seen. So we hold the namespace too, by a mount of our own in /run/vnet/held, until the
 * interface is back. Inside it has a number that is free on both sides, by which it is known wherever it turns up. */

#include "object/physical.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "netlink/question.h"
#include "object/card.h"
#include "state/lock.h"
#include "util.h"

enum {
        WAIT_MS = 5000, /* for an interface that the host does not have yet */
        HOME_MS = 1000, /* for one that a namespace which ends pushes to the host */
        PAUSE_MS = 20,
        HELD_PATH_MAX = sizeof HELD_DIR + 66
};

/* --- what is lent --- */

static int find_lent(struct nl *nl, const struct device *d, struct card *ret) {
        return d->card.device[0] ? card_by_name(nl, d->card.device, ret)
                                 : card_by_mac(nl, &d->card.address, ret);
}

static int await_lent(struct nl *nl, const struct device *d, struct card *ret) {
        int64_t end = now_us() + WAIT_MS * INT64_C(1000);
        int e;

        while ((e = find_lent(nl, d, ret)) == -ENODEV && now_us() < end)
                poll(NULL, 0, PAUSE_MS);
        return e;
}

static int tell_absent(struct pass *r, const struct op *op, int e) {
        const struct device *d = &op->device;
        char mac[MAC_MAX];

        if (e != -ENODEV)
                return pass_fail_errno(r, op, e, "");
        if (d->card.device[0])
                return pass_fail(r, op, e, "the host has no interface '%s'", d->card.device);
        return pass_fail(r, op, e, "the host has no interface with the hardware address %s",
                         mac_print(&d->card.address, mac));
}

struct ways {
        int index;
        bool found;
};

static int take_default(void *user, const struct nlmsghdr *h) {
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);
        struct ways *w = user;
        const struct nlattr *a;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m) || m->rtm_dst_len ||
            m->rtm_type != RTN_UNICAST)
                return 0;
        mnl_attr_for_each(a, h, sizeof *m) {
                const struct rtnexthop *hop = mnl_attr_get_payload(a);

                if (mnl_attr_get_type(a) == RTA_OIF && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                        w->found |= (int)mnl_attr_get_u32(a) == w->index;
                if (mnl_attr_get_type(a) == RTA_MULTIPATH &&
                    mnl_attr_get_payload_len(a) >= sizeof *hop)
                        w->found |= hop->rtnh_ifindex == w->index;
        }
        return 0;
}

static int is_way_out(struct nl *nl, int index, bool *ret) {
        static const uint8_t families[] = { AF_INET, AF_INET6 };
        struct ways w = { .index = index };

        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
                struct rtmsg m = { .rtm_family = families[i] };
                int e = nl_ask(nl, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof m, NULL, NULL, take_default,
                               &w);

                if (e < 0)
                        return e;
        }
        *ret = w.found;
        return 0;
}

/* The host would be cut off, or something of its own torn apart that nobody puts together again. */
static int check_spare(struct pass *r, const struct op *op, const struct card *c) {
        char master[IFNAMSIZ];
        bool way_out = false;
        int e = is_way_out(pass_host(r), c->index, &way_out);

        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        if (c->is_loopback)
                return pass_fail(r, op, -EINVAL, "'%s' is the loopback interface", c->name);
        if (way_out)
                return pass_fail(r, op, -EBUSY, "the default route of the host leaves by '%s'",
                                 c->name);
        if (c->master && nl_name(pass_host(r), c->master, master) == 0)
                return pass_fail(r, op, -EBUSY, "'%s' is a port of '%s'", c->name, master);
        return 0;
}

int physical_learn(struct pass *r, struct op *op) {
        struct device *d = &op->device;
        struct card c = { 0 };
        int e;

        if (d->card.host_index)
                return 0; /* what it was like before the first time counts */
        e = await_lent(pass_host(r), d, &c);
        if (e < 0)
                return tell_absent(r, op, e);
        if (check_spare(r, op, &c) < 0)
                return r->error;
        d->card.host_index = (uint32_t)c.index;
        memcpy(d->card.host_name, c.name, sizeof c.name);
        d->card.host_names = pool_strdup(&r->plan->pool, c.names);
        d->card.permanent = c.permanent;
        d->card.host_mac = c.mac;
        d->card.host_mtu = c.mtu;
        d->card.host_queue = c.queue;
        d->card.host_addrgen = c.addrgen;
        d->card.host_up = c.up;
        return d->card.host_names ? 0 : pass_fail_errno(r, op, -ENOMEM, "");
}

/* --- holding the namespace --- */

static void held_path(const struct pass *r, char ret[HELD_PATH_MAX]) {
        snprintf(ret, HELD_PATH_MAX, HELD_DIR "/%.64s", r->plan->name);
}

static bool is_held(const struct pass *r, const char *path) {
        struct statfs fs;
        struct stat st;

        return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC && stat(path, &st) == 0 &&
               st.st_ino == plan_find(r->plan, OP_NETNS)->netns.inode;
}

static int hold(struct pass *r, const struct op *op) {
        char path[HELD_PATH_MAX];
        int fd;

        held_path(r, path);
        if (pass_enter(r, PLACE_OWN) < 0 || (mkdir(HELD_DIR, 0700) < 0 && errno != EEXIST))
                return pass_fail_errno(r, op, -errno, "");
        fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (fd < 0 && errno == EEXIST && is_held(r, path))
                return 0; /* by an interface before this one */
        if (fd < 0 && errno == EEXIST && unlink(path) == 0)
                fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (fd < 0 || close(fd) < 0 ||
            mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0)
                return pass_fail(r, op, -errno, "cannot hold the namespace at %s: %s", path,
                                 strerror(errno));
        return 0;
}

static void let_go(struct pass *r) {
        char path[HELD_PATH_MAX];

        held_path(r, path);
        umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
        unlink(path);
        rmdir(HELD_DIR);
}

/* By its name, or where somebody took that away by our mount. -ENOENT: by neither. */
static int go_inside(struct pass *r) {
        const struct op *netns = plan_find(r->plan, OP_NETNS);
        _cleanup_close_ int fd = -1;
        char path[HELD_PATH_MAX];
        struct statfs fs;
        struct stat st;
        int e = pass_inner(r) ? 0 : pass_open_inner(r);

        if (e != -ENOENT || !netns)
                return e;
        held_path(r, path);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 || fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
                /* EACCES: nothing is mounted there any more, and what is below nobody may open */
                return is_absent(errno) || errno == EACCES ? -ENOENT : -errno;
        if (fs.f_type != NSFS_MAGIC || st.st_ino != netns->netns.inode)
                return -ENOENT;
        return pass_go_inside(r, TAKE_FD(fd));
}

/* --- there --- */

/* Another may have its number or its name by now, but not its permanent address. */
static bool is_lent(const struct device *d, const struct card *c) {
        if (d->card.permanent.set || c->permanent.set)
                return mac_equal(&d->card.permanent, &c->permanent);
        return (uint32_t)c->index == d->card.index || streq(c->name, d->card.host_name) ||
               ((uint32_t)c->index == d->card.host_index && mac_equal(&c->mac, &d->card.host_mac));
}

static bool find_inside(struct nl *nl, const struct device *d, struct card *ret) {
        return card_by_index(nl, d->card.index, ret) == 0 && is_lent(d, ret);
}

/* Under the name that it has on the host it is found there even after the namespace was torn down by hand. */
static int settle_inside(struct pass *r, const struct op *op) {
        const struct device *d = &op->device;
        int index = (int)d->card.index, e = 0;
        struct card c = { 0 };

        if (!find_inside(pass_inner(r), d, &c))
                return pass_fail_errno(r, op, -ENODEV, "");
        if (!streq(c.name, d->name) && c.up)
                e = card_set_up(pass_inner(r), index, false); /* for kernels before 6.2 */
        if (e == 0 && !streq(c.name, d->name))
                e = card_rename(pass_inner(r), index, d->name);
        if (e == 0 && d->mac.set && !mac_equal(&c.mac, &d->mac))
                e = card_set_mac(pass_inner(r), index, &d->mac);
        if (e == 0 && !streq(d->card.host_name, d->name))
                e = card_set_altname(pass_inner(r), index, d->card.host_name, true);
        return e < 0 && e != -EEXIST ? pass_fail_errno(r, op, e, "") : 0;
}

int physical_do(struct pass *r, const struct op *op) {
        const struct device *d = &op->device;
        struct card c = { 0 };
        int e = pass_flush(r);

        if (e < 0)
                return e;
        pass_forget(r);
        if (r->repairing && find_inside(pass_inner(r), d, &c))
                return settle_inside(r, op);
        e = find_lent(pass_host(r), d, &c);
        if (e < 0 || !is_lent(d, &c))
                return tell_absent(r, op, e < 0 ? e : -ENODEV);
        if (check_spare(r, op, &c) < 0 || hold(r, op) < 0)
                return r->error;
        r->states[r->current] = OP_DONE; /* to be undone, whatever comes of it */
        e = card_move(pass_host(r), c.index, r->places[PLACE_OWN].ns, d->name, d->card.index);
        return e < 0 ? pass_fail_errno(r, op, e, "") : settle_inside(r, op);
}

int physical_look(struct pass *r, const struct op *op, struct op *ret) {
        const struct device *d = &op->device;
        struct card c = { 0 };
        int e;

        if (!pass_inner(r))
                return -EPERM; /* nobody has gone inside */
        e = pass_flush(r);
        if (e < 0)
                return e;
        if (!find_inside(pass_inner(r), d, &c))
                return -ENOENT;
        *ret = *op;
        memcpy(ret->device.name, c.name, sizeof c.name);
        if (d->mac.set)
                ret->device.mac = c.mac;
        return 0;
}

/* --- and back --- */

static bool has_name(const char *names, const char *name) {
        char one[CARD_ALTNAME_MAX];

        while (card_next_name(&names, one))
                if (streq(one, name))
                        return true;
        return false;
}

/* What was there before, and nothing that somebody inside has given it. */
static void restore_names(struct nl *nl, const struct device *d, const struct card *c, bool add) {
        const char *names = add ? d->card.host_names : c->names;
        char one[CARD_ALTNAME_MAX];

        while (card_next_name(&names, one))
                if (!has_name(add ? c->names : d->card.host_names ?: "", one))
                        card_set_altname(nl, c->index, one, add);
}

static int restore_settings(struct nl *nl, const struct device *d, const struct card *c) {
        int e = c->up ? card_set_up(nl, c->index, false) : 0;

        if (e == 0 && d->card.host_mac.set && !mac_equal(&d->card.host_mac, &c->mac))
                e = card_set_mac(nl, c->index, &d->card.host_mac);
        if (e == 0 && d->card.host_mtu != c->mtu)
                e = card_set_number(nl, c->index, IFLA_MTU, d->card.host_mtu);
        if (e == 0 && d->card.host_queue != c->queue)
                e = card_set_number(nl, c->index, IFLA_TXQLEN, d->card.host_queue);
        restore_names(nl, d, c, false);
        return e;
}

static void tell_name(struct pass *r, const struct op *op, const char *name) {
        diag_warn(
                r->d, &op->origin, "Device",
                "the host has another interface '%s' now; the one that was moved in is back as '%s'",
                op->device.card.host_name, name);
}

/* The number that it had, too, if that is free. */
static int move_home(struct pass *r, const struct op *op, const struct card *c) {
        const struct device *d = &op->device;
        bool taken = nl_has_index(pass_host(r), d->card.host_index);
        uint32_t number = taken ? d->card.index : d->card.host_index;
        int e = card_move(pass_inner(r), c->index, r->places[PLACE_HOST].ns, d->card.host_name,
                          number);

        if (e == -EEXIST && !nl_has_index(pass_host(r), number)) {
                e = card_move(pass_inner(r), c->index, r->places[PLACE_HOST].ns, "dev%d", number);
                e = nl_has_index(pass_host(r), number) ? 0 : e;
        } else if (e == -EEXIST)
                e = 0; /* it is there, with the name that it had inside */
        return e;
}

/* -ENODEV: the host does not have it. */
static int find_home(struct pass *r, const struct device *d, struct card *ret) {
        const uint32_t numbers[] = { d->card.index, d->card.host_index };

        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                if (card_by_index(pass_host(r), numbers[i], ret) == 0 && is_lent(d, ret))
                        return 0;
        if (d->card.permanent.set && card_by_mac(pass_host(r), &d->card.permanent, ret) == 0 &&
            is_lent(d, ret))
                return 0;
        return -ENODEV;
}

/* One that never left, or that we brought, is as it was but for its activation. The kernel may have brought it. */
static int settle_home(struct pass *r, const struct op *op) {
        const struct device *d = &op->device;
        struct card c = { 0 };
        int e = find_home(r, d, &c);
        bool named;

        if (e < 0)
                return e;
        named = streq(c.name, d->card.host_name);
        if (!named || (uint32_t)c.index == d->card.index) {
                e = restore_settings(pass_host(r), d, &c);
                if (e == 0 && !named && card_rename(pass_host(r), c.index, d->card.host_name) < 0)
                        tell_name(r, op, c.name);
                c.up = false;
        }
        restore_names(pass_host(r), d, &c, true);
        /* to another namespace it comes with what is the default there */
        if (e == 0 && d->card.host_addrgen && c.addrgen && c.addrgen != d->card.host_addrgen)
                e = card_set_addrgen(pass_host(r), c.index, d->card.host_addrgen);
        if (e == 0 && d->card.host_up && !c.up)
                e = card_set_up(pass_host(r), c.index, true);
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

/* An adapter that was unplugged never comes. */
static int await_home(struct pass *r, const struct op *op, bool may_come) {
        int64_t end = now_us() + (may_come ? HOME_MS * INT64_C(1000) : 0);
        int e;

        while ((e = settle_home(r, op)) == -ENODEV && now_us() < end)
                poll(NULL, 0, PAUSE_MS);
        if (e == -ENODEV && !r->error)
                diag_warn(r->d, &op->origin, "Device",
                          "interface '%s' is neither in the namespace nor on the host any more",
                          op->device.card.host_name);
        return r->error;
}

/* They go backward. */
static bool is_last(const struct pass *r, const struct op *op) {
        list_foreach (other, &r->plan->ops)
                if (other->kind == OP_DEVICE &&
                    link_kinds[other->device.kind]->birth == BORN_ON_HOST)
                        return other == op;
        return true;
}

int physical_undo(struct pass *r, const struct op *op) {
        const struct device *d = &op->device;
        struct card c = { 0 };
        int e = pass_flush(r), there;

        if (e < 0 || !d->card.host_index)
                return e;
        there = go_inside(r);
        if (there < 0 && there != -ENOENT)
                return r->error ?: pass_fail_errno(r, op, there, "");
        if (there == 0 && find_inside(pass_inner(r), d, &c)) {
                e = restore_settings(pass_inner(r), d, &c);
                if (e == 0)
                        e = move_home(r, op, &c);
                if (e < 0)
                        return pass_fail(r, op, e, "cannot be given back to the host: %s",
                                         strerror(-e));
        }
        e = await_home(r, op, there == -ENOENT);
        if (e == 0 && is_last(r, op))
                let_go(r);
        return e;
}
