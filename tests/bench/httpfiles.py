"""HTTP and HTTPS: the same files as over TFTP, against nginx with as many workers."""
import contextlib
import os
import re
import subprocess

import common
import lab
from common import FILES, FIRST_MAC, Server, Work, compare, metered, pinned, program, start_cluster, write_configs

NGINX = """daemon off; worker_processes 1; user root; pid {work}/nginx.pid; error_log /dev/null crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000000; open_file_cache max=20000 inactive=60s;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4;
  scgi_temp_path {work}/t5;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {work}/files; }}
  server {{ listen 127.0.0.1:{tls} ssl backlog=4096; root {work}/files; ssl_certificate {pem}; ssl_certificate_key {pem}; }}
}}
"""


@contextlib.contextmanager
def nginx(work):
    """nginx with one worker over work/files; its process and port, and one higher that of HTTPS."""
    port = lab.free_base_port()
    conf = os.path.join(work, "nginx.conf")
    with open(conf, "w") as f:
        f.write(NGINX.format(work=work, port=port, tls=port + 1, pem=os.path.join(lab.VECTORS, "keys", "tftp-ec384.pem")))
    with Server(program("nginx"), "-p", work, "-c", conf) as server:
        yield server.process.pid, port


def wrk(port, close=False, tls=False, clients=100, seconds=3, first=0, count=FILES, core=common.CLIENT):
    """Requests a second for distinct files from one core (None: any); keep-alive, or a new connection for each."""
    env = {**os.environ, "PAT": "SEP%012X.cnf.xml.sgn", "START": f"{FIRST_MAC + first:X}", "COUNT": str(count)}
    env.pop("CLOSE", None)
    if close:
        env["CLOSE"] = "1"
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", common.tool("httpload.lua"),
               f"http{'s' if tls else ''}://127.0.0.1:{port}"]
    out = subprocess.run(command if core is None else pinned(core, *command), env=env, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout|Non-2xx or 3xx responses:) (\d+)", out))
    count = re.search(r"(\d+) requests in", out)
    return {"requests/s": float(rate.group(1)) if rate else 0, "ok": int(count.group(1)) if count else 0, "errors": errors}


def warm(port, tls):
    """Asks until the front has every file, in portions that even a busy machine gets through."""
    portion = 1000
    for first in range(0, FILES, portion):
        asked = 0
        while asked < portion:
            got = wrk(port, tls=tls, seconds=1, first=first, count=portion)["ok"]
            if got == 0:
                raise lab.Failed(f"nothing comes from port {port}")
            asked = max(asked, got)


def bench_http():
    with Work() as work:
        l = start_cluster(lambda l: write_configs(os.path.join(l.cluster, "tftpboot")))
        try:
            size = len(l.fetch(common.phone(0) + ".cnf.xml.sgn"))
            root = os.path.join(work, "files")
            common.write_finished(root, size)
            for port, tls in ((l.port(lab.HTTP), False), (l.port(lab.HTTPS), True)):
                warm(port, tls)
            with nginx(work) as (pid, peer):
                for close, how in ((False, "keep-alive"), (True, "a new connection each")):
                    for tls, port in ((False, lab.HTTP), (True, lab.HTTPS)):
                        compare(f"HTTP{'S' if tls else ''}, files of {size} bytes, {how}, 100 clients at once", {
                            "nginx, one worker": lambda: metered(pid, lambda: wrk(peer + tls, close, tls)),
                            "sealtoned, one front": lambda: metered(l.daemon.pid, lambda: wrk(l.port(port), close, tls)),
                        }, "requests/s", "requests/s", None if tls else 0.6)
        finally:
            l.close()
