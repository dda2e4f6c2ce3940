"""A bad network between TFTP clients and a server: loses, doubles, delays and reorders datagrams of both directions.

    with BadNetwork(server_port, seed=1, lose=0.05) as network:
        ...                                    # clients ask 127.0.0.1, network.port

Each client has a socket of its own towards the server, so the server sees as many clients as there are; the client sees
one port, as behind a NAT. What happens to a datagram depends on the seed and on its place in the order of arrival.
"""
import collections
import heapq
import random
import selectors
import socket
import threading
import time

RRQ = 1
BUFFER = 4 << 20
MEMORY = 2000  # clients whose sockets are kept


class BadNetwork:
    def __init__(self, port, seed, lose=0.0, double=0.0, delay=0.0, delay_s=0.05, server="127.0.0.1"):
        """lose, double, delay: shares of all datagrams; one that is delayed by delay_s is overtaken by others."""
        self.server, self.random = (server, port), random.Random(seed)
        self.lose, self.double, self.delay, self.delay_s = lose, double, delay, delay_s
        self.passed = self.lost = self.doubled = self.delayed = 0
        self.front = self._socket()
        self.port = self.front.getsockname()[1]
        self.clients = collections.OrderedDict()  # address -> [socket, where the server's side of the transfer is, request]
        self.waiting = []  # (when, number, socket, datagram, to)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.front, selectors.EVENT_READ, None)
        self.over = False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        for client in self.clients.values():
            client[0].close()
        self.front.close()
        self.selector.close()

    def __str__(self):
        return f"{self.passed} datagrams passed, {self.lost} lost, {self.doubled} doubled, {self.delayed} delayed"

    @staticmethod
    def _socket():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        s.bind(("127.0.0.1", 0))
        s.setblocking(False)
        return s

    def _client(self, address):
        if address not in self.clients:
            if len(self.clients) >= MEMORY:
                _, oldest = self.clients.popitem(last=False)
                self.selector.unregister(oldest[0])
                oldest[0].close()
            s = self._socket()
            self.selector.register(s, selectors.EVENT_READ, address)
            self.clients[address] = [s, self.server, None]
        return self.clients[address]

    def _from_client(self, datagram, address):
        client = self._client(address)
        if datagram[:2] == bytes((0, RRQ)):
            if datagram != client[2]:  # a repeat belongs to the same transfer
                client[1:] = self.server, datagram
            self._pass(client[0], datagram, self.server)
        else:
            self._pass(client[0], datagram, client[1])

    def _from_server(self, datagram, address, client):
        self.clients[client][1] = address
        self._pass(self.front, datagram, client)

    def _pass(self, s, datagram, to):
        fate = self.random.random()
        if fate < self.lose:
            self.lost += 1
            return
        copies = 1
        if self.random.random() < self.double:
            self.doubled += 1
            copies = 2
        for _ in range(copies):
            if self.random.random() < self.delay:
                self.delayed += 1
                heapq.heappush(self.waiting, (time.monotonic() + self.delay_s * self.random.random(), self.delayed, s, datagram, to))
            else:
                self._send(s, datagram, to)

    def _send(self, s, datagram, to):
        try:
            s.sendto(datagram, to)
            self.passed += 1
        except OSError:
            pass  # the client is gone, or its socket was given up

    def _run(self):
        while not self.over:
            wait = max(0, min(0.1, self.waiting[0][0] - time.monotonic())) if self.waiting else 0.1
            for key, _ in self.selector.select(wait):
                for _ in range(64):
                    try:
                        datagram, address = key.fileobj.recvfrom(65536)
                    except OSError:
                        break
                    if key.data is None:
                        self._from_client(datagram, address)
                    elif key.data in self.clients:
                        self._from_server(datagram, address, key.data)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, s, datagram, to = heapq.heappop(self.waiting)
                self._send(s, datagram, to)
