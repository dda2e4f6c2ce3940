"""Certificate authorities of tests, made and run by the real openssl."""
from lab import run

CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"


def sign(l, name, request, ca, extensions, days=100):
    """A certificate for a request, by a CA that ca() made."""
    out = l.file(name + ".pem", b"")
    run("openssl", "x509", "-req", "-in", request, "-CA", ca + ".pem", "-CAkey", ca + ".key", "-CAcreateserial", "-days", str(days),
        "-extfile", l.file(name + ".ext", extensions.encode()), "-out", out)
    return out


def ca(l, name, above=None, extensions=CA):
    """A CA; what its files are named after."""
    base = l.file(name, b"")
    run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", base + ".key", "-subj", f"/O=Example/CN={name}", "-out", base + ".csr")
    if above:
        sign(l, name, base + ".csr", above, extensions)
    else:
        run("openssl", "x509", "-req", "-in", base + ".csr", "-key", base + ".key", "-days", "100",
            "-extfile", l.file(name + ".ext", extensions.encode()), "-out", base + ".pem")
    return base
