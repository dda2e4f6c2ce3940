"""What strangers and careless hands send: names that lead out of the folder, datagrams and TLS peers of every wrong
kind. Each gets the right error and a line in the log with its address, and costs the others nothing."""
import contextlib
import os
import random
import resource
import select
import signal
import socket
import ssl
import struct
import time

import lab
from lab import CAPF, HTTPS, TFTP, TVS, equal, expect, run, wait_for

NAME = "SEP001122334455"
RRQ, WRQ, DATA, ACK, ERROR, OACK = 1, 2, 3, 4, 5, 6
NOT_FOUND, ACCESS, ILLEGAL = 1, 2, 4
SECRET = "the administrator's own words"
WAIT = 20  # seconds that nothing here should need
PACE = 0.25  # only the first five bad messages in a second are told of


# --- TFTP by hand ---

def _ask(l, datagram):
    """The first datagram that comes back, and the client's address as the log prints it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(WAIT)
        s.sendto(datagram, ("127.0.0.1", l.port(TFTP)))
        answer, tid = s.recvfrom(70000)
        if answer.startswith(struct.pack(">H", DATA)):
            s.sendto(struct.pack(">HH", ACK, 1), tid)
        return answer, "127.0.0.1:%d" % s.getsockname()[1]


def _request(name, mode=b"octet", opcode=RRQ):
    return struct.pack(">H", opcode) + name + b"\0" + mode + b"\0"


def _refused(l, datagram, code, what):
    """The datagram is answered with this error; its text tells nothing about the server."""
    answer, peer = _ask(l, datagram)
    equal(struct.unpack(">HH", answer[:4]), (ERROR, code), f"answer to {what}")
    expect(answer.endswith(b"\0") and answer.count(b"\0", 4) == 1, f"the error's text ends with a NUL: {answer}")
    for path in (l.dir, l.cluster, "tftpboot", "sealtone", SECRET):
        expect(path.encode() not in answer, f"answer to {what} tells {path}")
    return peer


def _logged(l, peer, *words):
    """A line of the log has the peer and these words."""
    def there():
        return any(f"peer={peer} " in line and all(w in line for w in words) for line in l.log().splitlines())
    wait_for(f"a line with {peer} and {words}", there)


def _up(l):
    l.up()
    l.cli("phone", "add", NAME)


def names_that_lead_out_of_the_folder_are_access_violations_with_a_line_in_the_log(l):
    _up(l)
    l.put("sub/file.txt", "inside")
    l.file("outside.txt", SECRET)
    for name in (b"../sealtone.conf", b"../../outside.txt", b"sub/../../sealtone.conf", b"sub/../file.txt", b"./file.txt",
                 b"..", b"/etc/passwd", b"//etc/passwd", l.cluster.encode() + b"/sealtone.conf", b"..\\sealtone.conf",
                 b"C:\\windows\\win.ini", b"sub\\file.txt", b"sub//file.txt", b"sub/", b".hidden", b"sub/.hidden",
                 b"a\x01b", b"a\nb", b"a\x1b[2Jb", b"a\x7fb", b"caf\xc3\xa9.txt", b"\xff\xfe", b"../ITLFile.tlv",
                 b"../" + NAME.encode() + b".cnf.xml.sgn"):
        peer = _refused(l, _request(name), ACCESS, repr(name))
        _logged(l, peer, "file-refused", "reason=")
    expect(SECRET not in l.log(), "nothing outside was read")
    expect("\x1b" not in l.log() and "\x01" not in l.log(), "strangers' control bytes do not reach the log")


def percent_signs_are_letters(l):
    _up(l)
    _refused(l, _request(b"%2e%2e/sealtone.conf"), NOT_FOUND, "%2e%2e/")
    _refused(l, _request(b"%2fetc%2fpasswd"), NOT_FOUND, "%2fetc")
    l.put("%2e%2e.txt", "just a name")
    equal(_ask(l, _request(b"%2e%2e.txt"))[0][4:], b"just a name", "a file whose name has percent signs")


def requests_that_cannot_be_read_are_illegal_operations_with_a_line_in_the_log(l):
    _up(l)
    rrq = struct.pack(">H", RRQ)
    for datagram in (rrq, rrq + b"\0octet\0", rrq + b"name", rrq + b"name\0", rrq + b"name\0octet", rrq + b"name\0mail\0", rrq + b"name\0\0",
                     rrq + b"evil\0name\0octet\0", rrq + b"name\0octet\0blksize\0", rrq + b"name\0octet\0blksize\x00512",
                     rrq + b"x" * 300 + b"\0octet\0", rrq + b"x" * 600, rrq + b"x" * 60000, struct.pack(">H", WRQ) + b"name"):
        peer = _refused(l, datagram, ILLEGAL, repr(datagram[:40]))
        _logged(l, peer, "bad-message")
        time.sleep(PACE)


def writing_is_an_access_violation(l):
    _up(l)
    _refused(l, _request(b"SEP001122334455.cnf.xml", opcode=WRQ), ACCESS, "a write request")
    equal(os.listdir(os.path.join(l.cluster, "tftpboot")), [], "the folder")


def links_serve_what_is_in_the_folder_and_nothing_else(l):
    _up(l)
    l.put("real/file.txt", "inside")
    outside = l.file("outside.txt", SECRET)
    folder = os.path.join(l.cluster, "tftpboot")
    for name, target in (("good.txt", "real/file.txt"), ("sub", "real"), ("bad.txt", "../sealtone.conf"),
                         ("worse.txt", outside), ("up", ".."), ("loop", "loop"), ("dangling", "nowhere")):
        os.symlink(target, os.path.join(folder, name))
    equal(_ask(l, _request(b"good.txt"))[0][4:], b"inside", "a link inside")
    equal(_ask(l, _request(b"sub/file.txt"))[0][4:], b"inside", "a link to a folder inside")
    for name in (b"bad.txt", b"worse.txt", b"worse.txt.sgn", b"up/sealtone.conf", b"up/keys.passphrase"):
        peer = _refused(l, _request(name), NOT_FOUND, repr(name))
        _logged(l, peer, "file-refused", "link")
    for name in (b"loop", b"dangling", b"dangling.sgn"):
        _refused(l, _request(name), NOT_FOUND, repr(name))


def what_is_no_file_is_not_found(l):
    _up(l)
    folder = os.path.join(l.cluster, "tftpboot")
    os.mkdir(os.path.join(folder, "folder"))
    os.mkfifo(os.path.join(folder, "fifo"))
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.path.join(folder, "socket"))
        for name in (b"folder", b"fifo", b"socket"):
            _refused(l, _request(name), NOT_FOUND, repr(name))
            _refused(l, _request(name + b".sgn"), NOT_FOUND, repr(name + b".sgn"))
    l.put("file", "content")
    _refused(l, _request(b"file/below"), NOT_FOUND, "a file as a folder")


def a_file_that_cannot_be_read_is_the_servers_error_and_the_log_says_why(l):
    l.have()
    l.rightless = True
    l.set_conf("files", "max-file-size", "1")
    l.start()
    os.chmod(l.put("closed.txt", SECRET), 0)
    l.put("large.bin", bytes(1024 * 1024 + 1))
    l.put("fits.bin", bytes(1024 * 1024))
    for name, why in ((b"closed.txt", "its owner or mode"), (b"closed.txt.sgn", "its owner or mode"),
                      (b"large.bin", "max-file-size"), (b"large.bin.sgn", "max-file-size")):
        peer = _refused(l, _request(name), 0, repr(name))
        _logged(l, peer, "file-failed", why)
    equal(len(l.fetch("fits.bin")), 1024 * 1024, "a file of just the largest size")
    l.put("gone.txt.sgn", "signed by its vendor")
    os.chmod(l.put("gone.txt", SECRET), 0)
    _refused(l, _request(b"gone.txt.sgn"), 0, "the signed form of what cannot be read, which lies there too")


def a_configuration_that_cannot_be_read_gives_way_to_no_other(l):
    l.have()
    l.rightless = True
    l.start()
    l.cli("phone", "add", NAME, "--model", "8861", "--value", "line1.name=100", "--value", "line1.password=secret")
    names = (f"{NAME}.cnf.xml", f"{NAME}.cnf.xml.sgn")
    for name in names:
        expect(b"<sipProfile>" in l.fetch(name), f"{name} is not made from the template")
    file = l.put(names[0], "")
    os.chmod(file, 0)
    for name in names:  # what was made from the template is the last good one
        expect(b"<sipProfile>" in l.fetch(name), f"the last good {name}")
    fault = l.json("phone", "show", NAME)["config"]["fault"]
    equal(fault, f"file {names[0]}: it cannot be read: its owner or mode forbids it", "the fault")
    os.chmod(file, 0o600)
    l.config(NAME)
    good = [l.fetch(name) for name in names]
    expect(all(b"<sipProfile>" not in g for g in good), "the file of its own")
    os.chmod(file, 0)
    equal([l.fetch(name) for name in names], good, "the last good configuration of its own, and not the template")
    other = "SEP001122334466"
    l.cli("phone", "add", other, "--model", "8861", "--value", "line1.name=101", "--value", "line1.password=secret")
    os.chmod(l.put(f"{other}.cnf.xml", SECRET), 0)
    for name in (f"{other}.cnf.xml", f"{other}.cnf.xml.sgn"):  # there never was a good one
        _logged(l, _refused(l, _request(name.encode()), 0, name), "file-failed", "its owner or mode")


def hand_made_lists_and_signed_configurations_are_never_served(l):
    _up(l)
    itl = l.fetch(f"ITL{NAME}.tlv")
    for name in (f"ITL{NAME}.tlv", f"CTL{NAME}.tlv", "ITLFile.tlv", "CTLFile.tlv", "ITLSEP00112233FFFF.tlv",
                 f"{NAME}.cnf.xml.sgn", f"{NAME}.cnf.xml.enc.sgn", "XMLDefault.cnf.xml.sgn"):
        l.put(name, "made by hand")
    expect(l.fetch(f"ITL{NAME}.tlv") == itl, "the list is ours")
    for name in (f"CTL{NAME}.tlv", "ITLFile.tlv", "CTLFile.tlv", "ITLSEP00112233FFFF.tlv", f"{NAME}.cnf.xml.sgn",
                 f"{NAME}.cnf.xml.enc.sgn", "XMLDefault.cnf.xml.sgn"):
        _refused(l, _request(name.encode()), NOT_FOUND, name)
    l.config(NAME)
    signed = l.fetch(f"{NAME}.cnf.xml.sgn")
    expect(b"made by hand" not in signed and b"<fullConfig>" in signed, "the signed form is made from the plain file")
    l.cli("serve-lists", "all")
    expect(l.fetch("ITLFile.tlv") == itl, "ITLFile.tlv is ours")


def nothing_that_phones_could_take_for_a_list_is_signed_as_a_file(l):
    _up(l)
    l.put("copy.bin", l.fetch(f"ITL{NAME}.tlv"))
    expect(l.fetch("copy.bin") == l.fetch(f"ITL{NAME}.tlv"), "it is served as it lies")
    _refused(l, _request(b"copy.bin.sgn"), NOT_FOUND, "a list's signed form")


def garbage_datagrams_are_logged_and_cost_nothing(l):
    _up(l)
    l.put("file.txt", "content")
    rng = random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        for i in range(2000):
            s.sendto(rng.randbytes(rng.randrange(0, 1500)), ("127.0.0.1", l.port(TFTP)))
            if i % 200 == 0:
                equal(l.fetch("file.txt"), b"content", "a file meanwhile")
        for opcode in (DATA, ACK, ERROR, OACK, 0, 7, 0xffff):
            s.sendto(struct.pack(">HH", opcode, 1) + b"x\0", ("127.0.0.1", l.port(TFTP)))
        peer = "127.0.0.1:%d" % s.getsockname()[1]
        _logged(l, peer, "bad-message")
        equal(l.fetch("file.txt"), b"content", "a file afterwards")
        s.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                answer = s.recv(2000)
                expect(answer[:2] == struct.pack(">H", ERROR), "only requests are answered, and these with errors")


def a_client_that_goes_away_or_talks_nonsense_in_a_transfer_costs_nothing(l):
    _up(l)
    l.put("file.bin", bytes(70000))
    with contextlib.ExitStack() as stack:
        for answer in (b"", b"\0", struct.pack(">HH", ACK, 77), struct.pack(">HH", ERROR, 0) + b"gone\0",
                       struct.pack(">HH", DATA, 1), struct.pack(">HH", ACK, 1)[:3], bytes(900)):
            s = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            s.settimeout(WAIT)
            s.sendto(_request(b"file.bin"), ("127.0.0.1", l.port(TFTP)))
            _, tid = s.recvfrom(2000)
            s.sendto(answer, tid)
        equal(l.fetch("file.bin"), bytes(70000), "a file meanwhile")
    l.stop(signal.SIGKILL, status=None)  # it would give those that still run ten seconds


class _Transfer:
    """A client that goes step by step; what may be lost it says again."""

    def __init__(self, l, stack, name, options=b""):
        self.socket = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.socket.settimeout(2)
        self.to = ("127.0.0.1", l.port(TFTP))
        self._say(_request(name) + options)

    def _say(self, datagram):
        self.last = datagram
        self.socket.sendto(datagram, self.to)

    def hear(self, start):
        """What stands behind these bytes in the next datagram that begins with them."""
        for _ in range(2 * WAIT):
            try:
                datagram, self.to = self.socket.recvfrom(70000)
            except TimeoutError:
                self._say(self.last)
                continue
            if datagram.startswith(start):
                return datagram[len(start):]
        raise lab.Failed(f"nothing that begins with {start!r}")

    def block(self, number):
        return self.hear(struct.pack(">HH", DATA, number))

    def ack(self, number):
        self._say(struct.pack(">HH", ACK, number))


def a_file_that_changes_in_the_middle_of_a_transfer_arrives_as_it_was(l):
    _up(l)
    rng = random.Random(4)

    def _shrink(path):
        os.truncate(path, 10)

    def _overwrite(path):
        with open(path, "r+b") as f:
            f.write(bytes(os.path.getsize(path) * 2))

    def _exchange(path):
        with open(path + ".new", "wb") as f:
            f.write(b"new")
        os.rename(path + ".new", path)

    # the small one travels to the front in a message, the large one as a descriptor
    for size, blksize in ((3000, 512), (2_000_000, 65464)):
        for change in (_shrink, _overwrite, _exchange, os.remove):
            content = rng.randbytes(size)
            path = l.put("file.bin", content)
            with contextlib.ExitStack() as stack:
                t = _Transfer(l, stack, b"file.bin", b"blksize\0%d\0" % blksize)
                t.hear(struct.pack(">H", OACK))
                t.ack(0)
                got = t.block(1)
                change(path)
                for block in range(2, size // blksize + 2):
                    t.ack(block - 1)
                    got += t.block(block)
                t.ack(size // blksize + 1)
            expect(got == content, f"{size} bytes, {change.__name__}: {len(got)} other bytes came")


# --- TLS peers ---

def _context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _tcp(l, service):
    return socket.create_connection(("127.0.0.1", l.port(service)), timeout=WAIT)


def _tls(l, service, context=None):
    return (context or _context()).wrap_socket(_tcp(l, service))


def _exactly(s, n):
    got = b""
    while len(got) < n:
        more = s.recv(n - len(got))
        expect(more, f"the connection ended after {len(got)} of {n} bytes")
        got += more
    return got


def _certificate(l):
    return ssl.PEM_cert_to_DER_cert(l.cli("cert", "show", "callmanager", "--pem").stdout)


def _verify_request(der, session=1001):
    """tvs.md 6: elements 1 (device) and 2 (certificate)."""
    device = b"\x01CP-8861-" + NAME.encode()
    elements = b"".join(struct.pack(">BH", tag, len(value)) + value for tag, value in ((1, device), (2, der)))
    return struct.pack(">BBBBIH", 0x57, 1, 1, 0, session, len(elements)) + elements


def _is_valid(s, request):
    """Reads the answer to this request; true when it is: valid."""
    header = _exactly(s, 10)
    equal(header[:3] + header[4:8], b"\x57\x01\x02" + request[4:8], "header of the answer")
    return _exactly(s, struct.unpack(">H", header[8:10])[0]).startswith(b"\x07\x00\x01\x00")


def _tvs_answers(l, request):
    with _tls(l, TVS) as s:
        s.sendall(request)
        expect(_is_valid(s, request), "TVS vouches for the cluster's own certificate")


def _capf_greets(l):
    """CAPF's server speaks first: an authentication request (capf.md 5.1, 5.2)."""
    with _tls(l, CAPF) as s:
        equal(_exactly(s, 2), b"\x55\x01", "the first bytes of CAPF")


def _closed(sockets, what):
    """Every one of them is closed by the other side."""
    for s in sockets:
        s.settimeout(WAIT)
        try:
            while s.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        except TimeoutError:
            raise lab.Failed(f"{what} is still open after {WAIT} s") from None
        s.close()


def _client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = _context().wrap_bio(incoming, outgoing)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def _quick(l):
    """A cluster with short limits."""
    l.have()
    l.set_conf("limits", "handshake-timeout", "2")
    l.set_conf("tvs", "idle-timeout", "2")
    l.set_conf("capf", "answer-timeout", "2")
    l.start()
    l.cli("phone", "add", NAME)


def tls_peers_that_stop_or_send_garbage_are_closed_while_others_are_served(l):
    _quick(l)
    hello, rng = _client_hello(), random.Random(2)
    request = _verify_request(_certificate(l))
    peers = []
    for service in (TVS, CAPF):
        for first in (b"", hello[:1], hello[:5], hello[:len(hello) // 2], hello, b"GET / HTTP/1.0\r\n\r\n", rng.randbytes(3000),
                      b"\x16\x03\x01\xff\xff" + bytes(1000), b"\x16\x03\x01\x40\x00" + bytes(20000),
                      hello[:6] + b"\xff\xff\xff" + hello[9:], hello[:40] + rng.randbytes(len(hello) - 40)):
            s = _tcp(l, service)
            s.sendall(first)
            peers.append(s)
    _tvs_answers(l, request)
    _capf_greets(l)
    _closed(peers, "a peer that does not shake hands")
    status = l.json("status")["services"]
    for service in ("tvs", "capf"):
        expect(status[service]["handshake_failed"] + status[service]["timed_out"] + status[service]["broken"] > 0,
               f"{service} counts them: {status[service]}")
    expect("tls-failed peer=127.0.0.1:" in l.log(), "the log names a peer")


def a_handshake_that_trickles_in_is_closed(l):
    _quick(l)
    hello = _client_hello()
    for service in (TVS, CAPF):
        with _tcp(l, service) as s:
            s.sendall(hello[:5])
            _trickle(s, hello[5:])


def _trickle(s, data):
    """Sends byte after byte until the other side closes; fails when it does not."""
    for i in range(WAIT * 5):
        if select.select([s], [], [], 0.2)[0]:
            try:
                if not s.recv(65536):
                    return
            except (ConnectionError, ssl.SSLError):
                return
        try:
            s.sendall(data[i % len(data):][:1])
        except (ConnectionError, ssl.SSLError):
            return
    raise lab.Failed("a peer may send byte after byte for ever")


def messages_that_trickle_in_or_never_come_are_closed(l):
    _quick(l)
    request = _verify_request(_certificate(l))
    with _tls(l, TVS) as s:
        _trickle(s, request)
    with _tls(l, CAPF) as s:
        _exactly(s, 8)
        _trickle(s, b"\x55\x02\0\0\0\1\xff\xff" + bytes(1000))
    silent = [_tls(l, TVS), _tls(l, CAPF)]
    _tvs_answers(l, request)
    _closed(silent, "a silent peer")


def messages_of_every_wrong_kind_end_the_connection_and_are_logged(l):
    _quick(l)
    request, rng = _verify_request(_certificate(l)), random.Random(3)
    wrong = {TVS: [b"\x55" + request[1:], b"\x57\x02" + request[2:], b"\x57\x01\x09" + request[3:], rng.randbytes(2000),
                   request[:8] + b"\0\0" + request[10:], request[:10] + b"\x01\xff\xff" + request[13:],
                   request[:2] + b"\x02" + request[3:], b"\x57\x01\x01\x00\0\0\0\1\xff\xff" + bytes(65535),
                   b"\x57\x01\x01\x00\0\0\0\1\0\0"],
             CAPF: [b"\x57" + bytes(100), rng.randbytes(2000), b"\x55\x63\0\0\0\1\0\0", b"\x55\x02\0\0\0\1\xff\xff" + bytes(65535),
                    b"\x55\x0c\0\0\0\1\0\0", b"\x55\x02\0\0\0\1\0\4\x0d\0\xff\0"]}
    for service, messages in wrong.items():
        for message in messages:
            s = _tls(l, service)
            peer = "127.0.0.1:%d" % s.getsockname()[1]
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                s.sendall(message)
            _closed([s], f"a peer that sends {message[:16]!r}")
            _logged(l, peer, "bad-message")
            time.sleep(PACE)
    _tvs_answers(l, request)
    _capf_greets(l)


def requests_split_over_records_or_several_in_one_are_answered(l):
    _up(l)
    request = _verify_request(_certificate(l))
    with _tls(l, TVS) as s:
        for cut in (1, 9, 10, 11, 100, len(request) - 1):
            s.sendall(request[:cut])
            s.sendall(request[cut:])
            expect(_is_valid(s, request), f"cut at {cut}")
        s.sendall(request * 20)
        expect(all(_is_valid(s, request) for _ in range(20)), "twenty requests in one record")


def five_hundred_half_open_handshakes_delay_nobody(l):
    _up(l)
    _files(3000)
    half, request = _client_hello()[:50], _verify_request(_certificate(l))
    with contextlib.ExitStack() as stack:
        waiting = []
        for service in (TVS, CAPF):
            for _ in range(250):
                waiting.append(stack.enter_context(_tcp(l, service)))
                waiting[-1].sendall(half)
        for _ in range(10):
            _tvs_answers(l, request)
            _capf_greets(l)
        equal(select.select(waiting, [], [], 0)[0], [], "half-open handshakes that were closed meanwhile")


def _files(count):
    """This process may have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard))


def a_thousand_connections_are_open_at_once_and_each_is_answered(l):
    _up(l)
    _files(3000)
    request, context = _verify_request(_certificate(l)), _context()
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(_tls(l, TVS, context)) for _ in range(1000)]
        for _ in range(2):
            for s in connections:
                s.sendall(request)
            expect(all(_is_valid(s, request) for s in connections), "every answer is: valid")
        _capf_greets(l)
    counted = l.json("status")["services"]["tvs"]
    equal((counted["over_limit"], counted["broken"], counted["timed_out"]), (0, 0, 0), "faults counted")


def a_branch_office_behind_one_address_is_served(l):
    """500 handshakes that hang, 1,000 TLS connections and 5,000 transfers at once, all from 127.0.0.1."""
    l.have()
    l.set_conf("limits", "handshake-timeout", "300")
    l.start()
    _files(8000)
    half, request, context = _client_hello()[:50], _verify_request(_certificate(l)), _context()
    content = bytes(range(200)) * 5
    l.put("file.bin", content)
    with contextlib.ExitStack() as stack:
        hanging = [stack.enter_context(_tcp(l, service)) for service in (TVS, HTTPS) for _ in range(250)]
        for s in hanging:
            s.sendall(half)
        connections = [stack.enter_context(_tls(l, TVS, context)) for _ in range(1000)]
        transfers = [_Transfer(l, stack, b"file.bin") for _ in range(5000)]
        for t in transfers:  # nobody acknowledges before everybody has the first block
            equal(t.block(1), content[:512], "the first block")
        for t in transfers:
            t.ack(1)
        for s in connections:
            s.sendall(request)
        for t in transfers:
            equal(t.block(2), content[512:], "the second block")
            t.ack(2)
        expect(all(_is_valid(s, request) for s in connections), "every answer is: valid")
        with _tls(l, HTTPS) as s:
            s.sendall(b"GET /file.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            expect(_exactly(s, 15) == b"HTTP/1.1 200 OK", "HTTPS answers")
        equal(select.select(hanging, [], [], 0)[0], [], "hanging handshakes that were closed meanwhile")

        def ended():  # not "none is running": what status knows of a front may be half a second old
            tftp = l.json("status")["services"]["tftp"]
            return tftp["sent"] + tftp["failed"] == 5000
        wait_for("all transfers to end", ended)
    services = l.json("status")["services"]
    equal([services["tftp"][key] for key in ("sent", "running")], [5000, 0], "transfers")
    equal([services[name]["over_limit"] for name in ("tvs", "https")], [0, 0], "connections over a limit")


def limits_per_address_close_what_is_over_and_keep_the_rest(l):
    l.have()
    l.set_conf("limits", "connections-per-address", "10")
    l.set_conf("network", "workers", "1")
    l.start()
    request = _verify_request(_certificate(l))
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(_tls(l, TVS)) for _ in range(10)]
        _closed([_tcp(l, TVS) for _ in range(5)], "a connection over the limit")
        for s in kept:
            s.sendall(request)
        expect(all(_is_valid(s, request) for s in kept), "those within the limit are answered")
    wait_for("room for a new connection", lambda: _can_ask(l, request))


def _can_ask(l, request):
    try:
        _tvs_answers(l, request)
    except (OSError, lab.Failed):
        return False
    return True


def old_hellos_are_refused_counted_and_status_names_the_setting(l):
    _up(l)
    for service, name in ((TVS, "tvs"), (CAPF, "capf")):
        run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(service)}", "-tls1", "-cipher", "AES256-SHA:@SECLEVEL=0", status=1)
        wait_for("the count", lambda n=name: l.json("status")["services"][n]["old_refused"] == 1)
        expect(f"[{name}] old-tls" in l.cli("status").stdout, f"status names the setting of {name}")
        expect(f"setting=\"[{name}] old-tls\"" in l.log(), "so does the log")


def old_hellos_are_served_where_the_setting_says_so(l):
    l.have()
    l.set_conf("tvs", "old-tls", "yes")
    l.start()
    done = run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(TVS)}", "-tls1", "-cipher", "AES256-SHA:@SECLEVEL=0")
    expect("Protocol  : TLSv1\n" in done.stdout, done.stdout)
    run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(CAPF)}", "-tls1", "-cipher", "AES256-SHA:@SECLEVEL=0", status=1)


if __name__ == "__main__":
    lab.main(globals())
