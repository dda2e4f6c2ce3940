"""The hooks that are shipped, each against a telephone system or a switch that only notes what it is told."""
import os
import shutil
import stat

import lab
from lab import ROOT, equal, expect, run

HOOKS = os.path.join(ROOT, "hooks")
ALL = ["ask-the-user", "asterisk-pjsip", "chan-sccp", "freeswitch", "switch-port"]
NAME, CALL_ID = "SEP00175A4AA36D", "00175a4a-a36d0002-1f7fa5a8-5f4d53b9@192.0.2.7"
STAMP = "1284570837-bbc096ed"


def _fake(l, name, body=""):
    """A program of that name that notes its arguments, a line for each call, and then does what body says."""
    path = l.file(name, f'#!/bin/sh\nfor a; do printf "[%s]" "$a"; done >> {l.dir}/{name}.calls\necho >> {l.dir}/{name}.calls\n{body}\n')
    os.chmod(path, stat.S_IRWXU)


def _calls(l, name):
    try:
        with open(os.path.join(l.dir, f"{name}.calls")) as f:
            return f.read().splitlines()
    except FileNotFoundError:
        return []


def _run(l, hook, *args, status=0, model="8861", stamp=STAMP, settings=""):
    l.file("reset.conf", settings)
    done = run(os.path.join(HOOKS, hook), *args, status=status,
               env={"PATH": f"{l.dir}:{os.environ['PATH']}", "SEALTONE_DIR": l.dir, "SEALTONE_MODEL": model,
                    "SEALTONE_CONFIG_VERSION": "old", "SEALTONE_CONFIG_VERSION_NOW": stamp})
    return (done.stdout + done.stderr).splitlines()[-1]


def shellcheck_has_nothing_to_say(l):
    if shutil.which("shellcheck") is None:
        raise lab.Skipped("no shellcheck")
    run("shellcheck", "-x", *ALL, "common.sh", cwd=HOOKS)


def every_hook_refuses_what_is_not_asked_of_it(l):
    for hook in ALL:
        expect("usage" in _run(l, hook, NAME, status=1), f"{hook} without a kind")
        expect("expected reset" in _run(l, hook, NAME, "192.0.2.7", "reboot", status=1), f"{hook} with another kind")
        expect("no name" in _run(l, hook, "SEP;id", "192.0.2.7", "reset", status=1), f"{hook} with another name")


# --- FreeSWITCH ---

def _registration(call_id, user, ip, port):
    return (f"    <registration>\n        <call-id>{call_id}</call-id>\n        <user>{user}</user>\n        <agent>Cisco-CP8861/12.5.1</agent>\n"
            f"        <host>fs</host>\n        <network-ip>{ip}</network-ip>\n        <network-port>{port}</network-port>\n    </registration>\n")


def _freeswitch(l, *registrations, answer="+OK"):
    xml = l.file("list.xml", "<profile>\n  <registrations>\n" + "".join(_registration(*r) for r in registrations) + "  </registrations>\n</profile>\n")
    _fake(l, "fs_cli", f'case "$*" in *xmlstatus*) cat {xml} ;; *lua*) echo "{answer}" ;; esac')


def freeswitch_is_told_the_registration_of_the_phone(l):
    _freeswitch(l, ("other@192.0.2.7", "1002@pbx", "192.0.2.7", 5060), (CALL_ID.replace("0002-", "0003-", 1), "1003@pbx", "10.0.0.1", 5060),
                (CALL_ID, "1001@pbx", "10.0.0.1", 5060))
    lua = os.path.join(HOOKS, "freeswitch-notify.lua")
    equal(_run(l, "freeswitch", NAME, "192.0.2.7", "reset"), "NOTIFY to 1001@pbx")
    equal(_calls(l, "fs_cli"), ["[-x][sofia xmlstatus profile internal reg]",
                                f"[-x][lua {lua} internal 1001 pbx {CALL_ID} service-control reset {STAMP}]"])
    _run(l, "freeswitch", NAME, "192.0.2.7", "apply", model="7960", settings="FREESWITCH_CLI='fs_cli -p word'\nFREESWITCH_PROFILE=phones\n")
    equal(_calls(l, "fs_cli")[2:], ["[-p][word][-x][sofia xmlstatus profile phones reg]",
                                    f"[-p][word][-x][lua {lua} phones 1001 pbx {CALL_ID} check-sync check-version {STAMP}]"])


def freeswitch_finds_a_phone_by_its_address_when_it_is_alone_there(l):
    _freeswitch(l, ("abc@h", "1001@pbx", "192.0.2.7", 5060), ("def@h", "1002@pbx", "192.0.2.7", 5060), ("ghi@h", "1003@pbx", "192.0.2.8", 1))
    equal(_run(l, "freeswitch", NAME, "192.0.2.7", "restart", stamp=""), "NOTIFY to 1001@pbx")
    expect(_calls(l, "fs_cli")[-1].endswith(" 1001 pbx abc@h service-control restart old]"), "the last known version")
    expect("not registered" in _run(l, "freeswitch", NAME, "192.0.2.9", "reset", status=1), "another address")
    expect("not registered" in _run(l, "freeswitch", NAME, "", "reset", status=1), "no address")
    _freeswitch(l, ("abc@h", "1001@pbx", "192.0.2.7", 5060), ("def@h", "1002@pbx", "192.0.2.7", 5061))
    expect("several phones" in _run(l, "freeswitch", NAME, "192.0.2.7", "reset", status=1), "behind one address")
    _freeswitch(l, ("a b;c", "1001@pbx", "192.0.2.7", 5060))
    expect("is not taken" in _run(l, "freeswitch", NAME, "192.0.2.7", "reset", status=1), "a stranger's Call-ID")
    _freeswitch(l, (CALL_ID, "1001@pbx", "192.0.2.7", 5060), answer="-ERR no reply")
    expect("-ERR no reply" in _run(l, "freeswitch", NAME, "192.0.2.7", "reset", status=1), "what FreeSWITCH said")


# --- Asterisk ---

def _contact(call_id, endpoint, address):
    return (f'/registrar/contact/{endpoint};@0a1b                     : {{"via_addr":"{address}","qualify_timeout":"3.000000","call_id":"{call_id}",'
            f'"reg_server":"","endpoint":"{endpoint}","via_port":"5060","user_agent":"Cisco-CP8861/12.5.1"}}\n')


def _asterisk(l, *contacts, answer="Sending NOTIFY of type 'sealtone-reset' to '1001'"):
    db = l.file("contacts", "".join(_contact(*c) for c in contacts) + f"{len(contacts)} results found.\n")
    answer = l.file("answer", answer + "\n")
    _fake(l, "asterisk", f'case "$2" in database*) cat {db} ;; pjsip*) cp {l.dir}/notify.conf {l.dir}/sent; cat {answer} ;; esac')
    return f"ASTERISK_NOTIFY_FILE={l.dir}/notify.conf\n"


def asterisk_sends_the_section_that_was_written_for_the_phone(l):
    settings = _asterisk(l, ("other@h", "1002", "192.0.2.7"), (CALL_ID, "1001", "10.0.0.1"))
    equal(_run(l, "asterisk-pjsip", NAME, "192.0.2.7", "reset", settings=settings), "NOTIFY to 1001")
    equal(_calls(l, "asterisk"), ["[-rx][database show registrar/contact]", "[-rx][module reload res_pjsip_notify.so]",
                                  "[-rx][pjsip send notify sealtone-reset endpoint 1001]"])
    with open(os.path.join(l.dir, "sent")) as f:
        equal(f.read().splitlines()[1:], [
            "[sealtone-reset]", "Event=>service-control", "Content-Type=>text/plain", "Content=>action=reset", f"Content=>RegisterCallId={{{CALL_ID}}}",
            f"Content=>ConfigVersionStamp={{{STAMP}}}", "Content=>DialplanVersionStamp={0000000000000000}",
            "Content=>SoftkeyVersionStamp={0000000000000000}"])
    _run(l, "asterisk-pjsip", NAME, "192.0.2.7", "apply", settings=settings, stamp="a;b")
    with open(os.path.join(l.dir, "sent")) as f:
        text = f.read()
    expect("action=check-version\n" in text and "ConfigVersionStamp={0000000000000000}\n" in text, text)
    _run(l, "asterisk-pjsip", NAME, "192.0.2.7", "reset", settings=settings, model="CP-7960G")
    with open(os.path.join(l.dir, "sent")) as f:
        equal(f.read().splitlines()[1:], ["[sealtone-reset]", "Event=>check-sync"])


def asterisk_says_what_it_cannot_do(l):
    settings = _asterisk(l, ("a@h", "1001", "192.0.2.7"), ("b@h", "1002", "192.0.2.7"))
    expect("several endpoints" in _run(l, "asterisk-pjsip", NAME, "192.0.2.7", "reset", settings=settings, status=1), "behind one address")
    expect("not registered" in _run(l, "asterisk-pjsip", NAME, "192.0.2.8", "reset", settings=settings, status=1), "nobody")
    settings = _asterisk(l, ("x}\\nEvil", "1001", "192.0.2.7"))
    expect("is not taken" in _run(l, "asterisk-pjsip", NAME, "192.0.2.7", "reset", settings=settings, status=1), "a stranger's Call-ID")
    settings = _asterisk(l, ("a@h", "1001", "192.0.2.7"), answer="Sending NOTIFY of type 'sealtone-reset' to '1001'\nUnable to retrieve endpoint 1001")
    expect("Unable to retrieve" in _run(l, "asterisk-pjsip", NAME, "192.0.2.7", "restart", settings=settings, status=1), "what Asterisk said")


def chan_sccp_resets_and_restarts(l):
    _fake(l, "asterisk")
    for kind, command in (("reset", "reset"), ("restart", "restart"), ("apply", "restart")):
        equal(_run(l, "chan-sccp", NAME, "", kind), f"sccp {command} {NAME}")
    equal(_calls(l, "asterisk"), [f"[-rx][sccp reset {NAME}]", f"[-rx][sccp restart {NAME}]", f"[-rx][sccp restart {NAME}]"])
    _fake(l, "asterisk", f"echo \"Can't find device {NAME}\"")
    expect("Can't find" in _run(l, "chan-sccp", NAME, "", "reset", status=1), "what chan_sccp said")


# --- without a telephone system ---

def a_port_goes_down_and_always_comes_up_again(l):
    ports = l.file("ports", f"# name switch port\n{NAME} sw1.example.test 10017\nSEP001122334455 sw1 x\n")
    settings = f"SWITCH_PORTS={ports}\nPORT_DOWN_S=0\nSNMP_ARGS='-v2c -c private'\n"
    _fake(l, "snmpset")
    down, up = (f"[-v2c][-c][private][-t][3][-r][2][sw1.example.test][1.3.6.1.2.1.2.2.1.7.10017][i][{n}]" for n in (2, 1))
    equal(_run(l, "switch-port", NAME, "", "reset", settings=settings), "bounced port 10017 of sw1.example.test")
    equal(_calls(l, "snmpset"), [down, up])
    expect("no port" in _run(l, "switch-port", "SEP001122334455", "", "reset", settings=settings, status=1), "a bad line")
    expect("no port" in _run(l, "switch-port", "SEP001122334456", "", "reset", settings=settings, status=1), "no line")
    expect("cannot have a configuration" in _run(l, "switch-port", NAME, "", "apply", settings=settings, status=1), "apply")
    equal(len(_calls(l, "snmpset")), 2, "calls")
    _fake(l, "snmpset", 'case "$*" in *"i 2") exit 1 ;; esac')
    expect("did not take" in _run(l, "switch-port", NAME, "", "reset", settings=settings, status=1), "refused")
    equal(_calls(l, "snmpset")[-1], up, "up all the same")
    slow = l.spawn("env", f"PATH={l.dir}:{os.environ['PATH']}", f"SEALTONE_DIR={l.file('reset.conf', settings.replace('S=0', 'S=30')) and l.dir}",
                   os.path.join(HOOKS, "switch-port"), NAME, "", "reset", start_new_session=True)
    _fake(l, "snmpset")
    before = len(_calls(l, "snmpset"))
    lab.wait_for("the port to be down", lambda: len(_calls(l, "snmpset")) > before)
    os.killpg(slow.pid, lab.signal.SIGTERM)
    slow.wait(timeout=10)
    equal(_calls(l, "snmpset")[-1], up, "up when its time is over")


def a_user_is_asked_by_mail_or_with_a_note(l):
    _fake(l, "mail", f"cat > {l.dir}/letter")
    users = l.file("users", f"{NAME} anna@example.test\nSEP001122334457 -oQ/tmp\n")
    settings = f"USERS={users}\nNOTES={l.dir}/notes\n"
    equal(_run(l, "ask-the-user", NAME, "", "reset", settings=settings), "mailed anna@example.test")
    equal(_calls(l, "mail"), ["[-s][Please restart your phone][anna@example.test]"])
    with open(os.path.join(l.dir, "letter")) as f:
        expect(f"8861 {NAME}" in f.read(), "the phone in the letter")
    equal(_run(l, "ask-the-user", "SEP001122334455", "192.0.2.7", "reset", settings=settings), f"noted in {l.dir}/notes")
    with open(os.path.join(l.dir, "notes")) as f:
        expect(f.read().endswith(" SEP001122334455 192.0.2.7\n"), "the note")
    expect("no mail address" in _run(l, "ask-the-user", "SEP001122334457", "", "reset", settings=settings, status=1), "an option as an address")
    expect("nobody is known" in _run(l, "ask-the-user", "SEP001122334455", "", "reset", settings=f"USERS={users}\n", status=1), "nobody")


lab.main(globals())
