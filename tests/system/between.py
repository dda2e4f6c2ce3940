"""Somebody between a phone and the TFTP server: passes on, changes, or replaces what the phone asks for.

    with Between(l) as between:
        between.instead["ITLFile.tlv"] = b"..."            # handed out in place of the server's answer; None: there is none
        between.change = lambda name, block, data: data    # what is done to each DATA packet that is passed on
        l.phone(NAME, "boot", port=between.port)
"""
import select
import socket
import struct
import threading

RRQ, DATA, ACK, ERROR, OACK = 1, 3, 4, 5, 6
BLOCK = 512
PATIENCE = 10  # seconds without a packet end a transfer


class Between:
    def __init__(self, l):
        self.server = ("127.0.0.1", l.base)
        self.instead = {}
        self.change = None
        self.asked = []
        self.closed = []  # ports for HTTP and HTTPS, on which nobody listens: phones fall back to TFTP
        self.socket, self.port = self._bind()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _bind(self):
        while True:
            tftp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            tftp.bind(("127.0.0.1", 0))
            port = tftp.getsockname()[1]
            try:
                for other in (port + 1, port + 2):
                    self.closed.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
                    self.closed[-1].bind(("127.0.0.1", other))
                return tftp, port
            except (OSError, OverflowError):  # somebody has it, or it is past the last port
                self._release(tftp)

    def _release(self, tftp):
        for s in (tftp, *self.closed):
            s.close()
        self.closed = []

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", ("127.0.0.1", self.port))  # ends the loop
        self.thread.join()
        self._release(self.socket)

    def _serve(self):
        while True:
            request, phone = self.socket.recvfrom(2048)
            if not request:
                return
            if request[:2] == struct.pack(">H", RRQ):
                threading.Thread(target=self._transfer, args=(request, phone), daemon=True).start()

    def _transfer(self, request, phone):
        name = request[2:].split(b"\0")[0].decode()
        self.asked.append(name)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to_phone:
            to_phone.bind(("127.0.0.1", 0))
            to_phone.connect(phone)
            try:
                if name in self.instead:
                    _hand_out(to_phone, self.instead[name])
                else:
                    self._pass_on(name, request, to_phone)
            except OSError:
                pass  # the phone went away

    def _pass_on(self, name, request, to_phone):
        """Packets go to and fro until nobody says anything any more."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to_server:
            to_server.sendto(request, self.server)
            peer = None
            while True:
                ready, _, _ = select.select([to_phone, to_server], [], [], PATIENCE)
                if not ready:
                    return
                if to_server in ready:
                    packet, peer = to_server.recvfrom(65536)
                    to_phone.send(self._changed(name, packet))
                if to_phone in ready and peer:
                    to_server.sendto(to_phone.recv(65536), peer)

    def _changed(self, name, packet):
        kind, block = struct.unpack(">HH", packet[:4])
        if kind == DATA and self.change:
            return packet[:4] + self.change(name, block, packet[4:])
        return packet


def _hand_out(to_phone, content):
    """The plainest server there is: no options, block after block."""
    if content is None:
        to_phone.send(struct.pack(">HH", ERROR, 1) + b"File not found\0")
        return
    for block in range(1, len(content) // BLOCK + 2):
        packet = struct.pack(">HH", DATA, block) + content[(block - 1) * BLOCK:block * BLOCK]
        for _ in range(PATIENCE):
            to_phone.send(packet)
            if select.select([to_phone], [], [], 1)[0] and to_phone.recv(65536)[:4] == struct.pack(">HH", ACK, block):
                break
        else:
            return
