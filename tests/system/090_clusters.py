"""Centralised TFTP: phones of another cluster are served through this one. Each cluster has a network namespace of its own."""
import contextlib
import functools
import os

import lab
from handset import ITL, NAME, held, status
from lab import HTTP, TFTP, equal, expect, run, wait_for

OTHERS = "SEP0011223344FF"  # a phone of the other cluster
PATIENCE = ("--max-time", "30")


# --- two networks ---

@contextlib.contextmanager
def _namespaces():
    """Two of them, joined by a cable: (words before a program, address) each."""
    names = [f"sealtone-{os.getpid()}-{end}" for end in "ab"]
    cables, address = [f"st{os.getpid() % 100000}{end}" for end in "ab"], ["10.97.53.1", "10.97.53.2"]
    with contextlib.ExitStack() as stack:
        for name in names:
            run("ip", "netns", "add", name)
            stack.callback(run, "ip", "netns", "delete", name)
        run("ip", "link", "add", cables[0], "netns", names[0], "type", "veth", "peer", "name", cables[1], "netns", names[1])
        for name, cable, own in zip(names, cables, address):
            run("ip", "-n", name, "address", "add", f"{own}/24", "dev", cable)
            for device in ("lo", cable):
                run("ip", "-n", name, "link", "set", device, "up")
        yield [(["ip", "netns", "exec", name], own) for name, own in zip(names, address)]


def _two_clusters(test):
    """Gives a test a second cluster, running like the first one, with a phone of its own."""
    @functools.wraps(test)
    def wrapped(l):
        other = lab.Lab()
        with _namespaces() as networks:
            try:
                for one, (within, address), name in ((l, networks[0], "central"), (other, networks[1], "other")):
                    one.within, one.address = within, address
                    one.up("--cluster", name)
                other.cli("phone", "add", OTHERS, "--model", "8861")
                other.config(OTHERS)
                test(l, other)
                for one in (l, other):
                    expect("Sanitizer" not in one.log() and "runtime error:" not in one.log(), one.log())
            finally:
                other.close()
                l.close()
    return wrapped


def _join(l, other, *options, via="http", name="other"):
    service = HTTP if via == "http" else TFTP
    return l.cli("remote", "add", name, other.address, "--via", via, "--port", other.port(service), "--phone", OTHERS, *options)


def _http(l, name, want=200):
    """A file over HTTP, by curl."""
    out = os.path.join(l.dir, "fetched-http")
    code = run(*l.within, "curl", "-s", "-g", *PATIENCE, "-o", out, "-w", "%{http_code}", f"http://{l.address}:{l.port(HTTP)}/{name}",
               status=None).stdout
    equal(code, str(want), name)
    with open(out, "rb") as f:
        return f.read()


def _plain_server(l, other, folder, port):
    """A web server with files that nobody signed, where the other cluster is."""
    path = os.path.join(l.dir, folder)
    os.makedirs(path, exist_ok=True)
    l.spawn(*other.within, "python3", "-m", "http.server", port, "--bind", other.address, "--directory", path)
    wait_for("a web server", lambda: run(*l.within, "curl", "-s", f"http://{other.address}:{port}/", status=None).returncode == 0)
    return path


def _put(folder, name, content):
    with open(os.path.join(folder, name), "w") as f:
        f.write(content)


# --- files ---

def _passed_on(l, other):
    large = os.urandom(3_000_000)
    other.put("firmware.bin", large)
    other.put("Germany/Ringlist.xml", "<CiscoIPPhoneRingList/>")
    l.put("here.txt", "of this cluster")
    other.put("here.txt", "of the other")
    equal(_http(l, "firmware.bin"), large, "a large file over HTTP")
    equal(l.fetch("firmware.bin"), large, "a large file over TFTP")
    for got in (_http(l, "Germany/Ringlist.xml.sgn"), l.fetch("Germany/Ringlist.xml.sgn")):
        path = l.file("Ringlist.xml.sgn", got)
        l.cli("file", "verify", path, "--cert", l.file("ccm.pem", other.cli("cert", "show", "callmanager", "--pem").stdout))
        expect(got.endswith(b"<CiscoIPPhoneRingList/>"), "the payload is another one")
    equal(_http(l, "here.txt"), b"of this cluster", "a file that is here")
    _http(l, "nowhere.txt", 404)
    l.fetch("nowhere.txt", status=68)


@_two_clusters
def what_is_not_here_comes_from_the_other_cluster_over_http_with_its_signature(l, other):
    _http(l, "firmware.bin", 404)
    _join(l, other)
    _passed_on(l, other)


@_two_clusters
def what_is_not_here_comes_from_the_other_cluster_over_tftp_too(l, other):
    _join(l, other, via="tftp")
    _passed_on(l, other)


# --- phones ---

@_two_clusters
def a_phone_of_the_other_cluster_boots_through_this_one_and_holds_its_own_list(l, other):
    _join(l, other)
    l.cli("serve-lists", "all")
    l.phone(OTHERS, "boot", port=l.base)
    equal(held(l, ITL, OTHERS), other.fetch(f"ITL{OTHERS}.tlv"), "the list that the phone holds")
    expect(b"CN=" in held(l, ITL, OTHERS) and status(l, OTHERS)["itl"], "it has a list")
    for name in ("ITLFile.tlv", "CTLFile.tlv", f"CTL{OTHERS}.tlv", "ITLSEP000000000009.tlv"):
        _http(l, name, 404)
        l.fetch(name, status=68)
    # One that was added here is served here, whoever else knows it.
    l.cli("phone", "add", NAME, "--model", "8861")
    l.config(NAME)
    other.cli("phone", "add", NAME, "--model", "8861")
    l.phone(NAME, "boot")
    equal(held(l, ITL), l.fetch(f"ITL{NAME}.tlv"), "the list of a phone of this cluster")
    expect(held(l, ITL) != held(l, ITL, OTHERS), "both phones hold the same list")


@_two_clusters
def a_change_at_the_other_cluster_is_seen_by_its_phone_at_once(l, other):
    _join(l, other)
    for i in range(3):
        other.config(OTHERS, extra=f"<a>{i}</a>")
        expect(f"<a>{i}</a>".encode() in _http(l, f"{OTHERS}.cnf.xml.sgn"), f"change {i} is not seen over HTTP")
        expect(f"<a>{i}</a>".encode() in l.fetch(f"{OTHERS}.cnf.xml.sgn"), f"change {i} is not seen over TFTP")


# --- which of them is asked ---

@_two_clusters
def servers_are_asked_in_their_order_and_dead_ones_cost_a_moment(l, other):
    first, second = (_plain_server(l, other, name, port) for name, port in (("first", 8001), ("second", 8002)))
    for name, port in (("second", 8002), ("first", 8001)):
        l.cli("remote", "add", name, other.address, "--port", port, "--position", 1, "--no-check")
    _put(first, "both.txt", "first")
    _put(second, "both.txt", "second")
    _put(second, "one.txt", "second")
    equal(_http(l, "both.txt"), b"first", "a file that both have")
    equal(_http(l, "one.txt"), b"second", "a file that one has")
    done = l.cli("remote", "add", "dead", "10.97.53.9", status=1)
    expect("no server of it answers" in done.stderr and "--no-check" in done.stderr, done.stderr)
    l.cli("remote", "add", "dead", "10.97.53.9", "--position", 1, "--no-check")
    equal(_http(l, "one.txt"), b"second", "behind a dead server")
    equal(l.fetch("one.txt"), b"second", "behind a dead server, over TFTP")


@_two_clusters
def clusters_that_name_each_other_do_not_ask_in_circles(l, other):
    _join(l, other)
    other.cli("remote", "add", "central", l.address, "--port", l.port(HTTP), "--no-check")
    _http(l, "nowhere.txt", 404)
    l.fetch("nowhere.txt", status=68)
    equal(other.json("status")["services"]["http"]["open"] < 10, True, "requests that wait at the other cluster")
    l.cli("remote", "delete", "other")
    other.cli("remote", "delete", "central")
    _join(l, other, via="tftp")
    other.cli("remote", "add", "central", l.address, "--via", "tftp", "--port", l.port(TFTP), "--no-check")
    l.fetch("nowhere.txt", status=68)


# --- who may not be joined ---

@_two_clusters
def a_cluster_that_signs_nothing_is_refused_with_the_reason(l, other):
    old = _plain_server(l, other, "old", 8003)
    _put(old, f"{OTHERS}.cnf.xml", "<device/>")
    done = l.cli("remote", "add", "old", other.address, "--port", 8003, status=1)
    for part in ("old", "Security By Default", "refuse what their own serves unsigned", "--no-check"):
        expect(part in done.stderr, f"{part!r} is not in {done.stderr!r}")
    equal(done.stderr.count("\n"), 1, "lines")
    equal(l.json("remote", "list"), [], "remotes")
    _put(old, "ITLFile.tlv", "<no list/>")
    l.cli("remote", "add", "old", other.address, "--port", 8003, status=1)
    # A cluster that hands lists to its own phones only is judged by what one of them is handed.
    done = l.cli("remote", "add", "other", other.address, "--port", other.port(HTTP), status=1)
    expect("--phone" in done.stderr, done.stderr)
    _join(l, other)
    other.cli("serve-lists", "all")
    l.cli("remote", "add", "again", other.address, "--port", other.port(HTTP))
    l.cli("remote", "add", "old", other.address, "--port", 8003, "--no-check")
    equal([r["name"] for r in l.json("remote", "list")], ["other", "again", "old"], "remotes")


def what_is_wrong_with_the_words_is_said_before_anybody_is_asked(l):
    l.up()
    for words, part in ((("a/b", "192.0.2.1"), "remote name"), (("a", "cucm.example.test"), "expected an IP address"),
                        (("a", "192.0.2.1", "192.0.2.1"), "named twice"), (("a", *(f"192.0.2.{i}" for i in range(1, 5))), "1 to 3")):
        done = l.cli("remote", "add", *words, status=1)
        expect(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


if __name__ == "__main__":
    lab.main(globals())
