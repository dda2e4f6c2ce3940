"""The main job: a phone with no trust comes up, takes its list, verifies its configuration and enrols an LSC."""
import lab
from lab import equal, expect, run

NAME = "SEP001122334455"


def _ready_to_enrol(l, mode="null-string", capf_mode=2):
    l.up()
    l.cli("phone", "add", NAME, "--model", "8861")
    l.config(NAME, capf_mode=capf_mode)
    l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", mode)


def a_phone_without_lists_boots_to_lsc_installed(l):
    _ready_to_enrol(l)
    out = l.phone(NAME, "boot").stdout
    shown = l.json("phone", "show", NAME)
    equal(shown["operation"], "none", "operation")
    equal(shown["operation_status"], "Upgrade Success", "operation status")
    equal(shown["lsc_status"], "Installed", "LSC status")
    equal(shown["trust"], "current", "trust")
    expect("ITLSEP001122334455.tlv" in out, f"the console does not name the list:\n{out}")
    cert = run("openssl", "x509", "-in", l.state(NAME, "LSC.pem"), "-noout", "-serial", "-subject").stdout
    expect(shown["lsc_serial"] in cert.lower(), f"serial {shown['lsc_serial']} is not in {cert}")


if __name__ == "__main__":
    lab.main(globals())
