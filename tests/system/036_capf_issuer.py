"""Who signs phones' certificates, and what the real openssl says of them."""
import hashlib
import re
import signal
import urllib.request

import lab
from authority import CA, ca as _ca, sign as _sign
from handset import NAME, enrolling, held, says
from issuing import issued as _issued, pem as _pem, serial as _serial
from lab import equal, expect, run, wait_for


def _shown(path, *what):
    return run("openssl", "x509", "-in", path, "-noout", "-nameopt", "RFC2253", *what).stdout


def _verify(lsc, anchor, *more, status=0):
    return run("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", anchor, *more, lsc, status=status)


def an_lsc_holds_what_the_settings_say(l):
    l.have()
    for name, value in (("lsc-validity", "30"), ("lsc-organization", "Phones Ltd"), ("lsc-country", "US"), ("lsc-usages", "client")):
        l.set_conf("capf", name, value)
    l.start()
    l.cli("phone", "add", NAME)
    lsc = _issued(l)
    _verify(lsc, _pem(l, "capf"))
    equal(_shown(lsc, "-subject").strip(), f"subject=C=US,O=Phones Ltd,CN={NAME}", "subject")
    usages = _shown(lsc, "-ext", "extendedKeyUsage")
    expect("Client" in usages and "Server" not in usages, usages)
    run("openssl", "x509", "-in", lsc, "-noout", "-checkend", str(29 * 86400))
    run("openssl", "x509", "-in", lsc, "-noout", "-checkend", str(31 * 86400), status=1)


def with_old_tls_lscs_have_an_issuer_of_their_own_and_the_phone_takes_them(l):
    l.have()
    l.set_conf("capf", "old-tls", "yes")
    l.start()
    enrolling(l)
    says(l.phone(NAME, "--tls", "old", "boot"), "LSC: Installed", "not by CAPF itself")
    issuer, capf = _pem(l, "capf-issuer"), _pem(l, "capf")
    lsc = l.file("held.pem", held(l, "LSC.pem"))
    _verify(lsc, issuer)
    _verify(lsc, capf, status=2)
    trusted = [c["pem"] for c in l.json("trust", "list", "capf-trust")]
    expect(open(issuer).read() in trusted, "the issuer is in capf-trust")


def the_key_that_old_tls_uses_may_not_be_told_to_sign(l):
    l.have()
    l.set_conf("capf", "old-tls", "yes")
    l.set_conf("capf", "lsc-issuer", "capf")
    said = run(l.binary("sealtoned"), "--dir", l.cluster, status=None)
    expect(said.returncode != 0 and "does not go with old-tls" in said.stderr, said.stderr)


def the_issuer_changes_while_the_daemon_runs(l):
    l.up()
    l.cli("phone", "add", NAME)
    _verify(_issued(l), _pem(l, "capf"))
    l.set_conf("capf", "lsc-issuer", "own")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the issuer", lambda: any(c["purpose"] == "capf-issuer" for c in l.json("cert", "list")))
    _verify(_issued(l), _pem(l, "capf-issuer"))


# --- signed by another CA ---

CAPF = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,digitalSignature,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"


def _csr(l, purpose="capf"):
    path = l.file(purpose + ".csr", b"")
    l.cli("cert", "csr", purpose, "--out", path)
    return path


def _list(l):
    """The trust list as it is now."""
    return l.cli("show", "itl").stdout


def _together(l, *files):
    return l.file("chain.pem", "".join(open(f).read() for f in files).encode())


def the_request_is_for_the_same_key_and_asks_for_a_ca(l):
    l.up()
    csr = _csr(l)
    run("openssl", "req", "-in", csr, "-noout", "-verify")
    text = run("openssl", "req", "-in", csr, "-noout", "-text").stdout
    expect("CA:TRUE, pathlen:0" in text and "Certificate Sign" in text, text)
    equal(run("openssl", "req", "-in", csr, "-noout", "-pubkey").stdout, run("openssl", "x509", "-in", _pem(l, "capf"), "-noout", "-pubkey").stdout, "key")
    l.fails("cert", "csr", "capf-issuer", says=["there is no capf-issuer yet", "lsc-issuer = own"])


def capf_signed_by_another_ca_serves_phones_with_its_chain(l):
    l.up()
    enrolling(l)
    says(l.phone(NAME, "boot"), "LSC: Installed")
    root = _ca(l, "root")
    middle = _ca(l, "middle", root)
    before = _list(l)
    chain = _together(l, middle + ".pem", _sign(l, "signed", _csr(l), middle, CAPF), root + ".pem")
    l.cli("cert", "import", "capf", chain)
    expect(_list(l) != before, "the list is a new one")
    run("openssl", "verify", "-CAfile", root + ".pem", "-untrusted", middle + ".pem", _pem(l, "capf"))
    shown = run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(lab.CAPF)}", "-showcerts", "-CAfile", root + ".pem", input="").stdout
    equal(shown.count("BEGIN CERTIFICATE"), 2, "certificates that CAPF sends")
    expect("Verify return code: 0 (ok)" in shown, shown)
    stores = {c["subject"] for c in l.json("trust", "list", "capf-trust")}
    expect({"CN=root;O=Example", "CN=middle;O=Example"} <= stores, f"{stores}")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    says(l.phone(NAME, "boot"), "LSC: Installed")
    lsc = l.file("held.pem", held(l, "LSC.pem"))
    run("openssl", "verify", "-purpose", "sslclient", "-CAfile", root + ".pem", "-untrusted", _together(l, _pem(l, "capf"), middle + ".pem"), lsc)
    l.fails("cert", "import", "capf", chain, says=["is the active certificate already"])
    l.stop()
    l.start()
    _verify(_issued(l), root + ".pem", "-untrusted", _together(l, _pem(l, "capf"), middle + ".pem"))


def capf_signed_for_servers_alone_as_unified_cm_asks_for_it_issues_lscs_that_prove_phones(l):
    l.up()
    enrolling(l)
    root = _ca(l, "root")
    middle = _ca(l, "middle", root)
    asked = CAPF + "extendedKeyUsage=serverAuth\n"
    l.cli("cert", "import", "capf", _together(l, _sign(l, "signed", _csr(l), middle, asked), middle + ".pem", root + ".pem"))
    says(l.phone(NAME, "boot"), "LSC: Installed")
    first = held(l, "LSC.pem")
    lsc, above = l.file("held.pem", first), _together(l, _pem(l, "capf"), middle + ".pem")
    run("openssl", "verify", "-CAfile", root + ".pem", "-untrusted", above, lsc)
    l.config(NAME, capf_mode=3)
    l.cli("phone", "set", NAME, "--auth-mode", "existing-lsc", "--operation", "install-upgrade")
    says(l.phone(NAME, "boot"), "LSC: Installed")
    expect(held(l, "LSC.pem") != first, "the LSC is the one of before")
    l.cli("diagnose", NAME)


def the_issuer_of_its_own_can_be_signed_by_another_ca_too(l):
    l.have()
    l.set_conf("capf", "lsc-issuer", "own")
    l.start()
    l.cli("phone", "add", NAME)
    root = _ca(l, "root")
    before = _list(l)
    l.cli("trust", "add", "capf-trust", root + ".pem")
    l.cli("cert", "import", "capf-issuer", _sign(l, "signed", _csr(l, "capf-issuer"), root, CAPF))
    equal(_list(l), before, "the list, which does not name it")
    lsc = _issued(l)
    run("openssl", "verify", "-CAfile", root + ".pem", "-untrusted", _pem(l, "capf-issuer"), lsc)


def a_certificate_under_which_no_lsc_would_be_taken_is_refused(l):
    l.up()
    root = _ca(l, "root")
    tight = _ca(l, "tight", root, CA.replace("CA:TRUE", "CA:TRUE,pathlen:0"))
    server = _ca(l, "server", root, CAPF + "extendedKeyUsage=serverAuth\n")
    csr = _csr(l)
    good = _sign(l, "good", csr, root, CAPF)
    other = _ca(l, "other")
    before = (_list(l), _shown(_pem(l, "capf"), "-fingerprint"))
    for says_, files in (
        ("is missing: put it into the file", [good]),
        ("does not belong to the chain", [good, root + ".pem", other + ".pem"]),
        ("none of the 1 certificates is for the key", [root + ".pem"]),
        ("capf: it lacks CA:TRUE", [_sign(l, "leaf", csr, root, "basicConstraints=critical,CA:FALSE\n"), root + ".pem"]),
        ("path length", [_sign(l, "deep", csr, tight, CAPF), tight + ".pem", root + ".pem"]),
        ("capf: it lacks key usage keyCertSign",
         [_sign(l, "mute", csr, root, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature\n"), root + ".pem"]),
        ("unsuitable certificate purpose", [_sign(l, "narrow", csr, server, CAPF), server + ".pem", root + ".pem"]),
        ("expired", [_sign(l, "old", csr, root, CAPF, days=-1), root + ".pem"]),
    ):
        l.fails("cert", "import", "capf", _together(l, *files), says=[says_])
    l.fails("cert", "import", "capf", csr, says=["no PEM certificate"])
    l.fails("cert", "import", "capf", l.file("half.pem", open(good).read()[:400].encode()), says=["broken"])
    equal((_list(l), _shown(_pem(l, "capf"), "-fingerprint")), before, "list and certificate")


# --- its end ---

def status_warns_of_the_issuers_end_and_says_until_when_earlier_ones_are_needed(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    status = l.json("status")
    issuer, = status["lsc_issuers"]
    equal((issuer["signs"], issuer["live_lscs"], status["warnings"]), (True, 1, []))
    expect("Warning" not in l.cli("status").stdout, "a warning without need")
    root = _ca(l, "root")
    l.cli("cert", "import", "capf", _together(l, _sign(l, "signed", _csr(l), root, CAPF, days=50), root + ".pem"))
    warning, = l.json("status")["warnings"]
    equal((warning["event"], warning["purpose"]), ("lsc-issuer-ends", "capf"))
    expect(warning["days_left"] in (49, 50), f"days left: {warning}")
    expect(warning["subject"].startswith("CN=CAPF-"), f"which certificate: {warning}")
    expect(warning["lscs_cut_short_from"] < status["started"], f"LSCs of five years are cut short already: {warning}")
    shown = l.cli("status").stdout
    for word in ("Warning: CN=CAPF-", " days, on 20", "since 20", "sealtone cert csr capf", "sealtone capf bulk"):
        expect(word in shown, f"{word!r} in {shown}")
    l.stop()
    l.start()
    wait_for("the same in the log", lambda: re.search("lsc-issuer-ends purpose=capf days=(49|50)", l.log()))
    earlier, now = l.json("status")["lsc_issuers"]
    equal((earlier["signs"], earlier["live_lscs"], earlier["needed_until"]), (False, 1, l.json("phone", "show", NAME)["lsc_expires"]))
    equal((now["signs"], now["live_lscs"], now["needed_until"]), (True, 0, None))
    l.set_conf("capf", "lsc-validity", "30")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the date to follow the setting", lambda: l.json("status")["warnings"][0]["lscs_cut_short_from"] > status["started"])
    expect(" from 20" in l.cli("status").stdout, "when LSCs will be cut short")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    l.phone(NAME, "boot")
    earlier, now = l.json("status")["lsc_issuers"]
    equal((earlier["live_lscs"], earlier["needed_until"], now["live_lscs"]), (0, None, 1))
    l.cli("trust", "remove", "capf-trust", earlier["sha256"])
    equal([i["sha256"] for i in l.json("status")["lsc_issuers"]], [now["sha256"]])


# --- revocation ---

def _crl(l, name="capf.crl"):
    """The list that HTTP gives, as a PEM file."""
    with urllib.request.urlopen(f"http://127.0.0.1:{l.port(lab.HTTP)}/{name}") as answer:
        der = answer.read()
    return l.file("crl.pem", run("openssl", "crl", "-inform", "DER", input=der, text=False).stdout)


def _revoked(crl):
    """Serial and reason of each entry."""
    text = run("openssl", "crl", "-in", crl, "-noout", "-text").stdout
    return {e.split()[0].lower(): e for e in text.split("Serial Number: ")[1:]}


def _is_revoked(lsc, anchor, crl):
    done = run("openssl", "verify", "-crl_check", "-CAfile", anchor, "-CRLfile", crl, lsc, status=None)
    expect(done.returncode == 0 or "certificate revoked" in done.stderr, done.stderr)
    return done.returncode != 0


def what_is_superseded_or_revoked_is_in_the_list_at_once(l):
    l.have()
    l.set_conf("capf", "crl-url", f"http://127.0.0.1:{l.port(lab.HTTP)}/")
    l.start()
    l.cli("phone", "add", NAME)
    capf = _pem(l, "capf")
    first = l.file("first.pem", open(_issued(l)).read().encode())
    expect(not _is_revoked(first, capf, _crl(l)), "one that is in use is revoked")
    second = _issued(l)
    crl = _crl(l)
    expect(_is_revoked(first, capf, crl) and not _is_revoked(second, capf, crl), "the first alone is revoked")
    expect("Superseded" in _revoked(crl)[_serial(first)], f"{_revoked(crl)}")
    point = [x for x in _shown(second, "-ext", "crlDistributionPoints").split() if x.startswith("URI:")][0][4:]
    equal(open(_crl(l, point.rsplit("/", 1)[1])).read(), open(crl).read(), "the list that the LSC names")
    l.cli("capf", "revoke", _serial(second), "--reason", "keyCompromise")
    crl = _crl(l)
    expect(_is_revoked(second, capf, crl), "an administrator's is revoked")
    expect("Key Compromise" in _revoked(crl)[_serial(second)], f"{_revoked(crl)}")
    equal(l.json("phone", "show", NAME)["lsc_serial"] or "", "", "the phone's LSC")
    l.fails("capf", "revoke", NAME, says=["with a certificate to be revoked"])
    l.fails("capf", "revoke", NAME, "--reason", "boredom", says=["keyCompromise"])
    run("openssl", "crl", "-in", l.file("cli.pem", l.cli("capf", "crl").stdout.encode()), "-noout", "-CAfile", capf)
    l.stop()
    l.start()
    equal(set(_revoked(_crl(l))), {_serial(first), _serial(second)}, "after a restart")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")


def a_deleted_lsc_is_revoked_whoever_signs_now(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    lsc, capf = l.file("held.pem", held(l, "LSC.pem")), _pem(l, "capf")
    l.set_conf("capf", "lsc-issuer", "own")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the issuer", lambda: any(c["purpose"] == "capf-issuer" for c in l.json("cert", "list")))
    l.cli("phone", "set", NAME, "--operation", "delete")
    says(l.phone(NAME, "boot"), "LSC: Not Installed")
    run("openssl", "crl", "-in", _crl(l), "-noout", "-CAfile", _pem(l, "capf-issuer"))
    key = run("openssl", "x509", "-in", capf, "-noout", "-pubkey").stdout
    spki = run("openssl", "pkey", "-pubin", "-outform", "DER", input=key.encode(), text=False).stdout
    crl = _crl(l, f"capf-{hashlib.sha256(spki).hexdigest()[:16]}.crl")
    expect(_is_revoked(lsc, capf, crl), "the list of the issuer before")
    expect("Cessation Of Operation" in _revoked(crl)[_serial(lsc)], f"{_revoked(crl)}")


if __name__ == "__main__":
    lab.main(globals())
