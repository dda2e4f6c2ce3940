"""TVS against a bare TLS loop."""
import os

import common
import lab
from common import Server, compare, load, pem, start_cluster, title


def bench_tvs():
    l = start_cluster()
    try:
        ccm, tvs = pem(l, "callmanager"), pem(l, "tvs")
        floor_pem = os.path.join(lab.VECTORS, "keys", "tvs.pem")
        floor_port = lab.free_base_port()

        def ask(port, clients, *args):
            return lambda: load("tvsload", "-p", port, "-f", ccm, "-c", clients, "-n", 4000, "-q", *args)

        with Server(common.tool("tlsfloor"), "-C", floor_pem, "-p", floor_port, "-e", 2, "-t", 600):
            for clients in (32, 256):
                compare(f"TVS, a new connection for each question, {clients} at once", {
                    "tlsfloor (bare TLS loop)": ask(floor_port, clients),
                    "sealtoned": ask(l.port(lab.TVS), clients, "-A", tvs),
                }, "requests/s", "questions/s")
            compare("TVS, resumed sessions, 32 at once", {
                "tlsfloor (bare TLS loop)": ask(floor_port, 32, "-r"),
                "sealtoned": ask(l.port(lab.TVS), 32, "-r", "-A", tvs),
            }, "requests/s", "questions/s")
        many = ask(l.port(lab.TVS), 1000, "-A", tvs, "-t", 30)()
        title(f"TVS, 1,000 connections at once: {many.get('ok', 0):.0f} answered, {many.get('errors', 0):.0f} errors")
    finally:
        l.close()
