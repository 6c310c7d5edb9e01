#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tunnel.py tun|tap IF [OWN OTHER]: opens the interface IF and says "open"; with two sockets of the file system it carries what
comes out of it to the other one and back, as a VPN or a virtual machine does. What the other end does not take is lost."""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_NO_PI, KINDS = 0x400454CA, 0x1000, {"tun": 1, "tap": 2}

kind, name = sys.argv[1:3]
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), KINDS[kind] | IFF_NO_PI))
print("open", flush=True)
if len(sys.argv) > 3:
    own, other = sys.argv[3:]
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(own)
    while True:
        for ready in select.select([tun, s], [], [])[0]:
            if ready is s:
                try:
                    os.write(tun, s.recv(65536))
                except OSError:  # the interface is down
                    pass
            else:
                packet = os.read(tun, 65536)
                try:
                    s.sendto(packet, other)
                except OSError:
                    pass
