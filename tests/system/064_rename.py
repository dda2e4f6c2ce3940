"""Another host name, domain or addresses of the server."""
import lab
from authority import ca, sign
from handset import NAME, known, says
from lab import equal, expect, run

SERVER = ("keyUsage=critical,digitalSignature,keyEncipherment,dataEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n"
          "subjectAltName=DNS:pub.example.test\n")
NAMED = {"callmanager", "callmanager-ec", "tvs", "web"}


def _hashes(l):
    return {c["purpose"]: c["sha256"] for c in l.json("cert", "list")}


def _changed(l, before):
    now = _hashes(l)
    return {p for p in now if now[p] != before[p]}


def a_renamed_server_has_new_certificates_and_phones_follow(l):
    l.up()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    before, version = _hashes(l), l.json("status")["itl"]["version"]
    done = l.json("node", "set", "--host", "phones.example.org")
    equal((done["was"], done["node"], done["addresses"], done["notes"]), ("pub.example.test", "phones.example.org", "127.0.0.1", []))
    equal(_changed(l, before), NAMED, "certificates that name the node")
    equal({(c["purpose"], c["sha256"], c["impact"]["phones_reset"]) for c in done["certificates"]},
          {(p, h, "none" if p == "web" else "all") for p, h in _hashes(l).items() if p in NAMED}, "those that are told of, and what follows")
    equal(l.json("status")["itl"]["version"], version + 1, "one list")
    shown = run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(lab.HTTPS)}", input="", status=None).stdout
    expect("CN = phones.example.org-EC" in shown, shown)
    for boot in range(2):
        says(l.phone(NAME, "boot"), "verify SUCCESS", *["TL file updated"][boot:])
    expect("CN=phones.example.org" in l.phone(NAME, "status").stdout, "the phone's list")
    expect("error" not in l.cli("check").stdout and "not among its names" not in l.cli("check").stdout, "nothing disagrees")
    l.stop()
    l.start()
    equal([n["name"] for n in l.json("node", "list")], ["phones.example.org"])
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    expect(any(e["event"] == "node-renamed" and e["object"] == "pub.example.test" for e in l.json("log")), "the audit log")


def another_address_is_told_to_phones_and_what_else_names_the_earlier_one_is_said(l):
    l.have()
    l.set_conf("network", "listen", "127.0.0.1")
    l.start()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    l.cli("group", "add", "desk", "--server", "127.0.0.1:5060", "--server", "pub.example.test")
    l.cli("profile", "add", "secure", "--directory-url", "https://127.0.0.1/dir")
    root = ca(l, "root")
    request = l.file("web.csr", b"")
    l.cli("cert", "csr", "web", "--out", request)
    signed = sign(l, "signed", request, root, SERVER)
    l.cli("cert", "import", "web", l.file("both.pem", open(signed).read() + open(root + ".pem").read()))
    before = _hashes(l)
    out = l.cli("node", "set", "--address", "127.0.0.2", "--address", "2001:db8::7").stdout
    for word in ("127.0.0.2 2001:db8::7", "[network] listen of sealtone.conf is 127.0.0.1", "start sealtoned anew", "DHCP option 150",
                 "call-manager group desk has the server 127.0.0.1", "profile secure has the directory-url https://127.0.0.1/dir",
                 "web was signed by a CA and is self-signed now", "When callmanager is replaced:", "2. Services restart:", "3. Phones reset:"):
        expect(word in out, f"{word!r} in {out}")
    expect("has the server pub.example.test" not in out, out)
    equal(_changed(l, before), NAMED, "certificates that name the address")
    text = run("openssl", "x509", "-noout", "-text", input=l.cli("cert", "show", "tvs", "--pem").stdout).stdout
    expect("IP Address:127.0.0.2" in text and "IP Address:127.0.0.1" not in text, text)
    says(l.phone(NAME, "boot"), "TL file updated")
    expect("127.0.0.2" in l.phone(NAME, "status").stdout, "the TVS server that the phone knows")


def a_rename_that_phones_could_not_follow_is_refused_as_a_whole(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    known(l)
    says(l.phone(NAME, "boot"), "verify SUCCESS")
    before, nodes = _hashes(l), l.json("node", "list")
    l.fails("node", "set", "--host", "other.example.test", "--with-itlrecovery", says=["1 phone would be cut off"])
    for args, why in ((["--host", "192.0.2.1"], "is an address"), (["--host", "a_b.example.test"], "is not a host name"),
                      (["--host", "x" * 53], "more than 52 characters"), (["--address", "here"], "must be an IPv4 or IPv6 address"),
                      (["--host", "pub.example.test"], "has this name and these addresses already")):
        l.fails("node", "set", *args, says=[why])
    for args in ([], ["capf", "on", "--host", "x.example.test"], ["--with-itlrecovery"]):
        l.fails("node", "set", *args, status=2)
    equal((_hashes(l), l.json("node", "list")), (before, nodes), "all is as before")
    l.cli("phone", "delete", NAME)  # nobody is left who could not follow
    l.cli("node", "set", "--host", "other.example.test", "--with-itlrecovery")
    equal(_changed(l, before), NAMED | {"itlrecovery"}, "the signer too")
    expect("CN=ITLRECOVERY_other.example.test" in l.cli("show", "itl").stdout, "the list names it")


if __name__ == "__main__":
    lab.main(globals())
