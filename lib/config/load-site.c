/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Loads more than one file: the file that a NAME or a bridge's interface name leads to, or the
 * whole site, which the generator needs at boot. The helper of one namespace never loads the
 * whole. It wants its own file and that of its bridge, and that one nearly always has the
 * bridge's name. */

#include <errno.h>
#include <fcntl.h>

#include "load.h"
#include "util.h"
#include "verify.h"

static void sources_freep(struct sources *s) {
        sources_free(s);
}

int load_name(const char *root, const char *name, struct vnet **ret, struct diags *d) {
        _cleanup_(sources_freep) struct sources sources = { 0 };
        const struct source *s;
        int r;

        r = search_one(root, name, &sources, d);
        if (r < 0)
                return r;
        s = sources.items.items;
        if (s->masked || s->is_template)
                return diag_error(
                        d, -ENOENT, &(struct origin){ s->path, 0 }, NULL, "%s",
                        s->masked
                                ? "is masked"
                                : "is a template; a network is only made of its instances, links such as NAME@x.vnet to NAME@.vnet");
        return load_source(root, s, ret, d);
}

/* --- the bridge of a link --- */

static bool defines(const struct vnet *v, const char *interface) {
        return v->subject == SUBJECT_BRIDGE && streq(v->bridge.name, interface);
}

/* Can the file be that of a bridge? Reading is much cheaper than loading, and most files cannot. Of
 * one that cannot be read loading says why. */
static bool may_be_bridge(const struct source *s) {
        _cleanup_close_ int fd = -1;
        char text[4096];
        ssize_t n;

        if (s->masked || s->is_template || s->bad_name)
                return false;
        if (s->drop_ins.n > 0)
                return true;
        fd = open(s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, sizeof text);
        return n < 0 || n == sizeof text || (n > 0 && memmem(text, (size_t)n, "[Bridge]", 8));
}

static int search_bridge(const char *root, const char *interface, struct vnet **ret,
                         struct diags *d) {
        _cleanup_(sources_freep) struct sources sources = { 0 };
        int r;

        r = search_all(root, &sources, d);
        if (r < 0)
                return r;
        list_foreach (s, &sources.items) {
                _cleanup_vnet_ struct vnet *v = NULL;

                if (!may_be_bridge(s))
                        continue;
                r = load_source(root, s, &v, NULL);
                if (r == -ENOMEM)
                        return r;
                if (!v || !defines(v, interface))
                        continue;
                if (v->refused) { /* once more, for its reasons */
                        v = vnet_free(v);
                        r = load_source(root, s, &v, d);
                        if (r < 0)
                                return r;
                }
                *ret = TAKE_PTR(v);
                return 0;
        }
        if (sources.incomplete) /* told in d: it may be anybody's */
                return -EINVAL;
        *ret = NULL;
        return 0;
}

/* The file with the interface's name is not its bridge, and no other is: that may be its fault. */
static int say_why_not(const char *root, const char *interface, const struct source *s,
                       const struct vnet *v, struct diags *d) {
        _cleanup_vnet_ struct vnet *again = NULL;

        if (v && v->refused && (defines(v, interface) || v->subject == SUBJECT_NONE))
                return load_source(root, s, &again, d);
        if (v && v->subject == SUBJECT_NAMESPACE)
                return diag_error(d, -EINVAL, &v->origin, NULL, "'%s' is a namespace, not a bridge",
                                  interface);
        return 0;
}

int load_bridge(const char *root, const char *interface, struct vnet **ret, struct diags *d) {
        _cleanup_(sources_freep) struct sources sources = { 0 };
        _cleanup_vnet_ struct vnet *v = NULL;
        const struct source *s = NULL;
        int r;

        r = search_one(root, interface, &sources, NULL);
        if (r == 0)
                s = sources.items.items;
        /* no such file, or the interface's name can be none of a file */
        else if (r != -ENOENT && r != -EINVAL)
                return r == -ENOMEM ? r
                                    : diag_error(d, r, NULL, NULL,
                                                 "cannot look for the file of '%s': %s", interface,
                                                 strerror(-r));
        if (s && !s->masked && !s->is_template) {
                r = load_source(root, s, &v, NULL);
                if (r == -ENOMEM)
                        return r;
                if (r == 0 && defines(v, interface)) {
                        *ret = TAKE_PTR(v);
                        return 0;
                }
        }
        r = search_bridge(root, interface, ret, d);
        return r < 0 || *ret ? r : say_why_not(root, interface, s, v, d);
}

/* --- all files --- */

static int compare_bridges(const void *a, const void *b) {
        const struct vnet *x = *(struct vnet *const *)a, *y = *(struct vnet *const *)b;

        return strcmp(x->bridge.name, y->bridge.name) ?: strcmp(x->name, y->name);
}

static void index_bridges(struct site *s) {
        for (size_t i = 0; i < s->n; i++)
                if (s->items[i]->subject == SUBJECT_BRIDGE)
                        s->bridges[s->n_bridges++] = s->items[i];
        if (s->n_bridges)
                qsort(s->bridges, s->n_bridges, sizeof *s->bridges, compare_bridges);
}

static void index_partners(struct site *s) {
        for (size_t i = 0; i < s->n; i++)
                list_foreach (l, &s->items[i]->ns.links) {
                        struct vnet *other = link_partner(l) ? site_find(s, link_partner(l)) : NULL;

                        if (other)
                                s->items[i]->has_partner = other->has_partner = true;
                }
        for (size_t i = 0; i < s->n; i++)
                if (s->items[i]->has_partner)
                        s->partners[s->n_partners++] = s->items[i];
}

/* 1: loaded and good or nothing to load; 0: refused; -ENOMEM. */
static int site_add(const char *root, struct site *s, struct source *source, struct diags *d) {
        int r;

        if (source->masked)
                return 1;
        if (source->is_template && !source->bad_name)
                return 1;
        r = load_source(root, source, &s->items[s->n], d);
        if (r == -ENOMEM)
                return r;
        if (r == -ENODATA) {
                source->masked = true;
                return 1;
        }
        s->n++;
        return r >= 0;
}

int load_site(const char *root, struct site *ret, struct diags *d) {
        return load_site_with(root, NULL, 0, ret, d);
}

int load_site_with(const char *root, char *const *paths, size_t n, struct site *ret,
                   struct diags *d) {
        struct site s = { 0 };
        bool good = true;
        int r;

        r = search_all_with(root, paths, n, &s.sources, d);
        if (r < 0)
                return r;
        s.items = calloc(s.sources.items.n + 1, sizeof *s.items);
        s.bridges = calloc(s.sources.items.n + 1, sizeof *s.bridges);
        s.partners = calloc(s.sources.items.n + 1, sizeof *s.partners);
        r = s.items && s.bridges && s.partners ? 0 : -ENOMEM;
        good = !s.sources.incomplete;
        list_foreach (source, &s.sources.items) {
                if (r >= 0)
                        r = site_add(root, &s, source, d);
                good = good && r != 0;
        }
        list_foreach (stray, &s.sources.strays)
                diag_warn(d, &(struct origin){ stray->path, 0 }, NULL, "%s", stray->why);
        if (r >= 0) {
                index_bridges(&s);
                index_partners(&s);
                r = verify_site(&s, d);
        }
        if (r == -ENOMEM) {
                site_free(&s);
                return r;
        }
        *ret = s;
        return r < 0 || !good ? -EINVAL : 0;
}
