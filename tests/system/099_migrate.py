"""Phones move between two clusters: what each must know of the other first, and what happens without."""
import json
import os
import shutil

import lab
from handset import ITL, NAME, says, with_foreign
from lab import LOOPBACK, TFTP, TVS, VECTORS, equal, expect, run

KEYS = os.path.join(VECTORS, "keys")
TYPES = "CAPF CallManager CallManager-ECDSA ITLRecovery TVS tomcat".split()
SIGNERS = "CallManager", "ITLRecovery"


def _trusted(l, store):
    return sorted(c["sha256"] for c in l.json("trust", "list", store))


def _own(l, purpose):
    return l.json("cert", "show", purpose)["sha256"]


# --- certificates in bundles ---

@with_foreign
def two_clusters_export_one_consolidates_and_both_import_so_that_each_vouches_for_the_other(l, foreign):
    l.up()
    shared = os.path.join(l.dir, "sftp")
    for one in (l, foreign):
        rows = one.json("migrate", "export", shared)
        equal(sorted(r["type"] for r in rows), TYPES, "types")
        foreign_before = os.listdir(shared)
        if one is l:  # both servers have one name here
            for name in foreign_before:
                os.rename(os.path.join(shared, name), os.path.join(shared, name.replace("pub", "sub")))
    run(l.binary("sealtone"), "migrate", "consolidate", shared)
    for one in (l, foreign):
        other = foreign if one is l else l
        both = [os.path.join(shared, f"{t}_consolidated.p12") for t in TYPES]
        rows = sum((one.json("migrate", "import", path) for path in both), [])
        equal(sorted(r["outcome"] for r in rows), ["already"] * len(TYPES) + ["taken"] * len(TYPES), "outcomes")
        for store in ("phone-sast-trust", "callmanager-trust"):
            expect({_own(other, "callmanager"), _own(other, "itlrecovery")} <= set(_trusted(one, store)), store)
            expect(_own(other, "capf") not in _trusted(one, store), f"the other's CAPF is in {store}")
        equal(len(_trusted(one, "phone-sast-trust")), 2, "certificates in phone-sast-trust")
        expect(_own(other, "capf") in _trusted(one, "capf-trust"), "the other's CAPF is not in capf-trust")
    run("openssl", "pkcs12", "-in", both[1], "-passin", "pass:", "-nokeys")  # any program reads it


def a_file_for_all_types_and_unified_cms_own_pem_files_are_taken_and_bad_ones_named(l):
    l.up()
    one = os.path.join(l.dir, "all.p12")
    l.cli("migrate", "export", one)
    equal({r["outcome"] for r in l.json("migrate", "import", one)}, {"already"}, "our own certificates")
    folder = os.path.join(l.dir, "by-hand")
    os.mkdir(folder)
    for name, key in (("CallManager.pem", "cucm-a-callmanager"), ("pub-ITLRecovery.pem", "cucm-a-itlrecovery"),
                      ("CAPF.cer", "cucm-a-capf"), ("ITLRecovery-CA.pem", "corpca"), ("something.pem", "tvs")):
        run("openssl", "x509", "-in", os.path.join(KEYS, key + ".pem"), "-out", os.path.join(folder, name))
    shutil.copy(os.path.join(VECTORS, "bulk", "legacy.p12"), os.path.join(folder, "CallManager_old.p12"))
    with open(os.path.join(folder, "TVS.pem"), "w") as f:
        f.write("nothing")
    before = l.json("trust", "list")
    for options in (["--dry-run"], []):
        done = l.cli("migrate", "import", folder, *options, status=1)
        for part in ("4 of 7 certificates were not taken",):
            expect(part in done.stderr, done.stderr)
        for part in ("is a CA's", "has a passphrase, which is needed", "begin it with CallManager", "no PEM certificate"):
            expect(part in done.stdout, f"{part!r} is not in {done.stdout}")
        equal(l.json("trust", "list") == before, bool(options), "nothing changed")
    equal(len(_trusted(l, "phone-sast-trust")), 2, "signers taken")
    word = l.file("word", "cisco\n")
    rows = l.json("migrate", "import", os.path.join(folder, "CallManager_old.p12"), "--passphrase-file", word)
    equal([r["outcome"] for r in rows], ["already"], "the same certificate in a bundle with an old cipher")
    rows = l.json("migrate", "import", os.path.join(folder, "something.pem"), "--type", "TVS")
    equal([r["stores"] for r in rows], [["tvs-trust"]], "where a certificate with a given type went")
    l.fails("migrate", "consolidate", folder, says=["CallManager_old.p12", "passphrase"])
    l.fails("migrate", "import", os.path.join(l.dir, "nowhere"), says=["nowhere"])
    l.cli("migrate", "import", folder, "--type", "SAST", status=2)


# --- the whole way, there and back ---

def _held(foreign):
    """The list of the phone, whose flash is that of the cluster where it came from."""
    with open(foreign.state(NAME, ITL), "rb") as f:
        return f.read()


def _boots_at(l, foreign, status=0):
    return l.phone(NAME, "boot", state=foreign.state(NAME), status=status)


def _state(l):
    return [(r["name"], r["from"], r["state"]) for r in l.json("migrate", "progress", "--from", "old")]


@with_foreign
def a_phone_moves_by_way_of_the_old_clusters_tvs_and_goes_back_by_way_of_the_new_ones(l, foreign):
    l.up()
    foreign.phone(NAME, "boot")
    at_home = _held(foreign)
    there = ("--server", f"{LOOPBACK}:{foreign.port(TFTP)}", "--phone", NAME)
    come = ("--from", "old", *there, "--tvs", f"{LOOPBACK}:{foreign.port(TVS)}")
    go = ("--to", "old", *there)
    # Unprepared: verify says it before, and so it is.
    l.cli("migrate", "move", "--from", "old", "--csv", l.file("phones.csv", f"name,model\n{NAME},8861\n"))
    l.config(NAME)
    equal(_state(l), [(NAME, "old", "expected")], "before it comes")
    done = l.cli("migrate", "verify", *come, status=1)
    expect("phones would be lost" in done.stderr and "does not vouch" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
    expect("refuses the ITL of this cluster" in done.stdout, done.stdout)
    _boots_at(l, foreign, status=1)
    equal(_held(foreign), at_home, "the list of a phone that refused ours")
    lab.wait_for("the phone to have come", lambda: _state(l) == [(NAME, "old", "handed")])
    # Half prepared: CallManager alone does not do when ITLRecovery signs lists.
    ours = os.path.join(l.dir, "ours")
    out = l.cli("migrate", "prepare", *come[:-2], "--out", ours).stdout
    for part in ("CallManager.pem", "ITLRecovery.pem", "Phone-SAST-trust", "Trust Verification Service", "migrate verify --from old"):
        expect(part in out, f"{part!r} is not in {out}")
    foreign.cli("migrate", "import", os.path.join(ours, "CallManager.pem"))
    verdict = json.loads(l.cli("migrate", "verify", *come, "--json", status=1).stdout)
    equal([(s["certificate_matches"], s["vouches_lists"], s["vouches_files"]) for s in verdict["servers"]], [(True, False, True)], "servers")
    # Prepared.
    foreign.cli("migrate", "import", ours)
    verdict = l.json("migrate", "verify", *come)
    equal((verdict["well"], verdict["itl"]["taken"], verdict["itl"]["server"]), (True, "tvs", come[-1]), "what is forecast")
    says(_boots_at(l, foreign), "Trust List Updated")
    equal(_held(foreign), l.fetch(f"ITL{NAME}.tlv"), "the list of a phone that moved")
    # A server in between that is none of the old cluster's is not believed.
    other = json.loads(l.cli("migrate", "verify", *come[:-1], f"{LOOPBACK}:{l.port(TVS)}", "--json", status=1).stdout)
    equal([(s["reached"], s["certificate_matches"]) for s in other["servers"]], [(True, False)], "another server")
    # Back: our TVS must vouch for them.
    done = l.cli("migrate", "rollback", *go, status=1)
    expect("does not vouch" in done.stderr and "migrate import" in done.stdout, done.stdout + done.stderr)
    done = l.cli("migrate", "prepare", *go, status=1)
    expect("does not vouch yet" in done.stderr, done.stderr)
    foreign.cli("migrate", "export", os.path.join(l.dir, "theirs.p12"))
    l.cli("migrate", "prepare", *go, "--certs", os.path.join(l.dir, "theirs.p12"))
    equal(l.json("migrate", "rollback", *go)["well"], True, "the way back")
    says(foreign.phone(NAME, "boot"), "Trust List Updated")
    equal(_held(foreign), at_home, "the list of a phone that went back")
    l.cli("migrate", "move", "--from", "old", "--end")
    equal(_state(l), [], "once nobody is expected")


def _list_file(l, server, name):
    return l.file(name, server.fetch("ITLFile.tlv"))


@with_foreign
def a_list_of_this_very_cluster_in_the_place_of_the_other_ones_is_refused(l, foreign):
    l.up()
    for one in (l, foreign):
        one.cli("serve-lists", "all")
    says_so = "a list of this very cluster", "its TVS record has our certificate"
    own = _list_file(l, l, "own.tlv")
    mine, theirs = (("--tvs", f"{LOOPBACK}:{one.port(TVS)}") for one in (l, foreign))
    for words in (["migrate", "verify", "--from", "a", "--server", f"{LOOPBACK}:{l.port(TFTP)}", *theirs],
                  ["migrate", "verify", "--from", "a", "--itl", own, *mine], ["migrate", "verify", "--to", "b", "--itl", own],
                  ["migrate", "rollback", "--to", "b", "--itl", own], ["migrate", "prepare", "--from", "a", "--itl", own],
                  ["migrate", "prepare", "--to", "b", "--itl", own], ["plan", "migrate", "--from", "a", "--itl", own],
                  ["plan", "migrate", "--to", "b", "--itl", own]):
        done = l.cli(*words, status=1)
        expect(all(part in done.stderr for part in says_so) and done.stdout == "", done.stdout + done.stderr)
    # The CTLs of both modes, and the empty list, which names no server.
    theirs_itl = _list_file(l, foreign, "theirs.tlv")
    for mode in ("mixed-mode", "non-secure-mode"):
        l.cli("ctl", "set-cluster", mode)
        l.fails("migrate", "verify", "--from", "a", "--itl", theirs_itl, "--ctl", l.file("own.ctl", l.fetch("CTLFile.tlv")), says=["the CTL of a", says_so[0]])
    l.cli("rollback", "prepare")
    l.fails("migrate", "verify", "--from", "a", "--itl", _list_file(l, l, "empty.tlv"), says=[says_so[0], "our key signed it"])
    l.cli("rollback", "end")
    # An earlier one is ours too.
    l.cli("cert", "regenerate", "tvs")
    l.fails("migrate", "verify", "--from", "a", "--itl", own, *mine, says=says_so)


def phones_that_know_our_signer_by_a_record_need_no_server_and_verify_says_so(l):
    l.up()
    signers = {name: l.file(name, l.cli("cert", "show", name, "--pem").stdout) for name in ("itlrecovery", "callmanager")}
    theirs = {name: os.path.join(KEYS, f"cucm-a-{name}.pem") for name in ("itlrecovery", "callmanager", "tvs-pub")}
    itl = os.path.join(l.dir, "ITLFile.tlv")
    l.cli("file", "build", itl, "--key", theirs["itlrecovery"], "--record", f"sast={signers['itlrecovery']}",
          "--record", f"tftp={theirs['callmanager']}", "--record", f"tvs={theirs['tvs-pub']}")
    words = "migrate", "verify", "--from", "a", "--itl", itl, "--tvs", f"{LOOPBACK}:{l.port(TVS)}"
    out = l.cli(*words).stdout
    for part in ("no TVS record has this issuer and serial", "It needs no TVS server", "known to it by a record"):
        expect(part in out, f"{part!r} is not in {out}")
    equal(l.json(*words)["needs_tvs"], False, "needs_tvs")
    ctl = os.path.join(l.dir, "CTLFile.tlv")
    l.cli("file", "build", ctl, "--key", theirs["itlrecovery"])
    l.fails("migrate", "verify", "--from", "a", "--itl", ctl, says=["the ITL of a", "it is a CTL"])


def what_is_wrong_with_the_words_is_said_before_anybody_is_asked(l):
    l.up()
    itl = l.file("itl", "no list")
    for words in (["verify"], ["verify", "--from", "a"], ["verify", "--from", "a", "--to", "b", "--itl", itl], ["verify", "--from", "a b", "--itl", itl],
                  ["move", "--from", "a"], ["move", "x"], ["move", "x", "--from", "a", "--csv", itl]):
        l.cli("migrate", *words, status=2)
    l.fails("migrate", "verify", "--from", "a", "--itl", itl, says=["the ITL of a"])
    l.fails("migrate", "move", "nobody", "--from", "a", says=["no phone fits"])
    l.fails("migrate", "verify", "--from", "a", "--server", f"{LOOPBACK}:{l.port(TFTP)}", says=["a has no ITLFile.tlv", "--phone"])


if __name__ == "__main__":
    lab.main(globals())
