"""Phones move between two clusters: what each must know of the other first, and what happens without."""
import os
import shutil

import lab
from handset import with_foreign
from lab import VECTORS, equal, expect, run

KEYS = os.path.join(VECTORS, "keys")
TYPES = "CAPF CallManager CallManager-ECDSA ITLRecovery TVS tomcat".split()
SIGNERS = "CallManager", "ITLRecovery"


def _trusted(l, store):
    return sorted(c["sha256"] for c in l.json("trust", "list", store))


def _own(l, purpose):
    return l.json("cert", "show", purpose)["sha256"]


# --- certificates in bundles ---

@with_foreign
def two_clusters_export_one_consolidates_and_both_import_so_that_each_vouches_for_the_other(l, foreign):
    l.up()
    shared = os.path.join(l.dir, "sftp")
    for one in (l, foreign):
        rows = one.json("migrate", "export", shared)
        equal(sorted(r["type"] for r in rows), TYPES, "types")
        foreign_before = os.listdir(shared)
        if one is l:  # both servers have one name here
            for name in foreign_before:
                os.rename(os.path.join(shared, name), os.path.join(shared, name.replace("pub", "sub")))
    run(l.binary("sealtone"), "migrate", "consolidate", shared)
    for one in (l, foreign):
        other = foreign if one is l else l
        both = [os.path.join(shared, f"{t}_consolidated.p12") for t in TYPES]
        rows = sum((one.json("migrate", "import", path) for path in both), [])
        equal(sorted(r["outcome"] for r in rows), ["already"] * len(TYPES) + ["taken"] * len(TYPES), "outcomes")
        for store in ("phone-sast-trust", "callmanager-trust"):
            expect({_own(other, "callmanager"), _own(other, "itlrecovery")} <= set(_trusted(one, store)), store)
            expect(_own(other, "capf") not in _trusted(one, store), f"the other's CAPF is in {store}")
        equal(len(_trusted(one, "phone-sast-trust")), 2, "certificates in phone-sast-trust")
        expect(_own(other, "capf") in _trusted(one, "capf-trust"), "the other's CAPF is not in capf-trust")
    run("openssl", "pkcs12", "-in", both[1], "-passin", "pass:", "-nokeys")  # any program reads it


def a_file_for_all_types_and_unified_cms_own_pem_files_are_taken_and_bad_ones_named(l):
    l.up()
    one = os.path.join(l.dir, "all.p12")
    l.cli("migrate", "export", one)
    equal({r["outcome"] for r in l.json("migrate", "import", one)}, {"already"}, "our own certificates")
    folder = os.path.join(l.dir, "by-hand")
    os.mkdir(folder)
    for name, key in (("CallManager.pem", "cucm-a-callmanager"), ("pub-ITLRecovery.pem", "cucm-a-itlrecovery"),
                      ("CAPF.cer", "cucm-a-capf"), ("ITLRecovery-CA.pem", "corpca"), ("something.pem", "tvs")):
        run("openssl", "x509", "-in", os.path.join(KEYS, key + ".pem"), "-out", os.path.join(folder, name))
    shutil.copy(os.path.join(VECTORS, "bulk", "legacy.p12"), os.path.join(folder, "CallManager_old.p12"))
    with open(os.path.join(folder, "TVS.pem"), "w") as f:
        f.write("nothing")
    before = l.json("trust", "list")
    for options in (["--dry-run"], []):
        done = l.cli("migrate", "import", folder, *options, status=1)
        for part in ("4 of 7 certificates were not taken",):
            expect(part in done.stderr, done.stderr)
        for part in ("is a CA's", "has a passphrase, which is needed", "begin it with CallManager", "no PEM certificate"):
            expect(part in done.stdout, f"{part!r} is not in {done.stdout}")
        equal(l.json("trust", "list") == before, bool(options), "nothing changed")
    equal(len(_trusted(l, "phone-sast-trust")), 2, "signers taken")
    word = l.file("word", "cisco\n")
    rows = l.json("migrate", "import", os.path.join(folder, "CallManager_old.p12"), "--passphrase-file", word)
    equal([r["outcome"] for r in rows], ["already"], "the same certificate in a bundle with an old cipher")
    rows = l.json("migrate", "import", os.path.join(folder, "something.pem"), "--type", "TVS")
    equal([r["stores"] for r in rows], [["tvs-trust"]], "where a certificate with a given type went")
    l.fails("migrate", "consolidate", folder, says=["CallManager_old.p12", "passphrase"])
    l.fails("migrate", "import", os.path.join(l.dir, "nowhere"), says=["nowhere"])
    l.cli("migrate", "import", folder, "--type", "SAST", status=2)


if __name__ == "__main__":
    lab.main(globals())
