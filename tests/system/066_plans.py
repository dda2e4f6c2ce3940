#!/usr/bin/env python3
"""Plans of what is no command of the daemon: a restore, dates that pass, profiles, moves; and how plans are told."""
import json
import os
import shutil

import lab
from handset import ITL, NAME, enrolling, held, known, with_foreign
from lab import equal, expect, run

LATER = "SEP001122334466"
SECRET = {"SEALTONE_PASSPHRASE": "correct horse battery staple"}


def _count(p, outcome):
    return p["phones"][outcome]["count"]


def _sealtone(l, *words, status=0, env=None):
    return run(l.binary("sealtone"), "--dir", l.cluster, *words, status=status, env=env)


def _plan(l, *words, status=0, env=None):
    return json.loads(_sealtone(l, "plan", *words, "--json", status=status, env=env).stdout)


def _on_record(l, count=1, versions=1):
    """What was sent to phones is reported by the front a moment later."""
    lab.wait_for("the lists to be on record",
                 lambda: sum(h["phones"] for h in [h for h in l.json("itl", "history") if h["kind"] == "ITL"][:versions]) >= count)


# --- a restore ---

def _old_backup_and_newer_keys(l):
    """Phones hold a list of keys that the backup does not have; one phone it does not know."""
    known(l)
    l.phone(NAME, "boot")
    backup = os.path.join(l.dir, "backup")
    _sealtone(l, "backup", backup, env=SECRET)
    l.cli("cert", "regenerate", "itlrecovery", "tvs", "callmanager")
    for _ in range(2):  # the bridge, and the list
        l.phone(NAME, "boot")
    known(l, LATER)
    _on_record(l)
    return backup


def _serve(l, folder):
    """From now on that folder is the cluster's."""
    shutil.copytree(os.path.join(l.cluster, "tftpboot"), os.path.join(folder, "tftpboot"), dirs_exist_ok=True)
    l.cluster = folder
    l.start()


def a_restore_brings_the_lists_and_keys_along_that_phones_need_to_come_back(l):
    l.up()
    backup = _old_backup_and_newer_keys(l)
    newer = held(l, ITL)
    before = sorted(os.listdir(l.cluster))
    p = _plan(l, "restore", backup, env=SECRET)
    equal((_count(p, "retired-key"), _count(p, "lost"), p["cut_off"], p["not_in_backup"]), (1, 0, 0, [LATER]))
    equal(p["phones"]["retired-key"]["phones"][0]["name"], NAME)
    equal(sorted(set(os.listdir(l.cluster)) - set(before)), [".plan"])
    equal(os.listdir(os.path.join(l.cluster, ".plan")), [], "nothing of the backup stays")
    equal(held(l, ITL), newer)
    l.stop()
    folder = os.path.join(l.dir, "restored")
    told = json.loads(_sealtone(l, "restore", backup, folder, "--json", env=SECRET).stdout)
    equal((told["brought"]["keys"], told["brought"]["phones"], told["not_in_backup"]), (2, 1, [LATER]))
    _serve(l, folder)
    for _ in range(3):
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    expect("verify SUCCESS" in out, out)
    l.cli("serve-lists", "all")
    equal(held(l, ITL), l.fetch(ITL), "the list of the restored cluster")
    equal(l.cli("check").stdout.count("error"), 0)
    expect("held-brought" in l.cli("log").stdout, "it is in the audit log")


def phones_that_were_added_or_deleted_since_the_backup_come_back_with_what_they_hold(l):
    l.up()
    backup = _old_backup_and_newer_keys(l)
    l.phone(LATER, "boot")
    _on_record(l, count=2)
    l.cli("phone", "delete", NAME)
    l.stop()
    folder = os.path.join(l.dir, "restored")
    told = json.loads(_sealtone(l, "restore", backup, folder, "--json", env=SECRET).stdout)
    equal((told["brought"]["keys"], told["brought"]["phones"], told["not_in_backup"]), (2, 2, [LATER]))
    _serve(l, folder)
    l.cli("phone", "add", LATER, "--model", "8861")
    for name in (NAME, LATER):
        for _ in range(3):
            out = l.phone(name, "boot").stdout
            expect("Trust List Update Failed" not in out, out)
        equal(held(l, ITL, name), l.fetch(f"ITL{name}.tlv"), f"the list of {name}")


def a_restore_that_cuts_phones_off_is_refused_and_can_be_forced(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    known(l)
    l.phone(NAME, "boot")
    backup = os.path.join(l.dir, "backup")
    _sealtone(l, "backup", backup, env=SECRET)
    for purpose in ("itlrecovery", "callmanager", "tvs"):
        l.cli("cert", "regenerate", purpose)
        l.phone(NAME, "boot")
        _on_record(l)
        l.cli("phone", "holds", NAME, l.state(NAME, ITL))
    p = _plan(l, "restore", backup, status=3, env=SECRET)
    equal((_count(p, "lost"), p["cut_off"], p["steps"]), (1, 1, []))
    lost = p["phones"]["lost"]["phones"][0]
    expect(lost["how"] == "menu" and lost["erase"] and lost["factory_reset"], lost)
    l.stop()
    folder = os.path.join(l.dir, "restored")
    why = _sealtone(l, "restore", backup, folder, status=1, env=SECRET).stderr
    expect("1 phone would be cut off" in why and not os.path.exists(folder), why)
    why = _sealtone(l, "restore", backup, folder, "--force", "Other", status=1, env=SECRET).stderr
    expect("--force takes the name of the cluster" in why and not os.path.exists(folder), why)
    _sealtone(l, "restore", backup, folder, "--force", p["cluster"], env=SECRET)
    _serve(l, folder)
    expect("forced" in l.cli("log").stdout, "it is in the audit log")
    expect("Trust List Update Failed" in l.phone(NAME, "boot", status=None).stdout, "as it was said")


def a_restore_goes_on_when_the_cluster_as_it_was_cannot_be_read(l):
    l.up()
    backup = os.path.join(l.dir, "backup")
    _sealtone(l, "backup", backup, env=SECRET)
    l.stop()
    with open(os.path.join(l.cluster, "sealtone.db"), "r+b") as f:
        f.write(b"\xff" * 100)
    told = json.loads(_sealtone(l, "restore", backup, os.path.join(l.dir, "one"), "--json", env=SECRET).stdout)
    expect(told["brought"] is None and "sealtone.db" in told["not_planned"], told)
    out = _sealtone(l, "restore", backup, os.path.join(l.dir, "other"), env=SECRET).stdout
    expect("Not planned" in out, out)
    _serve(l, os.path.join(l.dir, "other"))


def a_restore_says_so_when_the_folder_that_is_named_has_no_cluster(l):
    l.have()
    backup = os.path.join(l.dir, "backup")
    _sealtone(l, "backup", backup, env=SECRET)
    nowhere, gone = os.path.join(l.dir, "nowhere"), os.path.join(l.dir, "gone")
    shutil.copytree(l.cluster, gone)
    os.remove(os.path.join(gone, "sealtone.db"))
    restore = (l.binary("sealtone"), "restore", backup)
    why = run(*restore, os.path.join(l.dir, "one"), "--dir", nowhere, status=2, env=SECRET).stderr
    expect("no such folder" in why and not os.path.exists(os.path.join(l.dir, "one")), why)
    for i, (named, says) in enumerate([(nowhere, "No such file"), (gone, "sealtone.db")]):
        told = json.loads(run(*restore, os.path.join(l.dir, f"env{i}"), "--json", env={**SECRET, "SEALTONE_DIR": named}).stdout)
        expect(told["brought"] is None and says in told["not_planned"], told)
    out = run(*restore, os.path.join(l.dir, "given"), "--dir", gone, env=SECRET).stdout
    expect(f"nothing brought along from {gone}" in out and "sealtone.db" in out, out)
    out = run(*restore, os.path.join(l.dir, "plain"), env=SECRET).stdout
    expect("brought along" not in out, out)


def a_backup_of_another_cluster_is_no_plan_and_is_restored_as_it_is(l):
    l.up()
    other = os.path.join(l.dir, "other")
    backup = os.path.join(l.dir, "backup")
    run(l.binary("sealtone"), "init", other, "--cluster", "Other", "--host", "other.example.com", "--address", "127.0.0.1", "--base-port", "41000")
    run(l.binary("sealtone"), "--dir", other, "backup", backup, env=SECRET)
    why = _sealtone(l, "plan", "restore", backup, status=1, env=SECRET).stderr
    expect("is of cluster Other" in why, why)
    told = json.loads(_sealtone(l, "restore", backup, os.path.join(l.dir, "restored"), "--json", env=SECRET).stdout)
    equal(told["brought"], None)
    expect("cluster Other" not in told["not_planned"] and "the backup is of Other" in told["not_planned"], told)
    run(l.binary("sealtone"), "--dir", os.path.join(l.dir, "nowhere"), "plan", "restore", backup, status=2, env=SECRET)


# --- dates ---

def a_date_is_planned_with_certificates_phones_and_lscs_that_expire_until_then(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    p = _plan(l, "expiry", "+1d")
    equal((p["certificates"], p["lscs"]["count"], p["steps"], p["cut_off"]), ([], 0, [], 0))
    expect("No certificate expires by then." in l.cli("plan", "expiry", "+1d").stdout, "it says so")
    p = _plan(l, "expiry", "2090-01-01")
    equal((_count(p, "keeps"), p["cut_off"]), (1, 0), "lists stay good")
    effects = {c["where"]: c["effect"] for c in p["certificates"]}
    expect({"itlrecovery", "tvs", "callmanager", "capf", "callmanager-ec", "web"} <= set(effects), effects)
    expect("firmware" in effects["tvs"], effects["tvs"])
    equal((p["lscs"]["count"], p["lscs"]["secure"], p["lscs"]["phones"][0]["name"]), (1, 0, NAME))
    expect("sealtone cert regenerate tvs" in p["steps"] and any("expires is before 2090-01-01" in s for s in p["steps"]), p["steps"])
    l.cli("profile", "add", "safe", "--mode", "encrypted", "--transport", "tls")
    l.cli("phone", "set", NAME, "--profile", "safe")
    out = l.cli("plan", "expiry", "2090-01-01").stdout
    expect("LSCs             of 1 phone, 1 with a secure profile" in out and "Before that date:" in out, out)
    l.fails("plan", "expiry", "soon", says=["YYYY-MM-DD"])
    l.fails("plan", "expiry", "2020-01-01", says=["2020-01-01", "has passed"])


# --- a profile ---

def a_profile_is_planned_with_what_its_phones_lack_and_stays_as_it_is(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    l.cli("phone", "add", LATER, "--model", "8861")
    l.cli("profile", "add", "safe")
    l.cli("phone", "set", NAME, LATER, "--profile", "safe")
    change = ("profile", "set", "safe", "--mode", "encrypted", "--transport", "tls", "--encrypted-config", "yes")
    before = l.json("profile", "show", "safe")
    p = _plan(l, *change)
    got = {f["effect"]: [x["name"] for x in f["phones"]] for f in p["effects"]}
    equal(got, {"waits": [LATER], "encrypted": [NAME], "no-lsc": [LATER], "no-ctl": [NAME, LATER]}, "effects")
    equal((_count(p, "keeps"), _count(p, "unknown"), p["cut_off"]), (1, 1, 0), "lists")
    equal(l.json("profile", "show", "safe"), before, "the profile")
    out = l.cli("plan", *change).stdout
    expect("no-ctl       2 phones are to register by TLS" in out and "ctl set-cluster mixed-mode" in out, out)
    l.fails("plan", "profile", "set", "none", "--mode", "keep", says=["no profile none"])
    l.fails("plan", "profile", "set", "safe", "--mode", "encrypted", "--transport", "udp", says=["safe"])
    equal(l.json("profile", "show", "safe"), before, "the profile")


# --- from cluster to cluster ---

@with_foreign
def a_move_to_another_cluster_is_planned_by_what_our_tvs_speaks_for(l, foreign):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    theirs = l.file("theirs.tlv", foreign.fetch(f"ITL{NAME}.tlv"))
    move = ("migrate", "--to", "new", "--itl", theirs)
    p = _plan(l, *move, status=3)
    equal((_count(p, "lost"), p["cut_off"], p["to"]), (1, 1, "new"))
    equal([s["vouched"] for s in p["signers"]], [False, False], "signers")
    bundle = os.path.join(l.dir, "theirs.p12")
    foreign.cli("migrate", "export", bundle)
    named_otherwise = l.file("theirs.pem", foreign.cli("cert", "export", "itlrecovery").stdout)
    l.fails("plan", *move, "--certs", named_otherwise, says=["theirs.pem: the name of the file does not say"])
    p = _plan(l, *move, "--certs", bundle)
    equal((_count(p, "tvs"), p["cut_off"], [s["vouched"] for s in p["signers"]]), (1, 0, [True, True]))
    equal(_plan(l, *move, status=3)["cut_off"], 1, "nothing was imported by the plan")
    l.cli("migrate", "import", bundle)
    out = l.cli("plan", *move).stdout
    expect("tvs          1 phone" in out and "migrate verify --to" in out, out)
    # It holds a list whose TVS is no more: it must have the current one first.
    l.cli("cert", "regenerate", "tvs")
    p = _plan(l, *move, status=3)
    expect(p["cut_off"] == 1 and "none behind" in p["steps"][0], p["steps"])
    l.cli("plan", "migrate", "--itl", theirs, status=2)


@with_foreign
def phones_of_another_cluster_are_planned_by_the_list_that_they_hold(l, foreign):
    l.up()
    theirs = l.file("theirs.tlv", foreign.fetch(f"ITL{NAME}.tlv"))
    come = ("migrate", "--from", "old", "--itl", theirs)
    l.cli("migrate", "move", "--from", "old", "--csv", l.file("phones.csv", f"name,model\n{NAME},8861\n"))
    p = _plan(l, *come)
    equal(p["expected"], 1, "phones")
    equal((p["outcome"], p["if_vouched"], p["cut_off"], p["from"]), ("tvs", True, 0, "old"))
    equal([(s["signs"], s["known"]) for s in p["ours"]], [("lists", False), ("files", False)], "ours")
    equal((len(p["tvs"]), [s["vouched"] for s in p["back"]]), (1, [False, False]), "their TVS, and the way back")
    out = l.cli("plan", *come).stdout
    expect("Phone-SAST-trust" in out and "migrate verify --from" in out and "tvs          phones of old" in out, out)
    foreign.cli("rollback", "prepare")
    empty = l.file("empty.tlv", foreign.fetch(f"ITL{NAME}.tlv"))
    equal(_plan(l, "migrate", "--from", "old", "--itl", empty)["outcome"], "keeps", "an emptied list")
    # Without TVS nobody is asked.
    foreign.cli("rollback", "end")
    foreign.cli("node", "set", "tvs", "off", "--force", foreign.json("status")["cluster"])
    deaf = l.file("deaf.tlv", foreign.fetch(f"ITL{NAME}.tlv"))
    p = _plan(l, "migrate", "--from", "old", "--itl", deaf, status=3)
    expect(p["outcome"] == "lost" and "take-over" in p["steps"][0], p)


# --- how plans are told ---

def phones_that_are_away_are_told_what_must_stay_until_they_are_back(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.cli("phone", "add", LATER)
    rec = l.json("cert", "show", "itlrecovery")["sha256"]
    cm = l.json("cert", "show", "callmanager")["sha256"]
    p = _plan(l, "cert", "regenerate", "itlrecovery", "tvs", "callmanager")
    away = p["phones"]["retired-key"]["groups"][0]["absent"]
    equal((away["boots"], away["needs"], [k["sha256"] for k in away["keys"]]), (2, "keys", [rec, cm]))
    equal(p["phones"]["unknown"]["groups"][0]["absent"]["needs"], "unknown")
    away = _plan(l, "cert", "regenerate", "web")["phones"]["keeps"]["groups"][0]["absent"]
    equal((away["boots"], away["needs"], away["keys"]), (1, "nothing", []))


def reasons_are_summed_up_and_groups_are_told_when_asked_for(l):
    l.up()
    for i in range(3):  # each holds a list of its own
        known(l, f"SEP00112233440{i}")
        l.phone(f"SEP00112233440{i}", "boot")
        l.cli("cert", "regenerate", "tvs")
    _on_record(l, 3, 4)
    act = ("cert", "regenerate", "web")
    p = _plan(l, *act)
    equal([(r["outcome"], r["phones"], r["groups"]) for r in p["summary"]], [("keeps", 3, 3)], "summary")
    equal(sorted(g["lists"] for g in p["phones"]["keeps"]["groups"]), [["ITL 1"], ["ITL 2"], ["ITL 3"]])
    out = l.cli("plan", *act).stdout
    expect("away meanwhile: one boot" in out, out)
    expect(out.count("    3: ") == 1 and "ITL 2" not in out and out.count("away meanwhile") == 1, out)
    out = l.cli("plan", *act, "--groups").stdout
    expect(all(f"    1, with ITL {i}: " in out for i in (1, 2, 3)), out)
    l.cli("cert", "regenerate", "web", "--groups", status=2)


def users_of_lost_phones_get_a_sheet(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    known(l)
    l.phone(NAME, "boot")
    l.cli("phone", "add", LATER)
    done = l.cli("plan", "cert", "regenerate", "itlrecovery", "tvs", "callmanager", "--sheet", status=3)
    expect(f"Phone {NAME}" in done.stdout and "[ ] 1. At the phone, choose:\n        Settings" in done.stdout and LATER not in done.stdout, done.stdout)
    expect(done.stdout.startswith("-----") and "lost" not in done.stdout, done.stdout)
    equal(l.cli("plan", "cert", "regenerate", "web", "--sheet").stdout, "", "nobody is lost")


if __name__ == "__main__":
    lab.main(globals())
