"""A cluster whose folder, settings, keys or ports are wrong is told off in one line and left as it was; one whose
processes are killed comes back by itself."""
import glob
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time

import lab
from lab import CAPF, TFTP, TVS, equal, expect, free_base_port, run, wait_for

NAME = "SEP001122334455"
# What an attempt to open the store may touch without changing what is stored.
TRACES = ("sealtone.db.lock", "sealtone.db-shm", "sealtone.db-wal")


def _picture(folder):
    """What is in a folder: kinds, modes and contents."""
    out = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            whole = os.path.join(path, name)
            if name in TRACES:
                continue
            mode = os.lstat(whole).st_mode
            content = None
            if os.path.isfile(whole) and not os.path.islink(whole):
                with open(whole, "rb") as f:
                    content = hashlib.sha256(f.read()).hexdigest()
            out[os.path.relpath(whole, folder)] = (mode, content)
    return out


def _one_line(text, *words):
    expect(text.count("\n") == 1 and text.endswith("\n"), f"expected one line: {text!r}")
    for word in words:
        expect(str(word) in text, f"expected {word!r} in {text!r}")


def _start_rightless(l):
    """sealtoned without root's right to open everything; it must fail."""
    done = run(*lab.without_rights(), l.binary("sealtoned"), "--dir", l.cluster, status=1)
    equal(done.stdout, "", "standard output")
    expect(done.stderr.startswith("sealtoned: "), done.stderr)
    return done


def _will_not_start(l, *words):
    """sealtoned ends with 1 and one line that has these words, and changes nothing."""
    before = _picture(l.cluster) if os.path.isdir(l.cluster) else None
    _one_line(_start_rightless(l).stderr, *words)
    if before is not None:
        equal(_picture(l.cluster), before, "the folder")


def _path(l, *names):
    return os.path.join(l.cluster, *names)


def _write(path, content):
    with open(path, "wb") as f:
        f.write(content)


def _read(path):
    with open(path, "rb") as f:
        return f.read()


# --- settings ---

def a_damaged_setting_is_named_by_file_line_and_range(l):
    l.have()
    whole = _read(_path(l, "sealtone.conf")).decode()
    for section, name, value, why in (
            ("network", "tftp-port", "70000", "1 to 65535"), ("network", "tvs-port", "x", "1 to 65535"),
            ("network", "capf-port", str(l.port(TVS)), "must differ"), ("network", "workers", "-1", "0 to 64"),
            ("network", "listen", "pub.example.test", "an IPv4 or IPv6 address"), ("trust", "generation", "G9", "G8, G10 or G12"),
            ("trust", "digest", "md5", "sha1 or sha512"), ("tvs", "old-tls", "maybe", "no, yes, off or on"),
            ("limits", "handshake-timeout", "0", "1 to 300 seconds"), ("capf", "lsc-validity", "9999", "1 to 1825 days"),
            ("log", "level", "loud", "debug, info, warning or error"), ("files", "provisioning-dir", "", "a path")):
        l.set_conf(section, name, value)
        line = _read(_path(l, "sealtone.conf")).decode().splitlines().index(f"{name} = {value}") + 1
        where = f"sealtone.conf:{line}:" if "differ" not in why else "sealtone.conf:"
        _will_not_start(l, where, name, why)
        done = run(l.binary("sealtoned"), "--dir", l.cluster, "--check", status=1)
        _one_line(done.stderr, name, why)
        _write(_path(l, "sealtone.conf"), whole.encode())
    for text, why in (("nonsense\n", "neither"), ("[nowhere]\na = b\n", "unknown section [nowhere]"),
                      ("[tvs]\nspeed = 9\n", "no setting speed"), ("[tvs]\nidle-timeout = 7\n", "already"),
                      ("\0", "NUL")):
        _write(_path(l, "sealtone.conf"), (whole + text).encode())
        _will_not_start(l, "sealtone.conf", why)
    _write(_path(l, "sealtone.conf"), whole.encode())
    equal(run(l.binary("sealtoned"), "--dir", l.cluster, "--check").stderr, "", "the whole file")


def a_folder_without_settings_or_no_folder_is_told(l):
    l.have()
    os.unlink(_path(l, "sealtone.conf"))
    _will_not_start(l, "sealtone.conf", "No such file")
    shutil.rmtree(l.cluster)
    _will_not_start(l, l.cluster)
    _write(l.cluster, b"a file")
    done = run(l.binary("sealtoned"), "--dir", l.cluster, status=1)
    _one_line(done.stderr, l.cluster)
    os.mkdir(os.path.join(l.dir, "empty"))
    done = run(l.binary("sealtoned"), "--dir", os.path.join(l.dir, "empty"), status=1)
    _one_line(done.stderr, "sealtone.conf")
    equal(os.listdir(os.path.join(l.dir, "empty")), [], "the empty folder")


def an_unreadable_folder_or_file_is_told(l):
    l.have()
    for name in ("tftpboot", "keys", "sealtone.db", "sealtone.conf", "keys.passphrase"):
        mode = os.stat(_path(l, name)).st_mode
        os.chmod(_path(l, name), 0)
        _one_line(_start_rightless(l).stderr, "Permission denied", name)
        os.chmod(_path(l, name), mode)
    l.start()


def a_provisioning_folder_that_is_none_is_told(l):
    l.have()
    os.rmdir(_path(l, "tftpboot"))
    _will_not_start(l, "provisioning-dir", "tftpboot", "No such file")
    _write(_path(l, "tftpboot"), b"a file")
    _will_not_start(l, "provisioning-dir", "tftpboot", "Not a directory")


# --- keys, certificates, database ---

def _keys(l):
    return sorted(glob.glob(_path(l, "keys", "*.pem")))


def missing_swapped_and_truncated_keys_are_told(l):
    l.have()
    keys = _keys(l)
    equal(len(keys), 6, "keys")
    contents = {k: _read(k) for k in keys}
    for k in keys:
        os.unlink(k)
        _will_not_start(l, os.path.basename(k))
        _write(k, contents[k])
        os.chmod(k, 0o600)
    first, second = keys[:2]
    _write(first, contents[second])
    _write(second, contents[first])
    _will_not_start(l, "another key than its name says")
    _write(second, contents[second])
    for damaged in (b"", contents[first][:100], contents[first][:-200], b"garbage\n" * 50,
                    contents[first].replace(b"A", b"B", 40)):
        _write(first, damaged)
        _will_not_start(l, os.path.basename(first))
    certificate = l.file("c.pem", run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                                      "-keyout", "/dev/null", "-subj", "/CN=stranger").stdout)
    _write(first, _read(certificate))
    _will_not_start(l, os.path.basename(first))
    _write(first, contents[first])
    l.start()


def a_wrong_or_missing_passphrase_is_told(l):
    l.have()
    path = _path(l, "keys.passphrase")
    right = _read(path)
    for wrong in (b"0" * 64 + b"\n", b"", right[:10]):
        _write(path, wrong)
        _will_not_start(l, "")
    os.unlink(path)
    _will_not_start(l, "keys.passphrase", "No such file")
    _write(path, right)
    os.chmod(path, 0o644)
    _will_not_start(l, "keys.passphrase")
    os.chmod(path, 0o600)
    l.start()


def a_missing_or_damaged_database_is_told_and_left_as_it_is(l):
    l.up()
    l.stop()
    path = _path(l, "sealtone.db")
    whole = _read(path)
    os.unlink(path)
    _will_not_start(l, "sealtone.db", "sealtone init")
    for damaged in (b"", b"not a database at all\n" * 1000, whole[:100], whole[:5000], whole[:4096] + bytes(len(whole) - 4096)):
        _write(path, damaged)
        _will_not_start(l, "sealtone.db")
    _write(path, whole)
    l.start()


# --- ports and second daemons ---

def a_port_in_use_is_told_with_who_has_it_and_what_to_do(l):
    l.have()
    for service, kind, word, setting in ((TFTP, socket.SOCK_DGRAM, "UDP", "tftp-port"), (TVS, socket.SOCK_STREAM, "TCP", "tvs-port"),
                                         (CAPF, socket.SOCK_STREAM, "TCP", "capf-port")):
        with socket.socket(socket.AF_INET, kind) as s:
            s.bind(("127.0.0.1", l.port(service)))
            if kind == socket.SOCK_STREAM:
                s.listen()
            _will_not_start(l, f"{word} port {l.port(service)}", f"(process {os.getpid()})", f"[network] {setting}", "sealtone.conf")
    l.start()


def a_second_daemon_on_the_folder_is_told_and_the_first_serves_on(l):
    l.up()
    l.put("file.txt", "content")
    _will_not_start(l, f"port {l.port(TFTP)}", "sealtoned (process", "stop it")
    base = free_base_port()
    for name in ("tftp", "http", "https", "tvs", "capf", "web"):
        l.set_conf("network", f"{name}-port", base)
        base += 1
    _will_not_start(l, "sealtone.db", "in use by another sealtoned (process")
    equal(l.fetch("file.txt"), b"content", "a file of the first")
    l.cli("status")


# --- init ---

def _init(l, *args, status, where=None):
    return run(l.binary("sealtone"), "init", where or l.cluster, *args, status=status)


def init_refuses_a_folder_with_content_and_leaves_it(l):
    os.makedirs(_path(l, "letters"))
    _write(_path(l, "letters", "mine.txt"), b"mine")
    before = _picture(l.dir)
    _one_line(_init(l, status=1).stderr, l.cluster, "not empty")
    equal(_picture(l.dir), before, "the folder and what is beside it")
    shutil.rmtree(l.cluster)
    l.have()
    before = _picture(l.cluster)
    _one_line(_init(l, status=1).stderr, l.cluster, "not empty")
    equal(_picture(l.cluster), before, "a cluster that is there")
    l.start()


def init_takes_an_empty_folder_and_a_relative_name(l):
    os.mkdir(l.cluster)
    l.init()
    l.start()
    done = run(l.binary("sealtone"), "init", "second/", "--host", "b.example.test", "--base-port", free_base_port(), cwd=l.dir)
    expect(os.path.join(l.dir, "second") in done.stdout, f"the next command has the whole path: {done.stdout}")


def init_with_wrong_words_says_so_in_one_line_and_leaves_nothing(l):
    wrong = [["--host", h] for h in ("", "a b", "host;x", "host,x", 'ho"st', "h\u00f6st", "-host", "host-", "a..b", ".a", "a" * 64 + ".b",
                                      "a." * 130, "host\n", "host/..")]
    wrong += [["--address", a] for a in ("300.1.1.1", "host", "", "1.2.3", "::g", "10.0.0.0/8")]
    wrong += [["--base-port", p] for p in ("0", "65531", "-1", "x", "", "1.5", "99999999999999999999")]
    wrong += [["--cluster", n] for n in ("a;b", "a,b", 'a"b', "x" * 200, "b\u00e4r", "a\nb")]
    before = _picture(l.dir)
    for words in wrong:
        host = [] if words[0] == "--host" else ["--host", "pub.example.test"]
        done = _init(l, *host, *words, status=None)
        expect(done.returncode in (1, 2), f"{words}: exit {done.returncode}")
        equal(done.stdout, "", f"{words}: standard output")
        _one_line(done.stderr.splitlines(True)[0], "sealtone")
        if done.returncode == 1:
            _one_line(done.stderr, "sealtone: ")
        equal(_picture(l.dir), before, f"{words}: what is left")


def init_where_no_folder_can_be_is_told(l):
    _write(l.file("file", b""), b"content")
    for where in (os.path.join(l.dir, "file"), os.path.join(l.dir, "file", "below"), os.path.join(l.dir, "missing", "below")):
        before = _picture(l.dir)
        _one_line(_init(l, "--host", "pub.example.test", where=where, status=1).stderr, "sealtone: ")
        equal(_picture(l.dir), before, "what is left")
    equal(run(l.binary("sealtone"), "init", status=2).stdout, "", "no folder named")


# --- signals and sudden ends ---

def _serves(l):
    """A file, a signed file and the control socket."""
    l.put("file.txt", "content")
    for _ in range(4):  # whichever front a request reaches
        equal(l.fetch("file.txt"), b"content", "a file")
        expect(b"content" in l.fetch("file.txt.sgn"), "a signed file")
    for service in (TVS, CAPF):
        run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(service)}")
    l.cli("status")


def _try(what):
    try:
        what()
    except lab.Failed:
        return False
    return True


def sighup_with_broken_settings_keeps_serving_and_logs_why(l):
    l.up()
    whole = _read(_path(l, "sealtone.conf"))
    l.set_conf("trust", "digest", "md5")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the reason in the log", lambda: "reload-failed" in l.log() and "[trust] digest: must be sha1 or sha512" in l.log())
    _serves(l)
    _write(_path(l, "sealtone.conf"), whole)
    os.rename(_path(l, "tftpboot"), _path(l, "elsewhere"))
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the reason in the log", lambda: "provisioning-dir: cannot read" in l.log())
    os.rename(_path(l, "elsewhere"), _path(l, "tftpboot"))
    l.set_conf("trust", "digest", "sha512")
    l.daemon.send_signal(signal.SIGHUP)
    wait_for("the log", lambda: " reloaded" in l.log())
    _serves(l)


def a_front_that_is_killed_is_started_again(l):
    l.have()
    l.set_conf("network", "workers", "2")
    l.start()
    before = l.children("front")
    equal(len(before), 2, "fronts")
    for pid in before:
        os.kill(pid, signal.SIGKILL)
        wait_for("a new front", lambda p=pid: p not in l.children("front") and len(l.children("front")) == 2)
    expect("child-ended role=front" in l.log(), "the log says so")
    wait_for("service", lambda: _try(lambda: _serves(l)))


def everything_comes_back_when_core_is_killed(l):
    l.up()
    l.cli("phone", "add", NAME)
    before = l.fetch(f"ITL{NAME}.tlv")
    for _ in range(2):
        cores = l.children("core")
        equal(len(cores), 1, "cores")
        os.kill(cores[0], signal.SIGKILL)
        wait_for("a new core", lambda c=cores: l.children("core") not in ([], c))
        wait_for("service", lambda: _try(lambda: _serves(l)))
        expect(l.fetch(f"ITL{NAME}.tlv") == before, "the list is the same")
        equal(l.json("phone", "show", NAME)["name"], NAME, "the phone is known")
    expect("child-ended role=core" in l.log(), "the log says so")


def nothing_is_left_when_main_is_killed_and_the_next_start_works(l):
    l.up()
    children = l.children("front") + l.children("core")
    l.stop(signal.SIGKILL, status=None)
    wait_for("the end of its children", lambda: not any(os.path.exists(f"/proc/{p}") for p in children))
    l.start()
    _serves(l)


def sigterm_ends_cleanly_with_connections_open_and_leaves_no_child(l):
    l.up()
    silent = [socket.create_connection(("127.0.0.1", l.port(s))) for s in (TVS, CAPF)]
    peer = l.spawn("openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{l.port(TVS)}", stderr=subprocess.PIPE)
    peer.stderr.readline()  # it has seen the certificate
    children = l.children("front") + l.children("core")
    expect(len(children) >= 2, "children")
    l.stop(signal.SIGTERM, status=0)
    equal([p for p in children if os.path.exists(f"/proc/{p}")], [], "children that are left")
    expect(not os.path.exists(_path(l, "control.sock")), "the control socket is gone")
    for s in silent:
        s.close()
    l.start()
    l.stop(signal.SIGINT, status=0)


def a_daemon_without_a_folder_is_told(l):
    env = {k: v for k, v in os.environ.items() if k != "SEALTONE_DIR"}
    done = subprocess.run([l.binary("sealtoned")], env=env, capture_output=True, text=True, check=False)
    equal((done.returncode, done.stdout), (2, ""), "exit status and output")
    expect("--dir" in done.stderr, done.stderr)


if __name__ == "__main__":
    lab.main(globals())
