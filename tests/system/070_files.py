"""The file commands over every vector, and the cluster's own list judged by a decoder that shares no code with ours."""
import hashlib
import json
import os
import re
import shutil
import sys

import lab
from lab import VECTORS, equal, expect, run

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "independent"))
import read_tlv  # noqa: E402

NAME = "SEP001122334455"
MODIFIED, MODIFIED_TEXT = 1311776184, "Wed Jul 27 10:16:24 EDT 2011"
FAILURE = "Verification of the {0} file failed.\nError parsing the {0} file!!\n"
FULL, HASH = [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6, 7, 8, 11, 12]

with open(os.path.join(VECTORS, "expected.json"), encoding="utf-8") as f:
    EXPECTED = json.load(f)


def _vectors(*kinds):
    return [(path, e) for path, e in sorted(EXPECTED.items()) if e["kind"] in kinds]


def _path(*names):
    return os.path.join(VECTORS, *names)


def _read(path):
    with open(path, "rb") as f:
        return f.read()


def _signer(expected):
    """Options that name who signed; a list names its signer itself."""
    return ["--cert", _path(expected["options"]["cert"])] if "cert" in expected["options"] else []


def _fails(l, *args, says=""):
    done = l.cli(*args, status=1)
    expect(done.stderr.startswith("sealtone: ") and done.stderr.count("\n") == 1, f"{args}: expected one line: {done.stderr!r}")
    expect(says in done.stderr, f"{args}: expected {says!r} in {done.stderr!r}")
    return done


# --- show ---

def _container_sizes(e):
    """What the boxes of a header hold by files.md 1.1: three bytes of tag and length for each element."""
    out = {"signer": 9 + len(e["signer_name"].encode()) + 1 + len(e["issuer"].encode()) + 1 + len(e["serial"]) // 2, "siginfo": 15,
           "sigalginfo": 8}
    if "keybits" in e:
        out.update({"ivinfo": 28, "keyinfo": 16 + e["keybits"] // 8, "encinfo": 6 + 28 + 16 + e["keybits"] // 8})
    return out


def file_show_prints_every_field_of_every_vector(l):
    vectors = _vectors("tlv", "sgn", "enc")
    shown = json.loads(l.cli("file", "show", "--json", *(_path(p) for p, _ in vectors)).stdout)
    equal(len(shown), len(vectors), "files shown")
    for (path, expected), got in zip(vectors, shown):
        want = dict(expected["parse"])
        for box, size in _container_sizes(want).items():
            equal(want.pop(box), size, f"{path}: {box} by arithmetic")
        for name in ("plain_length", "plain_sha256"):
            want.pop(name, None)  # known after decryption
        records = want.pop("records", [])
        equal({k: got.get(k, "missing") for k in want}, want, path)
        equal(len(got.get("records", [])), len(records), f"{path}: records")
        for i, (mine, theirs) in enumerate(zip(got.get("records", []), records), 1):
            equal({k: mine.get(k, "missing") for k in theirs}, theirs, f"{path}: record {i}")
        equal((got["file"], os.path.basename(got["file"])), (_path(path), os.path.basename(path)), "file")


def file_show_prints_text_for_people(l):
    for path, expected in _vectors("tlv", "sgn", "enc"):
        text = l.cli("file", "show", _path(path)).stdout
        for part in (f"HeaderLength:\t{expected['parse']['header_length']} (BYTES)", f"Version:\t{expected['parse']['version']}"):
            expect(part in text, f"{path}: {part!r} is not in\n{text}")
        equal(len(re.findall("Record #:", text)), len(expected["parse"].get("records", [])), f"{path}: records")


# --- verify ---

def file_verify_accepts_every_vector(l):
    lists = [_path(p) for p, _ in _vectors("tlv")]
    out = l.cli("file", "verify", *lists).stdout
    equal(out.count(": ok, trust list, signed with "), len(lists), "lists that are good")
    for path, expected in _vectors("sgn", "enc"):
        got = l.json("file", "verify", *_signer(expected), _path(path))
        equal((got["ok"], got["reason"], got["signer"]), (True, None, expected["parse"]["signer_name"]), path)


def file_verify_refuses_a_flipped_byte_anywhere_and_says_why(l):
    for path, expected in _vectors("tlv", "sgn", "enc"):
        whole = _read(_path(path))
        header = _places(whole)
        places = {"a name": whole.index(b"CN=") + 4, "the signature": header["signature"] + 9, "the last byte": len(whole) - 1,
                  "the header length": 9}
        if path == "sgn/empty.xml.sgn":
            del places["the last byte"]  # it is padding or part of the time
        bad = [l.file(f"bad in {what}", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]) for what, at in places.items()]
        bad += [l.file(f"cut at {n}", whole[:n]) for n in (0, 5, header["length"] - 1, len(whole) - 1)]
        done = _fails(l, "file", "verify", "--json", *_signer(expected), *bad, says=bad[0])
        for one, name in zip(json.loads(done.stdout), bad):
            expect(one["file"] == name and one["ok"] is False and len(one["reason"]) > 10, f"{path}: {one}")


def _places(data):
    """Where the signature is and where the header ends, for all three kinds (files.md 1.2, 4)."""
    at, out = 0, {"length": int.from_bytes(data[8:10], "big")}
    while "signature" not in out:
        tag, length = data[at], int.from_bytes(data[at + 1:at + 3], "big")
        if tag == 12:
            out["signature"] = at + 3
        at += 3 + length
    return out


def file_verify_judges_by_the_right_certificate_only(l):
    path = _path("sgn", "Ringlist.xml.sgn")
    l.cli("file", "verify", "--cert", _path("keys", "tftp.pem"), path)
    for stranger in ("tftp1024.pem", "sast.pem", "tftp-ec384.pem"):
        _fails(l, "file", "verify", "--cert", _path("keys", stranger), path, says="Ringlist.xml.sgn")
    _fails(l, "file", "verify", "--cert", _path("README.md"), path, says="README.md")
    _fails(l, "file", "verify", "--cert", _path("nowhere.pem"), path, says="nowhere.pem")
    itl = _path("tlv", "itl-03-all-roles-sha1.tlv")
    l.cli("file", "verify", "--trust", itl, path)
    _fails(l, "file", "verify", "--trust", _path("tlv", "itl-01-sast-only-sha1.tlv"), path, says="itl-01-sast-only-sha1.tlv")
    _fails(l, "file", "verify", "--cert", _path("keys", "tftp.pem"), _path("tlv", "itl-01-sast-only-sha1.tlv"))
    got = json.loads(_fails(l, "file", "verify", "--json", itl, _path("README.md")).stdout)
    equal([v["ok"] for v in got], [True, False], "each of several files")


# --- sign and strip ---

def file_sign_is_what_openssl_and_the_decoder_verify(l):
    for digest in ("sha1", "sha512"):
        for key in ("tftp.pem", "tftp1024.pem", "tftp4096.pem"):
            for size, option in ((0, "--key"), (1, "--cert"), (70000, "--key")):
                content = os.urandom(size)
                plain = l.file("Ringlist.xml", content)
                l.cli("file", "sign", option, _path("keys", key), "--digest", digest, plain)
                raw = _read(plain + ".sgn")
                shown, payload = read_tlv.read(raw, _read(_path("keys", key)))
                equal((shown["digest"], shown["filename"], payload == content), (digest, "Ringlist.xml.sgn", True), f"{key} {digest} {size}")
                l.cli("file", "verify", "--cert", _path("keys", key), plain + ".sgn")
                os.unlink(plain + ".sgn")


def file_sign_takes_a_name_an_output_and_separate_key_and_certificate(l):
    plain = l.file("tones.xml", b"<tones/>")
    pem = _read(_path("keys", "tftp.pem"))
    begin = pem.index(b"-----BEGIN CERTIFICATE")
    key, cert = l.file("key.pem", pem[:begin]), l.file("cert.pem", pem[begin:])
    out = l.cli("file", "sign", "--key", key, "--cert", cert, "--name", "Norway/tones.xml.sgn", "--out", "-", plain, text=False).stdout
    shown, payload = read_tlv.read(out, pem)
    equal((shown["filename"], payload), ("Norway/tones.xml.sgn", b"<tones/>"), "what is on standard output")
    l.cli("file", "sign", "--key", key, "--cert", cert, "--out", os.path.join(l.dir, "out.sgn"), plain)
    before = _read(os.path.join(l.dir, "out.sgn"))
    l.cli("file", "sign", "--key", key, "--cert", cert, plain)
    _fails(l, "file", "sign", "--key", key, "--cert", cert, plain, says="exists")
    expect(_read(os.path.join(l.dir, "out.sgn")) == before, "what was there stays")


def file_sign_refuses_wrong_keys_and_leaves_nothing(l):
    plain = l.file("plain.xml", b"<x/>")
    before = sorted(os.listdir(l.dir))
    for args, why in ((["--key", _path("keys", "tftp.pem"), "--cert", _path("keys", "sast.pem")], "does not belong"),
                      (["--key", _path("README.md")], "README.md"), (["--key", "/nowhere.pem"], "/nowhere.pem"),
                      (["--key", _path("keys", "tftp-ec384.pem")], "")):
        _fails(l, "file", "sign", *args, plain, says=why)
        equal(sorted(os.listdir(l.dir)), before, f"files after {args}")
    _fails(l, "file", "sign", "--key", _path("keys", "tftp.pem"), os.path.join(l.dir, "missing.xml"), says="missing.xml")
    l.cli("file", "sign", "--key", _path("keys", "tftp.pem"), "--digest", "md5", plain, status=2)


def file_build_makes_a_list_as_a_real_cluster_does(l):
    out, key = os.path.join(l.dir, "ITLFile.tlv"), _path("keys", "sast.pem")
    certs = {"capf": "cucm-a-capf", "tvs": "cucm-a-tvs-pub", "TFTP": "cucm-a-callmanager", "sast": "cucm-a-itlrecovery"}
    l.cli("file", "build", out, "--key", key, *[w for f, c in certs.items() for w in ("--record", f"{f}={_path('keys', c + '.pem')}")])
    l.cli("file", "verify", out)
    shown = read_tlv.read(_read(out))[0]
    equal([r["role"] for r in shown["records"]], ["SAST", "CAPF", "TVS", "TFTP", "SAST"], "the signer, then as they were named")
    equal((shown["filename"], shown["version"], shown["digest"]), ("ITLFile.tlv", "1.2", "sha1"), "header")
    expect(28 not in shown["order"], "a signer version without an EC record")
    real = [{**r, "offset": 0} for n in ("cucm-02-itl-11.x-layout", "cucm-03-itl-itlrecovery-signed-sha512") for r in read_tlv.read(_read(_path("tlv", n + ".tlv")))[0]["records"]]
    for record in shown["records"][1:]:
        expect({**record, "offset": 0} in real, f"{record['role']} is not as a real cluster writes it: {record}")


def file_build_makes_a_ctl_and_an_empty_list(l):
    ctl, key = os.path.join(l.dir, "CTLSEP001122334455.tlv"), _path("keys", "sast.pem")
    l.cli("file", "build", ctl, "--key", key, "--digest", "sha512", "--record", f"ccm+tftp={_path('keys', 'ccm.pem')}",
          "--record", f"capf={_path('keys', 'capf.pem')}", "--record", f"SAST={key}")
    shown = read_tlv.read(_read(ctl))[0]
    equal([r["role"] for r in shown["records"]], ["CCM+TFTP", "CAPF", "SAST"], "the signer was named")
    equal((shown["filename"], shown["digest"]), ("CTLFile.tlv", "sha512"), "header")
    expect(all(r["order"][-1] == 10 and r["certificate_sha1"] for r in shown["records"]), f"not in the style of a CTL: {shown}")
    expect("The CTL file was verified successfully." in l.cli("show", "ctl", ctl).stdout, "show ctl")
    empty = l.cli("file", "build", "ITLFile.tlv", "--key", key, "--out", "-", text=False).stdout
    equal([r["role"] for r in read_tlv.read(empty)[0]["records"]], ["SAST"], "records of an empty list")
    ec = l.cli("file", "build", "ITLFile.tlv", "--key", key, "--record", f"tftp={_path('keys', 'tftp-ec384.pem')}", "--out", "-", text=False).stdout
    expect(28 in read_tlv.read(ec)[0]["order"], "an EC TFTP record, and no signer version")
    equal(l.json("file", "show", l.file("EC.tlv", ec))["signer_version"], "1.1", "signer version of a list with an EC record")


def file_build_refuses_what_phones_would_not_load(l):
    out, key = os.path.join(l.dir, "ITLFile.tlv"), _path("keys", "sast.pem")
    for args, why in ((["--key", _path("keys", "tftp-ec384.pem")], "RSA"), (["--key", key, "--record", "tvs=/nowhere.pem"], "/nowhere.pem"),
                      (["--key", key, *["--record", f"tftp={_path('keys', 'tftp4096.pem')}"] * 40], "65536")):
        _fails(l, "file", "build", out, *args, says=why)
        expect(not os.path.exists(out), f"{why}: something was written")
    for record in ("tvs", "phone=x.pem", "=x.pem", "an-over-long-function=x.pem"):
        expect("FUNCTION=FILE" in l.cli("file", "build", out, "--key", key, "--record", record, status=2).stderr, record)
    l.cli("file", "build", out, "--key", key)
    _fails(l, "file", "build", out, "--key", key, says="exists")


def file_strip_gives_the_payload(l):
    for path, expected in _vectors("sgn"):
        out = l.cli("file", "strip", "--out", "-", _path(path), text=False).stdout
        equal(hashlib.sha256(out).hexdigest(), expected["parse"]["payload_sha256"], path)
        if "plain" in expected["options"]:
            expect(out == _read(_path(expected["options"]["plain"])), f"{path}: another payload")
    shutil.copy(_path("sgn", "Ringlist.xml.sgn"), l.dir)
    l.cli("file", "strip", os.path.join(l.dir, "Ringlist.xml.sgn"))
    expect(_read(os.path.join(l.dir, "Ringlist.xml")) == _read(_path("sgn", "Ringlist.xml")), "the file beside it")
    _fails(l, "file", "strip", os.path.join(l.dir, "Ringlist.xml.sgn"), says="exists")
    _fails(l, "file", "strip", "--out", "-", _path("tlv", "itl-01-sast-only-sha1.tlv"), says="trust list")
    _fails(l, "file", "strip", "--out", "-", _path("README.md"), says="README.md")


# --- encrypt and decrypt ---

def file_decrypt_opens_every_vector_and_refuses_wrong_keys(l):
    for path, expected in _vectors("enc"):
        options = expected["options"]
        out = l.cli("file", "decrypt", "--key", _path(options["key"]), "--out", "-", *_signer(expected), _path(path), text=False).stdout
        expect(out == _read(_path(options["plain"])), f"{path}: another plain text")
        for key in ("sast.pem", "lsc4096.pem", "lsc-ec384.pem"):
            if key not in options["key"]:
                _fails(l, "file", "decrypt", "--key", _path("keys", key), "--out", "-", _path(path), says=os.path.basename(path))
        _fails(l, "file", "decrypt", "--key", _path(options["key"]), "--cert", _path("keys", "sast.pem"), "--out", "-", _path(path))
    shutil.copy(_path("enc", "SEPAABBCCDDEEFF.cnf.xml.enc.sgn"), l.dir)
    copy = os.path.join(l.dir, "SEPAABBCCDDEEFF.cnf.xml.enc.sgn")
    _fails(l, "file", "decrypt", "--key", _path("keys", "lsc.pem"), copy)
    expect(not os.path.exists(copy[:-8]), "a wrong key leaves nothing")
    l.cli("file", "decrypt", "--key", _path("keys", "mic.pem"), copy)
    expect(_read(copy[:-8]) == _read(_path("enc", "SEPAABBCCDDEEFF.cnf.xml.plain")), "the file beside it")
    _fails(l, "file", "decrypt", "--key", _path("keys", "mic.pem"), "--out", "-", _path("sgn", "Ringlist.xml.sgn"), says="not an encrypted file")


def file_encrypt_then_decrypt_gives_the_same(l):
    for size in (1, 15, 16, 17, 5000):
        content = os.urandom(size)
        plain = l.file(f"{NAME}.cnf.xml", content)
        for digest, phone in (("sha1", "lsc.pem"), ("sha512", "mic.pem"), ("sha1", "lsc1024.pem")):
            out = os.path.join(l.dir, "out.enc.sgn")
            l.cli("file", "encrypt", "--key", _path("keys", "tftp.pem"), "--phone", _path("keys", phone), "--digest", digest, "--out", out, plain)
            got = l.cli("file", "decrypt", "--key", _path("keys", phone), "--cert", _path("keys", "tftp.pem"), "--out", "-", out, text=False)
            expect(got.stdout == content, f"{size} bytes for {phone} come back as others")
            equal(l.json("file", "show", out)["filename"], f"{NAME}.cnf.xml.enc.sgn", "name")
            expect(len(content) < 16 or content not in _read(out), "the plain text is not in the file")
    _fails(l, "file", "encrypt", "--key", _path("keys", "tftp.pem"), "--phone", _path("keys", "lsc-ec384.pem"), plain)
    expect(not os.path.exists(plain + ".enc.sgn"), "a phone with an EC key leaves nothing")


# --- show itl and show ctl ---

def _row(tag, name, length, value=""):
    """phone.md 7.1: columns are tab stops, the second at 8, the third at 24."""
    return f"{tag}\t{name}" + ("\t\t" if len(name) < 8 else "\t") + f"{length}" + (f"\t{value}" if value != "" else "") + "\n"


def _dotted(value):
    return ":".join(f"{b:02X}" for b in value)


def _spaced(value):
    return " ".join(f"{b:02X}" for b in value)


COLUMNS = "BYTEPOS\tTAG\t\tLENGTH\tVALUE\n-------\t---\t\t------\t-----\n"
HEADER_NAMES = {3: "SIGNERID", 4: "SIGNERNAME", 5: "SERIALNUMBER", 6: "CANAME", 7: "SIGNATUREINFO", 8: "DIGESTALGORTITHM", 9: "SIGNATUREALGOINFO",
                10: "SIGNATUREALGORTITHM", 11: "SIGNATUREMODULUS", 12: "SIGNATURE", 14: "FILENAME", 15: "TIMESTAMP"}
RECORD_NAMES = {1: "RECORDLENGTH", 2: "DNSNAME", 3: "SUBJECTNAME", 4: "FUNCTION", 5: "ISSUERNAME", 6: "SERIALNUMBER", 7: "PUBLICKEY",
                8: "SIGNATURE", 9: "CERTIFICATE", 10: "IPADDRESS", 11: "CERTHASH", 12: "HASH ALGORITHM"}


def _header_text(header):
    out = f"Version:\t{header.version[0]}.{header.version[1]}\nHeaderLength:\t{header.length} (BYTES)\n\n" + COLUMNS
    for tag in header.order:
        value = header.values[tag]
        if tag not in HEADER_NAMES:
            continue
        text = {4: lambda v: v[:-1].decode(), 6: lambda v: v[:-1].decode(), 5: _dotted}.get(tag, lambda v: "")(value)
        boxed = tag in (3, 7, 9)
        out += _row(tag, HEADER_NAMES[tag], 2 if boxed else len(value), len(value) if boxed else text)
        if tag == 12:
            out += "".join("".join(f"{b:<4x}" for b in value[i:i + 8]) + "\n" for i in range(0, len(value), 8))
    return out


def _record_text(header, values, order, name):
    role = int.from_bytes(values[4], "big")
    texts = {1: lambda v: int.from_bytes(v, "big"), 2: lambda v: v.rstrip(b"\0 ").decode(), 3: lambda v: v[:-1].decode(), 5: lambda v: v[:-1].decode(),
             4: lambda v: "System Administrator Security Token" if role == 0 else read_tlv.ROLES[role], 6: _dotted, 11: _spaced,
             9: lambda v: _spaced(hashlib.sha1(v).digest()) + " (SHA1 Hash HEX)", 12: lambda v: {1: "SHA-1", 3: "SHA-512"}.get(v[0], "null")}
    out = "".join(_row(t, RECORD_NAMES[t], len(values[t]), texts.get(t, lambda v: "")(values[t])) for t in order)
    if role == 0:
        signed = values[6] == header.serial and values[5][:-1].decode() == header.issuer
        out += f"This etoken was {'' if signed else 'not '}used to sign the {name} file.\n"
    return out


def _listing(data, name):
    """The listing of a good list, written from phone.md 7.1."""
    header = read_tlv.Header(data)
    out = (f"The checksum value of the {name} file:\n{hashlib.md5(data).hexdigest()}(MD5)\n{hashlib.sha1(data).hexdigest()}(SHA1)\n\n"
           f"Length of {name} file: {len(data)}\nThe {name} File was last modified on {MODIFIED_TEXT}\n\nParse {name} File\n----------------\n\n")
    out += _header_text(header)
    at, number = header.length, 1
    while at < len(data):
        values, order, at = read_tlv.record(data, at, number)
        out += f"\n{name} Record #:{number}\n\t  ----\n" + COLUMNS + _record_text(header, values, order, name)
        number += 1
    return out + f"\nThe {name} file was verified successfully.\n"


def _show_file(l, name, data, status=0):
    """show itl or show ctl of these bytes, last modified when the reference's sample was."""
    path = l.file("list.tlv", data)
    os.utime(path, (MODIFIED, MODIFIED))
    return run(l.binary("sealtone"), "show", name.lower(), path, env={"TZ": "EST5EDT,M3.2.0,M11.1.0"}, status=status)


def show_prints_the_exact_layout_for_every_vector(l):
    for path, _ in _vectors("tlv"):
        data = _read(_path(path))
        name = "CTL" if "ctl" in path else "ITL"
        out = _show_file(l, name, data).stdout
        want = _listing(data, name)
        for number, (got, line) in enumerate(zip(out.splitlines(), want.splitlines()), 1):
            equal(got.rstrip(), line.rstrip(), f"{path}: line {number}")
        expect(out == want, f"{path}: another end or other blanks")


def show_prints_the_golden_listings(l):
    for golden, path in (("cucm-01", "cucm-01-itl-8.0-layout-5438"), ("cucm-02", "cucm-02-itl-11.x-layout"),
                         ("cucm-04", "cucm-04-ctl-token-nonsecure"), ("itl-12", "itl-12-utf8-names")):
        name = "CTL" if "ctl" in path else "ITL"
        expect(_show_file(l, name, _read(_path("tlv", path + ".tlv"))).stdout.encode() == _read(_path("show", golden + ".txt")), golden)


def show_of_a_damaged_list_ends_with_the_two_failure_lines(l):
    for name, path in (("ITL", "cucm-02-itl-11.x-layout.tlv"), ("CTL", "cucm-05-ctl-tokenless.tlv")):
        whole = _read(_path("tlv", path))
        for what, data in {"a byte of a certificate": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "the end cut off": whole[:-1],
                           "the header cut": whole[:100], "no list": b"hello", "nothing": b"",
                           "a byte of the signature": whole[:300] + bytes([whole[300] ^ 1]) + whole[301:]}.items():
            done = _show_file(l, name, data, status=1)
            expect(done.stdout.endswith(FAILURE.format(name)), f"{what}: ends with {done.stdout[-200:]!r}")
            expect("verified successfully" not in done.stdout and f"Length of {name} file: {len(data)}\n" in done.stdout, what)
            expect(done.stderr.startswith("sealtone: ") and done.stderr.count("\n") == 1, done.stderr)


def show_of_a_missing_list_prints_the_reference_texts(l):
    missing = os.path.join(l.dir, "none.tlv")
    itl = _fails(l, "show", "itl", missing, says="none.tlv").stdout
    equal(itl, "Length of ITL file: 0\nITL File not found. To generate an ITL file, activate or restart the Cisco TFTP service as this servers.\n"
               "Error parsing the ITL File.\n", "show itl")
    ctl = _fails(l, "show", "ctl", missing).stdout
    want = ("Length of CTL file: 0\nCTL File not found. Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.\n"
            "Error parsing the CTL File.\n")
    equal(ctl, want, "show ctl")
    l.up()
    equal(_fails(l, "show", "ctl", says="non-secure").stdout, want, "show ctl of a cluster in non-secure mode")


# --- our own list ---

def _own(l):
    l.cli("phone", "add", NAME)
    raw = l.fetch(f"ITL{NAME}.tlv")
    return raw, read_tlv.read(raw)[0]


def _der(l, purpose):
    return run("openssl", "x509", "-outform", "DER", input=l.cli("cert", "show", purpose, "--pem").stdout.encode(), text=False).stdout


def the_list_has_the_records_and_styles_of_a_real_cluster(l):
    l.up()
    raw, shown = _own(l)
    equal((shown["version"], shown["filename"], shown["digest"]), ("1.2", "ITLFile.tlv", "sha1"), "header")
    equal([t for t in shown["order"] if t != 28], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15], "order of the header")
    shas = {p: hashlib.sha1(_der(l, p)).hexdigest() for p in ("itlrecovery", "callmanager", "callmanager-ec", "tvs", "capf")}
    want = {("SAST", shas["itlrecovery"]), ("SAST", shas["callmanager"]), ("TFTP", shas["callmanager"]), ("TFTP", shas["callmanager-ec"]),
            ("TVS", shas["tvs"]), ("CAPF", shas["capf"])}
    equal({(r["role"], r["certificate_sha1"] or r["cert_hash"]) for r in shown["records"]}, want, "roles and certificates")
    equal(len(shown["records"]), len(want), "records")
    for r in shown["records"]:
        equal(r["order"], HASH if r["role"] in ("TVS", "CAPF") else FULL, f"style of {r['role']} {r['subject']}")
        expect("CN=" in r["subject"] and ";" in r["subject"] and "," not in r["subject"], f"name form: {r['subject']}")
        ec = r["public_key"] == 97
        equal(bytes.fromhex(r["dns_name"]).rstrip(b"\0 "), b"pub.example.test" if ec else b"", f"DNSNAME of {r['subject']}")
        equal(len(r["dns_name"]) // 2, 17 if ec else 2, f"length of DNSNAME of {r['subject']}")
        expect(len(r["serial"]) <= 32 and not r["serial"].startswith("00"), f"serial {r['serial']}")
    equal(shown["signer_name"], [r["subject"] for r in shown["records"] if r["certificate_sha1"] == shas["itlrecovery"]][0], "signer")
    expect(len(raw) < 0.8 * 65536, "its size leaves room")


def the_generation_says_only_who_signs(l):
    l.up()
    _, newer = _own(l)
    l.cli("generation", "set", "G10")
    older = read_tlv.read(l.fetch(f"ITL{NAME}.tlv"))[0]
    equal({(r["role"], r["subject"], r["serial"]) for r in older["records"]}, {(r["role"], r["subject"], r["serial"]) for r in newer["records"]}, "records")
    expect(newer["signer_name"].startswith("CN=ITLRECOVERY_") and older["signer_name"].startswith("CN=pub.example.test"), "signers")
    equal(l.json("status")["generation"], "G10", "status")


def show_itl_prints_our_own_list_and_what_a_phone_is_handed(l):
    l.up()
    raw, shown = _own(l)
    text = l.cli("show", "itl").stdout
    expect(text.endswith("The ITL file was verified successfully.\n") and f"Length of ITL file: {len(raw)}\n" in text, text[-300:])
    equal(len(re.findall("^ITL Record #:", text, re.M)), len(shown["records"]), "records")
    equal((text.count("was used to sign"), text.count("was not used to sign")), (1, 1), "one of two SAST records signs")
    equal(l.cli("show", "itl", "--phone", NAME).stdout, text, "what the phone is handed")
    _fails(l, "show", "itl", "--phone", "SEP00112233FFFF", says="no phone")
    want = _listing(raw, "ITL").replace(MODIFIED_TEXT, "")
    equal(re.sub("(modified on ).*", r"\1", text), want, "the layout")
    l.cli("phone", "release", NAME)
    empty = read_tlv.read(l.fetch(f"ITL{NAME}.tlv"))[0]
    equal(sorted(r["role"] for r in empty["records"]), ["CAPF", "SAST", "SAST"], "records of the empty list")
    expect(l.cli("show", "itl", "--phone", NAME).stdout != text, "a released phone is handed another list")


def the_commands_judge_what_the_server_serves(l):
    l.up()
    raw, _ = _own(l)
    l.config(NAME)
    itl = l.file("ITLFile.tlv", raw)
    served = l.file(f"{NAME}.cnf.xml.sgn", l.fetch(f"{NAME}.cnf.xml.sgn"))
    l.cli("file", "verify", itl)
    l.cli("file", "verify", "--trust", itl, served)
    expect(l.cli("file", "strip", "--out", "-", served).stdout.startswith("<?xml"), "the configuration")
    _fails(l, "file", "verify", "--trust", _path("tlv", "cucm-02-itl-11.x-layout.tlv"), served)


if __name__ == "__main__":
    lab.main(globals())
