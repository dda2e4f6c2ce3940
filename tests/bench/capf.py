"""CAPF against what an enrolment cannot do without: one handshake of a bare TLS loop and one RSA operation for the LSC."""
import os

import common
import lab
from common import FIRST_MAC, Server, load, median, metered, pem, phone, ratio_line, rsa_rate, start_cluster, title

ENROLMENTS = 600   # a round
RSA = 100          # a round: the generator takes a tenth of a second or more to make each key
RSA_QUICK = 32     # phones at most when it is to be quick
FLEET = 10000      # phones that enrol without one failure
KINDS = {"ec256": ("P-256", "ec-only", (1, 32, 256, 1000)), "rsa2048": ("RSA 2048", "rsa-only", (1, 32, 256, 1000))}


class Phones:
    """Phones with an operation, each good for one enrolment."""

    def __init__(self, cluster):
        self.cluster, self.next = cluster, 0

    def add(self, count, order):
        """The first number of so many new ones."""
        first, self.next = self.next, self.next + count
        rows = "".join(f"{phone(i)},install-upgrade,{order},256\n" for i in range(first, first + count))
        self.cluster.cli("phone", "import", self.cluster.file("phones.csv", "name,operation,key-order,ec-size\n" + rows), timeout=300)
        return FIRST_MAC + first


def enrol(l, capf, first, count, clients, kind, distinct):
    return metered(l.daemon.pid, lambda: load(
        "capfload", "-p", l.port(lab.CAPF), "-A", capf, "-I", capf, "-K", kind, "-N", distinct, "-c", clients, "-n", count,
        "-s", f"{first:012X}", "-t", 30, "-q"))


def bound_now(floor, tvs, port):
    """What one core does that does nothing else: enrolments a second, and microseconds of CPU time for one, which other work on
    the machine disturbs least."""
    handshakes = metered(floor.process.pid, lambda: load("tvsload", "-p", port, "-f", tvs, "-c", 32, "-n", 2000, "-q"))
    rsa = rsa_rate()
    return 1 / (1 / handshakes["requests/s"] + 1 / rsa), handshakes["cpu"] + 1e6 / rsa


def bench_kind(l, phones, capf, floor, tvs, port, kind):
    name, order, at_once = KINDS[kind]
    for clients in at_once:
        if kind == "rsa2048" and clients > RSA_QUICK and common.share > 1:
            continue
        rates, ratios, slow, cpu, errors = [], [], [], [], 0
        for _ in range(common.rounds):
            count = max(RSA, clients) if kind == "rsa2048" else max(ENROLMENTS, 2 * clients)
            first = phones.add(count, order)
            bound, bound_cpu = bound_now(floor, tvs, port)
            got = enrol(l, capf, first, count, clients, kind, count)
            rates.append(got.get("enrolments/s", 0))
            ratios.append(rates[-1] / bound)
            slow.append(got.get("p99", 0))
            cpu.append(bound_cpu / got.get("cpu", float("inf")))
            errors += got.get("errors", 0)
        print(f"  {name:9} {clients:5} at once {median(rates):6.0f} enrolments/s  ratio {median(ratios):5.2f}  goal 0.70"
              f"  by CPU {median(cpu):5.2f}  p99 {median(slow):6.0f} ms  errors {errors:.0f}", flush=True)


def bench_fleet(l, phones, capf):
    count = FLEET // common.share
    first = phones.add(count, "ec-only")
    got = enrol(l, capf, first, count, 256, "ec256", count)
    title(f"CAPF, {count} phones, 256 at once: {got.get('ok', 0):.0f} enrolled, {got.get('errors', 0):.0f} errors, "
          f"{got.get('enrolments/s', 0):.0f}/s")


def bench_capf():
    l = start_cluster()
    try:
        phones, capf, tvs = Phones(l), pem(l, "capf"), pem(l, "callmanager")
        floor = os.path.join(lab.VECTORS, "keys", "tvs.pem")
        port = lab.free_base_port()
        title("CAPF, whole enrolments with a key of its own for each phone; the bound is a bare handshake and an RSA operation")
        with Server(common.tool("tlsfloor"), "-C", floor, "-p", port, "-e", 2, "-t", 3000) as bare:
            for kind in KINDS:
                bench_kind(l, phones, capf, bare, tvs, port, kind)
        bench_fleet(l, phones, capf)
    finally:
        l.close()
