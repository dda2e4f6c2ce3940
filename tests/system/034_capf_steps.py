"""CAPF step by step: what phones that fail, vanish and misbehave leave behind, and what an administrator sees of it."""
import contextlib
import glob
import os
import signal
import socket
import sqlite3
import ssl
import time

import lab
import wires
from handset import NAME, enrolling
from lab import equal, expect, run, wait_for
from wires import Capf

PENDING = "Operation Pending"
KEYGEN = "Upgrade Failed: Key Generation Failed/Timeout"
LOST = "Upgrade Failed: Phone Communication Failure"


def _public(*algorithm):
    pem = run("openssl", "genpkey", "-algorithm", *algorithm).stdout
    return run("openssl", "pkey", "-pubout", "-outform", "DER", input=pem.encode(), text=False).stdout


def _rsa(bits=2048):
    return _public("RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")


def _ec(curve="P-384"):
    return _public("EC", "-pkeyopt", f"ec_paramgen_curve:{curve}")


def _client(l):
    return Capf(l.port(lab.CAPF))


def _pending(l, name=NAME, operation="install-upgrade", *settings):
    l.cli("phone", "set", name, "--operation", operation, *settings)


def _up(l, *settings, conf=()):
    l.have()
    for name, value in conf:
        l.set_conf("capf", name, value)
    l.start()
    l.cli("phone", "add", NAME)
    _pending(l, NAME, "install-upgrade", *settings)


def _show(l, name=NAME):
    return l.json("phone", "show", name, "--history")


def _status(l, name=NAME):
    return l.json("phone", "show", name)["operation_status"]


def _statuses(l, name=NAME):
    """What the history says, oldest first."""
    return [entry["status"] for entry in reversed(_show(l, name)["operations"])]


def _greet(l, version=3, name=NAME):
    c = _client(l)
    c.send(wires.AUTH_RESPONSE, (wires.REASON, wires.DONE), (wires.VERSION, bytes([version])),
           (wires.DEVICE, name.encode() + b"\0"))
    return c


def _end(c):
    return c.take(wires.END_SESSION)[wires.REASON][0]


def _database(l, statement, *values):
    with contextlib.closing(sqlite3.connect(os.path.join(l.cluster, "sealtone.db"), timeout=10)) as db, db:
        return db.execute(statement, values).fetchall()


# --- keys ---

def an_old_phone_gets_rsa_where_ec_is_preferred_and_nothing_where_only_ec_is_wanted(l):
    _up(l, "--key-order", "ec-preferred")
    equal(_greet(l, 3).take(wires.KEY_REQUEST).get(wires.KEY_TYPE), b"\x01", "key type for version 3")
    equal(_greet(l, 2).take(wires.KEY_REQUEST).get(wires.KEY_TYPE), b"\0", "key type for version 2")
    _pending(l, NAME, "install-upgrade", "--key-order", "ec-only")
    equal(_end(_greet(l, 2)), 7, "reason")
    equal(_status(l), "Upgrade Failed: No Support for EC only in CAPF version 3", "status")


def a_phone_that_cannot_make_an_ec_key_is_asked_for_rsa_next(l):
    _up(l, "--key-order", "ec-preferred")
    c = _greet(l)
    equal(c.take(wires.KEY_REQUEST)[wires.KEY_TYPE], b"\x01", "key type")
    c.send(wires.KEY_RESPONSE, (wires.REASON, b"\x07"))
    equal(_end(c), 7, "reason")
    equal(_status(l), PENDING, "status")
    c = _greet(l)
    equal(c.take(wires.KEY_REQUEST)[wires.KEY_TYPE], b"\0", "key type after the failure")
    c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, _rsa()))
    c.take(wires.STORE_REQUEST)
    equal(c.confirm(), 1, "reason")
    equal(_statuses(l), [PENDING, KEYGEN, "Upgrade Success"], "history")


def a_key_that_was_not_asked_for_is_refused_until_the_attempts_are_used_up(l):
    _up(l)
    for key in (_rsa(3072), _ec(), _public("ED25519")):
        equal(_status(l), PENDING, "status")
        c = _greet(l)
        c.take(wires.KEY_REQUEST)
        c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, key))
        equal(_end(c), 7, "reason")
    shown = _show(l)
    equal((shown["operation"], shown["operation_status"], shown["lsc_serial"]), ("none", KEYGEN, None), "phone")
    expect("asked for RSA of 2048" in l.log(), "the log does not say what was asked for")


def a_key_of_another_phone_is_refused_and_the_phone_named(l):
    _up(l)
    key, other = _rsa(), "SEP001122334466"
    c = _client(l)
    c.certificate(NAME, key)
    equal(c.confirm(), 1, "reason")
    l.cli("phone", "add", other)
    _pending(l, other)
    c = _client(l)
    c.greet(other)
    c.take(wires.KEY_REQUEST)
    c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, key))
    equal(_end(c), 7, "reason")
    expect(f"certified for {NAME} already" in l.log(), "the log does not name the other phone")
    expect(NAME in l.json("phone", "show", other)["progress"], "the reason is not shown")


def weak_keys_are_a_setting_and_shown(l):
    _up(l)
    l.fails("phone", "set", NAME, "--rsa-size", "512", says=("weak-lsc-keys",))
    l.stop()
    l.set_conf("capf", "weak-lsc-keys", "yes")
    l.start()
    _pending(l, NAME, "install-upgrade", "--rsa-size", "512")
    equal(l.json("phone", "show", NAME)["key_weak"], True, "weak")
    c = _client(l)
    c.certificate(NAME, _rsa(512))
    equal(c.confirm(), 1, "reason")


# --- deadlines and retries ---

def who_was_let_in_in_time_may_finish_late(l):
    _up(l, "--complete-by", "2099-12-31T12:00")
    c = _greet(l)
    c.take(wires.KEY_REQUEST)
    database = glob.glob(os.path.join(l.cluster, "*.db"))[0]
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as db, db:  # time goes by
        db.execute("UPDATE phones SET complete_by = ? WHERE name = ?", (int(time.time()) - 60, NAME))
    c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, _rsa()))
    c.take(wires.STORE_REQUEST)
    equal(c.confirm(), 1, "reason")
    equal(_status(l), "Upgrade Success", "status")


def a_phone_that_takes_too_long_for_its_key_has_failed_an_attempt(l):
    _up(l, conf=(("keygen-timeout", "1"), ("keygen-attempts", "2")))
    for wanted in (PENDING, KEYGEN):
        c = _greet(l)
        c.take(wires.KEY_REQUEST)
        expect(wires.is_closed(c.tls), "the connection stays open")
        wait_for(f"status {wanted}", lambda w=wanted: _status(l) == w and len(_statuses(l)) > 1)
    equal(_statuses(l), [PENDING, KEYGEN, KEYGEN], "history")


def a_phone_whose_four_sessions_broke_has_a_communication_failure(l):
    _up(l)
    for i in range(4):
        equal(_status(l), PENDING, f"status before attempt {i + 1}")
        c = _greet(l)
        c.take(wires.KEY_REQUEST)
        c.hang_up()
        wait_for("the broken session", lambda n=i + 2: len(_statuses(l)) == n)
    equal(_statuses(l), [PENDING] + 4 * [LOST], "history")
    equal(_status(l), LOST, "status")
    equal(_end(_greet(l)), 0, "what the next try sees")


def another_key_supersedes_what_was_issued_before_when_it_is_confirmed(l):
    _up(l)
    lost = _client(l)
    lost.certificate(NAME, _rsa())
    lost.hang_up()
    c = _client(l)
    c.certificate(NAME, _rsa())
    database = glob.glob(os.path.join(l.cluster, "*.db"))[0]

    def states():
        with contextlib.closing(sqlite3.connect(database, timeout=10)) as db:
            return db.execute("SELECT state, revoked_at > 0, revoke_reason FROM lscs ORDER BY id").fetchall()
    equal([state for state, _, _ in states()], ["issued", "issued"], "both may be held")
    equal(c.confirm(), 1, "reason")
    equal(states(), [("superseded", 1, "superseded"), ("confirmed", 0, "")], "certificates")


# --- what is shown ---

def the_progress_says_how_far_a_phone_came(l):
    _up(l)
    step = lambda: l.json("phone", "show", NAME)["attempt"]["step"]
    equal(step(), "none", "before")
    c = _greet(l)
    c.take(wires.KEY_REQUEST)
    equal(step(), "key-generation", "step")
    c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, _rsa()))
    c.take(wires.STORE_REQUEST)
    equal(step(), "store", "step")
    equal(c.confirm(), 1, "reason")
    equal(step(), "done", "step")
    expect("nothing was heard since" in l.cli("phone", "show", NAME).stdout, "no time")


def a_failed_handshake_is_shown_with_the_phone_of_that_address(l):
    l.up()
    enrolling(l)
    l.fetch(f"ITL{NAME}.tlv")
    wait_for("the sighting", lambda: l.json("phone", "show", NAME)["last_address"])
    with socket.create_connection(("127.0.0.1", l.port(lab.CAPF))) as s:
        s.sendall(b"GET / HTTP/1.1\r\n\r\n")
        wires.is_closed(s)
    wait_for("step tls", lambda: l.json("phone", "show", NAME)["attempt"]["step"] == "tls")


def troubleshoot_keeps_what_the_phone_sent(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    serial = l.json("phone", "show", NAME)["lsc_serial"]
    _pending(l, NAME, "troubleshoot")
    l.phone(NAME, "boot")
    got = l.json("phone", "fetched", NAME)
    equal([(one["kind"], one["serial"]) for one in got], [("lsc", serial)], "fetched")
    expect("BEGIN CERTIFICATE" in l.cli("phone", "fetched", NAME, "--pem").stdout, "no PEM")
    l.cli("phone", "delete", NAME)
    done = l.cli("phone", "fetched", NAME, status=None)  # a late report of its boot may make it one that was seen
    expect("no phone" in done.stderr or "(none)" in done.stdout, f"{done.stdout}{done.stderr}")


def _mic(l):
    """A maker's certificate, a phone's MIC by it, and a file with that and its key."""
    maker, mic = (os.path.join(l.dir, n) for n in ("maker", "mic"))
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", maker + ".key", "-out", maker + ".pem", "-days", "30",
        "-subj", "/CN=maker", "-addext", "keyUsage=critical,keyCertSign")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", mic + ".key", "-out", mic + ".csr", "-subj", f"/CN=CP-8861-{NAME}")
    run("openssl", "x509", "-req", "-in", mic + ".csr", "-CA", maker + ".pem", "-CAkey", maker + ".key", "-set_serial", "77", "-days", "20",
        "-out", mic + ".pem")
    with open(mic + ".pem") as f, open(mic + ".key") as k:
        return maker + ".pem", mic + ".pem", l.file("mic-and-key.pem", f.read() + k.read())


def troubleshoot_stores_the_mic_of_a_phone_without_an_lsc_and_both_when_it_shows_one(l):
    l.up()
    enrolling(l)
    maker, mic, both = _mic(l)
    _pending(l, NAME, "troubleshoot")
    l.phone(NAME, "boot", "--mic", both)
    kinds = lambda: {one["kind"]: one for one in l.json("phone", "fetched", NAME)}
    serial = run("openssl", "x509", "-in", mic, "-noout", "-serial").stdout.strip()[7:].lower()
    equal((list(kinds()), kinds()["mic"]["serial"]), (["mic"], serial), "from a phone without an LSC")
    _pending(l, NAME, "install-upgrade")
    l.phone(NAME, "boot")
    l.cli("trust", "add", "capf-trust", maker)
    _database(l, "DELETE FROM fetched_certificates")
    for mode in ("existing-mic", "existing-lsc"):
        l.config(NAME, capf_mode=4 if mode == "existing-mic" else 3)
        _pending(l, NAME, "troubleshoot", "--auth-mode", mode)
        l.phone(NAME, "boot")
        equal(_status(l), "Troubleshoot Success", f"{mode}: status")
        equal((sorted(kinds()), kinds()["mic"]["serial"]), (["lsc", "mic"], serial), f"{mode}: what is kept")
        equal(kinds()["lsc"]["serial"], l.json("phone", "show", NAME)["lsc_serial"], f"{mode}: the LSC")
        _database(l, "DELETE FROM fetched_certificates")


# --- bad input ---

def what_breaks_the_protocol_ends_with_reason_7_and_changes_nothing(l):
    _up(l)
    good = ((wires.REASON, wires.DONE), (wires.VERSION, b"\x03"), (wires.DEVICE, NAME.encode() + b"\0"))
    cases = {f"without element {left_out[0]}": [e for e in good if e is not left_out] for left_out in good}
    cases.update({f"element {twice[0]} doubled": list(good) + [twice] for twice in good})
    cases["a version there is not"] = [good[0], (wires.VERSION, b"\x09"), good[2]]
    cases["a version of two bytes"] = [good[0], (wires.VERSION, b"\0\x03"), good[2]]
    cases["a name without its end"] = [good[0], good[1], (wires.DEVICE, NAME.encode())]
    cases["a password too long"] = list(good) + [(wires.PASSWORD, b"1" * 16 + b"\0")]
    for case, given in cases.items():
        c = _client(l)
        c.send(wires.AUTH_RESPONSE, *given)
        equal(_end(c), 7, f"{case}: reason")
        equal(_statuses(l), [PENDING], f"{case}: history")
    for case, name, reason in (("a name that does not begin right", "XYZ001122334455", 9), ("an unknown phone", "SEP00112233AAAA", 9)):
        equal(_end(_greet(l, name=name)), reason, case)
    expect("capf-names" in l.log(), "the log does not say why")


def what_breaks_the_protocol_later_is_an_attempt(l):
    _up(l)
    for n, (case, send) in enumerate({
            "another session": lambda c: c.tls.sendall(wires.capf(wires.KEY_RESPONSE, c.session + 1)),
            "out of order": lambda c: c.send(wires.STORE_RESPONSE, (wires.REASON, wires.DONE)),
            "a key of the wrong type": lambda c: c.send(wires.KEY_RESPONSE, (wires.REASON, b"\1\2")),
    }.items()):
        c = _greet(l)
        c.take(wires.KEY_REQUEST)
        send(c)
        equal(_end(c), 7, f"{case}: reason")
        equal(_statuses(l), [PENDING] + (n + 1) * ["Upgrade Failed"], f"{case}: history")
        equal(_status(l), PENDING, f"{case}: status")


def the_second_of_two_phones_with_one_name_is_told_to_come_later(l):
    _up(l)
    first = _greet(l)
    first.take(wires.KEY_REQUEST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", l.port(lab.CAPF)), timeout=30, source_address=("127.0.0.2", 0))
    second = context.wrap_socket(plain)
    session = int.from_bytes(wires.read(second, 8 + 8)[2:6], "big")
    second.sendall(wires.capf(wires.AUTH_RESPONSE, session, (wires.REASON, wires.DONE), (wires.VERSION, b"\x03"),
                              (wires.DEVICE, NAME.encode() + b"\0")))
    equal(wires.read(second, 8)[1], 16, "command")
    expect("capf-claimed-twice" in l.log(), "the log does not say so")
    first.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, _rsa()))
    first.take(wires.STORE_REQUEST)
    equal(first.confirm(), 1, "reason of the first")


# --- kill -9 ---

def _kill(l):
    """Everything at once, and up again."""
    daemon, l.daemon = l.daemon, None
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.wait()
    daemon.stdout.close()
    l.start()


def _killed_after(l, steps):
    """A session that comes so far, and no further."""
    c = _client(l)
    for step in steps:
        step(c)
    _kill(l)


def _is_open(l):
    return l.json("phone", "show", NAME)["operation"] != "none"


def _installed(l):
    """Serial and DER of an LSC that the phone has confirmed."""
    _pending(l)
    c = _client(l)
    der = c.certificate(NAME, _rsa())
    equal(c.confirm(), 1, "reason")
    return l.json("phone", "show", NAME)["lsc_serial"], der


def a_kill_at_each_step_is_made_good_by_the_next_contact(l):
    _up(l)
    for count in range(7):
        _pending(l)
        key = _rsa()
        steps = (lambda c: c.greet(NAME), lambda c: c.take(wires.KEY_REQUEST),
                 lambda c, k=key: c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, k)),
                 lambda c: c.take(wires.STORE_REQUEST),
                 lambda c: c.send(wires.STORE_RESPONSE, (wires.REASON, wires.DONE)),
                 lambda c: c.take(wires.END_SESSION))
        _killed_after(l, steps[:count])
        if _is_open(l):
            c = _client(l)
            c.certificate(NAME, key)
            equal(c.confirm(), 1, f"reason after a kill at step {count}")
        equal(_status(l), "Upgrade Success", f"status after a kill at step {count}")


def _delete(c, has_lsc):
    c.greet(NAME)
    c.take(wires.DELETE_REQUEST)
    c.send(wires.DELETE_RESPONSE, (wires.REASON, wires.DONE if has_lsc else b"\7"))
    equal(_end(c), 1, "reason")


def a_kill_at_each_step_of_a_deletion_is_made_good_by_the_next_contact(l):
    _up(l)
    steps = (lambda c: c.greet(NAME), lambda c: c.take(wires.DELETE_REQUEST),
             lambda c: c.send(wires.DELETE_RESPONSE, (wires.REASON, wires.DONE)),
             lambda c: c.take(wires.END_SESSION))
    for count in range(len(steps) + 1):
        what = f"after a kill at step {count}"
        serial, _ = _installed(l)
        _pending(l, NAME, "delete")
        _killed_after(l, steps[:count])
        on_record = l.json("phone", "show", NAME)["lsc_serial"]
        equal(on_record is None, not _is_open(l), f"{what}: certificate and operation go together")
        if count < 3:
            equal(on_record, serial, f"{what}: what the phone still has")
        if count == len(steps):
            equal(on_record, None, f"{what}: what the phone was told that it is gone")
        if _is_open(l):
            _delete(_client(l), has_lsc=count < 3)
        equal(_status(l), "Delete Success", f"status {what}")
        equal(l.json("phone", "show", NAME)["lsc_serial"], None, f"certificate {what}")
        equal(_database(l, "SELECT state, revoked_at > 0 FROM lscs WHERE serial = ?", serial), [("deleted", 1)], f"record {what}")


def _fetch_response(der):
    """Element 4 has a type and a length inside (doc/protocols/capf.md 5.3)."""
    return (wires.REASON, wires.DONE), (wires.CERTIFICATE, b"\1" + (len(der) + 2).to_bytes(2, "big") + b"\0\1" + der)


def a_kill_at_each_step_of_troubleshoot_is_made_good_by_the_next_contact(l):
    _up(l)
    serial, der = _installed(l)
    steps = (lambda c: c.greet(NAME), lambda c: c.take(wires.FETCH_REQUEST),
             lambda c: c.send(wires.FETCH_RESPONSE, *_fetch_response(der)),
             lambda c: c.take(wires.END_SESSION))
    fetched = lambda: [one["serial"] for one in l.json("phone", "fetched", NAME)]
    for count in range(len(steps) + 1):
        what = f"after a kill at step {count}"
        _database(l, "DELETE FROM fetched_certificates")
        _pending(l, NAME, "troubleshoot")
        _killed_after(l, steps[:count])
        equal(fetched(), [] if _is_open(l) else [serial], f"{what}: certificate and operation go together")
        expect(_is_open(l) or count >= 3, f"{what}: an operation that is done before the phone did it")
        expect(not _is_open(l) or count < len(steps), f"{what}: an operation that is open though the phone was told its end")
        if _is_open(l):
            c = _client(l)
            for step in steps:
                step(c)
        equal(fetched(), [serial], f"{what}: fetched")
        equal((_status(l), l.json("phone", "show", NAME)["lsc_serial"]), ("Troubleshoot Success", serial), what)


if __name__ == "__main__":
    lab.main(globals())
