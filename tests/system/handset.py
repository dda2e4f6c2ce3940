"""What tests say about one simulated phone and the cluster that it belongs to."""
import functools
import json
import os

import lab
from between import Between
from lab import expect
from tlsserver import make_certificate

NAME = "SEP001122334455"
ITL, CTL = "ITLFile.tlv", "CTLFile.tlv"


def known(l, name=NAME, capf_mode=0, **config):
    """The phone is in the store and has a configuration."""
    l.cli("phone", "add", name, "--model", "8861")
    l.config(name, capf_mode=capf_mode, **config)


def enrolling(l, *settings, name=NAME):
    """The same with a certificate to install."""
    known(l, name, capf_mode=2)
    l.cli("phone", "set", name, "--operation", "install-upgrade", "--auth-mode", "null-string", *settings)


def held(l, file, name=NAME):
    """A file of the phone's state folder, or None."""
    try:
        with open(l.state(name, file), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def hold(l, file, content, name=NAME):
    """Puts a file into the phone's state folder."""
    os.makedirs(l.state(name), exist_ok=True)
    with open(l.state(name, file), "wb") as f:
        f.write(content)


def status(l, name=NAME):
    return json.loads(l.phone(name, "status", "--json").stdout)


def boot_with(l, config, *args):
    """A boot in which the signed configuration is this one, whatever the server has by now."""
    with Between(l) as between:
        between.instead[f"{NAME}.cnf.xml.sgn"] = config
        return l.phone(NAME, "boot", *args, port=between.port)


def signed_by(l, name, xml):
    """This configuration, signed with a key of its own; the certificate to trust, and the file's bytes."""
    key, cert = make_certificate(l, name)
    path = l.file(f"{NAME}.cnf.xml", xml)
    l.cli("file", "sign", path, "--key", key, "--cert", cert, "--out", path + ".sgn")
    with open(path + ".sgn", "rb") as file:
        return cert, file.read()


def calls_no_capf(out):
    expect("CAPF connecting" not in out.stdout, f"CAPF was called:\n{out.stdout}")


def functions(shown):
    """The records of the ITL in a phone's status."""
    return [r["function"] for r in shown["itl"]["records"]]


def says(out, *texts):
    for text in texts:
        expect(text in out.stdout, f"the console does not say {text!r}:\n{out.stdout}")


def with_foreign(test):
    """Gives a test a second cluster, running, that knows the phone and has a configuration for it."""
    @functools.wraps(test)
    def wrapped(l):
        foreign = lab.Lab()
        try:
            foreign.up("--cluster", "foreign")
            known(foreign)
            test(l, foreign)
            expect("Sanitizer" not in foreign.log() and "runtime error:" not in foreign.log(), foreign.log())
        finally:
            foreign.close()
    return wrapped
