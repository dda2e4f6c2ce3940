"""Resets by the hook: what it is given, canary and waves, losses, a restart in the middle."""
import os
import stat

import lab
from lab import equal, expect, run, wait_for

NAMES = [f"SEP0011223344{n:02X}" for n in range(6)]


def _hook(l, body):
    """A hook, and the daemon started with it. Each run notes its arguments in the file runs."""
    path = l.file("hook", f'#!/bin/sh\nrun="$1 $2 $3"\necho "$run" >> {l.dir}/runs\n{body}\n')
    os.chmod(path, stat.S_IRWXU)
    l.have()
    l.set_conf("reset", "hook", path)
    l.start()
    for name in NAMES:
        l.cli("phone", "add", name, "--model", "8861")
        l.config(name)
    return path


def _boots():
    """Shell words: after a second the phone asks for its configuration."""
    port = "$(sed -n 's/^tftp-port = //p' $SEALTONE_DIR/sealtone.conf)"
    return f'sleep 1.1; curl -s -o /dev/null "tftp://127.0.0.1:{port}/$1.cnf.xml"'


def _runs(l):
    try:
        with open(os.path.join(l.dir, "runs")) as f:
            return f.read().splitlines()
    except FileNotFoundError:
        return []


def _show(l, job):
    return l.json("reset", "show", str(job))


def _until(l, job, what, **want):
    def there():
        now = _show(l, job)
        return now if all(now[k] == v for k, v in want.items()) else None
    try:
        return wait_for(what, there)
    except lab.Failed as fault:
        raise lab.Failed(f"{fault}: {_show(l, job)}") from None


def _place(l, job, name):
    return next(p for p in _show(l, job)["places"] if p["name"] == name)


def without_a_hook_phones_are_waited_for_until_they_boot_by_themselves(l):
    l.up()
    for name in NAMES[:2]:
        l.cli("phone", "add", name)
        l.config(name)
    begun = l.json("phone", "reset", "--all", "--wait", "1s")
    equal((begun["phones"], begun["hook"]), (2, False))
    now = _until(l, begun["job"], "phones that are waited for", own_reboot=2)
    equal(_place(l, 1, NAMES[0])["reason"], "waiting for its own reboot")
    expect("own-reboot" in l.cli("phone", "show", NAMES[0]).stdout, "the phone's own page")
    lab.time.sleep(1.5)
    equal(_show(l, 1)["state"], "running", "nobody is missing without a hook")
    l.fetch(f"{NAMES[0]}.cnf.xml")
    _until(l, 1, "the one that booted", back=1, own_reboot=1)
    l.fetch(f"{NAMES[1]}.cnf.xml")
    now = _until(l, 1, "the other one", back=2, state="done")
    equal(now["reason"], "")


def the_hook_is_given_name_address_kind_and_versions(l):
    path = _hook(l, "set | grep ^SEALTONE_; id -un; echo; echo 'told the phone' >&2; echo")
    l.fetch(f"{NAMES[0]}.cnf.xml")
    wait_for("the visit", lambda: l.json("phone", "show", NAMES[0])["last_seen"])
    served = wait_for("what was served", lambda: (l.json("phone", "show", NAMES[0])["served"]["config"] or {}).get("version"))
    with open(path, "a") as f:
        f.write(f"env > {l.dir}/env\ncat > /dev/null\n")
    job = l.json("phone", "reset", NAMES[0], "--kind", "apply")["job"]
    now = _until(l, job, "a hook that ended", sent=1)
    equal(_runs(l), [f"{NAMES[0]} 127.0.0.1 apply"])
    equal((_place(l, job, NAMES[0])["reason"], _place(l, job, NAMES[0])["status"]), ("told the phone", 0))
    with open(os.path.join(l.dir, "env")) as f:
        env = dict(line.split("=", 1) for line in f.read().splitlines() if "=" in line)
    want = {"SEALTONE_PHONE": NAMES[0], "SEALTONE_MODEL": "8861", "SEALTONE_CONFIG_VERSION": served,
            "SEALTONE_CONFIG_VERSION_NOW": l.json("phone", "show", NAMES[0])["config"]["version"],
            "SEALTONE_CLUSTER": "pub", "SEALTONE_DIR": os.path.realpath(l.cluster)}
    equal({k: env.get(k) for k in want}, want)
    expect(not {"SEALTONE_PASSPHRASE", "PYTHONDONTWRITEBYTECODE"} & set(env), f"environment: {env}")
    equal(l.json("phone", "show", NAMES[0])["reset"]["state"], "sent")
    equal(now["state"], "running")
    l.cli("reset", "stop", str(job))
    l.fails("reset", "stop", str(job), says=["is stopped"])


def a_canary_goes_first_and_waves_follow_when_it_is_back(l):
    _hook(l, _boots())
    dry = l.cli("phone", "reset", "model is exactly 8861", "--canary", "10", "--wave", "3", "--dry-run").stdout
    expect("6 phones would be reset in 3 waves, 1 of them first" in dry, dry)
    equal(l.json("reset", "show"), [])
    job = l.json("phone", "reset", "model", "is", "exactly", "8861", "--canary", "10", "--wave", "3", "--wait", "30s")["job"]
    now = _until(l, job, "all of them", state="done", back=6)
    equal((now["wave"], now["waves"], now["missing"] + now["failed"]), (3, 3, 0))
    runs = _runs(l)
    equal(sorted(r.split()[0] for r in runs), NAMES)
    equal(runs[0].split()[0], NAMES[5], "the canary")
    equal({r.split()[-1] for r in runs}, {"reset"})


def a_canary_share_that_is_lost_is_named_and_the_rest_is_left_alone(l):
    _hook(l, "echo called")
    job = l.json("phone", "reset", "--all", "--canary", "30", "--wave", "2", "--wait", "1s", "--tolerance", "40")["job"]
    now = _until(l, job, "the stop", state="stopped")
    equal((now["waiting"], now["missing"], now["wave"]), (4, 2, 1))
    expect("wave 1 of 3: 2 of 2 phones are lost: " in now["reason"] and "(missing)" in now["reason"], now["reason"])
    lost = [p for p in now["places"] if p["state"] == "missing"]
    expect(all(p["name"] in now["reason"] and "not seen for 1 seconds; the hook: called" == p["reason"] for p in lost), f"{now}")
    expect("stopped" in l.cli("reset", "show").stdout and "reset-stopped" in l.cli("log").stdout, "said")
    for p in lost:  # they come back late
        l.fetch(f"{p['name']}.cnf.xml")
    _until(l, job, "the late ones", back=2, missing=0, state="stopped")
    l.cli("reset", "resume", str(job))
    _until(l, job, "the next wave's loss", state="stopped", wave=2, missing=2)
    l.cli("reset", "resume", str(job))
    now = _until(l, job, "the last wave", state="done", back=2, missing=4)
    expect("wave 3 of 3" in now["reason"], now["reason"])
    l.fails("reset", "resume", str(job), says=["is done"])


def a_hook_that_fails_is_a_state_with_its_last_line(l):
    path = _hook(l, "echo 'no such peer' >&2; exit 3")
    job = l.json("phone", "reset", NAMES[0], NAMES[1], "--canary", "50")["job"]
    now = _until(l, job, "the stop", state="stopped", failed=1, waiting=1)
    one, = now["places"]
    equal((one["reason"], one["status"]), ("the hook ended with status 3: no such peer", 3))
    equal(l.json("phone", "show", one["name"])["reset"]["state"], "failed")
    with open(path, "w") as f:
        f.write("#!/bin/sh\nexec sleep 60\n")
    l.cli("reset", "resume", str(job), "--retry")
    _until(l, job, "a hook that runs", asked=1, failed=0)
    first = l.children("hook")[0]
    os.kill(first, lab.signal.SIGKILL)
    wait_for("another process", lambda: l.children("hook") and l.children("hook") != [first])
    _until(l, job, "the hook once more", asked=1, failed=0)
    os.kill(l.children("hook")[0], lab.signal.SIGKILL)
    now = _until(l, job, "the second loss of the process", state="stopped", failed=1)
    expect("the process that runs hooks has ended" == now["places"][0]["reason"], f"{now}")
    with open(path, "w") as f:
        f.write("#!/bin/sh\ntrue\n")
    l.cli("reset", "resume", str(job), "--retry")
    _until(l, job, "once more, by another one", sent=1, waiting=1)
    second = l.json("phone", "reset", one["name"])["job"]
    now = _until(l, job, "its going over", skipped=1)
    equal(next(p["reason"] for p in now["places"] if p["state"] == "skipped"), f"reset job {second} has it")
    _slips_are_refused(l)


def _slips_are_refused(l):
    l.fails("phone", "reset", "SEP0011223344FF", says=["no phone SEP0011223344FF"])
    l.fails("phone", "reset", "88 61", says=["criteria"])
    l.fails("phone", "reset", "model is exactly 9999", says=["no phone fits"])
    l.fails("phone", "reset", NAMES[0], "--kind", "reboot", status=2, says=["reset, restart or apply"])
    l.fails("reset", "show", "99", says=["no reset job 99"])
    for args in ([], [NAMES[0], "--all"], [NAMES[0], "--wait", "0s"], [NAMES[0], "--wait", "10"], [NAMES[0], "--canary", "101"]):
        l.fails("phone", "reset", *args, status=2)


def a_hook_has_its_user_and_its_time_and_one_that_is_not_there_is_said(l):
    path = l.file("hook", "#!/bin/sh\ntrap 'echo cleaned up by $(id -un); exit 0' TERM\necho begun\nsleep 60 & wait\n")
    os.chmod(path, 0o755)
    os.chmod(l.dir, 0o711)
    user = "nobody" if os.geteuid() == 0 else run("id", "-un").stdout.strip()
    l.have()
    l.set_conf("reset", "hook-user", "nobody")
    l.set_conf("reset", "hook", path)
    l.set_conf("reset", "hook-timeout", "1")
    l.start()
    l.cli("phone", "add", NAMES[0])
    job = l.json("phone", "reset", NAMES[0])["job"]
    _until(l, job, "its end", failed=1, state="done")
    equal(_place(l, job, NAMES[0])["reason"], f"the hook did not end within 1 seconds: cleaned up by {user}")
    os.unlink(path)
    job = l.json("phone", "reset", NAMES[0])["job"]
    _until(l, job, "the failure", failed=1, state="done")
    expect(f"cannot run {path}: No such file" in _place(l, job, NAMES[0])["reason"], "why")


def a_restart_in_the_middle_loses_nothing(l):
    _hook(l, f'if [ -e {l.dir}/go ]; then {_boots()}; else exec sleep 30; fi')
    job = l.json("phone", "reset", "--all", "--canary", "0", "--wave", "2", "--wait", "20s")["job"]
    _until(l, job, "hooks that run", asked=2)
    wait_for("the hooks", lambda: len(_runs(l)) == 2)
    l.stop(lab.signal.SIGKILL, status=-9)
    l.file("go", "")
    wait_for("the end of its children", lambda: not _orphans(l), seconds=10)
    l.start()
    now = _until(l, job, "all of them", state="done", back=6)
    equal((now["waves"], now["failed"] + now["missing"]), (3, 0))
    equal(len(_runs(l)), 8, "two hooks ran again")


def _orphans(l):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline") as f:
                words = f.read().split("\0")
        except OSError:
            continue
        if l.cluster in words or os.path.join(l.dir, "hook") in words:
            found.append(words)
    return found


lab.main(globals())
