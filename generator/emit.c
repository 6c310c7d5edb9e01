/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides which files and links are written for a site. Links come last: as long as nothing wants a
 * unit, what is written for it does no harm. */

#include "emit.h"

#include <errno.h>
#include <limits.h>

#include "config.h"
#include "order.h"
#include "unit.h"
#include "util.h"
#include "vlan-set.h"

enum { COMPONENT = NAME_MAX + 1 };

struct emit {
        struct output *o;
        const struct site *site;
        const char *root;
        struct buffer text;
};

/* One component of a path from three pieces; unit names leave room for any of ours. */
static int compose(const struct emit *e, char component[COMPONENT], const char *a, const char *b,
                   const char *c) {
        if (strlen(a) + strlen(b) + strlen(c) < COMPONENT) {
                stpcpy(stpcpy(stpcpy(component, a), b), c);
                return 0;
        }
        return diag_error(e->o->d, -ENAMETOOLONG, NULL, NULL, "the name of unit '%s' is too long",
                          b);
}

static int write_text(struct emit *e, int r, struct place at) {
        if (r < 0)
                return diag_error(e->o->d, r, NULL, NULL, "%s/%s: out of memory", at.dir, at.name);
        return output_file(e->o, at, e->text.text, e->text.size);
}

static int write_drop_in(struct emit *e, const struct vnet *v) {
        char dir[COMPONENT];
        int r = compose(e, dir, "vnet@", v->name, ".service.d");

        if (r < 0)
                return r;
        r = v->refused ? unit_refused(&e->text, v, e->root)
                       : unit_network(&e->text, e->site, v, e->root);
        return write_text(e, r, (struct place){ dir, "50-vnet.conf" });
}

static int link_to(struct emit *e, const struct vnet *v, const char *unit, const char *suffix,
                   const char *prefix, const char *target) {
        char dir[COMPONENT], name[COMPONENT];
        int r = compose(e, dir, "", unit, suffix);

        if (r >= 0)
                r = compose(e, name, prefix, v->name, ".service");
        return r < 0 ? r : output_link(e->o, (struct place){ dir, name }, target);
}

static int link_from(struct emit *e, const struct vnet *v, const char *unit, const char *suffix) {
        return link_to(e, v, unit, suffix, "vnet@", UNITDIR "/vnet@.service");
}

/* It does not bring the network up, but something of it waits for the interface. */
static int link_join(struct emit *e, const struct vnet *v, const char *interface) {
        char device[DEVICE_UNIT_MAX];

        unit_device(interface, device);
        return link_to(e, v, device, ".wants", "vnet-join@", UNITDIR "/vnet-join@.service");
}

static int link_joins(struct emit *e, const struct vnet *v) {
        int r = v->bridge.proxy_ndp[0] ? link_join(e, v, v->bridge.proxy_ndp) : 0;

        list_foreach (u, &v->bridge.uplinks) {
                char parent[IFNAMSIZ];
                uint16_t id;

                if (r >= 0)
                        r = link_join(e, v, u->text);
                /* with it what is made on it */
                if (r >= 0 && vlan_of_name(u->text, parent, &id))
                        r = link_join(e, v, parent);
        }
        list_foreach (l, &v->ns.links) {
                const struct vnet *bridge = l->bridge[0] ? site_find_bridge(e->site, l->bridge)
                                                         : NULL;

                if (r >= 0 && bridge && bridge->bridge.proxy_ndp[0] &&
                    families_of(&l->addresses) & FAMILY_IPV6)
                        r = link_join(e, v, bridge->bridge.proxy_ndp);
        }
        return r;
}

/* Names of endpoints are looked up by a unit that comes with the network, and by its timer. */
static int link_to_endpoints(struct emit *e, const struct vnet *v) {
        static const char *const types[] = { ".service", ".timer" };
        char dir[COMPONENT], name[COMPONENT];
        bool any = false;
        int r;

        list_foreach (l, &v->ns.links)
                list_foreach (p, &l->peers)
                        any |= p->endpoint.name != NULL;
        r = any ? compose(e, dir, "vnet@", v->name, ".service.wants") : 0;
        for (size_t i = 0; any && r >= 0 && i < ARRAY_SIZE(types); i++) {
                r = compose(e, name, "vnet-endpoint@", v->name, types[i]);
                if (r >= 0)
                        r = output_link(e->o, (struct place){ dir, name },
                                        i == 0 ? UNITDIR "/vnet-endpoint@.service"
                                               : UNITDIR "/vnet-endpoint@.timer");
        }
        return r;
}

/* A bridge of somebody else, or a parent, wants the network whenever it appears. */
static int link_from_devices(struct emit *e, const struct vnet *v) {
        int r = 0;

        list_foreach (l, &v->ns.links) {
                char device[DEVICE_UNIT_MAX], ground[IFNAMSIZ];

                if (!base_is_foreign(e->site, l))
                        continue;
                unit_device(link_ground(e->site, l, ground), device);
                if (r >= 0)
                        r = link_from(e, v, device, ".wants");
        }
        return r;
}

static int write_links(struct emit *e, const struct vnet *v) {
        const struct unit *u = &v->unit;
        int r = link_to_endpoints(e, v);

        if (r >= 0 && e->site->has_devices)
                r = link_joins(e, v);

        if (r >= 0 && e->site->has_devices &&
            (!u->has_wanted_by || u->wanted_by.n > 0 || u->required_by.n > 0))
                r = link_from_devices(e, v);
        if (!u->has_wanted_by && u->required_by.n == 0)
                return link_from(e, v, "vnet.target", ".wants") ?: r;
        list_foreach (unit, &u->wanted_by)
                if (r >= 0)
                        r = link_from(e, v, unit->text, ".wants");
        list_foreach (unit, &u->required_by)
                if (r >= 0)
                        r = link_from(e, v, unit->text, ".requires");
        return r;
}

static bool is_repeated(const struct vnet *v, const struct text *service) {
        for (const struct text *other = v->ns.services.items; other < service; other++)
                if (streq(other->text, service->text))
                        return true;
        return false;
}

static int write_service(struct emit *e, const struct vnet *v, const char *service) {
        char dir[COMPONENT], name[COMPONENT];
        int r = compose(e, dir, "", service, ".d");

        if (r >= 0)
                r = compose(e, name, "50-vnet-", v->name, ".conf");
        if (r < 0)
                return r;
        return write_text(e, unit_service(&e->text, e->site, v, service, e->root),
                          (struct place){ dir, name });
}

/* Is it that of "foo@.service", "foo@x.service"? */
static bool is_instance(const char *service, const char *template) {
        const char *at = strchr(template, '@');
        size_t n = at ? (size_t)(at + 1 - template) : 0;

        return at && streq(at + 1, strrchr(template, '.')) && strncmp(service, template, n) == 0 &&
               streq(strrchr(service, '.'), at + 1);
}

/* Does a good file name it, or the template that it is of? */
static bool is_claimed(const struct site *site, const char *service) {
        for (size_t i = 0; i < site->n; i++)
                if (!site->items[i]->refused)
                        list_foreach (s, &site->items[i]->ns.services)
                                if (streq(s->text, service) || is_instance(service, s->text))
                                        return true;
        return false;
}

/* The instances that good files name of a template that a refused one names: the drop-in of the template
 * counts for them too, but for a mask with its name. */
static int write_masks(struct emit *e, const struct vnet *v, const char *template) {
        char dir[COMPONENT], name[COMPONENT];
        int r = compose(e, name, "50-vnet-", v->name, ".conf");

        for (size_t i = 0; i < e->site->n; i++) {
                const struct vnet *other = e->site->items[i];

                list_foreach (s, &other->ns.services) {
                        if (r < 0 || other->refused || !is_instance(s->text, template))
                                continue;
                        r = compose(e, dir, "", s->text, ".d");
                        if (r >= 0)
                                r = output_link(e->o, (struct place){ dir, name }, "/dev/null");
                }
        }
        return r;
}

/* A service of a refused namespace is bound to it all the same: it fails with it, rather than start
 * on the host's network. Unless a good namespace names it. */
static int write_services(struct emit *e, const struct vnet *v) {
        int r = 0;

        list_foreach (s, &v->ns.services) {
                if (is_repeated(v, s) || (v->refused && is_claimed(e->site, s->text)))
                        continue;
                r = write_service(e, v, s->text) ?: r;
                if (v->refused)
                        r = write_masks(e, v, s->text) ?: r;
        }
        return r;
}

static int write_network(struct emit *e, const struct vnet *v) {
        int r = write_drop_in(e, v);

        if (r >= 0)
                r = write_services(e, v);
        return r < 0 || v->refused ? r : write_links(e, v);
}

/* Start, reload and stop of nftables.service flush all rules, ours too (Debian, Fedora).
 * vnet-restore.service cannot come after each of them: a reload starts nothing, what is ordered after a
 * unit is stopped before it, and a start that follows at once finds the last run still going on. */
static int write_flush_hook(struct emit *e) {
        static const char text[] =
                "# Automatically generated by vnet-generator\n"
                "# start, reload and stop flush the rules of virtual networks too\n"
                "[Service]\n"
                "ExecStartPost=-" HELPER_PATH " restore\n"
                "ExecReload=-" HELPER_PATH " restore\n"
                "ExecStopPost=-" HELPER_PATH " restore\n";

        return output_file(e->o, (struct place){ "nftables.service.d", "50-vnet.conf" }, text,
                           sizeof text - 1);
}

/* What the whole is wanted by, once there is anything at all. */
static int write_common(struct emit *e) {
        static const struct {
                struct place at;
                const char *target;
        } links[] = {
                { { "multi-user.target.wants", "vnet.target" }, UNITDIR "/vnet.target" },
                { { "nftables.service.wants", "vnet-restore.service" },
                  UNITDIR "/vnet-restore.service" },
                { { "firewalld.service.wants", "vnet-restore.service" },
                  UNITDIR "/vnet-restore.service" },
                /* they flush nothing of ours; vnet-restore tells what they drop */
                { { "netfilter-persistent.service.wants", "vnet-restore.service" },
                  UNITDIR "/vnet-restore.service" },
                { { "ufw.service.wants", "vnet-restore.service" },
                  UNITDIR "/vnet-restore.service" },
                { { "docker.service.wants", "vnet-restore.service" },
                  UNITDIR "/vnet-restore.service" },
        };
        int r = write_flush_hook(e);

        for (size_t i = 0; i < ARRAY_SIZE(links); i++)
                r = output_link(e->o, links[i].at, links[i].target) ?: r;
        return r;
}

int emit_site(struct output *o, const struct site *s, const char *root) {
        struct emit e = { .o = o, .site = s, .root = root, .text = BUFFER_NULL };
        bool any = false;
        int r = 0;

        for (size_t i = 0; i < s->n; i++) {
                r = write_network(&e, s->items[i]) ?: r;
                any = any || !s->items[i]->refused;
        }
        if (any)
                r = write_common(&e) ?: r;
        buffer_free(&e.text);
        return r;
}
