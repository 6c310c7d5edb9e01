#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record-sum.py RECORD s/REGEX/TEXT/: changes the operations of a state record and makes its sum anew: a record as the helper
would have written it."""
import re
import sys

path, command = sys.argv[1:]
_, old, new, _ = command.split("/")
lines = open(path, "rb").read().splitlines(keepends=True)
lines = [re.sub(old.encode(), new.encode(), l) if l.startswith(b"op ") else l for l in lines]
total = 0xCBF29CE484222325
for byte in b"".join(l for l in lines if l.startswith(b"op ")):
    total = (total ^ byte) * 0x100000001B3 % 2**64
lines = [b"sum %016x\n" % total if l.startswith(b"sum ") else l for l in lines]
with open(path, "wb") as f: # in place: somebody may hold it
    f.write(b"".join(lines))
