/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Text → value. Each parser takes the whole text, nothing before or after it; needs no locale and
 * no name service; returns 0 and fills *field, or -EINVAL and says why in c->why (never both), or
 * -ENOMEM. They have one type so that the schema's table can name them. */

#include "model.h"

struct value_context {
        struct pool *pool;    /* where strings and lists go */
        struct origin origin; /* becomes the origin of list items */
        char why[160];        /* what is wrong, to go behind the quoted text: "is not an address" */
};

typedef int value_parser(struct value_context *c, const char *text, void *field);

/* Says why and returns -EINVAL. */
int value_refuse(struct value_context *c, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* scalars */
value_parser value_bool;         /* bool *: yes no true false on off 1 0 */
value_parser value_tristate;     /* enum tristate * */
value_parser value_families;     /* enum families *: no ipv4 ipv6 both, and yes for both */
value_parser value_inbound;      /* bool *: published → false, any → true */
value_parser value_negated_bool; /* bool *: yes → false: for fields that say what is switched off */
value_parser value_mtu;          /* uint32_t *: 68 … 65535 */
value_parser value_queue_length;  /* uint32_t *: 0 … 4294967294; 0 is kept as UINT32_MAX */
value_parser value_vlan;          /* uint16_t *: 1 … 4094 */
value_parser value_pvid;          /* uint16_t *: 0, none, 1 … 4094 */
value_parser value_centiseconds;  /* uint32_t *: systemd.time(7) span: 15, 15s, 500ms, 1min 30s */
value_parser value_forward_delay; /* the same, 2 s … 30 s */
value_parser value_ageing_time;   /* the same, up to 1000000 s */
value_parser value_kind;          /* enum link_kind * */
value_parser value_mode;          /* const char **: a word that some kind of link has */
value_parser value_vlan_id;       /* uint16_t *: 1 … 4094 */
value_parser value_vni;           /* uint32_t *: 1 … 16777215 */
value_parser value_port;          /* uint16_t *: 1 … 65535 */
value_parser value_vrf_table;     /* uint32_t *: none of those that the kernel fills */
value_parser value_underlay;      /* struct address *: of a host, for its tunnels */
value_parser value_multicast;     /* struct address * */
value_parser value_public_key;    /* const char **: 32 bytes in base64 */
value_parser value_key_file;      /* const char **: an absolute path, or "@NAME" */
value_parser value_firewall_mark; /* uint32_t *: not 0; hexadecimal with 0x */
value_parser value_endpoint;      /* struct endpoint * */
value_parser value_keepalive;     /* uint16_t *: seconds; off: 0 */
value_parser value_route_table;   /* uint32_t *: off is ROUTE_TABLE_OFF */
value_parser value_rate;          /* struct rate *: 100M [burst 64K] */
value_parser value_mac;           /* struct mac *: six bytes, not multicast, not zero */
value_parser value_device;        /* struct named_device */
value_parser value_user;          /* struct owner *: a name of passwd(5), or a number */
value_parser value_group;         /* the same of group(5) */
value_parser value_ifname;        /* char[IFNAMSIZ]: dev_valid_name() of the kernel, without '%' */
value_parser value_netns_name;    /* const char **: the grammar of NAME */
value_parser value_text;          /* const char **: UTF-8 up to 120 bytes, no control characters, no
                                 trailing backslash: fit for a unit file once % is doubled */
/* list items: field is the new item, its origin is set by the caller */
value_parser value_unit_name;           /* struct text *: systemd.unit(5), no path, no specifier */
value_parser value_service_name;        /* struct text *: a name that service_name_valid() takes */
value_parser value_documentation;       /* struct text *: URI of http https file info man */
value_parser value_interface_list_name; /* struct text *: an interface name */
value_parser value_address_peer;        /* struct ip_address *: CIDR [peer ADDRESS] */
value_parser value_gateway;             /* struct ip_gateway * */
value_parser value_snat;                /* struct ip_gateway *: an address of the host */
value_parser value_remote;              /* struct ip_gateway *: as value_underlay */
value_parser value_route;               /* struct route * */
value_parser value_rule;                /* struct rule * */
value_parser value_neighbor;            /* struct neighbor * */
value_parser value_sysctl;              /* struct sysctl * */
value_parser value_vlan_range;          /* struct vlan_range *: ID, FIRST-LAST */
value_parser value_inbound_port;        /* struct inbound *: PORT[-END][/PROTOCOL] */
value_parser value_publish;             /* struct publish * */
value_parser value_allowed_ip;          /* struct allowed_ip * */

/* The primitives behind them, for other readers of text (state record, vnetctl). */
bool name_valid(const char *name); /* NAME of spec 2: [A-Za-z0-9][A-Za-z0-9_.@-]{0,62} */
bool ifname_valid(const char *name);
bool unit_name_valid(const char *name);    /* of any type; a template is none */
bool service_name_valid(const char *name); /* .service or .socket, a template (a@.service) too */
bool key_file_valid(const char *text);     /* of value_key_file() */
bool is_alnum(char c);                     /* of ASCII, in any locale */
int parse_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret); /* decimal only */
/* FIRST-LAST, or one number, which is both. */
int parse_range(const char *text, uint32_t min, uint32_t max, uint32_t *ret_first,
                uint32_t *ret_last);
/* Those that have ports: tcp, udp, sctp. The name is NULL where it is none of them. */
int parse_protocol(const char *text, uint8_t *ret);
const char *protocol_name(uint8_t protocol);
int parse_ipproto(const char *text, uint8_t *ret); /* a name of some known ones, or 1 … 255 */
const char *ipproto_name(uint8_t number);          /* NULL: none that parse_ipproto() knows */
int parse_address(const char *text, struct address *ret);
int parse_prefix(const char *text, struct prefix *ret); /* ADDRESS/LENGTH */
int parse_mac(const char *text, struct mac *ret);
int parse_account(const char *text, struct account *ret); /* a number below 4294967295 */
int parse_bool(const char *text, bool *ret);
bool address_is_loopback(const struct address *a); /* 127.0.0.0/8, ::1 */
bool utf8_valid(const char *text); /* and no control characters, those of C1 included */
char *utf8_clean(char *text);      /* makes it so, in place, as ls(1) does; NULL is fine */
/* The next word of a text up to white space: its length, 0 at the end, -EINVAL where it is longer
 * than the buffer. Moves *text behind it. */
enum { WORD_MAX = 64 };
int next_word(const char **text, char ret[WORD_MAX]);
