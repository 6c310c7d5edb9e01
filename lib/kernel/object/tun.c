/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes tun and tap interfaces (linux/if_tun.h), for which netlink has no message: by a descriptor of /dev/net/tun, opened by
 * a thread that stands in their namespace. TUNSETPERSIST makes the interface stay when that is closed. */

#include "object/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "util.h"

#define TUN_FILE "/dev/net/tun"

static int tell_open(struct pass *r, const struct op *op, int error) {
        switch (error) {
        case ENOENT:
                return pass_fail(r, op, -error,
                                 "there is no " TUN_FILE "; does the kernel have the module tun?");
        case ENODEV:
        case ENXIO: return pass_fail(r, op, -error, "%s", link_kinds[op->device.kind]->lacking);
        case EPERM:
        case EACCES:
                return pass_fail(r, op, -error,
                                 "may not open " TUN_FILE
                                 "; a container has to be given it (DeviceAllow=)");
        default: return pass_fail(r, op, -error, "cannot open " TUN_FILE ": %s", strerror(error));
        }
}

/* EBUSY: of a new one that the name is taken, of one that is there that a program has it open. */
static int tell_name(struct pass *r, const struct op *op, int error) {
        switch (error) {
        case EBUSY:
                return pass_fail(r, op, -error, "%s",
                                 r->repairing ? "a program has it open, and it cannot be mended"
                                              : "the name is taken inside");
        case EINVAL:
                return pass_fail(r, op, -error,
                                 "an interface of this name is there that is of another kind, or "
                                 "of another MultiQueue=");
        default: return pass_fail_errno(r, op, -error, "");
        }
}

static int own(struct pass *r, const struct op *op, int fd) {
        const struct device *d = &op->device;

        if (d->user.set && ioctl(fd, TUNSETOWNER, (unsigned long)d->user.id) < 0)
                return pass_fail(r, op, -errno, "cannot give it to the user %u: %s", d->user.id,
                                 strerror(errno));
        if (d->user_group.set && ioctl(fd, TUNSETGROUP, (unsigned long)d->user_group.id) < 0)
                return pass_fail(r, op, -errno, "cannot give it to the group %u: %s",
                                 d->user_group.id, strerror(errno));
        if (ioctl(fd, TUNSETPERSIST, 1UL) < 0)
                return pass_fail_errno(r, op, -errno, "");
        return 0;
}

/* Its number is one that others may already be told of. */
static int make(struct pass *r, const struct op *op) {
        _cleanup_close_ int fd = open(TUN_FILE, O_RDWR | O_CLOEXEC);
        unsigned index = r->fresh ? (unsigned)pass_preset_index(r, op->device.name) : 0;
        struct ifreq request = {
                .ifr_flags = (short)(link_kinds[op->device.kind]->tun | IFF_NO_PI |
                                     (op->device.multi_queue ? IFF_MULTI_QUEUE : 0) |
                                     (r->repairing ? 0 : IFF_TUN_EXCL)),
        };

        if (fd < 0)
                return tell_open(r, op, errno);
        memcpy(request.ifr_name, op->device.name, sizeof request.ifr_name);
        if ((int)index > 0 && ioctl(fd, TUNSETIFINDEX, &index) < 0)
                return pass_fail_errno(r, op, -errno, "");
        if (ioctl(fd, TUNSETIFF, &request) < 0)
                return tell_name(r, op, errno);
        return own(r, op, fd);
}

static bool same_account(const struct account *a, const struct account *b) {
        return a->set == b->set && a->id == b->id;
}

static void take(const struct nlattr *a, struct account *ret) {
        *ret = (struct account){ .set = a && mnl_attr_validate(a, MNL_TYPE_U32) >= 0 };
        if (ret->set)
                ret->id = mnl_attr_get_u32(a);
}

static uint8_t byte_of(const struct nlattr *a) {
        return a && mnl_attr_validate(a, MNL_TYPE_U8) >= 0 ? mnl_attr_get_u8(a) : 0;
}

uint8_t tun_read(const struct nlmsghdr *h, struct device *ret) {
        const struct nlattr *a, *info = NULL;

        mnl_attr_for_each(a, h, sizeof(struct ifinfomsg)) if (mnl_attr_get_type(a) == IFLA_LINKINFO)
                info = a;
        info = nl_attribute_in(info, IFLA_INFO_DATA);
        take(nl_attribute_in(info, IFLA_TUN_OWNER), &ret->user);
        take(nl_attribute_in(info, IFLA_TUN_GROUP), &ret->user_group);
        ret->multi_queue = byte_of(nl_attribute_in(info, IFLA_TUN_MULTI_QUEUE));
        return byte_of(nl_attribute_in(info, IFLA_TUN_TYPE));
}

/* Is there one that needs no descriptor? A program that has it open lets nobody else have one. */
static bool is_made(struct pass *r, const struct op *op) {
        const struct device *wanted = &op->device;
        const struct nlmsghdr *h;
        struct device have = { 0 };

        if (!r->repairing || pass_link(r, op, wanted->name, &h) < 0 ||
            tun_read(h, &have) != link_kinds[wanted->kind]->tun)
                return false;
        return (!wanted->user.set || same_account(&wanted->user, &have.user)) &&
               (!wanted->user_group.set || same_account(&wanted->user_group, &have.user_group)) &&
               wanted->multi_queue == have.multi_queue;
}

int tun_make(struct pass *r, const struct op *op) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        const struct device *d = &op->device;
        struct nlmsghdr *h;
        int e = pass_flush(r);

        if (e == 0)
                e = pass_enter(r, PLACE_OWN);
        if (e < 0)
                return r->error ?: pass_fail_errno(r, op, e, "");
        if (!is_made(r, op) && make(r, op) < 0)
                return r->error;
        pass_forget(r);
        r->states[r->current] = OP_DONE;
        if (!d->mac.set && !d->mtu)
                return 0;
        h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, d->name);
        if (d->mac.set)
                mnl_attr_put(h, IFLA_ADDRESS, sizeof d->mac.bytes, d->mac.bytes);
        if (d->mtu)
                mnl_attr_put_u32(h, IFLA_MTU, d->mtu);
        pass_end(r, op, h);
        return 0;
}
