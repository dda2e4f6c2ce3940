"""sealtone as its users and their scripts meet it: every command's help, faults, JSON and effects."""
import csv
import datetime
import io
import json
import os
import re
import subprocess
import time

import lab
from lab import VECTORS, equal, expect, run

NAME, SECOND, THIRD = "SEP001122334455", "SEP001122334466", "SEP001122334477"
LATE = "Upgrade Failed: User Initiated Request Late/Timedout"
COMMANDS = """backup|restore|plan restore|plan expiry|plan migrate|check|diagnose|explain|capf report|capf export|capf issuers|capf csr list|capf csr dump|capf csr forget|capf cert import|capf bulk|capf bulk status|capf bulk stop|capf bulk resume|capf bulk retry|init|status|serve-lists|phone add|phone list|phone show|phone set|phone holds|phone delete|phone import|phone release|phone reset|reset show|reset stop|reset resume|phone fetched|profile add|profile set
profile show|profile list|profile delete|group add|group set|group show|group list|group delete|template add|template set|template show
template list|template delete|template render|report features|remote add|remote list|remote delete|show itl|show ctl|ctl set-cluster|ctl update|ctl delete|cert list|cert show|cert csr|cert import|cert regenerate|cert purge|cert activate|cert staged|cert withdraw|cert take-over|cert export|cert impact|capf revoke|capf crl
trust list|trust show|trust export|trust add|trust remove|node list|node set|log|file show|file verify|file sign|file build|file strip|file encrypt
file decrypt|files check|generation show|generation set|itl reset localkey|itl reset remotekey|ctl reset localkey|ctl reset end|ctl token list|ctl token add|ctl token delete|ctl token sign|ctl token end|itl reset end|itl history|itl revert|rollback prepare
rollback end|rollback show|tvs probe|capture|migrate export|migrate consolidate|migrate import|migrate prepare|migrate verify
migrate move|migrate progress|migrate rollback""".replace("\n", "|").split("|")


def _show(l, name=NAME):
    return l.json("phone", "show", name)


# --- help, usage, no daemon ---

def every_command_has_help_and_exits_0(l):
    overview = l.cli("--help").stdout
    for command in COMMANDS:
        expect(re.search(rf"^  {command} ", overview, re.M), f"{command} is not in the overview")
        done = l.cli(*command.split(), "--help")
        expect(done.stdout.startswith(f"Usage: sealtone {command} "), f"{command}: {done.stdout}")
        equal(done.stderr, "", f"{command}: stderr")
    listed = re.findall(r"^  ([a-z-]+(?: [a-z-]+){0,2}) ", overview, re.M)
    equal(sorted(listed), sorted(COMMANDS), "commands of the overview")
    for group in {c.split()[0] for c in COMMANDS if " " in c}:
        done = l.cli(group, "--help")
        expect(all(f"  {c} " in done.stdout for c in COMMANDS if c.startswith(f"{group} ")) and not done.stderr, f"{group} --help: {done}")
    expect("  plan cert regenerate " in l.cli("plan", "--help").stdout, "plan --help has what can be planned")
    for program in ("sealtoned", "sealtone", "sealtone-phone"):
        equal(run(l.binary(program), "--help").stderr, "", f"{program} --help")
        equal(run(l.binary(program), "--version").stdout, f"{program} 0.1.0\n", f"{program} --version")


def wrong_usage_exits_2(l):
    for args in ([], ["nonsense"], ["phone"], ["phone", "nonsense"], ["--nonsense"], ["status", "--nonsense"], ["status", "extra"],
                 ["phone", "add"], ["phone", "add", "A", "B"], ["phone", "show"], ["phone", "set"], ["phone", "set", NAME],
                 ["phone", "release"], ["phone", "release", NAME, "--all"], ["serve-lists", "some"], ["node", "set", "capf"],
                 ["node", "set", "capf", "perhaps"], ["trust", "add", "tvs-trust"], ["file", "show"], ["file", "sign", "x"],
                 ["file", "verify", os.path.join(VECTORS, "sgn", "Ringlist.xml.sgn")], ["file", "decrypt", "x"],
                 ["init", l.cluster, "--base-port"], ["phone", "set", NAME, "--operation"]):
        done = l.cli(*args, status=2)
        equal(done.stdout, "", f"output of {args}")
        expect(done.stderr != "", f"{args} says nothing")
    env = {k: v for k, v in os.environ.items() if k != "SEALTONE_DIR"}
    done = subprocess.run([l.binary("sealtone"), "status"], env=env, capture_output=True, text=True, check=False)
    equal((done.returncode, done.stdout), (2, ""), "no cluster named")
    expect("--dir" in done.stderr and "SEALTONE_DIR" in done.stderr, done.stderr)
    run(l.binary("sealtoned"), "--nonsense", status=2)
    run(l.binary("sealtone-phone"), "--nonsense", status=2)


def without_a_daemon_one_line_says_how_to_start_it(l):
    l.have()
    for args in (["status"], ["phone", "list"], ["phone", "add", NAME], ["phone", "set", NAME, "--model", "8861"], ["cert", "list"],
                 ["show", "itl"], ["log"], ["serve-lists", "all"]):
        l.fails(*args, says=[f"sealtoned --dir {l.cluster}"])
    l.fails("--dir", os.path.join(l.dir, "nowhere"), "status", says=["nowhere"])


def init_prints_the_next_command_and_the_dhcp_lines(l):
    out = l.init("--cluster", "demo").stdout
    expect(f"sealtoned --dir {l.cluster}" in out, out)
    for line in ("dhcp-option=150,127.0.0.1", "dhcp-option=66,127.0.0.1", '"code": 150', "option tftp150 127.0.0.1;"):
        expect(line in out, f"{line!r} is not in {out}")
    other = run(l.binary("sealtone"), "init", os.path.join(l.dir, "b"), "--host", "b.example.test", "--base-port", "30000", "--json",
                "--address", "192.0.2.1", "--address", "2001:db8::1")
    made = json.loads(other.stdout)
    equal(made["ports"], {"tftp": 30000, "http": 30001, "https": 30002, "tvs": 30003, "capf": 30004, "web": 30005}, "ports")
    equal((made["host"], made["cluster"], made["address"]), ("b.example.test", "b", "192.0.2.1"), "what was made")


# --- phones ---

def a_phone_has_the_members_that_the_contract_names(l):
    l.up()
    added = l.json("phone", "add", NAME, "--model", "8861", "--group", "Branch", "--mic", os.path.join(VECTORS, "keys", "mic.pem"))
    shown = _show(l)
    for detail in ("auth_string", "auth_failures", "config", "served", "progress", "reset",
                   "attempt"):  # only for who names the phone
        del shown[detail]
    equal(added, shown, "what add and show print")
    want = {"name": NAME, "model": "8861", "group": "Branch", "operation": "none", "operation_status": "None", "lsc_status": "Not Installed",
            "lsc_serial": None, "lsc_expires": None, "trust": "unknown", "last_seen": None, "auth_mode": "null-string",
            "key_order": "rsa-only", "rsa_size": 2048, "complete_by": None, "released": False, "profile": "", "template": ""}
    equal({k: shown.get(k, "missing") for k in want}, want, "members")
    expect("history" not in shown, "history only with --history")
    text = l.cli("phone", "show", NAME).stdout
    for line in (f"name: *{NAME}", "operation_status: *None", "lsc_status: *Not Installed", "last_seen: *-"):
        expect(re.search(f"^{line}$", text, re.M), f"{line} is not in {text}")


def adding_a_phone_twice_or_by_a_wrong_name_fails(l):
    l.up()
    l.cli("phone", "add", NAME)
    l.fails("phone", "add", NAME, says=[NAME, "exists"])
    for name in ("SEP00112233445", "SEP00112233445G", "sep001122334455 ", "SEP0011aa334455", "sep0011aa334455", "", "a b", "../x", "x" * 200, "\n"):
        l.fails("phone", "add", name, says=["device name"])
    l.fails("phone", "add", SECOND, "--mic", "/etc/hostname", says=["/etc/hostname"])
    l.fails("phone", "add", SECOND, "--mic", "/nowhere", says=["/nowhere"])
    l.fails("phone", "add", SECOND, "--model", "x" * 200)
    equal([p["name"] for p in l.json("phone", "list")], [NAME], "phones")
    for name in ("CSFANNA", "TCT-7.1_x"):
        l.cli("phone", "add", name)


def set_takes_every_option(l):
    l.up()
    l.cli("phone", "add", NAME)
    later = (datetime.datetime.now() + datetime.timedelta(days=2)).replace(minute=30)
    for option, value, member, want in (
            ("--model", "8845", "model", "8845"), ("--group", "Köln", "group", "Köln"),
            ("--auth-string", "12345", "auth_string", "12345"), ("--auth-mode", "auth-string", "auth_mode", "auth-string"),
            ("--key-order", "ec-only", "key_order", "ec-only"), ("--key-order", "ec-preferred", "key_order", "ec-preferred"),
            ("--rsa-size", "3072", "rsa_size", 3072), ("--ec-size", "521", "ec_size", 521),
            ("--complete-by", later.strftime("%Y-%m-%dT%H"), "complete_by", _utc(later.replace(minute=0))),
            ("--complete-by", later.strftime("%Y:%m:%d:%H"), "complete_by", _utc(later.replace(minute=0))),
            ("--complete-by", later.strftime("%Y-%m-%dT%H:%M"), "complete_by", _utc(later)),
            ("--operation", "delete", "operation", "delete"), ("--operation", "troubleshoot", "operation", "troubleshoot"),
            ("--operation", "install-upgrade", "operation", "install-upgrade"), ("--complete-by", "", "complete_by", None)):
        equal(l.json("phone", "set", NAME, option, value)[member], want, f"{option} {value}")
        equal(_show(l)[member], want, f"{option} {value} as shown")
    equal((_show(l)["operation_status"], _show(l)["lsc_status"]), ("Operation Pending", "Pending"), "status")
    l.cli("phone", "set", NAME, "--operation", "none")
    equal((_show(l)["operation_status"], _show(l)["lsc_status"]), ("None", "Not Installed"), "status")


def _utc(local):
    return local.replace(second=0, microsecond=0).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def wrong_values_fail_and_say_what_is_allowed(l):
    l.up()
    l.cli("phone", "add", NAME)
    before = _show(l)
    for option, value, allowed in (
            ("--operation", "upgrade", "install-upgrade, delete, troubleshoot or none"), ("--auth-mode", "password", "null-string, auth-string, existing-lsc or existing-mic"),
            ("--auth-string", "123", "4 to 10 digits"), ("--auth-string", "12345678901", "4 to 10 digits"),
            ("--auth-string", "12a4", "4 to 10 digits"), ("--key-order", "rsa", "rsa-only, ec-only or ec-preferred"),
            ("--rsa-size", "2047", "1024, 2048, 3072 or 4096"), ("--rsa-size", "x", "1024, 2048"), ("--ec-size", "512", "256, 384 or 521"),
            ("--complete-by", "tomorrow", "YYYY-MM-DDTHH[:MM] or YYYY:MM:DD:HH"), ("--complete-by", "2030-02-30T10", "no such day"),
            ("--complete-by", "2030-01-01T24", "no such day"), ("--model", "a\nb", "control byte"), ("--group", "x" * 100, "at most")):
        l.fails("phone", "set", NAME, option, value, says=[option[2:], allowed])
        equal(_show(l), before, f"the phone after {option} {value}")
    l.fails("phone", "set", NAME, "--model", "8861", "--rsa-size", "1", says=["1024"])
    equal(_show(l), before, "the phone after one good and one wrong setting")
    l.fails("phone", "set", NAME, "--auth-mode", "auth-string", "--operation", "install-upgrade", says=["auth-string"])
    equal(_show(l), before, "the phone after an operation without its string")
    l.fails("phone", "set", SECOND, "--model", "8861", says=[SECOND])
    for name in ("show", "delete", "release"):
        l.fails("phone", name, SECOND, says=["no phone", SECOND])


def a_past_deadline_ends_the_operation_at_once(l):
    l.up()
    l.cli("phone", "add", NAME)
    for past in ("2020-01-01T00", "2020-01-01T00:30", "2020:01:01:00"):
        l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--complete-by", past)
        shown = _show(l)
        equal((shown["operation"], shown["operation_status"], shown["complete_by"]), ("none", LATE, None), past)
    l.cli("phone", "set", NAME, "--operation", "delete")
    equal(_show(l)["operation_status"], "Operation Pending", "the next operation has no deadline")
    l.cli("phone", "set", NAME, "--complete-by", "2020-01-01T00")
    equal(_show(l)["operation_status"], LATE.replace("Upgrade", "Delete"), "a deadline for what is pending")


def an_authentication_string_can_be_generated(l):
    l.up()
    l.cli("phone", "add", NAME)
    seen = set()
    for _ in range(5):
        out = l.cli("phone", "set", NAME, "--auth-mode", "auth-string", "--auth-string", "generate", "--operation", "install-upgrade").stdout
        string = _show(l)["auth_string"]
        expect(re.fullmatch("[0-9]{10}", string) and string in out, f"{string} in {out}")
        seen.add(string)
    equal(len(seen), 5, "different strings")
    expect(not any(s in l.log() + l.cli("log", "--json").stdout for s in seen), "strings stay out of the logs")


def set_of_several_phones_is_all_or_nothing(l):
    l.up()
    for name in (NAME, SECOND):
        l.cli("phone", "add", name)
    both = l.json("phone", "set", NAME, SECOND, "--operation", "install-upgrade")
    equal([(p["name"], p["operation"]) for p in both], [(NAME, "install-upgrade"), (SECOND, "install-upgrade")], "both")
    l.fails("phone", "set", NAME, SECOND, THIRD, "--operation", "none", says=[THIRD])
    equal({p["operation"] for p in l.json("phone", "list")}, {"install-upgrade"}, "operations")


def list_filters_by_any_part(l):
    l.up()
    l.cli("phone", "add", NAME, "--model", "8861", "--group", "Berlin")
    l.cli("phone", "add", SECOND, "--model", "7841", "--group", "Bonn")
    l.cli("phone", "set", SECOND, "--operation", "install-upgrade")
    for word, want in (("8861", [NAME]), ("4466", [SECOND]), ("berlin", [NAME]), ("install-upgrade", [SECOND]), ("Operation Pending", [SECOND]),
                       ("SEP0011", [NAME, SECOND]), ("nothing like it", [])):
        equal([p["name"] for p in l.json("phone", "list", word)], want, f"filter {word}")
    equal(len(l.json("phone", "list")), 2, "all")
    text = l.cli("phone", "list").stdout.splitlines()
    expect(text[0].startswith("NAME ") and text[1].startswith(NAME) and len(text) == 3, text)
    equal(l.cli("phone", "list", "nothing like it").stdout, "(none)\n", "an empty table")


def a_deleted_phone_is_gone_and_gets_no_list(l):
    l.up()
    l.cli("phone", "add", NAME)
    l.fetch(f"ITL{NAME}.tlv")
    lab.wait_for("the front's word about it, after which none comes", lambda: _show(l)["served"]["list"])
    l.cli("phone", "delete", NAME)
    l.fails("phone", "show", NAME, says=[NAME])
    l.fetch(f"ITL{NAME}.tlv", status=68)
    l.cli("phone", "add", NAME)
    l.fetch(f"ITL{NAME}.tlv")


def a_released_phone_is_handed_the_empty_list_and_the_report_says_who_took_it(l):
    l.up()
    for name in (NAME, SECOND):
        l.cli("phone", "add", name)
    full = l.fetch(f"ITL{NAME}.tlv")
    equal(l.json("phone", "release", NAME), [{"name": NAME, "empty_list_taken": None, "holds_ctl": False}], "release of one")
    empty = l.fetch(f"ITL{NAME}.tlv")
    expect(len(empty) < len(full), "the list is shorter")
    report = l.json("phone", "release", "--all")
    equal([r["name"] for r in report], [NAME, SECOND], "release --all")
    expect(report[0]["empty_list_taken"] is not None and report[1]["empty_list_taken"] is None, f"who has taken it: {report}")
    expect(l.fetch(f"ITL{SECOND}.tlv") == empty, "the second phone's list")
    expect(_show(l)["released"] is True, "released")
    text = l.cli("show", "itl", "--phone", NAME).stdout
    equal(sorted(set(re.findall(r"FUNCTION\t2\t(.*)", text))), ["CAPF", "System Administrator Security Token"], "functions of the empty list")
    l.cli("phone", "add", NAME)
    expect(l.fetch(f"ITL{NAME}.tlv") == full, "added again, it gets the full list")


def a_stranger_that_asks_makes_a_record_that_is_only_seen(l):
    l.up()
    l.config(SECOND)
    l.fetch(f"{SECOND}.cnf.xml.sgn")
    lab.wait_for("a record", lambda: [p for p in l.json("phone", "list") if p["name"] == SECOND])
    shown = _show(l, SECOND)
    equal((shown["origin"], shown["last_address"]), ("seen", "127.0.0.1"), "origin and address")
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["last_seen"]), shown["last_seen"])
    l.fails("phone", "release", SECOND, says=["only seen"])
    l.cli("phone", "add", SECOND)
    equal(_show(l, SECOND)["origin"], "added", "origin")


# --- import ---

def _import(l, text, *args, status=0):
    return l.cli("phone", "import", l.file("phones.csv", text), *args, status=status)


def import_adds_and_changes_phones(l):
    l.up()
    l.cli("phone", "add", NAME, "--group", "Old")
    out = _import(l, "name,model,group,operation,auth-mode,auth-string,complete-by\n"
                     f"{NAME},8861,,install-upgrade,auth-string,1234,\n{SECOND},7841,\"Bonn, West \"\"2\"\"\",,,,2020-01-01T00\n").stdout
    equal(out, "imported: 1 added, 1 changed\n", "what it says")
    first, second = _show(l), _show(l, SECOND)
    equal((first["model"], first["group"], first["operation"], first["auth_string"]), ("8861", "Old", "install-upgrade", "1234"), "first")
    equal((second["model"], second["group"], second["operation"]), ("7841", 'Bonn, West "2"', "none"), "second")
    got = json.loads(_import(l, f"name\n{THIRD}\n", "--json").stdout)
    equal((got["added"], got["changed"], got["dry_run"], got["bad"]), (1, 0, False, []), "as JSON")


def import_reads_what_spreadsheets_write(l):
    l.up()
    for i, text in enumerate((f"name,group\r\n{NAME},Bonn\r\n", f"name;group\n{NAME};Bonn\n", f"name;group\r\n{NAME};\"Bonn\"",
                              f"\ufeffname,group\n{NAME},Bonn\n", f"\"name\",\"group\"\n\n\"{NAME}\",\"Bonn\"\n\n")):
        _import(l, text)
        equal(_show(l)["group"], "Bonn", f"text {i}")
        l.cli("phone", "delete", NAME)
    _import(l, f'name;group\n{NAME};"Bonn, ""old; and\nlong"""\n', status=1)  # a line end is a control byte
    _import(l, f'name;group\n{NAME};"Bonn, ""old; and long"""\n')
    equal(_show(l)["group"], 'Bonn, "old; and long"', "quotes")


def import_names_each_bad_row_by_its_line_and_imports_nothing(l):
    l.up()
    text = (f"name,model,rsa-size,complete-by,operation,auth-mode\n{NAME},8861,2048,,,\n{SECOND},8861,999,,,\nSEPxx,8861,,,,\n"
            f"{THIRD},8861,,next week,,\n\nSEP001122330001,8861\nSEP001122330002,8861,,,fly,\nSEP001122330003,,,,install-upgrade,auth-string\n"
            f"{NAME},8861,2048,,,\nSEP001122330004,8861,2048,,,\n")
    done = _import(l, text, status=1)
    bad = {3: "1024, 2048, 3072 or 4096", 4: "SEP is followed by 12", 5: "YYYY-MM-DDTHH", 7: "2 fields", 8: "install-upgrade, delete",
           9: "needs an auth-string", 10: "line 2"}
    for line, why in bad.items():
        expect(re.search(rf"\bline {line}: [^;\n]*{re.escape(why)}", done.stdout + done.stderr), f"line {line}: {done.stdout}{done.stderr}")
    expect("7 bad rows" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
    equal(l.json("phone", "list"), [], "phones")
    got = json.loads(_import(l, text, "--json", status=1).stdout)
    equal([row["line"] for row in got["bad"]], list(bad), "lines of bad rows as JSON")
    for header, why in (("model\n8861\n", 'no column "name"'), ("name,colour\n", 'no column "colour"'), ("name,model,model\n", '"model"'),
                        ("", "empty"), (f'name\n"{NAME}\n', "quote is not closed"), ("name\n" + "x" * 2000 + "\n", "line 2")):
        done = _import(l, header, status=1)
        expect(why in done.stderr and done.stderr.count("\n") == 1, f"{header[:30]!r}: {done.stderr}")
    l.fails("phone", "import", os.path.join(l.dir, "missing.csv"), says=["missing.csv"])
    l.fails("phone", "import", l.dir, says=[l.dir])


def a_dry_run_changes_nothing(l):
    l.up()
    l.cli("phone", "add", NAME, "--model", "8861")
    before = l.json("phone", "list")
    equal(_import(l, f"name,model\n{NAME},7841\n{SECOND},7841\n", "--dry-run").stdout, "would be imported: 1 added, 1 changed\n", "what it says")
    expect("line 2" in _import(l, f"name,rsa-size\n{SECOND},7\n", "--dry-run", status=1).stderr, "bad rows are named")
    equal(l.json("phone", "list"), before, "phones")


def ten_thousand_rows_are_imported_and_listed(l):
    l.up()
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["name", "model", "group", "operation"])
    for i in range(10000):
        rows.writerow([f"SEP00AA{i:08X}", "8861", f"Branch {i % 50}", "install-upgrade"])
    equal(_import(l, out.getvalue()).stdout, "imported: 10000 added, 0 changed\n", "what it says")
    phones = l.json("phone", "list")
    equal((len(phones), len({p["name"] for p in phones})), (10000, 10000), "phones")
    equal(len(l.json("phone", "list", "Branch 49")), 200, "of one branch")
    status = l.json("status")["phones"]
    equal((status["added"], status["lsc"]), (10000, {"Pending": 10000}), "status")


# --- certificates, trust stores, nodes ---

def _x509(pem, *what):
    return run("openssl", "x509", "-noout", *what, input=pem).stdout


def certificates_are_listed_and_shown_as_operations_describe(l):
    started = time.time()
    l.up()
    certs = {c["purpose"]: c for c in l.json("cert", "list")}
    equal(sorted(certs), ["callmanager", "callmanager-ec", "capf", "itlrecovery", "tvs", "web"], "purposes")
    server = ("Digital Signature, Key Encipherment, Data Encipherment", "TLS Web Server Authentication, TLS Web Client Authentication")
    for purpose, (usage, extended, cn, years) in {
            "callmanager": (*server, "pub.example.test", 5), "tvs": (*server, "pub.example.test", 5), "web": (*server, "pub.example.test", 5),
            "callmanager-ec": (*server, "pub.example.test-EC", 5),
            # More than Unified CM's serverAuth: FreeRADIUS takes no phone's certificate from an issuer without clientAuth.
            "capf": ("Digital Signature, Certificate Sign, CRL Sign", server[1], "CAPF-[0-9a-f]{8}", 5),
            "itlrecovery": (None, None, "ITLRECOVERY_pub.example.test", 20)}.items():
        pem = l.cli("cert", "show", purpose, "--pem").stdout
        shown = l.json("cert", "show", purpose)
        equal((shown["pem"], shown["sha256"]), (pem, certs[purpose]["sha256"]), f"{purpose}: show and list")
        text = _x509(pem, "-text")
        expect(re.search(f"Subject:.*CN = {cn}(,|$)", text, re.M), f"{purpose}: name in {text}")
        if usage is not None:
            _usages(purpose, text, usage, extended)
        key = "Public-Key: (384 bit)" if purpose == "callmanager-ec" else "Public-Key: (2048 bit)"
        expect(key in text, f"{purpose}: {key}")
        expect(re.fullmatch("[0-9a-f]{1,32}", shown["serial"]), f"{purpose}: serial {shown['serial']}")
        begin, end = (_seconds(_x509(pem, w)) for w in ("-startdate", "-enddate"))
        expect(abs(started - 86400 - begin) < 3600, f"{purpose}: begins a day back")
        expect(abs(end - started - years * 365.25 * 86400) < 5 * 86400, f"{purpose}: ends in {years} years")
        if purpose in ("callmanager", "callmanager-ec", "tvs", "web"):
            expect("DNS:pub.example.test" in text, f"{purpose}: subject alternative name")
        _x509(pem, "-checkend", "0")
        path = l.file("own.pem", pem)
        run("openssl", "verify", "-check_ss_sig", "-CAfile", path, path)
    expect("CA:TRUE, pathlen:0" in _x509(l.cli("cert", "show", "capf", "--pem").stdout, "-text"), "CAPF signs certificates")
    l.fails("cert", "show", "mail", says=["callmanager, callmanager-ec, tvs, capf, itlrecovery, web or capf-issuer"])
    expect(l.cli("cert", "list").stdout.startswith("CERTIFICATE "), "a table for people")


def _usages(purpose, text, usage, extended):
    got = re.search(r"X509v3 Key Usage:.*\n +(.*)", text).group(1).strip()
    equal(got, usage, f"{purpose}: key usage")
    got = re.search(r"X509v3 Extended Key Usage:.*\n +(.*)", text).group(1).strip()
    equal(got, extended, f"{purpose}: extended key usage")


def _seconds(line):
    when = datetime.datetime.strptime(line.strip().split("=")[1], "%b %d %H:%M:%S %Y %Z")
    return when.replace(tzinfo=datetime.timezone.utc).timestamp()


def trust_stores_take_and_give_back_certificates(l):
    l.up()
    path = os.path.join(VECTORS, "keys", "app.pem")
    added = l.json("trust", "add", "phone-sast-trust", path)
    listed = l.json("trust", "list", "phone-sast-trust")
    equal([c["sha256"] for c in listed], [added["sha256"]], "the store")
    equal(l.json("trust", "list", "tvs-trust"), [], "another store")
    l.fails("trust", "add", "phone-sast-trust", path, says=["phone-sast-trust"])
    for args in (["list", "mine"], ["add", "mine", path], ["remove", "mine", added["sha256"]]):
        l.fails("trust", *args, says=["callmanager-trust, capf-trust"])
    l.fails("trust", "remove", "phone-sast-trust", "00" * 32, says=["phone-sast-trust"])
    l.fails("trust", "remove", "phone-sast-trust", "xyz")
    l.fails("trust", "add", "phone-sast-trust", "/etc/hostname", says=["/etc/hostname"])
    equal(l.json("trust", "remove", "phone-sast-trust", added["sha256"])["sha256"], added["sha256"], "what was removed")
    equal([c["store"] for c in l.json("trust", "list")], ["capf-trust"], "what a new cluster has: its own CAPF")


def a_role_that_is_switched_makes_the_next_list(l):
    l.up()
    l.cli("phone", "add", NAME)
    before, version = l.fetch(f"ITL{NAME}.tlv"), l.json("status")["itl"]["version"]
    node = l.json("node", "set", "capf", "off")[0]
    equal((node["capf"], node["tvs"]), (False, True), "roles")
    expect("CAPF" not in re.findall(r"FUNCTION\t2\t(.*)", l.cli("show", "itl").stdout), "the list has no CAPF record")
    equal(l.json("status")["itl"]["version"], version + 1, "version")
    expect(l.fetch(f"ITL{NAME}.tlv") != before, "phones get it at once")
    equal(l.json("node", "set", "capf", "off")[0]["capf"], False, "again")
    equal(l.json("status")["itl"]["version"], version + 1, "version after nothing changed")
    l.cli("node", "set", "capf", "on")
    l.fails("node", "set", "mail", "on", says=["tftp, tvs, capf or callmanager"])
    equal(l.json("node", "list")[0]["name"], "pub.example.test", "name")


def lists_go_to_whom_serve_lists_says(l):
    l.up()
    l.cli("phone", "add", NAME)
    files = (f"ITL{NAME}.tlv", f"ITL{SECOND}.tlv", "ITLFile.tlv")
    for who, got in (("known", (True, False, False)), ("all", (True, True, True)), ("none", (False, False, False))):
        equal(l.json("serve-lists", who), {"serve_lists": who}, "what is set")
        for name, served in zip(files, got):
            l.fetch(name, status=0 if served else 68)
    equal(l.cli("serve-lists").stdout, "serve_lists: none\n", "what stands")
    equal(l.json("status")["serve_lists"], "none", "status")


# --- status, log, history ---

def status_tells_what_there_is(l):
    l.up("--cluster", "demo")
    l.cli("phone", "add", NAME)
    l.fetch(f"ITL{NAME}.tlv")
    s = l.json("status")
    equal((s["cluster"], s["node"], s["generation"], s["itl"]["version"]), ("demo", "pub.example.test", "G12", 1), "the cluster")
    equal({c["purpose"]: c["days_left"] > 1800 for c in s["certificates"]},
          dict.fromkeys(["callmanager", "callmanager-ec", "tvs", "capf", "itlrecovery", "web"], True), "certificates")
    equal((s["phones"]["added"], s["phones"]["lsc"]), (1, {"Not Installed": 1}), "phones")
    lab.wait_for("the counter", lambda: l.json("status")["services"]["tftp"]["sent"] >= 1)
    ports = {name: s["port"] for name, s in l.json("status")["services"].items()}
    equal(ports, {n: l.port(p) for n, p in (("tftp", lab.TFTP), ("http", lab.HTTP), ("https", lab.HTTPS), ("tvs", lab.TVS), ("capf", lab.CAPF))}, "ports")
    text = l.cli("status").stdout
    for part in ("Cluster demo, node pub.example.test, generation G12", "Services", "tftp", "tvs", "capf", "Certificates", "DAYS LEFT",
                 "itlrecovery", "Phones: 1 known", "1 Not Installed"):
        expect(part in text, f"{part!r} is not in {text}")


def log_and_history_tell_who_did_what(l):
    l.up()
    l.cli("phone", "add", NAME, "--model", "8861")
    l.cli("phone", "add", SECOND)
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    l.cli("serve-lists", "all")
    events = l.json("log")
    equal([(e["event"], e["object"]) for e in events[:4]],
          [("serve-lists", ""), ("phone-set", NAME), ("phone-added", SECOND), ("phone-added", NAME)], "the newest first")
    equal({e["actor"] for e in events[:4]}, {"cli"}, "who")
    expect(any(e["event"] == "cluster-created" for e in events), "the first event")
    equal([e["event"] for e in l.json("log", "--object", SECOND)], ["phone-added"], "of one object")
    shown = l.json("phone", "show", NAME, "--history")
    equal([e["event"] for e in shown["history"]], ["phone-set", "phone-added"], "history")
    text = l.cli("phone", "show", NAME, "--history").stdout
    expect("History" in text and "phone-set" in text, text)
    l.cli("phone", "delete", NAME)
    equal(l.json("log")[0]["event"], "phone-deleted", "after the end")


def every_command_that_prints_data_prints_json(l):
    l.up()
    l.cli("phone", "add", NAME)
    l.config(NAME)
    signed = l.file("signed.sgn", l.fetch(f"{NAME}.cnf.xml.sgn"))
    itl = l.file("ITLFile.tlv", l.fetch(f"ITL{NAME}.tlv"))
    for args in (["status"], ["serve-lists"], ["phone", "list"], ["phone", "show", NAME], ["phone", "set", NAME, "--model", "8861"],
                 ["phone", "release", NAME], ["show", "itl"], ["show", "itl", itl], ["show", "itl", "--phone", NAME], ["cert", "list"],
                 ["cert", "show", "tvs"], ["cert", "impact", "tvs"], ["trust", "list"], ["check"], ["node", "list"], ["node", "set", "capf", "off"], ["log"], ["file", "show", itl],
                 ["file", "show", itl, signed], ["file", "verify", itl], ["file", "verify", "--trust", itl, signed],
                 ["phone", "add", SECOND], ["phone", "delete", SECOND]):
        out = l.cli(*args, "--json").stdout
        try:
            json.loads(out)
        except ValueError:
            raise lab.Failed(f"{args}: not JSON: {out[:200]!r}") from None
        equal(json.loads(l.cli("--json", "node", "list").stdout), l.json("node", "list"), "--json before the command")


def a_folder_with_a_long_name_has_a_control_socket_too(l):
    l.cluster = os.path.join(l.dir, "x" * 120)
    l.up()
    equal(l.json("status")["cluster"], "pub", "cluster")


if __name__ == "__main__":
    lab.main(globals())
