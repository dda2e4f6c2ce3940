#!/usr/bin/env python3
"""The library decides and does not touch the world: no archive of src/lib may need these symbols.

usage: pure.py BUILD
"""
import os
import subprocess
import sys

FORBIDDEN = {
    "socket", "bind", "connect", "accept", "recv", "recvfrom", "send", "sendto", "open", "open64", "openat",
    "creat", "unlink", "rename", "fopen", "fopen64", "time", "gettimeofday", "clock_gettime", "getrandom",
    "rand", "random", "fork", "execve", "system", "printf", "puts", "pthread_create",
}
PREFIXES = ("sqlite3_", "event_", "bufferevent_", "evhttp_", "SSL_")
# log.c writes to stderr before a program sets its sink, mem.c before it ends the process.
ALLOWED = {"fprintf", "fputs", "stderr", "__fprintf_chk", "__vsnprintf_chk"}


def undefined(archive):
    out = subprocess.run(["nm", "-u", archive], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        parts = line.split()
        if len(parts) == 2 and parts[0] in ("U", "w"):
            yield parts[1]


def main():
    build = sys.argv[1]
    number = failed = 0
    for folder in ("base", "wire", "pki", "rules", "talk"):
        archive = os.path.join(build, "src", "lib", folder, f"lib{folder}.a")
        faults = sorted({s for s in undefined(archive)
                         if (s in FORBIDDEN or s.startswith(PREFIXES)) and s not in ALLOWED})
        number += 1
        print(f"{'not ok' if faults else 'ok'} {number} - lib{folder} touches no file, socket, clock or chance")
        if faults:
            print(f"# {' '.join(faults)}")
        failed += bool(faults)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
