#!/usr/bin/env python3
"""Benchmarks of the whole daemon, as ratios measured in one run against the peers people use and against what this machine
allows at all. Server and peers on core 0, load on core 1, alternating; medians of ROUNDS. Single figures move by a third on a
busy machine: read the ratios.

usage: run.py BUILD [tvs] [capf] [tftp] [http]
"""
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LOAD = os.path.join(HERE, "load")
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))
os.environ.setdefault("SEALTONE_BUILD", os.path.abspath(sys.argv[1]))
import lab  # noqa: E402  (it reads SEALTONE_BUILD)

ROUNDS = 3
FILES = 10000
FILE_SIZE = 6000
BLOCK = 512
FIRST_MAC = 0x001122000000


def pinned(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def load(*command):
    """Runs a generator on core 1; its figures as a dictionary."""
    out = subprocess.run(pinned(1, *command), capture_output=True, text=True).stdout
    return {k: float(v) for k, v in re.findall(r"([\w/]+)=([\d.]+)", out)}


class Server:
    """A program on core 0 until the end of a with block."""

    def __init__(self, *command):
        self.command = pinned(0, *command)

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def start_cluster(prepare=None):
    """A cluster with one front, all of it on core 0."""
    l = lab.Lab()
    l.init()
    l.set_conf("network", "workers", 1)
    os.sched_setaffinity(0, {0})
    l.start()
    os.sched_setaffinity(0, {0, 1})
    if prepare:
        prepare(l)
    return l


def pem(l, purpose):
    return l.file(purpose + ".pem", l.cli("cert", "show", purpose, "--pem").stdout)


def compare(title, runs, key, unit):
    """Alternates the runs (name -> function), prints medians and ratios to the first; returns them."""
    got = {name: [] for name in runs}
    faults = {name: 0 for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            figures = run()
            got[name].append(figures.get(key, 0))
            faults[name] += int(figures.get("errors", 0))
    first = statistics.median(got[next(iter(runs))])
    print(f"\n{title}")
    for name, values in got.items():
        middle = statistics.median(values)
        ratio = middle / first if first else 0
        print(f"  {name:34} {middle:9.0f} {unit:14} ratio {ratio:5.2f}  errors {faults[name]}", flush=True)


def bench_tvs():
    l = start_cluster()
    try:
        ccm, tvs = pem(l, "callmanager"), pem(l, "tvs")
        floor_pem = os.path.join(lab.VECTORS, "keys", "tvs.pem")
        floor_port = lab.free_base_port()
        tvsload = os.path.join(LOAD, "tvsload")
        with Server(os.path.join(LOAD, "tlsfloor"), "-C", floor_pem, "-p", floor_port, "-e", 2, "-t", 600):
            for clients in (32, 256):
                compare(f"TVS, a new connection for each question, {clients} at once", {
                    "tlsfloor (bare TLS loop)": lambda c=clients: load(tvsload, "-p", floor_port, "-f", ccm, "-c", c, "-n", 4000, "-q"),
                    "sealtoned": lambda c=clients: load(tvsload, "-p", l.port(lab.TVS), "-A", tvs, "-f", ccm, "-c", c, "-n", 4000, "-q"),
                }, "requests/s", "questions/s")
            compare("TVS, resumed sessions, 32 at once", {
                "tlsfloor (bare TLS loop)": lambda: load(tvsload, "-p", floor_port, "-f", ccm, "-c", 32, "-n", 4000, "-r", "-q"),
                "sealtoned": lambda: load(tvsload, "-p", l.port(lab.TVS), "-A", tvs, "-f", ccm, "-c", 32, "-n", 4000, "-r", "-q"),
            }, "requests/s", "questions/s")
        many = load(tvsload, "-p", l.port(lab.TVS), "-A", tvs, "-f", ccm, "-c", 1000, "-n", 4000, "-t", 30, "-q")
        print(f"\nTVS, 1,000 connections at once: {many.get('ok', 0):.0f} answered, {many.get('errors', 0):.0f} errors")
    finally:
        l.close()


def rsa_rate():
    """RSA-2048 signatures a second on core 0."""
    out = subprocess.run(pinned(0, "openssl", "speed", "-seconds", "2", "rsa2048"), capture_output=True, text=True).stdout
    return float(re.findall(r"rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)", out)[0])


def bench_capf():
    count = 2000

    def phones(l):
        rows = "".join(f"SEP{FIRST_MAC + i:012X},install-upgrade,ec-only,256\n" for i in range(count))
        l.cli("phone", "import", l.file("phones.csv", "name,operation,key-order,ec-size\n" + rows))

    l = start_cluster(phones)
    try:
        capf = pem(l, "capf")
        used = 0
        print("\nCAPF, whole enrolments with a key of its own for each phone (P-256), 32 at once")
        for _ in range(ROUNDS):
            rate = rsa_rate() / 2  # one handshake and one LSC signature each
            figures = load(os.path.join(LOAD, "capfload"), "-p", l.port(lab.CAPF), "-A", capf, "-I", capf, "-K", "ec256",
                           "-N", 600, "-c", 32, "-n", 600, "-s", f"{FIRST_MAC + used:012X}", "-q")
            used += 600
            got = figures.get("enrolments/s", 0)
            print(f"  RSA bound {rate:6.0f}/s   sealtoned {got:6.0f}/s   ratio {got / rate:5.2f}   errors {figures.get('errors', 0):.0f}",
                  flush=True)
    finally:
        l.close()


def write_files(folder):
    os.makedirs(folder, exist_ok=True)
    for i in range(FILES):
        head = f"<device><fullConfig>true</fullConfig><n>{i}</n></device>\n".encode()
        with open(os.path.join(folder, f"SEP{FIRST_MAC + i:012X}.cnf.xml.sgn"), "wb") as f:
            f.write(head + b" " * (FILE_SIZE - len(head)))


def echo_bound():
    """Transfers a second if every packet cost what a bare echo costs: blocks + 1 in, blocks out."""
    port = lab.free_base_port()
    with Server(os.path.join(LOAD, "udpecho"), "-s", "-p", port, "-o", BLOCK + 4, "-t", 10):
        echoes = load(os.path.join(LOAD, "udpecho"), "-p", port, "-w", 64, "-t", 2).get("echoes/s", 0)
    return {"transfers/s": echoes / (FILE_SIZE // BLOCK + 0.5 + 1), "errors": 0}


def bench_tftp():
    work = tempfile.mkdtemp(prefix="sealtone-bench-")
    files = os.path.join(work, "files")
    write_files(files)
    peer_port = lab.free_base_port()
    l = start_cluster()
    try:
        shutil.rmtree(os.path.join(l.cluster, "tftpboot"))
        os.makedirs(os.path.join(l.cluster, "tftpboot"))
        for name in os.listdir(files):
            # as images are: signed elsewhere, served as they lie (a .cnf.xml.sgn of ours would be made from its plain file)
            os.link(os.path.join(files, name), os.path.join(l.cluster, "tftpboot", name[:-4]))
        light = os.path.join(LOAD, "tftplight")
        tftpd = shutil.which("in.tftpd") or "/usr/sbin/in.tftpd"
        dnsmasq = shutil.which("dnsmasq") or "/usr/sbin/dnsmasq"
        size = len(l.fetch(f"SEP{FIRST_MAC:012X}.cnf.xml.sgn"))
        first = load(light, "-p", l.port(lab.TFTP), "-c", 100, "-n", FILES, "-l", size, "-N", FILES, "-T", 120)
        print(f"\nTFTP, signed configurations, each asked for the first time: {first.get('transfers/s', 0):.0f}/s, "
              f"errors {first.get('errors', 0):.0f}")
        with Server(tftpd, "-L", "-a", f"127.0.0.1:{peer_port}", "-s", files, "-u", "root"), \
                Server(dnsmasq, "-k", "-C", "/dev/null", "--port=0", "--enable-tftp", f"--tftp-root={files}", "--tftp-max=2000",
                       "--user=root", "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file="):
            for clients in (100, 1000):
                def peer(port, c=clients):
                    return lambda: load(light, "-p", port, "-c", c, "-n", 3000, "-l", FILE_SIZE, "-N", FILES, "-T", 30)
                compare(f"TFTP, files of {FILE_SIZE} bytes in {BLOCK}-byte blocks, {clients} clients at once", {
                    "udpecho (bare UDP echo) / 12.5": echo_bound,
                    "tftpd-hpa": peer(peer_port),
                    "dnsmasq": peer(69),
                    "sealtoned, signed": lambda c=clients: load(light, "-p", l.port(lab.TFTP), "-c", c, "-n", 20000, "-l", size,
                                                                "-N", FILES, "-T", 60),
                }, "transfers/s", "transfers/s")
    finally:
        l.close()
        shutil.rmtree(work, ignore_errors=True)


NGINX = """daemon off; worker_processes 1; user root; pid {work}/nginx.pid; error_log /dev/null crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000000; open_file_cache max=20000 inactive=60s;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4;
  scgi_temp_path {work}/t5;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {work}/files; }}
  server {{ listen 127.0.0.1:{tls} ssl backlog=4096; root {work}/files; ssl_certificate {pem}; ssl_certificate_key {pem}; }}
}}
"""


def wrk(port, close=False, tls=False, clients=100):
    """Requests a second for distinct files from core 1; keep-alive, or a new connection for each."""
    env = {**os.environ, "PAT": "SEP%012X.cnf.xml.sgn", "START": f"{FIRST_MAC:X}", "COUNT": str(FILES)}
    env.pop("CLOSE", None)
    if close:
        env["CLOSE"] = "1"
    out = subprocess.run(pinned(1, "wrk", "-t1", f"-c{clients}", "-d3s", "-s", os.path.join(LOAD, "httpload.lua"),
                                f"http{'s' if tls else ''}://127.0.0.1:{port}"), env=env, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout|Non-2xx or 3xx responses:) (\d+)", out))
    return {"requests/s": float(rate.group(1)) if rate else 0, "errors": errors}


def bench_http():
    work = tempfile.mkdtemp(prefix="sealtone-bench-")
    write_files(os.path.join(work, "files"))
    peer = lab.free_base_port()
    with open(os.path.join(work, "nginx.conf"), "w") as f:
        f.write(NGINX.format(work=work, port=peer, tls=peer + 1, pem=os.path.join(lab.VECTORS, "keys", "tftp-ec384.pem")))
    l = start_cluster()
    try:
        boot = os.path.join(l.cluster, "tftpboot")
        for name in os.listdir(os.path.join(work, "files")):
            os.link(os.path.join(work, "files", name), os.path.join(boot, name[:-4]))
        for port, tls in ((l.port(lab.HTTP), False), (l.port(lab.HTTPS), True)):
            asked = 0
            while asked < 1.1 * FILES:  # the front has them all then
                first = wrk(port, tls=tls)
                asked += 3 * first["requests/s"]
                if first["requests/s"] == 0:
                    raise lab.Failed(f"nothing comes from port {port}")
        with Server(shutil.which("nginx") or "/usr/sbin/nginx", "-p", work, "-c", os.path.join(work, "nginx.conf")):
            for close, how in ((False, "keep-alive"), (True, "a new connection each")):
                for tls, port in ((False, lab.HTTP), (True, lab.HTTPS)):
                    compare(f"HTTP{'S' if tls else ''}, files of {FILE_SIZE} bytes, {how}, 100 clients at once", {
                        "nginx, one worker": lambda: wrk(peer + tls, close, tls),
                        "sealtoned, one front": lambda: wrk(l.port(port), close, tls),
                    }, "requests/s", "requests/s")
    finally:
        l.close()
        shutil.rmtree(work, ignore_errors=True)


def main():
    wanted = sys.argv[2:] or ["tvs", "capf", "tftp", "http"]
    for name, bench in (("tvs", bench_tvs), ("capf", bench_capf), ("tftp", bench_tftp), ("http", bench_http)):
        if name in wanted:
            bench()


if __name__ == "__main__":
    main()
