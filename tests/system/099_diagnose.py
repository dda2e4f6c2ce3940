#!/usr/bin/env python3
"""`sealtone diagnose` and `explain`: phones that are fine, that hold the list of another cluster, that cannot reach CAPF; from the store,
from real console logs and from the lists that the phones hold."""
import json
import os
import re

import lab
from handset import CTL, ITL, NAME, boot_with, enrolling, known, signed_by, with_foreign
from lab import equal, expect
from tlsserver import TlsServer


def _diagnose(l, *args, status=None):
    done = l.cli("diagnose", NAME, *args, "--json", status=status)
    return json.loads(done.stdout), done


def _problems(result):
    return sorted(f["id"] for f in result["findings"] if f["severity"] == "problem")


def _finding(result, id_):
    for f in result["findings"]:
        if f["id"] == id_:
            return f
    raise lab.Failed(f"no {id_} in {[f['id'] for f in result['findings']]}")


def _wait_for_config(l):
    lab.wait_for("the configuration on record", lambda: l.json("phone", "show", NAME)["served"]["config"])


def _wait_for_kind(l, kind):
    """Of what it may hold: fronts tell of what they sent a moment later."""
    lab.wait_for(f"a {kind} among the lists", lambda: kind in [h["kind"] for h in _diagnose(l)[0]["handed"]])


def _call(l, args):
    """What the control socket answers."""
    return lab.run("curl", "-s", "--unix-socket", os.path.join(l.cluster, "control.sock"), "-d", json.dumps(args), "http://localhost/v1/diagnose").stdout


def a_phone_that_is_fine_has_no_problems_whatever_is_given(l):
    l.up()
    enrolling(l)
    console = l.file("console", l.phone(NAME, "boot", "--model", "8861").stdout)
    result, done = _diagnose(l, status=0)
    equal((_problems(result), done.stderr), ([], ""), "from the store")
    result, _ = _diagnose(l, "--console", console, "--itl", l.state(NAME, ITL), status=0)
    equal(_problems(result), [], "with console and list")
    expect(result["console_events"] > 10, f"{result['console_events']} events")
    shown = result["held"]["itl"]
    equal((shown["ours"], shown["current"], shown["fault"]), (True, True, None), "its list")
    equal([result["boot"][step]["how"] for step in ("itl", "config", "capf")], ["record"] * 3, "a boot with it")
    equal(result["boot"]["lost"], False, "lost")
    text = l.cli("diagnose", NAME, "--itl", l.state(NAME, ITL)).stdout
    for words in ("No findings.", "ITL version 1 of this cluster, the current one", "would be taken (record)"):
        expect(words in text, f"{words!r} is not in {text}")


@with_foreign
def a_phone_that_holds_the_list_of_another_cluster_is_told_from_the_store_alone(l, foreign):
    l.up()
    known(l)
    l.phone(NAME, "boot", "--model", "8861", port=foreign.base)
    console = l.file("console", l.phone(NAME, "boot", "--model", "8861", status=1).stdout)
    _wait_for_config(l)
    result, done = _diagnose(l, status=1)
    equal(_problems(result), ["list-foreign"], "from the store")
    equal(done.stderr, f"sealtone: 1 problem with {NAME}\n", "the line")
    expect(any("HTTPS" in e for e in _finding(result, "list-foreign")["evidence"]), result)
    result, _ = _diagnose(l, "--console", console, status=1)
    equal(_problems(result), ["file-refused", "list-foreign", "list-refused"], "with its console")
    # What the screen says is enough.
    screen = "".join(f"{line}\n" for line in open(console) if "verification of the trust list failed" in line)
    result, _ = _diagnose(l, "--console", l.file("screen", screen), status=1)
    equal(_problems(result), ["file-refused", "list-foreign"], "with its status messages")
    result, _ = _diagnose(l, "--console", console, status=1)
    evidence = _finding(result, "list-refused")["evidence"]
    expect(all(re.match(r"console line \d+: ", e) for e in evidence), evidence)
    result, _ = _diagnose(l, "--itl", l.state(NAME, ITL), status=1)
    equal(_problems(result), ["list-foreign"], "with its list")
    equal((result["held"]["itl"]["ours"], result["boot"]["lost"]), (False, True), "its list")
    expect("ITLRECOVERY_pub" in result["held"]["itl"]["signer"], result["held"])


@with_foreign
def an_older_phone_that_was_never_handed_a_list_of_ours_shows_it_by_its_question(l, foreign):
    l.up()
    known(l)
    l.phone(NAME, "boot", "--model", "7965", port=foreign.base)
    l.cli("serve-lists", "none")
    console = l.file("console", l.phone(NAME, "boot", "--model", "7965", status=1).stdout)
    _wait_for_config(l)
    result, _ = _diagnose(l, "--console", console, status=1)
    foreign_list = _finding(result, "list-foreign")
    expect("was never handed a list of ours" in foreign_list["evidence"][0], foreign_list)
    expect("its address never asked our TVS" in foreign_list["evidence"][1], foreign_list)
    equal(_finding(result, "itl-absent")["evidence"], ["serve-lists is none"], "why there is no list")
    expect("signer not in CTL" in _finding(result, "file-refused")["evidence"][0], result)


def a_phone_that_slept_is_judged_by_the_bridge_that_it_will_be_handed(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    for purpose in ("itlrecovery", "callmanager", "tvs"):
        l.cli("cert", "regenerate", purpose)
    published = l.json("itl", "history")
    result, _ = _diagnose(l, "--itl", l.state(NAME, ITL), status=0)
    boot = result["boot"]
    equal((boot["bridge"], boot["itl"]["how"], boot["config"]["how"], boot["lost"]), (True, "record", "record", False), "a boot with its list")
    equal(l.json("itl", "history"), published, "nothing was published for the diagnosis")
    expect("bridge:" in l.cli("diagnose", NAME, "--itl", l.state(NAME, ITL)).stdout, "the text")
    config = l.file("config", l.fetch(f"{NAME}.cnf.xml.sgn"))
    equal([c["how"] for c in l.json("explain", NAME, config, "--itl", l.state(NAME, ITL))["cases"]], ["record"], "its configuration")
    for bridge in (False, False):  # taken, and proven by the boot: the list of everybody comes next
        l.phone(NAME, "boot")
        _wait_for_kind(l, "bridge")
        boot = _diagnose(l, "--itl", l.state(NAME, ITL), status=0)[0]["boot"]
        equal((boot["bridge"], boot["itl"]["how"]), (bridge, "record"), "the next boot")


def questions_to_tvs_are_remembered_by_address(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    equal(_diagnose(l, status=0)[0]["tvs"]["question_at"], None, "before")
    with TlsServer(l, "stranger") as web:
        out = l.phone(NAME, "verify-https", f"127.0.0.1:{web.port}", status=1).stdout
    result, _ = _diagnose(l, "--console", l.file("console", out), status=1)
    equal((result["tvs"]["device"], result["tvs"]["known"]), (NAME, False), "what TVS was asked")
    equal(_problems(result), ["host-not-found", "tvs-unknown"], "findings")
    expect("TVS does not know" in _finding(result, "host-not-found")["cause"], result)
    l.stop()
    l.start()
    equal(_problems(_diagnose(l, status=1)[0]), ["tvs-unknown"], "after a restart")


def an_operation_that_does_not_reach_capf_is_told_by_its_console(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", "null-string")
    away = l.config(NAME, capf_mode=2).replace(f"<phonePort>{l.port(lab.CAPF)}<", f"<phonePort>{l.port(lab.WEB)}<")
    cert, config = signed_by(l, "other", away)
    l.cli("trust", "add", "callmanager-trust", cert)
    for model in ("7965", "8861"):
        out = boot_with(l, config, "--model", model, "--retry-seconds", "0")
        result, _ = _diagnose(l, "--console", l.file("console", out.stdout), status=1)
        equal(_problems(result), ["capf-pending"], f"findings of a {model}")
        expect("LSC: Connection failed" in _finding(result, "capf-pending")["evidence"][0], result)


def a_wrong_string_is_told_from_the_store(l):
    l.up()
    known(l)
    l.cli("phone", "set", NAME, "--auth-mode", "auth-string", "--auth-string", "12345", "--operation", "install-upgrade")
    l.config(NAME, capf_mode=1)
    l.phone(NAME, "--auth-string", "54321", "boot", "--model", "8861", status=None)
    result, _ = _diagnose(l, status=1)
    equal(_problems(result), ["string-invalid"], "findings")
    evidence = " ".join(_finding(result, "string-invalid")["evidence"])
    expect("Upgrade Failed: Invalid Authentication String" in evidence and "wrong authentication string" in evidence, evidence)
    expect(NAME in _finding(result, "string-invalid")["fix"], "the fix names the phone")


def a_phone_whose_ctl_is_of_no_use_while_rollback_empties_its_itl_is_told_what_ends_that(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    for mode in ("mixed-mode", "non-secure-mode"):
        l.cli("ctl", "set-cluster", mode)
        l.phone(NAME, "boot")
    equal(_problems(_diagnose(l, status=0)[0]), [], "as long as its ITL is full")
    l.cli("rollback", "prepare")
    console = l.file("console", l.phone(NAME, "boot", status=1).stdout)
    _wait_for_kind(l, "empty ITL")
    held = "--itl", l.state(NAME, ITL), "--ctl", l.state(NAME, CTL)
    for words in ([], ["--console", console], held):
        result, _ = _diagnose(l, *words, status=1)
        equal(_problems(result), ["file-refused"] * ("--console" in words) + ["no-configuration"], f"with {words}")
        expect("sealtone rollback end" in _finding(result, "no-configuration")["fix"], result)
    equal([(h["kind"], h["version"]) for h in result["handed"]], [("empty ITL", 1), ("ITL", 1)], "the lists that it may hold")
    equal((result["held"]["itl"]["kind"], result["held"]["ctl"]["kind"]), ("empty ITL", "CTL"), "those that were given")
    out = l.cli("explain", NAME, l.state(NAME, ITL), status=None).stdout
    for words in ("holds empty ITL version 1 (the current one) and a CTL, handed to", "holds ITL version 1 and a CTL, handed to"):
        expect(words in out, f"{words!r} is not in {out}")
    # One that is let go.
    l.cli("rollback", "end")
    l.phone(NAME, "boot")
    l.cli("phone", "release", NAME)
    l.phone(NAME, "boot", status=1)
    expect(f"sealtone phone add {NAME}" in _finding(_diagnose(l, status=1)[0], "no-configuration")["fix"], "of a released phone")
    l.cli("phone", "add", NAME)
    l.phone(NAME, "boot")
    equal(_problems(_diagnose(l, status=0)[0]), [], "taken back")
    # The CTL is put right.
    l.cli("rollback", "prepare")
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    equal(_problems(_diagnose(l, status=0)[0]), [], "with a CTL that names the key")


@with_foreign
def explain_says_each_step_for_each_list_that_it_may_hold(l, foreign):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    own, theirs = l.file("own.tlv", l.fetch(f"ITL{NAME}.tlv")), l.file("theirs.tlv", foreign.fetch(f"ITL{NAME}.tlv"))
    taken = l.json("explain", NAME, own)
    equal([(c["taken"], c["how"]) for c in taken["cases"]], [(True, "record"), (True, "blind")], "our list")
    expect(taken["cases"][0]["holds"].startswith("ITL version 1 (the current one)"), taken["cases"][0]["holds"])
    done = l.cli("explain", NAME, theirs, status=1)
    expect("holds ITL version 1" in done.stdout and "REFUSED" in done.stdout and "VERIFY_LIST 4" in done.stdout, done.stdout)
    expect("TVS 1, pub.example.test: " in done.stdout and "not known" in done.stdout, done.stdout)
    equal(done.stderr, f"sealtone: {theirs} would be refused in 1 of 2 cases\n", "the line")
    config = l.file("config.sgn", l.fetch(f"{NAME}.cnf.xml.sgn"))
    equal([c["how"] for c in l.json("explain", NAME, config)["cases"]], ["record", "record"], "a signed file")
    refused = json.loads(l.cli("explain", NAME, config, "--itl", theirs, "--json", status=1).stdout)
    equal([c["how"] for c in refused["cases"]], ["rejected"], "with another list")
    equal(refused["cases"][0]["steps"][0]["step"], "boot 4 (ITL)", "the list comes first")


def what_cannot_be_used_is_refused_with_its_reason(l):
    l.up()
    l.fails("diagnose", NAME, says=["no phone", NAME])
    l.cli("phone", "add", NAME)
    empty, junk = l.file("empty", b""), l.file("junk", b"junk")
    l.fails("diagnose", NAME, "--itl", empty, says=["is empty"])
    l.fails("diagnose", NAME, "--console", "/nowhere", says=["/nowhere"])
    l.fails("explain", NAME, "/nowhere", says=["/nowhere"])
    result, _ = _diagnose(l, "--itl", junk, status=1)
    equal(_problems(result), ["list-signer-absent" if result["held"]["itl"]["signer"] else "list-unverified"], "a damaged list")
    done = l.cli("explain", NAME, junk, status=1)
    expect("cannot be read" in done.stdout, done.stdout)
    equal([f["id"] for f in _diagnose(l, status=0)[0]["findings"]], ["never-seen"], "a new phone")
    expect("is it the console log of a phone?" in l.cli("diagnose", NAME, "--console", junk).stdout, "a file that is no console log")
    l.fails("diagnose", NAME, "--console", l.file("wide", "Trust List Updated".encode("utf-16")), says=["wide", "UTF-16"])
    l.cli("ctl", "set-cluster", "mixed-mode")
    ctl, itl = l.file("a.ctl", l.fetch(f"CTL{NAME}.tlv")), l.file("an.itl", l.fetch(f"ITL{NAME}.tlv"))
    for words in (["diagnose", NAME], ["explain", NAME, itl]):
        l.fails(*words, "--itl", ctl, says=["given as its ITL is a CTL: give it with --ctl"])
        l.fails(*words, "--ctl", itl, says=["given as its CTL is an ITL: give it with --itl"])
    many = l.file("many", b"ITL File not found\n" * 90001)
    equal(_diagnose(l, "--console", many)[0]["console_events"], 20000, "the last lines of a long log")


def facts_of_a_capture_that_are_none_are_refused_with_their_reason(l):
    l.up()
    l.cli("phone", "add", NAME)
    server = {"service": "CAPF", "port": 3804, "server": "192.0.2.1", "server_side": {"sight": "shown"}, "phone_side": {"sight": "shown"}}
    phone = {"address": "192.0.2.7", "files": [], "connections": [], "names": []}
    for change, why in (({"address": 7}, "capture: address"), ({"address": "here"}, "capture: address"),
                        ({"files": [{"answer": "maybe"}]}, "answer"), ({"files": [7]}, "answer"),
                        ({"connections": [{**server, "port": 1}]}, "port"),
                        ({"connections": [{**server, "phone_side": 1}]}, "sight"),
                        ({"connections": [{**server, "server_side": {"sight": "shown", "certificate": {"der": "3000"}}}]}, "certificate"),
                        ({"connections": [{**server, "server_side": {"sight": "shown", "certificate": {"der": "3"}}}]}, "certificate"),
                        ({"names": [{"result": "perhaps"}]}, "result")):
        got = _call(l, {"name": NAME, "capture": {**phone, **change}})
        expect(why in got, f"{change}: {got}")
    many = {"connections": [server] * 99, "names": [{"result": "resolved"}] * 99,
            "files": [{"answer": "given", "server": "192.0.2.1", "name": "x" * 300}] * 99}
    expect("findings" in _call(l, {"name": NAME, "capture": {**phone, **many}}), "more than there is room for")


def the_guide_has_a_row_for_every_finding(l):
    with open(os.path.join(lab.ROOT, "src", "lib", "rules", "diagnosis_text.c")) as f:
        known_ids = re.findall(r'\{\s*"([a-z-]+)",\s+DIAGNOSIS_(NOTE|PROBLEM),\s+(\d+),', f.read())
    with open(os.path.join(lab.ROOT, "doc", "guide", "diagnose.md")) as f:
        told = re.findall(r"^\| (\d+|-) \| `([a-z-]+)` \| (note|problem) \|", f.read(), re.M)
    expect(len(known_ids) > 40, f"{len(known_ids)} findings in the source")
    equal(sorted(told), sorted((row if row != "0" else "-", id_, severity.lower()) for id_, severity, row in known_ids), "rows of the guide")


lab.main(globals())
