"""Certificates as administrators see them, against the real openssl."""
import re

import lab
from authority import ca, sign
from handset import NAME, known, says
from lab import equal, expect, run, wait_for

CAPF = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,digitalSignature,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
PURPOSES = ("callmanager", "callmanager-ec", "tvs", "capf", "itlrecovery", "web")


def _text(pem, *more):
    return run("openssl", "x509", "-noout", *more, input=pem).stdout


def _made(l, name, days, begin=None):
    """A self-signed certificate that lives for some days, from a time on."""
    path, key = l.file(name + ".pem", b""), l.file(name + ".key", b"")
    if begin is None:
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-days", str(days), "-out", path)
        return path
    run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-out", path + ".csr")
    work = {n: l.file(f"{name}.{n}", c) for n, c in (("index", b""), ("serial", b"01\n"))}
    conf = l.file(name + ".cnf", f"[ca]\ndefault_ca=x\n[x]\ndatabase={work['index']}\nserial={work['serial']}\nnew_certs_dir={l.dir}\ndefault_md=sha256\n"
                  "policy=p\n[p]\ncommonName=supplied\n".encode())
    dates = [run("date", "-u", "-d", begin + more, "+%Y%m%d%H%M%SZ").stdout.strip() for more in ("", f" +{days} days")]
    run("openssl", "ca", "-batch", "-selfsign", "-config", conf, "-keyfile", key, "-in", path + ".csr", "-out", path, "-notext",
        "-startdate", dates[0], "-enddate", dates[1])
    return path


def _extensions(text):
    """Name, whether critical, and value of each, of openssl x509 -text."""
    body = text.split("X509v3 extensions:\n", 1)[1].split("    Signature Algorithm:", 1)[0]
    found = []
    for line in body.splitlines():
        if re.match(r" {12}\S", line):
            name, critical = re.match(r"(.*?):\s*(critical)?\s*$", line.strip()).groups()
            found.append([name, critical is not None, []])
        elif line.strip():
            found[-1][2].append(line.strip())
    return [(name, critical, "\n".join(value)) for name, critical, value in found]


def _seconds(line):
    return run("date", "-u", "-d", line.strip().split("=")[1], "+%Y-%m-%dT%H:%M:%SZ").stdout.strip()


def _agrees_with_openssl(shown):
    text = _text(shown["pem"], "-text")
    equal(shown["version"], int(re.search(r"Version: (\d+)", text).group(1)), "version")
    equal(shown["signature_algorithm"], re.search(r"Signature Algorithm: (\S+)", text).group(1), "signature algorithm")
    equal(shown["key_bits"], int(re.search(r"Public-Key: \((\d+) bit\)", text).group(1)), "bits")
    equal([(x["name"], x["critical"], x["value"]) for x in shown["extensions"]], _extensions(text), "extensions")
    equal(shown["serial"].lstrip("0"), _text(shown["pem"], "-serial").strip()[7:].lower().lstrip("0"), "serial")
    equal((shown["not_before"], shown["not_after"]), (_seconds(_text(shown["pem"], "-startdate")), _seconds(_text(shown["pem"], "-enddate"))), "validity")
    equal(shown["sha256"], _text(shown["pem"], "-fingerprint", "-sha256").split("=")[1].strip().replace(":", "").lower(), "hash")
    expect(f"CN = {shown['common_name']}" in text, "common name")


def what_is_shown_of_a_certificate_is_what_openssl_says(l):
    l.up()
    for purpose in PURPOSES:
        shown = l.json("cert", "show", purpose)
        _agrees_with_openssl(shown)
        out = l.cli("cert", "show", purpose).stdout
        for label, value in (("Serial Number", shown["serial"]), ("Validity To", shown["not_after"]), ("Key", shown["key"]),
                             ("Signature Algorithm", shown["signature_algorithm"]), ("Subject Name", shown["subject"])):
            expect(re.search(rf"^  {label}: +{re.escape(value)}$", out, re.M), f"{label} in {out}")
        for x in shown["extensions"]:
            expect(x["name"] in out and x["value"].splitlines()[0] in out, f"{x} in {out}")
    trusted, = l.json("trust", "list")
    shown = l.json("trust", "show", trusted["store"], trusted["sha256"])
    _agrees_with_openssl(shown)
    expect("CA:TRUE, pathlen:0" in l.cli("trust", "show", trusted["store"], trusted["sha256"]).stdout, "basic constraints")
    l.fails("trust", "show", "tvs-trust", trusted["sha256"], says=["tvs-trust: no certificate with that SHA-256"])


def the_list_has_the_columns_of_the_certificate_page(l):
    l.up()
    titles = re.split(r"  +", l.cli("cert", "list").stdout.splitlines()[0].strip())
    equal(titles, ["CERTIFICATE", "COMMON NAME", "TYPE", "KEY TYPE", "DISTRIBUTION", "ISSUED BY", "EXPIRATION", "DESCRIPTION"])
    for c in l.json("cert", "list"):
        equal((c["type"], c["issued_by"], c["node"], c["active"]), ("self-signed", c["common_name"], "pub.example.test", True), c["purpose"])
    equal({c["type"] for c in l.json("trust", "list")}, {"trust"})


def certificates_that_expire_are_said_once_each_by_status_log_and_list(l):
    l.up()
    soon, gone, late = _made(l, "soon", 30), _made(l, "gone", 1, "-300 days"), _made(l, "late", 90)
    equal(l.json("status")["warnings"], [], "a new cluster")
    for store, path in (("tvs-trust", soon), ("phone-sast-trust", soon), ("tvs-trust", gone), ("tvs-trust", late)):
        l.cli("trust", "add", store, path)
    expires, expired = sorted(l.json("status")["warnings"], key=lambda w: w["event"], reverse=True)
    equal((expires["event"], expires["subject"], sorted(expires["where"])), ("cert-expires", "CN=soon", ["phone-sast-trust", "tvs-trust"]))
    expect(expires["days_left"] in (29, 30), f"{expires}")
    equal((expired["event"], expired["subject"], expired["where"]), ("cert-expired", "CN=gone", ["tvs-trust"]))
    said = l.cli("status").stdout
    expect("Warning: CN=gone (tvs-trust) has expired on " in said and "needs to be changed at the earliest" in said, said)
    listed = {c["subject"]: c["description"] for c in l.json("trust", "list", "tvs-trust")}
    expect("EXPIRED" in listed["CN=gone"] and "expires in " in listed["CN=soon"] and "expires" not in listed["CN=late"], f"{listed}")
    l.set_conf("certificates", "warn-days", "120")
    l.stop()
    l.start()
    wait_for("the log to say it", lambda: f'cert-expired where="tvs-trust" sha256={expired["sha256"]}' in l.log())
    wait_for("the log to say the other", lambda: l.log().count(f'sha256={expires["sha256"]}') == 1)
    equal({w["subject"] for w in l.json("status")["warnings"]}, {"CN=soon", "CN=gone", "CN=late"}, "with more days")


def the_issuer_of_lscs_is_warned_of_once(l):
    l.up()
    root = ca(l, "root")
    request = l.file("capf.csr", b"")
    l.cli("cert", "csr", "capf", "--out", request)
    signed = sign(l, "signed", request, root, CAPF, days=20)
    l.cli("cert", "import", "capf", l.file("chain.pem", (open(signed).read() + open(root + ".pem").read()).encode()))
    warning, = l.json("status")["warnings"]
    equal((warning["event"], warning["purpose"]), ("lsc-issuer-ends", "capf"))
    earlier = [c for c in l.json("cert", "list", "--all") if not c["active"]]
    equal([(c["purpose"], c["type"]) for c in earlier], [("capf", "self-signed")])
    equal([c["type"] for c in l.json("cert", "list") if c["purpose"] == "capf"], ["CA-signed"])


def certificates_are_exported_as_pem_and_der_with_their_chain(l):
    l.up()
    root = ca(l, "root")
    request = l.file("capf.csr", b"")
    l.cli("cert", "csr", "capf", "--out", request)
    signed = sign(l, "signed", request, root, CAPF)
    l.cli("cert", "import", "capf", l.file("both.pem", (open(signed).read() + open(root + ".pem").read()).encode()))
    pem, der, chain = (l.file(n, b"") for n in ("out.pem", "out.der", "chain.pem"))
    l.cli("cert", "export", "capf", "--out", pem)
    equal(open(pem).read(), l.cli("cert", "show", "capf", "--pem").stdout, "PEM")
    equal(l.cli("cert", "export", "capf", "--node", "pub.example.test").stdout, open(pem).read(), "to standard output")
    equal(l.json("cert", "export", "capf"), {"file": None, "pem": [open(pem).read()]}, "as JSON")
    equal(l.json("cert", "export", "capf", "--out", pem)["file"], pem, "into a file")
    l.cli("cert", "export", "capf", "--der", "--out", der)
    equal(run("openssl", "x509", "-inform", "DER", "-in", der).stdout, open(pem).read(), "DER")
    l.cli("cert", "export", "capf", "--chain", "--out", chain)
    equal(open(chain).read().count("BEGIN CERTIFICATE"), 2, "the chain")
    run("openssl", "verify", "-CAfile", chain, pem)
    before = open(pem).read()
    l.fails("cert", "export", "capf", "--chain", "--der", "--out", pem, says=["DER file holds one certificate, these are 2"])
    equal(open(pem).read(), before, "a file that was not written")
    l.fails("cert", "export", "tvs", "--node", "elsewhere.example.test", "--out", pem, says=["tvs: on elsewhere.example.test"])
    l.fails("cert", "export", "capf", "--out", l.dir + "/nowhere/x.pem", says=["nowhere"])


def trust_stores_take_many_or_none_and_give_them_back(l):
    l.up()
    one, two, three = (_made(l, n, 90) for n in ("one", "two", "three"))
    both = l.file("both.pem", (open(one).read() + "a note\n" * 300000 + open(two).read()).encode())
    added = l.json("trust", "add", "tvs-trust", both)["added"]
    equal([c["subject"] for c in added], ["CN=one", "CN=two"], "what was added")
    more = l.file("more.pem", (open(three).read() + open(two).read()).encode())
    l.fails("trust", "add", "tvs-trust", more, says=["tvs-trust", "CN=two"])
    equal([c["subject"] for c in l.json("trust", "list", "tvs-trust")], ["CN=one", "CN=two"], "nothing of it stays")
    l.fails("trust", "add", "tvs-trust", l.file("twice.pem", (open(three).read() * 2).encode()), says=["certificate 2", "twice"])
    der = l.file("three.der", run("openssl", "x509", "-in", three, "-outform", "DER", text=False).stdout)
    l.fails("trust", "add", "tvs-trust", l.file("cut.der", open(der, "rb").read()[:-1]), says=["cut.der"])
    out = l.cli("trust", "add", "phone-sast-trust", both).stdout
    expect("CN=one" in out and "CN=two" in out, out)
    equal(l.json("trust", "add", "tvs-trust", der)["subject"], "CN=three", "DER")
    back = l.file("back.pem", b"")
    l.cli("trust", "export", "tvs-trust", "--all", "--out", back)
    equal(open(back).read(), "".join(run("openssl", "x509", "-in", p).stdout for p in (one, two, three)), "all")
    hashes = {c["subject"]: c["sha256"] for c in l.json("trust", "list", "tvs-trust")}
    l.cli("trust", "export", "tvs-trust", hashes["CN=three"], "--der", "--out", back)
    equal(open(back, "rb").read(), open(der, "rb").read(), "one as DER")
    l.fails("trust", "export", "tvs-trust", "--all", "--der", "--out", back, says=["these are 3"])
    l.fails("trust", "export", "phone-trust", "--all", "--out", back, says=["phone-trust: no certificate is in it"])
    l.fails("trust", "export", "tvs-trust", "--out", back, status=2, says=["SHA-256 or --all"])
    l.fails("trust", "export", "tvs-trust", "--all", status=2, says=["--out"])


def a_request_of_any_purpose_has_its_key_and_the_names_that_were_asked_for(l):
    l.up()
    before = l.json("cert", "list")
    for purpose in set(PURPOSES) - {"itlrecovery"}:
        request = l.file("any.csr", b"")
        l.cli("cert", "csr", purpose, "--san", "phones.example.test", "--san", "192.0.2.77", "--san", "pub.example.test", "--out", request)
        run("openssl", "req", "-in", request, "-noout", "-verify")
        text = run("openssl", "req", "-in", request, "-noout", "-text").stdout
        cert = l.json("cert", "show", purpose)["pem"]
        equal(run("openssl", "req", "-in", request, "-noout", "-pubkey").stdout, _text(cert, "-pubkey"), f"{purpose}: key")
        equal((text.count("DNS:phones.example.test"), text.count("IP Address:192.0.2.77"), text.count("DNS:pub.example.test")), (1, 1, 1), text)
        usage = re.search(r"X509v3 Key Usage:.*\n +(.*)", _text(cert, "-text"))
        expect(usage is None or usage.group(1).strip() in text, f"{purpose}: key usage in {text}")
    for purpose in ("callmanager", "callmanager-ec", "web"):
        request = l.file("all.csr", b"")
        l.cli("cert", "csr", purpose, "--distribution", "multi-san", "--out", request)
        for node in l.json("node", "list"):
            expect(f"DNS:{node['name']}" in run("openssl", "req", "-in", request, "-noout", "-text").stdout, f"{purpose}: {node['name']}")
    l.fails("cert", "csr", "tvs", "--distribution", "multi-san", says=["tvs: is of one server"])
    l.fails("cert", "csr", "web", "--distribution", "all", status=2, says=["node or multi-san"])
    l.fails("cert", "csr", "web", "--san", "*.example.test", says=["*.example.test"])
    equal([c["sha256"] for c in l.json("cert", "list")], [c["sha256"] for c in before], "nothing changed")


def what_follows_a_replacement_is_told_before(l):
    capf, tvs = l.json("cert", "impact", "capf", "tvs")
    equal((tvs["services"], tvs["ctl_update"], tvs["phones_reset"], tvs["itl_records"]), (["Cisco TVS", "Cisco TFTP"], False, "all", ["TVS"]))
    equal((capf["ctl_update"], capf["itl_records"]), (True, ["CAPF"]))
    out = l.cli("cert", "impact", "web").stdout
    expect("Cisco Tomcat, Cisco SSOSP Tomcat, HAProxy" in out and re.search("Phones reset: +none", out), out)
    l.fails("cert", "impact", "mail", says=["no purpose"])


def a_certificate_is_made_anew_while_phones_can_follow(l):
    l.up()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    before = l.json("cert", "show", "itlrecovery")["sha256"]
    made, = l.json("cert", "regenerate", "itlrecovery")
    expect(made["sha256"] != before, "another one")
    out = l.phone(NAME, "boot")  # TVS vouches for the new signer
    says(out, "TL file updated")
    expect("Trust List Update Failed" not in out.stdout, out.stdout)
    equal(l.cli("check").stdout.count("error"), 0, "and nothing disagrees")
    l.fails("cert", "regenerate", "capf-issuer", says=["there is no capf-issuer"])


def several_certificates_are_made_anew_in_one_change(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    first = {c["purpose"]: c["sha256"] for c in l.json("cert", "list")}
    version = l.json("status")["itl"]["version"]
    # TVS and the signer together: nobody would be left to vouch for either
    l.fails("cert", "regenerate", "tvs", "itlrecovery", says=["1 phone would be cut off"])
    l.fails("cert", "regenerate", "web", "web", says=["web: is named twice"])
    l.fails("cert", "regenerate", "web", "mail", says=["no purpose"])
    l.fails("cert", "regenerate", "web", "--node", "other.example.test", says=["only keys of pub.example.test are here"])
    equal({c["purpose"]: c["sha256"] for c in l.json("cert", "list")}, first, "all is as before")
    made = l.json("cert", "regenerate", "callmanager", "capf", "web", "--node", "pub.example.test")
    equal([m["purpose"] for m in made], ["callmanager", "capf", "web"], "in the order in which they were named")
    equal(l.json("status")["itl"]["version"], version + 1, "one list")
    now = {c["purpose"]: c["sha256"] for c in l.json("cert", "list")}
    equal({p for p in now if now[p] != first[p]}, {"callmanager", "capf", "web"}, "those alone")
    says(l.phone(NAME, "boot"), "TL file updated")


def a_key_larger_than_phones_take_is_made_only_by_force(l):
    l.up()
    l.fails("cert", "regenerate", "web", "--rsa-size", "4096", says=["RSA 4096 bits is larger than phones take", "at most 2048 bits", "more; --force-size"])
    known(l)
    l.cli("phone", "set", NAME, "--model", "8861")
    l.fails("cert", "regenerate", "web", "--rsa-size", "3072", says=["at most 2048 bits by models 8861; --force-size"])
    l.fails("cert", "regenerate", "web", "--rsa-size", "1024", says=["must be 2048, 3072 or 4096", "not safe"])
    l.fails("cert", "regenerate", "web", "callmanager-ec", "--rsa-size", "2048", says=["callmanager-ec: has an EC key"])
    l.fails("cert", "regenerate", "web", "--rsa-size", "large", status=2, says=["--rsa-size large"])
    l.cli("cert", "regenerate", "web", "--rsa-size", "2048")
    equal(l.json("cert", "show", "web")["key"], "RSA 2048", "what all take")
    l.cli("cert", "regenerate", "web", "--rsa-size", "3072", "--force-size")
    equal(l.json("cert", "show", "web")["key"], "RSA 3072", "by force")


if __name__ == "__main__":
    lab.main(globals())
