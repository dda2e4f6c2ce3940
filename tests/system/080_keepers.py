#!/usr/bin/env python3
"""Keepers: processes that hold the keys which sign files."""
import os
import signal

import lab
from lab import equal, expect, wait_for


def _children(l, role):
    """Process ids of the daemon's children of a role."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as f:
                parent = f.read().rsplit(")", 1)[1].split()[1]
            with open(f"/proc/{entry}/cmdline") as f:
                words = f.read().split("\0")
        except (OSError, IndexError):
            continue
        if parent == str(l.daemon.pid) and f"--role={role}" in words:
            found.append(int(entry))
    return sorted(found)


def there_are_as_many_keepers_as_the_setting_says_and_they_give_way(l):
    l.have()
    l.set_conf("keys", "keepers", 3)
    l.start()
    keepers = _children(l, "keeper")
    equal(len(keepers), 3, "keepers")
    for pid in keepers:
        equal(os.getpriority(os.PRIO_PROCESS, pid), 5, "niceness")
        with open(f"/proc/{pid}/status") as f:
            expect("NoNewPrivs:\t1" in f.read(), "a keeper may get new privileges")
    l.stop()


def a_keeper_that_ends_comes_again(l):
    l.have()
    l.set_conf("keys", "keepers", 2)
    l.start()
    before = _children(l, "keeper")
    core = _children(l, "core")
    os.kill(before[0], signal.SIGKILL)
    after = wait_for("another keeper", lambda: (now := _children(l, "keeper")) and len(now) == 2 and now != before and now)
    expect(before[1] in after, "the other keeper ended too")
    equal(_children(l, "core"), core, "core")
    l.stop()


def keepers_end_with_core_and_come_again_with_it(l):
    l.have()
    l.set_conf("keys", "keepers", 2)
    l.start()
    before = _children(l, "keeper")
    core = _children(l, "core")
    os.kill(core[0], signal.SIGKILL)
    wait_for("all again", lambda: len(now := _children(l, "keeper")) == 2 and not set(now) & set(before)
             and len(_children(l, "core")) == 1 and len(_children(l, "front")) > 0)
    l.stop()


if __name__ == "__main__":
    lab.main(globals())
