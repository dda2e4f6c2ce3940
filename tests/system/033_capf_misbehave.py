"""A phone that breaks the rules of CAPF at every step: what it leaves behind, and that it can do better afterwards."""
import contextlib
import os
import re
import sqlite3

import lab
from handset import NAME, enrolling, held
from lab import equal, expect, run, wait_for

HOWS = ("vanish-before", "vanish-after", "out-of-order", "abort", "unparsable", "silent")
OPERATIONS = {"install-upgrade": ("auth", "key", "stored"), "troubleshoot": ("auth", "fetched"), "delete": ("auth", "deleted")}
SUCCESS = {"install-upgrade": "Upgrade Success", "troubleshoot": "Troubleshoot Success", "delete": "Delete Success"}
FAST = ("--key-order", "ec-only", "--ec-size", "256")  # keys that are made quickly


def _up(l):
    l.have()
    for name in ("answer-timeout", "keygen-timeout"):
        l.set_conf("capf", name, "1")
    l.start()
    enrolling(l, *FAST)


def _phone(l, operation, *args):
    l.cli("phone", "set", NAME, "--operation", operation)
    return l.phone(NAME, "boot", "--retry-seconds", "0", *args)


def _held_serial(l):
    pem = held(l, "LSC.pem")
    if pem is None:
        return None
    return run("openssl", "x509", "-noout", "-serial", input=pem.decode()).stdout.strip()[7:].lower()


def _ask(l, question):
    with contextlib.closing(sqlite3.connect(os.path.join(l.cluster, "sealtone.db"), timeout=10)) as db:
        return db.execute(question, (NAME,)).fetchall()


def _lscs(l):
    return _ask(l, "SELECT serial, state, revoked_at > 0 FROM lscs WHERE device = ? ORDER BY id")


def _happened(l):
    """How many entries the history ever had; it shows the last fifty."""
    return _ask(l, "SELECT max(id) FROM capf_history WHERE phone = ?")[0][0]


def _is_whole(l, what):
    """What the store says of the phone fits together, and the LSC that the phone holds counts as one it may hold."""
    shown, lscs = l.json("phone", "show", NAME), _lscs(l)
    confirmed = [serial for serial, state, _ in lscs if state == "confirmed"]
    equal(confirmed, [shown["lsc_serial"]] if shown["lsc_serial"] else [], f"{what}: confirmed certificates")
    for serial, state, revoked in lscs:
        equal(bool(revoked), state in ("superseded", "deleted"), f"{what}: {serial} is {state}, revoked")
    live = [serial for serial, state, _ in lscs if state in ("issued", "confirmed")]
    expect(_held_serial(l) in [None] + live, f"{what}: the phone holds {_held_serial(l)}, which is not among {live}")
    pending = shown["operation"] != "none"
    equal(shown["operation_status"] == "Operation Pending", pending, f"{what}: {shown['operation_status']} with {shown['operation']}")
    l.cli("capf", "report")


def _then_well(l, operation, what):
    """The phone does the operation as it should."""
    if l.json("phone", "show", NAME)["operation"] == "none":
        l.cli("phone", "set", NAME, "--operation", operation)
    l.phone(NAME, "boot", "--retry-seconds", "0")
    shown = l.json("phone", "show", NAME)
    equal((shown["operation"], shown["operation_status"]), ("none", SUCCESS[operation]), f"after {what}")
    if operation != "troubleshoot":
        equal(_held_serial(l), shown["lsc_serial"], f"after {what}: the phone's LSC and the one on record")
    _is_whole(l, f"after {what}")


def _misbehaves(l, operation, how):
    before = _happened(l)
    out = _phone(l, operation, "--capf-misbehave", how)
    expect("CAPF misbehaved" in out.stdout, f"{how}: the phone did not:\n{out.stdout}")
    equal(out.stdout.count("CAPF connecting"), 1, f"{how}: sessions")
    if not how.endswith("-auth"):  # core hears of a phone that it had let in
        wait_for(f"{how} to be noticed", lambda: _happened(l) >= before + 2)
    _is_whole(l, f"{operation} {how}")


def _every_way(l, operation):
    for step in OPERATIONS[operation]:
        for how in HOWS:
            if operation == "delete" and held(l, "LSC.pem") is None:
                _then_well(l, "install-upgrade", "a deletion")
            _misbehaves(l, operation, f"{how}-{step}")
            _then_well(l, operation, f"{operation} {how}-{step}")


def a_phone_that_misbehaves_at_any_step_of_an_installation_installs_afterwards(l):
    _up(l)
    _every_way(l, "install-upgrade")


def a_phone_that_misbehaves_at_any_step_of_troubleshoot_sends_its_certificate_afterwards(l):
    _up(l)
    _then_well(l, "install-upgrade", "nothing")
    _every_way(l, "troubleshoot")


def a_phone_that_misbehaves_at_any_step_of_a_deletion_deletes_afterwards(l):
    _up(l)
    _then_well(l, "install-upgrade", "nothing")
    _every_way(l, "delete")


def a_key_that_lies_gets_no_certificate(l):
    _up(l)
    for settings in (FAST, ("--key-order", "ec-only", "--ec-size", "384"), ("--key-order", "rsa-only", "--rsa-size", "2048")):
        l.cli("phone", "set", NAME, *settings)
        issued = len(_lscs(l))
        _misbehaves(l, "install-upgrade", "lying-key")
        equal(len(_lscs(l)), issued, f"{settings}: certificates")
        _then_well(l, "install-upgrade", f"a lying key, {settings}")


def every_word_of_the_help_is_taken_and_no_other(l):
    text = " ".join(run(l.binary("sealtone-phone"), "--help").stdout.split())
    words = re.search(r"HOW of --capf-misbehave: (.*); STEP: (.*)\.", text)
    hows, steps = (re.split(r", | or ", w) for w in words.groups())
    equal(sorted(h[:-5] for h in hows if h.endswith("-STEP")), sorted(HOWS), "ways")
    equal(steps, ["auth", "key", "stored", "fetched", "deleted"], "steps")
    for how in [h.replace("STEP", s) for h in hows for s in steps]:
        run(l.binary("sealtone-phone"), "--name", NAME, "--state", l.state(NAME), "--capf-misbehave", how, "status")
    for how in ("vanish", "vanish-before", "vanish-before-end", "silent-", "key"):
        run(l.binary("sealtone-phone"), "--name", NAME, "--state", l.state(NAME), "--capf-misbehave", how, "status", status=2)


if __name__ == "__main__":
    lab.main(globals())
