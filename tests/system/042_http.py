"""Provisioning over HTTP 6970 and HTTPS 6971 with real clients: the names and answers of TFTP, and what HTTP has besides."""
import email.utils
import http.client
import os
import socket
import ssl
import threading

import lab
from handset import NAME
from lab import HTTP, HTTPS, equal, expect, run

MEGABYTE = 1024 * 1024


# --- helpers ---

def _get(l, path, *options, service=HTTP):
    """curl's answer: status, fields by lower-case name, body."""
    body, head = os.path.join(l.dir, "body"), os.path.join(l.dir, "head")
    scheme = "https" if service == HTTPS else "http"
    for made in (body, head):
        if os.path.exists(made):
            os.remove(made)
    out = run("curl", "-s", "-k", "-g", "--path-as-is", "-o", body, "-D", head, "-w", "%{http_code}", *options,
              f"{scheme}://127.0.0.1:{l.port(service)}{path}").stdout
    with open(head, encoding="latin-1") as f:
        fields = dict((k.lower(), v.strip()) for k, v in (line.split(":", 1) for line in f if ":" in line))
    content = b""
    if os.path.exists(body):
        with open(body, "rb") as f:
            content = f.read()
    return int(out), fields, content


def _phone(l):
    l.config(NAME)
    l.cli("phone", "add", NAME, "--model", "8861")


def _fill(l):
    """A folder with a file of each kind; their names."""
    _phone(l)
    l.put("XMLDefault.cnf.xml", "<Default><a>1</a></Default>")
    kinds = {"Ringlist.xml": "<CiscoIPPhoneRingList/>", "Germany/g3-tones.xml": "<tones/>", "Desktops/320x212x12/List.xml": "<l/>",
             "SoftKeys.xml": "<k/>", "dialplan.xml": "<DIALTEMPLATE/>", "sip88xx.14-2-1.loads": b"\x01\x00\x02\x01\x00 vendor",
             "kern88xx.sbn": os.urandom(70000), "ring.raw": b"", "logo.png": os.urandom(3000)}
    for name, content in kinds.items():
        l.put(name, content)
    return [f"{NAME}.cnf.xml", "XMLDefault.cnf.xml", *kinds]


# --- the same names, the same answers ---

def every_kind_of_file_comes_over_http_as_over_tftp(l):
    l.up()
    plain = _fill(l)
    signed = [name + ".sgn" for name in plain if not name.endswith(".loads")]
    equal(_get(l, "/sip88xx.14-2-1.loads.sgn")[0], 404, "what its vendor signed, with a signature of ours")
    for name in plain + signed + [f"ITL{NAME}.tlv"]:
        if name == "ring.raw":  # curl takes the empty file of TFTP for an error
            continue
        status, _, content = _get(l, "/" + name)
        equal(status, 200, name)
        if name == "ring.raw.sgn" or name in signed:  # a file just written is signed anew each time: the payload is the same
            equal(content[-200:], l.fetch(name)[-200:], name)
        else:
            equal(content, l.fetch(name), name)
    equal(_get(l, "/ring.raw")[2], b"", "an empty file")


def what_is_not_there_is_404_and_what_is_no_name_is_403(l):
    l.up()
    _phone(l)
    for name in ("nothing.txt", "CTLFile.tlv", f"CTL{NAME}.tlv", "ITLFile.tlv", "ITLSEP000000000001.tlv", f"{NAME}.cnf.xml.enc.sgn",
                 NAME.lower() + ".cnf.xml"):
        equal(_get(l, "/" + name)[::2], (404, b"File not found\n"), name)
    for name in ("", "..", ".hidden", "a//b", "a/./b", "a/../b", "x" * 300):
        equal(_get(l, "/" + name)[::2], (403, b"Access violation\n"), repr(name))
    status, fields, _ = _get(l, f"/{NAME}.cnf.xml", "-X", "PUT")
    equal((status, fields.get("allow")), (405, "GET, HEAD"), "PUT")


def nobody_learns_what_is_outside_of_the_folder(l):
    l.up()
    l.put("folder/inside.txt", "inside")
    os.symlink("/etc/passwd", os.path.join(l.cluster, "tftpboot", "link.txt"))
    os.symlink("/etc/nothing-there", os.path.join(l.cluster, "tftpboot", "dead.txt"))
    there, not_there = "sealtone.conf", "no-such-file"
    for way in ("/../%s", "/%%2e%%2e/%s", "/..%%2f%s", "/%%2e%%2e%%2f%s", "/folder/../../%s", "/..%%5c%s", "/..\\%s", "//%s", "/%%252e%%252e/%s",
                "/..%%c0%%af%s", "/%%c0%%ae%%c0%%ae/%s", "/..;/%s", "/%%00../%s", "/folder/%%2e%%2e/%%2e%%2e/%s", "/\uff0e\uff0e/%s"):
        answers = [_get(l, way % name)[::2] for name in (there, not_there)]
        equal(answers[0], answers[1], way)
        expect(answers[0][0] in (400, 403, 404), f"{way}: {answers[0]}")
    answers = [_get(l, name)[::2] for name in ("/link.txt", "/dead.txt")]
    equal(answers[0], answers[1], "links that lead out")
    expect(answers[0][0] in (403, 404), str(answers[0]))
    for fault in answers:
        expect(l.dir.encode() not in fault[1], "a path of the server in an answer")


# --- what HTTP has besides ---

def parts_conditions_and_head_are_answered(l):
    l.up()
    content = bytes(range(256)) * 40
    path = l.put("image.bin", content)
    os.utime(path, (784111777, 784111777))
    status, fields, body = _get(l, "/image.bin")
    equal((status, body), (200, content), "the whole")
    equal(fields["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT", "Last-Modified")
    equal(_get(l, "/image.bin", "-r", "10-19")[::2], (206, content[10:20]), "a part")
    equal(_get(l, "/image.bin", "-r", "-5")[::2], (206, content[-5:]), "the end")
    equal(_get(l, "/image.bin", "-r", "10000-")[::2], (206, content[10000:]), "the rest")
    equal(_get(l, "/image.bin", "-r", "99999-")[0], 416, "past the end")
    equal(_get(l, "/image.bin", "-r", "5-3")[::2], (200, content), "no range at all")
    equal(_get(l, "/image.bin", "-H", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT")[::2], (304, b""), "not modified")
    equal(_get(l, "/image.bin", "-H", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT")[0], 200, "modified")
    status, fields, body = _get(l, "/image.bin", "-I")
    equal((status, int(fields["content-length"])), (200, len(content)), "HEAD")
    _phone(l)
    _, fields, _ = _get(l, f"/{NAME}.cnf.xml")
    tag = fields["etag"]
    equal(_get(l, f"/{NAME}.cnf.xml", "-H", f"If-None-Match: {tag}")[::2], (304, b""), "the same configuration")
    l.config(NAME, extra="<a>changed</a>")
    equal(_get(l, f"/{NAME}.cnf.xml", "-H", f"If-None-Match: {tag}")[0], 200, "a changed configuration")


def a_connection_serves_many_requests_and_none_of_them_is_old(l):
    l.up()
    _phone(l)
    c = http.client.HTTPConnection("127.0.0.1", l.port(HTTP), timeout=20)
    seen = set()
    for i in range(30):
        l.config(NAME, extra=f"<a>{i}</a>")
        l.put("Ringlist.xml", f"<r>{i}</r>")
        for name, want in ((f"{NAME}.cnf.xml", f"<a>{i}</a>"), ("Ringlist.xml", f"<r>{i}</r>"), (f"{NAME}.cnf.xml.sgn", f"<a>{i}</a>")):
            c.request("GET", "/" + name)
            body = c.getresponse().read()
            expect(want.encode() in body, f"round {i}: {name} is old: {body!r}")
            seen.add(c.sock.getsockname() if c.sock else None)
    equal(len(seen), 1, "connections")
    l.cli("phone", "set", NAME, "--operation", "install-upgrade")
    c.request("GET", f"/{NAME}.cnf.xml")
    expect(b"<capfAuthMode>2</capfAuthMode>" in c.getresponse().read(), "the record was changed and the configuration is old")
    c.close()


# --- HTTPS ---

def https_shows_the_ec_certificate_of_the_list_and_gives_plain_xml(l):
    l.up()
    _phone(l)
    ec = l.cli("cert", "show", "callmanager-ec", "--pem").stdout
    equal(ssl.get_server_certificate(("127.0.0.1", l.port(HTTPS))), ec, "the certificate shown on 6971")
    xml = _get(l, f"/{NAME}.cnf.xml")[2]
    status, fields, body = _get(l, f"/{NAME}.cnf.xml.sgn", service=HTTPS)
    equal((status, body), (200, xml), "a signed configuration over HTTPS")
    l.put("Ringlist.xml", "<r/>")
    expect(_get(l, "/Ringlist.xml.sgn", service=HTTPS)[2][:5] == b"\x01\x00\x02\x01\x00", "other signed files stay signed")
    equal(_get(l, f"/ITL{NAME}.tlv", service=HTTPS)[2], l.fetch(f"ITL{NAME}.tlv"), "the list")
    old = run("openssl", "s_client", "-connect", f"127.0.0.1:{l.port(HTTPS)}", "-tls1", "-cipher", "ALL:@SECLEVEL=0", status=None)
    expect(old.returncode != 0, "TLS 1.0 was taken")
    equal(_get(l, f"/{NAME}.cnf.xml", service=HTTPS)[0], 200, "after a hello that was refused")
    expect(l.json("status")["services"]["https"]["handshake_failed"] >= 0, "status does not tell of HTTPS")


def a_service_whose_port_is_0_is_not_there(l):
    l.have()
    l.set_conf("network", "http-port", 0)
    l.set_conf("network", "https-port", 0)
    l.start()
    for service in (HTTP, HTTPS):
        with socket.socket() as s:
            expect(s.connect_ex(("127.0.0.1", l.port(service))) != 0, "a port is open")
    _phone(l)
    expect(l.fetch(f"{NAME}.cnf.xml.sgn"), "TFTP does not serve")


# --- many, slow ones, the end ---

def a_thousand_idle_connections_of_one_address_disturb_nobody(l):
    l.up()
    _phone(l)
    crowd = [socket.create_connection(("127.0.0.1", l.port(HTTP))) for _ in range(1000)]
    for s in crowd[:500]:  # half of them have begun
        s.sendall(b"GET /" + NAME.encode())
    equal(_get(l, f"/{NAME}.cnf.xml")[0], 200, "one more")
    for s in crowd[:500]:
        s.sendall(b".cnf.xml HTTP/1.1\r\nHost: x\r\n\r\n")
    for s in crowd[:500]:
        expect(s.recv(15) == b"HTTP/1.1 200 OK", "one of those who waited got no answer")
    for s in crowd:
        s.close()


def who_reads_slowly_gets_the_whole_file_though_the_daemon_ends(l):
    l.up()
    content = os.urandom(MEGABYTE) * 12
    l.put("image.bin", content)
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    s.connect(("127.0.0.1", l.port(HTTP)))
    s.sendall(b"GET /image.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    got = s.recv(1000)
    ending = threading.Thread(target=l.stop)
    ending.start()
    while True:
        part = s.recv(65536)
        got += part
        if not part:
            break
    ending.join()
    equal(len(got.split(b"\r\n\r\n", 1)[1]), len(content), "bytes of a download that the end of the daemon met")
    s.close()


# --- who fetched what ---

def what_came_over_http_is_in_the_record(l):
    l.up()
    _phone(l)
    version = _get(l, f"/{NAME}.cnf.xml.sgn")[2].split(b"<versionStamp>")[1].split(b"<")[0].decode()
    _get(l, f"/ITL{NAME}.tlv")
    lab.wait_for("what was fetched", lambda: l.json("phone", "show", NAME)["served"]["config"])
    served = l.json("phone", "show", NAME)["served"]
    equal((served["config"]["version"], served["config"]["form"]), (version, "signed"), "configuration")
    expect(served["config"]["address"].startswith("127.0.0.1"), str(served))
    equal(served["list"]["version"], 1, "list")
    expect(l.json("phone", "show", NAME)["last_seen"], "it was not seen")


def dates_are_those_of_http(l):
    l.up()
    l.put("a.txt", "a")
    _, fields, _ = _get(l, "/a.txt")
    for field in ("date", "last-modified"):
        expect(email.utils.parsedate_to_datetime(fields[field]).utcoffset() is not None, fields[field])


if __name__ == "__main__":
    lab.main(globals())
