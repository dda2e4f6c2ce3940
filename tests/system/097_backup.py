"""Backup and restore: a cluster in one encrypted file, made again elsewhere, with phones that do not notice."""
import glob
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess

import lab
from handset import ITL, NAME, enrolling, held
from lab import Skipped, equal, expect, run

SECRET = {"SEALTONE_PASSPHRASE": "correct horse battery staple"}
HEADER, CHUNK, TAG = 68, 64 * 1024, 16
KILLS = 12


def _backup(l, *args, file="backup", status=0, env=None, cluster=None):
    return run(l.binary("sealtone"), "--dir", cluster or l.cluster, "backup", os.path.join(l.dir, file), *args, status=status,
               env=SECRET if env is None else env)


def _restore(l, *args, into="restored", file="backup", status=0, env=None):
    return run(l.binary("sealtone"), "restore", os.path.join(l.dir, file), os.path.join(l.dir, into), *args, status=status,
               env=SECRET if env is None else env)


def _refused(l, says, **kw):
    """One line that says this, and nothing where the cluster was to be."""
    done = _restore(l, status=1, into="refused", **kw)
    equal((done.stdout, done.stderr.count("\n")), ("", 1), f"output: {done.stderr!r}")
    expect(says in done.stderr, f"expected {says!r} in {done.stderr!r}")
    equal(glob.glob(os.path.join(l.dir, "refused*")), [], "what is left")


def _move(l, into="restored"):
    """From now on the restored folder is the cluster's."""
    l.stop()
    shutil.copytree(os.path.join(l.cluster, "tftpboot"), os.path.join(l.dir, into, "tftpboot"), dirs_exist_ok=True)
    l.cluster = os.path.join(l.dir, into)
    l.start()


def _sealed(content, secret=SECRET["SEALTONE_PASSPHRASE"]):
    """The form of doc/decisions/0015, written down once more."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as why:
        raise Skipped("no python3-cryptography") from why
    salt = os.urandom(32)
    key = hashlib.scrypt(secret.encode(), salt=salt, n=1 << 10, r=8, p=1, dklen=48)
    header = b"SEALTONE" + struct.pack(">HHQ", 1, 10, len(content)) + salt + key[32:]
    parts = [content[i:i + CHUNK] for i in range(0, len(content), CHUNK)]
    return header + b"".join(AESGCM(key[:32]).encrypt(struct.pack(">IQ", 0, i), p, header + struct.pack(">QB", i, i + 1 == len(parts)))
                             for i, p in enumerate(parts))


def _opened(data, secret=SECRET["SEALTONE_PASSPHRASE"]):
    """The files of a backup by name, by the same description."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as why:
        raise Skipped("no python3-cryptography") from why
    header, cost, size = data[:HEADER], data[11], struct.unpack(">Q", data[12:20])[0]
    key = hashlib.scrypt(secret.encode(), salt=data[20:52], n=1 << cost, r=8, p=1, maxmem=1 << 28, dklen=48)
    parts = [data[i:i + CHUNK + TAG] for i in range(HEADER, len(data), CHUNK + TAG)]
    content = b"".join(AESGCM(key[:32]).decrypt(struct.pack(">IQ", 0, i), p, header + struct.pack(">QB", i, i + 1 == len(parts)))
                       for i, p in enumerate(parts))
    equal(len(content), size, "size in the header")
    at = 4 + 8
    at += 2 + struct.unpack_from(">H", content, at)[0]
    count, = struct.unpack_from(">H", content, at)
    at += 2
    files, sizes = {}, []
    for _ in range(count):
        n, = struct.unpack_from(">H", content, at)
        sizes.append((content[at + 2:at + 2 + n].decode(), struct.unpack_from(">Q", content, at + 2 + n)[0]))
        at += 2 + n + 8
    for name, n in sizes:
        files[name] = content[at:at + n]
        at += n
    equal(at, len(content), "end of the content")
    return files


def _packed(files):
    """The content of a backup with these files."""
    index = struct.pack(">Q", 1764000000) + struct.pack(">H", 4) + b"demo" + struct.pack(">H", len(files))
    for name, text in files.items():
        index += struct.pack(">H", len(name)) + name.encode() + struct.pack(">Q", len(text))
    return struct.pack(">I", len(index)) + index + b"".join(files.values())


# --- the whole way ---

def phones_accept_the_cluster_that_was_restored_from_a_backup_made_while_they_booted(l):
    l.up()
    enrolling(l)
    phone = l.spawn(l.binary("sealtone-phone"), "--server", l.address, "--base-port", l.base, "--name", NAME, "--state",
                    l.state(NAME), "boot")
    _backup(l)
    equal(phone.wait(timeout=60), 0, "the phone that booted meanwhile")
    _backup(l)
    before = held(l, ITL)
    made = _restore(l).stdout
    expect("sealtoned --dir" in made, made)
    _move(l)
    equal(l.fetch(f"ITL{NAME}.tlv"), before, "the list of the restored cluster")
    l.phone(NAME, "boot")
    equal(held(l, ITL), before, "the list that the phone holds")
    shown = l.json("phone", "show", NAME)
    equal((shown["trust"], shown["lsc_status"]), ("current", "Installed"), "the phone, as the restored cluster knows it")
    events = [(e["event"], e["text"]) for e in l.json("log")]
    text = dict(events)["restored"]
    expect(text.startswith("from the backup of 20"), f"audit log: {text}")


def a_backup_can_be_made_and_restored_with_no_daemon(l):
    l.have()
    out = _backup(l).stdout
    expect(os.path.join(l.cluster, "tftpboot") in out, f"the provisioning folder is not in it: {out}")
    _restore(l)
    l.start()
    equal(l.json("status")["backup"]["alarm"], None, "alarm")


def a_backup_is_for_its_owner_alone_and_leaves_nothing_readable(l):
    l.have()
    _backup(l)
    path = os.path.join(l.dir, "backup")
    equal(os.stat(path).st_mode & 0o777, 0o600, "mode of the backup")
    equal(os.listdir(os.path.join(l.cluster, ".backup")), [], "what is left in the cluster's folder")
    with open(path, "rb") as f:
        data = f.read()
    for word in (b"PRIVATE KEY", b"SQLite format", b"[network]", b"pub.example.test"):
        expect(word not in data, f"{word} stands in the backup")
    _restore(l)
    for folder, _, files in os.walk(os.path.join(l.dir, "restored")):
        for name in files:
            equal(os.stat(os.path.join(folder, name)).st_mode & 0o077, 0, f"rights of others to {name}")


def a_backup_is_of_the_form_that_is_written_down(l):
    l.have()
    _backup(l)
    with open(os.path.join(l.dir, "backup"), "rb") as f:
        files = _opened(f.read())
    with open(os.path.join(l.cluster, "keys.passphrase"), "rb") as f:
        equal(files["keys.passphrase"], f.read(), "keys.passphrase")
    equal(sorted(n for n in files if n.startswith("keys/")), sorted("keys/" + n for n in os.listdir(os.path.join(l.cluster, "keys"))),
          "keys")
    l.file("backup", _sealed(_packed(files)))
    _restore(l)


def secrets_that_lie_elsewhere_are_in_the_folder_afterwards(l):
    l.have()
    elsewhere = os.path.join(l.dir, "elsewhere")
    os.rename(os.path.join(l.cluster, "keys.passphrase"), elsewhere)
    l.set_conf("keys", "key-file", elsewhere)
    _backup(l)
    os.remove(elsewhere)
    _restore(l)
    l.cluster = os.path.join(l.dir, "restored")
    l.start()


# --- what is refused ---

def without_the_passphrase_nothing_is_made_or_opened(l):
    l.have()
    done = _backup(l, status=1, env={"SEALTONE_PASSPHRASE": ""})
    expect("SEALTONE_PASSPHRASE" in done.stderr and not os.path.exists(os.path.join(l.dir, "backup")), done.stderr)
    word = l.file("word", "another word\n")
    _backup(l, "--passphrase-file", word)
    _refused(l, "the passphrase does not open it")
    _restore(l, env={"SEALTONE_PASSPHRASE": "another word"})


def half_foreign_and_newer_files_are_refused_each_in_its_own_words(l):
    l.have()
    _backup(l)
    with open(os.path.join(l.dir, "backup"), "rb") as f:
        data = f.read()
    for n in (HEADER - 1, HEADER, HEADER + 1, CHUNK, len(data) // 2, len(data) - 1):
        l.file("half", data[:n])
        _refused(l, "not whole", file="half")
    l.file("long", data + b"x")
    _refused(l, "behind its end", file="long")
    l.file("form", data[:9] + b"\x02" + data[10:])
    _refused(l, "a newer sealtone reads it", file="form")
    for foreign in (b"", b"SEAL", b"PK\x03\x04" + data[4:]):
        l.file("foreign", foreign)
        _refused(l, "not a backup of Sealtone", file="foreign")
    _refused(l, "No such file", file="nowhere")
    files = _opened(data)
    newer = l.file("newer.db", files["sealtone.db"])
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    with open(newer, "rb") as f:
        l.file("newer", _sealed(_packed({**files, "sealtone.db": f.read()})))
    _refused(l, "9999", file="newer")


def a_backup_that_lacks_a_key_is_refused_when_it_is_made_and_when_it_is_restored(l):
    l.have()
    _backup(l)
    with open(os.path.join(l.dir, "backup"), "rb") as f:
        files = _opened(f.read())
    for name in [n for n in files if n.startswith("keys/")]:
        l.file("lacks", _sealed(_packed({k: v for k, v in files.items() if k != name})))
        _refused(l, name[5:-4], file="lacks")
    l.file("leaves", _sealed(_packed({**files, "keys/../../escaped": b"x"})))
    _refused(l, "index", file="leaves")
    os.remove(os.path.join(l.cluster, random.choice([n for n in files if n.startswith("keys/")])))
    done = _backup(l, file="bad", status=1)
    expect("the backup is not good" in done.stderr, done.stderr)
    equal(glob.glob(os.path.join(l.dir, "bad*")), [], "what is left")


def one_flipped_byte_anywhere_is_an_error(l):
    l.have()
    _backup(l)
    with open(os.path.join(l.dir, "backup"), "rb") as f:
        data = f.read()
    for at in sorted(random.sample(range(len(data)), 20)):
        l.file("flipped", data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1:])
        done = _restore(l, file="flipped", into="refused", status=1)
        expect(done.stderr.count("\n") == 1, f"byte {at}: {done.stderr!r}")
        equal(glob.glob(os.path.join(l.dir, "refused*")), [], f"byte {at}: what is left")


def nothing_else_is_overwritten(l):
    l.have()
    l.file("mine", "my own file")
    done = _backup(l, file="mine", status=1)
    expect("is not a backup" in done.stderr, done.stderr)
    _backup(l)
    _backup(l)
    os.mkdir(os.path.join(l.dir, "full"))
    l.file("full/mine", "my own file")
    done = _restore(l, into="full", status=1)
    expect("is not empty" in done.stderr, done.stderr)
    equal(os.listdir(os.path.join(l.dir, "full")), ["mine"], "what is in it")
    os.mkdir(os.path.join(l.dir, "empty"))
    _restore(l, into="empty")


def a_backup_of_another_cluster_or_passphrase_goes_only_by_replace(l):
    l.have()
    path, other = os.path.join(l.dir, "backup"), os.path.join(l.dir, "other")
    for name in ("other", "pub"):  # two of them are called alike
        run(l.binary("sealtone"), "init", os.path.join(l.dir, name), "--host", f"{name}.example.test", "--address", "127.0.0.1")
    _backup(l)
    with open(path, "rb") as f:
        before = f.read()
    for cluster, env, says in ((other, None, "the backup of the cluster pub of 20"), (os.path.join(l.dir, "pub"), None, "another cluster pub"),
                               (l.cluster, {"SEALTONE_PASSPHRASE": "new"}, "the passphrase does not open it")):
        done = _backup(l, cluster=cluster, env=env, status=1)
        expect(says in done.stderr and "--replace" in done.stderr, f"expected {says!r} in {done.stderr!r}")
        with open(path, "rb") as f:
            equal(f.read(), before, "the backup")
    _backup(l)
    l.file("mine", "my own file")
    _backup(l, "--replace", file="mine", status=1)
    _backup(l, "--replace", env={"SEALTONE_PASSPHRASE": "new"})
    _backup(l, "--replace", cluster=other)
    equal(json.loads(_restore(l, "--json").stdout)["cluster"], "other", "whose it is now")


def a_backup_is_not_served_to_phones_and_warns_in_the_clusters_own_folder(l):
    l.have()
    served = os.path.join(l.cluster, "tftpboot")
    os.mkdir(os.path.join(served, "deep"))
    os.symlink(os.path.join(served, "deep"), os.path.join(l.dir, "link"))
    for folder in (served, os.path.join(served, "deep"), os.path.join(l.dir, "link")):
        done = _backup(l, file=os.path.join(folder, "x.backup"), status=1)
        expect("served to phones" in done.stderr, done.stderr)
        equal(glob.glob(os.path.join(folder, "x*")), [], "what is left")
    here = os.path.join(l.cluster, "x.backup")
    expect("Warning: it is in the cluster's own folder" in _backup(l, file=here).stdout, "a warning")
    expect("lost" in json.loads(_backup(l, "--json", file=here).stdout)["warning"], "a warning in JSON")
    equal(json.loads(_backup(l, "--json").stdout)["warning"], None)


# --- kills ---

def _killed(seconds, *command):
    """Runs it for so long; whether it was done before."""
    p = subprocess.Popen([str(c) for c in command], env={**os.environ, **SECRET}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return p.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGKILL)
        p.wait()
        return False


def a_killed_backup_leaves_no_file_or_a_good_one(l):
    l.up()
    path = os.path.join(l.dir, "backup")
    for i in range(KILLS):
        done = _killed(random.uniform(0, 0.8), l.binary("sealtone"), "--dir", l.cluster, "backup", path)
        there = os.path.exists(path)
        expect(there or not done, "success without a file")
        if there:
            _restore(l, into=f"restored{i}")
            os.remove(path)
    _backup(l)
    equal(os.listdir(os.path.join(l.cluster, ".backup")), [], "what is left in the cluster's folder")
    equal(l.json("status")["backup"]["alarm"], None, "alarm")


def a_killed_restore_leaves_no_cluster_or_a_good_one(l):
    l.have()
    _backup(l)
    for i in range(KILLS):
        into = os.path.join(l.dir, f"killed{i}")
        done = _killed(random.uniform(0, 0.8), l.binary("sealtone"), "restore", os.path.join(l.dir, "backup"), into)
        there = os.path.exists(into)
        expect(there or not done, "success without a cluster")
        if there:
            _backup(l, cluster=into, file=f"again{i}")


# --- the alarm ---

def status_has_an_alarm_until_a_backup_has_all_keys(l):
    l.up()
    expect("no backup" in l.json("status")["backup"]["alarm"], "alarm of a new cluster")
    expect("\nAlarm: there is no backup" in l.cli("status").stdout, "alarm in the text")
    _backup(l)
    state = l.json("status")["backup"]
    equal(state["alarm"], None, "alarm after the backup")
    expect(state["made"] is not None and "\nBackup: of 20" in l.cli("status").stdout, f"when: {state}")
    l.stop()
    l.set_conf("capf", "lsc-issuer", "own")
    l.start()
    expect("keys have changed" in l.json("status")["backup"]["alarm"], "alarm after a new key")
    _backup(l)
    equal(l.json("status")["backup"]["alarm"], None, "alarm after the next backup")
    equal([e["event"] for e in l.json("log")].count("backup-made"), 2, "backups in the audit log")


# --- the recovery kit ---

KIT = "recovery-kit.backup"


def _init(l, *args, env=None, status=0, **kw):
    l.base = lab.free_base_port()
    return run(l.binary("sealtone"), "init", l.cluster, "--host", "pub.example.test", "--address", l.address, "--base-port", l.base,
               *args, env={"SEALTONE_PASSPHRASE": "", **(env or {})}, status=status, **kw)


def init_writes_a_recovery_kit_that_restores_the_cluster_and_is_no_backup_yet(l):
    told = json.loads(_init(l, "--json").stdout)["recovery_kit"]
    kit, word = os.path.join(l.cluster, KIT), told["pass_phrase"]
    equal((told["file"], os.stat(kit).st_mode & 0o777), (kit, 0o600), "the kit")
    expect(re.fullmatch("([a-z]{5}-){4}[a-z]{5}", word), word)
    for folder, _, files in os.walk(l.cluster):
        for name in files:
            with open(os.path.join(folder, name), "rb") as f:
                expect(word.encode() not in f.read(), f"the passphrase stands in {name}")
    l.start()
    l.cli("phone", "add", NAME, "--model", "8861")
    l.config(NAME)
    l.phone(NAME, "boot")
    expect("there is no backup" in l.json("status")["backup"]["alarm"], "alarm while the kit is in the folder")
    os.rename(kit, os.path.join(l.dir, "moved"))
    _restore(l, file="moved", env={"SEALTONE_PASSPHRASE": word})
    _move(l)
    l.cli("phone", "add", NAME, "--model", "8861")
    out = l.phone(NAME, "boot").stdout
    expect("Trust List Update Failed" not in out, out)
    equal(held(l, ITL), l.fetch(f"ITL{NAME}.tlv"), "the list that the phone holds")


def the_recovery_kit_takes_a_passphrase_that_is_given_and_tells_it_nobody(l):
    made = _init(l, env=SECRET).stdout
    expect(f"{l.cluster}/{KIT}" in made and "Move that file off this machine" in made, made)
    expect(SECRET["SEALTONE_PASSPHRASE"] not in made and "told only now" not in made, made)
    _restore(l, file=os.path.join(l.cluster, KIT))
    shutil.rmtree(l.cluster)
    told = json.loads(_init(l, "--json", "--passphrase-file", l.file("word", "another word\n"), env=SECRET).stdout)["recovery_kit"]
    equal(told, {"file": os.path.join(l.cluster, KIT), "pass_phrase": None})
    _restore(l, file=os.path.join(l.cluster, KIT), into="again", env={"SEALTONE_PASSPHRASE": "another word"})
    shutil.rmtree(l.cluster)
    words = _init(l).stdout
    word = re.search("told only now[^:]*:\n\n  (\\S+)\n", words).group(1)
    _restore(l, file=os.path.join(l.cluster, KIT), into="printed", env={"SEALTONE_PASSPHRASE": word})


def init_makes_no_cluster_when_it_cannot_write_the_recovery_kit_and_none_when_told_so(l):
    told = json.loads(_init(l, "--no-recovery-kit", "--json").stdout)
    equal((told["recovery_kit"], os.path.exists(os.path.join(l.cluster, KIT))), (None, False), "the kit")
    shutil.rmtree(l.cluster)
    said = []
    for files in range(8, 64):  # so many may be open: too few for the kit, at last enough
        done = _init(l, status=None, preexec_fn=lambda n=files: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))
        if done.returncode == 0:
            break
        said.append(done.stderr)
        equal((done.stdout, glob.glob(l.cluster + "*")), ("", []), "what is left")
    expect("the recovery kit" in said[-1] and said[-1].count("\n") == 1, said)
    shutil.rmtree(l.cluster)
    done = _init(l, "--passphrase-file", l.file("empty", "\n"), status=1)
    expect("first line is empty" in done.stderr and not os.path.exists(l.cluster), done.stderr)
    expect("recovery kit" in run(l.binary("sealtone"), "init", "--help").stdout, "help")


# --- by schedule ---

def _scheduled(l):
    """A cluster that makes its own backups; the folder of them, and the passphrase's file."""
    l.have()
    folder, word = os.path.join(l.dir, "backups"), l.file("word", SECRET["SEALTONE_PASSPHRASE"] + "\n")
    os.mkdir(folder)
    os.chmod(word, 0o600)
    l.set_conf("backup", "folder", folder)
    l.set_conf("backup", "passphrase-file", word)
    l.start()
    return folder, word


def _good(l, count):
    """So many backups by schedule have been made and noted; the newest one's path."""
    lab.wait_for(f"backup {count}", lambda: [e["event"] for e in l.json("log")].count("backup-made") >= count)
    made = sorted(glob.glob(os.path.join(l.dir, "backups", "*")))
    equal(len(made), count, f"files: {made}")
    return made[-1]


def the_daemon_makes_backups_by_itself_at_first_and_when_keys_change(l):
    folder, _ = _scheduled(l)
    first = _good(l, 1)
    state = l.json("status")["backup"]
    equal((state["alarm"], state["schedule"]["trouble"], state["schedule"]["folder"]), (None, None, folder), "status")
    expect("Backups by schedule: into" in l.cli("status").stdout, "status in words")
    l.cli("cert", "regenerate", "tvs")
    second = _good(l, 2)
    expect(first != second, "the same file")
    equal(l.json("status")["backup"]["alarm"], None, "alarm")
    equal(l.cli("check").stdout, "No findings.\n", "check")
    _restore(l, file=second)
    equal(len(l.children("backup")), 1, "processes that make backups")


def a_backup_that_fails_is_an_alarm_until_one_is_made(l):
    _, word = _scheduled(l)
    _good(l, 1)
    os.chmod(word, 0o644)
    l.cli("cert", "regenerate", "tvs")
    trouble = lab.wait_for("the failure", lambda: l.json("status")["backup"]["schedule"]["trouble"])
    expect("others may use it" in trouble, trouble)
    expect("Alarm: no backup by schedule" in l.cli("status").stdout, "status in words")
    found = json.loads(l.cli("check", "--json", status=1).stdout)
    expect({"backup-failed", "file-open"} <= {f["id"] for f in found}, f"check: {found}")
    expect("backup-failed reason=" in l.log(), "the log")
    os.chmod(word, 0o600)
    l.daemon.send_signal(signal.SIGHUP)
    _good(l, 2)
    equal(l.json("status")["backup"]["schedule"]["trouble"], None, "after that")


def a_failure_of_before_is_forgotten_by_a_restore(l):
    _, word = _scheduled(l)
    _good(l, 1)
    os.chmod(word, 0o644)
    l.cli("cert", "regenerate", "tvs")
    lab.wait_for("the failure", lambda: l.json("status")["backup"]["schedule"]["trouble"])
    _backup(l)
    os.chmod(word, 0o600)
    _restore(l)
    equal(l.cli("check", os.path.join(l.dir, "restored")).stdout, "No findings.\n", "check of what was restored")


def a_killed_backup_process_is_started_again_and_the_backup_made(l):
    _scheduled(l)
    _good(l, 1)
    before = l.children("backup")
    os.kill(before[0], signal.SIGKILL)
    lab.wait_for("another process", lambda: l.children("backup") not in ([], before))
    l.cli("cert", "regenerate", "tvs")
    _good(l, 2)


if __name__ == "__main__":
    lab.main(globals())
