#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps many helpers in flight and counts what they say. For together.sh; shell would spend the machine on forking itself.

swarm.py HELPER SECONDS FLIGHT SEED VARIANTS REFUSALS

VARIANTS  directory with NAME.a and NAME.b, two files for each NAME; one or the other is put into /etc/vnet
REFUSALS  file with one regular expression a line: what a helper may say when it fails, after "NAME: "

Prints, as its last line, what it did. Exits with 1 where a helper crashed, hung or said something else.
"""
import collections
import os
import random
import re
import subprocess
import sys
import tempfile
import time

BOUND = 120  # seconds after which a helper hangs: four times the bound of a lock
QUEUE = 4  # helpers for one NAME at a time: else all of them end up waiting for the few that do DAD, longer than a lock's bound

helper, seconds, flight, seed, variants, refusals = sys.argv[1:]
seconds, flight = float(seconds), int(flight)
rnd = random.Random(int(seed))
names = sorted({f[:-2] for f in os.listdir(variants)})
bridges = [n for n in names if n.startswith("br")]
outer = [n for n in names if n not in bridges]
allowed = [re.compile("^[^ ]+: " + line.strip() + "$") for line in open(refusals, encoding="ascii") if line.strip()]

running = {}  # pid → (words, start, file, process)
said = collections.Counter()
verbs = collections.Counter()
wrong = []
longest = (0.0, "nothing")
renamed = {}  # new name → old one


def start(words, judged=True):
    out = tempfile.TemporaryFile()
    p = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, close_fds=True)
    running[p.pid] = (words, time.monotonic(), out, p, judged)


def put_file(name):
    """As an editor does: whole, or not at all."""
    source = os.path.join(variants, name + rnd.choice([".a", ".b"]))
    with open(source, encoding="ascii") as f:
        text = f.read()
    with open("/etc/vnet/." + name, "w", encoding="ascii") as f:
        f.write(text)
    os.rename("/etc/vnet/." + name, "/etc/vnet/" + name + ".vnet")


def some_verb():
    verb = rnd.choices(["up", "down", "reload", "restore"], [45, 30, 20, 5])[0]
    if verb == "restore":
        verbs[verb] += 1
        start([helper, verb])
        return
    name = rnd.choice(bridges) if rnd.random() < 0.08 else rnd.choice(outer)
    if verb == "down" and name in bridges and rnd.random() < 0.5:
        name = rnd.choice(outer)  # a bridge that is mostly down makes for short runs
    if sum(words[-1] == name for words, *_ in running.values()) >= QUEUE:
        return
    verbs[verb] += 1
    if verb != "down" and rnd.random() < 0.4:
        put_file(name)
    start([helper, verb, name])


def rename(old, new):
    start(["ip", "link", "set", old, "name", new], judged=False)


def some_trouble():
    """What others do on the same machine. Their programs may fail: what they want is often gone."""
    what = rnd.choices(["netns", "flush", "delete", "ours", "foreign", "back"], [40, 2, 8, 10, 20, 20])[0]
    verbs["trouble"] += 1
    if what == "netns":
        name = "other%d" % rnd.randrange(1 << 30)
        start(["sh", "-c", f"ip netns add {name} && ip netns exec {name} true && ip netns del {name}"])
    elif what == "flush":
        start(["nft", "flush", "ruleset"])
    elif what == "delete":
        start(["ip", "link", "del", "vn-" + rnd.choice(outer)], judged=False)
    elif what == "ours":
        name = "vn-" + rnd.choice(outer)
        new = "ren%d" % rnd.randrange(1 << 20)
        renamed[new] = name
        rename(name, new)
    elif what == "foreign":
        i = rnd.randrange(4)
        old, new = rnd.choice([("foreign%d" % i, "frgn%d" % i), ("frgn%d" % i, "foreign%d" % i)])
        rename(old, new)
    elif renamed:
        new = rnd.choice(sorted(renamed))
        rename(new, renamed.pop(new))


def judge(words, rc, text, judged):
    lines = text.splitlines()
    what = " ".join(words[1:] if words[0] == helper else words)
    if rc < 0 or "Sanitizer" in text or "runtime error" in text or "Assertion" in text:
        wrong.append(f"{what}: broke, status {rc}: {text[:2000]}")
    if not judged:
        return
    if words[0] != helper:
        if rc:
            wrong.append(f"{what}: status {rc}: {text[:300]}")
        return
    if rc and not lines:
        wrong.append(f"{what}: status {rc} without a word")
    if len(lines) > 2:
        wrong.append(f"{what}: {len(lines)} lines: {text[:600]}")
    if rc == 0 and not all("left alone" in line for line in lines):
        wrong.append(f"{what}: succeeds and says: {text[:300]}")
    for line in lines if rc else []:
        hit = next((a for a in allowed if a.match(line)), None)
        if hit:
            said[hit.pattern[8:-1]] += 1
        else:
            wrong.append(f"{what}: {line}")


def reap():
    """One that has ended, and those that hang."""
    global longest
    pid, status = os.waitpid(-1, os.WNOHANG)
    now = time.monotonic()
    if pid == 0:
        for words, begun, _, p, _ in list(running.values()):
            if now - begun > BOUND:
                wrong.append(f"{' '.join(words[1:])}: no end after {BOUND} s")
                p.kill()
        time.sleep(0.002)
        return
    words, begun, out, p, judged = running.pop(pid)
    p.returncode = os.waitstatus_to_exitcode(status)
    if words[0] == helper and now - begun > longest[0]:
        longest = (now - begun, " ".join(words[1:]))
    out.seek(0)
    judge(words, p.returncode, out.read().decode("utf-8", "replace"), judged)
    out.close()


for n in names:
    put_file(n)
end = time.monotonic() + seconds
while time.monotonic() < end or running:
    while time.monotonic() < end and len(running) < flight:
        some_trouble() if rnd.random() < 0.1 else some_verb()
    reap()

for pattern, n in said.most_common():
    print(f"{n:6} {pattern}")
for w, n in collections.Counter(wrong).most_common(30):
    print(f"wrong ({n}): {w}")
done = sum(n for v, n in verbs.items() if v != "trouble")
print(f"{done} runs, {sum(said.values())} refused, {len(wrong)} wrong, longest {longest[0]:.1f} s: {longest[1]}")
sys.exit(1 if wrong else 0)
