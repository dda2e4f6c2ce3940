"""Centralised TFTP: phones of another cluster are served through this one. Each cluster has a network namespace of its own."""
import os

import lab
from clusters import NOBODY, OTHERS, WebServer, join, over_http, two_clusters
from handset import ITL, NAME, held, status
from lab import HTTP, TFTP, equal, expect


# --- files ---

def _passed_on(l, other):
    large = os.urandom(3_000_000)
    other.put("firmware.bin", large)
    other.put("Germany/Ringlist.xml", "<CiscoIPPhoneRingList/>")
    l.put("here.txt", "of this cluster")
    other.put("here.txt", "of the other")
    equal(over_http(l, "firmware.bin"), large, "a large file over HTTP")
    equal(l.fetch("firmware.bin"), large, "a large file over TFTP")
    for got in (over_http(l, "Germany/Ringlist.xml.sgn"), l.fetch("Germany/Ringlist.xml.sgn")):
        path = l.file("Ringlist.xml.sgn", got)
        l.cli("file", "verify", path, "--cert", l.file("ccm.pem", other.cli("cert", "show", "callmanager", "--pem").stdout))
        expect(got.endswith(b"<CiscoIPPhoneRingList/>"), "the payload is another one")
    equal(over_http(l, "here.txt"), b"of this cluster", "a file that is here")
    over_http(l, "nowhere.txt", 404)
    l.fetch("nowhere.txt", status=68)


@two_clusters
def what_is_not_here_comes_from_the_other_cluster_over_http_with_its_signature(l, other):
    over_http(l, "firmware.bin", 404)
    join(l, other)
    _passed_on(l, other)


@two_clusters
def what_is_not_here_comes_from_the_other_cluster_over_tftp_too(l, other):
    join(l, other, via="tftp")
    _passed_on(l, other)


# --- phones ---

@two_clusters
def a_phone_of_the_other_cluster_boots_through_this_one_and_holds_its_own_list(l, other):
    join(l, other)
    l.cli("serve-lists", "all")
    l.phone(OTHERS, "boot", port=l.base)
    equal(held(l, ITL, OTHERS), other.fetch(f"ITL{OTHERS}.tlv"), "the list that the phone holds")
    expect(b"CN=" in held(l, ITL, OTHERS) and status(l, OTHERS)["itl"], "it has a list")
    for name in ("ITLFile.tlv", "CTLFile.tlv", f"CTL{OTHERS}.tlv", "ITLSEP000000000009.tlv"):
        over_http(l, name, 404)
        l.fetch(name, status=68)
    # One that was added here is served here, whoever else knows it.
    l.cli("phone", "add", NAME, "--model", "8861")
    l.config(NAME)
    other.cli("phone", "add", NAME, "--model", "8861")
    l.phone(NAME, "boot")
    equal(held(l, ITL), l.fetch(f"ITL{NAME}.tlv"), "the list of a phone of this cluster")
    expect(held(l, ITL) != held(l, ITL, OTHERS), "both phones hold the same list")


@two_clusters
def a_change_at_the_other_cluster_is_seen_by_its_phone_at_once(l, other):
    join(l, other)
    for i in range(3):
        other.config(OTHERS, extra=f"<a>{i}</a>")
        expect(f"<a>{i}</a>".encode() in over_http(l, f"{OTHERS}.cnf.xml.sgn"), f"change {i} is not seen over HTTP")
        expect(f"<a>{i}</a>".encode() in l.fetch(f"{OTHERS}.cnf.xml.sgn"), f"change {i} is not seen over TFTP")


# --- which of them is asked ---

@two_clusters
def servers_are_asked_in_their_order_and_dead_ones_cost_a_moment(l, other):
    with WebServer(other) as first, WebServer(other) as second:
        for name, web in (("second", second), ("first", first)):
            l.cli("remote", "add", name, other.address, "--port", web.port, "--position", 1, "--no-check")
        first.files = {"both.txt": b"first"}
        second.files = {"both.txt": b"second", "one.txt": b"second"}
        equal(over_http(l, "both.txt"), b"first", "a file that both have")
        equal(over_http(l, "one.txt"), b"second", "a file that one has")
        equal((first.asked, second.asked), (["both.txt", "one.txt"], ["one.txt"]), "what each was asked for")
        done = l.cli("remote", "add", "dead", NOBODY, status=1)
        expect("no server of it answers" in done.stderr and "--no-check" in done.stderr, done.stderr)
        l.cli("remote", "add", "dead", NOBODY, "--position", 1, "--no-check")
        equal(over_http(l, "one.txt"), b"second", "behind a dead server")
        equal(l.fetch("one.txt"), b"second", "behind a dead server, over TFTP")


@two_clusters
def clusters_that_name_each_other_do_not_ask_in_circles(l, other):
    join(l, other)
    other.cli("remote", "add", "central", l.address, "--port", l.port(HTTP), "--no-check")
    over_http(l, "nowhere.txt", 404)
    l.fetch("nowhere.txt", status=68)
    equal(other.json("status")["services"]["http"]["open"] < 10, True, "requests that wait at the other cluster")
    l.cli("remote", "delete", "other")
    other.cli("remote", "delete", "central")
    join(l, other, via="tftp")
    other.cli("remote", "add", "central", l.address, "--via", "tftp", "--port", l.port(TFTP), "--no-check")
    l.fetch("nowhere.txt", status=68)


# --- who may not be joined ---

@two_clusters
def a_cluster_that_signs_nothing_is_refused_with_the_reason(l, other):
    with WebServer(other) as old:
        old.files[f"{OTHERS}.cnf.xml"] = b"<device/>"
        add_old = ("remote", "add", "old", other.address, "--port", old.port)
        done = l.cli(*add_old, status=1)
        for part in ("old", "Security By Default", "refuse what their own serves unsigned", "--no-check"):
            expect(part in done.stderr, f"{part!r} is not in {done.stderr!r}")
        equal(done.stderr.count("\n"), 1, "lines")
        equal(l.json("remote", "list"), [], "remotes")
        old.files["ITLFile.tlv"] = 503
        done = l.cli(*add_old, status=1)
        expect("503" in done.stderr and "Security By Default" not in done.stderr, f"a server that is busy: {done.stderr!r}")
        old.files["ITLFile.tlv"] = b"<no list/>"
        l.cli(*add_old, status=1)
        # A cluster that hands lists to its own phones only is judged by what one of them is handed.
        done = l.cli("remote", "add", "other", other.address, "--port", other.port(HTTP), status=1)
        expect("--phone" in done.stderr, done.stderr)
        join(l, other)
        other.cli("serve-lists", "all")
        l.cli("remote", "add", "again", other.address, "--port", other.port(HTTP))
        l.cli(*add_old, "--no-check")
        equal([r["name"] for r in l.json("remote", "list")], ["other", "again", "old"], "remotes")


def what_is_wrong_with_the_words_is_said_before_anybody_is_asked(l):
    l.up()
    for words, part in ((("a/b", "192.0.2.1"), "remote name"), (("a", "cucm.example.test"), "expected an IP address"),
                        (("a", "192.0.2.1", "192.0.2.1"), "named twice"), (("a", *(f"192.0.2.{i}" for i in range(1, 5))), "1 to 3")):
        done = l.cli("remote", "add", *words, status=1)
        expect(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


if __name__ == "__main__":
    lab.main(globals())
