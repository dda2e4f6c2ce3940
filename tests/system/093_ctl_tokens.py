"""A CTL signed by security tokens: SoftHSM holds two of them, and phones boot with what they sign."""
import json
import os

import lab
from handset import CTL, NAME, held, known, says
from lab import equal, expect, run

MODULES = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"]
MODULE = next((m for m in MODULES if os.path.exists(m)), MODULES[0])
PIN = "4321"


def _softhsm(l):
    os.makedirs(os.path.join(l.dir, "softhsm"))
    os.environ["SOFTHSM2_CONF"] = l.file("softhsm2.conf", f"directories.tokendir = {l.dir}/softhsm\n".encode())
    l.pin = l.file("pin.txt", f"{PIN}\n".encode())


def _token(l, label):
    """A token with a key and its certificate."""
    key, cert, der = (os.path.join(l.dir, f"{label}.{ending}") for ending in ("key", "pem", "der"))
    run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "1234", "--pin", PIN)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "3000",
        "-subj", f"/CN=SAST-ADN {label}/OU=IPCBU")
    run("openssl", "x509", "-in", cert, "-outform", "DER", "-out", der)
    run("softhsm2-util", "--import", key, "--token", label, "--label", "sast", "--id", "01", "--pin", PIN)
    run("pkcs11-tool", "--module", MODULE, "--login", "--pin", PIN, "--token-label", label, "--write-object", der,
        "--type", "cert", "--id", "01")
    return cert


def _sign(l, label):
    return l.cli("ctl", "token", "sign", "--module", MODULE, "--token", label, "--pin-file", l.pin)


def _signer(l, ctl):
    shown = json.loads(l.cli("show", "ctl", l.file("a.tlv", ctl), "--json").stdout)
    expect(shown["verified"], f"the CTL is not verified: {shown['reason']}")
    first = [r for r in shown["records"] if r["role_name"] == "SAST"]
    return next(r["subject"] for r in first if r["serial"] == shown["serial"]), len(first)


def _up(l):
    l.up()
    _softhsm(l)
    known(l)
    l.phone(NAME, "boot")
    for label in ("one", "two"):
        _token(l, label)
        l.cli("ctl", "token", "add", "--module", MODULE, "--token", label)


def phones_take_what_either_of_two_tokens_signs_and_go_back(l):
    _up(l)
    equal([t["common_name"] for t in l.json("ctl", "token", "list")], ["SAST-ADN one", "SAST-ADN two"], "tokens")
    before = l.json("status")["ctl"]
    planned = json.loads(l.cli("plan", "ctl", "token", "sign", "--module", MODULE, "--token", "one", "--pin-file", l.pin,
                               "--json").stdout)
    equal((planned["phones"]["tvs"]["count"], planned["cut_off"]), (1, 0), "a phone that has to ask for the token")
    equal(l.json("status")["ctl"], before, "the CTL after a plan")

    _sign(l, "one")
    equal(l.json("status")["security_mode"], "mixed", "mode")
    says(l.phone(NAME, "boot"), "Trust List Updated")
    ctl = held(l, CTL)
    equal(ctl, l.fetch(f"CTL{NAME}.tlv"), "the CTL that the phone holds")
    signer, signers = _signer(l, ctl)
    expect("SAST-ADN one" in signer, signer)
    equal(signers, 4, "both tokens, ITLRecovery and CallManager")
    equal(l.json("check"), [], "findings while a token signs")

    l.cli("cert", "regenerate", "callmanager")
    l.phone(NAME, "boot")
    equal(held(l, CTL), ctl, "the CTL waits for a token")
    found = l.json("check")
    equal([f["id"] for f in found], ["ctl-needs-token"], "findings meanwhile")
    expect("SAST-ADN one, SAST-ADN two" in found[0]["what"], found)
    expect(l.json("status")["ctl"]["stale"], "status says so too")
    l.fails("ctl", "update", says=["security tokens sign the CTL", "ctl token end"])
    l.fails("ctl", "reset", "localkey", says=["security tokens sign"])

    _sign(l, "two")
    l.phone(NAME, "boot")
    expect("SAST-ADN two" in _signer(l, held(l, CTL))[0], "the other token signed")
    equal(l.json("check"), [], "findings afterwards")
    l.cli("ctl", "token", "end")
    says(l.phone(NAME, "boot"), "Trust List Updated")
    expect("ITLRECOVERY" in _signer(l, held(l, CTL))[0], "the cluster's own key signs")


def a_wrong_pin_a_lost_token_and_a_lone_one_are_said_clearly(l):
    _up(l)
    one, two = [t["sha256"] for t in l.json("ctl", "token", "list")]
    wrong = l.file("wrong.txt", b"9999\n")
    sign = ["ctl", "token", "sign", "--module", MODULE, "--token"]
    l.fails(*sign, "one", "--pin-file", wrong, says=["does not take the PIN"])
    l.fails(*sign, "three", "--pin-file", l.pin, says=["no token three", '"one"'])
    l.fails("ctl", "token", "sign", "--module", "/nowhere.so", says=["/nowhere.so"])
    l.cli("ctl", "token", "sign", status=2)
    l.fails("ctl", "token", "add", "--module", MODULE, "--token", "one", says=["is known"])
    l.fails("trust", "remove", "phone-sast-trust", one, says=["ctl token delete"])
    l.cli("ctl", "token", "delete", two)
    l.fails(*sign, "one", "--pin-file", l.pin, says=["2 security tokens at least"])
    l.cli("ctl", "token", "add", os.path.join(l.dir, "two.pem"))
    _sign(l, "two")
    l.fails("ctl", "token", "delete", one, says=["one may get lost"])
    l.fails("ctl", "token", "end", "--force", "nobody", says=["name of the cluster"])
    secret = {"SEALTONE_PASSPHRASE": "correct horse battery staple"}
    backup, restored = os.path.join(l.dir, "backup"), os.path.join(l.dir, "restored")
    run(l.binary("sealtone"), "--dir", l.cluster, "backup", backup, env=secret)
    run(l.binary("sealtone"), "restore", backup, restored, env=secret)
    equal(run(l.binary("sealtone"), "--dir", restored, "check").stdout, "No findings.\n", "check of the restored cluster")
    l.cli("ctl", "set-cluster", "non-secure-mode")  # works though all tokens may be lost
    l.fails("ctl", "token", "end", says=["own keys sign"])
    equal([f["id"] for f in l.json("check")], ["ctl-left"], "findings")


if __name__ == "__main__":
    lab.main(globals())
