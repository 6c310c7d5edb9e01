/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files → models → the generator's units. What it writes is read back by a reader of its own, and
 * must be what the model means, setting by setting, and nothing else; names of files and links
 * must be single components. output_file() and output_link() are replaced by the linker. */

#include "config.h"
#include "early-units.h"
#include "emit.h"
#include "fuzz.h"
#include "order.h"
#include "unit-reader.h"
#include "util.h"
#include "value.h"

_wraps_ int __wrap_output_file(struct output *o, struct place at, const char *text, size_t size);
_wraps_ int __wrap_output_link(struct output *o, struct place at, const char *target);

static const struct site *site; /* that is being emitted */

static void check_component(const char *name) {
        size_t n = strlen(name);

        fuzz_assert(n > 0 && n <= 255 && !streq(name, ".") && !streq(name, ".."), "a file '%s'",
                    name);
        for (const char *p = name; *p; p++)
                fuzz_assert(*p > ' ' && *p <= '~' && !strchr("/\"'%$`", *p), "a file '%s'", name);
}

/* "PREFIX…SUFFIX": what stands between them. */
static bool between(const char *text, const char *prefix, const char *suffix, char ret[256]) {
        const char *rest = startswith(text, prefix);
        size_t n = rest ? strlen(rest) : 0, m = strlen(suffix);

        if (!rest || n <= m || n - m > 255 || !streq(rest + n - m, suffix))
                return false;
        memcpy(ret, rest, n - m);
        ret[n - m] = '\0';
        return true;
}

static void expect_texts(struct unit_file *u, const char *key, const void *list) {
        const LIST(struct text) *texts = list;

        list_foreach (t, texts)
                unit_file_expect(u, "Unit", key, t->text);
}

static void expect_network(struct unit_file *u, const char *key, const char *name) {
        char unit[256];

        snprintf(unit, sizeof unit, "vnet@%s.service", name);
        unit_file_expect(u, "Unit", key, unit);
}

static const char *partner_of(const struct link *l) {
        return l->peer_network ? l->peer_network : l->parent_network;
}

static bool links_to(const struct vnet *v, const struct vnet *other) {
        for (size_t i = 0; i < v->ns.links.n; i++) {
                const char *partner = partner_of(&v->ns.links.items[i]);

                if (partner && streq(partner, other->name))
                        return true;
        }
        return false;
}

/* Each network that has a part in a link of this one is wanted, once. Of two that have to do with each other, whichever
 * of the files says it, the later by name comes after the earlier. */
static void expect_partners(struct unit_file *u, const struct vnet *v) {
        for (size_t i = 0; i < v->ns.links.n; i++) {
                const char *name = partner_of(&v->ns.links.items[i]);
                bool again = false;

                for (size_t k = 0; name && k < i; k++) {
                        const char *before = partner_of(&v->ns.links.items[k]);

                        again = again || (before && streq(before, name));
                }
                if (name && !again && site_find(site, name))
                        expect_network(u, "Wants", name);
        }
        for (size_t i = 0; i < site->n; i++) {
                const struct vnet *other = site->items[i];

                if (strcmp(other->name, v->name) < 0 && (links_to(v, other) || links_to(other, v)))
                        expect_network(u, "After", other->name);
        }
}

/* Each bridge of ours once, by its interface's name. */
static void expect_bridges(struct unit_file *u, const struct vnet *v) {
        for (size_t i = 0; i < v->ns.links.n; i++) {
                char name[IFNAMSIZ], before[IFNAMSIZ];
                const struct vnet *bridge = site_find_bridge(
                        site, link_ground(site, &v->ns.links.items[i], name));

                for (size_t k = 0; k < i; k++)
                        if (streq(link_ground(site, &v->ns.links.items[k], before), name))
                                bridge = NULL;
                if (!bridge || !*name)
                        continue;
                fuzz_assert(!bridge->refused, "%s on the refused bridge %s", v->name, bridge->name);
                expect_network(u, "Requires", bridge->name);
                expect_network(u, "After", bridge->name);
        }
        expect_partners(u, v);
        list_foreach (from, &v->bridge.allow_from) {
                const struct vnet *other = site_find_bridge(site, from->text);

                if (other && strcmp(other->name, v->name) < 0)
                        expect_network(u, "After", other->name);
        }
}

static void check_network(struct unit_file *u, const struct vnet *v) {
        char text[256];

        if (name_valid(v->name))
                unit_file_expect(u, "Unit", "SourcePath", v->path);
        if (v->refused)
                return;
        snprintf(text, sizeof text, "Network %s %s",
                 v->subject == SUBJECT_BRIDGE ? "bridge" : "namespace", v->name);
        unit_file_expect(u, "Unit", "Description", v->unit.description ?: text);
        expect_texts(u, "Documentation", &v->unit.documentation);
        expect_texts(u, "After", &v->unit.after);
        expect_texts(u, "Before", &v->unit.before);
        expect_texts(u, "Wants", &v->unit.wants);
        expect_texts(u, "Requires", &v->unit.requires);
        expect_texts(u, "BindsTo", &v->unit.binds_to);
        expect_texts(u, "PartOf", &v->unit.part_of);
        expect_texts(u, "Conflicts", &v->unit.conflicts);
        if (v->late) {
                unit_file_expect(u, "Unit", "After", "vnet.target");
        } else {
                unit_file_expect(u, "Unit", "Before", "vnet.target");
                unit_file_expect(u, "Unit", "Before", "network.target");
        }
        expect_bridges(u, v);
        if (v->subject == SUBJECT_NAMESPACE) {
                snprintf(text, sizeof text, "NETNS=%s", v->ns.name);
                unit_file_expect(u, "Service", "LogExtraFields", text);
        }
}

static void check_service(struct unit_file *u, const struct vnet *v, const char *service) {
        char text[256];
        bool named = false, taken = false;

        list_foreach (s, &v->ns.services)
                named = named || streq(s->text, service);
        fuzz_assert(named, "a drop-in of %s by %s", service, v->name);
        fuzz_assert(!v->ns.name || name_valid(v->ns.name), "namespace '%s'", v->ns.name);
        expect_network(u, "BindsTo", v->name);
        if (!unit_is_before_networks(service))
                expect_network(u, "After", v->name);
        for (size_t i = 0; i < site->n && v->refused; i++)
                if (!site->items[i]->refused && v->ns.name && site->items[i]->ns.name &&
                    streq(site->items[i]->ns.name, v->ns.name))
                        taken = true;
        if (v->ns.name && !taken)
                snprintf(text, sizeof text, "/run/netns/%s", v->ns.name);
        else
                snprintf(text, sizeof text, "/run/vnet/refused");
        unit_file_expect(u, streq(strrchr(service, '.'), ".socket") ? "Socket" : "Service",
                         "NetworkNamespacePath", text);
}

int __wrap_output_file(struct output *o _unused_, struct place at, const char *text, size_t size) {
        char name[256], service[256];
        const struct vnet *v;
        struct unit_file u;

        check_component(at.dir);
        check_component(at.name);
        unit_file_read(&u, text, size);
        if (streq(at.dir, "nftables.service.d") && streq(at.name, "50-vnet.conf")) {
                unit_file_expect(&u, "Service", "ExecStartPost", "-" HELPER_PATH " restore");
                unit_file_expect(&u, "Service", "ExecReload", "-" HELPER_PATH " restore");
                unit_file_expect(&u, "Service", "ExecStopPost", "-" HELPER_PATH " restore");
        } else if (streq(at.name, "50-vnet.conf") && between(at.dir, "vnet@", ".service.d", name)) {
                v = site_find(site, name);
                fuzz_assert(v, "a drop-in for '%s'", name);
                check_network(&u, v);
        } else {
                fuzz_assert(between(at.name, "50-vnet-", ".conf", name) &&
                                    between(at.dir, "", ".d", service),
                            "a file %s/%s", at.dir, at.name);
                v = site_find(site, name);
                fuzz_assert(v, "a drop-in of '%s'", name);
                check_service(&u, v, service);
        }
        unit_file_end(&u);
        unit_file_free(&u);
        return 0;
}

int __wrap_output_link(struct output *o _unused_, struct place at, const char *target) {
        char name[256];

        check_component(at.dir);
        check_component(at.name);
        fuzz_assert(target[0] == '/' && !strchr(target, '%'), "a link to '%s'", target);
        if (between(at.dir, "", ".service.d", name) || between(at.dir, "", ".socket.d", name))
                fuzz_assert(streq(target, "/dev/null"), "a link to '%s'", target);
        if (between(at.name, "vnet@", ".service", name)) {
                const struct vnet *v = site_find(site, name);

                fuzz_assert(v && !v->refused, "a link to '%s'", at.name);
        }
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct diags d = DIAGS_NULL;
        struct output o = { .path = "", .dir = -1, .d = &d };
        struct site s;
        size_t told;

        fuzz_site(data, size, &s, &d);
        fuzz_check_diags(&d);
        site = &s;
        told = d.n;
        emit_site(&o, &s, "");
        for (size_t i = told; i < d.n; i++) /* nothing can fail but names of 255 bytes */
                fuzz_assert(strstr(d.items[i].text, "is too long"), "%s", d.items[i].text);
        site_free(&s);
        diags_free(&d);
        return 0;
}
