#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Real answers of this machine's kernel as inputs for fuzz-netlink. Run once, the files are kept in corpus/netlink:
#   unshare -n python3 netlink-seeds.py DIRECTORY
import os, socket, struct, subprocess, sys

out = sys.argv[1]
SETS = ['inside', 'guarded4', 'guarded6', 'bridged4', 'bridged6', 'guarding', 'closed', 'masq4', 'masq6', 'home4', 'home6', 'snat4', 'snat6', 'publish4',
        'publish6', 'publish4_at', 'publish6_at', 'publish4_range', 'publish6_range', 'leave', 'enter', 'cross']


def run(*argv, **more):
    subprocess.run(argv, check=True, **more)


def message(kind, flags, payload, seq=7):
    return struct.pack('=LHHLL', 16 + len(payload), kind, flags, seq, 0) + payload


def attribute(kind, payload):
    return struct.pack('=HH', 4 + len(payload), kind) + payload + b'\0' * (-len(payload) % 4)


def relative(datagram):
    """The sequence number 7 becomes 0: see fuzz-netlink.c."""
    text, at = bytearray(datagram), 0
    while at + 16 <= len(text):
        size, = struct.unpack_from('=L', text, at)
        seq, = struct.unpack_from('=L', text, at + 8)
        struct.pack_into('=L', text, at + 8, (seq - 7) & 0xffffffff)
        at += max(16, (size + 3) & ~3)
    return bytes(text)


def ask(family, request):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family)
    s.setsockopt(270, 11, 1)  # NETLINK_EXT_ACK
    s.settimeout(0.3)
    s.bind((0, 0))
    s.send(request)
    answers = []
    try:
        while True:
            answers.append(relative(s.recv(32768)))
    except OSError:
        return answers


def save(name, which, datagrams):
    with open(os.path.join(out, name), 'wb') as f:
        f.write(bytes([which]))
        for d in datagrams:
            f.write(struct.pack('<H', len(d)) + d)


def nft(kind, flags, family, *attributes):
    return message(0xa00 | kind, flags, struct.pack('!BBH', family, 0, 0) + b''.join(attributes))


run('ip', 'link', 'add', 'br0', 'type', 'bridge')
run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1')
for device in 'br0', 'v0', 'v1', 'lo':
    run('ip', 'link', 'set', device, 'up')
run('ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'br0')
run('ip', 'addr', 'add', '10.1.0.1/24', 'dev', 'v0')
run('ip', 'addr', 'add', 'fd00::1/64', 'dev', 'br0', 'nodad')
run('ip', 'route', 'add', '10.9.0.0/16', 'via', '10.1.0.2')

link = struct.pack('=BxHiII', 0, 0, 0, 0, 0)
get_link = lambda name: ask(0, message(18, 5, link + attribute(3, name + b'\0')))
bridge = get_link(b'br0')
save('link-bridge', 1, bridge)
save('link-veth', 1, get_link(b'v0'))
save('link-none', 1, get_link(b'nothing'))
save('bridge', 2, bridge + ask(0, message(22, 0x301, struct.pack('=BBBBI', 0, 0, 0, 0, 0))))
save('bridge-none', 2, get_link(b'nothing') * 2)
route = lambda family: ask(0, message(26, 0x301, struct.pack('=BBBBBBBBI', family, 0, 0, 0, 0, 0, 0, 0, 0)))
save('routes4', 3, route(2))
save('routes6', 4, route(10))
# what looks[] of fuzz-netlink.c asks for, in its order
addresses = lambda family: ask(0, message(22, 0x301, struct.pack('=BBBBI', family, 0, 0, 0, 0)))
neighbours = ask(0, message(30, 0x301, struct.pack('=BBHiHBB', 2, 0, 0, 0, 0, 0, 0)))
policy = ask(0, message(34, 0x301, struct.pack('=BBBBBBBBI', 2, 0, 0, 0, 0, 0, 0, 0, 0)))
looks = [bridge + addresses(2) + route(2), bridge + addresses(10) + route(10), bridge + neighbours, bridge + route(2), bridge + route(10), route(2),
         policy] + [bridge] * 8 + [get_link(b'v0') + get_link(b'v1')]
for i, answers in enumerate(looks):
    save('look-%d' % i, 224 + i, answers)
bad = message(16, 5, struct.pack('=BxHiII', 0, 0, 0, 0, 0) + attribute(4, b'\1\2\3\4'))
save('flush-error', 0, ask(0, bad))
# one error for each of the three messages, with the kernel's words
refused = ask(0, message(20, 0x605, struct.pack('=BBBBI', 2, 99, 0, 0, 1) + attribute(2, b'\x0a\0\0\1')))
save('flush-refused', 0, refused)
ok = ask(0, message(18, 5, link + attribute(3, b'lo\0')))[-1:]
save('flush-ok', 0, ok)
save('flush-overrun', 0, [])

rules = 'add table inet vnet\n'
types = {'inside': 'ifname', 'masq4': 'ipv4_addr; flags interval', 'masq6': 'ipv6_addr; flags interval',
         'home4': 'ipv4_addr . ifname; flags interval'}
for name, kind in types.items():
    rules += 'add set inet vnet %s { type %s; }\n' % (name, kind)
maps = {'publish4': 'inet_proto . inet_service : ipv4_addr . inet_service',
        'publish4_range': 'inet_proto . inet_service : ipv4_addr; flags interval',
        'cross': 'ifname . ifname : verdict', 'snat4': 'ipv4_addr : ipv4_addr; flags interval'}
for name, kind in maps.items():
    rules += 'add map inet vnet %s { type %s; }\n' % (name, kind)
elements = {'inside': '"br0" comment "a"', 'masq4': '10.0.0.0/8 comment "a"', 'masq6': 'fd00::/8 comment "a"',
            'home4': '10.0.0.0/8 . "br0" comment "a"', 'publish4': 'udp . 80 comment "a" : 10.0.0.0 . 8080',
            'publish4_range': 'udp . 80-90 comment "a" : 10.0.0.0', 'cross': '"br0" . "br0" comment "a" : drop',
            'snat4': '10.0.0.0/8 comment "a" : 10.0.0.0'}
for name, text in elements.items():
    rules += 'add element inet vnet %s { %s }\n' % (name, text)
run('nft', '-f', '-', input=rules.encode())

table = attribute(1, b'vnet\0')
save('table', 5, ask(12, nft(1, 5, 1, table)))
save('table-none', 5, ask(12, nft(1, 5, 1, attribute(1, b'none\0'))))
for name in elements:
    index = SETS.index(name)
    dump = ask(12, nft(13, 0x301, 1, table, attribute(2, name.encode() + b'\0')))
    get = [dump[0]]
    save('element-' + name, 5 + 1 + 6 * index, get * 3)
    save('port-' + name, 5 + 2 + 6 * index, dump * 3)
save('commit-error', 5 + 5, ask(12, nft(1, 5, 1, attribute(1, b'none\0'))))
for name in 'publish4', 'publish6':
    index = SETS.index(name)
    flows = [relative(message(0x100, 2, struct.pack('!BBH', 2, 0, 0)
             + attribute(0x8001, attribute(0x8001, attribute(1, bytes([10, 0, 0, 9])) + attribute(2, bytes([10, 0, 0, 0])))
                         + attribute(0x8002, attribute(1, b'\x11') + attribute(2, b'\x30\x39') + attribute(3, b'\0\x50')))
             + attribute(0x8002, attribute(0x8001, attribute(1, bytes([10, 0, 0, 0])) + attribute(2, bytes([10, 0, 0, 9])))
                         + attribute(0x8002, attribute(1, b'\x11') + attribute(2, b'\x1f\x90') + attribute(3, b'\x30\x39')))
             + attribute(3, struct.pack('!L', 0x22)))
             + message(3, 2, b'\0\0\0\0'))]
    save('flows-published-' + name, 5 + 3 + 6 * index, flows)
    save('flows-stale-' + name, 5 + 4 + 6 * index, flows)
