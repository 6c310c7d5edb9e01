/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl plan shows what "up" would do, and does nothing of it. A file that another file stands in
 * the way of is refused here too, as it will be at the next daemon-reload. */

#include <errno.h>

#include "ctl.h"
#include "gather.h"
#include "load.h"
#include "util.h"
#include "value.h"

static uint64_t number_of(const void *value, enum field_type type) {
        switch (type) {
        case FIELD_U8: return *(const uint8_t *)value;
        case FIELD_U16: return *(const uint16_t *)value;
        case FIELD_U32: return *(const uint32_t *)value;
        default: return *(const uint64_t *)value;
        }
}

/* NULL where the field is absent. */
static char *text_of(const struct op *op, const struct field *f) {
        _cleanup_fclose_ FILE *out = NULL;
        bool there;
        char *text = NULL;
        size_t size;

        out = memstream_open(&text, &size);
        if (!out)
                return NULL;
        there = field_print(op, f, out);
        if (memstream_end(&out, &text) && !there) {
                free(text);
                return NULL;
        }
        return text;
}

static void add_field(struct json_object *o, const struct op *op, const struct field *f) {
        _cleanup_free_ char *text = text_of(op, f);
        const void *value = (const char *)op_data(op) + f->offset;
        struct json_object *item;

        if (!text || f->flags & FIELD_LEARNED)
                return;
        switch (f->type) {
        case FIELD_BOOL:
        case FIELD_TRISTATE: item = json_object_new_boolean(streq(text, "yes")); break;
        case FIELD_U8:
        case FIELD_U16:
        case FIELD_U32:
        case FIELD_U64: item = json_object_new_uint64(number_of(value, f->type)); break;
        case FIELD_TEXT: /* without the escapes of the line form */
                item = ctl_json_text(*(const char *const *)value);
                break;
        case FIELD_IFNAME: item = json_object_new_string(value); break;
        default: item = json_object_new_string(text);
        }
        json_object_object_add(o, f->name, item);
}

static struct json_object *origin_json(const struct origin *at) {
        struct json_object *o;

        if (!at->path)
                return NULL;
        o = json_object_new_object();
        json_object_object_add(o, "file", ctl_json_text(at->path));
        json_object_object_add(o, "line", json_object_new_int64(at->line));
        return o;
}

static struct json_object *op_json(const struct plan *p, const struct op *op) {
        struct json_object *o = json_object_new_object();
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        json_object_object_add(o, "op", json_object_new_string(op_name(op)));
        json_object_object_add(o, "where", json_object_new_string(op_netns(p, op) ?: "host"));
        for (size_t i = 0; i < n; i++)
                add_field(o, op, &fields[i]);
        json_object_object_add(o, "origin", origin_json(&op->origin));
        return o;
}

static enum status print_json(const struct ctl *c, const struct plan *p) {
        struct json_object *all = json_object_new_array();

        list_foreach (op, &p->ops)
                json_object_array_add(all, op_json(p, op));
        return ctl_print_json(c, all);
}

static enum status print_plan(struct ctl *c, const struct plan *p) {
        int r;

        if (c->json)
                return print_json(c, p);
        ctl_page(c);
        r = c->shell ? plan_print_shell(p, stdout) : plan_print_text(p, stdout);
        if (r == -ENOMEM)
                ctl_say("out of memory");
        return r == -ENOMEM ? STATUS_FAILED : STATUS_DONE; /* others are seen when all is written */
}

/* Does another file stand in the way? -EINVAL, told in d. */
static int check_site(const char *root, const char *name, struct diags *d) {
        struct diags all = DIAGS_NULL; /* those of each file are kept with it */
        const struct vnet *v;
        struct site site;
        int r = load_site(root, &site, &all);

        diags_free(&all);
        if (r < 0 && r != -EINVAL)
                return r;
        v = site_find(&site, name);
        r = v && v->refused ? -EINVAL : 0;
        for (size_t i = 0; r < 0 && i < v->reasons.n; i++)
                diag_error(d, r, NULL, NULL, "%s", v->reasons.items[i].text);
        site_free(&site);
        return r;
}

enum status ctl_plan(struct ctl *c, int argc _unused_, char **argv) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags d = DIAGS_NULL;
        const char *name = argv[0];
        enum status status;
        int r;

        if (!name_valid(name)) {
                ctl_say("'%s' is not a valid name", name);
                return STATUS_USAGE;
        }
        r = gather_plan(c->root, name, false, &p, NULL, &d);
        if (r == 0)
                r = check_site(c->root, name, &d);
        ctl_tell(&d, name);
        status = r < 0 ? ctl_failed(r, &d, name) : print_plan(c, p);
        diags_free(&d);
        return status;
}
