#!/usr/bin/env python3
"""Benchmarks of the whole daemon, as ratios measured in one run against the peers people use and against what this machine
allows at all. Server and peers on core 0, load on core 1, alternating; medians. Single figures move by a third on a busy
machine: read the ratios.

usage: run.py [--quick] BUILD [tvs] [capf] [tftp] [firmware] [http] [signing] [memory] [plan]
--quick: one round, and a tenth of the configurations and records.
"""
import importlib
import os
import sys

BENCHES = {"tvs": "tvs", "capf": "capf", "tftp": "tftp", "firmware": "tftp", "http": "httpfiles", "signing": "signing",
           "memory": "memory", "plan": "plan"}  # where bench_NAME is


def main():
    args = sys.argv[1:]
    quick = "--quick" in args
    build, *wanted = [a for a in args if a != "--quick"]
    os.environ.setdefault("SEALTONE_BUILD", os.path.abspath(build))
    common = importlib.import_module("common")  # which reads SEALTONE_BUILD
    if quick:
        common.rounds, common.share = 1, 10
    for name in wanted or BENCHES:
        getattr(importlib.import_module(BENCHES[name]), f"bench_{name}")()


if __name__ == "__main__":
    main()
