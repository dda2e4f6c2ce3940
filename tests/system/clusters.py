"""Two clusters, each in a network namespace of its own, and servers between them that are no cluster of ours."""
import contextlib
import ctypes
import functools
import http.server
import os
import signal
import socket
import sys
import threading

import lab
from lab import HTTP, TFTP, Skipped, equal, expect, run

OTHERS = "SEP0011223344FF"  # a phone of the other cluster
ADDRESSES = "10.97.53.1", "10.97.53.2"
ADDRESSES_TOO = "10.97.53.11", "10.97.53.12"  # the same machines; they send from the first ones
ADDRESSES_V6 = "fd97:53::1", "fd97:53::2"
NOBODY = "10.97.53.9"
FRONTS = 2  # processes that serve phones; each keeps what came from elsewhere for itself
CLONE_NEWNET = 0x40000000
PATIENCE = ("--max-time", "30")


# --- two networks ---

def _add_namespace(name):
    added = run("ip", "netns", "add", name, status=None)
    if added.returncode != 0 and (os.geteuid() != 0 or "not permitted" in added.stderr):
        raise Skipped("network namespaces are for root")
    equal(added.returncode, 0, added.stderr)


@contextlib.contextmanager
def namespaces():
    """Two of them, joined by a cable: their names."""
    names = [f"sealtone-{os.getpid()}-{end}" for end in "ab"]
    cables = [f"st{os.getpid() % 100000}{end}" for end in "ab"]
    with contextlib.ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, lambda *_: sys.exit(1)))  # leave none behind
        for name in names:
            _add_namespace(name)
            stack.callback(run, "ip", "netns", "delete", name)
        run("ip", "link", "add", cables[0], "netns", names[0], "type", "veth", "peer", "name", cables[1], "netns", names[1])
        for i, (name, cable) in enumerate(zip(names, cables)):
            for address in (f"{ADDRESSES[i]}/24", f"{ADDRESSES_TOO[i]}/24"):
                run("ip", "-n", name, "address", "add", address, "dev", cable)
            run("ip", "-n", name, "-6", "address", "add", f"{ADDRESSES_V6[i]}/64", "dev", cable, "nodad")
            for device in ("lo", cable):
                run("ip", "-n", name, "link", "set", device, "up")
        yield names


@contextlib.contextmanager
def inside(name):
    """Sockets that are made meanwhile are of this namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as own, open(f"/run/netns/{name}") as there:
        def go(namespace):
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        go(there)
        try:
            yield
        finally:
            go(own)


def two_clusters(test):
    """Gives a test a second cluster, running like the first one, with a phone of its own."""
    @functools.wraps(test)
    def wrapped(l):
        other = lab.Lab()
        with namespaces() as names:
            try:
                for i, (one, name) in enumerate(((l, "central"), (other, "other"))):
                    one.within, one.address, one.namespace = ["ip", "netns", "exec", names[i]], ADDRESSES[i], names[i]
                    one.have("--cluster", name)
                    one.set_conf("network", "workers", FRONTS)
                    one.start()
                other.cli("phone", "add", OTHERS, "--model", "8861")
                other.config(OTHERS)
                test(l, other)
                for one in (l, other):
                    expect("Sanitizer" not in one.log() and "runtime error:" not in one.log(), one.log())
            finally:
                other.close()
                l.close()
    return wrapped


def join(l, other, *options, via="http", name="other"):
    """other is asked from now on for what l does not have."""
    service = HTTP if via == "http" else TFTP
    return l.cli("remote", "add", name, other.address, "--via", via, "--port", other.port(service), "--phone", OTHERS, *options)


def over_http(l, name, want=200):
    """A file over HTTP, by curl."""
    out = os.path.join(l.dir, "fetched-http")
    code = run(*l.within, "curl", "-s", "-g", *PATIENCE, "-o", out, "-w", "%{http_code}", f"http://{l.address}:{l.port(HTTP)}/{name}",
               status=None).stdout
    equal(code, str(want), name)
    with open(out, "rb") as f:
        return f.read()


# --- servers of somebody else ---

class WebServer:
    """A web server where a cluster is. files: by name their bytes, or a status, or (bytes, length that is promised).

        with WebServer(other) as web:
            web.files["Ringlist.xml"] = b"..."
            ... web.port, web.asked (names, in their order)
    """

    def __init__(self, where, address=None):
        self.files, self.asked = {}, []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path[1:]
                web.asked.append(name)
                _answer(self, web.files.get(name, 404))

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if address and ":" in address else socket.AF_INET

        with inside(where.namespace):
            self.server = Server((address or where.address, 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def _answer(handler, what):
    if isinstance(what, int):
        handler.send_error(what)
        return
    content, length = what if isinstance(what, tuple) else (what, len(what))
    handler.send_response(200)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    with contextlib.suppress(ConnectionError):  # who has heard enough may hang up
        handler.wfile.write(content)


@contextlib.contextmanager
def silent_server(where):
    """Takes connections, and never says a word; its port."""
    with inside(where.namespace):
        s = socket.create_server((where.address, 0), backlog=100)
    with s:
        yield s.getsockname()[1]
