"""Profiles, groups, templates, values, remotes and the table of models, as administrators and their scripts meet them."""
import csv
import io
import json
import os
import re

import lab
from handset import enrolling
from lab import equal, expect, run

NAME, SECOND = "SEP001122334455", "SEP001122334466"
TEMPLATE = ("<device><deviceProtocol>SIP</deviceProtocol><sipProfile><sipLines><line button=\"1\"><name>{{line1.name}}</name>"
            "<authPassword>{{line1.password|}}</authPassword><!-- kept --></line></sipLines></sipProfile><mac>{{mac}}</mac></device>\n")


def _template(l, text=TEMPLATE, name="own.xml"):
    return l.file(name, text)


def _events(l):
    return [e["event"] for e in l.json("log")]


# --- usage ---

def wrong_usage_exits_2(l):
    for args in (["profile"], ["profile", "add"], ["profile", "add", "a", "b"], ["profile", "set", "a"], ["profile", "show"],
                 ["profile", "list", "x"], ["profile", "delete"], ["profile", "add", "a", "--colour", "red"], ["profile", "add", "a", "--mode"],
                 ["group", "add", "g"], ["group", "set", "g"], ["group", "add"], ["group", "show"], ["template", "add", "t"],
                 ["template", "set", "t"], ["template", "render", "t"], ["template", "show"], ["remote", "add", "r"], ["remote", "add"],
                 ["remote", "add", "r", "a", "--via", "ftp"], ["remote", "add", "r", "a", "--port", "0"],
                 ["remote", "add", "r", "a", "--port", "x"], ["remote", "add", "r", "a", "--position", "0"], ["remote", "delete"],
                 ["report", "features", "x"], ["phone", "set", NAME, "--value", "x"], ["phone", "set", NAME, "--value", "=x"],
                 ["phone", "add", NAME, "--value", "x"]):
        done = l.cli(*args, status=2)
        equal(done.stdout, "", f"output of {args}")
        expect(done.stderr != "", f"{args} says nothing")


# --- profiles ---

def a_profile_goes_round(l):
    l.up()
    made = l.json("profile", "add", "secure", "--mode", "encrypted", "--transport", "tls", "--encrypted-config", "yes",
                  "--authentication-url", "https://192.0.2.1/auth", "--directory-url", "https://192.0.2.1/directory")
    equal((made["name"], made["mode"], made["transport"], made["encrypted_config"]), ("secure", "encrypted", "tls", True), "profile")
    equal((made["authentication_url"], made["directory_url"], made["idle_url"]),
          ("https://192.0.2.1/auth", "https://192.0.2.1/directory", None), "URLs")
    equal(l.json("profile", "show", "secure"), made, "show")
    equal(l.json("profile", "list"), [made], "list")
    text = l.cli("profile", "show", "secure").stdout
    expect(re.search(r"^encrypted_config: +yes$", text, re.M) and re.search(r"^idle_url: +-$", text, re.M), text)
    changed = l.json("profile", "set", "secure", "--encrypted-config", "no", "--directory-url", "")
    equal({**made, "encrypted_config": False, "directory_url": None}, changed, "what set changes")
    l.cli("phone", "add", NAME, "--profile", "secure")
    equal(l.json("phone", "show", NAME)["profile"], "secure", "the phone's profile")
    l.fails("profile", "delete", "secure", says=["1 phone has it"])
    l.cli("phone", "set", NAME, "--profile", "")
    l.cli("profile", "delete", "secure")
    equal(l.json("profile", "list"), [], "after deleting")
    equal(_events(l)[:5], ["profile-deleted", "phone-set", "phone-added", "profile-set", "profile-added"], "audit log")


def a_profile_that_cannot_be_is_refused(l):
    l.up()
    for args, why in ((["--mode", "open"], "keep, non-secure, authenticated or encrypted"), (["--transport", "sctp"], "keep, tcp, udp, tls"),
                      (["--encrypted-config", "maybe"], "yes or no"), (["--idle-url", "http://192.0.2.1/"], "https://"),
                      (["--mode", "encrypted", "--transport", "udp"], "tls")):
        l.fails("profile", "add", "p", *args, says=["profile p", why])
    l.fails("profile", "add", "a b", says=["profile name"])
    for what in ("show", "delete"):
        l.fails("profile", what, "p", says=["no profile p"])
    l.fails("profile", "set", "p", "--mode", "keep", says=["no profile p"])
    l.cli("profile", "add", "p")
    l.fails("profile", "add", "p", says=["exists already"])
    l.cli("profile", "set", "p", "--encrypted-config", "yes")
    l.cli("phone", "add", NAME)
    l.fails("phone", "set", NAME, "--profile", "none", says=[NAME, "no profile none"])
    l.fails("phone", "set", NAME, "--profile", "p", "--key-order", "ec-only", says=["EC LSCs and encrypted configuration"])
    l.cli("profile", "set", "p", "--encrypted-config", "no")
    l.cli("phone", "set", NAME, "--profile", "p", "--key-order", "ec-only")
    l.fails("profile", "set", "p", "--encrypted-config", "yes", says=[NAME, "EC LSCs and encrypted configuration"])
    equal(l.json("profile", "show", "p")["encrypted_config"], False, "the profile stays as it was")


def a_phone_whose_lsc_has_an_ec_key_is_kept_from_an_encrypted_configuration(l):
    l.up()
    names = [f"SEP00112233445{i}" for i in range(5)]
    l.cli("profile", "add", "p")
    for name in names:
        enrolling(l, "--key-order", "ec-only", "--ec-size", "256", "--profile", "p", name=name)
    refused = l.fails("profile", "set", "p", "--encrypted-config", "yes",
                      says=["EC LSCs and encrypted configuration", "5 phones order EC keys", ", ".join(names[:3]) + " and 2 more"])
    expect(names[3] not in refused, refused)
    for name in names[:2]:
        l.phone(name, "boot")
    for name in names:
        l.cli("phone", "set", name, "--operation", "none", "--key-order", "rsa-only")
    l.fails("profile", "set", "p", "--encrypted-config", "yes", says=["2 phones have no RSA key but an EC LSC", ", ".join(names[:2])])
    l.cli("profile", "add", "encrypts", "--encrypted-config", "yes")
    l.fails("phone", "set", names[0], "--profile", "encrypts", says=[names[0], "EC LSCs and encrypted configuration", "rsa-only"])
    l.cli("phone", "set", names[4], "--profile", "encrypts")
    mic = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", f"/CN={names[0]}").stdout
    l.cli("phone", "set", names[0], "--profile", "encrypts", "--mic", l.file("mic.pem", mic))
    l.cli("phone", "set", names[1], "--operation", "install-upgrade")
    l.phone(names[1], "boot")
    l.cli("profile", "set", "p", "--encrypted-config", "yes")
    l.cli("phone", "set", names[1], "--operation", "install-upgrade")
    equal(l.phone(names[1], "boot").stdout.count("LSC: Failed"), 0, "the phone goes on")


# --- groups and remotes ---

def a_group_goes_round(l):
    l.up()
    made = l.json("group", "add", "Köln 1", "--server", "192.0.2.1", "--server", "cm2.example.test:5061", "--server", "[2001:db8::1]:5060")
    equal(made, {"name": "Köln 1", "servers": ["192.0.2.1", "cm2.example.test:5061", "[2001:db8::1]:5060"], "template": None}, "group")
    equal(l.json("group", "list"), [made], "list")
    text = l.cli("group", "list").stdout
    expect("192.0.2.1 cm2.example.test:5061 [2001:db8::1]:5060" in text, text)
    equal(l.json("group", "set", "Köln 1", "--server", "192.0.2.9")["servers"], ["192.0.2.9"], "servers")
    l.cli("template", "add", "own", "--file", _template(l))
    equal(l.json("group", "set", "Köln 1", "--template", "own")["template"], "own", "template")
    equal(l.json("group", "show", "Köln 1"), {"name": "Köln 1", "servers": ["192.0.2.9"], "template": "own"}, "show")
    l.fails("template", "delete", "own", says=["1 groups"])
    l.fails("group", "add", "g", "--server", "a", "--server", "b", "--server", "c", "--server", "d", says=["1 to 3"])
    l.fails("group", "add", "g", "--server", "a b", says=["group g", "HOST:PORT"])
    l.fails("group", "add", "g", "--server", "a", "--template", "none", says=["no template none"])
    l.fails("group", "add", "Köln 1", "--server", "a", says=["exists already"])
    l.cli("group", "delete", "Köln 1")
    for what in ("show", "delete"):
        l.fails("group", what, "Köln 1", says=["no group"])
    equal(l.json("group", "list"), [], "after deleting")


def remotes_keep_their_order(l):
    l.up()
    l.cli("remote", "add", "b", "192.0.2.2", "--no-check")
    first = l.json("remote", "add", "a", "192.0.2.1", "[2001:db8::1]:69", "--via", "tftp", "--port", "1069", "--position", "1", "--no-check")
    equal(first, {"name": "a", "position": 1, "via": "tftp", "addresses": ["192.0.2.1:1069", "[2001:db8::1]:69"]}, "remote")
    equal([(r["name"], r["position"], r["via"]) for r in l.json("remote", "list")], [("a", 1, "tftp"), ("b", 2, "http")], "order")
    l.fails("remote", "add", "a", "192.0.2.3", says=["exists already"])
    l.fails("remote", "add", "c", "1", "2", "3", "4", says=["1 to 3"])
    l.cli("remote", "delete", "a")
    l.fails("remote", "delete", "a", says=["no remote a"])
    equal([(r["name"], r["position"]) for r in l.json("remote", "list")], [("b", 1)], "the rest moves up")


# --- templates and values ---

def a_template_goes_round(l):
    l.up()
    made = l.json("template", "add", "own", "--file", _template(l), "--model", "8861")
    equal((made["name"], made["model"], made["builtin"], made["bytes"]), ("own", "8861", False, len(TEMPLATE)), "template")
    equal(l.cli("template", "show", "own").stdout, TEMPLATE, "the text as it came")
    equal([t for t in l.json("template", "list") if t["name"] == "own"], [made], "in the list")
    other = TEMPLATE.replace("SIP", "SCCP")
    equal(l.json("template", "set", "own", "--file", _template(l, other), "--model", "")["model"], None, "model")
    equal(l.cli("template", "show", "own").stdout, other, "the new text")
    for text, why in (("", "empty"), ("<device>\n<a></device>", "line 2"), ("\xff".encode("latin-1"), "UTF-8"), ("<other/>", "device"),
                      ("<device>\0</device>", "UTF-8")):
        l.fails("template", "set", "own", "--file", _template(l, text), says=[why])
    l.fails("template", "add", "t", "--file", os.path.join(l.dir, "missing"), says=["missing"])
    l.fails("template", "add", "own", "--file", _template(l), says=["exists already"])
    l.fails("template", "add", "../t", "--file", _template(l), says=["template name"])
    equal(l.cli("template", "show", "own").stdout, other, "still the same")
    l.cli("template", "delete", "own")
    for args in (["show", "own"], ["delete", "own"], ["render", "own", "--phone", NAME], ["set", "own", "--model", "1"]):
        l.fails("template", *args, says=["no template own"])


def templates_that_sealtone_brings_along_are_marked_and_can_be_overridden(l):
    l.up()
    built_in = [t for t in l.json("template", "list") if t["builtin"]]
    expect(len(built_in) >= 2 and {t["changed"] for t in built_in} == {None}, built_in)
    name = built_in[0]["name"]
    expect("<device" in l.cli("template", "show", name).stdout, "its text")
    l.fails("template", "delete", name, says=[name])
    l.cli("template", "add", name, "--file", _template(l))
    mine = [t for t in l.json("template", "list") if t["name"] == name]
    equal([(t["builtin"], t["bytes"]) for t in mine], [(False, len(TEMPLATE))], "the own one hides it")
    equal(l.cli("template", "show", name).stdout, TEMPLATE, "and wins")
    l.cli("template", "delete", name)
    equal([t["builtin"] for t in l.json("template", "list") if t["name"] == name], [True], "it is back")
    l.cli("phone", "add", NAME, "--template", name)


def values_fill_a_template_and_are_shown_only_when_asked_for(l):
    l.up()
    l.cli("template", "add", "own", "--file", _template(l))
    l.cli("phone", "add", NAME, "--template", "own", "--value", "line1.name=Anna & Bö")
    l.fails("template", "render", "own", "--phone", SECOND, says=["line1.name"])
    equal(l.json("phone", "set", NAME, "--value", "line1.password=s3cret=", "--value", "x=1")["template"], "own", "template")
    equal(l.json("phone", "show", NAME, "--values")["values"], {"line1.name": "Anna & Bö", "line1.password": "s3cret=", "x": "1"}, "values")
    expect("line1.password = s3cret=\n" in l.cli("phone", "show", NAME, "--values").stdout, "values as text")
    shown = l.cli("phone", "show", NAME, "--history", "--json").stdout + l.cli("phone", "list", "--json").stdout + l.cli("phone", "show", NAME).stdout
    expect("s3cret" not in shown + l.cli("log", "--json").stdout + l.log(), "a password that nobody asked for")
    xml = l.cli("template", "render", "own", "--phone", NAME).stdout
    for part in ("<name>Anna &amp; Bö</name>", "<authPassword>s3cret=</authPassword>", "<!-- kept -->", "<mac>001122334455</mac>"):
        expect(part in xml, f"{part} is not in {xml}")
    l.cli("phone", "set", NAME, "--value", "line1.password=")
    expect("<authPassword></authPassword>" in l.cli("template", "render", "own", "--phone", NAME).stdout.replace("<authPassword/>", "<authPassword></authPassword>"),
           "a value that was taken away")
    for value, why in (("mac=1", "follows from the phone's record"), ("a b=1", "letters, digits"), ("a=\n", "control byte"), ("a=" + "x" * 600, "at most")):
        l.fails("phone", "set", NAME, "--value", value, says=[why])
    l.fails("phone", "set", NAME, "--template", "none", says=[NAME, "no template none"])


def import_takes_profiles_templates_and_values(l):
    l.up()
    l.cli("profile", "add", "secure")
    l.cli("template", "add", "own", "--file", _template(l))
    path = l.file("phones.csv", f"name,profile,template,line1.name,value.pin\n{NAME},secure,own,100,1234\n{SECOND},,,,\n")
    equal(l.cli("phone", "import", path).stdout, "imported: 2 added, 0 changed\n", "what it says")
    shown = l.json("phone", "show", NAME, "--values")
    equal((shown["profile"], shown["template"], shown["values"]), ("secure", "own", {"line1.name": "100", "pin": "1234"}), "the phone")
    bad = l.file("bad.csv", f"name,profile,template,value.mac\n{NAME},none,,\n{SECOND},,none,\n{NAME[:-1]}7,,,1\n")
    _fails_rows(l, bad, "line 2: there is no profile none", "line 3: there is no template none", "line 4: value mac")


def _fails_rows(l, path, *reasons):
    done = l.cli("phone", "import", path, status=1)
    expect(done.stderr.count("\n") == 1, done.stderr)
    for why in reasons:
        expect(why in done.stderr, f"{why!r} is not in {done.stderr!r}")


# --- what phones get ---

def a_phone_without_a_file_gets_what_its_template_makes(l):
    l.up()
    l.cli("template", "add", "own", "--file", _template(l))
    l.cli("phone", "add", NAME, "--template", "own", "--value", "line1.name=100")
    l.fetch(f"{SECOND}.cnf.xml.sgn", status=68)
    got = l.fetch(f"{NAME}.cnf.xml.sgn")
    for part in (b"<name>100</name>", b"<mac>001122334455</mac>", b"<!-- kept -->", b"versionStamp"):
        expect(part in got, f"{part} is not in {got!r}")
    l.cli("phone", "set", NAME, "--value", "line1.name=200")
    expect(b"<name>200</name>" in l.fetch(f"{NAME}.cnf.xml.sgn"), "the next request gets the new value")
    l.cli("template", "set", "own", "--file", _template(l, TEMPLATE.replace("SIP<", "SCCP<")))
    expect(b"SCCP" in l.fetch(f"{NAME}.cnf.xml.sgn"), "and the new template")
    l.cli("group", "add", "Bonn", "--server", "192.0.2.77")
    l.cli("phone", "set", NAME, "--group", "Bonn")
    expect(b"192.0.2.77" in l.fetch(f"{NAME}.cnf.xml.sgn"), "and the group's server")
    l.config(NAME)
    expect(b"<mac>" not in l.fetch(f"{NAME}.cnf.xml.sgn"), "a file of its own comes first")


def show_tells_how_a_configuration_is_made_and_what_was_fetched(l):
    l.up()
    l.cli("template", "add", "own", "--file", _template(l))
    l.cli("phone", "add", NAME, "--template", "own", "--value", "line1.name=100")
    config = l.json("phone", "show", NAME)["config"]
    expect("template own" in config["source"], config)
    equal((config["form"], config["fault"]), ("signed", None), "form and fault")
    l.fetch(f"ITL{NAME}.tlv")
    l.fetch(f"{NAME}.cnf.xml.sgn")
    served = lab.wait_for("what was served", lambda: (s := l.json("phone", "show", NAME)["served"])["config"] and s)
    equal((served["config"]["version"], served["config"]["form"], served["config"]["address"]), (config["version"], "signed", "127.0.0.1"), "config")
    equal((served["list"]["version"], served["list"]["address"]), (l.json("status")["itl"]["version"], "127.0.0.1"), "list")
    text = l.cli("phone", "show", NAME).stdout
    expect(re.search(r"^config\.source: +template own", text, re.M) and re.search(r"^served\.config\.form: +signed$", text, re.M), text)
    l.cli("phone", "set", NAME, "--value", "line1.name=")
    fault = l.json("phone", "show", NAME)["config"]
    expect("line1.name" in fault["fault"] and fault["good_at"] is not None, fault)
    expect(b"<name>100</name>" in l.fetch(f"{NAME}.cnf.xml.sgn"), "the last good version is served")


# --- report ---

def features_are_a_table_that_can_be_edited_and_read_back(l):
    l.up()
    rows = l.json("report", "features")
    model = {r["model"]: r for r in rows}["8861"]
    equal(model["family"]["value"], "8800", "family")
    equal({type(c["documented"]) for m in rows for k, c in m.items() if k != "model"}, {bool}, "marks")
    text = l.cli("report", "features").stdout
    expect(text.startswith("MODEL ") and "d: documented, a: assumed" in text, text)
    table = l.cli("report", "features", "--csv").stdout
    parsed = list(csv.DictReader(io.StringIO(table)))
    equal([r["model"] for r in parsed], [r["model"] for r in rows], "models of the CSV")
    expect(all(re.search("/[da]$", v) for r in parsed for k, v in r.items() if k != "model"), "marks of the CSV")
    with open(os.path.join(l.cluster, "models.csv"), "w") as f:
        f.write(table.replace("8861,8800/", "8861,4711/"))
    l.stop()
    l.start()
    equal({r["model"]: r for r in l.json("report", "features")}["8861"]["family"]["value"], "4711", "an edited table")
    equal(len(l.json("report", "features")), len(rows), "models")


def every_command_prints_json(l):
    l.up()
    path = _template(l)
    for args in (["profile", "add", "p"], ["profile", "set", "p", "--mode", "keep"], ["profile", "show", "p"], ["profile", "list"],
                 ["profile", "delete", "p"], ["group", "add", "g", "--server", "a"], ["group", "set", "g", "--server", "b"], ["group", "show", "g"],
                 ["group", "list"], ["group", "delete", "g"], ["template", "add", "t", "--file", path], ["template", "set", "t", "--model", "1"],
                 ["template", "show", "t"], ["template", "list"], ["phone", "add", NAME, "--value", "line1.name=1"],
                 ["template", "render", "t", "--phone", NAME], ["template", "delete", "t"],
                 ["remote", "add", "r", "192.0.2.1", "--no-check"], ["remote", "list"],
                 ["remote", "delete", "r"], ["report", "features"]):
        json.loads(l.cli(*args, "--json").stdout)


if __name__ == "__main__":
    lab.main(globals())
