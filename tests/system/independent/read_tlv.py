#!/usr/bin/env python3
"""An independent reader of trust lists (.tlv) and signed files (.sgn).

Written from doc/protocols/files.md and not from our C, so that encoder and decoder do not share
mistakes. Structure is checked here, signatures and certificates by openssl.

    read_tlv.py FILE [--cert PEM] [--payload FILE] [--json]

A trust list is judged by its own SAST record when no certificate is given; a signed file needs
one. Exit 0 when everything holds, 1 with one line on stderr when not.
"""

import argparse
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile


class Broken(Exception):
    """The file breaks a rule of files.md 1.7."""


HEADER_NAMES = {
    1: "version", 2: "header_length", 3: "signer_box", 4: "signer_name", 5: "serial",
    6: "issuer", 7: "signature_box", 8: "digest", 9: "algorithm_box", 10: "algorithm",
    11: "modulus", 12: "signature", 14: "filename", 15: "timestamp", 28: "signer_version",
}
# Which elements a container holds (files.md 1.2).
BOXES = {3: {4, 5, 6}, 7: {8, 9}, 9: {10, 11}}
INSIDE = {4: 3, 5: 3, 6: 3, 8: 7, 9: 7, 10: 9, 11: 9}
HEADER_SIZES = {1: 2, 2: 2, 8: 1, 10: 1, 11: 1, 15: 4, 28: 2}
NEEDED = (4, 5, 6, 8, 10, 11, 12, 14, 15)
MODULUS = {0: 64, 1: 128, 2: 256, 3: 512}
DIGESTS = {1: ("sha1", 20), 3: ("sha512", 64)}

RECORD_NAMES = {
    1: "length", 2: "dns_name", 3: "subject", 4: "function", 5: "issuer", 6: "serial",
    7: "public_key", 8: "signature", 9: "certificate", 10: "ip_address", 11: "cert_hash",
    12: "hash_algorithm",
}
ROLES = {0: "SAST", 1: "CCM", 2: "CCM+TFTP", 3: "TFTP", 4: "CAPF", 7: "APP-SERVER", 21: "TVS"}


def element(data, at, end, where):
    """Tag, value and the offset behind one element that must end before end."""
    if at + 3 > end:
        raise Broken(f"offset {at}: {where}: an element is cut short")
    tag, length = struct.unpack_from(">BH", data, at)
    if at + 3 + length > end:
        raise Broken(f"offset {at}: {where}: element {tag} passes the end")
    return tag, data[at + 3:at + 3 + length], at + 3 + length


def text(value, where):
    if not value.endswith(b"\0") or b"\0" in value[:-1]:
        raise Broken(f"{where}: a string must end with its only NUL")
    return value[:-1].decode("utf-8")


class Header:
    """The signed header that all kinds of file share."""

    def __init__(self, data):
        self.data = data
        self.values = {}
        self.order = []
        self.signature_at = None
        if len(data) < 10 or data[0:3] != b"\x01\x00\x02" or data[5:8] != b"\x02\x00\x02":
            raise Broken("offset 0: does not begin with version and header length (T1)")
        self.version = (data[3], data[4])
        self.length = struct.unpack_from(">H", data, 8)[0]
        if self.length > len(data) or self.length < 10:
            raise Broken(f"header length {self.length} of {len(data)} bytes (T2)")
        if self.length % 4:
            raise Broken(f"header length {self.length} is no multiple of 4 (T3)")
        self._elements(0, self.length, None)
        for tag in NEEDED:
            if tag not in self.values:
                raise Broken(f"header: element {tag} is missing (T6)")
        self._sizes()

    def _elements(self, at, end, box):
        while at < end:
            if self.data[at] == 13:
                if box is not None or end - at > 3 or set(self.data[at:end]) != {13}:
                    raise Broken(f"offset {at}: bad padding (T3)")
                return
            tag, value, after = element(self.data, at, end, "header")
            if tag not in HEADER_NAMES or tag in self.values:
                raise Broken(f"offset {at}: unknown or repeated element {tag} (T5)")
            if INSIDE.get(tag) != box:
                raise Broken(f"offset {at}: element {tag} stands in the wrong place (T4)")
            self.values[tag] = value
            self.order.append(tag)
            if tag == 12:
                self.signature_at = (at, after)
            if tag in BOXES:
                self._elements(at + 3, after, tag)
            at = after

    def _sizes(self):
        for tag, size in HEADER_SIZES.items():
            if tag in self.values and len(self.values[tag]) != size:
                raise Broken(f"header: element {tag} is not of {size} bytes (T8)")
        self.digest = self.values[8][0]
        if self.digest not in DIGESTS or self.values[10] != b"\0":
            raise Broken("header: unknown digest or algorithm (T9)")
        if MODULUS.get(self.values[11][0]) != len(self.values[12]):
            raise Broken("header: modulus and signature do not fit (T9)")
        self.signer_name = text(self.values[4], "signer name")
        self.issuer = text(self.values[6], "issuer")
        self.serial = self.values[5]
        self.filename = text(self.values[14], "file name")
        self.timestamp = struct.unpack(">I", self.values[15])[0]
        if not self.serial:
            raise Broken("header: the serial is empty (T7)")

    def covered(self):
        """What the signature covers: the file without its tag-12 element (1.3)."""
        begin, end = self.signature_at
        return self.data[:begin] + self.data[end:]

    def report(self):
        return {
            "version": "%d.%d" % self.version, "header_length": self.length,
            "signer_name": self.signer_name, "serial": self.serial.hex(),
            "issuer": self.issuer, "digest": DIGESTS[self.digest][0],
            "signature_length": len(self.values[12]), "filename": self.filename,
            "timestamp": self.timestamp, "order": self.order,
        }


def record(data, at, number):
    """One record (1.4): its values by tag, the order of tags, and the offset behind it."""
    where = f"record {number}"
    if data[at:at + 3] != b"\x01\x00\x02" or at + 5 > len(data):
        raise Broken(f"offset {at}: {where} does not begin with its length (T11)")
    end = at + struct.unpack_from(">H", data, at + 3)[0]
    if end > len(data) or end <= at + 5:
        raise Broken(f"offset {at}: {where} has a wrong length (T11)")
    values, order = {}, []
    while at < end:
        tag, value, at = element(data, at, end, where)
        if tag not in RECORD_NAMES or tag in values:
            raise Broken(f"{where}: unknown or repeated element {tag} (T5)")
        values[tag] = value
        order.append(tag)
    if 4 not in values or len(values[4]) != 2:
        raise Broken(f"{where}: no function (T12)")
    if (11 in values) != (12 in values):
        raise Broken(f"{where}: hash and its algorithm come together (T15)")
    if 11 in values and len(values[11]) != DIGESTS.get(values[12][0], (None, -1))[1]:
        raise Broken(f"{where}: the hash has a wrong length (T15)")
    return values, order, end


def openssl(*arguments, stdin=None):
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=False)
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Broken(f"openssl {arguments[0]}: {' '.join(last)}")
    return done.stdout


def certificate_serial(der):
    shown = openssl("x509", "-inform", "DER", "-noout", "-serial", stdin=der).decode()
    return bytes.fromhex(shown.strip().split("=")[1]).lstrip(b"\0") or b"\0"


def check_certificate(values, where):
    """T14 as far as openssl shows it: the serial, and that key and signature are in the DER."""
    der = values[9]
    if certificate_serial(der) != values[6]:
        raise Broken(f"{where}: the serial is not the certificate's (T14)")
    for tag in (7, 8):
        if tag in values and values[tag] not in der:
            raise Broken(f"{where}: {RECORD_NAMES[tag]} is not in the certificate (T14)")


def verify(header, pem):
    """T10 and S2, by openssl."""
    with tempfile.TemporaryDirectory() as folder:
        names = {n: os.path.join(folder, n) for n in ("key", "sig", "body")}
        for name, content in (("key", openssl("x509", "-noout", "-pubkey", stdin=pem)),
                              ("sig", header.values[12]), ("body", header.covered())):
            with open(names[name], "wb") as out:
                out.write(content)
        try:
            openssl("dgst", "-" + DIGESTS[header.digest][0], "-verify", names["key"],
                    "-signature", names["sig"], names["body"])
        except Broken as why:
            raise Broken("the signature is not the signer's (T10)") from why


def read_list(header, pem):
    data, at, records = header.data, header.length, []
    signer = None
    while at < len(data):
        start = at
        values, order, at = record(data, at, len(records) + 1)
        role = struct.unpack(">H", values[4])[0]
        where = f"record {len(records) + 1}"
        if 9 in values:
            check_certificate(values, where)
        if role == 0 and 9 in values and values.get(6) == header.serial:
            if text(values[5], where) == header.issuer:
                signer = values[9]
        records.append({
            "offset": start, "length": at - start, "order": order,
            "role": ROLES.get(role, str(role)), "dns_name": values.get(2, b"").hex(),
            "subject": text(values[3], where) if 3 in values else None,
            "issuer": text(values[5], where) if 5 in values else None,
            "serial": values[6].hex() if 6 in values else None,
            "public_key": len(values.get(7, b"")), "signature": len(values.get(8, b"")),
            "certificate_sha1": hashlib.sha1(values[9]).hexdigest() if 9 in values else None,
            "cert_hash": values[11].hex() if 11 in values else None,
        })
    if signer is None:
        raise Broken("no SAST record is the signer's (T13)")
    if pem is None:
        pem = openssl("x509", "-inform", "DER", stdin=signer)
    verify(header, pem)
    return records


def read(data, pem=None):
    """Checks a whole file; a dictionary of what it says. Raises Broken."""
    header = Header(data)
    out = header.report()
    if header.version[0] == 1 and header.version[1] > 0:
        out["kind"] = "trust list"
        out["records"] = read_list(header, pem)
        return out, None
    if header.version != (1, 0):
        raise Broken("version %d.%d is none that this reads" % header.version)
    if pem is None:
        raise Broken("a signed file needs the signer's certificate")
    verify(header, pem)
    out["kind"] = "signed file"
    payload = data[header.length:]
    out["payload"] = len(payload)
    return out, payload


def show(out):
    for key, value in out.items():
        if key != "records":
            print(f"{key}: {value}")
    for number, r in enumerate(out.get("records", []), 1):
        print(f"record {number}: {r['role']} {r['length']} bytes, {r['subject']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--cert", help="PEM file of the signer's certificate")
    parser.add_argument("--payload", help="write the payload of a signed file here")
    parser.add_argument("--json", action="store_true")
    a = parser.parse_args()
    try:
        with open(a.file, "rb") as f:
            data = f.read()
        pem = None
        if a.cert:
            with open(a.cert, "rb") as f:
                pem = f.read()
        out, payload = read(data, pem)
        if a.payload and payload is not None:
            with open(a.payload, "wb") as f:
                f.write(payload)
    except (Broken, OSError, UnicodeDecodeError) as why:
        print(f"{a.file}: {why}", file=sys.stderr)
        return 1
    if a.json:
        print(json.dumps(out, indent=1))
    else:
        show(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
