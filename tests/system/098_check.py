#!/usr/bin/env python3
"""`sealtone check`: a healthy cluster has no findings; each thing that is spoilt for real is found, with a daemon and without."""
import glob
import json
import os
import re
import shutil
import sqlite3

import lab
from lab import Lab, equal, expect, run


def _check(l, *args, status=None):
    """The findings, and the run."""
    done = l.cli("check", "--json", *args, status=status)
    return json.loads(done.stdout), done


def _ids(found):
    return sorted({f["id"] for f in found})


def _sql(l, *statements):
    db = sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))
    try:
        for statement, values in statements:
            db.execute(statement, values)
        db.commit()
    finally:
        db.close()


def _der(l, purpose):
    db = sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))
    try:
        return db.execute("SELECT der FROM certificates WHERE purpose = ? AND active = 1", (purpose,)).fetchone()[0]
    finally:
        db.close()


def _count(l, table):
    db = sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))
    try:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    finally:
        db.close()


def _key_file(l, purpose):
    for path in glob.glob(os.path.join(l.cluster, "keys", "*.pem")):
        with open(path) as f:
            if f.readline() == f"purpose: {purpose}\n":
                return path
    raise lab.Failed(f"no key file for {purpose}")


# --- what is spoilt ---

def _key_gone(l):
    os.unlink(_key_file(l, "tvs"))


def _key_swapped(l):
    shutil.copy(_key_file(l, "web"), _key_file(l, "callmanager"))


def _key_purpose(l):
    path = _key_file(l, "tvs")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("purpose: tvs\n", "purpose: web\n", 1))


def _key_open(l):
    os.chmod(_key_file(l, "web"), 0o644)


def _passphrase_gone(l):
    os.unlink(os.path.join(l.cluster, "keys.passphrase"))


def _database_open(l):
    os.chmod(os.path.join(l.cluster, "sealtone.db"), 0o644)


def _other_cluster(l):
    """Its ITL, and its CallManager certificate."""
    other = Lab()
    try:
        other.init("--cluster", "other")
        db = sqlite3.connect(os.path.join(other.cluster, "sealtone.db"))
        row = db.execute("SELECT file, sha256, signer FROM lists WHERE kind = 'itl' ORDER BY id DESC").fetchone()
        db.close()
        return row, _der(other, "callmanager")
    finally:
        shutil.rmtree(other.dir)


def _put_list(l, file, sha256, signer):
    _sql(l, ("INSERT INTO lists (node, kind, digest, version, file, sha256, signer, made) SELECT node, kind, digest,"
             " (SELECT max(version) + 1 FROM lists WHERE kind = 'itl'), ?, ?, ?, made FROM lists"
             " WHERE kind = 'itl' ORDER BY id DESC LIMIT 1", (file, sha256, signer)))


def _list_of_another_cluster(l):
    _put_list(l, *_other_cluster(l)[0])


def _list_spoilt(l):
    (file, sha256, signer), _ = _other_cluster(l)
    _put_list(l, file[:-1], sha256, signer)


def _earlier_list_spoilt(l):
    """One that phones may hold still: another was published since."""
    db = sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))
    now = db.execute("SELECT file, sha256, signer FROM lists WHERE kind = 'itl' ORDER BY id DESC LIMIT 1").fetchone()
    db.close()
    _put_list(l, *now)
    _sql(l, ("DROP TRIGGER lists_fixed", ()), ("UPDATE lists SET file = substr(file, 1, length(file) - 1) WHERE kind = 'itl' AND version = 1", ()))


def _certificate_of_another_cluster(l):
    """The CallManager.pem mismatch of the backup defect."""
    _sql(l, ("UPDATE certificates SET der = ? WHERE purpose = 'callmanager' AND active = 1", (_other_cluster(l)[1],)))


def _certificate_spoilt(l):
    _sql(l, ("UPDATE certificates SET der = x'00' WHERE purpose = 'web'", ()))


def _certificate_gone(l):
    _sql(l, ("UPDATE certificates SET active = 0, retired = made WHERE purpose = 'web'", ()))


def _role_off(l):
    _sql(l, ("UPDATE nodes SET tvs = 0", ()))


def _host_renamed(l):
    _sql(l, ("UPDATE nodes SET name = 'new.example.test'", ()))


def _address_changed(l):
    _sql(l, ("UPDATE nodes SET addresses = '192.0.2.77'", ()))


def _capf_trust_emptied(l):
    _sql(l, ("DELETE FROM trust WHERE store = 'capf-trust'", ()))


def _pointer_broken(l):
    _sql(l, ("PRAGMA foreign_keys = OFF", ()), ("UPDATE certificates SET node = 99 WHERE purpose = 'web'", ()))


def _folder_spoilt(l):
    l.put("sep001122334455.cnf.xml", "<device/>")


# What is done, what is found at least, and whether that is an error.
SPOILT = [
    (_key_gone, ["key-missing"], True),
    (_key_swapped, ["key-unusable"], True),
    (_key_purpose, ["key-other-purpose"], True),
    (_key_open, ["file-open", "key-unusable"], True),
    (_passphrase_gone, ["keys-locked"], True),
    (_database_open, ["file-open"], True),
    (_list_of_another_cluster, ["list-signer-not-current", "record-differs"], True),
    (_list_spoilt, ["list-hash", "list-unreadable"], True),
    (_earlier_list_spoilt, ["list-hash"], True),
    (_certificate_of_another_cluster, ["key-missing", "record-differs"], True),
    (_certificate_spoilt, ["certificate-unreadable"], True),
    (_certificate_gone, ["certificate-missing"], True),
    (_role_off, ["record-left-over"], True),
    (_host_renamed, ["host-not-named", "list-not-published"], False),
    (_address_changed, ["address-not-named"], False),
    (_capf_trust_emptied, ["capf-not-trusted"], True),
    (_pointer_broken, ["certificate-missing", "database-damaged"], True),
    (_folder_spoilt, ["folder-findings"], False),
]


def _expect_found(what, found, done, ids, is_error):
    for id_ in ids:
        expect(id_ in _ids(found), f"{what}: {id_} not in {_ids(found)}")
    for f in found:
        expect(all(f[key] for key in ("where", "what", "why", "fix")), f"{what}: something is empty in {f}")
    equal(done.returncode, 1 if is_error else 0, f"{what}: exit status")
    if is_error:
        expect(" in the cluster\n" in done.stderr and done.stderr.count("\n") == 1, f"{what}: {done.stderr!r}")


def a_healthy_cluster_has_no_findings_with_a_daemon_or_without(l):
    l.have()
    equal(_check(l, status=0)[0], [], "findings without a daemon")
    equal(run(l.binary("sealtone"), "check", l.cluster).stdout, "No findings.\n", "its folder as an argument")
    l.start()
    equal(_check(l, status=0)[0], [], "findings with a daemon")
    equal(_check(l, "--offline", "--strict", status=0)[0], [], "findings in the folder of a daemon")
    equal(l.cli("check").stdout, "No findings.\n", "text")


def each_thing_that_is_spoilt_is_found_without_a_daemon(l):
    for spoil, ids, is_error in SPOILT:
        l.have()
        spoil(l)
        found, done = _check(l)
        _expect_found(spoil.__name__, found, done, ids, is_error)
        shutil.rmtree(l.cluster)


def each_thing_that_is_spoilt_is_found_by_a_daemon_that_runs(l):
    for spoil, ids, is_error in SPOILT:
        l.up()
        spoil(l)
        found, done = _check(l)
        _expect_found(spoil.__name__, found, done, ids, is_error)
        l.stop(status=None)
        shutil.rmtree(l.cluster)


def a_warning_fails_only_a_strict_check(l):
    l.have()
    _folder_spoilt(l)
    equal(_check(l, status=0)[1].stderr, "", "standard error")
    done = _check(l, "--strict", status=1)[1]
    equal(done.stderr, "sealtone: 0 errors and 1 warning in the cluster\n", "standard error")


def a_restart_publishes_what_a_role_that_was_switched_off_by_hand_left_over(l):
    l.have()
    _role_off(l)
    equal(_ids(_check(l)[0]), ["record-left-over"], "before")
    l.start()
    equal(_check(l, status=0)[0], [], "after")


def a_phone_that_holds_the_list_of_a_lost_key_is_counted(l):
    l.up()
    l.cli("phone", "add", "SEP001122334455")
    l.config("SEP001122334455")
    l.phone("SEP001122334455", "boot")
    lab.wait_for("the list that it was handed on record", lambda: _count(l, "beliefs"))
    l.stop()
    for purpose in ("itlrecovery", "callmanager", "tvs"):
        os.unlink(_key_file(l, purpose))
    found = _check(l, status=1)[0]
    equal(_ids(found), ["key-missing", "phones-lost"], "findings")
    lost = next(f for f in found if f["id"] == "phones-lost")
    expect(lost["what"].startswith("1 phone was "), lost["what"])


def what_does_not_open_is_a_finding_and_no_cluster_is_an_error(l):
    l.have()
    with open(os.path.join(l.cluster, "sealtone.conf"), "a") as f:
        f.write("[nothing]\nat-all = 1\n")
    equal(_ids(_check(l, status=1)[0]), ["conf-unreadable"], "spoilt configuration")
    shutil.rmtree(l.cluster)
    l.have()
    _sql(l, ("PRAGMA user_version = 1", ()))
    equal(_ids(_check(l, status=1)[0]), ["database-unreadable"], "old schema")
    shutil.rmtree(l.cluster)
    l.fails("check", says=("No such file",))
    os.mkdir(l.cluster)
    l.fails("check", says=("sealtone.conf",))


def the_text_is_a_block_for_each_finding(l):
    l.have()
    _key_gone(l)
    done = l.cli("check", status=1)
    expect(done.stdout.startswith("error: key-missing\n"), done.stdout)
    for word in ("pub.example.test, tvs", "No such file", "backup"):
        expect(word in done.stdout, f"{word} not in {done.stdout}")


def the_guide_has_a_row_for_every_finding(l):
    with open(os.path.join(lab.ROOT, "src", "lib", "rules", "checkup.c")) as f:
        known = re.findall(r'\{ "([a-z-]+)", CHECKUP_(ERROR|WARNING),', f.read())
    with open(os.path.join(lab.ROOT, "doc", "guide", "check.md")) as f:
        told = re.findall(r"^\| `([a-z-]+)` \| (error|warning) \|", f.read(), re.M)
    expect(len(known) > 30, f"{len(known)} findings in the source")
    equal(sorted(told), sorted((id_, severity.lower()) for id_, severity in known), "rows of the guide")


lab.main(globals())
