"""Mixed mode and the CTL: switched on and off with phones that hold lists already, and phones' boots in between."""
import json
import os

import lab
from handset import CTL, NAME, enrolling, held, known, says
from lab import equal, expect, run

SECOND, STRANGER = "SEP001122334466", "SEP0011223344FF"
MIXED = ["SAST", "SAST", "CCM+TFTP", "TFTP", "CAPF"]
EMPTIED = ["SAST", "SAST", "CCM+TFTP", "CAPF"]


def _functions(l, ctl):
    """The records of a CTL, which must verify."""
    path = l.file("a.tlv", ctl)
    shown = json.loads(l.cli("show", "ctl", path, "--json").stdout)
    expect(shown["verified"], f"the CTL is not verified: {shown['reason']}")
    return [r["role_name"] for r in shown["records"]]


def _trust(l, name=NAME):
    return l.json("phone", "show", name)["trust"]


def a_cluster_that_never_was_mixed_has_no_ctl(l):
    l.up()
    known(l)
    shown = l.json("status")
    equal((shown["security_mode"], shown["ctl"]), ("non-secure", None), "mode and CTL")
    for name in (f"CTL{NAME}.tlv", CTL):
        equal(l.fetch(name, status=68), None, name)
    l.fails("ctl", "update", says=["non-secure mode", "set-cluster mixed-mode"])
    l.fails("ctl", "delete", says=["no CTL"])
    equal(l.cli("ctl", "set-cluster", "non-secure-mode").stdout, "The cluster is in Non Secure Mode already\n", "text")
    for args in (["secure"], [], ["mixed-mode", "now"]):
        l.cli("ctl", "set-cluster", *args, status=2)
    l.cli("ctl", "update", "ITLFile", status=2)


def phones_with_an_itl_go_mixed_and_back(l):
    l.up()
    known(l)
    known(l, SECOND)
    says(l.phone(NAME, "boot"), "File Not Found")
    out = l.cli("ctl", "set-cluster", "mixed-mode").stdout
    expect(out.startswith("Moving Cluster to Mixed Mode\nCluster set to Mixed Mode\nVersion 1 of the CTL"), out)
    equal(_trust(l), "behind", "trust before the boot")
    out = l.phone(NAME, "boot")
    says(out, "Trust List Updated", f"{NAME}.cnf.xml.sgn(HTTPS)")
    ctl = held(l, CTL)
    equal(_functions(l, ctl), MIXED, "records of the CTL")
    equal(ctl, l.fetch(f"CTL{NAME}.tlv"), "the CTL that the phone holds")
    expect(_trust(l) != "behind", "the phone has the CTL")
    expect(l.cli("show", "ctl").stdout.endswith("The CTL file was verified successfully.\n"), "show ctl")
    l.phone(SECOND, "boot")  # a phone that holds nothing takes both
    equal(held(l, CTL, SECOND), ctl, "CTL of a new phone")

    l.cli("cert", "regenerate", "callmanager")
    equal(l.cli("ctl", "update", "CTLFile").stdout, "The CTL file says what the cluster is now (version 2)\n", "update")
    equal(_trust(l), "behind", "trust after the change")
    l.phone(NAME, "boot")
    expect(held(l, CTL) not in (None, ctl), "the phone has the next CTL")
    l.phone(NAME, "boot")
    equal(l.json("check"), [], "findings in mixed mode")

    out = l.cli("ctl", "set-cluster", "non-secure-mode").stdout
    expect(out.startswith("Moving Cluster to Non Secure Mode\nCluster set to Non Secure Mode\n"), out)
    for name in (NAME, SECOND):  # the second one was off meanwhile
        l.phone(name, "boot")
        equal(_functions(l, held(l, CTL, name)), EMPTIED, f"records of the emptied CTL of {name}")
        l.phone(name, "boot")
    shown = l.json("status")
    equal((shown["security_mode"], shown["ctl"]["version"]), ("non-secure", 3), "mode and CTL")
    equal([f["id"] for f in l.json("check")], ["ctl-left"], "findings after mixed mode")
    equal([r["event"] for r in l.json("log") if r["event"] == "security-mode-set"], ["security-mode-set"] * 2, "audit log")

    l.cli("ctl", "delete")
    equal(l.fetch(f"CTL{NAME}.tlv", status=68), None, "a deleted CTL")
    says(l.phone(NAME, "boot"), f"{NAME}.cnf.xml.sgn(HTTPS)")
    equal(l.json("check"), [], "findings after the CTL was deleted")


def a_ctl_is_handed_to_whom_an_itl_is(l):
    l.up()
    known(l)
    l.cli("ctl", "set-cluster", "mixed-mode")
    for name in (CTL, f"CTL{STRANGER}.tlv"):
        equal(l.fetch(name, status=68), None, name)
    l.phone(NAME, "boot")
    equal(l.json("phone", "release", NAME), [{"name": NAME, "empty_list_taken": None, "holds_ctl": True}], "release")
    equal(l.fetch(f"CTL{NAME}.tlv", status=68), None, "CTL of a released phone")
    expect(l.fetch(f"ITL{NAME}.tlv"), "empty ITL of a released phone")
    l.cli("serve-lists", "all")
    own = l.fetch(CTL)
    equal(l.fetch(f"CTL{STRANGER}.tlv"), own, "CTL of a stranger")
    l.cli("serve-lists", "none")
    equal(l.fetch(f"CTL{STRANGER}.tlv", status=68), None, "with serve-lists none")
    l.cli("serve-lists", "all")
    l.stop()
    l.start()
    equal(l.fetch(CTL), own, "CTL after a restart")


def a_phone_enrols_in_mixed_mode_and_follows_capf_and_the_generation(l):
    l.up()
    enrolling(l)
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    shown = l.json("phone", "show", NAME)
    equal((shown["lsc_status"], shown["trust"], shown["served"]["ctl"]["version"]), ("Installed", "current", 1), "LSC, trust, CTL")
    l.cli("cert", "regenerate", "capf")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", "null-string")
    l.phone(NAME, "boot")
    equal(l.json("phone", "show", NAME)["operation_status"], "Upgrade Success", "CAPF by the record of the next CTL")
    l.cli("generation", "set", "G10")
    equal([f["id"] for f in l.json("check")], [], "findings with the other generation")
    l.phone(NAME, "boot")
    equal(_functions(l, held(l, CTL)), MIXED, "records of a CTL of G10")
    equal(held(l, CTL), l.fetch(f"CTL{NAME}.tlv"), "the CTL that the phone holds")
    l.cli("cert", "regenerate", "callmanager")  # who signs: TVS vouches for the next one
    says(l.phone(NAME, "boot"), "Trust List Updated")
    equal(held(l, CTL), l.fetch(f"CTL{NAME}.tlv"), "the CTL by a signer that TVS knows")


def a_new_itlrecovery_reaches_phones_in_mixed_mode_by_a_reset_without_tvs(l):
    l.up()
    known(l)
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    equal(json.loads(l.cli("plan", "ctl", "reset", "localkey", "--json").stdout)["cut_off"], 0, "plan")
    for args in (("itl", "reset", "localkey"), ("ctl", "reset", "localkey")):
        l.cli(*args)
    says(l.phone(NAME, "boot"), "Trust List Updated")
    equal([f["id"] for f in l.json("check")], ["reset-in-force", "ctl-reset-in-force"], "findings in between")
    l.cli("cert", "regenerate", "itlrecovery")
    l.phone(NAME, "boot")
    l.cli("ctl", "update", "CTLFile")
    l.cli("itl", "reset", "end")
    l.cli("node", "set", "tvs", "off")
    for _ in range(2):  # it may have slept through the middle: a bridge first
        out = l.phone(NAME, "boot").stdout
        expect("Trust List Update Failed" not in out, out)
    equal(held(l, CTL), l.fetch(f"CTL{NAME}.tlv"), "the CTL that the new ITLRecovery signed")
    equal(l.json("check"), [], "findings afterwards")


def a_profile_that_needs_a_ctl_is_found(l):
    l.up()
    l.cli("profile", "add", "secure", "--mode", "encrypted", "--transport", "tls")
    equal([f["id"] for f in l.json("check")], ["profile-needs-ctl"], "findings in non-secure mode")
    l.cli("ctl", "set-cluster", "mixed-mode")
    equal(l.json("check"), [], "findings in mixed mode")


def a_backup_has_the_ctl_that_is_served_and_needs_no_key_for_a_deleted_one(l):
    secret = {"SEALTONE_PASSPHRASE": "correct horse battery staple"}
    backup, restored = os.path.join(l.dir, "backup"), os.path.join(l.dir, "restored")
    l.up()
    l.cli("ctl", "set-cluster", "mixed-mode")
    run(l.binary("sealtone"), "--dir", l.cluster, "backup", backup, env=secret)
    run(l.binary("sealtone"), "restore", backup, restored, env=secret)
    equal(run(l.binary("sealtone"), "--dir", restored, "check").stdout, "No findings.\n", "check of the restored cluster")
    l.cli("ctl", "set-cluster", "non-secure-mode")
    l.cli("ctl", "delete")
    run(l.binary("sealtone"), "--dir", l.cluster, "backup", backup + "-2", env=secret)


def ten_phones_boot_in_mixed_mode_and_each_is_remembered(l):
    l.up()
    l.cli("ctl", "set-cluster", "mixed-mode")
    names = [f"SEP0011223355{i:02X}" for i in range(10)]
    for name in names:
        l.cli("phone", "add", name)
    for name in names:
        expect(l.fetch(f"CTL{name}.tlv"), name)
        expect(l.fetch(f"ITL{name}.tlv"), name)
    equal(l.json("status")["phones"]["trust"], {"unknown": 10}, "phones that were handed both")
    l.cli("node", "set", "capf", "off")
    equal(l.json("status")["phones"]["trust"], {"behind": 10}, "phones after a change")


def rollback_says_that_phones_keep_the_ctl_which_mixed_mode_has_left(l):
    l.up()
    known(l)
    expect("from mixed mode" not in l.cli("rollback", "prepare").stdout, "there is none")
    l.cli("rollback", "end")
    l.cli("ctl", "set-cluster", "mixed-mode")
    l.phone(NAME, "boot")
    l.cli("ctl", "set-cluster", "non-secure-mode")
    out = l.cli("rollback", "prepare").stdout
    expect("1 or more phones may hold a CTL from mixed mode" in out, out)


if __name__ == "__main__":
    lab.main(globals())
