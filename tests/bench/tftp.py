"""TFTP: a boot storm against a bare UDP echo and the servers people use, and firmware against HTTP by nginx."""
import os
import subprocess
import time

import common
import httpfiles
import lab
from common import FILES, Server, Work, compare, figures, load, metered, pinned, program, start_cluster, title, tool, write_configs

BLOCK = 512
STORM = 5000
P99_OF_ROUND = 1.3  # of the time that all of them need at this rate
FIRMWARE = 30 * 1000 * 1000
BLKSIZE, WINDOW = 1428, 8
PATTERN = "SEP%012X.cnf.xml.sgn"


# --- boot storm ---

def echo_bound(size):
    """Transfers a second if every packet cost what a bare echo costs: blocks + 1 in, blocks out."""
    echoes = size // BLOCK + 1 + 0.5

    def run():
        port = lab.free_base_port()
        with Server(tool("udpecho"), "-s", "-p", port, "-o", BLOCK + 4, "-t", 20) as server:
            def ask():
                rate = load("udpecho", "-p", port, "-w", 64, "-t", 3).get("echoes/s", 0) / echoes
                return {"transfers/s": rate, "ok": 3 * rate}
            return metered(server.process.pid, ask)
    return run


def light(port, clients, count, size):
    return load("tftplight", "-p", port, "-c", clients, "-n", count, "-l", size, "-N", FILES, "-T", 30)


def peer(port, command, clients, size):
    def run():
        with Server(*command) as server:
            return metered(server.process.pid, lambda: light(port, clients, 3000, size))
    return run


def peers(root):
    """Those that are installed: name -> (port, command)."""
    found = {}
    port = lab.free_base_port()
    if program("in.tftpd"):
        found["tftpd-hpa"] = port, [program("in.tftpd"), "-L", "-a", f"127.0.0.1:{port}", "-s", root, "-u", "root"]
    if program("atftpd"):
        found["atftpd"] = port + 1, [program("atftpd"), "--daemon", "--no-fork", "--user", "root", "--group", "root", "--verbose=0",
                                     "--maxthread", 5000, "--bind-address", "127.0.0.1", "--port", port + 1, root]
    if program("dnsmasq"):
        found["dnsmasq"] = 69, [program("dnsmasq"), "-k", "-C", "/dev/null", "--port=0", "--enable-tftp", f"--tftp-root={root}",
                                "--tftp-max=2000", "--user=root", "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file="]
    return found


def storm_rates(l, size, others):
    """One server after another, each with the same load; the peers at 100 and 1,000 clients, which is all they stand."""
    for clients in (100, 1000, 5000):
        runs = {f"udpecho (bare UDP echo) / {size // BLOCK + 1.5:.1f}": echo_bound(size)}
        if clients <= 1000:
            runs |= {name: peer(port, command, clients, size) for name, (port, command) in others.items()}
        runs["sealtoned, signed"] = lambda clients=clients: metered(
            l.daemon.pid, lambda: light(l.port(lab.TFTP), clients, 20000, size))
        compare(f"TFTP, distinct files of {size} bytes in {BLOCK}-byte blocks, {clients} clients at once (tftplight)", runs,
                "transfers/s", "transfers/s", 0.6)


def storm_at_once(l, size, loss):
    """STORM clients with a socket each that all begin at once and ask once: the slowest, and whether each got its file once."""
    title(f"TFTP, {STORM} clients at once, one file each (tftpload), {loss}% of packets lost")
    for _ in range(common.rounds):
        got = load("tftpload", "-p", l.port(lab.TFTP), "-f", PATTERN, "-N", FILES, "-c", STORM, "-n", STORM, "-l", size, "-q",
                   *(["-x", loss] if loss else []))
        whole = 1000 * STORM / got["transfers/s"] if got.get("transfers/s") else 0
        p99 = "" if loss else f" = {got['p99'] / whole if whole else 0:4.2f} of {STORM} / rate, goal {P99_OF_ROUND}"
        print(f"  {got.get('transfers/s', 0):6.0f} transfers/s  failed {got.get('errors', STORM):.0f}  doubled "
              f"{got.get('doubled', 0):.0f}  goal 0 and 0  asked again {got.get('retransmits', 0):.0f}  "
              f"p99 {got.get('p99', 0):.0f} ms{p99}", flush=True)


def bench_tftp():
    with Work() as work:
        l = start_cluster(lambda l: write_configs(os.path.join(l.cluster, "tftpboot")))
        try:
            time.sleep(3)  # a file that was just written is not kept
            name = common.phone(0) + ".cnf.xml.sgn"
            size = len(l.fetch(name))
            first = load("tftplight", "-p", l.port(lab.TFTP), "-c", 100, "-n", FILES, "-l", size, "-N", FILES, "-T", 120)
            title(f"TFTP, {FILES} signed configurations, each asked for the first time: {first.get('transfers/s', 0):.0f}/s, "
                  f"errors {first.get('errors', 0):.0f}")
            root = os.path.join(work, "files")
            common.write_finished(root, size)
            storm_rates(l, size, peers(root))
            for loss in (0, 5):
                storm_at_once(l, size, loss)
        finally:
            l.close()


# --- firmware ---

FETCHES = 5  # by one client, one after another; the median


def curl(url):
    """One client on the clients' core; whole files only."""
    rates = []
    for _ in range(FETCHES):
        got = subprocess.run(pinned(common.CLIENT, "curl", "-s", "-o", "/dev/null", "-w", "%{size_download} %{speed_download}", url),
                             capture_output=True, text=True).stdout.split()
        if len(got) == 2 and int(got[0]) == FIRMWARE:
            rates.append(float(got[1]) / 1e6)
    return {"MB/s": common.median(rates), "ok": len(rates), "errors": FETCHES - len(rates)}


def same_core(name, *args):
    """A window at a time is lockstep: one of the two always waits for the other, and waking another core takes a virtual machine
    longer than the window itself. So both run on the servers' core."""
    return figures(subprocess.run(pinned(common.SERVER, tool(name), *args), capture_output=True, text=True).stdout)


def window_bound():
    port = lab.free_base_port()
    with Server(tool("udpwindow"), "-s", "-p", port):
        return {"MB/s": same_core("udpwindow", "-p", port, "-t", 2).get("bytes/s", 0) / 1e6}


def tftpget(port, image, *args):
    got = same_core("tftpget", "-p", port, "-f", os.path.basename(image), "-D", image, "-b", BLKSIZE, "-w", WINDOW, "-n", FETCHES, *args)
    return {"MB/s": got.get("bytes/s", 0) / 1e6, "ok": FETCHES, "errors": got.get("errors", FETCHES)}


def bench_firmware():
    with Work() as work:
        image = os.path.join(work, "files", "firmware.bin")
        os.makedirs(os.path.dirname(image))
        with open(image, "wb") as f:
            f.write(os.urandom(FIRMWARE))
        l = start_cluster(lambda l: l.put("firmware.bin", open(image, "rb").read()))
        try:
            time.sleep(3)
            with httpfiles.nginx(work) as (pid, peer_port):
                def ours(run, *args):
                    return lambda: metered(l.daemon.pid, lambda: run(*args))

                compare(f"Firmware of {FIRMWARE // 1000000} MB, one client, blksize {BLKSIZE} and windowsize {WINDOW} over TFTP", {
                    "nginx, curl over HTTP": lambda: metered(pid, lambda: curl(f"http://127.0.0.1:{peer_port}/firmware.bin")),
                    "sealtoned, curl over HTTP": ours(curl, f"http://127.0.0.1:{l.port(lab.HTTP)}/firmware.bin"),
                    "udpwindow (bare UDP windows)": window_bound,
                    "sealtoned, tftpget, one datagram each": ours(tftpget, l.port(lab.TFTP), image, "-G"),
                    "sealtoned, tftpget": ours(tftpget, l.port(lab.TFTP), image),
                }, "MB/s", "MB/s", 0.8)
        finally:
            l.close()
