#!/usr/bin/env python3
"""The provisioning folder: a change of whatever kind is served on the next request, and what lies wrong in it is said."""
import json
import mmap
import os
import shutil
import signal
import socket
import time

import lab
from lab import TFTP, equal, expect

SETTLED_S = 2.2  # a copy of a file is kept when its last change is that old
REQUESTS = 8  # so that every front has answered, and kept the answer


def _get(l, name):
    """A file of one block, or None for "not found"."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.sendto(b"\0\1" + name.encode() + b"\0octet\0", ("127.0.0.1", l.port(TFTP)))
        data, peer = s.recvfrom(1024)
        if data[:2] == b"\0\5":
            expect(data[2:4] == b"\0\1", f"{name}: refused with {data!r}")
            return None
        expect(data[:4] == b"\0\3\0\1", f"{name}: not the first block: {data!r}")
        s.sendto(b"\0\4\0\1", peer)
        return data[4:].decode()


def _path(l, name):
    return os.path.join(l.cluster, "tftpboot", name)


def _serves(l, name, content, when):
    for i in range(REQUESTS):
        equal(_get(l, name), content, f"{name}, request {i + 1} {when}")


# --- changes: name, what it holds before and after, how it comes about; None is "not found" ---

def _in_place(l):
    l.put("in-place", "after")


def _by_rename(l):
    os.rename(l.put(".coming", "after"), _path(l, "by-rename"))


def _same_size_and_time(l):
    st = os.stat(_path(l, "same-size"))
    l.put("same-size", "AFTER")
    os.utime(_path(l, "same-size"), ns=(st.st_atime_ns, st.st_mtime_ns))


def _mapped(l):
    with open(_path(l, "mapped"), "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        m[:] = b"AFTER"
        m.flush()


def _shortened(l):
    os.truncate(_path(l, "shortened"), 3)


def _appended(l):
    with open(_path(l, "appended"), "a") as f:
        f.write(" and more")


def _deleted(l):
    os.unlink(_path(l, "deleted"))


def _created(l):
    l.put("created", "after")


def _linked(l):
    os.symlink("in-place", _path(l, "linked"))


def _pointed_elsewhere(l):
    os.symlink("two", _path(l, ".link"))
    os.rename(_path(l, ".link"), _path(l, "link"))


def _folder_exchanged(l):
    os.rename(_path(l, "exchanged"), _path(l, ".old"))
    os.rename(_path(l, "other"), _path(l, "exchanged"))


def _folder_gone(l):
    shutil.rmtree(_path(l, "going"))


def _folder_came(l):
    l.put("new/way/down", "after")


def _folder_for_a_file(l):
    os.unlink(_path(l, "turning"))
    os.mkdir(_path(l, "turning"))


CHANGES = [
    ("in-place", "before", "after", _in_place),
    ("by-rename", "before", "after", _by_rename),
    ("same-size", "other", "AFTER", _same_size_and_time),
    ("mapped", "other", "AFTER", _mapped),
    ("shortened", "before", "bef", _shortened),
    ("appended", "before", "before and more", _appended),
    ("deleted", "before", None, _deleted),
    ("created", None, "after", _created),
    ("linked", None, "after", _linked),
    ("link/file", "one", "two", _pointed_elsewhere),
    ("exchanged/file", "before", "after", _folder_exchanged),
    ("going/file", "before", None, _folder_gone),
    ("new/way/down", None, "after", _folder_came),
    ("turning", "before", None, _folder_for_a_file),
]


def _prepare(l):
    l.put("one/file", "one")
    l.put("two/file", "two")
    os.symlink("one", _path(l, "link"))
    l.put("other/file", "after")
    for name, before, _, _ in CHANGES:
        if before is not None and not os.path.exists(_path(l, name)):
            l.put(name, before)


def a_change_of_any_kind_is_served_on_the_next_request(l):
    l.up()
    _prepare(l)
    time.sleep(SETTLED_S)
    for name, before, after, change in CHANGES:
        _serves(l, name, before, "before")
        change(l)
        _serves(l, name, after, "after")


def _answers_while_core_stands_still(l, name):
    """What is asked for with core stopped, and again as soon as it goes on; None first when nothing came meanwhile."""
    core = l.children("core")[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        os.kill(core, signal.SIGSTOP)
        try:
            s.sendto(b"\0\1" + name.encode() + b"\0octet\0", ("127.0.0.1", l.port(TFTP)))
            try:
                got = s.recv(1024)[4:].decode()
            except TimeoutError:
                got = None
        finally:
            os.kill(core, signal.SIGCONT)
    return got, _get(l, name)


def a_core_that_is_busy_makes_no_answer_old(l):
    l.up()
    l.put("file", "before")
    l.put("sub/file", "before")
    time.sleep(SETTLED_S)
    for name in ("file", "sub/file"):
        _serves(l, name, "before", "before")
        equal(_answers_while_core_stands_still(l, name), ("before", "before"), "answers from copies")
        l.put(name, "after")
        equal(_answers_while_core_stands_still(l, name), (None, "after"), "answers after a change")
    os.rename(_path(l, "sub"), _path(l, "elsewhere"))
    equal(_answers_while_core_stands_still(l, "sub/file"), (None, None), "answers after a folder went")


def a_change_is_served_in_its_signed_form_too(l):
    l.up()
    l.put("ringlist.xml", "before")
    time.sleep(SETTLED_S)
    for _ in range(REQUESTS):
        expect(l.fetch("ringlist.xml.sgn").endswith(b"before"), "the signed form holds something else")
    l.put("ringlist.xml", "after")
    expect(l.fetch("ringlist.xml.sgn").endswith(b"after"), "the signed form is an old one")


def _repoint(l, target):
    os.symlink(target, os.path.join(l.cluster, "next"))
    os.rename(os.path.join(l.cluster, "next"), os.path.join(l.cluster, "tftpboot"))


def the_folder_itself_may_be_exchanged(l):
    l.have()
    shutil.rmtree(os.path.join(l.cluster, "tftpboot"))
    for release in ("one", "two"):
        os.makedirs(os.path.join(l.cluster, "releases", release))
        with open(os.path.join(l.cluster, "releases", release, "file"), "w") as f:
            f.write(release)
    _repoint(l, "releases/one")
    l.start()
    time.sleep(SETTLED_S)
    for target in ("one", "two", "one"):
        _repoint(l, f"releases/{target}")
        _serves(l, "file", target, f"with releases/{target}")
    os.rename(os.path.join(l.cluster, "releases"), os.path.join(l.cluster, "away"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.sendto(b"\0\1file\0octet\0", ("127.0.0.1", l.port(TFTP)))
        equal(s.recv(1024)[:2], b"\0\5", "answer while the folder is away")
    os.rename(os.path.join(l.cluster, "away"), os.path.join(l.cluster, "releases"))
    _serves(l, "file", "one", "when it is back")


def nobody_ever_gets_an_older_version_than_there_was(l):
    l.up()
    for n in range(400):
        os.rename(l.put(".coming", str(n)), _path(l, "counter"))
        equal(_get(l, "counter"), str(n), "version")


# --- what lies wrong in it ---

def files_check_says_what_is_wrong_and_fails(l):
    l.up()
    equal(l.json("files", "check"), [], "findings of an empty folder")
    l.put("ITLFile.tlv", "")
    l.put("ringlist.xml", "<a/>")
    l.put("sub/ringlist.xml.sgn", "vendor")
    equal([(f["path"], f["severity"]) for f in l.json("files", "check")], [("ITLFile.tlv", "note")], "findings")
    l.config("SEP001122334455")
    l.put("SEP0011223344AA.cnf.xml", "<device>\n<a>\n</device>")
    l.put("SEP0011223344AA.cnf.xml.sgn", "left over")
    l.put("sep0011223344bb.cnf.xml", "<device/>")
    os.symlink("/etc/passwd", _path(l, "sub/passwd"))
    done = l.cli("files", "check", "--json", status=1)
    found = {f["path"]: f for f in json.loads(done.stdout)}
    equal(sorted(found), ["ITLFile.tlv", "SEP0011223344AA.cnf.xml", "SEP0011223344AA.cnf.xml.sgn", "sep0011223344bb.cnf.xml",
                          "sub/passwd"], "paths")
    equal(found["SEP0011223344AA.cnf.xml"]["line"], 3, "line")
    expect("SEP0011223344BB.cnf.xml" in found["sep0011223344bb.cnf.xml"]["finding"], "the right name is not said")
    equal(done.stderr, "sealtone: 3 errors in the provisioning folder\n", "stderr")
    text = l.cli("files", "check", status=1).stdout
    for path in found:
        expect(path in text, f"{path} is not in\n{text}")


def files_check_goes_through_a_large_folder_while_phones_are_served(l):
    l.up()
    xml = l.config("SEP000000000000")
    for n in range(3000):
        l.put(f"SEP{n:012X}.cnf.xml", xml if n != 2000 else "broken")
    l.put("file", "served")
    check = l.spawn(l.binary("sealtone"), "--dir", l.cluster, "files", "check", "--json")
    answers = 0
    while check.poll() is None:
        equal(_get(l, "file"), "served", "file")
        answers += 1
    equal(check.returncode, 1, "status of files check")
    expect(answers > 10, f"{answers} requests were answered meanwhile")
    found = json.loads(l.cli("files", "check", "--json", status=1).stdout)
    equal([f["path"] for f in found], [f"SEP{2000:012X}.cnf.xml"], "paths")


lab.main(globals())
