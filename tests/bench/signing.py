"""Signing: as fast as the processors can, and in the background without phones noticing."""
import os
import time

import common
import httpfiles
import lab
from common import CORES, figures, import_phones, median, ratio_line, rsa_rate, start_cluster, title, until_prepared, write_configs

COLD_S = 4          # of first fetches, a round
AHEAD = 100000      # configurations signed in advance
WATCH_S = 5         # of load while that goes on
HOT = "Ringlist.xml"


def everywhere(*settings):
    return start_cluster(cores=range(CORES), settings=settings)


def bench_cold():
    """Every request is the first for its file: what is left of the machine's RSA operations."""
    count = COLD_S * 2500 * CORES
    l = everywhere()
    try:
        write_configs(os.path.join(l.cluster, "tftpboot"), count * common.rounds)
        time.sleep(3)
        for i in range(common.rounds):
            bound = rsa_rate(CORES)
            before = common.cpu_seconds(l.daemon.pid)
            found = httpfiles.wrk(l.port(lab.HTTP), clients=64, seconds=COLD_S, first=i * count, count=count, core=None)
            if found["ok"] > count:
                raise lab.Failed("more answers than files: COLD_S is too long for this machine")
            need = 1e6 * (common.cpu_seconds(l.daemon.pid) - before) / max(found["ok"], 1)
            title(f"Signing, first fetches of distinct configurations over HTTP, all {CORES} cores")
            ratio_line(f"openssl speed rsa2048, {CORES} at once", bound, "signatures/s", bound)
            ratio_line("sealtoned", found["requests/s"], "answers/s", bound, 0.9,
                       f"  cpu {need:.0f} us, of which RSA {1e6 * CORES / bound:.0f} us  errors {found['errors']}")
    finally:
        l.close()


def hot_p99(l):
    """Milliseconds of the slowest hundredth for a file that fronts have, and how many did not get it."""
    got = figures(lab.run(common.tool("tftpload"), "-p", l.port(lab.TFTP), "-f", HOT, "-c", 32, "-n", 2000 * WATCH_S, "-T", WATCH_S,
                          "-q", status=None).stdout)
    return got.get("p99", 0), got


def change_everything(l, step):
    """Every configuration names the call managers of its group, so each is another one afterwards."""
    l.cli("group", "set", "branch", "--server", f"10.0.0.{step}")


def bench_ahead():
    count = AHEAD // common.share
    l = everywhere()
    try:
        l.put(HOT, "<CiscoIPPhoneRingList>" + " " * 5900 + "</CiscoIPPhoneRingList>\n")
        common.add_template(l)
        import_phones(l, count)
        until_prepared(l)
        title(f"Signing in advance, {count} configurations after a change of all, all {CORES} cores")
        bound = rsa_rate(CORES)
        change_everything(l, 2)
        took = until_prepared(l)
        ratio_line(f"openssl speed rsa2048, {CORES} at once", bound, "signatures/s", bound)
        ratio_line("sealtoned", count / took, "signatures/s", bound, 0.9, f"  {took:.1f} s")
        change_nothing(l, count, bound)
        watch(l)
    finally:
        l.close()


def change_nothing(l, count, bound):
    """What everything is forgotten for, and nothing is another one: signatures are verified, none is made."""
    l.cli("group", "add", "other", "--server", "10.0.0.1")
    took = until_prepared(l)
    ratio_line("sealtoned, when nothing has changed", count / max(took, 0.001), "looked at/s", bound, None, f"  {took:.1f} s")


def watch(l):
    """A file that fronts have, asked for while nothing else goes on and while all is signed, alternating."""
    quiet, meanwhile = [], []
    for i in range(common.rounds):
        l.fetch(HOT)
        quiet.append(hot_p99(l)[0])
        change_everything(l, 3 + i)
        l.fetch(HOT)
        before, begin = common.prepared(l)[1], time.monotonic()
        meanwhile.append(hot_p99(l)[0])
        is_done, now = common.prepared(l)
        pace = (now - before) / (time.monotonic() - begin)
        print(f"  p99 of a cached file: quiet {quiet[-1]:.2f} ms, meanwhile {meanwhile[-1]:.2f} ms; {pace:.0f} signatures/s meanwhile"
              + (" (all were signed before the end)" if is_done else ""), flush=True)
        until_prepared(l)
    print(f"  p99 meanwhile / quiet: {median(meanwhile) / max(median(quiet), 0.001):.2f}  goal at most 2", flush=True)


def bench_signing():
    bench_cold()
    bench_ahead()
