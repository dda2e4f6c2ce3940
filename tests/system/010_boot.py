"""The main job: a phone with no trust comes up, takes its list, verifies its configuration and enrols an LSC."""
import os
import re

import lab
from handset import CTL, ITL, NAME, boot_with, calls_no_capf, enrolling, functions, held, known, says, status
from lab import equal, expect, run

OTHER = "SEP001122334466"


# --- to LSC installed ---

def a_phone_without_lists_boots_to_lsc_installed(l):
    l.up()
    enrolling(l)
    out = l.phone(NAME, "boot")
    shown = l.json("phone", "show", NAME)
    equal(shown["operation"], "none", "operation")
    equal(shown["operation_status"], "Upgrade Success", "operation status")
    equal(shown["lsc_status"], "Installed", "LSC status")
    equal(shown["trust"], "current", "trust")
    says(out, "ITLSEP001122334455.tlv", "File Not Found <CTLFile.tlv>", "Trust List Updated",
          "SEP001122334455.cnf.xml.sgn(HTTPS)", "LSC: Installed")
    cert = run("openssl", "x509", "-in", l.state(NAME, "LSC.pem"), "-noout", "-serial", "-subject").stdout
    expect(shown["lsc_serial"] in cert.lower(), f"serial {shown['lsc_serial']} is not in {cert}")
    equal(held(l, ITL), l.fetch("ITLSEP001122334455.tlv"), "the list that the phone holds")


def lscs_for_rsa_and_ec_keys_verify_and_have_the_extensions_of_capf(l):
    l.up()
    ca = l.file("capf.pem", l.cli("cert", "show", "capf", "--pem").stdout)
    issuer = run("openssl", "x509", "-in", ca, "-noout", "-subject", "-nameopt", "RFC2253").stdout.split("subject=")[1].strip()
    for i, (settings, key) in enumerate([(("--rsa-size", "2048"), "Public-Key: (2048 bit)"),
                                         (("--key-order", "ec-only", "--ec-size", "256"), "ASN1 OID: prime256v1"),
                                         (("--key-order", "ec-only", "--ec-size", "384"), "ASN1 OID: secp384r1"),
                                         (("--key-order", "ec-preferred", "--ec-size", "521"), "ASN1 OID: secp521r1")]):
        name = f"SEP00112233440{i}"
        enrolling(l, *settings, name=name)
        l.phone(name, "boot")
        pem = l.state(name, "LSC.pem")
        run("openssl", "verify", "-CAfile", ca, "-purpose", "sslclient", pem)
        run("openssl", "verify", "-CAfile", ca, "-purpose", "sslserver", pem)
        text = run("openssl", "x509", "-in", pem, "-noout", "-text", "-nameopt", "RFC2253").stdout
        words = re.sub(r"\s+", " ", text)
        for part in (key, f"Issuer: {issuer} ", "Signature Algorithm: sha256WithRSAEncryption", "Version: 3 (0x2)",
                     "X509v3 Basic Constraints: critical CA:FALSE",
                     "X509v3 Key Usage: critical Digital Signature, Key Encipherment ",
                     "X509v3 Extended Key Usage: TLS Web Server Authentication, TLS Web Client Authentication, IPSec End System ",
                     f"URI:{name} "):
            expect(part in words, f"{name}: no {part!r} in\n{text}")
        expect(re.search(rf"Subject: (.*,)?CN={name}( |,)", words), f"CN is not {name} in\n{text}")
        public = run("openssl", "x509", "-in", pem, "-noout", "-pubkey").stdout
        equal(run("openssl", "pkey", "-in", l.state(name, "LSC.key"), "-pubout").stdout, public, "the phone's key")


def _at_rest(enrolling_config, config):
    """A configuration that told the phone to enrol as it is now: no business with CAPF, hence another stamp."""
    stamp = re.compile(rb"<versionStamp>[^<]+</versionStamp>")
    old, new = stamp.findall(enrolling_config), stamp.findall(config)
    expect(len(old) == len(new) == 1 and old != new, f"stamps: {old}, {new}")
    expect(enrolling_config.count(b"<capfAuthMode>2<") == 1, "a phone that is to enrol is not told so")
    return enrolling_config.replace(b"<capfAuthMode>2<", b"<capfAuthMode>0<").replace(old[0], new[0])


def a_second_boot_keeps_everything(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    kept, config = [ITL, "LSC.pem", "LSC.key"], f"{NAME}.cnf.xml"
    before, enrolled = [held(l, file) for file in kept], held(l, config)
    expect(all(before) and enrolled, f"files of the first boot: {os.listdir(l.state(NAME))}")
    calls_no_capf(l.phone(NAME, "boot"))
    equal([held(l, file) for file in kept], before, "what the phone holds")
    equal(held(l, config), _at_rest(enrolled, held(l, config)), "the configuration of a phone that has its LSC")
    kept.append(config)
    before = [held(l, file) for file in kept]
    calls_no_capf(l.phone(NAME, "boot"))
    equal([held(l, file) for file in kept], before, "what the phone holds after another boot")
    updates = [m for m in status(l)["status_messages"] if m.endswith("Trust List Updated")]
    equal(len(updates), 1, "lists replaced")
    equal(l.json("phone", "show", NAME)["lsc_status"], "Installed", "LSC status")


def status_shows_what_the_phone_holds(l):
    l.up()
    empty = l.phone(NAME, "status").stdout
    for text in ("CTL: Not Installed", "ITL: Not Installed", "Configuration: none", "LSC: Not Installed"):
        expect(text in empty, f"no {text!r} in\n{empty}")
    enrolling(l)
    l.phone(NAME, "boot")
    text = l.phone(NAME, "status").stdout
    digests = [run("openssl", "dgst", "-r", d, l.state(NAME, ITL)).stdout.split()[0] for d in ("-md5", "-sha1")]
    for part in (f"{NAME} (CP-8861)", "CTL: Not Installed", "ITL: Installed", f"MD5 {digests[0]}", f"SHA1 {digests[1]}",
                 "Configuration: held", f"TVS server 1: 127.0.0.1 port {l.port(lab.TVS)}", "LSC: Installed"):
        expect(part in text, f"no {part!r} in\n{text}")
    shown = status(l)
    equal(functions(shown), ["SAST", "SAST", "TFTP", "TFTP", "TVS", "CAPF"], "functions of the list")
    equal(shown["lsc"]["serial"], l.json("phone", "show", NAME)["lsc_serial"], "serial")


def a_fleet_of_three_phones_boots(l):
    l.up()
    names = [f"SEP00112233445{i}" for i in range(3)]
    for name in names:
        enrolling(l, name=name)
    fleet = os.path.join(l.dir, "fleet")
    out = l.phone(names[0], "fleet", "--count", "3", "--concurrency", "2", state=fleet).stdout
    expect("fleet: 3 phones, 3 booted, 0 failed" in out, out)
    for name in names:
        equal(l.json("phone", "show", name)["lsc_status"], "Installed", name)
        with open(os.path.join(fleet, name, "console.txt")) as f:
            expect("LSC: Installed" in f.read(), f"console of {name}")
    out = l.phone(names[0], "fleet", "--count", "4", state=fleet, status=1)  # the fourth has no configuration
    expect("SEP001122334453" in out.stderr, out.stderr)


def a_phone_boots_over_ipv6(l):
    l.up()
    enrolling(l)
    xml = l.config(NAME, capf_mode=2, tvs=("::1",)).replace("<processNodeName>127.0.0.1<", "<processNodeName>::1<")
    l.put(f"{NAME}.cnf.xml", xml)
    says(l.phone(NAME, "boot", server="::1"), "LSC: Installed")
    lab.wait_for("the address last seen", lambda: (l.json("phone", "show", NAME)["last_address"] or "").count("::1"))


def an_authentication_string_that_nobody_typed_leaves_capf_alone(l):
    l.up()
    known(l, capf_mode=1)
    l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", "auth-string", "--auth-string", "123456")
    l.phone(NAME, "boot")
    equal(l.json("phone", "show", NAME)["operation_status"], "Operation Pending", "status")


# --- what the server hands out ---

def with_generation_g10_callmanager_signs_and_phones_go_on(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    expect("ITLRECOVERY" in status(l)["itl"]["signer"].upper(), f"signer of a G12 list: {status(l)['itl']['signer']}")
    l.cli("generation", "set", "G10")
    equal(l.json("status")["generation"], "G10", "generation")
    says(l.phone(NAME, "boot"), "Trust List Updated")
    signer = status(l)["itl"]["signer"]
    subject = run("openssl", "x509", "-noout", "-subject", "-nameopt", "multiline,-space_eq,-lname,sname",
                  input=l.cli("cert", "show", "callmanager", "--pem").stdout).stdout
    cn = re.search(r"CN\s*=\s*(.*)", subject).group(1)
    expect(signer.startswith(f"CN={cn}"), f"signer of a G10 list: {signer}, CallManager is {cn}")
    l.cli("generation", "set", "G12")
    says(l.phone(NAME, "boot"), "is in the ITL")
    equal(held(l, ITL), l.fetch(f"ITL{NAME}.tlv"), "the list after going back")


def an_unknown_phone_gets_no_list_by_default(l):
    l.up()
    l.config(NAME)
    says(l.phone(NAME, "boot"), "File Not Found <ITLFile.tlv>", "No Trust List Installed", f"{NAME}.cnf.xml(HTTP)")
    equal(held(l, ITL), None, "ITL")
    shown = lab.wait_for("the record of first contact",
                         lambda: [p for p in l.json("phone", "list") if p["name"] == NAME])[0]
    equal(shown["origin"], "seen", "origin")
    equal(shown["trust"], "unknown", "trust")
    l.phone(NAME, "boot")
    equal(held(l, ITL), None, "ITL of a phone that was only seen")
    l.cli("phone", "add", NAME)
    l.phone(NAME, "boot")
    expect(held(l, ITL), "no ITL after phone add")


def serve_lists_says_who_is_handed_lists(l):
    l.up()
    known(l)
    l.fetch(ITL, status=68)  # curl: file not found
    l.fetch(f"ITL{OTHER}.tlv", status=68)
    own = l.fetch(f"ITL{NAME}.tlv")
    l.cli("serve-lists", "all")
    equal(l.fetch(ITL), own, ITL)
    equal(l.fetch(f"ITL{OTHER}.tlv"), own, "list of an unknown phone")
    l.config(OTHER)
    l.phone(OTHER, "boot")
    equal(held(l, ITL, OTHER), own, "the list that an unknown phone holds")
    l.cli("serve-lists", "none")
    for name in (ITL, f"ITL{OTHER}.tlv", f"ITL{NAME}.tlv"):
        l.fetch(name, status=68)
    l.fetch(f"{NAME}.cnf.xml.sgn")  # other files in any case
    equal(l.json("serve-lists")["serve_lists"], "none", "setting")
    l.cli("serve-lists", "known")
    equal(l.fetch(f"ITL{NAME}.tlv"), own, "list of a known phone")
    l.fetch(CTL, status=68)


def without_capf_the_list_has_no_record_and_the_phone_says_so(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    expect("CAPF" in functions(status(l)), "no CAPF record at first")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    older = l.fetch(f"{NAME}.cnf.xml.sgn")
    l.cli("node", "set", "capf", "off")
    out = l.phone(NAME, "boot")
    says(out, "Trust List Updated")
    calls_no_capf(out)
    expect("CAPF" not in functions(status(l)), "a CAPF record still")
    expect(b"<capfList" in older and b"<capfList" not in held(l, f"{NAME}.cnf.xml"), "a CAPF server still")
    out = boot_with(l, older)  # its list knows already what its configuration does not
    says(out, "No valid CAPF server")
    calls_no_capf(out)
    l.cli("node", "set", "capf", "on")
    says(l.phone(NAME, "boot"), "LSC: Installed")
    expect("CAPF" in functions(status(l)), "no CAPF record after it is on again")


if __name__ == "__main__":
    lab.main(globals())
