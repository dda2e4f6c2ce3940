"""Phones' keys that another CA signs: requests out, certificates in, and phones that come for them."""
import json
import os
import subprocess

import lab
from authority import ca, sign
from handset import NAME, enrolling, held, says
from lab import equal, expect, run

SECOND, THIRD = "SEP001122334466", "SEP001122334477"
GUIDE = os.path.join(os.path.dirname(__file__), "..", "..", "doc", "guide", "issuer.md")
PENDING = ("Operation Pending", "install-upgrade")


def _up(l):
    """A cluster whose LSCs another CA signs; that CA."""
    l.have()
    l.set_conf("capf", "lsc-issuer", "offline")
    l.start()
    root = ca(l, "phones-ca")
    l.cli("trust", "add", "capf-trust", root + ".pem")
    return root


def _boot(l, name=NAME, *args):
    return l.phone(name, "--retry-seconds", "0", *args, "boot")


def _state(l, name=NAME):
    shown = l.json("phone", "show", name)
    return shown["operation_status"], shown["operation"]


def _requests(l, *args):
    return {(r["name"], r["state"]) for r in l.json("capf", "csr", "list", *args)}


def _recipe():
    """The commands of the guide, as a reader copies them."""
    text = open(GUIDE, encoding="utf-8").read()
    begin = text.index("    for csr in batch/*.csr")
    return "\n".join(line[4:] for line in text[begin:].split("\n\n")[0].splitlines())


def _dump(l):
    """The batch, in a folder of its own below l.dir."""
    folder = l.file("batch", b"")
    os.remove(folder)
    l.cli("capf", "csr", "dump", folder)
    return folder


def _signed(l, root, folder):
    """What the CA makes of it, by the guide's recipe; one file."""
    for suffix in ("pem", "key"):
        os.replace(l.file("copy", open(f"{root}.{suffix}", "rb").read()), os.path.join(os.path.dirname(folder), f"ca.{suffix}"))
    subprocess.run(["sh", "-euc", _recipe()], cwd=os.path.dirname(folder), check=True, capture_output=True)
    return os.path.join(os.path.dirname(folder), "lscs.pem")


def _import(l, *files, status=0):
    """{name: outcome}, and what stands on stderr."""
    done = l.cli("capf", "cert", "import", *files, "--json", status=status)
    return {v["name"]: v["outcome"] for v in json.loads(done.stdout)}, done.stderr


def a_phone_comes_for_the_certificate_that_another_ca_made_later(l):
    root = _up(l)
    enrolling(l)
    says(_boot(l), "CAPF server: retry later")
    equal(_state(l), PENDING, "state")
    shown = l.json("phone", "show", NAME)
    expect("its key waits for another CA" in shown["progress"], shown["progress"])
    equal(_requests(l), {(NAME, "waiting")}, "requests")
    key = held(l, "LSC.key.csr")
    says(_boot(l), "CAPF server: retry later")
    equal(held(l, "LSC.key.csr"), key, "the key that waits")
    lscs = _signed(l, root, _dump(l))
    equal(_import(l, lscs)[0], {NAME: "taken"}, "import")
    equal(_requests(l), {(NAME, "signed")}, "requests")
    equal(_import(l, lscs)[0], {NAME: "already"}, "the same once more")
    out = _boot(l)
    says(out, "LSC: Installed")
    expect("key generation" not in out.stdout, "it makes no new key")
    equal(_state(l), ("Upgrade Success", "none"), "state")
    lsc = l.file("held.pem", held(l, "LSC.pem"))
    run("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", root + ".pem", lsc)
    equal(held(l, "LSC.key.csr"), None, "the key that waited")
    equal(_requests(l), set(), "requests")
    equal(_import(l, lscs)[0], {NAME: "already"}, "when the phone has it")
    issuers = {i["subject"]: i["live_lscs"] for i in l.json("capf", "issuers")}
    equal(list(issuers.values()), [1], f"issuers {issuers}")
    l.fails("trust", "remove", "capf-trust", l.json("capf", "issuers")[0]["sha256"], says=["1 live LSCs depend"])


def status_names_the_issuers_that_lscs_have_and_none_of_its_own(l):
    root = _up(l)
    equal(l.json("status")["lsc_issuers"], [], "before the first")
    enrolling(l)
    _boot(l)
    _import(l, _signed(l, root, _dump(l)))
    _boot(l)
    shown = l.json("status")["lsc_issuers"]
    equal([(i["signs"], i["live_lscs"]) for i in shown], [(False, 1)], f"{shown}")


def the_lsc_of_another_ca_lets_its_phone_in_and_is_no_mic(l):
    root = _up(l)
    enrolling(l)
    _boot(l)
    _import(l, _signed(l, root, _dump(l)))
    says(_boot(l), "LSC: Installed")
    l.config(NAME, capf_mode=3)
    l.cli("phone", "set", NAME, "--operation", "delete", "--auth-mode", "existing-lsc")
    says(_boot(l), "LSC: Not Installed")
    equal(_state(l), ("Delete Success", "none"), "state")


def a_request_says_what_is_wanted_and_proves_nothing(l):
    _up(l)
    enrolling(l, "--key-order", "ec-only", "--ec-size", "256")
    _boot(l)
    folder = _dump(l)
    csr = os.path.join(folder, NAME + ".csr")
    text = run("openssl", "req", "-in", csr, "-noout", "-text").stdout
    for part in (f"CN = {NAME}", "Digital Signature, Key Encipherment", "TLS Web Client Authentication", f"URI:{NAME}", "id-alg-noSignature"):
        expect(part in text, f"{part} in {text}")
    run("openssl", "req", "-in", csr, "-noout", "-verify", status=1)
    equal(run("openssl", "req", "-in", csr, "-noout", "-pubkey").stdout, open(os.path.join(folder, NAME + ".pub")).read(), "key")
    l.fails("capf", "csr", "dump", folder, says=["is not an empty folder"])


def certificates_that_cannot_serve_are_refused_one_by_one_and_named(l):
    root = _up(l)
    stranger = ca(l, "stranger")
    for name in (NAME, SECOND, THIRD):
        enrolling(l, name=name)
        _boot(l, name)
    folder = _dump(l)

    def made(name, by=root, subject=None, ext="keyUsage=critical,digitalSignature,keyEncipherment\n", days="9"):
        out = l.file(f"made-{len(os.listdir(l.dir))}.pem", b"")
        run("openssl", "x509", "-new", "-force_pubkey", os.path.join(folder, name + ".pub"), "-subj", subject or f"/CN={name}",
            "-CA", by + ".pem", "-CAkey", by + ".key", "-days", days, "-extfile", l.file("one.ext", ext.encode()), "-out", out)
        return out

    for file, why in ((made(NAME, by=stranger), "is not in capf-trust"), (made(NAME, subject=f"/CN={SECOND}"), "common name"),
                      (made(NAME, days="-1"), "has expired"), (made(NAME, ext="keyUsage=digitalSignature\n"), "keyEncipherment"),
                      (made(NAME, ext="keyUsage=keyEncipherment\n"), "digitalSignature"),
                      (made(NAME, ext="extendedKeyUsage=serverAuth\n"), "clientAuth"),
                      (made(NAME, ext="basicConstraints=CA:TRUE\n"), "is a CA")):
        done = l.cli("capf", "cert", "import", file, status=1)
        expect(why in done.stdout and "refused" in done.stdout, f"{why}: {done.stdout}")
        expect("1 of 1 certificates were not taken" in done.stderr, done.stderr)
    # one good one among them is taken; one for nobody's key is named
    mixed = l.file("mixed.pem", b"".join(open(f, "rb").read() for f in (made(NAME, by=stranger), made(SECOND), root + ".pem")))
    got, said = _import(l, mixed, status=1)
    equal(got, {NAME: "refused", SECOND: "taken", "": "unknown"}, "mixed")
    expect("2 of 3" in said, said)
    der = l.file("third.der", run("openssl", "x509", "-in", made(THIRD), "-outform", "DER", text=False).stdout)
    equal(_import(l, der)[0], {THIRD: "taken"}, "DER")
    l.fails("capf", "cert", "import", l.file("none.pem", b"nothing"), says=["none.pem", "holds no certificate"])
    broken = l.file("broken.pem", b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    equal(_import(l, broken, status=1)[0], {"": "refused"}, "broken")


def a_certificate_for_a_key_that_the_phone_has_replaced_is_stale_and_named(l):
    root = _up(l)
    enrolling(l)
    _boot(l)
    old = _signed(l, root, _dump(l))
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    equal(_requests(l), {(NAME, "stale")}, "set anew")
    got = l.cli("capf", "cert", "import", old, status=1)
    expect("stale" in got.stdout and "was given up at" in got.stdout, got.stdout)
    _boot(l)
    equal(_requests(l), {(NAME, "stale"), (NAME, "waiting")}, "and asked anew")
    equal(_requests(l, "--state", "waiting"), {(NAME, "waiting")}, "by state")
    l.fails("capf", "csr", "list", "--state", "rotten", says=["waiting, signed or stale"])
    equal(l.json("capf", "csr", "forget")["forgotten"], 1, "forgotten")
    equal(_import(l, old, status=1)[0], {"": "unknown"}, "forgotten")


def a_phone_that_has_lost_the_key_is_asked_for_another(l):
    root = _up(l)
    enrolling(l)
    _boot(l)
    _import(l, _signed(l, root, _dump(l)))
    os.remove(l.state(NAME, "LSC.key.csr"))
    out = _boot(l)
    says(out, "is not for a key that was made")
    equal(_state(l), PENDING, "the operation stays")
    equal(_requests(l), {(NAME, "stale")}, "the request of the lost key")
    _boot(l)
    equal(_requests(l, "--state", "waiting"), {(NAME, "waiting")}, "the new one")
    l.cli("phone", "delete", NAME)
    equal(_requests(l, "--state", "waiting"), set(), "of a deleted phone none waits")


def what_waits_survives_a_killed_core(l):
    root = _up(l)
    enrolling(l)
    _boot(l)
    os.kill(l.children("core")[0], 9)
    lab.wait_for("core", lambda: l.cli("status", status=None).returncode == 0)
    equal(_requests(l), {(NAME, "waiting")}, "requests")
    _import(l, _signed(l, root, _dump(l)))
    os.kill(l.children("core")[0], 9)
    lab.wait_for("core", lambda: l.cli("status", status=None).returncode == 0)
    says(_boot(l), "LSC: Installed")


if __name__ == "__main__":
    lab.main(globals())
