"""Phones' keys that another CA certifies over CMP while they wait; that CA is OpenSSL's own CMP server."""
import os
import signal

import lab
from authority import ca
from handset import NAME, enrolling, held, says
from lab import equal, expect, run, wait_for

PENDING = ("Operation Pending", "install-upgrade")


class _Online:
    """A CA that speaks CMP on a port of its own, and a cluster that asks it."""

    def __init__(self, l, timeout="10"):
        self.l, self.port, self.running = l, lab.free_base_port(), None
        self.root = ca(l, "phones-ca")
        l.have()
        for name, value in (("lsc-issuer", "online"), ("online-ca-url", f"http://127.0.0.1:{self.port}/pkix/"),
                            ("online-ca-reference", "sealtone"), ("online-ca-timeout", timeout)):
            l.set_conf("capf", name, value)
        self.secret("right")
        l.start()
        l.cli("trust", "add", "capf-trust", self.root + ".pem")

    def secret(self, text):
        with open(os.path.join(self.l.cluster, "online-ca.secret"), "w", encoding="utf-8") as f:
            f.write(text + "\n")

    def open(self, *mode, key=None):
        root = key or self.root
        self.running = self.l.spawn(os.path.join(lab.BUILD, "tests", "lib", "cmpca"), self.port, root + ".pem", root + ".key",
                                    "sealtone", "right", *mode, stdout=-1)
        equal(self.running.stdout.readline(), b"ready\n", "the CA")

    def close(self):
        self.running.terminate()
        self.running.wait()


def _boot(l, *args):
    return l.phone(NAME, "--retry-seconds", "0", *args, "boot")


def _state(l):
    shown = l.json("phone", "show", NAME)
    return shown["operation_status"], shown["operation"]


def _last(l):
    """The newest of the phone's operations: status and cause."""
    newest = l.json("phone", "show", NAME, "--history")["operations"][0]
    return newest["status"], newest["cause"]


def _requests(l):
    return {(r["name"], r["state"]) for r in l.json("capf", "csr", "list")}


def a_phone_has_its_certificate_in_one_session(l):
    online = _Online(l)
    online.open()
    for order in (("--key-order", "rsa-only"), ("--key-order", "ec-only", "--ec-size", "256")):
        if not held(l, f"{NAME}.cnf.xml"):
            enrolling(l, *order)
        else:
            l.cli("phone", "set", NAME, "--operation", "install-upgrade", *order)
        out = _boot(l)
        says(out, "LSC: Installed")
        expect("retry later" not in out.stdout, "it need not come again")
        equal(_state(l), ("Upgrade Success", "none"), "state")
        lsc = l.file("held.pem", held(l, "LSC.pem"))
        run("openssl", "verify", "-purpose", "sslclient", "-CAfile", online.root + ".pem", lsc)
        text = run("openssl", "x509", "-in", lsc, "-noout", "-text").stdout
        for part in (f"CN = {NAME}", f"URI:{NAME}", "TLS Web Client Authentication", "Key Encipherment"):
            expect(part in text, f"{part} in {text}")
    equal(_requests(l), set(), "requests")


def a_ca_that_is_down_is_said_and_asked_again_when_the_phone_comes(l):
    online = _Online(l)
    enrolling(l)
    says(_boot(l), "CAPF server: retry later")
    equal(_state(l), PENDING, "the operation stays")
    equal(_last(l)[0], "Upgrade Failed: CA Communication Failure", "history")
    expect("no certificate was issued for its key: the CA: " in l.json("phone", "show", NAME)["progress"], "progress")
    equal(_requests(l), {(NAME, "waiting")}, "the key stays on record")
    online.open()
    out = _boot(l)
    says(out, "LSC: Installed")
    expect("key generation" not in out.stdout, "for the key that it keeps")


def a_ca_that_refuses_ends_the_operation(l):
    online = _Online(l)
    online.open("refuse")
    enrolling(l)
    _boot(l)
    equal(_state(l), ("Upgrade Failed: CA Rejected Connection", "none"), "state")
    expect("no such template" in _last(l)[1], f"the CA's words: {_last(l)}")
    equal(_requests(l), {(NAME, "stale")}, "the request")


def a_certificate_that_does_not_fit_the_phone_is_not_taken(l):
    online = _Online(l)
    online.open("foreign")
    enrolling(l)
    _boot(l)
    equal(_state(l), ("Upgrade Failed: CA Rejected Connection", "none"), "state")
    expect("common name" in _last(l)[1], f"{_last(l)}")
    online.close()
    online.open(key=ca(l, "another-ca"))
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    _boot(l)
    expect("is not in capf-trust" in _last(l)[1], f"{_last(l)}")
    equal(held(l, "LSC.pem"), None, "the phone's LSC")


def a_wrong_secret_is_invalid_credentials(l):
    online = _Online(l)
    online.secret("wrong")
    online.open()
    enrolling(l)
    _boot(l)
    equal(_state(l), ("Upgrade Failed: Invalid Credentials", "none"), "state")
    online.secret("right")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    says(_boot(l), "LSC: Installed")


def a_slow_ca_holds_up_nobody_else(l):
    online = _Online(l)
    online.open("slow")
    enrolling(l)
    slow = l.spawn(l.binary("sealtone-phone"), "--server", l.address, "--base-port", l.base, "--name", NAME, "--state", l.state(NAME),
                   "boot", stdout=-1)
    wait_for("the request", lambda: _requests(l) == {(NAME, "waiting")})
    expect(l.fetch(f"ITL{NAME}.tlv"), "others are served")
    expect(b"LSC: Installed" in slow.communicate(timeout=30)[0], "and the phone has its certificate")


def a_phone_that_lost_its_key_while_the_ca_worked_is_asked_for_another(l):
    online = _Online(l)
    online.open("slow")
    enrolling(l)
    slow = l.spawn(l.binary("sealtone-phone"), "--server", l.address, "--base-port", l.base, "--name", NAME, "--state", l.state(NAME),
                   "boot")
    wait_for("the request", lambda: _requests(l) == {(NAME, "waiting")})
    slow.kill()
    wait_for("the CA", lambda: _requests(l) == {(NAME, "signed")})
    says(_boot(l), "is not for a key that was made")
    equal(_state(l), PENDING, "the operation stays")
    says(_boot(l), "LSC: Installed")


def core_and_ra_processes_may_be_killed(l):
    online = _Online(l)
    online.open("slow")
    enrolling(l)
    equal(len(l.children("ra")), 4, "RA processes")
    slow = l.spawn(l.binary("sealtone-phone"), "--server", l.address, "--base-port", l.base, "--name", NAME, "--state", l.state(NAME),
                   "--retry-seconds", "2", "boot", stdout=-1)
    wait_for("the request", lambda: _requests(l) == {(NAME, "waiting")})
    for pid in l.children("ra"):
        os.kill(pid, signal.SIGKILL)
    expect(b"LSC: Installed" in slow.communicate(timeout=60)[0], "the phone came again")
    os.kill(l.children("core")[0], signal.SIGKILL)
    wait_for("core", lambda: l.cli("status", status=None).returncode == 0)
    wait_for("RA processes", lambda: len(l.children("ra")) == 4)
    equal(_state(l), ("Upgrade Success", "none"), "state")


def online_without_an_address_is_refused(l):
    l.have()
    l.set_conf("capf", "lsc-issuer", "online")
    said = run(l.binary("sealtoned"), "--dir", l.cluster, status=None)
    expect(said.returncode != 0 and "needs online-ca-url and online-ca-reference" in said.stderr, said.stderr)


if __name__ == "__main__":
    lab.main(globals())
