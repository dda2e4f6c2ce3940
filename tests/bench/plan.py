"""How long the planner takes for a large fleet whose phones may hold many different lists."""
import contextlib
import os
import random
import resource
import sqlite3
import time

import common
from common import import_phones, median, start_cluster, title, until_prepared

PHONES = 100000
LISTS = 14
SETS = 400
GOAL_S = 2


def publish(l):
    """A history of lists, each of which another certificate began."""
    for i in range(LISTS):
        l.cli("cert", "regenerate", ("tvs", "capf", "callmanager")[i % 3])


def remember(l, phones):
    """What those phones may hold, written into the database as if they had been handed it over the years: real fetches would
    take minutes and change nothing of what is measured."""
    rng = random.Random(1)
    with contextlib.closing(sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))) as db, db:
        lists = [row[0] for row in db.execute("SELECT id FROM lists WHERE kind = 'itl' ORDER BY id")]
        sets = sorted({tuple(sorted(rng.sample(lists, rng.randint(1, 4)))) for _ in range(2 * SETS)}, key=lambda _: rng.random())[:SETS]
        now = int(time.time())
        db.execute("DELETE FROM beliefs")
        db.executemany("INSERT INTO beliefs (phone, list, address, first, last) VALUES (?, ?, '10.0.0.9', ?, ?)",
                       ((common.phone(i), one, now, now) for i in range(phones) for one in sets[i % len(sets)]))
    return len(sets)


def children_s():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def timed(l, *words):
    """A plan that may find phones lost: wall seconds, CPU seconds of the daemon, CPU seconds of the command."""
    before, own, begin = common.cpu_seconds(l.daemon.pid), children_s(), time.monotonic()
    l.cli("plan", *words, status=None, timeout=120)
    return time.monotonic() - begin, common.cpu_seconds(l.daemon.pid) - before, children_s() - own


def bench_plan():
    phones = PHONES // common.share
    l = start_cluster()
    try:
        import_phones(l, phones, values=False)
        publish(l)
        l.stop()
        sets = remember(l, phones)
        l.start(timeout=120)
        until_prepared(l)
        title(f"Planner, {phones} phones with {sets} different sets of lists (goal {GOAL_S} s)")
        for words in (("cert", "regenerate", "tvs"), ("cert", "regenerate", "callmanager", "itlrecovery"),
                      ("cert", "regenerate", "tvs", "--json")):
            memory = peak(l)
            got = [timed(l, *words) for _ in range(1 + 2 * common.rounds)]
            wall, cpu, own = (median(column) for column in zip(*got))
            print(f"  {' '.join(words):48} first {got[0][0]:.2f} s, then {wall:.2f} s; CPU daemon {cpu:.2f} s, command {own:.2f} s; "
                  f"largest process {memory:.0f} -> {peak(l):.0f} MiB at its peak", flush=True)
    finally:
        l.close()


def peak(l):
    """MiB that the largest process has needed so far."""
    most = 0
    for pid in common.family(l.daemon.pid):
        with open(f"/proc/{pid}/status") as f:
            most = max(most, *(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM:")))
    return most
