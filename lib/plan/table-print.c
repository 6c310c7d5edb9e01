/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints the table and its elements in the words of nft(8). "vnetctl plan --format=shell" hands
 * this to nft, and a test compares the table that nft makes of it with the one of
 * lib/kernel/nft. There is one command on each line, in the order in which the kernel layer
 * sends its messages, since the handles that the kernel gives away show that order. */

#include "table.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "plan.h"
#include "util.h"

static const char *piece_type(uint8_t piece) {
        static const char *const types[] = {
                [PIECE_SUBNET4] = "ipv4_addr",   [PIECE_SUBNET6] = "ipv6_addr",
                [PIECE_HOST4] = "ipv4_addr",     [PIECE_HOST6] = "ipv6_addr",
                [PIECE_PROTOCOL] = "inet_proto", [PIECE_PORT] = "inet_service",
                [PIECE_IIF] = "ifname",          [PIECE_OIF] = "ifname",
                [PIECE_INDEX] = "iface_index",   [PIECE_TO4] = "ipv4_addr",
                [PIECE_TO6] = "ipv6_addr",       [PIECE_TO_PORT] = "inet_service",
                [PIECE_VERDICT] = "verdict",     [PIECE_FAMILY] = "nf_proto",
                [PIECE_MAC] = "ether_addr",
        };

        return types[piece];
}

static void print_types(FILE *f, const uint8_t pieces[PIECES_MAX]) {
        for (size_t i = 0; i < PIECES_MAX && pieces[i] != PIECE_END; i++)
                fprintf(f, "%s%s", i > 0 ? " . " : "", piece_type(pieces[i]));
}

/* As expressions, of which nft(8) takes the types; of those pieces alone that such sets have. */
static void print_expressions(FILE *f, const uint8_t pieces[PIECES_MAX]) {
        for (size_t i = 0; i < PIECES_MAX && pieces[i] != PIECE_END; i++)
                fprintf(f, "%s%s", i > 0 ? " . " : "",
                        pieces[i] == PIECE_TARGET6 ? "@th,64,128" : "iifname");
}

static void print_set(FILE *f, const struct nft_set_info *s) {
        bool map = s->data[0] != PIECE_END, expressions = nft_is_typeof(s);

        fprintf(f, "add %s %s " NFT_TABLE " %s { %s ", map ? "map" : "set",
                nft_tables[s->table].family, s->name, expressions ? "typeof" : "type");
        (expressions ? print_expressions : print_types)(f, s->key);
        if (map) {
                fputs(" : ", f);
                print_types(f, s->data);
        }
        fprintf(f, ";%s%s }\n", s->interval ? " flags interval;" : "",
                s->counted ? " counter;" : "");
}

static void print_chain(FILE *f, const struct nft_chain_info *c) {
        fprintf(f, "add chain %s " NFT_TABLE " %s", nft_tables[c->table].family, c->name);
        if (c->type)
                fprintf(f, " { type %s hook %s priority %d; }", c->type, c->hook, c->priority);
        fputc('\n', f);
}

void table_print(FILE *f, enum nft_table table) {
        const char *family = nft_tables[table].family;
        char shape[NFT_SHAPE_MAX];

        table_shape(table, 0, shape);
        fprintf(f, "add table %s " NFT_TABLE "\n", family);
        for (size_t i = 0; i < NFT_SETS; i++)
                if (nft_sets[i].table == table)
                        print_set(f, &nft_sets[i]);
        fprintf(f, "add set %s " NFT_TABLE " %s { type ifname; }\n", family, shape);
        for (size_t i = 0; i < NFT_CHAINS; i++)
                if (nft_chains[i].table == table)
                        print_chain(f, &nft_chains[i]);
        for (size_t i = 0; i < nft_n_rules; i++) {
                const struct nft_chain_info *c = &nft_chains[nft_rules[i].chain];

                if (c->table == table)
                        fprintf(f, "add rule %s " NFT_TABLE " %s %s\n", family, c->name,
                                nft_rules[i].text);
        }
}

/* In an interface name nft(8) takes a '*' at the end for a pattern, unless it is escaped. */
static void print_ifname(FILE *f, const char *name) {
        size_t n = strlen(name);

        if (n > 0 && name[n - 1] == '*')
                fprintf(f, "\"%.*s\\*\"", (int)(n - 1), name);
        else
                fprintf(f, "\"%s\"", name);
}

static void print_protocol(FILE *f, uint8_t protocol) {
        switch (protocol) {
        case IPPROTO_TCP: fputs("tcp", f); break;
        case IPPROTO_UDP: fputs("udp", f); break;
        case IPPROTO_SCTP: fputs("sctp", f); break;
        default: fprintf(f, "%u", protocol); break;
        }
}

static void print_family(FILE *f, uint8_t family) {
        switch (family) {
        case AF_INET: fputs("ipv4", f); break;
        case AF_INET6: fputs("ipv6", f); break;
        default: fprintf(f, "%u", family); break;
        }
}

static void print_verdict(FILE *f, uint8_t verdict) {
        switch (verdict) {
        case VERDICT_ACCEPT: fputs("accept", f); break;
        case VERDICT_DROP: fputs("drop", f); break;
        default: fprintf(f, "jump %s", nft_verdict_chain(verdict)); break;
        }
}

static void print_ports(FILE *f, const struct op_element *e) {
        fprintf(f, "%u", e->port);
        if (nft_sets[e->set].interval && e->last > e->port)
                fprintf(f, "-%u", e->last);
}

static void print_number(FILE *f, const uint8_t *bytes, size_t n) {
        fputs("0x", f);
        for (size_t i = 0; i < n; i++)
                fprintf(f, "%02x", bytes[i]);
}

static void print_piece(FILE *f, const struct op_element *e, uint8_t piece) {
        char text[CIDR_MAX];
        struct prefix network;

        switch (piece) {
        case PIECE_SUBNET4:
        case PIECE_SUBNET6:
                network = prefix_network(&e->subnet);
                fputs(prefix_print(&network, text), f);
                break;
        case PIECE_HOST4:
        case PIECE_HOST6: fputs(address_print(&e->host, text), f); break;
        case PIECE_PROTOCOL: print_protocol(f, e->protocol); break;
        case PIECE_PORT: print_ports(f, e); break;
        case PIECE_IIF: print_ifname(f, e->iif); break;
        case PIECE_OIF: print_ifname(f, e->oif); break;
        case PIECE_INDEX: fprintf(f, "%u", e->index); break;
        case PIECE_FAMILY: print_family(f, e->protocol); break;
        case PIECE_TO4:
        case PIECE_TO6: fputs(address_print(&e->to, text), f); break;
        case PIECE_TO_PORT: fprintf(f, "%u", e->to_port); break;
        case PIECE_VERDICT: print_verdict(f, e->verdict); break;
        case PIECE_MAC: fputs(mac_print(&e->mac, text), f); break;
        case PIECE_TARGET6: print_number(f, e->host.bytes, sizeof e->host.bytes); break;
        }
}

static void print_pieces(FILE *f, const struct op_element *e, const uint8_t pieces[PIECES_MAX]) {
        for (size_t i = 0; i < PIECES_MAX && pieces[i] != PIECE_END; i++) {
                if (i > 0)
                        fputs(" . ", f);
                print_piece(f, e, pieces[i]);
        }
}

void element_print_key(FILE *f, const struct op_element *e) {
        print_pieces(f, e, nft_sets[e->set].key);
}

void element_print_data(FILE *f, const struct op_element *e) {
        if (nft_sets[e->set].data[0] == PIECE_END)
                return;
        fputs(" : ", f);
        print_pieces(f, e, nft_sets[e->set].data);
}
