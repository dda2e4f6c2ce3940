"""Centralised TFTP in trouble: other clusters' servers that are gone, change, misbehave, or are named in circles."""
import os

import lab
from clusters import (ADDRESSES_TOO, ADDRESSES_V6, FRONTS, NOBODY, OTHERS, WebServer, join, over_http, silent_server,
                      two_clusters)
from handset import ITL, held, says
from lab import HTTP, equal, expect

OLD_PHONE = "7945"  # asks by TFTP alone
NOT_FOUND = 68  # curl's word for error 1 of TFTP


def _add(l, other, name, web, *options):
    l.cli("remote", "add", name, other.address, "--port", web.port, "--no-check", *options)


# --- phones ---

@two_clusters
def phones_find_their_own_cluster_behind_one_that_is_dead_and_one_that_is_silent(l, other):
    with silent_server(other) as port:
        l.cli("remote", "add", "dead", NOBODY, "--via", "tftp", "--no-check")
        l.cli("remote", "add", "silent", other.address, "--port", port, "--no-check")
        join(l, other, via="tftp")
        l.cli("serve-lists", "all")
        for model in ("8861", OLD_PHONE):
            state = l.state(model)
            out = l.phone(OTHERS, "boot", "--model", model, state=state)
            with open(f"{state}/{ITL}", "rb") as f:
                equal(f.read(), other.fetch(f"ITL{OTHERS}.tlv"), f"the list that a {model} holds")
            says(out, f"{OTHERS}.cnf.xml.sgn", "Trust List Updated")


@two_clusters
def a_phone_whose_cluster_is_gone_keeps_what_it_has_and_takes_nothing_of_ours(l, other):
    # Before there were other clusters, this one handed its list to everybody who asked.
    l.cli("serve-lists", "all")
    ours = l.fetch(f"ITL{OTHERS}.tlv")
    join(l, other)
    l.phone(OTHERS, "boot")
    own = held(l, ITL, OTHERS)
    expect(own and own != ours, "the phone holds another list than its own")
    other.stop()
    l.phone(OTHERS, "boot", status=None)
    equal(held(l, ITL, OTHERS), own, "the list that the phone holds")
    fresh = l.state("fresh")
    l.phone(OTHERS, "boot", state=fresh, status=None)
    equal(l.phone(OTHERS, "status", "--json", state=fresh).stdout.count('"itl": null'), 1, "no list at all")
    for name in (ITL, "CTLFile.tlv"):
        l.fetch(name, status=NOT_FOUND)
    for name in (f"ITL{OTHERS}.tlv", f"{OTHERS}.cnf.xml.sgn"):
        over_http(l, name, 500)
        l.fetch(name, status=None)
    other.start()
    over_http(l, f"{OTHERS}.cnf.xml.sgn")


@two_clusters
def a_cluster_that_stops_signing_later_binds_no_phone_of_its_to_ours(l, other):
    with WebServer(other) as web:
        web.files = {ITL: other.fetch(f"ITL{OTHERS}.tlv")}
        l.cli("remote", "add", "other", other.address, "--port", web.port)
        web.files = {f"{OTHERS}.cnf.xml": b"<device><fullConfig>true</fullConfig></device>"}
        web.asked.clear()
        l.cli("serve-lists", "all")
        out = l.phone(OTHERS, "boot", status=None)
        expect(held(l, ITL, OTHERS) is None, f"it took a list:\n{out.stdout}")
        expect(not {ITL, "CTLFile.tlv"} & set(web.asked), f"it was asked for lists that are nobody's: {web.asked}")


@two_clusters
def a_file_that_lies_here_goes_first_and_a_phone_that_was_deleted_here_finds_its_new_cluster(l, other):
    join(l, other)
    l.cli("phone", "add", OTHERS, "--model", "8861")
    l.config(OTHERS, extra="<a>here</a>")
    l.phone(OTHERS, "boot")
    equal(held(l, ITL, OTHERS), l.fetch(f"ITL{OTHERS}.tlv"), "the list of a phone of this cluster")
    expect(b"<a>here</a>" in over_http(l, f"{OTHERS}.cnf.xml.sgn"), "its configuration is another one")
    l.cli("phone", "delete", OTHERS)
    equal(over_http(l, f"ITL{OTHERS}.tlv"), other.fetch(f"ITL{OTHERS}.tlv"), "the list once it is not added here")
    expect(b"<a>here</a>" in over_http(l, f"{OTHERS}.cnf.xml.sgn"), "what lies here does not go first")
    os.remove(os.path.join(l.cluster, "tftpboot", f"{OTHERS}.cnf.xml"))
    equal(over_http(l, f"{OTHERS}.cnf.xml.sgn"), other.fetch(f"{OTHERS}.cnf.xml.sgn"), "its new configuration")


# --- how long what came is good ---

@two_clusters
def what_everybody_asks_for_is_kept_a_while_and_what_one_phone_asks_for_is_not(l, other):
    common, own, missing = "Ringlist.xml", f"{OTHERS}.cnf.xml.sgn", f"CTL{OTHERS}.tlv"
    with WebServer(other) as web:
        web.files = {common: b"1", own: b"1"}
        _add(l, other, "web", web)
        for i in range(3):
            web.files[own] = b"own %d" % i
            web.files[common] = b"common %d" % i
            equal(over_http(l, own), b"own %d" % i, "a phone's own file")
            for _ in range(FRONTS):
                expect(l.fetch(common).startswith(b"common"), "a common file is another one")
        expect(web.asked.count(common) <= FRONTS, f"fetched {web.asked.count(common)} times")
        over_http(l, missing, 404)
        web.files[missing] = b"new"
        equal(over_http(l, missing), b"new", "a phone's own file that was not there a moment ago")
        # What comes to lie here goes first; who is asked no more is kept no more.
        l.put(common, "here")
        equal(l.fetch(common), b"here", "a file that is here by now")
        web.files["other.txt"] = b"there"
        equal(over_http(l, "other.txt"), b"there", "a file that is there")
        l.cli("remote", "delete", "web")
        over_http(l, "other.txt", 404)
        over_http(l, own, 404)


# --- servers that misbehave ---

@two_clusters
def a_fault_with_one_file_keeps_nobody_from_the_others(l, other):
    with WebServer(other) as web:
        web.files = {"broken.xml": 500, "busy.xml": 503, "half.bin": (b"x" * 100000, 200000)}
        _add(l, other, "web", web)
        for name in ("broken.xml", "busy.xml", "half.bin"):
            over_http(l, name, 500)
            web.files[f"after-{name}"] = b"fine"
            equal(over_http(l, f"after-{name}"), b"fine", f"after {name}")
        web.files["broken.xml"] = b"mended"
        equal(over_http(l, "broken.xml"), b"mended", "a file that was mended")


@two_clusters
def a_phone_whose_configuration_is_broken_over_there_is_told_of_a_fault_and_not_of_absence(l, other):
    for via, name in (("tftp", "SEP0011223344FD"), ("http", "SEP0011223344FE")):
        other.put(f"{name}.cnf.xml", "<device><broken")
        join(l, other, via=via)
        over_http(l, f"{name}.cnf.xml.sgn", 500)
        l.fetch(f"{name}.cnf.xml.sgn", status=None)
        over_http(l, f"{OTHERS}.cnf.xml.sgn")
        other.put(f"{name}.cnf.xml", "<device><fullConfig>true</fullConfig></device>")
        expect(b"fullConfig" in over_http(l, f"{name}.cnf.xml.sgn"), "it is served once it is mended")
        l.cli("remote", "delete", "other")


@two_clusters
def firmware_of_forty_megabytes_is_passed_on_and_fetched_once(l, other):
    with WebServer(other) as web:
        web.files["sip88xx.bin"] = b"firmware" * (40 << 17)
        _add(l, other, "web", web)
        for _ in range(FRONTS + 2):
            expect(over_http(l, "sip88xx.bin") == web.files["sip88xx.bin"], "other bytes")
        expect(web.asked.count("sip88xx.bin") <= FRONTS, f"fetched {web.asked.count('sip88xx.bin')} times")


@two_clusters
def servers_are_asked_over_ipv6_too(l, other):
    with WebServer(other, ADDRESSES_V6[1]) as web:
        web.files["six.txt"] = b"six"
        l.cli("remote", "add", "six", f"[{ADDRESSES_V6[1]}]:{web.port}", "--no-check")
        equal(over_http(l, "six.txt"), b"six", "a file over IPv6")
    l.cli("remote", "add", "again", ADDRESSES_V6[1], "--port", other.port(HTTP), "--phone", OTHERS)
    equal(over_http(l, f"ITL{OTHERS}.tlv"), other.fetch(f"ITL{OTHERS}.tlv"), "a list over IPv6")


# --- circles ---

@two_clusters
def clusters_that_know_each_other_by_other_addresses_do_not_ask_in_circles_over_http(l, other):
    for one, its, port in ((l, ADDRESSES_TOO[1], other.port(HTTP)), (other, ADDRESSES_TOO[0], l.port(HTTP))):
        one.cli("remote", "add", "it", its, "--port", port, "--no-check")
    for name in ("nowhere.txt", "SEP000000000009.cnf.xml.sgn"):
        over_http(l, name, 404)
        l.fetch(name, status=NOT_FOUND)
    equal(l.fetch(f"ITL{OTHERS}.tlv"), other.fetch(f"ITL{OTHERS}.tlv"), "a list, right after")
    expect("remote-silent" not in l.log() + other.log(), "a server that waits for us counts as dead")


# --- the words ---

@two_clusters
def there_are_so_many_remotes_and_no_more_and_each_name_once(l, _):
    for i in range(1, 33):
        l.cli("remote", "add", f"r{i}", f"192.0.2.{i}", "--no-check")
    for words, part in ((("r33", "192.0.2.33"), "32 remotes; at most 32"), (("r7", "192.0.2.99"), "remote r7 exists already")):
        done = l.cli("remote", "add", *words, status=1)
        expect(part in done.stderr, f"{part!r} is not in {done.stderr!r}")
    equal([r["name"] for r in l.json("remote", "list")], [f"r{i}" for i in range(1, 33)], "remotes, in their order")
    done = l.cli("remote", "delete", "r99", status=1)
    expect("no remote r99" in done.stderr, done.stderr)
    l.cli("remote", "delete", "r3")
    equal([r["position"] for r in l.json("remote", "list")], list(range(1, 32)), "positions")


if __name__ == "__main__":
    lab.main(globals())
