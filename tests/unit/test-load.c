/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files → model: sections, lists, drop-ins, specifiers, links; what is ignored and what is
 * refused. */

#include "test.h"

#include <errno.h>

#include "load.h"
#include "util.h"

static struct vnet *load(const char *name, int expected, struct diags *d) {
        struct vnet *v = NULL;
        int r = load_name(test_root(), name, &v, d);

        if (r != expected)
                fail_msg("%d:\n%s", r, test_diags(d));
        return v;
}

static void test_whole(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct vnet *v;
        char text[CIDR_MAX];

        test_file("/etc/vnet/net0.vnet", "[Unit]\nDescription=A  net\nAfter=a.service b.service\n"
                                         "After=c.service\n[Install]\nWantedBy=x.target\n"
                                         "[Namespace]\nPublishPort=8080:80\nSysctl=net.a.b=1\n"
                                         "[Link]\nBridge=br0\nAddress=10.0.0.2/24\n"
                                         "Gateway=10.0.0.1\nMTUBytes=1400\n"
                                         "[Link]\nName=lo\nAddress=10.9.9.9/32\n"
                                         "[Link]\nHostAddress=10.1.0.1/30\nAddress=10.1.0.2/30\n"
                                         "TransmitQueueLength=0\nARP=no\nRoute=10.5.0.0/16\n");
        v = load("net0", 0, &d);
        assert_int_equal(d.n, 0);
        assert_false(v->refused);
        assert_int_equal(v->subject, SUBJECT_NAMESPACE);
        assert_int_equal(v->origin.line, 7);
        assert_string_equal(v->ns.name, "net0");
        assert_string_equal(v->unit.description, "A  net");
        assert_int_equal(v->unit.after.n, 3);
        assert_int_equal(v->unit.after.items[2].origin.line, 4);
        assert_true(v->unit.has_wanted_by);
        assert_int_equal(v->ns.publish.items[0].origin.line, 8);
        assert_int_equal(v->ns.links.n, 3);
        assert_string_equal(v->ns.links.items[0].name, "eth0");
        assert_string_equal(v->ns.links.items[0].bridge, "br0");
        assert_int_equal(v->ns.links.items[0].bridge_origin.line, 11);
        assert_int_equal(v->ns.links.items[0].settings.mtu, 1400);
        assert_string_equal(v->ns.links.items[1].name, "lo");
        assert_int_equal(v->ns.links.items[1].kind, KIND_LOOPBACK);
        assert_string_equal(v->ns.links.items[2].name, "eth1");
        assert_int_equal(v->ns.links.items[2].settings.queue_length, UINT32_MAX);
        assert_int_equal(v->ns.links.items[2].settings.arp, NO);
        assert_string_equal(prefix_print(&v->ns.links.items[2].routes.items[0].destination, text),
                            "10.5.0.0/16");
        vnet_free(v);
        test_clean();
}

static void test_bridge(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct vnet *v;

        test_file("/etc/vnet/br0.vnet", "[Bridge]\nAddress=10.0.0.1/24\nIPMasquerade=yes\n"
                                        "HostAccess=no\nInbound=any\nForwardDelaySec=2\n"
                                        "DefaultPVID=none\nSTP=yes\nAllowFrom=br1 br2\n");
        v = load("br0", 0, &d);
        assert_int_equal(v->subject, SUBJECT_BRIDGE);
        assert_string_equal(v->bridge.name, "br0");
        assert_int_equal(v->bridge.masquerade, FAMILY_BOTH);
        assert_true(v->bridge.no_host_access && v->bridge.inbound_any);
        assert_true(v->bridge.settings.has_forward_delay && v->bridge.settings.has_default_pvid);
        assert_false(v->bridge.settings.has_ageing_time);
        assert_int_equal(v->bridge.settings.forward_delay, 200);
        assert_int_equal(v->bridge.allow_from.n, 2);
        vnet_free(v);
        test_file("/etc/vnet/a-name-of-20-bytes..vnet", "[Bridge]\n");
        v = load("a-name-of-20-bytes.", -EINVAL, &d);
        test_expect(
                &d,
                ":1: file name 'a-name-of-20-bytes.' is too long for an interface; set Name= in [Bridge]");
        vnet_free(v);
        diags_free(&d);
        test_clean();
}

static void test_reset(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct vnet *v;

        test_file("/etc/vnet/a.vnet",
                  "[Unit]\nDescription=x\nDescription=\nAfter=a.service\nAfter=\nAfter=b.service\n"
                  "[Install]\nWantedBy=\n[Namespace]\nName=other\nName=\n[Link]\n"
                  "Address=10.0.0.2/24\nAddress=\nAddress=10.0.0.3/24\nMTUBytes=1300\nMTUBytes=\n"
                  "HostName=x\nHostName=\nGateway=10.0.0.1\nGateway=no\nIPMasquerade=ipv4\n"
                  "IPMasquerade=\n"
                  "[Link]\nAddress=10.1.0.2/24\nGateway=no\nGateway=10.1.0.1\n");
        v = load("a", 0, &d);
        assert_null(v->unit.description);
        assert_int_equal(v->unit.after.n, 1);
        assert_string_equal(v->unit.after.items[0].text, "b.service");
        assert_true(v->unit.has_wanted_by);
        assert_int_equal(v->unit.wanted_by.n, 0);
        assert_string_equal(v->ns.name, "a");
        assert_int_equal(v->ns.links.items[0].addresses.n, 1);
        assert_int_equal(v->ns.links.items[0].settings.mtu, 0);
        assert_string_equal(v->ns.links.items[0].host_name, "");
        assert_int_equal(v->ns.links.items[0].host_name_origin.line, 0);
        assert_true(v->ns.links.items[0].no_gateway);
        assert_int_equal(v->ns.links.items[0].gateways.n, 0);
        assert_int_equal(v->ns.links.items[0].masquerade, FAMILY_NONE);
        assert_false(v->ns.links.items[1].no_gateway);
        assert_int_equal(v->ns.links.items[1].gateways.n, 1);
        vnet_free(v);
        test_clean();
}

static void test_drop_ins(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct vnet *v;

        test_file("/usr/lib/vnet/a.vnet", "[Namespace]\n[Link]\nAddress=10.0.0.2/24\n[Link]\n"
                                          "Name=x\nAddress=10.1.0.2/24\n");
        test_file("/etc/vnet/a.vnet.d/10.conf", "[Link]\nAddress=\nAddress=10.0.0.9/24\n[Link]\n"
                                                "Name=new\nAddress=10.2.0.2/24\n");
        test_file("/etc/vnet/a.vnet.d/20.conf", "[Link]\nName=x\nMTUBytes=1300\n[Namespace]\n"
                                                "IPv4Forwarding=yes\n");
        v = load("a", 0, &d);
        assert_int_equal(v->drop_ins.n, 2);
        assert_int_equal(v->ns.links.n, 3);
        assert_int_equal(v->ns.links.items[0].addresses.n, 1);
        assert_int_equal(v->ns.links.items[0].addresses.items[0].prefix.address.bytes[3], 9);
        assert_non_null(strstr(v->ns.links.items[0].addresses.items[0].origin.path, "10.conf"));
        assert_int_equal(v->ns.links.items[1].settings.mtu, 1300);
        assert_string_equal(v->ns.links.items[2].name, "new");
        assert_true(v->ns.forward4);
        vnet_free(v);
        test_clean();
}

static void test_specifiers(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct vnet *v;

        test_file("/proc/sys/kernel/hostname", "the-host\n");
        test_file("/usr/lib/vnet/w@.vnet", "[Unit]\nDescription=%n on %H, 100%%\n[Namespace]\n"
                                           "PublishPort=80%i:80\n[Link]\nName=w%i\n"
                                           "Address=10.0.0.%i/24\nBridge=br-%H\n");
        test_link("/etc/vnet/w@7.vnet", "../../usr/lib/vnet/w@.vnet");
        v = load("w@7", 0, &d);
        assert_string_equal(v->unit.description, "w@7 on the-host, 100%");
        assert_int_equal(v->ns.publish.items[0].host_port, 807);
        assert_string_equal(v->ns.links.items[0].name, "w7");
        assert_string_equal(v->ns.links.items[0].bridge, "br-the-host");
        assert_string_equal(v->ns.name, "w@7");
        vnet_free(v);
        assert_null(load("w@", -ENOENT, &d));
        test_expect(&d, "is a template");
        test_file("/etc/vnet/a.vnet", "[Unit]\nDescription=%i\nDescription=%q\nDescription=%\n"
                                      "[Namespace]\n");
        vnet_free(load("a", -EINVAL, &d));
        test_expect(&d, "a.vnet:2: Description: '%i' has '%i', which is only for instances");
        test_expect(&d,
                    "a.vnet:3: Description: '%q' has a '%' that does not begin %i, %n, %H or %%");
        test_expect(&d, "a.vnet:4: Description: '%' has a '%'");
        /* the values that come in have to pass the same parsers */
        test_link("/etc/vnet/w@a.b.vnet", "../../usr/lib/vnet/w@.vnet");
        vnet_free(load("w@a.b", -EINVAL, &d));
        test_expect(&d, "Address: '10.0.0.a.b/24' is not an address");
        diags_free(&d);
        test_clean();
}

static void test_host_name(void **state _unused_) {
        struct diags d = DIAGS_NULL;

        test_file("/etc/vnet/a.vnet", "[Unit]\nDescription=%H\n[Namespace]\n");
        vnet_free(load("a", -EINVAL, &d));
        test_file("/proc/sys/kernel/hostname", "a\x01\nb\n");
        vnet_free(load("a", -EINVAL, &d));
        test_expect(&d, "no usable name");
        assert_int_equal(d.n, 2);
        diags_free(&d);
        test_clean();
}

/* One file in, one message out. */
static const struct {
        const char *text, *message;
        bool good;
} messages[] = {
        { "[Namespace]\nFoo=1\n", "a.vnet:2: Foo: unknown key in [Namespace], ignored$", true },
        { "[Namespace]\nBridge=br0\n",
          "a.vnet:2: Bridge: unknown key in [Namespace], ignored; it belongs in [Link]$", true },
        { "[Namespace]\nAddress=\n", "it belongs in [Link]$", true },
        { "[Bridge]\nPublishPort=80:80\n", "it belongs in [Namespace]$", true },
        { "[Unit]\nAddress=\n[Namespace]\n", "it belongs in [Link] or [Bridge]$", true },
        { "[Namespace]\n[Link]\nAdress=10.0.0.1/8\n",
          "Adress: unknown key in [Link], ignored; did you mean Address=?$", true },
        { "[Namespace]\n[Link]\naddress=10.0.0.1/8\n", "; did you mean Address=?$", true },
        { "[Namespace]\n[Link]\nGatewya=10.0.0.1\n", "; did you mean Gateway=?$", true },
        { "[Namespace]\n[Link]\nMTU=1500\n", "; did you mean MTUBytes=?$", true },
        { "[Namespace]\n[Link]\nIPAddress=10.0.0.1/8\n", "; did you mean Address=?$", true },
        { "[Namespace]\nPorts=80:80\n", "in [Namespace], ignored$", true },
        { "[Namespace]\nAdress=10.0.0.1/8\n", "; did you mean Address= in [Link]?$", true },
        { "[Bridge]\nMasquerade=yes\n", "; did you mean IPMasquerade=?$", true },
        { "[Foo]\nA=b\n[Namespace]\n", "a.vnet:1: unknown section [Foo], ignored$", true },
        { "[namespace]\n[Namespace]\n",
          "a.vnet:1: unknown section [namespace], ignored; did you mean [Namespace]?$", true },
        { "[Namespace]\n[Link0]\nAddress=x\n", "; did you mean [Link]?$", true },
        { "[Namespace]\n[ Link ]\n", "; did you mean [Link]?$", true },
        { "[Namespace]\n[Network]\n", "; did you mean [Namespace] or [Link]?$", true },
        { "[Namespace]\n[Service]\n", "vnet@NAME.service.d/*.conf$", true },
        { "[X-Foo]\nA=b\n[Namespace]\nX-Bar=1\n", "", true },
        { "[Namespace]\n[Namespace]\nName=x\n", "", true },
        { "# nothing\n", "a.vnet: has neither [Namespace] nor [Bridge]", false },
        { "[Link]\n", "has neither", false },
        { "[Namespace]\n[Bridge]\n",
          "a.vnet:2: [Bridge] cannot be in the same file as [Namespace], at ", false },
        { "[Bridge]\n[Link]\n",
          "a.vnet:2: [Link] belongs in the file of a namespace, not of a bridge", false },
        { "[Namespace]\n[WireGuardPeer]\nPublicKey=x\n",
          "a.vnet:2: [WireGuardPeer] stands below the [Link] that it is a peer of", false },
        { "[Namespace]\nDNS=1.1.1.1\n", "a.vnet:2: DNS: is not supported yet", false },
        { "[Bridge]\nVNI=7\n", "a.vnet:2: VNI: is not supported yet", false },
        { "[Namespace]\n[Link]\nDHCP=\n", "a.vnet:3: DHCP: is not supported yet", false },
        { "[Namespace]\n[Link]\nAddress=x\n", "a.vnet:3: Address: 'x' is not an address", false },
        { "[Namespace]\n[Link]\nName=a/b\nMTUBytes=1\n",
          "a.vnet:3: Name: 'a/b' is not a valid interface", false },
        { "[Namespace]\n[Link]\n[Link]\nName=eth0\n",
          "a.vnet:3: there is a link 'eth0' already, at ", false },
        { "[Namespace]\n[Link]\nName=lo\nMTUBytes=1500\n",
          "a.vnet:4: MTUBytes: is not for the loopback interface", false },
        { "[Namespace]\n[Link]\nName=lo\nKind=veth\n",
          "a.vnet:4: Kind: is not for the loopback interface", false },
        { "[Namespace]\n[Link]\nName=lo\nGateway=no\n",
          "a.vnet:4: Gateway: is not for the loopback interface", false },
        { "[Unit]\nDescription=\xff\n[Namespace]\n",
          "a.vnet:2: Description: the value is not UTF-8", false },
        { "[Namespace]\nName=\xff\n", "a.vnet:2: Name: the value is not UTF-8", false },
        { "[Unit]\nAfter=a.service b\n[Namespace]\n",
          "a.vnet:2: After: 'b' is not the name of a unit", false },
        { "[Namespace]\nSysctl=net.a.b=1 # on\n", "; a comment needs a line of its own$", false },
        { "[Namespace]\nPublishPort=80:80 # web\n", "; a comment needs a line of its own$", false },
        { "[Namespace]\nPublishPort=\"80:80\"\n", "; write it without quotes$", false },
        { "[Namespace]\nPublishPort=80:80 443:443\n",
          "; repeat PublishPort= for each, on a line of its own$", false },
        { "[Namespace]\nPublishPort=80:80,443:443\n",
          "; repeat PublishPort= for each, on a line of its own$", false },
        { "[Namespace]\nPublishPort=80:80,443\n", "nor a range such as 8000-8010$", false },
        { "[Namespace]\n[Link]\nAddress=10.0.0.1/24, fd00::1/64\n",
          "; repeat Address= for each, on a line of its own$", false },
        { "[Namespace]\nServices=a.service,b.service\n", "; separate them with spaces, not commas$",
          false },
        { "[Namespace]\nServices='a.service'\n", "; write it without quotes$", false },
        { "[Namespace]\n[Link]\nMTUBytes=\"1500\"\n", "; write it without quotes$", false },
        { "[Namespace]\nkey\n", "a.vnet:2: the line is neither", false },
};

/* With a '$' at its end the message ends there. */
static void expect_message(const struct diags *d, const char *message) {
        char part[160];
        size_t n = strlen(message);

        memcpy(part, message, n + 1);
        if (n > 0 && part[n - 1] == '$')
                part[n - 1] = '\n';
        test_expect(d, part);
}

static void test_messages(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
                struct diags d = DIAGS_NULL;
                struct vnet *v;

                test_file("/etc/vnet/a.vnet", messages[i].text);
                v = load("a", messages[i].good ? 0 : -EINVAL, &d);
                expect_message(&d, messages[i].message);
                assert_int_equal(d.n, *messages[i].message ? 1 : 0);
                assert_int_equal(v->refused, !messages[i].good);
                assert_int_equal(v->reasons.n, messages[i].good ? 0 : 1);
                assert_int_equal(v->warnings.n, diag_count(&d, DIAG_WARNING, 0));
                if (!messages[i].good)
                        assert_non_null(strstr(v->reasons.items[0].text, d.items[0].text));
                vnet_free(v);
                diags_free(&d);
                test_clean();
        }
}

/* All errors of a file in one run; without a list to tell them to it is refused all the same. */
static void test_many_errors(void **state _unused_) {
        struct diags d = DIAGS_NULL;
        struct vnet *v;

        test_file("/etc/vnet/a.vnet",
                  "[Namespace]\nPublishPort=x\n[Link]\nAddress=y\nMTUBytes=z\n");
        test_file("/etc/vnet/a.vnet.d/x.conf", "[Link]\nRoute=w\n");
        v = load("a", -EINVAL, &d);
        assert_int_equal(diag_count(&d, DIAG_ERROR, 0), 4);
        assert_int_equal(v->reasons.n, 4);
        test_expect(&d, "x.conf:2: Route: 'w' has 'w', which is not a network");
        vnet_free(v);
        v = load("a", -EINVAL, NULL);
        assert_true(v->refused);
        vnet_free(v);
        diags_free(&d);
        test_clean();
}

/* A drop-in changes the peer with that key, and adds any other. */
static void test_peers(void **state _unused_) {
#define KEY_1 "jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8="
#define KEY_2 "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
        struct diags d = DIAGS_NULL;
        const struct link *l;
        struct vnet *v;

        test_file("/etc/vnet/a.vnet",
                  "[Namespace]\n[Link]\nName=wg0\nKind=wireguard\nPrivateKeyFile=@k\n"
                  "[WireGuardPeer]\nPublicKey=" KEY_1 "\nAllowedIPs=10.0.0.0/8,fd00::1 , 10.1.2.3\n"
                  "[Link]\nName=wg1\nKind=wireguard\nPrivateKeyFile=@k\n"
                  "[WireGuardPeer]\nPublicKey=" KEY_1 "\nRouteTable=off\n");
        test_file("/etc/vnet/a.vnet.d/x.conf",
                  "[Link]\nName=wg0\n[WireGuardPeer]\nPersistentKeepalive=9\nPublicKey=" KEY_1
                  "\n[WireGuardPeer]\nPublicKey=" KEY_2 "\nEndpoint=192.0.2.1:5\n");
        v = load("a", 0, &d);
        assert_int_equal(v->ns.links.n, 2);
        l = v->ns.links.items;
        assert_int_equal(l->peers.n, 2);
        assert_int_equal(l->peers.items[0].allowed.n, 3);
        assert_int_equal(l->peers.items[0].keepalive, 9);
        assert_int_equal(l->peers.items[1].endpoint.port, 5);
        assert_int_equal(l[1].peers.n, 1);
        assert_true(l[1].peers.items[0].table == ROUTE_TABLE_OFF);
        vnet_free(v);
        diags_free(&d);
        test_clean();
}

static void test_missing(void **state _unused_) {
        struct diags d = DIAGS_NULL;

        assert_null(load("none", -ENOENT, &d));
        test_file("/etc/vnet/m.vnet", NULL);
        assert_null(load("m", -ENOENT, &d));
        test_expect(&d, "m.vnet: is masked");
        test_file("/etc/vnet/e.vnet", "");
        assert_null(load("e", -ENOENT, &d));
        test_link("/etc/vnet/l.vnet", "l.vnet");
        vnet_free(load("l", -EINVAL, &d));
        test_expect(&d, "l.vnet: cannot be opened: Too many levels");
        diags_free(&d);
        test_clean();
}

static void expect_bridge(const char *interface, int expected, const char *name) {
        struct diags d = DIAGS_NULL;
        struct vnet *v = NULL;
        int r = load_bridge(test_root(), interface, &v, &d);

        if (r != expected || (name ? !v || !streq(v->name, name) : v != NULL))
                fail_msg("%s: %d %s\n%s", interface, r, v ? v->name : "none", test_diags(&d));
        if (expected < 0)
                assert_true(diag_count(&d, DIAG_ERROR, 0) > 0);
        vnet_free(v);
        diags_free(&d);
}

static void test_load_bridge(void **state _unused_) {
        test_file("/etc/vnet/br0.vnet", "[Bridge]\n");
        test_file("/etc/vnet/b.vnet", "[Bridge]\nName=br1\n");
        test_file("/etc/vnet/c.vnet", "[Bridge]\nName=br2\nMTUBytes=x\n");
        test_file("/etc/vnet/ns.vnet", "[Namespace]\n");
        test_file("/etc/vnet/bad.vnet", "[Bridge]\nMTUBytes=x\n");
        test_file("/etc/vnet/t@.vnet", "[Bridge]\nName=br%i\n");
        test_link("/etc/vnet/t@9.vnet", "t@.vnet");
        expect_bridge("br0", 0, "br0");
        expect_bridge("br1", 0, "b");
        expect_bridge("br2", -EINVAL, NULL);
        expect_bridge("b", 0, NULL);
        expect_bridge("ns", -EINVAL, NULL);
        expect_bridge("bad", -EINVAL, NULL);
        expect_bridge("docker0", 0, NULL);
        expect_bridge("br9", 0, "t@9");
        expect_bridge("not,a,name", 0, NULL);
        /* the name is that of another file */
        test_file("/etc/vnet/d.vnet", "[Bridge]\nName=ns\n");
        test_file("/etc/vnet/e.vnet", "[Bridge]\nName=odd\n");
        test_file("/etc/vnet/odd.vnet", "[Namespace");
        test_file("/etc/vnet/odder.vnet", "[Namespace");
        expect_bridge("ns", 0, "d");
        expect_bridge("odd", 0, "e");
        expect_bridge("odder", -EINVAL, NULL);
        test_clean();
}

/* Of a file that is not read to its end: a bounded number of services, each once, and the name. */
static void test_salvage(void **state _unused_) {
        enum { LINES = 6000, TEXT = LINES * 40 };
        _cleanup_free_ char *text = malloc(TEXT);
        struct diags d = DIAGS_NULL;
        char *end = stpcpy(text, "[Namespace]\nServices=a.service\nAdress\nServices=a.service b\n");
        struct vnet *v;

        test_file("/etc/vnet/n.vnet", text);
        v = load("n", -EINVAL, &d);
        assert_int_equal(v->ns.services.n, 2);
        assert_string_equal(v->ns.services.items[1].text, "b.service");
        assert_string_equal(v->ns.name, "n");
        vnet_free(v);
        stpcpy(end, "Name= inside \n[Link]\nName=eth5\n[Namespace]\nName=no/name\n");
        test_file("/etc/vnet/n.vnet", text);
        v = load("n", -EINVAL, &d);
        assert_string_equal(v->ns.name, "inside");
        vnet_free(v);
        for (int i = 0; i < LINES; i++)
                end += sprintf(end, "Services=s%d.socket\n", i);
        test_file("/etc/vnet/n.vnet", text);
        v = load("n", -EINVAL, &d);
        assert_int_equal(v->ns.services.n, 4096);
        vnet_free(v);
        diags_free(&d);
        test_clean();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),       cmocka_unit_test(test_bridge),
                cmocka_unit_test(test_reset),       cmocka_unit_test(test_drop_ins),
                cmocka_unit_test(test_specifiers),  cmocka_unit_test(test_host_name),
                cmocka_unit_test(test_messages),    cmocka_unit_test(test_many_errors),
                cmocka_unit_test(test_peers),       cmocka_unit_test(test_missing),
                cmocka_unit_test(test_load_bridge), cmocka_unit_test(test_salvage),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
