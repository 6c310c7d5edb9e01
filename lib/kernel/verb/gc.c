/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds what carries our marks and belongs to no record. It is made into a plan for each NAME, so
 * that removing it is the same walk backwards as a stop, with the same care: an interface goes only
 * if it is still the one that was found. */

#include "verb/gc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <sched.h>
#include <sys/stat.h>

#include "netlink/question.h"
#include "nft/nft.h"
#include "object/forwarding-saved.h"
#include "object/forwarding.h"
#include "state/lock.h"
#include "state/record.h"
#include "state/shared-users.h"
#include "system/netns.h"
#include "system/sysctl.h"
#include "util.h"
#include "value.h"
#include "verb/repair.h"
#include "verb/walk.h"
#include "vlan-set.h"

/* What records know of namespaces. Marks inside can be set by who is inside, and so a namespace that a
 * record knows is that network's, whatever it says of itself. */
struct known {
        char name[256];         /* below /run/netns */
        uint64_t inode, cookie; /* 0: the record does not say */
};

struct search {
        struct orphans *found;
        struct pool pool;
        LIST(struct known) known;
        const char *only; /* NULL: everybody */
        struct diags *d;
        const char *device; /* that is shared, while its users are looked at */
        bool guarded;       /* somebody switched forwarding on, and it was us */
        int error;
};

void gc_free(struct orphans *o) {
        for (size_t i = 0; i < o->n; i++)
                plan_free(o->items[i]);
        free(o->items);
        *o = (struct orphans){ 0 };
}

/* Where NAME's finds go; NULL where it has a record or is not looked for, or without memory. */
static struct plan *plan_of(struct search *s, const char *name) {
        struct plan **more;

        if (!name_valid(name) || (s->only && !streq(s->only, name)) || record_exists(name))
                return NULL;
        for (size_t i = 0; i < s->found->n; i++)
                if (streq(s->found->items[i]->name, name))
                        return s->found->items[i];
        more = reallocarray(s->found->items, s->found->n + 1, sizeof *more);
        if (more)
                s->found->items = more;
        if (!more || !(more[s->found->n] = plan_new(name))) {
                s->error = -ENOMEM;
                return NULL;
        }
        return more[s->found->n++];
}

static struct op *add(struct search *s, struct plan *p, enum op_kind kind) {
        struct op *op = plan_add(p, kind, PLACE_HOST, NULL);

        if (!op)
                s->error = -ENOMEM;
        return op;
}

/* --- what records know --- */

static int know(struct search *s, const char *name, uint64_t inode, uint64_t cookie) {
        struct known *k = list_add(&s->pool, &s->known);

        if (!k)
                return -ENOMEM;
        snprintf(k->name, sizeof k->name, "%s", name);
        k->inode = inode;
        k->cookie = cookie;
        return 0;
}

static int know_record(struct search *s, const char *name) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags ignored = DIAGS_NULL; /* the verbs of that name speak of it */
        const struct op *op;
        enum stage stage;
        int e = record_read(name, &p, &stage, &ignored);

        diags_free(&ignored);
        if (e == -ENOMEM || e == -ENOENT)
                return e == -ENOENT ? 0 : e;
        op = p ? plan_find(p, OP_NETNS) : NULL;
        return op && op->netns.inode ? know(s, op->netns.name, op->netns.inode, op->netns.cookie)
                                     : know(s, name, 0, 0);
}

static int know_records(struct search *s) {
        char **names;
        size_t n;
        int e = record_names(&names, &n);

        if (e < 0)
                return diag_error(s->d, e, NULL, NULL, "cannot read %s: %s", STATE_DIR,
                                  strerror(-e));
        for (size_t i = 0; e == 0 && i < n; i++)
                e = know_record(s, names[i]);
        record_free_names(names, n);
        return e;
}

static bool is_known(const struct search *s, const char *name, uint64_t inode, uint64_t cookie) {
        list_foreach (k, &s->known)
                if (k->inode ? k->inode == inode && (!k->cookie || !cookie || k->cookie == cookie)
                             : streq(k->name, name))
                        return true;
        return false;
}

/* --- namespaces: the mark is on the loopback interface, the first of each --- */

/* This thread goes in for as long as it takes to open a socket there. */
static int look_inside(int ns, int own, struct link_info *ret, uint64_t *ret_cookie) {
        struct nl *nl = NULL;
        int e;

        if (setns(ns, CLONE_NEWNET) < 0)
                return -errno;
        e = nl_open(&nl);
        netns_return(own);
        if (e == 0) {
                e = netns_cookie_of(nl_fd(nl), ret_cookie);
                if (e == 0)
                        e = probe_link_at(nl, 1, ret);
        }
        nl_close(nl);
        return e;
}

/* Whoever is in one must not keep us from the others. It has been told when all of them were looked for. */
static int fail_to_look(struct search *s, const char *name, int e) {
        if (!s->found->left)
                s->found->left = e;
        if (!s->only)
                diag_error(s->d, e, NULL, NULL, "cannot look into " NETNS_DIR "/%s: %s", name,
                           strerror(-e));
        return e == -ENOMEM ? e : 0;
}

static int look_at_namespace(struct search *s, const char *name, int own) {
        struct link_info lo;
        _cleanup_close_ int fd = -1;
        uint64_t cookie = 0;
        struct stat st;
        struct plan *p;
        struct op *op;
        int e = netns_open(name, 0, 0, &fd);

        if (e == -ENOENT || e == -EACCES) /* gone, or a file on which nothing is mounted */
                return 0;
        if (e == 0 && fstat(fd, &st) < 0)
                e = -errno;
        if (e == 0)
                e = look_inside(fd, own, &lo, &cookie);
        if (e < 0)
                return fail_to_look(s, name, e);
        if (is_known(s, name, st.st_ino, cookie))
                return 0;
        p = plan_of(s, lo.owner);
        op = p ? add(s, p, OP_NETNS) : NULL;
        if (!op)
                return s->error;
        op->netns.inode = st.st_ino;
        op->netns.cookie = cookie;
        op->netns.name = p->netns = pool_strdup(&p->pool, name);
        return p->netns ? 0 : -ENOMEM;
}

/* Calls back with each name in a directory; one that is not there has none. */
static int each_name(struct search *s, const char *path,
                     int (*entry)(struct search *s, const char *name, int argument), int argument) {
        _cleanup_closedir_ DIR *dir = opendir(path);
        const struct dirent *e;
        int r = 0, left = dir ? 0 : -errno;

        if (left == -ENOENT)
                return 0;
        while (dir && r == 0 && (e = next_entry(dir, &left)))
                if (e->d_name[0] != '.')
                        r = entry(s, e->d_name, argument);
        if (left < 0)
                return diag_error(s->d, left, NULL, NULL, "cannot read %s: %s", path,
                                  strerror(-left));
        return r;
}

static int look_at_namespaces(struct search *s) {
        _cleanup_close_ int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

        if (own < 0)
                return diag_error(s->d, -errno, NULL, NULL, "cannot open the host's namespace: %s",
                                  strerror(errno));
        return each_name(s, NETNS_DIR, look_at_namespace, own);
}

/* --- interfaces of the host that several networks share --- */

static int add_host_vlan(struct search *s, const char *name, const char *device) {
        char parent[IFNAMSIZ];
        uint16_t id;
        struct plan *p = vlan_of_name(device, parent, &id) ? plan_of(s, name) : NULL;
        struct op *op = p && !plan_makes_vlan(p, device) ? add(s, p, OP_HOST_VLAN) : NULL;

        if (op) {
                snprintf(op->host_vlan.device, IFNAMSIZ, "%s", device);
                memcpy(op->host_vlan.parent, parent, sizeof parent);
                op->host_vlan.id = id;
        }
        return s->error;
}

static int look_at_vlan_user(struct search *s, const char *name, int unused _unused_) {
        return add_host_vlan(s, name, s->device);
}

static int look_at_shared(struct search *s, const char *name, int unused _unused_) {
        const char *device = startswith(name, HOST_VLAN_USERS);
        char path[sizeof USERS_DIR + sizeof HOST_VLAN_USERS + IFNAMSIZ];

        if (!device || strlen(device) >= IFNAMSIZ)
                return 0;
        s->device = device;
        snprintf(path, sizeof path, USERS_DIR "/%s", name);
        return each_name(s, path, look_at_vlan_user, 0);
}

/* Nobody is noted any more, so it goes by its own name, as if that were a network's. */
static int look_at_host_vlan(struct search *s, const struct link_info *info) {
        char users[sizeof HOST_VLAN_USERS + IFNAMSIZ];
        int any;

        snprintf(users, sizeof users, HOST_VLAN_USERS "%s", info->made);
        any = users_has(users, NULL);
        return any != 0 ? any : add_host_vlan(s, info->made, info->made);
}

/* --- interfaces of the host --- */

static int take_link(void *user, const struct nlmsghdr *h) {
        struct search *s = user;
        struct link_info info;
        struct plan *p;
        enum link_kind kind;
        struct op *op;
        int e = probe_read_link(h, &info);

        if (e < 0)
                return e;
        if (info.made[0]) {
                e = look_at_host_vlan(s, &info);
                return e < 0 ? e : s->error;
        }
        p = plan_of(s, info.owner);
        if (!p)
                return s->error;
        kind = link_kind_of(info.kind);
        op = kind != LINK_KINDS ? add(s, p, OP_DEVICE) : NULL;
        if (op) {
                op->device.kind = (uint8_t)kind;
                op->device.mac = info.mac;
                memcpy(op->device.name, info.name, sizeof info.name);
        }
        return s->error;
}

static int look_at_links(struct search *s) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nl *nl = NULL;
        int e = nl_open(&nl);

        if (e == 0)
                e = nl_ask(nl, RTM_GETLINK, NLM_F_DUMP, &m, sizeof m, NULL, NULL, take_link, s);
        nl_close(nl);
        return e < 0 ? diag_error(s->d, e, NULL, NULL, "cannot list the interfaces: %s",
                                  strerror(-e))
                     : 0;
}

/* --- files --- */

/* NAME in the first line of the file, or "". */
static int read_owner(struct search *s, const char *name, char line[static 128], const char **ret) {
        char path[sizeof SYSCTL_D + 64];
        _cleanup_fclose_ FILE *f = NULL;

        snprintf(path, sizeof path, SYSCTL_D "/%.40s", name);
        f = fopen(path, "re");
        if ((!f && !is_absent(errno)) || (f && !fgets(line, 128, f) && ferror(f)))
                return diag_error(s->d, -errno, NULL, NULL, "cannot read %s: %s", path,
                                  strerror(errno));
        line[strcspn(line, "\n")] = '\0';
        *ret = startswith(line, SYSCTL_FILE_MARK) ?: "";
        return 0;
}

/* One that keeps forwarding on, although nobody knows any more that it is ours. */
static int look_at_forward_file(struct search *s, const char *name) {
        enum families family = streq(name, FORWARD_FILE "4.conf")   ? FAMILY_IPV4
                               : streq(name, FORWARD_FILE "6.conf") ? FAMILY_IPV6
                                                                    : FAMILY_NONE;
        char line[128] = "";
        const char *owner;
        struct plan *p;
        struct op *op;
        int e = 0;

        if (family == FAMILY_NONE || forward_is_ours(family))
                return 0;
        e = read_owner(s, name, line, &owner);
        p = e == 0 ? plan_of(s, owner) : NULL;
        op = p ? add(s, p, OP_FORWARDING) : NULL;
        if (op)
                op->forwarding.families = family;
        return e < 0 ? e : s->error;
}

static int look_at_sysctl_file(struct search *s, const char *name, int unused _unused_) {
        const char *rest = startswith(name, "10-vnet-"), *owner;
        size_t n = rest ? strlen(rest) : 0;
        char line[128] = "";
        struct plan *p;
        struct op *op;
        int e;

        if (n <= strlen(".conf") || n >= IFNAMSIZ + strlen(".conf") ||
            !streq(rest + n - strlen(".conf"), ".conf"))
                return look_at_forward_file(s, name);
        e = read_owner(s, name, line, &owner);
        p = e == 0 ? plan_of(s, owner) : NULL;
        op = p ? add(s, p, OP_SYSCTL_FILE) : NULL;
        if (op)
                snprintf(op->sysctl_file.device, IFNAMSIZ, "%.*s", (int)(n - strlen(".conf")),
                         rest);
        return e < 0 ? e : s->error;
}

static void add_table(struct search *s, struct plan *p, enum nft_table table) {
        struct op *op;

        list_foreach (o, &p->ops)
                if (o->kind == OP_TABLE && o->table.which == table)
                        return;
        op = add(s, p, OP_TABLE);
        if (op)
                op->table.which = table;
}

static int look_at_user(struct search *s, const char *name, int families) {
        struct plan *p = plan_of(s, name);
        struct op *op = p ? add(s, p, OP_FORWARDING) : NULL;

        if (op)
                op->forwarding.families = families;
        return s->error;
}

static int look_at_table_user(struct search *s, const char *name, int table) {
        struct plan *p = plan_of(s, name);

        if (p)
                add_table(s, p, (enum nft_table)table);
        return s->error;
}

/* A temporary record of a helper that was killed while it wrote its first one. */
static int look_at_state(struct search *s, const char *file, int unused _unused_) {
        size_t n = strlen(file);
        char name[64];

        if (n < 2 || n > sizeof name || file[n - 1] != '~')
                return 0;
        memcpy(name, file, n - 1);
        name[n - 1] = '\0';
        plan_of(s, name);
        return s->error;
}

/* --- nftables --- */

static int look_at_owner(void *user, enum nft_table table, const char *name) {
        struct search *s = user;
        struct plan *p = plan_of(s, name);

        s->guarded |= streq(name, GUARD_OWNER);
        if (p)
                add_table(s, p, table);
        return s->error;
}

static int look_at_elements(struct search *s) {
        struct nft *nft = NULL;
        int e = nft_open(&nft, s->d);

        if (e == 0) {
                e = nft_each_owner(nft, look_at_owner, s);
                if (s->guarded && !forward_is_ours(FAMILY_BOTH))
                        diag_warn(s->d, NULL, NULL,
                                  "IP forwarding was switched on by vnet, but what "
                                  "was before is lost with " RUN_DIR "; it is left as it is");
                if (e < 0)
                        diag_error(s->d, e, NULL, NULL,
                                   "cannot list the table inet " NFT_TABLE ": %s", strerror(-e));
        }
        nft_close(nft);
        return e;
}

/* In the order of a start: undoing goes backwards. */
static int look(struct search *s) {
        int e = know_records(s);

        if (e == 0)
                e = look_at_namespaces(s);
        if (e == 0)
                e = each_name(s, USERS_DIR, look_at_shared, 0);
        if (e == 0)
                e = look_at_links(s);
        if (e == 0)
                e = each_name(s, SYSCTL_D, look_at_sysctl_file, 0);
        if (e == 0)
                e = each_name(s, STATE_DIR, look_at_state, 0);
        for (enum nft_table t = 0; e == 0 && t < NFT_HOST_TABLES; t++) {
                char path[sizeof USERS_DIR + 32];

                snprintf(path, sizeof path, USERS_DIR "/%s", nft_tables[t].users);
                e = each_name(s, path, look_at_table_user, (int)t);
        }
        if (e == 0)
                e = look_at_elements(s);
        if (e == 0)
                e = each_name(s, USERS_DIR "/forwarding4", look_at_user, FAMILY_IPV4);
        if (e == 0)
                e = each_name(s, USERS_DIR "/forwarding6", look_at_user, FAMILY_IPV6);
        pool_free(&s->pool);
        return e;
}

int gc_find(struct orphans *ret, struct diags *d) {
        *ret = (struct orphans){ 0 };
        return look(&(struct search){ .found = ret, .d = d });
}

static int remove_found(const char *name, struct plan **ret, struct diags *d) {
        struct orphans found = { 0 };
        int e = look(&(struct search){ .found = &found, .only = name, .d = d });

        if (e == 0 && found.n > 0) {
                e = undo_record(found.items[0], d);
                if (e == 0)
                        *ret = TAKE_PTR(found.items[0]);
        }
        gc_free(&found);
        return e;
}

int gc_remove(const char *name, struct plan **ret, struct diags *d) {
        int lock, e = lock_take(LOCK_NAME, name, &lock, d);

        if (e < 0)
                return e;
        *ret = NULL;
        e = remove_found(name, ret, d);
        lock_release(lock);
        run_dir_remove();
        return e;
}
