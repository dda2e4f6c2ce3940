"""CAPF and TVS byte by byte: clients written from doc/protocols and not from our C."""
import socket
import ssl
import struct

# CAPF commands and elements (doc/protocols/capf.md 5.2, 5.3)
AUTH_REQUEST, AUTH_RESPONSE, KEY_REQUEST, KEY_RESPONSE = 1, 2, 3, 4
STORE_REQUEST, STORE_RESPONSE, END_SESSION, IN_PROGRESS = 9, 10, 15, 17
FETCH_REQUEST, FETCH_RESPONSE, DELETE_REQUEST, DELETE_RESPONSE = 11, 12, 13, 14
REASON, CERTIFICATE, VERSION, AUTH_TYPE, PUBLIC_KEY, KEY_SIZE, PASSWORD, DEVICE, KEY_TYPE = 1, 4, 7, 8, 9, 10, 11, 13, 17
DONE = b"\x01"

# TVS commands and elements (doc/protocols/tvs.md 6)
VERIFY, VERIFIED, QUERY, QUERIED = 1, 2, 3, 4
T_DEVICE, T_CERTIFICATE, T_SUBJECT, T_ISSUER, T_SERIAL, T_STATUS, T_ROLES, T_TTL = 1, 2, 3, 4, 5, 7, 8, 9


def transcript(path):
    """A recorded session: ("S" or "C", bytes) for each message."""
    with open(path) as f:
        return [(line[0], bytes.fromhex(line[3:])) for line in f if line[:2] in ("S>", "C>")]


def dial(port, seconds=30, source=None):
    """TLS to a service; phones judge its certificate by their lists, which is not what is tried here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=source and (source, 0))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain)


def read(s, n):
    got = b""
    while len(got) < n:
        more = s.recv(n - len(got))
        if not more:
            raise EOFError(f"the server hung up after {len(got)} of {n} bytes")
        got += more
    return got


def is_closed(s):
    """Reads until the server hangs up. A connection that is cut counts; one on which it goes silent does not."""
    try:
        while s.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def elements(body):
    found = {}
    while body:
        tag, n = struct.unpack(">BH", body[:3])
        found[tag], body = body[3:3 + n], body[3 + n:]
    return found


def element(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def capf(command, session, *given):
    body = b"".join(element(tag, value) for tag, value in given)
    return struct.pack(">BBIH", 0x55, command, session, len(body)) + body


def tvs(command, session, *given):
    body = b"".join(element(tag, value) for tag, value in given)
    return struct.pack(">BBBBIH", 0x57, 1, command, 0, session, len(body)) + body


def tvs_read(s):
    """One whole TVS message."""
    header = read(s, 10)
    return header + read(s, struct.unpack(">H", header[8:])[0])


class Capf:
    """A phone's side of one CAPF session, message by message."""

    def __init__(self, port, source=None):
        self.tls = dial(port, source=source)
        self.session = None
        self.first = self.read()
        self.session = self.first[1]

    def read(self):
        """(command, session, elements, whole message)"""
        header = read(self.tls, 8)
        _, command, session, n = struct.unpack(">BBIH", header)
        body = read(self.tls, n)
        if self.session is not None and session != self.session:
            raise ValueError(f"session {session}, expected {self.session}")
        return command, session, elements(body), header + body

    def take(self, command):
        """The next message, which is this one; its elements."""
        got = self.read()
        if got[0] != command:
            raise ValueError(f"command {got[0]}, expected {command}: {got[3].hex()}")
        return got[2]

    def send(self, command, *given):
        self.tls.sendall(capf(command, self.session, *given))

    def greet(self, device, password=b""):
        self.send(AUTH_RESPONSE, (REASON, DONE), (VERSION, b"\x03"), (PASSWORD, password + b"\0"),
                  (DEVICE, device.encode() + b"\0"))

    def certificate(self, device, key, password=b""):
        """Up to STORE_REQUEST; the DER that the server issued."""
        self.greet(device, password)
        self.take(KEY_REQUEST)
        self.send(KEY_RESPONSE, (PUBLIC_KEY, key))
        return self.take(STORE_REQUEST)[CERTIFICATE][5:]

    def confirm(self):
        """The rest; the reason that the server ends with."""
        self.send(STORE_RESPONSE, (REASON, DONE))
        return self.take(END_SESSION)[REASON][0]

    def hang_up(self):
        self.tls.close()
