"""All LSCs and their issuers as PEM and PKCS#12, read by openssl and, where it is, by keytool."""
import os
import re
import shutil
import signal
import sqlite3

import lab
from handset import NAME, enrolling
from lab import equal, expect, run
from wires import Capf

OTHER = "SEP0011223344AA"
WITHOUT = "SEP0011223344BB"


def _spki(l):
    key = run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout
    return run("openssl", "pkey", "-pubout", "-outform", "DER", input=key.encode(), text=False).stdout


def _install(l, name):
    """An LSC for a phone that is on record, confirmed; its serial."""
    l.cli("phone", "set", name, "--operation", "install-upgrade", "--auth-mode", "null-string", "--key-order", "ec-only", "--ec-size", "256")
    c = Capf(l.port(lab.CAPF))
    c.certificate(name, _spki(l))
    equal(c.confirm(), 1, "reason")
    return l.json("phone", "show", name)["lsc_serial"]


def _fleet(l):
    """Two phones with LSCs by two issuers, one without; serials of the two."""
    l.up()
    for name in (NAME, OTHER, WITHOUT):
        l.cli("phone", "add", name, "--model", "8861")
    first = _install(l, NAME)
    l.set_conf("capf", "lsc-issuer", "own")
    l.daemon.send_signal(signal.SIGHUP)
    lab.wait_for("the issuer", lambda: any(c["purpose"] == "capf-issuer" for c in l.json("cert", "list")))
    return first, _install(l, OTHER)


def _export(l, out, *args):
    path = os.path.join(l.dir, out)
    return path, l.json("capf", "export", "--out", path, *args)


def _serials(path):
    """Of a PEM file's certificates, as openssl reads them, in their order."""
    text = run("openssl", "storeutl", "-certs", "-noout", "-text", path).stdout
    return [s.replace(":", "") for s in re.findall(r"Serial Number:\s+([0-9a-f:]+)\n", text)]


def _issuers(l):
    return [run("openssl", "x509", "-noout", "-serial", input=l.cli("cert", "show", p, "--pem").stdout).stdout.strip()[7:].lower()
            for p in ("capf", "capf-issuer")]


def lscs_and_their_issuers_are_one_pem_file_each_certificate_once_and_named(l):
    serials = _fleet(l)
    path, said = _export(l, "all.pem")
    equal(said, {"phones": 2, "lscs": 2, "issuers": 2, "without_issuer": 0})
    got = _serials(path)
    equal(got[:2], list(serials), "LSCs first")
    equal(sorted(got[2:]), sorted(_issuers(l)), "issuers")
    with open(path) as f:
        text = f.read()
    comments = re.findall(r"^# (.*), expires 20\d\d-\d\d-\d\dT[0-9:]+Z\n-----BEGIN CERTIFICATE-----$", text, re.M)
    equal(comments[:2], [NAME, OTHER], "names of LSCs")
    expect(all(c.startswith("CN=CAPF") for c in comments[2:]), f"names of issuers: {comments}")
    for block in re.findall(r"-----BEGIN.*?END CERTIFICATE-----\n", text, re.S)[:2]:
        run("openssl", "verify", "-purpose", "sslclient", "-CAfile", path, l.file("one.pem", block))
    equal(l.cli("capf", "export").stdout, text, "standard output")


def a_filter_and_a_list_of_names_choose_the_phones_and_their_issuers_follow(l):
    first, second = _fleet(l)
    capf, own = _issuers(l)
    path, said = _export(l, "some.pem", f"name is exactly {OTHER}")
    equal((_serials(path), said["issuers"]), ([second, own], 1))
    path, _ = _export(l, "some.pem", "--file", l.file("names", NAME + "\n"))
    equal(_serials(path), [first, capf])
    path, said = _export(l, "issuers.pem", "--issuers-only")
    equal((sorted(_serials(path)), said["lscs"]), (sorted([capf, own]), 2))
    with open(path, "rb") as f:
        before = f.read()
    l.fails("capf", "export", f"name is exactly {WITHOUT}", "--out", path, says=["no phone that is meant has an LSC"])
    l.fails("capf", "export", "lsc expires is soon", "--out", path, says=["YYYY-MM-DD"])
    with open(path, "rb") as f:
        equal(f.read(), before, "the file after exports that failed")
    l.fails("capf", "export", "--json", status=2)
    l.fails("capf", "export", "--passphrase-file", path, status=2)
    l.fails("capf", "export", "--out", os.path.join(l.dir, "none", "file"), says=["none"])


def only_certificates_that_phones_may_hold_are_in_it(l):
    first, _ = _fleet(l)
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    c = Capf(l.port(lab.CAPF))
    c.certificate(NAME, _spki(l))  # issued, and the phone does not say that it has it
    c.hang_up()
    path, said = _export(l, "two.pem", f"name is exactly {NAME}")
    equal((said["phones"], said["lscs"]), (1, 2))
    expect(first in _serials(path), "the one before, which it may hold still")
    with open(path) as f:
        expect(f"# {NAME} (2), expires" in f.read(), "the second is told from the first")
    l.cli("capf", "revoke", first)
    path, said = _export(l, "one.pem", f"name is exactly {NAME}")
    equal((said["lscs"], first in _serials(path)), (1, False))
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        db.execute("UPDATE lscs SET not_after = 1000000000 WHERE device = ?", (NAME,))
    l.start()
    l.fails("capf", "export", f"name is exactly {NAME}", says=["has an LSC"])


def what_is_above_an_issuer_is_in_it_too(l):
    l.up()
    l.cli("phone", "add", NAME)
    root = l.file("root.pem", b"")
    key = l.file("root.key", b"")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", root, "-subj", "/O=Example/CN=root", "-days", "100")
    csr = l.file("capf.csr", b"")
    l.cli("cert", "csr", "capf", "--out", csr)
    extensions = l.file("ext", b"basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,digitalSignature,keyCertSign,cRLSign\n")
    signed = run("openssl", "x509", "-req", "-in", csr, "-CA", root, "-CAkey", key, "-CAcreateserial", "-days", "50", "-extfile", extensions).stdout
    with open(root) as f:
        l.cli("cert", "import", "capf", l.file("chain.pem", signed + f.read()))
    _install(l, NAME)
    path, said = _export(l, "all.pem")
    equal(said["issuers"], 2)
    subjects = run("openssl", "storeutl", "-certs", "-noout", "-text", path).stdout
    expect(re.search(r"Subject: O ?= ?Example, CN ?= ?root", subjects), f"the root: {subjects}")
    with open(path) as f:
        lsc = re.findall(r"-----BEGIN.*?END CERTIFICATE-----\n", f.read(), re.S)[0]
    run("openssl", "verify", "-purpose", "sslclient", "-CAfile", root, "-untrusted", path, l.file("one.pem", lsc))
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        db.execute("UPDATE lscs SET issuer = NULL")  # as one that was issued before this was kept
    l.start()
    path, said = _export(l, "again.pem")
    equal(said["without_issuer"], 0, "LSCs whose issuer is not found by its signature")
    run("openssl", "verify", "-CAfile", path, os.path.join(l.dir, "one.pem"))


def _keytool(path, *args):
    return run("keytool", "-list", "-keystore", path, "-storetype", "PKCS12", *args).stdout


def a_pkcs12_file_is_encrypted_under_the_passphrase_and_has_no_keys(l):
    _fleet(l)
    env = {"SEALTONE_DIR": l.cluster, "SEALTONE_PASSPHRASE": "correct horse"}
    path = os.path.join(l.dir, "all.p12")
    run(l.binary("sealtone"), "capf", "export", "--pkcs12", "--out", path, env=env)
    shown = run("openssl", "pkcs12", "-info", "-in", path, "-passin", "pass:correct horse")
    equal(shown.stdout.count("BEGIN CERTIFICATE"), 4)
    equal(shown.stdout.count("PRIVATE KEY"), 0)
    expect("AES-256-CBC" in shown.stderr and "MAC: sha256" in shown.stderr, f"how it is protected: {shown.stderr}")
    for name in (NAME, OTHER, "CN=CAPF"):
        expect(f"friendlyName: {name}" in shown.stdout, f"{name} as a friendly name")
    run("openssl", "pkcs12", "-in", path, "-passin", "pass:wrong", status=1)
    from_file = _export(l, "file.p12", "--pkcs12", "--passphrase-file", l.file("phrase", "from a file\n"))[0]
    run("openssl", "pkcs12", "-in", from_file, "-passin", "pass:from a file", "-noout")
    l.fails("capf", "export", "--pkcs12", "--out", path, "--passphrase-file", l.file("empty", ""), says=["first line is empty"])
    if shutil.which("keytool"):
        listed = _keytool(path, "-storepass", "correct horse")
        equal(listed.count("trustedCertEntry"), 4, "what Java takes from it")


def a_pkcs12_file_without_a_passphrase_is_readable_by_everyone(l):
    _fleet(l)
    path, said = _export(l, "all.p12", "--pkcs12", "--issuers-only")
    equal(said["issuers"], 2)
    shown = run("openssl", "pkcs12", "-info", "-in", path, "-passin", "pass:")
    equal(shown.stdout.count("BEGIN CERTIFICATE"), 2)
    expect("PKCS7 Data" in shown.stderr and "Encrypted" not in shown.stderr, f"plain data: {shown.stderr}")
    if shutil.which("keytool"):
        listed = _keytool(path)
        equal(listed.count("trustedCertEntry"), 2, "what Java takes from it")


def many_phones_are_read_in_steps(l):
    _fleet(l)
    names = [f"SEP0000{i:08X}" for i in range(2500)]
    l.cli("phone", "import", l.file("phones.csv", "name,model\n" + "".join(f"{n},8861\n" for n in names)))
    l.stop()
    with sqlite3.connect(os.path.join(l.cluster, "sealtone.db")) as db:
        for i, name in enumerate(names):
            db.execute("INSERT INTO lscs (device, der, key_hash, serial, not_after, state, issued, confirmed, issuer)"
                       " SELECT ?, der, key_hash, ?, not_after, state, issued, confirmed, issuer FROM lscs WHERE device = ?",
                       (name, f"{i:08x}", NAME))
    l.start()
    path, said = _export(l, "all.pem")
    equal((said["phones"], said["lscs"], said["issuers"]), (2502, 2502, 2))
    with open(path) as f:
        equal(f.read().count("BEGIN CERTIFICATE"), 2504)


if __name__ == "__main__":
    lab.main(globals())
