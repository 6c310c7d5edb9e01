#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is inside the namespaces of this machine, for lib-scale.sh: in one process, as a shell for each of many costs seconds.

insides.py SYSCTLS NAME...

Prints what ip(8) says, in JSON, with a heading for each NAME; writes the sysctls of all to the file SYSCTLS.
"""
import ctypes
import os
import subprocess
import sys

CLONE_NEWNET = 0x40000000
ASK = {
    "-4": "link show\naddr show\nneigh show nud permanent\nroute show table all\nrule show\n",
    "-6": "addr show\nneigh show nud permanent\nroute show table all\nrule show\n",
}
libc = ctypes.CDLL(None, use_errno=True)


def enter(name):
    fd = os.open("/run/netns/" + name, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET) < 0:
        sys.exit(f"{name}: {os.strerror(ctypes.get_errno())}")
    os.close(fd)


def sysctls(name, out):
    for top in ("ipv4/conf", "ipv6/conf"):
        for where, _, files in sorted(os.walk("/proc/sys/net/" + top)):
            for f in sorted(files):
                try:
                    with open(os.path.join(where, f), encoding="ascii") as value:
                        out.write(f"{name} {top}/{os.path.basename(where)}/{f}:{value.read()}")
                except OSError:  # stable_secret has none
                    pass
    for f in ("ipv4/ip_forward", "ipv4/ip_default_ttl"):
        with open("/proc/sys/net/" + f, encoding="ascii") as value:
            out.write(f"{name} {f}:{value.read()}")


with open(sys.argv[1], "w", encoding="ascii") as out:
    for name in sys.argv[2:]:
        enter(name)
        print(f'"inside {name}"', flush=True)
        for family, ask in ASK.items():
            words = ["ip", "-j", "-d", family, "-force", "-batch", "-"]
            subprocess.run(words, input=ask, text=True, check=False, stderr=subprocess.DEVNULL)
        sysctls(name, out)
