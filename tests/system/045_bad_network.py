"""Files arrive whole, and each once, over networks that lose, double, delay and reorder datagrams; real clients judge."""
import os
import random
import subprocess
import time

import lab
from badnetwork import BadNetwork
from lab import TFTP, equal, expect, wait_for

CLIENTS = 30


def _commands(l, i, port, options):
    """One client each in turn, told to be quick about repeats. curl and atftp take an OACK that comes twice for a new
    beginning, so where datagrams are doubled they ask for no options."""
    out, name = os.path.join(l.dir, f"out{i}"), f"file{i}.bin"
    atftp = ["atftp", "--tftp-timeout", "1", "-g", "-r", name, "-l", out]
    curl = ["curl", "-s", "--max-time", "100", "-o", out, f"tftp://127.0.0.1:{port}/{name}"]
    if not options:
        return out, (atftp + ["127.0.0.1", port], curl + ["--tftp-no-options"])[i % 2]
    return out, (
        atftp + ["127.0.0.1", port],
        curl,
        atftp + ["--option", "blksize 1024", "--option", "windowsize 4", "127.0.0.1", port],
    )[i % 3]


def _contents(l):
    contents = [random.Random(i).randbytes(2000 + i * 300) for i in range(CLIENTS)]
    for i, content in enumerate(contents):
        l.put(f"file{i}.bin", content)
    return contents


def _run(command):
    return subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _has_got(out, content, process, who):
    """Where an acknowledgement is lost, an OACK comes twice, and atftp may give up over it: who says that it failed asks once
    more, as a phone does."""
    if process.wait(timeout=120) != 0:
        process = _run(process.args)
        process.wait(timeout=120)
    with open(out, "rb") as f:
        expect(f.read() == content, f"{who} ({process.args[0]}) got other bytes, exit {process.returncode}")


def _fetch_through(l, **bad):
    seed = int(os.environ.get("SEALTONE_SEED", time.time_ns() % 1000000))
    print(f"# SEALTONE_SEED={seed} {bad}", flush=True)
    l.up()
    contents = _contents(l)
    with BadNetwork(l.port(TFTP), seed, **bad) as network:
        running = []
        for i in range(CLIENTS):
            out, command = _commands(l, i, network.port, options=not bad.get("double"))
            running.append((i, out, _run(command)))
        for i, out, process in running:
            _has_got(out, contents[i], process, f"client {i}")
        print(f"# {network}", flush=True)
    return network


def _sent(l):
    return l.json("status")["services"]["tftp"]["sent"]


def three_percent_lost_and_everybody_gets_the_file(l):
    network = _fetch_through(l, lose=0.03)
    expect(network.lost > 0, "the network lost nothing")


def doubled_delayed_and_reordered_datagrams_double_no_transfer(l):
    network = _fetch_through(l, double=0.2, delay=0.2)
    expect(network.doubled > 0 and network.delayed > 0, "the network was too good")
    wait_for("all transfers to be counted", lambda: _sent(l) >= CLIENTS)
    time.sleep(1.2)
    equal(_sent(l), CLIENTS, "transfers")


def delayed_and_reordered_windows_arrive_whole(l):
    _fetch_through(l, delay=0.3)


def everything_at_once_and_everybody_gets_the_file(l):
    _fetch_through(l, lose=0.02, double=0.05, delay=0.1)


if __name__ == "__main__":
    lab.main(globals())
