"""CAPF: what phones and other clients get, and that nothing is lost when somebody dies in between."""
import contextlib
import glob
import os
import random
import signal
import socket
import sqlite3
import struct
import threading
import time

import lab
import wires
from handset import NAME, boot_with, calls_no_capf, enrolling, held, known, says, signed_by
from lab import VECTORS, equal, expect, run, wait_for
from tlsserver import TlsServer
from wires import Capf

RECORDED = "SEP58971ECC97C1"  # the device of tests/vectors/capf
LATE = "Upgrade Failed: User Initiated Request Late/Timedout"


def _public(*algorithm):
    pem = run("openssl", "genpkey", "-algorithm", *algorithm).stdout
    return run("openssl", "pkey", "-pubout", "-outform", "DER", input=pem.encode(), text=False).stdout


def _key():
    """A fresh public key as a phone sends it."""
    return _public("RSA", "-pkeyopt", "rsa_keygen_bits:2048")


def _serial(l, der):
    out = run("openssl", "x509", "-inform", "DER", "-in", l.file("issued.der", der), "-noout", "-serial").stdout
    return out.strip().split("=")[1].lower()


def _pending(l, name=NAME, operation="install-upgrade", *settings):
    l.cli("phone", "set", name, "--operation", operation, *settings)


def _show(l, name=NAME):
    return l.json("phone", "show", name)


def _ended(l, status, operation="none", name=NAME):
    shown = _show(l, name)
    equal((shown["operation"], shown["operation_status"]), (operation, status), "operation")
    return shown


def _events(l, event, name=NAME):
    return [e for e in l.json("log", "--object", name) if e["event"] == event]


def _client(l):
    return Capf(l.port(lab.CAPF))


def _up(l, name=NAME):
    """A phone with a certificate to install, without the phone."""
    l.up()
    l.cli("phone", "add", name)
    _pending(l, name)


def _config(l):
    """The phone's signed configuration as it is now."""
    return l.fetch(f"{NAME}.cnf.xml.sgn")


# --- the simulated phone ---

def the_right_string_installs_and_a_wrong_one_leaves_the_operation_pending(l):
    l.up()
    known(l, capf_mode=1)
    _pending(l, NAME, "install-upgrade", "--auth-mode", "auth-string", "--auth-string", "24680")
    for wrong in ("24681", "2468", "246800"):
        says(l.phone(NAME, "boot", "--auth-string", wrong), "reason 7", "LSC: Failed")
        _ended(l, "Operation Pending", "install-upgrade")
        equal(held(l, "LSC.pem"), None, "LSC")
    expect(any("Invalid Authentication String" in e["text"] for e in l.json("phone", "show", NAME, "--history")["history"]),
           "the history does not name the wrong string")
    says(l.phone(NAME, "boot", "--auth-string", "24680"), "LSC: Installed")
    _ended(l, "Upgrade Success")
    expect("24680" not in l.log(), "the string is in the log")


def a_string_is_good_for_one_use(l):
    l.up()
    known(l, capf_mode=1)
    _pending(l, NAME, "install-upgrade", "--auth-mode", "auth-string", "--auth-string", "24680")
    pending = _config(l)
    l.phone(NAME, "boot", "--auth-string", "24680")
    calls_no_capf(l.phone(NAME, "boot", "--auth-string", "24680"))
    says(boot_with(l, pending, "--auth-string", "24680"), "reason 0")
    done = l.cli("phone", "set", NAME, "--operation", "install-upgrade", status=1)
    expect("auth-string" in done.stderr, done.stderr)
    _pending(l, NAME, "install-upgrade", "--auth-string", "13579")
    says(l.phone(NAME, "boot", "--auth-string", "24680"), "reason 7")
    _ended(l, "Operation Pending", "install-upgrade")


def a_phone_that_is_not_in_the_store_is_unknown(l):
    l.up()
    enrolling(l)
    pending = _config(l)
    l.cli("phone", "set", NAME, "--operation", "none")
    calls_no_capf(l.phone(NAME, "boot"))  # has its list
    l.cli("phone", "delete", NAME)
    calls_no_capf(l.phone(NAME, "boot"))
    says(boot_with(l, pending), "reason 9", "LSC: Failed")
    with_nothing = "SEP0011223344FF"
    l.fetch(f"ITL{with_nothing}.tlv", status=68)
    c = _client(l)  # nor is one that only asked for a file
    c.greet(with_nothing)
    equal(c.take(wires.END_SESSION), {wires.REASON: b"\x09"}, "end")


def a_deadline_that_is_past_ends_the_operation(l):
    l.up()
    enrolling(l)
    pending = _config(l)
    _pending(l, NAME, "install-upgrade", "--complete-by", "2020-01-31T12:00")
    _ended(l, LATE)
    calls_no_capf(l.phone(NAME, "boot"))
    says(boot_with(l, pending), "reason 0")
    _pending(l, NAME, "install-upgrade", "--complete-by", "2099:12:31:23")
    _ended(l, "Operation Pending", "install-upgrade")
    database = glob.glob(os.path.join(l.cluster, "*.db"))[0]
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as db, db:  # time goes by
        equal(db.execute("UPDATE phones SET complete_by = ? WHERE name = ?", (int(time.time()) - 60, NAME)).rowcount, 1, "rows")
    says(l.phone(NAME, "boot"), "LSC: Failed")
    expect(_ended(l, LATE)["lsc_serial"] is None, "something was issued")
    equal(_events(l, "lsc-issued"), [], "issued")


def delete_and_troubleshoot_do_what_they_say(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    serial = _show(l)["lsc_serial"]
    _pending(l, NAME, "troubleshoot")
    l.phone(NAME, "boot")
    equal(_ended(l, "Troubleshoot Success")["lsc_serial"], serial, "serial")
    _pending(l, NAME, "delete")
    says(l.phone(NAME, "boot"), "LSC: Not Installed")
    shown = _ended(l, "Delete Success")
    equal((shown["lsc_status"], shown["lsc_serial"]), ("Not Installed", None), "LSC")
    equal((held(l, "LSC.pem"), held(l, "LSC.key")), (None, None), "what the phone holds")
    _pending(l, NAME, "delete")  # nothing left to delete, which is what was wanted
    l.phone(NAME, "boot")
    _ended(l, "Delete Success")
    _pending(l, NAME, "troubleshoot")
    l.phone(NAME, "boot")
    _ended(l, "Troubleshoot Success")


def an_upgrade_gives_a_phone_another_certificate(l):
    l.up()
    enrolling(l)
    l.phone(NAME, "boot")
    first = _show(l)["lsc_serial"]
    _pending(l)
    equal(_show(l)["lsc_status"], "Pending", "LSC status")
    l.phone(NAME, "boot")
    shown = _ended(l, "Upgrade Success")
    expect(shown["lsc_serial"] not in (None, first), f"serial {shown['lsc_serial']} after {first}")
    text = run("openssl", "x509", "-in", l.state(NAME, "LSC.pem"), "-noout", "-serial").stdout.lower()
    expect(shown["lsc_serial"] in text, f"the phone holds {text}")


def _elsewhere(l, port):
    """A configuration for the phone that names a CAPF server on another port. The server's own name this node, so it comes
    from somebody else for whom TVS vouches."""
    own = f"<phonePort>{l.port(lab.CAPF)}<"
    xml = l.config(NAME, capf_mode=2)
    equal(xml.count(own), 1, "CAPF servers")
    cert, config = signed_by(l, f"signer-{port}", xml.replace(own, f"<phonePort>{port}<"))
    l.cli("trust", "add", "callmanager-trust", cert)
    return config


def a_capf_server_that_cannot_be_reached_or_believed_is_tried_three_times_more(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    _pending(l)
    with socket.socket() as closed, TlsServer(l, "impostor") as impostor:
        closed.bind(("127.0.0.1", 0))
        for port in (closed.getsockname()[1], impostor.port):
            out = boot_with(l, _elsewhere(l, port), "--retry-seconds", "0")
            console = out.stdout.split("\nCTL: ")[0]  # the status that follows has the messages again
            equal(console.count("] LSC: Connection failed"), 4, "messages")
            equal(held(l, "LSC.pem"), None, "LSC")
        equal(impostor.accepted, 4, "connections to the impostor")
    _ended(l, "Operation Pending", "install-upgrade")


# --- another client, as it was recorded ---

def _settings_of(name):
    """What has to be pending for a recorded session, and how it ends."""
    if name.startswith("install-ec"):
        size = name.split("secp")[1][:3]
        return ["--operation", "install-upgrade", "--key-order", "ec-only", "--ec-size", size], "Upgrade Success"
    if name.startswith("install-rsa"):
        return ["--operation", "install-upgrade", "--rsa-size", name.split("rsa")[1][:4]], "Upgrade Success"
    if name.startswith("delete"):
        return ["--operation", "delete"], "Delete Success"
    if name.startswith("fetch"):
        return ["--operation", "troubleshoot"], "Troubleshoot Success"
    if name.startswith("no-action"):
        return ["--operation", "none"], "None"
    return ["--operation", "install-upgrade"], "Operation Pending"


def _password_of(messages):
    return wires.elements(messages[1][1][8:]).get(wires.PASSWORD, b"\0").rstrip(b"\0").decode()


def _shape(message):
    """A message without what differs from session to session: the session id and the certificate."""
    command, found = message[1], wires.elements(message[8:])
    return command, {tag: "a certificate" if tag == wires.CERTIFICATE else value for tag, value in found.items()}


def _replay(l, name, messages):
    c = _client(l)
    equal(_shape(c.first[3]), _shape(messages[0][1]), f"{name}: first message")
    for side, message in messages[1:]:
        if side == "C":
            c.tls.sendall(message[:2] + struct.pack(">I", c.session) + message[6:])
        else:
            equal(_shape(c.read()[3]), _shape(message), f"{name}: message of the server")
    expect(wires.is_closed(c.tls), f"{name}: the connection stays open")


def sessions_recorded_with_another_server_go_the_same_way(l):
    l.have()
    l.set_conf("capf", "weak-lsc-keys", "yes")  # RSA-1024 is among them
    l.start()
    l.cli("phone", "add", RECORDED)
    for path in sorted(glob.glob(os.path.join(VECTORS, "capf", "*.hex"))):
        name, messages = os.path.basename(path)[:-4], wires.transcript(path)
        if "certificate" in name or name.startswith(("cucm-", "unknown-")):
            continue  # by certificate: not served; the others below
        settings, end = _settings_of(name)
        wanted = "123456" if name.startswith(("wrong-", "empty-")) else _password_of(messages)
        by = ["--auth-mode", "auth-string", "--auth-string", wanted[:10]] if wanted else ["--auth-mode", "null-string"]
        if len(wanted) > 10:
            continue  # the peer takes 15 digits, Unified CM ten
        l.cli("phone", "set", RECORDED, *settings, *by)
        _replay(l, name, messages)
        equal(_show(l, RECORDED)["operation_status"], end, f"{name}: status")
        l.cli("phone", "set", RECORDED, "--operation", "none", "--key-order", "rsa-only", "--rsa-size", "2048")
    l.cli("phone", "delete", RECORDED)
    _replay(l, "unknown-device", wires.transcript(os.path.join(VECTORS, "capf", "unknown-device.hex")))


def a_soft_phone_of_version_2_installs(l):
    l.up()
    l.cli("phone", "add", "CSF123")
    _pending(l, "CSF123")
    messages = [m for side, m in wires.transcript(os.path.join(VECTORS, "capf", "cucm-softphone-install.hex")) if side == "C"]
    c = _client(l)
    for message, answer in zip(messages, (wires.KEY_REQUEST, wires.STORE_REQUEST, wires.END_SESSION)):
        c.tls.sendall(message[:2] + struct.pack(">I", c.session) + message[6:])
        c.take(answer)
    _ended(l, "Upgrade Success", name="CSF123")


# --- phones that fail, vanish and come again ---

def a_key_that_could_not_be_made_ends_the_operation(l):
    _up(l)
    for _ in range(3):  # [capf] keygen-attempts
        _ended(l, "Operation Pending", "install-upgrade")
        c = _client(l)
        c.greet(NAME)
        c.take(wires.KEY_REQUEST)
        c.send(wires.IN_PROGRESS)
        c.send(wires.KEY_RESPONSE, (wires.REASON, b"\x07"))
        equal(c.take(wires.END_SESSION), {wires.REASON: b"\x07"}, "end")
    _ended(l, "Upgrade Failed: Key Generation Failed/Timeout")


def a_certificate_that_could_not_be_stored_is_not_installed(l):
    _up(l)
    c = _client(l)
    c.certificate(NAME, _key())
    c.send(wires.STORE_RESPONSE, (wires.REASON, b"\x07"))
    equal(c.take(wires.END_SESSION), {wires.REASON: b"\x07"}, "end")
    expect(_show(l)["operation_status"] != "Upgrade Success", "a success")
    equal(_show(l)["lsc_serial"], None, "serial")


def _until(l, steps, key, name=NAME):
    """A session of so many steps of the phone; then it is gone. The DER, when it has come that far."""
    c = _client(l)
    der = None
    todo = (lambda: c.greet(name), lambda: c.take(wires.KEY_REQUEST), lambda: c.send(wires.IN_PROGRESS),
            lambda: c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, key)),
            lambda: c.take(wires.STORE_REQUEST)[wires.CERTIFICATE][5:])
    for step in todo[:steps]:
        der = step()
    c.hang_up()
    return der if steps == len(todo) else None


def a_phone_that_vanishes_comes_again_and_gets_the_same_certificate_for_the_same_key(l):
    l.up()
    for steps in range(6):
        name = f"SEP00112233440{steps}"
        l.cli("phone", "add", name)
        _pending(l, name)
        key = _key()
        lost = _until(l, steps, key, name)
        c = _client(l)
        der = c.certificate(name, key)
        expect(lost in (None, der), "another certificate for the same key")
        equal(len(_events(l, "lsc-issued", name)), 1, f"certificates issued after {steps} steps")
        _ended(l, "Operation Pending", "install-upgrade", name)
        equal(c.confirm(), 1, "reason")
        equal(_ended(l, "Upgrade Success", name=name)["lsc_serial"], _serial(l, der), "serial")


def a_phone_that_comes_again_with_another_key_gets_another_certificate(l):
    _up(l)
    first = _until(l, 5, _key())
    c = _client(l)
    second = c.certificate(NAME, _key())
    expect(first != second and _serial(l, first) != _serial(l, second), "the same certificate for another key")
    equal(c.confirm(), 1, "reason")
    equal(_ended(l, "Upgrade Success")["lsc_serial"], _serial(l, second), "serial")


def a_phone_that_vanishes_before_the_end_has_its_certificate(l):
    _up(l)
    c = _client(l)
    der = c.certificate(NAME, _key())
    c.send(wires.STORE_RESPONSE, (wires.REASON, wires.DONE))
    c.hang_up()
    wait_for("the confirmation", lambda: _show(l)["operation"] == "none")
    equal(_ended(l, "Upgrade Success")["lsc_serial"], _serial(l, der), "serial")


# --- a daemon that is killed ---

def _family(pid):
    """A process and all below it."""
    parents = {}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as f:
                parents[int(entry)] = int(f.read().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _kill(l, everybody=True):
    """kill -9, of the first process or of all at once."""
    daemon, l.daemon = l.daemon, None
    for pid in _family(daemon.pid) if everybody else [daemon.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    daemon.wait()
    daemon.stdout.close()


def what_was_issued_survives_a_kill_before_the_phone_confirms(l):
    _up(l)
    key = _key()
    c = _client(l)
    der = c.certificate(NAME, key)
    _kill(l)
    expect(wires.is_closed(c.tls), "the connection outlived the daemon")
    l.start()
    _ended(l, "Operation Pending", "install-upgrade")
    c = _client(l)
    equal(c.certificate(NAME, key), der, "certificate for the same key")
    equal(len(_events(l, "lsc-issued")), 1, "certificates issued")
    equal(c.confirm(), 1, "reason")
    equal(_ended(l, "Upgrade Success")["lsc_serial"], _serial(l, der), "serial")


def what_was_confirmed_survives_a_kill_after_the_end(l):
    l.up()
    for i in range(4):
        name = f"SEP00112233440{i}"
        l.cli("phone", "add", name)
        _pending(l, name)
        c = _client(l)
        der = c.certificate(name, _key())
        equal(c.confirm(), 1, "reason")
        _kill(l, everybody=i % 2 == 0)
        l.start()  # at once: what is left of the other one is on its way out
        shown = _ended(l, "Upgrade Success", name=name)
        equal((shown["lsc_status"], shown["lsc_serial"]), ("Installed", _serial(l, der)), "LSC")


def a_kill_at_any_moment_forgets_no_certificate(l):
    l.up()
    chance = random.Random(2)
    for i in range(8):
        name, key, got = f"SEP00112233440{i}", _key(), {}
        l.cli("phone", "add", name)
        _pending(l, name)

        def session(name=name, key=key, got=got):
            try:
                c = _client(l)
                got["certificate"] = c.certificate(name, key)
                got["reason"] = c.confirm()
            except (OSError, EOFError):
                pass  # the daemon was killed
        phone = threading.Thread(target=session)
        phone.start()
        time.sleep(chance.uniform(0, 0.06))
        _kill(l)
        phone.join()
        l.start()
        if _show(l, name)["operation"] != "none":
            equal(got.get("reason"), None, "END_SESSION of a session that was not kept")
            c = _client(l)
            der = c.certificate(name, key)
            equal(got.get("certificate", der), der, "certificate for the same key")
            equal(c.confirm(), 1, "reason")
            got["certificate"] = der
        equal(_ended(l, "Upgrade Success", name=name)["lsc_serial"], _serial(l, got["certificate"]), "serial")
        equal(len(_events(l, "lsc-issued", name)), 1, "certificates issued")


def a_core_that_dies_is_started_again_and_phones_go_on(l):
    _up(l)
    key = _key()
    c = _client(l)
    der = c.certificate(NAME, key)
    os.kill(l.children("core")[0], signal.SIGKILL)
    expect(wires.is_closed(c.tls), "the connection outlived core")

    def again():
        """A front that has not noticed yet takes the connection and ends it."""
        try:
            next_one = _client(l)
            return next_one, next_one.certificate(NAME, key)
        except (OSError, EOFError):
            return None
    c, same = wait_for("CAPF to answer again", again)
    equal(same, der, "certificate for the same key")
    equal(c.confirm(), 1, "reason")
    _ended(l, "Upgrade Success")
    l.stop()


# --- how bytes arrive ---

def a_session_byte_by_byte_over_tls_records_is_understood(l):
    _up(l)
    c = _client(l)

    def trickle(message):
        for i in range(len(message)):
            c.tls.sendall(message[i:i + 1])
    trickle(wires.capf(wires.AUTH_RESPONSE, c.session, (wires.REASON, wires.DONE), (wires.VERSION, b"\x03"),
                       (wires.DEVICE, NAME.encode() + b"\0")))
    c.take(wires.KEY_REQUEST)
    trickle(wires.capf(wires.KEY_RESPONSE, c.session, (wires.PUBLIC_KEY, _key())))
    c.take(wires.STORE_REQUEST)
    trickle(wires.capf(wires.STORE_RESPONSE, c.session, (wires.REASON, wires.DONE)))
    equal(c.take(wires.END_SESSION), {wires.REASON: wires.DONE}, "end")
    _ended(l, "Upgrade Success")


def several_messages_in_one_record_are_understood(l):
    _up(l)
    c = _client(l)
    c.greet(NAME)
    c.take(wires.KEY_REQUEST)
    c.tls.sendall(3 * wires.capf(wires.IN_PROGRESS, c.session) +
                  wires.capf(wires.KEY_RESPONSE, c.session, (wires.PUBLIC_KEY, _key())))
    c.take(wires.STORE_REQUEST)
    equal(c.confirm(), 1, "reason")


def each_message_of_the_server_is_one_tls_record(l):
    """Header and elements in two records make a phone's client stall (capf.md 5.1)."""
    _up(l)
    c = _client(l)
    c.greet(NAME)
    equal(c.tls.recv(65536), wires.capf(wires.KEY_REQUEST, c.session, (wires.KEY_SIZE, b"\x08\0"), (wires.KEY_TYPE, b"\0")),
          "first read")
    c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, _key()))
    whole = c.tls.recv(65536)
    equal(len(whole), 8 + struct.unpack(">H", whole[6:8])[0], "size of the first read")


def what_is_no_capf_is_closed_and_changes_nothing(l):
    _up(l)
    chance = random.Random(1)
    key = _key()

    def greeting(session, name):
        return wires.capf(wires.AUTH_RESPONSE, session, (wires.REASON, wires.DONE), (wires.VERSION, b"\x03"),
                          (wires.DEVICE, name))
    for case, message in {
            "random bytes": lambda s: chance.randbytes(300),
            "another protocol": lambda s: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "a command there is not": lambda s: wires.capf(99, s),
            "a key before the name": lambda s: wires.capf(wires.KEY_RESPONSE, s, (wires.PUBLIC_KEY, key)),
            "another session": lambda s: greeting(s ^ 1, NAME.encode() + b"\0"),
            "an element past the end": lambda s: struct.pack(">BBIH", 0x55, wires.AUTH_RESPONSE, s, 4) + b"\x0d\xff\xff\0",
            "a name there is not": lambda s: greeting(s, b"SEP../../etc/pw\0"),
            "the longest message": lambda s: struct.pack(">BBIH", 0x55, 2, s, 65535) + bytes(65535),
    }.items():
        c = _client(l)
        c.tls.sendall(message(c.session))
        expect(wires.is_closed(c.tls), f"{case}: the connection stays open")
        _ended(l, "Operation Pending", "install-upgrade")
    c = _client(l)
    c.certificate(NAME, key)
    equal(c.confirm(), 1, "reason")


def a_key_that_is_none_or_too_weak_gets_no_certificate(l):
    _up(l)
    good = _key()
    for bad in (b"", b"\x30\x03\x02\x01\x01", good[:-1], good + b"\0", _public("RSA", "-pkeyopt", "rsa_keygen_bits:512"),
                _public("ED25519"), _public("EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")):
        _pending(l)
        c = _client(l)
        c.greet(NAME)
        c.take(wires.KEY_REQUEST)
        c.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, bad))
        try:
            equal(c.take(wires.END_SESSION), {wires.REASON: b"\x07"}, f"end after a key of {len(bad)} bytes")
        except (EOFError, OSError):
            pass  # a message that breaks a rule may be cut off
        equal(_show(l)["lsc_serial"], None, "serial")
    equal(_events(l, "lsc-issued"), [], "issued")


def slow_peers_are_closed_while_others_go_on(l):
    l.have()
    l.set_conf("capf", "answer-timeout", "2")
    l.set_conf("limits", "handshake-timeout", "2")
    l.start()
    l.cli("phone", "add", NAME)
    _pending(l)
    making_a_key = _client(l)  # may take its time: [capf] keygen-timeout
    making_a_key.greet(NAME)
    making_a_key.take(wires.KEY_REQUEST)
    silent, half, only_tcp = _client(l), _client(l), socket.create_connection(("127.0.0.1", l.port(lab.CAPF)), timeout=30)
    half.tls.sendall(wires.capf(wires.AUTH_RESPONSE, half.session, (wires.REASON, wires.DONE))[:9])
    other = "SEP001122334466"
    l.cli("phone", "add", other)
    _pending(l, other)
    c = _client(l)
    c.certificate(other, _key())
    equal(c.confirm(), 1, "reason of one that is in time")
    slow = {"one that says nothing": silent.tls, "one that says half": half.tls, "one without a handshake": only_tcp}
    for what, s in slow.items():
        expect(wires.is_closed(s), f"{what} is not closed")
    making_a_key.send(wires.KEY_RESPONSE, (wires.PUBLIC_KEY, _key()))
    making_a_key.take(wires.STORE_REQUEST)
    wait_for("the count of those that were too slow", lambda: l.json("status")["services"]["capf"]["timed_out"] >= 3)


if __name__ == "__main__":
    lab.main(globals())
