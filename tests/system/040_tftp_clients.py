"""Clients that others wrote (tftp-hpa, atftp, curl) fetch plain and signed files; openssl, tshark and a decoder of
our documents judge what they got."""
import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import lab
from lab import TFTP, equal, expect, run, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "independent"))
import read_tlv  # noqa: E402

NAME, OLDER = "SEP001122334455", "SEP001122334466"
SHA1, SHA512 = 1, 3  # doc/protocols/files.md 1.2
RRQ, WRQ, DATA, ACK, ERROR, OACK = 1, 2, 3, 4, 5, 6
EXPERT_WARNING = 0x600000  # the lowest of tshark's severities that is a complaint; below are "chat" and "note"


def _content(size):
    return random.Random(size).randbytes(size)


def _tftp_hpa(l, name, mode="octet", server="127.0.0.1"):
    """What tftp-hpa stores; it ends with 0 whatever happens, so its words are what counts."""
    out = os.path.join(l.dir, "out")
    done = run("tftp", "-m", mode, server, l.port(TFTP), "-c", "get", name, out)
    equal(done.stdout + done.stderr, "", f"what tftp says about {name}")
    with open(out, "rb") as f:
        return f.read()


def _atftp(l, name, *options, server="127.0.0.1"):
    """What atftp stores and its trace."""
    out = os.path.join(l.dir, "out")
    words = [w for option in options for w in ("--option", option)]
    done = run("atftp", "--trace", "-g", "-r", name, "-l", out, *words, server, l.port(TFTP))
    with open(out, "rb") as f:
        return f.read(), done.stderr


def _curl(l, name, *options, server="127.0.0.1"):
    out = os.path.join(l.dir, "out")
    run("curl", "-sS", "-g", *options, "-o", out, f"tftp://{server}:{l.port(TFTP)}/{name}")
    with open(out, "rb") as f:
        return f.read()


def _signer(l):
    return l.cli("cert", "show", "callmanager", "--pem").stdout


def _payload_of(l, raw, name):
    """The payload of a signed file whose form and signature hold, by the decoder and by our own command."""
    shown, payload = read_tlv.read(raw, _signer(l).encode())
    equal(shown["filename"], name, "file name in the header")
    l.cli("file", "verify", "--trust", _itl(l), l.file("judged.sgn", raw))
    return payload


def _itl(l):
    """The trust list of a known phone, in a file."""
    return l.file("ITLFile.tlv", _curl(l, f"ITL{NAME}.tlv"))


def _up(l):
    l.up()
    l.cli("phone", "add", NAME)


def three_clients_fetch_files_of_every_size_and_their_signed_forms(l):
    _up(l)
    for size in (0, 1, 511, 512, 513, 1024, 70000):
        want, name = _content(size), f"size-{size}.bin"
        l.put(name, want)
        # curl takes an answer "tsize 0" (RFC 2349, an empty file) for a broken one, so it asks for that without options.
        plainly = [] if size else ["--tftp-no-options"]
        for got in (_tftp_hpa(l, name), _atftp(l, name)[0], _curl(l, name, *plainly)):
            expect(got == want, f"{name}: got {len(got)} other bytes")
        signed = [_tftp_hpa(l, name + ".sgn"), _atftp(l, name + ".sgn", "blksize 1428")[0], _curl(l, name + ".sgn")]
        # A file that has just been written is signed anew each time, so the three may bear different seconds.
        for raw in signed:
            expect(_payload_of(l, raw, name + ".sgn") == want, f"{name}.sgn holds something else")


def openssl_verifies_the_signature_over_the_signed_range(l):
    _up(l)
    l.config(NAME)
    raw = _curl(l, f"{NAME}.cnf.xml.sgn")
    # files.md 1.3 and 3: element 12 begins behind version, header length, signer and algorithm; all but it is signed.
    begin, end = read_tlv.Header(raw).signature_at
    equal(raw[begin], 12, "tag of the signature")
    key = run("openssl", "x509", "-noout", "-pubkey", input=_signer(l)).stdout
    done = run("openssl", "dgst", "-sha1", "-verify", l.file("key", key), "-signature", l.file("sig", raw[begin + 3:end]),
               l.file("body", raw[:begin] + raw[end:]))
    equal(done.stdout, "Verified OK\n", "openssl dgst")
    run("openssl", "dgst", "-sha1", "-verify", l.file("key", key), "-signature", l.file("sig", raw[begin + 3:end]),
        l.file("body", raw[:begin] + raw[end:-1] + b"?"), status=1)


def _is_signed_with(l, digest, *names):
    for name in names:
        raw = _curl(l, name)
        equal(read_tlv.Header(raw).digest, digest, f"digest of {name}")
        if name.endswith(".sgn"):
            _payload_of(l, raw, name)
        else:
            read_tlv.read(raw)


def sha512_is_used_for_signatures_where_the_setting_and_the_model_say_so(l):
    own, shared = [f"{NAME}.cnf.xml.sgn", f"ITL{NAME}.tlv"], ["Ringlist.xml.sgn", "XMLDefault.cnf.xml.sgn"]
    l.have()
    l.put("Ringlist.xml", "<CiscoIPPhoneRingList/>")
    l.put("XMLDefault.cnf.xml", "<Default/>")
    l.config(NAME)
    l.start()
    l.cli("phone", "add", NAME, "--model", "8861")
    _is_signed_with(l, SHA1, *own, *shared)
    l.stop()
    l.set_conf("trust", "digest", "sha512")
    l.start()
    _is_signed_with(l, SHA512, *own, *shared)
    equal(_payload_of(l, _curl(l, "Ringlist.xml.sgn"), "Ringlist.xml.sgn"), b"<CiscoIPPhoneRingList/>", "payload")
    l.cli("phone", "add", OLDER, "--model", "7965")
    l.config(OLDER)
    _is_signed_with(l, SHA1, f"{OLDER}.cnf.xml.sgn", f"ITL{OLDER}.tlv", *shared)  # everybody can verify what is shared
    _is_signed_with(l, SHA512, *own)
    l.cli("phone", "set", OLDER, "--model", "")
    _is_signed_with(l, SHA1, f"{OLDER}.cnf.xml.sgn", f"ITL{OLDER}.tlv", *shared)  # a model that nobody knows may be any
    l.cli("phone", "delete", OLDER)
    _is_signed_with(l, SHA512, *own, *shared)


def netascii_turns_line_ends_for_every_client(l):
    _up(l)
    text = b"one\ntwo\r\nthree\rfour\r\0five\n"
    l.put("text.txt", text)
    wire = text.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
    # tftp-hpa and atftp translate back (atftp drops nothing of a lone CR), curl stores what is on the wire.
    equal(_tftp_hpa(l, "text.txt", "netascii"), text, "tftp-hpa")
    equal(_atftp(l, "text.txt", "mode netascii")[0], text, "atftp")
    equal(_curl(l, "text.txt;mode=netascii"), wire, "curl")


def netascii_carries_large_files_whose_pairs_fall_on_block_ends(l):
    _up(l)
    text = b"".join(b"x" * (i % 7) + b"\r\n\n\r" for i in range(20000))
    l.put("large.txt", text)
    equal(_tftp_hpa(l, "large.txt", "netascii") == text, True, "tftp-hpa has the same text")


def atftp_gets_the_options_it_asks_for(l):
    _up(l)
    want = _content(70000)
    l.put("file.bin", want)
    for options, answer in (
            (("tsize 0",), ["tsize: 70000"]),
            (("blksize 1428",), ["blksize: 1428"]),
            (("blksize 8",), ["blksize: 8"]),
            (("blksize 1428", "tsize 0", "windowsize 8"), ["blksize: 1428", "tsize: 70000", "windowsize: 8"]),
            (("timeout 3",), ["timeout: 3"])):
        got, trace = _atftp(l, "file.bin", *options)
        expect(got == want, f"{options}: other bytes")
        oack = [line for line in trace.splitlines() if "received OACK" in line]
        expect(oack and all(a in oack[0] for a in answer), f"{options}: answered {oack}")


def forty_megabytes_pass_with_512_byte_blocks_and_the_block_number_rolls_over(l):
    _up(l)
    want = _content(40_000_000)
    l.put("firmware/image.bin", want)
    expect(len(want) > 65536 * 512, "the block number rolls over")
    expect(_tftp_hpa(l, "firmware/image.bin") == want, "tftp-hpa got other bytes")
    got, _ = _atftp(l, "firmware/image.bin", "blksize 512", "windowsize 16")
    expect(got == want, "atftp got other bytes")
    raw = _curl(l, "firmware/image.bin.sgn", "--tftp-blksize", "1428")
    expect(_payload_of(l, raw, "firmware/image.bin.sgn") == want, "the signed form holds something else")


def names_with_folders_are_served_and_signed_under_the_whole_name(l):
    _up(l)
    for name in ("New_Zealand/g3-tones.xml", "Desktops/320x196x4/Logo.png", "a b/c+d,e.txt"):
        want = _content(700)
        l.put(name, want)
        expect(_tftp_hpa(l, name) == want and _atftp(l, name)[0] == want, f"{name}: other bytes")
        raw, _ = _atftp(l, name + ".sgn")
        expect(_payload_of(l, raw, name + ".sgn") == want, f"{name}.sgn holds something else")


def a_missing_file_is_error_1_for_every_client(l):
    _up(l)
    for name in ("missing.xml", "missing/deeper.xml", "missing.xml.sgn", "SEP00112233FFFF.cnf.xml", f"CTL{NAME}.tlv",
                 "ITLSEP00112233FFFF.tlv", "ITLFile.tlv"):
        said = run("tftp", "127.0.0.1", l.port(TFTP), "-c", "get", name, os.path.join(l.dir, "none")).stdout
        equal(said, "Error code 1: File not found\n", f"tftp-hpa, {name}")
        said = run("atftp", "-g", "-r", name, "-l", os.path.join(l.dir, "none"), "127.0.0.1", l.port(TFTP), status=255).stderr
        expect("<File not found>" in said, f"atftp, {name}: {said}")
        run("curl", "-s", "-o", os.path.join(l.dir, "none"), f"tftp://127.0.0.1:{l.port(TFTP)}/{name}", status=68)


def nobody_can_write(l):
    _up(l)
    path = l.file("mine.bin", b"mine")
    said = run("tftp", "127.0.0.1", l.port(TFTP), "-c", "put", path, "mine.bin").stdout
    expect(said.startswith("Error code 2:"), f"tftp-hpa: {said}")
    run("atftp", "-p", "-l", path, "-r", "mine.bin", "127.0.0.1", l.port(TFTP), status=255)
    run("curl", "-s", "-T", path, f"tftp://127.0.0.1:{l.port(TFTP)}/mine.bin", status=69)
    equal(os.listdir(os.path.join(l.cluster, "tftpboot")), [], "the folder")


def a_file_that_changes_is_served_anew_at_once(l):
    _up(l)
    for i in range(5):
        want = b"version %d" % i  # always as long: size says nothing
        l.put("dial.xml", want)
        equal(_curl(l, "dial.xml"), want, "plain")
        equal(_payload_of(l, _curl(l, "dial.xml.sgn"), "dial.xml.sgn"), want, "signed")
    os.unlink(os.path.join(l.cluster, "tftpboot", "dial.xml"))
    run("curl", "-s", f"tftp://127.0.0.1:{l.port(TFTP)}/dial.xml", status=68)
    run("curl", "-s", f"tftp://127.0.0.1:{l.port(TFTP)}/dial.xml.sgn", status=68)


def files_come_over_ipv6_too(l):
    _up(l)
    want = _content(70000)
    l.put("six.bin", want)
    expect(_curl(l, "six.bin", server="[::1]") == want, "curl over IPv6 got other bytes")
    expect(_tftp_hpa(l, "six.bin", server="::1") == want, "tftp-hpa over IPv6 got other bytes")
    equal(_payload_of(l, _curl(l, "six.bin.sgn", server="[::1]"), "six.bin.sgn") == want, True, "the signed form is right")


def _request(name, mode=b"octet", *options):
    return struct.pack(">H", RRQ) + b"\0".join((name, mode) + options) + b"\0"


def replies_come_from_the_address_that_was_asked(l):
    _up(l)
    l.put("small.txt", "hello")
    for address in ("127.0.0.2", "127.1.2.3", "127.0.0.1"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(20)
            s.bind(("127.0.0.1", 0))
            s.sendto(_request(b"small.txt", b"octet", b"tsize", b"0"), (address, l.port(TFTP)))
            oack, tid = s.recvfrom(2000)
            equal(tid[0], address, "source of the OACK")
            expect(tid[1] != l.port(TFTP), "the transfer has a port of its own")
            equal(oack, struct.pack(">H", OACK) + b"tsize\0" + b"5\0", "OACK")
            s.sendto(struct.pack(">HH", ACK, 0), tid)
            data, source = s.recvfrom(2000)
            equal((data, source), (struct.pack(">HH", DATA, 1) + b"hello", tid), "data and its source")
            s.sendto(struct.pack(">HH", ACK, 1), tid)
            s.sendto(_request(b"missing"), (address, l.port(TFTP)))
            error, source = s.recvfrom(2000)
            equal((error[:4], source[0]), (struct.pack(">HH", ERROR, 1), address), "error and its source")


class _Relay(threading.Thread):
    """Stands between one client and the server and keeps every datagram with the server's side of addresses."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.datagrams, self.ended = server, [], False
        self.front, self.back, self.up = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
        for s in (self.front, self.back, self.up):
            s.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]

    def _pass(self, s, client, tid):
        data, source = s.recvfrom(70000)
        if s is self.up:
            self.datagrams.append((time.time(), source, self.up.getsockname(), data))
            self.back.sendto(data, client)
            return client, source
        to = self.server if s is self.front else tid
        self.datagrams.append((time.time(), self.up.getsockname(), to, data))
        self.up.sendto(data, to)
        return source, tid

    def run(self):
        client = tid = None
        while not self.ended:
            for s in select.select([self.front, self.back, self.up], [], [], 0.1)[0]:
                client, tid = self._pass(s, client, tid)
        for s in (self.front, self.back, self.up):
            s.close()

    def stop(self):
        self.ended = True
        self.join()


def _sum16(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _pcap(datagrams):
    """A capture file of raw IPv4 packets (link type 101)."""
    out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101)]
    for when, source, to, data in datagrams:
        udp = struct.pack(">HHHH", source[1], to[1], 8 + len(data), 0) + data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                         socket.inet_aton(source[0]), socket.inet_aton(to[0]))
        packet = ip[:10] + struct.pack(">H", _sum16(ip)) + ip[12:] + udp
        out.append(struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(packet), len(packet)) + packet)
    return b"".join(out)


def _decoded(l, path):
    """The operations of all packets as tshark sees them; fails for a packet that it warns of. Its remarks are not
    looked at: it makes one ("Possible traceroute") about each packet whose port happens to be of that range."""
    done = run("tshark", "-r", path, "-d", f"udp.port=={l.port(TFTP)},tftp", "-T", "fields", "-e", "tftp.opcode",
               "-e", "_ws.malformed", "-e", "_ws.expert.severity", "-e", "_ws.expert.message")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    for number, (operation, malformed, severities, messages) in enumerate(rows, 1):
        expect(operation != "", f"packet {number} is not TFTP to tshark")
        warnings = [s for s in severities.split(",") if s and int(s) >= EXPERT_WARNING]
        # It warns of every ERROR packet, once, for being one.
        equal([malformed, len(warnings)], ["", int(operation == str(ERROR))], f"packet {number}, tshark says {messages}")
    return [int(row[0]) for row in rows]


def _exchange(l, *client):
    """Runs a client against a relay ({port} stands for its port); the path of the capture."""
    relay = _Relay(("127.0.0.1", l.port(TFTP)))
    relay.start()
    subprocess.run([str(c).format(port=relay.port) for c in client], capture_output=True, timeout=60, check=False)
    wait_for("the last acknowledgement", lambda: relay.datagrams and relay.datagrams[-1][3][1] in (ACK, ERROR))
    relay.stop()
    return l.file("exchange.pcap", _pcap(relay.datagrams))


def _exported(l, path):
    out = os.path.join(l.dir, "objects")
    run("tshark", "-r", path, "-d", f"udp.port=={l.port(TFTP)},tftp", "--export-objects", f"tftp,{out}")
    names = os.listdir(out)
    equal(len(names), 1, f"exported objects {names}")
    with open(os.path.join(out, names[0]), "rb") as f:
        return f.read()


def tshark_decodes_an_exchange_with_options_and_no_malformed_packet(l):
    _up(l)
    want = _content(70000)
    l.put("file.bin", want)
    got = os.path.join(l.dir, "got")
    path = _exchange(l, "curl", "-s", "--tftp-blksize", "1428", "-o", got, "tftp://127.0.0.1:{port}/file.bin.sgn")
    with open(got, "rb") as f:
        signed = f.read()
    operations = _decoded(l, path)
    equal(operations[:3], [RRQ, OACK, ACK], "first operations")
    equal(operations.count(DATA), len(signed) // 1428 + 1, "blocks")
    expect(_exported(l, path) == signed, "the object that tshark exports is another file")


def tshark_decodes_an_exchange_without_options_and_an_error(l):
    _up(l)
    want = _content(1500)
    l.put("file.bin", want)
    path = _exchange(l, "curl", "-s", "--tftp-no-options", "-o", "/dev/null", "tftp://127.0.0.1:{port}/file.bin")
    equal(_decoded(l, path), [RRQ, DATA, ACK, DATA, ACK, DATA, ACK], "operations")
    expect(_exported(l, path) == want, "the object that tshark exports is another file")
    path = _exchange(l, "curl", "-s", "--tftp-no-options", "-o", "/dev/null", "tftp://127.0.0.1:{port}/none.bin")
    equal(_decoded(l, path), [RRQ, ERROR], "operations")


if __name__ == "__main__":
    lab.main(globals())
