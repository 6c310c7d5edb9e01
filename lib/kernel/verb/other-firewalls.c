/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Warns of other people's firewalls that drop what our networks need. One dump of all chains shows
 * what drops: a base chain of the filter type whose policy is drop. Who made it is seen from the
 * names of the chains beside it. firewalld is known by the name of its table, since its policies
 * say accept and its last rules reject. Of the tables of iptables-legacy no dump knows:
 * system/legacy-iptables.c has read them. */

#include "verb/other-firewalls.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "nft/internal.h"
#include "state/record.h"
#include "util.h"

enum { DROPPERS_MAX = 16, NAME_SIZE = 64 };

struct dropper {
        uint8_t family; /* NFPROTO_… */
        uint32_t hook;  /* NF_INET_FORWARD, NF_INET_LOCAL_IN */
        char table[NAME_SIZE], chain[NAME_SIZE];
        const struct legacy_table *legacy; /* it is a chain of that, or NULL */
};

struct foreign {
        struct dropper items[DROPPERS_MAX];
        size_t n;
        bool docker, ufw; /* their chains are there */
};

static const char *const family_names[] = {
        [NFPROTO_INET] = "inet",
        [NFPROTO_IPV4] = "ip",
        [NFPROTO_IPV6] = "ip6",
};

static bool is_firewalld(const struct dropper *d) {
        return d->family == NFPROTO_INET && streq(d->table, "firewalld");
}

/* Names go into a command that somebody types. */
static bool is_plain(const char *name) {
        return strlen(name) < NAME_SIZE && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                             "0123456789_-.")] == '\0';
}

static void take_base(struct foreign *f, const struct nftnl_chain *c) {
        const char *table = nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE);
        const char *type = nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE);
        const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
        struct dropper *d = &f->items[f->n];

        if (f->n == DROPPERS_MAX || !type || !streq(type, "filter") || !is_plain(table) ||
            !is_plain(name))
                return;
        *d = (struct dropper){ .family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY),
                               .hook = nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) };
        strcpy(d->table, table); /* is_plain() bounds them */
        strcpy(d->chain, name);
        if (d->family >= ARRAY_SIZE(family_names) || !family_names[d->family] ||
            (d->family == NFPROTO_INET && streq(table, NFT_TABLE)) ||
            (d->hook != NF_INET_FORWARD && d->hook != NF_INET_LOCAL_IN))
                return;
        if (is_firewalld(d) || (nftnl_chain_is_set(c, NFTNL_CHAIN_POLICY) &&
                                nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP))
                f->n++;
}

static int take_chain(const struct nlmsghdr *nlh, void *user) {
        struct nftnl_chain *c = nftnl_chain_alloc();
        struct foreign *f = user;
        const char *name;

        if (!c)
                return -ENOMEM;
        if (nftnl_chain_nlmsg_parse(nlh, c) == 0 &&
            (name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME)) &&
            nftnl_chain_is_set(c, NFTNL_CHAIN_TABLE)) {
                f->docker |= streq(name, "DOCKER-USER");
                f->ufw |= streq(name, "ufw-user-forward");
                if (nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM))
                        take_base(f, c);
        }
        nftnl_chain_free(c);
        return 0;
}

static int find(struct nft *n, struct foreign *f) {
        char buffer[256] = "";
        struct nlmsghdr *nlh = nft_request(n, TABLE_INET, buffer, NFT_MSG_GETCHAIN, NLM_F_DUMP);
        struct nfgenmsg *m = mnl_nlmsg_get_payload(nlh);

        m->nfgen_family = NFPROTO_UNSPEC; /* of all families */
        return nft_dump(n, nlh, take_chain, f);
}

/* --- has it been cured? --- */

/* Both "iifname br0" of nft and "-i br0" of iptables are a comparison with the name and a NUL. */
static int match_name(const struct nlmsghdr *nlh, void *user) {
        const char *name = user;

        return memmem(nlh, nlh->nlmsg_len, name, strlen(name) + 1) != NULL;
}

static bool is_named(struct nft *n, const struct dropper *d, const char *interface) {
        char buffer[256] = "", name[IFNAMSIZ];
        struct nlmsghdr *nlh;
        struct nfgenmsg *m;

        if (d->legacy)
                return legacy_table_names(d->legacy, interface);
        nlh = nft_request(n, TABLE_INET, buffer, NFT_MSG_GETRULE, NLM_F_DUMP);
        m = mnl_nlmsg_get_payload(nlh);
        m->nfgen_family = d->family;
        mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, d->table);
        snprintf(name, sizeof name, "%s", interface);
        return nft_dump(n, nlh, match_name, name) == 1;
}

/* --- the sentence --- */

static const char *cure(const struct foreign *f, const struct dropper *d, const char *i, char *text,
                        size_t size) {
        const char *family = family_names[d->family];
        bool v6 = d->family == NFPROTO_IPV6;
        const char *iptables = d->legacy ? (v6 ? "ip6tables-legacy" : "iptables-legacy")
                               : v6      ? "ip6tables"
                                         : "iptables";
        bool forward = d->hook == NF_INET_FORWARD;
        /* the tables of iptables-nft(8) */
        bool xtables = streq(d->table, "filter") && d->family != NFPROTO_INET &&
                       streq(d->chain, forward ? "FORWARD" : "INPUT");

        if (is_firewalld(d))
                snprintf(text, size,
                         "firewall-cmd --permanent --zone=trusted --add-interface=%s && "
                         "firewall-cmd --reload",
                         i);
        else if (xtables && f->docker && forward && d->family == NFPROTO_IPV4)
                snprintf(text, size,
                         "%s -I DOCKER-USER -i %s -j ACCEPT && "
                         "%s -I DOCKER-USER -o %s -j ACCEPT",
                         iptables, i, iptables, i);
        else if (xtables && f->ufw && forward)
                snprintf(text, size, "ufw route allow in on %s && ufw route allow out on %s", i, i);
        else if (xtables && f->ufw)
                snprintf(text, size, "ufw allow in on %s", i);
        else if (xtables && forward)
                snprintf(text, size,
                         "%s -I FORWARD -i %s -j ACCEPT && %s -I FORWARD -o %s -j ACCEPT", iptables,
                         i, iptables, i);
        else if (xtables)
                snprintf(text, size, "%s -I INPUT -i %s -j ACCEPT", iptables, i);
        else if (forward)
                snprintf(text, size,
                         "nft insert rule %s %s %s iifname %s accept && "
                         "nft insert rule %s %s %s oifname %s accept",
                         family, d->table, d->chain, i, family, d->table, d->chain, i);
        else
                snprintf(text, size, "nft insert rule %s %s %s iifname %s accept", family, d->table,
                         d->chain, i);
        return text;
}

/* What the plan wants of the host's firewall, and by which interface. */
struct wish {
        enum families forward, input;
        const char *interface;
};

static struct wish wish_of(const struct plan *p) {
        const struct op *forwarding = plan_find(p, OP_FORWARDING);
        bool bridge = !p->netns;
        struct wish w = { .forward = forwarding ? forwarding->forwarding.families : FAMILY_NONE };

        list_foreach (op, &p->ops)
                if (!w.interface && op_creates(op))
                        w.interface = op->device.master[0] ? op->device.master : op->device.name;
        list_foreach (op, &p->ops)
                if (bridge && op->kind == OP_ADDRESS)
                        w.input |= family_bit(op->address.prefix.address.family);
        list_foreach (op, &p->ops)
                if (op->kind == OP_ELEMENT && op->element.set == SET_CLOSED)
                        w.input = FAMILY_NONE;
        return w;
}

static enum families families_seen(const struct dropper *d) {
        return d->family == NFPROTO_IPV4   ? FAMILY_IPV4
               : d->family == NFPROTO_IPV6 ? FAMILY_IPV6
                                           : FAMILY_IPV4 | FAMILY_IPV6;
}

/* What the droppers of one network are told with. */
struct teller {
        struct nft *nft;
        struct diags *d;
        const char *prefix;
        struct wish wish;
};

/* One cure may do for both families, for both hooks, and for all that is on a bridge. */
static bool is_told(const struct diags *d, const char *text) {
        for (size_t i = 0; i < d->n; i++) {
                const char *at = strstr(d->items[i].text, text);

                /* between quotes: br1 is not br10 */
                if (at && at > d->items[i].text && at[-1] == '\'' && at[strlen(text)] == '\'')
                        return true;
        }
        return false;
}

static void tell(struct teller *t, const struct foreign *f, const struct dropper *d) {
        bool forward = d->hook == NF_INET_FORWARD;
        const struct wish *w = &t->wish;
        char text[256];

        if (!(families_seen(d) & (forward ? w->forward : w->input)))
                return;
        cure(f, d, w->interface, text, sizeof text);
        if (is_told(t->d, text) || is_named(t->nft, d, w->interface))
                return;
        diag_add(t->d, 0, forward ? DIAG_WARNING : DIAG_INFO, NULL, NULL,
                 "%s%s: chain %s of table %s %s%s drops what it does not know; '%s' lets it pass",
                 t->prefix, forward ? "forwarding" : "access to the host", d->chain,
                 family_names[d->family], d->table, d->legacy ? " (iptables-legacy)" : "", text);
}

static void tell_all(struct teller *t, const struct foreign *f) {
        static const uint32_t hooks[] = { NF_INET_FORWARD, NF_INET_LOCAL_IN };

        for (size_t h = 0; t->wish.interface && h < ARRAY_SIZE(hooks); h++)
                for (size_t i = 0; i < f->n; i++)
                        if (f->items[i].hook == hooks[h])
                                tell(t, f, &f->items[i]);
}

void warn_of_other_firewalls(struct pass *r) {
        struct teller t = { r->nft, r->d, "", .wish = wish_of(r->plan) };
        struct foreign f = { .n = 0 };

        if (!r->nft || !t.wish.interface || !(t.wish.forward | t.wish.input) ||
            find(r->nft, &f) < 0)
                return;
        tell_all(&t, &f);
}

/* --- what is not in nftables --- */

static void take_legacy(struct foreign *f, const struct legacy_table *table) {
        bool v6 = table->family == AF_INET6;

        if (!table->entries)
                return;
        f->docker |= legacy_table_has_chain(table, "DOCKER-USER");
        f->ufw |= legacy_table_has_chain(table, v6 ? "ufw6-user-forward" : "ufw-user-forward");
        for (size_t i = 0; i < ARRAY_SIZE(legacy_hooks); i++) {
                struct dropper d = { .family = v6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
                                     .hook = legacy_hooks[i].hook,
                                     .table = "filter",
                                     .legacy = table };

                strcpy(d.chain, legacy_hooks[i].chain);
                if (f->n < DROPPERS_MAX && legacy_table_drops(table, d.hook))
                        f->items[f->n++] = d;
        }
}

void warn_of_legacy_firewalls(const struct legacy_tables *l, const struct plan *p,
                              struct diags *d) {
        struct teller t = { NULL, d, "", .wish = wish_of(p) };
        struct foreign f = { .n = 0 };

        take_legacy(&f, &l->v4);
        take_legacy(&f, &l->v6);
        tell_all(&t, &f);
}

/* --- all that is up, after somebody's rules have come --- */

static void tell_of_record(struct nft *n, const char *name, const struct foreign *f,
                           struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags ignored = DIAGS_NULL; /* the caller has told it */
        char prefix[NAME_SIZE];
        enum stage stage;

        if (record_read(name, &p, &stage, &ignored) == 0 && stage == STAGE_COMPLETE) {
                struct teller t = { n, d, prefix, .wish = wish_of(p) };

                snprintf(prefix, sizeof prefix, "%s: ", name);
                tell_all(&t, f);
        }
        diags_free(&ignored);
}

void warn_all_of_other_firewalls(const struct legacy_tables *l, struct diags *d) {
        struct diags ignored = DIAGS_NULL;
        struct foreign f = { .n = 0 };
        struct nft *n = NULL;
        size_t count;
        char **names;

        if (record_names(&names, &count) < 0)
                return;
        if (count > 0 && nft_open(&n, &ignored) == 0 && find(n, &f) == 0) {
                take_legacy(&f, &l->v4);
                take_legacy(&f, &l->v6);
                for (size_t i = 0; f.n > 0 && i < count; i++)
                        tell_of_record(n, names[i], &f, d);
        }
        nft_close(n);
        diags_free(&ignored);
        record_free_names(names, count);
}
