#!/usr/bin/env python3
"""Resets that follow a change: announced keys, bridges that take a second boot, and phones that stay away."""
import json
import os
import stat

import lab
from handset import ITL, held, known
from lab import equal, expect, wait_for

NAMES = [f"SEP0011223344{n:02X}" for n in range(2)]


def _up(l):
    """Phones that hold the list, and a hook that boots one unless there is a file "away" with its name."""
    path = l.file("hook", f"#!/bin/sh\nsleep 1.1\ngrep -qs $1 {l.dir}/away && exit 0\n"
                          f"exec {l.binary('sealtone-phone')} --server {l.address} --base-port $(cat {l.dir}/base) --name $1"
                          f" --state {l.state('$1')} boot >/dev/null\n")
    os.chmod(path, stat.S_IRWXU)
    l.have()
    l.file("base", str(l.base))
    l.set_conf("reset", "hook", path)
    l.start()
    for name in NAMES:
        known(l, name)
        l.phone(name, "boot")


def _jobs(l, count):
    """So many jobs are done; the oldest first."""
    def there():
        jobs = l.json("reset", "show")
        return jobs if len(jobs) == count and all(j["state"] == "done" for j in jobs) else None
    try:
        return wait_for(f"{count} jobs", there, seconds=30)[::-1]
    except lab.Failed as fault:
        raise lab.Failed(f"{fault}: {l.json('reset', 'show')}") from None


def _published(l):
    l.cli("serve-lists", "all")
    return l.fetch(ITL)


def announced_keys_count_after_one_reset_in_waves(l):
    _up(l)
    plan = json.loads(l.cli("plan", "cert", "regenerate", "callmanager", "tvs", "--staged", "--reset", "--wave", "1", "--json").stdout)
    equal(plan["resets"], {"phones": 2, "waves": 2, "first_wave": 1, "again": 0, "again_waves": 0, "resets": 2, "hook": True})
    equal(l.json("reset", "show"), [], "a plan resets nobody")
    before = l.json("cert", "show", "callmanager")["serial"]
    out = l.cli("cert", "regenerate", "callmanager", "tvs", "--staged", "--reset", "--wave", "2").stdout
    expect("reset job 1: 2 phones in 2 waves, 1 of them first" in out, out)
    wait_for("the change", lambda: l.json("cert", "show", "callmanager")["serial"] != before, seconds=30)
    equal([j["back"] for j in _jobs(l, 1)], [2], "nobody was reset again")
    for name in NAMES:
        out = l.phone(name, "boot").stdout
        expect("Trust List Update Failed" not in out and "Attempting connect to TVS" not in out, out)


def phones_that_take_a_bridge_are_reset_once_more(l):
    _up(l)
    for purpose in ("itlrecovery", "tvs", "callmanager"):
        l.cli("cert", "regenerate", purpose)
    for _ in range(2):  # this one did not sleep through it
        l.phone(NAMES[0], "boot")
    out = l.cli("plan", "cert", "regenerate", "capf", "--reset", "--wave", "0").stdout
    expect("Resets: 2 phones in 2 waves, 1 of them first; then 1, which take a bridge, once more in 1 waves: 3 resets" in out, out)
    l.cli("cert", "regenerate", "capf", "--reset", "--wave", "0", "--canary", "0")
    jobs = _jobs(l, 2)
    equal([(j["back"], j["again"], j["filter"]) for j in jobs], [(2, 1, "all"), (1, 0, "once more after job 1")])
    current = _published(l)
    equal([held(l, ITL, name) == current for name in NAMES], [True] * 2, "phones with the current list")


def canaries_that_stay_away_stop_it_and_the_key_does_not_count(l):
    _up(l)
    l.file("away", "\n".join(NAMES))
    before = l.json("cert", "show", "tvs")["serial"]
    l.cli("cert", "regenerate", "tvs", "--staged", "--reset", "--wait", "1s")
    wait_for("the stop", lambda: l.json("reset", "show")[0]["state"] == "stopped")
    job = l.json("reset", "show", "1")
    equal((job["missing"], job["waiting"]), (1, 1), "phones")
    state = l.json("cert", "staged")
    equal((state["known"], state["missing"]), (0, 2), "who knows the key")
    equal(l.json("cert", "show", "tvs")["serial"], before)


def what_cannot_be_reset_is_said_before_anything_changes(l):
    l.up()
    before = l.json("cert", "show", "tvs")["serial"]
    l.fails("cert", "regenerate", "tvs", "--canary", "5", status=2, says=["go with --reset"])
    l.fails("cert", "regenerate", "tvs", "--reset", "--canary", "101", status=2, says=["0 to 100"])
    l.fails("cert", "list", "--reset", status=2)
    equal(l.json("cert", "show", "tvs")["serial"], before)
    out = l.cli("cert", "regenerate", "tvs", "--reset").stdout
    expect("There is no phone to be reset." in out, out)


if __name__ == "__main__":
    lab.main(globals())
