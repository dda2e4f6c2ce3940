"""Memory by the number of phones, and whether that number is felt by whoever is served."""
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


def first_fetches(l):
    """Milliseconds, median and slowest hundredth, of what fronts must ask core for; and of what they have."""
    names = [phone(i) for i in range(ASKING)]
    p50, p99, kept = [], [], []
    for i in range(5 * common.rounds):
        l.cli("phone", "set", *names, "--model", ("8861", "8851")[i % 2])
        ask = ["tftpload", "-p", l.port(lab.TFTP), "-f", "ITLSEP%012X.tlv", "-s", f"{FIRST_MAC:X}", "-N", ASKING, "-n", ASKING, "-c", 1, "-q"]
        got, again = load(*ask), load(*ask)
        if got.get("errors") or again.get("errors"):
            raise lab.Failed("a trust list was not served")
        p50.append(got["p50"])
        p99.append(got["p99"])
        kept.append(again["p50"])
    return median(p50), median(p99), median(kept)


def bench_latency(count):
    l = start_cluster()
    try:
        import_phones(l, ASKING)
        if count > ASKING:
            import_phones(l, count - ASKING, ASKING)
        until_prepared(l)
        if count > ASKING:
            tell(l, f"{count} phones, no configurations", 192)
        return first_fetches(l)
    finally:
        l.close()


def bench_memory():
    many = MANY // common.share
    title("Memory, file caches of 1 MB for each process")
    bench_signed_phones(SMALL, 64)
    bench_signed_phones(many, 192)
    found = {count: bench_latency(count) for count in (ASKING, many)}
    title("Latency of trust lists, one after another, by the number of phone records")
    few = found[ASKING]
    for count, (p50, p99, kept) in found.items():
        print(f"  {count:9} records: asked of core p50 {p50:.2f} ms, p99 {p99:.2f} ms; kept by the front p50 {kept:.2f} ms; "
              f"p50 ratio {p50 / few[0]:.2f}", flush=True)
