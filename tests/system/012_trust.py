"""A phone boots from every state of trust that it can be in (doc/protocols/phone.md 2.2 and 2.3), and with lists and files
that somebody changed on their way."""
import os

import lab
from between import Between
from handset import CTL, ITL, NAME, functions, held, hold, known, says, status, with_foreign
from lab import equal, expect, run

OTHER = "SEP001122334466"
REFUSED = "Trust List Update Failed"


# --- states of trust ---

def a_released_phone_takes_the_empty_list_and_comes_back_when_added(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.cli("phone", "release", NAME)
    l.phone(NAME, "boot")
    shown = status(l)
    expect(shown["itl"]["empty"], f"the list is not empty: {functions(shown)}")
    equal(functions(shown), ["SAST", "SAST", "CAPF"], "functions of the empty list")
    expect(l.json("phone", "show", NAME)["empty_list_taken"], "the empty list was not seen to be taken")
    l.phone(NAME, "boot")  # once more, from the empty list
    l.cli("phone", "add", NAME)
    l.phone(NAME, "boot")
    shown = status(l)
    expect(not shown["itl"]["empty"] and "TVS" in functions(shown), f"functions: {functions(shown)}")


@with_foreign
def a_released_phone_takes_the_list_of_another_cluster(l, foreign):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.phone(NAME, "boot", port=foreign.base, status=1)
    l.cli("phone", "release", NAME)
    l.phone(NAME, "boot")
    out = l.phone(NAME, "boot", port=foreign.base)
    says(out, "Trust List Updated")
    equal(held(l, ITL), foreign.fetch(f"ITL{NAME}.tlv"), "the list that the phone holds")


@with_foreign
def the_list_and_configuration_of_another_cluster_are_refused(l, foreign):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    before = [held(l, ITL), held(l, f"{NAME}.cnf.xml")]
    out = l.phone(NAME, "boot", port=foreign.base, status=1)
    says(out, "signer not in CTL", REFUSED, f"{NAME}.cnf.xml.sgn: verification of the trust list failed")
    equal([held(l, ITL), held(l, f"{NAME}.cnf.xml")], before, "what the phone holds")
    l.phone(NAME, "boot")  # and nothing is lost at home
    l.phone(NAME, "erase-itl")
    l.phone(NAME, "boot", port=foreign.base)
    equal(held(l, ITL), foreign.fetch(f"ITL{NAME}.tlv"), "the list after the old one was erased")


@with_foreign
def a_phone_with_a_ctl_only_judges_by_it(l, foreign):
    l.up()
    known(l)
    own, theirs = l.fetch(f"ITL{NAME}.tlv"), foreign.fetch(f"ITL{NAME}.tlv")
    hold(l, CTL, own)  # rows 10 and 12; what is in the file counts, not its name
    says(l.phone(NAME, "boot"), "is in the CTL", f"{NAME}.cnf.xml.sgn(HTTPS)")
    equal(held(l, ITL), own, "ITL")
    equal(held(l, CTL), own, "CTL")
    hold(l, CTL, theirs, OTHER)  # rows 11 and 13: nobody to ask
    known(l, OTHER)
    says(l.phone(OTHER, "boot", status=1), REFUSED, f"{OTHER}.cnf.xml.sgn: verification of the trust list failed")
    equal(held(l, ITL, OTHER), None, "ITL")
    equal(held(l, CTL, OTHER), theirs, "CTL")
    equal(held(l, f"{OTHER}.cnf.xml", OTHER), None, "configuration")


@with_foreign
def a_phone_with_both_lists_searches_ctl_then_itl(l, foreign):
    l.up()
    known(l)
    own, theirs = l.fetch(f"ITL{NAME}.tlv"), foreign.fetch(f"ITL{NAME}.tlv")
    for name, ctl, itl, by in ((NAME, own, own, "CTL"), (OTHER, theirs, own, "ITL"), ("SEP001122334477", own, theirs, "CTL")):
        if name != NAME:
            known(l, name)
        hold(l, CTL, ctl, name)
        hold(l, ITL, itl, name)
        says(l.phone(name, "boot"), f"is in the {by}", f"{name}.cnf.xml.sgn(HTTPS)")
        equal(held(l, ITL, name), own, f"ITL of {name}")
        equal(held(l, CTL, name), ctl, f"CTL of {name}")
    name = "SEP001122334488"  # row 24, unknown: both lists are strangers', nobody to ask
    known(l, name)
    hold(l, CTL, theirs, name)
    hold(l, ITL, theirs, name)
    l.phone(name, "boot", status=1)
    equal(held(l, ITL, name), theirs, "ITL")


@with_foreign
def a_ctl_that_comes_is_judged_by_the_lists_held(l, foreign):
    l.up()
    known(l)
    own, theirs = l.fetch(f"ITL{NAME}.tlv"), foreign.fetch(f"ITL{NAME}.tlv")
    with Between(l) as between:
        between.instead[f"CTL{NAME}.tlv"] = own
        l.phone(NAME, "boot", port=between.port)  # row 1, then 10
        equal([held(l, CTL), held(l, ITL)], [own, own], "lists taken blind and by the CTL")
        between.instead[f"CTL{NAME}.tlv"] = theirs  # row 23: TVS does not know it
        says(l.phone(NAME, "boot", port=between.port, status=1), REFUSED)
        equal(held(l, CTL), own, "CTL")
        known(l, OTHER)
        between.instead = {f"CTL{OTHER}.tlv": None, CTL: None}
        l.phone(OTHER, "boot", port=between.port)
        between.instead[f"CTL{OTHER}.tlv"] = own  # row 14: the cluster goes mixed
        says(l.phone(OTHER, "boot", port=between.port), "is in the ITL", "Completed TVS Certificate cache flush request")
        equal(held(l, CTL, OTHER), own, "CTL")
        name = "SEP001122334477"  # rows 8 and 9: only a CTL is held
        known(l, name)
        between.instead = {f"CTL{name}.tlv": theirs, f"ITL{name}.tlv": None, ITL: None}
        hold(l, CTL, own, name)
        says(l.phone(name, "boot", port=between.port, status=1), REFUSED)
        between.instead[f"CTL{name}.tlv"] = own
        l.phone(name, "boot", port=between.port)
        equal(held(l, CTL, name), own, "CTL")


def a_phone_that_erased_its_lists_starts_anew(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    says(l.phone(NAME, "erase-itl"), "Erasing CTL and ITL files")
    equal(status(l)["itl"], None, "ITL")
    l.phone(NAME, "boot")
    expect(status(l)["itl"], "no ITL after the boot")


# --- lists and files that were changed on their way ---

def one_byte_of_the_list_flipped_on_the_wire_is_refused(l):
    l.up()
    known(l)
    known(l, OTHER)
    size = len(l.fetch(f"ITL{NAME}.tlv"))
    with Between(l) as between:
        l.phone(NAME, "boot", port=between.port)
        good, flipped = held(l, ITL), []

        def flip(name, block, data):
            first = 0 if block == 1 else between.start
            between.start = first + len(data)
            if not name.startswith("ITL") or not first <= at < first + len(data):
                return data
            flipped.append(at)
            return data[:at - first] + bytes([data[at - first] ^ 1]) + data[at - first + 1:]
        between.change = flip
        for at in (1, 20, 300, 700, size // 2, size - 1):
            out = l.phone(NAME, "boot", port=between.port, status=1)
            says(out, REFUSED)
            equal(held(l, ITL), good, f"the list held, byte {at} flipped")
            says(l.phone(OTHER, "boot", port=between.port, status=1), REFUSED, "No Trust List Installed")
            equal(held(l, ITL, OTHER), None, f"the list of a phone that held none, byte {at} flipped")
            expect(at in flipped, f"byte {at} of {size} never passed")
        between.change = None
        l.phone(NAME, "boot", port=between.port)


def a_list_cut_short_or_too_long_is_refused(l):
    l.up()
    known(l)
    good = l.fetch(f"ITL{NAME}.tlv")
    with Between(l) as between:
        l.phone(NAME, "boot", port=between.port)
        for bad in (good[:-1], good[:512], good[:3], good + b"\0", good + good):
            between.instead[f"ITL{NAME}.tlv"] = bad
            says(l.phone(NAME, "boot", port=between.port, status=1), REFUSED)
            equal(held(l, ITL), good, f"the list held, {len(bad)} bytes came")
        between.instead[f"ITL{NAME}.tlv"] = b""  # an empty file counts as none
        l.phone(NAME, "boot", port=between.port)
        equal(held(l, ITL), good, "the list held")


def _stranger(l):
    key, cert = os.path.join(l.dir, "stranger.key"), os.path.join(l.dir, "stranger.pem")
    if not os.path.exists(cert):
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "10",
            "-subj", "/CN=stranger/O=Elsewhere")
    return key, cert


def a_configuration_signed_by_a_stranger_is_refused(l):
    l.up()
    known(l)
    key, cert = _stranger(l)
    xml = l.file(f"{NAME}.cnf.xml", l.config(NAME).replace("<device>", "<device><!-- theirs -->"))
    forged = xml + ".sgn"
    l.cli("file", "sign", xml, "--key", key, "--cert", cert, "--out", forged)
    with open(forged, "rb") as f:
        forged = f.read()
    with Between(l) as between:
        l.phone(NAME, "boot", port=between.port)
        before = held(l, f"{NAME}.cnf.xml")
        for bad in (forged, forged[:-10], l.fetch(f"{NAME}.cnf.xml"), b""):
            between.instead[f"{NAME}.cnf.xml.sgn"] = bad
            out = l.phone(NAME, "boot", port=between.port, status=1)
            says(out, f"{NAME}.cnf.xml.sgn: verification of the trust list failed")
            equal(held(l, f"{NAME}.cnf.xml"), before, "configuration held")
        between.instead[f"{NAME}.cnf.xml.sgn"] = None  # and the plain form is not even asked for
        between.asked.clear()
        l.phone(NAME, "boot", port=between.port, status=1)
        expect(f"{NAME}.cnf.xml" not in between.asked, f"asked for: {between.asked}")


def a_phone_with_an_empty_list_takes_a_configuration_whoever_signed_it(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    l.cli("phone", "release", NAME)
    l.phone(NAME, "boot")
    key, cert = _stranger(l)
    xml = l.file(f"{NAME}.cnf.xml", l.config(NAME).replace("<device>", "<device><!-- theirs -->"))
    l.cli("file", "sign", xml, "--key", key, "--cert", cert, "--out", xml + ".sgn")
    with Between(l) as between, open(xml + ".sgn", "rb") as forged:
        between.instead = {f"{NAME}.cnf.xml": None, f"{NAME}.cnf.xml.sgn": forged.read()}
        l.phone(NAME, "boot", port=between.port)
    expect(b"theirs" in held(l, f"{NAME}.cnf.xml"), "the configuration was not taken")


def a_phone_without_a_server_keeps_what_it_holds(l):
    l.up()
    known(l)
    l.phone(NAME, "boot")
    before = [held(l, ITL), held(l, f"{NAME}.cnf.xml")]
    l.stop()
    l.phone(NAME, "boot", status=1)
    equal([held(l, ITL), held(l, f"{NAME}.cnf.xml")], before, "what the phone holds")


if __name__ == "__main__":
    lab.main(globals())
