"""Finding phones, the CAPF report, and what depends on which issuer."""
import csv
import io
import json
import os
import sqlite3

import lab
from handset import NAME, enrolling
from lab import equal, expect, run

OTHER = "SEP0011223344AA"
THIRD = "SEP0011223344BB"


def _fleet(l):
    """One phone with an LSC, one in another group with an authentication string, one without anything."""
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    l.cli("phone", "add", OTHER, "--model", "7965", "--group", "north", "--value", "description==1+1")
    l.cli("phone", "set", OTHER, "--auth-mode", "auth-string", "--auth-string", "135790", "--operation", "install-upgrade")
    l.cli("phone", "add", THIRD, "--model", "8861")


def _names(l, *args):
    return [p["name"] for p in l.json("phone", "list", *args)]


def phones_are_found_by_criteria_and_by_any_text(l):
    _fleet(l)
    equal(_names(l, "lsc status is exactly Installed"), [NAME])
    equal(_names(l, "lsc expires is after +30d"), [NAME])
    equal(_names(l, "lsc expires is exactly NA and model contains 88"), [THIRD])
    equal(_names(l, "lsc issued by begins with CN=CAPF"), [NAME])
    equal(_names(l, "authentication string is not empty"), [OTHER])
    equal(_names(l, "operation status is exactly Operation Pending"), [OTHER])
    equal(_names(l, "group is exactly north and operation is exactly install-upgrade"), [OTHER])
    lab.wait_for("the visit to be written down", lambda: _names(l, "last seen is exactly NA") == [OTHER, THIRD])
    equal(_names(l, "operation pending"), [OTHER])
    equal(_names(l, "north"), [OTHER])
    equal(_names(l, "--file", l.file("some", f"# two of them\n {THIRD}\n\n{OTHER}\r\nSEPFFFFFFFFFFFF\n")), [OTHER, THIRD])
    l.fails("phone", "list", "lsc expires is soon", says=["character 16", "YYYY-MM-DD"])
    l.fails("phone", "list", "--file", os.path.join(l.dir, "none"), says=["none"])


def the_report_is_a_table_csv_and_json(l):
    _fleet(l)
    report = {p["name"]: p for p in l.json("capf", "report")}
    equal(sorted(report), sorted([NAME, OTHER, THIRD]))
    expect(report[NAME]["lsc_issued_by"].startswith("CN=CAPF"), f"issuer: {report[NAME]}")
    equal([report[THIRD][k] for k in ("lsc_expires", "lsc_issued_by", "lsc_issuer_expires")], ["NA"] * 3)
    equal(report[OTHER]["auth_string_set"], True)
    expect("135790" not in l.cli("capf", "report", "--json").stdout, "an authentication string in a report that was not asked for it")
    equal(l.json("capf", "report", "group is north", "--auth-strings")[0]["auth_string"], "135790")
    text = l.cli("capf", "report", "--csv", text=False).stdout
    expect(text.count(b"\r\n") == 4, "four lines that end as RFC 4180 says")
    rows = {r["Device Name"]: r for r in csv.DictReader(io.StringIO(text.decode(), newline=""))}
    equal(rows[OTHER]["Description"], "'=1+1", "a text that a spreadsheet would take for a formula")
    equal(rows[OTHER]["Device Pool"], "north")
    equal(rows[NAME]["LSC Status"], "Installed")
    equal(rows[NAME]["LSC Expires"], report[NAME]["lsc_expires"])
    expect("Upgrade Success" in l.cli("capf", "report", "lsc status is Installed").stdout, "the table")
    l.fails("capf", "report", "--csv", "--json", status=2)


def a_certificate_stays_trusted_until_the_last_lsc_it_signed_is_gone(l):
    _fleet(l)
    capf = l.json("cert", "show", "capf")
    issuer, = l.json("capf", "issuers")
    equal((issuer["sha256"], issuer["live_lscs"]), (capf["sha256"], 1))
    equal(issuer["last_ends"], l.json("phone", "show", NAME)["lsc_expires"])
    pem = l.file("capf.pem", l.cli("cert", "show", "capf", "--pem").stdout)
    held_by = {t["store"] for t in l.json("trust", "list") if t["sha256"] == capf["sha256"]}
    for store in {"callmanager-trust", "capf-trust", "phone-trust"} - held_by:
        l.cli("trust", "add", store, pem)
    l.fails("trust", "remove", "capf-trust", capf["sha256"], says=["1 live LSCs"])
    l.fails("trust", "remove", "callmanager-trust", capf["sha256"], says=["1 live LSCs"])
    removal = ("trust", "remove", "capf-trust", capf["sha256"])
    plan = json.loads(l.cli("plan", *removal, "--json", status=3).stdout)
    equal((plan["cut_off"], [(f["effect"], [p["name"] for p in f["phones"]]) for f in plan["effects"]]), (1, [("lsc", [NAME])]), "whose LSC it is")
    equal(plan["steps"][0], "sealtone cert regenerate capf", "the issuer of now is replaced first")
    expect(f'lsc issued by is exactly "{issuer["subject"]}"' in plan["steps"][1] and plan["steps"][-1].endswith(" ".join(removal)), plan["steps"])
    shown = l.cli("plan", *removal, status=3)
    expect("lsc          1 phone hold" in shown.stdout and NAME in shown.stdout and "In these steps nobody is lost:" in shown.stdout, shown.stdout)
    equal(shown.stderr, "sealtone: 1 phone would be cut off\n")
    expect(any(t["sha256"] == capf["sha256"] and t["store"] == "capf-trust" for t in l.json("trust", "list")), "a plan took it away")
    l.cli("trust", "remove", "callmanager-trust", capf["sha256"], "--force", l.json("status")["cluster"])
    l.cli("trust", "remove", "phone-trust", capf["sha256"])
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        db.execute("UPDATE lscs SET issuer = NULL")  # as one that was issued before this was kept
    l.start()
    equal([i["subject"] for i in l.json("capf", "issuers") if i["live_lscs"]], ["Unknown"])
    equal(_names(l, "lsc issued by is exactly Unknown"), [NAME])
    l.fails("trust", "remove", "capf-trust", capf["sha256"], says=["1 of them may"])
    plan = json.loads(l.cli("plan", *removal, "--json", status=3).stdout)
    equal([p["name"] for p in plan["effects"][0]["phones"]], [NAME], "whose LSC it may be")
    l.cli("phone", "set", NAME, "--operation", "delete")
    l.phone(NAME, "boot")
    plan = l.json("plan", *removal)
    equal((plan["cut_off"], plan.get("effects")), (0, None), "the plan when nobody needs it")
    l.cli("trust", "remove", "capf-trust", capf["sha256"])


def _bulk(l, job, what, **counts):
    def fits():
        now = l.json("capf", "bulk", "status", job)
        return all(now[k] == v for k, v in counts.items()) and now
    return lab.wait_for(what, fits)


def a_bulk_operation_is_checked_for_each_phone_first(l):
    l.up()
    l.cli("profile", "add", "secure", "--encrypted-config", "yes")
    l.cli("phone", "add", NAME, "--model", "8861")
    l.cli("phone", "add", OTHER, "--model", "8861", "--profile", "secure")
    l.cli("phone", "add", THIRD, "--model", "6901")
    done = l.cli("capf", "bulk", "name is not empty", "--operation", "install-upgrade", "--key-order", "ec-preferred", "--dry-run", status=1)
    expect(done.stdout.startswith(f"{OTHER}: EC LSCs and encrypted configuration"), f"the bad one is named: {done.stdout}")
    expect("2 phones would get the operation, 1 cannot" in done.stdout, f"counts: {done.stdout}")
    done = l.cli("capf", "bulk", "model contains 69", "--operation", "install-upgrade", "--rsa-size", "4096", status=1)
    expect("at most 2048 bits" in done.stdout, f"what its model cannot do: {done.stdout}")
    done = l.cli("capf", "bulk", "name is not empty", "--operation", "install-upgrade", "--auth-mode", "auth-string", status=1)
    expect(done.stdout.count("needs an auth-string") == 3, f"a mode that cannot work: {done.stdout}")
    equal(l.json("capf", "bulk", "status"), [], "jobs that were not begun")
    equal({p["operation"] for p in l.json("phone", "list")}, {"none"})
    l.fails("capf", "bulk", "8861", "--operation", "delete", says=["needs criteria"])
    l.fails("capf", "bulk", "model is 9999", "--operation", "delete", says=["no phone"])
    l.fails("capf", "bulk", "name is not empty", "--operation", "install-upgrade", "--auth-string", "123456", says=["generate"])
    l.fails("capf", "bulk", "--operation", "delete", status=2)
    l.fails("capf", "bulk", "name is not empty", status=2)
    job = l.json("capf", "bulk", "name is not empty", "--operation", "install-upgrade", "--key-order", "ec-preferred", "--skip-bad")
    equal((job["phones"], [b["name"] for b in job["bad"]]), (2, [OTHER]))
    now = _bulk(l, job["job"], "operations that are given", waiting=0, given=2, skipped=1)
    equal({p["name"]: p["state"] for p in now["phones"]}, {NAME: "given", THIRD: "given", OTHER: "skipped"})
    done = l.cli("capf", "bulk", "name is not empty", "--operation", "install-upgrade", status=1)
    expect(done.stdout.count("is pending already") == 2, f"what is pending is not lost: {done.stdout}")


def a_bulk_operation_says_how_each_phone_fared_and_retries_only_the_failed(l):
    l.up()
    for name in (NAME, OTHER):
        l.cli("phone", "add", name, "--model", "8861")
        l.config(name, capf_mode=2)
    names = l.file("names", f"{NAME}\n{OTHER}\n")
    job = l.json("capf", "bulk", "--file", names, "--operation", "install-upgrade", "--auth-mode", "null-string")["job"]
    _bulk(l, job, "operations that are given", given=2)
    l.phone(NAME, "boot")
    _bulk(l, job, "the first to succeed", given=1, succeeded=1)
    l.cli("phone", "set", OTHER, "--operation", "none")
    now = _bulk(l, job, "the second to fail", state="done", succeeded=1, failed=1)
    equal([(p["name"], p["reason"]) for p in now["phones"]], [(OTHER, "the operation was taken back")])
    l.cli("capf", "bulk", "retry", job)
    _bulk(l, job, "the second to have it again", state="running", given=1, succeeded=1)
    l.phone(OTHER, "boot")
    _bulk(l, job, "the end", state="done", succeeded=2, failed=0)
    l.fails("capf", "bulk", "retry", job, says=["no phone of bulk job 1 failed"])
    l.fails("capf", "bulk", "stop", job, says=["is done"])
    l.fails("capf", "bulk", "status", "77", says=["no bulk job 77"])
    job = l.json("capf", "bulk", "lsc status is Installed", "--operation", "install-upgrade", "--auth-mode", "auth-string", "--auth-string", "generate")["job"]
    _bulk(l, job, "operations that are given", given=2)
    strings = {p["auth_string"] for p in l.json("capf", "report", "--auth-strings")}
    expect(len(strings) == 2 and all(len(s) == 10 for s in strings), "each has a string of its own")


def a_bulk_operation_keeps_its_pace_is_stopped_and_survives_a_restart(l):
    l.up()
    rows = "".join(f"SEP0000000000{i:02X},8861\n" for i in range(12))
    l.cli("phone", "import", l.file("phones.csv", "name,model\n" + rows))
    job = l.json("capf", "bulk", "model is 8861", "--operation", "install-upgrade", "--pace", "30/min")["job"]
    now = _bulk(l, job, "the first one", given=1)
    expect(now["waiting"] == 11, f"the others wait: {now}")
    l.stop(lab.signal.SIGKILL, status=-9)
    l.start()
    lab.wait_for("more after a restart", lambda: l.json("capf", "bulk", "status", job)["given"] >= 2)
    l.cli("capf", "bulk", "stop", job)
    before = l.json("capf", "bulk", "status", job)
    equal((before["state"], before["waiting"] + before["given"]), ("stopped", 12))
    expect(before["waiting"] > 0, "some of it is left to stop")
    l.fails("capf", "bulk", "stop", job, says=["is stopped"])
    l.cli("phone", "set", "SEP000000000000", "--operation", "none")
    now = _bulk(l, job, "what became of a phone of a stopped job", failed=1)
    equal(now["waiting"], before["waiting"], "phones that wait in a stopped job")
    l.cli("capf", "bulk", "resume", job)
    lab.wait_for("it to go on", lambda: l.json("capf", "bulk", "status", job)["waiting"] < before["waiting"])


def lscs_are_renewed_by_themselves_within_the_window(l):
    _fleet(l)
    old = l.json("phone", "show", NAME)["lsc_serial"]
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        db.execute("UPDATE lscs SET issued = issued - 3 * (not_after - issued)")  # three quarters of its life ago
        db.execute("UPDATE phones SET operation_changed = operation_changed - 172800")
    l.start()
    equal(l.json("phone", "show", NAME)["operation"], "none", "operation when nobody asked for renewal")
    l.stop()
    hour = (lab.time.localtime().tm_hour + 12) % 24
    l.set_conf("capf", "renew", "yes")
    l.set_conf("capf", "renew-window", f"{hour:02}:00-{hour:02}:30")
    l.start()
    equal(l.json("phone", "show", NAME)["operation"], "none", "operation outside of the window")
    l.stop()
    l.set_conf("capf", "renew-window", "00:00-00:00")
    l.start()
    equal(l.json("phone", "show", NAME)["operation"], "none", "operation when a new LSC would end no later, with its issuer")
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        db.execute("UPDATE lscs SET not_after = not_after - 86400")
    l.start()
    now = l.json("phone", "show", NAME)
    equal(now["operation"], "install-upgrade")
    expect(now["complete_by"], "a deadline: the end of the window")
    equal(l.json("phone", "show", THIRD)["operation"], "none", "a phone without an LSC")
    l.phone(NAME, "boot")
    now = l.json("phone", "show", NAME)
    equal(now["operation_status"], "Upgrade Success")
    expect(now["lsc_serial"] != old, "a new LSC")


if __name__ == "__main__":
    lab.main(globals())
