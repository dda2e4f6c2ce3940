"""Whether an LSC is good: OCSP, as the real openssl asks, and as nginx and others do by GET."""
import base64
import contextlib
import http.client
import os
import re
import shutil
import signal
import ssl
import urllib.parse

import lab
from authority import ca, sign
from handset import NAME
from issuing import issued, pem, serial
from lab import Skipped, equal, expect, run, wait_for
from tlsserver import make_certificate

MALFORMED = bytes.fromhex("30030a0101")
UNAUTHORIZED = bytes.fromhex("30030a0106")


def _url(l):
    return f"http://127.0.0.1:{l.port(lab.HTTP)}/ocsp"


def _asked(l, issuer, *about, anchor=None, status=0):
    """What openssl says of certificates or serials, as FreeRADIUS asks: POST, with a nonce."""
    done = run("openssl", "ocsp", "-issuer", issuer, *about, "-url", _url(l), "-CAfile", anchor or issuer, status=status)
    return done.stdout + done.stderr


def _says(l, state, issuer, lsc, **how):
    said = _asked(l, issuer, "-cert", lsc, **how)
    expect(f"{lsc}: {state}\n" in said, said)
    expect("Response verify OK" in said and "WARNING" not in said, said)
    return said


def _request(l, issuer, *about):
    """A request as openssl writes it, without a nonce."""
    path = l.file("request.der", b"")
    run("openssl", "ocsp", "-issuer", issuer, *about, "-no_nonce", "-reqout", path)
    with open(path, "rb") as f:
        return f.read()


def _judged(l, der, issuer, anchor=None):
    """What openssl makes of an answer."""
    done = run("openssl", "ocsp", "-respin", l.file("answer.der", der), "-issuer", issuer, "-CAfile", anchor or issuer, "-text", status=None)
    return done.stdout + done.stderr


@contextlib.contextmanager
def _connection(l, service=lab.HTTP):
    c = http.client.HTTPConnection("127.0.0.1", l.port(service), timeout=20)
    try:
        yield c
    finally:
        c.close()


def _post(c, body, path="/ocsp", kind="application/ocsp-request"):
    c.request("POST", path, body, {"Content-Type": kind})
    answer = c.getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read()


def _posted(l, body):
    """The bytes of the answer to one POST."""
    with _connection(l) as c:
        status, kind, der = _post(c, body)
    equal((status, kind), (200, "application/ocsp-response"), "answer")
    return der


def _up(l):
    """A cluster with one phone; its CAPF certificate as a file."""
    l.have()
    l.set_conf("capf", "ocsp-url", _url(l))
    l.start()
    l.cli("phone", "add", NAME)
    return pem(l, "capf")


def openssl_says_good_and_revoked_at_the_very_next_question(l):
    capf = _up(l)
    first = issued(l, file="first.pem")
    expect("Revocation" not in _says(l, "good", capf, first), "no time of a revocation")
    second = issued(l, file="second.pem")
    expect("Reason: superseded" in _says(l, "revoked", capf, first), "reason")
    _says(l, "good", capf, second)
    l.cli("capf", "revoke", serial(second), "--reason", "keyCompromise")
    expect("Reason: keyCompromise" in _says(l, "revoked", capf, second), "reason")
    l.stop()
    l.start()
    _says(l, "revoked", capf, second)


def an_lsc_says_where_to_ask_when_the_setting_does(l):
    _up(l)
    lsc = issued(l)
    equal(run("openssl", "x509", "-in", lsc, "-noout", "-ocsp_uri").stdout.strip(), _url(l), "URL in the LSC")
    run("openssl", "verify", "-x509_strict", "-CAfile", pem(l, "capf"), lsc)
    l.set_conf("capf", "ocsp-url", "")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the settings", lambda: "reloaded" in l.log())
    expect("Authority Information" not in run("openssl", "x509", "-in", issued(l), "-noout", "-text").stdout, "without the setting")


def a_serial_that_was_never_issued_is_unknown(l):
    capf = _up(l)
    said = _asked(l, capf, "-serial", "0x1234567890abcdef")
    expect("0x1234567890abcdef: unknown" in said and "Response verify OK" in said, said)


def of_other_issuers_it_says_nothing(l):
    _up(l)
    key, other = l.file("other.key", b""), l.file("other.pem", b"")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=other", "-out", other)
    expect("unauthorized (6)" in _asked(l, other, "-serial", "0x01", status=None), "a foreign issuer")
    expect("unauthorized (6)" in _asked(l, pem(l, "tvs"), "-serial", "0x01", status=None), "a certificate of ours that issues nothing")
    equal(_posted(l, _request(l, other, "-serial", "1")), UNAUTHORIZED, "answer")


def every_issuer_answers_for_what_it_signed(l):
    capf = _up(l)
    old = issued(l, file="old.pem")
    l.set_conf("capf", "lsc-issuer", "own")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the issuer", lambda: any(c["purpose"] == "capf-issuer" for c in l.json("cert", "list")))
    own = pem(l, "capf-issuer")
    _says(l, "good", capf, old)
    new = issued(l, file="new.pem")
    _says(l, "revoked", capf, old)
    _says(l, "good", own, new)
    said = _asked(l, capf, "-serial", "0x" + serial(new))
    expect(": unknown" in said and "Response verify OK" in said, said)
    said = _asked(l, capf, "-cert", old, "-issuer", own, "-cert", new, status=None)
    expect(f"{old}: revoked" in said and f"{new}: unknown" in said, said)


SUBORDINATE = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,digitalSignature,keyCertSign,cRLSign\n"


def below_another_ca_the_answer_brings_its_signer(l):
    capf = _up(l)
    lsc = issued(l)
    _posted(l, _request(l, capf, "-cert", lsc))
    root, csr = ca(l, "root"), l.file("capf.csr", b"")
    l.cli("cert", "csr", "capf", "--out", csr)
    signed = sign(l, "signed", csr, root, SUBORDINATE)
    l.cli("cert", "import", "capf", l.file("chain.pem", (open(signed).read() + open(root + ".pem").read()).encode()))
    now = pem(l, "capf")
    _says(l, "good", now, lsc, anchor=root + ".pem")
    der = _posted(l, _request(l, now, "-cert", lsc))
    # No issuer is given here: the signer is found in the answer alone.
    done = run("openssl", "ocsp", "-respin", l.file("answer.der", der), "-CAfile", root + ".pem", "-noverify", "-text")
    expect("Cert Status: good" in done.stdout and "BEGIN CERTIFICATE" in done.stdout, done.stdout)
    done = run("openssl", "ocsp", "-respin", l.file("answer.der", der), "-CAfile", root + ".pem", status=None)
    expect("Response verify OK" in done.stdout + done.stderr, done.stdout + done.stderr)


def several_are_answered_in_one_go(l):
    capf = _up(l)
    old, new = issued(l, file="old.pem"), issued(l, file="new.pem")
    said = _asked(l, capf, "-cert", old, "-cert", new, "-serial", "0x42", "-sha256", "-cert", new)
    expect(f"{old}: revoked" in said and said.count(f"{new}: good") == 2 and "0x42: unknown" in said, said)
    expect("Response verify OK" in said, said)
    many = [x for _ in range(16) for x in ("-cert", new)]
    expect("Response verify OK" in _asked(l, capf, *many), "sixteen")
    expect("malformedrequest (1)" in _asked(l, capf, *many, "-cert", new, status=None), "seventeen")


def _nonced(l, issuer, lsc):
    """The answer to a request with a nonce."""
    out = l.file("nonced.der", b"")
    run("openssl", "ocsp", "-issuer", issuer, "-cert", lsc, "-url", _url(l), "-CAfile", issuer, "-respout", out)
    with open(out, "rb") as f:
        return f.read()


def an_answer_without_nonce_is_signed_once(l):
    capf = _up(l)
    lsc = issued(l)
    request = _request(l, capf, "-cert", lsc)
    first = _posted(l, request)
    made = re.search("Produced At: (.*)", _judged(l, first, capf)).group(1)
    wait_for("an answer made later", lambda: made not in _judged(l, _nonced(l, capf, lsc), capf))
    equal(_posted(l, request), first, "the same answer")
    issued(l)
    expect(_posted(l, request) != first, "a new one after a revocation")


def a_get_may_be_kept_by_caches(l):
    capf = _up(l)
    lsc = issued(l)
    text = base64.b64encode(_request(l, capf, "-cert", lsc)).decode()
    with _connection(l) as c:
        for path in ("/ocsp/" + urllib.parse.quote(text, safe=""), "/ocsp/" + text, "/ocsp//" + text):
            c.request("GET", path)
            answer = c.getresponse()
            equal((answer.status, answer.getheader("Content-Type")), (200, "application/ocsp-response"), path)
            age = re.match(r"max-age=(\d+), public", answer.getheader("Cache-Control"))
            expect(age and 0 < int(age.group(1)) <= 3600, answer.getheader("Cache-Control"))
            said = _judged(l, answer.read(), capf)
            expect("Cert Status: good" in said and "Response verify OK" in said, said)
        c.request("HEAD", path)
        answer = c.getresponse()
        expect(int(answer.getheader("Content-Length")) > 500 and answer.read() == b"", "HEAD")
        c.request("GET", "/ocsp/" + base64.b64encode(_request(l, capf, "-serial", "7")).decode())
        answer = c.getresponse()
        equal(answer.getheader("Cache-Control"), "no-store", "of what was not issued")
        expect("Cert Status: unknown" in _judged(l, answer.read(), capf), "unknown")
        for bad in ("", "x", text[:-1], text + "=", text + "AAAA", "TUFM", text.replace("M", "-", 1)):
            c.request("GET", "/ocsp/" + urllib.parse.quote(bad, safe=""))
            equal(c.getresponse().read(), MALFORMED, f"answer to {bad}")


def one_connection_takes_many_posts(l):
    capf = _up(l)
    lsc = issued(l)
    good, unknown = _request(l, capf, "-cert", lsc), _request(l, capf, "-serial", "7")
    with _connection(l) as c:
        for _ in range(5):
            for body, state in ((good, "good"), (b"\0\r\n\r\n" * 40, None), (unknown, "unknown")):
                status, _, der = _post(c, body)
                equal(status, 200, "status")
                if state is None:
                    equal(der, MALFORMED, "answer")
                else:
                    expect(f"Cert Status: {state}" in _judged(l, der, capf), state)
        equal(_post(c, good, path="/ocsp/")[0], 200, "status with a slash")
        equal(_post(c, good, kind="text/plain")[0], 200, "status of another type")


def what_is_no_request_is_malformed_and_what_is_too_long_refused(l):
    capf = _up(l)
    good = _request(l, capf, "-serial", "7")
    for body in (b"x", good[:-1], good + b"\0", b"\x30\x80" + good[2:] + b"\0\0x", bytes(8192), b"\xff" * 8192):
        equal(_posted(l, body), MALFORMED, f"answer to {body[:20].hex()}")
    with _connection(l) as c:
        equal(_post(c, bytes(8193))[0], 413, "status of what is too long")
    with _connection(l) as c:
        equal(_post(c, good, path="/capf.crl")[0], 405, "status of a POST elsewhere")
    wait_for("a line in the log", lambda: re.search(r"bad-message peer=127\.0\.0\.1:\d+ what=\"?ocsp", l.log()))
    expect(": unknown" in _asked(l, capf, "-serial", "7"), "afterwards")


NGINX = """daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx.log info;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {cert}; ssl_certificate_key {key};
        ssl_verify_client on; ssl_client_certificate {ca};
        ssl_ocsp leaf; ssl_ocsp_responder {url};
        location / {{ return 200 "let in"; }}
    }}
}}
"""


def _enters(l, lsc):
    """What nginx says to a phone with this LSC."""
    return run("curl", "-s", "-k", "--cert", lsc, "--key", os.path.join(l.dir, "phone.key"), f"https://127.0.0.1:{l.port(lab.WEB)}/").stdout


def nginx_lets_a_phone_in_until_its_lsc_is_revoked(l):
    if not shutil.which("nginx"):
        raise Skipped("there is no nginx")
    capf = _up(l)
    lsc = issued(l)
    key, cert = make_certificate(l, "server")
    text = NGINX.format(dir=l.dir, port=l.port(lab.WEB), cert=cert, key=key, ca=capf, url=_url(l))
    l.spawn("nginx", "-c", l.file("nginx.conf", text.encode()), "-p", l.dir)
    wait_for("nginx", lambda: run("curl", "-s", "-k", f"https://127.0.0.1:{l.port(lab.WEB)}/", status=None).returncode == 0)
    equal(_enters(l, lsc), "let in", "answer")
    l.cli("capf", "revoke", serial(lsc), "--reason", "keyCompromise")
    expect("SSL certificate error" in _enters(l, lsc), "refused")
    with open(os.path.join(l.dir, "nginx.log")) as f:
        expect("certificate revoked" in f.read(), "the reason is that it is revoked")


def it_is_not_on_the_port_for_https(l):
    _up(l)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    c = http.client.HTTPSConnection("127.0.0.1", l.port(lab.HTTPS), timeout=20, context=context)
    equal(_post(c, b"")[0], 405, "status")
    c.close()


if __name__ == "__main__":
    lab.main(globals())
