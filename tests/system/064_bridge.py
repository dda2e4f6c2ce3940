#!/usr/bin/env python3
"""Phones that hold old lists: what a plan says of them, and the bridge that brings them back."""
import hashlib
import json
import os
import re
import signal
import time

import lab
from handset import CTL, ITL, NAME, held, known
from lab import equal, expect, run

ALL = ("itlrecovery", "tvs", "callmanager", "capf", "callmanager-ec")


def _plan(l, *words, status=0):
    done = l.cli("plan", *words, "--json", status=status)
    return json.loads(done.stdout)


def _count(p, outcome):
    return p["phones"][outcome]["count"]


def _published(l):
    """The current list, as everybody may fetch it."""
    l.cli("serve-lists", "all")
    got = l.fetch(ITL)
    l.cli("serve-lists", "known")
    return got


def _up_with_a_phone(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    equal(held(l, ITL), l.fetch(f"ITL{NAME}.tlv"))


def _serial(l, purpose):
    return l.json("cert", "show", purpose)["serial"]


def _regenerate_everything(l):
    for purpose in ALL:
        l.cli("cert", "regenerate", purpose)


def a_phone_with_a_ctl_gets_bridges_for_both_lists(l):
    l.up()
    known(l)
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    first = held(l, CTL)
    expect(first, "it holds a CTL")
    for _ in range(2):
        _regenerate_everything(l)
    for _ in range(2):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    equal(held(l, ITL), _published(l))
    expect(held(l, CTL) != first, "another CTL")
    out = l.phone(NAME, "boot").stdout
    expect("Trust List Update Failed" not in out and "verify SUCCESS" in out, out)
    l.cli("serve-lists", "all")
    equal(held(l, CTL), l.fetch(CTL), "the CTL of everybody")


def a_believed_ctl_gets_a_bridge_of_its_own_after_the_ctl_was_deleted(l):
    l.up()
    known(l)
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    first = held(l, CTL)
    expect(first, "it holds a CTL")
    l.cli("ctl", "set-cluster", "non-secure-mode")
    l.cli("ctl", "delete")
    _regenerate_everything(l)
    for _ in range(2):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    equal(held(l, ITL), _published(l))
    shown = json.loads(run(l.binary("sealtone"), "file", "show", l.state(NAME, CTL), "--json").stdout)
    serials = {r["serial"] for r in shown["records"] if r["role_name"] == "SAST"}
    expect(held(l, CTL) != first and _serial(l, "itlrecovery") in serials, "a CTL that knows who signs now")
    for _ in range(2):  # as a running daemon knows it, and as one that was started since
        equal(l.json("phone", "show", NAME)["holds_ctl"], True, "a bridge CTL is one to be erased")
        l.stop()
        l.start()


def _home(l, address):
    """What was sent is on record a moment later."""
    lab.wait_for(f"a home of {address}", lambda: (l.json("phone", "show", NAME)["served"]["config"] or {}).get("home") == address)


def strangers_who_fetch_the_list_change_nothing_for_the_phone(l):
    _up_with_a_phone(l)
    l.phone(NAME, "boot")
    for i in range(20):
        _fetch_from(l, f"127.0.0.{i + 2}", f"ITL{NAME}.tlv")
    _home(l, "127.0.0.1")
    _regenerate_everything(l)
    seen = {hashlib.sha256(l.fetch(f"ITL{NAME}.tlv")).hexdigest() for _ in range(50)}
    equal(len(seen), 1, "one bridge for all of them")
    expect(hashlib.sha256(_published(l)).hexdigest() not in seen, "which is not the list")
    for _ in range(3):  # a whole boot, and more, from where the phone never was
        for name in (f"ITL{NAME}.tlv", f"{NAME}.cnf.xml.sgn"):
            run("curl", "-s", "-o", os.path.join(l.dir, "stolen"), "--interface", "127.0.0.9", f"tftp://127.0.0.1:{l.port(lab.TFTP)}/{name}")
    out = l.phone(NAME, "boot").stdout
    expect("Trust List Update Failed" not in out, out)
    l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l))


def _imitated_boot(l):
    """Somebody at the phone's own address asks for all that it asks for; the phone sleeps."""
    for name in (f"ITL{NAME}.tlv", f"{NAME}.cnf.xml.sgn", f"ITL{NAME}.tlv"):
        l.fetch(name)


def a_phone_of_which_something_wrong_was_proven_is_brought_back_by_bridges_in_turn(l):
    _up_with_a_phone(l)
    first = held(l, ITL)
    for _ in range(2):
        _regenerate_everything(l)
        _imitated_boot(l)
    expect("Trust List Update Failed" in l.phone(NAME, "boot", status=1).stdout, "the bridge of somebody else was taken")
    l.cli("phone", "holds", NAME, "unknown")
    shown = l.json("phone", "show", NAME)
    expect(shown["trust"] in ("behind", "unknown"), f"trust {shown['trust']} of a phone that is on its way back")
    refused = l.cli("cert", "purge", status=1).stderr
    expect("would be cut off" in refused and NAME in refused, refused)
    boots = 0
    while held(l, ITL) == first and boots < 4:
        done = l.phone(NAME, "boot", status=None)
        boots += 1
    equal(done.returncode, 0, f"boot {boots}: {done.stdout}")
    l.cli("phone", "holds", NAME, l.state(NAME, ITL))
    l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "what it ends with")
    equal(_count(_plan(l, "cert", "purge"), "lost"), 0, "phones that need an old key")


def _refuses(l):
    """A boot in which it refuses what it is handed, and ends its call of TVS, which is understood."""
    before = l.log().count("list-refused")
    out = l.phone(NAME, "boot", status=1).stdout
    expect("Trust List Update Failed" in out, "the bridge of somebody else was taken")
    lab.wait_for("the refusal to be understood", lambda: l.log().count("list-refused") > before)


def a_phone_that_refuses_what_it_is_handed_after_an_imitated_boot_is_brought_back_by_itself(l):
    _up_with_a_phone(l)
    _home(l, "127.0.0.1")
    _regenerate_everything(l)
    _imitated_boot(l)
    equal(_count(_plan(l, "cert", "purge"), "lost"), 0, "somebody else has proven its bridge")
    _refuses(l)
    equal([c for c in ("retired-key", "lost") if _count(_plan(l, "cert", "regenerate", "web"), c)], ["retired-key"])
    l.fails("cert", "purge", says=["would be cut off", NAME])
    for _ in range(2):
        l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "what it ends with")
    l.phone(NAME, "boot")
    equal(_count(_plan(l, "cert", "purge"), "lost"), 0, "phones that need an old key")


def a_phone_that_slept_through_several_imitated_boots_is_brought_back_in_turn(l):
    _up_with_a_phone(l)
    first = held(l, ITL)
    _home(l, "127.0.0.1")
    for _ in range(2):
        _regenerate_everything(l)
        _imitated_boot(l)
    _refuses(l)
    boots = 0
    while held(l, ITL) == first and boots < 4:
        done = l.phone(NAME, "boot", status=None)
        boots += 1
    equal(done.returncode, 0, f"boot {boots}: {done.stdout}")
    for _ in range(5):  # the turns have an end, since it has shown what it refuses
        l.phone(NAME, "boot", status=None)
        time.sleep(5)  # what it shows by that is concluded
    equal((held(l, ITL), _count(_plan(l, "cert", "purge"), "lost")), (_published(l), 0), "it has the list of everybody")
    _regenerate_everything(l)
    for _ in range(2):
        l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "as any other phone after a change")


def a_phone_that_is_deleted_and_added_again_may_hold_what_it_did(l):
    _up_with_a_phone(l)
    _regenerate_everything(l)
    l.cli("phone", "delete", NAME)
    l.fetch(f"{NAME}.cnf.xml")
    lab.wait_for("the phone to be seen", lambda: [p["origin"] for p in l.json("phone", "list")] == ["seen"])
    equal(_count(_plan(l, "cert", "purge"), "lost"), 0, "nobody looks after a phone that is not added")
    known(l)
    equal(_count(_plan(l, "cert", "regenerate", "web"), "retired-key"), 1, "it holds its old list still")
    for _ in range(2):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    equal(held(l, ITL), _published(l), "it came by its bridge")


def a_deleted_phone_that_is_served_all_the_same_is_handed_its_bridge(l):
    _up_with_a_phone(l)
    l.cli("serve-lists", "all")
    l.cli("phone", "delete", NAME)
    _regenerate_everything(l)
    for _ in range(2):
        out = l.phone(NAME, "boot", status=None).stdout
        expect("Trust List Update Failed" not in out, out)
    known(l)
    l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "it came by its bridge")


def where_no_more_strangers_can_be_remembered_none_is_bound(l):
    l.have()
    l.set_conf("limits", "seen-phones", "2")
    l.start()
    l.cli("serve-lists", "all")
    l.config(NAME)
    for i in range(2):
        l.fetch(f"ITLSEP00112233440{i}.tlv")
    l.phone(NAME, "boot", status=None)
    equal(held(l, ITL), None, "a list of which nobody knows that it holds it")
    known(l)
    l.phone(NAME, "boot")
    equal(held(l, ITL), l.fetch(f"ITL{NAME}.tlv"), "what it is handed when it is added")


def a_phone_whose_lists_were_erased_is_no_longer_lost_and_its_keys_are_kept(l):
    _up_with_a_phone(l)
    _home(l, "127.0.0.1")
    force = "--compromised", "--force", l.json("status")["cluster"]
    l.fails("cert", "regenerate", "itlrecovery", "tvs", "callmanager", *force[:1], says=[NAME])
    l.cli("cert", "regenerate", "itlrecovery", "tvs", "callmanager", *force)
    l.phone(NAME, "boot", status=1)
    equal(l.json("phone", "show", NAME)["trust"], "lost", "it refuses what it is handed")
    time.sleep(4)  # what it has shown by that is concluded meanwhile (REFUSALS_LATE_S): nobody erases lists so fast
    l.phone(NAME, "erase-itl")
    l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "it takes what it is handed")
    l.fails("cert", "regenerate", "itlrecovery", "tvs", "callmanager", "--compromised", says=["would be cut off", NAME])
    _regenerate_everything(l)
    l.fails("cert", "purge", says=["would be cut off", NAME])
    for _ in range(3):  # a bridge, the current list, and the proof of it
        out = l.phone(NAME, "boot").stdout
    equal(held(l, ITL), _published(l), out)
    expect(l.json("phone", "show", NAME)["trust"] != "lost", "it has booted with our lists")
    equal(_count(_plan(l, "cert", "purge"), "lost"), 0, "phones that need an old key")


def a_backup_without_a_key_that_bridges_need_is_none(l):
    _up_with_a_phone(l)
    keys, word = os.path.join(l.cluster, "keys"), {"SEALTONE_PASSPHRASE": "correct horse battery staple"}
    backup = (l.binary("sealtone"), "--dir", l.cluster, "backup", os.path.join(l.dir, "good"))
    before = set(os.listdir(keys))
    _regenerate_everything(l)
    run(*backup, env=word)
    l.stop()
    for name in before & set(os.listdir(keys)):
        with open(os.path.join(keys, name), encoding="ascii") as f:
            signs = re.search("itlrecovery|callmanager$", f.readline().strip())
        if signs:
            os.rename(os.path.join(keys, name), os.path.join(l.dir, name))
    expect("the key of the earlier certificate" in run(*backup, env=word, status=1).stderr, "a backup without them")
    found = {f["id"] for f in json.loads(l.cli("check", "--json", status=None).stdout)}
    expect("retired-key-missing" in found, f"check: {found}")
    l.start()
    l.cli("cert", "purge")
    run(*backup, env=word)


def _fetch_from(l, address, *names):
    for name in names:
        run("curl", "-s", "-o", os.path.join(l.dir, "stolen"), "--interface", address, f"tftp://127.0.0.1:{l.port(lab.TFTP)}/{name}")


def a_script_that_fetches_all_files_by_night_proves_nothing_for_the_phone(l):
    _up_with_a_phone(l)
    files = f"ITL{NAME}.tlv", f"{NAME}.cnf.xml.sgn"
    _home(l, "127.0.0.1")
    for _ in range(2):
        _fetch_from(l, "127.0.0.9", *files)
    _home(l, "several")
    _regenerate_everything(l)
    _fetch_from(l, "127.0.0.9", *files, *files)
    for _ in range(2):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    expect("bridge-not-proven" in l.log(), "it is said why a boot proves nothing")
    l.cli("phone", "holds", NAME, l.state(NAME, ITL))
    l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "what it has when an administrator has said what it holds")


def a_bridge_has_two_signers_and_both_keys_for_files(l):
    _up_with_a_phone(l)
    old = {p: _serial(l, p) for p in ("itlrecovery", "callmanager")}
    _regenerate_everything(l)
    looked = l.json("show", "itl", "--phone", NAME)
    l.phone(NAME, "boot")
    shown = json.loads(run(l.binary("sealtone"), "file", "show", l.state(NAME, ITL), "--json").stdout)
    equal((looked["serial"], looked["records"]), (shown["serial"], shown["records"]), "what it is handed, said before")
    has = {role: {r["serial"] for r in shown["records"] if r["role_name"] == role} for role in ("SAST", "TFTP")}
    equal(len(has["SAST"]), 2, "signers")
    expect(shown["serial"] in old.values() and has["SAST"] == {shown["serial"], _serial(l, "itlrecovery")}, has)
    equal(has["TFTP"], {old["callmanager"], _serial(l, "callmanager")})


def _set(l, setting, value):
    before = l.log().count("core reloaded")
    l.set_conf("trust", setting, value)
    l.daemon.send_signal(signal.SIGHUP)
    lab.wait_for("the setting", lambda: l.log().count("core reloaded") > before)


def a_bridge_names_as_many_signers_as_the_setting_says(l):
    _up_with_a_phone(l)
    _regenerate_everything(l)
    _set(l, "bridge-signers", "3")
    l.phone(NAME, "boot")
    shown = json.loads(run(l.binary("sealtone"), "file", "show", l.state(NAME, ITL), "--json").stdout)
    equal([r["serial"] for r in shown["records"] if r["role_name"] == "SAST"][1:], [_serial(l, p) for p in ("itlrecovery", "callmanager")])


def a_plan_says_what_the_command_would_come_to_and_changes_nothing(l):
    _up_with_a_phone(l)
    before = l.json("cert", "show", "itlrecovery")["sha256"]
    p = _plan(l, "cert", "regenerate", "itlrecovery")
    equal((_count(p, "tvs"), p["cut_off"]), (1, 0))
    equal(l.json("cert", "show", "itlrecovery")["sha256"], before)
    equal([x["name"] for x in p["phones"]["tvs"]["phones"]], [NAME])
    p = _plan(l, "cert", "regenerate", "callmanager")
    equal(_count(p, "keeps"), 1)
    l.cli("phone", "add", "SEP001122334499")
    p = _plan(l, "cert", "regenerate", "web")
    equal((_count(p, "keeps"), _count(p, "unknown")), (1, 1))
    out = l.cli("plan", "cert", "regenerate", "web").stdout
    expect("keeps" in out and "unknown" in out and NAME not in out, "only those that are lost are named")
    equal(l.cli("plan", "phone", "list", status=2).stderr.count("there is no plan"), 1)


def without_bridges_what_cuts_phones_off_is_refused_and_can_be_forced(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    known(l)
    l.phone(NAME, "boot")
    l.cli("cert", "regenerate", "itlrecovery")
    p = _plan(l, "cert", "regenerate", "tvs", status=3)
    equal((_count(p, "lost"), p["cut_off"]), (1, 1))
    lost = p["phones"]["lost"]["phones"][0]
    equal((lost["name"], lost["model"]), (NAME, "8861"))
    expect(lost["erase"] and lost["factory_reset"], lost)
    out = l.cli("plan", "cert", "regenerate", "tvs", status=3)
    expect("ERASE" in out.stdout and "1 phone would be cut off" in out.stderr, out)
    l.fails("cert", "regenerate", "tvs", says=["1 phone would be cut off", "--force"])
    l.fails("cert", "regenerate", "tvs", "--force", "Other", says=["takes the name of the cluster"])
    l.cli("cert", "regenerate", "tvs", "--force", l.json("status")["cluster"])
    expect("forced" in l.cli("log").stdout, "it is in the audit log")
    out = l.phone(NAME, "boot", status=None).stdout
    expect("Trust List Update Failed" in out, out)


def what_cuts_phones_off_at_once_is_safe_in_steps(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    known(l)
    l.phone(NAME, "boot")
    p = _plan(l, "cert", "regenerate", "itlrecovery", "tvs", status=3)
    equal([s for s in p["steps"] if s.startswith("sealtone")], ["sealtone cert regenerate itlrecovery", "sealtone cert regenerate tvs"])
    out = l.cli("plan", "cert", "regenerate", "itlrecovery", "tvs", status=3).stdout
    expect("In these steps nobody is lost:" in out, out)
    equal(_plan(l, "cert", "regenerate", "itlrecovery", "--rsa-size", "2048")["steps"],
          ["sealtone cert regenerate itlrecovery --rsa-size 2048"], "the step that loses nobody is what was asked for")
    l.cli("node", "set", "tvs", "off")
    p = _plan(l, "cert", "regenerate", "itlrecovery", status=3)
    equal([s for s in p["steps"] if s.startswith("sealtone")], ["sealtone cert regenerate itlrecovery --staged", "sealtone cert activate"],
          "without TVS it is announced first")


def keys_are_given_up_only_when_no_phone_needs_them(l):
    _up_with_a_phone(l)
    _regenerate_everything(l)
    keys = len(os.listdir(os.path.join(l.cluster, "keys")))
    l.fails("cert", "purge", says=["1 phone would be cut off"])
    equal(_count(_plan(l, "cert", "purge", status=3), "lost"), 1)
    l.fails("cert", "purge", "capf", says=["sign the revocation lists"])
    _set(l, "bridges", "no")
    l.fails("cert", "purge", says=["1 phone would be cut off", "the last key goes"])
    _set(l, "bridges", "yes")
    for _ in range(2):  # the bridge, and the list
        l.phone(NAME, "boot")
    gone = l.json("cert", "purge")["given_up"]
    equal((gone, len(os.listdir(os.path.join(l.cluster, "keys")))), (4, keys - 4))
    earlier = [c for c in l.json("cert", "list", "--all") if c["given_up"]]
    equal((len(earlier), all("key given up on" in c["description"] for c in earlier)), (4, True), "certificates whose keys are gone")
    equal(l.json("cert", "purge")["given_up"], 0)
    equal(l.cli("check").stdout.count("error"), 0)


def a_compromised_key_helps_nobody_and_is_gone(l):
    _up_with_a_phone(l)
    l.cli("cert", "regenerate", "tvs", "--compromised")
    p = _plan(l, "cert", "regenerate", "itlrecovery", "callmanager", "--compromised", status=3)
    equal((_count(p, "lost"), p["steps"]), (1, []))
    l.fails("cert", "regenerate", "itlrecovery", "callmanager", "--compromised", says=["1 phone would be cut off"])
    keys = len(os.listdir(os.path.join(l.cluster, "keys")))
    l.cli("cert", "regenerate", "itlrecovery", "callmanager", "--compromised", "--force", l.json("status")["cluster"])
    p = _plan(l, "cert", "regenerate", "capf")
    equal((_count(p, "lost"), p["cut_off"], p["lost_before"]), (1, 0, 1), "who is lost already is not cut off")
    expect("1 phone is cut off, 1 of them already without it" in l.cli("plan", "cert", "regenerate", "capf").stdout, "which is said")
    equal(len(os.listdir(os.path.join(l.cluster, "keys"))), keys)
    for out in ("", l.phone(NAME, "boot", status=None).stdout):  # before it boots, and after
        expect(out == "" or "Trust List Update Failed" in out, out)
        equal((l.json("phone", "show", NAME)["trust"], l.json("status")["phones"]["trust"]), ("lost", {"lost": 1}))
        expect("phones-lost" in l.cli("check", "--json").stdout, "check forgets the phone")
        said = json.loads(l.cli("diagnose", NAME, "--json", status=1).stdout)
        found, = [f for f in said["findings"] if f["id"] == "list-refused"]
        expect("lists that it was handed" in found["evidence"][0], found)


def what_is_announced_first_needs_no_help_when_it_counts(l):
    _up_with_a_phone(l)
    before = {p: _serial(l, p) for p in ("itlrecovery", "callmanager", "tvs")}
    l.fails("cert", "activate", says=["no certificate is announced"])
    l.fails("cert", "regenerate", "web", "--staged", says=["trust lists announce callmanager"])
    l.cli("cert", "regenerate", *before, "--staged")
    l.fails("cert", "regenerate", "tvs", "--staged", says=["announced already"])
    equal({p: _serial(l, p) for p in before}, before, "nothing else has changed")
    equal(l.cli("check").stdout.count("error"), 0)
    equal(_count(_plan(l, "cert", "activate"), "retired-key"), 1, "the phone has not heard of them")
    l.phone(NAME, "boot")
    equal(held(l, ITL), _published(l), "now it has")
    l.cli("cert", "activate")
    expect(all(_serial(l, p) != before[p] for p in before), "they count now")
    for _ in range(2):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out and "Attempting connect to TVS" not in out, out)
    equal(held(l, ITL), _published(l))
    l.cli("cert", "regenerate", "tvs", "--staged")
    l.cli("cert", "withdraw")
    l.fails("cert", "withdraw", says=["no certificate is announced"])
    equal(l.cli("check").stdout.count("error"), 0)


def what_is_announced_is_taken_back_by_whatever_changes_it_later(l):
    _up_with_a_phone(l)
    l.cli("cert", "regenerate", "callmanager", "tvs", "capf", "--staged")
    keys = len(os.listdir(os.path.join(l.cluster, "keys")))
    l.cli("cert", "regenerate", "tvs", "--compromised")
    equal(len(os.listdir(os.path.join(l.cluster, "keys"))), keys - 1, "one is new, two are gone")
    l.cli("cert", "regenerate", "capf")
    now = {p: _serial(l, p) for p in ("callmanager", "tvs", "capf")}
    l.fails("cert", "activate", "tvs", says=["no certificate is announced"])
    for _ in range(3):
        l.phone(NAME, "boot")
    lab.wait_for("what is still announced", lambda: _serial(l, "callmanager") != now["callmanager"])
    equal([_serial(l, p) for p in ("tvs", "capf")], [now["tvs"], now["capf"]], "what was made later")
    equal(l.cli("check").stdout, "No findings.\n")


def a_phone_that_is_let_go_or_rolled_back_is_brought_to_the_empty_list(l):
    l.up()
    known(l)
    known(l, OTHER)
    for name in (NAME, OTHER):
        l.phone(name, "boot")
    for begin, name in ((("phone", "release", NAME), NAME), (("rollback", "prepare"), OTHER)):
        l.cli(*begin)
        _regenerate_everything(l)
        for _ in range(3):
            out = l.phone(name, "boot").stdout
            expect("Trust List Update Failed" not in out, out)
            roles = {r["role_name"] for r in json.loads(run(l.binary("sealtone"), "file", "show", l.state(name, ITL), "--json").stdout)["records"]}
            equal(roles, {"SAST", "CAPF"}, f"{begin}: what is in the list")
    equal(l.json("rollback", "show")["empty"], 2, "both")


OTHER = "SEP001122334466"


def a_phone_that_is_let_go_and_holds_a_ctl_has_files_by_a_key_that_its_ctl_names(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    l.cli("phone", "release", NAME)
    l.phone(NAME, "boot")
    l.cli("cert", "regenerate", "callmanager")
    for _ in range(3):
        l.phone(NAME, "boot")


def a_plan_says_who_can_verify_no_configuration_with_the_lists_of_rollback(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    for mode in ("mixed-mode", "non-secure-mode"):
        l.cli("ctl", "set-cluster", mode)
        l.phone(NAME, "boot")
    p = _plan(l, "rollback", "prepare")
    equal([(f["effect"], [x["name"] for x in f["phones"]]) for f in p["effects"]], [("no-configuration", [NAME])], "whom it leaves so")
    out = l.cli("plan", "rollback", "prepare").stdout
    expect("no-configuration 1 phone" in out and NAME in out and "erase the CTL" in out, out)
    expect("effects" not in _plan(l, "cert", "regenerate", "web"), "as things stand")
    _regenerate_everything(l)
    p = _plan(l, "rollback", "prepare")
    equal((_count(p, "retired-key"), p["effects"][0]["effect"]), (1, "no-configuration"), "one that needs a bridge first")
    l.cli("rollback", "prepare")
    l.phone(NAME, "boot", status=1)
    equal(_plan(l, "cert", "regenerate", "web")["effects"][0]["count"], 1, "it is so now")
    l.cli("rollback", "end")
    l.phone(NAME, "boot")


def _events(l):
    return [e["event"] for e in l.json("log")]


def what_is_announced_counts_by_itself_when_every_phone_has_booted_with_it(l):
    _up_with_a_phone(l)
    known(l, OTHER)
    l.phone(OTHER, "boot")
    lab.wait_for("the fronts' word about that boot", lambda: l.json("phone", "show", OTHER)["served"]["config"])
    before = _serial(l, "callmanager")
    equal(l.cli("cert", "staged").stdout, "Nothing is announced.\n")
    l.cli("cert", "regenerate", "callmanager", "tvs", "--staged")
    for _ in range(20):  # reading proves nothing, however often
        l.fetch(f"ITL{OTHER}.tlv")
    l.phone(NAME, "boot")
    state = lab.wait_for("the first phone", lambda: [s for s in [l.json("cert", "staged")] if s["known"] == 1])[0]
    equal((state["taking"], state["missing"], state["lost"], state["automatic"], state["purposes"]), (1, 0, 0, True, ["callmanager", "tvs"]))
    equal([(p["name"], p["state"]) for p in state["waited_for"]], [(OTHER, "taking")])
    expect(f"{OTHER}  8861   taking" in l.cli("cert", "staged").stdout, "in words")
    equal(_serial(l, "callmanager"), before, "it does not count yet")
    l.phone(OTHER, "boot")
    lab.wait_for("the change", lambda: "certificates-activated" in _events(l))
    expect(_serial(l, "callmanager") != before, "it counts now")
    for name in (NAME, OTHER):
        out = l.phone(name, "boot").stdout
        expect("Trust List Update Failed" not in out and "Attempting connect to TVS" not in out, out)


def what_is_announced_waits_for_the_administrator_where_the_setting_says_so(l):
    l.have()
    l.set_conf("trust", "activate", "no")
    l.start()
    known(l)
    l.phone(NAME, "boot")
    l.cli("cert", "regenerate", "tvs", "--staged")
    l.phone(NAME, "boot")
    lab.wait_for("the phone", lambda: l.json("cert", "staged")["known"] == 1)
    expect("after sealtone cert activate" in l.cli("cert", "staged").stdout, "what it waits for")
    l.set_conf("trust", "activate", "yes")
    expect("certificates-activated" not in _events(l), "it went by itself")
    l.daemon.send_signal(signal.SIGHUP)
    lab.wait_for("the change", lambda: "certificates-activated" in _events(l))


if __name__ == "__main__":
    lab.main(globals())
