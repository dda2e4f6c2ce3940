"""CAPF against the RSA operations that an enrolment cannot do without."""
import common
import lab
from common import FIRST_MAC, load, pem, phone, ratio_line, rsa_rate, start_cluster, title

ENROLMENTS = 600  # a round


def bench_capf():
    def phones(l):
        rows = "".join(f"{phone(i)},install-upgrade,ec-only,256\n" for i in range(ENROLMENTS * common.rounds))
        l.cli("phone", "import", l.file("phones.csv", "name,operation,key-order,ec-size\n" + rows))

    l = start_cluster(phones)
    try:
        capf = pem(l, "capf")
        title("CAPF, whole enrolments with a key of its own for each phone (P-256), 32 at once")
        for i in range(common.rounds):
            rate = rsa_rate() / 2  # one handshake and one LSC signature each
            got = load("capfload", "-p", l.port(lab.CAPF), "-A", capf, "-I", capf, "-K", "ec256", "-N", ENROLMENTS, "-c", 32,
                       "-n", ENROLMENTS, "-s", f"{FIRST_MAC + i * ENROLMENTS:012X}", "-q")
            ratio_line("half of openssl speed rsa2048", rate, "enrolments/s", rate)
            ratio_line("sealtoned", got.get("enrolments/s", 0), "enrolments/s", rate, None, f"  errors {got.get('errors', 0):.0f}")
    finally:
        l.close()
