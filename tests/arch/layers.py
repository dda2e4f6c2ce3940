#!/usr/bin/env python3
"""Who may include whom: the table of doc/architecture.md, checked against every #include.

usage: layers.py SOURCE_ROOT
"""
import os
import re
import sys

# folder: (folders of ours it may include, foreign headers it may include; a pattern each)
OPENSSL, LIBEVENT, JANSSON = r"openssl/", r"event2/", r"jansson\.h"
LAYERS = {
    "base": ("base", []),
    "wire": ("base wire", []),
    "pki": ("base pki", [OPENSSL]),
    "rules": ("base wire pki rules", []),
    "talk": ("base wire talk", []),
    "store": ("base wire pki rules store", []),
    "chan": ("base chan", [LIBEVENT]),
    "files": ("base files", [LIBEVENT]),
    "keys": ("base wire pki rules chan files keys", [OPENSSL]),
    "net": ("base wire talk chan net", [LIBEVENT, r"uthash\.h"]),
    "cluster": ("base wire pki rules store files keys cluster", []),
    "daemon": ("base wire pki rules talk store chan files keys net cluster daemon", [LIBEVENT, JANSSON, r"uthash\.h"]),
    "admin": ("base wire pki rules talk store files keys net cluster admin", [JANSSON, r"curl/"]),
    "phone": ("base wire pki rules talk chan files net phone", [JANSSON]),
}
# The one file that may know a library its folder may not.
ONLY = {
    "rules/phonecfg_xml.c": [r"libxml/"],
    "rules/phonecfg_build.c": [r"libxml/"],
    "rules/phonecfg_edit.c": [r"libxml/"],
    "rules/phonecfg_files.c": [r"libxml/"],
    "rules/phonecfg_fill.c": [r"libxml/"],
    "cluster/forecast_json.c": [JANSSON],
    "cluster/forecast_json.h": [JANSSON],
    "cluster/handouts.c": [r"uthash\.h"],
    "cluster/handouts_internal.h": [r"uthash\.h"],
    "rules/phonecfg_moulds.c": [r"uthash\.h"],
    "cluster/conf.c": [r"ini\.h"],
    "files/capture.c": [r"pcap/"],
    "keys/signer_p11.c": [r"libp11\.h"],
    "net/cmp_client.c": [OPENSSL],
    "net/tlspump.c": [OPENSSL],
    "net/tlsdial.c": [OPENSSL],
}
FOLDERS = {
    **{name: f"src/lib/{name}" for name in ("base", "wire", "pki", "rules", "talk")},
    **{name: f"src/io/{name}" for name in ("store", "chan", "files", "keys", "net")},
    **{name: f"src/{name}" for name in ("cluster", "daemon", "admin", "phone")},
}
FOREIGN = [OPENSSL, LIBEVENT, JANSSON, r"curl/", r"libxml/", r"pcap/", r"sqlite3\.h", r"ini\.h", r"uthash\.h", r"libpq", r"libp11\.h"]


def foreign_allowed(folder, name, header):
    if header == "sqlite3.h":
        return folder == "store" and name.startswith(("store_sqlite", "query."))
    allowed = LAYERS[folder][1] + ONLY.get(f"{folder}/{name}", [])
    return any(re.match(p, header) for p in allowed)


def check_file(folder, name, text):
    faults = []
    mine = set(LAYERS[folder][0].split())
    for header in re.findall(r'^#include "([^"]+)"', text, re.M):
        target = header.split("/")[0]
        if "/" not in header:
            faults.append(f'includes "{header}" without its folder')
        elif target not in LAYERS:
            continue
        elif target not in mine:
            faults.append(f'includes "{header}": {folder} stands below or beside {target}')
    for header in re.findall(r"^#include <([^>]+)>", text, re.M):
        if any(re.match(p, header) for p in FOREIGN) and not foreign_allowed(folder, name, header):
            faults.append(f"includes <{header}>, which this file may not know")
    return faults


def main():
    root = sys.argv[1]
    number = failed = 0
    for folder, path in FOLDERS.items():
        faults = []
        for name in sorted(os.listdir(os.path.join(root, path))):
            if name.endswith((".c", ".h")):
                with open(os.path.join(root, path, name)) as f:
                    faults += [f"{path}/{name} {x}" for x in check_file(folder, name, f.read())]
        number += 1
        print(f"{'not ok' if faults else 'ok'} {number} - {folder} includes only what is below it")
        for fault in faults:
            print(f"# {fault}")
        failed += bool(faults)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
