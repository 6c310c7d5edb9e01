#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""forge.py send IFNAME ADDRESS4 ADDRESS6 OTHER4 OTHER6 KIND...
                 sends a frame of each KIND to all on the cable, and prints "KIND NUMBER": the number is the end of what
                 it carries, since what is behind that does not pass a bridge with filters
forge.py hear IFNAME FILE
                 writes the last bytes of each frame that arrives, one a line, until it is killed
The OTHERs are addresses of somebody else. "own-…" is what may be sent, all other kinds are forged."""
import os
import socket
import struct
import sys

ALL = b"\xff" * 6
LENGTH = 6  # of a number
NOBODY = b"\x02\x00\x00\x00\xee\x01"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def ip4(source, number):
    payload = b"x" * 20 + number
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 1, 0, 64, 17, 0, source, b"\xff" * 4)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return b"\x08\x00" + head + struct.pack("!HHHH", 9, 9, 8 + len(payload), 0) + payload


def ip6(source, payload, protocol=58, extension=b""):
    to = bytes.fromhex("ff020000000000000000000000000001")
    if protocol == 58:
        pseudo = source + to + struct.pack("!I3xB", len(payload), 58)
        payload = payload[:2] + struct.pack("!H", checksum(pseudo + payload)) + payload[4:]
    if extension:
        payload, protocol = bytes([protocol]) + extension + payload, 0
    return b"\x86\xdd" + struct.pack("!IHBB", 0x60000000, len(payload), protocol, 255) + source + to + payload


def arp(mac, address, target, number, operation=1):
    return b"\x08\x06" + struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation, mac, address, b"\0" * 6, target) + b"\0" * 18 + number


def nonce(number):  # an option of neighbor discovery
    return b"\x0e\x01" + number


def advertisement(target, mac, number):
    return struct.pack("!BBHI", 136, 0, 0, 0x20000000) + target + b"\x02\x01" + mac + nonce(number)


def solicitation(target, number):
    return struct.pack("!BBHI", 135, 0, 0, 0) + target + nonce(number)


def report(number):
    return struct.pack("!BBHHH", 143, 0, 0, 0, 0) + number


def frames(mac, a4, a6, b4, b6, number):
    local = b"\xfe\x80" + b"\0" * 6 + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    other_local = local[:-1] + bytes([local[-1] ^ 1])
    hop = b"\x00\x05\x02\x00\x00\x01\x00"  # router alert
    none4, none6 = b"\0" * 4, b"\0" * 16
    udp = struct.pack("!HHHH", 9, 9, 14, 0) + number
    return {
        "own-ipv4": (mac, ip4(a4, number)),
        "own-ipv6": (mac, ip6(a6, udp, 17)),
        "own-local": (mac, ip6(local, udp, 17)),
        "own-arp": (mac, arp(mac, a4, b4, number)),
        "own-arp-answer": (mac, arp(mac, a4, b4, number, 2)),
        "own-arp-probe": (mac, arp(mac, none4, a4, number)),
        "own-advertisement": (mac, ip6(a6, advertisement(a6, mac, number))),
        "own-local-advertisement": (mac, ip6(local, advertisement(local, mac, number))),
        "own-question": (mac, ip6(a6, solicitation(b6, number))),
        "own-dad": (mac, ip6(none6, solicitation(a6, number))),
        "own-report": (mac, ip6(none6, report(number), extension=hop)),
        "mac": (NOBODY, ip4(a4, number)),
        "mac-ipv6": (NOBODY, ip6(a6, udp, 17)),
        "mac-arp": (NOBODY, arp(NOBODY, a4, b4, number)),
        "ipv4": (mac, ip4(b4, number)),
        "ipv4-none": (mac, ip4(none4, number)),
        "ipv6": (mac, ip6(b6, udp, 17)),
        "ipv6-none": (mac, ip6(none6, udp, 17)),
        "local": (mac, ip6(other_local, udp, 17)),
        "arp": (mac, arp(mac, b4, a4, number)),
        "arp-answer": (mac, arp(mac, b4, a4, number, 2)),
        "arp-mac": (mac, arp(NOBODY, a4, b4, number, 2)),
        "arp-probe": (mac, arp(mac, none4, b4, number)),
        "advertisement": (mac, ip6(a6, advertisement(b6, mac, number))),
        "local-advertisement": (mac, ip6(local, advertisement(b6, mac, number))),
        "hidden-advertisement": (mac, ip6(a6, advertisement(b6, mac, number), extension=hop)),
        "foreign-advertisement": (mac, ip6(b6, advertisement(a6, mac, number))),
        "dad": (mac, ip6(none6, solicitation(b6, number))),
        "router": (mac, ip6(local, struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + nonce(number))),
        "tag": (mac, b"\x81\x00\x00\x0a" + ip4(a4, number)),
        "forged-tag": (mac, b"\x81\x00\x00\x0a" + ip4(b4, number)),
        "two-tags": (mac, b"\x88\xa8\x00\x0a\x81\x00\x00\x0b" + ip4(a4, number)),
        "other-protocol": (mac, b"\x88\xb5" + b"x" * 46 + number),
        "spanning-tree": (mac, b"\x00\x26\x42\x42\x03" + b"\0" * 40 + number),
    }


def send(name, a4, a6, b4, b6, *kinds):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((name, 0))
    mac = s.getsockname()[4]
    four = [socket.inet_pton(socket.AF_INET, a) for a in (a4, b4)]
    six = [socket.inet_pton(socket.AF_INET6, a) for a in (a6, b6)]
    for kind in kinds:
        number = os.urandom(LENGTH)
        source, rest = frames(mac, four[0], six[0], four[1], six[1], number)[kind]
        s.send(ALL + source + rest)
        print(kind, number.hex(), flush=True)


def hear(name, path):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name, 0))
    with open(path, "w", buffering=1) as f:
        f.write("ready\n")
        while True:
            f.write(s.recv(65536)[-LENGTH:].hex() + "\n")


{"send": send, "hear": hear}[sys.argv[1]](*sys.argv[2:])
