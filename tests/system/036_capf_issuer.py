"""Who signs phones' certificates, and what the real openssl says of them."""
import signal

import lab
import wires
from handset import NAME, enrolling, held, says
from lab import equal, expect, run, wait_for
from wires import Capf


def _key(l, name):
    """A fresh P-256 key in a file; its public half as a phone sends it."""
    path = l.file(name, run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout.encode())
    return run("openssl", "pkey", "-in", path, "-pubout", "-outform", "DER", text=False).stdout


def _issued(l, name=NAME):
    """What CAPF gives a phone for a new key, as a PEM file."""
    l.cli("phone", "set", name, "--operation", "install-upgrade", "--auth-mode", "null-string", "--key-order", "ec-only")
    c = Capf(l.port(lab.CAPF))
    der = c.certificate(name, _key(l, "phone.key"))
    equal(c.confirm(), 1, "reason")
    pem = run("openssl", "x509", "-inform", "DER", input=der, text=False).stdout
    return l.file("lsc.pem", pem)


def _shown(path, *what):
    return run("openssl", "x509", "-in", path, "-noout", "-nameopt", "RFC2253", *what).stdout


def _pem(l, purpose):
    return l.file(purpose + ".pem", l.cli("cert", "show", purpose, "--pem").stdout.encode())


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


if __name__ == "__main__":
    lab.main(globals())
