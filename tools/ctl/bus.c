/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks systemd what it knows of the units. One call lists them all, but does not say since when
 * they are active. That is asked for each active one, with many questions on their way at a time: a
 * thousand round trips one by one would be most of what "vnetctl list" takes. */

#include <errno.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

#include "ctl.h"
#include "util.h"

#define DESTINATION "org.freedesktop.systemd1"
#define PREFIX      "vnet@"
#define SUFFIX      ".service"

enum {
        PENDING_MAX = 64, /* dbus-daemon refuses more than 128 open questions of one client */
        TIMEOUT_US = 10 * 1000 * 1000,
};

static void busp(sd_bus **bus) {
        sd_bus_flush_close_unref(*bus);
}

static void messagep(sd_bus_message **m) {
        sd_bus_message_unref(*m);
}

/* Root talks to PID 1 itself, which also works where there is no message bus. */
static int open_bus(sd_bus **ret) {
        _cleanup_(busp) sd_bus *bus = NULL;
        int r;

        if (geteuid() == 0 && access("/run/systemd/private", F_OK) == 0) {
                r = sd_bus_new(&bus);
                if (r >= 0)
                        r = sd_bus_set_address(bus, "unix:path=/run/systemd/private");
                if (r >= 0)
                        r = sd_bus_start(bus);
        } else
                r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, TIMEOUT_US);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

static int add_unit(struct unit_states *u, const char *id, const char *state, const char *path) {
        const char *name = startswith(id, PREFIX);
        struct unit_state *more, *unit;
        size_t n = name ? strlen(name) : 0;

        if (n <= strlen(SUFFIX) || !streq(name + n - strlen(SUFFIX), SUFFIX))
                return 0;
        more = reallocarray(u->items, u->n + 1, sizeof *more);
        if (!more)
                return -ENOMEM;
        u->items = more;
        unit = &u->items[u->n];
        *unit = (struct unit_state){
                .name = strndup(name, n - strlen(SUFFIX)),
                .path = strdup(path),
                .failed = streq(state, "failed"),
                .busy = streq(state, "activating") || streq(state, "deactivating"),
                .active = streq(state, "active") || streq(state, "reloading"),
        };
        if (!unit->name || !unit->path) {
                free(unit->name);
                free(unit->path);
                return -ENOMEM;
        }
        u->n++;
        return 0;
}

static int list_units(sd_bus *bus, struct unit_states *u) {
        _cleanup_(messagep) sd_bus_message *call = NULL, *reply = NULL;
        const char *id, *state, *path;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, DESTINATION, "/org/freedesktop/systemd1",
                                           DESTINATION ".Manager", "ListUnitsByPatterns");
        if (r >= 0)
                r = sd_bus_message_append(call, "asas", 0, 1, PREFIX "*" SUFFIX);
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0) {
                r = sd_bus_message_read(reply, "(ssssssouso)", &id, NULL, NULL, &state, NULL, NULL,
                                        &path, NULL, NULL, NULL);
                if (r <= 0)
                        return r;
                r = add_unit(u, id, state, path);
        }
        return r;
}

/* --- since when --- */

struct questions {
        size_t pending;
        int error;
};

struct question {
        struct questions *all;
        struct unit_state *unit;
};

static int take_answer(sd_bus_message *reply, void *user, sd_bus_error *error _unused_) {
        struct question *q = user;

        q->all->pending--;
        if (sd_bus_message_is_method_error(reply, NULL)) {
                /* a unit may be gone by now; a bus that does not answer is another matter */
                if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NO_REPLY))
                        q->all->error = -ETIMEDOUT;
                return 0;
        }
        return sd_bus_message_read(reply, "v", "t", &q->unit->since) < 0 ? 0 : 1;
}

static int await(sd_bus *bus, struct questions *all, size_t limit) {
        int r = 0;

        while (r >= 0 && all->error == 0 && all->pending > limit) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        return r < 0 ? r : all->error;
}

static int ask_since(sd_bus *bus, struct unit_states *u) {
        _cleanup_free_ struct question *questions = calloc(u->n + 1, sizeof *questions);
        struct questions all = { 0 };
        int r = questions ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < u->n; i++) {
                if (!u->items[i].active)
                        continue;
                questions[i] = (struct question){ &all, &u->items[i] };
                r = sd_bus_call_method_async(bus, NULL, DESTINATION, u->items[i].path,
                                             "org.freedesktop.DBus.Properties", "Get", take_answer,
                                             &questions[i], "ss", DESTINATION ".Unit",
                                             "ActiveEnterTimestamp");
                if (r >= 0) {
                        all.pending++;
                        r = await(bus, &all, PENDING_MAX);
                }
        }
        return r < 0 ? r : await(bus, &all, 0);
}

static int compare_units(const void *a, const void *b) {
        return strcmp(((const struct unit_state *)a)->name, ((const struct unit_state *)b)->name);
}

void bus_units(struct unit_states *ret, struct diags *d) {
        _cleanup_(busp) sd_bus *bus = NULL;
        int r;

        *ret = (struct unit_states){ 0 };
        if (sd_booted() <= 0)
                return;
        r = open_bus(&bus);
        if (r >= 0)
                r = list_units(bus, ret);
        if (r >= 0)
                r = ask_since(bus, ret);
        if (ret->n)
                qsort(ret->items, ret->n, sizeof *ret->items, compare_units);
        if (r < 0)
                diag_warn(d, NULL, NULL, "cannot ask systemd about the units: %s", strerror(-r));
}

const struct unit_state *bus_find(const struct unit_states *u, const char *name) {
        size_t low = 0, high = u->n;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int order = strcmp(u->items[middle].name, name);

                if (order == 0)
                        return &u->items[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

void bus_free(struct unit_states *u) {
        for (size_t i = 0; i < u->n; i++) {
                free(u->items[i].name);
                free(u->items[i].path);
        }
        free(u->items);
        *u = (struct unit_states){ 0 };
}
