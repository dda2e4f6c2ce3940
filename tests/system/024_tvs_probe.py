"""sealtone tvs probe: a TVS server looked at and asked as a phone does (doc/guide/capture.md)."""
import json

import lab
from lab import equal, expect, run
from tlsserver import TlsServer, make_certificate


def _tvs(l):
    return f"127.0.0.1:{l.port(lab.TVS)}"


def _probe(l, *args, status=0):
    """The answer as JSON and what was said on standard error."""
    done = l.cli("tvs", "probe", *args, "--json", status=status)
    return json.loads(done.stdout), done.stderr


def _own(l, purpose):
    return l.file(f"{purpose}.pem", l.cli("cert", "show", purpose, "--pem").stdout)


def _list_file(l):
    l.cli("serve-lists", "all")
    return l.file("ITLFile.tlv", l.fetch("ITLFile.tlv"))


def the_clusters_own_tvs_shows_the_certificate_of_its_record(l):
    l.up()
    pem = _own(l, "tvs")
    serial = run("openssl", "x509", "-in", pem, "-noout", "-serial").stdout.strip().split("=")[1]
    got, _ = _probe(l, _tvs(l))
    equal((got["match"], got["list"], got["question"]), (True, "the cluster's list", None), "probe")
    equal(got["certificate"]["serial"].replace(":", "").lstrip("0"), serial.lstrip("0"), "serial")
    text = l.cli("tvs", "probe", _tvs(l)).stdout
    expect("match: " in text and "TVS record of the ITL matches" in text, text)
    itl = _list_file(l)
    l.fails("tvs", "probe", _tvs(l), "--old-tls", says=["TLS"])
    l.stop()
    l.set_conf("tvs", "old-tls", "yes")
    l.start()
    got, _ = _probe(l, _tvs(l), "--itl", itl, "--old-tls")
    equal((got["match"], got["list"], got["old_tls"]), (True, itl, True), "with a list and old TLS")


def the_question_is_that_of_a_phone(l):
    l.up()
    served = l.json("status")["services"]["tvs"]["served"]
    got, _ = _probe(l, _tvs(l), "--cert", _own(l, "callmanager"))
    equal((got["question"]["trusted"], got["question"]["as"], got["question"]["ttl"]), (True, "signer", 86400), "answer")
    expect("TFTP" in got["question"]["roles"], got)
    _, stranger = make_certificate(l, "intranet")
    for how in ([], ["--https"]):
        got, said = _probe(l, _tvs(l), "--cert", stranger, *how, status=1)
        equal((got["match"], got["question"]["trusted"], got["question"]["roles"]), (True, False, []), "a stranger")
        expect("does not know" in got["question"]["reason"] and "CN=intranet" in said and said.count("\n") == 1, said)
    l.cli("trust", "add", "phone-trust", stranger)
    got, _ = _probe(l, _tvs(l), "--cert", stranger, "--https")
    equal((got["question"]["trusted"], got["question"]["as"]), (True, "https"), "once it is trusted")
    text = l.cli("tvs", "probe", _tvs(l), "--cert", stranger).stdout
    expect("Asked about:" in text and "trusted: " in text, text)
    expect(l.json("status")["services"]["tvs"]["served"] > served, "nobody was asked")
    equal([p["name"] for p in l.json("phone", "list")], [], "phones that a probe left behind")


def a_foreign_tvs_is_not_believed(l):
    l.up()
    with TlsServer(l, "foreign") as other:
        got, said = _probe(l, f"127.0.0.1:{other.port}", status=1)
        equal((got["certificate"]["subject"], got["match"]), ("CN=foreign;O=Elsewhere", False), "what it shows")
        expect("does not believe" in said and "no TVS record" in said, said)
        got, said = _probe(l, f"localhost:{other.port}", "--cert", other.certificate, status=1)
        equal((got["match"], got["question"]["trusted"]), (False, False), "it answers nothing")
        done = run("env", "-u", "SEALTONE_DIR", l.binary("sealtone"), "tvs", "probe", f"127.0.0.1:{other.port}", "--json")
        got = json.loads(done.stdout)
        equal((got["list"], got["match"], got["question"]), (None, None, None), "without a list there is nothing to judge by")


def what_cannot_be_looked_at_is_said_in_one_line(l):
    l.have()
    stranger = make_certificate(l, "stranger")[1]
    l.fails("tvs", "probe", "127.0.0.1:1", "--itl", stranger, says=[stranger])
    l.fails("tvs", "probe", "127.0.0.1:1", says=["--itl FILE", "sealtoned"])
    l.fails("tvs", "probe", "127.0.0.1:0", says=["port"])
    l.fails("tvs", "probe", "a", "--https", status=2)


if __name__ == "__main__":
    lab.main(globals())
