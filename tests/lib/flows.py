#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations that run on and on, for tests/kernel/live.sh.

    flows.py talk STATE PORT ADDRESS,... NAME,FROM,TO...   echo at ADDRESS, and talk to another such process
    flows.py nft                                           say what changes in the table vnet
    flows.py stray FROM PORT TO PORT                       one TCP segment far outside the window of any connection

In each conversation one numbered block is under way: it is sent, its echo compared, the next follows. So every byte is
checked, and a packet that got lost shows: of UDP as an answer that did not come, of TCP as a retransmission. STATE has
a line for each conversation, renewed 50 times a second: NAME, blocks done, lost, last error or "-". While there is a file
STATE.hold nobody begins a block.
"""
import os
import socket
import struct
import sys
import threading
import time

PAUSE = float(os.environ.get("FLOWS_PAUSE", "0.01"))  # between two blocks
HOLD = (sys.argv + ["", ""])[2] + ".hold"
PATIENCE = 3  # for an answer of UDP: what is lost never comes, what is late does
RETRANSMITS = 100  # offset of tcpi_total_retrans in struct tcp_info (linux/tcp.h)


def retransmits(s):
    info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(info[RETRANSMITS : RETRANSMITS + 4], sys.byteorder)


def block(n):
    return (b"%08d" % n) * 125


def bound(address, port, kind):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    return s


def spawn(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


def echo_stream(s):
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := s.recv(65536):
        s.sendall(data)


def accept(s):
    s.listen()
    while True:
        spawn(echo_stream, s.accept()[0])


def echo_datagrams(s):
    while True:
        data, who = s.recvfrom(65536)
        try:
            s.sendto(data, who)
        except OSError:
            pass  # the asker counts it as lost


def pause():
    time.sleep(PAUSE)
    while os.path.exists(HOLD):
        time.sleep(0.02)


class Flow:
    def __init__(self, port, name, source, target):
        self.port, self.name, self.source, self.target = port, name, source, target
        self.done = self.lost = 0
        self.error = "-"

    def line(self):
        return f"{self.name} {self.done} {self.lost} {self.error}\n"

    def connect(self, kind):
        source = self.source or ("::" if ":" in self.target else "0.0.0.0")
        for _ in range(600):
            s = bound(source, 0, kind)
            s.settimeout(10 if kind == socket.SOCK_STREAM else PATIENCE)
            try:
                s.connect((self.target, self.port))
                return s
            except ConnectionRefusedError:
                time.sleep(0.05)  # the other side is still starting
        raise OSError("nobody there")

    def tcp(self):
        s = self.connect(socket.SOCK_STREAM)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            data, got = block(self.done), b""
            s.sendall(data)
            while len(got) < len(data):
                more = s.recv(len(data) - len(got))
                if not more:
                    raise OSError("connection closed")
                got += more
            if got != data:
                raise OSError(f"block {self.done} came back as another")
            self.done += 1
            self.lost = retransmits(s)
            pause()

    def udp(self):
        s = self.connect(socket.SOCK_DGRAM)
        n = 0
        while True:
            n += 1
            try:
                s.send(block(n))
                while s.recv(65536) != block(n):
                    pass  # a late answer to one that counts as lost already
                self.done += 1
            except OSError as e:
                if self.done:  # else the other side is still starting
                    self.lost += 1
                    self.error = str(e).replace(" ", "-")
            pause()

    def run(self):
        try:
            (self.tcp if self.name.startswith("tcp") else self.udp)()
        except OSError as e:
            self.error = "ended:" + str(e).replace(" ", "-")


# --- notifications ---


def attributes(data):
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3FFF, data[4:size]
        data = data[(size + 3) & ~3 :]


def key_of(element):
    key = dict(attributes(dict(attributes(element)).get(1, b""))).get(1, b"")  # NFTA_SET_ELEM_KEY, NFTA_DATA_VALUE
    text = key.replace(b"\0", b" ").decode("latin-1").strip()
    return text if text and text.isascii() and text.isprintable() else key.hex()


def watch_nft():
    """One line for each element of the table vnet that comes or goes, and for each transaction. (nft monitor 1.0.6 dies
    of ranges.)"""
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
    s.bind((0, 0))
    s.setsockopt(270, 1, 7)  # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES
    while True:
        data = s.recv(1 << 20)
        while len(data) >= 20:
            size, kind = struct.unpack_from("=IH", data)
            found = dict(attributes(data[20:size]))
            if kind == 0xA0F:  # NFT_MSG_NEWGEN
                print("transaction", flush=True)
            elif kind in (0xA0C, 0xA0E) and found[1] == b"vnet\0":  # NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM
                for _, element in attributes(found[3]):
                    print("create" if kind == 0xA0C else "delete", found[2][:-1].decode(), key_of(element), flush=True)
            data = data[(size + 3) & ~3 :]


def send_stray(source, source_port, target, target_port):
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    tcp = struct.pack("!HHIIBBHHH", int(source_port), int(target_port), 0x40000000, 0x40000000, 5 << 4, 0x10, 1024, 0, 0)
    ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
    n = sum(struct.unpack(f"!{len(ends + tcp) // 2}H", ends + tcp)) + socket.IPPROTO_TCP + len(tcp)
    while n >> 16:
        n = (n & 0xFFFF) + (n >> 16)
    s = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    s.bind((source, 0))
    s.sendto(tcp[:16] + struct.pack("!H", n ^ 0xFFFF) + tcp[18:], (target, 0))


def main(verb, *args):
    if verb == "stray":
        return send_stray(*args)
    if verb == "nft":
        watch_nft()
    state, port = args[0], int(args[1])
    flows = [Flow(port, *a.split(",")) for a in args[3:]]
    for a in args[2].split(","):
        spawn(accept, bound(a, port, socket.SOCK_STREAM))
        spawn(echo_datagrams, bound(a, port, socket.SOCK_DGRAM))
    for f in flows:
        spawn(f.run)
    while True:
        with open(state + ".new", "w", encoding="ascii") as out:
            out.writelines(f.line() for f in flows)
        os.rename(state + ".new", state)
        time.sleep(0.02)


main(*sys.argv[1:])
