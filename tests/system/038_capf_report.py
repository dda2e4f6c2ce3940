"""Finding phones, the CAPF report, and what depends on which issuer."""
import csv
import io
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
    equal(_names(l, "last seen is exactly NA"), [OTHER, THIRD])
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
    l.cli("trust", "remove", "phone-trust", capf["sha256"])
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        db.execute("UPDATE lscs SET issuer = NULL")  # as one that was issued before this was kept
    l.start()
    equal([i["subject"] for i in l.json("capf", "issuers") if i["live_lscs"]], ["Unknown"])
    equal(_names(l, "lsc issued by is exactly Unknown"), [NAME])
    l.fails("trust", "remove", "capf-trust", capf["sha256"], says=["1 of them may"])
    l.cli("phone", "set", NAME, "--operation", "delete")
    l.phone(NAME, "boot")
    l.cli("trust", "remove", "capf-trust", capf["sha256"])


if __name__ == "__main__":
    lab.main(globals())
