"""Certificates as administrators see them, against the real openssl."""
import re

import lab
from lab import equal, expect, run

PURPOSES = ("callmanager", "callmanager-ec", "tvs", "capf", "itlrecovery", "web")


def _text(pem, *more):
    return run("openssl", "x509", "-noout", *more, input=pem).stdout


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


def what_follows_a_replacement_is_told_before(l):
    capf, tvs = l.json("cert", "impact", "capf", "tvs")
    equal((tvs["services"], tvs["ctl_update"], tvs["phones_reset"], tvs["itl_records"]), (["Cisco TVS", "Cisco TFTP"], False, "all", ["TVS"]))
    equal((capf["ctl_update"], capf["itl_records"]), (True, ["CAPF"]))
    out = l.cli("cert", "impact", "web").stdout
    expect("Cisco Tomcat, Cisco SSOSP Tomcat, HAProxy" in out and re.search("Phones reset: +none", out), out)
    l.fails("cert", "impact", "mail", says=["no purpose"])


if __name__ == "__main__":
    lab.main(globals())
