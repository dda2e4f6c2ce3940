"""Certificates of the cluster's own keys that another CA has signed, made by the real openssl."""
import lab
from authority import CA, ca, sign
from between import Between
from handset import NAME, known, says
from lab import equal, expect, run

EXTENDED = "extendedKeyUsage=serverAuth,clientAuth\n"
USAGES = "keyUsage=critical,digitalSignature,keyEncipherment,dataEncipherment\n"
NAMES = "subjectAltName=DNS:pub.example.test,IP:127.0.0.1\n"
SERVER = USAGES + EXTENDED + NAMES
CAPF = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,digitalSignature,keyCertSign\nextendedKeyUsage=serverAuth\n"
STORES = {"callmanager": "callmanager-trust", "callmanager-ec": "callmanager-trust", "tvs": "tvs-trust", "web": "phone-trust", "capf": "capf-trust"}


def _csr(l, purpose):
    path = l.file(purpose + ".csr", b"")
    l.cli("cert", "csr", purpose, "--out", path)
    return path


def _pem(l, purpose):
    return l.file(purpose + ".pem", l.cli("cert", "show", purpose, "--pem").stdout.encode())


def _together(l, *files):
    return l.file("chain.pem", "".join(open(f).read() for f in files).encode())


def _cas(l):
    root = ca(l, "root")
    return root, ca(l, "middle", root)


def _import(l, purpose, root, middle):
    signed = sign(l, purpose + "-signed", _csr(l, purpose), middle, CAPF if purpose == "capf" else SERVER)
    return l.json("cert", "import", purpose, _together(l, root + ".pem", signed, middle + ".pem"))


def _updated(l):
    out = l.phone(NAME, "boot")
    says(out, "TL file updated")
    expect("Trust List Update Failed" not in out.stdout, out.stdout)
    return out


def each_purpose_takes_a_signed_certificate_and_phones_follow(l):
    l.up()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    root, middle = _cas(l)
    for purpose, store in STORES.items():
        taken = _import(l, purpose, root, middle)
        equal((taken["purpose"], taken["issuer"], taken["notes"]), (purpose, "CN=middle;O=Example", []), purpose)
        run("openssl", "verify", "-CAfile", root + ".pem", "-untrusted", middle + ".pem", _pem(l, purpose))
        expect({"CN=root;O=Example", "CN=middle;O=Example"} <= {c["subject"] for c in l.json("trust", "list", store)}, f"{purpose}: the CAs in {store}")
        if purpose != "web":
            _updated(l)
    equal({c["purpose"]: c["type"] for c in l.json("cert", "list")}, {**dict.fromkeys(STORES, "CA-signed"), "itlrecovery": "self-signed"})
    for service in (lab.TVS, lab.CAPF, lab.HTTPS):
        shown = run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(service)}", "-showcerts", "-CAfile", root + ".pem", input="", status=None).stdout
        expect("Verify return code: 0 (ok)" in shown and shown.count("BEGIN CERTIFICATE") == 2, shown)
    # what the new certificates sign, the tools and a phone that has never been here take
    itl, config = (l.file(name, l.fetch(name)) for name in (f"ITL{NAME}.tlv", f"{NAME}.cnf.xml.sgn"))
    l.cli("file", "verify", config, "--trust", itl)
    says(l.phone(NAME, "boot", state=l.state("new")), "verify SUCCESS")
    checked = l.cli("check").stdout
    expect(": 0 errors" in checked or "error" not in checked, checked)
    l.stop()
    l.start()
    says(l.phone(NAME, "boot"), "verify SUCCESS")


def a_list_signed_by_a_ca_signed_certificate_is_taken_through_tvs(l):
    l.up()
    l.cli("generation", "set", "G10")
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    root, middle = _cas(l)
    _import(l, "callmanager", root, middle)
    says(_updated(l), "Attempting connect to TVS")
    says(l.phone(NAME, "boot"), "verify SUCCESS")


def tvs_vouches_for_the_certificate_and_for_nothing_else_below_its_ca(l):
    l.up()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    root, middle = _cas(l)
    _import(l, "callmanager", root, middle)
    _import(l, "web", root, middle)
    _updated(l)
    # another key, signed by the same CA for the same name
    evil_key, request = l.file("evil.key", b""), l.file("evil.csr", b"")
    run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", evil_key, "-subj", "/CN=pub.example.test", "-out", request)
    evil = sign(l, "evil", request, middle, SERVER)
    xml = l.file(f"{NAME}.cnf.xml", l.config(NAME).replace("<device>", "<device><!-- theirs -->"))
    for cert, key in ((evil, evil_key), (middle + ".pem", middle + ".key"), (root + ".pem", root + ".key")):
        l.cli("file", "sign", xml, "--key", key, "--cert", cert, "--out", xml + ".sgn")
        says(_boot_with(l, xml + ".sgn", 1), "TVS does not trust the signer")
    # one that an administrator puts there is vouched for, though it is the same
    listed = {c["subject"]: c for c in l.json("trust", "list", "callmanager-trust")}
    expect(listed["CN=middle;O=Example"]["chain_only"] and "above a certificate of ours" in listed["CN=middle;O=Example"]["description"], f"{listed}")
    l.cli("trust", "add", "callmanager-trust", middle + ".pem")
    l.fails("trust", "add", "callmanager-trust", middle + ".pem", says=["CN=middle;O=Example"])
    expect(not {c["subject"]: c for c in l.json("trust", "list", "callmanager-trust")}["CN=middle;O=Example"]["chain_only"], "trusted")
    l.cli("file", "sign", xml, "--key", middle + ".key", "--cert", middle + ".pem", "--out", xml + ".sgn")
    says(_boot_with(l, xml + ".sgn", 0), "accepted by TVS")
    for store, purpose in (("callmanager-trust", "callmanager"), ("phone-trust", "web")):
        l.fails("trust", "remove", store, _sha256(root + ".pem"), says=[f"the active certificate of {purpose} is below it"])
    out = l.cli("cert", "regenerate", "web").stdout
    expect("Note: web was signed by a CA and is self-signed now" in out, out)
    l.cli("trust", "remove", "phone-trust", _sha256(root + ".pem"))


def what_does_not_fit_is_refused_with_its_reason(l):
    l.up()
    root = ca(l, "root")
    old = _sha1(l, root)
    csr = _csr(l, "tvs")
    before = l.json("cert", "list")
    for number, (why, extensions, days) in enumerate((
        ("tvs: it lacks key usage digitalSignature", "keyUsage=critical,keyEncipherment,dataEncipherment\n" + EXTENDED + NAMES, 9),
        ("tvs: it lacks key usage keyEncipherment", "keyUsage=critical,digitalSignature\n" + EXTENDED + NAMES, 9),
        ("tvs: it lacks extended key usage serverAuth", USAGES + "extendedKeyUsage=clientAuth\n" + NAMES, 9),
        ("tvs: it lacks extended key usage clientAuth", USAGES + "extendedKeyUsage=serverAuth\n" + NAMES, 9),
        ("tvs: it is a CA", "basicConstraints=critical,CA:TRUE\n" + SERVER, 9),
        ("tvs: its alternative names lack pub.example.test", USAGES + EXTENDED + "subjectAltName=DNS:other.example.test\n", 9),
        ("certificate has expired", SERVER, -1),
    )):
        signed = sign(l, f"bad{number}", csr, root, extensions, days=days)
        l.fails("cert", "import", "tvs", _together(l, signed, root + ".pem"), says=[why])
    good = sign(l, "good", csr, root, SERVER)
    l.fails("cert", "import", "tvs", good, says=["the CA CN=root;O=Example", "is missing"])
    l.fails("cert", "import", "tvs", _together(l, old, root + ".pem"), says=["signed with MD5 or SHA-1"])
    l.fails("cert", "import", "web", _together(l, good, root + ".pem"), says=["none of the 2 certificates is for the key"])
    l.fails("cert", "import", "itlrecovery", _together(l, good, root + ".pem"), says=["itlrecovery: is the anchor", "no CA signs it"])
    l.fails("cert", "csr", "itlrecovery", says=["no CA signs it"])
    equal(l.json("cert", "list"), before, "nothing changed")
    equal(l.json("trust", "list", "tvs-trust"), [], "no CA stays")


def one_certificate_may_be_der_and_a_chain_is_pem(l):
    l.up()
    root = ca(l, "root")
    signed = sign(l, "signed", _csr(l, "web"), root, SERVER)
    der = l.file("web.der", b"")
    run("openssl", "x509", "-in", signed, "-outform", "DER", "-out", der)
    l.fails("cert", "import", "web", der, says=["the CA CN=root;O=Example", "is missing"])
    l.cli("trust", "add", "phone-trust", root + ".pem")
    equal(l.json("cert", "import", "web", der)["issuer"], "CN=root;O=Example", "what was taken")
    with open(der, "rb") as file:
        twice = l.file("two.der", file.read() * 2)
    for bad in (twice, l.file("empty", b""), l.file("text", "nothing")):
        l.fails("cert", "import", "web", bad, says=[bad, "no PEM certificate, and is not one in DER"])


def notes_say_what_does_no_harm_and_a_large_key_needs_force(l):
    l.up()
    root, own = ca(l, "root"), _pem(l, "web")
    bare = "keyUsage=critical,digitalSignature,keyEncipherment\n" + EXTENDED + "subjectAltName=DNS:pub.example.test\n"
    out = l.cli("cert", "import", "web", _together(l, sign(l, "bare", _csr(l, "web"), root, bare), root + ".pem")).stdout
    expect("Note: its alternative names lack the address 127.0.0.1" in out and "Note: it lacks key usage dataEncipherment" in out, out)
    l.cli("cert", "import", "web", own)
    equal(l.json("cert", "show", "web")["type"], "self-signed", "back again, with the same key")
    out = l.cli("cert", "import", "web", _together(l, sign(l, "silent", _csr(l, "web"), root, NAMES), root + ".pem")).stdout
    expect("Note: it names no key usages" in out, out)
    l.cli("cert", "regenerate", "web", "--rsa-size", "3072", "--force-size")
    signed = _together(l, sign(l, "large", _csr(l, "web"), root, SERVER))
    l.fails("cert", "import", "web", signed, says=["RSA 3072 bits is larger than phones take"])
    l.cli("cert", "import", "web", signed, "--force-size")
    equal(l.json("cert", "show", "web")["type"], "CA-signed", "by force, and with the root that is there already")


def _boot_with(l, config, status):
    """A boot in which the signed configuration is this one."""
    with Between(l) as between, open(config, "rb") as file:
        between.instead[f"{NAME}.cnf.xml.sgn"] = file.read()
        return l.phone(NAME, "boot", port=between.port, status=status)


def _sha256(path):
    return run("openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256").stdout.split("=")[1].strip().replace(":", "").lower()


def _sha1(l, root):
    out = l.file("old.pem", b"")
    run("openssl", "x509", "-req", "-sha1", "-in", _csr(l, "tvs"), "-CA", root + ".pem", "-CAkey", root + ".key", "-CAcreateserial", "-days", "9",
        "-extfile", l.file("old.ext", SERVER.encode()), "-out", out)
    return out


if __name__ == "__main__":
    lab.main(globals())
