"""How phones prove to CAPF who they are: by certificates of every sort, and by strings that guessing locks."""
import os
import time

import lab
from handset import NAME, held, known, says
from lab import equal, expect, run
from wires import END_SESSION, KEY_REQUEST, REASON, Capf

OTHER = "SEP0011223344FF"
PENDING = ("Operation Pending", "install-upgrade")


def _openssl(l, *args):
    return run("openssl", *args)


def _ca(l, name="maker"):
    """A manufacturing CA; the paths of its key and certificate."""
    key, cert = os.path.join(l.dir, f"{name}.key"), os.path.join(l.dir, f"{name}.pem")
    _openssl(l, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "30", "-sha1",
             "-subj", f"/O=Test/CN={name}", "-addext", "keyUsage=critical,keyCertSign")
    return key, cert


def _mic(l, ca, name=f"CP-8861-{NAME}", kind="rsa:2048", expired=False):
    """A PEM file with a phone's certificate and key, as its factory makes it."""
    base = os.path.join(l.dir, f"mic-{len(os.listdir(l.dir))}")
    options = ("-pkeyopt", "ec_paramgen_curve:P-256") if kind == "ec" else ()
    _openssl(l, "req", "-newkey", kind, *options, "-nodes", "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}")
    _openssl(l, "x509", "-req", "-in", f"{base}.csr", "-CA", ca[1], "-CAkey", ca[0], "-set_serial", "77", "-out", f"{base}.crt",
             "-days", "-1" if expired else "20")
    with open(f"{base}.pem", "w") as out:
        for part in ("crt", "key"):
            with open(f"{base}.{part}") as f:
                out.write(f.read())
    return f"{base}.pem"


def _set(l, mode, operation="install-upgrade", *settings):
    l.cli("phone", "set", NAME, "--auth-mode", mode, "--operation", operation, *settings)


def _up(l, mode="existing-mic", capf_mode=4, expired=None, settings=()):
    """A cluster that trusts a maker and knows a phone with an operation pending; the maker."""
    l.have()
    if expired:
        settings = [*settings, ("capf", "expired-mic", expired)]
    for one in settings:
        l.set_conf(*one)
    l.start()
    known(l, capf_mode=capf_mode)
    ca = _ca(l)
    l.cli("trust", "add", "capf-trust", ca[1])
    _set(l, mode)
    return ca


def _state(l):
    shown = l.json("phone", "show", NAME)
    return shown["operation_status"], shown["operation"]


def _refused(l, reason, why, *args):
    says(l.phone(NAME, "boot", "--retry-seconds", "0", *args), "reason 7")
    equal(_state(l), PENDING, "operation")
    events = [e["text"] for e in l.json("log", "--object", NAME) if e["event"] == "attempt-failed"]
    expect(any(f"Failed: {reason}" in t and why in t for t in events), f"{reason}: {why} is not in {events}")


def _installed(l, *args):
    says(l.phone(NAME, "boot", "--retry-seconds", "0", *args), "LSC: Installed")
    equal(_state(l), ("Upgrade Success", "none"), "operation")


def a_right_mic_with_an_rsa_or_an_ec_key_installs(l):
    ca = _up(l)
    _installed(l, "--mic", _mic(l, ca))
    _set(l, "existing-mic")
    _installed(l, "--mic", _mic(l, ca, kind="ec"))


def a_session_rules_out_lists_without_the_certificate_that_the_phone_trusted(l):
    ca = _up(l, settings=[("capf", "answer-timeout", 1), ("limits", "handshake-timeout", 1)])
    mic = _mic(l, ca)
    _installed(l, "--mic", mic)
    l.cli("cert", "regenerate", "capf")
    l.phone(NAME, "boot")
    equal(l.json("phone", "show", NAME)["trust"], "unknown", "it may hold the list before, too")
    time.sleep(3)  # sessions that began before then were let in or have ended
    _set(l, "existing-mic")
    _installed(l, "--mic", mic)
    equal(l.json("phone", "show", NAME)["trust"], "current", "only lists with that certificate are left")


def a_mic_of_another_maker_is_refused(l):
    _up(l)
    _refused(l, "Invalid MIC", "issuer", "--mic", _mic(l, _ca(l, "stranger")))
    equal(held(l, "LSC.pem"), None, "LSC")


def a_mic_of_another_phone_is_refused(l):
    ca = _up(l)
    _refused(l, "Invalid MIC", OTHER, "--mic", _mic(l, ca, name=f"CP-8861-{OTHER}"))


def an_expired_mic_is_refused(l):
    ca = _up(l)
    _refused(l, "Invalid MIC", "expired", "--mic", _mic(l, ca, expired=True))


def an_expired_mic_may_enrol_and_nothing_else_where_that_is_set(l):
    ca = _up(l, expired="enrol-only")
    mic = _mic(l, ca, expired=True)
    _installed(l, "--mic", mic)
    _set(l, "existing-mic", "delete")
    says(l.phone(NAME, "boot"), "reason 7")
    equal(_state(l), ("Operation Pending", "delete"), "operation")


def a_phone_without_a_certificate_or_with_a_bad_proof_is_refused(l):
    ca = _up(l)
    _refused(l, "Invalid MIC", "no certificate")
    mic = _mic(l, ca)
    for how, why in (("bad-proof", "SHA-512"), ("no-sha2", "no SHA-512"), ("no-certificate", "no certificate")):
        _refused(l, "Invalid MIC", why, "--mic", mic, "--capf-misbehave", how)
    _installed(l)


def an_lsc_goes_on_under_another_issuer_and_not_when_superseded(l):
    _up(l, "null-string", 2)
    _installed(l)
    old = [held(l, f) for f in ("LSC.pem", "LSC.key")]
    l.stop()
    l.set_conf("capf", "lsc-issuer", "own")
    l.start()
    _set(l, "existing-lsc")
    _installed(l)
    for name, content in zip(("LSC.pem", "LSC.key"), old):
        with open(l.state(NAME, name), "wb") as f:
            f.write(content)
    _set(l, "existing-lsc")
    _refused(l, "Invalid LSC", "superseded")


def sudi_data_of_another_session_is_refused(l):
    ca = _up(l)
    _installed(l, "--mic", _mic(l, ca))
    _set(l, "existing-lsc")
    _refused(l, "Invalid MIC", "SUDI", "--capf-misbehave", "other-session")
    _installed(l)


def wrong_strings_lock_the_string_and_never_the_phone(l):
    _up(l, "null-string", 1)
    _set(l, "auth-string", "install-upgrade", "--auth-string", "24680")
    for _ in range(5):
        _refused(l, "Invalid Authentication String", "wrong", "--auth-string", "11111")
    l.stop()
    l.start()
    _refused(l, "Invalid Authentication String", "locked", "--auth-string", "24680")
    equal(l.json("phone", "show", NAME)["auth_failures"], 5, "failures")
    expect("24680" not in l.log(), "the string is in the log")
    l.cli("phone", "set", NAME, "--auth-string", "13579")
    _installed(l, "--auth-string", "13579")


def _try(l, name, string, source=lab.LOOPBACK):
    """What CAPF says to a phone with this string: a command, and the reason when it is the end."""
    c = Capf(l.port(lab.CAPF), source)
    c.greet(name, string.encode())
    command, _, found, _ = c.read()
    c.hang_up()
    return command, found.get(REASON, b"\0")[0] if command == END_SESSION else None


def one_address_may_not_try_a_string_on_many_phones(l):
    l.have()
    l.set_conf("capf", "address-tries", "6")
    l.start()
    names = [f"SEP00112233{i:04X}" for i in range(8)]
    l.cli("phone", "import", l.file("phones.csv", "name,model,operation,auth-mode,auth-string\n" + "".join(
        f"{n},8861,install-upgrade,auth-string,13579\n" for n in names)))
    l.cli("phone", "add", OTHER, "--model", "8861")
    l.cli("phone", "set", OTHER, "--auth-mode", "null-string", "--operation", "install-upgrade")
    refused, let_in = (END_SESSION, 7), (KEY_REQUEST, None)
    for name in names[:6]:
        equal(_try(l, name, "24680"), refused, name)
    equal(_try(l, names[6], "13579"), refused, "the right string from an address that guessed")
    equal(_try(l, names[7], "24680"), refused, "a wrong one")
    shown = l.json("phone", "show", names[6])
    equal((shown["auth_failures"], shown["operation"], shown["operation_status"]), (0, "install-upgrade", "Operation Pending"))
    expect("too many wrong authentication strings from this address" in str(shown), f"the reason: {shown}")
    equal(l.json("phone", "show", names[7])["auth_failures"], 0, "wrong ones that were not looked at")
    equal(_try(l, OTHER, ""), let_in, "a phone that needs no string, from the same address")
    equal(_try(l, names[6], "13579", "127.0.0.2"), let_in, "the right string from another address")
    equal(l.log().count("capf-address-blocked address=127.0.0.1 "), 1, "lines about it")
    events = [e for e in l.json("log") if e["event"] == "address-blocked"]
    equal([e["object"] for e in events], ["127.0.0.1"], "the audit log")
    expect("13579" not in l.log() and "24680" not in l.log(), "a string is in the log")


if __name__ == "__main__":
    lab.main(globals())
