"""A cluster for system tests: the real binaries over loopback, in a folder of its own, ended by process id.

A test file defines functions whose names are sentences ("a_phone_without_lists_boots_to_lsc_installed"), each taking
a Lab, and ends with `lab.main(globals())`. Output is TAP. Binaries come from the folder in SEALTONE_BUILD.
"""
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VECTORS = os.path.join(ROOT, "tests", "vectors")
BUILD = os.environ.get("SEALTONE_BUILD", os.path.join(ROOT, "build"))
PORTS = 6
LOOPBACK = "127.0.0.1"
TFTP, HTTP, HTTPS, TVS, CAPF, WEB = range(PORTS)
BYTES_SHOWN = 24
PORT_SETTINGS = ("tftp-port", "http-port", "https-port", "tvs-port", "capf-port", "web-port")


class Failed(Exception):
    """What a test expected did not happen."""


class Skipped(Exception):
    """A test cannot be run here."""


def expect(condition, text):
    if not condition:
        raise Failed(text)


def _shown(value):
    """A value for people: long bytes by their number and the first ones."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, (bytes, bytearray)) and len(value) > BYTES_SHOWN:
        return f"{len(value)} bytes {bytes(value[:BYTES_SHOWN])!r}..."
    return repr(value)


def equal(got, want, what="value"):
    if got == want:
        return
    both = isinstance(got, (bytes, bytearray)) and isinstance(want, (bytes, bytearray))
    where = f" (first difference at byte {len(os.path.commonprefix([bytes(got), bytes(want)]))})" if both else ""
    raise Failed(f"{what}: got {_shown(got)}, expected {_shown(want)}{where}")


def run(*command, status=0, timeout=60, env=None, **kw):
    """Runs a program; fails unless it ends with this status (None: any). Returns the CompletedProcess, text mode."""
    kw.setdefault("text", True)
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=timeout, stdin=kw.pop("stdin", subprocess.DEVNULL)
                          if "input" not in kw else None, env={**os.environ, **(env or {})}, **kw)
    if status is not None and done.returncode != status:
        raise Failed(f"{' '.join(map(str, command))}: exit {done.returncode}, expected {status}\n{done.stdout}\n{done.stderr}")
    return done


def without_rights():
    """Words before a command so that file modes count for it even when root runs it."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def free_base_port():
    """A base so that all its ports are free on UDP and TCP of 127.0.0.1 now, below those that the kernel gives to clients, of
    which one could be taken in between."""
    for _ in range(200):
        base = random.randrange(10000, 32000, PORTS)
        with contextlib.ExitStack() as stack:
            try:
                for port in range(base, base + PORTS):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        s = stack.enter_context(socket.socket(socket.AF_INET, kind))
                        s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
    raise Failed("no free ports")


def wait_for(what, condition, seconds=20):
    """Polls until condition() is true; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.05)
    raise Failed(f"waited {seconds} s for {what}")


class Lab:
    """One test's folder, cluster and daemon."""

    templates = {}  # by address and options: a cluster that was just made

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="sealtone-")
        self.cluster = os.path.join(self.dir, "cluster")
        self.base = None
        self.address = LOOPBACK  # of the server
        self.rightless = False  # start the daemon without root's right to open what it may not
        self.within = []  # words before programs that use the network: a network namespace
        self.daemon = None
        self.daemon_log = os.path.join(self.dir, "daemon.log")
        self.others = []

    # --- programs ---

    def binary(self, name):
        return os.path.join(BUILD, name)

    def cli(self, *args, status=0, **kw):
        """sealtone; the cluster's folder is in the environment."""
        return run(*self.within, self.binary("sealtone"), *args, status=status, env={"SEALTONE_DIR": self.cluster}, **kw)

    def json(self, *args):
        return json.loads(self.cli(*args, "--json").stdout)

    def fails(self, *args, status=1, says=()):
        """The command ends with this status, prints nothing, and one line on stderr, which is returned, has these words."""
        done = self.cli(*args, status=status)
        equal(done.stdout, "", f"output of {args}")
        if status == 1:
            expect(done.stderr.startswith("sealtone: ") and done.stderr.count("\n") == 1, f"{args}: expected one line: {done.stderr!r}")
        for word in says:
            expect(word in done.stderr, f"{args}: expected {word!r} in {done.stderr!r}")
        return done.stderr

    def phone(self, name, *args, status=0, server=None, port=None, state=None, timeout=120):
        """sealtone-phone with a state folder of its own; several calls with one name share it. It asks for files at
        port, when that is not the cluster's own (between.py)."""
        return run(*self.within, self.binary("sealtone-phone"), "--server", server or self.address, "--base-port", port or self.base, "--name", name,
                   "--state", state or self.state(name), *args, status=status, timeout=timeout)

    def state(self, name, *path):
        return os.path.join(self.dir, "phones", name, *path)

    # --- cluster ---

    def init(self, *args):
        """A new cluster on free ports, without the recovery kit, which takes a third of the time."""
        self.base = free_base_port()
        return run(self.binary("sealtone"), "init", self.cluster, "--host", "pub.example.test", "--address", self.address,
                   "--base-port", self.base, "--no-recovery-kit", *args)

    def have(self, *args):
        """The same, but made once for a test file and copied, since its keys take longer than most tests."""
        template = Lab.templates.get((self.address, *args))
        if not template:
            self.init(*args)
            template = Lab.templates[(self.address, *args)] = os.path.join(tempfile.mkdtemp(prefix="sealtone-"), "cluster")
            shutil.copytree(self.cluster, template)
            return
        self.base = free_base_port()
        shutil.copytree(template, self.cluster)
        for service, name in enumerate(PORT_SETTINGS):
            self.set_conf("network", name, self.port(service))

    def port(self, service):
        return self.base + service

    def set_conf(self, section, name, value):
        """Changes one setting of sealtone.conf; it must be there already."""
        path = os.path.join(self.cluster, "sealtone.conf")
        lines, now, done = [], None, False
        with open(path) as f:
            for line in f:
                if line.startswith("["):
                    now = line.strip()[1:-1]
                bare = line.lstrip("#; ").split("=")[0].strip()
                if now == section and bare == name and "=" in line and not done:
                    line, done = f"{name} = {value}\n", True
                lines.append(line)
        expect(done, f"no setting [{section}] {name} in sealtone.conf")
        with open(path, "w") as f:
            f.writelines(lines)

    def start(self, timeout=30):
        """Starts sealtoned and waits for "ready"."""
        command = self.within + (without_rights() if self.rightless else []) + [self.binary("sealtoned"), "--dir", self.cluster]
        with open(self.daemon_log, "ab") as log:
            self.daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                           stdout=subprocess.PIPE, stderr=log, text=True)
        end = time.monotonic() + timeout
        line = self.daemon.stdout.readline()
        if line != "ready\n" or time.monotonic() > end:
            raise Failed(f"sealtoned said {line!r}\n{self.log()}")

    def stop(self, how=signal.SIGTERM, status=0):
        daemon, self.daemon = self.daemon, None
        daemon.send_signal(how)
        got = daemon.wait(timeout=30)
        if status is not None:
            equal(got, status, "exit status of sealtoned")

    def up(self, *args):
        """have and start."""
        self.have(*args)
        self.start()

    def children(self, role):
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
            if parent == str(self.daemon.pid) and f"--role={role}" in words:
                found.append(int(entry))
        return sorted(found)

    def log(self):
        with open(self.daemon_log) as f:
            return f.read()

    def put(self, name, content):
        """A file into the provisioning folder."""
        path = os.path.join(self.cluster, "tftpboot", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def config(self, name, capf_mode=0, tvs=("127.0.0.1",), tvs_ports=None, extra=""):
        """A phone's configuration with its TVS servers and, with a mode, its CAPF server."""
        members = "".join(
            f'<member priority="{i}"><port>{(tvs_ports or {}).get(i, self.port(TVS))}</port><address>{a}</address></member>'
            for i, a in enumerate(tvs))
        capf = (f"<capfAuthMode>{capf_mode}</capfAuthMode><capfList><capf><phonePort>{self.port(CAPF)}</phonePort>"
                f"<processNodeName>127.0.0.1</processNodeName></capf></capfList>")
        xml = (f'<?xml version="1.0" encoding="UTF-8"?>\n<device><fullConfig>true</fullConfig><deviceProtocol>SIP</deviceProtocol>'
               f"<deviceSecurityMode>1</deviceSecurityMode><TVS><members>{members}</members></TVS>{capf}{extra}</device>\n")
        self.put(f"{name}.cnf.xml", xml)
        return xml

    # --- independent clients ---

    def fetch(self, name, status=0, server=None):
        """A file by curl over TFTP; None when status is not 0."""
        out = os.path.join(self.dir, "fetched")
        run(*self.within, "curl", "-s", "-g", "-o", out, f"tftp://{server or self.address}:{self.port(TFTP)}/{name}", status=status)
        if status != 0:
            return None
        with open(out, "rb") as f:
            return f.read()

    def file(self, name, content):
        """A file in the test's own folder; its path."""
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def spawn(self, *command, **kw):
        """Another program, ended with the test."""
        kw.setdefault("stdout", subprocess.DEVNULL)
        kw.setdefault("stderr", subprocess.DEVNULL)
        p = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, **kw)
        self.others.append(p)
        return p

    def close(self):
        for p in self.others:
            if p.poll() is None:
                p.kill()
            p.wait()
        if self.daemon is not None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def one(number, name, test):
    lab = Lab()
    try:
        test(lab)
        sanitizer = os.path.exists(lab.daemon_log) and any(
            mark in lab.log() for mark in ("AddressSanitizer", "LeakSanitizer", "runtime error:"))
        expect(not sanitizer, "a sanitizer spoke in the daemon's log")
    except Skipped as why:
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
        return True
    except Exception as fault:  # the test's verdict, whatever it was
        print(f"not ok {number} - {name}")
        text = str(fault) if isinstance(fault, Failed) else traceback.format_exc()
        for line in text.splitlines():
            print(f"# {line}")
        if os.path.exists(lab.daemon_log):
            for line in lab.log().splitlines()[-40:]:
                print(f"# log: {line}")
        return False
    finally:
        lab.close()
    print(f"ok {number} - {name}", flush=True)
    return True


def main(names):
    """Runs every public function of a test file (or those named on the command line) in order."""
    only = sys.argv[1:]
    tests = [(n, t) for n, t in names.items()
             if callable(t) and getattr(t, "__module__", "") == "__main__" and not n.startswith("_") and (not only or n in only)]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for i, (name, test) in enumerate(tests, 1):
        failed += not one(i, name.replace("_", " "), test)
    for template in Lab.templates.values():
        shutil.rmtree(os.path.dirname(template))
    sys.exit(1 if failed else 0)
