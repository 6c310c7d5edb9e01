/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl exec runs a program in a namespace. This process becomes the program, so signals,
 * terminal and exit status are its own. Whatever asks name services is done before the namespace is
 * entered, since they may not be reached from there. */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>

#include "ctl.h"
#include "load.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"
#include "value.h"

enum { STATUS_CANNOT_EXECUTE = 126, STATUS_NO_COMMAND = 127 };

struct standing {
        const char *name;
        char *netns;    /* owned */
        uint64_t inode; /* 0: whichever has the name */
        uint64_t cookie;
};

/* --- which namespace --- */

static enum status is_bridge(const char *name) {
        ctl_say("'%s' is a bridge, not a namespace", name);
        return STATUS_FAILED;
}

static enum status take_netns(struct standing *p, const char *netns) {
        p->netns = strdup(netns);
        if (p->netns)
                return STATUS_DONE;
        ctl_say("out of memory");
        return STATUS_FAILED;
}

/* What the record says; -ENOENT where it says nothing. */
static int place_of_record(struct standing *p, enum status *ret) {
        _cleanup_plan_ struct plan *record = NULL;
        const struct op *op;
        enum stage stage;
        int r = record_read(p->name, &record, &stage, NULL);

        if (r < 0)
                return r;
        op = plan_find(record, OP_NETNS);
        if (op) {
                p->inode = op->netns.inode;
                p->cookie = op->netns.cookie;
                *ret = take_netns(p, op->netns.name);
        } else
                *ret = is_bridge(p->name);
        return 0;
}

static int place_of_file(struct standing *p, enum status *ret) {
        _cleanup_vnet_ struct vnet *v = NULL;
        int r = load_name("", p->name, &v, NULL);

        if (r < 0)
                return r;
        *ret = v->subject == SUBJECT_BRIDGE ? is_bridge(p->name) : take_netns(p, v->ns.name);
        return 0;
}

/* A namespace of somebody else will do as well. */
static enum status find_place(struct standing *p) {
        enum status status;

        if (place_of_record(p, &status) == 0 || place_of_file(p, &status) == 0)
                return status;
        if (netns_look(p->name) == NETNS_THERE)
                return take_netns(p, p->name);
        ctl_say("no '%s': there is neither a file nor a namespace", p->name);
        return STATUS_UNKNOWN;
}

static int enter_netns(const struct standing *p) {
        _cleanup_close_ int fd = -1;
        int r = netns_open(p->netns, p->inode, p->cookie, &fd);

        if (r == -ENOENT) {
                ctl_say("'%s' is not up: there is no namespace " NETNS_DIR "/%s%s", p->name,
                        p->netns, p->inode ? " made by it" : "");
                return r;
        }
        if (r == 0 && setns(fd, CLONE_NEWNET) < 0)
                r = -errno;
        if (r < 0)
                ctl_say("%s: cannot enter " NETNS_DIR "/%s: %s", p->name, p->netns, strerror(-r));
        return r;
}

/* --- who --- */

static const struct passwd *find_user(const char *user) {
        const struct passwd *pw;

        errno = 0;
        pw = getpwnam(user);
        if (pw && initgroups(user, pw->pw_gid) == 0)
                return pw;
        if (pw)
                ctl_say("cannot take the groups of user '%s': %s", user, strerror(errno));
        else if (errno && errno != ENOENT && errno != ESRCH)
                ctl_say("cannot look up user '%s': %s", user, strerror(errno));
        else
                ctl_say("there is no user '%s'", user);
        return NULL;
}

static int become(const struct passwd *pw) {
        if (setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0) {
                ctl_say("cannot become user '%s': %s", pw->pw_name, strerror(errno));
                return -errno;
        }
        if (setenv("HOME", pw->pw_dir, true) < 0 || setenv("USER", pw->pw_name, true) < 0 ||
            setenv("LOGNAME", pw->pw_name, true) < 0 || setenv("SHELL", pw->pw_shell, true) < 0) {
                ctl_say("out of memory");
                return -ENOMEM;
        }
        return 0;
}

/* --- the program --- */

static enum status execute(char **argv) {
        const char *chosen = getenv("SHELL");
        _cleanup_free_ char *shell = strdup(chosen && *chosen ? chosen : "/bin/sh");
        char *const shell_argv[] = { shell, NULL };
        char *const *words = *argv ? argv : shell_argv;
        int error;

        if (!shell) {
                ctl_say("out of memory");
                return STATUS_FAILED;
        }
        execvp(words[0], words);
        error = errno;
        ctl_say("cannot run '%s': %s", words[0], strerror(error));
        return (enum status)(error == ENOENT ? STATUS_NO_COMMAND : STATUS_CANNOT_EXECUTE);
}

enum status ctl_exec(struct ctl *c, int argc _unused_, char **argv) {
        struct standing p = { .name = argv[0] };
        const struct passwd *pw = NULL;
        enum status status = STATUS_DONE;

        if (geteuid() != 0) {
                ctl_say("only root can run a program in '%s'", p.name);
                return STATUS_NOT_ROOT;
        }
        if (!name_valid(p.name)) {
                ctl_say("'%s' is not a valid name", p.name);
                return STATUS_USAGE;
        }
        if (c->user) {
                pw = find_user(c->user);
                if (!pw)
                        return STATUS_FAILED;
        }
        status = find_place(&p);
        if (status == STATUS_DONE &&
            (enter_netns(&p) < 0 || enter_mounts(p.name, p.netns) < 0 || (pw && become(pw) < 0)))
                status = STATUS_FAILED;
        if (status == STATUS_DONE)
                status = execute(argv + 1);
        free(p.netns);
        return status;
}
