#!/usr/bin/env python3
"""What an administrator says that a phone holds, and phones of a cluster that is gone."""
import hashlib
import json

import lab
from handset import CTL, ITL, NAME, held, known, with_foreign
from lab import VECTORS, equal, expect


def _outcome(l, name=NAME):
    """What a plan says of the phone, of a command that changes nothing for it."""
    p = json.loads(l.cli("plan", "cert", "regenerate", "web", "--json", status=None).stdout)
    return [o for o, g in p["phones"].items() if name in [x["name"] for x in g.get("phones", [])]]


def what_a_phone_holds_is_said_by_any_hash_of_a_list_that_was_published_or_by_its_file(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    first = held(l, ITL)
    l.cli("cert", "regenerate", "tvs")
    l.phone(NAME, "boot")
    path = l.file("first.tlv", first)
    for what in (hashlib.md5(first).hexdigest(), hashlib.sha1(first).hexdigest(), hashlib.sha256(first).hexdigest().upper(), path):
        equal(l.json("phone", "holds", NAME, "unknown")["possible"], 2, "lists that it may hold")
        told = l.json("phone", "holds", NAME, what)
        equal((told["sha256"], told["foreign"], told["possible"]), (hashlib.sha256(first).hexdigest(), False, 1), what)
        equal([h["phones"] for h in l.json("itl", "history") if h["kind"] == "ITL"], [0, 1], "phones that may hold each list")
    expect("phone-holds" in l.cli("log").stdout, "it is in the audit log")
    l.fails("phone", "holds", NAME, "0" * 40, says=["no list with that hash", "file"])
    l.fails("phone", "holds", "SEP001122334499", path, says=["no phone SEP001122334499"])
    l.fails("phone", "holds", NAME, l.file("bad.tlv", first[:-1] + bytes([first[-1] ^ 1])), says=["the list"])
    l.fails("phone", "holds", NAME, "/nowhere", says=["/nowhere"])


def what_somebody_says_ends_what_a_bridge_on_its_way_would_prove(l):
    l.have()
    l.set_conf("trust", "bridge-proof", "told")
    l.start()
    known(l)
    l.phone(NAME, "boot")
    for purpose in ("itlrecovery", "tvs", "callmanager"):
        l.cli("cert", "regenerate", purpose)
    for _ in range(3):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    bridge = held(l, ITL)
    equal(bridge, l.fetch(f"ITL{NAME}.tlv"), "boots alone prove nothing")
    l.cli("phone", "holds", NAME, l.state(NAME, ITL))
    l.phone(NAME, "boot")
    expect(held(l, ITL) != bridge, "the list that everybody has")


@with_foreign
def a_list_of_another_cluster_counts_as_held_and_a_ctl_of_one_is_refused(l, foreign):
    l.up()
    known(l)
    foreign.phone(NAME, "boot")
    theirs = foreign.state(NAME, ITL)
    told = l.json("phone", "holds", NAME, theirs)
    equal((told["foreign"], told["version"]), (True, 1))
    equal(l.json("phone", "holds", NAME, theirs)["version"], 1, "the same list is kept once")
    equal([h["kind"] for h in l.json("itl", "history")][:1], ["foreign"])
    equal(_outcome(l), ["lost"])
    foreign.cli("ctl", "set-cluster", "mixed-mode")
    foreign.phone(NAME, "boot")
    l.fails("phone", "holds", NAME, foreign.state(NAME, CTL), says=["CTL of another cluster"])


if __name__ == "__main__":
    lab.main(globals())
