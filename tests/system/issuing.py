"""LSCs by CAPF's own messages, and certificates as files for the real openssl."""
from handset import NAME
from lab import CAPF, equal, run
from wires import Capf


def _key(l, name):
    """A fresh P-256 key in a file; its public half as a phone sends it."""
    path = l.file(name, run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout.encode())
    return run("openssl", "pkey", "-in", path, "-pubout", "-outform", "DER", text=False).stdout


def issued(l, name=NAME, file="lsc.pem"):
    """What CAPF gives a phone for a new key, as a PEM file."""
    l.cli("phone", "set", name, "--operation", "install-upgrade", "--auth-mode", "null-string", "--key-order", "ec-only",
          "--ec-size", "256")
    c = Capf(l.port(CAPF))
    der = c.certificate(name, _key(l, "phone.key"))
    equal(c.confirm(), 1, "reason")
    pem = run("openssl", "x509", "-inform", "DER", input=der, text=False).stdout
    return l.file(file, pem)


def pem(l, purpose):
    """The active certificate of a purpose, as a PEM file."""
    return l.file(purpose + ".pem", l.cli("cert", "show", purpose, "--pem").stdout.encode())


def serial(path):
    return run("openssl", "x509", "-in", path, "-noout", "-serial").stdout.strip().split("=")[1].lower()
