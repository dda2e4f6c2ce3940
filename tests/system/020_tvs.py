"""TVS: what phones ask about certificates, and what other clients get on the wire (doc/protocols/tvs.md 6)."""
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess

import lab
import wires
from between import Between
from handset import ITL, NAME, held, hold, known, says, signed_by, status, with_foreign
from lab import VECTORS, equal, expect, run, wait_for
from tlsserver import TlsServer

REFUSED = "Trust List Update Failed"
DAY = struct.pack(">I", 86400)
PRESENTED = b"\x01CP-8861-SEP001122334455"


def _up(l, **config):
    """A cluster and a phone that holds its list and a configuration that names its TVS."""
    l.up()
    known(l, **config)
    l.phone(NAME, "boot")


def _https(l, server, status=0, model="8861"):
    return l.phone(NAME, "--model", model, "verify-https", f"127.0.0.1:{server.port}", status=status)


def _served(l):
    return l.json("status")["services"]["tvs"]["served"]


def _der(l, pem_path):
    return run("openssl", "x509", "-in", pem_path, "-outform", "DER", text=False).stdout


def _cucm_name(pem_path, which):
    """A name as files.md 1.6 has it: CN OU O L ST C, with its NUL."""
    text = run("openssl", "x509", "-in", pem_path, "-noout", f"-{which}", "-nameopt", "multiline,-align,sname").stdout
    parts = dict(re.findall(r"^\s+(\w+) = (.*)$", text, re.M))
    return ";".join(f"{k}={parts[k]}" for k in ("CN", "OU", "O", "L", "ST", "C") if k in parts).encode() + b"\0"


def _serial(pem_path):
    digits = run("openssl", "x509", "-in", pem_path, "-noout", "-serial").stdout.strip().split("=")[1]
    return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)


def _verify(der, session=1001):
    return wires.tvs(wires.VERIFY, session, (wires.T_DEVICE, PRESENTED), (wires.T_CERTIFICATE, der))


def _query(pem_path, session=1001):
    return wires.tvs(wires.QUERY, session, (wires.T_DEVICE, PRESENTED), (wires.T_SUBJECT, _cucm_name(pem_path, "subject")),
                     (wires.T_ISSUER, _cucm_name(pem_path, "issuer")), (wires.T_SERIAL, _serial(pem_path)))


def _valid(command, session, roles, certificate=None):
    """The answer, byte by byte."""
    own = [(wires.T_CERTIFICATE, certificate)] if certificate else []
    return wires.tvs(command, session, (wires.T_STATUS, b"\0"), *own, (wires.T_ROLES, bytes(roles)), (wires.T_TTL, DAY))


def _invalid(command, session):
    return wires.tvs(command, session, (wires.T_STATUS, b"\1"))


def _own(l, purpose):
    return l.file(f"{purpose}.pem", l.cli("cert", "show", purpose, "--pem").stdout)


def _recorded(name):
    """(request, answer) of a recorded session."""
    messages = wires.transcript(os.path.join(VECTORS, "tvs", name + ".hex"))
    return messages[0][1], messages[1][1]


# --- secure URLs ---

def a_secure_url_is_accepted_through_tvs_and_then_from_the_cache(l):
    _up(l)
    with TlsServer(l, "intranet") as web:
        l.cli("trust", "add", "phone-trust", web.certificate)
        out = _https(l, web)
        says(out, "HTTPS cert not in CTL", "Attempting connect to TVS server addr [127.0.0.1]", "Certificate is valid.",
             "Response received, status : 0", "TVS added cert to TVS cache - expires in 24 hours", "TVS trusts the certificate")
        l.stop()
        out = _https(l, web)
        expect("Attempting connect to TVS" not in out.stdout, f"TVS was asked again:\n{out.stdout}")
        says(out, "accepted by an earlier answer of TVS")
        l.start()
        l.phone(NAME, "boot")  # what TVS said is forgotten by a reset
        l.stop()
        says(_https(l, web, status=1), "Host Not Found")


def a_secure_url_that_tvs_does_not_know_is_refused(l):
    _up(l)
    with TlsServer(l, "stranger") as web:
        says(_https(l, web, status=1), "HTTPS cert not in CTL", "Response received, status : 1",
             "TVS does not trust the certificate", "Host Not Found")
        expect(any("Host Not Found" in m for m in status(l)["status_messages"]), "the status page does not say so")
        fingerprint = l.json("trust", "add", "phone-trust", web.certificate)["sha256"]
        l.cli("trust", "remove", "phone-trust", fingerprint)
        _https(l, web, status=1)  # what was refused and what was taken out are not in the cache


def the_console_of_an_old_phone_says_it_in_its_own_words(l):
    _up(l)
    with TlsServer(l, "intranet") as web:
        says(_https(l, web, status=1, model="7975"), "SECD: EROR:https_cert_vfy: HTTPS cert not in CTL, <127.0.0.1>",
             "status : 1", "Host Not Found")
        l.cli("trust", "add", "callmanager-trust", web.certificate)
        says(_https(l, web, model="7975"), "lookupAuthCertTvsCacheEntry: No matching entry found at cache",
             f"TVS server: IP:127.0.0.1, port:{l.port(lab.TVS)}", "verifyCertWithHashFromTL: cert hash and hash in TL MATCH",
             "Authenticated the HTTPS conn via TVS")


def a_certificate_of_the_list_needs_no_tvs(l):
    _up(l)

    class Tvs:  # its certificate has a record, by hash
        port = l.port(lab.TVS)
    before = _served(l)
    out = _https(l, Tvs)
    expect("Attempting connect to TVS" not in out.stdout, out.stdout)
    says(out, "ITL")
    expect(_served(l) <= before + 1, "TVS was asked")


def a_phone_without_a_tvs_record_asks_nobody(l):
    _up(l)
    l.cli("phone", "release", NAME)
    l.phone(NAME, "boot")
    with TlsServer(l, "intranet") as web:
        l.cli("trust", "add", "phone-trust", web.certificate)
        says(_https(l, web, status=1), "Host Not Found")  # row 7: with an empty list URLs must be HTTP


# --- signers that the lists do not name ---

@with_foreign
def a_list_whose_signer_is_in_phone_sast_trust_is_accepted_through_tvs(l, foreign):
    _up(l)
    l.cli("trust", "add", "phone-sast-trust", _own(foreign, "itlrecovery"))
    out = l.phone(NAME, "boot", port=foreign.base)
    says(out, "processing TVS Query Certificate request", "TVS added cert to TVS cache - expires in 24 hours", "accepted by TVS",
         "Trust List Updated")
    equal(held(l, ITL), foreign.fetch(f"ITL{NAME}.tlv"), "the list that the phone holds")


@with_foreign
def a_list_whose_signer_tvs_trusts_for_something_else_is_refused(l, foreign):
    _up(l)
    l.cli("trust", "add", "phone-trust", _own(foreign, "itlrecovery"))
    before = held(l, ITL)
    says(l.phone(NAME, "boot", port=foreign.base, status=1), "but not as", REFUSED)
    equal(held(l, ITL), before, "the list that the phone holds")


@with_foreign
def a_list_whose_signer_nobody_knows_is_refused(l, foreign):
    _up(l)
    before = held(l, ITL)
    says(l.phone(NAME, "boot", port=foreign.base, status=1), "Response received, status : 1",
         "TVS does not trust the signer", REFUSED)
    equal(held(l, ITL), before, "the list that the phone holds")


@with_foreign
def without_a_tvs_server_that_answers_the_old_list_is_kept(l, foreign):
    _up(l)
    l.cli("trust", "add", "phone-sast-trust", _own(foreign, "itlrecovery"))
    before = held(l, ITL)
    l.stop()
    says(l.phone(NAME, "boot", port=foreign.base, status=1), "no TVS server of 1 could be asked", REFUSED)
    equal(held(l, ITL), before, "the list that the phone holds")


def a_configuration_whose_signer_is_trusted_is_accepted_through_tvs(l):
    _up(l)
    cert, config = signed_by(l, "signer", l.config(NAME).replace("<device>", "<device><!-- theirs -->"))
    with Between(l) as between:
        between.instead[f"{NAME}.cnf.xml.sgn"] = config
        l.phone(NAME, "boot", port=between.port, status=1)
        l.cli("trust", "add", "callmanager-trust", cert)
        says(l.phone(NAME, "boot", port=between.port), "accepted by TVS")
        expect(b"theirs" in held(l, f"{NAME}.cnf.xml"), "the configuration was not taken")
        between.instead[f"{NAME}.cnf.xml.sgn"] = between.instead[f"{NAME}.cnf.xml.sgn"].replace(b"theirs", b"others")
        l.phone(NAME, "boot", port=between.port, status=1)  # TVS vouches for a key, not for a file
        expect(b"theirs" in held(l, f"{NAME}.cnf.xml"), "a forged configuration was taken")


# --- several servers ---

def _holds_servers(l, *ports):
    """The configuration that the phone holds, which names this node's TVS, names these servers instead."""
    file = f"{NAME}.cnf.xml"
    members = b"".join(b'<member priority="%d"><port>%d</port><address>127.0.0.1</address></member>' % m for m in enumerate(ports))
    config, n = re.subn(rb"(<TVS>\s*<members>).*(</members>\s*</TVS>)", rb"\1" + members + rb"\2", held(l, file), flags=re.S)
    equal(n, 1, "elements TVS")
    hold(l, file, config)


def of_three_tvs_servers_the_one_that_works_is_found(l):
    _up(l)
    with socket.socket() as closed, TlsServer(l, "silent", silent=True) as silent, TlsServer(l, "intranet") as web:
        closed.bind(("127.0.0.1", 0))
        _holds_servers(l, closed.getsockname()[1], silent.port, l.port(lab.TVS))
        l.cli("trust", "add", "phone-trust", web.certificate)
        out = _https(l, web)
        equal(out.stdout.count("Attempting connect to TVS server"), 3, "servers tried")
        equal(silent.accepted, 1, "connections to the silent one")


def a_tvs_server_that_is_not_in_the_list_gives_way_to_the_next(l):
    _up(l)
    with TlsServer(l, "impostor") as impostor, TlsServer(l, "intranet") as web:
        _holds_servers(l, impostor.port, l.port(lab.TVS))
        l.cli("trust", "add", "phone-trust", web.certificate)
        says(_https(l, web), "SSL CLNT ERR", "TVS trusts the certificate")
        equal(impostor.accepted, 1, "connections to the impostor")


# --- on the wire ---

def answers_have_the_recorded_layout(l):
    l.up()
    s = wires.dial(l.port(lab.TVS))
    request, answer = _recorded("verify-invalid")
    s.sendall(request)
    equal(wires.tvs_read(s), answer, "answer about a certificate in no store")
    request, answer = _recorded("verify-valid-sast-session-1001")  # roles 0 and 3; the peer had another time to live
    der = wires.elements(request[10:])[wires.T_CERTIFICATE]
    l.cli("trust", "add", "phone-sast-trust", _pem(l, der))
    s.sendall(request)
    equal(wires.tvs_read(s), answer[:-4] + DAY, "answer about a certificate in phone-sast-trust")
    _, answer = _recorded("query-cucm11-layout")  # a certificate of 1451 bytes, roles 0 and 3
    der = wires.elements(answer[10:])[wires.T_CERTIFICATE]
    pem = _pem(l, der)
    l.cli("trust", "add", "phone-sast-trust", pem)
    s.sendall(_query(pem))
    equal(wires.tvs_read(s), answer[:3] + b"\0" + answer[4:], "answer to a query")
    request, _ = _recorded("query-cucm11-layout")  # somebody else's: nobody here knows it
    s.sendall(request)
    equal(wires.tvs_read(s), _invalid(wires.QUERIED, 1001), "answer to a query for a stranger")


def _pem(l, der):
    return l.file("one.pem", run("openssl", "x509", "-inform", "DER", "-in", l.file("one.der", der)).stdout)


def own_certificates_are_answered_with_their_roles(l):
    l.up()
    s = wires.dial(l.port(lab.TVS))
    for session, (purpose, roles) in enumerate({"callmanager": [0, 1, 3], "callmanager-ec": [3], "tvs": [21], "capf": [4],
                                                "itlrecovery": [0], "web": [7]}.items(), 0xfffffffa):
        pem = _own(l, purpose)
        s.sendall(_verify(_der(l, pem), session))
        equal(wires.tvs_read(s), _valid(wires.VERIFIED, session, roles), f"{purpose}: answer")
        s.sendall(_query(pem, session))
        equal(wires.tvs_read(s), _valid(wires.QUERIED, session, roles, _der(l, pem)), f"{purpose}: answer to a query")


def requests_are_answered_however_they_are_cut(l):
    l.up()
    der = _der(l, _own(l, "callmanager"))
    s = wires.dial(l.port(lab.TVS))
    for session in range(5):  # one after the other on one connection
        s.sendall(_verify(der, session))
        equal(wires.tvs_read(s), _valid(wires.VERIFIED, session, [0, 1, 3]), f"answer {session}")
    request = _verify(der, 7)
    for at in (1, 3, 9, 10, 11, 40, len(request) - 1):  # in two records
        s.sendall(request[:at])
        s.sendall(request[at:])
        equal(wires.tvs_read(s), _valid(wires.VERIFIED, 7, [0, 1, 3]), f"answer to a request cut at {at}")
    s.sendall(b"".join(_verify(der, session) for session in range(20, 25)))  # five in one write
    for session in range(20, 25):
        equal(wires.tvs_read(s), _valid(wires.VERIFIED, session, [0, 1, 3]), f"answer {session} of five in one")
    s.sendall(request + request[:33])  # one and a bit, then the rest
    equal(wires.tvs_read(s), _valid(wires.VERIFIED, 7, [0, 1, 3]), "the first answer")
    s.sendall(request[33:])
    equal(wires.tvs_read(s), _valid(wires.VERIFIED, 7, [0, 1, 3]), "the second answer")
    for byte in request:
        s.sendall(bytes([byte]))
    equal(wires.tvs_read(s), _valid(wires.VERIFIED, 7, [0, 1, 3]), "answer to a request byte by byte")
    odd = wires.tvs(wires.VERIFY, 8, (wires.T_DEVICE, b"\x01CP-8845-3PCC-SEP0011223344556"), (wires.T_CERTIFICATE, der))
    s.sendall(odd[:3] + b"\xf7" + odd[4:])  # the reserved byte counts for nothing, a name in another form neither
    equal(wires.tvs_read(s), _valid(wires.VERIFIED, 8, [0, 1, 3]), "answer to an odd name")


def what_is_no_request_is_closed_while_others_are_answered(l):
    l.up()
    der = _der(l, _own(l, "callmanager"))
    good = _verify(der)
    patient = wires.dial(l.port(lab.TVS))
    for what, request in {"another protocol": b"\x58" + good[1:], "another version": good[:1] + b"\2" + good[2:],
                          "an answer": _valid(wires.VERIFIED, 1, [3]), "no elements": wires.tvs(wires.VERIFY, 1),
                          "an element past the end": good[:8] + b"\0\4" + b"\1\0\x20\1",
                          "an element twice": wires.tvs(wires.VERIFY, 1, (1, PRESENTED), (1, PRESENTED), (2, der)),
                          "no name": wires.tvs(wires.VERIFY, 1, (2, der)), "random bytes": os.urandom(8) + b"\0\0"}.items():
        s = wires.dial(l.port(lab.TVS))
        s.sendall(request)
        expect(wires.is_closed(s), f"{what}: the connection stays open")
        patient.sendall(good)
        equal(wires.tvs_read(patient), _valid(wires.VERIFIED, 1001, [0, 1, 3]), f"{what}: answer to somebody else")


# --- TLS ---

def _s_client(l, *options, request=b"", enough=0, status=0):
    """openssl s_client; it stays until it has got so many bytes of an answer. (what it printed, the bytes)"""
    p = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{l.port(lab.TVS)}", *options], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    l.others.append(p)
    out = b""
    if request:
        p.stdin.write(request)
        p.stdin.flush()
        marker = struct.pack(">BBB", 0x57, 1, request[2] + 1)
        while out.find(marker) < 0 or len(out) - out.find(marker) < enough:
            more = os.read(p.stdout.fileno(), 65536)
            if not more:
                break
            out += more
    rest, _ = p.communicate(timeout=30)
    if status is not None:
        equal(p.returncode, status, f"exit status of openssl s_client\n{(out + rest).decode(errors='replace')}")
    return out + rest


def _asks(l, der, *options):
    """An answer through openssl s_client; what it printed besides."""
    answer = _valid(wires.VERIFIED, 1001, [0, 1, 3])
    out = _s_client(l, *options, request=_verify(der), enough=len(answer))
    expect(answer in out, f"no answer:\n{out.decode(errors='replace')}")
    return out.decode(errors="replace")


def sessions_are_resumed_on_whichever_front_they_land(l):
    l.have()
    l.set_conf("network", "workers", "2")
    l.start()
    der = _der(l, _own(l, "callmanager"))
    for version in ("-tls1_2", "-tls1_3"):
        session = os.path.join(l.dir, f"session{version}")
        expect("New, TLSv1" in _asks(l, der, version, "-sess_out", session), "the first is new")
        for i in range(8):  # the kernel spreads them
            copy = shutil.copy(session, session + ".copy")
            text = _asks(l, der, version, "-sess_in", copy)
            expect("Reused, TLSv1" in text, f"connection {i} with {version} is not resumed:\n{text}")
    text = _s_client(l, "-tls1_2", "-reconnect").decode(errors="replace")
    equal(text.count("Reused, TLSv1.2"), 5, "sessions resumed by -reconnect")


def tls_1_0_is_refused_counted_and_let_in_by_a_setting(l):
    _up(l)
    der = _der(l, _own(l, "callmanager"))
    old = ("-tls1", "-cipher", "AES256-SHA:@SECLEVEL=0")
    _s_client(l, *old, status=1)
    _s_client(l, "-tls1_1", "-cipher", "AES256-SHA:@SECLEVEL=0", status=1)
    wait_for("the count of old hellos", lambda: l.json("status")["services"]["tvs"]["old_refused"] == 2)
    text = l.cli("status").stdout
    expect("2 old hellos (TLS 1.0 or 1.1) refused: [tvs] old-tls" in text, text)
    expect('setting="[tvs] old-tls"' in l.log() and "peer=127.0.0.1" in l.log(), "the log does not name the setting")
    with TlsServer(l, "intranet") as web:
        l.cli("trust", "add", "phone-trust", web.certificate)
        l.set_conf("tvs", "old-tls", "yes")
        l.daemon.send_signal(signal.SIGHUP)
        wait_for("the setting", lambda: l.json("status")["services"]["tvs"]["old_tls"])
        text = _asks(l, der, *old)
        expect("Cipher is AES256-SHA" in text and re.search(r"Protocol\s*: TLSv1\n", text), text)
        _asks(l, der, "-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
        l.phone(NAME, "--tls", "old", "boot")
    _asks(l, der, "-tls1_3")
    s = run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(lab.CAPF)}", *old, status=1)  # a setting of TVS alone
    expect("alert" in s.stderr, s.stderr)


def an_old_phone_reaches_tvs_when_the_setting_says_so(l):
    _up(l)
    with TlsServer(l, "intranet") as web:
        web.context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        web.context.set_ciphers("ALL:@SECLEVEL=0")
        l.cli("trust", "add", "phone-trust", web.certificate)
        address = f"127.0.0.1:{web.port}"
        l.phone(NAME, "--tls", "old", "verify-https", address, status=1)
        l.stop()
        l.set_conf("tvs", "old-tls", "yes")
        l.start()
        says(l.phone(NAME, "--tls", "old", "verify-https", address), "TVS trusts the certificate")


if __name__ == "__main__":
    lab.main(globals())
