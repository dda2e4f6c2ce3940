#!/usr/bin/env python3
"""Phones that are away while everything changes, and phones that a forced change cuts off: what was said beforehand, and what happens."""
import json
import os
import re
import shutil

import lab
from handset import CTL, ITL, NAME, held
from lab import equal, expect, run

AWAY, AWAKE = NAME, "SEP001122334466"
ALL = ("itlrecovery", "tvs", "callmanager", "capf", "callmanager-ec", "web")
SECRET = {"SEALTONE_PASSPHRASE": "correct horse battery staple"}
REFUSED = "Trust List Update Failed"


def _add(l, *names, model="8861"):
    for name in names:
        l.cli("phone", "add", name, "--model", model)
        l.config(name)


def _boot(l, name=NAME, model="8861"):
    return l.phone(name, "--model", model, "boot", status=None).stdout


def _published(l, name):
    """A list as everybody may fetch it."""
    l.cli("serve-lists", "all")
    got = l.fetch(name)
    l.cli("serve-lists", "known")
    return got


def _plan(l, *words, status):
    return json.loads(l.cli("plan", *words, "--json", status=status).stdout)


def _names(plan, outcome):
    return [p["name"] for p in plan["phones"][outcome]["phones"]]


def _everything_anew(l, times):
    for _ in range(times):
        l.cli("cert", "regenerate", *ALL)


def _go_back(l, backup):
    """The cluster of a backup takes the place of this one."""
    l.stop()
    folder = os.path.join(l.dir, "restored")
    run(l.binary("sealtone"), "restore", backup, folder, env=SECRET)
    shutil.copytree(os.path.join(l.cluster, "tftpboot"), os.path.join(folder, "tftpboot"), dirs_exist_ok=True)
    l.cluster = folder
    l.start()


def _comes_back(l, name, lists):
    """Two boots for the bridge and the list, a third for quiet: nobody has to touch it."""
    for _ in range(3):
        out = _boot(l, name)
        expect(REFUSED not in out and "verify SUCCESS" in out, out)
    for kind in lists:
        equal(held(l, kind, name), _published(l, kind), f"{kind} in the end")
    expect(b"<late/>" in held(l, f"{name}.cnf.xml", name), "the configuration in the end")


# --- away ---

def a_phone_that_is_off_through_five_regenerations_of_everything_a_rename_and_a_restore_comes_back(l):
    l.up()
    _add(l, AWAY)
    _boot(l)
    first = held(l, ITL)
    _everything_anew(l, 3)
    l.cli("node", "set", "--host", "elsewhere.example.org")
    _everything_anew(l, 2)
    backup = os.path.join(l.dir, "backup")
    run(l.binary("sealtone"), "--dir", l.cluster, "backup", backup, env=SECRET)
    l.cli("cert", "regenerate", "web", "callmanager")  # which the restore undoes
    _go_back(l, backup)
    l.config(AWAY, extra="<late/>")
    equal(_names(_plan(l, "cert", "regenerate", "web", status=0), "retired-key"), [AWAY], "what is said of it beforehand")
    equal(held(l, ITL), first, "it was off")
    _comes_back(l, AWAY, [ITL])


def _in_mixed_mode_it_comes_back_with_both_lists(l):
    l.up()
    _add(l, AWAY)
    l.cli("ctl", "set-cluster", "mixed-mode")
    _boot(l)
    expect(held(l, CTL), "it holds a CTL")
    _everything_anew(l, 2)
    l.cli("node", "set", "--host", "elsewhere.example.org", "--with-itlrecovery")
    backup = os.path.join(l.dir, "backup")
    run(l.binary("sealtone"), "--dir", l.cluster, "backup", backup, env=SECRET)
    _everything_anew(l, 1)
    _go_back(l, backup)
    l.config(AWAY, extra="<late/>")
    _comes_back(l, AWAY, [ITL, CTL])


# --- forced changes ---

def _is_lost(l, name):
    """Neither list nor configuration is taken; a 7965 fetches signed files."""
    out = _boot(l, name, "7965")
    return REFUSED in out and bool(re.search(rf"{name}\.cnf\.xml\.sgn rejected", out))


def _forced(l, command, before=(), bridges="yes"):
    """Who is named as lost is refused, then forced, and is lost; who is not named is not."""
    l.have()
    l.set_conf("trust", "bridges", bridges)
    l.start()
    _add(l, AWAY, AWAKE, model="7965")
    _boot(l, AWAY, "7965")
    for words in before:
        l.cli(*words)
    _boot(l, AWAKE, "7965")
    plan = _plan(l, *command, status=3)
    lost = _names(plan, "lost")
    expect(AWAY in lost and plan["cut_off"] == len(lost), plan)
    l.fails(*command, says=[f"{len(lost)} phone{'s' if len(lost) > 1 else ''} would be cut off", "--force"])
    l.cli(*command, "--force", l.json("status")["cluster"])
    equal([name for name in (AWAY, AWAKE) if _is_lost(l, name)], lost, f"who is lost by {' '.join(command)}")


def _what_is_regenerated_at_once_loses_the_phones_that_were_named(l):
    _forced(l, ("cert", "regenerate", "itlrecovery", "callmanager", "tvs"), bridges="no")


def keys_that_are_given_up_lose_the_phones_that_were_named(l):
    _forced(l, ("cert", "purge"), before=[("cert", "regenerate", *ALL)])


def _a_compromised_key_loses_the_phones_that_were_named(l):
    _forced(l, ("cert", "regenerate", "itlrecovery", "callmanager", "--compromised"), before=[("cert", "regenerate", "tvs", "--compromised")])


def _a_rename_with_the_signer_loses_them(l):
    _forced(l, ("node", "set", "--host", "elsewhere.example.org", "--with-itlrecovery"), bridges="no")


def _what_was_announced_and_counts_too_early_loses_them(l):
    _forced(l, ("cert", "activate"), before=[("cert", "regenerate", "itlrecovery", "callmanager", "tvs", "--staged")], bridges="no")


def _a_reset_by_a_key_that_they_do_not_know_loses_them(l):
    _forced(l, ("itl", "reset", "localkey"), before=[("cert", "regenerate", "tvs"), ("cert", "regenerate", "callmanager")], bridges="no")


def _another_generation_loses_them(l):
    _forced(l, ("generation", "set", "G10"), before=[("cert", "regenerate", "tvs"), ("cert", "regenerate", "callmanager")], bridges="no")


def _an_earlier_list_loses_those_who_hold_the_newest(l):
    l.have()
    l.set_conf("trust", "bridges", "no")
    l.start()
    l.cli("cert", "regenerate", *ALL)
    _add(l, AWAY, model="7965")
    _boot(l, AWAY, "7965")
    plan = _plan(l, "itl", "revert", "1", status=3)
    equal(_names(plan, "lost"), [AWAY], "who is named")
    l.fails("itl", "revert", "1", says=["1 phone would be cut off"])
    l.cli("itl", "revert", "1", "--force", l.json("status")["cluster"])
    expect(_is_lost(l, AWAY), "it is lost")


LONG = (_in_mixed_mode_it_comes_back_with_both_lists, _what_is_regenerated_at_once_loses_the_phones_that_were_named,
        _a_compromised_key_loses_the_phones_that_were_named, _a_rename_with_the_signer_loses_them,
        _what_was_announced_and_counts_too_early_loses_them, _a_reset_by_a_key_that_they_do_not_know_loses_them,
        _another_generation_loses_them, _an_earlier_list_loses_those_who_hold_the_newest)
if os.environ.get("SEALTONE_LONG"):
    globals().update({test.__name__[1:]: test for test in LONG})

if __name__ == "__main__":
    lab.main(globals())
