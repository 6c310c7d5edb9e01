/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of the language: complete, in order, fit for a manual. */

#include "test.h"

#include <errno.h>

#include "load.h"
#include "schema.h"
#include "util.h"

static bool is_same(size_t a, size_t b) {
        return schema_keys[a].section == schema_keys[b].section &&
               streq(schema_keys[a].name, schema_keys[b].name);
}

/* A key that means something else to each kind of link. */
static void check_two_of_a_name(size_t second, size_t first) {
        const struct schema_key *a = &schema_keys[first], *b = &schema_keys[second];

        assert_int_equal(second, first + 1);
        assert_int_equal(a->section, SECTION_LINK);
        assert_int_equal((a->flags | b->flags) & KEY_UNSUPPORTED, 0);
        assert_int_equal(a->kinds & b->kinds, 0);
        assert_true(schema_depends_on_kind(a));
        assert_false(schema_depends_on_kind(b));
        for (enum link_kind kind = 0; kind < LINK_KINDS; kind++)
                assert_ptr_equal(schema_of_kind(a, kind), b->kinds & 1U << kind ? b : a);
}

static void test_order(void **state _unused_) {
        for (size_t i = 0; i < schema_n_keys; i++) {
                if (i > 0)
                        assert_true(schema_keys[i - 1].section <= schema_keys[i].section);
                for (size_t k = 0; k < i; k++)
                        if (is_same(i, k))
                                check_two_of_a_name(i, k);
                if (i == 0 || !is_same(i, i - 1))
                        assert_ptr_equal(schema_find(schema_keys[i].section, schema_keys[i].name),
                                         &schema_keys[i]);
        }
        assert_null(schema_find(SECTION_LINK, "Nothing"));
        assert_null(schema_find(SECTION_LINK, "PublishPort"));
        assert_null(schema_find(SECTION_WIREGUARD_PEER, "Zzz"));
}

static void test_sections(void **state _unused_) {
        for (enum section s = 0; s < SECTIONS; s++) {
                enum section found;

                assert_int_equal(schema_find_section(schema_sections[s].name, &found), 0);
                assert_int_equal(found, s);
                assert_true(schema_sections[s].help[strlen(schema_sections[s].help) - 1] == '.');
        }
        assert_int_equal(schema_find_section("link", &(enum section){ 0 }), -ENOENT);
}

static void test_rows(void **state _unused_) {
        for (size_t i = 0; i < schema_n_keys; i++) {
                const struct schema_key *k = &schema_keys[i];
                size_t n = strlen(k->help);

                if (!n || k->help[n - 1] != '.' || strstr(k->help, "  ") || !*k->type)
                        fail_msg("help of %s", k->name);
                /* what roff would take for a request or an escape */
                assert_true(k->help[0] != '.' && k->help[0] != '\'' && !strchr(k->help, '\\'));
                if (k->flags & KEY_UNSUPPORTED) {
                        assert_null(k->parse);
                        continue;
                }
                assert_non_null(k->parse);
                assert_true(schema_sections[k->section].supported);
                assert_true(k->item > 0);
                if (k->flags & (KEY_WORDS | KEY_NO))
                        assert_true(k->flags & KEY_LIST);
                if (k->flags & KEY_LIST)
                        assert_true(k->item >= sizeof(struct origin));
                if (k->flags & KEY_LOOPBACK)
                        assert_int_equal(k->section, SECTION_LINK);
        }
}

/* Each key of the specification, section 3. What is not built is a row too, and refused by name: it must
 * not pass as unknown and ignored. */
static const struct {
        enum section section;
        const char *keys;
} specified[] = {
        { SECTION_UNIT,
          "Description Documentation After Before Wants Requires BindsTo PartOf Conflicts" },
        { SECTION_INSTALL, "WantedBy RequiredBy" },
        { SECTION_NAMESPACE, "Name PublishPort DNS Domains NetworkAlias AddHost Services Sysctl "
                             "IPv4Forwarding IPv6Forwarding" },
        { SECTION_LINK,
          "Name Kind Address DHCP Gateway Route Rule Neighbor MACAddress MTUBytes IPv6AcceptRA "
          "DuplicateAddressDetection Master ARP Promiscuous AllMulticast TransmitQueueLength RateIn "
          "RateOut Bridge HostName HostAddress HostMACAddress PeerNamespace PeerName IPMasquerade "
          "HairPin Isolated AntiSpoof VLAN VLANTrunk Inbound Parent ParentNamespace Mode Id VNI Local "
          "Remote Group DestinationPort Learning Table User MultiQueue Device PrivateKeyFile "
          "ListenPort FirewallMark" },
        { SECTION_WIREGUARD_PEER,
          "PublicKey PresharedKeyFile Endpoint AllowedIPs PersistentKeepalive RouteTable" },
        { SECTION_BRIDGE,
          "Name Address MACAddress MTUBytes IPMasquerade SNATAddress Internal Inbound Outbound "
          "AllowFrom HostAccess Uplink UplinkVLAN IPRange IPv6ProxyNDP STP ForwardDelaySec "
          "AgeingTimeSec MulticastSnooping VLANFiltering DefaultPVID DNSServer Domains DHCPServer VNI "
          "VTEPAddress VTEPPeer EVPN" },
};

static bool is_specified(const struct schema_key *k) {
        for (size_t i = 0; i < ARRAY_SIZE(specified); i++) {
                const char *p = specified[i].keys;
                char word[WORD_MAX];

                while (specified[i].section == k->section && next_word(&p, word) > 0)
                        if (streq(word, k->name))
                                return true;
        }
        return false;
}

static void test_specification(void **state _unused_) {
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(specified); i++) {
                const char *p = specified[i].keys;
                char word[WORD_MAX];

                for (; next_word(&p, word) > 0; n++)
                        if (!schema_find(specified[i].section, word))
                                fail_msg("no row for %s", word);
        }
        for (size_t i = 0; i < schema_n_keys; i++) /* and it is no longer than that */
                if (!is_specified(&schema_keys[i]))
                        fail_msg("%s is not in the list above", schema_keys[i].name);
        for (size_t i = 1; i < schema_n_keys; i++)
                n += is_same(i, i - 1);
        assert_int_equal(n, schema_n_keys);
}

/* Words of the specification that a parser of ours takes no part in. */
static void test_later_values(void **state _unused_) {
        static const struct {
                enum section section;
                const char *key, *value;
        } later[] = {
                { SECTION_LINK, "Address", "pool" },
                { SECTION_NAMESPACE, "PublishPort", "127.0.0.1:80:80" },
                { SECTION_NAMESPACE, "PublishPort", "[::1]:80:80" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(later); i++) {
                struct pool pool = POOL_NULL;
                struct value_context c = { .pool = &pool };
                const struct schema_key *k = schema_find(later[i].section, later[i].key);
                union {
                        max_align_t align;
                        char bytes[512];
                } item = { 0 };

                assert_int_equal(k->parse(&c, later[i].value, &item), -EINVAL);
                assert_non_null(strstr(c.why, "not supported yet"));
                pool_free(&pool);
        }
}

/* Each row that is to come is refused by name, in the file of its section. */
static void test_later_rows(void **state _unused_) {
        for (size_t i = 0; i < schema_n_keys; i++) {
                const struct schema_key *k = &schema_keys[i];
                struct diags d = DIAGS_NULL;
                struct vnet *v = NULL;
                char text[256];

                if (!(k->flags & KEY_UNSUPPORTED) || !schema_sections[k->section].supported)
                        continue;
                snprintf(text, sizeof text, "%s[%s]\n%s=x\n",
                         k->section == SECTION_LINK ? "[Namespace]\n" : "",
                         schema_sections[k->section].name, k->name);
                test_file("/etc/vnet/n.vnet", text);
                assert_int_equal(load_name(test_root(), "n", &v, &d), -EINVAL);
                snprintf(text, sizeof text, ": %s: is not supported yet", k->name);
                test_expect(&d, text);
                assert_int_equal(d.n, 1);
                vnet_free(v);
                diags_free(&d);
        }
        test_clean();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),        cmocka_unit_test(test_sections),
                cmocka_unit_test(test_rows),         cmocka_unit_test(test_specification),
                cmocka_unit_test(test_later_values), cmocka_unit_test(test_later_rows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
