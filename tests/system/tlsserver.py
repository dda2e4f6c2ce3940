"""A TLS server with a certificate of its own: somebody's web server, or an impostor."""
import os
import socket
import ssl
import threading

from lab import run


def make_certificate(l, name, *options):
    """A key and a self-signed certificate; their paths."""
    key, cert = os.path.join(l.dir, f"{name}.key"), os.path.join(l.dir, f"{name}.pem")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "10",
        "-subj", f"/CN={name}/O=Elsewhere", *options)
    return key, cert


class TlsServer:
    """Ends handshakes and reads until the peer hangs up; silent: takes connections and never says a word.

        with TlsServer(l, "stranger") as web:
            ... web.port, web.certificate (a file), web.accepted (connections so far)
    """

    def __init__(self, l, name, silent=False):
        self.accepted = 0
        self.context = None
        if not silent:
            key, self.certificate = make_certificate(l, name)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(self.certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.kept = []

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for s in self.kept:
            s.close()

    def _serve(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.context is None:
                self.kept.append(s)
            else:
                threading.Thread(target=self._talk, args=(s,), daemon=True).start()

    def _talk(self, s):
        try:
            with self.context.wrap_socket(s, server_side=True) as tls:
                while tls.recv(4096):
                    pass
        except OSError:
            pass  # the phone did not like what it saw
