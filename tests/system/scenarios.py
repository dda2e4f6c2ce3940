"""A cell of the scenario matrix (tests/vectors/scenarios) for real: a cluster, a phone in its state, what is forecast, the event, a boot.

The first node of a row is the cluster of the test. The second one is a copy of it that runs as well, with TVS and CallManager keys of its
own: another process, as another machine would be. What nodes of one cluster share in their database is copied by hand.
"""
import contextlib
import csv
import glob
import json
import os
import re
import shutil
import socket
import sqlite3
import time

import lab
from between import Between
from handset import CTL, ITL, NAME, held, hold
from lab import TVS, VECTORS, equal, expect, run
from tlsserver import TlsServer, make_certificate

SECOND = "127.0.0.2"
SECRET = {"SEALTONE_PASSPHRASE": "correct horse battery staple"}
PURPOSES = {"cm1": "callmanager", "tvs1": "tvs", "rec": "itlrecovery", "capf": "capf", "web": "web", "ec": "callmanager-ec"}
HOW = {"rejected": "rejected", "accepted on faith": "blind", "accepted by the CTL": "record", "accepted by the ITL": "record",
       "accepted by TVS": "tvs", "accepted by an earlier answer of TVS": "tvs"}
MODEL = "7965"  # as in the reference: signed files over TFTP and HTTP, none over HTTPS
SAST, CCM_TFTP, CAPF = 0, 2, 4
OWN_ITL, OWN_CTL, CONFIG = f"ITL{NAME}.tlv", f"CTL{NAME}.tlv", f"{NAME}.cnf.xml.sgn"


def rows():
    """Each row for each of its generations."""
    with open(os.path.join(VECTORS, "scenarios", "matrix.csv"), encoding="utf-8") as f:
        lines = [line for line in f if line.strip() and not line.startswith(("#", "- "))]
    for row in csv.DictReader(lines):
        for generation in row["generations"].split():
            yield {**row, "generation": generation, "servers": int(row["servers"]), "changed": row["changed"].split(),
                   "circumstances": row["circumstances"].split()}


def title(row):
    return f"{row['id']} {row['generation']}: {' '.join(row['changed'] + row['circumstances']) or 'nothing'}"


# --- the nodes ---

def _beside(stack):
    """Another lab of the same test, ended with it."""
    other = lab.Lab()
    stack.callback(other.close)
    return other


def _cert(l, purpose):
    node, = [n["name"] for n in l.json("node", "list") if n["publisher"]]
    return l.cli("cert", "export", purpose, "--node", node).stdout


def _pem(l, name, purpose):
    return l.file(name, _cert(l, purpose))


def _der(l, purpose):
    return run("openssl", "x509", "-outform", "DER", input=_cert(l, purpose).encode(), text=False).stdout


def _copy_of(stack, l):
    """The second node, running; the first one is not. It has the same ports at another address."""
    other = _beside(stack)
    other.base, other.address = l.base, SECOND
    shutil.copytree(l.cluster, other.cluster)
    for one in (l, other):
        one.set_conf("network", "listen", one.address)
    other.start()
    other.cli("node", "set", "--address", other.address)  # TVS and CallManager get new keys by that
    return other


def _share(l, second, purposes):
    """The first node's database knows the certificates of the second one. It does not run."""
    with contextlib.closing(sqlite3.connect(os.path.join(l.cluster, "sealtone.db"))) as db:
        db.execute("INSERT OR IGNORE INTO nodes (name, addresses, publisher, tftp, tvs, callmanager, capf) "
                   "VALUES ('two.example.test', ?, 0, 0, 1, 0, 0)", (SECOND,))
        node, = db.execute("SELECT id FROM nodes WHERE publisher = 0").fetchone()
        for purpose in purposes:
            now = int(time.time())
            db.execute("UPDATE certificates SET active = 0, retired = ? WHERE node = ? AND purpose = ? AND active = 1", (now, node, purpose))
            db.execute("INSERT INTO certificates (node, purpose, der, active, made) VALUES (?, ?, ?, 1, ?)",
                       (node, purpose, _der(second, purpose), now))
        db.commit()


def _know(l, other):
    """TVS of l speaks for the signers of other."""
    for purpose in ("callmanager", "itlrecovery"):
        path = _pem(other, f"signer-{purpose}.pem", purpose)
        for store in ("phone-sast-trust", "callmanager-trust"):
            done = l.cli("trust", "add", store, path, status=None)
            expect(done.returncode == 0 or "already" in done.stderr, done.stderr)


class Scene:
    def __init__(self, l, row, stack):
        self.l, self.row, self.stack = l, row, stack
        self.is_so = set(row["circumstances"])
        self.second = self.between = self.foreign = self.token = None
        self.at = l  # where the phone boots
        self.first = {}  # what it holds before the event
        self.web = None

    # --- what there is before ---

    def _needs_between(self):
        """Somebody hands the phone what this cluster would not."""
        keeps_ctl = self.row["held_ctl"] != "none" and not {"ctl-updated", "moved"} & self.is_so
        return self.row["held_ctl"] == "token" or keeps_ctl or bool({"damaged", "ctl-without-recovery"} & self.is_so)

    def _has_second(self):
        return (self.row["servers"] == 2 and "moved" not in self.is_so) or "other-node" in self.is_so

    def _config(self, l, **more):
        """Which TVS servers it names is for the cluster to say: all of its nodes."""
        l.config(NAME, tvs=(l.address,), **more)

    def prepare(self):
        l = self.l
        l.have()
        l.set_conf("trust", "bridges", "no")
        if self._has_second():
            self.second = _copy_of(self.stack, l)
            _share(l, self.second, ("tvs", "callmanager"))
        l.start()
        self.web = self.stack.enter_context(TlsServer(l, "intranet"))
        for one in filter(None, (l, self.second)):
            if self.row["generation"] != "G12":
                one.cli("generation", "set", self.row["generation"])
            if "moved" not in self.is_so:
                one.cli("trust", "add", "phone-trust", self.web.certificate)
        if self.second:
            _know(self.second, l)
        self.between = self.stack.enter_context(Between(l)) if self._needs_between() else None
        self._phone()
        if "moved" in self.is_so:
            self._neighbour()

    def _phone(self):
        l = self.l
        l.cli("phone", "add", NAME, "--model", MODEL)
        self._config(l)
        if self.row["held_ctl"] == "tokenless":
            l.cli("ctl", "set-cluster", "mixed-mode")
        self._other_ctl(l)
        if "restored" in self.is_so:
            run(l.binary("sealtone"), "--dir", l.cluster, "backup", self._backup(), env=SECRET)
            self._change()
        if "emptied" in self.is_so:
            l.cli("rollback", "prepare")
        if "factory" not in self.is_so:
            self._boot()
        if "tvs-stopped" in self.is_so:
            self._stop_tvs()
        self.first = {name: held(l, name) for name in (ITL, CTL)}
        equal(bool(self.first[CTL]), self.row["held_ctl"] != "none", "it holds a CTL")
        self._await(l)

    def _await(self, l):
        """Its configuration sends it to CAPF."""
        self._config(l, capf_mode=2)
        l.cli("phone", "set", NAME, "--operation", "delete", "--auth-mode", "null-string")

    def _other_ctl(self, l):
        """A CTL that this cluster does not make: by tokens, or of 10.0, which names no ITLRecovery."""
        recovery = self.row["generation"] == "G12"
        if self.row["held_ctl"] == "token":
            if not self.token:
                key, cert = make_certificate(l, "token")
                with open(key) as a, open(cert) as b:
                    self.token = l.file("token-both.pem", a.read() + b.read())
                l.cli("trust", "add", "phone-sast-trust", cert)
            signer, signers = self.token, [self.token, make_certificate(l, "token2")[1]]
            signers += [_pem(l, "ccm.pem", "callmanager"), _pem(l, "rec.pem", "itlrecovery")] if recovery else []
        elif "ctl-without-recovery" in self.is_so:
            signer = self._with_key(l, "callmanager")
            signers = [signer]
        else:
            return
        made = os.path.join(l.dir, "made.tlv")
        run(os.path.join(lab.BUILD, "tests", "unit", "rules", "listmaker"), made, CTL, signer, *(f"{SAST}:{s}" for s in signers),
            f"{CCM_TFTP}:{_pem(l, 'ccm.pem', 'callmanager')}", f"{CAPF}:{_pem(l, 'capf.pem', 'capf')}")
        with open(made, "rb") as f:
            self.between.instead[OWN_CTL] = f.read()

    def _with_key(self, l, purpose):
        """Certificate and key of the cluster, as its folder has them."""
        cert = _cert(l, purpose)
        public = run("openssl", "x509", "-noout", "-pubkey", input=cert).stdout
        word = f"file:{os.path.join(l.cluster, 'keys.passphrase')}"
        for path in glob.glob(os.path.join(l.cluster, "keys", "*.pem")):
            key = run("openssl", "pkey", "-in", path, "-passin", word).stdout
            if run("openssl", "pkey", "-pubout", input=key).stdout == public:
                return l.file("both.pem", key + cert)
        raise lab.Failed(f"no key of {purpose} in the folder")

    def _stop_tvs(self):
        """Where the phone asks for TVS nobody listens."""
        name = f"{NAME}.cnf.xml"
        with contextlib.closing(socket.socket()) as s:
            s.bind(("127.0.0.1", 0))
            nobody = s.getsockname()[1]
        before = held(self.l, name)
        after = before.replace(f"<port>{self.l.port(TVS)}<".encode(), f"<port>{nobody}<".encode())
        expect(after != before, "the configuration that it holds names TVS")
        hold(self.l, name, after)

    # --- the event ---

    def _backup(self):
        return os.path.join(self.l.dir, "backup")

    def _regenerated(self):
        """Purposes that are made anew by command; with "node" a rename does the rest."""
        names = [PURPOSES[c] for c in self.row["changed"] if c in PURPOSES]
        return names + ["capf"] if "node" in self.row["changed"] else names

    def _command(self):
        """The event on the first node as one command; None: there is none."""
        if "restored" in self.is_so:
            return ["restore", self._backup()]
        if "moved" in self.is_so:
            lists = {option: self._handed(name, self.foreign) for option, name in (("--itl", OWN_ITL), ("--ctl", OWN_CTL))}
            return ["migrate", "--to", "foreign"] + [word for option, file in lists.items() if file
                                                      for word in (option, self.l.file(f"theirs{option}", file))]
        return self._regeneration()

    def _regeneration(self):
        if "node" in self.row["changed"]:
            return ["node", "set", "--host", "renamed.example.test"] + ["--with-itlrecovery"] * ("rec" in self.row["changed"])
        return ["cert", "regenerate", *self._regenerated()] if self._regenerated() else None

    def _change(self):
        force = ("--force", self.l.json("status")["cluster"])
        if self._regeneration():
            self.l.cli(*self._regeneration(), *force)
        if "node" in self.row["changed"]:
            self.l.cli("cert", "regenerate", "capf", *force)

    def _change_second(self):
        if self.second and "tvs2" in self.row["changed"]:
            self.second.cli("cert", "regenerate", "tvs")
            self.l.stop()
            _share(self.l, self.second, ("tvs",))
            self.l.start()

    def forecast(self):
        """What a plan says of the phone; None where no command of this cluster is the event."""
        away = {"damaged", "not-reset", "other-node", "factory", "ctl-without-recovery"}
        self._change_second()
        if "other-signer" in self.is_so:
            self.l.cli("itl", "reset", "localkey")
            if self.row["held_ctl"] == "tokenless":
                self.l.cli("ctl", "reset", "localkey")
        command = self._command()
        if self.row["held_ctl"] == "token" or away & self.is_so or not command:
            return None
        plan = run(self.l.binary("sealtone"), "--dir", self.l.cluster, "plan", *command, "--json", status=None, env=SECRET)
        p = json.loads(plan.stdout)
        return [outcome for outcome, group in p["phones"].items() if group["count"] == 1]

    def event(self):
        l = self.l
        if "restored" in self.is_so:
            self._restore()
        elif "moved" in self.is_so:
            self.at = self.foreign
        elif "damaged" in self.is_so:
            self._change()
            for name in (OWN_ITL, CONFIG):
                good = l.fetch(name)
                self.between.instead[name] = good[:-1] + bytes([good[-1] ^ 1])
        else:
            self._change()
        if "ctl-updated" in self.is_so:
            self._other_ctl(l)
        elif self.between and self.row["held_ctl"] == "tokenless":
            self.between.instead[OWN_CTL] = self.first[CTL]
        if self.second:
            _know(self.second, l)
        if "emptied" in self.is_so and "moved" not in self.is_so:
            l.cli("rollback", "end")
        if "other-node" in self.is_so:
            self.at = self.second
            self.second.cli("phone", "add", NAME, "--model", MODEL)
            self._await(self.second)

    def _restore(self):
        l = self.l
        l.stop()
        folder = os.path.join(l.dir, "restored")
        run(l.binary("sealtone"), "restore", self._backup(), folder, env=SECRET)
        shutil.copytree(os.path.join(l.cluster, "tftpboot"), os.path.join(folder, "tftpboot"), dirs_exist_ok=True)
        l.cluster = folder
        l.start()
        l.cli("phone", "set", NAME, "--operation", "delete", "--auth-mode", "null-string")

    def _neighbour(self):
        """The cluster that the phone is going to, prepared for it."""
        self.foreign = other = _beside(self.stack)
        other.up("--cluster", "foreign")
        if self.row["generation"] != "G12":
            other.cli("generation", "set", self.row["generation"])
        if "ctl-updated" in self.is_so:
            other.cli("ctl", "set-cluster", "mixed-mode")
        other.cli("trust", "add", "phone-trust", self.web.certificate)
        other.cli("phone", "add", NAME, "--model", MODEL)
        self._await(other)
        for circumstance, purposes in (("prepared", ("callmanager", "itlrecovery")), ("prepared-callmanager", ("callmanager",))):
            for purpose in purposes if circumstance in self.is_so else ():
                self.l.cli("trust", "add", "phone-sast-trust", _pem(other, f"their-{purpose}.pem", purpose))

    # --- what is said of it afterwards ---

    def _handed(self, name, at):
        """A list as the phone will find it there; None: there is none."""
        if at is self.l and self.between and name in self.between.instead:
            return self.between.instead[name]
        out = os.path.join(self.l.dir, "handed")
        got = run("curl", "-s", "-o", out, f"tftp://{at.address}:{at.port(lab.TFTP)}/{name}", status=None)
        if got.returncode != 0:
            return None
        with open(out, "rb") as f:
            return f.read()

    def explained(self):
        """How explain says that CTL and ITL will be taken, by the cluster that the phone belongs to."""
        said, holds = {}, dict(self.first)
        for name, kind in ((OWN_CTL, CTL), (OWN_ITL, ITL)):
            handed = self._handed(name, self.at)
            if not handed:
                said[kind] = "none"
                continue
            given = [word for option, k in (("--ctl", CTL), ("--itl", ITL)) if holds[k]
                     for word in (option, self.l.file(f"holds-{k}", holds[k]))]
            got = self.l.cli("explain", NAME, self.l.file(f"new-{kind}", handed), *given, "--json", status=None)
            said[kind] = json.loads(got.stdout)["cases"][-1]["how"]
            if said[kind] != "rejected":
                holds[kind] = handed
        return said[CTL], said[ITL]

    # --- the phone ---

    def _boot(self):
        port = self.between.port if self.between and self.at is self.l else self.at.base
        return self.l.phone(NAME, "--model", MODEL, "--retry-seconds", "0", "boot", server=self.at.address, port=port, status=None).stdout

    def boot(self):
        """How CTL, ITL, configuration, a secure URL and CAPF are taken."""
        if "old-gone" in self.is_so:
            self.l.stop()
        out = self._boot() if "not-reset" not in self.is_so else ""
        https = self.l.phone(NAME, "--model", MODEL, "verify-https", f"127.0.0.1:{self.web.port}", port=self.at.base, status=None)
        expect((https.returncode == 0) == ("Authenticated the HTTPS conn via TVS" in https.stdout), https.stdout)
        capf = "none" if "CAPF_CLNT_INIT" not in out else "rejected" if "LSC: Connection failed" in out else "record"
        return tuple(_how(out, name) for name in ("CTLFile.tlv", "ITLFile.tlv", f"{NAME}.cnf.xml")) + ("tvs" if https.returncode == 0
                                                                                                   else "rejected", capf), out


def _how(out, name):
    said = re.findall(rf"{re.escape(name)}(?:\.sgn)? ({'|'.join(HOW)})", out)
    return HOW[said[-1]] if said else "none"


def _outcomes(row):
    """What a plan may say of such a boot."""
    if "tvs-stopped" in row["circumstances"]:
        return ("tvs",)  # which must be reachable: the plan says so
    if "rejected" in (row["ctl"], row["itl"]):
        return ("lost",)
    return ("tvs",) if "tvs" in (row["ctl"], row["itl"]) else ("keeps", "ctl")


def play(l, row):
    with contextlib.ExitStack() as stack:
        s = Scene(l, row, stack)
        s.prepare()
        forecast = s.forecast()
        s.event()
        if forecast is not None:
            expect(len(forecast) == 1 and forecast[0] in _outcomes(row), f"the plan says {forecast}, expected {_outcomes(row)}")
        elif "not-reset" not in s.is_so:
            equal(s.explained(), (row["ctl"], row["itl"]), "what explain says of CTL and ITL")
        got, out = s.boot()
        # A phone that refuses its configuration hears of no operation, and is not asked to call CAPF when it is not reset.
        capf = row["capf"] if row["config"] not in ("rejected", "none") else "none"
        want = (row["ctl"], row["itl"], row["config"], row["https"], capf)
        expect(got == want, f"CTL, ITL, configuration, URL and CAPF: {got}, expected {want}\n{out}")
        equal("yes" if got[1] == got[2] == "rejected" else "no", row["lost"], "lost")
