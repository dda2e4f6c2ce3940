"""What a phone fetches, over what, and in which form: HTTP, HTTPS and TFTP; encrypted configurations and their keys."""
import os
import re

import lab
from handset import ITL, NAME, held, hold, known, says, status
from lab import HTTP, HTTPS, TFTP, equal, expect, run

SECURE = "secure"


# --- helpers ---

def _boot(l, *args, name=NAME, status=0, **kw):
    """Switches the phone on. What its console says, and how the configuration came."""
    out = l.phone(name, "--retry-seconds", "1", *args, "boot", status=status, **kw)
    came = re.search(rf"\] \w+(\.cnf\.xml[\w.]*)\((\w+)\)", out.stdout)
    return out, came.groups() if came else None


def _moved(l, *services):
    """Other ports for some services, so that a phone finds those closed that its base port leads to."""
    free = lab.free_base_port()
    for service in services:
        l.set_conf("network", lab.PORT_SETTINGS[service], free + service)


def _mic(l, name=NAME):
    """A factory certificate for the phone; its path."""
    os.makedirs(l.state(name), exist_ok=True)
    cert, key = l.state(name, "MIC.pem"), l.state(name, "MIC.key")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "3650", "-keyout", key, "-out", cert,
        "-subj", f"/C=US/O=Cisco Systems Inc./CN=CP-8861-{name}")
    return cert


def _secure(l, mic, *settings, model="8861"):
    """The phone is in the store with a profile that asks for an encrypted configuration."""
    l.cli("profile", "add", SECURE, "--encrypted-config", "yes")
    l.cli("phone", "add", NAME, "--model", model, "--profile", SECURE, *(("--mic", mic) if mic else ()))
    l.config(NAME, extra="<vendorConfig>secret-of-the-phone</vendorConfig>")
    if settings:
        l.cli("phone", "set", NAME, *settings)


def _installing(l):
    l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", "null-string")


def _whole(l):
    """The phone holds its configuration, decrypted."""
    expect(b"secret-of-the-phone" in (held(l, f"{NAME}.cnf.xml") or b""), "the phone does not hold its whole configuration")


ENCRYPTED, SIGNED = ".cnf.xml.enc.sgn", ".cnf.xml.sgn"


# --- over what ---

def a_newer_phone_fetches_lists_over_http_and_its_configuration_over_https(l):
    l.have()
    _moved(l, TFTP)
    l.start()
    known(l)
    out, came = _boot(l)
    equal(came, (SIGNED, "HTTPS"), "how the configuration came")
    says(out, "the certificate is in the ITL", "File Not Found <CTLFile.tlv>")
    expect("falling back" not in out.stdout, out.stdout)
    # The configuration that it holds is the XML, as it is over the other ways.
    expect(held(l, f"{NAME}.cnf.xml").startswith(b"<?xml"), "no XML is held")


def a_newer_phone_falls_back_from_https_to_http_and_from_http_to_tftp(l):
    l.have()
    _moved(l, HTTPS)
    l.start()
    known(l)
    out, came = _boot(l)
    equal(came, (SIGNED, "HTTP"), "without HTTPS")
    says(out, "HTTPS: falling back to HTTP")
    l.stop()
    _moved(l, HTTP)
    l.start()
    out, came = _boot(l)
    equal(came, (SIGNED, "TFTP"), "without HTTP")
    says(out, "HTTP: falling back to TFTP")


def an_older_phone_fetches_everything_over_tftp(l):
    l.have()
    _moved(l, HTTP, HTTPS)
    l.start()
    known(l)
    l.cli("phone", "set", NAME, "--model", "7965")
    out, came = _boot(l, "--model", "7965")
    equal(came, (SIGNED, "TFTP"), "how the configuration came")
    expect("HTTP" not in out.stdout, out.stdout)


def a_phone_refuses_an_https_server_that_its_list_does_not_name(l):
    l.up()
    known(l)
    _boot(l)
    # Another cluster's server in front of it; what comes over HTTP is still signed by the own one.
    foreign = lab.Lab()
    try:
        foreign.init("--cluster", "foreign")
        for service in (TFTP, HTTP):
            foreign.set_conf("network", lab.PORT_SETTINGS[service], lab.free_base_port())
        foreign.set_conf("network", "https-port", l.port(HTTPS))
        l.stop()
        _moved(l, HTTPS)
        l.start()
        foreign.start()
        out, came = _boot(l)
        equal(came, (SIGNED, "HTTP"), "how the configuration came")
        says(out, "the server's certificate: TVS does not trust the certificate")
    finally:
        foreign.close()


def many_newer_phones_boot_at_once(l):
    l.up()
    count = 40
    for i in range(count):
        known(l, f"SEP00112233{i + 0x5500:04X}")
    fleet = os.path.join(l.dir, "fleet")
    out = l.phone("SEP001122335500", "fleet", "--count", count, "--concurrency", "20", state=fleet).stdout
    expect(f"{count} booted, 0 failed" in out, out)
    for i in range(count):
        name = f"SEP00112233{i + 0x5500:04X}"
        with open(os.path.join(fleet, name, "console.txt")) as f:
            expect(f"{name}.cnf.xml.sgn(HTTPS)" in f.read(), f"{name} did not fetch over HTTPS")


# --- which files ---

def a_phone_fetches_and_verifies_what_its_configuration_names(l):
    l.up()
    known(l, extra="<sipProfile><dialTemplate>dialplan.xml</dialTemplate></sipProfile><networkLocale>New_Zealand</networkLocale>"
                   "<loadInformation>sip88xx.14-2-1</loadInformation>")
    l.put("dialplan.xml", "<DIALTEMPLATE/>")
    l.put("Ringlist.xml", "<CiscoIPPhoneRingList/>")
    l.put("New_Zealand/g3-tones.xml", "<tones/>")
    l.put("sip88xx.14-2-1.loads", b"\1\0\2\1\2firmware of its maker")
    out, _ = _boot(l, "--all-files")
    says(out, *(f"verify SUCCESS </usr/ram/{name}>" for name in ("dialplan.xml", "Ringlist.xml", "New_Zealand/g3-tones.xml")))
    expect("sip88xx.14-2-1.loads.sgn" not in out.stdout, "firmware was asked for with .sgn")


def a_phone_without_a_file_of_its_own_takes_the_default(l):
    l.up()
    l.put("XMLDefault.cnf.xml", "<Default><callManagerGroup/></Default>")
    out, came = _boot(l)
    equal(came, (".cnf.xml", "HTTP"), "how the configuration came")
    says(out, f"File Not Found <{NAME}.cnf.xml>", "XMLDefault.cnf.xml(HTTP)")


def a_phone_is_handed_the_digest_that_its_model_takes(l):
    l.have()
    l.set_conf("trust", "digest", "sha512")
    l.start()
    sha512 = b"\x07\x00\x0f\x08\x00\x01\x03"
    for model, wants, name in (("8861", True, "SEP001122334401"), ("7965", False, "SEP001122334402")):
        l.cli("phone", "add", name, "--model", model)
        l.config(name)
        _boot(l, "--model", model, name=name)
        equal(sha512 in held(l, ITL, name), wants, f"{model}: a list in SHA-512")
        equal(sha512 in l.fetch(f"{name}.cnf.xml.sgn"), wants, f"{model}: a configuration in SHA-512")
        shown = l.json("show", "itl", "--phone", name)
        equal(l.json("phone", "show", name)["trust"] != "behind", True, f"{model}: not behind")
        expect(shown, "show itl --phone says nothing")


# --- encrypted configurations ---

def an_encrypted_configuration_opens_with_the_mic_then_with_the_lsc(l):
    l.up()
    _secure(l, _mic(l))
    out, came = _boot(l)
    equal(came[0], ENCRYPTED, "form")
    says(out, "encrypted for the MIC")
    _whole(l)
    expect(b"secret-of-the-phone" not in l.fetch(f"{NAME}{ENCRYPTED}"), "the secret is in the file that is served")
    l.fetch(f"{NAME}.cnf.xml", status=68)
    _installing(l)
    out, _ = _boot(l)
    says(out, "LSC: Installed")
    out, came = _boot(l)
    equal(came[0], ENCRYPTED, "form with an LSC")
    says(out, "encrypted for the LSC")
    _whole(l)


def deleting_the_lsc_switches_the_configuration_to_the_mic_first(l):
    l.up()
    _secure(l, _mic(l))
    _installing(l)
    _boot(l)
    says(_boot(l)[0], "encrypted for the LSC")
    l.cli("phone", "set", NAME, "--operation", "delete", "--auth-mode", "null-string")
    out, came = _boot(l)
    equal(came[0], ENCRYPTED, "form while the LSC goes")
    says(out, "encrypted for the MIC", "LSC: Not Installed")
    says(_boot(l)[0], "encrypted for the MIC")
    _whole(l)


def a_wrong_mic_on_record_sends_the_phone_to_capf(l):
    l.up()
    wrong = _mic(l)
    right = _mic(l, "SEP001122334456")
    for file in ("MIC.pem", "MIC.key"):
        hold(l, file, open(os.path.join(os.path.dirname(right), file), "rb").read())
    on_record = l.file("wrong.pem", open(l.state("SEP001122334456", "MIC.pem"), "rb").read())
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10", "-keyout", l.file("other.key", ""), "-out",
        on_record, "-subj", f"/CN=CP-8861-{NAME}")
    expect(os.path.exists(wrong), "no MIC")
    _secure(l, on_record)
    _, came = _boot(l, status=1)
    equal(came, None, "a configuration for another key")
    _installing(l)
    out, came = _boot(l)
    says(out, "CAPF_REASON_PUBKEY_MISMATCH", "LSC: Installed", "encrypted for the LSC")
    equal(came[0], ENCRYPTED, "form after CAPF")
    _whole(l)


def a_phone_without_any_certificate_on_record_gets_one_from_capf_first(l):
    l.up()
    _secure(l, None)
    _installing(l)
    out, came = _boot(l)
    says(out, "LSC: Installed", "encrypted for the LSC")
    equal(came[0], ENCRYPTED, "form")
    _whole(l)


def a_mic_may_be_put_on_record_later_and_taken_away(l):
    l.up()
    _secure(l, None)
    form = lambda: l.json("phone", "show", NAME)["config"]["form"]  # noqa: E731
    equal(form(), "stub-signed", "without a MIC")
    l.cli("phone", "set", NAME, "--mic", _mic(l))
    equal(form(), "encrypted", "with one")
    _, came = _boot(l)
    equal(came[0], ENCRYPTED, "what came")
    _whole(l)
    l.cli("phone", "set", NAME, "--mic", "")
    equal(form(), "stub-signed", "after it was taken away")
    expect("PEM" in l.cli("phone", "set", NAME, "--mic", "/etc/hostname", status=1).stderr, "a file that is no certificate")


def an_older_phone_opens_its_encrypted_configuration_over_tftp(l):
    l.up()
    _secure(l, _mic(l), model="7965")
    _, came = _boot(l, "--model", "7965")
    equal(came, (ENCRYPTED, "TFTP"), "how the configuration came")
    _whole(l)


def a_change_of_profile_is_taken_at_the_next_boot(l):
    l.up()
    _secure(l, _mic(l))
    equal(_boot(l)[1][0], ENCRYPTED, "form with the profile")
    l.cli("profile", "set", SECURE, "--encrypted-config", "no")
    equal(_boot(l)[1][0], SIGNED, "form without encryption")
    l.cli("profile", "set", SECURE, "--encrypted-config", "yes")
    equal(_boot(l)[1][0], ENCRYPTED, "form with encryption again")
    shown = status(l)
    equal(shown["mic"]["key"], "RSA 2048", "key of the MIC")


if __name__ == "__main__":
    lab.main(globals())
