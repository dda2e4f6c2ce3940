"""Memory by the number of phones, and whether that number is felt by whoever is served."""
import contextlib
import re
import time

import common
import lab
from common import CORES, FIRST_MAC, import_phones, load, median, phone, start_cluster, title, until_prepared

SMALL, MANY = 10000, 1000000
CACHE_MB = 1      # of each process: the file cache has a cap of its own and is not what is measured
SIGNING_S = 120   # signatures are remembered within a cap, 64 MiB; how many there are by then is told
ASKING = 100      # phones, a round


def resident(l):
    """MiB of all processes together, shared pages once; and of the largest one as it stands."""
    pss, rss = [], []
    for pid in common.family(l.daemon.pid):
        with open(f"/proc/{pid}/smaps_rollup") as f:
            kilobytes = dict(re.findall(r"^(\w+): +(\d+) kB", f.read(), re.M))
        pss.append(int(kilobytes["Pss"]) / 1024)
        rss.append(int(kilobytes["Rss"]) / 1024)
    return sum(pss), max(rss)


def tell(l, what, goal=None):
    total, largest = resident(l)
    print(f"  {what:58} {total:6.1f} MiB in all, {largest:6.1f} MiB the largest{f'  goal under {goal} MiB' if goal else ''}", flush=True)


def sign_for_a_while(l):
    """How many configurations have been signed by then."""
    end = time.monotonic() + SIGNING_S
    while not (now := common.prepared(l))[0] and time.monotonic() < end:
        time.sleep(0.5)
    return now[1]


def bench_signed_phones(count, goal):
    """With a template, so that a configuration is made and signed for each."""
    l = start_cluster(cores=range(CORES), settings=[("files", "cache", CACHE_MB)])
    try:
        common.add_template(l)
        import_phones(l, count)
        signed = sign_for_a_while(l)
        tell(l, f"{count} phones, {signed} configurations signed in advance", goal)
        load("tftpload", "-p", l.port(lab.TFTP), "-f", "ITLSEP%012X.tlv", "-f", "SEP%012X.cnf.xml.sgn", "-N", SMALL, "-n", 2 * SMALL,
             "-c", 1000, "-q")
        tell(l, f"... after {SMALL} of them fetched list and configuration", goal)
        l.stop()
        l.start(timeout=120)
        tell(l, "... after a new start", goal)
    finally:
        l.close()


def first_fetches(l, model):
    """A round: milliseconds, median and slowest hundredth, of what fronts must ask core for; the median of what they have."""
    l.cli("phone", "set", *map(phone, range(ASKING)), "--model", model)
    ask = ["tftpload", "-p", l.port(lab.TFTP), "-f", "ITLSEP%012X.tlv", "-s", f"{FIRST_MAC:X}", "-N", ASKING, "-n", ASKING, "-c", 1, "-q"]
    got, again = load(*ask), load(*ask)
    if got.get("errors") or again.get("errors"):
        raise lab.Failed("a trust list was not served")
    return got["p50"], got["p99"], again["p50"]


def add_phones(l, count):
    """Without values no template of the program fits, so nothing is signed: a million signatures take half an hour or more."""
    took, cpu = import_phones(l, count, values=False)
    waited = until_prepared(l)
    print(f"  {count} phones imported in {took:.0f} s, {count / took:.0f}/s, CPU time {cpu:.0f} s; all looked at for configurations "
          f"{waited:.0f} s later", flush=True)


def alternate(clusters):
    """The median of each figure by cluster: other work on the machine is felt by all of them."""
    found = {count: [] for count in clusters}
    for i in range(5 * common.rounds):
        for count, l in clusters.items():
            found[count].append(first_fetches(l, ("8861", "8851")[i % 2]))
    return {count: [median(column) for column in zip(*rows)] for count, rows in found.items()}


def bench_latency(count):
    """The small cluster comes second: pages that both share would be counted by halves."""
    with contextlib.ExitStack() as stack:
        clusters = {}
        for n in (count, ASKING):
            clusters[n] = start_cluster()
            stack.callback(clusters[n].close)
            add_phones(clusters[n], n)
            if n == count:
                tell(clusters[n], f"{n} phones, no configurations", 192)
        found = alternate(clusters)
    title("Latency of trust lists, one after another, clusters in turns, by the number of phone records")
    for n, (p50, p99, kept) in sorted(found.items()):
        few = found[ASKING]
        print(f"  {n:9} records: asked of core p50 {p50:.2f} ms, p99 {p99:.2f} ms; kept by the front p50 {kept:.2f} ms; "
              f"ratios {p50 / few[0]:.2f}, {p99 / few[1]:.2f}, {kept / few[2]:.2f}", flush=True)


def bench_memory():
    many = MANY // common.share
    title("Memory, file caches of 1 MB for each process")
    bench_signed_phones(SMALL, 64)
    bench_signed_phones(many, 192)
    bench_latency(many)
