"""What every benchmark needs: programs on a core of their own, a cluster, and figures side by side."""
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LOAD = os.path.join(HERE, "load")
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))
import lab  # noqa: E402  (run.py has set SEALTONE_BUILD, which it reads)

CORES = os.cpu_count() or 1
SERVER, CLIENT = 0, min(1, CORES - 1)  # the cores they run on
FILES = 10000
FIRST_MAC = 0x001122000000

rounds = 3  # run.py --quick changes them
share = 1   # a share of the configurations and records


def phone(i):
    return f"SEP{FIRST_MAC + i:012X}"


def pinned(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def figures(text):
    """What a generator printed, as a dictionary; "transfers/s=12.5 p99=3.1ms"."""
    return {k: float(v) for k, v in re.findall(r"([\w/]+)=([\d.]+)", text)}


def tool(name):
    return os.path.join(LOAD, name)


def load(name, *args):
    """Runs a generator on the clients' core; its figures."""
    return figures(subprocess.run(pinned(CLIENT, tool(name), *args), capture_output=True, text=True).stdout)


def program(name):
    """A peer that is installed, or None."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


class Server:
    """A program on the servers' core until the end of a with block."""

    def __init__(self, *command):
        self.command = pinned(SERVER, *command)

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def family(pid):
    """A process and its descendants."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [pid] + [one for child in f.read().split() for one in family(int(child))]
    return []


def cpu_seconds(pid):
    """CPU time of a process and its descendants, those that have ended too."""
    ticks = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            with open(f"/proc/{one}/stat") as f:
                ticks += sum(map(int, f.read().rsplit(")", 1)[1].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def metered(pid, run):
    """The figures of a load with "cpu": microseconds of CPU time that the server needed for each answer."""
    before = cpu_seconds(pid)
    found = run()
    if found.get("ok"):
        found["cpu"] = 1e6 * (cpu_seconds(pid) - before) / found["ok"]
    return found


def start_cluster(prepare=None, cores=(SERVER,), settings=()):
    """A cluster with a front for each of the cores it runs on. settings: (section, name, value)."""
    l = lab.Lab()
    l.init()
    for setting in (("network", "workers", len(cores)), *settings):
        l.set_conf(*setting)
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    l.start()
    os.sched_setaffinity(0, everywhere)
    if prepare:
        prepare(l)
    return l


def pem(l, purpose):
    return l.file(purpose + ".pem", l.cli("cert", "show", purpose, "--pem").stdout)


def sample_config():
    """A configuration as administrators have them: the shipped template, filled but for the name of the line, which is 00000000,
    and without comments and indentation."""
    with open(os.path.join(lab.ROOT, "share", "templates", "cisco-sip-8800.cnf.xml"), encoding="utf-8") as f:
        text = re.sub(r"^\s+", "", re.sub(r"<!--.*?-->", "", f.read(), flags=re.S), flags=re.M)
    own = {"line1.name": "00000000", "line1.password": "12345678", "server": "127.0.0.1"}
    before = None
    while before != text:  # placeholders stand in placeholders
        before, text = text, re.sub(r"\{\{([\w.-]+)(?:\|([^{}|]*))?\}\}", lambda m: own.get(m[1], m[2] or ""), text)
    return text


def write_configs(folder, count=FILES):
    """Configurations of one length, each another one."""
    os.makedirs(folder, exist_ok=True)
    sample = sample_config()
    for i in range(count):
        with open(os.path.join(folder, f"{phone(i)}.cnf.xml"), "w", encoding="utf-8") as f:
            f.write(sample.replace("00000000", f"{i:08}"))


def write_finished(folder, size):
    """What peers serve as it lies: files of that size under the same names."""
    os.makedirs(folder, exist_ok=True)
    for i in range(FILES):
        with open(os.path.join(folder, f"{phone(i)}.cnf.xml.sgn"), "wb") as f:
            f.write(f"{i:08}".encode() + b"x" * (size - 8))


class Work:
    """A folder for the length of a with block."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="sealtone-bench-")
        os.chmod(self.path, 0o755)  # peers give up root
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def median(values):
    return statistics.median(values) if values else 0


def title(text):
    print(f"\n{text}", flush=True)


def ratio_line(name, value, unit, first, goal=None, more=""):
    ratio = value / first if first else 0
    wish = f"  goal {goal:.2f}" if goal else ""
    print(f"  {name:38} {value:9.0f} {unit:14} ratio {ratio:5.2f}{more}{wish}", flush=True)


def compare(text, runs, key, unit, goal=None):
    """Alternates the runs (name -> function), prints medians and ratios to the first, of rates and of CPU time where it was
    metered (which other work on the machine disturbs least); the goal is that of the last. Returns the medians."""
    got = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            got[name].append(run())
    middle = {name: median([f.get(key, 0) for f in found]) for name, found in got.items()}
    cpu = {name: median([f["cpu"] for f in found if "cpu" in f]) for name, found in got.items()}
    names = list(runs)
    title(text)
    for name in names:
        more = f"  cpu {cpu[name]:6.1f} us, ratio {cpu[names[0]] / cpu[name]:5.2f}" if cpu[name] and cpu[names[0]] else ""
        more += f"  errors {sum(int(f.get('errors', 0)) for f in got[name])}"
        ratio_line(name, middle[name], unit, middle[names[0]], goal if name == names[-1] else None, more)
    return middle


def rsa_rate(processes=1):
    """RSA-2048 signatures a second: of the servers' core, or of so many processes wherever they run."""
    command = ["openssl", "speed", "-seconds", "2"]
    command = [*command, "-multi", str(processes), "rsa2048"] if processes > 1 else pinned(SERVER, *command, "rsa2048")
    out = subprocess.run(command, capture_output=True, text=True).stdout
    return float(re.findall(r"^rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)", out, re.M)[-1])


def ask_daemon(l, command, **args):
    """A command of the control socket, for what is asked often: sealtone itself counts all phones for its status."""
    out = subprocess.run(["curl", "-s", "--unix-socket", os.path.join(l.cluster, "control.sock"), "-H", "Content-Type: application/json",
                          "-d", json.dumps(args), f"http://sealtone/v1/{command}"], capture_output=True, text=True).stdout
    return json.loads(out)["result"]


def add_template(l):
    """The one that comes along for the model of import_phones, with the call managers of a group."""
    text = l.cli("template", "show", "cisco-sip-8800").stdout
    l.cli("group", "add", "branch", "--server", "10.0.0.1")
    l.cli("template", "add", "bench", "--file", l.file("bench.xml", text), "--model", "8861")


def import_phones(l, count, first=0, values=True):
    """Phones in portions that the daemon takes. With values, configurations come from a template: one that was added, else the
    one that the program brings along for the family. The seconds that the commands took, and those of CPU time core needed,
    also for what it does while the next portion is read."""
    portion = 50000
    took, before = 0, cpu_seconds(l.daemon.pid)
    for begin in range(first, first + count, portion):
        rows = "name,model,group" + (",line1.name,line1.password" if values else "") + "\n"
        rows += "".join(f"{phone(i)},8861,branch" + (f",{4000000 + i},secret{i}" if values else "") + "\n"
                        for i in range(begin, min(begin + portion, first + count)))
        path = l.file("phones.csv", rows)
        start = time.monotonic()
        l.cli("phone", "import", path, timeout=600)
        took += time.monotonic() - start
    return took, cpu_seconds(l.daemon.pid) - before


def prepared(l):
    """Whether every configuration has been made in advance; how many are."""
    p = ask_daemon(l, "status")["prepared"]
    return p["done"] == p["phones"] and p["waiting"] == 0, p["done"] - p["waiting"]


def wait_long(what, condition, limit=3600):
    """Waits until condition() is true; the seconds it took."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > limit:
            raise lab.Failed(f"waited {limit} s for {what}")
        time.sleep(0.2)
    return time.monotonic() - begin


def until_prepared(l):
    return wait_long("configurations made in advance", lambda: prepared(l)[0])
