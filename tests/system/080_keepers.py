#!/usr/bin/env python3
"""Keepers: processes that hold the keys which sign files."""
import os
import signal

import lab
from lab import equal, expect, wait_for


def there_are_as_many_keepers_as_the_setting_says_and_they_give_way(l):
    l.have()
    l.set_conf("keys", "keepers", 3)
    l.start()
    keepers = l.children("keeper")
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
    before = l.children("keeper")
    core = l.children("core")
    os.kill(before[0], signal.SIGKILL)
    after = wait_for("another keeper", lambda: (now := l.children("keeper")) and len(now) == 2 and now != before and now)
    expect(before[1] in after, "the other keeper ended too")
    equal(l.children("core"), core, "core")
    l.stop()


def keepers_end_with_core_and_come_again_with_it(l):
    l.have()
    l.set_conf("keys", "keepers", 2)
    l.start()
    before = l.children("keeper")
    core = l.children("core")
    os.kill(core[0], signal.SIGKILL)
    wait_for("all again", lambda: len(now := l.children("keeper")) == 2 and not set(now) & set(before)
             and len(l.children("core")) == 1 and len(l.children("front")) > 0)
    l.stop()


if __name__ == "__main__":
    lab.main(globals())
