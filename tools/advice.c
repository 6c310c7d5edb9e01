/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks whether this host has what the files ask for: units, bridges, free interface names, a
 * systemd that has read the files. lib/config cannot know that, and all of it may still come, so
 * nothing is refused for it. */

#include "advice.h"

#include <limits.h>

#include "alternative.h"
#include "netlink/question.h"
#include "order.h"
#include "schema.h"
#include "state/record.h"
#include "util.h"

static bool was_up(const char *name) {
        char path[sizeof STATE_DIR + 1 + NAME_MAX];

        snprintf(path, sizeof path, STATE_DIR "/%.255s", name);
        return access(path, F_OK) == 0;
}

/* --- units --- */

static bool has_unit_file(const char *root, const char *unit) {
        static const char *const directories[] = {
                "/etc/systemd/system",          "/run/systemd/system",
                "/run/systemd/generator",       "/usr/local/lib/systemd/system",
                "/usr/lib/systemd/system",      "/lib/systemd/system",
                "/run/systemd/generator.late",  "/run/systemd/generator.early",
                "/run/systemd/transient",       "/etc/systemd/system.control",
                "/run/systemd/system.control",  "/etc/systemd/system.attached",
                "/run/systemd/system.attached",
        };
        char path[PATH_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
                snprintf(path, sizeof path, "%s%s/%s", root, directories[i], unit);
                if (access(path, F_OK) == 0)
                        return true;
        }
        /* a script of System V, of which a generator makes a unit */
        snprintf(path, sizeof path, "%s/etc/init.d/%.*s", root, (int)strcspn(unit, "."), unit);
        return access(path, F_OK) == 0;
}

/* An instance has the file of its template. */
static bool has_unit(const char *root, const char *unit) {
        const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
        char template[NAME_MAX + 1];

        if (has_unit_file(root, unit))
                return true;
        if (!at || !dot || strlen(unit) > NAME_MAX)
                return false;
        snprintf(template, sizeof template, "%.*s%s", (int)(at + 1 - unit), unit, dot);
        return has_unit_file(root, template);
}

static void advise_services(const char *root, const struct vnet *v, struct diags *d) {
        list_foreach (s, &v->ns.services)
                if (!has_unit(root, s->text))
                        diag_warn(d, &s->origin, "Services",
                                  "there is no unit '%s'; is its name right?", s->text);
}

/* --- interfaces --- */

/* A bridge of the site whose name is nearly this one. */
static const char *similar_bridge(const struct site *s, const char *interface) {
        for (size_t i = 0; i < s->n_bridges; i++)
                if (suggest_is_near(interface, s->bridges[i]->bridge.name))
                        return s->bridges[i]->bridge.name;
        return NULL;
}

static bool is_bridge(const char *interface) {
        char path[sizeof "/sys/class/net//bridge" + IFNAMSIZ];

        snprintf(path, sizeof path, "/sys/class/net/%s/bridge", interface);
        return access(path, F_OK) == 0;
}

static void advise_bridge(const struct site *s, const struct link *l, struct diags *d) {
        const char *similar = similar_bridge(s, l->bridge);

        if (!l->bridge[0] || site_find_bridge(s, l->bridge) || is_bridge(l->bridge) ||
            (!probe_host_has(l->bridge) &&
             advise_alternative(l->bridge, &l->bridge_origin, "Bridge", d)))
                return;
        if (probe_host_has(l->bridge)) {
                diag_warn(
                        d, &l->bridge_origin, "Bridge",
                        "the interface '%s' of the host is no bridge; Kind=macvlan with Parent= stands "
                        "on such a one",
                        l->bridge);
                return;
        }
        diag_warn(d, &l->bridge_origin, "Bridge",
                  "no .vnet file defines a bridge '%s' and the host has none%s%s%s", l->bridge,
                  similar ? "; did you mean '" : "", similar ?: "", similar ? "'?" : "");
}

static const struct link *link_called(const struct vnet *v, const char *name) {
        list_foreach (l, &v->ns.links)
                if (streq(l->name, name))
                        return l;
        return NULL;
}

/* A link of the file may be meant that has no Name= or stands below, or the host's interface that one of them hides. */
static void advise_parent(const struct site *s, const struct vnet *v, const struct link *l,
                          struct diags *d) {
        const struct link *other = link_called(v, l->parent);
        char ground[IFNAMSIZ];
        bool there = probe_host_has(l->parent) ||
                     (*link_ground(s, l, ground) &&
                      (probe_host_has(ground) || site_find_bridge(s, ground)));

        if (!l->parent[0] || l->parent_network || there != l->parent_inside ||
            (!there && advise_alternative(l->parent, &l->parent_origin, "Parent", d)))
                return;
        if (l->parent_inside)
                diag_warn(d, &l->parent_origin, "Parent",
                          "this is the link at %s:%u, not the interface '%s' that the host has",
                          other->origin.path, other->origin.line, l->parent);
        else if (other && other != l)
                diag_warn(d, &l->parent_origin, "Parent",
                          "the host has no interface '%s'; if the link at %s:%u is meant, that has "
                          "to stand above, with a Name=",
                          l->parent, other->origin.path, other->origin.line);
        else
                diag_warn(d, &l->parent_origin, "Parent", "the host has no interface '%s'", ground);
}

/* One that is lent is not there. */
static void advise_device(const struct vnet *v, const struct link *l, struct diags *d) {
        if (l->device.name[0] && !probe_host_has(l->device.name) && !was_up(v->name) &&
            !advise_alternative(l->device.name, &l->origin, "Device", d))
                diag_warn(d, &l->origin, "Device", "the host has no interface '%s'",
                          l->device.name);
}

static void advise_name(const struct vnet *v, const char *interface, const struct origin *at,
                        const char *key, struct diags *d) {
        if (probe_host_has(interface) && !was_up(v->name))
                diag_warn(d, at, key,
                          "the host has an interface '%s' already; unless it goes, the start fails",
                          interface);
}

static void advise_interfaces(const struct site *s, struct vnet *v, struct diags *d) {
        if (v->subject == SUBJECT_BRIDGE) {
                advise_name(v, v->bridge.name, &v->origin, "Name", d);
                advise_uplinks(v, d);
                refuse_alternatives(v, d);
        }
        list_foreach (l, &v->ns.links) {
                char name[IFNAMSIZ];
                const char *full;

                advise_bridge(s, l, d);
                advise_parent(s, v, l, d);
                advise_device(v, l, d);
                if (link_faces_host(l) && link_host_name(v, l, name, &full) == 0)
                        advise_name(v, name,
                                    l->host_name_origin.line ? &l->host_name_origin : &l->origin,
                                    "HostName", d);
        }
}

void advise_site(const char *root, const struct site *s, struct diags *d) {
        for (size_t i = 0; i < s->n; i++) {
                if (s->items[i]->refused)
                        continue;
                if (!*root)
                        advise_interfaces(s, s->items[i], d);
                advise_services(root, s->items[i], d);
        }
}

/* --- a start --- */

/* Has the generator made something of its file? */
static bool known_to_systemd(const char *name) {
        char path[PATH_MAX];

        snprintf(path, sizeof path, "/run/systemd/generator/vnet@%s.service.d/50-vnet.conf", name);
        return access(path, F_OK) == 0;
}

static bool in_unit(void) {
        return getenv("INVOCATION_ID");
}

void advise_start(const char *name, const struct vnet *v, struct diags *d) {
        if (!in_unit())
                return;
        if (!known_to_systemd(name))
                diag_warn(
                        d, NULL, NULL,
                        "%s.vnet is not yet known to systemd: run 'systemctl daemon-reload', then "
                        "'systemctl restart vnet@%s'",
                        name, name);
        advise_services("", v, d);
}

void advise_failure(const struct vnet *v, struct diags *d) {
        list_foreach (l, &v->ns.links) {
                _cleanup_vnet_ struct vnet *bridge = NULL;

                if (!l->bridge[0] || probe_host_has(l->bridge) ||
                    load_bridge("", l->bridge, &bridge, NULL) < 0 || !bridge)
                        continue;
                if (in_unit() && !known_to_systemd(bridge->name))
                        diag_add(d, 0, DIAG_INFO, &bridge->origin, NULL,
                                 "%s.vnet is not yet known to systemd: run 'systemctl "
                                 "daemon-reload', then start again",
                                 bridge->name);
                else
                        diag_add(d, 0, DIAG_INFO, &bridge->origin, NULL,
                                 "the bridge '%s' is not up; if Bridge= is new, run 'systemctl "
                                 "daemon-reload', else see 'systemctl status vnet@%s'",
                                 l->bridge, bridge->name);
        }
}

/* --- a reload --- */

static unsigned line_of_key(const struct diag *d) {
        _cleanup_fclose_ FILE *f = fopen(d->path, "re");
        char line[1024];
        size_t n = strlen(d->key);
        unsigned number = 0, found = d->line;

        while (f && fgets(line, sizeof line, f)) {
                number++;
                if (number > d->line && line[0] == '[')
                        break;
                if (number > d->line && strncmp(line, d->key, n) == 0 &&
                    line[n + strspn(line + n, " \t")] == '=')
                        found = number;
        }
        return found;
}

void advise_line(struct diags *d) {
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].path && d->items[i].key && d->items[i].level == DIAG_ERROR)
                        d->items[i].line = line_of_key(&d->items[i]);
}
