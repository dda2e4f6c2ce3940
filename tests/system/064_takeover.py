#!/usr/bin/env python3
"""What an administrator says that a phone holds, and phones of a cluster that is gone."""
import hashlib
import json
import os

import lab
from handset import CTL, ITL, NAME, held, known, with_foreign
from lab import VECTORS, equal, expect, run


OTHER = "SEP001122334466"


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


def _export(of, l, purpose="itlrecovery", word="secret"):
    """The key and certificate of a cluster's purpose, taken out of its folder, as Unified CM exports them."""
    keys = os.path.join(of.cluster, "keys")
    for name in os.listdir(keys):
        path = os.path.join(keys, name)
        with open(path) as f:
            if f.readline() != f"purpose: {purpose}\n":
                continue
        out = os.path.join(l.dir, f"{purpose}.p12")
        run("openssl", "pkcs12", "-export", "-in", path, "-passin", f"file:{os.path.join(of.cluster, 'keys.passphrase')}",
            "-out", out, "-passout", f"pass:{word}")
        return out
    raise lab.Failed(f"no key of {purpose}")


def _boots(l, foreign, status=0):
    """A boot here, with the flash of the phone of the old cluster."""
    return l.phone(NAME, "boot", state=foreign.state(NAME), status=status).stdout


def _list_of(foreign):
    with open(foreign.state(NAME, ITL), "rb") as f:
        return f.read()


def _orphan(l, foreign):
    """A phone whose cluster is gone; the file of its list."""
    l.up()
    known(l)
    foreign.phone(NAME, "boot")
    foreign.stop()
    return l.file("first.tlv", _list_of(foreign))


@with_foreign
def phones_of_a_cluster_that_is_gone_come_back_by_its_recovery_key(l, foreign):
    first = _orphan(l, foreign)
    exported = _export(foreign, l)
    l.cli("phone", "holds", NAME, first)
    equal(_outcome(l), ["lost"])
    expect("Trust List Update Failed" in _boots(l, foreign, status=1), "it took the list of a stranger")
    with open(first, "rb") as f:
        equal(_list_of(foreign), f.read(), "it keeps what it has")
    word = ("--passphrase-file", l.file("word", "secret\n"))
    keys = sorted(os.listdir(os.path.join(l.cluster, "keys")))
    p = json.loads(l.cli("plan", "cert", "take-over", "itlrecovery", exported, *word, "--json").stdout)
    equal((p["phones"]["retired-key"]["count"], p["phones"]["lost"]["count"]), (1, 0), "the plan")
    equal((sorted(os.listdir(os.path.join(l.cluster, "keys"))), _outcome(l)), (keys, ["lost"]), "a plan leaves nothing behind")
    l.fails("cert", "take-over", "callmanager", exported, *word, says=["is an ITLRecovery certificate"])
    taken = l.json("cert", "take-over", "itlrecovery", exported, *word)
    expect("ITLRECOVERY" in taken["subject"], taken)
    equal(_outcome(l), ["retired-key"])
    expect("O=foreign is in the ITL" in _boots(l, foreign), "the bridge is signed by the old key")
    _boots(l, foreign)
    l.cli("serve-lists", "all")
    equal(_list_of(foreign), l.fetch(ITL), "the list that everybody has")
    equal(_outcome(l), ["keeps"])
    l.fails("cert", "take-over", "itlrecovery", exported, *word, says=["the key is here already"])


@with_foreign
def diagnose_says_the_one_command_that_is_left_once_the_key_is_here(l, foreign):
    first = _orphan(l, foreign)
    _boots(l, foreign, status=1)

    def fix():
        done = l.cli("diagnose", NAME, "--itl", first, "--json", status=1)
        return [f["fix"] for f in json.loads(done.stdout)["findings"] if f["id"] == "list-foreign"][0]
    expect(f"cert take-over itlrecovery FILE, then sealtone phone holds {NAME} LIST" in fix(), fix())
    l.cli("cert", "take-over", "itlrecovery", _export(foreign, l), "--passphrase-file", l.file("word", "secret\n"))
    expect(fix().startswith(f"sealtone phone holds {NAME} FILE, ") and fix().count("sealtone") == 1, fix())
    l.cli("phone", "holds", NAME, first)
    l.cli("diagnose", NAME, "--itl", first)
    for _ in range(2):
        _boots(l, foreign)
    equal(_outcome(l), ["keeps"])


@with_foreign
def a_phone_that_first_boots_here_after_the_take_over_has_the_list_of_everybody_after_two_boots(l, foreign):
    l.cli("phone", "holds", NAME, _orphan(l, foreign))
    l.cli("itl", "reset", "remotekey", _export(foreign, l), "--passphrase-file", l.file("word", "secret\n"))
    for _ in range(2):
        _boots(l, foreign)
    l.cli("serve-lists", "all")
    equal(_list_of(foreign), l.fetch(ITL), "the list that everybody has")
    equal(_outcome(l), ["keeps"])


@with_foreign
def a_phone_of_which_nobody_knows_what_it_holds_takes_its_first_list_by_the_key_that_was_taken_over(l, foreign):
    _orphan(l, foreign)
    l.cli("itl", "reset", "remotekey", _export(foreign, l), "--passphrase-file", l.file("word", "secret\n"))
    equal(_outcome(l), ["unknown"])
    expect("taken over" in [c for c in l.json("cert", "list", "--all") if not c["active"]][-1]["description"], "where it comes from")
    equal(l.json("cert", "purge"), {"given_up": 0, "left": 1}, "nobody knows who is still to come")
    known(l, OTHER)
    for _ in range(2):
        _boots(l, foreign)
        l.phone(OTHER, "boot")  # one that holds nothing
    l.cli("serve-lists", "all")
    equal((_list_of(foreign), held(l, ITL, OTHER)), (l.fetch(ITL),) * 2, "the list that everybody has")
    equal(_outcome(l), ["keeps"])
    equal(l.json("cert", "purge", "--taken-over"), {"given_up": 1, "left": 0}, "it is done with")


@with_foreign
def a_phone_with_a_ctl_of_a_cluster_that_is_gone_takes_both_lists_by_its_key(l, foreign):
    foreign.cli("ctl", "set-cluster", "mixed-mode")
    _orphan(l, foreign)
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.cli("itl", "reset", "remotekey", _export(foreign, l), "--passphrase-file", l.file("word", "secret\n"))
    for _ in range(2):
        _boots(l, foreign)
    l.cli("serve-lists", "all")
    equal((_list_of(foreign), held(foreign, CTL)), (l.fetch(ITL), l.fetch(CTL)), "the lists that everybody has")


def what_cannot_sign_a_bridge_is_not_taken_over(l):
    l.up()
    keys = sorted(os.listdir(os.path.join(l.cluster, "keys")))
    for kind, says in ((("rsa:3072",), "512, 1024, 2048 and 4096"), (("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), "512, 1024")):
        key, cert, both = (os.path.join(l.dir, n) for n in ("key.pem", "cert.pem", "both.pem"))
        run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-subj", "/CN=old", "-keyout", key, "-out", cert)
        with open(both, "wb") as out:
            for path in (key, cert):
                with open(path, "rb") as f:
                    out.write(f.read())
        l.fails("cert", "take-over", "itlrecovery", both, says=[says])
    l.fails("cert", "take-over", "tvs", both, says=["itlrecovery or callmanager"])
    with open(l.file("wrong.pem", ""), "wb") as out:
        for path in (key, os.path.join(VECTORS, "keys", "tvs.pem")):
            with open(path, "rb") as f:
                out.write(f.read())
    l.fails("cert", "take-over", "itlrecovery", os.path.join(l.dir, "wrong.pem"), says=["wrong.pem"])
    l.fails("cert", "take-over", "itlrecovery", os.path.join(VECTORS, "bulk", "legacy.p12"), says=["legacy.p12"])
    equal(sorted(os.listdir(os.path.join(l.cluster, "keys"))), keys, "keys")


if __name__ == "__main__":
    lab.main(globals())
