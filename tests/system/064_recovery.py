"""Who signs trust lists, resets, rollback and earlier lists: what administrators do, and what a phone makes of it."""
import contextlib
import json
import os
import re
import sqlite3

import lab
from between import Between
from handset import ITL, NAME, functions, held, known, says, status
from lab import equal, expect, run

SECOND, THIRD = "SEP001122334466", "SEP001122334477"


def _signer(l):
    return status(l)["itl"]["signer"]


def _warnings(l):
    return {w["event"]: w["text"] for w in l.json("status")["warnings"]}


def _asked_tvs(out):
    return re.search("processTvsClntReq: TVS|processing TVS", out.stdout) is not None


def _findings(l, *args):
    return {f["id"]: f for f in json.loads(l.cli("check", "--json", *args).stdout)}


# --- generations ---

def a_phone_follows_through_every_generation(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    equal(l.json("generation", "show")["signer"], "itlrecovery", "signer")
    for generation, signer, roles, by_tvs in (
            ("G10", "callmanager", ["SAST", "SAST", "TFTP", "TFTP", "TVS", "CAPF"], False),
            ("G8", "callmanager", ["SAST", "TFTP", "TVS", "CAPF"], False),
            ("G12", "itlrecovery", ["SAST", "SAST", "TFTP", "TFTP", "TVS", "CAPF"], True)):  # G8 names no ITLRecovery
        made = l.json("generation", "set", generation)
        equal((made["generation"], made["signer"]), (generation, signer), "what is answered")
        equal(l.json("status")["generation"], generation, "status")
        out = l.phone(NAME, "boot")
        says(out, "Trust List Updated")
        equal(_asked_tvs(out), by_tvs, f"TVS was asked by a phone on its way to {generation}")
        equal(functions(status(l)), roles, f"records of {generation}")
        equal(_signer(l), l.json("cert", "show", signer)["subject"], f"signer of {generation}")
        expect(l.cli("show", "itl").stdout.endswith("The ITL file was verified successfully.\n"), "show itl")
        equal(set(_findings(l)) & {"list-signer-not-current", "record-left-over", "record-missing", "list-not-published"}, set(), "check")
    l.stop()
    l.set_conf("trust", "generation", "G10")  # says nothing any more
    l.start()
    equal(l.json("generation", "show")["generation"], "G12", "after a restart")


# --- reset ---

def a_reset_leads_a_phone_from_one_itlrecovery_to_the_next(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.fails("itl", "reset", "end", says=["no reset is in force"])
    out = l.cli("itl", "reset", "localkey").stdout
    expect(out.startswith("Generating the reset ITL file.....\nThe reset ITL file was generated successfully\n"), out)
    expect("sealtone itl reset end" in out, out)
    out = l.phone(NAME, "boot")
    says(out, "Trust List Updated")
    equal(_signer(l), l.json("cert", "show", "callmanager")["subject"], "signer while the reset is in force")
    expect("callmanager signs trust lists" in _warnings(l)["reset-in-force"], f"{_warnings(l)}")
    for args in ((), ("--offline",)):
        found = _findings(l, *args)
        equal(found["reset-in-force"]["severity"], "warning", "finding")
        expect("list-signer-not-current" not in found, f"{found}")
    l.fails("itl", "reset", "localkey", says=["in force since"])
    l.fails("generation", "set", "G10", says=["sealtone itl reset end"])
    l.cli("cert", "regenerate", "itlrecovery")
    out = l.phone(NAME, "boot")  # by CallManager, whom it knows
    expect(not _asked_tvs(out), f"the phone asked TVS:\n{out.stdout}")
    l.cli("itl", "reset", "end")
    out = l.phone(NAME, "boot")  # by the new ITLRecovery, whom it has been told
    says(out, "Trust List Updated")
    expect(not _asked_tvs(out), f"the phone asked TVS:\n{out.stdout}")
    equal(_signer(l), l.json("cert", "show", "itlrecovery")["subject"], "signer at the end")
    equal((_warnings(l).get("reset-in-force"), l.json("status")["reset_since"]), (None, None), "status")
    equal([e["event"] for e in l.json("log", "--object", "ITL") if e["event"].startswith("itl-reset")], ["itl-reset-ended", "itl-reset"], "log")


def a_cluster_of_generation_g8_has_nothing_to_reset_to(l):
    l.up()
    l.cli("generation", "set", "G8")
    l.fails("itl", "reset", "localkey", says=["G8", "no other SAST key"])
    equal(l.json("generation", "show")["other_signer"], None, "the other signer")


# --- rollback ---

def _counts(l):
    shown = l.json("rollback", "show")
    return shown["phones"], shown["empty"], shown["full"], shown["none"]


def rollback_empties_the_list_of_each_phone_that_comes_and_says_who_did_not(l):
    l.up()
    urls = "<directoryURL>http://192.0.2.9:8080/d</directoryURL><secureDirectoryURL>https://192.0.2.9:8443/d</secureDirectoryURL>"
    known(l, extra=urls)
    known(l, SECOND)
    l.cli("phone", "add", THIRD)
    l.phone(NAME, "boot")
    l.phone(SECOND, "boot")
    full = held(l, ITL)
    l.fails("rollback", "end", says=["not prepared"])
    out = l.cli("rollback", "prepare").stdout
    expect("rollback show --phones" in out and "mixed mode" not in out, out)
    l.fails("rollback", "prepare", says=["prepared since"])
    equal(_counts(l), (3, 0, 2, 1), "phones, empty, full, none")
    l.phone(NAME, "boot")
    shown = status(l)
    expect(shown["itl"]["empty"], f"functions: {functions(shown)}")
    empty = held(l, ITL)
    expect(b">http://192.0.2.9:8080/d</secureDirectoryURL>" in held(l, f"{NAME}.cnf.xml"), "secure URLs speak HTTP")
    equal(_counts(l), (3, 1, 1, 1), "phones, empty, full, none")
    equal([(p["name"], p["list"]) for p in l.json("rollback", "show", "--phones")["to_come"]], [(SECOND, "full"), (THIRD, "none")], "to come")
    out = l.cli("rollback", "show", "--phones").stdout
    expect(SECOND in out and THIRD in out and NAME not in out, out)
    expect("rollback-prepared" in _warnings(l), "status warns")
    equal(_findings(l)["rollback-prepared"]["severity"], "warning", "finding")
    l.phone(NAME, "boot")  # once more, from the empty list
    out = l.cli("rollback", "end").stdout
    expect("sealtone cert regenerate itlrecovery" in out, out)
    l.phone(NAME, "boot")
    equal(held(l, ITL), full, "the list afterwards")
    expect(b"https://192.0.2.9:8443/d" in held(l, f"{NAME}.cnf.xml"), "secure URLs speak HTTPS again")
    with Between(l) as between:  # an old empty list, handed out again by somebody
        between.instead[f"ITL{NAME}.tlv"] = empty
        l.phone(NAME, "boot", port=between.port)
        expect(status(l)["itl"]["empty"], "it is taken while its signer is trusted")
        between.instead = {}
        l.phone(NAME, "boot", port=between.port)
        l.cli("cert", "regenerate", "itlrecovery")
        l.phone(NAME, "boot", port=between.port)
        between.instead[f"ITL{NAME}.tlv"] = empty
        says(l.phone(NAME, "boot", port=between.port, status=None), "Trust List Update Failed")
    expect(not status(l)["itl"]["empty"], "after a new signer it is refused")


def in_mixed_mode_it_is_said_that_phones_keep_their_ctl(l):
    l.have()
    with contextlib.closing(sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))) as db:
        db.execute("INSERT OR REPLACE INTO settings VALUES ('cluster-security-mode', 'mixed')")
        db.commit()
    l.start()
    expect("phones keep their CTL" in l.cli("rollback", "prepare").stdout, "the warning")


def while_rollback_is_prepared_no_configuration_is_encrypted(l):
    l.up()
    key, mic = l.file("mic.key", b""), l.file("mic.pem", b"")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", mic, "-subj", "/CN=CP-8861-" + NAME)
    l.cli("profile", "add", "secure", "--encrypted-config", "yes")
    l.cli("phone", "add", NAME, "--model", "8861", "--profile", "secure", "--mic", mic)
    l.config(NAME, extra="<vendorConfig>secret-of-the-phone</vendorConfig>")
    equal(l.json("phone", "show", NAME)["config"]["form"], "encrypted", "form before")
    l.fetch(f"{NAME}.cnf.xml.enc.sgn")
    l.cli("rollback", "prepare")
    equal(l.json("phone", "show", NAME)["config"]["form"], "signed", "form while rollback is prepared")
    got = l.fetch(f"{NAME}.cnf.xml.sgn")
    expect(b"secret-of-the-phone" in got and b"<encrConfig>false</encrConfig>" in got, f"{got}")
    l.cli("rollback", "end")
    equal(l.json("phone", "show", NAME)["config"]["form"], "encrypted", "form afterwards")
    expect(b"secret-of-the-phone" not in l.fetch(f"{NAME}.cnf.xml.enc.sgn"), "the configuration is readable")


# --- history ---

def an_earlier_list_is_published_again_with_the_keys_of_then(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    first = l.json("show", "itl")["records"]
    for purpose in ("tvs", "callmanager", "capf"):
        l.cli("cert", "regenerate", purpose)
    l.phone(NAME, "boot")
    shown = l.json("itl", "history")
    itl = [x for x in shown if x["kind"] == "ITL"]
    equal([x["version"] for x in itl], [4, 3, 2, 1], "versions")
    equal([(x["phones"], x["current"]) for x in itl], [(1, True), (0, False), (0, False), (1, False)], "who may hold it, and which is current")
    equal({x["signer"] for x in shown}, {"itlrecovery"}, "signers")
    equal(itl[0]["sha256"], run("sha256sum", l.state(NAME, ITL)).stdout.split()[0], "hash of what the phone holds")
    text = l.cli("itl", "history").stdout
    expect(re.match(r"VERSION +KIND +DIGEST +MADE +SIGNER +BYTES +PHONES +CURRENT +SHA256\n", text), text)
    l.fails("itl", "revert", "9", says=["no ITL of version 9"])
    l.fails("itl", "revert", "4", says=["active now"])
    made = l.json("itl", "revert", "1")
    equal((made["version"], made["signer"]), (5, "itlrecovery"), "the next list")
    equal(l.json("show", "itl")["records"], first, "records")
    says(l.phone(NAME, "boot"), "Trust List Updated", f"{NAME}.cnf.xml.sgn")
    equal([c["purpose"] for c in l.json("cert", "list", "--all") if not c["active"]], ["tvs", "callmanager", "capf"], "retired certificates")
    equal(set(_findings(l)) & {"record-differs", "list-not-published", "key-missing"}, set(), "check")


if __name__ == "__main__":
    lab.main(globals())
