"""sealtone capture: what a packet capture of a phone says (doc/guide/capture.md). The network is a namespace of its own, with
the real ports, and dumpcap listens where the phone is."""
import contextlib
import json
import os
import signal
import subprocess
import time

import lab
from clusters import ADDRESSES, inside, namespaces
from handset import NAME
from lab import equal, expect, run, wait_for
from tlsserver import TlsServer, make_certificate

PORTS = (69, 6970, 6971, 2445, 3804, 8443)
SIP = 5061


@contextlib.contextmanager
def _listening(l, namespace):
    """A capture of everything in the namespace, whole when this ends; its path."""
    path = os.path.join(l.dir, "phone.pcapng")
    done = subprocess.Popen(["ip", "netns", "exec", namespace, "dumpcap", "-q", "-i", "any", "-w", path],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    l.others.append(done)
    for line in done.stderr:
        if line.startswith("File:"):
            break
    yield path
    time.sleep(1)  # what the kernel still holds
    done.send_signal(signal.SIGINT)
    done.communicate(timeout=20)


def _real_ports(l, namespace):
    l.within, l.address = ["ip", "netns", "exec", namespace], ADDRESSES[0]
    l.have()
    for service, name in enumerate(lab.PORT_SETTINGS):
        l.set_conf("network", name, PORTS[service])
    l.port = lambda service: PORTS[service]
    l.start()


def _capture(l, *args, status=0):
    done = run(l.binary("sealtone"), "capture", *args, "--json", status=status)
    return json.loads(done.stdout), done.stderr


def _serial(pem):
    return run("openssl", "x509", "-in", pem, "-noout", "-serial").stdout.strip().split("=")[1]


def _own(l, purpose):
    return l.file(f"{purpose}.pem", l.cli("cert", "show", purpose, "--pem").stdout)


def _boot_and_ask(l, phone):
    """A boot that enrols, a secure URL that TVS is asked about, and a SIP server that does not know the phone's issuer."""
    l.cli("phone", "add", NAME, "--model", "8861")
    l.config(NAME, capf_mode=2, tvs=(l.address,))
    with open(os.path.join(l.cluster, "tftpboot", f"{NAME}.cnf.xml"), encoding="utf-8") as f:
        l.put(f"{NAME}.cnf.xml", f.read().replace("127.0.0.1", l.address))
    l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", "null-string")
    command = ["ip", "netns", "exec", phone, l.binary("sealtone-phone"), "--server", l.address, "--name", NAME, "--state", l.state(NAME)]
    run(*command, "boot")
    for name in (f"CTL{NAME}.tlv", f"ITL{NAME}.tlv"):
        run("ip", "netns", "exec", phone, "curl", "-s", "-o", os.path.join(l.dir, "fetched"), f"tftp://{l.address}/{name}", status=None)
    with inside(phone):
        web = TlsServer(l, "intranet")
    with web:
        l.cli("trust", "add", "phone-trust", web.certificate)
        run(*command, "verify-https", f"127.0.0.1:{web.port}")
    key, cert = make_certificate(l, "sip")
    lsc_key, lsc = make_certificate(l, "lsc", "-addext", "basicConstraints=CA:false")
    server = l.spawn(*l.within, "openssl", "s_server", "-port", SIP, "-cert", cert, "-key", key, "-Verify", 1, "-verify_return_error",
                     "-tls1_2", "-quiet")
    client = ["ip", "netns", "exec", phone, "openssl", "s_client", "-connect", f"{l.address}:{SIP}", "-cert", lsc, "-key", lsc_key, "-tls1_2"]
    wait_for("the SIP server", lambda: b"lert unknown ca" in run(*client, status=None, text=False).stderr.lower())
    expect(server.poll() is None, "the SIP server ended")
    run("ip", "netns", "exec", phone, "curl", "-s", "--max-time", 2, f"http://{l.address}:2443/", status=None)


def _connection(phone, service):
    found = [c for c in phone["connections"] if c["service"] == service]
    equal(len(found), 1, f"connections of {service}")
    return found[0]


def _judge(l, got):
    """What the capture of _boot_and_ask must say of the phone."""
    phone = [p for p in got["phones"] if p["address"] == ADDRESSES[1]][0]
    files = {(f["name"], f["via"]): f for f in phone["files"]}
    for key, want in (((f"CTL{NAME}.tlv", "http"), ("refused", 404)), ((f"ITL{NAME}.tlv", "http"), ("given", None)),
                      ((f"CTL{NAME}.tlv", "tftp"), ("refused", 1)), ((f"ITL{NAME}.tlv", "tftp"), ("given", None))):
        equal((files[key]["answer"], files[key]["code"], files[key]["server"]), (*want, ADDRESSES[0]), key)
    tvs = _connection(phone, "TVS")
    equal((tvs["match"], tvs["tls"], tvs["both_ways"], tvs["refused"]), (True, "TLS 1.2", True, 0), "TVS")
    equal(tvs["server_side"]["certificate"]["serial"].replace(":", ""), _serial(_own(l, "tvs")), "the TVS certificate")
    capf = _connection(phone, "CAPF")
    equal((capf["match"], capf["both_ways"], capf["unanswered"]), (True, True, 0), "CAPF")
    expect(_connection(phone, "files over HTTPS")["established"] > 0, "configurations come over HTTPS")
    sip = _connection(phone, "SIP over TLS")
    equal((sip["phone_side"]["kind"], sip["phone_side"]["certificate"]["issuer"], sip["match"]), ("LSC", "CN=lsc;O=Elsewhere", None), "SIP")
    alerts = [a for a in sip["alerts"] if a["by"] == "server"]
    equal([(a["level"], a["name"]) for a in alerts], [("fatal", "unknown CA")], "alerts on SIP")
    sccp = _connection(phone, "SCCP over TLS")
    equal((sccp["tries"], sccp["refused"], sccp["established"]), (1, 1, 0), "nobody listens")


def a_capture_of_a_boot_says_what_happened(l):
    if os.geteuid() != 0:
        raise lab.Skipped("only root makes network namespaces")
    with namespaces() as (server, phone):
        _real_ports(l, server)
        with _listening(l, phone) as path:
            _boot_and_ask(l, phone)
        itl = l.state(NAME, "ITLFile.tlv")
        got, said = _capture(l, path, "--itl", itl)
        equal((got["malformed"], said), (0, ""), "packets that cannot be read")
        _judge(l, got)
        serials = run("tshark", "-r", path, "-Y", "tcp.srcport==2445", "-T", "fields", "-e", "x509af.serialNumber").stdout
        expect(_serial(_own(l, "tvs")).lower().lstrip("0") in serials.lower().replace("0x", "").replace(":", ""), serials)
        text = run(l.binary("sealtone"), "capture", path, "--phone", ADDRESSES[1], "--itl", itl).stdout
        for words in (f"Phone {ADDRESSES[1]}", f"ITL{NAME}.tlv", "in the list: yes", "unknown CA", "LSC"):
            expect(words in text, f"{words!r} is not in {text}")
        _damaged(l, path, len(got["phones"]))
        foreign = os.path.join(lab.VECTORS, "tlv", "cucm-02-itl-11.x-layout.tlv")
        other, _ = _capture(l, path, "--itl", foreign, "--phone", ADDRESSES[1])
        equal(_connection(other["phones"][0], "TVS")["match"], False, "with another cluster's list")
        l.stop()


def _damaged(l, path, phones):
    """What came before the cut is shown, and the packet is named."""
    size = os.path.getsize(path)
    with open(path, "rb") as f:
        cut = l.file("cut.pcapng", f.read()[:size * 2 // 3 + 1])
    got, said = _capture(l, cut, status=1)
    expect(f"packet {got['packets'] + 1}" in said and said.count("\n") == 1, said)
    expect(got["packets"] > 10 and phones > 0, got["packets"])


def _found(l, *args):
    """What is said of the phone, by id."""
    done = l.cli("diagnose", NAME, *args, "--json", status=None)
    expect(done.returncode in (0, 1) and done.stdout, done.stderr)
    got = json.loads(done.stdout)
    return {f["id"]: f for f in got["findings"]}, got


def a_capture_tells_what_keeps_a_phone_from_its_servers(l):
    if os.geteuid() != 0:
        raise lab.Skipped("only root makes network namespaces")
    with namespaces() as (server, phone):
        _real_ports(l, server)
        with _listening(l, phone) as well:
            _boot_and_ask(l, phone)
        found, got = _found(l, "--capture", well)
        equal(set(found), {"ctl-absent", "lsc-foreign"}, "of a boot that went well and a call manager that refuses the LSC")
        expect("unknown CA" in " ".join(found["lsc-foreign"]["evidence"]), found["lsc-foreign"])
        equal((got["capture"]["address"], got["capture"]["fault"]), (ADDRESSES[1], None), "whose packets they are")
        equal(set(_found(l)[0]), set(), "without the capture")
        l.cli("cert", "regenerate", "capf", "tvs")
        l.cli("phone", "set", NAME, "--operation", "install-upgrade", "--auth-mode", "null-string")
        found, _ = _found(l, "--capture", well, "--itl", l.state(NAME, "ITLFile.tlv"))
        expect("tvs-handshake" not in found and "capf-pending" not in found, "what was shown then is in the list of then")
        theirs = os.path.join(lab.VECTORS, "tlv", "cucm-02-itl-11.x-layout.tlv")
        found, _ = _found(l, "--capture", well, "--itl", theirs)
        for id_ in ("tvs-handshake", "capf-pending"):
            expect(any("showed" in e for e in found[id_]["evidence"]), found[id_])
        expect("no TVS record" in found["tvs-handshake"]["cause"], found["tvs-handshake"])
        l.fails("diagnose", NAME, "--capture", well, "--address", "192.0.2.99", says=["192.0.2.99"])
        l.fails("diagnose", NAME, "--address", "192.0.2.99", says=["--capture"])
        l.fails("diagnose", NAME, "--capture", "/nowhere", says=["/nowhere"])
        with open(well, "rb") as f:
            whole = f.read()
        _, got = _found(l, "--capture", l.file("cut.pcapng", whole[:len(whole) * 2 // 3 + 1]))
        expect("packet" in got["capture"]["fault"], got["capture"])
        expect("only until" in l.cli("diagnose", NAME, "--capture", os.path.join(l.dir, "cut.pcapng"), status=None).stdout, "the text")
        with _listening(l, phone) as blocked:  # nothing runs there any more
            l.stop()
            for words in (["tftp://%s/%s.cnf.xml.sgn" % (l.address, NAME)], ["http://%s:3804/" % l.address], ["http://%s:2445/" % l.address]):
                run("ip", "netns", "exec", phone, "curl", "-s", "--max-time", 3, "-o", "/dev/null", *words, status=None)
        l.start()
        found, _ = _found(l, "--capture", blocked)
        expect("nothing listens" in found["capf-pending"]["cause"], found["capf-pending"])
        expect("files-unanswered" in found and "does not run" in found["host-not-found"]["cause"], found)
        l.stop()


def what_is_no_capture_is_refused(l):
    l.fails("capture", l.file("text", "not a capture, but a text of some length\n"), says=["is no capture"])
    l.fails("capture", l.file("empty", ""), says=["is no capture"])
    l.fails("capture", os.path.join(l.dir, "nowhere"), says=["nowhere", "No such file"])
    l.fails("capture", "x", "--phone", "SEP001122334455", says=["no IP address"])


if __name__ == "__main__":
    lab.main(globals())
