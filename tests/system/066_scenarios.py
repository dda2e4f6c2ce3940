#!/usr/bin/env python3
"""The scenario matrix with real boots against real daemons, after the event really happened: a sample, or with SEALTONE_LONG
all cells."""
import os

import lab
import scenarios


def _test(row):
    return lambda l: scenarios.play(l, row)


def _add_tests(names):
    for row in scenarios.rows():
        if row["sample"] or os.environ.get("SEALTONE_LONG"):
            test = _test(row)
            test.__module__ = "__main__"
            names[scenarios.title(row)] = test


_add_tests(globals())

if __name__ == "__main__":
    lab.main(globals())
